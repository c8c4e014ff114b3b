/* test_sim_venue.c: time, subscriptions, questions and captures of the simulated venue. */
#include "sim_help.h"

static void plain(struct tape *t)
{
	tape_begin(t, 1);
	tape_instrument(t, AQ_SPOT, "BTC/USDT");
	SNAPSHOT(t, 1, 0, 2, 2, 99, 2, 98, 5, 101, 3, 102, 4);
	tape_trade(t, 1, MS(10), 101, 1, AQ_BUY);
	tape_ticker(t, 1, MS(20), 99, 101);
	DELTA(t, 1, 30, 1, 0, 98.5, 1);
	tape_trade(t, 1, MS(900), 101, 1, AQ_BUY);
}

static void open_with(struct stage *s, const struct tape *t)
{
	stage_begin(s);
	stage_tape(s, t);
}

static void hello_is_answered_at_once(void **state)
{
	struct stage s;
	struct tape t;
	plain(&t);
	open_with(&s, &t);
	s.options.entry_ns = s.options.response_ns = 5000000;
	s.options.owns_clock = true;
	stage_open(&s);
	assert_int_equal(sim_venue_next(s.venue), MS(0));
	stage_run(&s, 0);
	const struct sim_welcome *w = SIM_BODY(sim_welcome, said(&s, SIM_WELCOME));
	assert_int_equal(w->now_ns, MS(0));
	assert_int_equal(w->owns_clock, 1);
	assert_int_equal(w->resumed, 0);
	assert_int_equal(w->instruments, 1);
	const struct sim_frame *f = said(&s, SIM_INSTRUMENT);
	assert_int_equal(f->market, 1);
	assert_string_equal(SIM_BODY(aq_instrument, f)->symbol, "BTC/USDT");
	stage_hello(&s);
	stage_run(&s, 1);
	assert_int_equal(SIM_BODY(sim_welcome, said(&s, SIM_WELCOME))->resumed, 1);
	stage_close(&s);
}

static void only_what_was_asked_for_arrives_late(void **state)
{
	struct stage s;
	struct tape t;
	plain(&t);
	open_with(&s, &t);
	s.options.feed_ns = 3000000;
	s.options.entry_ns = 2000000;
	stage_open(&s);
	stage_run(&s, 5);
	stage_subscribe(&s, 1, AQ_SUB_TRADES);
	stage_run(&s, 12);
	assert_int_equal(how_many(&s, SIM_TRADE), 0);
	stage_run(&s, 25);
	const struct sim_frame *f = said(&s, SIM_TRADE);
	assert_int_equal(f->time_ns, MS(13));
	assert_int_equal(f->venue_ns, MS(10) - 1000);
	assert_int_equal(how_many(&s, SIM_TICKER), 0);
	assert_int_equal(how_many(&s, SIM_BOOK), 0);
	stage_subscribe(&s, 1, AQ_SUB_BOOK | AQ_SUB_TICKER);
	stage_run(&s, 40);
	f = said(&s, SIM_BOOK);
	const struct aq_book_update *u = SIM_BODY(aq_book_update, f);
	assert_int_equal(f->time_ns, MS(30)); /* asked at 25, there at 27, back at 30 */
	assert_int_equal(u->snapshot, 1);
	assert_int_equal(u->reaches, 1);
	assert_int_equal(u->bids, 2);
	assert_int_equal(AQ_BOOK_LEVELS(u)[0].price, PX(99));
	assert_int_equal(AQ_BOOK_LEVELS(u)[2].price, PX(101));
	u = SIM_BODY(aq_book_update, said(&s, SIM_BOOK));
	assert_int_equal(u->snapshot, 0);
	assert_int_equal(u->follows, 1);
	assert_int_equal(u->reaches, 2);
	stage_run(&s, 950);
	assert_int_equal(how_many(&s, SIM_TRADE), 1);
	stage_close(&s);
}

