/* walk.c: merges levels and resting orders. */
#include "sim/venue/walk.h"

#include "sim/venue/accounts.h"

aq_qty sim_open_qty(const struct sim_venue *v, const struct sim_order_row *r)
{
	aq_qty left = r->qty - r->filled;
	if (!sim_only_reduces(r))
		return left;
	aq_qty most = sim_closable(v, r);
	return left < most ? left : most;
}

static void next_level(struct sim_walk *w)
{
	w->passed = 0;
	for (w->left = 0; w->level > 0; w->level--) {
		w->left = sim_level_left(w->side, &w->side->levels[w->level - 1]);
		if (w->left > 0)
			return;
	}
}

void sim_walk_begin(
	struct sim_walk *w, const struct sim_venue *v, const struct sim_market *m, uint8_t side, aq_px price)
{
	int other = !sim_side_of(side);
	w->venue = v;
	w->side = &m->book.side[other];
	w->rests = &m->rests[other];
	w->level = w->side->count;
	w->rest = w->rests->count;
	w->limit = price == AQ_NONE ? SIM_NO_KEY : sim_key(side, price);
	next_level(w);
}

static bool level_piece(struct sim_walk *w, aq_qty qty, struct sim_piece *out)
{
	*out = (struct sim_piece){.key = w->side->levels[w->level - 1].key, .qty = qty};
	w->passed += qty;
	w->left -= qty;
	if (w->left == 0) {
		w->level--;
		next_level(w);
	}
	return true;
}

/* The order that waits first among those left, its turn having come. */
static bool rest_piece(struct sim_walk *w, struct sim_piece *out)
{
	const struct sim_rest *rest = &w->rests->rest[--w->rest];
	struct sim_order_row *maker = sim_order_at(&w->venue->orders, rest->order);
	*out = (struct sim_piece){.key = rest->key, .qty = sim_open_qty(w->venue, maker), .maker = maker};
	return out->qty > 0;
}

bool sim_walk_next(struct sim_walk *w, struct sim_piece *out)
{
	for (;;) {
		int64_t level = w->level > 0 ? w->side->levels[w->level - 1].key : SIM_NO_KEY;
		int64_t rest = w->rest > 0 ? w->rests->rest[w->rest - 1].key : SIM_NO_KEY;
		int64_t best = level > rest ? level : rest;
		if (best == SIM_NO_KEY || (w->limit != SIM_NO_KEY && w->limit + best < 0))
			return false;
		if (level > rest)
			return level_piece(w, w->left, out);
		if (level == rest) {
			const struct sim_rest *first = &w->rests->rest[w->rest - 1];
			aq_qty before = sim_order_at(&w->venue->orders, first->order)->ahead - w->passed;
			if (before > 0)
				return level_piece(w, before < w->left ? before : w->left, out);
		}
		if (rest_piece(w, out))
			return true;
	}
}
