/* test_orders.c: what becomes of orders when the venue is slow, silent, gone, or knows more than we do. */
#include "flow_rig.h"

static struct rig *new_rig(void)
{
	struct rig *r = calloc(1, sizeof(*r));

	assert_non_null(r);
	rig_new(r);
	return r;
}

static void end_rig(struct rig *r)
{
	rig_free(r);
	free(r);
}

static uint64_t sent_order(struct rig *r, uint64_t tag)
{
	uint64_t id = rig_place(r, r->linear, AQ_BUY, 9000, 2000, tag);

	assert_int_equal(rig_order(r, id)->state, AQ_SENT);
	rig_clear(r);
	return id;
}

static uint64_t open_order(struct rig *r, uint64_t tag)
{
	uint64_t id = sent_order(r, tag);

	rig_say(r, id, AQ_UP_OPEN, AQ_REQ_PLACE);
	rig_clear(r);
	return id;
}

static void expect_requests(const struct rig *r, uint64_t id, uint8_t place, uint8_t cancel, uint8_t amend)
{
	assert_int_equal(rig_order(r, id)->place, place);
	assert_int_equal(rig_order(r, id)->cancel, cancel);
	assert_int_equal(rig_order(r, id)->amend, amend);
}

static uint16_t place_code(struct rig *r, uint64_t tag)
{
	rig_clear(r);
	rig_place(r, r->linear, AQ_BUY, 9000, 2000, tag);
	return rig_seen(r, r->exchange, AQ_EV_PLACE) == 1 ? AQ_CODE_NONE : rig_change(r)->code;
}

static void sleep_until(struct rig *r, int64_t at)
{
	rig_clear(r);
	r->f.now_ns = at;
	flow_tick(&r->f);
}

/* ---- what a strategy asks ---- */

static void test_ids(void **unused)
{
	struct rig *r = new_rig();
	uint64_t first = sent_order(r, 1), denied, second;

	assert_int_equal(first >> 51, 7);                                            /* the host's number */
	assert_int_equal(first >> 20 & 0x7fffffff, RIG_START / SECOND - 1704067200); /* the second of its start */
	denied = rig_place(r, r->linear, AQ_BUY, 9000, 2000, 1);
	second = sent_order(r, 2);
	assert_int_equal(denied, first + 1); /* a denied order has one of its own */
	assert_int_equal(second, first + 2);
	assert_true((int64_t)first > 0);
	end_rig(r);
}

static void test_tag_busy(void **unused)
{
	struct rig *r = new_rig();
	uint64_t id = sent_order(r, 1);

	assert_int_equal(place_code(r, 1), AQ_DENY_TAG_BUSY);
	assert_int_equal(rig_change(r)->order.tag, 1);
	rig_say(r, id, AQ_UP_UNKNOWN, AQ_REQ_PLACE); /* unknown is not gone */
	assert_int_equal(place_code(r, 1), AQ_DENY_TAG_BUSY);
	rig_say(r, id, AQ_UP_OPEN, AQ_REQ_LOOKUP);
	assert_int_equal(place_code(r, 1), AQ_DENY_TAG_BUSY);
	rig_fill(r, id, 9000, 2000);
	assert_int_equal(place_code(r, 1), AQ_CODE_NONE);
	assert_ptr_equal(orders_by_tag(&r->f, r->strategy, 1), orders_find(&r->f, id + 4));
	assert_null(orders_by_tag(&r->f, r->strategy, 2));
	end_rig(r);
}

/* Tags are an instance's own; any number of them stays apart, in whatever order they come and go. */
static void test_many_tags(void **unused)
{
	struct rig *r = new_rig();
	uint64_t ids[40];

	for (uint64_t i = 0; i < 40; i++)
		ids[i] = open_order(r, i * 0x9e3779b97f4a7c15u);
	for (uint64_t i = 0; i < 40; i += 3)
		rig_say(r, ids[i], AQ_UP_CANCELLED, 0);
	for (uint64_t i = 0; i < 40; i++) {
		struct order *order = orders_by_tag(&r->f, r->strategy, i * 0x9e3779b97f4a7c15u);

		assert_ptr_equal(order, i % 3 == 0 ? NULL : orders_find(&r->f, ids[i]));
	}
	assert_null(orders_by_tag(&r->f, r->exchange, 0x9e3779b97f4a7c15u));
	end_rig(r);
}

static void test_in_flight(void **unused)
{
	struct rig *r = new_rig();
	uint64_t id = sent_order(r, 1);

	assert_int_equal(rig_amend(r, id, 9100, AQ_NONE), AQ_OK); /* not before the venue has it */
	assert_int_equal(rig_change(r)->code, AQ_DENY_IN_FLIGHT);
	assert_int_equal(orders_cancel(&r->f, r->strategy, id, 0, 11), AQ_OK); /* but a cancel may follow at once */
	expect_requests(r, id, AQ_REQ_SENT, AQ_REQ_SENT, AQ_REQ_NONE);
	rig_say(r, id, AQ_UP_OPEN, AQ_REQ_PLACE);
	rig_clear(r);
	assert_int_equal(orders_cancel(&r->f, r->strategy, 0, 1, 12), AQ_OK);
	assert_int_equal(rig_change(r)->code, AQ_DENY_IN_FLIGHT);
	assert_int_equal(rig_change(r)->request, AQ_REQ_CANCEL);
	assert_int_equal(rig_change(r)->order.cancel_tag, 11);
	assert_int_equal(rig_amend(r, id, 9100, AQ_NONE), AQ_OK);
	assert_int_equal(rig_change(r)->request, AQ_REQ_AMEND);
	assert_int_equal(rig_seen(r, r->exchange, AQ_EV_CANCEL), 0);
	rig_say(r, id, AQ_UP_CANCEL_REJECTED, AQ_REQ_CANCEL);
	assert_int_equal(rig_amend(r, id, 9100, 3000), AQ_OK);
	assert_int_equal(rig_order(r, id)->amend_price, 9100);
	assert_int_equal(rig_order(r, id)->price, 9000); /* till the venue says so */
	assert_int_equal(orders_cancel(&r->f, r->strategy, id, 0, 13), AQ_OK);
	expect_requests(r, id, AQ_REQ_NONE, AQ_REQ_SENT, AQ_REQ_SENT);
	rig_say(r, id, AQ_UP_CANCELLED, AQ_REQ_CANCEL);
	assert_int_equal(orders_cancel(&r->f, r->strategy, id, 0, 14), AQ_ENOENT);
	assert_int_equal(rig_amend(r, id, 9100, AQ_NONE), AQ_ENOENT);
	id = open_order(r, 2);
	assert_int_equal(orders_cancel(&r->f, r->exchange, id, 0, 14), AQ_ENOENT); /* not its own */
	assert_int_equal(orders_cancel(&r->f, r->exchange, 0, 2, 14), AQ_ENOENT);
	expect_requests(r, id, AQ_REQ_NONE, AQ_REQ_NONE, AQ_REQ_NONE);
	end_rig(r);
}

