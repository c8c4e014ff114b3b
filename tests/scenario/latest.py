#!/usr/bin/env python3
"""latest.py: who asks for the latest book alone and takes long gets fewer, the last one among them, and the right count.

Two strategies count the books of one market: `every` is told each, `latest` stalls its callbacks and is told what is the
latest by then. What `latest` was told and what that replaced are together what `every` was told, and both end with the
same book. In a replay, where a stall takes no time, both are told the same in each run.
"""
import os
import re
import shutil
import signal
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))

from load import Feeder, Host, base_config, make_capture, replayed  # noqa: E402

CONFIG = base_config("latest", host="callback_warn = 0") + """
[strategy:every]
plugin = stalls_every
market = acc:BTC/USDT

[strategy:latest]
plugin = stalls_latest
market = acc:BTC/USDT
every  = 40
stall  = 30ms
"""
RATE = 20000


def reports(host):
    host.log.read()
    found = {}
    for line in host.log.lines:
        match = re.search(r" (\w+): report (.*)", line)
        if match:
            found[match.group(1)] = {key: int(value) for key, value in (word.split("=") for word in match.group(2).split())}
    return found


def compare(got):
    every, latest = got["every"], got["latest"]
    assert every["replaced"] == 0, every
    assert latest["told"] + latest["replaced"] == every["told"], got
    assert (latest["bid"], latest["ask"], latest["seq"]) == (every["bid"], every["ask"], every["seq"]), got


def stalled():
    venue = Feeder("host.ini", RATE)
    host = Host("host.ini")
    try:
        host.log.wait("latest: started")
        host.log.wait("feed: started")
        venue.log.wait(r"host has come")
        for _ in range(400):  # until there was enough to be late with
            venue.record()
        venue.send(signal.SIGUSR2)
        host.log.wait("feed: the capture has ended")
        assert host.end() == 0
        got = reports(host)
        compare(got)
        assert got["latest"]["replaced"] > 0, f"nothing was replaced: {got}"
        print(f"stalled: {got['every']['told']} books, told {got['latest']['told']}, replaced {got['latest']['replaced']}")
    finally:
        host.kill()
        venue.kill()


def replay(log):
    shutil.rmtree("state", ignore_errors=True)
    with open(f"{log}.ini", "w", encoding="utf-8") as f:
        f.write(replayed(CONFIG).replace("host.log", f"{log}.log").replace("stall  = 30ms", "stall  = 100us"))
    host = Host(f"{log}.ini", log=f"{log}.log")
    try:
        assert host.ended() == 0
    finally:
        host.kill()
    return reports(host)


def main():
    make_capture("capture.aqc")
    os.mkdir("plugins")
    for name in ("sim.so", "test/stalls_every.so", "test/stalls_latest.so"):
        shutil.copy(os.path.join(os.environ["AQ_PLUGINS"], name), "plugins")
    with open("host.ini", "w", encoding="utf-8") as f:
        f.write(CONFIG)
    stalled()
    first, second = replay("first"), replay("second")
    compare(first)
    assert first == second, (first, second)
    print(f"replayed: {first['every']['told']} books, twice the same")


main()
