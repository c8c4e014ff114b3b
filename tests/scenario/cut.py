#!/usr/bin/env python3
"""cut.py: a journal that has lost its end, wherever that was cut, is made whole by the venue.

A host trades and is killed; the venue goes on for a while and then stands still. The journal is cut at a byte of its
last 4 KiB, or of the 4 KiB around the end of the snapshot that its newest segment begins with (zeros from there on),
and a host is started with it against a copy of the venue as it stands. It has to come in step and then know all that
the venue knows; where the cut is between two records it also trades before it stops. An order whose intent was cut
off is named in the log and booked to external; it is not lost, and no id is given out again.

AQ_CUTS: how many bytes of either, chosen by AQ_SEED (200); boundaries of records come in addition. 0 = every byte of
the last 4 KiB, 400 of the others.
"""
import concurrent.futures
import os
import random
import shutil
import signal
import struct
import sys
import threading
import time

from lib.processes import Failure, Host, Venue, make_capture
from lib.trading import judge, reach, write_configs

CUTS = int(os.environ.get("AQ_CUTS", "200"))
SEED = int(os.environ.get("AQ_SEED", "1"))
TAIL = 4096
HEADER = 64
SNAPSHOT_END = 0xff01  # type of the record that completes a snapshot


def records(bytes_):
    """(offset, size, type) of each record of a segment."""
    found, at = [], HEADER
    while at + 24 <= len(bytes_):
        size, kind = struct.unpack_from("<I", bytes_, at + 4)[0], struct.unpack_from("<H", bytes_, at + 16)[0]
        if size == 0:
            break
        found.append((at, size, kind))
        at += (size + 7) // 8 * 8
    return found


def newest_segment(state_dir):
    """The newest one that has begun, with its bytes; the reserve behind it is all zeros."""
    folder = f"{state_dir}/journal"
    for name in sorted((n for n in os.listdir(folder) if n.endswith(".aqj")), reverse=True):
        with open(f"{folder}/{name}", "rb") as file:
            bytes_ = file.read()
        if any(bytes_[:HEADER]):
            return f"journal/{name}", bytes_
    raise Failure(f"{folder} has no journal")


class Base:
    """A host that was killed, and a venue that stands still beside it."""

    def __init__(self, name, seed):
        self.name, self.chance = name, random.Random(seed)
        self.state = f"{name}.state"
        self.venue = Venue("trade.ini", name, seed=seed)
        self.settings = {"journal.segment": "512KB", **reach(self.venue.address), "host.state_dir": self.state}
        self.log = ""
        self.lock = threading.Lock()

    def trade(self, fills, enough):
        """Lives of so many fills each, until the journal is as wanted. Returns its records."""
        until = time.monotonic() + 240
        while time.monotonic() < until:
            host = Host("trade.ini", self.settings, f"{self.name}.host", killed=True)
            host.wait_in_step()
            host.wait_for(": fill ", count=fills, start=len(host.lines), deadline=5)
            host.stop_hard()
            self.log += "\n".join(host.lines)
            found = records(newest_segment(self.state)[1])
            if enough(found):
                self.venue.freeze()
                return found
        raise Failure(f"{self.name}: the journal does not become as it is wanted")

    def cuts(self, found, first, most):
        """4 KiB of offsets, where zeros begin, and whether that is a record's first byte. `most` 0: all."""
        every = range(max(HEADER, first), min(first + TAIL, end_of(found)))
        boundaries = {at for at, _, _ in found if at in every}
        chosen = every if most == 0 else self.chance.sample(every, min(most, len(every)))
        return [(at, at in boundaries) for at in sorted(boundaries | set(chosen))]

    def try_cut(self, cut):
        """What is wrong after a cut, and how it went."""
        at, trades = cut
        name = f"{self.name}.{at}"
        shutil.copytree(self.state, f"{name}.state", ignore=shutil.ignore_patterns("*.sock"))
        segment, bytes_ = newest_segment(self.state)
        with open(f"{name}.state/{segment}", "r+b") as file:
            file.seek(at)
            file.write(bytes(len(bytes_) - at))
        with self.lock:
            address, venue = self.venue.copy(name)
        host = Host("trade.ini" if trades else "quiet.ini",
                    {**self.settings, **reach(address), "host.state_dir": f"{name}.state"}, name)
        host.wait_in_step()
        if trades:
            host.wait_for(": fill ", count=2, start=len(host.lines), deadline=2)
        os.kill(venue, signal.SIGUSR2)  # its capture ends: it fills nothing more while the host stops
        host.wait_for("the capture has ended")
        host.end()
        self.wait_for_record(name)
        result = judge(f"{name}.record", f"{name}.state", self.log + "\n".join(host.lines), cut=True)
        if not result.wrong:
            shutil.rmtree(f"{name}.state")
            for file in (f"{name}.record", f"{name}.log"):
                os.remove(file)
        return result

    @staticmethod
    def wait_for_record(name):
        """The copy writes it when its host has gone: there at once, or a moment later."""
        until = time.monotonic() + 60
        turn = threading.Event()
        while not os.path.exists(f"{name}.record"):
            if time.monotonic() > until:
                raise Failure(f"{name}: the copy of the venue leaves no record")
            turn.wait(0.001)

    def end(self):
        """The original ends with its standard input."""
        self.venue.child.stdin.close()
        self.venue.child.stdin = None
        if self.venue.wait() != 0:
            raise Failure(f"{self.name}: the venue failed")


def end_of(found):
    return found[-1][0] + found[-1][1]


def snapshot_end(found):
    return next((at for at, _, kind in found if kind == SNAPSHOT_END), 0)


def cut_all(base, cuts):
    wrong, counts = [], {}
    began = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor((os.cpu_count() or 1) + 1) as pool:
        for (at, _), result in zip(cuts, pool.map(base.try_cut, cuts)):
            for what, count in result.counts.items():
                counts[what] = counts.get(what, 0) + count
            wrong += [f"cut at {at}: {text}" for text in result.wrong]
    print(f"{base.name}: {len(cuts)} cuts, {len(cuts) / (time.monotonic() - began):.1f}/s: " +
          ", ".join(f"{count} {what}" for what, count in counts.items() if count), flush=True)
    if wrong:
        raise Failure(f"{base.name}, seed {SEED}:\n" + "\n".join(wrong[:40]))
    base.end()


def cut_tail():
    """The last records of a segment, far behind its snapshot."""
    base = Base("tail", SEED * 1000)
    found = base.trade(5, lambda found: end_of(found) > snapshot_end(found) + 3 * TAIL)
    cut_all(base, base.cuts(found, end_of(found) - TAIL, CUTS))


def cut_snapshot():
    """Around the end of a snapshot that does not fit into 4 KiB: the segment before counts again."""
    base = Base("snapshot", SEED * 1000 + 1)
    found = base.trade(40, lambda found: snapshot_end(found) > 2 * TAIL)
    cut_all(base, base.cuts(found, snapshot_end(found) - 3 * TAIL // 4, CUTS or 400))


def main():
    make_capture()
    write_configs()
    cut_tail()
    cut_snapshot()


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(f"cut.py: {failure}")
