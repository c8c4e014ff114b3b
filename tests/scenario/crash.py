#!/usr/bin/env python3
"""crash.py: a strategy takes its process down; who it was and where is told, and the next start goes on without it.

`bad` crashes in every way there is, `good` trades beside it. After each crash: the log names instance, callback, file and
line; the host that is started again quarantines `bad`, its orders leave the market, `good` trades on; aqctl release brings
it back. Soon after a reload a crash goes back to the library, options and state before it. Three crashes without a culprit
start the host halted. A host that was halted stays so over kill -9, and says since when, by whom and why.
"""
import os
import re
import shutil
import signal
import sys

from lib import processes
from lib.life import THROWER, Life, aqctl, ask, check, problems
from lib.load import until
from lib.processes import Failure

SOURCES = os.path.join(processes.SOURCE, "tests/scenario/plugins")
WAYS = ("null", "loop", "memory", "abort", "stack") + (("exception",) if THROWER else ())
FATAL = {"null": "SIGSEGV", "loop": "callback_kill", "memory": "memory_max", "abort": "SIGABRT", "stack": "SIGSEGV",
         "exception": "SIGABRT"}


def file_of(how):
    return "thrower.cpp" if how == "exception" else "crasher.c"


def line_of(how):
    with open(os.path.join(SOURCES, file_of(how)), encoding="utf-8") as file:
        return next(n for n, text in enumerate(file, 1) if re.search(f"LINE {how}( |$)", text))


def named(life, how, lines):
    head = next((line for line in lines if f"bad: {FATAL[how]}" in line or (FATAL[how] in line and "bad: " in line)), None)
    check(head is not None, f"{how}: nobody says who it was: {lines[-30:]}")
    check("(book)" in head, f"{how}: the callback is not named: {head}")
    line = f":{line_of(how)}" if how in ("null", "loop", "abort", "exception") else ":" # the others may be anywhere near
    check(file_of(how) + line in head, f"{how}: {file_of(how)}{line} is not named: {head}")
    print(f"{how}: {head.split('crash: ', 1)[-1]}", flush=True)


def quarantined(life, how):
    """The others trade, and nothing of `bad` is left in the market."""
    life.start(**life.plugin_of(how))
    life.wait("bad: is quarantined and does not start")
    life.wait("is in step with")
    life.wait("mm: fill ", count=3)
    told = [text for text in problems() if text.startswith("bad is quarantined since ")]
    why = ("SIG", "it did not end", "memory")
    check(len(told) == 1 and any(word in told[0] for word in why), f"status says {told}")
    check([i["state"] for i in aqctl("instances")["instances"] if i["instance"] == "bad"] == ["quarantined"], "no row in instances")
    check([s["state"] for s in aqctl("status")["strategies"] if s["strategy"] == "bad"] == ["quarantined"], "no row in status")
    check(aqctl("orders", "bad")["orders"] == [], "orders of a quarantined strategy are in the market")


def release(life):
    start = len(life.host.lines)
    aqctl("release", "bad")
    life.wait("bad: started", start=start)
    check(not [text for text in problems() if text.startswith("bad is ")], "released, and still told of")


def replace_plugin(data):
    with open("plugins/new.so", "wb") as file:
        file.write(data)
    os.chmod("plugins/new.so", 0o755)
    os.rename("plugins/new.so", "plugins/crasher.so")


def release_of_what_does_not_load(life):
    """It stays in quarantine, and the next release may be better."""
    with open("plugins/crasher.so", "rb") as file:
        data = file.read()
    replace_plugin(data[:5000])
    refused = ask("release", "bad", codes=(4,))
    check("crasher.so is cut off" in refused.stderr + refused.stdout, f"release says {refused}")
    check([text for text in problems() if text.startswith("bad is quarantined since ")], "refused, and no quarantine any more")
    replace_plugin(data)


def each_way(life):
    for how in WAYS:
        if how == "exception": # another plugin under the same name: its state is not for it
            life.host.end()
            life.said += life.host.lines
            shutil.rmtree("state/saved")
        if life.host is None or life.host.closed:
            life.start(**life.plugin_of(how))
        life.wait("is in step with")
        named(life, how, life.crash(how))
        quarantined(life, how)
        if how == "null":
            release_of_what_does_not_load(life)
        release(life)
    life.host.end()
    life.said += life.host.lines
    print("each quarantined at the next start, the others traded, released", flush=True)


def code_of_bad():
    return next(i["code"] for i in aqctl("instances")["instances"] if i["instance"] == "bad")


def again(life):
    """No orderly end: what is known after it is on the disk."""
    life.host.stop_hard()
    life.said += life.host.lines
    life.start()
    life.wait("is in step with")


