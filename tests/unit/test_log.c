/* test_log.c: every line that is said stands in the log exactly once, from whatever thread, or it is counted there; and no
 * line is missing when a process dies. */
#include "log_help.h"

#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>

/* ---- many threads ---- */

#define THREADS 4

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
		log_line(AQ_LOG_INFO, "a", "number %d.", i);
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

/* ---- the end of a process ---- */

/* What waits, what was held back, and what is said then: all is in the file when the process is killed. */
static void crash(void)
{
	log_open(&options);
	log_line(AQ_LOG_INFO, "a", "again");
	log_line(AQ_LOG_INFO, "a", "again");
	log_flush();
	for (int i = 0; i < LINES; i++)
		log_line(AQ_LOG_INFO, "a", "number %d.", i);
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

/* Nobody reads: a process does not wait for ever to be rid of its words, nor to end. */
static void be_stuck(void)
{
	bool flushed;

	log_open(&options);
	for (int i = 0; i < LINES; i++)
		log_line(AQ_LOG_INFO, "a", "number %d.", i);
	flushed = log_flush();
	log_drain_signal();
	log_write_now("dead\n", 5);
	log_close();
	if (!flushed && log_open(&options) != 0)
		kill(getpid(), SIGKILL);
	_exit(1);
}

static void test_stuck(void **unused)
{
	int fd, status;
	pid_t pid;

	assert_int_equal(mkfifo(path, 0600), 0);
	fd = open(path, O_RDWR | O_CLOEXEC);
	pid = fork();
	if (pid == 0)
		be_stuck();
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(WIFSIGNALED(status) ? WTERMSIG(status) : 0, SIGKILL);
	close(fd);
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

int main(void)
{
	const struct CMUnitTest tests[] = {TEST(test_crash), TEST(test_stuck), TEST(test_threads), TEST(test_levels),
		TEST(test_default_formats), TEST(test_repeats), TEST(test_repeats_told), TEST(test_rate),
		TEST(test_lost), TEST(test_child)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
