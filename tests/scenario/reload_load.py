#!/usr/bin/env python3
"""Reloads under load.

A venue in another process feeds by the wall clock, whether the host reads or not. Meanwhile the strategy `mover` gets new
code again and again, a third of it bad; every tenth time the exchange's adapter gets new code, too, and every tenth time it
is sent to another address of the venue. Nothing may be missed or
doubled: by the numbers that events carry, by the venue's count and hash of what it sent, and by `witness`, which hears the
same and is never touched; no order or fill may be lost or doubled, by the venue's own record.

AQ_RELOADS says how many (100), AQ_RATE how many events a second (50000, with sanitizers 10000). What the reloads cost is
printed beside quiet stretches of the same length; with AQ_REALTIME=1 trading loop and feeder go before everything else
that the machine does.
"""
import os
import signal
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))

from builds import Builds, put  # noqa: E402
from load import SANITIZED, Feeder, Host, Log, base_config, make_capture, read_record  # noqa: E402

RELOADS = int(os.environ.get("AQ_RELOADS", "100"))
RATE = int(os.environ.get("AQ_RATE", "10000" if SANITIZED else "50000"))

HOST = "duplicate_window = 0\nreload_watch = 1ms\ncpu = %d"
STRATEGIES = """

[strategy:mover]
plugin = mover
market = acc:BTC/USDT
trade = yes
tell = %(tell)s
on_stop = leave

[strategy:witness]
plugin = witness
market = acc:BTC/USDT
tell = %(tell)s
"""


def share_processors():
    """The trading loop gets one for itself, all else, this script included, the others; -1 when there is only one."""
    mine = sorted(os.sched_getaffinity(0))
    if len(mine) < 2:
        return -1, None
    os.sched_setaffinity(0, set(mine[:-1]))
    return mine[-1], mine


