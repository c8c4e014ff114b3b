/* flow_check.h: what must hold in a flow at any moment, whatever was said to it: sums are the sums of their parts,
 * lists hold what the table holds. A failed CHECK aborts, so that a fuzzer sees it too. */
#ifndef TESTS_FLOW_CHECK_H
#define TESTS_FLOW_CHECK_H

#include "base/check.h"
#include "flow/orders.h"

static inline bool check_same_row(const struct aq_position *a, const struct aq_position *b)
{
	return a->account == b->account && a->instrument == b->instrument && a->position_side == b->position_side &&
	       a->margin_mode == b->margin_mode;
}

/* The account's row is the sum of those of its instances. */
static inline void check_sum(const struct ledger *l, const struct ledger_row *sum)
{
	uint64_t qty = 0, buy = 0, sell = 0; /* unsigned, so that what goes beyond the end comes back */

	for (uint32_t i = 0; i < l->count; i++) {
		const struct ledger_row *row = &l->rows[i];

		if (row->p.instance == AQ_ALL || !check_same_row(&row->p, &sum->p))
			continue;
		qty += (uint64_t)row->p.qty;
		buy += (uint64_t)row->open_buy;
		sell += (uint64_t)row->open_sell;
	}
	CHECK(qty == (uint64_t)sum->p.qty && buy == (uint64_t)sum->open_buy && sell == (uint64_t)sum->open_sell);
}

static inline void check_sums(const struct flow *f)
{
	for (uint32_t i = 0; i < f->ledger.count; i++) {
		const struct ledger_row *row = &f->ledger.rows[i];

		CHECK(row->open_buy >= 0 && row->open_sell >= 0);
		if (row->p.instance == AQ_ALL)
			check_sum(&f->ledger, row);
	}
}

static inline uint32_t check_listed(const struct flow *f, uint32_t instance)
{
	uint32_t n = 0;

	for (uint32_t at = f->instances[instance].orders; at != FLOW_NIL; at = f->orders.slots[at].next) {
		CHECK(f->orders.slots[at].o.instance == instance && !order_is_final(&f->orders.slots[at].o));
		n++;
	}
	CHECK(n == f->instances[instance].meter.open);
	return n;
}

static inline void check_orders(const struct flow *f)
{
	uint32_t open = 0, finals = 0, listed = 0, unsure = 0;

	for (uint32_t i = 0; i < f->orders.capacity; i++) {
		const struct order *order = &f->orders.slots[i];

		if (!order->used)
			continue;
		CHECK(orders_find(f, order->o.id) == order);
		open += !order_is_final(&order->o);
		finals += order_is_final(&order->o);
		if (!order_is_final(&order->o)) {
			CHECK(orders_by_tag(f, order->o.instance, order->o.tag) == order);
			continue;
		}
		CHECK(order->reserved_qty == 0 && order->o.place == AQ_REQ_NONE && order->o.cancel == AQ_REQ_NONE);
		CHECK(order->o.amend == AQ_REQ_NONE || order->o.amend == AQ_REQ_UNKNOWN);
		unsure += order->o.amend == AQ_REQ_UNKNOWN;
	}
	CHECK(unsure == f->orders.unsure);
	for (uint32_t id = 0; id <= names_count(&f->names, NAME_INSTANCE); id++)
		listed += check_listed(f, id);
	CHECK(open == f->meter.open && open == listed && finals == f->orders.final_count);
}

#endif
