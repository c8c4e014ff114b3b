"""The journal's facts, read from its files by arithmetic of this module's own: what the recorder's tables are held against.

A segment is a header of 64 bytes and records: checksum, size, time, type, version, mark, body, padded to 8 bytes
(core/flow/journal_impl.h). A record whose mark has the highest bit belongs to a snapshot and is no news.
"""
import os
import struct

HEADER = 64
HEAD = struct.Struct("<IIqHHI")
SNAPSHOT, OWN = 0x80000000, 0xFF00
ORDER, REQUEST, UPDATE, FILL, CASHFLOW, DENIED, ADJUST, OPERATOR, STANDING, OVERRIDE = 3, 4, 5, 6, 8, 9, 10, 11, 19, 20
TABLES = {ORDER: "orders", REQUEST: "orders", UPDATE: "orders", FILL: "fills", ADJUST: "fills", CASHFLOW: "cashflows",
          DENIED: "denials", OPERATOR: "operator", STANDING: "operator", OVERRIDE: "operator"}
NAMES = ("orders", "fills", "cashflows", "denials", "operator")


class Fact:
    def __init__(self, position, time_ns, kind, body):
        self.position, self.time_ns, self.kind, self.body = position, time_ns, kind, body
        self.table = TABLES.get(kind)

    def key(self):
        return self.position, self.time_ns

    def is_of(self, name):
        """Whether that table has a row of it: a fill of an order of ours is a change of it, too."""
        return name == self.table or (name == "orders" and self.kind == FILL and self.number("Q", 32) != 0)

    def number(self, layout, offset):
        return struct.unpack_from("<" + layout, self.body, offset)[0]


def _segment(path, number):
    with open(path, "rb") as file:
        data = file.read()
    at = HEADER
    while at + HEAD.size <= len(data):
        _, size, time_ns, kind, _, mark = HEAD.unpack_from(data, at)
        if size < HEAD.size or at + size > len(data):
            return
        if kind < OWN and not mark & SNAPSHOT:
            yield Fact(number << 32 | at, time_ns, kind, data[at + HEAD.size:at + size])
        at += (size + 7) & ~7


def read(state_dir):
    """All that services hear of, in its order."""
    folder = f"{state_dir}/journal"
    for name in sorted(name for name in os.listdir(folder) if name.endswith(".aqj")):
        for fact in _segment(f"{folder}/{name}", int(name[8:16])):
            if fact.table is not None:
                yield fact


def keys(state_dir):
    """By table, in their order: (number, time) of each row that must be there."""
    found = {name: [] for name in NAMES}
    for fact in read(state_dir):
        for name in NAMES:
            if fact.is_of(name):
                found[name].append(fact.key())
    return found


def segments(state_dir):
    return sorted(name for name in os.listdir(f"{state_dir}/journal") if name.endswith(".aqj"))


def readers(state_dir):
    """Those that hold segments back."""
    return sorted(name[len("reader-"):-len(".aqr")] for name in os.listdir(f"{state_dir}/journal")
                  if name.startswith("reader-") and name.endswith(".aqr"))
