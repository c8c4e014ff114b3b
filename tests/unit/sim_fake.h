/* sim_fake.h: the adapter of the simulated exchange, as the plugin that it is, in a host made of lists: what it emits and
 * what it sends are kept.
 *
 *	struct fake *f = outside();          connected to a venue process, hello has left
 *	hear_chunks(f, bytes, length, 100);  the venue speaks
 *	next_record(f, AQ_EV_TRADE)          ... what the host was told
 *	next_sent(f, SIM_PLACE)              ... what the venue was told
 *	fake_destroy(f);
 */
#ifndef TESTS_SIM_FAKE_H
#define TESTS_SIM_FAKE_H

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
	int64_t sent_on[KEPT]; /* connection */
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
	int64_t open_answer; /* if not 0, instead of a connection */
	char address[128];
	uint32_t room; /* records that are taken before the queue is full */
	uint32_t posts;
	int32_t send_answer;
	uint8_t saved[1 << 19];
	uint32_t saved_length;
};

static inline void fake_log(void *owner, int32_t level, const char *text)
{
}

static inline int64_t fake_now(void *owner)
{
	return ((struct fake *)owner)->now_ns;
}

static inline int64_t fake_timer(void *owner, int64_t at_ns, int64_t period_ns, uint64_t tag)
{
	struct fake *f = owner;
	f->timer_ns = at_ns;
	f->timer_tag = tag;
	return 1;
}

static inline int32_t fake_post(void *owner, uint64_t tag, const void *bytes, uint32_t length)
{
	((struct fake *)owner)->posts++;
	return AQ_OK;
}

static inline int32_t fake_instrument(void *owner, const struct aq_instrument *in)
{
	struct fake *f = owner;
	assert_int_equal(in->id, 0);
	for (uint32_t i = 0; i < f->instrument_count; i++)
		if (strcmp(f->instruments[i].symbol, in->symbol) == 0)
			return (int32_t)(101 + i);
	f->instruments[f->instrument_count++] = *in;
	return (int32_t)(100 + f->instrument_count);
}

static inline int32_t fake_emit(void *owner, const struct aq_event *record)
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

static inline int32_t fake_clock(void *owner, int64_t now_ns)
{
	struct fake *f = owner;
	if (f->clock_answer != AQ_OK)
		return f->clock_answer;
	assert_true(now_ns >= f->clock_ns);
	f->clock_ns = f->now_ns = now_ns;
	f->clock_calls++;
	return AQ_OK;
}

static inline int32_t keep_sent(struct fake *f, const void *bytes, uint32_t length)
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

static inline int64_t fake_open(void *owner, const char *address)
{
	struct fake *f = owner;
	if (f->open_answer != 0)
		return f->open_answer;
	snprintf(f->address, sizeof f->address, "%s", address);
	return ++f->connections;
}

static inline int32_t fake_net_send(void *owner, int64_t connection, const void *bytes, uint32_t length)
{
	struct fake *f = owner;
	assert_in_range(connection, 1, f->connections);
	f->sent_on[f->sent_count] = connection;
	return keep_sent(f, bytes, length);
}

static inline int32_t fake_close(void *owner, int64_t connection)
{
	((struct fake *)owner)->closed = connection;
	return AQ_OK;
}

static inline int32_t fake_replay_send(void *owner, const void *frame, uint32_t length)
{
	return keep_sent(owner, frame, length);
}

static inline const void *fake_extension(void *owner, const char *name)
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

static inline void fake_begin(struct fake *f, const char *venue)
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

static inline void fake_create(struct fake *f)
{
	struct aq_err err = {0};
	assert_int_equal(f->plugin->create(&f->host, &f->self, &err), AQ_OK);
	const struct aq_option *o = f->plugin->options;
	assert_string_equal(o->name, "venue");
	snprintf((char *)f->self + o->offset, o->size, "%s", f->venue);
}

static inline void give(struct fake *f, uint16_t type, uint16_t flags, uint64_t tag, const void *body, uint32_t size)
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

static inline void give_account(struct fake *f, uint32_t id, const char *name, uint16_t flags)
{
	struct aq_account a = {.size = sizeof a, .id = id};
	snprintf(a.name, sizeof a.name, "%s", name);
	give(f, AQ_EV_ACCOUNT, flags, 0, &a, sizeof a);
}

static inline void start(struct fake *f)
{
	struct aq_err err = {0};
	assert_int_equal(f->plugin->start(f->self, &err), AQ_OK);
	give(f, AQ_EV_DOWNLOAD_BEGIN, AQ_EV_DOWNLOADED, 0, NULL, 0);
	give_account(f, 7, "main", AQ_EV_DOWNLOADED);
	give_account(f, 9, "second", AQ_EV_DOWNLOADED);
}

static inline void download_end(struct fake *f)
{
	give(f, AQ_EV_DOWNLOAD_END, AQ_EV_DOWNLOADED, 0, NULL, 0);
}