static void a_deep_book_comes_in_chained_parts(void **state)
{
	struct stage s;
	struct tape *t = calloc(8, sizeof *t);
	double pairs[3000];
	tape_begin(t, 1);
	tape_instrument(t, AQ_SPOT, "BTC/USDT");
	t->update = 100;
	SNAPSHOT(t, 1, 0, 0, 0, 0, 0);
	/* 4,500 bids do not fit one frame with room for as many asks */
	for (uint32_t part = 0; part < 3; part++) {
		for (uint32_t i = 0; i < 1500; i++) {
			pairs[2 * i] = 100 - (part * 1500 + i) * 0.01;
			pairs[2 * i + 1] = 1;
		}
		struct tape *next = &t[part + 1];
		*next = t[0];
		next->length = 0;
		tape_book(next, 1, MS(part + 1), false, 1500, 0, pairs);
		next->update = t[0].update + 1;
		t[0].update = next->update;
	}
	stage_begin(&s);
	uint8_t *all = malloc(4 * sizeof t->bytes);
	uint32_t length = 0;
	for (int i = 0; i < 4; i++) {
		memcpy(all + length, t[i].bytes, t[i].length);
		length += t[i].length;
	}
	tape_write(all, length, s.paths[0]);
	s.captures[0] = s.paths[0];
	s.options.captures = s.captures;
	s.options.capture_count = 1;
	stage_open(&s);
	stage_run(&s, 10);
	stage_subscribe(&s, 1, AQ_SUB_BOOK);
	stage_run(&s, 11);
	uint32_t levels = 0;
	uint64_t reaches = 0;
	for (uint32_t i = 0; i < how_many(&s, SIM_BOOK); i++) {
		const struct aq_book_update *u = SIM_BODY(aq_book_update, said(&s, SIM_BOOK));
		assert_int_equal(u->snapshot, i == 0);
		if (i > 0)
			assert_int_equal(u->follows, reaches);
		reaches = u->reaches;
		levels += u->bids;
	}
	assert_int_equal(how_many(&s, SIM_BOOK), 3);
	assert_int_equal(levels, 4500);
	assert_int_equal(reaches, 104);
	stage_close(&s);
	free(all);
	free(t);
}

static void latencies_of_orders(void **state)
{
	struct stage s;
	struct tape t;
	plain(&t);
	open_with(&s, &t);
	s.options.entry_ns = 4000000;
	s.options.response_ns = 7000000;
	stage_open(&s);
	stage_run(&s, 5);
	PLACE(&s, 1, 1, AQ_BUY, 99, 1);
	stage_run(&s, 100);
	const struct sim_frame *f = said(&s, SIM_ORDER);
	assert_int_equal(f->venue_ns, MS(9));
	assert_int_equal(f->time_ns, MS(16));
	assert_int_equal(f->seq, 1);
	assert_int_equal(f->market, 1);
	f = said(&s, SIM_BALANCE);
	assert_int_equal(f->time_ns, MS(16));
	assert_int_equal(f->seq, 2);
	stage_close(&s);
}

static void a_client_id_is_used_once(void **state)
{
	struct stage s;
	struct tape t;
	plain(&t);
	open_with(&s, &t);
	stage_open(&s);
	stage_run(&s, 1);
	PLACE(&s, 1, 1, AQ_BUY, 99, 1);
	PLACE(&s, 1, 1, AQ_BUY, 98, 2);
	PLACE(&s, 2, 1, AQ_BUY, 98, 2); /* another account: another order */
	QUERY(&s, 1, 1);
	stage_run(&s, 5);
	said_order(&s, 1, AQ_UP_OPEN, 0);
	said_order(&s, 1, AQ_UP_REJECTED, AQ_VENUE_DUPLICATE);
	said_order(&s, 1, AQ_UP_OPEN, 0);
	const struct aq_order_update *u = said_order(&s, 1, AQ_UP_OPEN, 0);
	assert_int_equal(u->answers, AQ_REQ_LOOKUP);
	assert_int_equal(u->price, PX(99));
	assert_balance(&s, 1, "USDT", "100000", "99");
	stage_close(&s);
}

