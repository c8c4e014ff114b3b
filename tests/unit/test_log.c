/* test_log.c: every line that is said stands in the log exactly once, as one line, whatever it holds and whatever becomes of
 * the file; or it is counted there. */
#include "base/log.h"
#include "base/log_writer.h"

#include "journal_help.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

static char folder[256], path[300];
static struct log_options options;

static int set_up(void **unused)
{
	folder_make(folder);
	snprintf(path, sizeof(path), "%s/host.log", folder);
	options = (struct log_options){.path = path, .level = AQ_LOG_DEBUG, .format = LOG_TEXT};
	return 0;
}

static int tear_down(void **unused)
{
	log_close();
	folder_remove(folder);
	return 0;
}

/* What a file holds, with a NUL; the caller frees. */
static char *text_of(const char *name)
{
	size_t size = 0;
	char *text = (char *)file_bytes(name, &size);

	assert_non_null(text);
	text[size] = '\0';
	return text;
}

/* Where `what` stands next, within a line and the newline at its end; NULL = nowhere. A sanitizer's strstr looks at all
 * that follows, each time. */
static const char *find(const char *at, const char *what)
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

static int count_of(const char *text, const char *what)
{
	int count = 0;

	for (const char *at = text; (at = find(at, what)) != NULL; at += strlen(what))
		count++;
	return count;
}

/* Ends the log; how often `what` stands in its file. */
static int closed_count(const char *what)
{
	char *text;
	int count;

	log_close();
	text = text_of(path);
	count = count_of(text, what);
	free(text);
	return count;
}

static int64_t seconds_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec;
}

/* Until a file holds `what`. `talk`: something new is said again and again. */
static void wait_for(const char *name, const char *what, bool talk)
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

/* ---- stderr ---- */

static int real_stderr = -1;

