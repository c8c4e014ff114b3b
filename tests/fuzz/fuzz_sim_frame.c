/* fuzz_sim_frame.c: any bytes as a capture, and any bytes as what a host sends. The first byte chooses. With the good
 * capture a spot account never holds less than it has locked, whatever the host asks. */
#include "sim/venue/venue.h"

#include <aioquant/market.h>
#include <decimal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define START 1000000000
#define FRAMES 40

struct tape {
	uint8_t bytes[16384];
	uint32_t length;
};

static void *add(struct tape *t, uint16_t type, uint16_t market, int64_t time_ns, uint32_t body)
{
	struct sim_frame *f = (struct sim_frame *)(void *)(t->bytes + t->length);
	memset(f, 0, sizeof *f + body);
	*f = (struct sim_frame){.size = (uint32_t)sizeof *f + body, .type = type, .market = market, .time_ns = time_ns};
	t->length += f->size;
	return f + 1;
}

static void good_capture(struct tape *t)
{
	struct sim_capture *c = add(t, SIM_CAPTURE, 0, 0, sizeof *c);
	memcpy(c->magic, SIM_CAPTURE_MAGIC, sizeof c->magic);
	c->version = SIM_VERSION;
	c->instruments = 1;
	struct aq_instrument *i = add(t, SIM_INSTRUMENT, 0, 0, sizeof *i);
	*i = (struct aq_instrument){.size = sizeof *i,
		.id = 1,
		.kind = AQ_SPOT,
		.px_digits = 2,
		.qty_digits = 3,
		.qty_unit = AQ_UNIT_BASE,
		.state = AQ_TRADING,
		.tick = 1,
		.lot = 1,
		.base = "BTC",
		.quote = "USDT",
		.settle = "USDT",
		.symbol = "BTC/USDT",
		.venue_symbol = "BTCUSDT"};
	for (int n = 0; n < FRAMES; n++) {
		int64_t now = START + n * INT64_C(1000000);
		if (n % 4 != 0) {
			struct aq_trade *trade = add(t, SIM_TRADE, 1, now, sizeof *trade);
			*trade = (struct aq_trade){
				.id = n, .price = 9900 + n * 37 % 200, .qty = 700, .taker = 1 + n % 2};
			continue;
		}
		struct aq_book_update *u = add(t, SIM_BOOK, 1, now, sizeof *u + 4 * sizeof(struct aq_level));
		struct aq_level *level = (struct aq_level *)(void *)(u + 1);
		*u = (struct aq_book_update){.follows = n, .reaches = n + 4, .bids = 2, .asks = 2, .snapshot = n == 0};
		for (int l = 0; l < 4; l++)
			level[l] = (struct aq_level){
				.price = (l < 2 ? 9950 : 10050) + n * 13 % 40, .qty = (n + l) % 5 * 1000};
	}
}

struct watch {
	bool spot; /* the account's balances are to be watched */
};

static void heard(void *context, const struct sim_frame *frame)
{
	const struct watch *w = context;
	const struct sim_balance *b = SIM_BODY(sim_balance, frame);
	if (w->spot && frame->type == SIM_BALANCE && (b->locked.hi < 0 || aq_amt_cmp(b->total, b->locked) < 0))
		abort();
}

static void count_line(void *context, const char *text)
{
	*(size_t *)context += strlen(text);
}

static struct sim_venue *create(const void *capture, size_t length)
{
	struct sim_venue_balance balances[] = {{"USDT", aq_amt_of(1000)}, {"BTC", aq_amt_of(10)}};
	struct sim_venue_account accounts[] = {{.name = "a",
						       .fee_maker = {.lo = 200000000000000},
						       .fee_taker = {.lo = 400000000000000},
						       .balances = balances,
						       .balance_count = 2},
		{.name = "b", .hedging = true, .balances = balances, .balance_count = 2, .leverage = 5}};
	char path[64];
	const char *paths[] = {path};
	struct sim_venue_options options = {.captures = paths,
		.capture_count = 1,
		.accounts = accounts,
		.account_count = 2,
		.feed_ns = 1000,
		.entry_ns = 2000,
		.response_ns = 3000};
	struct sim_venue *v = NULL;
	struct aq_err err;
	int fd = memfd_create("capture", MFD_CLOEXEC);
	if (fd < 0 || write(fd, capture, length) != (ssize_t)length)
		abort();
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	if (sim_venue_create(&v, &options, &err) != AQ_OK && (v != NULL || err.text[0] == 0))
		abort();
	close(fd);
	return v;
}

