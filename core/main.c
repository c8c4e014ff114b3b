/* main.c: the arguments of aioquantd. */
#include "base/err.h"
#include "base/log.h"
#include "host/crash.h"
#include "host/follow.h"
#include "host/host.h"
#include "host/judge_file.h"
#include "host/measure.h"
#include "host/options.h"
#include "host/rehearsal.h"
#include "host/version.h"
#include "host/check_config.h"
#include "host/check_plugin.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SETS_MAX 256

struct arguments {
	const char *config;
	struct sets {
		const char *list[SETS_MAX];
		int count;
	} overrides, kept;
	struct follow_options follow;
	const char *help, *probe, *judge, *measure;
	int64_t seconds;
	bool check, print, strict;
};

static const char usage[] =
	"aioquantd: runs strategies against exchanges, and replaces them while their orders are live\n"
	"\n"
	"  aioquantd -c FILE             runs a deployment\n"
	"  aioquantd -t -c FILE          checks its configuration and starts nothing\n"
	"  aioquantd -T -c FILE          the same, and prints it merged, with the file and line of every value\n"
	"  aioquantd --probe FILE.so     shows what a plugin is, its options, and what speaks against it\n"
	"  aioquantd --help PLUGIN       the same; FILE.so, or a name in plugin_path of -c FILE or beside this program\n"
	"  aioquantd --help SECTION      the keys of host, log, control, journal, exchange, account or strategy\n"
	"  aioquantd --version\n"
	"\n"
	"  --strict                  with --probe: warnings about a plugin refuse it\n"
	"  --set SECTION.KEY=VALUE   replaces a value of the file, e.g. --set mm.spread=2bps; may repeat\n"
	"  --follow STRATEGY         shows it: a live view on a terminal, else a line a second; its result at the end\n"
	"  --notes FIFO              lines \"say TEXT\" and \"try TEXT\" written there are shown with it\n"
	"  --result FILE             its result is written there, too\n"
	"  --judge FILE              a replay's venue writes its own record of orders, fills and balances there at the end\n"
	"  --measure FILE            writes what each reload cost: the longest time between two events\n"
	"  --seconds N               stops after N seconds of the wall clock\n"
	"\n"
	"Reload: aqctl reload, or SIGHUP. Stop: SIGTERM. Exit status: 0 done, 1 failed, 2 wrong usage.\n";

static int fail_usage(const char *what)
{
	fprintf(stderr, "aioquantd: %s\n%s", what, usage);
	return 2;
}

static const struct option long_options[] = {
	{"set", required_argument, NULL, 's'}, {"follow", required_argument, NULL, 'f'},
	{"notes", required_argument, NULL, 'o'}, {"result", required_argument, NULL, 'r'},
	{"judge", required_argument, NULL, 'j'}, {"measure", required_argument, NULL, 'm'},
	{"seconds", required_argument, NULL, 'n'}, {"probe", optional_argument, NULL, 'p'},
	{"help", optional_argument, NULL, 'h'}, {"strict", no_argument, NULL, 'w'},
	{"version", no_argument, NULL, 'v'},
	{"kept", required_argument, NULL, 'k'}, /* only for a host's own child, that checks: what aqctl set has set */
	{NULL, 0, NULL, 0},
};

static int take_number(const char *text, int64_t *out)
{
	char *end;

	*out = strtoll(text, &end, 10);
	return *text != '\0' && *end == '\0' && *out > 0 ? 0 : -1;
}

/* `--probe FILE` and `--probe --strict FILE`: the name is what is left when all options have been read. */
static int take_name(int argc, char **argv, struct arguments *a)
{
	const char **name = a->probe != NULL ? &a->probe : &a->help;

	if (*name != NULL && **name == '\0' && optind < argc)
		*name = argv[optind++];
	if (a->probe != NULL && a->probe[0] == '\0')
		return fail_usage("--probe takes the file of a plugin") + 1;
	return optind < argc ? fail_usage("unknown argument") + 1 : 0;
}

static bool add_set(struct sets *to, const char *text)
{
	if (to->count == SETS_MAX)
		return false;
	to->list[to->count++] = text;
	return true;
}

