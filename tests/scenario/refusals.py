#!/usr/bin/env python3
"""Bad plugins: each is refused with its reason, at the first start and at a reload, and the host goes on."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))

from builds import Builds, put  # noqa: E402
from load import base_config, Feeder, Host, Process, make_capture  # noqa: E402

CONFIG = base_config("refusals")

STRATEGY = """
[strategy:%s]
plugin = %s
market = acc:BTC/USDT
tell = yes
"""

NEEDS_STATE = ("load refuses", "load crashes", "load refuses late") # nothing is loaded at a first start
NEEDS_EVENTS = ("fails on events",)


def at_start(builds, bad):
    """All bad ones at once beside a good one: each says why, the good one runs."""
    sections = STRATEGY % ("good", "good")
    first = [case for case in bad if case[0] not in NEEDS_STATE + NEEDS_EVENTS]
    for i, (_, make, _) in enumerate(first):
        put("plugins/bad%d.so" % i, make())
        sections += STRATEGY % ("bad%d" % i, "bad%d" % i)
    put("host.ini", (CONFIG + sections).encode())
    venue = Feeder("host.ini", 5000)
    host = Host("host.ini", ["--set", "host.state_dir=state.start"])
    try:
        host.log.wait("good: hears", seconds=240) # a start rehearses one after the other
        for i, (name, _, reason) in enumerate(first):
            host.log.wait("bad%d: (REFUSED|taken out): .*(%s)" % (i, reason))
            print("at start: %s: %s" % (name, host.log.find("bad%d: (.*)" % i).group(1)))
        assert not host.log.find(r"bad\d+: started")
        assert host.end() == 0
    finally:
        host.kill()
        venue.kill()


def at_reload(builds, bad):
    """One after the other in the place of a good one, which goes on as generation 1 and misses nothing."""
    put("host.ini", (CONFIG + STRATEGY % ("good", "good") + STRATEGY % ("witness", "witness")).encode())
    good = builds.build()
    put("plugins/good.so", good)
    put("plugins/witness.so", builds.build())
    venue = Feeder("host.ini", 5000)
    host = Host("host.ini", ["--set", "host.state_dir=state.reload"])
    try:
        for name in ("good", "witness"):
            host.log.wait("%s: hears" % name)
        for name, make, reason in bad:
            put("plugins/good.so", make())
            host.reload("good: REFUSED: .*(%s).*The running generation 1 goes on" % reason)
            print("at a reload: %s: refused" % name)
        os.remove("plugins/good.so")
        host.reload("good: REFUSED: .*no good.so in plugin_path.*The running generation 1 goes on")
        put("plugins/good.so", good)
        host.reload("good: keep")
        put("plugins/good.so", builds.build())
        host.reload("good: replace: generation 2, ")
        assert host.end() == 0
        kept, witness = host.reports("good")[-1], host.reports("witness")[-1]
        assert kept["hash"] == witness["hash"] and kept["never"] == "0" and kept["generations"] == "2", (kept, witness)
    finally:
        host.kill()
        venue.kill()


def nothing_but_bad(bad):
    """A host without a single good plugin does not start, and says why."""
    name, make, reason = bad[0]
    put("plugins/only.so", make())
    put("plugins/sim.so", make())
    put("host.ini", (CONFIG + STRATEGY % ("only", "only")).encode())
    host = Host("host.ini", ["--set", "host.state_dir=state.nothing"])
    try:
        host.child.wait(60)
        assert host.child.returncode == 1, host.child.returncode
        with open("host.said") as f:
            said = f.read()
        assert "Nothing was started" in said, said
        print("nothing but bad ones: exit status 1")
    finally:
        host.kill()


def probed(builds, bad):
    """--probe tells the same about the file itself."""
    for name, make, reason in bad:
        if name not in ("truncated", "no library", "wrong minor", "no entry symbol", "unresolved symbol"):
            continue
        put("plugins/probed.so", make())
        probe = Process("aioquantd", ["--probe", "plugins/probed.so"], "probe.said")
        status = probe.child.wait(60)
        assert status != 0, (name, status)
        print("probed: %s: exit status %d" % (name, status))


def main():
    os.mkdir("plugins")
    make_capture("capture.aqc")
    builds = Builds(os.environ["AQ_PLUGINS"])
    bad = builds.bad()
    sim = builds.read("sim.so")
    put("plugins/sim.so", sim)
    put("plugins/good.so", builds.build())
    at_start(builds, bad)
    os.rename("host.log", "start.log")
    at_reload(builds, bad)
    os.rename("host.log", "reload.log")
    probed(builds, bad)
    nothing_but_bad(bad)


main()
