#!/usr/bin/env python3
"""The template of an exchange in the real host: its books are a strategy's, a reload keeps the connection in the middle of a
line, a connection that ends is made again, and one to another address takes its place.
"""
import json
import os
import socket
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))

from builds import put  # noqa: E402
from load import Host, program, until  # noqa: E402

TEMPLATE = os.path.join(os.environ["AQ_SOURCE"], "sdk", "template", "exchange", "exchange.c")
ENV = {**os.environ, "PKG_CONFIG_PATH": os.path.dirname(os.environ["AQ_BIN"])}

CONFIG = f"""
[host]
mode = paper
clock = real
state_dir = state
plugin_path = ., {os.environ["AQ_PLUGINS"]}
stale_after = 0
probe_timeout = 1m

[log]
file = host.log
format = text

[exchange:own]
plugin = minimal
address = unix:venue.sock
base = BTC
quote = USDT

[account:acc]
exchange = own

[strategy:mm]
plugin = example
market = acc:BTC/USDT
size = 0.001 BTC
max_position = 0.01 BTC
"""


def build(flags=""):
    command = f"cc {flags} -shared -o minimal.so.part {TEMPLATE} $(pkg-config --cflags --libs aioquant)"
    subprocess.run(["bash", "-c", command], env=ENV, check=True)
    os.rename("minimal.so.part", "minimal.so")


def aqctl(table):
    said = subprocess.run([program("aqctl"), "-d", "state", "--json", table], stdout=subprocess.PIPE, text=True, check=False)
    return json.loads(said.stdout)[table] if said.returncode == 0 else []


def book():
    """Best bid and its quantity, where the book is valid."""
    return [(row["bid"], row["bid_qty"]) for row in aqctl("books") if row["state"] == "valid"]


def listen(path):
    venue = socket.socket(socket.AF_UNIX)
    venue.bind(path)
    venue.listen()
    venue.settimeout(60)
    return venue


def another_address(host, line):
    """The old connection ends, and no book is left of it."""
    other = listen("other.sock")
    put("host.ini", CONFIG.replace("unix:venue.sock", "unix:other.sock").encode())
    host.reload("own: replace: generation 3, ", "mm: keep")
    new, _ = other.accept()
    line.settimeout(60)
    assert line.recv(1) == b"", "the connection to the address of before is still there"
    until("no book of another venue", lambda: book() == [])
    new.sendall(b"61900.01 3 61900.02 1\n")
    until("a book of the other venue", lambda: book() == [("61900.01", "3.00000")])
    return new


def main():
    build()
    put("host.ini", CONFIG.encode())
    venue = listen("venue.sock")
    host = Host("host.ini")
    try:
        line, _ = venue.accept()
        line.sendall(b"61700.01 0.5 61700.02 1\n61700.")
        until("the first book", lambda: book() == [("61700.01", "0.50000")])
        until("events of the strategy", lambda: {row["instance"]: row["events"] for row in aqctl("instances")}["mm"] > 0)
        build("-O2") # other code
        host.reload("own: replace: generation 2, ", "mm: keep")
        line.sendall(b"03 0.25 61700.04 1\n")
        until("the line that went through the reload", lambda: book() == [("61700.03", "0.25000")])
        line.close()
        line, _ = venue.accept()
        until("no book without the venue", lambda: book() == [])
        line.sendall(b"61800.01 2 61800.02 1\n")
        until("a book after a new connection", lambda: book() == [("61800.01", "2.00000")])
        line = another_address(host, line)
        assert host.end() == 0
        assert host.log.find("BID QTY ASK QTY") is None # no line was torn
    finally:
        host.kill()
    print("own exchange: books, reload, reconnect, another address")


if __name__ == "__main__":
    main()
