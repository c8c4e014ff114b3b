/* records.c: what the venue says, as records of the host. */
#include "sim/adapter.h"

#include <string.h>

int sim_record_emit(struct sim *s, uint16_t type, uint32_t instrument, uint32_t account, int64_t venue_ns,
	const void *body, uint32_t size)
{
	struct aq_event *event = &s->record.event;
	*event = (struct aq_event){.size = (uint32_t)sizeof *event + size,
		.type = type,
		.instrument = instrument,
		.account = account,
		.venue_ns = venue_ns};
	if (size > 0)
		memcpy(event + 1, body, size);
	return s->feed->emit(s->host->owner, event);
}

static uint32_t account_of(struct sim *s, uint32_t index)
{
	if (index == 0 || index > s->kept.account_count) {
		sim_log(s, AQ_LOG_WARN, "the venue speaks of account %u, which was never named", index);
		return 0;
	}
	return s->kept.accounts[index - 1].id;
}

/* The bodies of market frames and of their records are the same. */
static int market(struct sim *s, const struct sim_frame *frame, uint16_t type)
{
	uint32_t id = frame->market <= s->kept.market_count ? s->kept.id_of[frame->market] : 0;
	if (id == 0)
		return AQ_OK; /* the host has refused this instrument */
	return sim_record_emit(s, type, id, 0, frame->venue_ns, frame + 1, frame->size - (uint32_t)sizeof *frame);
}

/* A trade or a candle of the past; seq is the request. */
static int past(struct sim *s, const struct sim_frame *frame, uint16_t type)
{
	struct aq_event *event = &s->record.event;
	uint32_t id = frame->market <= s->kept.market_count ? s->kept.id_of[frame->market] : 0;
	uint32_t size = frame->size - (uint32_t)sizeof *frame;
	if (id == 0)
		return AQ_OK;
	*event = (struct aq_event){.size = (uint32_t)sizeof *event + size,
		.type = type,
		.flags = AQ_EV_HISTORICAL,
		.tag = frame->seq,
		.instrument = id,
		.venue_ns = frame->venue_ns};
	memcpy(event + 1, frame + 1, size);
	return s->feed->emit(s->host->owner, event);
}

static int past_end(struct sim *s, const struct sim_frame *frame)
{
	const struct sim_past *end = SIM_BODY(sim_past, frame);
	const struct aq_history body = {.since_ns = end->since_ns, .request = end->request};
	uint32_t id = frame->market <= s->kept.market_count ? s->kept.id_of[frame->market] : 0;
	return id == 0 ? AQ_OK : sim_record_emit(s, AQ_EV_HISTORY, id, 0, 0, &body, sizeof body);
}

static int order(struct sim *s, const struct sim_frame *frame, uint32_t instrument)
{
	const struct sim_order *o = SIM_BODY(sim_order, frame);
	uint32_t account = account_of(s, o->account);
	return account == 0 ? AQ_OK
			    : sim_record_emit(s, AQ_EV_ORDER_UPDATE, instrument, account, frame->venue_ns, &o->update,
				      sizeof o->update);
}

static int fill(struct sim *s, const struct sim_frame *frame, uint32_t instrument)
{
	const struct sim_fill *f = SIM_BODY(sim_fill, frame);
	struct aq_fill body = f->fill;
	body.account = account_of(s, f->account);
	body.instrument = instrument;
	return body.account == 0 ? AQ_OK
				 : sim_record_emit(s, AQ_EV_VENUE_FILL, instrument, body.account, frame->venue_ns,
					   &body, sizeof body);
}

static int balance(struct sim *s, const struct sim_frame *frame)
{
	const struct sim_balance *b = SIM_BODY(sim_balance, frame);
	struct aq_balance body = {
		.size = sizeof body, .account = account_of(s, b->account), .total = b->total, .locked = b->locked};
	memcpy(body.asset, b->asset, sizeof body.asset);
	return body.account == 0
		       ? AQ_OK
		       : sim_record_emit(s, AQ_EV_BALANCE, 0, body.account, frame->venue_ns, &body, sizeof body);
}

static int position(struct sim *s, const struct sim_frame *frame, uint32_t instrument)
{
	const struct sim_position *p = SIM_BODY(sim_position, frame);
	struct aq_position body = {.size = sizeof body,
		.account = account_of(s, p->account),
		.instrument = instrument,
		.position_side = p->position_side,
		.margin_mode = p->margin_mode,
		.qty = p->qty,
		.avg_price = AQ_NONE,
		.cost = p->cost};
	return body.account == 0 || instrument == 0 ? AQ_OK
						    : sim_record_emit(s, AQ_EV_VENUE_POSITION, instrument, body.account,
							      frame->venue_ns, &body, sizeof body);
}