static inline void fake_destroy(struct fake *f)
{
	f->plugin->destroy(f->self);
	for (uint32_t i = 0; i < f->record_count; i++)
		free(f->records[i]);
	for (uint32_t i = 0; i < f->sent_count; i++)
		free(f->sent[i]);
	free(f);
}

static inline struct fake *fake_new(const char *venue)
{
	struct fake *f = malloc(sizeof *f);
	assert_non_null(f);
	fake_begin(f, venue);
	fake_create(f);
	start(f);
	return f;
}

/* --- what the venue says --- */

static inline void say_welcome(struct tape *t, uint32_t markets, bool owns, bool resumed, int64_t now_ns)
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

static inline void say_fill(struct tape *t, uint32_t account)
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

static inline void hear(struct fake *f, const struct tape *t)
{
	for (uint32_t at = 0; at < t->length;) {
		const struct sim_frame *frame = (const struct sim_frame *)(const void *)(t->bytes + at);
		give(f, AQ_EV_FRAME, 0, 0, frame, frame->size);
		at += frame->size;
	}
}

static inline void hear_on(struct fake *f, int64_t connection, const uint8_t *bytes, uint32_t length, uint32_t chunk)
{
	struct {
		struct aq_net_data head;
		uint8_t bytes[60000];
	} body;
	for (uint32_t at = 0; at < length; at += chunk) {
		uint32_t n = length - at < chunk ? length - at : chunk;
		body.head = (struct aq_net_data){.length = n};
		memcpy(body.bytes, bytes + at, n);
		give(f, AQ_EV_NET_DATA, 0, (uint64_t)connection, &body, (uint32_t)sizeof body.head + n);
	}
}

static inline void hear_chunks(struct fake *f, const uint8_t *bytes, uint32_t length, uint32_t chunk)
{
	hear_on(f, f->connections, bytes, length, chunk);
}

static inline const struct aq_event *next_record(struct fake *f, uint16_t type)
{
	if (f->record_read == f->record_count)
		fail_msg("no record where one of type %u is due", type);
	assert_int_equal(f->records[f->record_read]->type, type);
	return f->records[f->record_read++];
}

static inline const struct sim_frame *next_sent(struct fake *f, uint16_t type)
{
	if (f->sent_read == f->sent_count)
		fail_msg("no frame where one of type %u is due", type);
	assert_int_equal(f->sent[f->sent_read]->type, type);
	return f->sent[f->sent_read++];
}

static inline void all_read(const struct fake *f)
{
	assert_int_equal(f->record_read, f->record_count);
	assert_int_equal(f->sent_read, f->sent_count);
}

static inline void want(struct fake *f, uint32_t instrument, uint32_t mask, uint16_t flags)
{
	struct aq_event e = {
		.size = sizeof e, .type = AQ_EV_SUBSCRIBE, .flags = flags, .instrument = instrument, .tag = mask};
	f->plugin->on_event(f->self, &e);
}

static inline void give_order(struct fake *f, uint16_t type, const struct aq_order *o)
{
	give(f, type, 0, 0, o, sizeof *o);
}

static inline struct aq_order an_order(void)
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

/* --- sockets --- */
static inline struct fake *outside(void)
{
	struct fake *f = fake_new("socket:/run/venue.sock");
	download_end(f);
	assert_string_equal(f->address, "unix:/run/venue.sock");
	assert_int_equal(f->sent_count, 0);
	give(f, AQ_EV_NET_OPEN, 0, 1, NULL, 0);
	next_sent(f, SIM_HELLO);
	return f;
}

static inline void save_and_load(struct fake *f)
{
	struct aq_err err = {0};
	struct aq_reader in = {.size = sizeof in, .schema = f->plugin->state_schema, .bytes = f->saved, .length = f->saved_length};
	void *before = f->self;
	fake_create(f);
	assert_int_equal(f->plugin->load(f->self, &in, &err), AQ_OK);
	f->plugin->destroy(before);
	assert_int_equal(f->plugin->start(f->self, &err), AQ_OK);
}

static inline int32_t write_saved(void *sink, const void *bytes, uint32_t length)
{
	struct fake *f = sink;
	assert_true(length <= sizeof f->saved - f->saved_length);
	memcpy(f->saved + f->saved_length, bytes, length);
	f->saved_length += length;
	return AQ_OK;
}

static inline void save(struct fake *f)
{
	struct aq_writer out = {.size = sizeof out, .sink = f, .write = write_saved};
	f->saved_length = 0;
	assert_int_equal(f->plugin->save(f->self, &out), AQ_OK);
}

static inline void download_again(struct fake *f, int64_t open)
{
	give(f, AQ_EV_DOWNLOAD_BEGIN, AQ_EV_DOWNLOADED, 0, NULL, 0);
	give_account(f, 7, "main", AQ_EV_DOWNLOADED);
	give_account(f, 9, "second", AQ_EV_DOWNLOADED);
	if (open != 0)
		give(f, AQ_EV_NET_OPEN, AQ_EV_DOWNLOADED, (uint64_t)open, NULL, 0);
	download_end(f);
}

#endif
