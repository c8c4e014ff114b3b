/* test_sim_adapter.c: the adapter of the simulated exchange, as the plugin that it is, against a host made of lists:
 * what it emits and what it sends. */
#include "sim_fake.h"

/* Hello, welcome with two instruments, up. */
static struct fake *inside_and_up(void)
{
	struct fake *f = fake_new("");
	struct tape t = {.length = 0};
	download_end(f);
	next_sent(f, SIM_HELLO);
	say_welcome(&t, 2, false, false, MS(0));
	hear(f, &t);
	next_record(f, AQ_EV_VENUE);
	all_read(f);
	return f;
}

static void hello_names_the_accounts(void **state)
{
	struct fake *f = fake_new("");
	assert_int_equal(f->sent_count, 0);
	want(f, 102, AQ_SUB_BOOK, AQ_EV_DOWNLOADED);
	download_end(f);
	const struct sim_hello *h = SIM_BODY(sim_hello, next_sent(f, SIM_HELLO));
	assert_int_equal(h->version, SIM_VERSION);
	assert_int_equal(h->accounts, 2);
	assert_string_equal((const char *)(h + 1), "main");
	assert_string_equal((const char *)(h + 1) + 48, "second");
	all_read(f);
	struct tape t = {.length = 0};
	say_welcome(&t, 2, false, false, MS(0));
	hear(f, &t);
	assert_int_equal(f->instrument_count, 2);
	assert_int_equal(AQ_BODY(aq_venue, next_record(f, AQ_EV_VENUE))->up, 1);
	const struct sim_frame *s = next_sent(f, SIM_SUBSCRIBE);
	assert_int_equal(s->market, 2);
	assert_int_equal(SIM_BODY(sim_subscribe, s)->mask, AQ_SUB_BOOK);
	give_account(f, 11, "third", 0);
	assert_int_equal(SIM_BODY(sim_hello, next_sent(f, SIM_HELLO))->accounts, 3);
	t.length = 0;
	say_welcome(&t, 2, false, true, MS(0)); /* resumed: nothing is told or asked again */
	hear(f, &t);
	all_read(f);
	fake_destroy(f);
}

static void market_frames_become_records(void **state)
{
	struct fake *f = inside_and_up();
	struct tape t = {.length = 0};
	SNAPSHOT(&t, 2, 1, 1, 1, 99, 2, 101, 3);
	tape_trade(&t, 1, MS(2), 100, 1, AQ_BUY);
	tape_ticker(&t, 2, MS(2), 99, 101);
	tape_funding(&t, 2, MS(2), 100);
	tape_trade(&t, 3, MS(2), 100, 1, AQ_BUY); /* no such market */
	hear(f, &t);
	const struct aq_event *e = next_record(f, AQ_EV_BOOK_UPDATE);
	assert_int_equal(e->instrument, 102);
	assert_int_equal(e->venue_ns, MS(1) - 1000);
	assert_int_equal(e->size, sizeof *e + sizeof(struct aq_book_update) + 2 * sizeof(struct aq_level));
	assert_int_equal(AQ_BOOK_LEVELS(AQ_BODY(aq_book_update, e))[1].price, PX(101));
	e = next_record(f, AQ_EV_TRADE);
	assert_int_equal(e->instrument, 101);
	assert_int_equal(AQ_BODY(aq_trade, e)->price, PX(100));
	assert_int_equal(AQ_BODY(aq_ticker, next_record(f, AQ_EV_TICKER))->ask, PX(101));
	assert_int_equal(AQ_BODY(aq_funding, next_record(f, AQ_EV_FUNDING))->mark, PX(100));
	all_read(f);
	fake_destroy(f);
}

