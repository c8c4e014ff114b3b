/* Imports the recorded data and rebuilds the books from the captures with a reference book of its own: no gap, never
 * crossed, and at every update id at which the venue published its best prices, the same prices and quantities. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "agreement.h"

#include <replay/import.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DATA AQ_SOURCE_DIR "/tests/data/"
#define SIDE_MAX 16384
#define WAITING_MAX 64

/* Best level last, so that changes near the top move little. */
struct side {
	struct aq_level levels[SIDE_MAX];
	size_t count;
	int direction; /* 1: best is highest */
};

struct book {
	struct side bids, asks;
	uint64_t at;
	bool valid, fresh; /* fresh: nothing applied since the snapshot */
	uint64_t applied, old, gaps, crossed;
	struct sim_frame *waiting[WAITING_MAX]; /* deltas that came before the snapshot */
	size_t waiting_count;
	struct agreement agreement;
};

static size_t place_of(const struct side *s, aq_px price)
{
	size_t low = 0, high = s->count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		bool before = s->direction > 0 ? s->levels[middle].price < price : s->levels[middle].price > price;
		low = before ? middle + 1 : low;
		high = before ? high : middle;
	}
	return low;
}

static void set_level(struct side *s, const struct aq_level *level)
{
	size_t place = place_of(s, level->price), behind = s->count - place;
	bool known = behind > 0 && s->levels[place].price == level->price;
	if (known && level->qty != 0) {
		s->levels[place].qty = level->qty;
	} else if (known) {
		memmove(&s->levels[place], &s->levels[place + 1], (behind - 1) * sizeof(*level));
		s->count--;
	} else if (level->qty != 0) {
		assert_true(s->count < SIDE_MAX);
		memmove(&s->levels[place + 1], &s->levels[place], behind * sizeof(*level));
		s->levels[place] = *level;
		s->count++;
	}
}

static void set_levels(struct book *b, const struct aq_book_update *update)
{
	const struct aq_level *level = AQ_BOOK_LEVELS(update);
	for (uint32_t i = 0; i < update->bids; i++)
		set_level(&b->bids, level++);
	for (uint32_t i = 0; i < update->asks; i++)
		set_level(&b->asks, level++);
}

static struct aq_level best(const struct side *s)
{
	return s->count > 0 ? s->levels[s->count - 1] : (struct aq_level){.price = AQ_NONE};
}

static void apply(struct book *b, const struct aq_book_update *update)
{
	set_levels(b, update);
	b->at = update->reaches;
	b->fresh = false;
	b->applied++;
	struct aq_level bid = best(&b->bids), ask = best(&b->asks);
	b->crossed += bid.price != AQ_NONE && ask.price != AQ_NONE && bid.price >= ask.price;
	agreement_check(&b->agreement, b->at, bid, ask);
}

/* The rules of aq_book_update, one by one. */
static void take_delta(struct book *b, const struct aq_book_update *update)
{
	if (update->follows == b->at ||
		(update->overlap && b->fresh && update->follows < b->at && update->reaches > b->at))
		apply(b, update);
	else if (update->overlap && update->reaches <= b->at)
		b->old++;
	else
		b->gaps++;
}

static void take_snapshot(struct book *b, const struct aq_book_update *update)
{
	b->bids.count = b->asks.count = 0;
	set_levels(b, update);
	b->at = update->reaches;
	b->valid = b->fresh = true;
	for (size_t i = 0; i < b->waiting_count; i++) {
		take_delta(b, SIM_BODY(aq_book_update, b->waiting[i]));
		free(b->waiting[i]);
	}
	b->waiting_count = 0;
}

static void keep(struct book *b, const struct sim_frame *frame)
{
	struct sim_frame *copy = malloc(frame->size);
	assert_non_null(copy);
	assert_true(b->waiting_count < WAITING_MAX);
	memcpy(copy, frame, frame->size);
	b->waiting[b->waiting_count++] = copy;
}

static void take(struct book *b, const struct sim_frame *frame)
{
	const struct aq_book_update *update = SIM_BODY(aq_book_update, frame);
	if (update->snapshot)
		take_snapshot(b, update);
	else if (b->valid)
		take_delta(b, update);
	else
		keep(b, frame);
}

