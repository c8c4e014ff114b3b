#!/usr/bin/env python3
"""The README's first five minutes, as a newcomer has them: a clone of this tree, a terminal, the commands as they stand on the
page, and what the page says that they show. Two things differ: the build in use stands for the clone's own release build
(but for AQ_CLONE_BUILDS=1, where the clone builds itself), and the home is a folder of the scenario."""
import os
import re
import shutil
import subprocess
import sys
from decimal import Decimal

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))

from screen import Terminal  # noqa: E402

SOURCE = os.environ["AQ_SOURCE"]
BUILDS = os.environ.get("AQ_CLONE_BUILDS", "0") != "0"
CLONE = os.path.abspath("aioquant")
HOME = os.path.abspath("home")
PATIENCE = 300.0  # a sanitizer on a busy machine
BUILD_PATIENCE = 1200.0
KEPT = ("PATH", "HOME", "TMPDIR", "LANG", "ASAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS")

RESULT = r"demo: events=(\d+) orders=(\d+) fills=(\d+) position=(-?[\d.]+) pnl=(-?[\d.]+) "


def clone():
    """What git would clone, and nothing that lies beside it."""
    listed = subprocess.run(["git", "-C", SOURCE, "ls-files", "-z"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                            text=True, check=False)
    if listed.returncode != 0 or not listed.stdout:
        shutil.copytree(SOURCE, CLONE, symlinks=True, ignore=lambda folder, names: {".git", "build"} & set(names))
        return
    for name in listed.stdout.split("\0"):
        if os.path.exists(os.path.join(SOURCE, name)) and name:
            os.makedirs(os.path.dirname(os.path.join(CLONE, name)), exist_ok=True)
            shutil.copy2(os.path.join(SOURCE, name), os.path.join(CLONE, name))


class Page:
    """README.md: sections by their titles, and the lines of their indented blocks."""

    def __init__(self):
        with open(os.path.join(CLONE, "README.md"), encoding="utf-8") as file:
            self.text = file.read()

    def section(self, title):
        match = re.search(rf"^## {title}[^\n]*\n(.*?)(?=^## |\Z)", self.text, re.MULTILINE | re.DOTALL)
        assert match, f"README.md has no section {title}"
        return match.group(1)

    def lines(self, title):
        return re.findall(r"^    (.*)$", self.section(title), re.MULTILINE)

    def command(self, title, start):
        """The one line of the section that begins so; a remark behind it is none of it."""
        found = [line for line in self.lines(title) if line.startswith(start)]
        assert len(found) == 1, f"{title}: {len(found)} lines begin with {start}"
        return re.sub(r" +#.*", "", found[0])

    def says(self, title, text):
        assert text in re.sub(r"\s+", " ", self.section(title)), f"{title} does not say: {text}"


def environment():
    env = {name: os.environ[name] for name in KEPT if name in os.environ}
    env.update(HOME=HOME, TERM="vt100")
    if not BUILDS:
        env.update(AQ_BIN=os.environ["AQ_BIN"], AQ_PLUGINS=os.environ["AQ_PLUGINS"],
                   PKG_CONFIG_PATH=os.path.dirname(os.environ["AQ_BIN"]))
    return env


def as_run(command):
    """A slow machine is no failure, and a scenario may be told that everything goes through bytes."""
    more = " --set host.probe_timeout=1m" + (" --set host.marshal=on" if os.environ.get("AQ_MARSHAL") == "1" else "")
    command = re.sub(r"\btools/demo\b", "tools/demo" + more, command)
    return ["env", "-i", *(f"{name}={value}" for name, value in environment().items()), "bash", "-c",
            f'cd "{CLONE}" && ' + command]


def terminal(command):
    return Terminal(as_run(command))


def shell(command, patience=PATIENCE):
    done = subprocess.run(as_run(command), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, timeout=patience, check=False)
    assert done.returncode == 0, f"{command}: exit status {done.returncode}: {done.stdout}"
    return done.stdout


def quit_demo(t):
    t.key("q")
    status = t.end(PATIENCE)
    assert status == 0, (status, t.screen.text())
    assert re.search(RESULT, t.said.decode()), t.screen.text()


# ---- minutes 1 and 2: the demo, and what it shows ----

def words_of(line):
    """Of the cells of a line, which stand two blanks apart, what is ahead of the first number."""
    return [match.group() for match in (re.match("[A-Za-z][A-Za-z ]*", cell) for cell in re.split("  +", line)) if match]


def look(page):
    """Each line of the page's picture has its like on the screen: the same words, other numbers."""
    assert page.command("Minute 1", "git clone").endswith("&& cd aioquant")
    t = terminal(page.command("Minute 1", "tools/demo"))
    if BUILDS:
        t.wait("the view", lambda: t.screen.alternate, BUILD_PATIENCE)
    picture = [line for line in page.lines("Minute 2") if line and not line.startswith("demo: ")]
    assert len(picture) >= 14, picture
    for line in picture:
        words = words_of(line)
        t.wait(f"line like \"{line}\"", lambda words=words: any(all(word in shown for word in words)
                                                                for shown in t.screen.lines()), PATIENCE)
    t.wait_text(r"fills [1-9]", PATIENCE)
    quit_demo(t)
    page.says("Minute 2", "Why does it lose?")


# ---- minute 3: new code, same orders ----

def edit(path, before, after, times):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    assert text.count(before) == times, f"{before} stands {text.count(before)} times in {path}"
    with open(path + ".part", "w", encoding="utf-8") as file:
        file.write(text.replace(before, after))
    os.rename(path + ".part", path)


def distance(t):
    """Between the two quotes, when both are there."""
    prices = [re.search(rf"our {side} +([\d,.]+)", t.screen.text()) for side in ("ask", "bid")]
    if None in prices:
        return Decimal(0)
    ask, bid = (Decimal(price.group(1).replace(",", "")) for price in prices)
    return ask - bid


def change(page):
    page.says("Minute 3", "change `spread / 2` to `spread`, twice")
    page.says("Minute 3", "Now write `*(int *)0 = 1;` as the first line of its function `book`")
    shown = next(line for line in page.lines("Minute 3") if line.startswith("new code"))
    refused = next(line for line in page.lines("Minute 3") if line.startswith("REFUSED"))
    source = os.path.join(CLONE, re.search(r"`(plugins/[^`]*\.c)`", page.section("Minute 3")).group(1))
    t = terminal(page.command("Minute 3", "tools/demo"))
    t.wait("both quotes", lambda: distance(t) > 0, PATIENCE)
    near = distance(t)
    edit(source, "spread / 2", "spread", 2)
    t.wait_text(re.sub(r"\d+ us", r"\\d+ us", shown), PATIENCE)
    t.wait("quotes that are farther apart", lambda: distance(t) > near * 3 / 2, PATIENCE)
    edit(source, "aq_ctx *q, struct aq_market m)\n{\n", "aq_ctx *q, struct aq_market m)\n{\n\t*(int *)0 = 1;\n", 1)
    t.wait(refused, lambda: refused in re.sub(r"\s+", " ", t.screen.text()), PATIENCE)
    clock = t.screen.lines()[0][-12:]
    t.wait("market that goes on", lambda: t.screen.lines()[0][-12:] > clock and distance(t) > near * 3 / 2, PATIENCE)
    t.key("q")
    t.end(PATIENCE)
    page.says("Minute 3", "`git checkout plugins` brings the file back")
    shutil.copy2(os.path.join(SOURCE, os.path.relpath(source, CLONE)), source)
    for name in os.listdir():  # what a sanitizer says of it
        if name.startswith("sanitizer."):
            os.remove(name)


# ---- minutes 4 and 5: a strategy of one's own, and tuning ----

def own(page):
    shell(page.command("Minute 4", "tools/new"), BUILD_PATIENCE)
    tested = shell(page.command("Minute 4", "make"))
    for form in (r"^[\d:.]+ +order +tag 1 +buy", r"^[\d:.]+ +fill +tag 1 +buy", r"^mine BTC/USDT: \d+ orders, \d+ fills, 0 denied"):
        assert re.search(form, tested, re.MULTILINE), tested
    command = page.command("Minute 4", "tools/demo")
    t = terminal(command)
    t.wait_text(r"our bid", PATIENCE)
    t.key("q")
    t.end(PATIENCE)
    done = re.search(RESULT, shell(command + " --speed max"))
    assert int(done.group(3)) > 0, done.group(0)


def tune(page):
    """The recording's figures are those that stand on the page."""
    lines = [line for line in page.lines("Minute 5") if line.startswith("demo: ")]
    said = shell(page.command("Minute 5", "for ")).splitlines()
    assert len(lines) == len(said) == 5, said
    for line, now in zip(lines, said):
        assert now.startswith(line.removesuffix(" ...")), f"README.md: {line}\nthe demo: {now}"


def main():
    os.mkdir(HOME)
    clone()
    page = Page()
    for step in (look, change, own, tune):
        step(page)
        print(f"{step.__name__}: done", flush=True)


main()
