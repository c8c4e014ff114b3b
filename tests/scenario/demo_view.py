#!/usr/bin/env python3
"""tools/demo as a person sees it: the live view on a terminal, the terminal's way back, where the result comes from, new
code at each save, a strategy from elsewhere, a fee, another configuration."""
import glob
import os
import re
import signal
import subprocess
import sys
from decimal import Decimal

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))

from screen import Terminal  # noqa: E402

SOURCE = os.environ["AQ_SOURCE"]
DEMO = [os.path.join(SOURCE, "tools/demo"), "--yes"]
if os.environ.get("AQ_MARSHAL") == "1":
    DEMO += ["--set", "host.marshal=on"]
os.environ["AQ_DEMO"] = os.path.join(os.getcwd(), "demo")

MONEY = r"([+-]?[\d,]+\.\d\d)"
NUMBER = r"[\d,.]+"
PAGE_END = b"\x1b[J"  # the last that a page sends when the terminal has more lines
RESULT = (r"^demo: events=(\d+) orders=(\d+) fills=(\d+) position=-?[\d.]+ pnl=(-?[\d.]+) max_latency_us=\d+ "
          r"fees=(-?[\d.]+) turnover=\d+ max_position=([\d.]+) drawdown=[\d.]+$")

PARTS = [
    r"^ aioquant demo   binance BTC/USDT as recorded, 10x +2024-08-08 23:5\d:\d\d\.\d{3}$",
    r"^ \[[#-]{40}\] +\d+ % +[\d,]+ events/s, book ok$",
    rf"^   asks +{NUMBER} +{NUMBER}",
    rf"^   bids +{NUMBER} +{NUMBER}",
    rf"our ask +{NUMBER} +{NUMBER}  ahead [\d.?]+$",
    rf"our bid +{NUMBER} +{NUMBER}  ahead [\d.?]+$",
    rf"-- middle {NUMBER} --",
    r"^   position  [+-]?[\d.]+ BTC  of 0\.05000 +\[[.#]{10}\|[.#]{10}\]$",
    r"^   result    USDT +fills (\d+) +bought (\d+) +sold (\d+) +maker (\d+)$",
    rf"^     spread captured +{MONEY}",
    rf"^     price moved (?:against|for) us +{MONEY}",
    rf"^     fees \(0 bps\) +{MONEY}",
    rf"^     total +{MONEY}",
    r"^   path      bytes to order  p50 [\d.]+ .?s   p99 [\d.]+ .?s   max [\d.]+ .?s$",
    rf"^   last  \d\d:\d\d:\d\d  (?:bought|sold) {NUMBER} at {NUMBER}, {NUMBER} (?:above|below) the middle$",
    rf"^         \d\d:\d\d:\d\d  (?:bid|ask) replaced {NUMBER} -> {NUMBER} \(moved [\d.]+ bps\)$",
    r"^   try       tools/demo --watch",
    r"aqctl set mm spread=3bps    aqctl orders    q quits$",
]


def money(text):
    return Decimal(text.replace(",", ""))


def adds_up(text):
    """The four numbers of the split; to the last digit."""
    spread, moved, fees, total = (money(re.search(pattern + " +" + MONEY, text, re.MULTILINE).group(1)) for pattern in (
        r"^ +spread captured", r"^ +price moved \w+ us", r"^ +fees \([\d.-]+ bps\)", r"^ +total"))
    assert spread + moved + fees == total, text
    return total, -fees


def plain(*arguments, status=0):
    """A run without a terminal: its lines."""
    done = subprocess.run(DEMO + list(arguments), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, timeout=300, check=False)
    assert done.returncode == status, (done.returncode, done.stdout)
    return done.stdout


def result(text):
    """events, orders, fills, pnl, fees, highest position of the last line, which agrees with the split before it."""
    match = re.match(RESULT, text.rstrip("\r\n").splitlines()[-1])
    assert match, text
    total, fees = adds_up(text[text.rindex("where the result comes from"):])
    assert total == Decimal(match.group(4)), text
    assert abs(fees - Decimal(match.group(5))) < Decimal("0.01"), text
    return match.groups()


