#!/usr/bin/env python3
"""Beside a venue in a process of its own all four parts of the way are measured, from the first time that somebody asks."""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))

from builds import Builds, put  # noqa: E402
from load import Feeder, Host, base_config, make_capture, program, until  # noqa: E402

CONFIG = base_config("latency") + """
[strategy:one]
plugin = example
market = acc:BTC/USDT
spread = 1bps
size = 0.001 BTC
max_position = 1 BTC
"""


def latency():
    said = subprocess.run([program("aqctl"), "-d", "state", "--json", "latency", "feed"], stdout=subprocess.PIPE, timeout=60,
                          check=True).stdout
    return json.loads(said)


def main():
    make_capture("capture.aqc")
    os.mkdir("plugins")
    builds = Builds(os.environ["AQ_PLUGINS"])
    put("plugins/sim.so", builds.read("sim.so"))
    put("plugins/example.so", builds.read("example.so"))
    put("host.ini", CONFIG.encode())
    venue = Feeder("host.ini", 2000)
    host = Host("host.ini")
    try:
        host.log.wait("one: started")
        first = latency()
        assert [hop["count"] for hop in first["latency"]] == [0, 0, 0, 0], first
        assert "measuring begins now: ask again later" in first["hints"]
        hops = until("every part has been measured", lambda: (
            lambda hops: all(hop["count"] >= 10 for hop in hops) and hops)(latency()["latency"]))
        assert [hop["hop"] for hop in hops] == ["bytes in -> decoded", "decoded -> order", "order -> bytes out",
                                                "bytes out -> acknowledged"], hops
        assert all(hop["max"] == hop["hour_max"] is not None for hop in hops), "what is an hour old at most"
        decoded, order, out, acknowledged = (hop["count"] for hop in hops)
        assert acknowledged <= out, hops
        assert host.end() == 0
    finally:
        host.kill()
        venue.kill()
    print("bytes in, decoded, order, bytes out, acknowledged: %d, %d, %d, %d" % (decoded, order, out, acknowledged))


main()
