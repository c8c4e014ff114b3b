/* bench_risk.c: all checks of the risk gate on an order that passes, every limit set, beside a copy of that order. */
#include "bench.h"

#include "base/check.h"
#include "flow/market.h"
#include "flow/risk.h"

#include "decimal.h"

#include <stdio.h>
#include <string.h>

#define LOOPS 20000
#define PASSES 21
#define PRICE INT64_C(6000000000000)

static void make_market(struct flow *f)
{
	struct aq_instrument in = {.size = sizeof(in),
		.kind = AQ_SPOT,
		.px_digits = 8,
		.qty_digits = 8,
		.qty_unit = AQ_UNIT_BASE,
		.state = AQ_TRADING,
		.tick = 1000000,
		.lot = 1000,
		.min_qty = 1000,
		.max_qty = INT64_C(900000000000),
		.min_notional = aq_amt_of(5),
		.contract_size = aq_amt_of(1),
		.base = "BTC",
		.quote = "USDT",
		.settle = "USDT",
		.symbol = "BTC/USDT",
		.venue_symbol = "BTCUSDT"};
	struct {
		struct aq_event event;
		struct aq_book_update update;
		struct aq_level levels[2];
	} book = {.event = {.size = sizeof(book), .type = AQ_EV_BOOK_UPDATE, .instrument = 1},
		.update = {.reaches = 1, .bids = 1, .asks = 1, .snapshot = 1},
		.levels = {{PRICE, 100000000}, {PRICE + 1000000, 100000000}}};

	CHECK(flow_instance_id(f, "binance", AQ_EXCHANGE) == 1 && flow_instance_id(f, "mm", AQ_STRATEGY) == 2);
	CHECK(flow_account_id(f, "demo") == 1 && market_instrument(f, 1, &in) == 1);
	flow_account_bind(f, 1, 1, false, AQ_CROSS);
	f->instances[1].up = 1;
	f->accounts[1].ready = 1;
	CHECK(flow_emit(f, 1, &book.event) == 0);
	flow_apply_next(f);
}

static void give(struct flow *f, const char *asset, int64_t amount)
{
	struct aq_balance b = {.size = sizeof(b), .account = 1, .total = aq_amt_of(amount)};

	snprintf(b.asset, sizeof(b.asset), "%s", asset);
	CHECK(record_fact(f, FACT_BALANCE, &b, sizeof(b)) == 0);
}

static void limit(struct flow_meter *meter)
{
	struct flow_position_limit position = {.instrument = 1, .qty = INT64_C(10000000000)};
	struct flow_limits limits = {.order = aq_amt_of(5000),
		.gross = aq_amt_of(1000000),
		.loss_day = aq_amt_of(500),
		.open_orders = 10,
		.order_rate = 50,
		.positions = &position,
		.position_count = 1};

	CHECK(aq_amt_div_zero(aq_amt_of(5), aq_amt_of(1000), &limits.collar) == 0);
	flow_limits_set(meter, &limits);
}

/* An order on each side rests, as when quoting, so that lists and ledger rows are not empty. */
static void rest(struct flow *f, uint64_t tag, uint8_t side, aq_px price)
{
	struct aq_place place = {.size = sizeof(place),
		.account = 1,
		.instrument = 1,
		.tag = tag,
		.side = side,
		.type = AQ_LIMIT,
		.tif = AQ_GTC,
		.post_only = 1,
		.price = price,
		.qty = 1000000};

	CHECK(orders_place(f, 2, &place) > 0 && f->meter.denied == 0);
}

static struct aq_order candidate(const struct flow *f)
{
	return (struct aq_order){.size = sizeof(struct aq_order),
		.account = 1,
		.instrument = 1,
		.instance = 2,
		.id = orders_next_id(f),
		.tag = 3,
		.side = AQ_BUY,
		.position_side = AQ_NET,
		.type = AQ_LIMIT,
		.tif = AQ_GTC,
		.post_only = 1,
		.margin_mode = AQ_CASH,
		.state = AQ_CREATED,
		.price = PRICE - 3000000,
		.qty = 2000000,
		.ahead = AQ_NONE,
		.display_qty = AQ_NONE,
		.trigger = AQ_NONE,
		.trail = AQ_NONE,
		.amend_price = AQ_NONE,
		.amend_qty = AQ_NONE,
		.created_ns = f->now_ns,
		.deadline_ns = f->now_ns + 50000000};
}

static int64_t gate(struct flow *f, const struct aq_order *o)
{
	int64_t begin = bench_cpu_ns();

	for (int i = 0; i < LOOPS; i++) {
		struct risk_case c = {.flow = f, .order = o};

		CHECK(risk_passes(&c));
		bench_keep(&c);
	}
	return bench_cpu_ns() - begin;
}

static int64_t copy(const struct aq_order *o)
{
	static struct aq_order to[64];
	int64_t begin = bench_cpu_ns();

	for (int i = 0; i < LOOPS; i++) {
		to[i % 64] = *o;
		bench_keep(to);
	}
	return bench_cpu_ns() - begin;
}

int bench_main(void)
{
	const struct flow_options options = {.report_currency = "USDT",
		.max_orders = 16384,
		.max_fills = 8192,
		.order_max_delay_ns = 50000000,
		.request_timeout_ns = 2000000000,
		.lookup_every_ns = 500000000,
		.duplicate_ns = 1000000000,
		.started_ns = INT64_C(1723161600000000000)};
	int64_t gate_ns[PASSES], copy_ns[PASSES];
	static struct flow f;
	struct aq_order o;

	flow_init(&f, &options);
	make_market(&f);
	give(&f, "USDT", 20000);
	give(&f, "BTC", 1);
	limit(&f.meter);
	limit(&f.accounts[1].meter);
	limit(&f.instances[2].meter);
	rest(&f, 1, AQ_BUY, PRICE - 2000000);
	rest(&f, 2, AQ_SELL, PRICE + 4000000);
	o = candidate(&f);
	for (int i = 0; i < PASSES; i++) {
		gate_ns[i] = gate(&f, &o);
		copy_ns[i] = copy(&o);
	}
	bench_line("risk_gate", bench_quantile(gate_ns, PASSES, 0) / LOOPS, "ns", "copy of the order",
		bench_quantile(copy_ns, PASSES, 0) / LOOPS);
	flow_finish(&f);
	return 0;
}
