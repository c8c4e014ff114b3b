"""A host that trades beside a venue in a process of its own, which feeds by the wall clock, and records: its configuration, and
waiting for what it records."""
import time

from . import tables
from .builds import put
from .load import base_config
from .processes import DEADLINE, PLUGINS, Failure, Host

CONFIG = """
[journal]
segment = %(segment)s
%(journal)s

[strategy:mm]
plugin = example
market = acc:BTC/USDT
spread = 0.5bps
skew = 1bps
tolerance = 0.1bps
size = 0.001 BTC
max_position = 0.05 BTC
"""
SQLITE = """
[storage:%s]
plugin = sqlite
file = %s.db
%s
"""
FACTS = {"orders": "main", "fills": "main", "cashflows": "main", "denials": "main", "operator": "main"}
SETTINGS = {"host.plugin_path": PLUGINS, "log.format": "text", "feed.venue": "socket:venue.sock"}


def sqlite(name="main", more="synchronous = normal"):
    return SQLITE % (name, name, more)


def configure(name, stores, lines, segment="512KB", orders=512, state="state", journal="", host=""):
    """NAME.ini; `name` is its server_id, too. `lines` of the recorder: {key: value}, None: no such section."""
    section = "" if lines is None else "\n[recorder]\n" + "".join(f"{key} = {value}\n" for key, value in lines.items())
    base = base_config(name, f"max_orders = {orders}\nmax_fills = {orders}\n{host}").replace("state_dir = state", f"state_dir = {state}")
    put(f"{name}.ini", (base + CONFIG % {"segment": segment, "journal": journal} + stores + section).encode())


def start(name, plugins=PLUGINS, **more):
    return Host(f"{name}.ini", {**SETTINGS, "host.plugin_path": plugins}, name, **more)


def until(host, what, condition):
    deadline = time.monotonic() + 2 * DEADLINE
    while not condition():
        if host.closed or time.monotonic() > deadline:
            raise Failure(f"{host.name}: {what}: {host.lines[-5:]}")
        host.run_for(0.02)


def need(host, pattern, **more):
    line = host.wait_for(pattern, **more)
    if line is None:
        raise Failure(f"{host.name}: no line '{pattern}': {host.lines[-6:]}")
    return line


def records(host, count, state="state", folder=None):
    """So many trades more get to the table."""
    at = tables.page(state, "trades", folder)[0]
    until(host, "no more trades", lambda: tables.page(state, "trades", folder)[0] > at + count)


def accepts(host, count, state="state", folder=None):
    """So many trades more get a number."""
    at = tables.page(state, "trades", folder)[1]
    until(host, "no more trades are accepted", lambda: tables.page(state, "trades", folder)[1] > at + count)
