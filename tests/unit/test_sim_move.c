/* test_sim_move.c: the adapter goes to another address of its venue while the old connection lives. */
#include "sim_fake.h"

#define OTHER "socket:/elsewhere"

/* Up, by connection 1. */
static struct fake *outside_and_up(void)
{
	struct fake *f = outside();
	struct tape t = {.length = 0};
	say_welcome(&t, 2, false, false, MS(0));
	hear_chunks(f, t.bytes, t.length, 50000);
	assert_int_equal(AQ_BODY(aq_venue, next_record(f, AQ_EV_VENUE))->up, 1);
	all_read(f);
	return f;
}

/* New code with another address; these connections are open. */
static void reload(struct fake *f, const char *venue, int64_t first, int64_t second)
{
	save(f);
	f->venue = venue;
	save_and_load(f);
	give(f, AQ_EV_DOWNLOAD_BEGIN, AQ_EV_DOWNLOADED, 0, NULL, 0);
	give_account(f, 7, "main", AQ_EV_DOWNLOADED);
	give_account(f, 9, "second", AQ_EV_DOWNLOADED);
	if (first != 0)
		give(f, AQ_EV_NET_OPEN, AQ_EV_DOWNLOADED, (uint64_t)first, NULL, 0);
	if (second != 0)
		give(f, AQ_EV_NET_OPEN, AQ_EV_DOWNLOADED, (uint64_t)second, NULL, 0);
	download_end(f);
}

/* A reload that wants another address: connection 2 is being made, 1 is as it was. */
static struct fake *moving(void)
{
	struct fake *f = outside_and_up();
	reload(f, OTHER, 1, 0);
	assert_int_equal(f->connections, 2);
	assert_string_equal(f->address, "unix:/elsewhere");
	assert_int_equal(f->closed, 0);
	all_read(f);
	return f;
}

static void expect_sent(struct fake *f, uint16_t type, int64_t connection)
{
	next_sent(f, type);
	assert_int_equal(f->sent_on[f->sent_read - 1], connection);
}

static void trade(struct fake *f, int64_t connection, int64_t ms)
{
	struct tape t = {.length = 0};
	tape_trade(&t, 2, MS(ms), 100, 1, AQ_BUY);
	hear_on(f, connection, t.bytes, t.length, 50000);
}

static void place(struct fake *f, int64_t connection)
{
	struct aq_order o = an_order();
	give_order(f, AQ_EV_PLACE, &o);
	expect_sent(f, SIM_PLACE, connection);
}

/* MOVED as the end of a chunk that begins with a trade; chunks of any size. */
static void moved(struct fake *f, uint32_t chunk)
{
	struct tape t = {.length = 0};
	tape_trade(&t, 2, MS(7), 100, 1, AQ_BUY);
	tape_frame(&t, SIM_MOVED, 0, MS(7), 0);
	hear_on(f, 1, t.bytes, t.length, chunk);
	next_record(f, AQ_EV_TRADE);
}

static void nothing_is_lost_on_the_way(void **state)
{
	static const uint32_t chunks[] = {1, 8, 50, 50000};
	for (int i = 0; i < 4; i++) {
		struct fake *f = moving();
		trade(f, 1, 1); /* as before */
		next_record(f, AQ_EV_TRADE);
		place(f, 1);
		give(f, AQ_EV_NET_OPEN, 0, 2, NULL, 0);
		expect_sent(f, SIM_MOVE, 2);
		trade(f, 1, 2);
		next_record(f, AQ_EV_TRADE);
		place(f, 1);
		moved(f, chunks[i]);
		assert_int_equal(f->closed, 1);
		expect_sent(f, SIM_HELLO, 2);
		place(f, 2);
		struct tape t = {.length = 0};
		tape_trade(&t, 2, MS(9), 100, 1, AQ_BUY); /* what waited for the move, then the answer */
		say_welcome(&t, 2, false, true, MS(9));
		hear_on(f, 2, t.bytes, t.length, chunks[i]);
		next_record(f, AQ_EV_TRADE);
		all_read(f); /* up all the time, nothing subscribed anew */
		reload(f, OTHER, 2, 0);
		assert_int_equal(f->connections, 2);
		all_read(f);
		fake_destroy(f);
	}
}

/* What has been begun by one piece of code is gone on with by the next. */
static void code_changes_on_the_way(void **state)
{
	struct fake *f = moving();
	give(f, AQ_EV_NET_OPEN, 0, 2, NULL, 0);
	expect_sent(f, SIM_MOVE, 2);
	reload(f, OTHER, 1, 2);
	assert_int_equal(f->connections, 2);
	moved(f, 50000);
	expect_sent(f, SIM_HELLO, 2);
	assert_int_equal(f->closed, 1);
	all_read(f);
	fake_destroy(f);
}

