/* log_help.h: a log in a folder of its own, and what its file holds. */
#ifndef AQ_TESTS_LOG_HELP_H
#define AQ_TESTS_LOG_HELP_H

#include "base/log.h"

#include "journal_help.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static char folder[256], path[300];
static struct log_options options;

static inline int set_up(void **unused)
{
	folder_make(folder);
	snprintf(path, sizeof(path), "%s/host.log", folder);
	options = (struct log_options){.path = path, .level = AQ_LOG_DEBUG, .format = LOG_TEXT};
	return 0;
}

static inline int tear_down(void **unused)
{
	log_close();
	folder_remove(folder);
	return 0;
}

/* What a file holds, with a NUL; the caller frees. */
static inline char *text_of(const char *name)
{
	size_t size = 0;
	char *text = (char *)file_bytes(name, &size);

	assert_non_null(text);
	text[size] = '\0';
	return text;
}

/* Where `what` stands next, within a line and the newline at its end; NULL = nowhere. A sanitizer's strstr looks at all
 * that follows, each time. */
static inline const char *find(const char *at, const char *what)
{
	size_t length;

	for (const char *found; *at != '\0'; at += length) {
		const char *end = strchr(at, '\n');

		length = end != NULL ? (size_t)(end - at) + 1 : strlen(at);
		found = memmem(at, length, what, strlen(what));
		if (found != NULL)
			return found;
	}
	return NULL;
}

static inline int count_of(const char *text, const char *what)
{
	int count = 0;

	for (const char *at = text; (at = find(at, what)) != NULL; at += strlen(what))
		count++;
	return count;
}

/* Ends the log; how often `what` stands in its file. */
static inline int closed_count(const char *what)
{
	char *text;
	int count;

	log_close();
	text = text_of(path);
	count = count_of(text, what);
	free(text);
	return count;
}

static inline int64_t seconds_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec;
}

/* Until a file holds `what`. `talk`: something new is said again and again. */
static inline void wait_for(const char *name, const char *what, bool talk)
{
	const struct timespec pause = {.tv_nsec = 1000000};

	for (int64_t end = seconds_now() + 60; seconds_now() < end; nanosleep(&pause, NULL)) {
		static int said;
		char *text = text_of(name);
		bool found = find(text, what) != NULL;

		free(text);
		if (found)
			return;
		if (talk)
			log_line(AQ_LOG_DEBUG, "test", "talk %d", said++);
	}
	fail_msg("in vain: \"%s\" in %s", what, name);
}

/* The sum of the numbers behind `what`. */
static inline long sum_of(const char *text, const char *what)
{
	long sum = 0;

	for (const char *at = text; (at = find(at, what)) != NULL; at += strlen(what))
		sum += strtol(at + strlen(what), NULL, 10);
	return sum;
}

/* ---- lines with a number ---- */

#define LINES 3000

struct seen {
	uint8_t lines[LINES]; /* how often each stands there */
	int strange;          /* lines without, and parts of lines */
};

/* Takes the lines "number N." of a file into account. */
static inline void see_numbers(const char *name, void *context)
{
	struct seen *seen = context;
	char *text = text_of(name);

	for (char *at = text, *end; (end = strchr(at, '\n')) != NULL; at = end + 1) {
		const char *number = memmem(at, (size_t)(end - at), "number ", 7);
		char *behind = end;
		int i = number != NULL ? (int)strtol(number + 7, &behind, 10) : -1;

		if (i >= 0 && i < LINES && *behind == '.')
			seen->lines[i]++;
		else
			seen->strange++;
	}
	free(text);
}

static inline void check_seen(const struct seen *seen)
{
	for (int i = 0; i < LINES; i++)
		assert_int_equal(seen->lines[i], 1);
}

/* ---- stderr ---- */

static int real_stderr = -1;

/* From here on it is this file of the folder. */
static inline void take_stderr(const char *name, char out[300])
{
	int fd;

	snprintf(out, 300, "%s/%s", folder, name);
	fd = open(out, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	real_stderr = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	assert_true(dup2(fd, STDERR_FILENO) >= 0);
	close(fd);
}

static inline void give_stderr_back(void)
{
	assert_true(dup2(real_stderr, STDERR_FILENO) >= 0);
	close(real_stderr);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
