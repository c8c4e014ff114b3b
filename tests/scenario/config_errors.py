#!/usr/bin/env python3
"""What -t says of every mistake, word for word, and that -T prints a configuration that means the same.

With AQ_WRITE=1 the text that is expected is written anew, to be read by a person before it is kept.
"""
import difflib
import glob
import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))

from builds import Builds, put, CREATE_CRASHES, CREATE_FAILS, WELL  # noqa: E402
from load import make_capture, program  # noqa: E402

DATA = os.path.join(os.environ["AQ_SOURCE"], "tests", "data")

GOOD = """
include = conf.d/*.ini

[host]
mode = paper
probe_timeout = 1m
state_dir = state
plugin_path = plugins, ${PLUGINS}
limit.order = 5000 USDT

[exchange:feed]
plugin = sim
capture = capture.aqc

[account:acc]
exchange = feed
key_file = keys/good.key
balance = 1000 USDT, 1 BTC
balance = 5 ETH
limit.position = BTC/USDT 0.5 BTC, BTC/USDT 0.4 BTC
"""

STRATEGIES = """
[strategy:one]
plugin = example
market = acc:BTC/USDT
size = 600 USDT
max_position = 0.05 BTC
on_stop = leave

[strategy:two]
like = one
size = 0.01 BTC

[strategy:three]
plugin = options
market = feed:BTC/USDT
note = 5$$
"""


def write(path, text, mode=0o600):
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    os.chmod(path, mode)


