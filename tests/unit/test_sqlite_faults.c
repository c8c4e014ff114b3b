/* What can happen to the file: not there, not a database, locked, full, unwritable, damaged, and the process killed. The
 * store says so, goes down and comes up again by itself; what it had answered is there, and of the rest nothing is half. */
#include "sqlite_help.h"
#include "rounds.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define ROWS "{\"fields\":[{\"name\":\"id\",\"type\":\"int64\",\"auto_increment\":true},{\"name\":\"s\",\"type\":\"text\"}," \
	"{\"name\":\"p\",\"type\":\"decimal\",\"digits\":2}]}"

static void with_rows(struct rig *r)
{
	rig_new(r);
	works(r, (struct ask){.op = AQ_STORE_CREATE, .collection = "t", .schema = ROWS});
	works(r, (struct ask){.op = AQ_STORE_INSERT, .collection = "t", .rows = "[{\"s\":\"one\",\"p\":1}]"});
}

static uint64_t count(struct rig *r)
{
	works(r, (struct ask){.op = AQ_STORE_COUNT, .collection = "t"});
	return said.end.matched;
}

/* The next try. */
static void later(struct rig *r)
{
	aq_mock_time(r->k, r->k->now_ns + 31 * SECOND);
	aq_mock_run(r->k);
}

static struct ask insert_some(void)
{
	return (struct ask){.op = AQ_STORE_INSERT, .collection = "t", .rows = "[{\"s\":\"two\"},{\"s\":\"three\"}]"};
}

static void a_folder_that_is_missing(void **state)
{
	struct rig r;
	char folder[100];

	(void)state;
	rig_folder(&r);
	snprintf(folder, sizeof(folder), "%s/deep", r.folder);
	snprintf(r.file, sizeof(r.file), "%s/store.db", folder);
	rig_start(&r);
	assert_int_equal(said.ups, 0);
	assert_int_equal(said.downs, 1);
	assert_non_null(strstr(said.state, "unable to open database file (14)"));
	refused(&r, AQ_STORE_DOWN, "is not open", (struct ask){.op = AQ_STORE_LIST});
	later(&r);
	assert_int_equal(said.downs, 1); /* told once */
	assert_int_equal(mkdir(folder, 0700), 0);
	later(&r);
	assert_int_equal(said.ups, 1);
	works(&r, (struct ask){.op = AQ_STORE_LIST});
	rig_free(&r);
}

static void write_file(const char *path, const char *text, off_t at)
{
	int fd = open(path, O_WRONLY | O_CREAT, 0600);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, text, strlen(text), at), strlen(text));
	close(fd);
}

static void a_file_that_is_no_database(void **state)
{
	struct rig r;

	(void)state;
	rig_folder(&r);
	write_file(r.file, "this is a text and it is longer than the head of a database, which has a hundred bytes, all of which "
		"are read", 0);
	rig_start(&r);
	assert_int_equal(said.ups, 0);
	assert_non_null(strstr(said.state, "file is not a database (26)"));
	assert_int_equal(unlink(r.file), 0);
	later(&r);
	assert_int_equal(said.ups, 1);
	rig_free(&r);
}

static void run_on(sqlite3 *db, const char *text)
{
	assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
}

static void a_file_that_is_locked(void **state)
{
	struct rig r;
	sqlite3 *other;

	(void)state;
	with_rows(&r);
	assert_int_equal(sqlite3_open(r.file, &other), SQLITE_OK);
	run_on(other, "BEGIN IMMEDIATE");
	refused(&r, AQ_STORE_CONFLICT, "database is locked", insert_some());
	assert_int_equal(said.error.code & 0xff, SQLITE_BUSY);
	refused(&r, AQ_STORE_CONFLICT, "database is locked", (struct ask){.op = AQ_STORE_BEGIN});
	refused(&r, AQ_STORE_CONFLICT, "database is locked", (struct ask){.op = AQ_STORE_RAW, .statement = "DELETE FROM t"});
	refused(&r, AQ_STORE_CONFLICT, "database is locked", (struct ask){.op = AQ_STORE_REPLACE, .collection = "t",
		.filter = "{}", .rows = "[{\"s\":\"x\"}]"});
	assert_int_equal(said.downs, 0);
	assert_int_equal(count(&r), 1); /* reading goes on */
	run_on(other, "ROLLBACK");
	works(&r, insert_some()); /* the same again */
	assert_int_equal(count(&r), 3);
	sqlite3_close(other);
	rig_free(&r);
}

