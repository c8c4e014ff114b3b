#!/usr/bin/env python3
"""recorder_keep.py: rows that are older than a line keeps them go, of this host alone, while it records; younger ones stay."""
import os
import sqlite3
import sys
import time

from lib import tables
from lib.load import SANITIZED, make_capture
from lib.processes import Failure, Venue
from lib.recording import configure, records, sqlite, start, until

RATE = 2000 if SANITIZED else 5000
DAY = 86400 * 10**9
KEPT = ("orders", "equity", "trades", "books")


def write(keep):
    configure("keep", sqlite(), {"orders": f"main {keep}", "fills": "main", "equity": f"main every 100ms {keep}",
                                 "trades": f"main {keep}", "books": f"main 5 levels every 100ms {keep}", "spool": "16MB",
                                 "flush": "0ms"}, segment="64KB", orders=128)


def begin(keep):
    write(keep)
    host = start("keep")
    host.wait_in_step()
    return host


def count(base, table, where):
    return base.execute(f"SELECT COUNT(*) FROM {table} WHERE {where}").fetchone()[0]


def age(base):
    """The first two thirds become ten days old, and another host gets as many; what is young. More than a batch or two of each."""
    young = {}
    for table in KEPT + ("fills",):
        numbers = [number for (number,) in base.execute(f"SELECT number FROM {table} ORDER BY number")]
        limit = numbers[len(numbers) * 2 // 3]
        columns = ", ".join(f'"{name}"' for _, name, *_ in base.execute(f"PRAGMA table_info({table})"))
        base.execute(f"UPDATE {table} SET time = time - {10 * DAY} WHERE number < {limit}")
        base.execute(f"CREATE TEMP TABLE copy AS SELECT * FROM {table} WHERE number < {limit}")
        base.execute("UPDATE copy SET host = 'other'")
        base.execute(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM copy")
        base.execute("DROP TABLE copy")
        young[table] = set(numbers[len(numbers) * 2 // 3:])
    return young


def main():
    make_capture("capture.aqc")
    write("")
    venue = Venue("keep.ini", rate=RATE)
    host = begin("")
    base = sqlite3.connect("main.db", timeout=60, isolation_level=None)
    until(host, "too little", lambda: os.path.exists("state/spool/recorder-trades/acknowledged") and
          tables.page("state", "trades")[0] > 3200)
    host.end()
    young = age(base)
    others = {table: count(base, table, "host = 'other'") for table in young}
    old = {table: count(base, table, f"host = 'keep' AND time < {time.time_ns() - DAY}") for table in young}
    if old["trades"] < 2000 or min(old[table] for table in KEPT) < 10:
        raise Failure(f"too little is old: {old}")
    host = begin("keep 1d")
    until(host, "what is old stays", lambda: all(
        count(base, table, f"host = 'keep' AND time < {time.time_ns() - DAY}") == 0 for table in KEPT))
    records(host, 100)
    host.end()
    venue.stop_hard()
    for table in KEPT:
        there = {number for (number,) in base.execute(f"SELECT number FROM {table} WHERE host = 'keep'")}
        if not young[table] <= there or len(there) <= len(young[table]):
            raise Failure(f"{table}: {len(young[table] - there)} young rows are gone")
    if count(base, "fills", f"host = 'keep' AND time < {time.time_ns() - DAY}") != old["fills"]:
        raise Failure("fills, of which all is kept, are gone")
    for table, rows in others.items():
        if count(base, table, "host = 'other'") != rows:
            raise Failure(f"{table}: rows of another host are gone")
    print("gone: " + ", ".join(f"{old[table]} {table}" for table in KEPT))


if __name__ == "__main__":
    try:
        main()
    except (Failure, sqlite3.Error) as failure:
        sys.exit(f"recorder_keep.py: {failure}")
