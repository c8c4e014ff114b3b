#!/usr/bin/env python3
"""full_disk.py: the disk under a host's state folder fills up while it trades, and has room again later, over and over.

Below min_free, and in every other round with not a byte left, new orders are denied with JOURNAL; what rests at the
venue is filled and cancelled, and that is recorded; the process goes on. When space returns it trades again. In a
second run nothing is kept free and segments are small, so that also the reserve is used up, and what the venue then
says cannot be recorded: it is asked again when it can. At the end of either run the host knows all that the venue
knows, without having been started again. The state folder is on a small tmpfs in a mount namespace of this scenario's
own, which takes root.
"""
import os
import signal
import sys
import time

from lib.judge import Lines
from lib.processes import Failure, Host, Venue, journal_state, make_capture, run
from lib.trading import judge, reach, write_configs

MB = 1 << 20
DISK, FILLER = "disk", "disk/filler"
DENY_JOURNAL = "23"
ROUNDS = 10
PATIENCE = 240  # seconds: a step of the capture is short, and beside other work there are many of them
STEP = {"address": 2, "thread": 8}.get(os.environ["AQ_SANITIZE"], 1) * 0.005  # seconds: about as far in each build
LOW = {"journal.segment": "1MB", "journal.min_free": "4MB"}
USED_UP = {"journal.segment": "64KB", "journal.min_free": "0", "host.max_orders": "128", "host.max_fills": "128"}


def enter_namespace():
    """The same script in a mount namespace of its own, with the disk mounted."""
    if os.geteuid() != 0:
        print("full_disk.py: SKIPPED: mounting a small disk takes root")
        sys.exit(0)
    if "AQ_NAMESPACE" not in os.environ:
        os.environ["AQ_NAMESPACE"] = "1"
        os.execvp("unshare", ["unshare", "--mount", "--propagation", "private", sys.executable,
                              os.path.abspath(__file__)])
    os.mkdir(DISK)
    run("mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", DISK)


def free():
    fs = os.statvfs(DISK)
    return fs.f_bavail * fs.f_frsize


def leave_free(bytes_):
    """The rest of the disk is taken; 0: to the last page."""
    with open(FILLER, "ab", buffering=0) as file:
        while free() > bytes_:
            try:
                file.write(bytes(max(1, min(MB, free() - bytes_))))
            except OSError:
                return


