#!/usr/bin/env python3
"""Mark price, index and rate of a recording with Binance's mark messages reach a strategy as they were written: by the
funding callback and by aq_funding, with the index where there is one."""
import gzip
import json
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))

from processes import BIN, MARSHAL, PLUGINS, SOURCE, Failure, run  # noqa: E402

NONE = -2**63
LINES = 3000  # of the recording, with a mark message after each hundredth

CONFIG = f"""
[host]
state_dir = state
plugin_path = {PLUGINS}, {PLUGINS}/test
mode = paper
speed = max
probe_timeout = 1m
marshal = {"on" if MARSHAL else "off"}
report_currency = USDT

[log]
file = host.log
limit = 0

[exchange:venue]
plugin = sim
capture = marks.aqc

[strategy:k]
plugin = klines
market = venue:BTC/USDT:USDT
"""


def decimal(value, digits):
    return f"{'-' if value < 0 else ''}{abs(value) // 10**digits}.{abs(value) % 10**digits:0{digits}d}"


def mark_message(number, at_ms):
    """And what the strategy must say of it."""
    mark, index = 6180000000000 + number * 12345678, 6179000000000 + number * 7 if number % 3 != 0 else None
    rate = (number - 10) * 10**13
    fields = {"e": "markPriceUpdate", "E": at_ms, "s": "BTCUSDT", "p": decimal(mark, 8), "P": decimal(mark + 1, 8),
              "r": decimal(rate, 18), "T": 1723190400000}
    if index is not None:
        fields["i"] = decimal(index, 8)
    message = json.dumps({"stream": "btcusdt@markPrice@1s", "data": fields})
    return message, (rate, mark, NONE if index is None else index)


def write_recording(path):
    """A part of the recording with mark messages of our own; returns what they say."""
    said = []
    with gzip.open(f"{SOURCE}/tests/data/binance-usdm/btcusdt_20240808.gz", "rt") as lines, gzip.open(path, "wt") as out:
        for number, line in zip(range(LINES), lines):
            out.write(line)
            event = re.search(r'"E":(\d+)', line)
            if number % 100 == 50 and event is not None:
                message, what = mark_message(len(said), int(event[1]))
                out.write(f"{line.split(' ', 1)[0]} {message}\n")
                said.append(what)
    return said


def main():
    said = write_recording("marks.gz")
    imported = run(f"{BIN}/replay", "import", "--venue", "binance_usdm", "--symbol", "BTCUSDT", "marks.aqc", "marks.gz")
    if f" {len(said)} funding," not in imported:
        raise Failure(f"{len(said)} mark messages were written; {imported}")
    with open("host.ini", "w", encoding="utf-8") as f:
        f.write(CONFIG)
    run(f"{BIN}/aioquantd", "-c", "host.ini")
    with open("host.log", encoding="utf-8") as log:
        heard = re.findall(r'msg="funding now=\d+ rate_hi=(\S+) rate_lo=(\d+) mark=(\S+) index=(\S+) next=(\d+) kept=(\d)"',
                           log.read())
    got = [((int(hi) << 64) + int(lo), int(mark), int(index)) for hi, lo, mark, index, _, _ in heard]
    if got != said[-len(got):] or len(got) < len(said) - 1:  # one may have come before the strategy
        raise Failure(f"heard {got[:3]} ..., {len(got)}; said {said[:3]} ..., {len(said)}")
    if any(next_ns != "1723190400000000000" or kept != "1" for *_, next_ns, kept in heard):
        raise Failure(f"the next funding time, or what aq_funding tells, is another: {heard[:3]}")
    print(f"{len(got)} times mark price, index and rate")


main()