/* What only a capture of this kind has: times that do not go back, and nothing before the venue sent it. */
static void check_frame(const struct sim_frame *frame, uint64_t *last_line)
{
	assert_true(frame->seq > *last_line);
	*last_line = frame->seq;
	assert_true(frame->venue_ns < frame->time_ns);
}

static void rebuild(struct book *b, const char *path)
{
	struct capture_reader reader;
	struct aq_err err = {0};
	uint64_t line = 0, frames = 0;
	int status;
	b->bids.direction = 1;
	b->asks.direction = -1;
	assert_true(agreement_load(&b->agreement, path));
	assert_int_equal(capture_open(&reader, path, &err), AQ_OK);
	while ((status = capture_next(&reader, &err)) > 0) {
		if (reader.frame->type == SIM_INSTRUMENT)
			continue;
		check_frame(reader.frame, &line);
		frames++;
		if (reader.frame->type == SIM_BOOK)
			take(b, reader.frame);
	}
	assert_int_equal(status, 0);
	assert_int_equal(frames, reader.head.frames);
	capture_close(&reader);
}

struct expected {
	uint64_t lines, deltas, tickers, trades, old, compared;
	const char *name;
};

static void check_set(struct replay_import import, const struct expected *e)
{
	char path[256];
	struct replay_result result;
	struct aq_err err = {0};
	struct book *b = calloc(1, sizeof(*b));
	assert_non_null(b);
	assert_true(
		snprintf(path, sizeof(path), "%s/capture-%ld.aqc", AQ_BINARY_DIR, (long)getpid()) < (int)sizeof(path));
	import.out = path;
	import.shift_auto = true;
	if (replay_import(&import, &result, &err) != AQ_OK)
		fail_msg("%s", err.text);
	assert_true(result.lines == e->lines && result.bad == 0 && result.other == 0 && !result.cut);
	assert_true(result.snapshots == 1 && result.deltas == e->deltas && result.tickers == e->tickers);
	assert_int_equal(result.trades, e->trades);
	assert_true(
		result.shift_ns > 1200000000 && result.shift_ns < 1300000000); /* the collector's clock was behind */
	assert_int_equal(result.delay_ns, REPLAY_SMALLEST_DELAY_NS);
	rebuild(b, path);
	unlink(path);
	print_message("%llu/%llu %s\n", (unsigned long long)b->agreement.equal,
		(unsigned long long)b->agreement.compared, e->name);
	assert_int_equal(b->agreement.compared, e->compared);
	assert_int_equal(b->agreement.equal, e->compared);
	assert_true(b->gaps == 0 && b->crossed == 0 && b->old == e->old && b->applied == e->deltas - e->old);
	agreement_free(&b->agreement);
	free(b);
}

static void test_spot(void **unused)
{
	static const char *const files[] = {
		DATA "binance-spot/btcusdt_20240808.gz", DATA "binance-spot/btcusdt_20240809.gz"};
	check_set((struct replay_import){.venue = "binance", .symbol = "BTCUSDT", .in = files, .files = 2},
		&(struct expected){99574, 6495, 73174, 19904, 2, 1072, "spot"});
}

static void test_usdm(void **unused)
{
	static const char *const files[] = {DATA "binance-usdm/btcusdt_20240808.gz"};
	check_set((struct replay_import){.venue = "binance_usdm", .symbol = "BTCUSDT", .in = files, .files = 1},
		&(struct expected){93954, 6551, 66089, 21313, 4, 629, "USD-M"});
}

/* ---- the importer with input that is not as it should be ---- */

struct scratch {
	char in[256], out[256];
};

static void write_input(struct scratch *s, const void *bytes, size_t length)
{
	assert_true(snprintf(s->in, sizeof(s->in), "%s/lines-%ld", AQ_BINARY_DIR, (long)getpid()) < (int)sizeof(s->in));
	assert_true(snprintf(s->out, sizeof(s->out), "%s.aqc", s->in) < (int)sizeof(s->out));
	FILE *file = fopen(s->in, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, length, file), length);
	assert_int_equal(fclose(file), 0);
}

static int import_scratch(const struct scratch *s, struct replay_result *result, struct aq_err *err)
{
	const char *in[] = {s->in};
	struct replay_import import = {
		.venue = "binance", .symbol = "BTCUSDT", .shift_auto = true, .out = s->out, .in = in, .files = 1};
	int status = replay_import(&import, result, err);
	assert_int_equal(access(s->out, F_OK) == 0, status == AQ_OK);
	unlink(s->in);
	return status;
}

