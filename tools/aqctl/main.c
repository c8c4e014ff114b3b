/* main.c: aqctl: asks a running host, and prints what it says. */
#include "all.h"
#include "client.h"
#include "find.h"
#include "leave.h"

#include <getopt.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define TIMEOUT_S 60 /* a reload rehearses every plugin */
#define EVERY_MS 1000

struct arguments {
	struct sockets sockets; /* that were given */
	int timeout_s;
	int width; /* of the terminal; 0 = none */
	bool json, repeat, all;
};

static const char usage[] = "aqctl: asks a running aioquantd, and tells it what to do\n"
			    "\n"
			    "  aqctl [-S SOCKET | -d STATE_DIR | -a] [-t SECONDS] [-w] [--json] [VERB [ARGUMENT...]]\n"
			    "\n"
			    "  aqctl          the same as aqctl status\n"
			    "  aqctl help     all verbs, as the host knows them\n"
			    "  -S SOCKET      default: $AQ_SOCKET, else ./state/control.sock, else the newest\n"
			    "                 of /run/aioquant/*.sock\n"
			    "  -d STATE_DIR   the socket STATE_DIR/control.sock\n"
			    "  -a             asks every host of this machine: /run/aioquant/*.sock, $AQ_SOCKET, and\n"
			    "                 each -S and -d; --json: one array\n"
			    "  -t SECONDS     longest wait for an answer, 60\n"
			    "  -w             repeats in place, once a second\n"
			    "  --json         one JSON object with the name of its schema\n"
			    "  --width N      leaves out columns to the right; default: the terminal's\n"
			    "\n"
			    "Exit status: 0 done, 1 failed, 2 wrong usage, 3 not running, 4 refused, 5 partly done (with\n"
			    "-a: by some of the hosts; when by none, the highest of theirs). A halt, pause,\n"
			    "close-only, flatten or resume that a host does not answer is left for it in\n"
			    "STATE_DIR/operator: it is carried out when it turns again, or starts next.\n";

static int fail_usage(const char *what, const char *which)
{
	fprintf(stderr, "aqctl: %s%s; see aqctl -h\n", what, which);
	return CONTROL_USAGE;
}

/* ---- arguments ---- */

static int terminal_width(void)
{
	struct winsize size;

	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

static bool number(const char *text, int most, int *out)
{
	char *end;
	long value = strtol(text, &end, 10);

	*out = (int)value;
	return *text != '\0' && *end == '\0' && value > 0 && value <= most;
}

static int take_socket(struct arguments *a, const char *folder, const char *file)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s%s", folder, file);
	return sockets_add(&a->sockets, path) ? 0 : fail_usage("too many sockets, from on ", path);
}

static int take(int option, struct arguments *a)
{
	switch (option) {
	case 'S':
		return take_socket(a, optarg, "");
	case 'd':
		return take_socket(a, optarg, "/control.sock");
	case 'a':
		a->all = true;
		return 0;
	case 't':
		return number(optarg, 86400, &a->timeout_s) ? 0
							    : fail_usage("-t takes a number of seconds, not ", optarg);
	case 'W':
		return number(optarg, 10000, &a->width) ? 0
							: fail_usage("--width takes a number of columns, not ", optarg);
	case 'w':
		a->repeat = true;
		return 0;
	case 'j':
		a->json = true;
		return 0;
	case 'h':
		fputs(usage, stdout);
		exit(CONTROL_DONE);
	default:
		return CONTROL_USAGE; /* getopt has said what is wrong */
	}
}

/* Our own come before the verb; what follows it is the host's. */
static int parse(int argc, char **argv, struct arguments *a)
{
	static const struct option options[] = {{"json", no_argument, NULL, 'j'}, {"help", no_argument, NULL, 'h'},
		{"width", required_argument, NULL, 'W'}, {0}};
	int option, rc = 0;

	while (rc == 0 && (option = getopt_long(argc, argv, "+S:d:at:wh", options, NULL)) != -1)
		rc = take(option, a);
	if (rc == 0 && a->all) {
		find_all(&a->sockets);
	} else if (rc == 0 && a->sockets.count == 0) {
		char path[PATH_MAX];

		find_socket(path, sizeof(path));
		rc = take_socket(a, path, "");
	}
	return rc;
}

static bool add(char *line, size_t *used, const char *word)
{
	size_t length = strlen(word);

	if (*used + length + 2 > CONTROL_REQUEST_MAX)
		return false;
	memcpy(line + *used, word, length);
	*used += length;
	line[(*used)++] = ' ';
	return true;
}

