#!/usr/bin/env python3
"""market_maker.py: the market maker on eleven recorded minutes, as conf/market_maker.ini runs it and with options that make
it trade much. Orders, fills, position, balances and fees of the host's journal are compared with the venue's record; its
limits hold at every fill; a second run differs from the first in no byte.
"""
import filecmp
import os
import re
import sys

from lib import processes
from lib.judge import Lines, amount
from lib.processes import Failure, make_capture
from lib.trading import judge, read

# name, settings, the least that must happen for the comparison to mean something: orders, fills
SETS = (("as_it_stands", {}, 30, 20),
        ("busy", {"mm.fair": "ema", "mm.half_life": "500ms", "mm.spread": "0.6bps", "mm.widen": "0.2", "mm.skew": "1bps",
                  "mm.tolerance": "0.05bps", "mm.levels": "4", "mm.step_ticks": "40", "mm.growth": "1",
                  "mm.size": "0.001 BTC", "mm.max_position": "0.01 BTC", "mm.pause": "20ms", "journal.segment": "1MB"},
         500, 200))
LIMITS = {"as_it_stands": "0.05", "busy": "0.01"}


def replay(name, settings):
    """Runs to the end of the capture; what the host has logged."""
    os.mkdir(name)
    settings = {"host.plugin_path": processes.PLUGINS, "host.state_dir": os.path.abspath(f"{name}/state"),
                "log.format": "text", "log.file": os.path.abspath(f"{name}/host.log"), "binance.capture": os.path.abspath("capture.aqc"),
                "host.speed": "max", "host.marshal": "on" if processes.MARSHAL else "off", **settings}
    command = [f"{processes.BIN}/aioquantd", "-c", f"{processes.SOURCE}/conf/market_maker.ini", "--judge", f"{name}/judge"]
    for key, value in settings.items():
        command += ["--set", f"{key}={value}"]
    processes.run(*command)
    return read(f"{name}/host.log")


def same_files(first, second):
    names = sorted(os.listdir(f"{first}/state/journal"))
    if names != sorted(os.listdir(f"{second}/state/journal")):
        raise Failure(f"{first} and {second} have different journals")
    for name in ["judge"] + [f"state/journal/{name}" for name in names]:
        if not filecmp.cmp(f"{first}/{name}", f"{second}/{name}", shallow=False):
            raise Failure(f"{name} of {first} and {second} differs")


def check_position(name, record, log):
    """By the venue's fills alone: never beyond the limit, always as a maker; and what the strategy said agrees."""
    position, limit = 0, amount(LIMITS[name])
    said = [(int(number), text) for number, text in re.findall(r"mm: fill (\d+): .* position (-?[0-9.]+)$", log, re.M)]
    if [number for number, _ in said] != list(range(1, len(record["fill"]) + 1)):
        raise Failure(f"{name}: {len(record['fill'])} fills, and the strategy counts {len(said)}")
    for fill in record["fill"]:
        position += amount(fill["qty"]) if fill["side"] == "buy" else -amount(fill["qty"])
        if abs(position) > limit:
            raise Failure(f"{name}: fill {fill['trade']} takes the position beyond the limit")
        if fill["liquidity"] != "maker":
            raise Failure(f"{name}: fill {fill['trade']} took")
    if said and amount(said[-1][1]) != position:
        raise Failure(f"{name}: the strategy says its position is {said[-1][1]}")


def check(name, settings, orders, fills):
    log = replay(name, settings)
    replay(f"{name}.again", settings)
    result = judge(f"{name}/judge", f"{name}/state", log)
    print(name + ": " + ", ".join(f"{count} {what}" for what, count in result.counts.items() if count), flush=True)
    if result.wrong:
        raise Failure(f"{name}:\n" + "\n".join(result.wrong[:40]))
    if result.counts["orders"] < orders or result.counts["fills"] < fills:
        raise Failure(f"{name}: too little happened to compare")
    record = Lines(read(f"{name}/judge"))
    if any(order["state"] == "open" for order in record["order"]):
        raise Failure(f"{name}: an order is left")
    check_position(name, record, log)
    same_files(name, f"{name}.again")


def main():
    make_capture()
    for options in SETS:
        check(*options)
    first, second = (read(f"{name}/judge") for name, *_ in SETS)
    if first == second: # what compares must be able to tell runs apart
        raise Failure("other options change nothing")


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(f"market_maker.py: {failure}")