def whole_page(t):
    """The screen, when no page is half drawn."""
    t.wait("whole page", lambda: t.said.endswith(PAGE_END))
    return t.screen.text()


def page_where(t, holds):
    """A whole page of which it holds."""
    found = []

    def look():
        if not t.said.endswith(PAGE_END) or not holds(t.screen.text()):
            return False
        found.append(t.screen.text())
        return True
    t.wait("page", look)
    return found[0]


def ends_well(t, status=0):
    """The terminal is as it was. Returns what stands on its screen."""
    got = t.end()
    assert got == status, (got, t.screen.text())
    assert not t.screen.alternate and t.screen.cursor, "the screen is not given back"
    assert t.modes() == t.before, "the keys are not given back"
    return t.said.decode().replace("\r\n", "\n")


# ---- the view ----

def view():
    t = Terminal(DEMO)
    text = page_where(t, lambda page: all(re.search(part, page, re.MULTILINE) for part in PARTS))
    assert t.screen.alternate and not t.screen.cursor
    assert t.modes() != t.before
    adds_up(text)
    fills, bought, sold, maker = map(int, re.search(PARTS[8], text, re.MULTILINE).groups())
    assert fills == bought + sold and maker <= fills, text
    t.key("x")  # no key of ours
    t.key("q")
    said = ends_well(t)
    result(said)
    assert t.screen.wide == [] and t.screen.unknown == []
    assert said.count("\x1b[?1049l") == 1
    shown = said[said.index("\x1b[?1049l"):]
    assert re.search(PARTS[8], shown, re.MULTILINE), "the last page does not stay"


def sizes():
    """Smaller cuts, larger has room."""
    t = Terminal(DEMO, rows=9, columns=40)
    t.wait_text(r"^   bids")
    assert t.screen.wide == [] and t.screen.lines()[0].startswith(" aioquant demo   binance BTC/USDT as rec")
    t.resize(40, 132)
    t.wait_text("q quits$")
    assert whole_page(t).splitlines()[1].endswith("book ok")
    assert t.screen.wide == [] and t.screen.unknown == []
    t.key("q")
    t.end()


def ends():
    """By a signal, by one that nothing can be done about, and on a terminal that only knows lines."""
    t = Terminal(DEMO)
    t.wait_text(r"fills [1-9]")
    os.kill(t.pid, signal.SIGTERM)
    result(ends_well(t))
    t = Terminal(DEMO)
    t.wait_text(r"fills [1-9]")
    os.kill(t.child(), signal.SIGKILL)
    assert "the host ended with status 137" in ends_well(t, status=1)
    t = Terminal(DEMO + ["--seconds", "3"], env={"TERM": "dumb"})
    assert t.end() == 0 and b"\x1b" not in t.said
    result(t.said.decode().replace("\r\n", "\n"))


# ---- new code at each save ----

def change(path, *pairs):
    with open(path) as f:
        text = f.read()
    for before, after in pairs:
        assert before in text, before
        text = text.replace(before, after)
    with open(path + ".part", "w") as f:
        f.write(text)
    os.rename(path + ".part", path)


def distance(page):
    ask, bid = (money(re.search(rf"our {side} +({NUMBER})", page).group(1)) for side in ("ask", "bid"))
    return ask - bid


def both_quotes(page):
    return "our ask" in page and "our bid" in page


def orders():
    """The ids that live."""
    aqctl = os.path.join(os.environ["AQ_BIN"], "aqctl")
    done = subprocess.run([aqctl, "-d", "demo/state", "orders"], stdout=subprocess.PIPE, text=True, timeout=60, check=True)
    return [line.split()[0] for line in done.stdout.splitlines()[1:] if " open " in line]


