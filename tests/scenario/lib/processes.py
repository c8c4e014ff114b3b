"""Venues and hosts as processes: started, waited for, stopped by their pid; nothing is left behind.

A host's log comes through a pipe, so that a wait for a line ends with that line; all of it also goes to NAME.log.
"""
import atexit
import os
import re
import select
import signal
import subprocess
import sys
import time

BIN = os.environ["AQ_BIN"]
PLUGINS = os.environ["AQ_PLUGINS"]
SOURCE = os.environ["AQ_SOURCE"]
MARSHAL = os.environ.get("AQ_MARSHAL", "0") == "1"
DEADLINE = 60.0  # seconds for what should take milliseconds: a slow machine is no failure

_alive = set()


class Failure(Exception):
    """What the scenario found wrong."""


signal.signal(signal.SIGTERM, lambda number, frame: sys.exit("stopped"))  # an exit, so that _stop_all runs


@atexit.register
def _stop_all():
    for process in list(_alive):
        process.stop_hard()


class Process:
    """A child whose output (both streams) is read as lines."""

    def __init__(self, name, command, stdin=subprocess.DEVNULL, more_env=None):
        self.name = name
        self.lines = []
        self.rest = b""
        self.log = open(f"{name}.log", "ab")
        self.child = subprocess.Popen(command, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                      env={**os.environ, **(more_env or {})})
        os.set_blocking(self.child.stdout.fileno(), False)
        self.poll = select.poll()
        self.poll.register(self.child.stdout, select.POLLIN)
        self.closed = False
        _alive.add(self)

    def read(self, seconds):
        """Takes what has been said, waiting for the first of it at most so long."""
        if self.closed or not self.poll.poll(max(0, seconds * 1000)):
            return
        piece = os.read(self.child.stdout.fileno(), 1 << 20)
        if not piece:
            self.closed = True
            return
        self.log.write(piece)
        *whole, self.rest = (self.rest + piece).split(b"\n")
        self.lines += [line.decode(errors="replace") for line in whole]

    def wait_for(self, pattern, count=1, deadline=DEADLINE, start=0):
        """The `count`th line that matches; None when the process ends or the deadline passes first."""
        expression, until, at, found = re.compile(pattern), time.monotonic() + deadline, start, 0
        while True:
            while at < len(self.lines):
                found += expression.search(self.lines[at]) is not None
                at += 1
                if found == count:
                    return self.lines[at - 1]
            if self.closed or time.monotonic() > until:
                return None
            self.read(until - time.monotonic())

    def run_for(self, seconds):
        """Lets it run, or until it ends."""
        until = time.monotonic() + seconds
        while not self.closed and time.monotonic() < until:
            self.read(until - time.monotonic())

    def signal(self, number):
        self.child.send_signal(number)

    def wait(self, deadline=DEADLINE):
        """Its exit status, after all of its output."""
        until = time.monotonic() + deadline
        while not self.closed and time.monotonic() < until:
            self.read(until - time.monotonic())
        try:
            status = self.child.wait(max(0.001, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            raise Failure(f"{self.name} does not end") from None
        finally:
            self.log.flush()
        self._forget()
        return status

    def stop_hard(self):
        """kill -9. Returns its exit status: -9, unless it had ended before."""
        self.child.kill()
        while not self.closed:
            self.read(DEADLINE)
        status = self.child.wait()
        self._forget()
        return status

    def _forget(self):
        _alive.discard(self)
        self.log.close()
        self.child.stdout.close()
        if self.child.stdin:
            self.child.stdin.close()


class Venue(Process):
    """A simulated venue in a process of its own, at NAME.sock; its record is NAME.record. With a rate it feeds by the wall
    clock, over and over."""

    def __init__(self, config, name="venue", seed=1, down_max="5s", stay=True, rate=None):
        self.address, self.record = f"unix:{name}.sock", f"{name}.record"
        self.copies = []
        command = [f"{BIN}/venue", "-c", config, "--listen", self.address, "--record", self.record, "--seed", str(seed),
                   "--down-max", down_max] + (["--stay"] if stay else []) + (["--rate", str(rate)] if rate else [])
        super().__init__(name, command, stdin=subprocess.PIPE)
        if self.wait_for("^listening") is None:
            raise Failure("the venue does not start")

    def freeze(self):
        """It stands still, for copies of it."""
        self.signal(signal.SIGHUP)
        if self.wait_for("frames of the capture were sent") is None:
            raise Failure("the venue does not stand still")

    def copy(self, name):
        """A copy of it serves one host at what is returned, by the process that is; its record is NAME.record."""
        address = f"unix:{name}.sock"
        self.child.stdin.write(f"{address} {name}.record\n".encode())
        self.child.stdin.flush()
        said = f"^listening {re.escape(address)} "
        if self.wait_for(said) is None:
            raise Failure("no copy of the venue")
        return address, int(next(line for line in self.lines if re.search(said, line)).split()[-1])

    def end(self):
        """Stops it and returns the name of its record."""
        self.signal(signal.SIGTERM)
        if self.wait() != 0:
            raise Failure("the venue failed")
        return self.record


def kill_env(kill_at):
    """No search for leaks: it complains when it is killed itself, in a rehearsal that dies with its host. The library of
    `kill_at` stands ahead of a sanitizer's, which would complain, too."""
    asan = {"ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0:verify_asan_link_order=0"}
    return {**asan, "LD_PRELOAD": f"{BIN}/kill_at.so", "AQ_KILL_AT": kill_at} if kill_at else asan


class Host(Process):
    """aioquantd; `settings`: {"mm.size": "0.001 BTC"}. `killed`: it will be; `kill_at`: by itself, see kill_at.c. `more`: further
    words of its command line."""

    def __init__(self, config, settings, name="host", killed=False, kill_at=None, more=()):
        settings = {"host.plugin_path": PLUGINS, "log.file": "", **settings}
        if MARSHAL:
            settings["host.marshal"] = "on"
        command = [f"{BIN}/aioquantd", "-c", config, *more]
        for key, value in settings.items():
            command += ["--set", f"{key}={value}"]
        super().__init__(name, command, more_env=kill_env(kill_at) if killed else None)

    def wait_in_step(self, deadline=DEADLINE):
        if self.wait_for("is in step with", deadline=deadline) is None:
            raise Failure(f"{self.name}: the account does not come in step; last: {self.lines[-3:]}")

    def end(self):
        """SIGTERM: it ends well."""
        self.signal(signal.SIGTERM)
        status = self.wait()
        if status != 0:
            raise Failure(f"{self.name}: exit status {status}; last: {self.lines[-3:]}")


def run(*command):
    """What a tool says."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=10 * DEADLINE)
    if done.returncode != 0:
        raise Failure(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout


def journal_state(folder, newest=False):
    return run(f"{BIN}/journal_state", *(["--newest"] if newest else []), folder)


def make_capture(path="capture.aqc"):
    """Eleven minutes of Binance spot BTC/USDT."""
    captures = [f"{SOURCE}/tests/data/binance-spot/btcusdt_2024080{day}.gz" for day in (8, 9)]
    run(f"{BIN}/replay", "import", "--venue", "binance", "--symbol", "BTCUSDT", path, *captures)
    return path
