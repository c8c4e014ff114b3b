/* create.c: builds a venue from its options and takes it down. */
#include "sim/venue/cash.h"
#include "sim/venue/requests.h"

#include "decimal.h"
#include "sim/venue/accounts.h"

#include <stdlib.h>
#include <string.h>

#define REQUEST_ROOM (1u << 20) /* about ten thousand requests on their way */
#define ANSWER_ROOM (4u << 20)
#define FEED_ROOM (1u << 20)
#define LATENCY_MAX (7 * INT64_C(86400000000000)) /* so that no sum with a time can overflow */

static int no_memory(struct aq_err *err)
{
	return sim_error(err, AQ_ESPACE, "out of memory");
}

/* Index of an asset, taken in when it is new. The table has room for all that the options can name. */
static uint16_t asset_index(struct sim_venue *v, const char *name)
{
	uint32_t i = 0;
	while (i < v->asset_count && strcmp(v->assets[i], name) != 0)
		i++;
	if (i == v->asset_count) {
		size_t length = strnlen(name, sizeof v->assets[0] - 1);
		memcpy(v->assets[v->asset_count++], name, length);
	}
	return (uint16_t)i;
}

static int collect_assets(struct sim_venue *v, const struct sim_venue_options *options, struct aq_err *err)
{
	size_t most = 3u * (size_t)v->market_count + options->cash_count;
	for (uint32_t i = 0; i < options->account_count; i++)
		most += options->accounts[i].balance_count;
	if (most > UINT16_MAX)
		return sim_error(err, AQ_EINVAL, "too many assets");
	v->assets = calloc(most + 1, sizeof *v->assets);
	if (v->assets == NULL)
		return no_memory(err);
	for (uint32_t i = 0; i < v->market_count; i++) {
		struct sim_market *m = &v->markets[i];
		m->base = asset_index(v, m->instrument.base);
		m->quote = asset_index(v, m->instrument.quote);
		m->settle = asset_index(v, m->instrument.settle[0] != 0 ? m->instrument.settle : m->instrument.quote);
	}
	for (uint32_t i = 0; i < options->account_count; i++)
		for (uint32_t n = 0; n < options->accounts[i].balance_count; n++)
			asset_index(v, options->accounts[i].balances[n].asset);
	for (uint32_t i = 0; i < options->cash_count; i++)
		if (options->cash[i].kind == AQ_CASH_TRANSFER)
			asset_index(v, options->cash[i].asset);
	return AQ_OK;
}

static int create_markets(struct sim_venue *v, struct aq_err *err)
{
	v->market_count = v->timeline.market_count;
	v->markets = calloc(v->market_count, sizeof *v->markets);
	if (v->markets == NULL)
		return no_memory(err);
	for (uint32_t i = 0; i < v->market_count; i++) {
		v->markets[i].instrument = v->timeline.instruments[i];
		v->markets[i].last = v->markets[i].mark = AQ_NONE;
		v->markets[i].candles_alone = sim_candles_alone(&v->timeline, (uint16_t)(i + 1));
		if (sim_book_create(&v->markets[i].book) != AQ_OK || sim_rests_create(&v->markets[i].rests[0]) != AQ_OK ||
			sim_rests_create(&v->markets[i].rests[1]) != AQ_OK)
			return no_memory(err);
	}
	return AQ_OK;
}

static int create_account(
	struct sim_venue *v, struct sim_account *a, const struct sim_venue_account *from, struct aq_err *err)
{
	memcpy(a->name, from->name, sizeof a->name);
	a->name[sizeof a->name - 1] = 0;
	a->hedging = from->hedging;
	a->fee_maker = from->fee_maker;
	a->fee_taker = from->fee_taker;
	a->leverage = from->leverage == 0 ? 1 : from->leverage;
	a->assets = calloc(v->asset_count + 1, sizeof *a->assets);
	a->positions = calloc((size_t)v->market_count * SIM_SIDES + 1, sizeof *a->positions);
	if (a->assets == NULL || a->positions == NULL)
		return no_memory(err);
	for (uint32_t i = 0; i < from->balance_count; i++) {
		struct sim_asset_row *row = &a->assets[asset_index(v, from->balances[i].asset)];
		row->used = true;
		if (aq_amt_add(row->total, from->balances[i].amount, &row->total) != AQ_OK)
			return sim_error(err, AQ_EOVERFLOW, "account %s: a balance does not fit", a->name);
	}
	return AQ_OK;
}

static int create_accounts(struct sim_venue *v, const struct sim_venue_options *options, struct aq_err *err)
{
	if (options->account_count > SIM_ACCOUNTS_MAX)
		return sim_error(err, AQ_EINVAL, "too many accounts");
	v->accounts = calloc(options->account_count + 1u, sizeof *v->accounts);
	v->touches = calloc((size_t)options->account_count * (v->asset_count + (size_t)v->market_count * SIM_SIDES) + 1,
		sizeof *v->touches);
	if (v->accounts == NULL || v->touches == NULL)
		return no_memory(err);
	for (uint32_t i = 0; i < options->account_count; i++) {
		v->account_count++;
		int status = create_account(v, &v->accounts[i], &options->accounts[i], err);
		if (status != AQ_OK)
			return status;
	}
	return AQ_OK;
}