static void test_cancel_all(void **unused)
{
	struct rig *r = new_rig();
	uint64_t a = open_order(r, 1), b = open_order(r, 2), c;

	c = rig_place(r, r->spot, AQ_BUY, 9000, 1000, 3);
	rig_clear(r);
	assert_int_equal(orders_cancel_all(&r->f, r->strategy, 0, r->spot), 1);
	assert_int_equal(rig_order(r, c)->cancel, AQ_REQ_SENT);
	assert_int_equal(orders_cancel_all(&r->f, r->strategy, r->account, 0), 2);
	assert_int_equal(orders_cancel_all(&r->f, r->strategy, 0, 0), 0);
	assert_int_equal(rig_seen(r, r->exchange, AQ_EV_CANCEL), 3);
	assert_int_equal(rig_order(r, a)->cancel + rig_order(r, b)->cancel, 2 * AQ_REQ_SENT);
	end_rig(r);
}

static void test_open_orders_oldest_first(void **unused)
{
	struct rig *r = new_rig();
	struct aq_order out[4];
	uint64_t ids[6];

	for (uint64_t i = 0; i < 6; i++)
		ids[i] = open_order(r, i);
	rig_say(r, ids[2], AQ_UP_CANCELLED, 0);
	open_order(r, 7); /* in the slot of none of these */
	for (int pass = 0; pass < 2; pass++) {
		assert_int_equal(orders_open(&r->f, r->strategy, 0, 0, out, 4), 6);
		for (int i = 0; i < 4; i++)
			assert_int_equal(out[i].id, ids[i < 2 ? i : i + 1]);
		assert_int_equal(orders_open(&r->f, r->strategy, 0, r->spot, out, 4), 0);
		rig_restart(r);
	}
	end_rig(r);
}

/* The table is full of orders that live: no more. One ends: room again. */
static void test_capacity(void **unused)
{
	struct rig *r = new_rig();
	uint64_t first = sent_order(r, 0);

	for (uint64_t i = 1; i < 64; i++)
		sent_order(r, i);
	assert_int_equal(place_code(r, 64), AQ_DENY_CAPACITY);
	rig_say(r, first, AQ_UP_REJECTED, AQ_REQ_PLACE);
	assert_int_equal(place_code(r, 65), AQ_CODE_NONE);
	end_rig(r);
}

/* Orders that come and go faster than their deadlines pass: the last one is watched all the same. */
static void test_every_request_is_watched(void **unused)
{
	struct rig *r = new_rig();
	uint64_t id;

	for (uint64_t i = 0; i < 1000; i++)
		rig_say(r, sent_order(r, i), AQ_UP_REJECTED, AQ_REQ_PLACE);
	id = sent_order(r, 5000);
	sleep_until(r, r->f.now_ns + r->f.options.request_timeout_ns);
	assert_int_equal(rig_order(r, id)->place, AQ_REQ_UNKNOWN);
	assert_int_equal(rig_seen(r, r->exchange, AQ_EV_QUERY), 1);
	end_rig(r);
}

/* ---- no answer ---- */

static void test_timeout_is_unknown(void **unused)
{
	struct rig *r = new_rig();
	uint64_t id = sent_order(r, 1);
	int64_t sent = r->f.now_ns;

	assert_int_equal(flow_due_ns(&r->f), sent + SECOND);
	sleep_until(r, sent + SECOND - 1);
	expect_requests(r, id, AQ_REQ_SENT, AQ_REQ_NONE, AQ_REQ_NONE);
	assert_int_equal(rig_seen(r, r->exchange, AQ_EV_QUERY), 0);
	sleep_until(r, sent + SECOND);
	expect_requests(r, id, AQ_REQ_UNKNOWN, AQ_REQ_NONE, AQ_REQ_NONE);
	assert_int_equal(rig_order(r, id)->state, AQ_SENT);
	assert_int_equal(rig_seen(r, r->exchange, AQ_EV_QUERY), 1);
	assert_int_equal(rig_last(r, r->exchange, AQ_EV_QUERY)->tag, id);
	assert_int_equal(rig_seen(r, r->exchange, AQ_EV_PLACE), 0); /* asked, not sent again */
	assert_int_equal(rig_change(r)->update, 0);
	assert_int_equal(rig_change(r)->order.place, AQ_REQ_UNKNOWN);
	end_rig(r);
}

/* Twice as long from lookup to lookup, up to sixteen times; as long as it takes, and nothing else leaves. */
static void test_lookups_back_off(void **unused)
{
	static const int waits[] = {1, 2, 4, 8, 16, 16, 16, 16};
	struct rig *r = new_rig();
	uint64_t id = sent_order(r, 1);
	int64_t at = r->f.now_ns + SECOND;

	sleep_until(r, at);
	for (size_t i = 0; i < sizeof(waits) / sizeof(*waits); i++) {
		at += waits[i] * SECOND / 5;
		assert_int_equal(flow_due_ns(&r->f), at);
		sleep_until(r, at - 1);
		assert_int_equal(rig_seen(r, r->exchange, AQ_EV_QUERY), 0);
		sleep_until(r, at);
		assert_int_equal(rig_seen(r, r->exchange, AQ_EV_QUERY), 1);
		assert_int_equal(r->count, 1);
	}
	rig_say(r, id, AQ_UP_OPEN, AQ_REQ_LOOKUP);
	expect_requests(r, id, AQ_REQ_NONE, AQ_REQ_NONE, AQ_REQ_NONE);
	for (int i = 0; i < 5; i++) {
		sleep_until(r, flow_due_ns(&r->f));
		assert_int_equal(rig_seen(r, r->exchange, AQ_EV_QUERY), 0);
	}
	end_rig(r);
}

