/* strategy_order.c: orders by tag, timers, and telling. */
#include "strategy_ctx.h"

#include <decimal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static bool can_act(const struct aq_ctx *q)
{
	return q->started && !q->stopped && q->orders != NULL;
}

static uint64_t host_tag(uint64_t tag, uint64_t salt)
{
	return salt << AQ_TAG_BITS | tag;
}

static bool read_order(struct aq_ctx *q, uint64_t tag, struct aq_order *out)
{
	*out = (struct aq_order){.size = sizeof(*out)};
	return q->orders->order(q->host->owner, 0, tag, out) >= 0 && !aq_order_final(out->state);
}

int32_t aq_ctx_find_order(struct aq_ctx *q, struct aq_market m, uint64_t tag, struct aq_order *out)
{
	for (uint64_t salt = 0; salt < AQ_TAG_SALTS; salt++) {
		if (read_order(q, host_tag(tag, salt), out) && out->instrument == m.instrument &&
			out->account == m.account)
			return AQ_OK;
	}
	return AQ_ENOENT;
}

/* A tag that an order of this market already has is given out as well: the host then denies the second one. */
int32_t aq_ctx_free_tag(struct aq_ctx *q, struct aq_market m, uint64_t tag, uint64_t *out)
{
	struct aq_order o;
	for (uint64_t salt = 0; salt < AQ_TAG_SALTS; salt++) {
		*out = host_tag(tag, salt);
		if (!read_order(q, *out, &o) || (o.instrument == m.instrument && o.account == m.account))
			return AQ_OK;
	}
	return AQ_ESPACE;
}

/* ---- placing ---- */

static int64_t place(struct aq_ctx *q, struct aq_market m, uint64_t tag, struct aq_place *order)
{
	struct aq_order there;
	if (!can_act(q))
		return AQ_ESTATE;
	if (m.instrument == 0 || m.account == 0 || order->qty <= 0 || (order->side != AQ_BUY && order->side != AQ_SELL))
		return AQ_EINVAL;
	order->size = sizeof(*order);
	order->account = m.account;
	order->instrument = m.instrument;
	if (aq_ctx_find_order(q, m, tag, &there) == AQ_OK)
		order->tag = there.tag; /* the host says so with an event, as for all other denials */
	else if (aq_ctx_free_tag(q, m, tag, &order->tag) < 0)
		return AQ_EINVAL;
	return q->orders->place(q->host->owner, order);
}

static void set_flags(struct aq_place *order, unsigned with)
{
	order->post_only = (with & AQ_WITH_POST_ONLY) != 0;
	order->reduce_only = (with & AQ_WITH_REDUCE_ONLY) != 0;
	order->tif = with & AQ_WITH_FOK ? AQ_FOK : with & AQ_WITH_IOC ? AQ_IOC : 0;
}

int64_t aq_place_limit(struct aq_ctx *q, struct aq_market m, uint64_t tag, uint8_t side, aq_px price, aq_qty qty,
	unsigned with)
{
	struct aq_place order = {.type = AQ_LIMIT, .side = side, .price = price, .qty = qty};
	if (price == AQ_NONE || tag > AQ_TAG_MAX)
		return AQ_EINVAL;
	set_flags(&order, with);
	return place(q, m, tag, &order);
}

int64_t aq_place_market(struct aq_ctx *q, struct aq_market m, uint64_t tag, uint8_t side, aq_qty qty, unsigned with)
{
	struct aq_place order = {.type = AQ_MARKET_ORDER, .side = side, .qty = qty};
	if ((with & AQ_WITH_POST_ONLY) != 0 || tag > AQ_TAG_MAX)
		return AQ_EINVAL;
	set_flags(&order, with);
	return place(q, m, tag, &order);
}

int64_t aq_place_stop(struct aq_ctx *q, struct aq_market m, uint64_t tag, uint8_t side, aq_px trigger, aq_px price,
	aq_qty qty, unsigned with)
{
	struct aq_place order = {.type = price == AQ_NONE ? AQ_STOP_MARKET : AQ_STOP_LIMIT, .side = side, .price = price,
		.qty = qty, .trigger = trigger, .trigger_source = AQ_BY_LAST};
	if (trigger <= 0 || tag > AQ_TAG_MAX || (price == AQ_NONE && (with & AQ_WITH_POST_ONLY) != 0))
		return AQ_EINVAL;
	set_flags(&order, with);
	return place(q, m, tag, &order);
}

int32_t aq_order_get(struct aq_ctx *q, struct aq_market m, uint64_t tag, struct aq_order *out)
{
	int32_t status;
	if (q->orders == NULL)
		return AQ_ESTATE;
	status = tag <= AQ_TAG_MASK ? aq_ctx_find_order(q, m, tag, out) : AQ_ENOENT;
	if (status == AQ_OK)
		out->tag = tag;
	return status;
}

int32_t aq_cancel(struct aq_ctx *q, struct aq_market m, uint64_t tag)
{
	struct aq_wish *w = aq_ctx_wish(q, m, tag);
	struct aq_order o;
	int32_t status;
	if (!can_act(q))
		return AQ_ESTATE;
	status = aq_order_get(q, m, tag, &o);
	if (w != NULL)
		aq_ctx_withdraw(q, w);
	else if (status == AQ_OK)
		status = q->orders->cancel(q->host->owner, o.id, 0, tag);
	return status;
}

