#!/usr/bin/env python3
"""A strategy whose events follow from each other for ever does not hold the host: it gets its turns, and no more.

`endless` posts to itself at each post, or places at each denial what is denied again. Meanwhile aqctl is answered, `mover`
trades, and `witness` hears all that the venue sends; a reload takes the strategy away, and a signal ends the host.
"""
import os
import shutil
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))

from builds import NEVER_CONTENT, NEVER_DONE, Builds, put  # noqa: E402
from load import Feeder, Host, base_config, make_capture, program, read_record, replayed, until  # noqa: E402

CONFIG = base_config("endless", host="duplicate_window = 0\nreload_watch = 1ms") + """
[journal]
segment = 16MB

[strategy:witness]
plugin = witness
market = acc:BTC/USDT
tell = yes

[strategy:mover]
plugin = mover
market = acc:BTC/USDT
trade = yes

[strategy:endless]
plugin = endless
market = acc:BTC/USDT
trade = yes
"""


def aqctl(*words):
    return subprocess.run([program("aqctl"), "-d", "state", *words], stdout=subprocess.PIPE, text=True, timeout=60,
                          check=True).stdout


class Endless:
    def __init__(self):
        make_capture("capture.aqc")
        os.mkdir("plugins")
        self.builds = Builds(os.environ["AQ_PLUGINS"])
        put("plugins/sim.so", self.builds.read("sim.so"))
        for name in ("witness", "mover", "endless"):
            put("plugins/%s.so" % name, self.builds.build())
        put("host.ini", CONFIG.encode())
        self.venue = Feeder("host.ini", 2000)
        self.host = Host("host.ini")
        for name in ("witness", "mover", "endless"):
            self.host.log.wait("%s: hears" % name)

    def begin(self, behaviour):
        start = self.host.log.mark()
        put("plugins/endless.so", self.builds.build(behaviour))
        self.host.reload("endless: replace: ")
        self.host.log.wait("endless: has begun without end", start)

    def goes_on(self):
        """The others trade, and who asks is answered."""
        before = self.orders()
        until("more orders", lambda: self.orders() > before + 20)
        assert "mover" in aqctl("instances")

    def orders(self):
        """At the venue, whosever they are; those of `endless` never get there."""
        return sum(what == "order" for what, _ in self.venue.record())

    def end(self):
        """By a signal while it is at it; the witness has heard what was sent, up to the end of the feed."""
        self.venue.send(signal.SIGUSR2)
        self.host.log.wait("feed: the capture has ended")
        assert self.host.end() == 0
        assert self.venue.ended() == 0
        assert not [f for what, f in read_record("venue.record") if what == "order" and f["state"] == "open"]
        sent = self.venue.log.wait(r"sent: books=(\d+) tickers=(\d+) trades=(\d+) hash=(\w+)").groups()
        heard = self.host.reports("witness")[-1]
        assert (heard["tickers"], heard["trades"], heard["feed"]) == sent[1:], (heard, sent)

    def kill(self):
        self.host.kill()
        self.venue.kill()


def in_a_replay():
    """The clock is simulated: it stands still until what follows from a moment has an end."""
    builds = Builds(os.environ["AQ_PLUGINS"])
    put("plugins/endless.so", builds.build(NEVER_DONE))
    put("replay.ini", replayed(CONFIG).replace("host.log", "replay.log")
        .replace("state_dir = state", "state_dir = state\nspeed = max").encode())
    host = Host("replay.ini", log="replay.log")
    try:
        host.log.wait("endless: has begun without end")
        assert "mover" in aqctl("instances")
        assert host.log.find("capture has ended") is None
        put("plugins/endless.so", builds.build())
        host.reload("endless: replace: ")
        assert host.ended() == 0
    finally:
        host.kill()


def main():
    e = Endless()
    try:
        for name, behaviour in (("posts", NEVER_DONE), ("denials", NEVER_CONTENT)):
            e.begin(behaviour)
            e.goes_on()
            put("plugins/endless.so", e.builds.build())
            e.host.reload("endless: replace: ")
            print("%s without end: the others go on, a reload ends it" % name)
        e.begin(NEVER_DONE)
        e.goes_on()
        e.end()
        print("a signal ends the host, and nothing was missed")
    finally:
        e.kill()
    shutil.rmtree("state")
    in_a_replay()
    print("a replay stands still, and goes on")


main()