/* The adapter tells of the loss before the deadline: asked at once, and once. */
static void test_answer_lost(void **unused)
{
	struct rig *r = new_rig();
	uint64_t id = open_order(r, 1);

	orders_cancel(&r->f, r->strategy, id, 0, 2);
	rig_clear(r);
	rig_say(r, id, AQ_UP_UNKNOWN, AQ_REQ_CANCEL);
	expect_requests(r, id, AQ_REQ_NONE, AQ_REQ_UNKNOWN, AQ_REQ_NONE);
	assert_int_equal(rig_seen(r, r->exchange, AQ_EV_QUERY), 1);
	rig_clear(r);
	rig_say(r, id, AQ_UP_UNKNOWN, AQ_REQ_CANCEL);
	assert_int_equal(rig_seen(r, r->exchange, AQ_EV_QUERY), 0);
	rig_say(r, id, AQ_UP_CANCELLED, AQ_REQ_LOOKUP);
	assert_int_equal(rig_order(r, id)->state, AQ_CANCELLED);
	end_rig(r);
}

/* "Not found" proves nothing as long as the venue may still accept the order. */
static void test_too_early_for_evidence(void **unused)
{
	struct rig *r = new_rig();
	uint64_t id = sent_order(r, 1);
	int64_t sent = r->f.now_ns;

	sleep_until(r, sent + SECOND);
	for (int i = 0; r->f.now_ns < sent + 5 * SECOND; i++) { /* all that were asked before that moment */
		assert_true(i < 20);
		rig_say(r, id, AQ_UP_NOT_FOUND, AQ_REQ_LOOKUP);
		assert_int_equal(rig_order(r, id)->state, AQ_SENT);
		assert_int_equal(place_code(r, 1), AQ_DENY_TAG_BUSY);
		sleep_until(r, flow_due_ns(&r->f));
	}
	assert_int_equal(rig_seen(r, r->exchange, AQ_EV_QUERY), 1);
	rig_say(r, id, AQ_UP_NOT_FOUND, AQ_REQ_LOOKUP);
	assert_int_equal(rig_order(r, id)->state, AQ_REJECTED);
	assert_int_equal(rig_order(r, id)->code, AQ_VENUE_NOT_RECEIVED);
	assert_int_equal(rig_change(r)->code, AQ_VENUE_NOT_RECEIVED);
	assert_int_equal(place_code(r, 1), AQ_CODE_NONE);
	end_rig(r);
}

/* Nor does an answer that comes after that moment to a question from before it. */
static void test_old_evidence(void **unused)
{
	struct rig *r = new_rig();
	uint64_t id = sent_order(r, 1);
	int64_t sent = r->f.now_ns;
	int asked = 0;

	while (r->f.now_ns < sent + 5 * SECOND) { /* nobody answers yet */
		sleep_until(r, flow_due_ns(&r->f));
		asked += (int)rig_seen(r, r->exchange, AQ_EV_QUERY);
	}
	assert_true(asked > 3);
	while (--asked > 0) {
		rig_say(r, id, AQ_UP_NOT_FOUND, AQ_REQ_LOOKUP);
		assert_int_equal(rig_order(r, id)->state, AQ_SENT);
	}
	rig_say(r, id, AQ_UP_UNKNOWN, AQ_REQ_LOOKUP); /* whose answer was lost is not known: one more is needed */
	sleep_until(r, flow_due_ns(&r->f));
	assert_int_equal(rig_seen(r, r->exchange, AQ_EV_QUERY), 1);
	rig_say(r, id, AQ_UP_NOT_FOUND, AQ_REQ_LOOKUP);
	assert_int_equal(rig_order(r, id)->state, AQ_REJECTED);
	rig_clear(r);
	rig_say(r, id, AQ_UP_OPEN, AQ_REQ_PLACE); /* against all evidence it turns up */
	assert_int_equal(rig_seen(r, r->exchange, AQ_EV_QUERY), 1);
	rig_say(r, id, AQ_UP_OPEN, AQ_REQ_LOOKUP);
	assert_int_equal(rig_seen(r, r->exchange, AQ_EV_CANCEL), 1);
	end_rig(r);
}

/* Neither do the terms from before an amend that may still be carried out. */
static void test_too_early_for_old_terms(void **unused)
{
	struct rig *r = new_rig();
	uint64_t id = open_order(r, 1);
	struct aq_order_update u = rig_news(id, AQ_UP_OPEN, AQ_REQ_LOOKUP);
	int64_t sent = r->f.now_ns;

	u.price = 9000;
	u.qty = 2000;
	assert_int_equal(rig_amend(r, id, 9100, 3000), AQ_OK);
	sleep_until(r, sent + SECOND);
	expect_requests(r, id, AQ_REQ_NONE, AQ_REQ_NONE, AQ_REQ_UNKNOWN);
	rig_update(r, &u);
	expect_requests(r, id, AQ_REQ_NONE, AQ_REQ_NONE, AQ_REQ_UNKNOWN);
	assert_int_equal(ledger_find(&r->f, r->account, r->linear, AQ_NET, AQ_CROSS, AQ_ALL)->open_buy, 3000);
	sleep_until(r, flow_due_ns(&r->f));
	assert_int_equal(rig_seen(r, r->exchange, AQ_EV_QUERY), 1);
	r->f.now_ns = sent + 5 * SECOND;
	rig_update(r, &u);
	expect_requests(r, id, AQ_REQ_NONE, AQ_REQ_NONE, AQ_REQ_NONE);
	assert_int_equal(rig_order(r, id)->price, 9000);
	assert_int_equal(rig_amend(r, id, 9100, 3000), AQ_OK);
	rig_say(r, id, AQ_UP_UNKNOWN, AQ_REQ_AMEND);
	u.price = 9100;
	u.qty = 3000;
	rig_update(r, &u); /* the new terms are proof at once */
	expect_requests(r, id, AQ_REQ_NONE, AQ_REQ_NONE, AQ_REQ_NONE);
	assert_int_equal(rig_order(r, id)->qty, 3000);
	end_rig(r);
}

