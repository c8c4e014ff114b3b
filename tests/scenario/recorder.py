#!/usr/bin/env python3
"""The recorder on eleven recorded minutes: its tables hold what the venue's record, the journal and the raw data say, each read
here by arithmetic of its own; a second run fills equal tables."""
import gzip
import json
import os
import re
import subprocess
import sys

from lib import facts, processes, tables
from lib.judge import Lines, amount, shown, times
from lib.processes import BIN, SOURCE, Failure, Host, make_capture
from lib.trading import read

SECTIONS = """
[storage:main]
plugin          = sqlite
file            = main.db

[recorder]
orders          = main
fills           = main
cashflows       = main
denials         = main
operator        = main
equity          = main every 1m
klines          = main 1m 5m
trades          = main keep 30d
books           = main 20 levels every 1s
spool           = 64MB
"""
HOST = "market-maker"
BUSY = {"mm.fair": "ema", "mm.half_life": "500ms", "mm.spread": "0.6bps", "mm.widen": "0.2", "mm.skew": "1bps",
        "mm.tolerance": "0.05bps", "mm.levels": "4", "mm.step_ticks": "40", "mm.growth": "1", "mm.size": "0.001 BTC",
        "mm.max_position": "0.01 BTC", "mm.pause": "20ms", "mm.limit.order_rate": "20/s", "journal.segment": "1MB",
        "demo.transfer": "2024-08-08T23:56:00Z 250.5 USDT, 2024-08-08T23:58:00Z -0.001 BTC", "demo.fee_maker": "1bps"}
SAID = ((("pause", "mm"), "mm", "pause"), (("resume", "mm"), "mm", "resume"),
        (("set", "mm", "spread=7bps"), "strategy:mm", "set spread=7bps"), (("halt",), "host", "halt"), (("resume",), "host", "resume"))
TABLES = facts.NAMES + tables.SPOOLED
MINUTE = 60 * 10**9
NONE = -2**63
UPDATES = ("", "open", "untriggered", "triggered", "rejected", "cancelled", "expired", "filled", "amended", "cancel rejected",
           "amend rejected", "not found", "unknown")
REQUESTS = ("", "place", "cancel", "amend", "lookup", "list")
REQUEST_STATES = ("over", "sent", "unknown")


def aqctl(name, *words):
    done = subprocess.run([f"{BIN}/aqctl", "-d", f"{name}/state", "--json", *words], capture_output=True, text=True,
                          timeout=processes.DEADLINE, check=False)
    if done.returncode != 0:
        raise Failure(f"aqctl {words}: {done.returncode} {done.stdout} {done.stderr}")
    return json.loads(done.stdout)


def replay(name):
    """Runs to the end of the capture, and waits there; what aqctl said of the account's worth."""
    os.mkdir(name)
    with open(f"{name}/host.ini", "w", encoding="utf-8") as f:
        f.write(read(f"{SOURCE}/conf/market_maker.ini") + SECTIONS)
    settings = {"host.state_dir": os.path.abspath(f"{name}/state"), "log.format": "text", "host.speed": "max", "host.on_end": "wait",
                "binance.capture": os.path.abspath("capture.aqc"), "main.file": os.path.abspath(f"{name}/main.db"), **BUSY}
    host = Host(f"{name}/host.ini", settings, name, more=["--judge", f"{name}/judge"])
    if host.wait_for("the capture has ended") is None:
        raise Failure(f"{name}: {host.lines[-5:]}")
    status = aqctl(name, "status")
    for words, *_ in SAID:
        aqctl(name, *words)
    host.end()
    said = [line for line in host.lines if re.search(r" (warn|error) +recorder", line) and "callback_warn" not in line]
    if said:
        raise Failure(f"{name}: {said[:5]}")
    return status


# ---- orders and money ----

