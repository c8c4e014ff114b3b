"""A program on a pseudo-terminal, and what its screen shows: cursor movements and text, nothing else is understood."""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time

SEQUENCE = re.compile(rb"\x1b\[(\?)?([0-9;]*)([A-Za-z])")


class Screen:
    """Cells of a terminal. `wide`: lines of a program's own page that ran beyond the last column; `unknown`: sequences that
    it does not know."""

    def __init__(self, rows, columns):
        self.rows, self.columns = rows, columns
        self.pages = {False: self.empty(), True: self.empty()}  # the usual one, and the one of programs
        self.alternate = False
        self.row = self.column = 0
        self.cursor = True
        self.wide, self.unknown = [], []
        self.rest = b""

    def empty(self):
        return [[" "] * self.columns for _ in range(self.rows)]

    def lines(self):
        return ["".join(line).rstrip() for line in self.pages[self.alternate]]

    def text(self):
        return "\n".join(self.lines())

    def feed(self, data):
        data = self.rest + data
        at = 0
        while at < len(data):
            if data[at] == 0x1b:
                match = SEQUENCE.match(data, at)
                if match is None:
                    break  # not whole yet
                self.sequence(match)
                at = match.end()
            else:
                self.put(chr(data[at]))
                at += 1
        self.rest = data[at:]

    def put(self, c):
        if c == "\r":
            self.column = 0
        elif c == "\n":
            self.down()
        else:
            self.cell(c)

    def cell(self, c):
        if self.column == self.columns and self.alternate:
            self.wide.append(self.lines()[self.row])
        if self.column == self.columns:
            self.column = 0
            self.down()
        self.pages[self.alternate][self.row][self.column] = c
        self.column += 1

    def down(self):
        self.row += 1
        if self.row == self.rows:
            self.row -= 1
            page = self.pages[self.alternate]
            del page[0]
            page.append([" "] * self.columns)

    def sequence(self, match):
        private, numbers, verb = match.group(1), [int(n or 0) for n in match.group(2).split(b";")], match.group(3)
        page = self.pages[self.alternate]
        if private and numbers[0] == 1049:
            self.alternate = verb == b"h"
        elif private and numbers[0] == 25:
            self.cursor = verb == b"h"
        elif verb == b"H":
            row, column = (numbers + [1, 1])[:2]
            self.row, self.column = min(max(row, 1), self.rows) - 1, min(max(column, 1), self.columns) - 1
        elif verb == b"J" and numbers[0] == 2:
            page[:] = self.empty()
        elif verb == b"J":
            page[self.row:] = self.empty()[self.row:]
        elif verb == b"K" and numbers[0] == 2:
            page[self.row] = [" "] * self.columns
        else:
            self.unknown.append(match.group(0))


class Terminal:
    """A command on a terminal of its own."""

    def __init__(self, command, rows=24, columns=80, env=None):
        self.screen = Screen(rows, columns)
        self.said = b""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            os.execvpe(command[0], command, {**os.environ, "TERM": "vt100", **(env or {})})
        self.before = self.modes()

    def resize(self, rows, columns):
        """What the screen showed is forgotten: terminals differ in what they keep."""
        alternate = self.screen.alternate
        self.screen = Screen(rows, columns)
        self.screen.alternate = alternate
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def modes(self):
        return termios.tcgetattr(self.fd)

    def read(self, seconds):
        """False when the program has ended and all is read."""
        if not select.select([self.fd], [], [], max(0, seconds))[0]:
            return True
        try:
            data = os.read(self.fd, 1 << 16)
        except OSError:
            return False
        self.said += data
        self.screen.feed(data)
        return bool(data)

    def wait(self, what, condition, seconds=60.0):
        """Reads until it holds."""
        until = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > until or not self.read(until - time.monotonic()):
                raise AssertionError("no %s within %g s; the screen:\n%s" % (what, seconds, self.screen.text()))

    def wait_text(self, pattern, seconds=60.0):
        """The match of it on the screen."""
        expression = re.compile(pattern, re.MULTILINE)
        self.wait(pattern, lambda: expression.search(self.screen.text()), seconds)
        return expression.search(self.screen.text())

    def key(self, text):
        os.write(self.fd, text.encode())

    def child(self):
        """The pid of the first process that the command has started and that runs."""
        with open("/proc/%d/task/%d/children" % (self.pid, self.pid)) as f:
            return int(f.read().split()[0])

    def end(self, seconds=60.0):
        """The exit status, all output being read."""
        until = time.monotonic() + seconds
        while self.read(until - time.monotonic()):
            if time.monotonic() > until:
                raise AssertionError("it does not end; the screen:\n%s" % self.screen.text())
        status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        self.pid = 0
        return status

    def kill(self):
        """Accepts one that has ended."""
        if self.pid != 0:
            os.killpg(self.pid, signal.SIGTERM)
            self.end()
