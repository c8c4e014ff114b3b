#!/usr/bin/env python3
"""recorder_reload.py: the recorder is replaced, reconfigured, taken away and brought back while it records. No trade that the venue
has sent is missing or double, each fact has its row, and who does not read any more holds nothing of the journal back.

AQ_STORE_KILLS: how many times new code comes.
"""
import os
import re
import struct
import subprocess
import sys
import time

from lib import facts, tables
from lib.builds import put
from lib.load import SANITIZED, base_config, frames_of, make_capture
from lib.processes import BIN, DEADLINE, PLUGINS, Failure, Host, Venue

RATE = 2000 if SANITIZED else 5000
RELOADS = int(os.environ["AQ_STORE_KILLS"])
STRATEGY = """
[journal]
segment = 512KB
%s

[strategy:mm]
plugin = example
market = acc:BTC/USDT
spread = 0.5bps
skew = 1bps
tolerance = 0.1bps
size = 0.001 BTC
max_position = 0.05 BTC

[storage:main]
plugin = sqlite
file = main.db
synchronous = normal

[storage:other]
plugin = sqlite
file = other.db
synchronous = normal
"""
LINES = {"orders": "main", "fills": "main", "cashflows": "main", "denials": "main", "operator": "main",
         "equity": "main every 200ms", "trades": "main", "books": "main 5 levels every 100ms", "spool": "16MB", "flush": "20ms"}


def configure(journal="", without=(), recorder=True, **changed):
    lines = {key: value for key, value in {**LINES, **changed}.items() if key not in without}
    section = "\n[recorder]\n" + "".join(f"{key} = {value}\n" for key, value in lines.items()) if recorder else ""
    put("host.ini", (base_config("reload", "max_orders = 512\nmax_fills = 512\nreload_watch = 100ms") + STRATEGY % journal +
                     section).encode())


def new_build(number):
    with open(f"{PLUGINS}/recorder.so", "rb") as f:
        put("plugins/recorder.so", f.read() + b"build %8d" % number)


def aqctl(*words, code=0):
    done = subprocess.run([f"{BIN}/aqctl", "-d", "state", *words], capture_output=True, text=True, timeout=DEADLINE, check=False)
    if done.returncode != code:
        raise Failure(f"aqctl {words}: {done.returncode}, should be {code}: {done.stdout} {done.stderr}")
    return done.stdout + done.stderr


def until(host, what, condition):
    deadline = time.monotonic() + DEADLINE
    while not condition():
        if host.closed or time.monotonic() > deadline:
            raise Failure(f"{what}: {host.lines[-5:]}")
        host.run_for(0.02)


def records(host, count=40, folder=None):
    """So many trades more get to the table."""
    at = tables.page("state", "trades", folder)[0]
    until(host, "no more trades", lambda: tables.page("state", "trades", folder)[0] > at + count)


def start():
    host = Host("host.ini", {"host.plugin_path": f"plugins, {PLUGINS}", "log.format": "text", "feed.venue": "socket:venue.sock"},
                "host")
    host.wait_in_step()
    until(host, "no spool", lambda: os.path.exists("state/spool/recorder-trades/acknowledged"))
    records(host)
    return host


def replaced(host, *words):
    said = aqctl("reload", *words)
    if "replaced" not in said and "generation" not in said:
        raise Failure(f"reload {words}: {said}")
    return said


# ---- what must hold of the tables ----

def following():
    """Of each trade of the recording, which is played in a circle, the one that comes next."""
    with open("capture.aqc", "rb") as f:
        ids = [struct.unpack_from("<Q", frame, 32)[0] for kind, frame in frames_of(f.read()) if kind == 5]
    return dict(zip(ids, ids[1:] + ids[:1]))


def breaks_of(*bases):
    """How often a trade does not follow the one before it."""
    rows = sorted({(int(number), int(trade)) for base in bases
                   for number, trade in tables.of_sqlite("reload", base).rows("trades", "number, trade_id")})
    after = following()
    return [(a, b) for (_, a), (_, b) in zip(rows, rows[1:]) if after[a] != b]


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


# ---- what is done to it ----

def new_code(host):
    """Also twice at once, when answers of the one before are under way."""
    for number in range(1, RELOADS + 1):
        new_build(number)
        configure(flush=f"{number % 5 * 20}ms")
        replaced(host, "recorder")
        if number % 3:
            records(host)
    records(host)


def back(host):
    aqctl("rollback", "recorder")
    records(host)


def kinds(host):
    """One that is taken out holds nothing back; when it comes back it has all that happened meanwhile."""
    configure(without=("denials",))
    replaced(host, "recorder")
    if "recorder-denials" in facts.readers("state"):
        raise Failure(f"denials: {facts.readers('state')}")
    records(host)
    configure()
    replaced(host, "recorder")
    records(host)
    if len(facts.readers("state")) != 5:
        raise Failure(f"readers: {facts.readers('state')}")


def other_folder(host):
    """The spools move, and back: numbers go on."""
    for folder in ("./elsewhere", "./third", "./elsewhere"):
        configure(spool=f"{folder} 16MB")
        replaced(host, "recorder")
        records(host, folder=folder)
    configure(spool="32MB")
    replaced(host, "recorder")
    records(host)


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
        configure(**changed)
        said = aqctl("reload", "recorder", code=4)
        if not re.search(text, " ".join(said.split())):
            raise Failure(f"{changed}: {said}")
        records(host, 5)
    configure(spool="./unused/too/deep 4MB")
    new_build(1000)
    said = aqctl("reload", "recorder", "--plan")
    if "recorder" not in said or os.path.exists("unused"):
        raise Failure(f"plan: {said}")
    configure()


def other_store(host):
    """What waits goes to the other one; what was under way is there twice at most, a batch of it."""
    configure(trades="other")
    replaced(host, "recorder")
    records(host, 200)
    configure()
    replaced(host, "recorder")
    records(host, 200)


def removal(host):
    """Nobody reads any more, so segments go by their age alone."""
    before = len(facts.segments("state"))
    if before < 4:
        raise Failure(f"{before} segments: too few to mean something")
    configure(recorder=False, journal="keep = 1s")
    aqctl("reload")
    if facts.readers("state"):
        raise Failure(f"readers are left: {facts.readers('state')}")


def main():
    make_capture("capture.aqc")
    os.mkdir("plugins")
    new_build(0)
    configure()
    venue = Venue("host.ini", rate=RATE)
    host = start()
    new_code(host)
    back(host)
    kinds(host)
    other_folder(host)
    refusals(host)
    host.end()
    check()
    venue.stop_hard()


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(f"recorder_reload.py: {failure}")
