/* venue.c: time. What happens at the venue and what reaches the host, each at its moment.
 *
 * At one moment: gtd orders expire, money moves, the capture's frames happen, then requests are handled, and only then
 * does anything leave. So a cancel that arrives together with a trade comes after it.
 */
#include "sim/venue/cash.h"
#include "sim/venue/requests.h"

#include "sim/check.h"
#include "sim/venue/accounts.h"
#include "sim/venue/answers.h"
#include "sim/venue/match.h"

#include <aioquant/market.h>
#include <string.h>

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Time of the next thing that happens at the venue. */
static int64_t next_inside(const struct sim_venue *v)
{
	int64_t next = earlier(v->now_at.time_ns, sim_queue_due(&v->requests));
	return earlier(next, earlier(sim_expiry_next(&v->orders), sim_cash_next(v)));
}

static int64_t feed_due(const struct sim_venue *v)
{
	if (v->wanted == 0 || v->feed_at.number == v->now_at.number)
		return INT64_MAX;
	return v->feed_at.time_ns + v->feed_ns;
}

/* Time of the next thing that reaches the host. */
static int64_t next_outside(const struct sim_venue *v)
{
	if (!v->connected)
		return INT64_MAX;
	return earlier(feed_due(v), earlier(sim_queue_due(&v->answers), sim_queue_due(&v->feed)));
}

int64_t sim_venue_next(const struct sim_venue *v)
{
	/* Expiries and cash beyond the end of the capture do not keep time going. */
	int64_t inside = v->now_at.frame != NULL ? next_inside(v) : sim_queue_due(&v->requests);
	return earlier(inside, next_outside(v));
}

int64_t sim_venue_first(const struct sim_venue *v)
{
	const struct sim_frame *frame = v->now_at.frame;
	int64_t next = sim_venue_next(v);
	if (frame == NULL || frame->type != SIM_KLINE || v->timeline.rate != 0)
		return next;
	int64_t begin = SIM_BODY(aq_kline, frame)->open_ns;
	begin = begin > v->now_ns ? begin : v->now_ns;
	return begin < next ? begin : next;
}

int64_t sim_venue_now(const struct sim_venue *v)
{
	return v->now_ns;
}

uint64_t sim_venue_played(const struct sim_venue *v)
{
	return v->now_at.number;
}

int64_t sim_venue_last(const struct sim_venue *v)
{
	const struct sim_timeline *t = &v->timeline;
	if (t->loop || t->rate != 0)
		return INT64_MAX;
	return earlier(t->files[t->file_count - 1].last_ns, t->end_ns);
}

void sim_venue_rebase(struct sim_venue *v, int64_t base_ns)
{
	v->timeline.base_ns = base_ns;
	sim_cursor_begin(&v->now_at, &v->timeline);
	v->feed_at = v->now_at;
}

bool sim_venue_ended(const struct sim_venue *v)
{
	return v->now_at.frame == NULL && (v->wanted == 0 || v->feed_at.number == v->now_at.number);
}

void sim_venue_cut(struct sim_venue *v)
{
	v->timeline.frames_max = v->now_at.number;
	v->now_at.frame = NULL;
	v->now_at.time_ns = INT64_MAX;
}

/* Filters of a market may differ from file to file. */
static void enter_file(struct sim_venue *v)
{
	const struct sim_file *f = &v->timeline.files[v->now_at.file];
	for (uint32_t i = 0; i < f->markets; i++) {
		struct sim_market *m = sim_market_at(v, f->market[i]);
		struct aq_instrument now = *f->instruments[i];
		now.id = f->market[i];
		if (memcmp(&now, &m->instrument, sizeof now) == 0)
			continue;
		m->instrument = now;
		sim_say_instrument(v, m);
	}
}