def check_fills(t, name):
    """The venue's record, in its order; what each realised is the host's to say."""
    venue = Lines(read(f"{name}/judge"))["fill"]
    mine = Lines(processes.journal_state(f"{name}/state/journal"))["fill"]
    rows = t.rows("fills", "fill, trade_id, side, price, quantity, notional, liquidity, fee, fee_asset, realised, venue_time, account, "
                           "strategy, market")
    if len(rows) != len(venue) or len(rows) < 200:
        raise Failure(f"fills: {len(rows)} rows, {len(venue)} at the venue")
    for at, (row, fill, own) in enumerate(zip(rows, venue, mine), 1):
        number, trade, side, price, qty, notional, liquidity, fee, asset, realised, time_ns, *names = row
        expected = (at, fill["trade"], fill["side"], amount(fill["price"]), amount(fill["qty"]), times(fill["price"], fill["qty"]),
                    fill["liquidity"], amount(fill["fee"]), fill["fee_asset"], amount(own["realised"]), int(fill["time_ns"]))
        found = (number, trade, side, amount(price), amount(qty), amount(notional), liquidity, amount(fee), asset, amount(realised),
                 time_ns)
        if found != expected or names != ["demo", "mm", "binance:BTC/USDT"]:
            raise Failure(f"fills: row {row}, should be {fill}")
    return len(rows)


def text_of(value):
    """A scaled number of 8 digits as the tables have it."""
    return None if value == NONE else f"{'-' if value < 0 else ''}{abs(value) // 10**8}.{abs(value) % 10**8:08d}" + "0" * 10


def expected_order(fact):
    """The order's number, and of its row: price, quantity, filled; whether the place, cancel or amend of a request is told."""
    if fact.kind == facts.ORDER:
        return fact.number("Q", 16), *(text_of(fact.number("q", at)) for at in (48, 56, 64)), "sent"
    if fact.kind == facts.UPDATE:
        return fact.number("Q", 24), *(text_of(fact.number("q", at)) for at in (32, 40, 48)), UPDATES[fact.number("B", 20)]
    if fact.kind == facts.FILL:
        return fact.number("Q", 32), None, None, text_of(fact.number("q", 64)), None
    request, state = REQUESTS[fact.number("B", 40)], REQUEST_STATES[fact.number("B", 41)]
    terms = [text_of(fact.number("q", at)) if request == "amend" else None for at in (24, 32)]
    return fact.number("Q", 0), *terms, None, f"{request} {state}"


def check_orders(t, name):
    """Row for row the journal's facts, by their bytes; and as many orders."""
    known = [fact for fact in facts.read(f"{name}/state") if fact.is_of("orders")]
    rows = t.rows("orders", '"order", price, quantity, filled, "change", account, strategy, market, side, state')
    texts, quantities = {}, {}
    for fact, row in zip(known, rows):
        number, *expected = expected_order(fact)
        if expected[1] is not None and row[4] in ("sent", "amended"):
            quantities[number] = expected[1]
        if fact.kind == facts.FILL:
            whole = amount(expected[2]) >= amount(quantities[number])
            expected[3] = "filled" if whole else "partly filled"
            if row[9] != ("filled" if whole else "open"):
                raise Failure(f"orders: {row} of {quantities[number]}")
        if texts.setdefault(number, row[0]) != row[0] or list(row[1:5]) != expected or \
                row[5:8] != ("demo", "mm", "binance:BTC/USDT") or row[8] not in ("buy", "sell"):
            raise Failure(f"orders: {row}, should be {number} {texts[number]} {expected}")
    orders = Lines(processes.journal_state(f"{name}/state/journal"))["order"]
    if len(set(texts.values())) != len(orders) or {int(order["id"]) for order in orders} != set(texts):
        raise Failure(f"orders: {len(set(texts.values()))} in the table, {len(orders)} in the journal")
    return len(orders)


def check_denials(t, name):
    denied = Lines(processes.journal_state(f"{name}/state/journal"))["denied"]
    rows = t.rows("denials", "code, side, price, quantity, tag, reason")
    found = [(str(code), side, amount(price), amount(qty), str(tag)) for code, side, price, qty, tag, _ in rows]
    expected = [(d["code"], d["side"], amount(d["price"]), amount(d["qty"]), d["tag"]) for d in denied]
    if found != expected or not rows or any(not reason for *_, reason in rows):
        raise Failure(f"denials: {found[:3]} ({len(found)}), should be {expected[:3]} ({len(expected)})")
    return len(rows)