/* Then it cannot be opened, and the store waits for it. */
static void a_file_that_is_locked_from_the_beginning(void **state)
{
	struct rig r;
	sqlite3 *other;

	(void)state;
	rig_folder(&r);
	assert_int_equal(sqlite3_open(r.file, &other), SQLITE_OK);
	run_on(other, "CREATE TABLE x (a)");
	run_on(other, "BEGIN EXCLUSIVE");
	rig_start(&r);
	assert_int_equal(said.downs, 1);
	assert_non_null(strstr(said.state, "database is locked (5)"));
	refused(&r, AQ_STORE_DOWN, "is not open", (struct ask){.op = AQ_STORE_LIST});
	run_on(other, "ROLLBACK");
	sqlite3_close(other);
	later(&r);
	assert_int_equal(said.ups, 1);
	works(&r, (struct ask){.op = AQ_STORE_LIST});
	rig_free(&r);
}

static void a_disk_that_is_full(void **state)
{
	struct sql_error err;
	struct rig r;
	char *large = malloc(200001), *rows = malloc(200100);

	(void)state;
	with_rows(&r);
	memset(large, 'x', 200000);
	large[200000] = '\0';
	sprintf(rows, "[{\"s\":\"small\"},{\"s\":\"%s\"}]", large);
	assert_int_equal(connection_run(&r.s->writer, "PRAGMA max_page_count = 20", &err), 0);
	refused(&r, AQ_STORE_DOWN, "database or disk is full", (struct ask){.op = AQ_STORE_INSERT, .collection = "t",
		.rows = rows});
	assert_int_equal(said.error.code, SQLITE_FULL);
	assert_int_equal(said.downs, 1);
	assert_int_equal(count(&r), 1);
	assert_int_equal(connection_run(&r.s->writer, "PRAGMA max_page_count = 100000", &err), 0);
	later(&r);
	assert_int_equal(said.ups, 2);
	works(&r, (struct ask){.op = AQ_STORE_INSERT, .collection = "t", .rows = rows});
	assert_int_equal(count(&r), 3);
	free(large);
	free(rows);
	rig_free(&r);
}

