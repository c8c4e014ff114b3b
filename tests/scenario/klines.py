#!/usr/bin/env python3
"""Candles of a replay are those of the recording: every interval, every field, computed here from the recorded lines,
exactly; live ones alone, and those of the past followed by live ones, which meet without a gap and tell nothing that was
still to come.
"""
import calendar
import datetime
import functools
import glob
import gzip
import json
import os
import re
import signal
import sys
from decimal import Decimal

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))

from builds import put  # noqa: E402
from processes import BIN, MARSHAL, PLUGINS, SOURCE, Failure, Host, run  # noqa: E402

SECOND = 10**9
DIGITS = 10**8
MINUTES = {1: 1, 2: 3, 3: 5, 4: 15, 5: 30, 6: 60, 7: 120, 8: 180, 9: 240, 10: 360, 11: 480, 12: 720, 13: 1440, 14: 3 * 1440,
           16: 15 * 1440}
SPEED = {"address": "50x", "thread": "10x"}.get(os.environ["AQ_SANITIZE"], "100x")  # time for some reloads in each build
WEEK, MONTH, YEAR = 15, 17, 18
INTERVALS = range(1, 19)

CONFIG = """
[host]
state_dir = %(name)s.state
plugin_path = %(plugins)s, %(plugins)s/test
mode = paper
speed = max
probe_timeout = 1m
marshal = %(marshal)s
report_currency = USDT

[log]
file = %(name)s.log
limit = 0

[exchange:venue]
plugin = sim
capture = %(capture)s
feed_latency = %(feed)s
entry_latency = 2ms
response_latency = %(response)s
%(more)s

[strategy:k]
plugin = klines
market = venue:%(symbol)s
n = %(n)d
"""


# ---- the recording ----

class Trade:
    def __init__(self, fields):
        self.id, self.at = fields["t"], fields["T"] * 10**6
        self.price, self.qty = Decimal(fields["p"]), Decimal(fields["q"])
        self.buyer_took = not fields["m"]


def recorded(files):
    """Trades in the order of the lines; those beside the book are none of the market."""
    trades = []
    for path in files:
        with gzip.open(path, "rt") as lines:
            for line in lines:
                if '"e":"trade"' not in line:
                    continue
                fields = json.loads(line.split(" ", 1)[1])["data"]
                if fields.get("X", "MARKET") == "MARKET":
                    trades.append(Trade(fields))
    return tuple(trades)


def bounds(interval, at):
    """Begin and end of the candle that a moment falls into."""
    seconds = at // SECOND
    day = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).date()
    if interval == WEEK:
        begin = day - datetime.timedelta(days=day.weekday())
        end = begin + datetime.timedelta(days=7)
    elif interval == MONTH:
        begin = day.replace(day=1)
        end = (begin + datetime.timedelta(days=31)).replace(day=1)
    elif interval == YEAR:
        begin = day.replace(month=1, day=1)
        end = begin.replace(year=begin.year + 1)
    else:
        length = MINUTES[interval] * 60
        return seconds // length * length * SECOND, (seconds // length + 1) * length * SECOND
    return calendar.timegm(begin.timetuple()) * SECOND, calendar.timegm(end.timetuple()) * SECOND


def scaled(amount, unit):
    whole = amount * unit
    if whole != int(whole):
        raise Failure(f"{amount} has too many digits")
    return int(whole)


def candle(interval, begin, end, trades):
    taken = [t for t in trades if t.buyer_took]
    prices = [scaled(t.price, DIGITS) for t in trades]
    return {"interval": interval, "open_ns": begin, "end_ns": end, "open": prices[0], "high": max(prices),
            "low": min(prices), "close": prices[-1], "qty": scaled(sum(t.qty for t in trades), DIGITS),
            "taker_buy_qty": scaled(sum(t.qty for t in taken), DIGITS),
            "value": scaled(sum(t.price * t.qty for t in trades), 10**18),
            "taker_buy_value": scaled(sum(t.price * t.qty for t in taken), 10**18),
            "trades": len(trades), "first": trades[0].id, "last": trades[-1].id}


@functools.lru_cache(maxsize=None)
def candles(interval, trades):
    """All of an interval; `empty` for those that come after another."""
    groups = {}
    for t in trades:
        groups.setdefault(bounds(interval, t.at), []).append(t)
    out = [candle(interval, begin, end, group) for (begin, end), group in sorted(groups.items())]
    for before, k in zip(out, out[1:]):
        k["empty"], at = 0, before["end_ns"]
        while at < k["open_ns"]:
            k["empty"], at = k["empty"] + 1, bounds(interval, at)[1]
    out[0]["empty"] = 0
    return out


# ---- what the strategy says ----