CRASH = """double mid = 0;
	if (access("%s/crash", F_OK) == 0)
		*(volatile int *)0 = 1;
	mid = aq_fair(q, m)"""


def watch():
    """Quotes so far away that nothing but new code moves them."""
    change_me = os.path.abspath("strategy/far.c")
    os.mkdir("strategy")
    with open(os.path.join(SOURCE, "plugins/strategy/example/example.c")) as f, open(change_me, "w") as out:
        out.write(f.read())
    t = Terminal(DEMO + ["--watch", "--plugin", change_me, "--set", "mm.spread=1%", "--set", "mm.tolerance=0.4%"])
    near = distance(page_where(t, both_quotes))
    ids = orders()
    assert len(ids) == 2, ids
    change(change_me, ("enum {", "\n\nenum {"))
    t.wait_text(r"new code, generation 2, frozen \d+ us, 2 orders taken over$")
    assert orders() == ids, "orders did not stay"
    change(change_me, ("s->spread / 2", "s->spread"))
    t.wait_text(r"new code, generation 3, frozen \d+ us, 2 orders taken over$")
    page_where(t, lambda page: both_quotes(page) and distance(page) > near * 3 / 2)
    change(change_me, ("enum {", "this is no C;\nenum {"))
    t.wait_text(r"it does not compile: the code before goes on$")
    page = whole_page(t)
    assert re.search(r"far\.c:\d+:\d+: error: ", page), page
    clock = page.splitlines()[0][-12:]
    page_where(t, lambda page: page.splitlines()[0][-12:] > clock and both_quotes(page) and distance(page) > near * 3 / 2)
    crashes(t, change_me)
    t.key("q")
    ends_well(t, status=1)  # no fills so far away


def crashes(t, change_me):
    """New code that comes well and then takes the host with it: the code before goes on, in another one."""
    change(change_me, ("this is no C;\n", ""), ("#include", "#include <unistd.h>\n#include"),
           ("double mid = aq_fair(q, m)", CRASH % os.getcwd()))
    t.wait_text(r"new code, generation 4, frozen \d+ us, 2 orders taken over$")
    host = t.child()
    open("crash", "w").close()
    t.wait_text(r"the new code ended the host: the code before goes on$")
    assert re.search(r"the new code ended the host .*: mm: SIGSEGV.* in its .*/far\.c:\d+", t.said.decode()), t.said
    t.wait_text(r"\(book\):\s+book at far\.c:\d+$")
    page = page_where(t, both_quotes)
    assert "far.c -> new code, same orders" in page, page
    assert t.child() != host and os.path.exists("crash")
    for report in glob.glob("sanitizer.*"):
        os.remove(report)


def waits_at_the_end():
    t = Terminal(DEMO + ["--watch", "--speed", "max"])
    t.wait_text(r"the recording has ended: q quits$")
    page = page_where(t, lambda page: "100 %" in page)
    assert "save plugins/strategy/example/example.c -> new code, same orders" in page, page
    t.key("q")
    assert int(result(ends_well(t))[0]) > 99000


# ---- a strategy from elsewhere, a fee, another configuration ----

OWN = """
#include <aioquant/strategy.h>

struct own {
	struct aq_market market;
	double distance;
	aq_qty size;
};

static const struct aq_option options[] = {
	AQ_MARKET(own, market, AQ_BOOK, "account:symbol to trade"),
	AQ_RATIO(own, distance, AQ_LIVE | AQ_REQUIRED, NULL, "0.1bps", "10%%", "how far from the middle the quotes are"),
	AQ_QTY(own, size, AQ_LIVE | AQ_REQUIRED, NULL, "of each quote"),
	AQ_END
};

static void book(void *self, struct aq_ctx *q, struct aq_market m)
{
	struct own *s = self;
	double mid = aq_fair(q, m);
	aq_quote(q, m, 1, AQ_BUY, aq_px_down(q, m, mid * (1 - s->distance)), aq_room(q, m, AQ_BUY, s->size, 3 * s->size), 0);
	aq_quote(q, m, 2, AQ_SELL, aq_px_up(q, m, mid * (1 + s->distance)), aq_room(q, m, AQ_SELL, s->size, 3 * s->size), 0);
}

AQ_STRATEGY(own, .summary = "quotes", .options = options, .book = book);
"""


