/* main.c: `venue`: a simulated exchange in a process of its own. */
#include "host/sim_options.h"
#include "venue/serve.h"

#include <decimal.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
	"usage: venue -c FILE.ini [--exchange NAME] --listen unix:PATH|tcp:ADDRESS:PORT [OPTION...]\n"
	"Serves the captures of [exchange:NAME] to one host at a time and owns the clock.\n"
	"  --exchange NAME   which section; not needed when only one names a capture\n"
	"  --record FILE     what became of every order, at the end and on SIGUSR1\n"
	"  --seed N          of chance (1)\n"
	"  --down-max TIME   after a host is lost the capture goes on for a random time up to this (5s)\n"
	"  --rate N          load: N frames a second by the wall clock, over and over\n"
	"  --count M         with --rate: stop after M frames\n"
	"  --queue-max SIZE  what may wait for a host that does not read (1GB)\n"
	"  --stay            hosts may come also behind the end of the capture, until SIGTERM\n"
	"  -q                no messages\n"
	"SIGHUP: as soon as no host is there it stands still. Each line \"ADDRESS FILE\" of standard input is then\n"
	"served by a copy of it, for one host, with a record of its own.\n";

struct wishes {
	const char *config, *exchange;
	int64_t rate, count, seed;
	struct serve_options serve;
};

static int complain(const char *what, const char *text)
{
	fprintf(stderr, "venue: --%s: %s\n", what, text);
	return -1;
}

static int read_number(const char *what, const char *text, int64_t *out)
{
	if (aq_dec_parse(text, strlen(text), 0, out) == AQ_OK && *out >= 0)
		return 0;
	return complain(what, "write a whole number");
}

static int take_option(struct wishes *w, int option)
{
	struct aq_err err;

	switch (option) {
	case 'c':
		w->config = optarg;
		return 0;
	case 'e':
		w->exchange = optarg;
		return 0;
	case 'l':
		w->serve.listen = optarg;
		return 0;
	case 'r':
		w->serve.record = optarg;
		return 0;
	case 's':
		return read_number("seed", optarg, &w->seed);
	case 'd':
		return config_duration(optarg, &w->serve.down_max_ns, &err) == AQ_OK ? 0
										     : complain("down-max", err.text);
	case 'n':
		return read_number("rate", optarg, &w->rate);
	case 'm':
		return read_number("count", optarg, &w->count);
	case 'b':
		return config_size(optarg, &w->serve.queue_max, &err) == AQ_OK ? 0 : complain("queue-max", err.text);
	case 't':
		w->serve.stay = true;
		return 0;
	case 'q':
		w->serve.quiet = true;
		return 0;
	default:
		return -1;
	}
}

static int read_arguments(struct wishes *w, int argc, char **argv)
{
	static const struct option options[] = {{"config", 1, NULL, 'c'}, {"exchange", 1, NULL, 'e'},
		{"listen", 1, NULL, 'l'}, {"record", 1, NULL, 'r'}, {"seed", 1, NULL, 's'}, {"down-max", 1, NULL, 'd'},
		{"rate", 1, NULL, 'n'}, {"count", 1, NULL, 'm'}, {"queue-max", 1, NULL, 'b'}, {"stay", 0, NULL, 't'},
		{"help", 0, NULL, 'h'}, {NULL, 0, NULL, 0}};
	int option;

	while ((option = getopt_long(argc, argv, "c:qh", options, NULL)) != -1) {
		if (option == 'h') {
			fputs(usage, stdout);
			exit(0);
		}
		if (take_option(w, option) != 0)
			return -1;
	}
	return optind == argc && w->config != NULL && w->serve.listen != NULL ? 0 : -1;
}

/* The section that was named, or the only one with a capture. */
static const struct config_section *find_exchange(const struct config *c, const char *name)
{
	const struct config_section *found = NULL;

	if (name != NULL)
		return config_find(c, "exchange", name);
	for (int i = 0; i < c->count; i++) {
		if (strcmp(c->sections[i].kind, "exchange") != 0 || config_get(&c->sections[i], "capture") == NULL)
			continue;
		if (found != NULL)
			return NULL;
		found = &c->sections[i];
	}
	return found;
}

static int run(const struct wishes *w, struct sim_options *options)
{
	struct sim_venue *venue;
	struct aq_err err = {0};
	int status;

	if (options->stored_count > 0) {
		fprintf(stderr, "venue: capture = store:%s ...: only aioquantd reads stores. Name a file here: what it has read lies "
				"in replay/ of its state_dir.\n", options->stored[0].store);
		return 1;
	}
	options->venue.rate = (uint64_t)w->rate;
	options->venue.loop = w->rate != 0;
	options->venue.frames_max = (uint64_t)w->count;
	options->venue.owns_clock = w->rate == 0;
	options->venue.base_ns = INT64_MAX / 4; /* until somebody subscribes */
	if (sim_venue_create(&venue, &options->venue, &err) != AQ_OK) {
		fprintf(stderr, "venue: %s\n", err.text);
		return 1;
	}
	status = serve(venue, &options->venue, &w->serve);
	sim_venue_destroy(venue);
	return status == 0 ? 0 : 1;
}

static int run_config(const struct wishes *w, const struct config *c, struct config_errors *errors)
{
	const struct config_section *exchange = find_exchange(c, w->exchange);
	struct sim_options options;
	int status = 1;

	if (exchange == NULL) {
		fprintf(stderr,
			"venue: %s: no such exchange, or not exactly one with a capture. Use --exchange NAME.\n",
			w->config);
		return 1;
	}
	if (sim_options_read(&options, c, exchange, errors) > 0)
		config_errors_print(errors, stderr);
	else
		status = run(w, &options);
	sim_options_free(&options);
	return status;
}

int main(int argc, char **argv)
{
	struct wishes w = {.seed = 1, .serve = {.down_max_ns = 5000000000, .queue_max = 1 << 30}};
	struct config_errors *errors;
	struct config *c;
	int status = 1;

	if (read_arguments(&w, argc, argv) != 0) {
		fputs(usage, stderr);
		return 2;
	}
	w.serve.seed = (uint64_t)w.seed;
	errors = config_errors_create();
	c = config_load(w.config, NULL, 0, errors);
	if (c == NULL)
		config_errors_print(errors, stderr);
	else
		status = run_config(&w, c, errors);
	config_destroy(c);
	config_errors_destroy(errors);
	return status;
}
