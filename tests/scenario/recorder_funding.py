#!/usr/bin/env python3
"""recorder_funding.py: what a perpetual pays while it is held is recorded with its value, and reported: against the fills that
made the position, and the rates that the configuration names."""
import datetime
import json
import os
import sqlite3
import subprocess
import sys
from decimal import Decimal

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))

from processes import BIN, PLUGINS, SOURCE, Failure, Host, run  # noqa: E402

RATES = (("2024-08-08T23:55:30Z", "0.01%", Decimal("0.0001")), ("2024-08-08T23:58:00Z", "-0.05%", Decimal("-0.0005")))
CONFIG = f"""
[host]
server_id       = perp
state_dir       = state
plugin_path     = {PLUGINS}
report_currency = USDT
on_end          = wait
probe_timeout   = 1m

[log]
limit           = 0

[exchange:venue]
plugin          = sim
capture         = perp.aqc
{chr(10).join(f"funding         = {at} BTC/USDT:USDT {rate}" for at, rate, _ in RATES)}

[account:acc]
exchange        = venue
balance         = 20000 USDT
leverage        = 5
fee_maker       = 1bps

[storage:main]
plugin          = sqlite
file            = main.db

[recorder]
fills           = main
cashflows       = main
equity          = main every 1s

[strategy:mm]
plugin          = market_maker
market          = acc:BTC/USDT:USDT
fair            = ema
half_life       = 500ms
spread          = 0.4bps
skew            = 0bps
tolerance       = 0.05bps
size            = 0.01 BTC
max_position    = 0.05 BTC
pause           = 20ms
on_stop         = leave
"""


def ns_of(text):
    at = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return int(at.timestamp()) * 10**9


def rows_of(sql, *values):
    return sqlite3.connect("main.db", timeout=60).execute(sql, values).fetchall()


def position_at(time_ns):
    """By the fills of before; the venue's time, since that is when it pays."""
    return sum((Decimal(qty) if side == "buy" else -Decimal(qty) for side, qty in
                rows_of("SELECT side, quantity FROM fills WHERE venue_time <= ?", time_ns)), Decimal(0))


def check():
    """What is paid has the sign of position and rate, and is that part of what the position is worth."""
    paid = rows_of("SELECT venue_time, account, asset, amount, value, currency FROM cashflows WHERE kind = 'funding' ORDER BY number")
    expected = [(ns_of(at), rate, position_at(ns_of(at))) for at, _, rate in RATES]
    expected = [(at, rate, position) for at, rate, position in expected if position != 0]
    if not expected or len(paid) != len(expected):
        raise Failure(f"funding {paid} is recorded, positions were {expected}")
    for (time_ns, account, asset, amount, value, currency), (at, rate, position) in zip(paid, expected):
        price = -Decimal(amount) / position / rate
        if (time_ns, account, asset, currency) != (at, "acc", "USDT", "USDT") or Decimal(value) != Decimal(amount) or \
                not 61000 < price < 62500:
            raise Failure(f"funding: {time_ns} {account} {asset} {amount} {value} {currency} for {position} at {rate}")
    return sum((Decimal(row[3]) for row in paid), Decimal(0)), len(paid)


def main():
    run(f"{BIN}/replay", "import", "--venue", "binance_usdm", "--symbol", "BTCUSDT", "perp.aqc",
        f"{SOURCE}/tests/data/binance-usdm/btcusdt_20240808.gz")
    with open("host.ini", "w", encoding="utf-8") as f:
        f.write(CONFIG)
    host = Host("host.ini", {"host.speed": "max"}, name="host")
    if host.wait_for("the capture has ended", deadline=300) is None:
        raise Failure(f"no end: {host.lines[-5:]}")
    done = subprocess.run([f"{BIN}/aqctl", "-d", "state", "report", "--json", "--by", "account"], capture_output=True, text=True,
                          check=True)
    host.end()
    total, times = check()
    (row,) = json.loads(done.stdout)["rows"]
    if Decimal(row["funding"]) != total:
        raise Failure(f"{row['funding']} of funding is reported, {total} was recorded")
    print(f"{times} payments, {total} USDT")


try:
    main()
except Failure as failure:
    sys.exit(str(failure))
