/* store_server.h: what a server refuses, and what happens when it hangs, is killed and comes again, as a strategy sees it. What
 * was told as done is there, what was told as lost may be, nothing else is. How often it is killed comes from AQ_STORE_ROUNDS.
 *
 * A server of the user's (AQ_TEST_MARIADB) is neither stopped nor killed: those cases are left out. */
#ifndef STORE_SERVER_H
#define STORE_SERVER_H

#include "rounds.h"

#define ROWS "{\"fields\":[{\"name\":\"id\",\"type\":\"int64\",\"key\":true},{\"name\":\"s\",\"type\":\"text\"}]}"
#define ROWS_MAX 4000

/* ---- what was told of each row ---- */

enum fate { UNKNOWN = 0, DONE, LOST, NOT_DONE };
static struct {
	uint64_t call;
	enum fate fate;
} rows[ROWS_MAX];
static int row_count, told;
static unsigned told_of[AQ_STORE_CONFLICT + 1];

static void tell_row(uint64_t call, enum fate fate)
{
	for (int i = 0; i < row_count; i++)
		if (rows[i].call == call) {
			if (rows[i].fate != UNKNOWN)
				wrong = "a call has ended twice";
			rows[i].fate = fate;
			told++;
			return;
		}
}

static void hear_fates(const struct aq_event *event)
{
	if (event->type == AQ_EV_STORE_END)
		tell_row(AQ_BODY(aq_store_end, event)->call, DONE);
	if (event->type != AQ_EV_STORE_ERROR)
		return;
	told_of[AQ_BODY(aq_store_error, event)->fault]++;
	tell_row(AQ_BODY(aq_store_error, event)->call,
		AQ_BODY(aq_store_error, event)->fault == AQ_STORE_LOST ? LOST : NOT_DONE);
}

static void put_row(struct rig *r)
{
	char text[64];

	assert_true(row_count < ROWS_MAX);
	snprintf(text, sizeof(text), "[{\"id\":%d,\"s\":\"row\"}]", row_count);
	rows[row_count].fate = UNKNOWN;
	rows[row_count].call = begin_call(r, (struct ask){.op = AQ_STORE_INSERT, .collection = "t", .rows = text});
	assert_int_equal(hand_over(r, rows[row_count++].call, ALL_ROWS), AQ_OK);
}

static void with_fates(struct rig *r)
{
	rig_new(r);
	works(r, (struct ask){.op = AQ_STORE_CREATE, .collection = "t", .schema = ROWS});
	row_count = told = 0;
	memset(told_of, 0, sizeof(told_of));
	also_hear = hear_fates;
}

static void assert_fates(struct rig *r)
{
	static bool there[ROWS_MAX];
	struct sql_error err;
	bson_iter_t at;
	size_t from = 0;
	bson_t row;

	memset(there, 0, sizeof(there));
	works(r, (struct ask){.op = AQ_STORE_FIND, .collection = "t", .sort = "{\"id\":1}"});
	while (sql_document_next(said.rows.at, said.rows.length, &from, &row, &err) == 1) {
		assert_true(bson_iter_init_find(&at, &row, "id"));
		assert_in_range(bson_iter_int64(&at), 0, row_count - 1);
		there[bson_iter_int64(&at)] = true;
	}
	for (int i = 0; i < row_count; i++)
		if ((rows[i].fate == DONE && !there[i]) || (rows[i].fate == NOT_DONE && there[i]) || rows[i].fate == UNKNOWN)
			fail_msg("row %d is %s, and was told as %d", i, there[i] ? "there" : "not there", rows[i].fate);
}

/* ---- it hangs, it is killed ---- */