static void account_frames_become_records(void **state)
{
	struct fake *f = inside_and_up();
	struct tape t = {.length = 0};
	say_fill(&t, 2);
	say_fill(&t, 3); /* an account that was never named */
	struct sim_frame *o = tape_frame(&t, SIM_ORDER, 1, MS(3), sizeof(struct sim_order));
	((struct sim_order *)(void *)(o + 1))->account = 1;
	((struct sim_order *)(void *)(o + 1))->update = (struct aq_order_update){
		.size = sizeof(struct aq_order_update), .update = AQ_UP_OPEN, .answers = AQ_REQ_PLACE, .order = 5};
	struct sim_frame *b = tape_frame(&t, SIM_BALANCE, 0, MS(3), sizeof(struct sim_balance));
	*(struct sim_balance *)(void *)(b + 1) =
		(struct sim_balance){.account = 1, .asset = "USDT", .total = aq_amt_of(5), .locked = aq_amt_of(1)};
	struct sim_frame *p = tape_frame(&t, SIM_POSITION, 2, MS(3), sizeof(struct sim_position));
	*(struct sim_position *)(void *)(p + 1) =
		(struct sim_position){.account = 2, .position_side = AQ_LONG, .qty = QTY(3)};
	struct sim_frame *c = tape_frame(&t, SIM_CASHFLOW, 0, MS(3), sizeof(struct sim_cashflow));
	((struct sim_cashflow *)(void *)(c + 1))->account = 1;
	((struct sim_cashflow *)(void *)(c + 1))->flow =
		(struct aq_cashflow){.size = sizeof(struct aq_cashflow), .id = "x"};
	struct sim_frame *l = tape_frame(&t, SIM_LIST_BEGIN, 0, MS(3), sizeof(struct sim_list));
	((struct sim_list *)(void *)(l + 1))->account = 2;
	l = tape_frame(&t, SIM_LIST_END, 0, MS(3), sizeof(struct sim_list));
	((struct sim_list *)(void *)(l + 1))->account = 2;
	hear(f, &t);
	const struct aq_event *e = next_record(f, AQ_EV_VENUE_FILL);
	assert_int_equal(e->account, 9);
	assert_int_equal(e->instrument, 102);
	assert_int_equal(AQ_BODY(aq_fill, e)->account, 9);
	assert_int_equal(AQ_BODY(aq_fill, e)->instrument, 102);
	assert_int_equal(AQ_BODY(aq_fill, e)->order, 55);
	e = next_record(f, AQ_EV_ORDER_UPDATE);
	assert_int_equal(e->account, 7);
	assert_int_equal(AQ_BODY(aq_order_update, e)->answers, AQ_REQ_PLACE);
	e = next_record(f, AQ_EV_BALANCE);
	assert_int_equal(AQ_BODY(aq_balance, e)->account, 7);
	assert_amt(AQ_BODY(aq_balance, e)->total, "5");
	e = next_record(f, AQ_EV_VENUE_POSITION);
	assert_int_equal(AQ_BODY(aq_position, e)->qty, QTY(3));
	assert_int_equal(AQ_BODY(aq_position, e)->account, 9);
	assert_string_equal(AQ_BODY(aq_cashflow, next_record(f, AQ_EV_CASHFLOW))->id, "x");
	assert_int_equal(next_record(f, AQ_EV_RECONCILE_BEGIN)->account, 9);
	next_record(f, AQ_EV_RECONCILE_END);
	all_read(f);
	fake_destroy(f);
}