def soon_after_a_reload(life):
    """New code that crashes: back to the code, options and state before; the same code is not taken again unasked."""
    shutil.rmtree("state/saved")
    life.start()
    life.wait("bad: started")
    life.wait("is in step with")
    before = code_of_bad()
    with open("plugins/crasher.so", "rb") as file:
        data = file.read()
    replace_plugin(data + b"\n") # other bytes, other hash
    start = len(life.host.lines)
    life.host.signal(signal.SIGHUP)
    life.wait("bad: replace: generation", start=start)
    life.crash("null")
    life.start()
    life.wait("bad: crashed .* after a reload: it starts with the library, options and state before it")
    life.wait("bad: started")
    check(code_of_bad() == before, f"code {code_of_bad()} runs, not {before}")
    start = len(life.host.lines)
    life.host.signal(signal.SIGHUP)
    life.wait("bad: REFUSED: this code crashed the process soon after a reload", start=start)
    again(life)
    life.wait("bad: starts as it was before the reload that crashed it")
    life.wait("bad: started")
    check(code_of_bad() == before, "the second start forgot that it had gone back")
    aqctl("reload", "bad")
    check(code_of_bad() != before, "named, and not reloaded")
    again(life)
    life.wait("bad: started")
    check(code_of_bad() != before, "it was reloaded by name, and has gone back")
    print("a crash soon after a reload went back, until it was reloaded by name", flush=True)


def traded():
    """What was bought and sold so far; fills may be told to a strategy again after a restart, and count once."""
    return [(row["instance"], row["bought"], row["sold"]) for row in aqctl("positions")["positions"]]


def halted_stays_halted(life):
    aqctl("halt", "demo", "for", "the", "test")
    before = traded()
    orders = aqctl("orders")["orders"]
    check(orders == [], f"halted, and orders rest: {orders}")
    life.host.stop_hard()
    life.said += life.host.lines
    life.start()
    life.wait("is in step with")
    life.host.run_for(0.5)
    told = [text for text in problems() if re.search(r"demo is halted since \d{4}-.* by \w+ \(aqctl, uid \d+\): for the test", text)]
    check(len(told) == 1, f"status says {problems()}")
    check(aqctl("orders")["orders"] == [] and traded() == before, "halted, and it trades")
    start = len(life.host.lines)
    aqctl("resume", "demo")
    life.wait("mm: fill ", start=start)
    print("halt, kill -9, restart: still halted, and told since when, by whom and why", flush=True)


def halt_while_it_hangs(life):
    """By a file and by a signal: the loop does not turn, so the next start carries it out, before anything trades: also
    when nothing of the process could say a last word."""
    held_back = os.environ.get("AQ_SANITIZE") == "thread" # its runtime delivers a signal with the next call: a loop has none
    for way in ("file",) if held_back else ("file", "SIGUSR2", "SIGUSR2, SIGKILL"):
        life.start(**{"host.callback_kill": "8s"}) if life.host.closed else None
        life.wait("is in step with")
        life.tell_bad("loop")
        life.wait("bad: on_event book has been running for")
        if way == "file":
            with open("state/operator/halt", "w", encoding="utf-8") as file:
                file.write("it hangs\n")
        else:
            life.host.signal(signal.SIGUSR2)
        if "SIGKILL" in way:
            until("the signal leaves its file", # whole: one that is still empty is a halt too, but names nobody
                  lambda: os.path.exists("state/operator/halt") and os.path.getsize("state/operator/halt") > 0)
            life.host.stop_hard()
        else:
            life.host.wait()
        life.said += life.host.lines
        life.start()
        life.wait("host is halted by " + ("file" if way == "file" else "SIGUSR2"))
        life.wait("is in step with")
        check(any(text.startswith("host is halted since") for text in problems()), "it is not halted")
        check(aqctl("orders")["orders"] == [], "orders rest")
        aqctl("resume")
        if "SIGKILL" not in way:
            release(life)
    print("halt while a strategy hangs: by file and by signal", flush=True)


def nameless(life):
    for _ in range(3):
        life.start() if life.host.closed else None
        life.wait("is in step with")
        life.host.signal(signal.SIGSEGV)
        life.host.wait()
        life.said += life.host.lines
    life.start()
    life.wait("host is halted by crash .*three crashes in a minute without a culprit")
    life.wait("is in step with")
    aqctl("resume")
    life.wait("mm: fill ")
    print("three crashes without a culprit: halted", flush=True)


def main():
    life = Life()
    each_way(life)
    soon_after_a_reload(life)
    halted_stays_halted(life)
    halt_while_it_hangs(life)
    nameless(life)
    life.end()
    life.judged()


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(f"crash.py: {failure}")