def run(*arguments, status):
    """What is printed, and what is said beside it."""
    done = subprocess.run([program("aioquantd"), *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=120, env={**os.environ, "PLUGINS": "plugins/test"})
    said = done.stderr.decode()
    assert done.returncode == status, (arguments, done.returncode, done.stdout, said)
    return done.stdout.decode(errors="surrogateescape"), said


def compare(printed, path):
    if os.environ.get("AQ_WRITE") == "1":
        with open(path, "w", encoding="utf-8", errors="surrogateescape") as f:
            f.write(printed)
    with open(path, encoding="utf-8", errors="surrogateescape") as f:
        expected = f.read()
    sys.stdout.writelines(difflib.unified_diff(expected.splitlines(True), printed.splitlines(True), "expected", "printed"))
    assert printed == expected


def mistakes():
    shutil.copy(os.path.join(DATA, "errors.ini"), "errors.ini")
    printed, _ = run("-t", "-c", "errors.ini", status=1)
    compare(printed, os.path.join(DATA, "errors.txt"))
    assert "hunter2" not in printed
    assert not os.path.exists("state")
    again, _ = run("-T", "-c", "errors.ini", status=1) # nothing is printed of what is wrong
    assert again == printed
    started, said = run("-c", "errors.ini", status=1)
    assert "Nothing was started." in said and "[account:okx-main] mode is live and no limit.position applies" in said, said


def good():
    write("good.ini", GOOD)
    os.mkdir("conf.d")
    write("conf.d/strategies.ini", STRATEGIES)
    printed, said = run("-t", "-c", "good.ini", status=0)
    assert (printed, said) == ("good.ini is in order.\n", ""), (printed, said)
    printed, _ = run("-t", "-c", "good.ini", "--set", "feed.capture=none.aqc", status=0)
    assert printed == ("good.ini:11  [exchange:feed] capture: warning: none.aqc: No such file or directory. A start needs it. "
                       "Its markets, prices and quantities were checked for their form only.\ngood.ini is in order.\n"), printed


def values(printed):
    """Section, key and value of each line, without the comments."""
    found, section = [], None
    for line in printed.splitlines():
        if line.startswith("["):
            section = line
        elif line and not line.startswith("#"):
            found.append((section, line))
    return found


def merged():
    """Every value has its place above it; read again it is the same."""
    printed, _ = run("-T", "-c", "good.ini", "--set", "one.spread=3bps", status=0)
    for place, line in (("good.ini:9", "limit.order = 5000 USDT"), ("good.ini:8", "plugin_path = plugins, plugins/test"),
                        ("conf.d/strategies.ini:5", "size = 600 USDT"), ("conf.d/strategies.ini:11", "size = 0.01 BTC"),
                        ("conf.d/strategies.ini:6", "max_position = 0.05 BTC"), ("command line", "spread = 3bps"),
                        ("default", "skew = 2bps"), ("default", "host_number = 1"), ("default", "grade = page"),
                        ("conf.d/strategies.ini:16", "note = 5$$"), ("default", "on_crash = cancel, quarantine")):
        assert re.search("^# %s\n%s$" % (re.escape(place), re.escape(line)), printed, re.M), (place, line, printed)
    assert "like =" not in printed and "include =" not in printed
    write("merged.ini", printed)
    again, said = run("-T", "-c", "merged.ini", status=0)
    assert values(again) == values(printed) and said == "", said
    third, _ = run("-T", "-c", "good.ini", "--set", "one.spread=3bps", status=0)
    assert third == printed


def overrides():
    """Those of the command line are named as such, and only what is wrong with them is told."""
    for text, said in (("one.spread", "one.spread: write SECTION.KEY=VALUE."),
                       ("on.spread=1", "on.spread: no section has the name on. Nearest: one."),
                       ("one.spred=1bps", "[strategy:one] spred: unknown key. Nearest: spread. example has: market spread skew "
                        "tolerance size max_position"),
                       ("one.size=5", "[strategy:one] size = 5: a unit is missing. Write 0.01 BTC, 600 USDT or 5 contracts."),
                       ("host.mode=live", None)):
        printed, _ = run("-t", "-c", "good.ini", "--set", text, status=1)
        if said is not None:
            count = printed.count("\n") - 1
            assert printed.startswith("command line  %s\n" % said), printed
            assert printed.endswith("%d error%s. Nothing was started or changed.\n" % (count, "s" if count > 1 else "")), printed
    assert "[account:acc] mode is live and no limit.loss_day applies to this account. Add one here or in [host]" in printed
    run("-t", "-c", "good.ini", "--set", "host.mode=live", "--set", "host.limit.loss_day=none", status=0)


def asked():
    """What a plugin itself says of its options, as at a start; a plugin that crashes crashes nobody else."""
    printed, _ = run("-t", "-c", "good.ini", "--set", "feed.venue=nonsense", status=1)
    assert printed == ("good.ini:11  [exchange:feed] feed: create: venue: write socket:PATH, tcp:HOST:PORT, or nothing for a venue "
                       "inside the host.\n1 error. Nothing was started or changed.\n"), printed
    write("counter.ini", GOOD.replace("include", "# include").replace(", ${PLUGINS}", "") +
          "[strategy:bad]\nplugin = counter\nmarket = acc:BTC/USDT\nfirst = 1\n")
    builds = Builds(os.environ["AQ_PLUGINS"])
    os.mkdir("bad")
    for behaviour, said in ((CREATE_CRASHES, "the rehearsal crashed: "), (CREATE_FAILS, "this build does not want to be"),
                            (WELL, "first and second must be equal")):
        put("bad/counter.so", builds.build(behaviour))
        printed, _ = run("-t", "-c", "counter.ini", "--set", "host.plugin_path=bad, plugins", status=1)
        assert re.match(r"counter.ini:21  \[strategy:bad\] .*%s" % said, printed), printed
        assert printed.endswith("\n1 error. Nothing was started or changed.\n"), printed
    for report in glob.glob("sanitizer.*"): # of the crash
        os.remove(report)


def at_a_start():
    """A start names the place of what is wrong in a plugin's section, too."""
    _, said = run("-c", "good.ini", "--set", "host.plugin_path=plugins, plugins/test", "--set", "three.spread=6%",
                  "--set", "feed.end=2024-08-08T23:54:20Z", status=0)
    assert re.search(r"three: REFUSED: .*command line  \[strategy:three\] spread = 6%: at most 5% is allowed", said), said
    _, said = run("-c", "good.ini", "--set", "acc.limit.position=BTC/USDTT 1 BTC", "--set",
                  "feed.end=2024-08-08T23:54:20Z", "--set", "one.size=0.01 BTC", status=0)
    assert re.search(r"command line  \[account:acc\] limit.position = BTC/USDTT 1 BTC: feed has no BTC/USDTT. "
                     r"Nearest: BTC/USDT. It limits nothing", said), said
    write("conf.d/strategies.ini", STRATEGIES.replace("0.05 BTC", "0.05"))
    _, said = run("-c", "good.ini", "--set", "feed.end=2024-08-08T23:54:20Z", status=0)
    assert re.search(r"one: REFUSED: .*conf.d/strategies.ini:6  \[strategy:one\] max_position = 0.05: a unit is missing", said), said
    write("conf.d/strategies.ini", STRATEGIES)


def from_the_journal():
    """What a run has learnt of instruments is used when the capture is gone; a wrong quantity is found by it."""
    run("-c", "good.ini", "--seconds", "5", status=0)
    gone = ["-t", "-c", "good.ini", "--set", "feed.capture=none.aqc"]
    printed, _ = run(*gone, status=0)
    assert printed == ("good.ini:11  [exchange:feed] capture: warning: none.aqc: No such file or directory. A start needs it.\n"
                       "good.ini is in order.\n"), printed
    printed, _ = run(*gone, "--set", "two.size=0.000000001 BTC", status=1)
    assert "[strategy:two] size = 0.000000001 BTC: a number with at most 8 digits behind the point is needed." in printed, printed


def damaged():
    """A capture that is none is an error, as a start's would be."""
    write("none.aqc", "not a capture, but of a certain length, so that its head can be read as one would be")
    printed, _ = run("-t", "-c", "good.ini", "--set", "feed.capture=none.aqc", status=1)
    assert "[exchange:feed] none.aqc: at byte 0: " in printed, printed


def main():
    os.symlink(os.environ["AQ_PLUGINS"], "plugins")
    make_capture("capture.aqc")
    os.mkdir("keys")
    for name, text, mode in (("readable", "x\n", 0o640), ("shared", "x\n", 0o604), ("empty", "\n", 0o600),
                             ("long", "x" * 100, 0o600), ("good", "x\n", 0o400)):
        write("keys/%s.key" % name, text, mode)
    mistakes()
    good()
    merged()
    overrides()
    asked()
    at_a_start()
    from_the_journal()
    damaged()


main()
