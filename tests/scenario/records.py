#!/usr/bin/env python3
"""The storage functions of the original by their names: a strategy calls each of them, against a file and a MariaDB server; what it
was told and what a client of its own finds there is the same, to the last digit."""
import os
import re
import signal
import sqlite3
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))

import mariadb  # noqa: E402
from processes import PLUGINS, Failure, Host, make_capture  # noqa: E402

CONFIG = """
[host]
mode = paper
speed = max
state_dir = %(name)s.state
probe_timeout = 1m
callback_kill = 1m

[log]
limit = 0

[exchange:venue]
plugin = sim
capture = capture.aqc

[storage:main]
%(store)s

[strategy:s]
plugin = records
market = venue:BTC/USDT
store = main
rows = %(rows)d
"""
FILE = """plugin = sqlite
file = %s.db
queue = 7MB"""
SERVER = """plugin = mariadb
address = %s
database = %s
user = root
tls = off
queue = 7MB"""
ROWS = 100000
ACCOUNT = "o'brien\"; DROP TABLE asset; --"
MIDNIGHT = 1723075200 * 10**9
MINUTE = 60 * 10**9


def start(name, store, rows=ROWS):
    with open(f"{name}.ini", "w", encoding="utf-8") as f:
        f.write(CONFIG % {"name": name, "store": store, "rows": rows})
    return Host(f"{name}.ini", {"host.plugin_path": f"{PLUGINS}, {PLUGINS}/test"}, name=name)


# ---- what the strategy was told ----

# Of each step its rows and its answer, from their begin; a step that is there twice is asked twice.
TOLD = rf"""
create_kline_table: fault 0
create_kline_table: fault 0
create_original_kline_table: fault 0
get_table_names: row minutes
get_table_names: row original
get_table_names: fault 0 rows 2
put_kline_first: fault 0
put_kline_again: fault 0
insert_data_99: fault 0 rows 0 changed 1 matched 0 id 1
insert_data_100: fault 1 .*\bopen\b
update_data_by_df: fault 0 rows 0 changed {ROWS}
query_data: row minute 0 close 100.25 qty 0 value 150.375 taker 0.000000000000000001 interval 1$
query_data: row minute 1 close 101.25 qty 0 value 151.875 taker 0 interval 1$
query_data: row minute 2 close 102.25 qty 0 value 153.375 taker 0 interval 1$
query_data: fault 0 rows 3 changed 0 matched 3
select_size: row 1 trades 11 close 111.25(0*)$
select_size: row 2 trades 12 close 112.25(0*)$
select_size: row 3 trades 13 close 113.25(0*)$
select_size: row 4 trades 14 close 114.25(0*)$
select_size: forget 0
execute_update: fault 0 rows 0 changed 10
execute_insert: fault 0 rows 0 changed 1 matched 0 id \d+
execute_nonsense: fault 1 .*syntax
no_such_table: fault 5 .*nowhere
kline_data: fault 0
create_new_kline_1: fault 0
create_new_kline_4: fault 0
create_new_kline_3: fault 0
create_new_kline_3: fault 2
get_kline_at_ts: row minute 3 close 103.25 qty 1.5 value 0 taker 0 interval 0$
get_kline_at_ts: fault 0 rows 1
get_kline_at_ts_now: row minute 4 close 104.25 qty 1.5
get_kline_at_ts_now: fault 0 rows 1
get_kline_at_ts_before: fault 0 rows 0
get_latest_kline_by_symbol: row minute 4 close 104.25
get_latest_kline_by_symbol: fault 0 rows 1
get_kline_between_ts: row minute 1 close 101.25
get_kline_between_ts: row minute 3 close 103.25
get_kline_between_ts: fault 0 rows 2
asset_data: fault 0
create_new_asset: fault 0 rows 0 changed 1 matched 0 id 1
create_new_assets: fault 0 rows 0 changed 2
update_asset_of_old: fault 0 rows 0 changed 1 matched 1
update_asset_of_new: fault 0
get_latest_asset: row binance at 10: 2, BTC 10.1 USDT 123456789012.000000000000000001, {re.escape(ACCOUNT)}$
get_latest_asset: fault 0 rows 1
snapshot_data: fault 0
create_new_snapshot_2: fault 0
create_new_snapshot_1: fault 0
create_new_snapshot_old: fault 0
create_new_snapshot_now: fault 0
get_asset_snapshot: row binance at 1: 2, BTC 5.1
get_asset_snapshot: row binance at 2: 2, BTC 5.1
get_asset_snapshot: fault 0 rows 2
get_asset_snapshot_day: row binance at 1: 2
get_asset_snapshot_day: row binance at 2: 2
get_asset_snapshot_day: fault 0 rows 2
get_asset_snapshot_now: row binance at 1: 2
get_asset_snapshot_now: row binance at 2: 2
get_asset_snapshot_now: row binance at \d+: 2
get_asset_snapshot_now: fault 0 rows 3
order_data: fault 0
create_new_order: fault 0 rows 0 changed 1 matched 0 id 1
create_new_order_market: fault 0 rows 0 changed 1 matched 0 id 2
create_new_order: fault 2
update_order_infos: fault 0 rows 0 changed 1 matched 1
update_order_infos_of_none: fault 0 rows 0 changed 0 matched 0
get_order_by_no: row 4712 BTC/USDT action 2 type 2 status 2 price - avg 100.25 quantity 3 remain 2 trade_type 1 ut 1
get_order_by_no: fault 0 rows 1
get_latest_order: row 4711 BTC/USDT action 1 type 1 status 2 price 100.25 avg 100.25 quantity 3 remain 1 trade_type 1 ut 2
get_latest_order: fault 0 rows 1
"""