/* From here on it is this file of the folder. */
static void take_stderr(const char *name, char out[300])
{
	int fd;

	snprintf(out, 300, "%s/%s", folder, name);
	fd = open(out, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	real_stderr = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	assert_true(dup2(fd, STDERR_FILENO) >= 0);
	close(fd);
}

static void give_stderr_back(void)
{
	assert_true(dup2(real_stderr, STDERR_FILENO) >= 0);
	close(real_stderr);
}

/* ---- many threads ---- */

#define THREADS 4
#define LINES 3000

/* A part in a hundred is said as an error, and all of it slowly enough that the ring does not fill. */
static void *say_lines(void *context)
{
	int id = (int)(intptr_t)context;

	for (int i = 0; i < LINES; i++) {
		log_line(i % 100 == 0 ? AQ_LOG_ERROR : AQ_LOG_INFO, "many", "thread %d line %d.", id, i);
		if (i % 500 == 0)
			assert_true(log_flush());
	}
	return NULL;
}

/* Marks the lines "thread T line N." of a text; fails at one that stands there twice, or before an earlier one. */
static void mark_lines(const char *text, int next[THREADS])
{
	for (const char *at = text; (at = find(at, "thread ")) != NULL; at++) {
		char *end;
		long id = strtol(at + 7, &end, 10);

		assert_in_range(id, 0, THREADS - 1);
		assert_memory_equal(end, " line ", 6);
		assert_int_equal(strtol(end + 6, &end, 10), next[id]);
		assert_memory_equal(end, ".\n", 2);
		next[id]++;
	}
}

static void run_threads(void *(*say)(void *context))
{
	pthread_t threads[THREADS];

	for (intptr_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, say, (void *)i), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
}

static void test_threads(void **unused)
{
	int next[THREADS] = {0};
	char *text;

	assert_int_equal(log_open(&options), 0);
	run_threads(say_lines);
	log_close();
	text = text_of(path);
	mark_lines(text, next);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(next[i], LINES);
	assert_int_equal(count_of(text, "\n"), THREADS * LINES);
	free(text);
}

/* ---- levels ---- */

static void test_levels(void **unused)
{
	options.level = AQ_LOG_WARN;
	assert_int_equal(log_open(&options), 0);
	assert_int_equal(log_level_get(), AQ_LOG_WARN);
	log_line(AQ_LOG_INFO, "a", "hidden");
	log_level_set(AQ_LOG_INFO);
	assert_int_equal(log_level_get(), AQ_LOG_INFO);
	log_line(AQ_LOG_INFO, "a", "shown %d", 1);
	log_line(AQ_LOG_DEBUG, "a", "hidden");
	log_line(AQ_LOG_ERROR, "a", "shown %d", 2);
	assert_int_equal(closed_count("shown"), 2);
	assert_int_equal(closed_count("hidden"), 0);
}

/* ---- formats ---- */

static struct log_record record_of(int level, const char *origin, const char *format, ...)
{
	struct log_record r;
	va_list args;

	va_start(args, format);
	log_record_make(&r, level, origin, format, args);
	va_end(args);
	r.time_ns = INT64_C(1796047331123456789); /* 2026-11-30T14:02:11 */
	return r;
}

static void check_line(enum log_format format, const char *origin, const char *said, const char *expected)
{
	struct log_record r = record_of(AQ_LOG_WARN, origin, "%s", said);
	char line[LOG_LINE_MAX];
	size_t length = log_format(format, &r, line);

	assert_int_equal(line[length - 1], '\n');
	line[length - 1] = '\0';
	assert_string_equal(line, expected);
}

#define HOSTILE "say \"hi\" c:\\x\ntwo\ttabs\x1b[2J\x7f\xc2\x9b \xff\xc3 \xe2\x82\xac"

static void test_formats(void **unused)
{
	check_line(LOG_TEXT, "mm-btc", "quotes", "2026-11-30T14:02:11.123Z warn  mm-btc: quotes");
	check_line(LOG_LOGFMT, "mm-btc", "quotes", "time=2026-11-30T14:02:11.123456Z level=warn from=mm-btc msg=\"quotes\"");
	check_line(LOG_JSON, "mm-btc", "quotes",
		"{\"time\":\"2026-11-30T14:02:11.123456Z\",\"level\":\"warn\",\"from\":\"mm-btc\",\"msg\":\"quotes\"}");
	check_line(LOG_TEXT, "a", HOSTILE, "2026-11-30T14:02:11.123Z warn  a: say \"hi\" c:\\x two tabs\\u001b[2J\\u007f\\u009b "
		"\xef\xbf\xbd\xef\xbf\xbd \xe2\x82\xac");
	check_line(LOG_LOGFMT, "a b", HOSTILE, "time=2026-11-30T14:02:11.123456Z level=warn from=\"a b\" "
		"msg=\"say \\\"hi\\\" c:\\\\x\\ntwo\\ttabs\\u001b[2J\\u007f\\u009b \xef\xbf\xbd\xef\xbf\xbd \xe2\x82\xac\"");
	check_line(LOG_JSON, "a\"b", HOSTILE, "{\"time\":\"2026-11-30T14:02:11.123456Z\",\"level\":\"warn\",\"from\":\"a\\\"b\","
		"\"msg\":\"say \\\"hi\\\" c:\\\\x\\ntwo\\ttabs\\u001b[2J\\u007f\\u009b \xef\xbf\xbd\xef\xbf\xbd \xe2\x82\xac\"}");
	check_line(LOG_LOGFMT, "", "", "time=2026-11-30T14:02:11.123456Z level=warn from=\"\" msg=\"\"");
}

/* The longest texts of the worst bytes stay within a line's room; a sanitizer sees it when they do not. */
static void test_long(void **unused)
{
	static const char bytes[] = {'x', '\x01', '\xff', '"', '\xc2', '\n'};
	char origin[LOG_ORIGIN_MAX + 9], said[LOG_TEXT_MAX + 100], *line = malloc(LOG_LINE_MAX);

	assert_non_null(line);
	for (size_t i = 0; i < sizeof(bytes); i++) {
		struct log_record r;

		memset(origin, bytes[i], sizeof(origin));
		memset(said, bytes[i], sizeof(said));
		origin[sizeof(origin) - 1] = said[sizeof(said) - 1] = '\0';
		r = record_of(AQ_LOG_ERROR, origin, "%s", said);
		assert_int_equal(r.origin_length, LOG_ORIGIN_MAX);
		assert_true(r.text_length <= LOG_SAID_MAX && r.text_length >= LOG_SAID_MAX - 4);
		assert_memory_equal(r.bytes + r.origin_length + r.text_length - 3, "...", 3);
		for (int n = 0; n < 20; n++)
			log_record_add(&r, "(a remark)");
		assert_int_equal(r.text_length, LOG_TEXT_MAX);
		for (enum log_format format = LOG_TEXT; format <= LOG_JSON; format++)
			assert_true(log_format(format, &r, line) <= LOG_LINE_MAX);
	}
	free(line);
}

/* The calendar agrees with the C library's, in years of all kinds. */
static void test_calendar(void **unused)
{
	for (int64_t s = -5000000000; s < 20000000000; s += 86399 * 37) {
		time_t t = (time_t)s;
		struct tm tm;
		int got[6];

		gmtime_r(&t, &tm);
		log_civil_time(s, got);
		assert_int_equal(got[0], tm.tm_year + 1900);
		assert_int_equal(got[1], tm.tm_mon + 1);
		assert_int_equal(got[2], tm.tm_mday);
		assert_int_equal(got[3] * 3600 + got[4] * 60 + got[5], tm.tm_hour * 3600 + tm.tm_min * 60 + tm.tm_sec);
	}
}

/* A file has logfmt where nothing is said about it, and stderr has text. */
static void test_default_formats(void **unused)
{
	char said[300], *text;

	options.format = 0;
	assert_int_equal(log_open(&options), 0);
	log_line(AQ_LOG_INFO, "a", "b c");
	assert_int_equal(closed_count(" level=info from=a msg=\"b c\"\n"), 1);
	options.path = NULL;
	take_stderr("stderr", said);
	assert_int_equal(log_open(&options), 0);
	log_line(AQ_LOG_INFO, "a", "b c");
	log_close();
	log_line(AQ_LOG_INFO, "a", "after the end");
	give_stderr_back();
	text = text_of(said);
	assert_int_equal(count_of(text, "Z info  a: b c\n"), 1);
	assert_int_equal(count_of(text, "Z info  a: after the end\n"), 1);
	free(text);
}

/* ---- limits ---- */

/* The sum of the numbers behind `what`. */
static long sum_of(const char *text, const char *what)
{
	long sum = 0;

	for (const char *at = text; (at = find(at, what)) != NULL; at += strlen(what))
		sum += strtol(at + strlen(what), NULL, 10);
	return sum;
}

/* A line that was held back is told with how often that was: each is written, or counted. */
static void test_repeats(void **unused)
{
	long held, lines;
	char *text;

	assert_int_equal(log_open(&options), 0);
	for (int i = 0; i < 1000; i++) {
		log_line(AQ_LOG_ERROR, "a", "the same");
		log_line(AQ_LOG_ERROR, "b", "the same");
	}
	log_line(AQ_LOG_INFO, "a", "another");
	log_close();
	text = text_of(path);
	lines = count_of(text, " a: the same");
	held = sum_of(text, " a: the same (repeated ");
	assert_int_equal(lines - count_of(text, " a: the same (repeated ") + held, 1000);
	assert_true(lines < 500);
	held = sum_of(text, " b: the same (repeated ");
	assert_int_equal(count_of(text, " b: the same\n") + held, 1000);
	assert_int_equal(count_of(text, "another\n"), 1);
	free(text);
}

/* A repetition is told while nothing else is said. */
static void test_repeats_told(void **unused)
{
	assert_int_equal(log_open(&options), 0);
	log_line(AQ_LOG_INFO, "a", "twice");
	log_line(AQ_LOG_INFO, "a", "twice");
	wait_for(path, "a: twice (repeated 1 time)\n", false);
	assert_int_equal(closed_count("twice"), 2);
}

static void test_rate(void **unused)
{
	long left;
	char *text;

	options.limit = 10;
	assert_int_equal(log_open(&options), 0);
	for (int i = 0; i < 1000; i++) {
		log_line(AQ_LOG_INFO, "a", "number %d", i);
		log_line(AQ_LOG_ERROR, "a", "error %d", i);
	}
	log_line(AQ_LOG_INFO, "a", "another kind");
	log_line(AQ_LOG_INFO, "b", "number of b");
	log_close();
	text = text_of(path);
	left = sum_of(text, "(lines like this were left out ");
	assert_int_equal(count_of(text, "a: number ") - count_of(text, "were left out") + left, 1000);
	assert_true(count_of(text, "a: number ") < 500);
	assert_int_equal(count_of(text, "a: error "), 1000);
	assert_int_equal(count_of(text, "another kind"), 1);
	assert_int_equal(count_of(text, "number of b"), 1);
	free(text);
}

/* ---- the ring ---- */

/* Sees to it that the thread gets on only when the test reads: what is said meanwhile waits in the ring. */
static int open_pipe_log(void)
{
	int fd;

	assert_int_equal(mkfifo(path, 0600), 0);
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC); /* without a writer a blocking one would wait */
	assert_true(fd >= 0);
	assert_int_equal(log_open(&options), 0);
	assert_int_equal(fcntl(fd, F_SETFL, 0), 0);
	return fd;
}

