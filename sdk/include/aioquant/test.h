/* test.h: replays recorded data through a plugin, for its unit test.
 *
 *	struct aq_test *t = aq_test_run("mm.so", "btcusdt_20240808.gz", "venue.end=2024-08-08T23:56:00Z",
 *		"mm.size=0.01 BTC", "mm.max_position=0.05 BTC");
 *	AQ_TEST(t, t->fill_count > 0);
 *	AQ_TEST(t, t->denied == 0);
 *	aq_test_print(t, stdout);
 *	return aq_test_end(t);
 *
 * It is the real host, aioquantd, that runs the plugin against a simulated venue, as fast as it can; what is told here
 * comes from that host's journal. Nothing of this is linked into the plugin: pkg-config --cflags --libs aioquant-test.
 *
 * The recording is what tools/replay imports (lines `<local time> <json>`, gzipped) or a capture, FILE.aqc, that it has
 * made; a name without a slash is also looked for beside the SDK's own recordings. An import is done once and kept
 * beside the plugin.
 *
 * The configuration has the sections exchange `venue`, account `test` and one strategy that is called as the plugin's
 * file. Its required markets are set to the recording's instrument. Settings are SECTION.KEY=VALUE:
 *	mm.spread=2bps              an option of the strategy
 *	venue.start=..., venue.end=2024-08-08T23:56:00Z     a part of the recording; the book is built from its begin
 *	venue.feed_latency=1ms      also entry_latency and response_latency, 2 ms each
 *	test.balance=20000 USDT, 0.2 BTC    test.fee_maker=0bps    test.fee_taker=5bps
 *	import.venue=binance_usdm   of a recording; else binance
 *	import.symbol=BTCUSDT       else what its file's name begins with
 *
 * aioquantd, replay and journal_state are taken from AQ_BIN, plugins of the SDK from AQ_PLUGINS, its recordings from
 * AQ_DATA; where these are not set, from what pkg-config says of aioquant.
 */
#ifndef AIOQUANT_TEST_H
#define AIOQUANT_TEST_H

#include "plugin.h"

#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Prices at px_digits, quantities at qty_digits of the test. Denied orders never left the host; one may be
 * denied at the begin, before the account is in step with the venue (AQ_DENY_RECONCILING). */
struct aq_test_order {
	uint64_t id, tag;
	aq_px price;             /* the last; AQ_NONE for market orders */
	aq_qty qty, filled;
	int64_t placed_ns, ended_ns; /* 0 = has not ended */
	uint16_t code;           /* enum aq_code: why denied, rejected or ended */
	uint8_t side;            /* enum aq_side */
	uint8_t state;           /* enum aq_order_state */
};

struct aq_test_fill {
	uint64_t order, tag;
	aq_px price;
	aq_qty qty;
	aq_qty position;         /* after it, fees in base left out */
	struct aq_amt fee;
	int64_t time_ns;
	uint8_t side, liquidity;
	char fee_asset[16];
};

struct aq_test {
	char error[2048];        /* empty: it has run to its end; else what went wrong, and what the host said last */
	char plugin[48];         /* name of the strategy */
	char symbol[48];
	uint8_t px_digits, qty_digits;
	struct aq_test_order *orders; /* in the order in which they were placed */
	struct aq_test_fill *fills;   /* in the order in which they happened */
	uint32_t order_count, fill_count;
	uint32_t denied;         /* orders, amends and cancels that the host denied, AQ_DENY_RECONCILING left out */
	aq_qty position;         /* at the end */
	aq_qty max_position;     /* the largest, long or short */
	struct aq_amt profit;    /* realised and unrealised less fees, in the quote currency, to two digits */
	struct aq_amt realised;  /* exact, without fees */
	char *log;               /* all that the host and the plugin said */
	uint32_t wrong;          /* checks that failed */
};

/* Never NULL. What went wrong is in `error`, and counts as a check that failed. */
#define aq_test_run(...) aq_test_run_settings(__VA_ARGS__, (const char *)0)
/* The same; the settings end with NULL. */
struct aq_test *aq_test_run_settings(const char *plugin, const char *recording, ...);

/* Says where and what, if it is not true. */
#define AQ_TEST(t, condition) aq_test_check((t), (condition), __FILE__, __LINE__, #condition)
void aq_test_check(struct aq_test *t, int holds, const char *file, int line, const char *condition);

/* A line for each order and fill, and one with their sum. */
void aq_test_print(const struct aq_test *t, FILE *out);
/* "61702.11" at the test's digits; AQ_NONE for what is no such number. */
aq_px aq_test_px(const struct aq_test *t, const char *text);
aq_qty aq_test_qty(const struct aq_test *t, const char *text);

/* The table of a plugin's file, for a test that drives it through the host in memory (mock.h). Ends the program where it is
 * none. */
const struct aq_plugin *aq_test_open(const char *plugin);

/* Frees it. Returns the exit status of a test program: 0, or 1 if something was wrong. */
int aq_test_end(struct aq_test *t);

#ifdef __cplusplus
}
#endif

#endif
