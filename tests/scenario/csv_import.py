#!/usr/bin/env python3
"""CSV files of trades and candles as captures: what `replay dump` tells of each form is what this script reads in the same
files, exactly; captures of trades alone and of candles alone play, their candles and their history are those that this
script computes; and files that are wrong are told by file, line and remedy.
"""
import calendar
import collections
import csv
import gzip
import io
import json
import os
import pty
import re
import select
import subprocess
import sys
import time
import zipfile
from decimal import Decimal

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))

from processes import BIN, MARSHAL, PLUGINS, SOURCE, Failure, run  # noqa: E402

DATA = f"{SOURCE}/tests/data"
MINUTE = 60 * 10**9
HOUR_FILE = f"{DATA}/lean/crypto/binance/hour/btcusdt_trade.zip"
MINUTE_FILE = f"{DATA}/lean/crypto/coinbase/minute/btceur/20180404_trade.zip"
EUROS = ("--market", "BTC/EUR", "--tick", "0.01", "--lot", "0.00000001")
DEADLINE = 60.0

Trade = collections.namedtuple("Trade", "id price qty taker at")
Kline = collections.namedtuple("Kline", "at end open high low close qty value trades taker_qty taker_value")


# ---- what a capture holds ----

def replay(*arguments):
    done = subprocess.run((f"{BIN}/replay",) + arguments, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def imported(*arguments, code=0):
    got, out, err = replay("import", *arguments)
    if got != code:
        raise Failure(f"import {' '.join(arguments)}: exit status {got}: {out}{err}")
    return out


def dumped(capture):
    """Its frames, as the words of their lines."""
    for line in run(f"{BIN}/replay", "dump", capture).splitlines():
        kind, *words = line.split(" ")
        yield kind, dict(word.split("=", 1) for word in words)


def same_rows(name, want, got):
    for i, (w, g) in enumerate(zip(want, got)):
        if w != g:
            raise Failure(f"{name}: row {i + 1}: {g}, not {w}")
    if len(want) != len(got):
        raise Failure(f"{name}: {len(got)} rows, not {len(want)}")


def trades_of(capture):
    rows = []
    for kind, f in dumped(capture):
        if kind != "trade" or f["time_ns"] != f["venue_ns"]:
            raise Failure(f"{capture}: {kind} {f}")
        rows.append(Trade(int(f["id"]), Decimal(f["price"]), Decimal(f["qty"]), f["taker"], int(f["time_ns"])))
    return rows


def klines_of(capture):
    rows = []
    for kind, f in dumped(capture):
        if kind != "kline" or f["time_ns"] != f["end_ns"] or f["venue_ns"] != f["end_ns"]:
            raise Failure(f"{capture}: {kind} {f}")
        decimals = [Decimal(f[key]) for key in ("open", "high", "low", "close", "qty", "value")]
        rows.append(Kline(int(f["open_ns"]), int(f["end_ns"]), *decimals, int(f["trades"]), Decimal(f["taker_buy_qty"]),
                          Decimal(f["taker_buy_value"])))
    return rows


# ---- the recorded trades, in each of the forms ----

def recorded():
    trades = []
    for day in ("08", "09"):
        with gzip.open(f"{DATA}/binance-spot/btcusdt_202408{day}.gz", "rt") as lines:
            for line in lines:
                if '"e":"trade"' in line:
                    f = json.loads(line.split(" ", 1)[1])["data"]
                    trades.append(Trade(f["t"], Decimal(f["p"]), Decimal(f["q"]), "sell" if f["m"] else "buy",
                                        f["T"] * 10**6))
    return sorted(trades, key=lambda t: (t.at, t.id))


def candles(trades, length=MINUTE):
    groups = {}
    for t in trades:
        groups.setdefault(t.at // length * length, []).append(t)
    out = []
    for at, group in sorted(groups.items()):
        prices, taken = [t.price for t in group], [t for t in group if t.taker == "buy"]
        out.append(Kline(at, at + length, prices[0], max(prices), min(prices), prices[-1], sum(t.qty for t in group),
                         sum(t.price * t.qty for t in group), len(group), sum((t.qty for t in taken), Decimal(0)),
                         sum((t.price * t.qty for t in taken), Decimal(0))))
    return out


def put(name, header, rows, ends="\n", before=""):
    """A file, compressed as its name says."""
    text = before + "".join(",".join(map(str, row)) + ends for row in ([header] if header else []) + rows)
    raw = text.encode()
    if name.endswith(".zip"):
        with zipfile.ZipFile(name, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(name[:-4] + ".csv", raw)
    elif name.endswith(".gz"):
        with gzip.open(name, "wb") as f:
            f.write(raw)
    else:
        with open(name, "wb") as f:
            f.write(raw)
    return name


KLINES = ["open_time", "open", "high", "low", "close", "volume", "close_time", "quote_volume", "count", "taker_buy_volume",
          "taker_buy_quote_volume", "ignore"]


def kline_row(k, unit):
    return [k.at // unit, k.open, k.high, k.low, k.close, k.qty, k.end // unit - 1, k.value, k.trades, k.taker_qty,
            k.taker_value, 0]


def check_trades(trades):
    """Binance's public data: spot without a header, with ms and us, contracts with one; trades and aggregated ones."""
    def flag(t, words=("False", "True")):
        return words[t.taker == "sell"]

    def row(t, unit):
        return [t.id, f"{t.price:.8f}", f"{t.qty:.8f}", t.price * t.qty, t.at // unit, flag(t), "True"]

    small = ("false", "true")
    files = {
        "BTCUSDT-trades-2024-08-08.csv": (None, [row(t, 10**6) for t in trades]),
        "BTCUSDT-trades-2025-08-08.zip": (None, [row(t, 10**3) for t in trades]),
        "BTCUSDT-trades-2024-08-09.csv.gz": (["id", "price", "qty", "quote_qty", "time", "is_buyer_maker"],
                                            [row(t, 10**6)[:5] + [flag(t, small)] for t in trades]),
        "BTCUSDT-aggTrades-2024-08.csv": (None, [[t.id, t.price, t.qty, 1, 2, t.at // 10**6, flag(t), "True"]
                                                for t in trades]),
        "BTCUSDT-aggTrades-2024-09.csv": (["agg_trade_id", "price", "quantity", "first_trade_id", "last_trade_id",
                                           "transact_time", "is_buyer_maker"],
                                          [[t.id, t.price, t.qty, 1, 2, t.at // 10**6, flag(t, small)] for t in trades]),
    }
    for name, (header, rows) in files.items():
        out = imported("--venue", "binance", "trades.aqc", put(name, header, rows))
        same_rows(name, trades, trades_of("trades.aqc"))
        if f"{len(trades)} rows of BTC/USDT, 2024-08-08 23:54:" not in out or f": {len(trades)} trades\n" not in out:
            raise Failure(f"{name}: {out}")
    print(f"{len(trades)} trades in {len(files)} forms of Binance")


def check_generic_trades(trades):
    """Columns in any order, times in any unit."""
    some = trades[:2000]
    for unit, digits in (("s", 9), ("ms", 6), ("us", 3), ("ns", 0)):
        rows = [[t.taker.upper(), f'"{t.price}"', "x", t.qty, Decimal(t.at).scaleb(-digits) if digits > 3 else t.at // 10**digits]
                for t in some]
        name = put(f"{unit}.csv", ["Side", "Price", "Note", "Amount", "Timestamp"], rows, ends="\r\n", before="\ufeff")
        imported("--market", "BTC/USDT", "--tick", "0.01", "--lot", "0.00001", "g.aqc", name)
        same_rows(name, [t._replace(id=0) for t in some], trades_of("g.aqc"))
    rows = [[t.price, t.qty, iso(t.at)] for t in some]
    imported("--market", "BTC/USDT", "--tick", "0.01", "--lot", "0.00001", "--columns", "price,qty,time", "g.aqc",
             put("plain.csv", None, rows))
    same_rows("plain.csv", [t._replace(id=0, taker="-") for t in some], trades_of("g.aqc"))
    half = len(some) // 2
    put("one.txt", ["time", "price", "size", "tid"], [[t.at, t.price, t.qty, t.id] for t in some[:half]])
    put("two.txt", ["tid", "size", "price", "time"], [[t.id, t.qty, t.price, t.at] for t in some[half:]])
    imported("--format", "csv", "--market", "BTC/USDT:USDT", "--tick", "0.01", "--lot", "0.00001", "g.aqc", "one.txt", "two.txt")
    same_rows("two files", [t._replace(taker="-") for t in some], trades_of("g.aqc"))
    print(f"{len(some)} trades with headers and columns of other kinds")


def iso(at):
    seconds, below = divmod(at, 10**9)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds + 7200)) + f".{below:09d}+02:00"


def check_klines(minutes):
    for name, unit, header in (("BTCUSDT-1m-2024-08.csv", 10**6, None), ("BTCUSDT-1m-2025-08.csv.gz", 10**3, None),
                               ("BTCUSDT-1m-2024-08.zip", 10**6, KLINES), ("other.csv", 10**6, KLINES)):
        where = ("--symbol", "BTCUSDT") if name == "other.csv" else ()
        out = imported("--venue", "binance", *where, "klines.aqc", put(name, header, [kline_row(k, unit) for k in minutes]))
        same_rows(name, minutes, klines_of("klines.aqc"))
        if f": {len(minutes)} candles of 1m, 0 missing in 0 gaps\n" not in out:
            raise Failure(f"{name}: {out}")
    few = [k._replace(value=Decimal(0), trades=0, taker_qty=Decimal(0), taker_value=Decimal(0)) for k in minutes]
    rows = [[iso(k.at), k.open, k.high, k.low, k.close, k.qty] for k in minutes]
    imported("--market", "BTC/USDT", "--tick", "0.01", "--lot", "0.00001", "--interval", "1m", "k.aqc",
             put("few.csv", ["Date", "Open", "High", "Low", "Close", "Volume"], rows))
    same_rows("few.csv", few, klines_of("k.aqc"))
    print(f"{len(minutes)} candles in 5 forms")


def lean(path, day):
    """`day`: whose ms the times are; None: they say it themselves."""
    with zipfile.ZipFile(path) as archive:
        text = archive.read(archive.namelist()[0]).decode()
    rows, length = [], MINUTE if day is not None else 60 * MINUTE
    for at, *numbers in csv.reader(io.StringIO(text)):
        begin = day + int(at) * 10**6 if day is not None else calendar.timegm(time.strptime(at, "%Y%m%d %H:%M")) * 10**9
        rows.append(Kline(begin, begin + length, *map(Decimal, numbers), Decimal(0), 0, Decimal(0), Decimal(0)))
    return rows


def gaps(rows):
    found = [(a.end, b.at) for a, b in zip(rows, rows[1:]) if b.at != a.end]
    return len(found), sum((b - a) // MINUTE for a, b in found)


def check_lean():
    hours = lean(HOUR_FILE, None)
    imported("hours.aqc", HOUR_FILE)  # folder and name say all: Binance, spot, BTCUSDT, 1h
    same_rows("hours", hours, klines_of("hours.aqc"))
    minutes = lean(MINUTE_FILE, 1522800000 * 10**9)
    out = imported(*EUROS, "euros.aqc", MINUTE_FILE)
    same_rows("euros", minutes, klines_of("euros.aqc"))
    count, missing = gaps(minutes)
    if f": {len(minutes)} candles of 1m, {missing} missing in {count} gaps\n" not in out or count < 10 or \
            f"and {count - 10} more\n" not in out or "gap from 2018-04-04 00:08:00 to 2018-04-04 00:09:00: 1 missing\n" not in out:
        raise Failure(f"{count} gaps with {missing} missing: {out}")
    info = run(f"{BIN}/replay", "info", "euros.aqc")
    if not re.search(rf"^candles +{len(minutes)} of 1m$", info, re.M):
        raise Failure(info)
    print(f"{len(hours)} hours and {len(minutes)} minutes with {count} gaps")
    return hours, minutes


# ---- playing ----

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
%(more)s

[strategy:k]
plugin = klines
market = venue:%(symbol)s
n = %(n)d
"""
LENGTHS = {1: 1, 2: 3, 3: 5, 4: 15, 5: 30, 6: 60, 7: 120, 8: 180, 9: 240, 10: 360, 11: 480, 12: 720, 13: 1440}


def play(name, capture, symbol, n=0, more="", marshal=False):
    """What the strategy was told of closed candles: (what, interval) -> rows; and all of the log."""
    with open(f"{name}.ini", "w", encoding="utf-8") as f:
        f.write(CONFIG % {"name": name, "plugins": PLUGINS, "capture": capture, "symbol": symbol, "n": n, "more": more,
                          "marshal": "on" if marshal or MARSHAL else "off"})
    run(f"{BIN}/aioquantd", "-c", f"{name}.ini")
    with open(f"{name}.log", encoding="utf-8") as log:
        text = log.read()
    told = collections.defaultdict(list)
    for what, line in re.findall(r'from=k msg="(past|live) ([^"]*)"', text):
        f = {key: int(value) for key, value in (word.split("=") for word in line.split())}
        if f["end_ns"] > f["now"] or f["closed"] != 1:
            raise Failure(f"{name}: told before it was over: {f}")
        told[what, f["interval"]].append(f)
    return told, text


def as_kline(f):
    def amount(key):
        return Decimal((f[f"{key}_hi"] << 64) + f[f"{key}_lo"]).scaleb(-18)
    decimals = [Decimal(f[key]).scaleb(-8) for key in ("open", "high", "low", "close", "qty")]
    return Kline(f["open_ns"], f["end_ns"], *decimals, amount("value"), f["trades"], Decimal(f["taker_buy_qty"]).scaleb(-8),
                 amount("taker"))


def joined(pieces, length):
    groups = {}
    for k in pieces:
        groups.setdefault(k.at // length * length, []).append(k)
    return [Kline(at, at + length, g[0].open, max(k.high for k in g), min(k.low for k in g), g[-1].close,
                  *(sum(column) for column in zip(*(k[6:] for k in g)))) for at, g in sorted(groups.items())]


def check_intervals(name, told, pieces, unit, what, keep):
    """Each interval that consists of whole pieces; none of shorter ones. `keep`: which of them are to be told."""
    compared = 0
    for interval, minutes in LENGTHS.items():
        got = [as_kline(f) for f in told[what, interval]]
        length = minutes * MINUTE
        want = [] if length % unit != 0 else [k for k in joined(pieces, length) if keep(k)]
        same_rows(f"{name}: {what}, {minutes} minutes", want, got)
        compared += len(want)
    return compared


def check_play_klines(name, capture, symbol, pieces, unit, start, marshal):
    """All of it live; then from the middle, with what was before as history."""
    last = pieces[-1].end
    told, text = play(f"{name}.live", capture, symbol, marshal=marshal)
    # the strategy is there before the first candle's end; of the last longer one no end is told
    live = check_intervals(name, told, pieces, unit, "live", lambda k: k.end <= last)
    if (unit > MINUTE) != ("no candles of 1m" in text):
        raise Failure(f"{name}: what is said of intervals that cannot be made: {text}")
    told, _ = play(f"{name}.past", capture, symbol, n=4096, more=f"start = {start}", marshal=marshal)
    known = pieces[0].at
    past = check_intervals(name, told, pieces, unit, "past", lambda k: k.end <= start and k.at >= known)
    check_intervals(name, told, pieces, unit, "live", lambda k: start < k.end <= last)
    for f in (f for rows in told.values() for f in rows):
        if f["partial"] != int(f["open_ns"] < known):
            raise Failure(f"{name}: {f}")
    told, _ = play(f"{name}.three", capture, symbol, n=3, more=f"start = {start}", marshal=marshal)
    if [f["open_ns"] for f in told["past", 6]] != [k.at for k in joined(pieces, 60 * MINUTE) if k.end <= start][-3:]:
        raise Failure(f"{name}: three hours were asked for: {told['past', 6]}")
    print(f"{name}: {live} candles live, {past} of the past")


def check_play_trades(trades, minutes):
    """Trades alone: the minutes are those of the trades, live and past, and end where the trades end."""
    start = trades[0].at // MINUTE * MINUTE + 5 * MINUTE
    told, _ = play("trades", "trades.aqc", "BTC/USDT", n=4096, more=f"start = {start}")
    same_rows("trades, past", [k for k in minutes[1:] if k.end <= start], [as_kline(f) for f in told["past", 1]])
    same_rows("trades, live", [k for k in minutes if start < k.end <= trades[-1].at], [as_kline(f) for f in told["live", 1]])
    print("trades alone: the same minutes")


# ---- what is wrong ----

HEAD = "time,open,high,low,close,volume\n"
T0 = 1723161240


def text_row(i, *numbers):
    return ",".join([str(T0 + 60 * i)] + [str(n) for n in (numbers or (10, 12, 9, 11, 5))]) + "\n"


GOOD = "".join(text_row(i) for i in range(3))
# content, what is said, whether the rows before and behind are taken with --skip-bad
WRONG = (
    (text_row(3, "x", 12, 9, 11, 5), '5: open is "x"; it must be a number, as 61702.13', True),
    (text_row(3, "", 12, 9, 11, 5), '5: open is ""; it must be a number', True),
    (text_row(3, "1e999999999999", 12, 9, 11, 5), '5: open is "1e999999999999"; it must be', True),
    (text_row(3, "nan", 12, 9, 11, 5), '5: open is "nan"; it must be a number', True),
    (text_row(3, "9" * 40, 12, 9, 11, 5), "5: open is \"" + "9" * 40 + '"; it must be at most 46116860184.27387903, the largest'
     " with 8 digits; --digits PRICE/QUANTITY with fewer gives room", True),
    (text_row(3, 10, 12, 9, 11, "0.123456789"), '5: volume is "0.123456789"; it must be a number with at most 8 digits behind'
     " the point, unless --digits PRICE/QUANTITY says more", True),
    (text_row(3, 10, 12, 9, 11, -1), '5: volume is "-1"; it must be 0 or more', True),
    (text_row(3, 0, 12, 0, 11, 5), '5: open is "0"; it must be above 0', True),
    (text_row(3, 10, 10.5, 9, 11, 5), '5: high is "10.5"; it must be at least as high as open and close', True),
    (text_row(3, 10, 12, 10.5, 11, 5), '5: low is "10.5"; it must be at most as high as open and close', True),
    (text_row(2), "5: this candle has been there, 2024-08-08 23:56:00 comes after 2024-08-08 23:56:00;", True),
    (text_row(1), "5: time goes back, 2024-08-08 23:55:00 comes after 2024-08-08 23:56:00; rows must stand in the order of"
     " time", True),
    (f"{T0 + 181},10,12,9,11,5\n", f'5: time is "{T0 + 181}"; it must be the begin of a candle of 1m, UTC', True),
    ("17,10,12,9,11,5\n", '5: time is "17"; it must be s, ms, us or ns since 1970', True),
    ("99999999999999999999,10,12,9,11,5\n", '5: time is "99999999999999999999"; it must be s, ms', True),
    (f"{T0 + 180},10,12\n", "5: there are 3 fields; it must be 6", True),
    (f"{T0 + 180},10,12,9,11,5,6\n", "5: there are 7 fields; it must be 6", True),
    ("," * 70 + "\n", "5: this is no line of CSV: a line has at most 64 fields", True),
    ("\0" * 20 + "\n", "5: this is no line of CSV: a line is text and has no NUL byte", True),
    ("1" * 5000 + "\n", "5: this is no line of CSV: a line has at most 4096 characters", True),
    (f'"{T0 + 180},10,12,9,11,5\n', "5: this is no line of CSV: quotes must stand around a whole field", True),
)
MARKET = ("--market", "BTC/USDT", "--tick", "0.01", "--lot", "0.01", "--interval", "1m")


def check_wrong():
    for content, says, _ in WRONG:
        with open("wrong.csv", "w", encoding="utf-8") as f:
            f.write(HEAD + GOOD + content + text_row(9))
        code, out, err = replay("import", *MARKET, "w.aqc", "wrong.csv")
        if code != 1 or f"replay: wrong.csv:{says}" not in err or out != "" or os.path.exists("w.aqc") or \
                os.path.exists("w.aqc.part"):
            raise Failure(f"{content[:60]!r}: {code}: {out}{err}\nnot: {says}")
        code, out, err = replay("import", *MARKET, "--skip-bad", "w.aqc", "wrong.csv")
        if code != 5 or f"skipped: wrong.csv:{says}" not in err or ", 1 bad, left out\n" not in out:
            raise Failure(f"{content[:60]!r}, skipped: {code}: {out}{err}")
        if [k.at // 10**9 for k in klines_of("w.aqc")] != [T0, T0 + 60, T0 + 120, T0 + 540]:
            raise Failure(f"{content[:60]!r}: the others are not all there: {klines_of('w.aqc')}")
        os.remove("w.aqc")
    put("side.csv", ["time", "price", "qty", "side"], [[T0, 1, 2, "buy"], [T0, 1, 2, "bid"]])
    refused('side.csv:3: side is "bid"; it must be buy or sell', *MARKET, "w.aqc", "side.csv")
    put("back.csv", ["time", "price", "qty"], [[T0 + 1, 1, 2], [T0 + 1, 1, 2], [T0, 1, 2]])
    refused("back.csv:4: time goes back, 2024-08-08 23:54:00 comes after 2024-08-08 23:54:01;", *MARKET, "w.aqc", "back.csv")
    put("two.csv", ["time", "price", "qty", "symbol"], [[T0, 1, 2, "BTCUSDT"], [T0, 1, 2, "ETHUSDT"]])
    refused('two.csv:3: the symbol is "ETHUSDT"; it must be "BTCUSDT"', *MARKET, "w.aqc", "two.csv")
    put("ends.csv", ["time", "close_time", "open", "high", "low", "close", "volume"],
        [[T0, T0 + 60, 1, 1, 1, 1, 1], [T0 + 60, T0 + 180, 1, 1, 1, 1, 1]])
    refused(f'ends.csv:3: close_time is "{T0 + 180}"; it must be the end of a candle of 1m', *MARKET, "w.aqc", "ends.csv")
    put("many.csv", ["time", "price", "qty"], [[T0, 1, 2]] + [["x", 1, 2]] * 30)
    code, out, err = replay("import", *MARKET, "--skip-bad", "w.aqc", "many.csv")
    if code != 5 or ", 30 bad, left out\n" not in out or err.count("skipped: ") != 10 or "only counted" not in err:
        raise Failure(f"many bad rows: {code}: {out}{err}")
    print(f"{len(WRONG) + 5} kinds of bad rows")


def refused(says, *arguments, code=1):
    got, out, err = replay("import", *arguments)
    if got != code or says not in err or out != "":
        raise Failure(f"import {' '.join(arguments)}: {got}: {out}{err}\nnot: {says}")


def check_cut(trades):
    """Compressed data that end early or are damaged: refused, or what came before it with --skip-bad."""
    names = ["id", "price", "qty", "side", "time"]
    with gzip.open(put("whole.csv.gz", names, trades), "rb") as f:
        whole = f.read()
    with open("whole.csv.gz", "rb") as f:
        packed = f.read()
    with open(put("whole.zip", names, trades), "rb") as f:
        archive = f.read()
    options = ("--venue", "binance", "--symbol", "BTCUSDT", "w.aqc")
    middle, damage = len(archive) // 2, b"\xff" * 64
    for name, raw, says in (("cut.csv.gz", packed[:len(packed) // 2], "ends in the middle of its compressed data"),
                            ("cut.zip", archive[:len(archive) // 3], "the archive ends in the middle"),
                            ("bad.csv.gz", packed[:middle] + damage + packed[middle + 64:], ""),
                            ("bad.zip", archive[:middle] + damage + archive[middle + 64:], "")):
        with open(name, "wb") as f:
            f.write(raw)
        refused(f"{name}: {says}" if says else name, *options, name)  # where bytes have changed, a line may be bad first
        code, out, err = replay("import", *options[:-1], "--skip-bad", "w.aqc", name)
        got = trades_of("w.aqc")
        if code != 5 or not re.search(says or "its compressed data are damaged|its checksum is wrong", err) or len(got) < 100 or (name.startswith("cut") and got != trades[:len(got)]):
            raise Failure(f"{name}: {code}, {len(got)} rows: {out}{err}")
        os.remove("w.aqc")
    with open("plain.csv.gz", "wb") as f:
        f.write(whole)  # the name lies: it is not compressed
    imported(*options, "plain.csv.gz")
    same_rows("plain.csv.gz", trades, trades_of("w.aqc"))
    print("4 kinds of damage")


def check_refusals(minutes):
    """What cannot be known, and the option that says it."""
    name = put("BTCUSDT-1m-2024-08-10.csv", None, [kline_row(k, 10**6) for k in minutes])
    give = "which market this is cannot be known; give --market BTC/USDT (spot) or BTC/USDT:USDT (perpetual)"
    refused(give, "w.aqc", name)
    refused(give, "w.aqc", MINUTE_FILE)
    refused("give --tick and --lot", "--market", "ETH/USDT", "--symbol", "BTCUSDTX", "w.aqc", name)
    refused("the name says BTCUSDT, --market says ETH/USDT; if that is right, give --symbol BTCUSDT too", "--market", "ETH/USDT",
            "w.aqc", name)
    refused("only spot and linear contracts", "--market", "BTC/USD:BTC", "w.aqc", name)
    refused("--market BTCUSDT: write BTC/USDT (spot)", "--market", "BTCUSDT", "w.aqc", name)
    refused("--venue kraken: is not known here; known are binance, binance_usdm", "--venue", "kraken", "w.aqc", name)
    refused("--interval 2m: must be 1m, 3m", "--interval", "2m", "--venue", "binance", "w.aqc", name)
    refused("--digits 8: write PRICE/QUANTITY", "--digits", "8", "--venue", "binance", "w.aqc", name)
    refused("--digits 19/8: write PRICE/QUANTITY", "--digits", "19/8", "--venue", "binance", "w.aqc", name)
    put("short.csv", HEAD.strip().split(","), [[T0, 1, 1, 1, 1, 1]])
    refused("neither the name nor the columns say how long a candle is; give --interval 1m", *MARKET[:-2], "w.aqc", "short.csv")
    refused("is empty", *MARKET, "w.aqc", put("empty.csv", None, []))
    refused("there is nothing to be written: 0 rows", *MARKET, "w.aqc", put("head.csv", HEAD.strip().split(","), []))
    refused("cannot be opened", *MARKET, "w.aqc", "nowhere.csv")
    refused("these are trades, and candles stand in the files before it", *MARKET, "w.aqc", "short.csv", "side.csv")
    refused("some files have names of CSV and some have not", *MARKET, "w.aqc", "short.csv", "short", code=2)
    refused("--shift is for recordings", "--shift", "1", *MARKET, "w.aqc", "short.csv", code=2)
    refused("are for CSV, and the files are recordings", *MARKET, "w.aqc", "short.txt", code=2)
    refused("needs --venue and --symbol", "w.aqc", "short.txt", code=2)
    refused("--format must be csv or recording, not x", "--format", "x", "w.aqc", "short.txt", code=2)
    refused("candles of bid and ask", *MARKET, "w.aqc", put("20221213_btcusdt_minute_quote.csv", None, [[0] * 11]))
    if os.path.exists("w.aqc"):
        os.remove("w.aqc")
    nothing = [[T0, 10, 12, 9, 11, 5], [T0 + 60, 0, 0, 0, 0, 0], [T0 + 120, 10, 12, 9, 11, 5], [T0 + 240, 10, 12, 9, 11, 5]]
    out = imported(*MARKET, "w.aqc", put("nothing.csv", HEAD.strip().split(","), nothing))
    if ": 3 candles of 1m, 1 missing in 1 gaps, 1 without a trade\n" not in out or len(klines_of("w.aqc")) != 3:
        raise Failure(f"an interval without a trade: {out}")
    imported("--digits", "10/0", "--market", "X/Y", "--tick", "0.0000000001", "--lot", "1", "w.aqc",
             put("small.csv", ["time", "price", "qty"], [[T0, "0.0000000123", "99999999999"]]))
    same_rows("small", [Trade(0, Decimal("0.0000000123"), Decimal(99999999999), "-", T0 * 10**9)], trades_of("w.aqc"))


# ---- on a terminal ----

def check_terminal():
    """A line of at most 79 columns while rows come, taken away at the end; nothing of it where there is no terminal."""
    os.mkfifo("slow.csv")
    main, side = pty.openpty()
    child = subprocess.Popen((f"{BIN}/replay", "import", *MARKET, "t.aqc", "slow.csv"), stdout=side, stderr=side)
    os.close(side)
    said, until, rows = b"", time.monotonic() + DEADLINE, 0
    with open("slow.csv", "w", encoding="utf-8") as f:
        f.write("time,price,qty\n")
        while said.count(b"rows/s") < 3:
            if time.monotonic() > until:
                raise Failure(f"no line after {rows} rows: {said!r}")
            f.write("".join(f"{T0 + rows + i},1,2\n" for i in range(1000)))
            rows += 1000
            if select.select([main], [], [], 0)[0]:
                said += os.read(main, 65536)
    while True:
        try:
            piece = os.read(main, 65536)
        except OSError:  # the other side is closed
            break
        if not piece:
            break
        said += piece
    if child.wait() != 0:
        raise Failure(f"{child.returncode}: {said!r}")
    *shown, last = said.decode().replace("\r\n", "\n").rstrip("\n").split("\r")
    drawn = [line for line in shown if line.strip()]
    bar = re.compile(r"t\.aqc \[[#-]+\] +\d+ %  \S+ k?M?B of 0 B  \S+ rows/s  \S+ left *")
    if len(drawn) < 3 or any(len(line) > 79 or not bar.fullmatch(line) for line in drawn) or shown[-1].strip() != "" or \
            f"t.aqc: {rows} rows of BTC/USDT" not in last or len(last.splitlines()) != 1:
        raise Failure(f"on a terminal: {said!r}")
    code, out, err = replay("import", *MARKET, "t.aqc", "nothing.csv")
    if code != 0 or err != "" or "\r" in out:
        raise Failure(f"without a terminal: {code}: {out!r}{err!r}")
    print(f"{len(drawn)} lines drawn while {rows} rows came")


def check_readme():
    """Its commands, as they stand there."""
    with open(f"{SOURCE}/README.md", encoding="utf-8") as f:
        section = f.read().split("## Your own data\n")[1].split("\n## ")[0]
    commands = re.findall(r"^    (replay .*)$", section, re.M)
    for command in commands:
        done = subprocess.run(("bash", "-c", command.replace("tests/data", f"{SOURCE}/tests/data")), check=False,
                              capture_output=True, text=True, env={**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}"})
        if done.returncode != 0:
            raise Failure(f"{command}: {done.stdout}{done.stderr}")
    if len(commands) < 3:
        raise Failure(f"the README has {len(commands)} commands")


def main():
    trades = recorded()
    minutes = candles(trades)
    check_trades(trades)
    check_generic_trades(trades)
    check_klines(minutes)
    hours, euros = check_lean()
    check_wrong()
    check_cut(trades)
    check_refusals(minutes)
    check_terminal()
    check_readme()
    check_play_trades(trades, minutes)
    for marshal in (False, True):
        how = "marshalled." if marshal else ""
        check_play_klines(f"{how}minutes", "klines.aqc", "BTC/USDT", minutes, MINUTE, minutes[4].at, marshal)
        check_play_klines(f"{how}hours", "hours.aqc", "BTC/USDT", hours, 60 * MINUTE, hours[60].at, marshal)
        check_play_klines(f"{how}euros", "euros.aqc", "BTC/EUR", euros, MINUTE, euros[500].at, marshal)


main()
