#!/usr/bin/env python3
"""Stores: what a strategy has put is in the database, judged by a client of its own, after ends, kills, locks and reloads; two
equal replays are answered alike; what is wrong in the configuration is told."""
import os
import re
import shutil
import sqlite3
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))

from processes import BIN, PLUGINS, Failure, Host, make_capture, run  # noqa: E402
from builds import put  # noqa: E402

HOST = """
[host]
state_dir = %(name)s.state
probe_timeout = 10s

[log]
limit = 0
"""
STORE = """
[storage:main]
plugin = sqlite
file = %(name)s.db
%(more)s
"""
STRATEGY = """
[strategy:s]
plugin = storer
store = main
until = %(until)d
burst = %(burst)d
"""
VENUE = """
[exchange:venue]
plugin = sim
capture = capture.aqc
end = 2024-08-08T23:55:20Z
"""


def write(name, until, burst=1, more="", strategy="", replay=False):
    values = {"name": name, "until": until, "burst": burst, "more": more}
    with open(f"{name}.ini", "w", encoding="utf-8") as f:
        f.write((HOST + (VENUE if replay else "") + STORE + STRATEGY) % values + strategy)


def start(name, **more):
    return Host(f"{name}.ini", {"host.plugin_path": f"plugins, {PLUGINS}, {PLUGINS}/test"}, name=name, **more)


def rows_of(name):
    """All rows, which must be numbered from 1 without a hole, and be what was put."""
    rows = sqlite3.connect(f"{name}.db", timeout=60).execute("SELECT n, price, note FROM rows ORDER BY n").fetchall()
    for at, (n, price, note) in enumerate(rows, 1):
        if n != at or price != f"{n * 12345 / 1e8:.8f}" or note != "a 'note'; DROP TABLE rows; --":
            raise Failure(f"{name}: row {at} is {n}, {price}, {note}")
    return len(rows)


def figures(host):
    said = next((line for line in reversed(host.lines) if " put=" in line), None)
    if said is None:
        raise Failure(f"{host.name}: it said nothing: {host.lines[-5:]}")
    return {key: int(value) for key, value in re.findall(r"(\w+)=(\d+)", said)}


def check(host, name, failed=0):
    f = figures(host)
    if f["wrong"] != 0 or f["failed"] != failed:
        raise Failure(f"{name}: {f}; " + "; ".join(line for line in host.lines if "failed:" in line or "count " in line)[:600])
    if rows_of(name) != f["put"]:
        raise Failure(f"{name}: {rows_of(name)} rows are there, not {f['put']}")
    return f


def whole():
    """Until all is there, and an end with calls on the way: what was accepted is stored."""
    write("whole", 300, burst=3)
    host = start("whole")
    if host.wait_for("all put=300 done=300") is None:
        raise Failure(f"whole: not all was answered: {host.lines[-5:]}")
    host.end()
    check(host, "whole")
    write("end", 100000, burst=100)
    host = start("end")
    if host.wait_for("done n=100 ") is None:
        raise Failure(f"end: {host.lines[-5:]}")
    host.end()
    f = check(host, "end")
    print(f"whole: 300 rows; ended with {f['put'] - f['done']} of {f['put']} on the way, all are there")


def equal_replays():
    """Time stands still until a call is answered, and then a millisecond passes."""
    said = []
    for name in ("one", "two"):
        write(name, 500, more="latency = 1ms", replay=True)
        host = start(name)
        if host.wait() != 0:
            raise Failure(f"{name}: {host.lines[-5:]}")
        f = check(host, name)
        if f["done"] != 500 or f["counts"] == 0:
            raise Failure(f"{name}: {f}")
        said.append([re.sub(r"^\S+ ", "", line) for line in host.lines if re.search("done n=| put=", line)])
    if said[0] != said[1]:
        raise Failure(f"two replays differ: {[a for a in zip(*said) if a[0] != a[1]][:2]}")
    print(f"replays: {len(said[0])} lines alike")


def kills(times):
    """kill -9: what was told as done is there, nothing double, and it goes on behind it."""
    write("kill", 10**9, burst=2)
    least = 0
    for round in range(times):
        host = start("kill", killed=True)
        if host.wait_for(r"done n=\d*50 ", count=1 + round % 3) is None:
            raise Failure(f"kill: {host.lines[-5:]}")
        host.stop_hard()
        done = [int(n) for n in re.findall(r"done n=(\d+) ", "\n".join(host.lines))]
        there = rows_of("kill")
        if there < max(done) or there < least:
            raise Failure(f"kill: {there} rows, and {max(done)} were told as done")
        least = there
    print(f"{times} kills: {least} rows")


