#include <replay/info.h>

#include <decimal.h>
#include <flow/kline.h>
#include <sim/venue/capture_file.h>

#include <inttypes.h>
#include <stdbool.h>
#include <time.h>

struct counts {
	uint64_t frames, snapshots, deltas, tickers, trades, funding, klines;
	uint8_t interval; /* of the candles */
	int64_t first_ns, last_ns;
};

static void print_time(const char *name, int64_t time_ns)
{
	char text[32] = "?";
	time_t seconds = (time_t)(time_ns / 1000000000);
	struct tm utc;
	if (gmtime_r(&seconds, &utc) != NULL)
		strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &utc);
	printf("%-12s %s.%09" PRId64 " UTC\n", name, text, time_ns % 1000000000);
}

static void print_instrument(const struct aq_instrument *i)
{
	char tick[48], lot[48], least[48];
	aq_dec_print(i->tick, i->px_digits, 0, tick);
	aq_dec_print(i->lot, i->qty_digits, 0, lot);
	aq_amt_print(i->min_notional, 0, least);
	printf("%-12s %.*s (%.*s), tick %s, lot %s %.*s, at least %s %.*s, digits %u/%u\n", "instrument",
		(int)sizeof(i->symbol), i->symbol, (int)sizeof(i->venue_symbol), i->venue_symbol, tick, lot,
		(int)sizeof(i->base), i->base, least, (int)sizeof(i->quote), i->quote, i->px_digits, i->qty_digits);
}

static void count(struct counts *c, const struct sim_frame *frame)
{
	bool snapshot = frame->type == SIM_BOOK && SIM_BODY(aq_book_update, frame)->snapshot;
	if (c->frames++ == 0)
		c->first_ns = frame->time_ns;
	c->last_ns = frame->time_ns;
	c->snapshots += snapshot;
	c->deltas += frame->type == SIM_BOOK && !snapshot;
	c->tickers += frame->type == SIM_TICKER;
	c->trades += frame->type == SIM_TRADE;
	c->funding += frame->type == SIM_FUNDING;
	if (frame->type == SIM_KLINE) {
		c->klines++;
		c->interval = SIM_BODY(aq_kline, frame)->interval;
	}
}

static void print_counts(const struct counts *c)
{
	printf("%-12s %" PRIu64 "\n", "frames", c->frames);
	printf("%-12s %" PRIu64 " snapshots, %" PRIu64 " deltas\n", "book", c->snapshots, c->deltas);
	printf("%-12s %" PRIu64 "\n%-12s %" PRIu64 "\n%-12s %" PRIu64 "\n", "tickers", c->tickers, "trades", c->trades,
		"funding", c->funding);
	if (c->klines > 0)
		printf("%-12s %" PRIu64 " of %s\n", "candles", c->klines, kline_name(c->interval));
	if (c->frames == 0)
		return;
	print_time("first", c->first_ns);
	print_time("last", c->last_ns);
	printf("%-12s %" PRId64 ".%03" PRId64 " s\n", "length", (c->last_ns - c->first_ns) / 1000000000,
		(c->last_ns - c->first_ns) / 1000000 % 1000);
}

static int complain(const struct aq_err *err)
{
	fprintf(stderr, "replay: %s\n", err->text);
	return 1;
}

int replay_info(const char *path)
{
	struct capture_reader reader;
	struct counts counts = {0};
	struct aq_err err = {0};
	char shift[48];
	int status = capture_open(&reader, path, &err);
	if (status < 0)
		return complain(&err);
	aq_dec_print(reader.head.shift_ns, 9, 0, shift);
	printf("%-12s %s\n%-12s %s s\n", "source", reader.head.source, "shift", shift);
	while ((status = capture_next(&reader, &err)) > 0) {
		if (reader.frame->type == SIM_INSTRUMENT)
			print_instrument(SIM_BODY(aq_instrument, reader.frame));
		else
			count(&counts, reader.frame);
	}
	capture_close(&reader);
	if (status == 0)
		print_counts(&counts);
	if (status == 0 && reader.head.frames != 0 && reader.head.frames != counts.frames) {
		fprintf(stderr, "replay: %s: holds %" PRIu64 " frames and should hold %" PRIu64 "; import it again\n",
			path, counts.frames, reader.head.frames);
		return 1;
	}
	return status < 0 ? complain(&err) : 0;
}
