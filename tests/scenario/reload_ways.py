#!/usr/bin/env python3
"""What a reload can be asked besides new code: options that change together, sections that come and go, files that are wrong,
several signals at once, the way back.

A venue in another process feeds all the while. `witness` is never touched and says in the end that it missed nothing.
"""
import os
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))

from builds import LATE_EVENT_FAILS, LATE_READY_FAILS, Builds, put  # noqa: E402
from load import Feeder, Host, base_config, make_capture, program, read_record, until  # noqa: E402

HOST = "duplicate_window = 0\nreload_watch = 60s"
WITNESS = """

[strategy:witness]
plugin = witness
market = acc:BTC/USDT
tell = yes
"""

STRATEGY = """
[strategy:%s]
plugin = %s
market = acc:BTC/USDT
trade = yes
tell = yes
first = %d
second = %d
"""


class Ways:
    def __init__(self):
        make_capture("capture.aqc")
        os.mkdir("plugins")
        self.builds = Builds(os.environ["AQ_PLUGINS"])
        put("plugins/sim.so", self.builds.read("sim.so"))
        for name in ("witness", "mover", "spare"):
            put("plugins/%s.so" % name, self.builds.build())
        self.configure(STRATEGY % ("mover", "mover", 0, 0))
        self.venue = Feeder("host.ini", 5000)
        self.host = Host("host.ini")
        self.host.log.wait("mover: hears")

    def configure(self, *sections, address="venue.sock"):
        put("host.ini", (base_config("ways", HOST, address) + WITNESS + "".join(sections)).encode())

    def aqctl(self, *words):
        """The exit status and what was said."""
        done = subprocess.run([program("aqctl"), "-d", "state"] + list(words), stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=60, check=False)
        return done.returncode, done.stdout

    def kill(self):
        self.host.kill()
        self.venue.kill()


def nothing_new(w):
    w.host.reload("mover: keep", "witness: keep", "feed: keep", "reload: nothing has changed")


def several_signals(w):
    """Many signals are few reloads, and new code comes once."""
    put("plugins/mover.so", w.builds.build())
    start = w.host.log.mark()
    for _ in range(20):
        w.host.send(signal.SIGHUP)
    w.host.log.wait("mover: replace: generation 2, ", start)
    nothing_new(w)
    lines = w.host.log.lines[start:]
    assert sum("mover: replace" in line for line in lines) == 1
    assert sum("reload: nothing has changed" in line for line in lines) <= 20


def live_options(w):
    """Both or none: one event, the same code."""
    before = len(w.host.reports("mover"))
    w.configure(STRATEGY % ("mover", "mover", 7, 7))
    w.host.reload("mover: configure", "witness: keep")
    w.configure(STRATEGY % ("mover", "mover", 8, 9))
    w.host.reload("mover: REFUSED: .*first and second must be equal.* generation 2 goes on")
    w.configure(STRATEGY % ("mover", "mover", 7, 7))
    nothing_new(w)
    code, said = w.aqctl("set", "mover", "first=8")
    assert code == 4 and "first and second must be equal" in said, (code, said)
    for words in (("first=8", "second=8"), ("first", "second", "--reset")):
        code, said = w.aqctl("set", "mover", *words)
        assert code == 0, (code, said)
    nothing_new(w)
    assert len(w.host.reports("mover")) == before # none has stopped


def wrong_files(w):
    """Whatever is wrong anywhere, nothing changes, not even what would be right."""
    good = base_config("ways", HOST) + WITNESS + STRATEGY % ("mover", "mover", 9, 9)
    for wrong, reason in (
            ("\n[strategy:other]\nmarket = acc:BTC/USDT\n", "plugin: must be given"),
            ("\n[nonsense]\n", "unknown section"),
            ("\n[strategy:x\n", "host.ini:"),
            ("\n[strategy:x\n[strategy:y\n", "1 more: aioquantd -t -c FILE lists them"),
            ("\n[account:two]\nexchange = nowhere\n", r"there is no \[exchange:nowhere\]")):
        put("host.ini", (good + wrong).encode())
        w.host.reload("configuration: REFUSED: .*(%s)" % reason)
    put("host.ini", good.replace("stale_after = 0", "stale_after = 1s").encode())
    for _ in range(2): # the second is compared with what runs, not with the first
        w.host.reload(r"configuration: REFUSED: .*host.ini:\d+ .*\[host\] changes only with a restart.*Nothing has changed")
    put("host.ini", (good + "\n[strategy:witness2]\nplugin = nowhere\nmarket = acc:BTC/USDT\n").encode())
    w.host.reload("witness2: REFUSED: .*no nowhere.so in plugin_path", "mover: configure")
    w.configure(STRATEGY % ("mover", "mover", 7, 7))
    w.host.reload("mover: configure")


def unknown_option(w):
    w.configure(STRATEGY % ("mover", "mover", 7, 7) + "colour = red\n")
    w.host.reload("mover: REFUSED: .*colour")
    w.configure(STRATEGY % ("mover", "mover", 7, 7))
    nothing_new(w)


def come_and_go(w):
    """A section that is added runs; one that is taken away leaves no order behind."""
    mover = STRATEGY % ("mover", "mover", 7, 7)
    w.configure(mover, STRATEGY % ("spare", "spare", 1, 1))
    w.host.reload("spare: add: generation 1", "mover: keep")
    w.host.log.wait("spare: hears")
    until("orders of spare", lambda: opened(w) >= 12)
    w.configure(mover)
    w.host.reload("spare: remove", "mover: keep")
    named = w.host.orders("spare")
    assert len(named) >= 4, named
    until("its orders to be cancelled", lambda: not set(named) & open_ids(w))
    w.configure(mover, STRATEGY % ("spare", "spare", 1, 1))
    w.host.reload("spare: add: generation 1", "mover: keep")
    w.host.log.wait("spare: started")