static void a_query_tells_what_became(void **state)
{
	struct stage s;
	struct tape t;
	plain(&t);
	open_with(&s, &t);
	stage_open(&s);
	stage_run(&s, 1);
	PLACE(&s, 1, 1, AQ_BUY, 101, 2);
	PLACE(&s, 1, 2, AQ_BUY, 101, 2);
	PLACE(&s, 1, 3, AQ_BUY, 99, 1000000);
	CANCEL(&s, 1, 2);
	CANCEL(&s, 1, 4);
	stage_run(&s, 2);
	s.said.read = s.said.count;
	for (uint64_t id = 1; id <= 4; id++)
		QUERY(&s, 1, id);
	stage_run(&s, 5);
	assert_int_equal(said_order(&s, 1, AQ_UP_FILLED, 0)->filled, QTY(2));
	assert_int_equal(said_order(&s, 2, AQ_UP_CANCELLED, 0)->filled, QTY(1));
	said_order(&s, 3, AQ_UP_REJECTED, AQ_VENUE_BALANCE);
	assert_int_equal(said_order(&s, 4, AQ_UP_NOT_FOUND, AQ_VENUE_NOT_FOUND)->answers, AQ_REQ_LOOKUP);
	stage_close(&s);
}

static void a_list_holds_all_since(void **state)
{
	struct stage s;
	struct tape t;
	plain(&t);
	open_with(&s, &t);
	stage_open(&s);
	stage_run(&s, 1);
	PLACE(&s, 1, 1, AQ_BUY, 101, 1);
	stage_run(&s, 5);
	PLACE(&s, 1, 2, AQ_BUY, 101, 1);
	PLACE(&s, 1, 3, AQ_BUY, 99, 1);
	PLACE(&s, 2, 4, AQ_BUY, 99, 1);
	stage_run(&s, 6);
	uint32_t before = s.said.count;
	s.said.read = before;
	stage_list(&s, 1, MS(5));
	stage_run(&s, 7);
	assert_int_equal(SIM_BODY(sim_list, said(&s, SIM_LIST_BEGIN))->account, 1);
	const struct aq_order_update *u = said_order(&s, 3, AQ_UP_OPEN, 0);
	assert_int_equal(u->answers, AQ_REQ_LIST);
	assert_int_equal(u->side, AQ_BUY);
	assert_int_equal(u->ahead, QTY(2));
	said_fill(&s, 2, 101, 1, AQ_TAKER);
	said(&s, SIM_BALANCE);
	said(&s, SIM_BALANCE);
	said(&s, SIM_LIST_END);
	assert_int_equal(s.said.count - before, 6);
	assert_int_equal(s.said.frames[s.said.count - 1]->type, SIM_LIST_END);
	for (uint32_t i = before + 1; i < s.said.count; i++)
		assert_int_equal(s.said.frames[i]->seq, s.said.frames[i - 1]->seq + 1);
	stage_close(&s);
}

static void orders_outlive_the_host(void **state)
{
	struct stage s;
	struct tape t;
	plain(&t);
	open_with(&s, &t);
	s.options.entry_ns = 2000000;
	stage_open(&s);
	stage_run(&s, 1);
	PLACE(&s, 1, 1, AQ_SELL, 100.5, 1); /* a trade at 101 goes beyond it */
	stage_run(&s, 2);
	sim_venue_host_gone(s.venue); /* the order is still on its way */
	uint32_t heard = s.said.count;
	stage_run(&s, 15);
	assert_int_equal(s.said.count, heard);
	stage_hello(&s);
	stage_list(&s, 1, 0);
	stage_run(&s, 20);
	assert_int_equal(SIM_BODY(sim_welcome, s.said.frames[heard])->resumed, 0);
	s.said.read = heard;
	said_fill(&s, 1, 100.5, 1, AQ_MAKER);
	stage_close(&s);
}

static void the_end_is_told_once_all_has_arrived(void **state)
{
	struct stage s;
	struct tape t;
	plain(&t);
	open_with(&s, &t);
	s.options.feed_ns = 5000000;
	stage_open(&s);
	stage_subscribe(&s, 1, AQ_SUB_TRADES);
	stage_run(&s, 2000);
	assert_int_equal(how_many(&s, SIM_TRADE), 2);
	const struct sim_frame *f = said(&s, SIM_END);
	assert_int_equal(f->time_ns, MS(905));
	assert_int_equal(sim_venue_next(s.venue), INT64_MAX);
	assert_true(sim_venue_ended(s.venue));
	PLACE(&s, 1, 1, AQ_BUY, 99, 1); /* orders are still taken */
	stage_run(&s, 2001);
	said_order(&s, 1, AQ_UP_OPEN, 0);
	assert_int_equal(how_many(&s, SIM_END), 1);
	stage_close(&s);
}

