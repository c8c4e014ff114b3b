"""Compares a host's journal with the venue's record, line against line, by arithmetic of its own.

Amounts are whole numbers of 10^-18. A venue's and a host's lines have the form of exchanges/sim/venue/records.h.
"""

ONE = 10**18
LOT = 10**10  # of spot markets: 8 digits
NOT_RECEIVED = 109  # code of an order that never reached the venue
USED_TWICE = 104    # code of an order whose id the venue has seen before


def amount(text):
    """A decimal as a whole number of 10^-18; exact."""
    sign = -1 if text.startswith("-") else 1
    whole, _, part = text.lstrip("-").partition(".")
    if len(part) > 18:
        raise ValueError(text)
    return sign * (int(whole) * ONE + int(part.ljust(18, "0")))


def shown(value):
    whole, part = divmod(abs(value), ONE)
    return f"{'-' if value < 0 else ''}{whole}.{part:018d}".rstrip("0").rstrip(".")


def times(price, quantity):
    """Price times quantity; what does not fit 18 digits must not happen."""
    value, rest = divmod(amount(price) * amount(quantity), ONE)
    if rest != 0:
        raise ValueError(f"{price} x {quantity}")
    return value


def part_toward_zero(whole, n, d):
    share = abs(whole) * n // d
    return share if whole >= 0 else -share


class Lines:
    """The lines of a record: lists of dicts by kind."""

    def __init__(self, text):
        self.kinds = {}
        for line in text.splitlines():
            kind, *fields = line.split(" ")
            self.kinds.setdefault(kind, []).append(dict(f.split("=", 1) for f in fields))
        if len(self["end"]) != 1:
            raise ValueError("a record without an end")

    def __getitem__(self, kind):
        return self.kinds.get(kind, [])

    def by(self, kind, *fields):
        return {tuple(line[f] for f in fields): line for line in self[kind]}


class Row:
    """A position by average cost: closing n of d lots carries n/d of its cost, rounded toward zero."""

    def __init__(self):
        self.qty = self.cost = self.realised = self.bought = self.sold = 0

    def fill(self, fill):
        """Returns what it realised."""
        qty = amount(fill["qty"])
        value = times(fill["price"], fill["qty"])
        buys = fill["side"] == "buy"
        closing = min(qty, abs(self.qty)) if (self.qty < 0) == buys and self.qty != 0 else 0
        gain = self._close(closing, times(fill["price"], shown(closing))) if closing else 0
        opening = qty - closing
        if opening:
            worth = times(fill["price"], shown(opening))
            self.qty += opening if buys else -opening
            self.cost += worth if buys else -worth
        self.bought += value if buys else 0
        self.sold += 0 if buys else value
        self.realised += gain
        return gain

    def pay(self, fill):
        """A fee in the base asset is a sale of its whole lots at the fill's price. Returns fees by asset."""
        base, quote = fill["symbol"].split("/")
        fee = amount(fill["fee"])
        if fill["fee_asset"] != base:
            return {fill["fee_asset"]: fee}
        lots = part_toward_zero(fee, 1, LOT) * LOT
        if lots == 0:
            return {base: fee}
        sold = shown(abs(lots))
        before = self.bought, self.sold
        self.fill({"qty": sold, "price": fill["price"], "side": "sell" if lots > 0 else "buy"})
        self.bought, self.sold = before  # no turnover
        worth = times(fill["price"], sold)
        return {quote: worth if lots > 0 else -worth, **({base: fee - lots} if fee != lots else {})}

    def _close(self, qty, value):
        is_long = self.qty > 0
        cost = part_toward_zero(self.cost, qty, abs(self.qty))
        self.cost -= cost
        self.qty += -qty if is_long else qty
        return (value if is_long else -value) - cost

    def fields(self):
        return {name: shown(getattr(self, name)) for name in ("qty", "cost", "realised")}


