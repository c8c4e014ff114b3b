#!/usr/bin/env python3
"""standing.py: what an operator says of an instance, an account and the whole host, and the ways in which he says it.

By aqctl: what it prints, as text and as JSON, its exit status, also when the venue does not confirm in time. By a file in
the state folder, while the host runs and before it starts; what is no such file is set aside. By SIGUSR2. And by aqctl when
the host hangs, is stopped or is gone: it leaves the file.
"""
import os
import re
import signal
import sys

from lib.life import Life, aqctl, ask, check, problems
from lib.load import until
from lib.processes import Failure

DONE, FAILED, USAGE, NOT_RUNNING, REFUSED, PARTLY = range(6)
FOLDER = "state/operator"

NAMESAKE = """
[strategy:demo]
plugin          = crasher
market          = demo:BTC/USDT
size            = 0.001 BTC
"""
STATES = {"pause": "paused", "close-only": "close only", "halt": "halted", "flatten": "flattened"}
TARGETS = ("mm", "account:demo", "host")
MOMENT = r"\d\d:\d\d:\d\d\.\d\d\d"


def trades(life):
    """It does: a fill comes after now."""
    life.wait("mm: fill ", start=len(life.host.lines))


def standing(name):
    return [text for text in problems() if re.match(rf"{re.escape(name)} is (paused|halted|close only|flattened)", text)]


def wait_until(life, condition, what):
    """Asked again with each line that the host says, and it says some all the time."""
    for _ in range(2000):
        if condition():
            return
        life.host.run_for(0.05)
        check(not life.host.closed, f"the host ended: {what}")
    raise Failure(f"in vain: {what}")


def flat(name):
    return all(float(row["position"].split()[0]) < 1e-5 for row in aqctl("positions", name)["positions"])


def mm_positions():
    """What can be sold: fees leave less than a lot behind, and what was sold of the balance is not bought back."""
    return [row["position"] for row in aqctl("positions", "mm")["positions"] if float(row["position"].split()[0]) >= 1e-5]


# ---- by aqctl ----

def each_verb(life):
    for target in TARGETS:
        name = target.split(":")[-1]
        for verb, state in STATES.items():
            said = ask(verb, target).stdout
            sent = rf"(no orders|\d+ cancels? sent {MOMENT})"
            end = "others gone" if verb == "close-only" else "confirmed empty"
            check(re.match(rf"{name} +{state} +{sent} +{end} {MOMENT}", said), f"{verb} {target}: {said}")
            check(f"until: aqctl resume {name}" in said, f"{verb} {target}: not how it ends: {said}")
            check((f"aqctl flatten {name}" in said) == (verb != "flatten"), f"{verb} {target}: {said}")
            row = aqctl(verb, target)["standing"][0]
            check(row["name"] == name and row["state"] == state and row["confirmed"] is not None, f"{verb} {target}: {row}")
            if verb != "close-only":
                orders = [o for o in aqctl("orders")["orders"] if target != "mm" or o["instance"] == "mm"]
                check(orders == [], f"{verb} {target}: {orders} rest")
            if verb == "flatten":
                check(mm_positions() == [], f"{target}: not flat: {mm_positions()}, {row}")
            check(len(standing(name)) == 1, f"{verb} {target}: status says {problems()}")
            said = ask("resume", target).stdout
            check(re.match(rf"{name} +running", said) and standing(name) == [], f"resume {target}: {said}")
            trades(life)
    print("pause, close-only, halt, flatten, resume: of an instance, an account and the host", flush=True)