static void intents_become_frames(void **state)
{
	struct fake *f = inside_and_up();
	struct aq_order o = an_order();
	f->now_ns = MS(50);
	give_order(f, AQ_EV_PLACE, &o);
	const struct sim_frame *s = next_sent(f, SIM_PLACE);
	const struct sim_request *q = SIM_BODY(sim_request, s);
	assert_int_equal(s->market, 2);
	assert_int_equal(q->account, 2);
	assert_int_equal(q->order, 55);
	assert_int_equal(q->price, PX(101));
	assert_int_equal(q->qty, QTY(2));
	assert_int_equal(q->expiry_ns, MS(99));
	assert_int_equal(q->tif, AQ_GTD);
	assert_int_equal(q->post_only, 1);
	assert_int_equal(q->self_trade, AQ_ST_CANCEL_MAKER);
	give_order(f, AQ_EV_AMEND, &o);
	q = SIM_BODY(sim_request, next_sent(f, SIM_AMEND));
	assert_int_equal(q->price, PX(102));
	assert_int_equal(q->qty, AQ_NONE);
	give_order(f, AQ_EV_CANCEL, &o);
	next_sent(f, SIM_CANCEL);
	give_order(f, AQ_EV_QUERY, &o);
	assert_int_equal(SIM_BODY(sim_request, next_sent(f, SIM_QUERY))->order, 55);
	struct aq_event e = {.size = sizeof e, .type = AQ_EV_RECONCILE, .account = 9, .tag = (uint64_t)MS(4)};
	f->plugin->on_event(f->self, &e);
	const struct sim_list *l = SIM_BODY(sim_list, next_sent(f, SIM_LIST));
	assert_int_equal(l->account, 2);
	assert_int_equal(l->since_ns, MS(4));
	o.display_qty = QTY(1);
	give_order(f, AQ_EV_PLACE, &o);
	const struct aq_order_update *u = AQ_BODY(aq_order_update, next_record(f, AQ_EV_ORDER_UPDATE));
	assert_int_equal(u->update, AQ_UP_REJECTED);
	all_read(f);
	fake_destroy(f);
}

static void what_cannot_leave_is_answered(void **state)
{
	static const struct {
		uint16_t intent;
		uint8_t update, answers;
	} cases[] = {{AQ_EV_PLACE, AQ_UP_REJECTED, AQ_REQ_PLACE}, {AQ_EV_CANCEL, AQ_UP_CANCEL_REJECTED, AQ_REQ_CANCEL},
		{AQ_EV_AMEND, AQ_UP_AMEND_REJECTED, AQ_REQ_AMEND}, {AQ_EV_QUERY, AQ_UP_UNKNOWN, AQ_REQ_LOOKUP}};
	struct fake *down = fake_new("socket:/nowhere"), *full = inside_and_up();
	struct aq_order o = an_order();
	full->send_answer = AQ_EAGAIN;
	for (int i = 0; i < 4; i++) {
		struct fake *both[] = {down, full};
		for (int n = 0; n < 2; n++) {
			give_order(both[n], cases[i].intent, &o);
			const struct aq_event *e = next_record(both[n], AQ_EV_ORDER_UPDATE);
			assert_int_equal(e->account, 9);
			assert_int_equal(AQ_BODY(aq_order_update, e)->update, cases[i].update);
			assert_int_equal(AQ_BODY(aq_order_update, e)->answers, cases[i].answers);
			assert_int_equal(AQ_BODY(aq_order_update, e)->order, 55);
		}
	}
	fake_destroy(down);
	fake_destroy(full);
}

static void morning(struct tape *t)
{
	say_welcome(t, 2, false, false, MS(0));
	SNAPSHOT(t, 2, 1, 3, 3, 99, 2, 98, 2, 97, 2, 101, 3, 102, 3, 103, 3);
	for (int i = 2; i < 40; i++)
		tape_trade(t, (uint16_t)(1 + i % 2), MS(i), 100, i, AQ_BUY);
	say_fill(t, 1);
}

static void chunks_of_any_size_say_the_same(void **state)
{
	struct tape t = {.length = 0};
	morning(&t);
	struct fake *whole = outside();
	hear_chunks(whole, t.bytes, t.length, 50000);
	static const uint32_t sizes[] = {1, 3, 7, 8, 31, 100, 1000, 4096};
	for (int i = 0; i < 8; i++) {
		struct fake *f = outside();
		hear_chunks(f, t.bytes, t.length, sizes[i]);
		assert_int_equal(f->record_count, whole->record_count);
		for (uint32_t n = 0; n < f->record_count; n++) {
			assert_int_equal(f->records[n]->size, whole->records[n]->size);
			assert_memory_equal(f->records[n], whole->records[n], f->records[n]->size);
		}
		fake_destroy(f);
	}
	assert_int_equal(whole->record_count, 1 + 1 + 38 + 1);
	fake_destroy(whole);
}