static void a_part_of_the_capture(void **state)
{
	struct stage s;
	struct tape t;
	plain(&t);
	open_with(&s, &t);
	s.options.start_ns = MS(15);
	s.options.end_ns = MS(500);
	stage_open(&s);
	assert_int_equal(sim_venue_now(s.venue), MS(15));
	stage_subscribe(&s, 1, AQ_SUB_BOOK | AQ_SUB_TRADES | AQ_SUB_TICKER);
	stage_run(&s, 1000);
	assert_int_equal(how_many(&s, SIM_TRADE), 0);
	assert_int_equal(how_many(&s, SIM_TICKER), 1);
	assert_int_equal(how_many(&s, SIM_BOOK), 2); /* the book as it stood, then the delta */
	assert_int_equal(how_many(&s, SIM_END), 1);
	stage_close(&s);
}

/* Behind the first frame, wherever that is; one that leaves nothing is refused. */
static void a_warmup_begins_behind_the_first_frame(void **state)
{
	struct stage s;
	struct tape t;
	plain(&t);
	open_with(&s, &t);
	stage_open(&s);
	int64_t first = sim_venue_now(s.venue), last = sim_venue_last(s.venue);
	sim_venue_destroy(s.venue);
	s.options.warmup_ns = 5000000;
	stage_open(&s);
	assert_int_equal(sim_venue_now(s.venue), first + 5000000);
	assert_true(sim_venue_next(s.venue) >= first + 5000000 && sim_venue_played(s.venue) > 0);
	sim_venue_destroy(s.venue);
	struct aq_err err;
	s.options.warmup_ns = last - first + 1;
	assert_int_equal(sim_venue_create(&s.venue, &s.options, &err), AQ_EINVAL);
	s.options.warmup_ns = 5000000;
	s.options.start_ns = first;
	assert_int_equal(sim_venue_create(&s.venue, &s.options, &err), AQ_EINVAL);
	s.options.start_ns = 0;
	stage_open(&s);
	stage_close(&s);
}

static void files_make_one_timeline(void **state)
{
	struct stage s;
	struct tape t, u;
	plain(&t);
	tape_begin(&u, 2);
	tape_instrument(&u, AQ_SPOT, "ETH/USDT");
	tape_instrument(&u, AQ_SPOT, "BTC/USDT")->min_notional = aq_amt_of(20);
	u.update = t.update;
	DELTA(&u, 2, 1000, 1, 0, 98, 7); /* the book of the first file goes on */
	u.update = 50;
	SNAPSHOT(&u, 1, 1010, 1, 1, 10, 1, 11, 1);
	tape_trade(&u, 2, MS(1020), 98, 1, AQ_SELL);
	open_with(&s, &t);
	stage_tape(&s, &u);
	stage_open(&s);
	stage_subscribe(&s, 1, AQ_SUB_BOOK | AQ_SUB_TRADES);
	stage_subscribe(&s, 2, AQ_SUB_BOOK);
	stage_run(&s, 950);
	PLACE(&s, 1, 1, AQ_BUY, 99, 0.1); /* 9.9: enough for the first file's filter */
	stage_run(&s, 1005);
	said_order(&s, 1, AQ_UP_OPEN, 0);
	PLACE(&s, 1, 2, AQ_BUY, 99, 0.1);
	PLACE(&s, 1, 3, AQ_BUY, 98, 1);
	stage_run(&s, 1100);
	said_order(&s, 2, AQ_UP_REJECTED, AQ_VENUE_FILTER);
	assert_int_equal(said_order(&s, 3, AQ_UP_OPEN, 0)->ahead, QTY(7));
	assert_int_equal(how_many(&s, SIM_INSTRUMENT), 3);
	s.said.read = 0;
	assert_int_equal(SIM_BODY(sim_welcome, said(&s, SIM_WELCOME))->instruments, 2);
	const struct sim_frame *last = NULL;
	for (uint32_t i = 0; i < s.said.count; i++)
		if (s.said.frames[i]->type == SIM_BOOK || s.said.frames[i]->type == SIM_TRADE)
			last = s.said.frames[i];
	assert_int_equal(last->type, SIM_TRADE);
	assert_int_equal(last->market, 1);
	stage_close(&s);
}

