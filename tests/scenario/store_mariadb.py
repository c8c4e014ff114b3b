#!/usr/bin/env python3
"""A store on a MariaDB server, through the host: what a strategy was told is done is in the table, judged by a client of its own,
although the server is stopped, killed and comes again; what is missing was told as lost. A store whose server does not come gives
up after as many tries as it was told, until it is told to begin anew."""
import os
import re
import signal
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))

import mariadb  # noqa: E402
from processes import BIN, PLUGINS, Failure, Host, run  # noqa: E402

CONFIG = """
[host]
state_dir = %(name)s.state
probe_timeout = 10s

[log]
limit = 0

[storage:main]
plugin = mariadb
address = %(socket)s
database = %(name)s
user = root
tls = off
pool = 2..%(pool)d
connect_tries = %(tries)d

[strategy:s]
plugin = storer
store = main
burst = 2
count_every = %(count)d
"""


def write(name, pool=4, count=100, tries=0):
    with open(f"{name}.ini", "w", encoding="utf-8") as f:
        f.write(CONFIG % {"name": name, "socket": mariadb.SOCKET, "pool": pool, "count": count, "tries": tries})


def start(name, **more):
    mariadb.ask(f"CREATE DATABASE {name}")
    write(name, **more)
    return Host(f"{name}.ini", {"host.plugin_path": f"{PLUGINS}, {PLUGINS}/test"}, name=name)


def need(host, pattern, **more):
    if host.wait_for(pattern, **more) is None:
        raise Failure(f"{host.name}: no line '{pattern}': {host.lines[-6:]}")


def figures(host):
    said = next(line for line in reversed(host.lines) if " put=" in line)
    return {key: int(value) for key, value in re.findall(r"(\w+)=(\d+)", said)}


def check(host):
    """Every row that is not there was told as lost or refused; nothing else is there."""
    f = figures(host)
    there = {}
    for line in mariadb.ask("SELECT n, price, note FROM `rows`", host.name).splitlines():
        n, price, note = line.split("\t")
        there[int(n)] = price
        if price != f"{int(n) * 12345 / 1e8:.8f}" or note != "a 'note'; DROP TABLE rows; --":
            raise Failure(f"{host.name}: row {line}")
    missing = set(range(1, f["put"] + 1)) - set(there)
    failed = {int(n) - 1000 for n in re.findall(r"call (\d+) failed", "\n".join(host.lines))}
    if f["wrong"] != 0 or not missing <= failed or max(there) > f["put"]:
        raise Failure(f"{host.name}: {f}, {len(there)} rows, missing but not told: {sorted(missing - failed)[:5]}")
    return f"{f['put']} put, {f['done']} done, {f['failed']} failed, {len(there)} there"


def whole():
    host = start("whole")
    need(host, "done n=400 ")
    write("whole", pool=6)  # other settings, meanwhile
    run(f"{BIN}/aqctl", "-d", "whole.state", "reload", "main")
    need(host, r"done n=\d*50 ", start=len(host.lines))
    host.end()
    if figures(host)["failed"] != 0:
        raise Failure(f"whole: {figures(host)}")
    print(f"whole: {check(host)}")


def few_tries():
    """Before there is a server. Returns the host, whose store has given up."""
    write("tries", tries=2)
    host = Host("tries.ini", {"host.plugin_path": f"{PLUGINS}, {PLUGINS}/test"}, name="tries")
    for pattern in (r"main: .*server.sock: cannot connect: .* \(2002\); try 1 of 2; next try in 1 s",
                    r"main: taken out: gives up after 2 tries \(connect_tries\): .*server.sock: cannot connect",
                    r"s: store down gives up after 2 tries", "s: call 1 failed: fault 6 .*gives up after 2 tries"):
        need(host, pattern)
    return host


def begins_anew(host):
    mariadb.ask("CREATE DATABASE tries")
    run(f"{BIN}/aqctl", "-d", "tries.state", "reload", "main")
    need(host, "s: store up .*connected to")
    host.end()
    print("tries: it gave up after two, and began anew")


def faults(server):
    """Between faults what is counted need not be all that was put, so nothing is counted."""
    host = start("faults", count=10**9)
    need(host, "done n=100 ")
    for number in (signal.SIGTERM, signal.SIGKILL):
        server.signal(number)
        server.wait()
        need(host, "main: the store is down", start=0)
        at = len(host.lines)
        server = mariadb.Server()
        need(host, "main: the store is up", start=at)
        need(host, r"done n=\d*50 ", start=len(host.lines))
    host.end()
    print(f"faults: {check(host)}")
    return server


def main():
    if not mariadb.is_there():
        print("no server of MariaDB, or no client library: nothing is tried")
        return
    waits = few_tries()
    server = mariadb.Server()
    begins_anew(waits)
    whole()
    server = faults(server)
    server.signal(signal.SIGTERM)
    server.wait()
    mariadb.drop_remarks()


try:
    main()
except Failure as failure:
    sys.exit(str(failure))
