"""The configurations that scenarios of crashes run with, and the end of such a run: what the judge is given."""
import os

from .judge import Judge
from .processes import Host, journal_state

START = {("demo", "USDT"): "20000", ("demo", "BTC"): "0.2"}

HOST = """
[host]
mode            = paper
clock           = venue
report_currency = USDT
limit.order     = 5000 USDT
limit.collar    = 50bps
lookup_every    = 100ms
accept_within   = 1s
max_orders      = 512
max_fills       = 512
probe_timeout   = 1m

[journal]

[log]

[exchange:binance]
plugin          = sim
venue           = socket:venue.sock
capture         = capture.aqc
feed_latency    = 1ms
entry_latency   = 2ms
response_latency = 2ms

[account:demo]
exchange        = binance
balance         = 20000 USDT, 0.2 BTC
fee_maker       = 1bps
fee_taker       = 5bps
"""

STRATEGY = """
[strategy:mm]
plugin          = example
market          = demo:BTC/USDT
spread          = 0.5bps
skew            = 1bps
tolerance       = 0.1bps
size            = 0.001 BTC
max_position    = 0.05 BTC
"""


def write_configs():
    """trade.ini quotes; quiet.ini only looks after what is there."""
    for name, text in (("trade.ini", HOST + STRATEGY), ("quiet.ini", HOST)):
        with open(name, "w", encoding="utf-8") as file:
            file.write(text)


def reach(address):
    """Settings for a host that connects to unix:PATH."""
    return {"binance.venue": "socket:" + address.removeprefix("unix:")}


def settle(settings, name):
    """Two more lives: one that quotes and withdraws its orders, and one that only comes in step with the venue."""
    log = ""
    for config in ("trade.ini", "quiet.ini"):
        host = Host(config, settings, name)
        host.wait_in_step()
        host.end()
        log += "\n".join(host.lines) + "\n"
    return log


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def judge(record, state_dir, log="", cut=False):
    journal = os.path.join(state_dir, "journal")
    return Judge(read(record), journal_state(journal), journal_state(journal, newest=True), START, log, cut)
