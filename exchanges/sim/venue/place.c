/* place.c: new orders and changes of orders. */
#include "sim/venue/requests.h"

#include "decimal.h"
#include "sim/venue/accounts.h"
#include "sim/venue/answers.h"
#include "sim/venue/match.h"
#include "sim/venue/walk.h"

static void read_request(struct sim_venue *v, struct sim_order_row *r, const struct sim_frame *frame)
{
	const struct sim_request *q = SIM_BODY(sim_request, frame);
	r->market = frame->market;
	r->side = q->side;
	r->type = q->type == 0 ? AQ_LIMIT : q->type;
	r->tif = q->tif == 0 ? AQ_GTC : q->tif;
	r->position_side = q->position_side == 0 ? AQ_NET : q->position_side;
	r->post_only = q->post_only;
	r->reduce_only = q->reduce_only;
	r->self_trade = q->self_trade;
	r->price = q->price;
	r->qty = q->qty == AQ_NONE ? 0 : q->qty;
	r->quote_qty = r->quote_left = q->quote_qty;
	r->expiry_ns = q->expiry_ns;
	r->placed_ns = v->now_ns;
	r->ahead = AQ_NONE;
}

static const char *refusal(const struct sim_venue *v, struct sim_order_row *r, uint16_t *code)
{
	const char *why = sim_check_form(v, r, code);
	if (why == NULL)
		why = sim_check_filters(v, r, code);
	if (why == NULL && r->post_only && sim_would_take(v, r, r->price)) {
		*code = AQ_VENUE_POST_ONLY;
		why = "post-only: it would have taken";
	}
	return why != NULL ? why : sim_check_money(v, r, code);
}

static void refuse(struct sim_venue *v, struct sim_order_row *r, uint16_t code, const char *why)
{
	r->state = AQ_REJECTED;
	r->code = code;
	r->ended_ns = v->now_ns;
	sim_say_order(v, r, AQ_UP_REJECTED, AQ_REQ_PLACE, code, why);
}

/* fok: all of it at once, or nothing. */
static bool fillable(const struct sim_venue *v, const struct sim_order_row *r)
{
	struct aq_amt value;
	return sim_open_qty(v, r) == r->qty && sim_preview(v, r, r->qty, aq_amt_zero(), &value) == r->qty;
}

static void accept(struct sim_venue *v, struct sim_order_row *r)
{
	r->state = AQ_OPEN;
	sim_relock(v, r);
	/* What will be ahead is known before the answer leaves, if the order is not going to trade. */
	bool rests = r->type == AQ_LIMIT && r->tif != AQ_IOC && r->tif != AQ_FOK && !sim_would_take(v, r, r->price);
	if (rests)
		sim_rest(v, r);
	sim_say_order(v, r, AQ_UP_OPEN, AQ_REQ_PLACE, AQ_CODE_NONE, "");
	if (rests)
		return;
	if (r->tif == AQ_FOK && !fillable(v, r)) {
		sim_end_order(v, r, AQ_CANCELLED, AQ_VENUE_UNFILLED);
		sim_say_order(v, r, AQ_UP_CANCELLED, 0, AQ_VENUE_UNFILLED, "fok: not all of it can be filled");
		return;
	}
	sim_match_taker(v, r);
}

void sim_place(struct sim_venue *v, const struct sim_frame *frame)
{
	const struct sim_request *q = SIM_BODY(sim_request, frame);
	const char *why = NULL;
	uint16_t code = AQ_VENUE_OTHER;
	struct sim_order_row *r = NULL;
	if (q->account == SIM_NO_ACCOUNT || frame->market == 0 || frame->market > v->market_count || q->order == 0) {
		why = "account, market or order id is unknown";
	} else if (sim_order_find(&v->orders, q->account, q->order) != NULL) {
		why = "this client order id has been used";
		code = AQ_VENUE_DUPLICATE;
	} else {
		r = sim_order_add(&v->orders, q->account, q->order);
		why = "the venue can hold no more orders";
	}
	if (r == NULL) {
		sim_say_no_order(v, q->reserved, q->order, AQ_UP_REJECTED, AQ_REQ_PLACE, code, why);
		return;
	}
	read_request(v, r, frame);
	why = refusal(v, r, &code);
	if (why != NULL)
		refuse(v, r, code, why);
	else
		accept(v, r);
}

/* The order as it would be. */
static const char *amend_refusal(
	const struct sim_venue *v, const struct sim_order_row *r, struct sim_order_row *wish, uint16_t *code)
{
	const char *why = sim_check_filters(v, wish, code);
	if (why != NULL)
		return why;
	*code = AQ_VENUE_OTHER;
	if (wish->qty <= r->filled)
		return "that quantity is filled already";
	if (wish->price != r->price && r->post_only && sim_would_take(v, wish, wish->price)) {
		*code = AQ_VENUE_POST_ONLY;
		return "post-only: it would have taken";
	}
	return sim_check_money(v, wish, code);
}

static void change(struct sim_venue *v, struct sim_order_row *r, const struct sim_order_row *wish)
{
	bool stays = wish->price == r->price && wish->qty <= r->qty;
	if (!stays)
		sim_unrest(v, r);
	r->price = wish->price;
	r->qty = wish->qty;
	r->opening = wish->opening;
	sim_relock(v, r);
	bool takes = !stays && sim_would_take(v, r, r->price);
	if (!stays && !takes)
		sim_rest(v, r);
	sim_say_order(v, r, AQ_UP_AMENDED, AQ_REQ_AMEND, AQ_CODE_NONE, "");
	if (takes)
		sim_match_taker(v, r);
}

void sim_amend(struct sim_venue *v, const struct sim_frame *frame)
{
	const struct sim_request *q = SIM_BODY(sim_request, frame);
	struct sim_order_row *r =
		q->account == SIM_NO_ACCOUNT ? NULL : sim_order_find(&v->orders, q->account, q->order);
	if (r == NULL) {
		sim_say_no_order(v, q->reserved, q->order, AQ_UP_AMEND_REJECTED, AQ_REQ_AMEND, AQ_VENUE_NOT_FOUND,
			"no such order");
		return;
	}
	if (!r->resting) {
		sim_say_order(v, r, AQ_UP_AMEND_REJECTED, AQ_REQ_AMEND, AQ_VENUE_NOT_FOUND, "the order has ended");
		return;
	}
	struct sim_order_row wish = *r;
	uint16_t code = AQ_CODE_NONE;
	wish.price = q->price == AQ_NONE ? r->price : q->price;
	wish.qty = q->qty == AQ_NONE ? r->qty : q->qty;
	const char *why = amend_refusal(v, r, &wish, &code);
	if (why != NULL)
		sim_say_order(v, r, AQ_UP_AMEND_REJECTED, AQ_REQ_AMEND, code, why);
	else
		change(v, r, &wish);
}
