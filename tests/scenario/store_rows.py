#!/usr/bin/env python3
"""aqctl store: what it finds and exports is what a client of its own reads in the database, whatever values there are; callers
that stop reading or are killed, reloads of the back end and replays: nobody else notices. With SQLite and with MariaDB."""
import csv
import datetime
import io
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))

import mariadb  # noqa: E402
from processes import BIN, DEADLINE, PLUGINS, SOURCE, Failure, Host, make_capture  # noqa: E402

DONE, FAILED, USAGE, NOT_RUNNING, REFUSED = range(5)
FULL = int(os.environ["AQ_STORE_KILLS"]) >= 100
MANY = 200000 if FULL else 20000
HOST = """
[host]
state_dir = %(name)s.state
probe_timeout = 10s

[log]
limit = 0
"""
SQLITE = """
[storage:main]
plugin = sqlite
file = %(name)s.db
%(more)s
[storage:gone]
plugin = sqlite
file = nowhere/at/all.db
"""
MARIADB = """
[storage:main]
plugin = mariadb
address = %(socket)s
database = %(name)s
user = root
tls = off
pool = 2..%(pool)d
"""
FILLER = """
[strategy:filler]
plugin = filler
store = main
rows = %(rows)d
"""
STORER = """
[strategy:storer]
plugin = storer
store = main
every = 10ms
%(storer)s
"""
REPLAY = """
[exchange:venue]
plugin = sim
capture = capture.aqc
end = 2024-08-08T23:55:20Z
"""


def check(condition, what):
    if not condition:
        raise Failure(what)


def write(name, text, **values):
    with open(f"{name}.ini.new", "w", encoding="utf-8") as f:
        f.write(text % {"name": name, "more": "", "storer": "", **values})
    os.rename(f"{name}.ini.new", f"{name}.ini")


def start(name):
    return Host(f"{name}.ini", {"host.plugin_path": f"{PLUGINS}, {PLUGINS}/test"}, name=name)


def need(host, pattern, **more):
    if host.wait_for(pattern, **more) is None:
        raise Failure(f"{host.name}: no line '{pattern}': {host.lines[-6:]}")