/* An order that was confirmed cannot be "not found": odd, and looked up again; the same for what cannot follow. */
static void test_odd_news(void **unused)
{
	struct rig *r = new_rig();
	uint64_t id = open_order(r, 1);
	struct aq_order before = *rig_order(r, id);

	rig_say(r, id, AQ_UP_REJECTED, AQ_REQ_PLACE);
	assert_int_equal(r->f.orders.odd, 1);
	assert_int_equal(rig_seen(r, r->exchange, AQ_EV_QUERY), 1);
	r->f.now_ns += 60 * SECOND;
	rig_say(r, id, AQ_UP_NOT_FOUND, AQ_REQ_LOOKUP);
	assert_int_equal(r->f.orders.odd, 2);
	assert_memory_equal(rig_order(r, id), &before, sizeof(before));
	assert_int_equal(rig_seen(r, r->strategy, AQ_EV_ORDER), 0);
	rig_say(r, id, 99, 0);
	assert_int_equal(r->f.orders.odd, 3);
	end_rig(r);
}

/* News that names another account's or another market's order, or makes no sense, changes nothing. */
static void test_absurd_news(void **unused)
{
	struct rig *r = new_rig();
	uint32_t second = flow_account_id(&r->f, "second");
	uint64_t id = open_order(r, 1);
	struct aq_order before = *rig_order(r, id);
	struct aq_order_update u = rig_news(id, AQ_UP_CANCELLED, 0);

	flow_account_bind(&r->f, second, r->exchange, false, AQ_CROSS);
	rig_emit(r, AQ_EV_ORDER_UPDATE, r->linear, second, &u, sizeof(u));
	rig_emit(r, AQ_EV_ORDER_UPDATE, r->spot, r->account, &u, sizeof(u));
	rig_emit(r, AQ_EV_ORDER_UPDATE, r->linear, 0, &u, sizeof(u));
	rig_emit_as(r, r->strategy, AQ_EV_ORDER_UPDATE, r->linear, r->account, &u, sizeof(u));
	rig_emit(r, AQ_EV_ORDER_UPDATE, r->linear, r->account, &u, 8);
	u = rig_news(id, AQ_UP_AMENDED, 0);
	u.qty = -5;
	rig_update(r, &u);
	u.qty = 0;
	rig_update(r, &u);
	u.qty = AQ_NONE;
	u.price = -1;
	rig_update(r, &u);
	u = rig_news(id, AQ_UP_CANCELLED, 0);
	memset(u.text, 'x', sizeof(u.text));
	rig_update(r, &u);
	assert_memory_equal(rig_order(r, id), &before, sizeof(before));
	u = rig_news(id, AQ_UP_CANCELLED, 0);
	u.code = 4711;
	rig_update(r, &u);
	assert_int_equal(rig_change(r)->code, AQ_VENUE_OTHER); /* a plugin gets no code it cannot know */
	end_rig(r);
}

/* ---- the connection ---- */

static void test_connection_lost(void **unused)
{
	struct rig *r = new_rig();
	uint64_t asked = sent_order(r, 4), sent, open = open_order(r, 2), leaving = open_order(r, 3);

	rig_say(r, asked, AQ_UP_UNKNOWN, AQ_REQ_PLACE); /* its next lookup is due in a moment */
	sent = sent_order(r, 1);
	orders_cancel(&r->f, r->strategy, leaving, 0, 4);
	rig_clear(r);
	rig_venue(r, false);
	expect_requests(r, sent, AQ_REQ_UNKNOWN, AQ_REQ_NONE, AQ_REQ_NONE);
	expect_requests(r, open, AQ_REQ_NONE, AQ_REQ_NONE, AQ_REQ_NONE);
	expect_requests(r, leaving, AQ_REQ_NONE, AQ_REQ_UNKNOWN, AQ_REQ_NONE);
	assert_int_equal(rig_order(r, sent)->state, AQ_SENT);
	assert_int_equal(rig_seen(r, r->strategy, AQ_EV_ORDER), 2);
	assert_int_equal(place_code(r, 9), AQ_DENY_VENUE_DOWN);
	for (int i = 0; i < 20; i++) {
		sleep_until(r, r->f.now_ns + SECOND);
		assert_int_equal(rig_seen(r, r->exchange, AQ_EV_QUERY), 0); /* nobody is there to be asked */
	}
	end_rig(r);
}

static void list_order(struct rig *r, uint64_t id, uint8_t update)
{
	rig_say(r, id, update, AQ_REQ_LIST);
}

