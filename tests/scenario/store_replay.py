#!/usr/bin/env python3
"""A replay of what a recorder has kept in a store: what is played is what stands in the tables, read here by a client of its own,
each trade, book and candle once though several hosts have recorded it; what cannot be played is told with the reason."""
import json
import os
import re
import sqlite3
import subprocess
import sys
from decimal import Decimal

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))

import mariadb  # noqa: E402
from builds import put  # noqa: E402
from processes import BIN, MARSHAL, PLUGINS, SOURCE, Failure, Host, Venue, make_capture, run  # noqa: E402

START, END = "2024-08-08T23:54:00Z", "2024-08-09T00:06:00Z"
MINUTE = 60 * 10**9
TRADES = 19904
SQLITE = "plugin = sqlite\nfile = %(name)s.db\n"
MARIADB = "plugin = mariadb\naddress = {socket}\ndatabase = %(name)s\nuser = root\ntls = off\npool = 2..2\n"

CONFIG = """
[host]
server_id = %(host)s
state_dir = %(name)s.state
plugin_path = %(plugins)s, %(plugins)s/test
mode = paper
probe_timeout = 1m
marshal = %(marshal)s
report_currency = USDT

[log]
file = %(name)s.log
limit = 0

[storage:main]
%(storage)s
"""
RECORDER = """
[exchange:binance]
plugin = sim
capture = capture.aqc

[recorder]
markets = binance:BTC/USDT
trades = main
books = main 20 levels every 1s
klines = main 1m 5m
spool = 64MB
"""
PLAYER = """
[exchange:venue]
plugin = sim
capture = %(capture)s
start = %(start)s
end = %(end)s

[strategy:k]
plugin = klines
market = venue:BTC/USDT

[strategy:t]
plugin = trades
market = venue:BTC/USDT
"""


def write(name, rest, storage, host="one", **values):
    values = {"name": name, "host": host, "plugins": PLUGINS, "marshal": "on" if MARSHAL else "off", **values}
    values["storage"] = storage % {"name": values.pop("store", name)}
    with open(f"{name}.ini", "w", encoding="utf-8") as f:
        f.write((CONFIG + rest) % values)


