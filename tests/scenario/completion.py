#!/usr/bin/env python3
"""The completion of aqctl offers what the running host knows, and nothing where none runs."""
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))

from load import Host, base_config, make_capture, program, replayed  # noqa: E402

CONFIG = replayed(base_config("completion", host="on_end = wait")).replace(
    "plugin_path = plugins", "plugin_path = " + os.environ["AQ_PLUGINS"]) + """
[strategy:mm]
plugin = example
market = acc:BTC/USDT
spread = 3bps
size = 0.001 BTC
max_position = 0.05 BTC
"""
ASK = """
source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _aqctl
printf '%s\\n' "${COMPREPLY[@]}"
"""


def offered(*words, at=("-t", "60", "-d", "state")):
    done = subprocess.run(["bash", "-c", ASK, "bash", os.path.join(os.environ["AQ_SOURCE"], "tools/aqctl/completion.bash"),
                           program("aqctl"), *at, *words], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and not done.stderr, f"{words}: {done.returncode} {done.stderr}"
    return sorted(done.stdout.split())


def expect(words, right, **more):
    got = offered(*words, **more)
    assert got == sorted(right), f"{words}: {got}, not {right}"


def with_host():
    expect(["rel"], ["reload", "release"])
    expect(["par"], ["params"])
    expect(["po"], ["positions"])
    assert {"status", "help", "metrics", "set"} <= set(offered("")), f"verbs: {offered('')}"
    expect(["orders", ""], ["feed", "mm", "acc"])
    expect(["orders", "m"], ["mm"])
    expect(["latency", ""], ["feed"])
    expect(["limits", "h"], ["host"])
    expect(["params", "m"], ["mm"])
    expect(["reconcile", ""], ["acc"])
    expect(["log-level", ""], [])
    assert set(offered("why", "")) > {"mm", "feed"}, f"orders and instances: {offered('why', '')}"
    expect(["balances", ""], ["acc"])
    expect(["reload", "--"], ["--plan", "--fresh"])
    expect(["reload", "mm", "--p"], ["--plan"])
    expect(["set", ""], ["feed", "mm"])
    expect(["set", "mm", "s"], ["size=", "skew=", "spread="])
    expect(["set", "mm", "spread", "=", "2bps", "tol"], ["tolerance="])  # as bash cuts the words
    expect(["set", "mm", "spread", "--"], ["--reset", "--save"])
    expect(["set", "nobody", "s"], [])
    expect(["halt", ""], ["feed", "mm", "acc", "host"])
    expect(["close-only", "ac"], ["acc"])
    expect(["pause", "mm", ""], [])
    expect(["status", ""], [])
    expect(["--json", "rol"], ["rollback"])
    expect(["-w", "--width", "80", "rol"], ["rollback"])


def without_host():
    nowhere = ("-S", "none.sock")
    expect([""], [], at=nowhere)
    expect(["set", "mm", ""], [], at=nowhere)
    expect(["--j"], ["--json"], at=nowhere)
    os.makedirs("folder/within")
    expect(["folder/"], ["folder/within"], at=("-d",))
    expect(["host.i"], ["host.ini"], at=("-S",))


def main():
    make_capture("capture.aqc")
    with open("host.ini", "w", encoding="utf-8") as file:
        file.write(CONFIG)
    host = Host("host.ini")
    try:
        host.log.wait("mm: started")
        with_host()
        assert host.end() == 0
    finally:
        host.kill()
    without_host()
    print("verbs, names, flags and options are those of the host")


main()