/* Reconnected: denied until all is known, cancels pass; what the list does not show is asked for. */
static void test_reconcile(void **unused)
{
	struct rig *r = new_rig();
	uint64_t sent = sent_order(r, 1), open = open_order(r, 2), gone = open_order(r, 3);
	const struct aq_trouble *trouble;

	r->f.now_ns += 10 * SECOND;
	rig_venue(r, false);
	rig_clear(r);
	rig_venue(r, true);
	assert_int_equal(rig_seen(r, r->exchange, AQ_EV_RECONCILE), 1);
	assert_int_equal(place_code(r, 9), AQ_DENY_RECONCILING);
	rig_clear(r);
	assert_int_equal(rig_amend(r, open, 9100, AQ_NONE), AQ_OK);
	assert_int_equal(rig_change(r)->code, AQ_DENY_RECONCILING);
	assert_int_equal(orders_cancel(&r->f, r->strategy, open, 0, 5), AQ_OK);
	assert_int_equal(rig_seen(r, r->exchange, AQ_EV_CANCEL), 1);
	rig_emit(r, AQ_EV_RECONCILE_BEGIN, 0, r->account, NULL, 0);
	list_order(r, open, AQ_UP_OPEN);
	rig_clear(r);
	rig_emit(r, AQ_EV_RECONCILE_END, 0, r->account, NULL, 0);
	assert_int_equal(rig_seen(r, r->exchange, AQ_EV_QUERY), 2); /* sent and gone */
	assert_int_equal(place_code(r, 9), AQ_DENY_RECONCILING);
	rig_say(r, open, AQ_UP_NOT_FOUND, AQ_REQ_LOOKUP); /* contradicts the list */
	assert_int_equal(rig_order(r, open)->state, AQ_OPEN);
	rig_say(r, sent, AQ_UP_NOT_FOUND, AQ_REQ_LOOKUP);
	assert_int_equal(rig_order(r, sent)->state, AQ_REJECTED);
	assert_int_equal(place_code(r, 9), AQ_DENY_RECONCILING);
	rig_clear(r);
	rig_say(r, gone, AQ_UP_NOT_FOUND, AQ_REQ_LOOKUP); /* once confirmed, now nowhere: the venue wins */
	assert_int_equal(rig_order(r, gone)->state, AQ_CANCELLED);
	assert_int_equal(rig_order(r, gone)->code, AQ_VENUE_NOT_FOUND);
	assert_true(r->f.accounts[r->account].ready);
	trouble = AQ_BODY(aq_trouble, rig_last(r, r->strategy, AQ_EV_TROUBLE));
	assert_true(trouble->what == AQ_TROUBLE_NOT_READY && trouble->over);
	rig_book(r, r->linear, 9990, 10010);
	assert_int_equal(place_code(r, 9), AQ_CODE_NONE);
	assert_int_equal(rig_order(r, open)->cancel, AQ_REQ_SENT); /* the list does not answer a cancel on its way */
	end_rig(r);
}

/* An account is not in step while an order may still turn up, and the answer to its lookup can be lost. */
static void test_reconcile_waits_for_evidence(void **unused)
{
	struct rig *r = new_rig();
	uint64_t id = sent_order(r, 1), open = open_order(r, 2);
	int64_t sent = r->f.now_ns;

	rig_venue(r, false);
	rig_venue(r, true);
	rig_emit(r, AQ_EV_RECONCILE_BEGIN, 0, r->account, NULL, 0);
	rig_emit(r, AQ_EV_RECONCILE_END, 0, r->account, NULL, 0);
	sleep_until(r, flow_due_ns(&r->f));
	assert_int_equal(rig_seen(r, r->exchange, AQ_EV_QUERY), 2); /* no answer yet: both are asked for again */
	assert_true(r->f.now_ns < sent + 2 * SECOND);
	rig_say(r, open, AQ_UP_OPEN, AQ_REQ_LOOKUP);
	rig_say(r, id, AQ_UP_NOT_FOUND, AQ_REQ_LOOKUP);
	assert_false(r->f.accounts[r->account].ready);
	sleep_until(r, flow_due_ns(&r->f));
	assert_int_equal(rig_seen(r, r->exchange, AQ_EV_QUERY), 1); /* the one that may still turn up, once more */
	rig_say(r, id, AQ_UP_UNKNOWN, AQ_REQ_LOOKUP);               /* an answer that was lost is none */
	assert_false(r->f.accounts[r->account].ready);
	for (int i = 0; !r->f.accounts[r->account].ready; i++) {
		assert_true(i < 20);
		sleep_until(r, flow_due_ns(&r->f));
		rig_say(r, id, AQ_UP_NOT_FOUND, AQ_REQ_LOOKUP);
	}
	assert_true(r->f.now_ns >= sent + 5 * SECOND && r->f.now_ns < sent + 20 * SECOND);
	assert_int_equal(rig_order(r, id)->state, AQ_REJECTED);
	end_rig(r);
}

/* An order, filled while its amend was unknown: where it rested in the end is asked for until the venue has told. */
static struct rig *filled_with_unknown_amend(uint64_t *id)
{
	struct rig *r = new_rig();

	*id = open_order(r, 1);
	assert_int_equal(rig_amend(r, *id, 9100, AQ_NONE), AQ_OK);
	rig_venue(r, false);
	rig_clear(r);
	rig_venue(r, true);
	rig_emit(r, AQ_EV_RECONCILE_BEGIN, 0, r->account, NULL, 0);
	rig_fill(r, *id, 9100, 2000);
	rig_emit(r, AQ_EV_RECONCILE_END, 0, r->account, NULL, 0);
	assert_int_equal(rig_order(r, *id)->state, AQ_FILLED);
	assert_int_equal(rig_order(r, *id)->amend, AQ_REQ_UNKNOWN);
	assert_true(rig_seen(r, r->exchange, AQ_EV_QUERY) >= 1);
	assert_false(r->f.accounts[r->account].ready);
	return r;
}

static void expect_settled(struct rig *r, uint64_t id, aq_px price)
{
	assert_int_equal(rig_order(r, id)->state, AQ_FILLED);
	assert_int_equal(rig_order(r, id)->amend, AQ_REQ_NONE);
	assert_int_equal(rig_order(r, id)->price, price);
	assert_int_equal(rig_order(r, id)->filled, 2000);
	assert_int_equal(r->f.orders.unsure, 0);
}

static void test_last_terms(void **unused)
{
	uint64_t id;
	struct rig *r = filled_with_unknown_amend(&id);
	struct aq_order_update u = rig_news(id, AQ_UP_FILLED, AQ_REQ_LOOKUP);

	rig_clear(r);
	for (int i = 0; rig_seen(r, r->exchange, AQ_EV_QUERY) == 0; i++) { /* the answer was lost */
		assert_true(i < 5);
		sleep_until(r, flow_due_ns(&r->f));
	}
	rig_restart(r); /* and so are we */
	assert_int_equal(r->f.orders.unsure, 1);
	rig_venue(r, true);
	rig_emit(r, AQ_EV_RECONCILE_BEGIN, 0, r->account, NULL, 0);
	rig_clear(r);
	rig_emit(r, AQ_EV_RECONCILE_END, 0, r->account, NULL, 0);
	assert_int_equal(rig_seen(r, r->exchange, AQ_EV_QUERY), 1);
	assert_false(r->f.accounts[r->account].ready);
	u.price = 9100;
	u.qty = u.filled = 2000;
	rig_update(r, &u);
	assert_int_equal(rig_change(r)->order.price, 9100);
	expect_settled(r, id, 9100);
	assert_true(r->f.accounts[r->account].ready);
	rig_clear(r);
	rig_update(r, &u); /* a copy */
	assert_int_equal(rig_seen(r, r->strategy, AQ_EV_ORDER), 0);
	end_rig(r);
}