static void greet(struct sim_venue *v)
{
	struct {
		struct sim_frame frame;
		struct sim_hello hello;
		char names[2][48];
	} h = {.frame = {.size = sizeof h, .type = SIM_HELLO},
		.hello = {.version = SIM_VERSION, .accounts = 2},
		.names = {"a", "b"}};
	struct {
		struct sim_frame frame;
		struct sim_subscribe body;
	} s = {.frame = {.size = sizeof s, .type = SIM_SUBSCRIBE, .market = 1},
		.body = {.mask = AQ_SUB_BOOK | AQ_SUB_TRADES | AQ_SUB_TICKER | AQ_SUB_FUNDING}};
	if (sim_venue_receive(v, &h.frame) != AQ_OK || sim_venue_receive(v, &s.frame) != AQ_OK)
		abort();
}

static void finish(struct sim_venue *v, struct watch *w)
{
	size_t length = 0;
	for (int i = 0; i < 100000 && sim_venue_next(v) != INT64_MAX; i++)
		sim_venue_step(v, sim_venue_next(v), heard, w);
	sim_venue_write_record(v, count_line, &length);
	if (length == 0)
		abort();
	sim_venue_destroy(v);
}

/* One request from ten bytes, mostly one that means something. */
static void ask(struct sim_venue *v, const uint8_t *d, int64_t now)
{
	static const uint16_t types[] = {
		SIM_PLACE, SIM_PLACE, SIM_PLACE, SIM_PLACE, SIM_CANCEL, SIM_AMEND, SIM_AMEND, SIM_QUERY};
	struct {
		struct sim_frame frame;
		struct sim_request body;
	} f = {.frame = {.size = sizeof f, .type = types[d[0] % 8], .market = d[0] >= 248 ? d[1] : 1, .time_ns = now},
		.body = {.account = d[0] >> 7,
			.order = d[1] % 32,
			.price = 9900 + d[2],
			.qty = d[3] * 100,
			.side = 1 + d[4] % 2,
			.type = 1 + d[5] % 2,
			.tif = d[5] / 2 % 5,
			.post_only = d[6] % 4 == 0,
			.reduce_only = d[6] == 1,
			.self_trade = d[6] / 8 % 5,
			.expiry_ns = now + d[7] * INT64_C(100000)}};
	f.body.account += 1;
	if (f.body.type == AQ_MARKET_ORDER || d[7] == 255)
		f.body.price = AQ_NONE;
	if (d[8] % 16 == 0)
		f.body.qty = AQ_NONE;
	if (d[8] % 4 == 1) {
		f.body.qty = 0;
		f.body.quote_qty = aq_amt_of(d[9] * 10);
	}
	if (sim_venue_receive(v, &f.frame) != AQ_OK)
		abort();
}

/* Bytes as they are, as a frame. */
static size_t ask_raw(struct sim_venue *v, const uint8_t *data, size_t size)
{
	uint64_t frame[64] = {0};
	size_t length = size < sizeof frame ? size : sizeof frame;
	memcpy(frame, data, length);
	struct sim_frame *f = (struct sim_frame *)(void *)frame;
	if (f->size > sizeof frame)
		f->size = sizeof frame;
	sim_venue_receive(v, f);
	return length;
}

static void host(const uint8_t *data, size_t size)
{
	struct tape t = {.length = 0};
	struct watch w = {.spot = true};
	good_capture(&t);
	struct sim_venue *v = create(t.bytes, t.length);
	if (v == NULL)
		abort();
	int64_t now = START;
	greet(v);
	for (size_t at = 0; at + 10 <= size; now += 300000) {
		sim_venue_step(v, now, heard, &w);
		if (data[at] == 255) {
			at += ask_raw(v, data + at + 1, size - at - 1) + 1;
		} else if (data[at] == 254) {
			sim_venue_host_gone(v);
			greet(v);
			at++;
		} else {
			ask(v, data + at, now);
			at += 10;
		}
	}
	finish(v, &w);
}

static void capture(const uint8_t *data, size_t size)
{
	static const uint8_t orders[] = {
		0, 1, 100, 10, 0, 0, 2, 9, 3, 0, 128, 2, 90, 10, 1, 0, 2, 9, 3, 0, 1, 3, 0, 20, 0, 1, 2, 9, 3, 0};
	struct watch w = {.spot = false};
	struct sim_venue *v = create(data, size);
	if (v == NULL)
		return;
	greet(v);
	for (size_t at = 0; at + 10 <= sizeof orders; at += 10)
		ask(v, orders + at, sim_venue_now(v));
	finish(v, &w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1 || size > 100000)
		return 0;
	if (data[0] % 2 == 0) /* as a capture begins: its first field is a size */
		capture(data, size);
	else
		host(data + 1, size - 1);
	return 0;
}