/* The beginning once more: where no snapshot comes the book stays, under the number that the chain goes on from. */
static void enter_lap(struct sim_venue *v)
{
	for (uint32_t i = 0; i < v->market_count; i++) {
		struct sim_market *m = &v->markets[i];
		const struct sim_ids *ids = &v->timeline.ids[i];
		if (!ids->begins_with_delta || !m->book.ready)
			continue;
		m->book.reaches = ids->update_first + sim_update_shift(&v->timeline, (uint16_t)(i + 1), v->now_at.lap);
		if ((m->mask & AQ_SUB_BOOK) != 0)
			sim_say_snapshot(v, m);
	}
}

/* The first frame of a file, or of another round. */
static void enter(struct sim_venue *v)
{
	enter_file(v);
	if (v->now_at.lap != v->lap)
		enter_lap(v);
	v->file = v->now_at.file;
	v->lap = v->now_at.lap;
}

static void run_frame(struct sim_venue *v)
{
	const struct sim_frame *frame = v->now_at.frame;
	struct sim_market *m = sim_market_at(v, v->now_at.market);
	if (v->now_at.file != v->file || v->now_at.lap != v->lap)
		enter(v);
	if (frame->type == SIM_TRADE) {
		sim_match_trade(v, m, SIM_BODY(aq_trade, frame));
	} else if (frame->type == SIM_BOOK) {
		uint64_t shift =
			v->now_at.lap == 0 ? 0 : sim_update_shift(&v->timeline, v->now_at.market, v->now_at.lap);
		if (sim_book_apply(&m->book, SIM_BODY(aq_book_update, frame), shift))
			sim_match_book(v, m);
	} else if (frame->type == SIM_KLINE) {
		m->last = SIM_BODY(aq_kline, frame)->close;
	} else if (frame->type == SIM_FUNDING) {
		m->mark = SIM_BODY(aq_funding, frame)->mark;
	}
	sim_cursor_advance(&v->now_at, &v->timeline);
}

/* What follows from fills: positions that are gone, rows that the host must hear of. */
static void settle(struct sim_venue *v)
{
	if (v->touch_count == 0)
		return;
	sim_sweep_reducers(v);
	sim_say_touched(v);
}

static void run_request(struct sim_venue *v)
{
	sim_handle(v, sim_queue_first(&v->requests));
	sim_queue_drop(&v->requests);
}

/* One thing of the moment `at_ns`. */
static void run_inside(struct sim_venue *v, int64_t at_ns)
{
	if (v->now_ns < at_ns)
		v->now_ns = at_ns;
	if (sim_expiry_next(&v->orders) <= at_ns)
		sim_expire(v);
	else if (sim_cash_next(v) <= at_ns)
		sim_cash_run(v);
	else if (v->now_at.time_ns <= at_ns)
		run_frame(v);
	else
		run_request(v);
	settle(v);
}

static bool wanted(const struct sim_venue *v, const struct sim_market *m, const struct sim_frame *frame)
{
	static const uint8_t kinds[] = {[SIM_BOOK] = 0, [SIM_TRADE] = 1, [SIM_TICKER] = 2, [SIM_FUNDING] = 3,
		[SIM_KLINE] = 1 /* as the trades whose place it takes */};
	uint8_t kind = kinds[frame->type];
	return (m->mask & AQ_SUB_BOOK << kind) != 0 && v->feed_at.number >= m->from[kind];
}

/* Ids of another round go on from those of the round before. */
static void shift_ids(const struct sim_venue *v, struct sim_frame *frame)
{
	void *body = frame + 1;
	uint64_t update = sim_update_shift(&v->timeline, frame->market, v->feed_at.lap);
	if (frame->type == SIM_BOOK) {
		((struct aq_book_update *)body)->follows += update;
		((struct aq_book_update *)body)->reaches += update;
	} else if (frame->type == SIM_TICKER) {
		((struct aq_ticker *)body)->update += update;
	} else if (frame->type == SIM_TRADE) {
		((struct aq_trade *)body)->id += sim_trade_shift(&v->timeline, frame->market, v->feed_at.lap);
	}
}

