#!/usr/bin/env python3
"""log.py: a host's log in each form, moved away while it runs, and settings that cannot be."""
import json
import os
import re
import signal

from lib.load import Host, make_capture, until

CONFIG = os.path.join(os.environ["AQ_SOURCE"], "conf", "demo.ini")
LOGFMT = re.compile(r'time=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z level=(debug|info|warn|error) from=(\S+) msg="((\\.|[^"\\])*)"$')
TEXT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (debug|info|warn|error) +(\S+): (.*)$")


def settings(name, **more):
    here = os.getcwd()
    values = {"host.plugin_path": os.environ["AQ_PLUGINS"], "host.state_dir": f"{here}/{name}.state", "host.speed": "max",
              "host.on_end": "wait", "host.probe_timeout": "1m", "binance.capture": f"{here}/capture.aqc",
              "log.file": f"{here}/{name}.log", **more}
    return [word for key, value in values.items() for word in ("--set", f"{key}={value}")]


def by_pattern(pattern):
    return lambda line: pattern.match(line).group(1, 2, 3)


def by_json(line):
    entry = json.loads(line)
    assert list(entry) == ["time", "level", "from", "msg"], line
    return entry["level"], entry["from"], entry["msg"]


def entries(path, parse):
    with open(path, encoding="utf-8") as file:
        return [parse(line) for line in file]


def run(name, parse, **more):
    """Every line has its form; what is said after the file was moved away stands in the new one alone."""
    host = Host(CONFIG, settings(name, **more), f"{name}.log")
    host.log.wait("mm.*started: ")
    os.rename(f"{name}.log", f"{name}.old")
    host.send(signal.SIGUSR1)
    until("a new file", lambda: os.path.exists(f"{name}.log"))
    assert host.end() == 0
    old, new = entries(f"{name}.old", parse), entries(f"{name}.log", parse)
    print(f"{name}: {len(old)} lines, {len(new)} after it was moved away")
    assert [text for _, who, text in old if who == "mm" and text.startswith("started: ")]
    assert ("info", "host", "Terminated: stopping") in new and ("info", "host", "Terminated: stopping") not in old


def refuse(expected, **more):
    host = Host(CONFIG, settings("refused", **more), "refused.log")
    assert host.ended() == 1
    with open("host.said", encoding="utf-8") as file:
        said = file.read()
    assert re.search(expected, said), said


make_capture("capture.aqc")
run("logfmt", by_pattern(LOGFMT))
run("text", by_pattern(TEXT), **{"log.format": "text"})
run("json", by_json, **{"log.format": "json"})
refuse(r"\[log\] file /nowhere/host\.log: No such file or directory", **{"log.file": "/nowhere/host.log"})
refuse(r"format.*text.*logfmt.*json", **{"log.format": "xml"})
refuse(r"rotate.*unit", **{"log.rotate": "100"})
refuse(r"limit", **{"log.limit": "-1"})