static void a_reload_within_a_frame_loses_nothing(void **state)
{
	struct tape t = {.length = 0};
	morning(&t);
	struct fake *whole = outside();
	hear_chunks(whole, t.bytes, t.length, 50000);
	for (uint32_t cut = 0; cut < t.length; cut += 333) {
		struct fake *f = outside();
		hear_chunks(f, t.bytes, cut, 50000);
		save(f);
		save_and_load(f);
		download_again(f, 1);
		hear_chunks(f, t.bytes + cut, t.length - cut, 50000);
		assert_int_equal(f->connections, 1);
		assert_int_equal(f->record_count, whole->record_count);
		for (uint32_t n = 0; n < f->record_count; n++)
			assert_memory_equal(f->records[n], whole->records[n], f->records[n]->size);
		assert_int_equal(f->sent_count, 1);
		fake_destroy(f);
	}
	fake_destroy(whole);
}

static void a_reload_inside_the_host_is_quiet(void **state)
{
	for (int restart = 0; restart < 2; restart++) {
		struct fake *f = inside_and_up();
		struct tape t = {.length = 0};
		save(f);
		save_and_load(f);
		give(f, AQ_EV_DOWNLOAD_BEGIN, AQ_EV_DOWNLOADED, 0, NULL, 0);
		want(f, 102, AQ_SUB_TRADES, AQ_EV_DOWNLOADED);
		download_again(f, 0);
		next_sent(f, SIM_HELLO);
		tape_trade(&t, 2, MS(1), 100, 1, AQ_BUY); /* before the answer */
		say_welcome(&t, 2, false, restart == 0, MS(0));
		hear(f, &t);
		assert_int_equal(next_record(f, AQ_EV_TRADE)->instrument, 102);
		if (restart == 1) /* a venue that has never seen us: a new process with the state of one before */
			assert_int_equal(AQ_BODY(aq_venue, next_record(f, AQ_EV_VENUE))->up, 1);
		all_read(f);
		fake_destroy(f);
	}
}

static void a_reload_of_a_blocked_adapter_goes_on(void **state)
{
	struct tape t = {.length = 0};
	morning(&t);
	struct fake *f = outside();
	f->room = 5;
	hear_chunks(f, t.bytes, t.length, 50000);
	save(f);
	save_and_load(f);
	download_again(f, 1);
	f->room = KEPT;
	give(f, AQ_EV_POST, 0, 0, NULL, 0); /* the old code's */
	assert_int_equal(f->record_count, 41);
	fake_destroy(f);
}

static void a_restart_begins_anew(void **state)
{
	struct tape t = {.length = 0};
	morning(&t);
	struct fake *f = outside();
	hear_chunks(f, t.bytes, t.length - 4, 50000);
	save(f);
	save_and_load(f);
	download_again(f, 0); /* no connection is open: the state of a process before */
	assert_int_equal(f->connections, 2);
	give(f, AQ_EV_NET_OPEN, 0, 2, NULL, 0);
	next_sent(f, SIM_HELLO);
	f->record_read = f->record_count;
	hear_chunks(f, t.bytes, t.length, 50000);
	assert_int_equal(AQ_BODY(aq_venue, next_record(f, AQ_EV_VENUE))->up, 1);
	next_record(f, AQ_EV_BOOK_UPDATE);
	fake_destroy(f);
}

static void a_reload_without_state_reconnects(void **state)
{
	struct tape t = {.length = 0};
	morning(&t);
	struct fake *f = outside();
	hear_chunks(f, t.bytes, t.length - 4, 50000);
	struct aq_err err = {0};
	void *before = f->self;
	fake_create(f);
	f->plugin->destroy(before);
	assert_int_equal(f->plugin->start(f->self, &err), AQ_OK);
	download_again(f, 1);
	assert_int_equal(f->closed, 1);
	assert_int_equal(f->connections, 2);
	fake_destroy(f);
}