static void rounds_at_a_rate_go_on(void **state)
{
	struct stage s;
	struct tape t;
	tape_begin(&t, 1);
	tape_instrument(&t, AQ_SPOT, "BTC/USDT");
	SNAPSHOT(&t, 1, 0, 1, 1, 99, 2, 101, 3);
	DELTA(&t, 1, 10, 1, 0, 98, 1);
	tape_trade(&t, 1, MS(20), 101, 1, AQ_BUY);
	tape_trade(&t, 1, MS(30), 101, 1, AQ_BUY);
	open_with(&s, &t);
	s.options.rate = 1000;
	s.options.loop = true;
	s.options.frames_max = 10;
	s.options.base_ns = MS(0);
	stage_open(&s);
	stage_subscribe(&s, 1, AQ_SUB_BOOK | AQ_SUB_TRADES);
	stage_run(&s, 100);
	uint64_t reaches = 0, trade = 0;
	uint32_t snapshots = 0;
	s.said.read = 0;
	while (s.said.read < s.said.count) {
		const struct sim_frame *f = s.said.frames[s.said.read++];
		if (f->type == SIM_TRADE)
			assert_int_equal(SIM_BODY(aq_trade, f)->id, ++trade);
		if (f->type == SIM_BOOK && SIM_BODY(aq_book_update, f)->snapshot) {
			snapshots++;
			assert_true(reaches == 0 || SIM_BODY(aq_book_update, f)->reaches > reaches);
		} else if (f->type == SIM_BOOK) {
			assert_int_equal(SIM_BODY(aq_book_update, f)->follows, reaches);
		}
		if (f->type == SIM_BOOK)
			reaches = SIM_BODY(aq_book_update, f)->reaches;
	}
	assert_int_equal(trade, 4);
	assert_int_equal(snapshots, 3);
	assert_int_equal(s.said.frames[s.said.count - 1]->type, SIM_END);
	assert_int_equal(s.said.frames[s.said.count - 1]->time_ns, MS(9));
	stage_close(&s);
}

/* --- equal runs --- */
static uint64_t mix(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return *seed >> 33;
}

static void many_orders(struct stage *s, uint64_t seed)
{
	struct tape t;
	tape_begin(&t, 1);
	tape_instrument(&t, AQ_LINEAR, "BTC/USDT:USDT");
	SNAPSHOT(&t, 1, 0, 2, 2, 99, 20, 98, 50, 101, 30, 102, 40);
	for (int i = 1; i < 300; i++) {
		double price = 98 + (double)(mix(&seed) % 500) / 100;
		if (mix(&seed) % 3 == 0)
			DELTA(&t, 1, i, 1, 1, price - 0.5, (double)(mix(&seed) % 9), price + 0.5,
				(double)(mix(&seed) % 9));
		else
			tape_trade(
				&t, 1, MS(i), price, 1 + (double)(mix(&seed) % 5), mix(&seed) % 2 ? AQ_BUY : AQ_SELL);
	}
	stage_begin(s);
	stage_tape(s, &t);
	s->options.entry_ns = 1500000;
	s->options.response_ns = 700000;
	stage_open(s);
	for (int i = 1; i < 290; i++) {
		uint64_t id = 1 + mix(&seed) % 250;
		uint32_t account = 1 + (uint32_t)(mix(&seed) % 3);
		double price = 98 + (double)(mix(&seed) % 500) / 100;
		switch (mix(&seed) % 8) {
		case 0:
			CANCEL(s, account, id);
			break;
		case 1:
			AMEND(s, account, id, mix(&seed) % 2 ? (aq_px)(price * 100) : AQ_NONE, QTY(1 + mix(&seed) % 4));
			break;
		case 2:
			MARKET(s, account, id, AQ_BUY, 1 + (double)(mix(&seed) % 3), .reduce_only = mix(&seed) % 2);
			break;
		default:
			PLACE(s, account, id, mix(&seed) % 2 ? AQ_BUY : AQ_SELL, price, 1 + (double)(mix(&seed) % 4),
				.tif = (uint8_t)(mix(&seed) % 4), .post_only = mix(&seed) % 3 == 0,
				.self_trade = (uint8_t)(mix(&seed) % 5), .reduce_only = mix(&seed) % 5 == 0);
			break;
		}
		stage_run(s, i);
	}
	stage_run(s, 400);
}

