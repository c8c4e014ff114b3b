#!/usr/bin/env python3
"""A storage plugin that crashes, hangs or fails, on its own thread: it is named, what asks it is answered, the others go on."""
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))

from processes import BIN, PLUGINS, Failure, Host, run  # noqa: E402

CONFIG = """
[host]
state_dir = %(name)s.state
callback_kill = 1s
probe_timeout = 10s

[log]
limit = 0

[storage:main]
plugin = bad_store
fault = %(fault)s

[storage:well]
plugin = bad_store

[strategy:s]
plugin = storer
store = main
count_every = 1000000000

[strategy:other]
plugin = storer
store = well
count_every = 1000000000
"""


def write(name, fault):
    with open(f"{name}.ini", "w", encoding="utf-8") as f:
        f.write(CONFIG % {"name": name, "fault": fault})


def start(name, fault, **more):
    write(name, fault)
    return Host(f"{name}.ini", {"host.plugin_path": f"{PLUGINS}, {PLUGINS}/test"}, name=name, **more)


def need(host, pattern, **more):
    line = host.wait_for(pattern, **more)
    if line is None:
        raise Failure(f"{host.name}: no line '{pattern}': {host.lines[-6:]}")
    return line


def aqctl(host, *words):
    return run(f"{BIN}/aqctl", "-d", f"{host.name}.state", *words)


def others_go_on(host):
    need(host, r"other: done n=\d*50 ", start=len(host.lines))


def crash():
    """The culprit and its line are told; the next start goes on without it until it is released."""
    host = start("crash", "crash", killed=True)
    host.wait()
    for report in os.listdir("."):  # of a sanitizer about what was done on purpose
        if report.startswith("sanitizer."):
            os.remove(report)
    said = "\n".join(host.lines)
    if not re.search(r"main.*end|end.*main", said) or "bad_store.c:" not in said:
        raise Failure(f"crash: the culprit is not named: {said[-1500:]}")
    host = start("crash", "none", killed=True)
    need(host, "main is quarantined|main: is quarantined")
    need(host, "s: call .* failed: fault 6 .*does not run")
    others_go_on(host)
    if "quarantined" not in aqctl(host, "instances"):
        raise Failure("crash: aqctl does not say that it is quarantined")
    aqctl(host, "release", "main")
    need(host, "main: the store is up", start=0)
    others_go_on(host)
    host.end()
    print("crash: named, quarantined, released")


def hang():
    """It is marked down; the process goes on and ends, too."""
    host = start("hang", "hang", killed=True)
    need(host, "main: the store is down: its plugin has not come back")
    need(host, "s: store down")
    others_go_on(host)
    if not re.search(r"main +hangs", aqctl(host, "status")):
        raise Failure("hang: aqctl status does not say it")
    host.signal(15)
    if host.wait(deadline=120) != 0:
        raise Failure(f"hang: exit status; {host.lines[-4:]}")
    if not any("does not end" in line for line in host.lines):
        raise Failure("hang: nobody said that it was left behind")
    print("hang: marked down, and left behind at the end")


def fail():
    """It is taken out, whoever asks is told so, and a reload brings it again."""
    host = start("fail", "fail")
    need(host, "main: taken out: it has had enough")
    need(host, "s: call .* failed: fault 6 .*it has had enough")
    others_go_on(host)
    write("fail", "none")
    aqctl(host, "reload", "main")
    need(host, "main: the store is up", count=2)
    need(host, r" s: done n=\d*50 ", start=len(host.lines))
    host.end()
    host = start("start", "start")
    need(host, r"main: taken out: start: \?")
    others_go_on(host)
    host.end()
    print("fail: taken out, and back by a reload")


def main():
    crash()
    hang()
    fail()


try:
    main()
except (Failure, subprocess.TimeoutExpired) as failure:
    sys.exit(str(failure))