static void garbage_state_is_refused(void **state)
{
	struct fake *f = outside();
	struct aq_err err = {0};
	save(f);
	struct aq_reader in = {.size = sizeof in, .schema = f->plugin->state_schema, .bytes = f->saved,
		.length = f->saved_length - 1};
	assert_true(f->plugin->load(f->self, &in, &err) < 0);
	in.length = 3;
	assert_true(f->plugin->load(f->self, &in, &err) < 0);
	in.length = f->saved_length;
	memset(f->saved, 0xff, f->saved_length);
	assert_true(f->plugin->load(f->self, &in, &err) < 0);
	fake_destroy(f);
}

static void garbage_closes_and_comes_back(void **state)
{
	struct tape t = {.length = 0};
	say_welcome(&t, 2, false, false, MS(0));
	struct fake *f = outside();
	hear_chunks(f, t.bytes, t.length, 50000);
	assert_int_equal(AQ_BODY(aq_venue, next_record(f, AQ_EV_VENUE))->up, 1);
	uint8_t garbage[64];
	memset(garbage, 0xaa, sizeof garbage);
	int64_t delays[] = {0, 100, 200, 400, 800, 1600, 3200, 5000, 5000};
	for (int i = 0; i < 9; i++) {
		f->now_ns = MS(1000 * i);
		hear_chunks(f, garbage, sizeof garbage, 64);
		assert_int_equal(f->closed, f->connections);
		if (i == 0) {
			const struct aq_venue *v = AQ_BODY(aq_venue, next_record(f, AQ_EV_VENUE));
			assert_int_equal(v->up, 0);
			assert_non_null(strstr(v->text, "frame"));
		}
		all_read(f); /* said once, not at each attempt */
		assert_int_equal(f->timer_ns, f->now_ns + delays[i] * 1000000);
		give(f, AQ_EV_TIMER, 0, f->timer_tag, NULL, 0);
		assert_int_equal(f->connections, i + 2);
		give(f, AQ_EV_NET_OPEN, 0, (uint64_t)f->connections, NULL, 0);
		next_sent(f, SIM_HELLO);
	}
	hear_chunks(f, t.bytes, t.length, 50000);
	assert_int_equal(AQ_BODY(aq_venue, next_record(f, AQ_EV_VENUE))->up, 1);
	give(f, AQ_EV_NET_CLOSED, 0, (uint64_t)f->connections, "reset by peer", 14);
	const struct aq_venue *v = AQ_BODY(aq_venue, next_record(f, AQ_EV_VENUE));
	assert_int_equal(v->up, 0);
	assert_string_equal(v->text, "reset by peer");
	assert_int_equal(f->timer_ns, f->now_ns); /* it was up in between: at once again */
	fake_destroy(f);
}

static void any_bit_of_the_stream_may_be_wrong(void **state)
{
	struct tape t = {.length = 0};
	morning(&t);
	for (uint32_t bit = 0; bit < t.length * 8; bit += 101) {
		struct fake *f = outside();
		t.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
		hear_chunks(f, t.bytes, t.length, 1000);
		t.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_true(f->record_count <= 42);
		fake_destroy(f);
	}
}

static void a_full_queue_loses_nothing(void **state)
{
	struct tape t = {.length = 0};
	morning(&t);
	struct fake *f = outside();
	f->room = 5;
	hear_chunks(f, t.bytes, t.length, 50000);
	assert_int_equal(f->record_count, 5);
	assert_int_equal(f->posts, 1);
	f->room = 0;
	give(f, AQ_EV_POST, 0, 0, NULL, 0);
	assert_int_equal(f->record_count, 5);
	assert_int_equal(f->posts, 2);
	f->room = KEPT;
	give(f, AQ_EV_POST, 0, 0, NULL, 0);
	assert_int_equal(f->record_count, 41);
	assert_int_equal(f->records[40]->type, AQ_EV_VENUE_FILL);
	fake_destroy(f);
}

/* --- the venue's clock --- */
static void tick(struct tape *t, int64_t ms)
{
	tape_frame(t, SIM_TICK, 0, MS(ms), 0);
}