class Said:
    """Of one run."""

    def __init__(self, name):
        with open(f"{name}.log", encoding="utf-8") as log:
            self.lines = re.findall(r'from=k msg="((?:past|live|open|history|stopped|funding) [^"]*)"', log.read())
        self.candles = {interval: [] for interval in INTERVALS}
        self.asked_at = self.told = None
        for line in self.lines:
            what, fields = line.split(" ", 1)
            values = {key: int(value) for key, value in (field.split("=") for field in fields.split())}
            if what in ("past", "live", "open"):
                self.take(what, values)
            elif what == "stopped":
                self.updates, self.jumps, self.end = values["updates"], values["jumps"], values["now"]
        if sum(line.startswith("history ") for line in self.lines) != len(INTERVALS):
            raise Failure(f"{name}: not each interval has been told to its end")
        if self.jumps != 0:
            raise Failure(f"{name}: {self.jumps} times more or less than one trade lay between two live candles")

    def take(self, what, values):
        values["what"] = what
        for key, short in (("value", "value"), ("taker_buy_value", "taker")):
            values[key] = (values.pop(f"{short}_hi") << 64) + values.pop(f"{short}_lo")
        self.candles[values["interval"]].append(values)


def write_config(name, capture, symbol, n=0, more="", marshal=False, feed="1ms", response="2ms"):
    with open(f"{name}.ini", "w", encoding="utf-8") as f:
        f.write(CONFIG % {"name": name, "plugins": PLUGINS, "capture": capture, "symbol": symbol, "n": n, "more": more,
                          "marshal": "on" if marshal or MARSHAL else "off", "feed": feed, "response": response})


def play(name, *arguments, **more):
    write_config(name, *arguments, **more)
    run(f"{BIN}/aioquantd", "-c", f"{name}.ini")
    return Said(name)


# ---- what must hold ----

def compare(name, want, got, partial):
    for key, value in want.items():
        if got[key] != value:
            raise Failure(f"{name}: interval {want['interval']}, candle of {want['open_ns']}: {key} {got[key]}, not {value}")
    if got["closed"] != (got["what"] != "open") or got["partial"] != partial:
        raise Failure(f"{name}: interval {want['interval']}, candle of {want['open_ns']}: {got}")


def check_time(name, said, trades):
    """Nothing of it was still to come, and the clock closes late enough for what is on its way."""
    at = {t.id: t.at for t in trades}
    for got in (got for told in said.candles.values() for got in told):
        if at[got["last"]] > got["now"] or (got["closed"] and got["end_ns"] > got["now"]):
            raise Failure(f"{name}: told before it was over: {got}")


def check_live(name, said, trades):
    """All that was traded after the strategy had come; the first candle of each interval lacks its begin."""
    first = said.candles[1][0]["first"]
    known = tuple(t for t in trades if t.id >= first)
    if known[0].at - trades[0].at > SECOND or said.updates != len(known) * len(INTERVALS):
        raise Failure(f"{name}: trades are missing: {known[0].at - trades[0].at} ns without, {said.updates} updates")
    for interval in INTERVALS:
        want, got = candles(interval, known), said.candles[interval]
        if len(want) != len(got):
            raise Failure(f"{name}: interval {interval}: {len(got)} candles, not {len(want)}")
        for i, (w, g) in enumerate(zip(want, got)):
            compare(name, w, g, partial=int(i == 0))
            if g["what"] == "past":
                raise Failure(f"{name}: a live candle is of the past: {g}")
    check_time(name, said, trades)


def check_history(name, said, trades, start):
    """All of the capture: what was over at the start is past, but for the candle whose begin lies before the capture."""
    for interval in INTERVALS:
        want, got = list(candles(interval, trades)), said.candles[interval]
        partial = int(want[0]["end_ns"] > start)
        if not partial:
            want.pop(0)
        if len(want) != len(got):
            raise Failure(f"{name}: interval {interval}: {len(got)} candles, not {len(want)}")
        for w, g in zip(want, got):
            compare(name, w, g, partial)
            partial = 0
            if (g["what"] == "past") != (g["end_ns"] <= start):
                raise Failure(f"{name}: interval {interval}, candle of {g['open_ns']} is {g['what']}, start {start}")
    check_time(name, said, trades)


def check_overlap(live, past):
    """Whole candles that both have are the same."""
    both = 0
    for interval in INTERVALS:
        others = {k["open_ns"]: k for k in past.candles[interval]}
        for k in live.candles[interval]:
            other = others.get(k["open_ns"])
            if other is None or k["partial"] or other["partial"]:
                continue
            both += 1
            if any(k[key] != other[key] for key in k if key not in ("now", "what")):
                raise Failure(f"live and past differ: {k} and {other}")
    return both


def first_of(capture):
    """Moment of a capture's first frame, ns."""
    at = re.search(r"^first +(\S+) (\S+)\.(\d{9}) UTC$", run(f"{BIN}/replay", "info", capture), re.M)
    return calendar.timegm(datetime.datetime.fromisoformat(f"{at[1]} {at[2]}").timetuple()) * SECOND + int(at[3])


