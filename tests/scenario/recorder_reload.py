#!/usr/bin/env python3
"""recorder_reload.py: the recorder is replaced, reconfigured, taken away and brought back while it records. No trade that the venue
has sent is missing or double, each fact has its row, and who does not read any more holds nothing of the journal back.

AQ_STORE_KILLS: how many times new code comes.
"""
import os
import re
import sqlite3
import struct
import subprocess
import sys

from lib import facts, tables
from lib.builds import put
from lib.load import SANITIZED, frames_of, make_capture
from lib.processes import BIN, DEADLINE, PLUGINS, Failure, Venue
from lib.recording import FACTS, configure, records, sqlite, start, until

RATE = 2000 if SANITIZED else 5000
MANY = 40  # trades, after each change
RELOADS = int(os.environ["AQ_STORE_KILLS"])
PATH = f"plugins, {PLUGINS}"
LINES = {**FACTS, "equity": "main every 200ms", "trades": "main", "books": "main 5 levels every 100ms", "spool": "16MB",
         "flush": "20ms"}


def write(journal="", without=(), recorder=True, **changed):
    lines = {key: value for key, value in {**LINES, **changed}.items() if key not in without}
    configure("reload", sqlite() + sqlite("other"), lines if recorder else None, segment="64KB", orders=128, journal=journal,
              host="reload_watch = 100ms")


def new_build(number):
    with open(f"{PLUGINS}/recorder.so", "rb") as f:
        put("plugins/recorder.so", f.read() + b"build %8d" % number)


def aqctl(*words, code=0):
    done = subprocess.run([f"{BIN}/aqctl", "-d", "state", *words], capture_output=True, text=True, timeout=DEADLINE, check=False)
    if done.returncode != code:
        raise Failure(f"aqctl {words}: {done.returncode}, should be {code}: {done.stdout} {done.stderr}")
    return done.stdout + done.stderr


def begin():
    host = start("reload", PATH, killed=True)
    host.wait_in_step()
    until(host, "no spool", lambda: os.path.exists("state/spool/recorder-trades/acknowledged"))
    records(host, MANY)
    return host


def replaced(host, *words):
    said = aqctl("reload", *words)
    if "replaced" not in said and "generation" not in said:
        raise Failure(f"reload {words}: {said}")
    return said


# ---- what must hold of the tables ----

def following():
    """Of each trade the one that comes next: the recording is played in a circle, and ids of a round go on from the one before."""
    with open("capture.aqc", "rb") as f:
        ids = [struct.unpack_from("<Q", frame, 32)[0] for kind, frame in frames_of(f.read()) if kind == 5]
    first, last = min(ids), max(ids)
    steps = {a: b - a for a, b in zip(ids, ids[1:] + [ids[0] + last - first + 1])}
    return lambda trade: trade + steps[first + (trade - first) % (last - first + 1)]


def breaks_of(*bases):
    """How often a trade does not follow the one before it."""
    rows = sorted({(int(number), int(trade)) for base in bases
                   for number, trade in tables.of_sqlite("reload", base).rows("trades", "number, trade_id")})
    after = following()
    return [(a, b) for (_, a), (_, b) in zip(rows, rows[1:]) if after(a) != b]


def check():
    t = tables.of_sqlite("reload", "main.db")
    counts = t.facts("state")
    for table in ("trades", "books", "equity"):
        counts[table], lost, _ = t.numbers(table)
        if lost:
            raise Failure(f"{table}: {lost} were dropped")
    if breaks_of("main.db"):
        raise Failure(f"trades: one is missing or double: {breaks_of('main.db')[:3]}")
    print(", ".join(f"{count} {what}" for what, count in counts.items()), flush=True)


def check_both():
    """What went to two stores is in one of them; a batch that was under way at a change may be in both. Between two lives some
    trades of the venue were nobody's."""
    both = [[int(number) for (number,) in tables.of_sqlite("reload", base).rows("trades", "number")]
            for base in ("main.db", "other.db")]
    there, twice = set(both[0]) | set(both[1]), set(both[0]) & set(both[1])
    if there != set(range(1, max(there) + 1)) or len(twice) > 100 or len(both[1]) < 200:
        raise Failure(f"two stores: {[len(rows) for rows in both]} rows, {len(twice)} in both, {max(there)} in all")
    if len(breaks_of("main.db", "other.db")) > 1:
        raise Failure(f"two stores: {breaks_of('main.db', 'other.db')[:3]}")
    print(f"two stores: {[len(rows) for rows in both]}, {len(twice)} in both")


# ---- what is done to it ----

def new_code(host):
    """Also twice at once, when answers of the one before are under way."""
    for number in range(1, RELOADS + 1):
        new_build(number)
        write(flush=f"{number % 5 * 20}ms")
        replaced(host, "recorder")
        if number % 3:
            records(host, MANY)
    records(host, MANY)