def check_told(host):
    wanted = TOLD.strip().splitlines()
    steps = {line.split(":")[0] for line in wanted}
    said = [line[line.index(found[0]):] for line in host.lines if (found := re.search(r"\b(\w+): (fault|row|status|forget)\b", line))
            and found[1] in steps]
    for at, pattern in enumerate(wanted):
        if at >= len(said) or not re.match(pattern, said[at]):
            raise Failure(f"{host.name}: not '{pattern}': {said[at:at + 3]}; last {host.lines[-3:]}")
    if len(said) != len(wanted):
        raise Failure(f"{host.name}: it also said {said[len(wanted):]}")


# ---- what is there, as texts ----

COLUMNS = [("original", "open, num_of_trades, Taker_buy_quote_asset_volume"), ("kline_BTCUSDT", "t, o, h, l, c, v"),
           ("asset", "platform, account, timestamp, assets"), ("snapshot", "platform, account, assets"),
           ("`order`", "p, a, s, sy, n, ac, t, st, pr, ap, q, r, tt, ct, ut")]
ASSETS = ('{"BTC":{"free":"%d","locked":"0.1","total":"%d.1"},"USDT":{"free":"123456789012.000000000000000001","locked":"0",'
          '"total":"123456789012.000000000000000001"}}')


def price(n, cents=25):
    return f"{100 + n}.{cents:02d}000000"


def candle(n):
    return [str(MIDNIGHT + n * MINUTE), price(n, 0), price(n, 50), price(n - 1, 50), price(n), "1.50000000"]