static void equal_runs_are_equal(void **state)
{
	for (uint64_t seed = 1; seed <= 8; seed++) {
		struct sheet sheets[2] = {{0}, {0}};
		for (int i = 0; i < 2; i++) {
			struct stage s;
			many_orders(&s, seed);
			sim_venue_write_record(s.venue, sheet_line, &sheets[i]);
			stage_close(&s);
		}
		assert_string_equal(sheets[0].text, sheets[1].text);
		assert_non_null(strstr(sheets[0].text, "liquidity=maker"));
		assert_non_null(strstr(sheets[0].text, "liquidity=taker"));
		assert_non_null(strstr(sheets[0].text, "overflow=0"));
		free(sheets[0].text);
		free(sheets[1].text);
	}
}

/* A fill has two sides unless the other is the recorded market; so what is locked must be what open orders and
 * positions account for, and nothing may be left of it when all is closed. */
static void nothing_stays_locked(void **state)
{
	for (uint64_t seed = 20; seed <= 28; seed++) {
		struct stage s;
		many_orders(&s, seed);
		for (uint32_t account = 1; account <= 3; account++) {
			for (uint64_t id = 1; id <= 250; id++)
				CANCEL(&s, account, id);
			stage_run(&s, 500 + (int64_t)account);
			const struct sim_position *p = said_position(&s, account, AQ_NET);
			struct aq_amt margin;
			char text[48];
			aq_amt_part_zero(aq_amt_abs(p->cost), 1, 10, &margin);
			aq_amt_print(margin, 0, text);
			for (uint32_t i = s.said.count; i > 0; i--) {
				const struct sim_frame *f = s.said.frames[i - 1];
				if (f->type == SIM_BALANCE && SIM_BODY(sim_balance, f)->account == account) {
					assert_amt(SIM_BODY(sim_balance, f)->locked, text);
					break;
				}
			}
		}
		stage_close(&s);
	}
}

static void the_record_says_all(void **state)
{
	struct stage s;
	struct tape t;
	plain(&t);
	open_with(&s, &t);
	stage_open(&s);
	stage_run(&s, 1);
	PLACE(&s, 1, 77, AQ_BUY, 101, 1.5, .tif = AQ_IOC);
	PLACE(&s, 2, 78, AQ_SELL, 103, 1, .post_only = 1);
	stage_run(&s, 2);
	struct sheet sheet = {0};
	sim_venue_write_record(s.venue, sheet_line, &sheet);
	assert_string_equal(sheet.text,
		"order account=a id=77 venue_id=1 symbol=BTC/USDT side=buy type=limit tif=ioc position_side=net "
		"post_only=0 "
		"reduce_only=0 price=101 qty=1.5 filled=1.5 state=filled code=0 value=151.5 placed_ns=1001000000 "
		"ended_ns=1001000000\n"
		"order account=b id=78 venue_id=2 symbol=BTC/USDT side=sell type=limit tif=gtc position_side=net "
		"post_only=1 "
		"reduce_only=0 price=103 qty=1 filled=0 state=open code=0 value=0 placed_ns=1001000000 ended_ns=0\n"
		"fill account=a order=77 trade=1 symbol=BTC/USDT side=buy position_side=net price=101 qty=1.5 "
		"cumulative=1.5 "
		"ahead=0 fee=0.0006 fee_asset=BTC liquidity=taker realised=0 time_ns=1001000000\n"
		"balance account=a asset=BTC total=11.4994 locked=0\n"
		"balance account=a asset=USDT total=99848.5 locked=0\n"
		"position account=a symbol=BTC/USDT side=net qty=1.5 cost=151.5 realised=0\n"
		"balance account=b asset=BTC total=10 locked=1\n"
		"balance account=b asset=USDT total=100000 locked=0\n"
		"balance account=c asset=BTC total=10 locked=0\n"
		"balance account=c asset=USDT total=100000 locked=0\n"
		"end events=6 orders=2 fills=1 overflow=0\n");
	free(sheet.text);
	stage_close(&s);
}