def aioquantd(name, code, *more):
    done = subprocess.run([f"{BIN}/aioquantd", *more, "-c", f"{name}.ini"], capture_output=True, text=True, timeout=600, check=False)
    if done.returncode != code:
        raise Failure(f"{name}: exit status {done.returncode}: {done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def log(name):
    with open(f"{name}.log", encoding="utf-8") as f:
        return f.read().splitlines()


def record(name, storage, host="one"):
    write(name, RECORDER, storage, host, store="main")
    aioquantd(name, 0)


def play(name, storage, store="main", capture="store:main binance:BTC/USDT", start=START, end=END, code=0):
    write(name, PLAYER, storage, store=store, capture=capture, start=start, end=end)
    return aioquantd(name, code)


# ---- what the tables hold, each once ----

def scaled(text):
    value = Decimal(text) * 10**8
    if value != int(value):
        raise Failure(f"{text} has more digits")
    return int(value)


def kept_trades(rows):
    """(id, price, quantity, side, time) of rows in any order."""
    return sorted({(int(i), scaled(p), scaled(q), side, int(at)) for i, p, q, side, at in rows}, key=lambda t: (t[4], t[0]))


def kept_books(rows):
    out = {}
    for at, bids, asks in rows:
        out[int(at)] = tuple([(scaled(p), scaled(q)) for p, q in json.loads(side, parse_float=str, parse_int=str)]
                             for side in (bids, asks))
    return out


TRADE_ROWS = "SELECT trade_id, price, quantity, side, time FROM trades WHERE market = 'binance:BTC/USDT'"
BOOK_ROWS = "SELECT time, bids, asks FROM books WHERE market = 'binance:BTC/USDT'"
KLINE_ROWS = ("SELECT time, end_time, open, high, low, close, volume, trades FROM klines "
              "WHERE market = 'binance:BTC/USDT' AND NOT partial AND %sinterval%s = '1m' ORDER BY time")


def lite(statement):
    with sqlite3.connect("main.db") as db:
        return db.execute(statement).fetchall()


def server(statement):
    return [line.split("\t") for line in mariadb.ask(statement, "main").splitlines()]


# ---- what was played ----

def number(text):
    return int(Decimal(text) * 10**8)


def played(name):
    """Trades, books and candles of the capture that was written."""
    trades, books, klines = [], {}, []
    for line in run(f"{BIN}/replay", "dump", f"{name}.state/replay/venue-1.aqc").splitlines():
        kind, *words = line.split(" ")
        f = dict(word.split("=", 1) for word in words)
        if kind == "trade":
            trades.append((int(f["id"]), number(f["price"]), number(f["qty"]), f["taker"], int(f["venue_ns"])))
        elif kind == "book":
            books[int(f["venue_ns"])] = f
        elif kind == "kline":
            klines.append(f)
    return trades, books, klines


def told(name, who, what):
    """What a strategy said, as dictionaries of numbers."""
    out = []
    for line in log(name):
        m = re.search(rf"{who}.*?{what} (now=.*?)\"?$", line)
        if m:
            out.append({key: int(value) for key, value in re.findall(r"(\w+)=(-?\d+)", m.group(1))})
    return out


def check_played(name, trade_rows, book_rows):
    trades, books, _ = played(name)
    kept = kept_trades(trade_rows)
    if trades != kept or len(kept) != TRADES:
        bad = next((pair for pair in zip(trades, kept) if pair[0] != pair[1]), None)
        raise Failure(f"{name}: {len(trades)} trades played, {len(kept)} kept of {TRADES}; {bad}")
    wanted = kept_books(book_rows)
    if set(books) != set(wanted) or len(wanted) < 600:
        raise Failure(f"{name}: {len(books)} books played, {len(wanted)} kept")
    check_tops(name, books, wanted)
    check_told(name, kept)


def digest(trades):
    """As trades.c has it."""
    value = 14695981039346656037
    for i, price, qty, side, _ in trades:
        for byte in b"".join(n.to_bytes(8, "little") for n in (i, price, qty, ("", "buy", "sell").index(side))):
            value = (value ^ byte) * 1099511628211 % 2**64
    return value


def check_told(name, kept, what="all"):
    """All of these, but for those of the very first moment, at which the strategies come."""
    said = told(name, "t", what)[-1]
    lost = len(kept) - said["told"]
    mine = kept[lost:]
    if not 0 <= lost <= 1 or said["first"] != mine[0][0] or said["hash"] != digest(mine):
        raise Failure(f"{name}: the strategy was told {said}, of {len(kept)} trades from {mine[0][0]} on")


def check_tops(name, books, wanted):
    for at, sides in wanted.items():
        f = books[at]
        for key, side in (("bids", sides[0]), ("asks", sides[1])):
            count = int(f[key]) if f[key].isdigit() else len(f[key].split(","))
            if count != len(side):
                raise Failure(f"{name}: book of {at}: {f}, should have {len(side)} {key}")


def check_candles(name, rows):
    """Those that the strategy heard are those that the recorder kept."""
    live = {k["open_ns"]: k for k in told(name, "k", "live") if k["interval"] == 1 and not k["partial"]}
    kept = {int(at): (int(end), *(scaled(v) for v in values), int(n)) for at, end, *values, n in rows}
    found = {at: (k["end_ns"], k["open"], k["high"], k["low"], k["close"], k["qty"], k["trades"]) for at, k in live.items()}
    if found != kept or len(kept) < 9:
        raise Failure(f"{name}: candles {sorted(set(found) ^ set(kept)) or found} should be {kept}")
    return len(kept)


# ---- stores of every kind ----

def whole():
    record("first", SQLITE)
    play("whole", SQLITE)
    check_played("whole", lite(TRADE_ROWS), lite(BOOK_ROWS))
    count = check_candles("whole", lite(KLINE_ROWS % ('"', '"')))
    info = run(f"{BIN}/replay", "info", "whole.state/replay/venue-1.aqc")
    if "tick 0.01, lot 0.00001 BTC" not in info:
        raise Failure(f"whole: {info}")
    print(f"whole: {TRADES} trades, {len(lite(BOOK_ROWS))} books played as they stand in the store, {count} candles told")


def twice():
    """A second host has recorded the same."""
    record("second", SQLITE, "two")
    rows = lite(TRADE_ROWS)
    if len(rows) != 2 * TRADES:
        raise Failure(f"twice: {len(rows)} rows")
    play("twice", SQLITE)
    check_played("twice", rows, lite(BOOK_ROWS))
    check_candles("twice", set(lite(KLINE_ROWS % ('"', '"'))))
    print("twice: what two hosts recorded is played once")


def part():
    """A range, with steps that the line says."""
    play("part", SQLITE, start="2024-08-08T23:58:00Z", end="2024-08-09T00:01:00Z",
         capture="store:main binance:BTC/USDT tick=0.1 lot=0.0001")
    first, last = (1723161480 * 10**9, 1723161660 * 10**9)
    kept = kept_trades(r for r in lite(TRADE_ROWS) if first <= r[4] <= last)
    if played("part")[0] != kept or not kept:
        raise Failure(f"part: {len(played('part')[0])} trades, should be {len(kept)}")
    if "tick 0.1, lot 0.0001 BTC" not in run(f"{BIN}/replay", "info", "part.state/replay/venue-1.aqc"):
        raise Failure("part: other steps than the line says")
    print(f"part: {len(kept)} trades of three minutes")


def crowd():
    """More trades of one moment than a page has room for, between others."""
    at, many = 1723161480 * 10**9, 25000
    with sqlite3.connect("main.db") as db, sqlite3.connect("crowd.db") as copy:
        db.backup(copy)
        copy.execute(f"DELETE FROM trades WHERE host = 'two' OR abs(time - {at}) > {5 * 10**9}")
        copy.executemany(f"INSERT INTO trades VALUES ('one', ?, 'binance:BTC/USDT', {at + 1}, {at + 1}, ?, '61700.5', '0.25', 'buy')",
                         [(10**6 + i, 10**6 + i) for i in range(many)])
        kept = kept_trades(copy.execute(TRADE_ROWS))
    play("crowd", SQLITE, store="crowd")
    trades = played("crowd")[0]
    if trades != kept or len(kept) <= many:
        raise Failure(f"crowd: {len(trades)} trades played, {len(kept)} kept")
    print(f"crowd: {many} trades of one moment among {len(kept)}")


def candles():
    """Without trades: the shortest candles, none of those of which trades are missing."""
    with sqlite3.connect("main.db") as db, sqlite3.connect("candles.db") as copy:
        db.backup(copy)
        copy.execute("DROP TABLE trades")
        copy.execute("DROP TABLE books")
        copy.execute("DELETE FROM aq_collections WHERE name IN ('trades', 'books')")
    play("candles", SQLITE, store="candles")
    _, _, klines = played("candles")
    kept = [(int(at), number(o), number(v)) for at, _, o, _, _, _, v, _ in dict((r[0], r) for r in lite(KLINE_ROWS % ('"', '"'))).values()]
    found = [(int(k["open_ns"]), number(k["open"]), number(k["qty"])) for k in klines]
    if found != kept or not any("of which not all trades were known are left out" in line for line in log("candles")):
        raise Failure(f"candles: {found}, should be {kept}")
    print(f"candles: {len(kept)} candles of a minute where there are no trades")


def gaps():
    """A range of numbers was dropped: it is told, the rest is played."""
    with sqlite3.connect("main.db") as db, sqlite3.connect("gaps.db") as copy:
        db.backup(copy)
        copy.execute("DELETE FROM trades WHERE number BETWEEN 1000 AND 1999 AND host = 'one'")
        copy.execute("DELETE FROM trades WHERE host = 'two'")
        copy.execute("INSERT INTO gaps(host, collection, first, last, time) VALUES ('one', 'trades', 1000, 1999, 1)")
    play("gaps", SQLITE, store="gaps")
    if not any("store main: 1000 rows of trades are missing between 2024-08-08T23:5" in line for line in log("gaps")):
        raise Failure(f"gaps: {[line for line in log('gaps') if ' replay' in line]}")
    play("beside", SQLITE, store="gaps", start="2024-08-09T00:01:00Z")
    if any("are missing" in line for line in log("beside")):
        raise Failure("gaps: one outside of the range is told")
    print("gaps: those of the range are told")


# ---- reloads while it plays ----

def reload(host, code, *texts):
    done = subprocess.run([f"{BIN}/aqctl", "-d", "reloads.state", "reload"], capture_output=True, text=True, timeout=60, check=False)
    said = " ".join((done.stdout + done.stderr).split())
    if done.returncode != code or not all(re.search(text, said) for text in texts):
        raise Failure(f"{host.name}: {texts}: {done.returncode}: {said}")


def reloads():
    """New code of the adapter and of the store come while it plays; what is played may not change. All is told, once."""
    os.mkdir("plugins")

    def new_build(name, number):
        with open(f"{PLUGINS}/{name}.so", "rb") as f:
            put(f"plugins/{name}.so", f.read() + b"build %8d" % number)

    def configure(capture="store:main binance:BTC/USDT", start=START):
        write("reloads", PLAYER, SQLITE, store="main", capture=capture, start=start, end=END)

    for name in ("sim", "sqlite"):
        new_build(name, 0)
    configure()
    host = Host("reloads.ini", {"host.plugin_path": f"{os.path.abspath('plugins')}, {PLUGINS}, {PLUGINS}/test", "host.speed": "30x"},
                name="reloads")
    if host.wait_for("k: live .*interval=1 ") is None:
        raise Failure(f"reloads: {host.lines[-5:]}")
    status = subprocess.run([f"{BIN}/aqctl", "-d", "reloads.state", "status"], capture_output=True, text=True, timeout=60, check=True)
    expect("reloads", " ".join(status.stdout.split()), "venue up - 1 1 0 1 sim")  # a market without a book is in order
    reload(host, 0, "venue kept 1", "nothing has changed")
    new_build("sim", 1)
    reload(host, 0, "venue replaced 2", "main kept 1")
    for changed in ({"capture": "capture.aqc"}, {"capture": "store:main binance:BTC/USDT tick=0.1"}, {"start": "2024-08-08T23:58:00Z"}):
        configure(**changed)
        reload(host, 4, "venue REFUSED 2", "changes only with a restart", "generation 2 goes on")
    configure()
    new_build("sqlite", 1)
    reload(host, 0, "venue kept 2", "main replaced 2")
    if host.wait() != 0:
        raise Failure(f"reloads: it does not end well: {host.lines[-5:]}")
    check_played("reloads", lite(TRADE_ROWS), lite(BOOK_ROWS))
    print("reloads: all that is kept was told, once")


# ---- the past ----

PAST = """
[exchange:venue]
plugin = sim
capture = %(capture)s
start = %(start)s
%(history)s

[strategy:k]
plugin = klines
market = venue:BTC/USDT
n = %(n)d

[strategy:t]
plugin = trades
market = venue:BTC/USDT
n = %(n)d
"""
BORDER = "2024-08-09T00:02:30Z"


def past(name, n, start=BORDER, history="history = main binance", store="main", capture="second_day.aqc", storage=SQLITE):
    """The strategies ask at the start of a capture that begins at midnight."""
    write(name, PAST, storage, store=store, n=n, start=start, history=history, capture=capture)
    aioquantd(name, 0)
    return [k for k in told(name, "k", "past") if k["interval"] == 1], told(name, "t", "count")[0]["count"]


def shown(k):
    return k["end_ns"], k["open"], k["high"], k["low"], k["close"], k["qty"], k["trades"]


def raw_trades():
    return kept_trades(lite(TRADE_ROWS))


def minutes(trades):
    """Whole ones, by arithmetic on the trades."""
    out = {}
    for trade in trades:
        out.setdefault(trade[4] // MINUTE * MINUTE, []).append(trade)
    return {at: (at + MINUTE, g[0][1], max(t[1] for t in g), min(t[1] for t in g), g[-1][1], sum(t[2] for t in g), len(g))
            for at, g in out.items()}


def border(name, storage=SQLITE):
    """What the store knows of the first day, and the capture of the second: as if one had known all of it."""
    found, count = past(name, 7, storage=storage)
    want = minutes(raw_trades())
    opens = [1723161660 * 10**9 + i * MINUTE for i in range(-6, 1)]  # 23:55 .. 00:01
    if [k["open_ns"] for k in found] != opens or any(shown(k) != want[k["open_ns"]] or k["partial"] for k in found):
        raise Failure(f"{name}: {found}, should be {[want.get(at) for at in opens]}")
    live = [k for k in told(name, "k", "live") if k["interval"] == 1]
    if live[0]["open_ns"] != opens[-1] + MINUTE or any(shown(k) != want[k["open_ns"]] for k in live):
        raise Failure(f"{name}: live candles {live[:2]}")
    check_past_trades(name, 7, count)
    print(f"{name}: {len(found)} candles of store and capture, and {len(live)} live ones behind them")


def check_past_trades(name, n, count):
    """The last n before the first live one, then all that follow."""
    kept = raw_trades()
    said = told(name, "t", "all")[-1]
    first = [t[0] for t in kept].index(said["first"])
    if count != n or said["hash"] != digest(kept[first:first + said["told"]]) or said["last"] != kept[-1][0]:
        raise Failure(f"{name}: trades {said}, {count} of the past")


def long_border():
    """More trades than the capture knows: the rest is from the store."""
    kept = raw_trades()
    start = 1723161604 * 10**9  # four seconds behind midnight
    found, count = past("long", 4000, start="2024-08-09T00:00:04Z")
    since = sum(1 for t in kept if 1723161600 * 10**9 <= t[4] < start)
    if since >= 4000:
        raise Failure(f"long: the capture alone knows {since} trades")
    check_past_trades("long", 4000, count)
    print(f"long: 4000 trades of the past, {since} of them in the capture")


def without():
    """The capture alone knows less: this is what the store is for."""
    found, _ = past("without", 7, history="")
    if len(found) >= 7:
        raise Failure("without: the capture knows it all")


def torn():
    """Between the end of the store and the begin of the capture something is missing: what was stored is not told."""
    with sqlite3.connect("main.db") as db, sqlite3.connect("torn.db") as copy:
        db.backup(copy)
        for table in ("trades", "klines"):
            copy.execute(f"DELETE FROM {table} WHERE time >= {1723161540 * 10**9}")  # 23:59
    found, count = past("torn", 7, store="torn")
    alone, other = past("alone", 7, history="")
    if [shown(k) for k in found] != [shown(k) for k in alone] or count != other:
        raise Failure(f"torn: {len(found)} candles and {count} trades, {len(alone)} and {other} without a store")
    print(f"torn: {len(found)} candles, those that the capture knows")


def holes():
    """A candle of which trades are missing: what is before it is not told."""
    with sqlite3.connect("main.db") as db, sqlite3.connect("holes.db") as copy:
        db.backup(copy)
        copy.execute(f"UPDATE klines SET partial = 1 WHERE time = {1723161420 * 10**9} AND \"interval\" = '1m'")  # 23:57
    found, _ = past("holes", 7, store="holes")
    if [k["open_ns"] for k in found] != [1723161480 * 10**9 + i * MINUTE for i in range(4)]:
        raise Failure(f"holes: {[k['open_ns'] for k in found]}")
    print(f"holes: {len(found)} candles behind the hole")


def not_there():
    """A store without the tables: the venue alone is asked, and a line says so."""
    found, count = past("gone", 7, store="nothing_there")
    alone, other = past("nobody", 7, history="")
    if len(found) != len(alone) or count != other:
        raise Failure(f"gone: {len(found)} candles, {len(alone)} without a store")
    if not any("is asked of the venue alone: store main says" in line for line in log("gone")):
        raise Failure("gone: nothing is said")
    print("gone: the venue alone is asked, and it is said")


LIVE = """
[exchange:venue]
plugin = sim
venue = %(address)s
history = main binance

[strategy:k]
plugin = klines
market = venue:BTC/USDT
n = 7
"""


def slow():
    """A store that does not answer is not waited for, and one that does not start neither: strategies get what the venue knows."""
    with open("venue.ini", "w", encoding="utf-8") as f:
        f.write("[exchange:venue]\nplugin = sim\ncapture = capture.aqc\nstart = 2024-08-08T23:58:30Z\n")
    for fault, text in (("mute", "store main has not answered within 2 s"), ("start", "store main says: ")):
        venue = Venue("venue.ini", name=f"{fault}_venue", stay=False)
        write(fault, LIVE, f"plugin = bad_store\nfault = {fault}\nafter = 1\n",
              address=venue.address.replace("unix:", "socket:"))
        host = Host(f"{fault}.ini", {"host.plugin_path": f"{PLUGINS}, {PLUGINS}/test", "host.clock": "venue"}, name=fault)
        for pattern in (f"the past of binance:BTC/USDT is asked of the venue alone: {text}", "k: past .*interval=1 ",
                        "k: history .*interval=1 count=3", "k: live .*interval=1 "):
            if host.wait_for(pattern) is None:
                raise Failure(f"{fault}: no line '{pattern}': {host.lines[-5:]}")
        host.end()
        venue.end()
        print(f"{fault}: the venue alone is asked")


# ---- what is refused ----

def expect(name, said, *texts):
    for text in texts:
        if text not in said:
            raise Failure(f"{name}: {said!r} does not say {text!r}")


def refusals():
    sqlite3.connect("empty.db").close()
    said = play("nothing", SQLITE, store="empty", code=1)
    expect("nothing", said, "[storage:main] has none of the tables trades, books and klines", "[recorder]")
    said = play("nowhere", "plugin = sqlite\nfile = missing/x.db\n", code=1)
    expect("nowhere", said, "[storage:main]", "cannot be opened", "missing/x.db")
    said = play("other", SQLITE, capture="store:main binance:ETH/USDT", code=1)
    expect("other", said, "has nothing of binance:ETH/USDT; it has binance:BTC/USDT")
    said = play("late", SQLITE, start="2024-08-10T00:00:00Z", end="2024-08-11T00:00:00Z", code=1)
    expect("late", said, "between start and end; what it has is from 2024-08-08T23:5", "to 2024-08-09T00:05:05.8Z")
    with sqlite3.connect("main.db") as db, sqlite3.connect("wrong.db") as copy:
        db.backup(copy)
        copy.execute("UPDATE books SET bids = '[[1,1],[2,1]]' WHERE number = 9 AND host = 'one'")
    said = play("wrong", SQLITE, store="wrong", code=1)
    expect("wrong", said, "books: the row with number 9 and time 17231612", "bids: levels must stand best first")
    if os.path.exists("wrong.state/replay/venue-1.aqc") or os.path.exists("wrong.state/replay/venue-1.aqc.part"):
        raise Failure("wrong: half a capture is left")
    print("refusals: each with its reason")


def forms():
    """What -t says; it opens nothing."""
    write("form", PLAYER, SQLITE, store="untouched", capture="store:main binance:BTC/USDT", start=START, end=END)
    expect("form", aioquantd("form", 0, "-t"), "is in order")
    if os.path.exists("untouched.db"):
        raise Failure("form: -t has opened the store")
    for capture, more, text in (
            ("store:other binance:BTC/USDT", "", "no section [storage:other]"), ("store:main", "", "the market is missing"),
            ("store:main BTC/USDT", "", "is no market"), ("store:main binance:BTC/USDT tick=0", "", "tick=0"),
            ("store:main binance:BTC/USDT, capture.aqc", "", "has files and stores"),
            ("store:main binance:BTC/USDT, store:main binance:BTC/USDT", "", "is given twice")):
        write("form", PLAYER + more, SQLITE, capture=capture, start=START, end=END)
        expect("form", aioquantd("form", 1, "-t"), text)
    for gone in ("start", "end"):
        write("form", PLAYER.replace(f"{gone} = %({gone})s\n", ""), SQLITE, capture="store:main binance:BTC/USDT", start=START, end=END)
        expect("form", aioquantd("form", 1, "-t"), f"{gone}: must be given")
    print("forms: -t says what is wrong, and opens nothing")


def on_a_server():
    if not mariadb.is_there():
        print("mariadb: not on this machine")
        return
    at = mariadb.Server()
    mariadb.ask("CREATE DATABASE main")
    storage = MARIADB.format(socket=mariadb.SOCKET)
    record("server", storage)
    play("served", storage)
    check_played("served", server(TRADE_ROWS), server(BOOK_ROWS))
    check_candles("served", server(KLINE_ROWS % ("`", "`")))
    border("border_served", storage)
    at.end() if hasattr(at, "end") else at.stop_hard()
    mariadb.drop_remarks()
    print("mariadb: the same from a server")


def main():
    make_capture()
    captures = f"{SOURCE}/tests/data/binance-spot/btcusdt_20240809.gz"
    run(f"{BIN}/replay", "import", "--venue", "binance", "--symbol", "BTCUSDT", "second_day.aqc", captures)
    whole()
    twice()
    part()
    crowd()
    candles()
    gaps()
    reloads()
    border("border")
    long_border()
    without()
    torn()
    holes()
    not_there()
    slow()
    refusals()
    forms()
    on_a_server()


if __name__ == "__main__":
    main()
