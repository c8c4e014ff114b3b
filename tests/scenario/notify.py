#!/usr/bin/env python3
"""What a service manager hears of a host: READY, RELOADING and READY, WATCHDOG while the loop turns, STOPPING.

A watched host beside a feeder, with a socket at a path and an abstract one. Time is counted in the words of a second host
that is idle: while that one's watchdog is fed, the one of a host whose strategy hangs is not.
"""
import os
import signal
import socket
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))

from builds import LATE_EVENT_HANGS, Builds, put  # noqa: E402
from load import Feeder, Host, base_config, make_capture, replayed  # noqa: E402

WATCHDOG_US = 200000
DEADLINE_S = 60.0
CONFIG = base_config("notify", host="reload_watch = 1ms") + """
[strategy:one]
plugin = one
market = acc:BTC/USDT
"""
IDLE = """
[host]
state_dir = idle

[log]
"""


class Manager:
    """A NOTIFY_SOCKET and what came to it; `name` as in the environment."""

    def __init__(self, name):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind("\0" + name[1:] if name.startswith("@") else name)
        self.environment = {"NOTIFY_SOCKET": name, "WATCHDOG_USEC": str(WATCHDOG_US)}
        self.heard = []

    def hear(self, seconds):
        self.socket.settimeout(seconds)
        try:
            self.heard.append(self.socket.recv(4096).decode())
        except (TimeoutError, BlockingIOError):
            return False
        return True

    def drain(self):
        while self.hear(0):
            pass
        return len(self.heard)

    def wait(self, beginning, start=0, count=1):
        """The index of the `count`th message that begins so, at `start` or later."""
        deadline = time.monotonic() + DEADLINE_S
        at = start
        while True:
            while at < len(self.heard):
                count -= self.heard[at].startswith(beginning)
                if count == 0:
                    return at
                at += 1
            left = deadline - time.monotonic()
            assert left > 0 and self.hear(left), "%r is not heard, but %s" % (beginning, self.heard[start:])

    def start(self, config, log, **more):
        os.environ.update({**self.environment, **more})
        try:
            return Host(config, ["--set", "log.file=" + log], log)
        finally:
            for name in {**self.environment, **more}:
                del os.environ[name]


def fields(message):
    return dict(line.split("=", 1) for line in message.split("\n"))


def lives(manager, builds):
    """From its start to its stop."""
    host = manager.start("host.ini", "host.log")
    try:
        ready = manager.wait("READY=1")
        host.log.wait("one: started")  # a thread writes it, after it was said
        status = manager.heard[manager.wait("STATUS=", ready)]
        assert status == "STATUS=paper: 2 of 2 instances run", status
        manager.wait("WATCHDOG=1", ready, count=3)
        put("plugins/one.so", builds.build())
        before, start = time.monotonic(), manager.drain()
        host.reload("one: replace: ")
        reloading = manager.wait("RELOADING=1", start)
        at = int(fields(manager.heard[reloading])["MONOTONIC_USEC"]) / 1e6
        assert before <= at <= time.monotonic(), "MONOTONIC_USEC is no time of this reload"
        ready = manager.wait("READY=1", reloading)
        assert sum(text.startswith("READY=1") for text in manager.heard) == 2
        host.send(signal.SIGTERM)
        manager.wait("STOPPING=1", ready)
        assert host.ended() == 0
        manager.drain()
        assert not any(text.startswith("READY") for text in manager.heard[ready + 1:])
    finally:
        host.kill()


def hangs(manager, idle, builds):
    """A callback that does not come back starves the watchdog; so does nothing else."""
    start = manager.drain()
    host = manager.start("host.ini", "hang.log")
    witness = idle.start("idle.ini", "idle.log")
    try:
        manager.wait("WATCHDOG=1", manager.wait("READY=1", start))
        put("plugins/one.so", builds.build(LATE_EVENT_HANGS))
        host.send(signal.SIGHUP)
        host.log.wait("one: hangs")
        hung = manager.drain()
        idle.wait("WATCHDOG=1", idle.drain(), count=10)
        manager.drain()
        assert not manager.heard[hung:], "a host that hangs says %s" % manager.heard[hung:]
        assert witness.end() == 0
    finally:
        host.kill()
        witness.kill()


def unwatched(manager):
    """The watchdog of another process is not ours, and a name that is none is no reason to fail."""
    start = manager.drain()
    other = manager.start("idle.ini", "other.log", WATCHDOG_PID="1")
    try:
        manager.wait("READY=1", start)
        assert other.end() == 0
        manager.drain()
        assert "WATCHDOG=1" not in manager.heard[start:], manager.heard[start:]
        for n, name in enumerate(("", "relative", "/", "/" + 200 * "x", "/nobody/listens/here")):
            nobody = manager.start("idle.ini", "nobody%d.log" % n, NOTIFY_SOCKET=name)
            nobody.log.wait("listens on")
            assert nobody.end() == 0, name
    finally:
        other.kill()


def replays(manager):
    """The watchdog counts seconds of the wall, whatever the clock of the replay shows."""
    start = manager.drain()
    host = manager.start("replay.ini", "replay.log")
    try:
        status = manager.heard[manager.wait("STATUS=", manager.wait("READY=1", start))]
        assert status == "STATUS=replay: 2 of 2 instances run", status
        manager.wait("WATCHDOG=1", start, count=3)
        assert host.end() == 0
    finally:
        host.kill()


def main():
    make_capture("capture.aqc")
    os.mkdir("plugins")
    builds = Builds(os.environ["AQ_PLUGINS"])
    put("plugins/sim.so", builds.read("sim.so"))
    put("plugins/one.so", builds.build())
    put("host.ini", CONFIG.encode())
    put("replay.ini", replayed(CONFIG).replace("state_dir = state", "state_dir = replayed\nspeed = 1x").encode())
    put("idle.ini", IDLE.encode())
    venue = Feeder("host.ini", 2000)
    try:
        path, abstract = Manager(os.path.abspath("notify.sock")), Manager("@aioquant-notify-%d" % os.getpid())
        lives(path, builds)
        lives(abstract, builds)
        print("ready, reloading, ready, stopping: at a path and at an abstract name")
        hangs(path, abstract, builds)
        print("a hanging callback starves the watchdog")
        unwatched(path)
        print("another's watchdog is not fed, and names that are none do no harm")
    finally:
        venue.kill()
    put("plugins/one.so", builds.build())
    replays(path)
    print("a replay's watchdog is fed by the wall clock")


main()