/* --- captures that are not what they should be --- */
static void refuse(const void *bytes, size_t length, const char *why)
{
	struct stage s;
	struct aq_err err = {0};
	stage_begin(&s);
	tape_write(bytes, length, s.paths[0]);
	s.captures[0] = s.paths[0];
	s.options.captures = s.captures;
	s.options.capture_count = 1;
	assert_true(sim_venue_create(&s.venue, &s.options, &err) < 0);
	assert_null(s.venue);
	assert_non_null(strstr(err.text, s.paths[0]));
	if (strstr(err.text, why) == NULL)
		fail_msg("%s: expected: %s", err.text, why);
	stage_close(&s);
}

static void damaged_captures_are_named(void **state)
{
	struct tape good, t;
	plain(&good);
	refuse("", 0, "no capture");
	refuse(good.bytes, 31, "no capture");
	refuse(good.bytes, good.length - 8, "ends within a frame");
	uint32_t first = (uint32_t)(sizeof(struct sim_frame) + sizeof(struct sim_capture));
	uint32_t market = first + (uint32_t)(sizeof(struct sim_frame) + sizeof(struct aq_instrument));
	char where[64];
	snprintf(where, sizeof where, "at byte %u", market);
	struct sim_frame *f = (struct sim_frame *)(void *)(t.bytes + market);
	struct aq_book_update *u = (struct aq_book_update *)(void *)(f + 1);

	t = good;
	t.bytes[sizeof(struct sim_frame)] = 'X';
	refuse(t.bytes, t.length, "at byte 0: this is no capture");
	t = good;
	f->type = 77;
	refuse(t.bytes, t.length, where);
	t = good;
	f->type = SIM_HELLO;
	refuse(t.bytes, t.length, where);
	t = good;
	f->size = 8;
	refuse(t.bytes, t.length, where);
	t = good;
	f->size += 4;
	refuse(t.bytes, t.length, where);
	t = good;
	f->market = 2;
	refuse(t.bytes, t.length, where);
	t = good;
	u->bids = 0xffffffffu;
	refuse(t.bytes, t.length, where);
	t = good;
	((struct aq_level *)(void *)(u + 1))->price = 0;
	refuse(t.bytes, t.length, where);
	t = good;
	f->time_ns = MS(11);
	refuse(t.bytes, t.length, "time goes back");
	t = good;
	((struct aq_instrument *)(void *)(t.bytes + first + sizeof(struct sim_frame)))->tick = 0;
	refuse(t.bytes, t.length, "filters");
	t = good;
	memset(((struct aq_instrument *)(void *)(t.bytes + first + sizeof(struct sim_frame)))->symbol, 'A', 48);
	refuse(t.bytes, t.length, "does not end");
}

