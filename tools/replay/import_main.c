/* import_main.c: the command line of `replay import`, and what it says at the end. */
#include <replay/commands.h>

#include <decimal.h>
#include <flow/kline.h>
#include <replay/csv_import.h>
#include <replay/import.h>
#include <replay/times.h>

#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum format { BY_NAME, CSV, RECORDING };

struct command {
	enum format format;
	const char *shift;
	struct csv_import csv;
	struct replay_import recording;
	struct progress progress;
};

/* ---- options ---- */

static int set_format(struct command *c, const char *text)
{
	c->format = strcmp(text, "csv") == 0 ? CSV : strcmp(text, "recording") == 0 ? RECORDING : BY_NAME;
	return c->format == BY_NAME ? usage("--format must be csv or recording, not", text) : DONE;
}

static int set_option(struct command *c, int option, const char *value)
{
	const char **fields[] = {['v'] = &c->csv.venue,
		['s'] = &c->csv.symbol,
		['m'] = &c->csv.market,
		['d'] = &c->csv.digits,
		['i'] = &c->csv.interval,
		['c'] = &c->csv.columns,
		['S'] = &c->shift,
		['b'] = &c->csv.filters.base,
		['q'] = &c->csv.filters.quote,
		['t'] = &c->csv.filters.tick,
		['l'] = &c->csv.filters.lot,
		['n'] = &c->csv.filters.min_notional};
	if (option == '?')
		return USAGE; /* getopt has said what is wrong */
	if (option == 'f')
		return set_format(c, value);
	if (option == 'B')
		c->csv.skip_bad = true;
	else
		*fields[option] = value;
	return DONE;
}

/* By the name: .csv, .csv.gz and .zip are CSV. */
static bool is_csv_name(const char *path)
{
	size_t length = strlen(path);
	if (length > 3 && strcmp(path + length - 3, ".gz") == 0)
		length -= 3;
	return length > 4 && (strncmp(path + length - 4, ".csv", 4) == 0 || strncmp(path + length - 4, ".zip", 4) == 0);
}

static int find_format(struct command *c)
{
	for (size_t i = 0; i < c->csv.files && c->format == BY_NAME; i++)
		if (is_csv_name(c->csv.in[i]) != is_csv_name(c->csv.in[0]))
			return usage("some files have names of CSV and some have not; give --format csv or recording", "");
	if (c->format == BY_NAME)
		c->format = is_csv_name(c->csv.in[0]) ? CSV : RECORDING;
	return DONE;
}

static int check_csv(const struct command *c)
{
	return c->shift != NULL ? usage("--shift is for recordings, which have local times; the files are CSV", "") : DONE;
}

static int read_shift(struct command *c)
{
	struct replay_import *r = &c->recording;
	r->shift_auto = c->shift == NULL || strcmp(c->shift, "auto") == 0;
	if (!r->shift_auto && aq_dec_parse(c->shift, strlen(c->shift), 0, &r->shift_ns) < 0)
		return usage("--shift must be `auto` or a whole number of nanoseconds, not", c->shift);
	return DONE;
}

static int check_recording(struct command *c)
{
	static const char *const csv_only =
		"--market, --digits, --interval, --columns and --skip-bad are for CSV, and the files are recordings; "
		"give --format csv if they are not";
	if (c->csv.market != NULL || c->csv.digits != NULL || c->csv.interval != NULL || c->csv.columns != NULL ||
		c->csv.skip_bad)
		return usage(csv_only, "");
	if (c->csv.venue == NULL || c->csv.symbol == NULL)
		return usage("import of recordings needs --venue and --symbol", "");
	c->recording = (struct replay_import){.venue = c->csv.venue,
		.symbol = c->csv.symbol,
		.filters = c->csv.filters,
		.out = c->csv.out,
		.in = c->csv.in,
		.files = c->csv.files,
		.complaints = stderr,
		.progress = &c->progress};
	return read_shift(c);
}

static int read_options(int count, char **args, struct command *c)
{
	static const struct option options[] = {{"format", required_argument, NULL, 'f'},
		{"venue", required_argument, NULL, 'v'}, {"symbol", required_argument, NULL, 's'},
		{"market", required_argument, NULL, 'm'}, {"digits", required_argument, NULL, 'd'},
		{"interval", required_argument, NULL, 'i'}, {"columns", required_argument, NULL, 'c'},
		{"skip-bad", no_argument, NULL, 'B'}, {"shift", required_argument, NULL, 'S'},
		{"base", required_argument, NULL, 'b'}, {"quote", required_argument, NULL, 'q'},
		{"tick", required_argument, NULL, 't'}, {"lot", required_argument, NULL, 'l'},
		{"min-notional", required_argument, NULL, 'n'}, {0}};
	int option;
	while ((option = getopt_long(count, args, "", options, NULL)) != -1) {
		int code = set_option(c, option, optarg);
		if (code != DONE)
			return code;
	}
	if (count - optind < 2)
		return usage("import needs the file to write and one or more to read", "");
	c->csv.out = args[optind];
	c->csv.in = (const char *const *)args + optind + 1;
	c->csv.files = (size_t)(count - optind - 1);
	int code = find_format(c);
	if (code != DONE)
		return code;
	return c->format == CSV ? check_csv(c) : check_recording(c);
}