static void a_server_that_hangs(void **state)
{
	siginfo_t stopped;
	struct rig r;

	(void)state;
	if (server.own)
		skip();
	strcpy(hosted_more, "call_timeout = 2s\nconnect_timeout = 1s\n");
	with_fates(&r);
	for (int i = 0; i < 20; i++)
		put_row(&r);
	rig_until(&r, told == 20);
	kill(server.pid, SIGSTOP);
	assert_int_equal(waitid(P_PID, (id_t)server.pid, &stopped, WSTOPPED), 0);
	for (int i = 0; i < 20; i++)
		put_row(&r);
	rig_until(&r, told_of[AQ_STORE_LOST] > 0); /* what was under way may have happened */
	assert_non_null(strstr(said.error.text, "it took longer than call_timeout"));
	rig_until(&r, said.downs > 0);
	put_row(&r); /* waits for it to come back */
	kill(server.pid, SIGCONT);
	rig_until(&r, said.ups > 1 && told == row_count);
	assert_int_equal(rows[row_count - 1].fate, DONE);
	assert_fates(&r);
	rig_free(&r);
}

static void a_server_that_is_killed(void **state)
{
	int rounds = rounds_of("AQ_STORE_ROUNDS", 1000) / 500 + 1;
	struct rig r;

	(void)state;
	if (server.own)
		skip();
	with_fates(&r);
	for (int round = 1; round <= rounds; round++) {
		int until = row_count + 20 + round * 7 % 30;
		unsigned ups = said.ups;

		while (row_count < until) {
			put_row(&r);
			rig_until(&r, row_count - told < 8); /* some are under way, always */
		}
		server_end(SIGKILL);
		for (int i = 0; i < 8; i++)
			put_row(&r);
		rig_until(&r, said.downs >= (unsigned)round);
		server_start();
		rig_until(&r, said.ups > ups && told == row_count);
		assert_int_equal(rows[row_count - 1].fate, DONE); /* it had not begun: it has waited */
		assert_fates(&r);
	}
	assert_int_equal(told_of[AQ_STORE_REFUSED] + told_of[AQ_STORE_UNKNOWN] + told_of[AQ_STORE_DUPLICATE], 0);
	rig_free(&r);
}

/* ---- it refuses ---- */

static void a_packet_that_is_too_large(void **state)
{
	bson_t row = BSON_INITIALIZER;
	char *text = malloc(3000001);
	struct rig r;

	(void)state;
	memset(text, 'x', 3000000);
	text[3000000] = '\0';
	BSON_APPEND_INT64(&row, "id", 1);
	BSON_APPEND_UTF8(&row, "s", text);
	server_run("SET GLOBAL max_allowed_packet = 1048576");
	with_fates(&r);
	refused(&r, AQ_STORE_REFUSED, "Got a packet bigger than 'max_allowed_packet' bytes", (struct ask){
		.op = AQ_STORE_INSERT, .collection = "t", .document = &row, .in = AQ_PART_ROWS});
	assert_int_equal(said.error.code, 1153);
	works(&r, (struct ask){.op = AQ_STORE_COUNT, .collection = "t"});
	assert_int_equal(said.end.matched, 0);
	assert_int_equal(said.downs, 0);
	server_run("SET GLOBAL max_allowed_packet = 16777216");
	bson_destroy(&row);
	free(text);
	rig_free(&r);
}

static void without_rights(void **state)
{
	char text[200];
	struct rig r;

	(void)state;
	with_fates(&r);
	snprintf(text, sizeof(text), "GRANT SELECT ON %s.* TO 'aq_reader'@'%%' IDENTIFIED BY 'it''s \\\\secret'", r.file);
	server_run(text);
	rig_stop(&r);
	hosted_login.user = "aq_reader";
	hosted_login.password = "it's \\secret";
	rig_start(&r);
	works(&r, (struct ask){.op = AQ_STORE_COUNT, .collection = "t"});
	refused(&r, AQ_STORE_REFUSED, "INSERT command denied", (struct ask){.op = AQ_STORE_INSERT, .collection = "t",
		.rows = "[{\"id\":2}]"});
	assert_int_equal(said.error.code, 1142);
	refused(&r, AQ_STORE_REFUSED, "denied", (struct ask){.op = AQ_STORE_CREATE, .collection = "u", .schema = ROWS});
	rig_stop(&r);
	hosted_login.password = "another";
	rig_open(&r);
	rig_until(&r, strstr(said.state, "Access denied for user 'aq_reader'") != NULL);
	assert_int_equal(said.ups, 0);
	assert_null(strstr(said.state, "another"));
	server_run("DROP USER 'aq_reader'@'%'");
	rig_free(&r);
}

