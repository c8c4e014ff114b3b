/* test_log_file.c: whatever becomes of the log's file, every line stands exactly once in it, in one of those that it was, or
 * in stderr. */
#include "log_help.h"

#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>

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

static void test_rotate(void **unused)
{
	struct seen seen = {0};
	struct stat st;

	options.rotate = 4096;
	assert_int_equal(log_open(&options), 0);
	for (int i = 0; i < LINES; i++)
		log_line(AQ_LOG_ERROR, "a", "number %d.", i);
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
		log_line(AQ_LOG_INFO, "a", "number %d.", i);
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
		log_line(AQ_LOG_ERROR, "a", "number %d.", i);
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

/* Each line of the text format begins with its time. */
static void check_whole(const char *name)
{
	char *text = text_of(name);

	for (char *at = text, *end; (end = strchr(at, '\n')) != NULL; at = end + 1)
		assert_true(end - at > 24 && at[4] == '-' && at[23] == 'Z');
	free(text);
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
		log_line(AQ_LOG_ERROR, "a", "number %d.", i);
	wait_for(said, "File too large: lines go to standard error", false);
	limit_files(RLIM_INFINITY);
	for (int i = 30; i < LINES; i++)
		log_line(AQ_LOG_ERROR, "a", "number %d.", i);
	wait_for(path, "takes lines again", true);
	log_close();
	give_stderr_back();
	see_numbers(said, &seen);
	see_numbers(path, &seen);
	check_seen(&seen);
	check_whole(said);
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

int main(void)
{
	const struct CMUnitTest tests[] = {TEST(test_rotate), TEST(test_keep), TEST(test_reopen),
		TEST(test_reopen_fails), TEST(test_full_device), TEST(test_full_file), TEST(test_no_folder)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
