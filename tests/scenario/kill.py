#!/usr/bin/env python3
"""kill.py: a host is killed again and again, at any moment of its life, and knows all that the venue knows.

kill -9 at random moments: while it starts, recovers and reconciles, and while it trades; by the wall clock and by
what it has said. While it is down the venue goes on for up to five seconds and fills what rests there. It is started
again from its state folder, never from the start of the capture. At the end of each run orders, fills, positions,
balances, fees and profit are compared with the venue's record, once in either grade of journal. Then the journal is
recovered twice: both copies end in the same bytes.

AQ_KILLS: how many (100). AQ_SEED: of chance.
"""
import filecmp
import os
import random
import shutil
import sys
import time

from lib import processes
from lib.processes import Failure, Host, Venue, make_capture
from lib.trading import judge, reach, settle, write_configs

KILLS = int(os.environ.get("AQ_KILLS", "100"))
SEED = int(os.environ.get("AQ_SEED", "1"))
KILLS_A_RUN = 100
ENDED = "the capture has ended"

# name, [journal] settings: the small segments turn over every few lives.
GRADES = (("page", {"journal.grade": "page", "journal.segment": "512KB"}),
          ("page", {"journal.grade": "page", "journal.segment": "4MB"}),
          ("disk", {"journal.grade": "disk", "journal.segment": "512KB"}))


def at_start(host, chance):
    """By the wall clock, mostly before it is connected."""
    host.run_for(chance.uniform(0, chance.choice((0.03, 0.3))))


def at_reconciliation(host, chance):
    host.wait_for("started: exchange")
    host.run_for(chance.uniform(0, 0.03))


def at_trade(host, chance):
    host.wait_in_step()
    host.run_for(chance.uniform(0, 0.05))


def at_fill(host, chance):
    """After so many fills of this life."""
    host.wait_in_step()
    host.wait_for(f": fill |{ENDED}", count=chance.randint(1, 20), start=len(host.lines), deadline=5)


def at_call(host, chance):
    """It dies by itself, see kill_at.c."""
    if host.wait_for(ENDED, deadline=5) is not None:
        return
    if not host.closed:
        host.run_for(0.1)


WAYS = (at_start, at_reconciliation, at_trade, at_fill, at_call, at_call)


class Run:
    """One venue, from the start of its capture on, and the host that is killed beside it."""

    def __init__(self, name, settings, seed):
        self.name, self.chance = name, random.Random(seed)
        self.venue = Venue("trade.ini", name, seed=seed)
        self.settings = {**settings, **reach(self.venue.address), "host.state_dir": f"{name}.state"}
        self.said = []
        self.kills = 0

    def live_once(self):
        way = self.chance.choice(WAYS)
        call = f"{self.chance.choice(('before', 'after'))}:{self.chance.randint(1, self.chance.choice((10, 300)))}"
        host = Host("trade.ini", self.settings, f"{self.name}.host", killed=True,
                    kill_at=call if way is at_call else None)
        way(host, self.chance)
        status = host.stop_hard()
        self.kills += 1
        if status != -9:
            raise Failure(f"{self.name}: life {self.kills} ended by itself, status {status}: {host.lines[-3:]}")
        self.said += host.lines
        return not any(ENDED in line for line in host.lines)

    def end(self):
        self.said += settle(self.settings, f"{self.name}.host").splitlines()
        return judge(self.venue.end(), self.settings["host.state_dir"], "\n".join(self.said))


def same_bytes(folders):
    first, *others = (sorted(os.listdir(f"{folder}/journal")) for folder in folders)
    if any(names != first for names in others):
        raise Failure(f"recovered journals have different files: {first} {others}")
    for name in first:
        one, *rest = (f"{folder}/journal/{name}" for folder in folders)
        if name.endswith(".aqj") and not all(filecmp.cmp(one, other, shallow=False) for other in rest):
            raise Failure(f"{name} was recovered into different bytes")


def recover_twice(run):
    """Without a venue, so that recovery alone writes."""
    folders = [f"{run.name}.first", f"{run.name}.second"]
    for folder in folders:
        shutil.copytree(run.settings["host.state_dir"], folder, ignore=shutil.ignore_patterns("*.sock"))
        host = Host("trade.ini", {**run.settings, "host.state_dir": folder}, folder, killed=True)
        if host.wait_for("venue is down") is None:
            raise Failure(f"{folder}: the host does not start: {host.lines[-3:]}")
        processes.run(f"{processes.BIN}/aqctl", "-d", folder, "instances")  # an answer: what follows from that is journalled
        host.stop_hard()
    same_bytes(folders)
    for folder in folders:
        shutil.rmtree(folder)


def do_run(number, name, settings, kills):
    seed = SEED * 1000 + number
    run = Run(f"{name}{number}", settings, seed)
    began = time.monotonic()
    while run.kills < kills and run.live_once():
        pass
    seconds = time.monotonic() - began
    result = run.end()
    print(f"run {number} ({name}, seed {seed}): {run.kills} kills, {run.kills / seconds:.1f}/s: " +
          ", ".join(f"{count} {what}" for what, count in result.counts.items() if count), flush=True)
    if result.wrong:
        raise Failure(f"run {number}, seed {seed}:\n" + "\n".join(result.wrong[:40]))
    recover_twice(run)
    return run.kills, seconds, result.counts


def main():
    make_capture()
    write_configs()
    total = {"kills": 0, "seconds": 0.0, "orders": 0, "fills": 0}
    number = 0
    for share, (name, settings) in zip((0.45, 0.45, 0.1), GRADES):
        left = max(1, round(KILLS * share))
        while left > 0:
            number += 1
            kills, seconds, counts = do_run(number, name, settings, min(left, KILLS_A_RUN))
            left -= kills
            total["kills"] += kills
            total["seconds"] += seconds
            total["orders"] += counts["orders"]
            total["fills"] += counts["fills"]
    print(f"{total['kills']} kills, {total['kills'] / total['seconds']:.1f}/s, {total['orders']} orders, "
          f"{total['fills']} fills: nothing missing, nothing twice")


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(f"kill.py: {failure}")