/* The answer of the amend comes late, or the venue has forgotten the order. */
static void test_last_terms_told_otherwise(void **unused)
{
	static const struct {
		uint8_t update, answers;
		aq_px price, then;
	} ways[] = {{AQ_UP_AMENDED, AQ_REQ_AMEND, 9100, 9100},
		{AQ_UP_AMEND_REJECTED, AQ_REQ_AMEND, AQ_NONE, 9000},
		{AQ_UP_NOT_FOUND, AQ_REQ_LOOKUP, AQ_NONE, 9000}};

	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
		uint64_t id;
		struct rig *r = filled_with_unknown_amend(&id);
		struct aq_order_update u = rig_news(id, AQ_UP_OPEN, AQ_REQ_LIST); /* a list from before is no answer */

		rig_update(r, &u);
		assert_int_equal(r->f.orders.unsure, 1);
		u = rig_news(id, ways[i].update, ways[i].answers);
		u.price = ways[i].price;
		rig_update(r, &u);
		expect_settled(r, id, ways[i].then);
		end_rig(r);
	}
}

/* The table forgets ended orders, these as well. */
static void test_last_terms_forgotten(void **unused)
{
	uint64_t id;
	struct rig *r = filled_with_unknown_amend(&id);

	rig_reconcile(r);
	rig_say(r, id, AQ_UP_OPEN, AQ_REQ_LOOKUP);
	for (uint64_t i = 0; i < r->f.options.max_orders; i++) {
		rig_book(r, r->linear, 9990, 10010);
		rig_say(r, open_order(r, 100 + i), AQ_UP_CANCELLED, 0);
		r->f.now_ns += SECOND;
	}
	assert_null(orders_find(&r->f, id));
	assert_int_equal(r->f.orders.unsure, 0);
	end_rig(r);
}

/* The adapter never answers: asked again and again, never taken for done. */
static void test_reconcile_asks_again(void **unused)
{
	struct rig *r = new_rig();

	rig_venue(r, false);
	rig_venue(r, true);
	for (int i = 0; i < 5; i++) {
		sleep_until(r, flow_due_ns(&r->f));
		assert_int_equal(rig_seen(r, r->exchange, AQ_EV_RECONCILE), 1);
		assert_false(r->f.accounts[r->account].ready);
	}
	rig_emit(r, AQ_EV_RECONCILE_END, 0, r->account, NULL, 0); /* an end without a beginning */
	assert_false(r->f.accounts[r->account].ready);
	rig_reconcile(r);
	assert_true(r->f.accounts[r->account].ready);
	end_rig(r);
}

/* ---- the venue knows more than we do ---- */

static struct aq_order_update stranger(uint64_t id, uint8_t side, aq_qty qty)
{
	struct aq_order_update u = rig_news(id, AQ_UP_OPEN, AQ_REQ_LIST);

	u.side = side;
	u.price = 9500;
	u.qty = qty;
	snprintf(u.venue_id, sizeof(u.venue_id), "v-%llu", (unsigned long long)id);
	return u;
}

/* An order of others that rests on our account is booked to `external`: it holds, fills, ends like any other. */
static void test_adoption(void **unused)
{
	struct rig *r = new_rig();
	struct aq_order_update u = stranger(4711, AQ_SELL, 3000);
	struct aq_position all;

	rig_emit(r, AQ_EV_RECONCILE_BEGIN, 0, r->account, NULL, 0);
	rig_emit(r, AQ_EV_ORDER_UPDATE, r->linear, r->account, &u, sizeof(u));
	assert_int_equal(rig_order(r, 4711)->instance, 0);
	assert_int_equal(rig_order(r, 4711)->state, AQ_OPEN);
	assert_string_equal(rig_order(r, 4711)->venue_id, "v-4711");
	assert_int_equal(ledger_find(&r->f, r->account, r->linear, AQ_NET, AQ_CROSS, AQ_ALL)->open_sell, 3000);
	rig_emit(r, AQ_EV_RECONCILE_END, 0, r->account, NULL, 0);
	assert_true(r->f.accounts[r->account].ready); /* listed, so it need not be looked up */
	assert_int_equal(rig_seen(r, r->strategy, AQ_EV_ORDER), 0);
	rig_fill(r, 4711, 9500, 1000);
	ledger_position(&r->f, r->account, r->linear, AQ_ALL, &all);
	assert_int_equal(all.qty, -1000);
	rig_restart(r);
	assert_int_equal(rig_order(r, 4711)->filled, 1000);
	rig_fill(r, 4711, 9500, 2000);
	assert_int_equal(rig_order(r, 4711)->state, AQ_FILLED);
	assert_int_equal(r->f.orders.last_id, 0); /* its number is not one of ours */
	end_rig(r);
}