/* 0 to go on, else the exit status + 1. */
static int parse(int argc, char **argv, struct arguments *a)
{
	int got;

	while ((got = getopt_long(argc, argv, "c:tTh", long_options, NULL)) != -1) {
		switch (got) {
		case 'c': a->config = optarg; break;
		case 't': a->check = true; break;
		case 'T': a->print = true; break;
		case 'f': a->follow.name = optarg; break;
		case 'o': a->follow.notes = optarg; break;
		case 'r': a->follow.result = optarg; break;
		case 'j': a->judge = optarg; break;
		case 'm': a->measure = optarg; break;
		case 'p': a->probe = optarg != NULL ? optarg : ""; break;
		case 'w': a->strict = true; break;
		case 's':
		case 'k':
			if (!add_set(got == 's' ? &a->overrides : &a->kept, optarg))
				return fail_usage("too many --set") + 1;
			break;
		case 'n':
			if (take_number(optarg, &a->seconds) != 0)
				return fail_usage("--seconds takes a whole number") + 1;
			break;
		case 'v':
			printf("aioquantd " AQ_VERSION ", ABI %d.%d (draft)\n", AQ_ABI_MAJOR, AQ_ABI_MINOR);
			return 1;
		case 'h': a->help = optarg != NULL ? optarg : ""; break;
		default:
			return fail_usage("unknown argument") + 1;
		}
	}
	if (a->follow.name == NULL && (a->follow.notes != NULL || a->follow.result != NULL))
		return fail_usage("--notes and --result need --follow STRATEGY") + 1;
	return take_name(argc, argv, a);
}

static void time_up(void *context)
{
	((struct host *)context)->stop = true;
}

/* What is looked at while it runs. */
static int begin_looking(struct host *h, const struct arguments *a)
{
	struct aq_err err = {0};

	if (follow_begin(h, &a->follow, &err) != 0) {
		fprintf(stderr, "aioquantd: %s\n", err.text);
		return 1;
	}
	if (a->measure != NULL)
		h->gaps = measure_open(a->measure, h->loop);
	if (a->measure == NULL || h->gaps != NULL)
		return 0;
	fprintf(stderr, "aioquantd: --measure %s: %s\n", a->measure, strerror(errno));
	return 1;
}

static int run(const struct arguments *a)
{
	struct host *h = calloc(1, sizeof(*h));
	struct config_errors *errors = config_errors_create();
	struct aq_err err = {0};
	int rc;

	if (h == NULL)
		return 1;
	rc = host_open(h, a->config, a->overrides.list, a->overrides.count, errors, &err);
	log_flush(); /* what led to the errors stands before them */
	config_errors_print(errors, stderr);
	if (rc == 0 && a->seconds > 0)
		loop_deadline(h->loop, loop_now(h->loop) + a->seconds * 1000000000ll, time_up, h);
	if (rc == 0) {
		rc = begin_looking(h, a);
		if (rc == 0)
			rc = host_run(h);
		follow_end(h);
		if (a->judge != NULL)
			rc = judge_file_write(h, a->judge) != 0 ? 1 : rc;
	} else {
		fprintf(stderr, "aioquantd: %s. Nothing was started.\n", err.text);
	}
	measure_close(h->gaps);
	h->gaps = NULL;
	host_close(h);
	config_errors_destroy(errors);
	free(h);
	return rc == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
	struct arguments a = {0};
	int rc;

	if (argc == 5 && strcmp(argv[1], "--rehearse") == 0) /* only for a host's own child, see rehearsal.h */
		return rehearsal_main(argv[3], argv[4], (uint32_t)strtoul(argv[2], NULL, 10));
	if (argc == 5 && strcmp(argv[1], "--explain-crash") == 0) /* likewise, see crash.h */
		return crash_explain(argv[2], argv[3], (int)strtol(argv[4], NULL, 10));
	if (argc == 3 && strcmp(argv[1], "--locate-crash") == 0) /* likewise */
		return crash_locate(argv[2]);
	rc = parse(argc, argv, &a);
	if (rc != 0)
		return rc - 1;
	if (a.help != NULL && a.help[0] == '\0')
		return fputs(usage, stdout) < 0;
	if (a.help != NULL && options_help(a.help, stdout))
		return 0;
	if (a.help != NULL || a.probe != NULL)
		return check_plugin(a.probe != NULL ? a.probe : a.help, a.config, a.overrides.list, a.overrides.count,
			a.strict);
	if (a.config == NULL)
		return fail_usage("-c FILE is missing");
	if (a.check || a.print)
		return check_config(a.config, (struct check_words){a.overrides.list, a.overrides.count},
			(struct check_words){a.kept.list, a.kept.count}, a.print);
	return run(&a);
}