def open_ids(w):
    return {fields["id"] for what, fields in w.venue.record() if what == "order" and fields["state"] == "open"}


def opened(w):
    return len(open_ids(w))


def there_and_back(w):
    """aqctl rollback, and a build that gives up soon after it came."""
    put("plugins/spare.so", w.builds.build())
    w.host.reload("spare: replace: generation 2, ")
    code, said = w.aqctl("rollback", "spare")
    assert code == 0, said
    w.host.log.wait("spare: replace: generation 3, ")
    put("plugins/spare.so", w.builds.build(LATE_EVENT_FAILS))
    start = w.host.log.mark()
    w.host.reload("spare: replace: generation 4, ")
    w.host.log.wait("spare: failed soon after a reload .this build has had enough.: going back", start)
    w.host.log.wait("spare: replace: generation 5, ", start)
    put("plugins/spare.so", w.builds.build(LATE_READY_FAILS))
    start = w.host.log.mark()
    code, said = w.aqctl("reload", "spare")
    assert code == 4 and "it failed with its first events: it has gone back" in said, (code, said)
    w.host.log.wait("spare: failed soon after a reload .this build does not like what it finds.: going back", start)
    w.host.log.wait("spare: REFUSED: it failed with its first events.*The running generation 7 goes on", start)
    put("plugins/spare.so", w.builds.build())
    w.host.reload("spare: replace: generation 8, ")


def by_name(w):
    """--plan changes nothing, --fresh forgets the state, a name leaves the others alone."""
    put("plugins/spare.so", w.builds.build())
    put("plugins/mover.so", w.builds.build())
    code, said = w.aqctl("reload", "--plan")
    assert code == 0 and said.count("replace") >= 2, said
    code, said = w.aqctl("reload", "spare")
    assert code == 0 and "replaced" in said and "mover" not in said, said
    code, said = w.aqctl("reload", "--fresh", "spare")
    assert code == 0 and "replaced" in said, said
    put("plugins/spare.so", w.builds.wrong_minor())
    code, said = w.aqctl("reload", "spare")
    assert code == 4 and "was built for ABI 1.99" in said, (code, said)
    code, said = w.aqctl("reload", "nobody")
    assert code != 0 and "no such instance" in said, said
    put("plugins/spare.so", w.builds.build())
    w.host.reload("mover: replace: generation 3, ", "spare: replace")


def another_address(w):
    """The connection changes without a break; to where nobody is, it does not; and back."""
    sections = STRATEGY % ("mover", "mover", 7, 7), STRATEGY % ("spare", "spare", 1, 1)
    os.symlink("venue.sock", "other.sock")
    w.configure(*sections, address="other.sock")
    w.host.reload("feed: replace: generation 2, ", "feed: goes on at socket:other.sock", "mover: keep")
    w.configure(*sections, address="nobody.sock")
    w.host.reload("feed: replace: generation 3, ", "feed: socket:nobody.sock does not take over: .*; the connection to "
                  "socket:other.sock stays")
    w.configure(*sections, address="nowhere:at:all")
    w.host.reload("feed: replace: generation 4, ", "feed: socket:nowhere:at:all does not take over")
    os.symlink("venue.sock", "nobody.sock") # somebody is there now
    w.configure(*sections, address="nobody.sock")
    w.host.reload("feed: replace: generation 5, ", "feed: goes on at socket:nobody.sock")
    w.configure(*sections)
    w.host.reload("feed: replace: generation 6, ", "feed: goes on at socket:venue.sock")
    put("host.ini", open("host.ini").read().replace("venue = socket:venue.sock\n", "").encode())
    w.host.reload("feed: REFUSED: a venue inside the host changes only with a restart")
    w.configure(*sections)
    nothing_new(w)
    assert w.host.log.find("venue is down") is None


def end(w):
    w.venue.send(signal.SIGUSR2)
    w.host.log.wait("feed: the capture has ended")
    assert w.host.end() == 0
    assert w.venue.ended() == 0
    record = read_record("venue.record")
    assert not [f for what, f in record if what == "order" and f["state"] == "open"]
    sent = w.venue.log.wait(r"sent: books=(\d+) tickers=(\d+) trades=(\d+) hash=(\w+)").groups()
    for name, generations in (("witness", 1), ("mover", 3)):
        last = w.host.reports(name)[-1]
        assert (last["tickers"], last["trades"], last["feed"]) == sent[1:], (last, sent)
        assert last["doubled"] == last["wrong"] == last["timer_again"] == last["mixed"] == "0", last
        assert int(last["generations"]) == generations, last
    assert w.host.reports("mover")[-1]["conf"] == "5", w.host.reports("mover")[-1]
    spare = w.host.reports("spare")[-1]
    assert int(spare["generations"]) == 2 and spare["timer_again"] == "0", spare # since --fresh, timers included


def main():
    w = Ways()
    steps = (nothing_new, several_signals, live_options, wrong_files, unknown_option, come_and_go, there_and_back, by_name,
             another_address, end)
    try:
        for step in steps:
            step(w)
            print("%s: done" % step.__name__)
    finally:
        w.kill()


main()