static int cashflow(struct sim *s, const struct sim_frame *frame)
{
	const struct sim_cashflow *c = SIM_BODY(sim_cashflow, frame);
	uint32_t account = account_of(s, c->account);
	return account == 0 ? AQ_OK
			    : sim_record_emit(s, AQ_EV_CASHFLOW, 0, account, frame->venue_ns, &c->flow, sizeof c->flow);
}

static int list(struct sim *s, const struct sim_frame *frame, uint16_t type)
{
	uint32_t account = account_of(s, SIM_BODY(sim_list, frame)->account);
	return account == 0 ? AQ_OK : sim_record_emit(s, type, 0, account, frame->venue_ns, NULL, 0);
}

static int account_frame(struct sim *s, const struct sim_frame *frame)
{
	uint32_t instrument = frame->market <= s->kept.market_count ? s->kept.id_of[frame->market] : 0;
	int status;
	switch (frame->type) {
	case SIM_ORDER:
		status = order(s, frame, instrument);
		break;
	case SIM_FILL:
		status = fill(s, frame, instrument);
		break;
	case SIM_BALANCE:
		status = balance(s, frame);
		break;
	case SIM_POSITION:
		status = position(s, frame, instrument);
		break;
	case SIM_CASHFLOW:
		status = cashflow(s, frame);
		break;
	case SIM_LIST_BEGIN:
		status = list(s, frame, AQ_EV_RECONCILE_BEGIN);
		break;
	default:
		status = list(s, frame, AQ_EV_RECONCILE_END);
		break;
	}
	if (status != AQ_EAGAIN)
		s->kept.latest_event = frame->seq;
	return status;
}

/* Frames that are neither market nor account. */
static int other(struct sim *s, const struct sim_frame *frame)
{
	switch (frame->type) {
	case SIM_WELCOME:
		sim_connect_welcome(s, frame);
		break;
	case SIM_INSTRUMENT:
		sim_connect_instrument(s, frame);
		break;
	case SIM_TICK:
		s->kept.moment_over = 1;
		break;
	case SIM_MOVED:
		sim_move_done(s);
		break;
	case SIM_END:
		sim_log(s, AQ_LOG_INFO, "the capture has ended");
		break;
	default:
		sim_connect_drop(s, "this frame is not the venue's to send");
		break;
	}
	return AQ_OK;
}

/* The venue's clock is the host's: before anything of a moment is told, it is that time. The last frame of a moment
 * tells the time once more, since what came before it may have been settled already, alone in an earlier chunk. */
static bool set_clock(struct sim *s, const struct sim_frame *frame)
{
	int64_t now = frame->type == SIM_WELCOME ? SIM_BODY(sim_welcome, frame)->now_ns : frame->time_ns;
	if (now <= s->kept.clock_ns && frame->type != SIM_TICK)
		return true;
	int32_t status = s->feed->clock(s->host->owner, now);
	if (status == AQ_OK || status == AQ_EAGAIN) {
		s->kept.clock_ns = now;
		return true;
	}
	sim_connect_drop(
		s, status == AQ_ESTATE ? "the venue owns the clock: [host] needs clock = venue" : "time goes back");
	return false;
}

int sim_record_frame(struct sim *s, const struct sim_frame *frame)
{
	bool owns = frame->type == SIM_WELCOME ? SIM_BODY(sim_welcome, frame)->owns_clock : s->kept.owns_clock;
	if (owns && !set_clock(s, frame))
		return AQ_OK;
	switch (frame->type) {
	case SIM_BOOK:
		return market(s, frame, AQ_EV_BOOK_UPDATE);
	case SIM_TICKER:
		return market(s, frame, AQ_EV_TICKER);
	case SIM_TRADE:
		return market(s, frame, AQ_EV_TRADE);
	case SIM_FUNDING:
		return market(s, frame, AQ_EV_FUNDING);
	case SIM_KLINE:
		return market(s, frame, AQ_EV_KLINE);
	case SIM_PAST_TRADE:
		return past(s, frame, AQ_EV_TRADE);
	case SIM_PAST_KLINE:
		return past(s, frame, AQ_EV_KLINE);
	case SIM_PAST_END:
		return past_end(s, frame);
	case SIM_ORDER:
	case SIM_FILL:
	case SIM_BALANCE:
	case SIM_POSITION:
	case SIM_CASHFLOW:
	case SIM_LIST_BEGIN:
	case SIM_LIST_END:
		return account_frame(s, frame);
	default:
		return other(s, frame);
	}
}
