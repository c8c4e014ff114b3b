#!/usr/bin/env python3
"""recorder_faults.py: the recorder and a MariaDB server on which everything goes wrong: stopped, killed, hung, cut off, without
rights, with packets too small, a table dropped, a table of another schema, a store that is down for longer than a spool lasts.
After each of them the tables equal what was accepted."""
import os
import re
import signal
import sys

from lib import facts, tables
from lib.load import SANITIZED, make_capture
from lib.processes import Failure, Venue
from lib.recording import FACTS, configure, need, start, until

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))

import mariadb  # noqa: E402
from mariadb import SOCKET, ask  # noqa: E402

RATE = 500 if SANITIZED else 1500
STORE = """
[storage:main]
plugin = mariadb
address = %s
database = %s
user = rec
tls = off
call_timeout = 3s
"""
LINES = {**FACTS, "equity": "main every 200ms", "klines": "main 1m", "trades": "main", "books": "main 20 levels every 100ms",
         "flush": "20ms"}


def write(name, spool="64MB"):
    configure(name, STORE % (SOCKET, name), {**LINES, "spool": spool}, state=f"{name}.state")


def begin(name, spool="64MB"):
    ask(f"CREATE DATABASE {name}")
    give(name)
    write(name, spool)
    return start(name, killed=True)


def give(name):
    ask(f"GRANT ALL ON {name}.* TO rec@localhost")


def table_of(name):
    return tables.of_mariadb(name, name, ask)


def pages(host):
    return {table: tables.page(f"{host.name}.state", table) for table in tables.SPOOLED}


def last_row(host, table):
    """0: there is none, or no table."""
    if table not in ask("SHOW TABLES", host.name).split():
        return 0
    return int(ask(f"SELECT COALESCE(MAX(number), 0) FROM {table}", host.name))


def catches_up(host, what, names=facts.NAMES):
    """All that was accepted up to now gets to its table."""
    accepted = {table: last for table, (_, last) in pages(host).items()}
    known = {table: keys[-1][0] for table, keys in facts.keys(f"{host.name}.state").items() if keys and table in names}

    def there():
        return (all(pages(host)[table][0] >= last for table, last in accepted.items()) and
                all(last_row(host, table) >= last for table, last in known.items()))
    until(host, f"{what}: it does not catch up", there)
    print(f"{what}: " + ", ".join(f"{table} {count}" for table, count in accepted.items()), flush=True)


def goes_on(host):
    """While the fault lasts more is accepted."""
    before = pages(host)
    until(host, "nothing more is accepted",
          lambda: all(pages(host)[table][1] > before[table][1] + 5 for table in ("trades", "books", "equity")))


def check(host, lost=()):
    """The host has ended well. `lost`: tables that were dropped by hand."""
    t = table_of(host.name)
    counts = t.facts(f"{host.name}.state", [table for table in facts.NAMES if table not in lost])
    gaps = {}
    for table in tables.SPOOLED:
        acknowledged, last = tables.page(f"{host.name}.state", table)
        if acknowledged != last:
            raise Failure(f"{host.name}: {table}: {acknowledged} of {last} at the end")
        if table not in lost:
            counts[table], gaps[table], _ = t.numbers(table, last)
    print(f"{host.name}: " + ", ".join(f"{count} {what}" for what, count in counts.items()), flush=True)
    return gaps


# ---- the server ----

def stop(server, number=signal.SIGTERM):
    server.signal(number)
    server.wait()


def cut_connections():
    for number in ask("SELECT ID FROM information_schema.PROCESSLIST WHERE USER = 'rec'").split():
        try:
            ask(f"KILL {number}")
        except mariadb.Failure:
            pass  # it has gone by itself


def server_faults(host, server):
    for number, what in ((signal.SIGTERM, "stopped"), (signal.SIGKILL, "killed")):
        at = len(host.lines)
        stop(server, number)
        need(host, "main: the store is down", start=at)
        goes_on(host)
        server = mariadb.Server()
        catches_up(host, what)
    server.signal(signal.SIGSTOP)
    goes_on(host)
    host.run_for(4)  # longer than a call may take
    server.signal(signal.SIGCONT)
    catches_up(host, "hung")
    for _ in range(10):
        cut_connections()
        host.run_for(0.1)
    catches_up(host, "connections cut")
    return server


def rights(host):
    at = len(host.lines)
    ask(f"REVOKE INSERT ON {host.name}.* FROM rec@localhost")
    cut_connections()
    need(host, r"error recorder: \w+: .*denied.*It is tried again; what is to be stored waits in the (journal|spool)", start=at)
    goes_on(host)
    give(host.name)
    cut_connections()
    catches_up(host, "rights taken away")


def packets(host):
    at = len(host.lines)
    ask("SET GLOBAL max_allowed_packet = 1024")
    cut_connections()
    need(host, r"error recorder: \w+: .*max_allowed_packet.*It is tried again; what is to be stored waits in the (journal|spool)", start=at)
    goes_on(host)
    ask("SET GLOBAL max_allowed_packet = 16777216")
    cut_connections()
    catches_up(host, "packets of 1 KB")