def lock():
    """Another process has the file for itself: what is put waits."""
    write("lock", 10**9, more="busy_timeout = 50s")
    host = start("lock")
    if host.wait_for("done n=50 ") is None:
        raise Failure(f"lock: {host.lines[-5:]}")
    other = sqlite3.connect("lock.db", timeout=60, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    if host.wait_for("main: the store is down: its plugin has not come back") is None or host.wait_for("store down") is None:
        raise Failure(f"lock: nobody said that the store hangs: {host.lines[-5:]}")
    if "does not come back" in run(f"{BIN}/aqctl", "-d", "lock.state"):
        raise Failure("lock: status")
    at = len(host.lines)
    other.execute("ROLLBACK")
    if host.wait_for(r"done n=\d*50 ", start=at) is None:
        raise Failure(f"lock: {host.lines[-5:]}")
    host.end()
    f = check(host, "lock")
    if f["downs"] == 0 or f["ups"] < 2:
        raise Failure(f"lock: {f}")
    print(f"lock: down {f['downs']} times, up {f['ups']}, {f['put']} rows")


def reload(host, *words):
    done = run(f"{BIN}/aqctl", "-d", f"{host.name}.state", "reload", *words)
    return done


def new_build(number):
    with open(f"{PLUGINS}/sqlite.so", "rb") as f:
        put("plugins/sqlite.so", f.read() + b"build %8d" % number)


def reloads(times):
    """New settings and new code, again and again: the strategy sees nothing of it."""
    os.makedirs("plugins", exist_ok=True)
    new_build(0)
    write("reload", 10**9, burst=2)
    host = start("reload")
    if host.wait_for("done n=50 ") is None:
        raise Failure(f"reload: {host.lines[-5:]}")
    for number in range(1, times + 1):
        if number % 2:
            new_build(number)
        write("reload", 10**9, burst=2, more=f"cache = {8 + number % 8}MB")
        said = reload(host, "main")
        if "replaced" not in said:
            raise Failure(f"reload {number}: {said}")
        at = len(host.lines)
        if host.wait_for(r"done n=\d*50 ", start=at) is None:
            raise Failure(f"reload {number}: nothing goes on: {host.lines[-5:]}")
    host.end()
    f = check(host, "reload")
    print(f"{times} reloads: {f['put']} rows, {f['counts']} counts")
    os.remove("plugins/sqlite.so")


def refusals():
    """A store that cannot come up leaves the one that works; one that is used is not taken away; unknown names are told."""
    write("refuse", 10**9)
    host = start("refuse")
    if host.wait_for("done n=50 ") is None:
        raise Failure(f"refuse: {host.lines[-5:]}")
    write("refuse", 10**9, more="file = nowhere/at/all.db")
    os.system("sed -i 0,/^file/{/^file/d} refuse.ini")
    refused(["reload", "main"], "refuse", "the new back end is not up, and the old one is")
    with open("refuse.ini", "w", encoding="utf-8") as f:
        f.write((HOST + STRATEGY) % {"name": "refuse", "until": 10**9, "burst": 1})
    refused(["reload"], "refuse", "main")
    at = len(host.lines)
    if host.wait_for(r"done n=\d*50 ", start=at) is None:
        raise Failure(f"refuse: nothing goes on: {host.lines[-5:]}")
    host.end()
    check(host, "refuse")
    write("wrong", 10, more="queue = 5KB\n")
    says(["-t", "-c", "wrong.ini"], "queue = 5KB: from 1MB to 16GB")
    write("wrong", 10, strategy="like = other\n[strategy:other]\nplugin = storer\nstore = man\n")
    says(["-t", "-c", "wrong.ini"], r"store = man: no section \[storage:man\]")


def refused(words, name, text):
    import subprocess
    done = subprocess.run([f"{BIN}/aqctl", "-d", f"{name}.state", *words], capture_output=True, text=True, check=False)
    if done.returncode != 4 or not re.search(text, done.stdout + done.stderr):
        raise Failure(f"aqctl {words}: {done.returncode} {done.stdout} {done.stderr}")


def says(words, text):
    import subprocess
    command = [f"{BIN}/aioquantd", *words, "--set", f"host.plugin_path={PLUGINS}, {PLUGINS}/test"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode == 0 or not re.search(text, done.stdout):
        raise Failure(f"aioquantd {words}: {done.stdout} {done.stderr}")


def main():
    make_capture()
    times = int(os.environ["AQ_STORE_KILLS"])
    whole()
    equal_replays()
    kills(times)
    lock()
    reloads(times)
    refusals()


try:
    main()
except Failure as failure:
    sys.exit(str(failure))