/* A schema that is there as another, and a table that somebody else has changed. */
static void a_schema_that_is_another(void **state)
{
	MYSQL *somebody;
	struct rig r;

	(void)state;
	with_fates(&r);
	refused(&r, AQ_STORE_REFUSED, "another schema", (struct ask){.op = AQ_STORE_CREATE, .collection = "t",
		.schema = "{\"fields\":[{\"name\":\"id\",\"type\":\"text\",\"key\":true}]}"});
	somebody = client_of(r.file);
	client_run(somebody, "ALTER TABLE t DROP COLUMN s");
	refused(&r, AQ_STORE_UNKNOWN, "Unknown column 's'", (struct ask){.op = AQ_STORE_INSERT, .collection = "t",
		.rows = "[{\"id\":1}]"});
	client_run(somebody, "DROP TABLE t");
	ask(&r, (struct ask){.op = AQ_STORE_COUNT, .collection = "t"});
	assert_int_equal(said.errors, 1);
	assert_int_equal(said.error.fault, AQ_STORE_UNKNOWN);
	mysql_close(somebody);
	rig_free(&r);
}

/* ---- a deadlock ---- */

static uint64_t begin_and_add(struct rig *r, const char *filter)
{
	uint64_t t;

	works(r, (struct ask){.op = AQ_STORE_BEGIN});
	t = said.end.transaction;
	works(r, (struct ask){.op = AQ_STORE_UPDATE, .collection = "t", .filter = filter, .update = "{\"$set\":{\"s\":\"x\"}}",
		.transaction = t});
	return t;
}

static void a_deadlock(void **state)
{
	struct ask add = {.op = AQ_STORE_UPDATE, .collection = "t", .update = "{\"$set\":{\"s\":\"y\"}}"};
	uint64_t one, two;
	struct rig r;

	(void)state;
	with_fates(&r);
	works(&r, (struct ask){.op = AQ_STORE_INSERT, .collection = "t", .rows = "[{\"id\":1},{\"id\":2}]"});
	one = begin_and_add(&r, "{\"id\":1}");
	two = begin_and_add(&r, "{\"id\":2}");
	said_clear();
	add.transaction = one;
	add.filter = "{\"id\":2}";
	given(&r, add);
	add.transaction = two;
	add.filter = "{\"id\":1}";
	given(&r, add);
	rig_until(&r, said.ends == 1 && said.errors == 1 && said.rollbacks == 1);
	assert_int_equal(said.error.fault, AQ_STORE_CONFLICT);
	assert_int_equal(said.error.code, 1213);
	assert_int_equal(said.rollback.fault, AQ_STORE_CONFLICT);
	assert_true(said.rollback.call == one || said.rollback.call == two);
	works(&r, (struct ask){.op = AQ_STORE_COMMIT, .transaction = said.rollback.call == one ? two : one});
	works(&r, (struct ask){.op = AQ_STORE_COUNT, .collection = "t", .filter = "{\"s\":null}"});
	assert_int_equal(said.end.matched, 0);
	rig_free(&r);
}

#define STORE_TESTS cmocka_unit_test(a_packet_that_is_too_large), cmocka_unit_test(without_rights), \
	cmocka_unit_test(a_schema_that_is_another), cmocka_unit_test(a_deadlock), cmocka_unit_test(a_server_that_hangs), \
	cmocka_unit_test(a_server_that_is_killed)

#endif
