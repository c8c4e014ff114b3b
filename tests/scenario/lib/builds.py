"""Builds of the plugin `counter`, good and bad, made by overwriting what is data in a copy of the file."""
import os
import struct

MARK = b"AQ-BUILD-MARK::\0"
HEAD = b"AQP1"  # first bytes of the plugin's table: magic, major, minor, size, kind

WELL = 0
CREATE_FAILS, LOAD_REFUSES, START_FAILS, CREATE_CRASHES, LOAD_CRASHES, CREATE_HANGS, EVENT_FAILS = range(1, 8)
LATE_CREATE_FAILS, LATE_LOAD_REFUSES, LATE_START_FAILS, LATE_EVENT_FAILS = range(8, 12)
NEVER_DONE, NEVER_CONTENT, LATE_EVENT_HANGS, LATE_READY_FAILS = range(12, 16)


def put(path, data):
    """The file as a whole takes the place of what is there."""
    with open(path + ".part", "wb") as f:
        f.write(data)
    os.chmod(path + ".part", 0o755)
    os.rename(path + ".part", path)


class Builds:
    """Writes builds to `path`; each has another number and so another hash."""

    def __init__(self, plugins):
        self.plugins = plugins
        self.original = self.read("test/counter.so")
        self.number = 1
        assert self.original.count(MARK) == 1

    def read(self, name):
        with open(os.path.join(self.plugins, name), "rb") as f:
            return f.read()

    def build(self, behaviour=WELL):
        self.number += 1
        at = self.original.index(MARK) + len(MARK)
        return self.original[:at] + struct.pack("<QQ", self.number, behaviour) + self.original[at + 16:]

    def with_head(self, offset, layout, value):
        """A good build but for one number of its table's head."""
        data = bytearray(self.build())
        at = data.index(HEAD + struct.pack("<H", 1))
        assert data.count(HEAD) == 1
        struct.pack_into(layout, data, at + offset, value)
        return bytes(data)

    def wrong_minor(self):
        return self.with_head(6, "<H", 99)

    def wrong_kind(self):
        return self.with_head(12, "<I", 2)

    def truncated(self):
        return self.build()[:3000]

    def nothing_in_it(self):
        self.number += 1
        return b"this is no library %d\n" % self.number

    def no_entry(self):
        return self.build().replace(b"aq_plugin_1\0", b"aq_plugon_1\0")

    def unresolved(self):
        self.number += 1
        return self.read("test/counter_unresolved.so") + b"%016d" % self.number

    def bad(self):
        """Every kind of bad build: a name, how it is made, what the refusal says."""
        said = "this build"
        return [
            ("truncated", self.truncated, r"plugins/\w+\.so is cut off after 3000 bytes"),
            ("no library", self.nothing_in_it, "is no shared library"),
            ("wrong minor", self.wrong_minor, r"was built for ABI 1\.99, this host has 1\.\d+: build it again with this SDK"),
            ("other kind", self.wrong_kind, "is a plugin of kind exchange, wanted is strategy"),
            ("no entry symbol", self.no_entry, "has no symbol aq_plugin_1: it is no plugin"),
            ("unresolved symbol", self.unresolved, "has an undefined symbol: nobody_has_this: link the library that has it"),
            ("create fails", lambda: self.build(CREATE_FAILS), "create: this build does not want to be"),
            ("load refuses", lambda: self.build(LOAD_REFUSES), "load: this build does not like the state"),
            ("start fails", lambda: self.build(START_FAILS), "start: this build does not want to start"),
            ("create crashes", lambda: self.build(CREATE_CRASHES), "the rehearsal crashed: "),
            ("load crashes", lambda: self.build(LOAD_CRASHES), "the rehearsal crashed: "),
            ("create hangs", lambda: self.build(CREATE_HANGS), r"the rehearsal took more than \d+ ms: it hangs or blocks"),
            ("fails on events", lambda: self.build(EVENT_FAILS), said + " has had enough"),
            ("create fails late", lambda: self.build(LATE_CREATE_FAILS), "create: this build does not want to be"),
            ("load refuses late", lambda: self.build(LATE_LOAD_REFUSES), "load: this build does not like the state"),
            ("start fails late", lambda: self.build(LATE_START_FAILS), "start: this build does not want to start"),
        ]