class Trading:
    """A venue that owns the clock and mostly stands still, so that a capture of minutes lasts for all rounds."""

    def __init__(self, name, settings):
        self.venue = Venue("trade.ini", name, down_max="0")
        self.state_dir = f"{DISK}/{name}"
        settings = {**settings, **reach(self.venue.address), "host.state_dir": self.state_dir}
        self.host = Host("trade.ini", settings, f"{name}.host")
        self.host.wait_in_step()
        self.venue.signal(signal.SIGSTOP)

    def go_on(self):
        """For a few milliseconds, which are seconds of the capture."""
        self.venue.signal(signal.SIGCONT)
        self.host.run_for(STEP)
        self.venue.signal(signal.SIGSTOP)
        self.host.run_for(0.03)  # it takes what has arrived, and its journal looks at the disk

    def state(self):
        if self.host.closed:
            raise Failure(f"the host has ended: {self.host.lines[-3:]}")
        return Lines(journal_state(f"{self.state_dir}/journal"))

    def said(self, text, start=0):
        return any(text in line for line in self.host.lines[start:])

    def until(self, what, condition, may_end=False):
        """None, if that is allowed, when the capture has ended before."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            state = self.state()
            if condition(state):
                return state
            if self.said("the capture has ended"):
                break
            self.go_on()
        if not may_end:
            raise Failure(f"not within {PATIENCE} s, or before the end of the capture: {what}")
        return None

    def until_said(self, text, start):
        """False when the capture has ended before."""
        until = time.monotonic() + PATIENCE
        while not self.said(text, start):
            if self.host.closed or time.monotonic() > until or self.said("the capture has ended"):
                return False
            self.go_on()
        return True

    def end(self):
        """Both end; the one knows what the other does."""
        self.venue.signal(signal.SIGCONT)
        self.host.end()
        result = judge(self.venue.end(), self.state_dir, "\n".join(self.host.lines))
        print(", ".join(f"{count} {what}" for what, count in result.counts.items() if count))
        if result.wrong:
            raise Failure("\n".join(result.wrong[:40]))


def denials(state):
    return sum(line["code"] == DENY_JOURNAL for line in state["denied"])


def ended(state, how):
    return sum(order["state"] == how for order in state["order"])


def do_round(trading, left, sums):
    """Trades, loses the space, gets it back. `sums`: what was recorded while there was none."""
    begun = trading.state()
    trading.until("it trades", lambda state: len(state["fill"]) >= len(begun["fill"]) + 5)
    leave_free(left)
    trading.host.run_for(0.1)
    before = trading.state()
    after = trading.until("orders are denied", lambda state: denials(state) >= denials(before) + 2)
    if len(after["order"]) != len(before["order"]):
        raise Failure(f"{len(after['order']) - len(before['order'])} orders left with {left} bytes of space")
    sums["fills"] += len(after["fill"]) - len(before["fill"])
    sums["cancels"] += ended(after, "cancelled") - ended(before, "cancelled")
    sums["denials"] += denials(after) - denials(before)
    os.remove(FILLER)
    trading.host.run_for(0.1)


def run_low():
    trading = Trading("low", LOW)
    sums = {"fills": 0, "cancels": 0, "denials": 0}
    for number in range(ROUNDS):
        do_round(trading, 0 if number % 2 else 2 * MB, sums)
    print(f"{ROUNDS} rounds; while there was no space: " + ", ".join(f"{count} {what}" for what, count in sums.items()))
    if 0 in sums.values():
        raise Failure("too little happened while there was no space")
    trading.end()


def say(trading, word):
    """An operator's file; what is left in the folder when it has been carried out."""
    folder = f"{trading.state_dir}/operator"
    with open(f"{folder}/{word}", "w", encoding="utf-8"):
        pass
    until = time.monotonic() + PATIENCE
    while os.path.exists(f"{folder}/{word}"):
        if trading.host.closed or time.monotonic() > until:
            raise Failure(f"{word} is not carried out; last: {trading.host.lines[-3:]}")
        trading.host.run_for(0.005)
    return os.listdir(folder)


def words_without_a_journal(trading):
    """They are carried out. Once the journal takes none, the last one of a target, and no other, is kept for the next
    start."""
    for _ in range(2000):
        if say(trading, "halt") == ["halt+"]:
            break
        say(trading, "resume")
    else:
        raise Failure("the journal takes whatever is said")
    left = say(trading, "resume")
    if left != ["resume+"]:
        raise Failure(f"of a halt and a resume {left} is kept")


def use_up(trading):
    """Trades, loses all space, also the reserve, gets it back. False when the capture ended before."""
    begun = trading.state()
    if trading.until("", lambda state: len(state["fill"]) >= len(begun["fill"]) + 5, may_end=True) is None:
        return False
    leave_free(0)
    seen = len(trading.host.lines)
    full = trading.until_said("cannot be written", seen)
    if full:
        words_without_a_journal(trading)
        trading.go_on()
    os.remove(FILLER)
    trading.host.run_for(0.1)
    if full and say(trading, "resume") != []:
        raise Failure(f"with room again {os.listdir(f'{trading.state_dir}/operator')} is kept")
    return full


def run_used_up():
    trading = Trading("used_up", USED_UP)
    rounds = 0
    while use_up(trading):
        rounds += 1
    print(f"{rounds} rounds in which the reserve was used up")
    if rounds < 1:
        raise Failure("the reserve was not used up")
    trading.end()


def main():
    enter_namespace()
    make_capture()
    write_configs()
    run_low()
    run_used_up()


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(f"full_disk.py: {failure}")