def back(host):
    aqctl("rollback", "recorder")
    records(host, MANY)


def kinds(host):
    """One that is taken out holds nothing back; when it comes back it has all that happened meanwhile."""
    write(without=("denials",))
    replaced(host, "recorder")
    if "recorder-denials" in facts.readers("state"):
        raise Failure(f"denials: {facts.readers('state')}")
    records(host, MANY)
    write()
    replaced(host, "recorder")
    records(host, MANY)
    if len(facts.readers("state")) != 5:
        raise Failure(f"readers: {facts.readers('state')}")


def other_folder(host):
    """The spools move, and back: numbers go on."""
    for folder in ("./elsewhere", "./third", "./elsewhere"):
        write(spool=f"{folder} 16MB")
        replaced(host, "recorder")
        records(host, MANY, folder=folder)
    write(spool="32MB")
    replaced(host, "recorder")
    records(host, MANY)


def refusals(host):
    """Each says the key, what was found and what is allowed; the one that runs goes on, and nothing was touched."""
    for changed, text in (
            ({"equity": "main 20 levels"}, r"equity: 20 is not understood\. Behind the store may stand: every 1s \(100ms at least\), keep 30d\."),
            ({"trades": "main every 1s"}, r"trades: every is not understood\. Behind the store may stand: keep 30d\."),
            ({"books": "main 2000 levels"}, r"books: 2000 is not understood.* 20 levels \(1 to 100\), every 1s"),
            ({"books": "main every 1ms"}, r"books: 1ms is not understood.* every 1s \(100ms at least\)"),
            ({"klines": "main"}, r"klines: no interval is given\. Write klines = STORE 1m 1h keep 3650d\."),
            ({"fills": "nowhere"}, r"fills = nowhere: no section \[storage:nowhere\]"),
            ({"spool": "./unused 1MB"}, r"spool: \./unused 1MB is not understood\. Write a folder and a size of 2MB at least"),
            ({"tradez": "main"}, r"tradez: unknown key.*trades")):
        write(**changed)
        said = aqctl("reload", "recorder", code=4)
        if not re.search(text, " ".join(said.split())):
            raise Failure(f"{changed}: {said}")
        records(host, 5)
    write(spool="./unused/too/deep 4MB")
    new_build(1000)
    said = aqctl("reload", "recorder", "--plan")
    if "recorder" not in said or os.path.exists("unused"):
        raise Failure(f"plan: {said}")
    write()


def other_store(host):
    """What waits goes to the other one; what was under way is there twice at most, a batch of it."""
    write(trades="other")
    replaced(host, "recorder")
    records(host, 200)
    write()
    replaced(host, "recorder")
    records(host, 200)


# ---- who does not read holds nothing back ----

def held_back(locked):
    """A host whose journal keeps a second, while a store does not take its orders: segments stay."""
    locked.execute("BEGIN EXCLUSIVE")
    write(journal="keep = 1s", orders="other")
    host = begin()
    until(host, "no segments", lambda: len(facts.segments("state")) >= 6)
    return host


def goes(host, what):
    """All that is there now, but for the one being written."""
    last = facts.segments("state")[-1]
    until(host, f"{what}: segments stay: {facts.segments('state')}", lambda: facts.segments("state")[0] >= last)


def removal(locked):
    """Of the section, by a reload, and while the host does not run; of a line while it does not run."""
    host = held_back(locked)
    write(journal="keep = 1s", recorder=False)
    aqctl("reload")
    if facts.readers("state"):
        raise Failure(f"readers are left: {facts.readers('state')}")
    goes(host, "section removed by a reload")
    host.end()
    locked.execute("ROLLBACK")
    for what, changed in (("section", {"recorder": False}), ("line", {"without": ("orders",)})):
        host = held_back(locked)
        host.stop_hard()
        write(journal="keep = 1s", **changed)
        host = start("reload", PATH)
        if host.wait_for("nothing reads the journal as recorder-orders any more: it holds nothing back") is None:
            raise Failure(f"{what} removed: {host.lines[-5:]}")
        goes(host, f"{what} removed while it did not run")
        host.end()
        locked.execute("ROLLBACK")


def main():
    make_capture("capture.aqc")
    os.mkdir("plugins")
    new_build(0)
    write()
    venue = Venue("reload.ini", rate=RATE)
    host = begin()
    new_code(host)
    back(host)
    kinds(host)
    other_folder(host)
    refusals(host)
    host.end()
    check()
    host = begin()
    other_store(host)
    host.end()
    check_both()
    removal(sqlite3.connect("other.db", timeout=60, isolation_level=None))
    print("removed: nothing is held back")
    venue.stop_hard()


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(f"recorder_reload.py: {failure}")