static void test_no_adoption(void **unused)
{
	struct rig *r = new_rig();
	struct aq_order_update u = stranger(1, AQ_BUY, 0);

	rig_emit(r, AQ_EV_ORDER_UPDATE, r->linear, r->account, &u, sizeof(u));
	u = stranger(2, 7, 1000);
	rig_emit(r, AQ_EV_ORDER_UPDATE, r->linear, r->account, &u, sizeof(u));
	u = stranger(3, AQ_BUY, 1000);
	u.price = -1;
	rig_emit(r, AQ_EV_ORDER_UPDATE, r->linear, r->account, &u, sizeof(u));
	u = stranger(4, AQ_BUY, 1000);
	u.position_side = 9;
	rig_emit(r, AQ_EV_ORDER_UPDATE, r->linear, r->account, &u, sizeof(u));
	u = stranger(5, AQ_BUY, 1000);
	u.update = AQ_UP_CANCELLED; /* over before we heard of it */
	rig_emit(r, AQ_EV_ORDER_UPDATE, r->linear, r->account, &u, sizeof(u));
	u = stranger(0, AQ_BUY, 1000);
	rig_emit(r, AQ_EV_ORDER_UPDATE, r->linear, r->account, &u, sizeof(u));
	u = stranger(8, AQ_BUY, 1000);
	u.answers = AQ_REQ_PLACE; /* a late answer: one of ours that ended long ago */
	rig_emit(r, AQ_EV_ORDER_UPDATE, r->linear, r->account, &u, sizeof(u));
	u = stranger(6, AQ_BUY, INT64_MAX); /* two such do not fit one sum */
	rig_emit(r, AQ_EV_ORDER_UPDATE, r->linear, r->account, &u, sizeof(u));
	u = stranger(7, AQ_BUY, INT64_MAX);
	rig_emit(r, AQ_EV_ORDER_UPDATE, r->linear, r->account, &u, sizeof(u));
	assert_int_equal(r->f.meter.open, 1);
	assert_non_null(orders_find(&r->f, 6));
	rig_restart(r);
	assert_int_equal(r->f.meter.open, 1);
	end_rig(r);
}

/* More strangers than the table has room for: said, not taken, and nothing breaks. */
static void test_adoption_without_room(void **unused)
{
	struct rig *r = new_rig();

	for (uint64_t i = 1; i <= 70; i++) {
		struct aq_order_update u = stranger(i, AQ_BUY, 1000);

		rig_emit(r, AQ_EV_ORDER_UPDATE, r->linear, r->account, &u, sizeof(u));
	}
	assert_int_equal(r->f.meter.open, 64);
	rig_restart(r);
	assert_int_equal(r->f.meter.open, 64);
	end_rig(r);
}

/* The venue counts more fills than arrived: the list brings them; if it does not, once more with all fills ever. */
static void test_missing_fills(void **unused)
{
	struct rig *r = new_rig();
	uint64_t id = open_order(r, 1), other = open_order(r, 2);
	struct aq_order_update u = rig_news(id, AQ_UP_OPEN, 0);
	uint64_t since;

	r->f.now_ns += 3600 * SECOND;
	rig_fill(r, other, 9000, 1000); /* so that fills of an hour ago count as known */
	rig_clear(r);
	u.filled = 1000;
	rig_update(r, &u);
	assert_int_equal(rig_seen(r, r->exchange, AQ_EV_RECONCILE), 1);
	since = rig_last(r, r->exchange, AQ_EV_RECONCILE)->tag;
	assert_true(since > 0 && (int64_t)since <= rig_order(r, id)->created_ns);
	assert_false(r->f.accounts[r->account].ready);
	rig_venue(r, false); /* cut off: the next list must reach as far back */
	rig_clear(r);
	rig_venue(r, true);
	assert_int_equal(rig_last(r, r->exchange, AQ_EV_RECONCILE)->tag, since);
	rig_emit(r, AQ_EV_RECONCILE_BEGIN, 0, r->account, NULL, 0);
	rig_clear(r);
	u.answers = AQ_REQ_LIST;
	rig_update(r, &u);
	assert_int_equal(rig_seen(r, r->exchange, AQ_EV_RECONCILE), 0); /* the list is under way */
	list_order(r, other, AQ_UP_OPEN);
	rig_emit(r, AQ_EV_RECONCILE_END, 0, r->account, NULL, 0);
	assert_true(r->f.accounts[r->account].ready);
	u.answers = 0;
	rig_update(r, &u);
	assert_int_equal(rig_seen(r, r->exchange, AQ_EV_RECONCILE), 1);
	assert_int_equal(rig_last(r, r->exchange, AQ_EV_RECONCILE)->tag, 0);
	rig_emit(r, AQ_EV_RECONCILE_BEGIN, 0, r->account, NULL, 0);
	rig_fill(r, id, 9000, 1000);
	list_order(r, id, AQ_UP_OPEN);
	list_order(r, other, AQ_UP_OPEN);
	rig_emit(r, AQ_EV_RECONCILE_END, 0, r->account, NULL, 0);
	rig_clear(r);
	rig_update(r, &u);
	assert_int_equal(rig_seen(r, r->exchange, AQ_EV_RECONCILE), 0);
	assert_int_equal(rig_order(r, id)->filled, 1000);
	u.filled = 1500; /* a venue that counts what it never lists is not asked for ever */
	rig_update(r, &u);
	assert_int_equal(rig_seen(r, r->exchange, AQ_EV_RECONCILE), 0);
	end_rig(r);
}

/* Filled, says the venue, and never lists the fills: asked twice, then the order ends all the same. */
static void test_filled_without_fills(void **unused)
{
	struct rig *r = new_rig();
	uint64_t id = open_order(r, 1);
	struct aq_order_update u = rig_news(id, AQ_UP_FILLED, AQ_REQ_LOOKUP);

	u.filled = 2000;
	rig_update(r, &u);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(rig_seen(r, r->exchange, AQ_EV_RECONCILE), 1);
		assert_int_equal(rig_order(r, id)->state, AQ_OPEN);
		rig_emit(r, AQ_EV_RECONCILE_BEGIN, 0, r->account, NULL, 0);
		rig_clear(r);
		rig_emit(r, AQ_EV_RECONCILE_END, 0, r->account, NULL, 0);
		assert_int_equal(rig_seen(r, r->exchange, AQ_EV_QUERY), 1);
		assert_false(r->f.accounts[r->account].ready);
		rig_update(r, &u);
	}
	assert_int_equal(rig_order(r, id)->state, AQ_CANCELLED);
	assert_true(r->f.accounts[r->account].ready);
	rig_fill(r, id, 9000, 2000); /* late, and booked */
	assert_int_equal(rig_order(r, id)->filled, 2000);
	end_rig(r);
}

