"""One venue, and hosts beside it, one after the other, in which a strategy `bad` crashes or hangs when it is told to."""
import json
import os
import shutil
import signal
import subprocess

from . import processes
from .processes import Failure, Host, Venue, make_capture
from .trading import HOST, STRATEGY, judge, reach

THROWER = os.path.exists(f"{processes.PLUGINS}/test/thrower.so") # where there is a compiler for C++
SANITIZED = os.environ.get("AQ_SANITIZE", "") != ""

BAD = """
[strategy:bad]
plugin          = crasher
market          = demo:BTC/USDT
size            = 0.002 BTC
"""


def ask(*words, options=("-d", "state"), codes=(0,)):
    """aqctl: its exit status must be one of `codes`."""
    done = subprocess.run([f"{processes.BIN}/aqctl", *options, *words], capture_output=True, text=True,
                          timeout=processes.DEADLINE)
    if done.returncode not in codes:
        raise Failure(f"aqctl {' '.join(words)}: exit status {done.returncode}: {done.stdout} {done.stderr}")
    return done


def aqctl(*words, codes=(0,)):
    return json.loads(ask("--json", *words, codes=codes).stdout)


def problems():
    return [problem["text"] for problem in aqctl("status")["problems"]]


def check(condition, what):
    if not condition:
        raise Failure(what)


class Life:
    """`more`: further sections of its configuration."""

    def __init__(self, more=""):
        make_capture()
        with open("trade.ini", "w", encoding="utf-8") as file:
            file.write(HOST + STRATEGY + BAD + more)
        os.mkdir("plugins")
        for name in ("sim.so", "example.so", "test/crasher.so") + (("test/thrower.so",) if THROWER else ()):
            shutil.copy(f"{processes.PLUGINS}/{name}", "plugins")
        self.venue = Venue("trade.ini", stay=False, rate=500)
        self.said = []
        self.host = None

    @staticmethod
    def plugin_of(how):
        return {"bad.plugin": "thrower"} if how == "exception" else {}

    def start(self, **settings):
        base = {**reach(self.venue.address), "host.state_dir": "state", "host.clock": "real",
                "host.plugin_path": os.path.abspath("plugins"), "bad.trigger": os.path.abspath("crash.now"),
                "host.callback_kill": "5s" if SANITIZED else "1s", "host.memory_max": "700MB" if SANITIZED else "400MB"}
        self.host = Host("trade.ini", {**base, **settings}, killed=True)
        return self.host

    def wait(self, pattern, **more):
        found = self.host.wait_for(pattern, **more)
        if found is None:
            raise Failure(f"waited in vain for {pattern}; last: {self.host.lines[-8:]}")
        return found

    def tell_bad(self, how):
        with open("crash.new", "w", encoding="utf-8") as file:
            file.write(how)
        os.rename("crash.new", "crash.now")

    def crash(self, how, signals=(signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT)):
        """It ends by the signal, and what it says of it comes back."""
        self.tell_bad(how)
        status = self.host.wait()
        check(-status in signals or (SANITIZED and status in (1, 66)), f"{how}: ended with status {status}")
        self.said += self.host.lines
        for report in os.listdir("."): # of a sanitizer about what was done on purpose
            if report.startswith("sanitizer."):
                os.remove(report)
        return self.host.lines

    def end(self):
        self.host.end()
        self.said += self.host.lines

    def judged(self):
        """After the last host: its venue ends, too, and its record is held against the journal."""
        result = judge(self.venue.end(), "state", "\n".join(self.said))
        check(not result.wrong, "\n".join(result.wrong[:40]))
        print(", ".join(f"{count} {what}" for what, count in result.counts.items() if count))