static int create_queues(struct sim_venue *v, struct aq_err *err)
{
	v->scratch = malloc(SIM_FRAME_MAX);
	if (v->scratch == NULL || sim_queue_create(&v->requests, REQUEST_ROOM) != AQ_OK ||
		sim_queue_create(&v->answers, ANSWER_ROOM) != AQ_OK || sim_queue_create(&v->feed, FEED_ROOM) != AQ_OK ||
		sim_orders_create(&v->orders) != AQ_OK)
		return no_memory(err);
	return AQ_OK;
}

/* Reads on to the start, with the books as they are then. */
static void skip_to(struct sim_venue *v, int64_t start_ns)
{
	while (v->now_at.frame != NULL && v->now_at.time_ns < start_ns) {
		const struct sim_frame *frame = v->now_at.frame;
		struct sim_market *m = sim_market_at(v, v->now_at.market);
		if (frame->type == SIM_BOOK)
			sim_book_apply(&m->book, SIM_BODY(aq_book_update, frame), 0);
		else if (frame->type == SIM_TRADE)
			m->last = SIM_BODY(aq_trade, frame)->price;
		else if (frame->type == SIM_KLINE)
			m->last = SIM_BODY(aq_kline, frame)->close;
		else if (frame->type == SIM_FUNDING)
			m->mark = SIM_BODY(aq_funding, frame)->mark;
		sim_cursor_advance(&v->now_at, &v->timeline);
	}
}

static int check_options(const struct sim_venue_options *o, struct aq_err *err)
{
	if (o->feed_ns < 0 || o->entry_ns < 0 || o->response_ns < 0 || o->feed_ns > LATENCY_MAX ||
		o->entry_ns > LATENCY_MAX || o->response_ns > LATENCY_MAX)
		return sim_error(err, AQ_EINVAL, "a latency is below zero or longer than a week");
	if (o->loop && o->rate == 0)
		return sim_error(err, AQ_EINVAL, "a capture can only begin again when it runs at a rate");
	if (o->start_ns != 0 && o->warmup_ns != 0)
		return sim_error(err, AQ_EINVAL, "start and warmup both say where it begins");
	if (o->rate > 1000000000u || (o->rate != 0 && (o->start_ns != 0 || o->warmup_ns != 0)))
		return sim_error(err, AQ_EINVAL, "at most 10^9 frames a second, and from the beginning");
	return AQ_OK;
}

static int build(struct sim_venue *v, const struct sim_venue_options *options, struct aq_err *err)
{
	v->feed_ns = options->feed_ns;
	v->entry_ns = options->entry_ns;
	v->response_ns = options->response_ns;
	v->owns_clock = options->owns_clock;
	int status = check_options(options, err);
	if (status == AQ_OK)
		status = sim_timeline_open(&v->timeline, options, err);
	if (status == AQ_OK)
		status = create_markets(v, err);
	if (status == AQ_OK)
		status = collect_assets(v, options, err);
	if (status == AQ_OK)
		status = create_accounts(v, options, err);
	if (status == AQ_OK)
		status = create_queues(v, err);
	if (status == AQ_OK)
		status = sim_cash_create(v, options, err);
	return status;
}

/* See sim_venue_first. */
static int64_t first_moment(const struct sim_cursor *c)
{
	return c->frame->type == SIM_KLINE ? SIM_BODY(aq_kline, c->frame)->open_ns : c->time_ns;
}

int sim_venue_create(struct sim_venue **out, const struct sim_venue_options *options, struct aq_err *err)
{
	struct sim_venue *v = calloc(1, sizeof *v);
	*out = NULL;
	if (v == NULL)
		return no_memory(err);
	int status = build(v, options, err);
	if (status != AQ_OK) {
		sim_venue_destroy(v);
		return status;
	}
	sim_cursor_begin(&v->now_at, &v->timeline);
	int64_t start_ns = options->start_ns;
	if (options->warmup_ns != 0 && __builtin_add_overflow(v->now_at.time_ns, options->warmup_ns, &start_ns))
		start_ns = INT64_MAX;
	if (options->rate == 0)
		skip_to(v, start_ns);
	if (options->warmup_ns != 0 && v->now_at.frame == NULL) {
		sim_venue_destroy(v);
		return sim_error(err, AQ_EINVAL, "warmup is longer than the captures: nothing is left to be played");
	}
	v->feed_at = v->now_at;
	v->now_ns = start_ns;
	if (options->rate == 0 && v->now_ns == 0 && v->now_at.frame != NULL)
		v->now_ns = first_moment(&v->now_at);
	*out = v;
	return AQ_OK;
}

uint32_t sim_venue_instruments(const struct sim_venue *v, const struct aq_instrument **out)
{
	*out = v->timeline.instruments;
	return v->timeline.market_count;
}

void sim_venue_destroy(struct sim_venue *v)
{
	if (v == NULL)
		return;
	for (uint32_t i = 0; v->markets != NULL && i < v->market_count; i++) {
		sim_book_destroy(&v->markets[i].book);
		free(v->markets[i].rests[0].rest);
		free(v->markets[i].rests[1].rest);
	}
	for (uint32_t i = 0; i < v->account_count; i++) {
		free(v->accounts[i].assets);
		free(v->accounts[i].positions);
	}
	sim_orders_destroy(&v->orders);
	sim_queue_destroy(&v->requests);
	sim_queue_destroy(&v->answers);
	sim_queue_destroy(&v->feed);
	sim_timeline_close(&v->timeline);
	free(v->markets);
	free(v->assets);
	free(v->accounts);
	free(v->touches);
	free(v->cash);
	free(v->flows);
	free(v->scratch);
	free(v);
}
