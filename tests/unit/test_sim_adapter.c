/* test_sim_adapter.c: the adapter of the simulated exchange, as the plugin that it is, against a host made of lists:
 * what it emits and what it sends. */
#include "sim_help.h"

#include <aioquant/feed.h>
#include <dlfcn.h>

#define KEPT 512

struct fake {
	struct aq_host host;
	const struct aq_plugin *plugin;
	void *self;
	const char *venue;
	struct aq_event *records[KEPT];
	uint32_t record_count, record_read;
	struct sim_frame *sent[KEPT];
	uint32_t sent_count, sent_read;
	struct aq_instrument instruments[8];
	uint32_t instrument_count;
	int64_t now_ns, clock_ns;
	uint32_t clock_calls;
	int32_t clock_answer;
	int64_t timer_ns;
	uint64_t timer_tag;
	int64_t connections; /* opened so far; the latest has this id */
	int64_t closed;      /* latest that the plugin closed */
	char address[128];
	uint32_t room; /* records that are taken before the queue is full */
	uint32_t posts;
	int32_t send_answer;
	uint8_t saved[1 << 19];
	uint32_t saved_length;
};

static void fake_log(void *owner, int32_t level, const char *text)
{
}

static int64_t fake_now(void *owner)
{
	return ((struct fake *)owner)->now_ns;
}

static int64_t fake_timer(void *owner, int64_t at_ns, int64_t period_ns, uint64_t tag)
{
	struct fake *f = owner;
	f->timer_ns = at_ns;
	f->timer_tag = tag;
	return 1;
}

static int32_t fake_post(void *owner, uint64_t tag, const void *bytes, uint32_t length)
{
	((struct fake *)owner)->posts++;
	return AQ_OK;
}

static int32_t fake_instrument(void *owner, const struct aq_instrument *in)
{
	struct fake *f = owner;
	assert_int_equal(in->id, 0);
	for (uint32_t i = 0; i < f->instrument_count; i++)
		if (strcmp(f->instruments[i].symbol, in->symbol) == 0)
			return (int32_t)(101 + i);
	f->instruments[f->instrument_count++] = *in;
	return (int32_t)(100 + f->instrument_count);
}

static int32_t fake_emit(void *owner, const struct aq_event *record)
{
	struct fake *f = owner;
	if (f->room == 0)
		return AQ_EAGAIN;
	f->room--;
	assert_int_equal(record->size % 8, 0);
	assert_true(f->record_count < KEPT);
	f->records[f->record_count] = malloc(record->size);
	assert_non_null(f->records[f->record_count]);
	memcpy(f->records[f->record_count++], record, record->size);
	return AQ_OK;
}

static int32_t fake_clock(void *owner, int64_t now_ns)
{
	struct fake *f = owner;
	if (f->clock_answer != AQ_OK)
		return f->clock_answer;
	assert_true(now_ns >= f->clock_ns);
	f->clock_ns = f->now_ns = now_ns;
	f->clock_calls++;
	return AQ_OK;
}

static int32_t keep_sent(struct fake *f, const void *bytes, uint32_t length)
{
	if (f->send_answer != AQ_OK)
		return f->send_answer;
	const struct sim_frame *frame = bytes;
	assert_int_equal(frame->size, length);
	assert_int_equal(frame->time_ns, f->now_ns);
	f->sent[f->sent_count] = malloc(length);
	assert_non_null(f->sent[f->sent_count]);
	memcpy(f->sent[f->sent_count++], bytes, length);
	return AQ_OK;
}

static int64_t fake_open(void *owner, const char *address)
{
	struct fake *f = owner;
	snprintf(f->address, sizeof f->address, "%s", address);
	return ++f->connections;
}

static int32_t fake_net_send(void *owner, int64_t connection, const void *bytes, uint32_t length)
{
	struct fake *f = owner;
	assert_int_equal(connection, f->connections);
	return keep_sent(f, bytes, length);
}

static int32_t fake_close(void *owner, int64_t connection)
{
	((struct fake *)owner)->closed = connection;
	return AQ_OK;
}

static int32_t fake_replay_send(void *owner, const void *frame, uint32_t length)
{
	return keep_sent(owner, frame, length);
}

static const void *fake_extension(void *owner, const char *name)
{
	static const struct aq_feed_api feed = {
		.size = sizeof feed, .instrument = fake_instrument, .emit = fake_emit, .clock = fake_clock};
	static const struct aq_net_api net = {
		.size = sizeof net, .open = fake_open, .send = fake_net_send, .close = fake_close};
	static const struct aq_replay_api replay = {.size = sizeof replay, .send = fake_replay_send};
	const struct fake *f = owner;
	if (strcmp(name, AQ_FEED_EXT) == 0)
		return &feed;
	if (strcmp(name, AQ_NET_EXT) == 0)
		return f->venue[0] != 0 ? &net : NULL;
	return strcmp(name, AQ_REPLAY_EXT) == 0 && f->venue[0] == 0 ? &replay : NULL;
}

