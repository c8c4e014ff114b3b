#!/usr/bin/env python3
"""report.py: what `aqctl report` says of a replay, against the tables of the recorder as Python reads and adds them."""
import csv
import io
import json
import os
import sqlite3
import subprocess
import sys
from decimal import Decimal

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))

from processes import BIN, PLUGINS, SOURCE, Failure, Host, make_capture  # noqa: E402

CONFIG = """
include = %(source)s/conf/market_maker.ini

[storage:main]
plugin = sqlite
file = %(folder)s/main.db

[recorder]
fills = main
cashflows = main
equity = main every 10s
flush = 1s
spool = 8MB
"""
BUSY = {"mm.fair": "ema", "mm.half_life": "500ms", "mm.spread": "0.6bps", "mm.skew": "1bps", "mm.tolerance": "0.05bps",
        "mm.levels": "2", "mm.step_ticks": "40", "mm.size": "0.001 BTC", "mm.max_position": "0.01 BTC", "mm.pause": "20ms",
        "demo.fee_maker": "1bps", "demo.transfer": "2024-08-08T23:55:00Z 500 USDT"}


def start(name, config, **more):
    with open(f"{name}.ini", "w", encoding="utf-8") as f:
        f.write(config)
    return Host(f"{name}.ini", {"host.plugin_path": PLUGINS, "host.state_dir": os.path.abspath(f"{name}.state"), "host.speed": "max",
                                "host.on_end": "wait", "log.file": "", "log.format": "text", "log.limit": "0",
                                "binance.capture": os.path.abspath("capture.aqc"), "binance.end": "2024-08-08T23:57:00Z",
                                **BUSY, **more}, name=name)


def report(name, *words, status=0):
    done = subprocess.run([f"{BIN}/aqctl", "-d", f"{name}.state", "report", *words], capture_output=True, text=True, check=False)
    if done.returncode != status:
        raise Failure(f"report {words}: exit {done.returncode}, {done.stdout} {done.stderr}")
    return done.stdout + done.stderr


def rows_of(sql, *values):
    base = sqlite3.connect("main.db", timeout=60)
    base.row_factory = sqlite3.Row
    return base.execute(sql, values).fetchall()


def same(what, said, expected):
    if Decimal(said) != expected:
        raise Failure(f"{what}: {said} is said, {expected} are in the tables")


def drawdown(samples, fees):
    """Of realised + unrealised - fees at the samples; the first of an account tells what there was."""
    peak = farthest = Decimal(0)
    first = samples[0]
    for sample in samples[1:]:
        paid = sum((Decimal(f["fee_value"]) for f in fees if f["time"] <= sample["time"]), Decimal(0))
        total = sum(Decimal(sample[k]) - Decimal(first[k]) for k in ("realised", "unrealised")) - paid
        peak = max(peak, total)
        farthest = max(farthest, peak - total)
    return farthest


def judge():
    fills = rows_of("SELECT time, notional_value, fee_value, liquidity FROM fills ORDER BY time")
    positions = rows_of("SELECT time, realised, unrealised FROM equity WHERE strategy = 'mm' ORDER BY time, number")
    equity = [Decimal(r["equity"]) for r in rows_of("SELECT equity FROM equity WHERE strategy IS NULL AND equity IS NOT NULL "
                                                    "ORDER BY time, number")]
    cash = rows_of("SELECT kind, value FROM cashflows")
    turnover = sum((Decimal(f["notional_value"]) for f in fills), Decimal(0))
    fees = sum((Decimal(f["fee_value"]) for f in fills), Decimal(0))
    transfers = sum((Decimal(c["value"]) for c in cash if c["kind"] == "transfer"), Decimal(0))
    if len(fills) < 20 or len(positions) < 5 or transfers != 500:
        raise Failure(f"too little happened: {len(fills)} fills, {len(positions)} samples, {transfers} transferred")
    return {"fills": len(fills), "turnover": turnover, "fees": fees,
            "realised": Decimal(positions[-1]["realised"]), "unrealised": Decimal(positions[-1]["unrealised"]),
            "drawdown": drawdown([{"time": 0, "realised": "0", "unrealised": "0"}] + list(positions), fills),
            "transfers": transfers, "begin": equity[0], "end": equity[-1]}


def compare():
    expected = judge()
    said = json.loads(report("r", "--month", "2024-08", "--json"))
    (row,) = said["rows"]
    if (row["strategy"], row["account"], row["market"], row["fills"]) != ("mm", "demo", "binance:BTC/USDT", expected["fills"]):
        raise Failure(f"the row is {row}")
    for key in ("turnover", "realised", "unrealised", "fees", "drawdown"):
        same(key, row[key], expected[key])
    total = expected["realised"] + expected["unrealised"] - expected["fees"]
    same("total", row["total"], total)
    (account,) = said["accounts"]
    for key in ("begin", "end", "transfers"):
        same(key, account[key], expected[key])
    same("explained", account["explained"], total + expected["transfers"])
    same("difference", account["difference"], expected["end"] - expected["begin"] - total - expected["transfers"])
    if Decimal(account["difference"]) != 0 and not said["problems"]:
        raise Failure("the difference is not told")
    print(f"{expected['fills']} fills, total {total}, difference {account['difference']}")


def forms():
    (by_day,) = csv.DictReader(io.StringIO(report("r", "2024-08-08", "2024-08-09", "--csv")))
    (whole,) = json.loads(report("r", "--json"))["rows"]
    for key in ("turnover", "realised", "fees", "total"):
        if by_day[key] != whole[key]:
            raise Failure(f"{key}: {by_day[key]} as CSV, {whole[key]} as JSON")
    (by_account,) = json.loads(report("r", "--by", "account", "--json"))["rows"]
    if by_account["total"] != whole["total"] or by_account["strategy"] is not None:
        raise Failure(f"by account: {by_account}")
    if "mm" in report("r", "--month", "2024-07"):
        raise Failure("a month before it has something of it")
    for words, text in ((["--by", "stategy"], "--by takes"), (["2024-13"], "a month as"), (["2024-08-31", "2024-08-01"], "a month as"),
                        (["2024-02-30"], "a month as"), (["--limit", "3"], "usage")):
        if text not in report("r", *words, status=2):
            raise Failure(f"report {words} does not say '{text}'")


def by_another_hand():
    """A cell that somebody has written by hand."""
    base = sqlite3.connect("main.db", timeout=60)
    base.execute("UPDATE fills SET notional_value = 'x' WHERE number = (SELECT min(number) FROM fills)")
    base.commit()
    said = report("r", "--month", "2024-08", status=1)
    if "fills" not in said:
        raise Failure(f"a cell that is no number: {said}")
    print(said.strip()[:120])


def main():
    make_capture()
    config = CONFIG % {"source": SOURCE, "folder": os.getcwd()}
    host = start("r", config)
    if host.wait_for("the capture has ended", deadline=300) is None:
        raise Failure(f"no end: {host.lines[-5:]}")
    compare()
    forms()
    by_another_hand()
    host.end()
    bare = start("bare", f"include = {SOURCE}/conf/market_maker.ini\n", **{"binance.end": "2024-08-08T23:54:30Z"})
    if bare.wait_for("the capture has ended", deadline=300) is None:
        raise Failure(f"no end: {bare.lines[-5:]}")
    if "nothing records fills" not in report("bare", status=4):
        raise Failure("a report without a recorder")
    bare.end()


try:
    main()
except Failure as failure:
    sys.exit(str(failure))