static void a_moment_is_done_when_it_is_whole_and_settled(void **state)
{
	struct fake *f = outside();
	struct tape t = {.length = 0};
	say_welcome(&t, 2, true, false, MS(0));
	tick(&t, 0);
	hear_chunks(f, t.bytes, t.length, 50000);
	assert_int_equal(f->clock_ns, MS(0));
	next_record(f, AQ_EV_VENUE);
	give(f, AQ_EV_SETTLED, 0, (uint64_t)MS(77), NULL, 0);
	assert_int_equal(SIM_BODY(sim_done, next_sent(f, SIM_DONE))->next_timer_ns, MS(77));
	give(f, AQ_EV_SETTLED, 0, (uint64_t)MS(77), NULL, 0); /* nothing new */
	all_read(f);

	t.length = 0;
	tape_trade(&t, 1, MS(5), 100, 1, AQ_BUY);
	tape_trade(&t, 1, MS(5), 100, 1, AQ_BUY);
	uint32_t half = t.length - 8;
	tick(&t, 5);
	hear_chunks(f, t.bytes, half, 50000);
	assert_int_equal(f->clock_ns, MS(5));
	next_record(f, AQ_EV_TRADE);
	give(f, AQ_EV_SETTLED, 0, (uint64_t)INT64_MAX, NULL, 0); /* the host is through, the moment is not */
	all_read(f);
	uint32_t calls = f->clock_calls;
	hear_chunks(f, t.bytes + half, t.length - half, 50000);
	next_record(f, AQ_EV_TRADE);
	assert_int_equal(f->clock_calls, calls + 1); /* so that the host settles once more */
	all_read(f);
	give(f, AQ_EV_SETTLED, 0, (uint64_t)INT64_MAX, NULL, 0);
	assert_int_equal(SIM_BODY(sim_done, next_sent(f, SIM_DONE))->next_timer_ns, INT64_MAX);
	fake_destroy(f);
}

static void a_host_with_a_clock_of_its_own_says_so(void **state)
{
	struct fake *f = outside();
	struct tape t = {.length = 0};
	say_welcome(&t, 2, true, false, MS(0));
	f->clock_answer = AQ_ESTATE;
	hear_chunks(f, t.bytes, t.length, 50000);
	const struct aq_venue *v = AQ_BODY(aq_venue, next_record(f, AQ_EV_VENUE));
	assert_int_equal(v->up, 0);
	assert_non_null(strstr(v->text, "clock = venue"));
	assert_int_equal(f->closed, 1);
	fake_destroy(f);
}

static void the_option_is_checked(void **state)
{
	static const struct {
		const char *venue;
		int good;
	} cases[] = {{"", 1}, {"socket:/x", 1}, {"tcp:127.0.0.1:99", 1}, {"socket:", 0}, {"/x", 0}, {"tcp:host", 0}};
	for (int i = 0; i < 6; i++) {
		struct fake *f = malloc(sizeof *f);
		struct aq_err err = {0};
		fake_begin(f, cases[i].venue);
		fake_create(f);
		assert_int_equal(f->plugin->check(f->self, &err) == AQ_OK, cases[i].good);
		fake_destroy(f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hello_names_the_accounts),
		cmocka_unit_test(market_frames_become_records),
		cmocka_unit_test(account_frames_become_records),
		cmocka_unit_test(intents_become_frames),
		cmocka_unit_test(what_cannot_leave_is_answered),
		cmocka_unit_test(chunks_of_any_size_say_the_same),
		cmocka_unit_test(a_reload_within_a_frame_loses_nothing),
		cmocka_unit_test(a_reload_inside_the_host_is_quiet),
		cmocka_unit_test(a_reload_of_a_blocked_adapter_goes_on),
		cmocka_unit_test(a_restart_begins_anew),
		cmocka_unit_test(a_reload_without_state_reconnects),
		cmocka_unit_test(garbage_state_is_refused),
		cmocka_unit_test(garbage_closes_and_comes_back),
		cmocka_unit_test(any_bit_of_the_stream_may_be_wrong),
		cmocka_unit_test(a_full_queue_loses_nothing),
		cmocka_unit_test(a_moment_is_done_when_it_is_whole_and_settled),
		cmocka_unit_test(a_host_with_a_clock_of_its_own_says_so),
		cmocka_unit_test(the_option_is_checked),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