static void fake_begin(struct fake *f, const char *venue)
{
	memset(f, 0, sizeof *f);
	f->host = (struct aq_host){.size = sizeof f->host,
		.abi_major = AQ_ABI_MAJOR,
		.abi_minor = AQ_ABI_MINOR,
		.owner = f,
		.log = fake_log,
		.now = fake_now,
		.timer_set = fake_timer,
		.post = fake_post,
		.extension = fake_extension};
	f->venue = venue;
	f->room = KEPT;
	f->now_ns = MS(0);
	/* never closed: its leak, if it has one, is to be found with its symbols */
	void *library = dlopen(AQ_BINARY_DIR "/plugins/sim.so", RTLD_NOW | RTLD_LOCAL);
	if (library == NULL)
		fail_msg("%s", dlerror());
	f->plugin = dlsym(library, "aq_plugin_1");
	assert_non_null(f->plugin);
}

static void fake_create(struct fake *f)
{
	struct aq_err err = {0};
	assert_int_equal(f->plugin->create(&f->host, &f->self, &err), AQ_OK);
	const struct aq_option *o = f->plugin->options;
	assert_string_equal(o->name, "venue");
	snprintf((char *)f->self + o->offset, o->size, "%s", f->venue);
}

static void give(struct fake *f, uint16_t type, uint16_t flags, uint64_t tag, const void *body, uint32_t size)
{
	uint64_t room[AQ_EVENT_MAX / 8];
	struct aq_event *e = (struct aq_event *)(void *)room;
	*e = (struct aq_event){.size = (uint32_t)(sizeof *e + (size + 7) / 8 * 8),
		.type = type,
		.flags = flags,
		.tag = tag,
		.time_ns = f->now_ns};
	memset(e + 1, 0, (size + 7) / 8 * 8);
	if (size > 0)
		memcpy(e + 1, body, size);
	f->plugin->on_event(f->self, e);
}

static void give_account(struct fake *f, uint32_t id, const char *name, uint16_t flags)
{
	struct aq_account a = {.size = sizeof a, .id = id};
	snprintf(a.name, sizeof a.name, "%s", name);
	give(f, AQ_EV_ACCOUNT, flags, 0, &a, sizeof a);
}

static void start(struct fake *f)
{
	struct aq_err err = {0};
	assert_int_equal(f->plugin->start(f->self, &err), AQ_OK);
	give(f, AQ_EV_DOWNLOAD_BEGIN, AQ_EV_DOWNLOADED, 0, NULL, 0);
	give_account(f, 7, "main", AQ_EV_DOWNLOADED);
	give_account(f, 9, "second", AQ_EV_DOWNLOADED);
}

static void download_end(struct fake *f)
{
	give(f, AQ_EV_DOWNLOAD_END, AQ_EV_DOWNLOADED, 0, NULL, 0);
}

static void fake_destroy(struct fake *f)
{
	f->plugin->destroy(f->self);
	for (uint32_t i = 0; i < f->record_count; i++)
		free(f->records[i]);
	for (uint32_t i = 0; i < f->sent_count; i++)
		free(f->sent[i]);
	free(f);
}

static struct fake *fake_new(const char *venue)
{
	struct fake *f = malloc(sizeof *f);
	assert_non_null(f);
	fake_begin(f, venue);
	fake_create(f);
	start(f);
	return f;
}

/* --- what the venue says --- */

static void say_welcome(struct tape *t, uint32_t markets, bool owns, bool resumed, int64_t now_ns)
{
	struct sim_frame *f = tape_frame(t, SIM_WELCOME, 0, now_ns, sizeof(struct sim_welcome));
	*(struct sim_welcome *)(void *)(f + 1) = (struct sim_welcome){.version = SIM_VERSION,
		.instruments = markets,
		.now_ns = now_ns,
		.owns_clock = owns,
		.resumed = resumed};
	const char *const symbols[] = {"BTC/USDT", "ETH/USDT"};
	for (uint32_t i = 0; i < markets; i++) {
		uint32_t at = t->length;
		t->markets = i;
		tape_instrument(t, AQ_SPOT, symbols[i]);
		f = (struct sim_frame *)(void *)(t->bytes + at);
		f->market = (uint16_t)(i + 1);
		f->time_ns = now_ns;
	}
}

static void say_fill(struct tape *t, uint32_t account)
{
	struct sim_frame *f = tape_frame(t, SIM_FILL, 2, MS(3), sizeof(struct sim_fill));
	struct sim_fill *body = (struct sim_fill *)(void *)(f + 1);
	f->seq = 12;
	body->account = account;
	body->fill = (struct aq_fill){.size = sizeof body->fill,
		.order = 55,
		.price = PX(99),
		.qty = QTY(1),
		.cumulative = QTY(1),
		.trade_id = "8",
		.fee_asset = "BTC",
		.liquidity = AQ_MAKER,
		.side = AQ_BUY};
}