def own_plugin():
    os.mkdir("elsewhere")
    with open("elsewhere/own.c", "w") as f:
        f.write(OWN.replace("%%", "%"))
    said = plain("--plugin", "elsewhere/own.c", "--speed", "max", status=1)
    assert re.search(r"--set mm\.distance=VALUE +how far from the middle .* 4bps, 0\.04%, 0\.0004$", said, re.MULTILINE), said
    assert "mm.size" not in said and "mm.market" not in said, said
    free = result(plain("--plugin", "elsewhere/own.c", "--speed", "max", "--set", "mm.distance=1bps"))
    assert int(free[0]) > 99000 and float(free[5]) <= 0.03, free
    os.rename("demo/code/own.so", "elsewhere/own.so")
    again = result(plain("--plugin", "elsewhere/own.so", "--speed", "max", "--set", "mm.distance=1bps"))
    assert again == free, (again, free)
    paid = result(plain("--plugin", "elsewhere/own.so", "--speed", "max", "--set", "mm.distance=1bps", "--fee", "2bps"))
    assert free[4] == "0" and Decimal(paid[4]) > 10 and Decimal(paid[3]) < Decimal(free[3]), (free, paid)
    with open("elsewhere/own.c", "a") as f:
        f.write("nonsense\n")
    said = plain("--plugin", "elsewhere/own.c", status=1)
    assert re.search(r"own\.c: it does not compile.*\n.*own\.c:\d+:\d+: error", said), said
    assert "a .so or a .c file is needed" in plain("--plugin", "elsewhere", status=1)


def own_config():
    with open(os.path.join(SOURCE, "conf/demo.ini")) as f, open("own.ini", "w") as out:
        text = f.read().replace("[strategy:mm]", "[strategy:other]")
        out.write(text.replace("max_position    = 0.05", "max_position    = 0.02"))
    assert result(plain("--config", "own.ini", "--speed", "max"))[5] == "0.02"
    assert "no such file" in plain("--config", "nowhere.ini", status=1)
    assert "needs --plugin FILE.c" in plain("--config", unknown_plugin("own.ini"), "--watch", status=1)


def unknown_plugin(path):
    change(path, ("plugin          = example", "plugin          = another"))
    return path


def wrong_usage():
    """Of aioquantd, which draws all this."""
    host = [os.path.join(os.environ["AQ_BIN"], "aioquantd"), "-c", os.path.join(SOURCE, "conf/demo.ini")]
    here = os.getcwd()
    for setting in ("host.plugin_path=" + os.environ["AQ_PLUGINS"], "host.state_dir=%s/state" % here,
                    "log.file=%s/host.log" % here, "binance.capture=%s/demo/btcusdt.aqc" % here):
        host += ["--set", setting]
    for more, status, said in ((["--notes", "nowhere"], 2, "--notes and --result need --follow"),
                               (["--follow", "nobody"], 1, r"--follow nobody: .* no section \[strategy:nobody\]"),
                               (["--follow", "mm", "--notes", "nowhere"], 1, "--notes nowhere: No such file"),
                               (["--follow", "mm", "--result", "no/where"], 1, "--result no/where: No such file")):
        done = subprocess.run(host + more, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, timeout=60, check=False)
        assert done.returncode == status and re.search(said, done.stdout), (done.returncode, done.stdout)


def main():
    for step in (view, sizes, ends, watch, waits_at_the_end, own_plugin, own_config, wrong_usage):
        step()
        print("%s: done" % step.__name__, flush=True)


main()