struct reader {
	int fd;
	size_t size;
	char *text;
};

/* Until the log is closed. */
static void *read_all(void *context)
{
	struct reader *r = context;
	size_t room = 1 << 24;
	ssize_t n;

	r->text = malloc(room);
	assert_non_null(r->text);
	while ((n = read(r->fd, r->text + r->size, room - r->size - 1)) > 0)
		r->size += (size_t)n;
	r->text[r->size] = '\0';
	return NULL;
}

/* What does not fit is counted, and what is urgent still has room then. */
static void test_lost(void **unused)
{
	struct reader reader = {.fd = open_pipe_log()};
	int chatter = 0, errors = 200, warnings = 200;
	pthread_t thread;

	for (; chatter < 50000; chatter++)
		log_line(chatter % 2 ? AQ_LOG_INFO : AQ_LOG_DEBUG, "a", "chatter %d", chatter);
	for (int i = 0; i < errors; i++)
		log_line(AQ_LOG_ERROR, "a", "error %d", i);
	for (int i = 0; i < warnings; i++)
		log_line(AQ_LOG_WARN, "a", "warning %d", i);
	assert_int_equal(pthread_create(&thread, NULL, read_all, &reader), 0);
	log_close();
	pthread_join(thread, NULL);
	assert_int_equal(count_of(reader.text, "a: error "), errors);
	assert_int_equal(count_of(reader.text, "a: warning "), warnings);
	assert_int_equal(count_of(reader.text, "log: "), count_of(reader.text, " lines were lost"));
	assert_true(count_of(reader.text, " lines were lost") >= 1);
	assert_int_equal(count_of(reader.text, "a: chatter ") + sum_of(reader.text, "warn  log: "), chatter);
	assert_true(sum_of(reader.text, "warn  log: ") > 0);
	free(reader.text);
	close(reader.fd);
}