static void emit_feed(struct sim_venue *v, sim_emit *emit, void *context)
{
	const struct sim_frame *frame = v->feed_at.frame;
	struct sim_frame *copy = (struct sim_frame *)v->scratch;
	bool send = wanted(v, sim_market_at(v, v->feed_at.market), frame);
	if (send) {
		memcpy(copy, frame, frame->size);
		copy->market = v->feed_at.market;
		copy->time_ns = v->feed_at.time_ns + v->feed_ns;
		if (v->timeline.rate != 0) {
			copy->venue_ns = v->feed_at.time_ns;
			if (v->feed_at.lap != 0)
				shift_ids(v, copy);
		}
	}
	sim_cursor_advance(&v->feed_at, &v->timeline);
	if (send)
		emit(context, copy);
}

/* The receiver may hand in a frame before it returns, so it reads a copy. */
static void emit_first(struct sim_venue *v, struct sim_queue *q, sim_emit *emit, void *context)
{
	struct sim_frame *copy = (struct sim_frame *)v->scratch;
	const struct sim_frame *first = sim_queue_first(q);
	memcpy(copy, first, first->size);
	sim_queue_drop(q);
	emit(context, copy);
}

static void run_outside(struct sim_venue *v, int64_t at_ns, sim_emit *emit, void *context)
{
	if (sim_queue_due(&v->answers) <= at_ns)
		emit_first(v, &v->answers, emit, context);
	else if (sim_queue_due(&v->feed) <= at_ns)
		emit_first(v, &v->feed, emit, context);
	else
		emit_feed(v, emit, context);
}

void sim_venue_step(struct sim_venue *v, int64_t now_ns, sim_emit *emit, void *context)
{
	for (;;) {
		int64_t inside = next_inside(v), outside = next_outside(v);
		if (earlier(inside, outside) > now_ns || earlier(inside, outside) == INT64_MAX)
			break;
		if (inside <= outside)
			run_inside(v, inside);
		else
			run_outside(v, outside, emit, context);
	}
	if (v->now_ns < now_ns && now_ns != INT64_MAX)
		v->now_ns = now_ns;
	if (v->connected && !v->end_said && sim_venue_ended(v)) {
		sim_say_end(v);
		sim_venue_step(v, now_ns, emit, context);
	}
}

static uint32_t account_of(const struct sim_venue *v, uint32_t wire)
{
	for (uint32_t i = 0; i < v->account_count && wire != 0; i++)
		if (v->accounts[i].wire == wire)
			return i;
	return SIM_NO_ACCOUNT;
}

int sim_venue_receive(struct sim_venue *v, const struct sim_frame *frame)
{
	if (sim_header_fault(frame) != NULL || frame->type < SIM_HELLO ||
		(frame->type > SIM_DONE && frame->type != SIM_PAST) ||
		sim_body_fault(frame) != NULL || frame->time_ns > INT64_MAX / 2)
		return AQ_EFORMAT;
	if (frame->type == SIM_DONE)
		return AQ_OK;
	if (frame->type == SIM_HELLO) {
		if (SIM_BODY(sim_hello, frame)->version != SIM_VERSION)
			return AQ_EFORMAT;
		sim_hello(v, frame);
		return AQ_OK;
	}
	int64_t due = frame->time_ns + v->entry_ns;
	struct sim_frame *kept =
		sim_queue_add(&v->requests, frame->size, frame->type, due > v->now_ns ? due : v->now_ns);
	if (kept == NULL)
		return AQ_EAGAIN;
	due = kept->time_ns;
	memcpy(kept, frame, frame->size);
	kept->time_ns = due;
	if (frame->type == SIM_SUBSCRIBE || frame->type == SIM_PAST)
		return AQ_OK;
	/* Whose it is, is decided by the names that its sender gave; a later hello may give others. */
	uint32_t *account = (uint32_t *)(void *)(kept + 1);
	account[1] = account[0];
	account[0] = account_of(v, account[0]);
	return AQ_OK;
}

void sim_venue_host_gone(struct sim_venue *v)
{
	v->connected = false;
	sim_unsubscribe_all(v);
	sim_queue_clear(&v->answers);
	sim_queue_clear(&v->feed);
}
