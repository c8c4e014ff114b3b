#!/usr/bin/env python3
"""Plugins of strangers: built outside the tree against an installed SDK, with one line each, in C, C++ and Rust.

Each is dropped into a folder of a host that runs, named in its file, and comes with a SIGHUP; what runs already is not
touched.
"""
import json
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))

SOURCE = os.environ["AQ_SOURCE"]
BUILD = os.path.dirname(os.environ["AQ_BIN"])
INSTALLED = os.path.join(os.getcwd(), "installed")
ENV = {**os.environ, "PKG_CONFIG_PATH": os.path.join(INSTALLED, "lib", "pkgconfig"), "INSTALLED": INSTALLED}
SDK = "$(pkg-config --cflags --libs aioquant)"

HOST = """
[host]
mode = paper
speed = 1x
on_end = wait
probe_timeout = 1m
state_dir = state
plugin_path = installed/lib/aioquant/plugins, dropped

[log]
file = host.log
format = text

[exchange:venue]
plugin = sim
capture = capture.aqc

[account:acc]
exchange = venue
balance = 1000000 USDT, 10 BTC

[strategy:witness]
plugin = example
market = acc:BTC/USDT
size = 0.001 BTC
max_position = 0.01 BTC
"""

# name, its source in this tree, the command that builds it
STRANGERS = [
    ("mm", "plugins/strategy/example/example.c", f"cc -shared -o mm.so mm.c {SDK}", "max_position = 0.01 BTC"),
    ("mmpp", "sdk/template/strategy_cpp/strategy_cpp.cpp", f"c++ -std=c++20 -shared -o mmpp.so mmpp.cpp {SDK}", ""),
    ("stranger_rust", "tests/scenario/plugins/stranger.rs",
     "rustc --edition 2021 --crate-type cdylib -O -o stranger_rust.so stranger_rust.rs", ""),
]


def shell(command, folder="."):
    done = subprocess.run(["bash", "-c", command], cwd=folder, env=ENV, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False)
    assert done.returncode == 0, f"{command}: {done.stdout}"
    return done.stdout


def install():
    shell(f"cmake --install {BUILD} --prefix {INSTALLED}.first")
    os.rename(INSTALLED + ".first", INSTALLED) # nothing in it may know where it was first
    for name in ("aioquantd", "aqctl", "replay", "venue"):
        assert os.access(os.path.join(INSTALLED, "bin", name), os.X_OK), name
    os.environ["AQ_BIN"] = os.path.join(INSTALLED, "bin")


def build(name, source, command):
    """False where its compiler is missing."""
    if shutil.which(command.split()[0]) is None:
        print(f"{name}: no {command.split()[0]}, left out")
        return False
    os.makedirs("elsewhere", exist_ok=True)
    shutil.copy(os.path.join(SOURCE, source), os.path.join("elsewhere", name + os.path.splitext(source)[1]))
    said = shell(command, "elsewhere")
    assert said == "", said # a warning of the compiler is one too many
    probed = shell(f"$INSTALLED/bin/aioquantd --probe elsewhere/{name}.so")
    assert ": strategy " in probed, probed
    return True


def instances():
    said = json.loads(shell("$INSTALLED/bin/aqctl -d state --json instances"))
    return {row["instance"]: row for row in said["instances"]}


def main():
    install()
    from builds import put
    from load import Host, until
    shell("$INSTALLED/bin/replay import --venue binance --symbol BTCUSDT capture.aqc "
          "$INSTALLED/share/aioquant/data/btcusdt_20240808.gz")
    os.mkdir("dropped")
    put("host.ini", HOST.encode())
    host = Host("host.ini")
    try:
        host.log.wait("account acc is in step")
        sections, running = HOST, ["venue", "witness"]
        code = instances()["witness"]["code"]
        for name, source, command, more in STRANGERS:
            if not build(name, source, command):
                continue
            with open(os.path.join("elsewhere", name + ".so"), "rb") as library:
                put(os.path.join("dropped", name + ".so"), library.read())
            sections += f"\n[strategy:{name}]\nplugin = {name}\nmarket = acc:BTC/USDT\nsize = 0.001 BTC\n{more}\n"
            put("host.ini", sections.encode())
            host.reload(f"{name}: add: generation 1", *(f"{other}: keep" for other in running))
            until(f"events of {name}", lambda: instances()[name]["events"] > 10)
            running.append(name)
            for other in running:
                row = instances()[other]
                assert (row["state"], row["generation"]) == ("running", 1), row
        assert instances()["witness"]["code"] == code
        assert len(running) >= 3, running
        assert "stranger_rust" not in running or host.log.find("stranger_rust: joined the best bid with order [1-9]")
        assert host.end() == 0
    finally:
        host.kill()
    print("strangers:", ", ".join(running[2:]))


if __name__ == "__main__":
    main()