/* The limit of the size of files: a write comes back short, then not at all. */
static void limit_files(rlim_t bytes)
{
	const struct rlimit limit = {.rlim_cur = bytes, .rlim_max = RLIM_INFINITY};

	signal(SIGXFSZ, bytes != RLIM_INFINITY ? SIG_IGN : SIG_DFL);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void writes_that_fail(void **state)
{
	struct rig r;

	(void)state;
	with_rows(&r);
	limit_files(8192);
	refused(&r, AQ_STORE_LOST, "", insert_some());
	later(&r);
	assert_int_equal(said.ups, 1);
	limit_files(RLIM_INFINITY);
	assert_int_equal(said.downs, 1);
	later(&r);
	assert_int_equal(said.ups, 2);
	works(&r, insert_some());
	assert_int_equal(count(&r), 3);
	rig_free(&r);
}

/* Its work was well until the end, of which nobody knows. */
static void a_commit_that_fails(void **state)
{
	struct rig r;
	uint64_t t;

	(void)state;
	with_rows(&r);
	works(&r, (struct ask){.op = AQ_STORE_BEGIN});
	t = said.end.transaction;
	works(&r, (struct ask){.op = AQ_STORE_INSERT, .collection = "t", .rows = "[{\"s\":\"two\"}]", .transaction = t});
	limit_files(8192);
	refused(&r, AQ_STORE_LOST, "", (struct ask){.op = AQ_STORE_COMMIT, .transaction = t});
	limit_files(RLIM_INFINITY);
	assert_int_equal(said.downs, 1);
	refused(&r, AQ_STORE_REFUSED, "it has ended", (struct ask){.op = AQ_STORE_COMMIT, .transaction = t});
	later(&r);
	assert_int_equal(said.ups, 2);
	assert_in_range(count(&r), 1, 2);
	rig_free(&r);
}

/* In a transaction, too, the rest of the calls are told. */
static void a_transaction_that_is_lost(void **state)
{
	struct sql_error err;
	struct rig r;
	uint64_t t;
	char *rows = malloc(5000100);

	(void)state;
	with_rows(&r);
	memset(rows, 'x', 5000000);
	memcpy(rows, "[{\"s\":\"", 7);
	strcpy(rows + 5000000, "\"}]");
	works(&r, (struct ask){.op = AQ_STORE_BEGIN});
	t = said.end.transaction;
	works(&r, (struct ask){.op = AQ_STORE_INSERT, .collection = "t", .rows = "[{\"s\":\"two\"}]", .transaction = t});
	assert_int_equal(connection_run(&r.s->writer, "PRAGMA max_page_count = 20", &err), 0);
	refused(&r, AQ_STORE_DOWN, "full", (struct ask){.op = AQ_STORE_INSERT, .collection = "t", .rows = rows,
		.transaction = t});
	ask(&r, (struct ask){.op = AQ_STORE_COMMIT, .transaction = t});
	if (said.errors > 0)
		assert_non_null(strstr(said.error.text, "it has ended"));
	assert_in_range(count(&r), 1, 2);
	free(rows);
	rig_free(&r);
}

/* Any damage to the pages ends in an error or in rows, never in a crash. */
static void a_damaged_file(void **state)
{
	struct rig r;
	struct stat file;

	(void)state;
	with_rows(&r);
	for (int i = 0; i < 200; i++)
		works(&r, insert_some());
	rig_stop(&r);
	assert_int_equal(stat(r.file, &file), 0);
	for (off_t at = 4096; at + 64 < file.st_size; at += 4096) {
		write_file(r.file, "\xff\x13\x07 damaged \x01\x02\x03", at);
		rig_start(&r);
		ask(&r, (struct ask){.op = AQ_STORE_FIND, .collection = "t", .sort = "{\"s\":1}"});
		assert_int_equal(said.ends + said.errors, 1);
		ask(&r, insert_some());
		assert_int_equal(said.ends + said.errors, 1);
		ask(&r, (struct ask){.op = AQ_STORE_DELETE, .collection = "t", .filter = "{\"s\":\"two\"}"});
		assert_int_equal(said.ends + said.errors, 1);
		rig_stop(&r);
	}
	rig_start(&r);
	rig_free(&r);
}

/* Somebody else has written what the schema does not have. */
static void rows_of_others(void **state)
{
	struct rig r;
	sqlite3 *other;

	(void)state;
	with_rows(&r);
	assert_int_equal(sqlite3_open(r.file, &other), SQLITE_OK);
	run_on(other, "INSERT INTO t (s, p) VALUES ('x', 'abc')");
	refused(&r, AQ_STORE_REFUSED, "a row holds something else than decimal(34,2) in field p", (struct ask){
		.op = AQ_STORE_FIND, .collection = "t", .filter = "{\"s\":\"x\"}"});
	run_on(other, "DROP TABLE t");
	refused(&r, AQ_STORE_REFUSED, "no such table", (struct ask){.op = AQ_STORE_FIND, .collection = "t"});
	run_on(other, "UPDATE aq_collections SET schema = x'0102'");
	sqlite3_close(other);
	works(&r, (struct ask){.op = AQ_STORE_LIST});
	assert_int_equal(said.row_count, 0);
	rig_free(&r);
}

/* ---- killed ---- */

/* Inserts two rows a call for ever, and says how many calls were answered. */
static void insert_until_killed(struct rig *r, int out)
{
	for (;;) {
		works(r, insert_some());
		if (write(out, "x", 1) != 1)
			_exit(1);
	}
}

static void killed(void **state)
{
	int rounds = rounds_of("AQ_STORE_ROUNDS", 450) / 50 + 1;
	uint64_t least = 1;
	struct rig r;

	(void)state;
	with_rows(&r);
	rig_stop(&r);
	for (int i = 0; i < rounds; i++) {
		int ends[2];
		char byte;
		pid_t child;

		assert_int_equal(pipe(ends), 0);
		child = fork();
		if (child == 0) {
			rig_start(&r);
			insert_until_killed(&r, ends[1]);
		}
		close(ends[1]);
		for (int n = 0; n < 20 + i; n++)
			if (read(ends[0], &byte, 1) == 1)
				least += 2;
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
		while (read(ends[0], &byte, 1) == 1)
			least += 2;
		close(ends[0]);
		rig_start(&r);
		/* what was answered, and at most the call that was under way */
		assert_true(count(&r) == least || said.end.matched == least + 2);
		least = said.end.matched;
		rig_stop(&r);
	}
	rig_start(&r);
	rig_free(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(a_folder_that_is_missing),
		cmocka_unit_test(a_file_that_is_no_database), cmocka_unit_test(a_file_that_is_locked),
		cmocka_unit_test(a_file_that_is_locked_from_the_beginning),
		cmocka_unit_test(a_disk_that_is_full), cmocka_unit_test(writes_that_fail), cmocka_unit_test(a_commit_that_fails),
		cmocka_unit_test(a_transaction_that_is_lost), cmocka_unit_test(a_damaged_file), cmocka_unit_test(rows_of_others),
		cmocka_unit_test(killed)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
