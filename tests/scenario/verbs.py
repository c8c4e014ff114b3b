#!/usr/bin/env python3
"""verbs.py: what an operator can ask of a running host: where options come from, what differs from the files, whether they
are in order, why an order is there, what strategies tell; how accounts are in step."""
import json
import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))

from load import Host, base_config, make_capture, program, replayed, until  # noqa: E402

DONE, FAILED = 0, 1
CONFIG = replayed(base_config("verbs", host="on_end = wait")) + """
[strategy:mm]
plugin = market_maker
market = acc:BTC/USDT
spread = 0.5bps
tolerance = 0.1bps
size = 0.001 BTC
max_position = 0.05 BTC
limit.open_orders = 4

[strategy:idle]
plugin = options
market = acc:BTC/USDT
key_name = hush-file
"""


def check(condition, what):
    if not condition:
        raise SystemExit("verbs.py: " + what)


def write(text):
    with open("host.ini.new", "w", encoding="utf-8") as file:
        file.write(text)
    os.rename("host.ini.new", "host.ini")


def ctl(*words, code=DONE, more=()):
    done = subprocess.run([program("aqctl"), "-d", "state", "-t", "100", *more, *words], capture_output=True, text=True,
                          timeout=120)
    check(done.returncode == code, f"aqctl {words}: {done.returncode}, not {code}: {done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def ask(*words, code=DONE):
    return json.loads(ctl(*words, code=code, more=("--json",)))


def fits(*words):
    """Nothing is wider than a terminal of 130 columns, and 80 are enough for the left part."""
    for width in ("130", "80"):
        for line in ctl(*words, more=("--width", width)).splitlines():
            check(len(line) <= int(width), f"{words}: wider than {width}: {line}")


def row(rows, **like):
    found = [r for r in rows if all(r[key] == value for key, value in like.items())]
    check(len(found) == 1, f"{len(found)} rows like {like} in {rows}")
    return found[0]


def params():
    mine = ask("params", "mm")["params"]
    check(row(mine, option="skew")["from"] == "default" and row(mine, option="skew")["value"] == "2bps", f"{mine}")
    spread = row(mine, option="spread")
    line = CONFIG.splitlines().index("spread = 0.5bps") + 1
    check(spread["from"] == f"host.ini:{line}" and spread["default"] == "4bps" and spread["live"] == "live", f"{spread}")
    check("option" in row(mine, option="size") and row(mine, option="size")["default"] is None, "no default")
    ctl("set", "mm", "spread=0.6bps")
    spread = row(ask("params")["params"], instance="mm", option="spread")
    with open("/etc/passwd", encoding="utf-8") as file:  # a name of elsewhere is not asked for
        names = [line.split(":")[0] for line in file if line.split(":")[2:3] == [str(os.getuid())]]
    who = rf"{re.escape(names[0])} \(uid {os.getuid()}\)" if names else f"uid {os.getuid()}"
    check(re.fullmatch(rf"aqctl set by {who} \d\d:\d\d:\d\d", spread["from"]), f"{spread}")
    check({r["option"] for r in ask("params")["params"] if r["instance"] == "mm"} ==
          {"market", "spread", "tolerance", "size", "max_position"}, "only what differs")
    fits("params")
    fits("params", "mm")


def secrets():
    """What sounds like one is nowhere in the answer, also not in what to do about it."""
    ctl("set", "idle", "key_name=hush-set")
    key = row(ask("diff")["diff"], key="key_name")
    check(key["running"] == key["file"] == "(not shown)" and "key_name=(not shown) --save" in key["takes"], f"{key}")
    check("hush" not in ctl("diff"), "a secret")
    ctl("set", "idle", "key_name", "--reset")


def lists():
    """Compared as a reload does, also behind what is shown of them: each line is a value of its own."""
    limits = [f"limit.position = BTC/USDT 0.{n} BTC\n" for n in range(100, 130)]
    base = "limit.open_orders = 4\n"
    write(CONFIG.replace(base, base + "".join(limits)))
    ctl("reload")
    check(ask("diff")["diff"] == [], "thirty lines, and nothing was changed")
    write(CONFIG.replace(base, base + "".join(limits[:-1]) + "limit.position = BTC/USDT 0.9 BTC\n"))
    last = row(ask("diff")["diff"], key="limit.position")
    check(last["running"] == last["file"] and last["file"].endswith("..."), f"the last of many: {last}")
    check("replace" in ctl("reload", "--plan"), "and a reload would do nothing")
    write(CONFIG.replace(base, base + "limit.position = BTC/USDT 0.2 BTC\nlimit.position = ETH/USDT 3 ETH\n"))
    ctl("reload")
    write(CONFIG.replace(base, base + "limit.position = BTC/USDT 0.2 BTC, ETH/USDT 3 ETH\n"))
    one = row(ask("diff")["diff"], key="limit.position")
    check((one["running"], one["file"]) == ("BTC/USDT 0.2 BTC; ETH/USDT 3 ETH", "BTC/USDT 0.2 BTC, ETH/USDT 3 ETH"), f"{one}")
    write(CONFIG)
    ctl("reload")


def differences():
    """An operator's word, options of each kind, the host's own, sections, and code."""
    spread = row(ask("diff")["diff"], key="spread")
    check((spread["section"], spread["running"], spread["file"]) == ("[strategy:mm]", "0.6bps", "0.5bps") and
          "aqctl set mm spread --reset" in spread["takes"] and "--save" in spread["takes"], f"{spread}")
    ctl("set", "mm", "spread", "--reset")
    check(ask("diff")["diff"] == [] and "nothing differs" in ctl("diff", "mm"), "a reset leaves something")
    secrets()
    lists()
    write(CONFIG.replace("size = 0.001 BTC", "size = 0.002 BTC").replace("limit.open_orders = 4\n", "")
          .replace("stale_after = 0", "stale_after = 0\nlimit.gross = 1000000 USDT\nrequest_timeout = 7s") +
          "\n[strategy:two]\nlike = mm\n")
    before = row(ask("instances")["instances"], instance="mm")["generation"]
    with open("plugins/market_maker.so", "rb") as file:
        code = file.read()
    with open("plugins/new.so", "wb") as file:
        file.write(code + b"\n")
    os.rename("plugins/new.so", "plugins/market_maker.so")
    rows = ask("diff")["diff"]
    takes = {(r["section"], r["key"]): r["takes"] for r in rows}
    check(takes == {("[host]", "limit.gross"): "aqctl reload", ("[host]", "request_timeout"): "a restart",
                    ("[strategy:mm]", "size"): "aqctl reload mm: live, it goes on",
                    ("[strategy:mm]", "limit.open_orders"): "aqctl reload mm: it begins anew with its state",
                    ("[strategy:mm]", "(code)"): "aqctl reload mm", ("[strategy:two]", "(section)"): "aqctl reload two"},
          f"{rows}")
    code = row(rows, key="(code)")
    check(code["running"] == row(ask("instances")["instances"], instance="mm")["code"] != code["file"], f"{code}")
    check({r["section"] for r in ask("diff", "mm")["diff"]} == {"[strategy:mm]"}, "only of mm")
    check("no instance nobody" in ctl("diff", "nobody", code=FAILED), "a name that is none")
    fits("diff")
    generation = row(ask("instances")["instances"], instance="mm")["generation"]
    check(generation == before, "a comparison changed something")
    write(CONFIG.replace("[strategy:mm]", "[strategy:mm"))
    check("host.ini:" in ctl("diff", code=FAILED), "files that cannot be read")
    write(CONFIG.replace("stale_after = 0", "stale_after = 0\tx"))
    check("stale_after = 0?x" in ask("diff", code=FAILED)["text"], "a tab in a value that is wrong")
    write(CONFIG.replace("spread = 0.5bps", "spread = 0.5\tbps"))
    check(row(ask("diff", "mm")["diff"], key="spread")["file"] == "0.5?bps", "a tab in a value")
    write(CONFIG.replace("size = 0.001 BTC", "size = 0.002 BTC"))
    ctl("reload", "mm")
    write(CONFIG)
    ctl("reload", "mm")
    check(ask("diff")["diff"] == [], "reloaded, and something differs")


def checks():
    check("in order" in ctl("check"), "files that are in order")
    write(CONFIG.replace("spread = 0.5bps", "spred = 0.5bps").replace("size = 0.001 BTC", "size = 1"))
    said = ctl("check", code=FAILED)
    check("spred" in said and "size = 1" in said and "errors. Nothing was started or changed." in said, said)
    check(ask("check", code=FAILED)["code"] == FAILED, "as JSON")
    write(CONFIG)


def reasons():
    orders = until("an order", lambda: ask("orders")["orders"])
    order = orders[0]
    check(re.fullmatch(r"fair 6\d{4}(\.\d+)? lean [+-][\d.e+-]+", order["why"]), f"{order}")
    check("WHY" in ctl("orders").split("\n")[0], "at 130 columns an order has its why")
    told = ask("why", order["order"])
    check(told["order"][0]["order"] == order["order"] and told["order"][0]["tag"] == order["tag"], f"{told}")
    check(row(told["words"], **{"from": "strategy"})["text"] == order["why"], f"{told}")
    check(row(told["requests"], request="place")["state"] == "answered", f"{told}")
    check(ask("why", "mm", str(order["tag"]))["order"] == told["order"], "by its tag")
    fits("why", order["order"])
    for words in (("1-1-1",), ("nonsense",), ("mm", "4711"), ("nobody", "1")):
        ctl("why", *words, code=FAILED)
    gauges = ask("gauges", "mm")["gauges"]
    check([g["gauge"] for g in gauges] == ["fair"] and 6e4 < float(gauges[0]["value"]) < 7e4, f"{gauges}")
    check(re.search(r'(?m)^aioquant_gauge\{instance="mm",name="fair"\} 6\d{4}', ctl("metrics")), "metrics have no gauge")


def accounts():
    acc = ask("reconcile")["accounts"][0]
    check(acc["account"] == "acc" and acc["state"] == "ready" and acc["in_step"], f"{acc}")
    said = ask("reconcile", "acc")
    check(f"round {acc['round'] + 1} has begun" in said["hints"][0], f"{said}")
    until("the round", lambda: ask("reconcile")["accounts"][0]["round"] == acc["round"] + 1)
    ctl("reconcile", "nobody", code=FAILED)
    fits("reconcile")


def levels():
    check(ask("log-level")["log"][0]["level"] == "info", "the level")
    check("a restart forgets it" in ctl("log-level", "debug"), "how long it holds")
    check(ask("log-level")["log"][0] == {"level": "debug", "before": None, "configured": "info"}, "it is set")
    ctl("log-level", "loud", code=FAILED)
    ctl("log-level", "info")


def actions():
    """What was asked for is in the journal when it changes something, and only then."""
    folder = "state/journal"
    text = b"".join(open(os.path.join(folder, name), "rb").read() for name in sorted(os.listdir(folder)))
    check(text.count(b"log-level debug") == 1 and b"reconcile acc" in text, "an action is not in the journal")
    check(b"params" not in text and b"diff" not in text and b"gauges" not in text, "a question is in the journal")


def main():
    make_capture("capture.aqc")
    os.mkdir("plugins")
    for name in ("sim.so", "market_maker.so", "test/options.so"):
        shutil.copy(os.path.join(os.environ["AQ_PLUGINS"], name), "plugins")
    write(CONFIG)
    host = Host("host.ini")
    try:
        host.log.wait("mm: started")
        params()
        differences()
        checks()
        reasons()
        accounts()
        levels()
        actions()
        check(host.end() == 0, "it does not end well")
    finally:
        host.kill()
    print("options, differences, checks, reasons, gauges, rounds and levels are told")


main()