def check_operator(t):
    """What was said to the host at the end of the capture, and what came of it."""
    rows = [(who, subject, what.split(":")[0]) for who, subject, what in t.rows("operator", "who, subject, what")]
    expected = []
    for words, subject, what in SAID:
        expected += [("aqctl", None, " ".join(words)), ("aqctl", subject, what)]
    if rows != expected:
        raise Failure(f"operator: {rows}, should be {expected}")
    return len(rows)


def check_cashflows(t):
    rows = [(kind, shown(amount(value)), asset, account) for kind, value, asset, account in
            t.rows("cashflows", "kind, amount, asset, account")]
    if rows != [("transfer", "250.5", "USDT", "demo"), ("transfer", "-0.001", "BTC", "demo")]:
        raise Failure(f"cashflows: {rows}")


# ---- market data ----

def raw():
    """(arrival ns, message) of the recordings."""
    for day in (8, 9):
        with gzip.open(f"{SOURCE}/tests/data/binance-spot/btcusdt_2024080{day}.gz", "rt") as lines:
            for line in lines:
                arrival, message = line.split(" ", 1)
                yield int(arrival), json.loads(message)


def check_trades(t, messages):
    """Those of the recordings, from the first that the host had subscribed for on."""
    rows = [(number, time_ns, amount(price), amount(qty), side) for number, time_ns, price, qty, side in
            t.rows("trades", "trade_id, time, price, quantity, side")]
    said = [(d["t"], d["T"] * 10**6, amount(d["p"]), amount(d["q"]), "sell" if d["m"] else "buy")
            for d in (m.get("data", {}) for _, m in messages) if d.get("e") == "trade"]
    missing = len(said) - len(rows)
    if missing < 0 or missing > 5 or rows != said[missing:]:
        at = next((i for i, (a, b) in enumerate(zip(rows, said[missing:])) if a != b), None)
        raise Failure(f"trades: {len(rows)} rows of {len(said)}; the first that differs: {at}, {rows[at] if at is not None else ''}")
    return rows


