/* replay: makes captures from recordings, and tells what is in them. */
#include <decimal.h>
#include <replay/import.h>
#include <replay/info.h>

#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum exit_code { DONE = 0, FAILED = 1, USAGE = 2, PARTLY = 5 };

static const char help[] = "replay import --venue VENUE --symbol SYMBOL [OPTION...] OUT.aqc IN...\n"
			   "    Makes a capture from recordings with lines `<local time> <json>`, plain or\n"
			   "    gzipped; several files continue each other.\n"
			   "    --venue VENUE          binance or binance_usdm\n"
			   "    --symbol SYMBOL        as the venue spells it: BTCUSDT\n"
			   "    --shift auto|NS        added to the local times; auto (default) makes the\n"
			   "                           smallest delay from the venue 1 ms\n"
			   "    --base, --quote, --tick, --lot, --min-notional VALUE\n"
			   "                           of an instrument that is not known here\n"
			   "replay info FILE.aqc\n"
			   "    Checks a capture and tells what is in it.\n"
			   "Exit code: 0 done, 1 failed, 2 wrong usage, 5 done, but some of the input could\n"
			   "not be read.\n";

static int usage(const char *problem, const char *what)
{
	fprintf(stderr, "replay: %s%s%s; see replay --help\n", problem, what[0] != '\0' ? " " : "", what);
	return USAGE;
}

static int set_shift(struct replay_import *import, const char *text)
{
	import->shift_auto = strcmp(text, "auto") == 0;
	if (!import->shift_auto && aq_dec_parse(text, strlen(text), 0, &import->shift_ns) < 0)
		return usage("--shift must be `auto` or a whole number of nanoseconds, not", text);
	return DONE;
}

static int set_option(struct replay_import *import, int option, const char *value)
{
	const char **fields[] = {['v'] = &import->venue,
		['s'] = &import->symbol,
		['b'] = &import->filters.base,
		['q'] = &import->filters.quote,
		['t'] = &import->filters.tick,
		['l'] = &import->filters.lot,
		['n'] = &import->filters.min_notional};
	if (option == 'S')
		return set_shift(import, value);
	if (option == '?')
		return USAGE; /* getopt has said what is wrong */
	*fields[option] = value;
	return DONE;
}

static int read_options(int count, char **args, struct replay_import *import)
{
	static const struct option options[] = {{"venue", required_argument, NULL, 'v'},
		{"symbol", required_argument, NULL, 's'}, {"shift", required_argument, NULL, 'S'},
		{"base", required_argument, NULL, 'b'}, {"quote", required_argument, NULL, 'q'},
		{"tick", required_argument, NULL, 't'}, {"lot", required_argument, NULL, 'l'},
		{"min-notional", required_argument, NULL, 'n'}, {0}};
	int option;
	while ((option = getopt_long(count, args, "", options, NULL)) != -1) {
		int code = set_option(import, option, optarg);
		if (code != DONE)
			return code;
	}
	if (import->venue == NULL || import->symbol == NULL)
		return usage("import needs --venue and --symbol", "");
	if (count - optind < 2)
		return usage("import needs the file to write and one or more to read", "");
	import->out = args[optind];
	import->in = (const char *const *)args + optind + 1;
	import->files = (size_t)(count - optind - 1);
	return DONE;
}

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

static int import_main(int count, char **args)
{
	struct replay_import import = {.shift_auto = true, .complaints = stderr};
	struct replay_result result;
	struct aq_err err = {0};
	int code = read_options(count, args, &import);
	if (code != DONE)
		return code;
	int status = replay_import(&import, &result, &err);
	if (status < 0) {
		fprintf(stderr, "replay: %s\n", err.text);
		return FAILED;
	}
	report(&import, &result);
	if (result.cut)
		fprintf(stderr, "replay: %s\n", err.text);
	if (result.bad > 0)
		fprintf(stderr, "replay: %" PRIu64 " lines could not be read and are not in %s\n", result.bad,
			import.out);
	return result.cut || result.bad > 0 ? PARTLY : DONE;
}

int main(int count, char **args)
{
	const char *command = count > 1 ? args[1] : "";
	if (strcmp(command, "--help") == 0 || strcmp(command, "-h") == 0 || strcmp(command, "help") == 0) {
		fputs(help, stdout);
		return DONE;
	}
	for (int i = 2; i < count; i++) {
		if (strcmp(args[i], "--help") == 0) {
			fputs(help, stdout);
			return DONE;
		}
	}
	if (strcmp(command, "import") == 0)
		return import_main(count - 1, args + 1);
	if (strcmp(command, "info") == 0)
		return count == 3 ? replay_info(args[2]) : usage("info needs one file", "");
	return count < 2 ? usage("needs a command, import or info", "") : usage("unknown command", command);
}