/* Not connected yet when the code changed: begun again, and the first try is closed when it comes. */
static void code_changes_while_connecting(void **state)
{
	struct fake *f = moving();
	reload(f, OTHER, 1, 0);
	assert_int_equal(f->connections, 3);
	give(f, AQ_EV_NET_OPEN, 0, 2, NULL, 0);
	assert_int_equal(f->closed, 2);
	give(f, AQ_EV_NET_OPEN, 0, 3, NULL, 0);
	expect_sent(f, SIM_MOVE, 3);
	all_read(f);
	fake_destroy(f);
}

static void the_way_back_gives_up_the_way_there(void **state)
{
	struct fake *f = outside_and_up();
	const char *venue = f->venue;
	reload(f, OTHER, 1, 0);
	give(f, AQ_EV_NET_OPEN, 0, 2, NULL, 0);
	expect_sent(f, SIM_MOVE, 2);
	reload(f, venue, 1, 2);
	assert_int_equal(f->closed, 2);
	assert_int_equal(f->connections, 2);
	place(f, 1);
	all_read(f);
	fake_destroy(f);
}

/* Adopted with its calls held back, nothing can be opened yet. */
static void it_begins_when_it_may(void **state)
{
	struct fake *f = outside_and_up();
	f->open_answer = AQ_ESTATE;
	reload(f, OTHER, 1, 0);
	assert_int_equal(f->timer_ns, f->now_ns);
	f->open_answer = 0;
	give(f, AQ_EV_TIMER, 0, f->timer_tag, NULL, 0);
	assert_int_equal(f->connections, 2);
	place(f, 1);
	all_read(f);
	fake_destroy(f);
}

/* Nobody there, or nobody who takes over: the old connection stays, and it is tried again. */
static void the_old_stays_while_the_new_fails(void **state)
{
	struct fake *f = moving();
	int64_t delays[] = {0, 100, 200, 400, 800, 1600, 3200, 5000, 5000};
	for (int i = 0; i < 9; i++) {
		if (i % 2 == 1) {
			give(f, AQ_EV_NET_OPEN, 0, (uint64_t)f->connections, NULL, 0);
			expect_sent(f, SIM_MOVE, f->connections);
		}
		give(f, AQ_EV_NET_CLOSED, 0, (uint64_t)f->connections, "refused", 8);
		assert_int_equal(f->timer_ns, f->now_ns + delays[i] * 1000000);
		place(f, 1);
		f->now_ns = f->timer_ns;
		give(f, AQ_EV_TIMER, 0, f->timer_tag, NULL, 0);
		assert_int_equal(f->connections, 3 + i);
	}
	trade(f, f->connections, 50); /* before its turn */
	assert_int_equal(f->closed, f->connections);
	trade(f, 1, 51);
	next_record(f, AQ_EV_TRADE);
	give(f, AQ_EV_NET_CLOSED, 0, 1, "reset", 6); /* the old one, too: at once to where it should be */
	assert_int_equal(AQ_BODY(aq_venue, next_record(f, AQ_EV_VENUE))->up, 0);
	assert_int_equal(f->timer_ns, f->now_ns);
	give(f, AQ_EV_TIMER, 0, f->timer_tag, NULL, 0);
	assert_string_equal(f->address, "unix:/elsewhere");
	give(f, AQ_EV_NET_OPEN, 0, (uint64_t)f->connections, NULL, 0);
	expect_sent(f, SIM_HELLO, f->connections);
	all_read(f);
	fake_destroy(f);
}

static void the_old_is_lost_on_the_way(void **state)
{
	struct fake *f = moving();
	give(f, AQ_EV_NET_OPEN, 0, 2, NULL, 0);
	expect_sent(f, SIM_MOVE, 2);
	give(f, AQ_EV_NET_CLOSED, 0, 1, "reset", 6);
	assert_int_equal(f->closed, 2); /* who knows what was said on the old one */
	assert_int_equal(AQ_BODY(aq_venue, next_record(f, AQ_EV_VENUE))->up, 0);
	give(f, AQ_EV_TIMER, 0, f->timer_tag, NULL, 0);
	assert_int_equal(f->connections, 3);
	give(f, AQ_EV_NET_OPEN, 0, 3, NULL, 0);
	expect_sent(f, SIM_HELLO, 3);
	fake_destroy(f);
}

static void moved_to_what_is_gone(void **state)
{
	struct fake *f = moving();
	struct tape t = {.length = 0};
	tape_frame(&t, SIM_MOVED, 0, MS(7), 0);
	give(f, AQ_EV_NET_CLOSED, 0, 2, "reset", 6);
	hear_on(f, 1, t.bytes, t.length, 50000);
	assert_int_equal(f->closed, 1);
	assert_int_equal(AQ_BODY(aq_venue, next_record(f, AQ_EV_VENUE))->up, 0);
	fake_destroy(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_lost_on_the_way),
		cmocka_unit_test(code_changes_on_the_way),
		cmocka_unit_test(code_changes_while_connecting),
		cmocka_unit_test(the_way_back_gives_up_the_way_there),
		cmocka_unit_test(it_begins_when_it_may),
		cmocka_unit_test(the_old_stays_while_the_new_fails),
		cmocka_unit_test(the_old_is_lost_on_the_way),
		cmocka_unit_test(moved_to_what_is_gone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