/* The ring alone: messages of all lengths, from threads that wait for room; none lost, none mixed. */
static struct log_ring ring;

static void *put_messages(void *context)
{
	unsigned id = (unsigned)(intptr_t)context;
	uint32_t message[300];

	for (uint32_t i = 0; i < 2000; i++) {
		size_t words = 2 + (i * 7 + id) % 298;

		for (size_t k = 0; k < words; k++)
			message[k] = id << 24 | i;
		while (log_ring_put(&ring, message, words * 4, LOG_RING_SIZE / 16) == 0)
			sched_yield();
	}
	return NULL;
}

static void test_ring(void **unused)
{
	uint32_t message[300], next[THREADS] = {0};
	pthread_t threads[THREADS];
	uint64_t at = 0;

	log_ring_clear(&ring);
	for (intptr_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, put_messages, (void *)i), 0);
	for (int left = THREADS * 2000; left > 0;) {
		size_t length = log_ring_get(&ring, &at, message, sizeof(message));
		unsigned id = message[0] >> 24;

		log_ring_release(&ring, at);
		if (length == 0) {
			sched_yield();
			continue;
		}
		assert_true(id < THREADS);
		assert_int_equal(message[0] & 0xffffff, next[id]);
		assert_int_equal(length, 4 * (2 + (next[id] * 7 + id) % 298));
		for (size_t k = 1; k < length / 4; k++)
			assert_int_equal(message[k], message[0]);
		next[id]++;
		left--;
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
}

/* ---- files ---- */

/* Calls `see` with each file of the folder whose name begins with host.log. */
static int each_file(void (*see)(const char *name, void *context), void *context)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;
	int count = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL) {
		char name[768];

		if (strncmp(entry->d_name, "host.log", 8) != 0)
			continue;
		snprintf(name, sizeof(name), "%s/%s", folder, entry->d_name);
		if (see != NULL)
			see(name, context);
		count++;
	}
	closedir(dir);
	return count;
}