int64_t aq_close(struct aq_ctx *q, struct aq_market m)
{
	const struct aq_instrument *i = aq_instrument(q, m);
	aq_qty position = aq_position(q, m);
	struct aq_place order = {.type = AQ_MARKET_ORDER, .side = position > 0 ? AQ_SELL : AQ_BUY};
	struct aq_order there;
	if (!can_act(q))
		return AQ_ESTATE;
	if (i == NULL)
		return AQ_EINVAL;
	order.qty = aq_step_down(position > 0 ? position : -position, i->lot);
	if (i->max_qty > 0 && order.qty > i->max_qty)
		order.qty = aq_step_down(i->max_qty, i->lot);
	order.reduce_only = i->kind != AQ_SPOT;
	if (order.qty == 0 || aq_ctx_find_order(q, m, AQ_TAG_CLOSE, &there) == AQ_OK)
		return 0;
	return place(q, m, AQ_TAG_CLOSE, &order);
}

/* ---- time ---- */

int64_t aq_now(struct aq_ctx *q)
{
	return q->now_ns;
}

static struct aq_ctx_timer *timer_under(struct aq_ctx *q, uint64_t tag)
{
	struct aq_ctx_timer *unused = NULL;
	for (uint32_t i = 0; i < AQ_CTX_TIMERS; i++) {
		if (q->timers[i].id > 0 && q->timers[i].tag == tag)
			return &q->timers[i];
		if (q->timers[i].id == 0 && unused == NULL)
			unused = &q->timers[i];
	}
	return unused;
}

static int64_t set_timer(struct aq_ctx *q, uint64_t tag, int64_t at_ns, int64_t period_ns)
{
	struct aq_ctx_timer *t = timer_under(q, tag);
	int64_t id;
	if (t == NULL)
		return AQ_EAGAIN;
	if (t->id > 0)
		q->host->timer_clear(q->host->owner, t->id);
	id = q->host->timer_set(q->host->owner, at_ns, period_ns, tag);
	*t = (struct aq_ctx_timer){.tag = tag, .id = id > 0 ? id : 0, .at_ns = at_ns, .period_ns = period_ns};
	return id;
}

/* A timer that has fired for the last time gives up its place. */
void aq_ctx_timer_fired(struct aq_ctx *q, uint64_t tag)
{
	struct aq_ctx_timer *t = timer_under(q, tag);
	if (t != NULL && t->id > 0 && t->period_ns == 0)
		t->id = 0;
}

/* After a reload the host still has the timers that the code before has set; after a restart they are gone, and their
 * ids may be given again. So all are cleared first, then set anew, before the author sets others: none is doubled or
 * lost. */
void aq_ctx_timers_take_over(struct aq_ctx *q)
{
	struct aq_ctx_timer loaded[AQ_CTX_TIMERS];
	memcpy(loaded, q->timers, sizeof(loaded));
	memset(q->timers, 0, sizeof(q->timers));
	for (uint32_t i = 0; i < AQ_CTX_TIMERS; i++) {
		if (loaded[i].id != 0)
			q->host->timer_clear(q->host->owner, loaded[i].id);
	}
	for (uint32_t i = 0; i < AQ_CTX_TIMERS; i++) {
		struct aq_ctx_timer *t = &loaded[i];
		if (t->period_ns > 0 && t->at_ns <= q->now_ns)
			t->at_ns += ((q->now_ns - t->at_ns) / t->period_ns + 1) * t->period_ns;
		if (t->id != 0)
			set_timer(q, t->tag, t->at_ns, t->period_ns);
	}
}

int64_t aq_after(struct aq_ctx *q, uint64_t tag, int64_t ns)
{
	return ns < 0 || tag == AQ_TIMER_RETRY ? AQ_EINVAL : set_timer(q, tag, q->now_ns + ns, 0);
}

int64_t aq_every(struct aq_ctx *q, uint64_t tag, int64_t ns)
{
	return ns <= 0 || tag == AQ_TIMER_RETRY ? AQ_EINVAL : set_timer(q, tag, q->now_ns + ns, ns);
}

int64_t aq_every_aligned(struct aq_ctx *q, uint64_t tag, int64_t ns, int64_t offset_ns)
{
	int64_t at;
	if (ns <= 0 || tag == AQ_TIMER_RETRY)
		return AQ_EINVAL;
	at = q->now_ns / ns * ns + offset_ns % ns;
	while (at <= q->now_ns)
		at += ns;
	return set_timer(q, tag, at, ns);
}

int32_t aq_timer_stop(struct aq_ctx *q, uint64_t tag)
{
	struct aq_ctx_timer *t = timer_under(q, tag);
	int32_t status;
	if (t == NULL || t->id == 0)
		return AQ_ENOENT;
	status = q->host->timer_clear(q->host->owner, t->id);
	t->id = 0;
	return status;
}

/* ---- telling ---- */

__attribute__((format(printf, 3, 0))) static void tell(struct aq_ctx *q, int32_t level, const char *format,
	va_list arguments)
{
	char line[1024];
	vsnprintf(line, sizeof(line), format, arguments);
	q->host->log(q->host->owner, level, line);
}

void aq_info(struct aq_ctx *q, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	tell(q, AQ_LOG_INFO, format, arguments);
	va_end(arguments);
}

void aq_warn(struct aq_ctx *q, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	tell(q, AQ_LOG_WARN, format, arguments);
	va_end(arguments);
}

void aq_why(struct aq_ctx *q, const char *format, ...)
{
	char text[2 * AQ_WHY_SIZE];
	va_list arguments;
	if (q->tell == NULL)
		return;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	q->tell->why(q->host->owner, text);
}

int32_t aq_gauge(struct aq_ctx *q, const char *name, double value)
{
	return q->tell != NULL ? q->tell->gauge(q->host->owner, name, value) : AQ_ENOSYS;
}

const struct aq_host *aq_host_of(struct aq_ctx *q)
{
	return q->host;
}