def what_else_is_said(life):
    check("has not been stopped" in ask("resume", "mm").stdout, "resume of what runs")
    ask("halt", "account:demo", "for", "the", "test")
    ask("pause", "mm", "it is 5 o'clock")
    said = ask("resume", "mm").stdout
    check("demo is still halted: aqctl resume demo" in said, f"what holds elsewhere is not told: {said}")
    told = standing("demo")
    check(len(told) == 1 and ": for the test. Go on" in told[0], f"why: {problems()}")
    said = ask("resume", "account:demo").stdout
    check("still" not in said, f"nothing holds: {said}")
    ask("pause", "mm", "it is 5 o'clock")
    check(": it is 5 o'clock. Go on" in standing("mm")[0], f"why, quoted: {problems()}")
    ask("resume", "mm")
    for verb in STATES:
        said = ask(verb, "nobody", codes=(FAILED,)).stderr
        check("no account and no instance nobody" in said, f"{verb} nobody: {said}")
    said = ask("halt", "demo", codes=(FAILED,)).stderr
    check("account:demo" in said and "strategy:demo" in said, f"a name of two: {said}")
    check(aqctl("halt", "demo", codes=(FAILED,))["code"] == FAILED, "the same as JSON")
    ask("flatten", codes=(USAGE,))
    check(standing("demo") == standing("host") == [], "what failed did something")
    row = aqctl("halt", "strategy:demo")["standing"][0]
    check(row["name"] == "demo" and row["state"] == "halted", f"the instance: {row}")
    ask("resume", "strategy:demo")
    trades(life)
    print("unknown names, names of two, why", flush=True)


def unconfirmed(life):
    """The venue says nothing for a while: that is told, and it is asked on."""
    life.wait("is in step with")
    life.venue.signal(signal.SIGSTOP)
    try:
        answer = aqctl("halt", codes=(PARTLY,))
        text = " ".join(problem["text"] for problem in answer["problems"])
        check(answer["code"] == PARTLY and answer["standing"][0]["confirmed"] is None, f"unconfirmed: {answer}")
        check("host is halted, and the venue has not confirmed it yet" in text, f"unconfirmed: {text}")
        check("not confirmed" in standing("host")[0], f"status: {problems()}")
    finally:
        life.venue.signal(signal.SIGCONT)
    wait_until(life, lambda: "not confirmed" not in standing("host")[0], "the venue confirms when it is back")
    ask("resume")
    trades(life)
    print("a venue that is silent: partly, later confirmed", flush=True)


# ---- by a file ----

def put(name, why=""):
    with open(f"{FOLDER}/.new", "w", encoding="utf-8") as file:
        file.write(why + "\nmore that nobody reads\n")
    os.rename(f"{FOLDER}/.new", f"{FOLDER}/{name}")


def gone(name):
    return not os.path.lexists(f"{FOLDER}/{name}")


def files_while_it_runs(life):
    for name, target, state in (("halt", "host", "halted"), ("pause.mm", "mm", "paused"),
                                ("close-only.account:demo", "demo", "close only"), ("flatten.mm", "mm", "flattened")):
        start = len(life.host.lines)
        put(name, "by hand")
        life.wait(rf"operator: {target} is {state} by file \(uid {os.getuid()}\): by hand$", start=start)
        until(f"{name} is taken away", lambda: gone(name)) # which comes after the word
        check(len(standing(target)) == 1, f"{name}: {problems()}")
        start = len(life.host.lines)
        put("resume" + name[len(name.split(".")[0]):])
        life.wait(f"operator: {target} is running by file", start=start)
        check(standing(target) == [], f"resume of {target}")
    trades(life)
    print("files", flush=True)


def no_such_files(life):
    """Each is set aside with a reason, and changes nothing."""
    os.makedirs("elsewhere", exist_ok=True)
    with open("elsewhere/halt", "w", encoding="utf-8") as file:
        file.write("through a link\n")
    made = {"halt": lambda path: os.symlink(os.path.abspath("elsewhere/halt"), path), "pause": os.mkdir,
            "flatten": os.mkfifo}
    for name in ("nonsense", "halt.nobody", "HALT", "halt.", "pause.demo", "halt mm") + tuple(made):
        start = len(life.host.lines)
        if name in made:
            made[name](f"{FOLDER}/.new")
            os.rename(f"{FOLDER}/.new", f"{FOLDER}/{name}")
        else:
            put(name)
        life.wait(rf"operator: .*/operator/{name}: .*renamed to \.refused", start=start)
        check(gone(name) and not gone(f"{name}.refused"), f"{name} is not set aside: {os.listdir(FOLDER)}")
    check(standing("host") == standing("demo") == [], f"one of them was taken: {problems()}")
    check(os.path.exists("elsewhere/halt"), "what a link points to is gone")
    trades(life)
    print("what is no such file is set aside", flush=True)


