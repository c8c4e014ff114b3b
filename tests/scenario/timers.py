#!/usr/bin/env python3
"""In a replay timers from 50 us to 30 days and the heartbeat come at exactly their moments, each once, also over a reload to
other code."""
import os
import re
import shutil
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))

from processes import BIN, PLUGINS, Failure, Host, make_capture, run  # noqa: E402

SECOND, MS, US = 10**9, 10**6, 10**3

CONFIG = f"""
[host]
state_dir = state
mode = paper
speed = %s
probe_timeout = 1m
report_currency = USDT

[log]
file =
limit = 0

[exchange:venue]
plugin = sim
capture = capture.aqc
end = 2024-08-08T23:56:%02dZ

[strategy:t]
plugin = timers
market = venue:BTC/USDT
"""


def start(name, speed, second):
    with open(f"{name}.ini", "w", encoding="utf-8") as f:
        f.write(CONFIG % (speed, second))
    return Host(f"{name}.ini", {"host.state_dir": f"{name}.state", "host.plugin_path": f"{PLUGINS}, plugins"}, name=name)


def fits(begun, now, step, offset=None):
    """How often in (begun, now]: from the begin on, or at whole multiples and an offset."""
    return (now - begun) // step if offset is None else (now - offset) // step - (begun - offset) // step


def check(host):
    """What it says at its end."""
    said = next((re.search(r"stopped now=(\d+) begun=(\d+) beats=(\d+) wrong=(\d+) order=(\d+) fired=([\d,]+)", line)
                 for line in reversed(host.lines) if "stopped now=" in line), None)
    if said is None:
        raise Failure(f"{host.name}: no result; last: {host.lines[-3:]}")
    now, begun, beats, wrong, order = (int(said[i]) for i in range(1, 6))
    fired = [int(n) for n in said[6].split(",")]
    want = [fits(begun, now, 50 * US), fits(begun, now, MS), fits(begun, now, 7 * MS + 1), fits(begun, now, SECOND, 0),
            fits(begun, now, 60 * SECOND, 0), fits(begun, now, SECOND, 250 * MS), 1, 1, 0, 3, 0]
    if wrong != 0 or fired != want or beats != fits(begun, now, SECOND, 0) or order != 43210:
        raise Failure(f"{host.name}: {said[0]}; not fired={want}; " + "; ".join(host.lines[-8:-3]))
    print(f"{host.name}: {(now - begun) / SECOND:.3f} s, {sum(fired)} calls, {beats} beats")


def main():
    make_capture()
    os.mkdir("plugins")
    shutil.copy(f"{PLUGINS}/test/timers.so", "plugins/timers.so")
    host = start("whole", "max", 5)
    if host.wait() != 0:
        raise Failure(f"it failed: {host.lines[-3:]}")
    check(host)

    host = start("reload", "1x", 59)
    if host.wait_for(" beat ", count=3) is None:
        raise Failure(f"no beats: {host.lines[-3:]}")
    with open("plugins/timers.part", "wb") as other, open("plugins/timers.so", "rb") as now:
        other.write(now.read() + b"another build...")
    shutil.copymode("plugins/timers.so", "plugins/timers.part")
    os.rename("plugins/timers.part", "plugins/timers.so")
    run(f"{BIN}/aqctl", "-d", "reload.state", "reload", "t")
    if host.wait_for("ready now=[0-9]* again=1") is None or host.wait_for(" beat ", count=6) is None:
        raise Failure(f"it was not reloaded: {host.lines[-3:]}")
    host.end()
    check(host)


main()