/* ---- recordings ---- */

static void report(const struct replay_import *import, const struct replay_result *r)
{
	char shift[48], delay[48];
	aq_dec_print(r->shift_ns, 9, 0, shift);
	aq_dec_print(r->delay_ns == INT64_MAX ? AQ_NONE : r->delay_ns, 9, 0, delay);
	printf("%s: %" PRIu64 " lines: %" PRIu64 " snapshots, %" PRIu64 " deltas, %" PRIu64 " tickers, %" PRIu64
	       " trades, %" PRIu64 " funding, %" PRIu64 " other, %" PRIu64 " unreadable\n",
		import->out, r->lines, r->snapshots, r->deltas, r->tickers, r->trades, r->funding, r->other, r->bad);
	printf("local times shifted by %s s, smallest delay %s s, %" PRIu64 " times raised to the one before\n", shift,
		delay, r->clamped);
}

static int import_recording(struct command *c)
{
	struct replay_result result;
	struct aq_err err = {0};
	int status = replay_import(&c->recording, &result, &err);
	progress_clear(&c->progress);
	if (status < 0) {
		fprintf(stderr, "replay: %s\n", err.text);
		return FAILED;
	}
	report(&c->recording, &result);
	if (result.cut)
		fprintf(stderr, "replay: %s\n", err.text);
	if (result.bad > 0)
		fprintf(stderr, "replay: %" PRIu64 " lines could not be read and are not in %s\n", result.bad,
			c->recording.out);
	return result.cut || result.bad > 0 ? PARTLY : DONE;
}

/* ---- CSV ---- */

static void report_gaps(const struct write_result *r)
{
	char from[TIME_TEXT], to[TIME_TEXT];
	for (uint64_t i = 0; i < r->gaps && i < WRITE_GAPS_KEPT; i++)
		printf("  gap from %s to %s: %" PRIu64 " missing\n", time_text(r->gap[i].from_ns, from),
			time_text(r->gap[i].to_ns, to), r->gap[i].missing);
	if (r->gaps > WRITE_GAPS_KEPT)
		printf("  and %" PRIu64 " more\n", r->gaps - WRITE_GAPS_KEPT);
}

static void report_some(uint64_t count, const char *what)
{
	if (count > 0)
		printf(", %" PRIu64 " %s", count, what);
}

static void report_rows(const struct csv_import *what, const struct aq_instrument *i, const struct write_result *r)
{
	char from[TIME_TEXT], to[TIME_TEXT];
	printf("%s: %" PRIu64 " rows of %s, %s to %s UTC: ", what->out, r->rows, i->symbol, time_text(r->first_ns, from),
		time_text(r->last_ns, to));
	if (r->interval != 0)
		printf("%" PRIu64 " candles of %s, %" PRIu64 " missing in %" PRIu64 " gaps", r->klines,
			kline_name(r->interval), r->missing, r->gaps);
	else
		printf("%" PRIu64 " trades", r->trades);
	report_some(r->empty, "without a trade");
	report_some(r->sideless, "without a side");
	report_some(r->bad, "bad, left out");
	putchar('\n');
	report_gaps(r);
}

static int import_csv(struct command *c)
{
	struct write_result result;
	struct aq_instrument instrument;
	struct aq_err err = {0};
	c->csv.complaints = stderr;
	c->csv.progress = &c->progress;
	int status = csv_import(&c->csv, &result, &instrument, &err);
	progress_clear(&c->progress);
	if (status < 0) {
		fprintf(stderr, "replay: %s\n", err.text);
		return FAILED;
	}
	report_rows(&c->csv, &instrument, &result);
	return result.bad > 0 ? PARTLY : DONE;
}

int import_main(int count, char **args)
{
	struct command c = {0};
	int code = read_options(count, args, &c);
	if (code != DONE)
		return code;
	progress_begin(&c.progress, c.csv.out);
	return c.format == CSV ? import_csv(&c) : import_recording(&c);
}
