/* answers.c: builds frames where they wait. */
#include "sim/venue/answers.h"

#include "decimal.h"

#include <stdio.h>
#include <string.h>

#define WHOLE(type) ((uint32_t)(sizeof(struct sim_frame) + sizeof(struct type)))
#define BODY(type, frame) ((struct type *)(void *)((frame) + 1))
/* Levels in one frame: what fits, rounded down to leave the arithmetic plain. */
#define LEVELS_MAX ((SIM_FRAME_MAX - WHOLE(aq_book_update)) / (uint32_t)sizeof(struct aq_level))

/* A numbered frame of an account; NULL when no host hears it. */
static struct sim_frame *numbered(struct sim_venue *v, uint32_t size, uint16_t type, uint16_t market, int64_t at_ns)
{
	v->events++;
	if (!v->connected)
		return NULL;
	struct sim_frame *frame = sim_queue_add(&v->answers, size, type, v->now_ns + v->response_ns);
	if (frame == NULL)
		return NULL;
	frame->market = market;
	frame->venue_ns = at_ns;
	frame->seq = v->events;
	return frame;
}

static void copy_text(char *out, size_t size, const char *text)
{
	size_t length = strnlen(text, size - 1);
	memcpy(out, text, length);
	out[length] = 0;
}

void sim_order_text(uint32_t number, char *out, size_t size)
{
	snprintf(out, size, "%u", number + 1);
}

void sim_say_order(struct sim_venue *v, const struct sim_order_row *r, uint8_t update, uint8_t answers, uint16_t code,
	const char *text)
{
	struct sim_frame *frame = numbered(v, WHOLE(sim_order), SIM_ORDER, r->market, v->now_ns);
	if (frame == NULL)
		return;
	struct sim_order *o = BODY(sim_order, frame);
	struct aq_order_update *u = &o->update;
	o->account = v->accounts[r->account].wire;
	*u = (struct aq_order_update){.size = sizeof *u,
		.update = update,
		.answers = answers,
		.code = code,
		.order = r->id,
		.price = r->price,
		.qty = r->qty != 0 ? r->qty : AQ_NONE,
		.filled = r->filled,
		.ahead = r->resting ? r->ahead : AQ_NONE,
		.side = r->side,
		.type = r->type,
		.tif = r->tif,
		.position_side = r->position_side,
		.post_only = r->post_only,
		.reduce_only = r->reduce_only};
	sim_order_text(r->number, u->venue_id, sizeof u->venue_id);
	copy_text(u->text, sizeof u->text, text);
}

void sim_say_no_order(struct sim_venue *v, uint32_t wire, uint64_t order, uint8_t update, uint8_t answers,
	uint16_t code, const char *text)
{
	struct sim_frame *frame = numbered(v, WHOLE(sim_order), SIM_ORDER, 0, v->now_ns);
	if (frame == NULL)
		return;
	struct sim_order *o = BODY(sim_order, frame);
	o->account = wire;
	o->update = (struct aq_order_update){.size = sizeof o->update,
		.update = update,
		.answers = answers,
		.code = code,
		.order = order,
		.price = AQ_NONE,
		.qty = AQ_NONE,
		.filled = AQ_NONE,
		.ahead = AQ_NONE};
	copy_text(o->update.text, sizeof o->update.text, text);
}

void sim_say_fill(struct sim_venue *v, uint32_t number)
{
	const struct sim_fill_row *row = sim_fill_at(&v->orders, number);
	const struct sim_order_row *r = sim_order_at(&v->orders, row->order);
	struct sim_frame *frame = numbered(v, WHOLE(sim_fill), SIM_FILL, r->market, row->time_ns);
	if (frame == NULL)
		return;
	struct sim_fill *body = BODY(sim_fill, frame);
	struct aq_fill *f = &body->fill;
	body->account = v->accounts[r->account].wire;
	*f = (struct aq_fill){.size = sizeof *f,
		.order = r->id,
		.price = row->price,
		.qty = row->qty,
		.cumulative = row->cumulative,
		.ahead = row->ahead,
		.fee = row->fee,
		.venue_ns = row->time_ns,
		.side = r->side,
		.position_side = r->position_side,
		.liquidity = row->liquidity};
	copy_text(f->fee_asset, sizeof f->fee_asset, v->assets[row->fee_asset]);
	snprintf(f->trade_id, sizeof f->trade_id, "%u", number + 1);
}

void sim_say_flow(struct sim_venue *v, const struct sim_flow_row *flow)
{
	struct sim_frame *frame = numbered(v, WHOLE(sim_cashflow), SIM_CASHFLOW, 0, flow->time_ns);
	if (frame == NULL)
		return;
	struct sim_cashflow *body = BODY(sim_cashflow, frame);
	body->account = v->accounts[flow->account].wire;
	body->flow = flow->flow;
}

void sim_say_balance(struct sim_venue *v, uint32_t account, uint32_t asset)
{
	struct sim_frame *frame = numbered(v, WHOLE(sim_balance), SIM_BALANCE, 0, v->now_ns);
	if (frame == NULL)
		return;
	struct sim_balance *body = BODY(sim_balance, frame);
	body->account = v->accounts[account].wire;
	memcpy(body->asset, v->assets[asset], sizeof body->asset);
	body->total = v->accounts[account].assets[asset].total;
	body->locked = v->accounts[account].assets[asset].locked;
}

