"""A feeder that feeds by the wall clock, a host that runs against it, and what both say."""
import os
import re
import signal
import struct
import subprocess
import time

SANITIZED = os.environ.get("AQ_SANITIZE", "") != ""
PROBE = "10s" if SANITIZED else "5s" # longest rehearsal: the machine may have more to do
MARSHAL = os.environ.get("AQ_MARSHAL", "0") == "1"


CONFIG = """
[host]
server_id = %(name)s
mode = paper
clock = real
state_dir = state
plugin_path = plugins
report_currency = USDT
stale_after = 0
probe_timeout = %(probe)s
%(host)s

[log]
file = host.log
format = text

[exchange:feed]
plugin = sim
venue = socket:%(address)s
capture = capture.aqc

[account:acc]
exchange = feed
balance = 100000000 USDT, 1000 BTC
"""


def base_config(name, host="", address="venue.sock"):
    """A host beside a feeder, without strategies. `host`: more lines of its section."""
    return CONFIG % {"name": name, "probe": PROBE, "host": host, "address": address}


def replayed(config):
    """The same with the venue inside the host, by the recording's clock."""
    for line in ("venue = socket:venue.sock\n", "clock = real\n"):
        assert line in config, config
        config = config.replace(line, "")
    return config


def program(name):
    return os.path.join(os.environ["AQ_BIN"], name)


def until(what, condition, seconds=60.0):
    """Waits for a condition; AssertionError with `what` when the deadline passes."""
    deadline = time.monotonic() + seconds
    while True:
        got = condition()
        if got:
            return got
        if time.monotonic() > deadline:
            raise AssertionError("waited %g s in vain: %s" % (seconds, what))
        time.sleep(0.001)


def frames_of(data):
    """The frames of a capture: type and bytes."""
    at = 0
    while at < len(data):
        size, kind = struct.unpack_from("<IH", data, at)
        yield kind, data[at:at + size]
        at += size


def make_capture(path):
    """The recorded minutes of BTC/USDT so that they can be played in a circle: they begin with their snapshot, and deltas that
    it is beyond are left out."""
    data = os.path.join(os.environ["AQ_SOURCE"], "tests", "data", "binance-spot")
    days = [os.path.join(data, "btcusdt_202408%s.gz" % day) for day in ("08", "09")]
    subprocess.run([program("replay"), "import", "--venue", "binance", "--symbol", "BTCUSDT", path] + days, check=True,
                   stdout=subprocess.DEVNULL)
    with open(path, "rb") as f:
        frames = [(kind, bytearray(frame)) for kind, frame in frames_of(f.read())]
    head = [frame for kind, frame in frames if kind < 3]
    market = [(kind, frame) for kind, frame in frames if kind >= 3]
    snapshot = next(i for i, (kind, frame) in enumerate(market) if kind == 3 and frame[56])
    reaches = struct.unpack_from("<Q", market[snapshot][1], 40)[0]
    market[snapshot][1][8:16] = market[0][1][8:16] # its time
    old = [i for i, (kind, frame) in enumerate(market[:snapshot])
           if kind == 3 and struct.unpack_from("<Q", frame, 40)[0] <= reaches]
    rest = [frame for i, (kind, frame) in enumerate(market) if i != snapshot and i not in old]
    struct.pack_into("<Q", head[0], 48, len(rest) + 1)
    with open(path, "wb") as f:
        f.write(b"".join(head + [market[snapshot][1]] + rest))


class Log:
    """A file that grows; lines are handed out once, in order, and kept."""

    def __init__(self, path):
        self.path = path
        self.lines = []
        self.at = 0
        self.part = ""

    def read(self):
        if not os.path.exists(self.path):
            return
        with open(self.path, errors="replace") as f:
            f.seek(self.at)
            got = f.read()
            self.at = f.tell()
        *lines, self.part = (self.part + got).split("\n")
        self.lines += lines

    def find(self, pattern, start=0):
        """The first match at line `start` or later, or None."""
        self.read()
        for line in self.lines[start:]:
            match = re.search(pattern, line)
            if match:
                return match
        return None

    def wait(self, pattern, start=0, seconds=60.0):
        return until("%r in %s" % (pattern, self.path), lambda: self.find(pattern, start), seconds)

    def mark(self):
        self.read()
        return len(self.lines)


class Process:
    def __init__(self, name, arguments, output, cpu=None):
        self.name = name
        with open(output, "ab") as out:
            self.child = subprocess.Popen([program(name)] + arguments, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                          start_new_session=True)
        if cpu is not None:
            os.sched_setaffinity(self.child.pid, {cpu})

    def send(self, number):
        self.child.send_signal(number)

    def running(self):
        return self.child.poll() is None

    def end(self, number=signal.SIGTERM, seconds=60.0):
        """The exit status."""
        if self.running():
            self.send(number)
        try:
            return self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
            raise AssertionError("%s did not end within %g s" % (self.name, seconds)) from None

    def ended(self, seconds=60.0):
        """The exit status of what ends by itself."""
        try:
            return self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError("%s does not end" % self.name) from None

    def kill(self):
        if self.running():
            self.child.kill()
            self.child.wait()


class Feeder(Process):
    """tools/venue at a rate."""

    def __init__(self, config, rate, cpu=None):
        self.log = Log("venue.log")
        super().__init__("venue", ["-c", config, "--listen", "unix:venue.sock", "--rate", str(rate), "--record", "venue.record"],
                         "venue.log", cpu)
        self.log.wait("^listening ", seconds=30)

    def record(self):
        """What became of every order, by the venue's own record."""
        if os.path.exists("venue.record"):
            os.remove("venue.record")
        self.send(signal.SIGUSR1)
        until("the venue's record", lambda: os.path.exists("venue.record"))
        return read_record("venue.record")


def read_record(path):
    with open(path) as f:
        lines = [line.split() for line in f]
    return [(words[0], dict(word.split("=", 1) for word in words[1:])) for words in lines]


class Host(Process):
    """aioquantd."""

    def __init__(self, config, arguments=(), log="host.log"):
        self.log = Log(log)
        more = ["--set", "host.marshal=on"] if MARSHAL else []
        super().__init__("aioquantd", ["-c", config] + more + list(arguments), "host.said")

    def reload(self, *patterns, seconds=60.0):
        """SIGHUP, then waits for a line of each pattern; their matches."""
        start = self.log.mark()
        self.send(signal.SIGHUP)
        return [self.log.wait(pattern, start, seconds) for pattern in patterns]

    def reports(self, name):
        """What an instance of the plugin `counter` said at its stops."""
        self.log.read()
        found = (re.search(r" %s: report (.*)" % name, line) for line in self.log.lines)
        return [dict(word.split("=") for word in match.group(1).split()) for match in found if match]

    def orders(self, name):
        """Its own orders that it named last: id and the build that placed it."""
        self.log.read()
        found = [match for match in (re.search(r" %s: orders(.*)" % name, line) for line in self.log.lines) if match]
        return dict(word.split(":") for word in found[-1].group(1).split()) if found else {}