/* One that goes as it is, behind all others: a filter of `store`. */
static bool is_rest(int i, char **words)
{
	return i >= 4 && strcmp(words[0], "store") == 0 && strpbrk(words[i], " \t") != NULL;
}

static int check_word(int i, char **words)
{
	bool may = (i >= 2 && (leave_may(words[0]) || strcmp(words[0], "set") == 0)) || is_rest(i, words);
	const char *blanks = may ? "\r\n" : " \t\r\n";

	if (words[i][0] != '\0' && strpbrk(words[i], blanks) == NULL)
		return 0;
	return fail_usage(may ? "an argument may hold no line breaks: " : "an argument may hold no blanks: ", words[i]);
}

static bool add_own(const struct arguments *a, char *line, size_t *used)
{
	char width[24];

	snprintf(width, sizeof(width), "--width=%d", a->width);
	return (!a->json || add(line, used, "--json")) && (a->width <= 0 || add(line, used, width));
}

/* The request: words without blanks, since nothing in it can be quoted; why somebody halts, and what a quantity is set to,
 * are words again at the host. */
static int compose(int count, char **words, const struct arguments *a, char line[CONTROL_REQUEST_MAX + 1])
{
	const char *rest = NULL;
	size_t used = 0;
	bool fits = true;

	if (count == 0)
		fits = add(line, &used, "status");
	for (int i = 0; i < count && fits; i++) {
		if (check_word(i, words) != 0)
			return CONTROL_USAGE;
		if (!is_rest(i, words))
			fits = add(line, &used, words[i]);
		else if (rest != NULL)
			return fail_usage("one filter, and not another: ", words[i]);
		else
			rest = words[i];
	}
	fits = fits && add_own(a, line, &used) && (rest == NULL || (add(line, &used, "--") && add(line, &used, rest)));
	if (!fits)
		return fail_usage("the request is longer than a host takes", "");
	line[used - 1] = '\n';
	line[used] = '\0';
	return 0;
}

/* ---- asking ---- */

/* Whether it is a word of the request, ahead of a filter. */
static bool has_word(const char *line, const char *word)
{
	const char *rest = strstr(line, " -- ");
	size_t length = strlen(word);

	for (const char *at = line; (at = strchr(at, ' ')) != NULL && (rest == NULL || at < rest); at++)
		if (strncmp(at + 1, word, length) == 0 && (at[1 + length] == ' ' || at[1 + length] == '\n'))
			return true;
	return false;
}

static bool wants_json(const char *line)
{
	return has_word(line, "--json");
}

/* Its lines go elsewhere as they are: nothing else may be among them. */
static bool is_export(const char *line)
{
	return strncmp(line, "store ", 6) == 0 && has_word(line, "export");
}

static int ask(const struct arguments *a, const char *line, const char *before)
{
	struct answer answer = {.stream = a->repeat ? NULL : stdout};
	int rc = client_ask(a->sockets.paths[a->sockets.count - 1], line, a->timeout_s, &answer);
	bool error = answer.code == CONTROL_FAILED || answer.code == CONTROL_USAGE ||
		(answer.code != CONTROL_DONE && is_export(line));
	FILE *out = error && !wants_json(line) ? stderr : stdout;

	if (rc != CONTROL_DONE)
		return rc;
	fprintf(out, "%s%s", out == stderr ? "aqctl: " : before, answer.body);
	free(answer.body);
	return fflush(out) == 0 ? answer.code : CONTROL_FAILED;
}

static int ask_once(const struct arguments *a, const char *line, const char *before)
{
	return a->all ? all_ask(&a->sockets, line, a->timeout_s, wants_json(line), before) : ask(a, line, before);
}

/* Until the host says no or has gone, all of them with -a; a terminal is written anew from its first line. */
static int repeat(const struct arguments *a, const char *line)
{
	const char *before = isatty(STDOUT_FILENO) ? "\033[H\033[2J" : "";
	int rc;

	while ((rc = ask_once(a, line, before)) == CONTROL_DONE || (a->all && rc == CONTROL_PARTLY))
		poll(NULL, 0, EVERY_MS);
	return rc;
}

int main(int argc, char **argv)
{
	struct arguments a = {.timeout_s = TIMEOUT_S, .width = terminal_width()};
	char line[CONTROL_REQUEST_MAX + 1];
	int rc = parse(argc, argv, &a);

	if (rc == 0)
		rc = compose(argc - optind, argv + optind, &a, line);
	if (rc == 0 && (a.all || a.repeat) && is_export(line))
		rc = fail_usage("an export is of one host, and once: without -a and -w", "");
	if (rc == 0)
		rc = a.repeat ? repeat(&a, line) : ask_once(&a, line, "");
	sockets_free(&a.sockets);
	return rc;
}
