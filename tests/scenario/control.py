#!/usr/bin/env python3
"""control.py: aqctl and the control socket against a live host that holds orders."""
import grp
import json
import os
import re
import shutil
import signal
import socket
import stat
import struct
import subprocess
import sys
import threading
import time

BIN, PLUGINS, SOURCE = (os.environ[name] for name in ("AQ_BIN", "AQ_PLUGINS", "AQ_SOURCE"))
DEADLINE_S = 120
DONE, FAILED, USAGE, NOT_RUNNING, REFUSED, PARTLY = range(6)


def check(condition, what):
    if not condition:
        raise SystemExit("control.py: " + what)


def wait_until(condition, what):
    """Asks again and again; each question is a round trip to the host, so nothing spins for free."""
    end = time.monotonic() + DEADLINE_S
    while time.monotonic() < end:
        result = condition()
        if result:
            return result
    raise SystemExit("control.py: in vain: " + what)


class Host:
    """A deployment in a folder of its own: the demo's, at full speed, that stays when the recording has ended."""

    def __init__(self, folder, capture):
        self.folder = os.path.abspath(folder)
        self.plugins = os.path.join(self.folder, "plugins")
        self.state = os.path.join(self.folder, "state")
        self.socket = os.path.join(self.state, "control.sock")
        self.file = os.path.join(self.folder, "host.ini")
        self.process = None
        os.makedirs(self.plugins)
        for name in ("example.so", "sim.so"):
            shutil.copy(os.path.join(PLUGINS, name), self.plugins)
        with open(os.path.join(SOURCE, "conf/demo.ini"), encoding="utf-8") as f:
            text = f.read()
        text = re.sub(r"(?ms)^\[log\].*?(?=^\[)", "", text)
        for key, value in (("state_dir", self.state), ("plugin_path", self.plugins), ("capture", capture),
                           ("speed", "max\non_end = wait\nprobe_timeout = 60s")):
            text, count = re.subn(rf"(?m)^{key}\s*=.*$", f"{key} = {value}", text)
            check(count == 1, f"conf/demo.ini has {count} keys {key}")
        self.write(text)

    def write(self, text):
        self.text = text
        with open(self.file + ".new", "w", encoding="utf-8") as f:
            f.write(text)
        os.rename(self.file + ".new", self.file)

    def command(self, *more):
        sets = ["--set", "mm.skew=1bps"]
        if os.environ.get("AQ_MARSHAL", "0") != "0":
            sets += ["--set", "host.marshal=on"]
        return [os.path.join(BIN, "aioquantd"), "-c", self.file, *sets, *more]

    def start(self, *more):
        self.process = subprocess.Popen(self.command(*more), stderr=subprocess.PIPE, text=True)
        log = open(os.path.join(self.folder, "host.log"), "a", encoding="utf-8")
        for line in self.process.stderr:
            log.write(line)
            if "control: listens on" in line:
                log.flush()
                break
        else:
            log.close()
            raise SystemExit(f"control.py: the host ended with {self.process.wait()}")
        threading.Thread(target=lambda: (shutil.copyfileobj(self.process.stderr, log), log.close())).start()

    def stop(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        return self.process.wait(DEADLINE_S)

    def ctl(self, *words, code=DONE, options=()):
        got = subprocess.run([os.path.join(BIN, "aqctl"), "-S", self.socket, *options, *words], capture_output=True,
                             text=True, timeout=DEADLINE_S)
        check(got.returncode == code, f"aqctl {words}: {got.returncode}, not {code}: {got.stdout}{got.stderr}")
        return got.stdout + got.stderr

    def json(self, *words, code=DONE):
        answer = json.loads(self.ctl(*words, code=code, options=("--json",)))
        check(answer["code"] == code, f"{words}: code {answer['code']} in the body")
        schema = "error" if "error" in answer else words[0]
        check(answer["schema"] == f"aioquant.{schema}/1", f"{words}: {answer['schema']}")
        return answer

    def connect(self):
        s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        s.connect(self.socket)
        s.settimeout(DEADLINE_S)
        return s

    def raw(self, request):
        """The whole answer to these bytes: code and body."""
        with self.connect() as s:
            try:
                s.sendall(request)
            except (BrokenPipeError, ConnectionResetError):
                pass  # it had read enough of them, and has answered
            return read_answer(s)


def read_answer(s):
    got = b""
    while b"\n" not in got or len(got) < got.index(b"\n") + 1 + int(got.split(b"\n")[0].split()[2]):
        more = s.recv(1 << 16)
        check(more != b"", f"an answer was cut: {got[:100]!r}")
        got += more
    head, body = got.split(b"\n", 1)
    protocol, code, length = head.split()
    check(protocol == b"aioquant/1" and len(body) == int(length), f"head {head!r}")
    return int(code), body


# ---- every verb ----

def shown(value):
    return "-" if value is None else str(value)


def same(host, *words, unlike=()):
    """The same answer as text and as JSON, but for columns that change by themselves."""
    answer, text = host.json(*words), host.ctl(*words, options=("--width", "1000"))
    lines = iter(text.split("\n"))
    tables = [(name, rows) for name, rows in answer.items()
              if isinstance(rows, list) and name not in ("hints", "problems")]
    for name, rows in tables:
        if name == "host":
            cells = re.split(r" {3,}", next(lines))
            told = [(key, value) for key, value in rows[0].items() if value is not None]
            alike = all(cell == value or key in unlike for cell, (key, value) in zip(cells, told))
            check(len(cells) == len(told) and alike, f"{words}: first line of\n{text}")
            continue
        head = next(line for line in lines if line != "")
        for row in rows:
            cells = re.split(r" {2,}", next(lines).strip())
            for (key, value), cell in zip(row.items(), cells):
                check(shown(value) == cell or key in unlike, f"{words}: {key} is {value} and {cell}")
            check(len(cells) == len(row) and head, f"{words}: {len(cells)} cells for {row}")
    for hint in answer["hints"] + [p["text"] for p in answer["problems"]]:
        check(hint in re.sub(r"\n *", " ", text), f"{words}: {hint} is not in\n{text}")
    check(answer["code"] == DONE, f"{words}: {answer}")
    return answer


def verbs(host):
    status = same(host, "status", unlike=("up", "journal"))
    first = status["host"][0]
    check(first["mode"] == "replay" and first["host"] == "demo" and "override" in first["config"], f"status: {first}")
    check(host.ctl("status").split("   ")[:2] == ["demo", "replay"], "the first line says what it trades with")
    check(host.ctl().split("\n")[0].split("   ")[:2] == ["demo", "replay"], "without a verb it is status")
    check(status["accounts"][0]["open"] == len(same(host, "orders")["orders"]) > 0, "open orders")

    order = host.json("orders")["orders"][0]
    check(re.fullmatch(r"[0-9a-z]+-1-[0-9a-z]+", order["order"]), f"order id {order['order']}")
    check(re.fullmatch(r"6[0-9]{4}\.[0-9]{2}", order["price"]) and order["qty"] == "0.01000", f"scaled: {order}")
    check(order["account"] == "demo" and order["market"] == "BTC/USDT" and order["instance"] == "mm", f"{order}")
    check(re.fullmatch(r"[0-9.]+ m?s|[0-9dhms ]+", order["age"]), f"age {order['age']}")
    check(host.json("orders", "mm")["orders"] == host.json("orders", "demo")["orders"], "orders of mm and of demo")
    for other in ("external", "binance"):
        check(host.json("orders", other)["orders"] == [], f"orders of {other}")
    check(len(host.json("orders", "--skip=1")["orders"]) == status["accounts"][0]["open"] - 1, "--skip")

    position = same(host, "positions")["positions"][0]
    check(position["position"].endswith(" BTC") and position["instance"] == "mm", f"{position}")
    check(position["position"] == status["strategies"][0]["position"], "the strategy's position")
    assets = {b["asset"]: b for b in same(host, "balances")["balances"]}
    check(set(assets) == {"BTC", "USDT"} and assets["BTC"]["worth"].endswith(" USDT"), f"{assets}")
    book = same(host, "books")["books"][0]
    check(book["market"] == "binance:BTC/USDT" and book["state"] == "valid" and
          float(book["bid"]) < float(book["ask"]), f"{book}")
    limits = same(host, "limits", "mm")["limits"]
    check({(row["limit"], row["from"]) for row in limits} >= {
        ("open_orders", "[strategy:mm]"), ("position BTC/USDT", "[account:demo]"), ("loss_day", "[account:demo]"),
        ("order", "[host]"), ("collar", "[host]")}, f"{limits}")
    used = next(row for row in limits if row["limit"] == "open_orders")
    check(used["used"] == str(status["accounts"][0]["open"]) and used["of"] == "4", f"{used}")
    same(host, "limits", "demo")
    same(host, "limits", "host")
    hops = same(host, "latency", "binance")["latency"]
    check([(h["venue"], h["hop"]) for h in hops] == [("binance", hop) for hop in (
        "bytes in -> decoded (not in a replay)", "decoded -> order", "order -> bytes out (not in a replay)",
        "bytes out -> acknowledged (not in a replay)")], f"{hops}")
    check([h["count"] > 0 for h in hops] == [False, True, False, False], f"{hops}")
    check(all(re.fullmatch(r"[0-9.]+ (us|ms|s)", hops[1][c]) for c in ("p50", "p99", "p999", "max", "hour_p99")), f"{hops}")
    check(same(host, "latency")["latency"] == hops, "of all venues")
    check({i["instance"]: i["state"] for i in same(host, "instances")["instances"]} ==
          {"binance": "running", "mm": "running"}, "instances")
    check([p["plugin"] for p in same(host, "plugins")["plugins"]] == ["sim", "example"], "plugins")
    verbs = host.json("help")["verbs"]
    check({v["verb"] for v in verbs} >= {"status", "reload", "rollback", "set", "help"}, "help")
    for options in ((), ("--width", "80")):
        text = " ".join(host.ctl("help", options=options).split())
        check(all(" ".join(filter(None, v.values())) in text for v in verbs), "help: a verb, what it takes, what it does")


def metrics(host):
    """The same figures as the other verbs tell; how they are written is a matter of the unit tests."""
    text = host.ctl("metrics")
    check(text.endswith("\n# EOF\n") and host.json("metrics")["text"].count("\n") == text.count("\n"), "both forms")
    values = {}
    for name, labels, value in re.findall(r"(?m)^(aioquant_\w+)(?:\{(.*)\})? (\S+)$", text):
        values[name, tuple(re.findall(r'="([^"]*)"', labels))] = float(value)
    status = host.json("status")
    row, name = status["accounts"][0], status["accounts"][0]["account"]
    check(values["aioquant_account_orders", (name,)] == row["open"] == values["aioquant_orders", ("open",)], "open orders")
    equity = float(row["equity"].split()[0].replace(",", ""))
    check(abs(values["aioquant_account_equity", (name, "USDT")] - equity) < 0.01, f"equity {equity}")
    denied = sum(i["denied"] for i in host.json("instances")["instances"])
    by_code = sum(v for (family, _), v in values.items() if family == "aioquant_denials_total")
    check(by_code == denied > 0 == values["aioquant_denials_total", ("LATE",)], f"denials: {by_code}, {denied}")
    ended = sum(v for (family, _), v in values.items() if family == "aioquant_orders_ended_total")
    check(ended + row["open"] == values["aioquant_orders_sent_total", ()] > values["aioquant_fills_total", ()] > 0,
          f"{ended} orders have ended")
    check(values["aioquant_host_info", ("demo", "replay")] == 1 == values["aioquant_journal", ("ok",)], "host and journal")
    hops = host.json("latency")["latency"]
    check(values["aioquant_latency_seconds_count", ("binance", "order")] == hops[1]["count"], "latencies")


def wrong_usage(host):
    for words in (["nonsense"], ["status", "more"], ["limits"], ["orders", "mm", "demo"], ["set", "mm"], ["rollback"],
                  ["status", "--plan"], ["rollback", "mm", "--fresh"], ["status", "--no-such-flag"],
                  ["status", "--skip=x"], ["two words"], [""]):
        host.ctl(*words, code=USAGE)
    check("aqctl help" in host.ctl("nonsense", code=USAGE), "an unknown verb does not say what to do")
    check("error" in host.json("nonsense", code=USAGE), "an error as JSON")
    for words in (["orders", "nobody"], ["limits", "nobody"], ["rollback", "nobody"], ["balances", "mm"],
                  ["latency", "nobody"], ["latency", "mm"],
                  ["set", "nobody", "a=b"]):
        host.ctl(*words, code=FAILED)


def widths(host):
    for words in (["status"], ["orders"], ["positions"], ["plugins"], ["limits", "mm"], ["help"]):
        for width in (80, 130):
            options = ("--width", "80") if width == 80 else ()
            for line in host.ctl(*words, options=options).split("\n"):
                check(len(line) <= width, f"{words}: wider than {width}: {line}")
    check("STATE" in host.ctl("orders").split("\n")[0], "at 130 columns an order has its state")
    check("WHY" not in host.ctl("orders", options=("--width", "80")), "at 80 columns the right ones go")


# ---- actions ----

def generation(host, name="mm"):
    return next(i for i in host.json("instances")["instances"] if i["instance"] == name)["generation"]


def new_code(host, name, source="example.so"):
    """Other contents, the same code: an ELF file may end with anything."""
    with open(os.path.join(PLUGINS, source), "rb") as f:
        code = f.read()
    with open(os.path.join(host.plugins, name + ".new"), "wb") as f:
        f.write(code + os.urandom(8))
    os.rename(os.path.join(host.plugins, name + ".new"), os.path.join(host.plugins, name))


def reloads(host):
    check("nothing has changed" in host.ctl("reload"), "a reload of nothing says so")
    check(generation(host) == 1, "it changed something")
    new_code(host, "example.so")
    noted = actions(host)
    plan = host.json("reload", "--plan")
    check(actions(host) == noted > 0, "what changes nothing is journalled, or nothing is")
    check({r["instance"]: r["outcome"] for r in plan["reload"]} == {"binance": "keep", "mm": "replace"}, f"{plan}")
    check(generation(host) == 1, "a plan changed something")
    orders = len(host.json("orders")["orders"])
    done = host.json("reload", "mm")
    check(done["reload"][0]["outcome"] == "replaced" and done["reload"][0]["orders"] == orders and
          any("aqctl rollback mm" in hint for hint in done["hints"]), f"{done}")
    check(generation(host) == 2, "a reload")
    back = host.json("rollback", "mm")["reload"][0]
    check(back["after"] == done["reload"][0]["before"] and generation(host) == 3, f"rollback: {back}")
    check(host.json("reload", "mm", "--fresh")["reload"][0]["outcome"] == "replaced", "--fresh")


def refusals(host):
    before = generation(host)
    with open(os.path.join(host.plugins, "example.so.new"), "wb") as f:
        f.write(b"no library at all")
    os.rename(os.path.join(host.plugins, "example.so.new"), os.path.join(host.plugins, "example.so"))
    said = host.ctl("reload", "mm", code=REFUSED)
    check("REFUSED" in said and "goes on" in said and "! " in said, f"a refusal: {said}")
    check(host.json("reload", "mm", code=REFUSED)["problems"] != [], "a refusal as JSON")
    check(generation(host) == before, "a refused reload changed something")
    new_code(host, "other.so")
    text = host.text
    section = re.search(r"(?ms)^\[strategy:mm\].*", text).group(0)
    other = section.replace("[strategy:mm]", "[strategy:two]").replace("= example", "= other")
    check(other.count("other") == 1, "the second strategy")
    host.write(text + "\n" + other)
    said = {r["instance"]: r["outcome"] for r in host.json("reload", code=PARTLY)["reload"]}
    check(said == {"binance": "kept", "mm": "REFUSED", "two": "added"}, f"partly: {said}")
    new_code(host, "example.so")
    host.write(text)
    said = {r["instance"]: r["outcome"] for r in host.json("reload")["reload"]}
    check(said == {"binance": "kept", "mm": "replaced", "two": "removed"}, f"and back: {said}")
    host.write(text.replace("[strategy:mm]", "[strategy:mm"))
    check("host.ini:" in host.ctl("reload", code=REFUSED), "a file that cannot be read: where?")
    host.write(text)


def overrides(host):
    """Beside those of the command line."""
    told = re.search(r"(\d+) override", host.json("status")["host"][0]["config"])
    return int(told.group(1)) - host.command().count("--set")


def changed(host, *words):
    return [(r["option"], r["before"], r["after"]) for r in host.json("set", "mm", *words)["set"]]


def settings(host):
    check(changed(host, "spread=2bps", "tolerance=0.2bps") ==
          [("spread", "1bps", "2bps"), ("tolerance", "0.1bps", "0.2bps")], "set")
    for words in (["spread=200%"], ["spread=3bps", "market=demo:BTC/USDT"], ["nothing=1"], ["spread"], ["spread="],
                  ["spread=3bps", "--reset"], ["nothing", "--reset"], ["market", "--reset"]):
        check("Nothing was changed" in host.ctl("set", "mm", *words, code=REFUSED), f"set {words}")
    for words in (["mm"], ["mm", "--reset"], ["mm", "spread=3bps", "--save", "--reset"]):
        host.ctl("set", *words, code=USAGE)
    host.ctl("reload")
    check(overrides(host) == 2, "overrides are told")
    check(changed(host, "spread=4bps")[0][1] == "2bps", "a reload forgot what was set, or a refused one was set")
    host.stop(signal.SIGKILL)
    host.start()
    check(overrides(host) == 2, "a restart forgot overrides")
    check(changed(host, "spread=5bps") == [("spread", "4bps", "5bps")], "a restart forgot a value")
    check(changed(host, "spread", "tolerance", "--reset") ==
          [("spread", "5bps", "1bps"), ("tolerance", "0.2bps", "0.1bps")], "--reset: the file's values, at once")
    check(overrides(host) == 0, "--reset left an override")
    host.ctl("reload")
    check(changed(host, "spread=1bps")[0][1] == "1bps", "the file's value did not come back")
    host.ctl("set", "mm", "spread", "--reset")


def contents(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def saved(host):
    """Into the file, and into the section, that the key belongs to; nothing else of the file changes."""
    more, link = os.path.join(host.folder, "more.ini"), os.path.join(host.folder, "link.ini")
    second = "; another\n\n[strategy:two]\n# as mm\nlike = mm\n# at the end\n"
    text = host.text.replace("[strategy:mm]", "# what quotes\n[strategy:mm]") + "# the end\n"
    with open(more, "w", encoding="utf-8") as f:
        f.write(second)
    os.symlink(more, link)
    host.write("include = link.ini\n" + text)
    os.chmod(host.file, 0o640)
    host.ctl("reload")
    said = host.ctl("set", "mm", "spread=6bps", "tolerance=0.3bps", "--save")
    check(f"written to {host.file}" in re.sub(r"\s+", " ", said) and overrides(host) == 0, f"--save: {said}")
    expected = re.sub(r"(?m)^(spread\s*=).*", r"\1 6bps", re.sub(r"(?m)^(tolerance\s*=).*", r"\1 0.3bps", text))
    check(contents(host.file) == "include = link.ini\n" + expected, f"--save: {contents(host.file)}")
    check(stat.S_IMODE(os.stat(host.file).st_mode) == 0o640, "--save changed who may read the file")
    check(host.json("set", "two", "spread=7bps", "--save")["set"][0]["before"] == "1bps", "two has it of mm's first file")
    expected = second.replace("# as mm\n", "spread             = 7bps\n# as mm\n")
    check(contents(more) == expected and os.path.islink(link), f"--save into an included file: {contents(more)}")
    said = {r["instance"]: r["outcome"] for r in host.json("reload")["reload"]}
    check((said["mm"], said["two"]) == ("kept", "configured"), f"what mm runs was saved, two takes its tolerance: {said}")
    check(changed(host, "spread=1bps") == [("spread", "6bps", "1bps")], "--save")
    os.mkdir(host.file + ".draft")  # it cannot be written
    answer = host.json("set", "mm", "spread=8bps", "--save", code=PARTLY)
    check("It holds as an override" in answer["problems"][0]["text"] and overrides(host) == 1, f"not saved: {answer}")
    os.rmdir(host.file + ".draft")
    os.remove(host.file)
    answer = host.json("set", "mm", "spread=2bps", "--save", code=REFUSED)
    check(host.file in answer["error"] and "Nothing was changed" in answer["error"], f"without a file: {answer}")
    host.text = re.sub(r"(?m)^# (what quotes|the end)\n", "", text)
    host.write(host.text)
    host.ctl("set", "mm", "spread", "--reset")
    said = {r["instance"]: r["outcome"] for r in host.json("reload")["reload"]}
    check(said["two"] == "removed", f"and back: {said}")
    check(changed(host, "spread=1bps")[0][1] == "1bps", "the file's value did not come back")
    host.ctl("set", "mm", "spread", "--reset")


def spreads(host):
    """What runs: spread and tolerance of each strategy."""
    rows = host.json("params")["params"]
    return {name: tuple(next((r["value"] for r in rows if (r["instance"], r["option"]) == (name, key)), "default")
                        for key in ("spread", "tolerance"))
            for name in {r["instance"] for r in host.json("instances")["instances"]} - {"binance"}}


def restarted(host, text=None):
    host.stop(signal.SIGKILL)
    host.write(text or host.text)
    host.start()


def log_of(host):
    return contents(os.path.join(host.folder, "host.log"))


def apart(host):
    """What is set for a section is not for those that are like it, goes with it, and when it is lost stops nobody."""
    text, two = host.text, host.text + "\n[strategy:two]\nlike = mm\n"
    host.write(two)
    host.ctl("reload")
    host.ctl("set", "mm", "spread=2bps")
    host.ctl("set", "two", "tolerance=0.3bps")
    apart = {"mm": ("2bps", "0.1bps"), "two": ("1bps", "0.3bps")}
    check({r["outcome"] for r in host.json("reload")["reload"]} == {"kept"} and spreads(host) == apart, f"{spreads(host)}")
    check("in order" in host.ctl("check"), "a check")
    restarted(host)
    check(spreads(host) == apart and overrides(host) == 2, f"after a restart: {spreads(host)}")
    host.write(text)
    host.process.send_signal(signal.SIGHUP)
    wait_until(lambda: "two" not in spreads(host), "two is removed")
    mine = {"mm": ("2bps", "0.1bps")}
    check(spreads(host) == mine and overrides(host) == 1, f"without two: {spreads(host)}")
    restarted(host)
    check(spreads(host) == mine and overrides(host) == 1, f"without two, after a restart: {spreads(host)}")
    host.write(two)
    host.ctl("reload")
    fresh = mine | {"two": ("1bps", "0.1bps")}
    check(spreads(host) == fresh, f"another two: {spreads(host)}")

    host.ctl("set", "two", "tolerance=0.3bps")
    check("is left out" not in log_of(host), "somebody was left out")
    restarted(host, text)
    check(log_of(host).count("two: tolerance, which aqctl set, is left out: the files have no [strategy:two] any more. "
                             "aqctl set two tolerance --reset forgets it.") == 1, "nobody was left out")
    check(spreads(host) == mine and overrides(host) == 2, f"two is lost: {spreads(host)}")
    check(host.json("reload")["reload"][0]["outcome"] == "kept", "a reload without two")
    said = host.ctl("check")
    check("warning: the files have no such section: it is left out" in said and "in order" in said, f"a check without two: {said}")
    host.ctl("set", "two", "tolerance=0.3bps", code=FAILED)
    check("nothing is set" in host.ctl("set", "two", "tolerance", "spread", "--reset", code=REFUSED), "never set")
    answer = host.json("set", "two", "tolerance", "--reset")["set"]
    check([tuple(r.values()) for r in answer] == [("two", "tolerance", "0.3bps", "forgotten")], f"{answer}")
    host.ctl("set", "two", "tolerance", "--reset", code=FAILED)
    check(overrides(host) == 1, "it is still set")
    host.write(two)
    host.ctl("reload")
    check(spreads(host) == fresh, f"a third two: {spreads(host)}")
    host.write(text)
    host.ctl("reload")
    host.ctl("set", "mm", "spread", "--reset")


def unfit(host):
    """What is set is unknown to the section's new code: it alone is refused, until that is forgotten."""
    text = host.text
    market = re.search(r"(?m)^market\s*=.*", text).group(0)
    shutil.copy(os.path.join(PLUGINS, "test/stalls_latest.so"), host.plugins)
    host.write(text + "\n[strategy:two]\nlike = mm\n")
    host.ctl("reload")
    host.ctl("set", "two", "tolerance=0.3bps")
    other = text + f"\n[strategy:two]\nplugin = stalls_latest\n{market}\n"
    host.write(other)
    said = {r["instance"]: r["outcome"] for r in host.json("reload", code=REFUSED)["reload"]}
    check((said["mm"], said["two"]) == ("kept", "REFUSED"), f"unknown to new code: {said}")
    restarted(host)
    check(re.search(r"two: REFUSED: .*aqctl set  \[strategy:two\] tolerance: unknown key", log_of(host)), "it is not told why two does not start")
    check(set(spreads(host)) == {"mm"}, f"who runs: {spreads(host)}")
    host.ctl("set", "two", "tolerance", "--reset")
    said = {r["instance"]: r["outcome"] for r in host.json("reload")["reload"]}
    check((said["mm"], said["two"]) == ("kept", "added"), f"forgotten: {said}")
    host.write(text)
    host.ctl("reload")
    check(overrides(host) == 0, "something is left")


def journal(host):
    folder = os.path.join(host.state, "journal")
    return b"".join(open(os.path.join(folder, name), "rb").read() for name in sorted(os.listdir(folder))
                    if name.endswith(".aqj"))


def actions(host):
    """How many are in the journal. fact_operator: time, uid, reserved, who[40], what[80]."""
    return journal(host).count(b"aqctl".ljust(40, b"\0"))


def journalled(host, lines):
    segments = journal(host)
    for line in lines:
        at = segments.find(line.encode() + b"\0")
        check(at > 0, f"{line} is not in the journal")
        uid, who = struct.unpack_from("<I4x40s", segments, at - 48)
        check(uid == os.getuid() and who.rstrip(b"\0") == b"aqctl", f"{line}: by uid {uid}, {who}")


# ---- callers that behave badly ----

def garbage(host):
    broken = [b"", b"   ", b"\0", b"\xff\xfe\xfd", b"stat\0us", b"status\x1b[2J", b"-- --", b"orders \xc3",
              b"status " + b"x " * 500]
    endless = [b"a" * 4096, b"a" * 100000, os.urandom(5000).replace(b"\n", b"\0")]
    for request in [line + b"\n" for line in broken] + endless:
        code, body = host.raw(request)
        check(code == USAGE and 0 < len(body) < 1000 and b"\x1b" not in body, f"{request[:20]!r}: {code} {body[:99]!r}")
    check(host.raw(b"\tstatus\t \r\n")[0] == DONE, "blanks and a carriage return")
    check(host.raw(b"status\nreload\nreload\n" * 1000)[0] == DONE, "what follows a request is left alone")
    with host.connect() as s:  # in pieces
        for byte in b"--json help\n":
            s.sendall(bytes([byte]))
        check(json.loads(read_answer(s)[1])["schema"] == "aioquant.help/1", "a request in pieces")


def crowds(host):
    callers = [host.connect() for _ in range(200)]
    for n, s in enumerate(callers):
        s.sendall(b"status --json\n" if n % 2 else b"orders\n")
    for n, s in enumerate(callers):
        code, body = read_answer(s)
        check(code == DONE and (json.loads(body) if n % 2 else b"ORDER" in body), f"caller {n}")
        s.close()
    silent = [host.connect() for _ in range(600)]  # more than the host keeps
    host.ctl("status")
    deaf = [host.connect() for _ in range(100)]
    for s in deaf:
        s.sendall(b"orders\n")
    host.ctl("status")
    silent[-1].sendall(b"help\n")
    check(read_answer(silent[-1])[0] == DONE, "the last that came has its place still")
    silent[0].settimeout(DEADLINE_S)
    check(silent[0].recv(1) == b"", "the one that was silent longest gave way")
    for s in silent + deaf:
        s.close()


def leaves_in_the_middle(host):
    before = generation(host)
    with host.connect() as s:
        s.sendall(b"reload mm --fresh\n")
    wait_until(lambda: generation(host) > before, "the reload that nobody waits for is done")
    host.ctl("reload", "mm")
    with host.connect() as first:  # and two at once: whichever comes second is told that it does
        first.sendall(b"reload mm --fresh\n")
        answers = [host.raw(b"reload mm --fresh\n"), read_answer(first)]
    check(any(code == DONE for code, _ in answers), f"neither reload worked: {answers}")
    check(all(code == DONE or (code == FAILED and b"under way" in body) for code, body in answers), f"{answers}")


# ---- aqctl itself ----

def aqctl_itself(host):
    aqctl = os.path.join(BIN, "aqctl")
    run = lambda *a, **k: subprocess.run([aqctl, *a], capture_output=True, text=True, timeout=DEADLINE_S, **k)
    here = dict(os.environ)
    here.pop("AQ_SOCKET", None)
    check(run("-d", host.state).returncode == DONE, "-d")
    check(run(env={**here, "AQ_SOCKET": host.socket}).returncode == DONE, "AQ_SOCKET")
    check(run(env=here, cwd=host.folder).returncode == DONE, "./state/control.sock")
    check(run("-h").returncode == DONE and run("-x").returncode == USAGE, "-h, -x")
    nobody = run("-S", os.path.join(host.folder, "none.sock"))
    check(nobody.returncode == NOT_RUNNING and "aioquantd -c" in nobody.stderr and nobody.stdout == "", f"{nobody}")
    watch = subprocess.Popen([aqctl, "-S", host.socket, "-w"], stdout=subprocess.PIPE, text=True)
    seen = 0
    while seen < 2:
        line = watch.stdout.readline()
        check(line != "", "-w ended")
        seen += line.startswith("demo   replay")
    watch.kill()
    watch.wait()
    host.process.send_signal(signal.SIGSTOP)
    late = run("-S", host.socket, "-t", "1")
    host.process.send_signal(signal.SIGCONT)
    check(late.returncode == FAILED and "no answer" in late.stderr, f"a stopped host: {late}")


# ---- every host of a machine ----

def shared_socket():
    """In the folder of all hosts, where we may write there."""
    path = f"/run/aioquant/test-{os.getpid()}.sock"
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        open(path + ".try", "w", encoding="utf-8").close()
        os.remove(path + ".try")
    except OSError:
        return None
    return path


def all_hosts(host, capture):
    aqctl, shared = os.path.join(BIN, "aqctl"), shared_socket()
    second, gone = Host("second", capture), os.path.join(host.folder, "gone.sock")
    given = ["-a", "-S", host.socket] + ([] if shared else ["-d", second.state])
    run = lambda *a, **k: subprocess.run([aqctl, *given, *a], capture_output=True, text=True, timeout=DEADLINE_S, **k)
    codes = lambda done: {a["socket"]: a["code"] for a in json.loads(done.stdout)}
    second.socket = shared or second.socket
    second.write(second.text + f"\n[control]\nsocket = {second.socket}\n")
    second.start()
    try:
        names = [os.path.dirname(host.socket), shared.split("/")[-1][:-5] if shared else second.state]
        text = run("instances", "--width=80")
        for name in names:
            check(re.search(rf"(?m)^== {re.escape(name)}\nINSTANCE ", text.stdout), f"-a: {name} in {text}")
        answers = {a["socket"]: a for a in json.loads(run("--json", "-t", "30", "status").stdout)}
        for one in (host, second):
            check(answers[one.socket]["answer"]["schema"] == "aioquant.status/1", f"-a --json: {answers}")
        again = run("-S", host.socket, "-d", host.state, "--json", env={**os.environ, "AQ_SOCKET": host.socket})
        check(list(codes(again)).count(host.socket) == 1 == again.stdout.count(host.socket), f"asked twice: {again}")
        partly = run("-S", gone, "--json")
        check(partly.returncode == PARTLY and codes(partly)[gone] == NOT_RUNNING and codes(partly)[host.socket] == DONE,
              f"one is gone: {partly}")
        partly = run("-S", gone)
        check(partly.returncode == PARTLY and re.search(r"(?m)^== gone: not running$", partly.stdout), f"{partly}")
        check(codes(run("nonsense", "--json"))[host.socket] == USAGE and run("nonsense").returncode != DONE, "none did it")
        watch = subprocess.Popen([aqctl, *given, "-S", gone, "-w"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                 text=True)
        seen = 0
        while seen < 2:  # it goes on though one is not there
            line = watch.stdout.readline()
            check(line != "", "-a -w ended")
            seen += line == f"== {names[1]}\n"
        watch.kill()
        watch.wait()
    finally:
        second.stop()
    lost = subprocess.run([aqctl, "-a", "-S", gone], capture_output=True, text=True, timeout=DEADLINE_S)
    check("== gone: not running" in lost.stdout and lost.returncode in (NOT_RUNNING, PARTLY), f"{lost}")


# ---- the socket's file ----

def for_a_group(capture):
    """A group of ours, or as root any: its members may ask, nobody else; one that is not there is named."""
    groups = [g for g in grp.getgrall() if g.gr_gid in os.getgroups() or (os.getuid() == 0 and g.gr_name == "users")]
    for number, group in enumerate(groups[-1:] + [None]):
        host = Host(f"group{number}", capture)
        host.write(host.text + f"\n[control]\ngroup = {group.gr_name if group else 'nobody-has-this'}\n")
        if group is None:
            refused = subprocess.run(host.command(), capture_output=True, text=True, timeout=DEADLINE_S)
            check(refused.returncode == 1 and "[control] group = nobody-has-this: this system has no such group" in
                  refused.stderr and not os.path.exists(host.socket), f"a group that is not there: {refused}")
            continue
        host.start()
        got = os.stat(host.socket)
        check(stat.S_IMODE(got.st_mode) == 0o660 and got.st_gid == group.gr_gid, f"{group.gr_name}: {got}")
        check(host.stop() == 0, "it stops")



def socket_file(host, capture):
    mode = os.stat(host.socket).st_mode
    check(stat.S_ISSOCK(mode) and stat.S_IMODE(mode) == 0o600, f"mode {mode:o}")
    for_a_group(capture)
    second = subprocess.run(host.command(), capture_output=True, text=True, timeout=DEADLINE_S)
    check(second.returncode == 1 and "used by another process" in second.stderr and host.state in second.stderr,
          f"a second host: {second}")
    other = Host("other", capture)
    other.write(other.text + f"\n[control]\nsocket = {host.socket}\n")
    second = subprocess.run(other.command(), capture_output=True, text=True, timeout=DEADLINE_S)
    check(second.returncode == 1 and "in use by a running process" in second.stderr, f"another's socket: {second}")
    host.ctl("status")
    host.stop(signal.SIGKILL)
    check(os.path.exists(host.socket), "kill -9 leaves the file")
    check("has ended" in host.ctl("status", code=NOT_RUNNING), "a host that was killed")
    host.start()
    host.ctl("status")
    check(host.stop() == 0 and not os.path.exists(host.socket), "a host that stops takes its file away")
    host.ctl("status", code=NOT_RUNNING)


def main():
    capture = os.path.abspath("btcusdt.aqc")
    recordings = [os.path.join(SOURCE, "tests/data/binance-spot", f"btcusdt_2024080{n}.gz") for n in (8, 9)]
    subprocess.run([os.path.join(BIN, "replay"), "import", "--venue", "binance", "--symbol", "BTCUSDT", capture,
                    *recordings], check=True, stdout=subprocess.DEVNULL)
    host = Host("one", capture)
    host.start()
    try:
        check("measuring begins" in host.ctl("latency"), "latency is measured before somebody asks")
        wait_until(lambda: "ended" in host.json("status")["host"][0]["time"], "the recording ends")
        for part in (verbs, metrics, wrong_usage, widths, garbage, crowds, reloads, refusals, settings, saved, apart, unfit,
                     leaves_in_the_middle, aqctl_itself):
            part(host)
            check(host.process.poll() is None, f"the host died of {part.__name__}")
        journalled(host, ["reload mm", "rollback mm", "set mm spread=2bps tolerance=0.2bps", "reload mm --fresh"])
        all_hosts(host, capture)
        socket_file(host, capture)
    finally:
        if host.process.poll() is None:
            host.process.kill()


main()