def files_before_a_start(life):
    """In the order in which they were left."""
    life.end()
    put("pause", "older")
    put("halt.mm", "before")
    put("resume")
    for number, name in enumerate(("pause", "halt.mm", "resume")):
        os.utime(f"{FOLDER}/{name}", (1000000000 + number, 1000000000 + number))
    life.start()
    life.wait("is in step with")
    at = {what: next((n for n, line in enumerate(life.host.lines) if what in line), None) for what in (
        "host is paused by file", "mm is halted by file", "host is running by file", "mm: started", "is in step with")}
    check(None not in at.values() and list(at.values()) == sorted(at.values()), f"in this order: {at}")
    check(standing("host") == [] and ": before. Go on" in standing("mm")[0], f"{problems()}")
    check([o for o in aqctl("orders", "mm")["orders"]] == [], "it trades")
    ask("resume", "mm")
    trades(life)
    print("files before a start", flush=True)


def by_signal(life):
    start = len(life.host.lines)
    life.host.signal(signal.SIGUSR2)
    life.wait(r"operator: host is halted by SIGUSR2", start=start)
    wait_until(life, lambda: aqctl("orders")["orders"] == [], "all orders are gone")
    ask("resume")
    trades(life)
    print("SIGUSR2", flush=True)


# ---- by aqctl, to a host that does not answer ----

def left(done, name, why):
    check(f"left state/operator/{name}" in done.stderr, f"aqctl does not say that it left {name}: {done.stderr}")
    with open(f"{FOLDER}/{name}", encoding="utf-8") as file:
        check(file.read() == why + "\n", f"{name}: why")


def to_one_that_is_stopped(life):
    """It turns again, and does it."""
    start = len(life.host.lines)
    life.host.signal(signal.SIGSTOP)
    try:
        done = ask("halt", "host", "it", "hangs", codes=(FAILED,))
        left(done, "halt", "it hangs")
        check("no answer within 3 s" in done.stderr, f"{done.stderr}")
        ask("status", options=("-d", "state", "-t", "1"), codes=(FAILED,))
        check(sorted(os.listdir(FOLDER)).count("status") == 0, "what does not halt is left")
    finally:
        life.host.signal(signal.SIGCONT)
    life.wait("operator: host is halted by file .*: it hangs", start=start)
    wait_until(life, lambda: gone("halt"), "its file goes")
    ask("resume")
    trades(life)


def to_one_that_hangs(life):
    """Its guard ends it; the next start does it."""
    life.end()
    life.start(**{"host.callback_kill": "8s"})
    life.wait("is in step with")
    life.tell_bad("loop")
    life.wait("bad: on_event book has been running for")
    done = ask("flatten", "mm", "now", codes=(FAILED,))
    left(done, "flatten.mm", "now")
    life.host.wait()
    life.said += life.host.lines
    done = ask("pause", "mm", "no, wait", codes=(NOT_RUNNING,))
    left(done, "pause.mm", "no, wait")
    check(gone("flatten.mm"), "two words about one name")
    left(ask("flatten", "bad", "it is the one", codes=(NOT_RUNNING,)), "flatten.bad", "it is the one")
    life.start()
    life.wait(r"operator: mm is paused by file \(uid \d+\): no, wait")
    life.wait(r"operator: bad is flattened by file \(uid \d+\): it is the one")
    life.wait("is in step with")
    ask("resume", "mm")
    wait_until(life, lambda: gone("flatten.bad") and flat("bad"), "what is quarantined is flattened")
    check("release" in ask("resume", "bad", codes=(REFUSED,)).stdout + ask("close-only", "bad", codes=(REFUSED,)).stdout,
          "words for what does not run")
    check("quarantined" in ask("pause", "bad").stdout, "it may be paused")
    ask("release", "bad")
    check("bad is paused" in "".join(standing("bad")), f"released, it stays paused: {problems()}")
    ask("resume", "bad")
    trades(life)