/* Any one bit: the venue refuses the file or plays it; the sanitizers watch. */
static void any_bit_may_be_wrong(void **state)
{
	struct tape good;
	plain(&good);
	for (uint32_t bit = 0; bit < good.length * 8; bit += 3) {
		struct stage s;
		struct aq_err err = {0};
		good.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
		stage_begin(&s);
		stage_tape(&s, &good);
		if (sim_venue_create(&s.venue, &s.options, &err) == AQ_OK) {
			stage_hello(&s);
			stage_subscribe(&s, 1, AQ_SUB_BOOK | AQ_SUB_TRADES | AQ_SUB_TICKER);
			PLACE(&s, 1, 1, AQ_BUY, 99, 1);
			MARKET(&s, 2, 2, AQ_SELL, 1);
			stage_run(&s, 2000);
		} else {
			assert_true(err.text[0] != 0);
		}
		stage_close(&s);
		good.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
}

static void captures_stand_in_order(void **state)
{
	struct stage s;
	struct tape t, u;
	struct aq_err err = {0};
	plain(&t);
	tape_begin(&u, 1);
	tape_instrument(&u, AQ_SPOT, "BTC/USDT");
	tape_trade(&u, 1, MS(100), 101, 1, AQ_BUY);
	open_with(&s, &t);
	stage_tape(&s, &u);
	assert_int_equal(sim_venue_create(&s.venue, &s.options, &err), AQ_EINVAL);
	assert_non_null(strstr(err.text, "order of time"));
	stage_close(&s);
}

static void options_are_checked(void **state)
{
	struct stage s;
	struct tape t;
	plain(&t);
	open_with(&s, &t);
	static const char *const nowhere[] = {"/nowhere/day.aqc"};
	struct sim_venue_options good = s.options;
	for (int i = 0; i < 5; i++) {
		struct aq_err err = {0};
		s.options = good;
		if (i == 0)
			s.options.feed_ns = -1;
		else if (i == 1)
			s.options.entry_ns = INT64_MAX;
		else if (i == 2)
			s.options.loop = true; /* without a rate */
		else if (i == 3)
			s.options.capture_count = 0;
		else
			s.options.captures = nowhere;
		assert_true(sim_venue_create(&s.venue, &s.options, &err) < 0);
		assert_null(s.venue);
		assert_true(err.text[0] != 0);
	}
	s.options = good;
	s.cash[0] = (struct sim_venue_cash){.kind = AQ_CASH_FUNDING, .symbol = "XRP/USDT:USDT"};
	s.options.cash_count = 1;
	struct aq_err err = {0};
	assert_true(sim_venue_create(&s.venue, &s.options, &err) < 0);
	assert_non_null(strstr(err.text, "XRP/USDT:USDT"));
	s.options.cash_count = 0;
	stage_close(&s);
}

static void frames_of_the_host_are_checked(void **state)
{
	struct stage s;
	struct tape t;
	plain(&t);
	open_with(&s, &t);
	stage_open(&s);
	struct {
		struct sim_frame frame;
		struct sim_request body;
	} f = {.frame = {.size = sizeof f, .type = SIM_PLACE, .market = 1}};
	f.frame.size = 48;
	assert_int_equal(sim_venue_receive(s.venue, &f.frame), AQ_EFORMAT);
	f.frame.size = sizeof f;
	f.frame.type = SIM_FILL;
	assert_int_equal(sim_venue_receive(s.venue, &f.frame), AQ_EFORMAT);
	f.frame.type = SIM_PLACE;
	f.frame.time_ns = INT64_MAX;
	assert_int_equal(sim_venue_receive(s.venue, &f.frame), AQ_EFORMAT);
	f.frame.time_ns = 0;
	f.frame.market = 9;
	f.body.order = 5;
	f.body.account = 1;
	assert_int_equal(sim_venue_receive(s.venue, &f.frame), AQ_OK);
	f.frame.market = 1;
	f.body.account = 9;
	assert_int_equal(sim_venue_receive(s.venue, &f.frame), AQ_OK);
	stage_run(&s, 1);
	said_order(&s, 5, AQ_UP_REJECTED, AQ_VENUE_OTHER);
	said_order(&s, 5, AQ_UP_REJECTED, AQ_VENUE_OTHER);
	stage_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hello_is_answered_at_once),
		cmocka_unit_test(only_what_was_asked_for_arrives_late),
		cmocka_unit_test(a_deep_book_comes_in_chained_parts),
		cmocka_unit_test(latencies_of_orders),
		cmocka_unit_test(a_client_id_is_used_once),
		cmocka_unit_test(a_query_tells_what_became),
		cmocka_unit_test(a_list_holds_all_since),
		cmocka_unit_test(orders_outlive_the_host),
		cmocka_unit_test(the_end_is_told_once_all_has_arrived),
		cmocka_unit_test(a_part_of_the_capture),
		cmocka_unit_test(a_warmup_begins_behind_the_first_frame),
		cmocka_unit_test(files_make_one_timeline),
		cmocka_unit_test(rounds_at_a_rate_go_on),
		cmocka_unit_test(equal_runs_are_equal),
		cmocka_unit_test(nothing_stays_locked),
		cmocka_unit_test(the_record_says_all),
		cmocka_unit_test(damaged_captures_are_named),
		cmocka_unit_test(any_bit_may_be_wrong),
		cmocka_unit_test(captures_stand_in_order),
		cmocka_unit_test(options_are_checked),
		cmocka_unit_test(frames_of_the_host_are_checked),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
