#!/usr/bin/env python3
"""policies.py: what a host does by itself when a strategy stops, and when the day has lost too much.

on_stop = leave leaves the orders at the venue; cancel takes them out; flatten closes the position, too, and the next start
trades again. on_loss: once limit.loss_day is reached nothing that opens rests any more, and nothing new does, until an
operator resumes. All against a venue in a process of its own, whose record is the judge.
"""
import re
import sys

from lib import processes
from lib.life import aqctl, check
from lib.load import until
from lib.processes import Failure, Host, Venue, journal_state, make_capture
from lib.trading import judge, reach, read, write_configs


LOT = 0.00001 # of the recorded market: what a fee in base leaves below it cannot be sold


def start(venue, said, **more):
    settings = {**reach(venue.address), "host.state_dir": "state", "host.clock": "real", **more}
    host = Host("trade.ini", settings)
    host.wait_in_step()
    said.append(host)
    return host


def open_orders(record):
    return re.findall(r"^order .* state=open .*$", record, re.M)


def position():
    rows = re.findall(r"^row .* instance=mm qty=(\S+) ", journal_state("state/journal"), re.M)
    return sum(float(qty) for qty in rows)


def stopped(venue, said, policy):
    """A host that has traded, and ends."""
    host = start(venue, said, **{"mm.on_stop": policy})
    if host.wait_for(": fill ", count=3) is None:
        raise Failure(f"{policy}: it does not trade: {host.lines[-3:]}")
    host.end()
    return host


def left_resting(venue, said):
    """Quotes that are too far away to move are there when it ends, and still there when it has ended."""
    host = start(venue, said, **{"mm.on_stop": "leave", "mm.spread": "40bps", "mm.tolerance": "10bps"})
    until("two orders that rest", lambda: [order["state"] for order in aqctl("orders")["orders"]] == ["open"] * 2)
    host.end()
    left = open_orders(journal_state("state/journal"))
    check(len(left) == 2, f"on_stop = leave: of two orders these are left: {left}")


def on_stop():
    venue = Venue("trade.ini", stay=False, rate=500)
    said = []
    stopped(venue, said, "leave")
    left_resting(venue, said)
    stopped(venue, said, "cancel")
    check(open_orders(journal_state("state/journal")) == [], "on_stop = cancel: orders are left")
    stopped(venue, said, "flatten")
    check(abs(position()) < LOT, f"on_stop = flatten: {position()} is left")
    host = start(venue, said) # it is over with the stop
    start_at = len(host.lines)
    check(host.wait_for(": fill ", start=start_at) is not None, "after on_stop = flatten it does not trade again")
    host.end()
    log = "\n".join(line for host in said for line in host.lines)
    record = venue.end()
    check(open_orders(read(record)) == [], "orders are left at the venue")
    result = judge(record, "state", log)
    check(not result.wrong, "\n".join(result.wrong[:20]))
    print("on_stop: leave, cancel, flatten")


def on_loss():
    venue = Venue("trade.ini", "lossy", stay=False, rate=500)
    said = []
    settings = {"mm.limit.loss_day": "0.05 USDT", "mm.on_loss": "cancel, halt", "mm.spread": "0.1bps", "host.state_dir": "lossy"}
    host = start(venue, said, **settings)
    line = host.wait_for(r"mm: halted by limit.loss_day: .* USDT lost since midnight", deadline=4 * processes.DEADLINE)
    check(line is not None, f"it loses and goes on: {host.lines[-5:]}")
    host.end()
    said.clear()
    host = start(venue, said, **settings)
    host.run_for(1)
    check(not [line for line in host.lines if ": fill " in line], "halted, and it trades after a restart")
    host.end()
    check(open_orders(read(venue.end())) == [], "orders are left at the venue")
    print("on_loss: halted, also over a restart")


def main():
    make_capture()
    write_configs()
    on_stop()
    on_loss()


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(f"policies.py: {failure}")