struct seen {
	uint8_t lines[LINES]; /* how often each stands there */
	int strange;
};

static void see_numbers(const char *name, void *context)
{
	struct seen *seen = context;
	char *text = text_of(name);

	for (char *at = text, *end; (end = strchr(at, '\n')) != NULL; at = end + 1) {
		const char *number = memmem(at, (size_t)(end - at), "number ", 7);
		int i = number != NULL ? (int)strtol(number + 7, NULL, 10) : -1;

		if (i >= 0 && i < LINES)
			seen->lines[i]++;
		else
			seen->strange++;
	}
	free(text);
}

static void check_seen(const struct seen *seen)
{
	for (int i = 0; i < LINES; i++)
		assert_int_equal(seen->lines[i], 1);
}

static void test_rotate(void **unused)
{
	struct seen seen = {0};
	struct stat st;

	options.rotate = 4096;
	assert_int_equal(log_open(&options), 0);
	for (int i = 0; i < LINES; i++)
		log_line(AQ_LOG_ERROR, "a", "number %d", i);
	log_close();
	assert_true(each_file(see_numbers, &seen) > LINES * 40 / 4200); /* most of them within one second */
	check_seen(&seen);
	assert_int_equal(seen.strange, 0);
	assert_int_equal(stat(path, &st), 0);
	assert_true(st.st_size <= 4200);
}

/* What is old by its name goes; what has another name stays. */
static void test_keep(void **unused)
{
	static const char *const names[] = {".20200101-000000", ".20200101-000000.12", ".20990101-000000", ".20200101-000000.gz",
		".20200101", ".bak", "2.20200101-000000"};
	char name[512];
	int count;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		snprintf(name, sizeof(name), "%s%s", path, names[i]);
		file_write(name, 0, "x", 1);
	}
	options.keep_ns = INT64_C(86400000000000) * 14;
	assert_int_equal(log_open(&options), 0);
	log_line(AQ_LOG_INFO, "a", "b");
	log_close();
	count = each_file(NULL, NULL);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		snprintf(name, sizeof(name), "%s%s", path, names[i]);
		assert_int_equal(access(name, F_OK), i < 2 ? -1 : 0);
	}
	assert_int_equal(count, 6);
}

static void *say_numbers(void *unused)
{
	for (int i = 0; i < LINES; i++) {
		log_line(AQ_LOG_INFO, "a", "number %d", i);
		if (i % 300 == 0)
			assert_true(log_flush());
	}
	return NULL;
}

/* Moved away again and again while a thread talks: every line exactly once. */
static void test_reopen(void **unused)
{
	struct seen seen = {0};
	pthread_t thread;
	char name[512];

	assert_int_equal(log_open(&options), 0);
	assert_int_equal(pthread_create(&thread, NULL, say_numbers, NULL), 0);
	for (int i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "%s.%d", path, i);
		assert_int_equal(rename(path, name), 0);
		log_reopen();
		for (int64_t end = seconds_now() + 60; access(path, F_OK) != 0;)
			assert_true(seconds_now() < end);
	}
	pthread_join(thread, NULL);
	log_close();
	assert_int_equal(each_file(see_numbers, &seen), 21);
	check_seen(&seen);
	assert_int_equal(seen.strange, 0);
}

/* The folder has gone, too: it goes on in the old file and says so. */
static void test_reopen_fails(void **unused)
{
	char away[300], name[600], *text;

	snprintf(away, sizeof(away), "%s.away", folder);
	assert_int_equal(log_open(&options), 0);
	assert_int_equal(rename(folder, away), 0);
	log_reopen();
	log_line(AQ_LOG_ERROR, "a", "still here");
	log_close();
	snprintf(name, sizeof(name), "%s/host.log", away);
	text = text_of(name);
	assert_int_equal(rename(away, folder), 0);
	assert_int_equal(count_of(text, "cannot be opened anew: No such file"), 1);
	assert_int_equal(count_of(text, "still here"), 1);
	free(text);
}

/* ---- files that cannot be written ---- */