def to_one_that_is_gone(life):
    life.host.stop_hard()
    life.said += life.host.lines
    left(ask("halt", codes=(NOT_RUNNING,)), "halt", "")
    for wrong, says in ((("halt", "a/b"), "nothing has the name"),):
        check(says in ask(*wrong, codes=(NOT_RUNNING,)).stderr, f"{wrong}")
    done = ask("halt", options=("-S", "elsewhere/control.sock"), codes=(NOT_RUNNING,))
    check("elsewhere/operator is no folder of a host" in done.stderr and "aqctl -d STATE_DIR halt, or" in done.stderr and
          done.stderr.endswith("STATE_DIR/operator/halt\n"), done.stderr)
    done = ask("pause", "mm", options=("-S", "elsewhere/control.sock"), codes=(NOT_RUNNING,))
    check("aqctl -d STATE_DIR pause mm, or" in done.stderr and done.stderr.endswith("/pause.mm\n"), done.stderr)
    left(ask("pause", "--json", codes=(NOT_RUNNING,)), "pause", "")
    check(gone("halt"), "the last word counts")
    life.start()
    life.wait("operator: host is paused by file")
    life.wait("is in step with")
    ask("resume")
    trades(life)
    print("aqctl leaves it for a host that is stopped, hangs or is gone", flush=True)


def to_one_whose_socket_lies_elsewhere(life):
    """A link beside the socket leads to its state folder, also when it has gone."""
    there = os.path.abspath("run/tokyo-1.sock")
    link, options = there + ".operator", ("-S", there)
    life.end()
    os.makedirs("run")
    os.symlink("/nowhere", link) # of another host that had this socket
    life.start(**{"control.socket": there})
    life.wait("is in step with")
    check(os.readlink(link) == os.path.abspath(FOLDER), f"the link leads to {os.readlink(link)}")
    life.host.stop_hard()
    life.said += life.host.lines
    done = ask("halt", "host", "it", "is", "gone", options=options, codes=(NOT_RUNNING,))
    check(f"left {link}/halt" in done.stderr, done.stderr)
    done = ask("pause", "mm", codes=(NOT_RUNNING,)) # by the state folder
    left(done, "pause.mm", "")
    life.start(**{"control.socket": there})
    life.wait(r"operator: host is halted by file \(uid \d+\): it is gone$")
    life.wait("is in step with")
    check(gone("halt") and gone("pause.mm"), "what was left stays")
    ask("resume", "mm", options=options)
    ask("resume", options=options)
    life.end()
    check(sorted(os.listdir("run")) == ["tokyo-1.sock.operator"], f"left behind: {os.listdir('run')}")
    left_by_link = ask("halt", options=options, codes=(NOT_RUNNING,))
    check(f"left {link}/halt" in left_by_link.stderr and not gone("halt"), left_by_link.stderr)
    life.start()
    life.wait("operator: host is halted by file")
    life.wait("is in step with")
    check(not os.path.lexists("state/control.sock.operator"), "a link where none is needed")
    ask("resume")
    trades(life)
    print("a socket elsewhere: aqctl finds the state folder", flush=True)


def before_the_first_start(life):
    """Of one that has never run."""
    os.makedirs(FOLDER)
    put("pause.mm", "not yet")
    life.start()
    life.wait("is in step with")
    life.wait(r"operator: mm is paused by file .*: not yet")
    check(gone("pause.mm") and ": not yet. Go on" in standing("mm")[0], f"{problems()}")
    ask("resume", "mm")
    trades(life)


def main():
    life = Life(NAMESAKE + "\n[control]\n")
    before_the_first_start(life)
    for part in (each_verb, what_else_is_said, unconfirmed, files_while_it_runs, no_such_files, files_before_a_start,
                 by_signal, to_one_that_is_stopped, to_one_that_hangs, to_one_that_is_gone,
                 to_one_whose_socket_lies_elsewhere):
        part(life)
    life.end()
    life.judged()


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(f"standing.py: {failure}")
