"""What the recorder has stored, read by a client of its own, and what must hold of every such table."""
import sqlite3
import struct

from . import facts
from .processes import Failure

SPOOLED = ("klines", "trades", "books", "equity")


class Tables:
    """`rows`: (table, columns) -> list of tuples, in the order of their numbers."""

    def __init__(self, host, query):
        self.host, self.query = host, query

    def rows(self, table, columns="number, time"):
        return self.query(f"SELECT {columns} FROM {table} WHERE host = '{self.host}' ORDER BY number, time")

    def gaps(self, table):
        return [(int(first), int(last)) for first, last in
                self.query(f"SELECT first, last FROM gaps WHERE host = '{self.host}' AND collection = '{table}' ORDER BY first")]

    def facts(self, state_dir, names=facts.NAMES):
        """Those of the journal, no more, no less. Returns how many."""
        expected, counts = facts.keys(state_dir), {}
        for name in names:
            found = [(int(number), int(time_ns)) for number, time_ns in self.rows(name)]
            missing, more = set(expected[name]) - set(found), set(found) - set(expected[name])
            if found != expected[name]:
                raise Failure(f"{name}: {len(found)} rows for {len(expected[name])} facts; missing {sorted(missing)[:3]} "
                              f"({len(missing)}), too many {sorted(more)[:3]} ({len(more)})")
            counts[name] = len(found)
        return counts

    def numbers(self, table, last=None):
        """Rows and gaps together are 1, 2, 3 ... `last` (None: as far as they go), each once. Returns rows, gaps, last."""
        rows = [int(number) for (number, *_) in self.rows(table, "number")]
        ranges = sorted([(number, number) for number in rows] + self.gaps(table))
        at = 0
        for first, end in ranges:
            if first != at + 1 or end < first:
                raise Failure(f"{table}: behind number {at} follows {first}..{end}; gaps {self.gaps(table)[:5]}")
            at = end
        if last is not None and at != last:
            raise Failure(f"{table}: the numbers end at {at}, not at {last}")
        return len(rows), sum(end - first + 1 for first, end in self.gaps(table)), at


def of_sqlite(host, path):
    base = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=60)
    base.create_collation("aq_decimal", lambda a, b: 0)
    return Tables(host, lambda statement: base.execute(statement).fetchall())


def of_mariadb(host, database, ask):
    """`ask(statement, database)`: the lines of its answer."""
    return Tables(host, lambda statement: [tuple(line.split("\t")) for line in ask(statement, database).splitlines()])


def page(state_dir, table, folder=None):
    """Acknowledged and last number of a spool, by its mapped page."""
    with open(f"{folder or state_dir + '/spool'}/recorder-{table}/acknowledged", "rb") as file:
        return struct.unpack("<QQQ", file.read(24))[1:]