class Looker:
    """aqctl, asking one host."""

    def __init__(self, name):
        self.command = [f"{BIN}/aqctl", "-d", f"{name}.state", "-t", "100"]

    def run(self, *words, code=DONE, own=()):
        done = subprocess.run([*self.command, *own, "store", *words], capture_output=True, timeout=10 * DEADLINE)
        out, err = done.stdout.decode(), done.stderr.decode()
        check(done.returncode == code, f"store {words}: {done.returncode}, not {code}: {out[-500:]}{err}")
        return out, err

    def says(self, text, *words, code):
        out, err = self.run(*words, code=code)
        check(re.search(text, out + err), f"store {words} says: {out}{err}")
        check(code not in (FAILED, USAGE) or out == "", f"store {words}: an error is no answer: {out}")

    def find(self, *words):
        return json.loads(self.run("main", "find", *words, own=("--json",))[0])

    def export(self, *words):
        return list(csv.reader(io.StringIO(self.run("main", "export", *words, "--csv")[0], newline="")))

    def begin(self, *words):
        return subprocess.Popen([*self.command, "store", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0)


# ---- the judge ----

def time_text(ns):
    day = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=ns // 10**9)
    return f"{day.isoformat()}.{ns % 10**9:09d}Z"


def same_number(text, number):
    return text == "" if number is None else float(text) == number


def check_odd(rows, direct):
    """CSV against what the database itself gives: ten columns, in their order."""
    check(rows[0] == ["id", "time", "price", "whole", "note", "data", "ok", "ratio", 'a, "b"'], f"header {rows[0]}")
    check(len(rows) == len(direct) + 1 > 8, f"{len(rows)} lines, {len(direct)} rows")
    for row, (id, time, price, whole, note, data, ok, ratio, last) in zip(rows[1:], direct):
        expected = [str(id), time_text(time), price or "", whole or "", note or "", data.hex() if data else "",
                    "" if ok is None else ("false", "true")[ok], row[7], last or ""]
        check(row == expected and same_number(row[7], ratio), f"row {row}, and in the database {expected}")


def check_many(rows, direct):
    check(rows[0] == ["n", "time", "price", "note"], f"header {rows[0]}")
    expected = [[str(n), time_text(time), price, note] for n, time, price, note in direct]
    check(len(expected) == MANY and rows[1:] == expected,
          f"{len(rows)} lines differ from {len(expected)} rows: {[p for p in zip(rows[1:], expected) if p[0] != p[1]][:1]}")


# ---- what can be asked ----

def nulls_and_empty(look):
    """Null is nothing, an empty text is two quotes; every line ends with CR and LF."""
    out, _ = look.run("main", "export", "odd", "{id: {$in: [0, 6]}}", "--csv", "--fields", "id,note,data")
    check(out == 'id,note,data\r\n0,"",""\r\n6,,\r\n', f"null and empty: {out!r}")


def filters(look):
    def ids(filter, *more):
        return [row["id"] for row in look.find("odd", filter, "--fields", "id", "--limit=100", *more)["rows"]]
    check(ids("{time: {$gte: '2024-08-08', $lt: '2024-08-08 23:55:20.1234'}}") == [5], "a day")
    check(ids("{time: '1969-12-31T23:59:59.999999999Z'}") == [2], "a nanosecond")
    check(ids("{$or: [{time: {$lt: '1900'}}, {data: '00ff10'}]}") == [1, 4], "or, bytes")
    check(ids("{time: {$in: ['1970', 1]}}") == [0, 7], "a list of times")
    check(ids("{note: 'a,b'}") == ids('{"note": "a,b"}') == [1], "texts")
    check(ids("{note: '; DROP TABLE odd; -- \\ \t =1+1 {a: 1} %s'}") == [7], "a text that looks like a statement")
    check(ids("{note: '\U0001f600 caf\u00e9 \u20ac'}") == [5], "four bytes a character")
    check(ids("{ratio: {$gt: 0.1, $lt: 2.5}}") == [7] and ids("{ratio: 0.1}") == [1], "doubles")
    check(ids("{price: {$gte: 61837.63}}") == [1, 3] and ids("{whole: '-9999999999999999999999999999999999'}") == [2], "decimals")
    check(ids("{note: null}") == [6] and ids("{ok: true}") == [1, 3, 5, 7], "null, bool")
    check(ids("{}", "--sort", "-id", "--skip=1") == [6, 5, 4, 3, 2, 1, 0], "sorted down, but one")
    check(ids("{}", "--sort=ok,-id")[:3] == [6, 4, 2], "sorted by two")  # null is first
    check(look.find("many", "{n:", "{$lte:", "3}}")["rows"][-1]["n"] == 3, "a filter that a shell has cut")


def finds(look):
    answer = look.find("many", "--sort", "-n", "--limit", "2", "--skip", "1", "--fields", "note,n")
    check((answer["schema"], answer["code"], answer["next"]) == ("aioquant.store/1", 0, 3), f"{answer}")
    check([list(row.items()) for row in answer["rows"]] ==
          [[("note", note_of(n)), ("n", n)] for n in (MANY - 1, MANY - 2)], f"{answer}")
    check(len(look.find("many")["rows"]) == 20 and "next" not in look.find("odd"), "20 of them, or all")
    big = look.find("many", "--limit=100000", "--fields=n")
    check([row["n"] for row in big["rows"]] == list(range(1, min(MANY, 100000) + 1)), "many of them")
    odd = look.find("odd")["rows"]
    check(odd[4]["note"] == "nul\0in it\0" and odd[6]["note"] is None and odd[0]["note"] == "" and odd[1]["ok"] is True and
          odd[1]["whole"] == "9" * 34 and odd[3]["time"] == time_text(2**63 - 1) and odd[2]["ratio"] == -1e-300, f"{odd}")
    check(odd[7] == {**odd[7], "a, \"b\"": "it's", "data": "5c2c3b0925"}, f"{odd[7]}")
    for width in (80, 130, 250):
        table = look.run("main", "find", "odd", own=("--width", str(width)))[0].splitlines()
        check(max(map(len, table)) <= width and "9999999999999999.999999999999999999" in table[4], f"{width}: {table}")
        check(table[3].split()[:3] == ["2", "1969-12-31", "23:59:59.999999999"], f"{table[3]}")
    table = look.run("main", "find", "odd", "{id: {$gte: 5}}", "--fields=time,note", own=("--width", "80"))[0].splitlines()
    check(table[1].startswith("2024-08-08 23:55:20.000000000  \U0001f600") and table[2].split()[-1] == "-", f"{table}")
    check("\\t =1+1" in table[3] and "there are more" in look.run("main", "find", "many")[0], f"{table}")


def note_of(n):
    return 'every "tenth", or so' if n % 10 == 0 else "plain"


def figures(look):
    def rows(*words):
        return json.loads(look.run("main", *words, own=("--json",))[0])
    tables = {row["table"]: row["rows"] for row in rows("tables", "--rows")["tables"]}
    check(tables["many"] == MANY and tables["odd"] == 8, f"{tables}")
    check([row["table"] for row in rows()["tables"]] == sorted(tables), "tables")
    check(rows("count", "many", "{n: {$gt: 10}, note: 'plain'}")["counts"] == [{"table": "many", "rows": MANY // 10 * 9 - 9}], "count")
    fields = rows("describe", "odd")["fields"]
    check([f["field"] for f in fields][-1] == 'a, "b"' and fields[0]["key"] == "yes" and fields[1]["type"] == "timestamp", f"{fields}")
    check("odd, all of it" in look.run("main", "describe", "odd")[0], "comment")
    stores = json.loads(look.run(own=("--json",))[0])["stores"]
    main = next(s for s in stores if s["store"] == "main")
    check(main["state"] == "up" and main["rows"] > 8, f"{stores}")


COMPLETE = """
source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _aqctl
printf '%s\\n' "${COMPREPLY[@]}"
"""


def completion(look):
    def offered(*words):
        done = subprocess.run(["bash", "-c", COMPLETE, "bash", f"{SOURCE}/tools/aqctl/completion.bash", *look.command, *words],
                              capture_output=True, text=True, timeout=DEADLINE)
        check(done.returncode == 0 and not done.stderr, f"completion: {done}")
        return sorted(done.stdout.split())
    check(offered("sto") == ["store"] and "main" in offered("store", ""), "store, its name")
    check(offered("store", "main", "") == ["count", "describe", "export", "find", "tables"], "what it is asked for")
    check(offered("store", "main", "find", "") == ["many", "odd", "rows"] and offered("store", "main", "count", "m") == ["many"],
          f"tables: {offered('store', 'main', 'find', '')}")
    check(offered("store", "main", "tables", "") == offered("store", "main", "find", "odd", "") == [], "nothing more")
    check({"--csv", "--fields", "--sort", "--limit", "--skip"} < set(offered("store", "main", "export", "odd", "--")), "flags")


def mistakes(look):
    look.says("no store mian. Nearest: main", "mian", "tables", code=FAILED)
    look.says("has no table mnay. Nearest: many", "main", "find", "mnay", code=FAILED)
    look.says("has no table x", "main", "export", "x", "--csv", code=FAILED)
    look.says("no field 'prise'. Nearest: price. It has: n time price note", "main", "find", "many", "--fields=n,prise", code=FAILED)
    look.says("no field 'm'", "main", "find", "many", "--sort=-m", code=FAILED)
    look.says("no field 'm'", "main", "count", "many", "{$and: [{m: 1}]}", code=FAILED)
    look.says("character 10, '2024-08-08}': there must be a whole number", "main", "find", "many", "{n: 1, n:2024-08-08}", code=USAGE)
    look.says("ends too early, behind '{n: 1': a comma or } is missing", "main", "count", "many", "{n: 1", code=USAGE)
    look.says("'yesterday' is no time", "main", "count", "many", "{time: {$gt: 'yesterday'}}", code=USAGE)
    look.says("are no bytes", "main", "count", "odd", "{data: 'xyz'}", code=USAGE)
    look.says("not for dele", "main", "delete", "many", code=USAGE)
    look.says("say --csv", "main", "export", "many", code=USAGE)
    look.says("does not take --csv", "main", "find", "many", "--csv", code=USAGE)
    look.says("does not take --fields", "main", "count", "many", "--fields=n", code=USAGE)
    look.says("usage: store NAME find TABLE", "main", "find", code=USAGE)
    look.says("at most 500 rows", "main", "find", "many", "--limit=501", code=USAGE)
    look.says("one filter", "main", "find", "many", "{n: 1}", "{n: 2}", code=USAGE)
    for own in ("-a", "-w"):
        check("without -a and -w" in look.run("main", "export", "many", "--csv", own=(own,), code=USAGE)[1], own)
    look.says("refused it: .*takes a list", "main", "export", "odd", "{$and: 5}", "--csv", code=REFUSED)


# ---- callers ----

def store_of(look, name="main"):
    return next(s for s in json.loads(look.run(own=("--json",))[0])["stores"] if s["store"] == name)


def settled(look, most=0):
    """Nobody that has gone is waited for."""
    until = time.monotonic() + DEADLINE
    while store_of(look)["waiting"] > most:
        check(time.monotonic() < until, f"a call of somebody who has gone is still there: {store_of(look)}")


def goes_on(host):
    """The strategy's calls are answered."""
    need(host, r"done n=\d*[05]0 ", start=len(host.lines))


def killed(host, look):
    """One that does not take what it has asked for, then dies."""
    slow = look.begin("main", "export", "many", "--csv")
    check(slow.stdout.read(40).startswith(b"n,time,price,note\r\n1,2024"), "it has begun")
    goes_on(host)
    check(len(look.export("many", "{n: {$lte: 1000}}")) == 1001, "another export meanwhile")
    slow.kill()
    slow.communicate()
    settled(look, most=50)  # calls of the strategy


def reloaded(host, look, change):
    """The back end is another while an export stands still; the export does not notice, and nobody waits for it."""
    slow = look.begin("main", "export", "many", "--csv")
    begin = slow.stdout.read(40)
    for number in (1, 2):
        change(number)
        said = subprocess.run([*look.command, "reload", "main"], capture_output=True, text=True, timeout=10 * DEADLINE)
        if number == 1:
            check(said.returncode == 0 and "replaced" in said.stdout, f"reload: {said}")
            goes_on(host)
        else:  # one at a time
            check(said.returncode == REFUSED and "the back end before still ends its calls" in said.stdout, f"reload: {said}")
            break
    rest, err = slow.communicate(timeout=10 * DEADLINE)
    check(slow.returncode == DONE, f"export over a reload: {slow.returncode} {err}")
    goes_on(host)
    until = time.monotonic() + DEADLINE
    while subprocess.run([*look.command, "reload", "main"], capture_output=True, timeout=10 * DEADLINE).returncode != 0:
        check(time.monotonic() < until, "the back end before does not end")
    return list(csv.reader(io.StringIO((begin + rest).decode(), newline="")))


class Stopped:
    """One that stops, and is given up; it is told when it goes on."""

    def __init__(self, look):
        self.child = look.begin("main", "export", "many", "--csv")
        self.begin = self.child.stdout.read(40)
        self.child.send_signal(signal.SIGSTOP)

    def end(self, host):
        need(host, "takes none any more: it is given up", start=0)
        self.child.send_signal(signal.SIGCONT)
        out, err = self.child.communicate(timeout=10 * DEADLINE)
        check(self.child.returncode == FAILED and b"the host has given up" in err, f"given up: {self.child.returncode} {err}")
        check(out.count(b"\n") < MANY, "it has all the same")


# ---- the whole, of one back end ----

def all_of(host, look, direct, change, more=lambda: None, stops=False):
    odd, many = direct
    need(host, f"filled with {MANY} rows")
    stopped = Stopped(look) if stops else None
    check_odd(look.export("odd", "--sort", "id"), odd())
    rows = many()
    check_many(look.export("many", "--sort", "n"), rows)
    nulls_and_empty(look)
    filters(look)
    finds(look)
    figures(look)
    completion(look)
    mistakes(look)
    more()
    killed(host, look)
    if stopped:
        stopped.end(host)
    check_many(reloaded(host, look, change), rows)
    settled(look, most=50)
    host.end()
    said = next(line for line in reversed(host.lines) if " stopped put=" in line)
    check("failed=0 " in said and "wrong=0 " in said, said)
    look.says("no such socket|has ended", "main", "tables", code=NOT_RUNNING)


def sqlite_rows(name):
    def read(query):
        return lambda: sqlite3.connect(f"{name}.db", timeout=60).execute(query).fetchall()
    return read("SELECT * FROM odd ORDER BY id"), read("SELECT * FROM many ORDER BY n")


def with_sqlite():
    text = HOST + SQLITE + FILLER + STORER
    write("lite", text, rows=MANY)
    look = Looker("lite")

    def gone():
        look.says("store gone is down since .*: .*", "gone", "tables", code=FAILED)
    host = start("lite")
    all_of(host, look, sqlite_rows("lite"), lambda n: write("lite", text, rows=MANY, more=f"cache = {8 + n}MB"), gone,
           stops=True)
    print(f"sqlite: {MANY} rows exported three times, and all that is asked for is answered")


def maria_rows():
    def cell(text):
        return None if text == "NULL" else text

    def odd():
        rows = []
        for line in mariadb.ask("SELECT id, time, price, whole, HEX(note), HEX(data), ok, ratio, `a, \"b\"` FROM odd ORDER BY id",
                                "maria").splitlines():
            id, time_ns, price, whole, note, data, ok, ratio, last = map(cell, line.split("\t"))
            rows.append((int(id), int(time_ns), price, whole, note and bytes.fromhex(note).decode(), data and bytes.fromhex(data),
                         ok and int(ok), ratio and float(ratio), last))
        return rows

    def many():
        lines = mariadb.ask("SELECT * FROM many ORDER BY n", "maria").splitlines()
        return [(int(n), int(t), price, note) for n, t, price, note in (line.split("\t") for line in lines)]
    return odd, many


def lost(server, look):
    """The server goes in the middle of two answers: both say that they are not whole, and the next ones that it is down."""
    write("maria", HOST + MARIADB, socket=mariadb.SOCKET, pool=4)
    host = start("maria")
    need(host, "main: the store is up")
    lines = look.begin("main", "export", "many", "--csv")
    objects = look.begin("main", "find", "many", "--json", "--limit=100000")
    begins = lines.stdout.read(40), objects.stdout.read(40)
    server.stop_hard()
    out, err = lines.communicate(timeout=10 * DEADLINE)
    check(lines.returncode == FAILED and b"store main" in err and b"store main" not in out, f"export: {lines.returncode} {err}")
    check((begins[0] + out).count(b"\n") < MANY, "all of it has come")
    out, err = objects.communicate(timeout=10 * DEADLINE)
    answer = json.loads(begins[1] + out)
    check(objects.returncode == answer["code"] == FAILED and "store main" in answer["error"] and len(answer["rows"]) < MANY and
          answer["rows"][-1]["n"] == len(answer["rows"]), f"find: {objects.returncode} {answer['code']} {err}")
    need(host, "main: the store is down")
    look.says("store main is down since", "main", "tables", code=FAILED)
    host.end()


def with_mariadb():
    if not mariadb.is_there():
        print("no server of MariaDB, or no client library: it is not tried")
        return
    server = mariadb.Server()
    mariadb.ask("CREATE DATABASE maria CHARACTER SET utf8mb4")
    text = HOST + MARIADB + FILLER + STORER
    write("maria", text, rows=MANY, socket=mariadb.SOCKET, pool=4)
    host = start("maria")
    look = Looker("maria")
    all_of(host, look, maria_rows(), lambda n: write("maria", text, rows=MANY, socket=mariadb.SOCKET, pool=4 + n))
    lost(server, look)
    mariadb.drop_remarks()
    print(f"mariadb: {MANY} rows exported three times, and all that is asked for is answered")


# ---- replays ----

def replay(name, looks):
    """The lines of a replay, while somebody looks or nobody does."""
    text = HOST.replace("[host]", "[host]\nspeed = max\non_end = wait") + REPLAY + SQLITE + STORER
    write(name, text, more="latency = 1ms", storer="until = 2000\nburst = 50\ncount_every = 50")
    host, look, asked = start(name), Looker(name), 0
    need(host, "begins at 0")
    while looks and not any(" all put=" in line for line in host.lines):
        check(len(look.export("rows", "--sort", "n")) > 0, "an export in a replay")
        asked += 1
        host.read(0)
    need(host, " all put=2000 done=2000")
    check(len(look.export("rows")) == 2001, "when it has ended")
    host.end()
    return [re.sub(r"^\S+ ", "", line) for line in host.lines if re.search("done n=| put=", line)], asked


def replays():
    alone, _ = replay("alone", False)
    watched, asked = replay("watched", True)
    check(alone == watched, f"a replay that is looked at differs: {[p for p in zip(alone, watched) if p[0] != p[1]][:2]}")
    print(f"replays: {len(alone)} lines alike, {asked} exports meanwhile")


def main():
    make_capture()
    with_sqlite()
    replays()
    with_mariadb()


try:
    main()
except Failure as failure:
    sys.exit(str(failure))