class Load:
    def __init__(self):
        make_capture("capture.aqc")
        os.mkdir("plugins")
        self.builds = Builds(os.environ["AQ_PLUGINS"])
        self.adapter = self.builds.read("sim.so")
        self.generation = {"mover": 1, "feed": 1}
        self.address = "venue.sock"
        os.symlink("venue.sock", "other.sock")
        self.cpu, everywhere = share_processors()
        put("plugins/sim.so", self.adapter)
        put("plugins/witness.so", self.builds.build())
        put("plugins/mover.so", self.builds.build())
        self.configure()
        self.venue = Feeder("host.ini", RATE)
        if everywhere:
            os.sched_setaffinity(0, everywhere)
        self.host = Host("host.ini", ["--measure", "measure"])
        if everywhere:
            os.sched_setaffinity(0, everywhere[:-1])
        if os.environ.get("AQ_REALTIME") == "1": # the loop's own thread; helpers and children stay as they are
            os.sched_setscheduler(self.host.child.pid, os.SCHED_FIFO, os.sched_param(10))
            os.setpriority(os.PRIO_PROCESS, self.venue.child.pid, -20)
        self.measure = Log("measure")
        for name in ("mover", "witness"):
            self.host.log.wait("%s: hears" % name)

    def configure(self, tell="no"):
        put("host.ini", (base_config("load", HOST % self.cpu, self.address) + STRATEGIES % {"tell": tell}).encode())

    def replaced(self, name):
        self.generation[name] += 1
        return "%s: replace: generation %d, " % (name, self.generation[name])

    def reload(self, number, bad):
        """One: every third is bad; of ten one brings another adapter, too, and one another address."""
        expected = []
        if number % 3 == 2:
            _, make, reason = bad[number // 3 % len(bad)]
            put("plugins/mover.so", make())
            expected.append("mover: REFUSED: .*(%s).*The running generation %d goes on" % (reason, self.generation["mover"]))
        else:
            put("plugins/mover.so", self.builds.build())
            expected.append(self.replaced("mover"))
        if number % 10 == 9:
            put("plugins/sim.so", self.adapter + b"%08d" % number) # behind its end: nothing but another hash
            expected.append(self.replaced("feed"))
        if number % 10 == 4:
            self.address = "other.sock" if self.address == "venue.sock" else "venue.sock"
            self.configure()
            expected += [self.replaced("feed"), "feed: goes on at socket:%s" % self.address]
        start = self.measure.mark()
        self.host.reload(*expected)
        self.measure.wait("^quiet", start)

    def end(self):
        """The feed is cut, the host hears its end, names its orders and stops; then the venue's record."""
        put("plugins/mover.so", self.builds.build())
        self.configure(tell="yes")
        self.host.reload(self.replaced("mover"), "witness: configure")
        assert self.host.log.find("venue is down") is None
        self.venue.send(signal.SIGUSR2)
        self.host.log.wait("feed: the capture has ended")
        assert self.host.end() == 0
        assert self.venue.ended() == 0 # nothing is left to feed, and nobody to feed it to
        return read_record("venue.record")

    def kill(self):
        self.host.kill()
        self.venue.kill()


def number(text):
    return int(text, 10)


def check_stream(load):
    mover, witness = load.host.reports("mover")[-1], load.host.reports("witness")[-1]
    sent = load.venue.log.wait(r"sent: books=(\d+) tickers=(\d+) trades=(\d+) hash=(\w+)")
    print("events %s at %d a second; sent by the venue: books %s, tickers %s, trades %s" % (
        mover["count"], RATE, sent.group(1), sent.group(2), sent.group(3)))
    print("missed %d, doubled %s, generations %s, orders %s, fills %s, timers %s" % (
        number(mover["missed"]) - number(witness["missed"]), mover["doubled"], mover["generations"], mover["placed"],
        mover["fills"], mover["timers"]))
    for key in ("count", "books", "tickers", "trades", "hash", "feed", "missed"): # book deltas that say nothing new make holes
        assert mover[key] == witness[key], (key, mover, witness)
    assert (mover["tickers"], mover["trades"], mover["feed"]) == sent.groups()[1:], (mover, sent.groups())
    assert mover["doubled"] == "0" and witness["generations"] == "1"
    assert number(mover["generations"]) == load.generation["mover"], mover


def check_timers(load):
    mover, witness = load.host.reports("mover")[-1], load.host.reports("witness")[-1]
    assert mover["timer_again"] == "0" and mover["never"] == "0", mover
    # Both were set in the same moment and none since: what a stall of the whole process left out, both left out.
    assert mover["timers"] == witness["timers"] and mover["timer_skipped"] == witness["timer_skipped"], (mover, witness)
    assert number(mover["shots_set"]) == load.generation["mover"], mover
    assert 0 <= number(mover["shots_set"]) - number(mover["shots_fired"]) <= 1, mover


def check_orders(load, record):
    mover = load.host.reports("mover")[-1]
    named = load.host.orders("mover")
    orders = {fields["id"]: fields for what, fields in record if what == "order"}
    listed = [fields["id"] for what, fields in record if what == "order"]
    opened = {i for i, fields in orders.items() if fields["state"] == "open"}
    print("orders at the venue: %d, open %d, of builds %s" % (len(listed), len(opened), " ".join(sorted(set(named.values())))))
    assert len(listed) == len(set(listed)) == number(mover["placed"]) - number(mover["denied"]), (len(listed), mover)
    assert opened == set(named), (sorted(opened), sorted(named))
    assert sum(what == "fill" for what, _ in record) == number(mover["fills"]), mover
    assert mover["wrong"] == "0", mover # downloads that brought others than save saw
    assert len(set(named.values())) > 1 and len(opened) >= 4, named


def numbers(line):
    return {key: int(value) for key, value in (word.split("=") for word in line.split()[1:]) if value.isdigit()}


def share(values, part):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * part))] / 1000 if values else 0


def print_cost(load):
    load.measure.read()
    lines = [(line.split()[0], numbers(line)) for line in load.measure.lines if line]
    rows = [("longest gap, reload", [f["gap"] for what, f in lines if what == "reload"]),
            ("longest gap, quiet", [f["gap"] for what, f in lines if what == "quiet"]),
            ("longest busy, reload", [f["busy"] for what, f in lines if what == "reload"]),
            ("longest busy, quiet", [f["busy"] for what, f in lines if what == "quiet"]),
            ("frozen", [f["frozen"] for what, f in lines if what == "reload" and f["frozen"]]),
            ("length", [f["length"] for what, f in lines if what == "reload"])]
    rows += [(part, [f[part] for what, f in lines if what == "reload"]) for part in ("begun", "planned", "staged")]
    print("%-21s %8s %10s %10s %10s" % ("us", "n", "p50", "p99", "max"))
    for name, values in rows:
        print("%-21s %8d %10.1f %10.1f %10.1f" % (name, len(values), share(values, 0.5), share(values, 0.99), share(values, 1)))
    for name, at in (("longest gap", 0), ("longest busy", 2)):
        print("%s, p99 of reload above quiet: %.1f us" % (name, share(rows[at][1], 0.99) - share(rows[at + 1][1], 0.99)))


def main():
    load = Load()
    try:
        bad = load.builds.bad()
        for i in range(RELOADS):
            load.reload(i, bad)
        record = load.end()
    finally:
        load.kill()
    print_cost(load)
    check_stream(load)
    check_timers(load)
    check_orders(load, record)


main()