static void test_full_device(void **unused)
{
	char said[300], *text;
	struct seen seen = {0};

	options.path = "/dev/full";
	options.rotate = 100; /* never of a device */
	take_stderr("stderr", said);
	assert_int_equal(log_open(&options), 0);
	for (int i = 0; i < LINES; i++)
		log_line(AQ_LOG_ERROR, "a", "number %d", i);
	log_close();
	give_stderr_back();
	see_numbers(said, &seen);
	check_seen(&seen);
	assert_int_equal(seen.strange, 1);
	text = text_of(said);
	assert_int_equal(count_of(text, "/dev/full: No space left on device: lines go to standard error"), 1);
	free(text);
}

static void limit_files(rlim_t bytes)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* A file that takes no more than a part of a line, and later takes lines again: each is whole in one of both places. */
static void test_full_file(void **unused)
{
	struct seen seen = {0};
	char said[300], *text;

	signal(SIGXFSZ, SIG_IGN);
	take_stderr("stderr", said);
	assert_int_equal(log_open(&options), 0);
	limit_files(1000);
	for (int i = 0; i < 30; i++) /* stderr, a file too, has room for what the log has not */
		log_line(AQ_LOG_ERROR, "a", "number %d", i);
	wait_for(said, "File too large: lines go to standard error", false);
	limit_files(RLIM_INFINITY);
	for (int i = 30; i < LINES; i++)
		log_line(AQ_LOG_ERROR, "a", "number %d", i);
	wait_for(path, "takes lines again", true);
	log_close();
	give_stderr_back();
	see_numbers(said, &seen);
	see_numbers(path, &seen);
	for (int i = 0; i < LINES; i++)
		assert_in_range(seen.lines[i], 1, 2); /* the part of a line, too, may end in its number */
	text = text_of(path);
	assert_int_equal(text[1000], '\n');
	free(text);
}

static void test_no_folder(void **unused)
{
	options.path = "/nowhere/host.log";
	assert_int_equal(log_open(&options), -1);
	assert_int_equal(errno, ENOENT);
}

/* ---- the end of a process ---- */

/* What waits, what was held back, and what is said then: all is in the file when the process is killed. */
static void crash(void)
{
	log_open(&options);
	for (int i = 0; i < LINES; i++)
		log_line(AQ_LOG_INFO, "a", "number %d", i);
	log_line(AQ_LOG_INFO, "a", "again");
	log_line(AQ_LOG_INFO, "a", "again");
	log_write_now("fatal\n", 6);
	log_drain_signal();
	log_line(AQ_LOG_INFO, "a", "after");
	log_write_now("dead\n", 5);
	kill(getpid(), SIGKILL);
}

static void test_crash(void **unused)
{
	struct seen seen = {0};
	int status, again;
	char *text;
	pid_t pid = fork();

	if (pid == 0)
		crash();
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(WIFSIGNALED(status) ? WTERMSIG(status) : 0, SIGKILL);
	see_numbers(path, &seen);
	check_seen(&seen);
	text = text_of(path);
	again = count_of(text, "a: again");
	assert_int_equal(again, 2);
	assert_int_equal(count_of(text, "fatal\n"), 1);
	assert_non_null(strstr(text, "a: after\ndead\n"));
	free(text);
}

/* A drained log can be opened again, and a child of a process with a log writes by itself. */
static void test_child(void **unused)
{
	int status;
	pid_t pid;

	assert_int_equal(log_open(&options), 0);
	log_drain_signal();
	assert_int_equal(log_open(&options), 0);
	log_line(AQ_LOG_INFO, "parent", "waits or not");
	pid = fork();
	if (pid == 0) {
		log_line(AQ_LOG_INFO, "child", "says so");
		log_close();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(closed_count("parent: waits or not\n"), 1);
	assert_int_equal(closed_count("child: says so\n"), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {TEST(test_crash), TEST(test_threads), TEST(test_levels), TEST(test_formats),
		TEST(test_long), TEST(test_calendar), TEST(test_default_formats), TEST(test_repeats), TEST(test_repeats_told),
		TEST(test_rate), TEST(test_lost), TEST(test_ring), TEST(test_rotate), TEST(test_keep), TEST(test_reopen),
		TEST(test_reopen_fails), TEST(test_full_device), TEST(test_full_file), TEST(test_no_folder), TEST(test_child)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
