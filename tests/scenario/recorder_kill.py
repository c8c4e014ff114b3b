#!/usr/bin/env python3
"""recorder_kill.py: a host that records is killed again and again, at any moment; nothing is missing and nothing is double.

A venue feeds by the wall clock. kill -9 by the clock, while it starts, while it trades, and by itself at a certain call (see
kill_at.c). Each life goes on in the same state folder. At the end, ended well, each fact of the journal has its row and no row is
without its fact; the numbers of market data are 1, 2, 3 ... to the last that was given out, and none of them was dropped.

AQ_RECORDER_KILLS: how many. AQ_SEED: of chance.
"""
import os
import random
import sys
import time

from lib import tables
from lib.load import SANITIZED, make_capture
from lib.processes import Failure, Venue
from lib.recording import FACTS, configure, sqlite, start

KILLS = int(os.environ["AQ_RECORDER_KILLS"])
SEED = int(os.environ.get("AQ_SEED", "1"))
RATE = 1000 if SANITIZED else 3000  # frames a second: trades, books, and quotes that follow them
LINES = {**FACTS, "equity": "main every 200ms", "klines": "main 1m 5m", "trades": "main",
         "books": "main 20 levels every 100ms", "spool": "64MB", "flush": "20ms"}


def by_the_clock(host, chance):
    host.run_for(chance.uniform(0, chance.choice((0.05, 0.3, 0.6))))


def at_start(host, chance):
    host.wait_for("started: service recorder|recorder started")
    host.run_for(chance.uniform(0, 0.1))


def at_trade(host, chance):
    host.wait_in_step()
    host.run_for(chance.uniform(0, chance.choice((0.1, 0.4))))


def at_fill(host, chance):
    host.wait_in_step()
    host.wait_for(": fill ", count=chance.randint(1, 5), start=len(host.lines), deadline=2)


def at_call(host, chance):
    """It dies by itself."""
    host.run_for(chance.uniform(0.2, 1))


WAYS = (by_the_clock, at_start, at_trade, at_trade, at_fill, at_call)


def live(chance):
    way = chance.choice(WAYS)
    call = f"{chance.choice(('before', 'after'))}:{chance.randint(1, chance.choice((100, 3000)))}"
    host = start("kill", killed=True, kill_at=call if way is at_call else None)
    way(host, chance)
    status = host.stop_hard()
    if status != -9:
        raise Failure(f"a life ended by itself, status {status}: {host.lines[-5:]}")
    return host.lines


def given_out(table):
    acknowledged, last = tables.page("state", table)
    if acknowledged != last:
        raise Failure(f"{table}: {acknowledged} of {last} are acknowledged at a good end")
    return last


def check():
    t = tables.of_sqlite("kill", "main.db")
    counts = t.facts("state")
    for table in tables.SPOOLED:
        counts[table], lost, _ = t.numbers(table, given_out(table))
        if lost:
            raise Failure(f"{table}: {lost} were dropped: {t.gaps(table)[:5]}")
    print(", ".join(f"{count} {what}" for what, count in counts.items()))
    if min(counts[table] for table in ("orders", "fills", "trades", "books", "equity")) < KILLS // 2:
        raise Failure("too little was recorded to mean something")


def main():
    make_capture("capture.aqc")
    configure("kill", sqlite(), LINES)
    venue = Venue("kill.ini", seed=SEED, rate=RATE)
    chance, began = random.Random(SEED), time.monotonic()
    for number in range(1, KILLS + 1):
        said = live(chance)
        wrong = [line for line in said if " error " in line]
        if wrong:
            raise Failure(f"life {number}: {wrong[:3]}")
    print(f"{KILLS} kills, {KILLS / (time.monotonic() - began):.1f}/s")
    host = start("kill")
    host.wait_in_step()
    host.run_for(1)
    host.end()
    venue.stop_hard()
    check()


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(f"recorder_kill.py: {failure}")
