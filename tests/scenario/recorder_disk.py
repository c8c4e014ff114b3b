#!/usr/bin/env python3
"""recorder_disk.py: the disk under the spools fills up to the last byte while the host records, and has room again, with a store
that is locked meanwhile and with one that works. What could not be kept is told as a gap, rows and gaps are all that was accepted;
orders and money, whose journal is on another disk, miss nothing. The spools are on a small tmpfs in a mount namespace of this
scenario's own, which takes root."""
import os
import sqlite3
import sys

from lib import tables
from lib.load import SANITIZED, make_capture
from lib.processes import Failure, Venue, run
from lib.recording import FACTS, accepts, configure, sqlite, start, until

DISK, FILLER, FOLDER = "disk", "disk/filler", "disk/spool"
RATE = 1000 if SANITIZED else 3000
LINES = {**FACTS, "equity": "main every 100ms", "trades": "main", "books": "main 20 levels every 100ms",
         "spool": "./disk/spool 4MB", "flush": "20ms"}
SPOOLS = ("trades", "books", "equity")


def enter_namespace():
    if os.geteuid() != 0:
        print("recorder_disk.py: SKIPPED: mounting a small disk takes root")
        sys.exit(0)
    if "AQ_NAMESPACE" not in os.environ:
        os.environ["AQ_NAMESPACE"] = "1"
        os.execvp("unshare", ["unshare", "--mount", "--propagation", "private", sys.executable, os.path.abspath(__file__)])
    os.mkdir(DISK)
    run("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", DISK)


def fill_up():
    with open(FILLER, "ab", buffering=0) as file:
        for size in (1 << 16, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                pass


def page(table):
    return tables.page(None, table, FOLDER)


def lose_disk(host, store):
    """`store`: a connection that has it locked, or None: it takes all there is, and a full disk does no harm until a segment ends."""
    said = len(host.lines)
    if store is not None:
        store.execute("BEGIN IMMEDIATE")
        accepts(host, 100, folder=FOLDER)
    fill_up()
    until(host, "nobody says that there is no room",
          lambda: any("no room for another record" in line for line in host.lines[said:]))
    accepts(host, 300, folder=FOLDER)
    os.remove(FILLER)
    until(host, "nobody says that there is room", lambda: any("there is room again" in line for line in host.lines[said:]))
    if store is not None:
        store.execute("ROLLBACK")
    accepted = {table: page(table)[1] for table in SPOOLS}
    until(host, "it does not catch up", lambda: all(page(table)[0] >= last for table, last in accepted.items()))


def main():
    enter_namespace()
    make_capture("capture.aqc")
    configure("disk", sqlite(more="busy_timeout = 200ms"), LINES, segment="1MB")
    venue = Venue("disk.ini", rate=RATE)
    host = start("disk")
    host.wait_in_step()
    until(host, "no spool", lambda: os.path.exists(f"{FOLDER}/recorder-trades/acknowledged"))
    accepts(host, 50, folder=FOLDER)
    store = sqlite3.connect("main.db", timeout=60, isolation_level=None)
    lose_disk(host, store)
    lose_disk(host, None)
    lose_disk(host, store)
    host.end()
    venue.stop_hard()
    t = tables.of_sqlite("disk", "main.db")
    counts = t.facts("state")
    for table in SPOOLS:
        acknowledged, last = page(table)
        counts[table], lost, _ = t.numbers(table, acknowledged)
        counts[f"{table} lost"] = lost
        if last - acknowledged > 0 and lost == 0:
            raise Failure(f"{table}: {acknowledged} of {last} at the end")
    if counts["trades lost"] == 0:
        raise Failure("nothing was dropped")
    print(", ".join(f"{count} {what}" for what, count in counts.items()))


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(f"recorder_disk.py: {failure}")
