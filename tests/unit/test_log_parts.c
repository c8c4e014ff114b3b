/* test_log_parts.c: the log's lines in each format, whatever they hold, and its ring. */
#include "base/log_format.h"
#include "base/log_ring.h"

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

/* ---- formats ---- */

static struct log_record record_of(int level, const char *origin, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
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

/* ---- the ring ---- */

#define THREADS 4

static struct log_ring ring;

/* Messages of all lengths, from threads that wait for room; none lost, none mixed. */
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

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_formats), cmocka_unit_test(test_long),
		cmocka_unit_test(test_calendar), cmocka_unit_test(test_ring)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