def check_klines(t, trades):
    """Computed from the trades; of a partial one only that its end is right."""
    found = t.rows("klines", "interval, time, end_time, open, high, low, close, volume, value, trades, taker_buy_volume, partial")
    for name, length in (("1m", MINUTE), ("5m", 5 * MINUTE)):
        groups = {}
        for _, time_ns, price, qty, side in trades:
            groups.setdefault(time_ns - time_ns % length, []).append((price, qty, side))
        rows = [row for row in found if row[0] == name]
        whole = [begin for begin in sorted(groups)[1:-1]]
        if [row[1] for row in rows if not row[-1]] != whole:
            raise Failure(f"klines {name}: {[row[1] for row in rows]} ({[row[-1] for row in rows]}), should be {whole}")
        for _, begin, end, *prices, volume, value, count, bought, partial in rows:
            group = groups[begin]
            expected = [group[0][0], max(g[0] for g in group), min(g[0] for g in group), group[-1][0], sum(g[1] for g in group),
                        sum(g[0] * g[1] for g in group) // 10**18, len(group), sum(g[1] for g in group if g[2] == "buy")]
            mine = [*map(amount, prices), amount(volume), amount(value), count, amount(bought)]
            if end != begin + length or (not partial and mine != expected):
                raise Failure(f"klines {name} of {begin}: {mine}, should be {expected}")
    if len(found) < 11:
        raise Failure(f"klines: {len(found)} rows")
    return len(found)


class Book:
    def __init__(self):
        self.sides, self.at, self.before = None, 0, []

    def take(self, message):
        """True when the message has changed it. What came before the snapshot and reaches beyond it follows it."""
        data = message.get("data", {})
        if "lastUpdateId" in message:
            self.sides = [{amount(p): amount(q) for p, q in message[side]} for side in ("bids", "asks")]
            self.at = message["lastUpdateId"]
            return any([self.take(early) for early in self.before])
        if data.get("e") != "depthUpdate":
            return False
        if self.sides is None:
            self.before.append(message)
        elif data["u"] > self.at:
            for side, changes in zip(self.sides, (data["b"], data["a"])):
                side.update((amount(p), amount(q)) for p, q in changes)
            return True
        return False

    def best(self, n):
        return [[(p, side[p]) for p in sorted((p for p in side if side[p] != 0), reverse=reverse)[:n]]
                for side, reverse in zip(self.sides, (True, False))]


def check_books(t, messages):
    """By the venue's time of the update that it stood after."""
    rows = {}
    for time_ns, *row in t.rows("books", "time, bid, bid_quantity, ask, ask_quantity, bids, asks"):
        rows.setdefault(time_ns, []).append(row)
    book, compared = Book(), 0
    for _, message in messages:
        if not book.take(message) or "E" not in message.get("data", {}):
            continue
        for row in rows.get(message["data"]["E"] * 10**6, []) if compared < 40 or compared % 10 == 0 else []:
            bids, asks = ([(amount(str(p)), amount(str(q))) for p, q in json.loads(side, parse_float=str, parse_int=str)]
                          for side in row[4:])
            if [bids, asks] != book.best(20) or tuple(map(amount, row[:4])) != bids[0] + asks[0]:
                raise Failure(f"books at {message['data']['E']}: {row}, should be {book.best(2)}")
        compared += len(rows.get(message["data"]["E"] * 10**6, []))
    if compared < 300:
        raise Failure(f"books: {compared} of {sum(map(len, rows.values()))} rows are of a moment of the recording")
    return compared


# ---- equity ----

def check_equity(t, status):
    """One of the account and one of each position a minute; the last is what aqctl says."""
    account = [(time_ns, amount(equity)) for time_ns, equity, strategy in t.rows("equity", "time, equity, strategy")
               if strategy is None and equity is not None]
    minutes = sorted({time_ns // MINUTE for time_ns, _ in account})
    if minutes != list(range(minutes[0], minutes[-1] + 1)) or len(minutes) < 11:
        raise Failure(f"equity: minutes {minutes}")
    if any(not 20000 * 10**18 < worth < 60000 * 10**18 for _, worth in account):
        raise Failure(f"equity: {account[:3]} ...")
    said = next(a for a in status["accounts"] if a["account"] == "demo")["equity"]
    worth, currency = said.replace(",", "").split(" ")
    if currency != "USDT" or abs(account[-1][1] - amount(worth)) >= 10**16:  # it shows cents
        raise Failure(f"equity: the last row says {shown(account[-1][1])}, aqctl {said}")
    positions = t.rows("equity", "strategy, market, position")[-3:]
    if not any(strategy == "mm" and market == "binance:BTC/USDT" for strategy, market, _ in positions):
        raise Failure(f"equity: {positions}")
    return len(account)


def all_of(name):
    """Every cell of every table."""
    t = tables.of_sqlite(HOST, f"{name}/main.db")
    return {table: t.rows(table, "*") for table in TABLES}


def main():
    make_capture()
    status = replay("first")
    t = tables.of_sqlite(HOST, "first/main.db")
    counts = t.facts("first/state")
    messages = list(raw())
    trades = check_trades(t, messages)
    counts.update(fills=check_fills(t, "first"), orders=check_orders(t, "first"), operator=check_operator(t), denials=check_denials(t, "first"),
                  trades=len(trades), klines=check_klines(t, trades), books=check_books(t, messages),
                  equity=check_equity(t, status))
    check_cashflows(t)
    for table in tables.SPOOLED:
        rows, lost, _ = t.numbers(table)
        if lost or not rows:
            raise Failure(f"{table}: {rows} rows, {lost} were dropped")
    print(", ".join(f"{count} {what}" for what, count in counts.items()))
    replay("second")
    first, second = all_of("first"), all_of("second")
    for table in TABLES:
        if first[table] != second[table]:
            raise Failure(f"two equal replays fill {table} differently: "
                          f"{next((p for p in zip(first[table], second[table]) if p[0] != p[1]), 'another count')}")


try:
    main()
except Failure as failure:
    sys.exit(f"recorder.py: {failure}")