void sim_say_position(struct sim_venue *v, uint32_t account, uint32_t row)
{
	uint16_t market = (uint16_t)(row / SIM_SIDES + 1);
	const struct sim_position_row *p = &v->accounts[account].positions[row];
	if (sim_market_at(v, market)->instrument.kind == AQ_SPOT)
		return; /* the ledger's view of spot; the venue has balances only */
	struct sim_frame *frame = numbered(v, WHOLE(sim_position), SIM_POSITION, market, v->now_ns);
	if (frame == NULL)
		return;
	struct sim_position *body = BODY(sim_position, frame);
	body->account = v->accounts[account].wire;
	body->position_side = (uint8_t)(row % SIM_SIDES + 1);
	body->margin_mode = AQ_CROSS;
	body->qty = p->qty;
	body->cost = p->cost;
}

void sim_say_touched(struct sim_venue *v)
{
	for (int position = 0; position < 2; position++) /* balances first */
		for (uint32_t i = 0; i < v->touch_count; i++) {
			const struct sim_touch *t = &v->touches[i];
			if (t->position != (position == 1))
				continue;
			if (t->position) {
				v->accounts[t->account].positions[t->row].touched = false;
				sim_say_position(v, t->account, t->row);
			} else {
				v->accounts[t->account].assets[t->row].touched = false;
				sim_say_balance(v, t->account, t->row);
			}
		}
	v->touch_count = 0;
}

void sim_say_list(struct sim_venue *v, uint16_t type, uint32_t wire, int64_t since_ns)
{
	struct sim_frame *frame = numbered(v, WHOLE(sim_list), type, 0, v->now_ns);
	if (frame == NULL)
		return;
	BODY(sim_list, frame)->account = wire;
	BODY(sim_list, frame)->since_ns = since_ns;
}

static void add_instrument(struct sim_queue *q, const struct sim_market *m, int64_t due_ns)
{
	struct sim_frame *frame = sim_queue_add(q, WHOLE(aq_instrument), SIM_INSTRUMENT, due_ns);
	if (frame == NULL)
		return;
	frame->market = (uint16_t)m->instrument.id;
	*BODY(aq_instrument, frame) = m->instrument;
}

void sim_say_instrument(struct sim_venue *v, const struct sim_market *m)
{
	if (v->connected)
		add_instrument(&v->feed, m, v->now_ns + v->feed_ns);
}

void sim_say_welcome(struct sim_venue *v, bool resumed)
{
	struct sim_frame *frame = sim_queue_add(&v->answers, WHOLE(sim_welcome), SIM_WELCOME, v->now_ns);
	if (frame == NULL)
		return;
	*BODY(sim_welcome, frame) = (struct sim_welcome){.version = SIM_VERSION,
		.instruments = v->market_count,
		.now_ns = v->now_ns,
		.owns_clock = v->owns_clock,
		.resumed = resumed};
	for (uint32_t i = 0; i < v->market_count; i++)
		add_instrument(&v->answers, &v->markets[i], v->now_ns);
}

/* Writes the best `n` levels of a side after skipping `skip`; returns how many there were. */
static uint32_t copy_levels(const struct sim_side *s, uint32_t skip, uint32_t n, bool ask, struct aq_level *out)
{
	uint32_t written = 0;
	for (uint32_t i = skip; i < s->count && written < n; i++, written++) {
		const struct sim_level *level = &s->levels[s->count - 1 - i];
		out[written] = (struct aq_level){.price = ask ? -level->key : level->key, .qty = level->qty};
	}
	return written;
}

static uint32_t part_of(const struct sim_side *s, uint32_t skip)
{
	uint32_t left = s->count > skip ? s->count - skip : 0;
	return left < LEVELS_MAX / 2 ? left : LEVELS_MAX / 2;
}

/* A book that does not fit one frame goes as a snapshot and deltas, chained by the numbers just below its own. */
void sim_say_snapshot(struct sim_venue *v, struct sim_market *m)
{
	if (!v->connected || !m->book.ready)
		return;
	sim_side_close(&m->book.side[0]);
	sim_side_close(&m->book.side[1]);
	const struct sim_side *bids = &m->book.side[0], *asks = &m->book.side[1];
	uint32_t deepest = bids->count > asks->count ? bids->count : asks->count;
	uint32_t parts = deepest == 0 ? 1 : (deepest + LEVELS_MAX / 2 - 1) / (LEVELS_MAX / 2);
	for (uint32_t i = 0; i < parts; i++) {
		uint32_t skip = i * (LEVELS_MAX / 2);
		uint32_t levels = part_of(bids, skip) + part_of(asks, skip);
		struct sim_frame *frame =
			sim_queue_add(&v->feed, WHOLE(aq_book_update) + levels * (uint32_t)sizeof(struct aq_level),
				SIM_BOOK, v->now_ns + v->feed_ns);
		if (frame == NULL)
			return;
		frame->market = (uint16_t)m->instrument.id;
		frame->venue_ns = v->now_ns;
		struct aq_book_update *u = BODY(aq_book_update, frame);
		struct aq_level *out = (struct aq_level *)(void *)(u + 1);
		u->snapshot = i == 0;
		u->reaches = m->book.reaches - (parts - 1 - i);
		u->follows = u->reaches - 1;
		u->bids = copy_levels(bids, skip, LEVELS_MAX / 2, false, out);
		u->asks = copy_levels(asks, skip, LEVELS_MAX / 2, true, out + u->bids);
	}
}

void sim_say_end(struct sim_venue *v)
{
	v->end_said = true;
	sim_queue_add(&v->answers, (uint32_t)sizeof(struct sim_frame), SIM_END, v->now_ns);
}