static void hear(struct fake *f, const struct tape *t)
{
	for (uint32_t at = 0; at < t->length;) {
		const struct sim_frame *frame = (const struct sim_frame *)(const void *)(t->bytes + at);
		give(f, AQ_EV_FRAME, 0, 0, frame, frame->size);
		at += frame->size;
	}
}

static void hear_chunks(struct fake *f, const uint8_t *bytes, uint32_t length, uint32_t chunk)
{
	struct {
		struct aq_net_data head;
		uint8_t bytes[60000];
	} body;
	for (uint32_t at = 0; at < length; at += chunk) {
		uint32_t n = length - at < chunk ? length - at : chunk;
		body.head = (struct aq_net_data){.length = n};
		memcpy(body.bytes, bytes + at, n);
		give(f, AQ_EV_NET_DATA, 0, (uint64_t)f->connections, &body, (uint32_t)sizeof body.head + n);
	}
}

static const struct aq_event *next_record(struct fake *f, uint16_t type)
{
	if (f->record_read == f->record_count)
		fail_msg("no record where one of type %u is due", type);
	assert_int_equal(f->records[f->record_read]->type, type);
	return f->records[f->record_read++];
}

static const struct sim_frame *next_sent(struct fake *f, uint16_t type)
{
	if (f->sent_read == f->sent_count)
		fail_msg("no frame where one of type %u is due", type);
	assert_int_equal(f->sent[f->sent_read]->type, type);
	return f->sent[f->sent_read++];
}

static void all_read(const struct fake *f)
{
	assert_int_equal(f->record_read, f->record_count);
	assert_int_equal(f->sent_read, f->sent_count);
}

static void want(struct fake *f, uint32_t instrument, uint32_t mask, uint16_t flags)
{
	struct aq_event e = {
		.size = sizeof e, .type = AQ_EV_SUBSCRIBE, .flags = flags, .instrument = instrument, .tag = mask};
	f->plugin->on_event(f->self, &e);
}

static void give_order(struct fake *f, uint16_t type, const struct aq_order *o)
{
	give(f, type, 0, 0, o, sizeof *o);
}

static struct aq_order an_order(void)
{
	return (struct aq_order){.size = sizeof(struct aq_order),
		.account = 9,
		.instrument = 102,
		.id = 55,
		.side = AQ_SELL,
		.type = AQ_LIMIT,
		.tif = AQ_GTD,
		.post_only = 1,
		.price = PX(101),
		.qty = QTY(2),
		.display_qty = AQ_NONE,
		.trigger = AQ_NONE,
		.trail = AQ_NONE,
		.amend_price = PX(102),
		.amend_qty = AQ_NONE,
		.expiry_ns = MS(99),
		.self_trade = AQ_ST_CANCEL_MAKER};
}

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

/* --- sockets --- */
static struct fake *outside(void)
{
	struct fake *f = fake_new("socket:/run/venue.sock");
	download_end(f);
	assert_string_equal(f->address, "unix:/run/venue.sock");
	assert_int_equal(f->sent_count, 0);
	give(f, AQ_EV_NET_OPEN, 0, 1, NULL, 0);
	next_sent(f, SIM_HELLO);
	return f;
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

static void save_and_load(struct fake *f)
{
	struct aq_err err = {0};
	struct aq_reader in = {.size = sizeof in, .schema = 1, .bytes = f->saved, .length = f->saved_length};
	void *before = f->self;
	fake_create(f);
	assert_int_equal(f->plugin->load(f->self, &in, &err), AQ_OK);
	f->plugin->destroy(before);
	assert_int_equal(f->plugin->start(f->self, &err), AQ_OK);
}

static int32_t write_saved(void *sink, const void *bytes, uint32_t length)
{
	struct fake *f = sink;
	assert_true(length <= sizeof f->saved - f->saved_length);
	memcpy(f->saved + f->saved_length, bytes, length);
	f->saved_length += length;
	return AQ_OK;
}

static void save(struct fake *f)
{
	struct aq_writer out = {.size = sizeof out, .sink = f, .write = write_saved};
	f->saved_length = 0;
	assert_int_equal(f->plugin->save(f->self, &out), AQ_OK);
}

static void download_again(struct fake *f, int64_t open)
{
	give(f, AQ_EV_DOWNLOAD_BEGIN, AQ_EV_DOWNLOADED, 0, NULL, 0);
	give_account(f, 7, "main", AQ_EV_DOWNLOADED);
	give_account(f, 9, "second", AQ_EV_DOWNLOADED);
	if (open != 0)
		give(f, AQ_EV_NET_OPEN, AQ_EV_DOWNLOADED, (uint64_t)open, NULL, 0);
	download_end(f);
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
	struct aq_reader in = {.size = sizeof in, .schema = 1, .bytes = f->saved, .length = f->saved_length - 1};
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