def same(first, second):
    if first.lines != second.lines:
        raise Failure("two runs of one replay say different things: "
                      + next((f"{a}\n{b}" for a, b in zip(first.lines, second.lines) if a != b), "one is longer"))


def check_recording(venue, symbol, files, warmup):
    capture = f"{venue}.aqc"
    run(f"{BIN}/replay", "import", "--venue", venue, "--symbol", "BTCUSDT", capture, *files)
    trades, start = recorded(files), first_of(capture) + warmup * SECOND
    live = play(f"{venue}.live", capture, symbol)
    check_live(f"{venue} live", live, trades)
    same(live, play(f"{venue}.marshalled", capture, symbol, marshal=True))

    past = play(f"{venue}.past", capture, symbol, n=4096, more=f"start = {start}")
    check_history(f"{venue} past", past, trades, start)
    same(past, play(f"{venue}.warmup", capture, symbol, n=4096, more=f"warmup = {warmup}s"))
    same(past, play(f"{venue}.past_marshalled", capture, symbol, n=4096, more=f"warmup = {warmup}s", marshal=True))
    # the answer overtakes trades that are on their way: it has told them already
    ahead = play(f"{venue}.ahead", capture, symbol, n=4096, more=f"start = {start}", feed="300ms", response="0ms")
    check_history(f"{venue} ahead", ahead, trades, start)
    both = check_overlap(live, past)
    if both < 5:
        raise Failure(f"{venue}: too little to compare: {both} candles")
    print(f"{venue}: {len(trades)} trades, {sum(map(len, past.candles.values()))} candles, {both} both live and past")


def check_count(venue, symbol):
    """As many as were asked for, the last ones."""
    said = play("three", f"{venue}.aqc", symbol, n=3, more="warmup = 5m")
    got = [k for k in said.candles[1] if k["what"] == "past"]
    if len(got) != 3 or got[-1]["end_ns"] > got[0]["now"] or got[0]["now"] - got[0]["open_ns"] > 240 * SECOND:
        raise Failure(f"three candles were asked for: {got}")


def reloaded_again_and_again(name, code):
    """The lines of a host whose strategy is replaced by new code as fast as it goes, and how often."""
    put("plugins/klines.so", code)
    host, generations = Host(f"{name}.ini", {"host.plugin_path": f"plugins, {PLUGINS}", "host.speed": SPEED}, name), 1
    found = host.wait_for("k: started")
    while found is not None:
        put("plugins/klines.so", code + b"\n" * generations)
        host.signal(signal.SIGHUP)
        generations += 1
        found = host.wait_for(f"k: replace: generation {generations},")
    if host.wait() != 0 or generations < 5:
        raise Failure(f"{generations} generations, and then {host.lines[-5:]}")
    return host.lines, generations


def check_reloads(venue, symbol, trades):
    """Each candle is told once, to the old code or to the new, and whole."""
    with open(f"{PLUGINS}/test/klines.so", "rb") as f:
        code = f.read()
    os.makedirs("plugins")
    write_config("reloads", f"{venue}.aqc", symbol)
    lines, generations = reloaded_again_and_again("reloads", code)
    told = {interval: [] for interval in INTERVALS}
    for line in (line for line in lines if " k: live " in line):
        values = {key: int(value) for key, value in (field.split("=") for field in line.split(" live ")[1].split())}
        told[values["interval"]].append(values)
    known = tuple(t for t in trades if t.id >= told[1][0]["first"])
    for interval in INTERVALS:
        want = candles(interval, known)[:-1]
        if [k["open_ns"] for k in told[interval]] != [k["open_ns"] for k in want]:
            raise Failure(f"{generations} reloads: interval {interval}: {len(told[interval])} candles, not {len(want)}")
        for w, g in zip(want, told[interval]):
            if (w["trades"], w["close"], w["qty"]) != (g["trades"], g["close"], g["qty"]):
                raise Failure(f"{generations} reloads: {g}, not {w}")
    print(f"{generations} generations: each candle told once")


def check_refusals():
    for more, says in (("warmup = 5m\nstart = 2024-08-08T23:55:00Z", "start says already where the replay begins"),
                       ("warmup = 2h", "warmup is longer than the captures")):
        try:
            play("refused", "binance.aqc", "BTC/USDT", more=more)
        except Failure as failure:
            if says not in str(failure):
                raise
            continue
        raise Failure(f"{more}: is accepted")


def files(venue):
    return sorted(glob.glob(f"{SOURCE}/tests/data/{venue}/btcusdt_*.gz"))


def main():
    check_recording("binance", "BTC/USDT", files("binance-spot"), 280)
    check_recording("binance_usdm", "BTC/USDT:USDT", files("binance-usdm"), 200)
    check_count("binance", "BTC/USDT")
    check_reloads("binance", "BTC/USDT", recorded(files("binance-spot")))
    check_refusals()


main()