class Judge:
    """Collects what is wrong in `wrong`."""

    def __init__(self, record, state, newest, start, log="", cut=False):
        """`start`: {(account, asset): amount as text} before the first order. `log`: all the hosts have said.
        `cut`: records of the journal were lost on purpose, so that orders may be `external`."""
        self.venue, self.host, self.newest = Lines(record), Lines(state), Lines(newest)
        self.start, self.log, self.cut = start, log, cut
        self.wrong = []
        self.orders = {order["id"]: order for order in self.venue["order"]}
        self.known = {order["id"]: order for order in self.host["order"]}
        self.counts = {"orders": len(self.venue["order"]), "fills": len(self.venue["fill"]), "lost": 0, "external": 0,
                       "unseen": 0, "terms": 0}
        for check in (self.ids, self.venue_itself, self.host_orders, self.host_fills, self.host_rows,
                      self.host_balances, self.host_flows, self.newest_agrees):
            check()

    def say(self, text):
        self.wrong.append(text)

    def same(self, what, expected, found, fields):
        for field in fields:
            if expected.get(field) != found.get(field):
                self.say(f"{what}: {field} is {found.get(field)}, should be {expected.get(field)}")

    # ---- the venue ----

    def ids(self):
        for lines, who in ((self.venue["order"], "venue"), (self.host["order"], "host")):
            if len({order["id"] for order in lines}) != len(lines):
                self.say(f"{who}: a client order id stands there twice")
        for order in self.venue["order"]:
            if int(order["code"]) == USED_TWICE:
                self.say(f"order {order['id']}: its id was used twice")
        if self.venue["end"][0]["overflow"] != "0":
            self.say("venue: an amount did not fit")

    def venue_itself(self):
        """The venue's own sums, from its fills."""
        self.filled = {id: [0, 0] for id in self.orders}
        for fill in self.venue["fill"]:
            sums = self.filled[fill["order"]]
            sums[0] += amount(fill["qty"])
            sums[1] += times(fill["price"], fill["qty"])
            if shown(sums[0]) != fill["cumulative"]:
                self.say(f"venue: fill {fill['trade']}: cumulative is {fill['cumulative']}, should be {shown(sums[0])}")
        for id, order in self.orders.items():
            filled, value = map(shown, self.filled[id])
            self.same(f"venue: order {id}", {"filled": filled, "value": value}, order, ("filled", "value"))
        self.sums = self.add_up(self.venue["fill"], lambda fill: (), "venue")
        for position in self.venue["position"]:
            row = self.sums.get((position["account"], position["symbol"], position["side"]), Row())
            self.same(f"venue: position {position['symbol']}", row.fields(), position, ("qty", "cost", "realised"))
        self.totals = self.count_balances(self.venue["fill"], self.venue["cashflow"])
        for balance in self.venue["balance"]:
            key = balance["account"], balance["asset"]
            self.same(f"venue: balance {key}", {"total": shown(self.totals.get(key, 0))}, balance, ("total",))

    def add_up(self, fills, more_key, who, fees=None):
        """Rows by account, symbol, side and what `more_key` adds; each fill's own profit is checked. With `fees` what is
        paid in base leaves the position, and they are summed there by account, what `more_key` adds, and asset."""
        rows = {}
        for fill in fills:
            key = (fill["account"], fill["symbol"], fill["position_side"], *more_key(fill))
            row = rows.setdefault(key, Row())
            gain = row.fill(fill)
            if shown(gain) != fill["realised"]:
                self.say(f"{who}: fill {fill['trade']}: realised is {fill['realised']}, should be {shown(gain)}")
            for asset, paid in row.pay(fill).items() if fees is not None else ():
                fee = fill["account"], *more_key(fill), asset
                fees[fee] = fees.get(fee, 0) + paid
        return rows

    def count_balances(self, fills, flows):
        """Of spot: what was there, moved by fills, fees and transfers."""
        totals = {key: amount(text) for key, text in self.start.items()}

        def move(account, asset, by):
            totals[account, asset] = totals.get((account, asset), 0) + by
        for fill in fills:
            base, quote = fill["symbol"].split("/")
            sign = 1 if fill["side"] == "buy" else -1
            move(fill["account"], base, sign * amount(fill["qty"]))
            move(fill["account"], quote, -sign * times(fill["price"], fill["qty"]))
            move(fill["account"], fill["fee_asset"], -amount(fill["fee"]))
        for flow in flows:
            move(flow["account"], flow["asset"], amount(flow["amount"]))
        return totals

    # ---- the host ----

    ORDER = ("account", "symbol", "side", "type", "tif", "position_side", "post_only", "reduce_only", "price", "qty",
             "filled", "state", "value", "code")

    def host_orders(self):
        for id, order in self.orders.items():
            mine = self.known.get(id)
            if mine is None:
                self.unknown_order(id, order)
                continue
            if mine["instance"] == "external":
                self.external_order(id)
            self.same(f"order {id}", order, self.amended(order, mine), self.ORDER)
            if mine["venue_id"] not in ("-", order["venue_id"]):
                self.say(f"order {id}: venue_id is {mine['venue_id']}, should be {order['venue_id']}")
            if mine["requests"] != "000":
                self.say(f"order {id}: requests {mine['requests']} are under way for ever")
        for id, mine in self.known.items():
            if id not in self.orders:
                self.lost_order(id, mine)

    def amended(self, order, mine):
        """One that was filled when the journal of its amend had been cut off: nobody knows that there are terms to be
        asked for."""
        if not self.cut or mine["state"] != "filled" or mine["price"] == order["price"]:
            return mine
        self.counts["terms"] += 1
        return {**mine, "price": order["price"]}

    def lost_order(self, id, mine):
        """Journalled, but the bytes did not leave: never at the venue, and the host knows it."""
        self.counts["lost"] += 1
        self.same(f"order {id}, which never was at the venue",
                  {"state": "rejected", "filled": "0", "code": str(NOT_RECEIVED), "requests": "000"}, mine,
                  ("state", "filled", "code", "requests"))

    def unknown_order(self, id, order):
        """Only where the journal was cut, and only without consequences or named as somebody else's."""
        if not self.cut:
            self.say(f"order {id} of the venue is not known: {order}")
        elif order["filled"] == "0" and order["state"] != "open":
            self.counts["unseen"] += 1
        else:
            self.external_order(id)

    def external_order(self, id):
        self.counts["external"] += 1
        if not self.cut:
            self.say(f"order {id} is booked to external")
        if f"order {id}" not in self.log:
            self.say(f"order {id} is booked to external and not named in the log")

    FILL = ("account", "order", "trade", "symbol", "side", "position_side", "price", "qty", "cumulative", "ahead", "fee",
            "fee_asset", "liquidity", "time_ns")

    def host_fills(self):
        """The same, in the same order, each once."""
        theirs, mine = self.venue["fill"], self.host["fill"]
        missing = {f["trade"] for f in theirs} - {f["trade"] for f in mine}
        if missing or len(mine) != len(theirs):
            twice = [f["trade"] for i, f in enumerate(mine) if f["trade"] in {g["trade"] for g in mine[:i]}]
            self.say(f"fills: {len(mine)} of {len(theirs)}, missing {sorted(missing, key=int)}, twice {twice}")
            return
        for their, our in zip(theirs, mine):
            self.same(f"fill {their['trade']}", their, our, self.FILL)
        numbers = [int(f["number"]) for f in mine]
        if numbers != list(range(1, len(mine) + 1)):
            self.say(f"fills: their numbers do not rise by one: {numbers}")

    def host_rows(self):
        """Positions and fees, of each instance and of the account (`*`)."""
        fees = {}
        for kind, rows, fields in (
                ("row", self.add_up(self.host["fill"], lambda fill: (fill["instance"],), "host", fees),
                 ("account", "symbol", "side", "instance")),
                ("position", self.account_rows(fees), ("account", "symbol", "side"))):
            lines = self.host.by(kind, *fields)
            for key in rows.keys() | lines.keys():
                row = rows.get(key, Row())
                self.same(f"{kind} {key}", {**row.fields(), "bought": shown(row.bought), "sold": shown(row.sold)},
                          lines.get(key, {}), ("qty", "cost", "realised", "bought", "sold"))
        self.host_fees(fees)
        if self.host["adjust"]:
            self.say(f"a position was adjusted: {self.host['adjust']}")

    def account_rows(self, fees):
        """What an account's fills add up to, whoever's they were; no fill's own profit is of these rows."""
        rows = {}
        for fill in self.host["fill"]:
            row = rows.setdefault((fill["account"], fill["symbol"], fill["position_side"]), Row())
            row.fill(fill)
            for asset, paid in row.pay(fill).items():
                fee = fill["account"], "*", asset
                fees[fee] = fees.get(fee, 0) + paid
        return rows

    def host_fees(self, paid):
        lines = self.host.by("fees", "account", "instance", "asset")
        for key in paid.keys() | lines.keys():
            self.same(f"fees {key}", {"paid": shown(paid.get(key, 0))}, lines.get(key, {}), ("paid",))

    def host_balances(self):
        mine = self.host.by("balance", "account", "asset")
        for key, balance in self.venue.by("balance", "account", "asset").items():
            self.same(f"balance {key}", {**balance, "since": "0"}, mine.get(key, {}), ("total", "locked", "since"))

    def host_flows(self):
        fields = ("account", "id", "kind", "asset", "amount", "time_ns")
        theirs, mine = ([tuple(f[name] for name in fields) for f in lines["cashflow"]]
                        for lines in (self.venue, self.host))
        if theirs != mine:
            self.say(f"cash flows: {mine}, should be {theirs}")

    def newest_agrees(self):
        """What a restart reads is what the whole journal says."""
        for kind, key in (("row", ("account", "symbol", "side", "instance")),
                          ("position", ("account", "symbol", "side")),
                          ("fees", ("account", "instance", "asset")), ("balance", ("account", "asset"))):
            if self.newest.by(kind, *key) != self.host.by(kind, *key):
                self.say(f"newest segment: {kind}: {self.newest[kind]}, whole journal: {self.host[kind]}")
        for order in self.newest["order"]:
            if self.known.get(order["id"]) != order:
                self.say(f"newest segment: {order}, whole journal: {self.known.get(order['id'])}")
        there = {order["id"] for order in self.newest["order"]}
        for id, order in self.known.items():
            if order["state"] in ("sent", "open", "untriggered") and id not in there:
                self.say(f"newest segment: open order {id} is missing")
