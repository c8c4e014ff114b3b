#!/usr/bin/env python3
"""man.py [--write] BIN: the manuals say what the programs in the folder BIN do.

Their tables, between `.\\" begin: COMMAND` and `.\\" end`, are what that command says; --write puts it there. Every option
of a usage text is named in the program's manual. Exit status 1 if anything is missing or different.
"""
import json
import os
import re
import subprocess
import sys
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PAGES = ("core/aioquantd.1", "tools/aqctl/aqctl.1", "conf/aioquant.ini.5", "tools/replay/replay.1")


def said(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout


def escape(text):
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\\&" + text if text[:1] in (".", "'") else text


def entry(head, body):
    head = escape(head) if len(head) > 70 else escape(head).replace(" ", "\\ ")  # what is longer than a line may break
    return [".TP", ".B " + head, escape(body)]


class Programs:
    """What they say; the verbs are asked from a host that does nothing else."""

    def __init__(self, folder):
        self.aioquantd, self.aqctl = os.path.join(folder, "aioquantd"), os.path.join(folder, "aqctl")
        self.replay = os.path.join(folder, "replay")
        self.verbs = None

    def ask_verbs(self):
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "host.ini"), "w", encoding="utf-8") as f:
                f.write("[host]\nstate_dir = state\n")
            host = subprocess.Popen([self.aioquantd, "-c", os.path.join(folder, "host.ini")], stderr=subprocess.PIPE,
                                    text=True)
            try:
                if not any("listens on" in line for line in host.stderr):
                    sys.exit("man.py: the host does not start")
                return json.loads(said(self.aqctl, "-d", os.path.join(folder, "state"), "--json", "help"))["verbs"]
            finally:
                host.terminate()
                host.communicate()

    def keys(self, section):
        """The table's columns begin where their titles do."""
        title, *rows = said(self.aioquantd, "--help", section).splitlines()
        at = [title.index(word) for word in ("TYPE", "DEFAULT", "RANGE", "FLAGS", "MEANING")] + [None]
        lines = []
        for row in rows[:rows.index("")] if "" in rows else rows:  # how types are written stands behind
            key, kind, default, limits, flags, meaning = (row[a:b].strip() for a, b in zip([0] + at, at))
            before = {"text": "as ", "list": "as ", "enum": ""}.get(kind, kind + ", ")
            form = kind if limits == "-" else before + limits
            form += "; default " + default if default != "-" else "; required" if "required" in flags else ""
            lines += entry(key, meaning[0].upper() + meaning[1:] + f". Written: {form}.")
        return lines

    def table(self, command):
        if command == "aqctl help":
            self.verbs = self.verbs or self.ask_verbs()
            return [line for v in self.verbs
                    for line in entry((v["verb"] + " " + (v["arguments"] or "")).strip(), v["summary"] + ".")]
        return self.keys(re.fullmatch(r"aioquantd --help (\w+)", command).group(1))

    def flags(self, page):
        """Of the usage text, and what the verbs take."""
        if page == PAGES[0]:
            text = said(self.aioquantd, "--help")
        elif page == PAGES[1]:
            text = said(self.aqctl, "-h") + " ".join(v["arguments"] or "" for v in self.verbs)
        elif page == PAGES[3]:
            text = said(self.replay, "--help")
        else:
            return set()
        return set(re.findall(r"(?<![\w-])--?[A-Za-z][a-z]*", text))


def filled(text, programs):
    """The page with its tables as they must be."""
    def table(match):
        return "\n".join([match.group(1), *programs.table(match.group(2)), '.\\" end'])
    return re.sub(r'(?ms)^(\.\\" begin: ([^\n]*))\n.*?^\.\\" end$', table, text)


def main():
    write = sys.argv[1:2] == ["--write"]
    if len(sys.argv) != 2 + write:
        sys.exit(__doc__)
    programs, wrong = Programs(sys.argv[-1]), 0
    for page in PAGES:
        with open(os.path.join(TOP, page), encoding="utf-8") as f:
            text = f.read()
        right = filled(text, programs)
        if right != text and write:
            with open(os.path.join(TOP, page), "w", encoding="utf-8") as f:
                f.write(right)
        elif right != text:
            wrong += 1
            print(f"{page}: its tables are not what the programs say: tools/check/man.py --write BIN")
        for flag in sorted(programs.flags(page)):
            if not re.search(re.escape(flag.replace("-", "\\-")) + r"(?![a-z])", right):
                wrong += 1
                print(f"{page}: {flag} is not in it")
    sys.exit(wrong > 0)


main()