def dropped_table(host):
    """What was in it is gone; what comes is stored in a new one, without a hole."""
    ask("DROP TABLE books", host.name)
    goes_on(host)
    catches_up(host, "a table dropped")
    rows = [int(number) for (number, *_) in table_of(host.name).rows("books", "number")]
    if rows != list(range(rows[0], rows[0] + len(rows))) or rows[0] == 1:
        raise Failure(f"books after a drop: {rows[:3]} ... {len(rows)}")


def all_faults(server):
    host = begin("faults")
    host.wait_in_step()
    until(host, "no table", lambda: "trades" in ask("SHOW TABLES", "faults").split())
    catches_up(host, "well")
    server = server_faults(host, server)
    rights(host)
    packets(host)
    dropped_table(host)
    host.end()
    check(host, lost=("books",))
    return server


# ---- a table of another schema, and rows that are there already ----

def other_schema():
    """The facts wait until somebody has put it right; the other tables are filled meanwhile."""
    ask("CREATE DATABASE schema1; CREATE TABLE schema1.fills (host INT)")
    give("schema1")
    write("schema1")
    host = start("schema1", killed=True)
    need(host, r"error recorder: fills: the table cannot be made: .*fills.*It is tried again; what is to be stored waits in the journal")
    host.wait_in_step()
    goes_on(host)
    catches_up(host, "a table of another schema", names=("orders", "denials"))
    if ask("SELECT COUNT(*) FROM fills", "schema1").strip() != "0":
        raise Failure("schema1: somebody has written into it")
    ask("DROP TABLE fills", "schema1")
    catches_up(host, "put right")
    host.end()
    check(host)


def forget(name):
    """Its readers do not know any more how far they were."""
    folder = f"{name}.state/journal"
    readers = [reader for reader in os.listdir(folder) if reader.startswith("reader-")]
    if len(readers) != 5:
        raise Failure(f"readers: {readers}")
    for reader in readers:
        os.remove(f"{folder}/{reader}")


def told_again():
    """All is looked up, nothing is stored twice."""
    forget("schema1")
    host = start("schema1", killed=True)
    host.wait_in_step()
    catches_up(host, "told again")
    host.end()
    check(host)


# ---- a store that is down for too long ----

def memory_of(host):
    with open(f"/proc/{host.child.pid}/status", encoding="utf-8") as f:
        return int(re.search(r"VmRSS:\s+(\d+) kB", f.read())[1]) * 1024


def too_long(server):
    """Spools of 512 KB run over, over kills of the host too: the oldest are dropped and told, the host does not grow."""
    host = begin("down", spool="2MB")
    host.wait_in_step()
    until(host, "no table", lambda: "trades" in ask("SHOW TABLES", "down").split())
    catches_up(host, "before it is down")
    stop(server)
    before, began = memory_of(host), pages(host)
    for number in range(3):
        reached = pages(host)["trades"][1]
        until(host, "no more trades", lambda at=reached: pages(host)["trades"][1] > at + 1500)
        if number < 2:
            host.stop_hard()
            host = start("down", killed=True)
            host.wait_in_step()
            before = memory_of(host)
    grown = memory_of(host) - before
    if grown > (300 << 20 if SANITIZED else 30 << 20):
        raise Failure(f"down: it has grown by {grown} bytes")
    print(f"down: grown by {grown >> 20} MB", flush=True)
    for table in tables.SPOOLED:
        folder = f"down.state/spool/recorder-{table}"
        size = sum(os.stat(f"{folder}/{name}").st_blocks * 512 for name in os.listdir(folder))
        if size > (512 << 10) + 3 * 4096:
            raise Failure(f"down: the spool of {table} has {size} bytes")
    server = mariadb.Server()
    catches_up(host, f"down for {pages(host)['trades'][1] - began['trades'][1]} trades")
    host.end()
    gaps = check(host)
    if gaps["trades"] == 0:
        raise Failure(f"down: nothing was dropped: {gaps}")
    need(host, r"warn +recorder: trades: \d+ records were dropped before they could be stored: numbers \d+ to \d+", start=0)
    print(f"down: dropped {gaps}")
    return server


def partly_there():
    """Rows were deleted, so that what is told first is new to the store and what follows is there already: the insert that meets
    it is refused, and looked up."""
    forget("down")
    numbers = [int(number) for (number, *_) in table_of("down").rows("orders", "number")]
    if len(numbers) < 3000:
        raise Failure(f"down: {len(numbers)} orders are too few for several batches")
    ask(f"DELETE FROM orders WHERE number < {sorted(numbers)[-20]}", "down")
    host = start("down", killed=True)
    need(host, "error recorder: orders: .*Duplicate entry.*It is tried again; what is to be stored waits in the journal")
    host.wait_in_step()
    catches_up(host, "partly there")
    host.end()
    check(host)


def main():
    if not mariadb.is_there():
        print("no server of MariaDB, or no client library: nothing is tried")
        return
    make_capture("capture.aqc")
    server = mariadb.Server()
    ask("CREATE USER rec@localhost")
    write("venue")
    venue = Venue("venue.ini", rate=RATE)
    server = all_faults(server)
    other_schema()
    told_again()
    server = too_long(server)
    partly_there()
    venue.stop_hard()
    stop(server)
    mariadb.drop_remarks()


if __name__ == "__main__":
    try:
        main()
    except (Failure, mariadb.Failure) as failure:
        sys.exit(f"recorder_faults.py: {failure}")