/* An order that has ended for us rests at the venue: asked once more, and if that is so, taken out there. */
static void test_comes_back(void **unused)
{
	const uint8_t ends[] = {AQ_UP_REJECTED, AQ_UP_CANCELLED, AQ_UP_EXPIRED};

	for (size_t i = 0; i < sizeof(ends); i++) {
		struct rig *r = new_rig();
		uint64_t id = sent_order(r, 1);

		rig_say(r, id, ends[i], 0);
		assert_true(order_is_final(rig_order(r, id)));
		rig_clear(r);
		rig_say(r, id, AQ_UP_OPEN, AQ_REQ_LOOKUP); /* a late copy, nobody has asked */
		assert_int_equal(rig_seen(r, r->exchange, AQ_EV_CANCEL), 0);
		list_order(r, id, AQ_UP_OPEN);
		assert_int_equal(rig_seen(r, r->exchange, AQ_EV_QUERY), 1);
		assert_int_equal(rig_seen(r, r->exchange, AQ_EV_CANCEL), 0);
		rig_say(r, id, AQ_UP_OPEN, AQ_REQ_LOOKUP);
		assert_int_equal(rig_seen(r, r->exchange, AQ_EV_CANCEL), 1);
		assert_true(order_is_final(rig_order(r, id)));
		end_rig(r);
	}
}

/* ---- restarts ---- */

/* What was on its way has an unknown end; nothing is sent again; the account is not in step. */
static void test_restart(void **unused)
{
	struct rig *r = new_rig();
	uint64_t sent = sent_order(r, 1), open = open_order(r, 2), last;

	orders_cancel(&r->f, r->strategy, open, 0, 77);
	last = r->f.orders.last_id;
	rig_restart(r);
	expect_requests(r, sent, AQ_REQ_UNKNOWN, AQ_REQ_NONE, AQ_REQ_NONE);
	expect_requests(r, open, AQ_REQ_NONE, AQ_REQ_UNKNOWN, AQ_REQ_NONE);
	assert_int_equal(rig_order(r, open)->cancel_tag, 77);
	assert_ptr_equal(orders_by_tag(&r->f, r->strategy, 1), orders_find(&r->f, sent));
	assert_int_equal(r->f.instances[r->strategy].meter.open, 2);
	assert_int_equal(place_code(r, 9), AQ_DENY_VENUE_DOWN);
	assert_true(r->f.orders.last_id > last + 1000); /* the tail of the journal may be gone, and ids with it */
	rig_venue(r, true);
	assert_int_equal(place_code(r, 9), AQ_DENY_RECONCILING);
	assert_int_equal(rig_seen(r, r->exchange, AQ_EV_PLACE), 0);
	end_rig(r);
}

static void expect_same(const struct rig_facts *a, const struct rig_facts *b)
{
	assert_int_equal(a->length, b->length);
	assert_memory_equal(a->bytes, b->bytes, a->length);
}

/* A snapshot read back tells the same facts, byte for byte. */
static void test_snapshot(void **unused)
{
	struct rig *r = new_rig();
	struct rig_facts before, after;
	struct aq_cashflow cash = {.size = sizeof(cash), .amount = aq_amt_of(-3), .asset = "USDT", .id = "c1"};
	struct aq_order_update u = stranger(4711, AQ_BUY, 1000);
	struct aq_fill fee;

	rig_emit(r, AQ_EV_CASHFLOW, 0, r->account, &cash, sizeof(cash));
	rig_emit(r, AQ_EV_ORDER_UPDATE, r->spot, r->account, &u, sizeof(u));
	for (uint64_t i = 1; i < 90; i++) {
		uint64_t id = open_order(r, i);

		fee = rig_fill_of(r, id, AQ_BUY, 9000, 1000, 0);
		fee.fee = aq_amt_of(1);
		memcpy(fee.fee_asset, i % 2 == 0 ? "USDT" : "BTC", 4);
		rig_emit_fill(r, r->linear, &fee);
		if (i % 7 != 0)
			rig_say(r, id, i % 3 == 0 ? AQ_UP_CANCELLED : AQ_UP_EXPIRED, 0);
		if (i % 5 == 0)
			rig_place(r, r->linear, AQ_BUY, 9000, 0, 1000); /* denied */
	}
	r->f.meter.limits.loss_day = aq_amt_of(1000);
	flow_tick(&r->f);
	rig_place(r, r->spot, AQ_BUY, 9000, 1000, 500);
	before = rig_snapshot(r);
	flow_finish(&r->f);
	flow_init(&r->f, &(struct flow_options){.max_orders = 64, .max_fills = 64, .report_currency = "USDT"});
	rig_apply(r, &before);
	after = rig_snapshot(r);
	expect_same(&before, &after);
	free(before.bytes);
	free(after.bytes);
	end_rig(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_ids), cmocka_unit_test(test_tag_busy),
		cmocka_unit_test(test_many_tags), cmocka_unit_test(test_in_flight), cmocka_unit_test(test_cancel_all),
		cmocka_unit_test(test_open_orders_oldest_first), cmocka_unit_test(test_capacity),
		cmocka_unit_test(test_every_request_is_watched), cmocka_unit_test(test_timeout_is_unknown),
		cmocka_unit_test(test_lookups_back_off), cmocka_unit_test(test_answer_lost),
		cmocka_unit_test(test_too_early_for_evidence), cmocka_unit_test(test_old_evidence),
		cmocka_unit_test(test_too_early_for_old_terms), cmocka_unit_test(test_odd_news),
		cmocka_unit_test(test_absurd_news), cmocka_unit_test(test_connection_lost),
		cmocka_unit_test(test_reconcile), cmocka_unit_test(test_reconcile_waits_for_evidence),
		cmocka_unit_test(test_last_terms), cmocka_unit_test(test_last_terms_told_otherwise),
		cmocka_unit_test(test_last_terms_forgotten),
		cmocka_unit_test(test_reconcile_asks_again), cmocka_unit_test(test_adoption),
		cmocka_unit_test(test_no_adoption), cmocka_unit_test(test_adoption_without_room),
		cmocka_unit_test(test_missing_fills), cmocka_unit_test(test_filled_without_fills),
		cmocka_unit_test(test_comes_back), cmocka_unit_test(test_restart),
		cmocka_unit_test(test_snapshot)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