#define TICKER(u) "{\"u\":" u ",\"s\":\"BTCUSDT\",\"b\":\"1\",\"B\":\"1\",\"a\":\"2\",\"A\":\"1\"}\n"

static void test_bad_lines(void **unused)
{
	static const char text[] = "1723161254000000 " TICKER("1") "1723161253 " TICKER(
		"2") "garbage\n\n1723161253000000000 {\n"
		     "1723161253999999999 " TICKER(
			     "3") "1723161255000000000 {\"result\":null}\r\n1723161256000000000 " TICKER("4");
	struct scratch s;
	struct replay_result result;
	struct aq_err err = {0};
	struct capture_reader reader;
	write_input(&s, text, sizeof(text) - 1);
	assert_int_equal(import_scratch(&s, &result, &err), AQ_OK);
	assert_true(result.lines == 8 && result.bad == 4 && result.other == 1 && result.tickers == 3 &&
		    result.clamped == 1);
	assert_int_equal(capture_open(&reader, s.out, &err), AQ_OK);
	assert_true(capture_next(&reader, &err) == 1 && reader.frame->type == SIM_INSTRUMENT);
	assert_true(capture_next(&reader, &err) == 1 && reader.frame->time_ns == 1723161254000000000);
	assert_true(capture_next(&reader, &err) == 1 && reader.frame->time_ns == 1723161254000000000);
	assert_true(reader.frame->seq == 6);
	capture_close(&reader);
	unlink(s.out);
}

static void test_cut_and_missing(void **unused)
{
	static char bytes[100000];
	struct scratch s;
	struct replay_result result;
	struct aq_err err = {0};
	FILE *file = fopen(DATA "binance-spot/btcusdt_20240808.gz", "rb");
	assert_non_null(file);
	assert_int_equal(fread(bytes, 1, sizeof(bytes), file), sizeof(bytes));
	fclose(file);
	write_input(&s, bytes, sizeof(bytes));
	assert_int_equal(import_scratch(&s, &result, &err), AQ_OK);
	assert_true(result.cut && result.lines > 1000 && result.bad == 0);
	assert_non_null(strstr(err.text, "ends in the middle"));
	unlink(s.out);
	memset(bytes + 5000, 0x55, 1000);
	write_input(&s, bytes, sizeof(bytes));
	int status = import_scratch(&s, &result, &err);
	assert_true(result.cut && (status == AQ_OK || status == AQ_EFORMAT));
	unlink(s.out);
	write_input(&s, bytes, 0);
	assert_int_equal(import_scratch(&s, &result, &err), AQ_ENOENT); /* nothing in it */
	assert_int_equal(import_scratch(&s, &result, &err), AQ_ENOENT); /* and now it is gone */
	assert_non_null(strstr(err.text, "cannot be opened"));
}

static void test_damaged_capture(void **unused)
{
	static const char text[] = "1723161254000000000 " TICKER("1") "1723161254000000000 " TICKER("2");
	static char bytes[4096];
	struct scratch s;
	struct replay_result result;
	struct aq_err err = {0};
	write_input(&s, text, sizeof(text) - 1);
	assert_int_equal(import_scratch(&s, &result, &err), AQ_OK);
	FILE *file = fopen(s.out, "rb");
	assert_non_null(file);
	size_t length = fread(bytes, 1, sizeof(bytes), file);
	fclose(file);
	unlink(s.out);
	for (size_t cut = 0; cut < length; cut++) { /* all but the ends of frames must be noticed */
		struct capture_reader reader;
		write_input(&s, bytes, cut);
		int status = capture_open(&reader, s.in, &err);
		while (status >= 0 && (status = capture_next(&reader, &err)) > 0)
			;
		bool frame_end = (length - cut) % (sizeof(struct sim_frame) + sizeof(struct aq_ticker)) == 0 &&
				 length - cut <= 2 * (sizeof(struct sim_frame) + sizeof(struct aq_ticker));
		assert_int_equal(status == 0, frame_end);
		capture_close(&reader);
	}
	unlink(s.in);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_spot), cmocka_unit_test(test_usdm),
		cmocka_unit_test(test_bad_lines), cmocka_unit_test(test_cut_and_missing),
		cmocka_unit_test(test_damaged_capture)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