def check_there(name, ask):
    """`ask` gives rows of texts, None for null, in any order."""
    minutes = ask("SELECT time, open, close, quote_volume, trades FROM minutes ORDER BY time")
    if len(minutes) != ROWS + 1:
        raise Failure(f"{name}: {len(minutes)} minutes")
    for n, row in enumerate(minutes):
        trades = n + 1000000 if 100 <= n <= 109 else n
        value = (10025 + 100 * n) * 15
        wanted = [str(MIDNIGHT + n * MINUTE), price(n, 0), price(n), f"{value // 1000}.{value % 1000:03d}{'0' * 15}", str(trades)]
        if row != wanted:
            raise Failure(f"{name}: minute {n} is {row}, not {wanted}")
    there = {table: sorted(ask(f"SELECT {columns} FROM {table}"), key=str) for table, columns in COLUMNS}
    for row in there["snapshot"]:
        if row != ["binance", "two", ASSETS % (5, 5)]:
            raise Failure(f"{name}: snapshot {row}")
    order = ["binance", ACCOUNT, "mm", "BTC/USDT"]
    wanted = {
        "original": [["99.99999999", "7", "49.5"], [None, "77", None]],
        "kline_BTCUSDT": [candle(1), candle(3), candle(4)],
        "asset": sorted([["binance", ACCOUNT, str(MIDNIGHT + 10), ASSETS % (10, 10)],
                         ["binance", "two", str(MIDNIGHT + 2), ASSETS % (2, 2)],
                         ["binance", "three", str(MIDNIGHT + 3), ASSETS % (3, 3)],
                         ["binance", "four", str(MIDNIGHT + 4), ASSETS % (4, 4)]], key=str),
        "`order`": [order + ["4711", "BUY", "LIMIT", "PARTIAL-FILLED", price(0), price(0), "3.00000000", "1.00000000", "1",
                             str(MIDNIGHT), str(MIDNIGHT + 2)],
                    order + ["4712", "SELL", "MARKET", "PARTIAL-FILLED", None, price(0), "3.00000000", "2.00000000", "1",
                             str(MIDNIGHT), str(MIDNIGHT + 1)]]}
    for table, rows in wanted.items():
        if there[table] != rows:
            raise Failure(f"{name}: {table} is {there[table]}, not {rows}")
    check_times(name, ask)


def check_times(name, ask):
    """Inserted once, changed by the update alone; the times are the host's, which is in the evening of that day."""
    for table in ("kline_BTCUSDT", "asset", "snapshot", "`order`"):
        for made, changed in ask(f"SELECT create_time, update_time FROM {table}"):
            if not MIDNIGHT < int(made) <= int(changed):
                raise Failure(f"{name}: {table} was made {made}, changed {changed}")


def ask_file(name):
    db = sqlite3.connect(f"{name}.db")
    return lambda statement: [[None if cell is None else str(cell) for cell in row] for row in db.execute(statement)]


def ask_server(name):
    return lambda statement: [[None if cell == "NULL" else cell for cell in line.split("\t")]
                              for line in mariadb.ask(statement, name).splitlines()]


def check_schema(name):
    """The types and comments of the server's columns."""
    said = mariadb.ask("SELECT column_name, column_type, column_key, extra, column_comment FROM information_schema.columns "
                       f"WHERE table_schema = '{name}' AND table_name IN ('original', 'minutes') ORDER BY table_name, ordinal_position")
    for line in ("id\tbigint(20)\tPRI\tauto_increment\t", "open\tdecimal(10,8)\t\t\topen price", "close\tdecimal(10,8)\t\t\tclose price",
                 "volume\tdouble\t", "num_of_trades\tbigint(20)\t", "Taker_buy_quote_asset_volume\tdouble\t", "symbol\tvarchar(48)\tPRI\t",
                 "interval\tvarchar(8)\tPRI\t", "time\tbigint(20)\tPRI\t", "close\tdecimal(28,8)\t", "quote_volume\tdecimal(34,18)\t"):
        if f"\n{line}" not in f"\n{said}":
            raise Failure(f"{name}: no column {line}: {said}")


def whole(name, store, ask):
    host = start(name, store)
    if host.wait_for(r"all \d+ steps are done") is None:
        raise Failure(f"{name}: {host.lines[-5:]}")
    if host.wait() != 0:
        raise Failure(f"{name}: it does not end well: {host.lines[-3:]}")
    check_told(host)
    check_there(name, ask(name))
    print(f"{name}: {len(TOLD.split(chr(10))) - 2} lines; " + next(line for line in host.lines if "steps are done" in line).split(", ")[-1])


def main():
    make_capture()
    whole("file", FILE % "file", ask_file)
    if not mariadb.is_there():
        print("no server of MariaDB, or no client library: it is not tried")
        return
    server = mariadb.Server()
    mariadb.ask("CREATE DATABASE server")
    whole("server", SERVER % (mariadb.SOCKET, "server"), ask_server)
    check_schema("server")
    server.signal(signal.SIGTERM)
    server.wait()
    mariadb.drop_remarks()


try:
    main()
except Failure as failure:
    sys.exit(str(failure))
