/* What can happen to a server and to the way to it: not there, stopped, killed, frozen, cut within a statement; and what it
 * refuses. The store says so, goes down and comes up again by itself; what it had answered is there, and of the rest nothing
 * is half. */
#include "mariadb_help.h"
#include "rounds.h"

#define ROWS "{\"fields\":[{\"name\":\"id\",\"type\":\"int64\",\"key\":true},{\"name\":\"s\",\"type\":\"text\"}]}"

static void with_rows(struct rig *r)
{
	rig_new(r);
	works(r, (struct ask){.op = AQ_STORE_CREATE, .collection = "t", .schema = ROWS});
	works(r, (struct ask){.op = AQ_STORE_INSERT, .collection = "t", .rows = "[{\"id\":1,\"s\":\"one\"}]"});
}

static uint64_t count(struct rig *r)
{
	works(r, (struct ask){.op = AQ_STORE_COUNT, .collection = "t"});
	return said.end.matched;
}

static struct ask raw(const char *statement)
{
	return (struct ask){.op = AQ_STORE_RAW, .statement = statement};
}

static uint64_t given(struct rig *r, struct ask a)
{
	uint64_t id = begin_call(r, a);

	said_clear();
	assert_int_equal(r->ops->end(r->k->self, id), AQ_OK);
	r->ops->more(r->k->self, id, UINT32_MAX);
	return id;
}

static void failed_with(enum aq_store_fault fault, const char *words)
{
	assert_int_equal(said.ends, 0);
	assert_int_equal(said.errors, 1);
	if (said.error.fault != fault || strstr(said.error.text, words) == NULL)
		fail_msg("fault %u: %s", said.error.fault, said.error.text);
}

static unsigned open_sessions(struct rig *r)
{
	unsigned count_ = 0;

	for (unsigned i = 0; i < SESSIONS_MAX; i++)
		count_ += r->s->sessions[i].connected;
	return count_;
}

/* The next tries, until one succeeds. */
static void comes_back(struct rig *r)
{
	unsigned ups = said.ups;

	for (int i = 0; i < 3 && said.ups == ups; i++) {
		rig_settle(r);
		if (said.ups == ups)
			rig_later(r, 31 * SECOND);
		rig_settle(r);
	}
	assert_int_equal(said.ups, ups + 1);
}

/* Whether the server executes something that looks so; its preparation does not count. */
static bool is_running(const char *like)
{
	char text[240];
	MYSQL *m = client_of(NULL);
	MYSQL_RES *result;
	bool some;

	snprintf(text, sizeof(text), "SELECT 1 FROM information_schema.PROCESSLIST WHERE COMMAND = 'Execute' AND INFO LIKE '%s'", like);
	assert_int_equal(mysql_query(m, text), 0);
	result = mysql_store_result(m);
	some = mysql_num_rows(result) > 0;
	mysql_free_result(result);
	mysql_close(m);
	return some;
}

/* Ends the connections of the store on the server: those that do something, or those that do nothing. */
static void kill_sessions(struct rig *r, bool busy)
{
	char text[40];
	MYSQL *m = client_of(NULL);

	for (unsigned i = 0; i < SESSIONS_MAX; i++) {
		const struct session *c = &r->s->sessions[i];

		if (!c->connected || c->fiber.under_way != busy)
			continue;
		snprintf(text, sizeof(text), "KILL %lu", c->thread);
		mysql_query(m, text); /* it may have gone by itself */
	}
	mysql_close(m);
}

/* ---- the server ---- */

/* The first try, and those after it in growing pauses, each with a line that says what is wrong and when the next comes. */
static void not_there_yet(void **state)
{
	static const int pauses[] = {1, 2, 4, 8, 16, 30, 30};
	char next[40];
	struct rig r;

	(void)state;
	rig_folder(&r);
	server_end(SIGTERM);
	rig_create(&r);
	snprintf(r.s->address, sizeof(r.s->address), "127.0.0.1:%u", server.port);
	rig_begin(&r);
	assert_int_equal(said.ups, 0);
	for (size_t i = 0; i < sizeof(pauses) / sizeof(*pauses); i++) {
		snprintf(next, sizeof(next), "(2002); next try in %d s", pauses[i]);
		assert_non_null(strstr(r.k->log, r.s->address));
		if (strstr(r.k->log, next) == NULL)
			fail_msg("%s", r.k->log);
		rig_later(&r, pauses[i] * SECOND - 1);
		assert_false(rig_is_busy(&r));
		rig_later(&r, 1);
		rig_settle(&r);
	}
	assert_int_equal(said.downs, 1); /* told once */
	assert_non_null(strstr(said.state, "cannot connect"));
	given(&r, (struct ask){.op = AQ_STORE_LIST});
	server_start();
	comes_back(&r);
	assert_int_equal(said.ends, 1); /* it has waited */
	assert_non_null(strstr(said.state, "connected to 10."));
	rig_free(&r);
}

/* As many as connect_tries says, each with its number; then the store fails with the reason, and asks no more. */
static void a_few_tries(void **state)
{
	struct rig r;

	(void)state;
	rig_folder(&r);
	server_end(SIGTERM);
	rig_create(&r);
	snprintf(r.s->address, sizeof(r.s->address), "127.0.0.1:%u", server.port);
	r.s->connect_tries = 3;
	rig_begin(&r);
	assert_non_null(strstr(r.k->log, "(2002); try 1 of 3; next try in 1 s"));
	rig_later(&r, SECOND);
	rig_settle(&r);
	assert_non_null(strstr(r.k->log, "(2002); try 2 of 3; next try in 2 s"));
	assert_string_equal(r.k->failed, "");
	rig_later(&r, 2 * SECOND);
	rig_settle(&r);
	assert_non_null(strstr(r.k->failed, "gives up after 3 tries (connect_tries): 127.0.0.1:"));
	assert_non_null(strstr(r.k->failed, "(2002)"));
	assert_int_equal(said.ups, 0);
	server_start();
	rig_later(&r, 100 * SECOND);
	rig_settle(&r);
	assert_false(rig_is_busy(&r));
	assert_int_equal(said.ups, 0);
	rig_free(&r);
}

/* Those that come after it was up once are without end. */
static void tries_of_a_store_that_was_up(void **state)
{
	struct rig r;

	(void)state;
	rig_folder(&r);
	rig_create(&r);
	r.s->connect_tries = 1;
	rig_begin(&r);
	assert_int_equal(said.ups, 1);
	server_end(SIGTERM);
	rig_until(&r, said.downs == 1);
	for (int i = 0; i < 5; i++) {
		rig_later(&r, 30 * SECOND);
		rig_settle(&r);
	}
	assert_string_equal(r.k->failed, "");
	assert_null(strstr(r.k->log, " of 1"));
	server_start();
	comes_back(&r);
	rig_free(&r);
}

static void stopped_and_started(void **state)
{
	struct rig r;

	(void)state;
	with_rows(&r);
	server_end(SIGTERM);
	rig_until(&r, said.downs == 1);
	given(&r, (struct ask){.op = AQ_STORE_INSERT, .collection = "t", .rows = "[{\"id\":2}]"});
	assert_int_equal(said.ends + said.errors, 0);
	server_start();
	comes_back(&r);
	assert_int_equal(said.ends, 1);
	assert_int_equal(count(&r), 2);
	rig_free(&r);
}

/* Of inserts that go on while it is killed: those that were answered, and at most the one that was under way. */
static void killed(void **state)
{
	uint64_t least = 1, next = 10;
	struct rig r;

	(void)state;
	with_rows(&r);
	for (int round = rounds_of("AQ_STORE_ROUNDS", 100) / 50 + 1; round > 0; round--) {
		char rows[80];
		int alive = 5 + round * 7;

		do {
			snprintf(rows, sizeof(rows), "[{\"id\":%d},{\"id\":%d}]", (int)next, (int)next + 1);
			next += 2;
			given(&r, (struct ask){.op = AQ_STORE_INSERT, .collection = "t", .rows = rows});
			if (alive-- == 0)
				server_end(SIGKILL);
			rig_until(&r, said.ends + said.errors == 1);
			least += 2 * said.ends;
		} while (said.errors == 0);
		assert_true(said.error.fault == AQ_STORE_LOST || said.error.fault == AQ_STORE_DOWN);
		alive = said.error.fault == AQ_STORE_LOST;
		rig_until(&r, !r.s->up);
		server_start();
		comes_back(&r);
		if (count(&r) != least && !(alive && said.end.matched == least + 2))
			fail_msg("%d rows, %d were accepted", (int)said.end.matched, (int)least);
		least = said.end.matched;
	}
	rig_free(&r);
}

/* It takes what is sent, and answers nothing. */
/* All of its threads stand still afterwards, not only soon. */
static void freeze_server(void)
{
	siginfo_t stopped;

	kill(server.pid, SIGSTOP);
	assert_int_equal(waitid(P_PID, (id_t)server.pid, &stopped, WSTOPPED), 0);
}

static void frozen(void **state)
{
	struct rig r;

	(void)state;
	with_rows(&r);
	freeze_server();
	given(&r, (struct ask){.op = AQ_STORE_INSERT, .collection = "t", .rows = "[{\"id\":2}]"});
	rig_poll(&r, 0);
	assert_int_equal(said.ends + said.errors, 0);
	rig_later(&r, 29 * SECOND);
	assert_int_equal(said.errors, 0);
	rig_later(&r, 2 * SECOND);
	failed_with(AQ_STORE_LOST, "it took longer than call_timeout");
	assert_int_equal(said.downs, 0); /* another connection seems to be well */
	given(&r, (struct ask){.op = AQ_STORE_COUNT, .collection = "t"});
	rig_later(&r, 31 * SECOND); /* that one is not well either, */
	rig_later(&r, 60 * SECOND); /* and new ones are not made */
	assert_int_equal(said.downs, 1);
	kill(server.pid, SIGCONT);
	comes_back(&r);
	rig_until(&r, said.ends + said.errors == 1); /* whether it had been begun or not */
	assert_in_range(count(&r), 1, 2); /* lost: it may have happened */
	rig_free(&r);
}

/* ---- one connection ---- */

static void cut_within_a_statement(void **state)
{
	struct rig r;

	(void)state;
	with_rows(&r);
	given(&r, raw("DELETE FROM t WHERE SLEEP(1000) = 0 OR id = 1"));
	rig_until(&r, is_running("DELETE FROM t WHERE SLEEP%"));
	kill_sessions(&r, true);
	rig_until(&r, said.ends + said.errors == 1);
	failed_with(AQ_STORE_DOWN, ""); /* its own transaction has not been committed */
	assert_int_equal(count(&r), 1);
	given(&r, (struct ask){.op = AQ_STORE_RAW, .statement = "SELECT SLEEP(1000)"});
	rig_until(&r, is_running("SELECT SLEEP%"));
	kill_sessions(&r, true);
	rig_until(&r, said.ends + said.errors == 1);
	assert_int_equal(said.errors, 1);
	rig_settle(&r);
	assert_int_equal(said.downs, 0);
	assert_int_equal(open_sessions(&r), 2);
	rig_free(&r);
}

/* A statement that takes effect by itself: it may have happened. */
static void cut_within_a_change(void **state)
{
	struct rig r;
	MYSQL *other;

	(void)state;
	with_rows(&r);
	other = client_of(r.file);
	client_run(other, "BEGIN");
	client_run(other, "UPDATE t SET s = 'x'");
	given(&r, (struct ask){.op = AQ_STORE_UPDATE, .collection = "t", .filter = "{}", .update = "{\"$set\":{\"s\":\"y\"}}"});
	rig_until(&r, is_running("UPDATE `t` SET%"));
	kill_sessions(&r, true);
	rig_until(&r, said.ends + said.errors == 1);
	failed_with(AQ_STORE_LOST, "");
	client_run(other, "ROLLBACK");
	assert_string_equal(found(&r, "t", "{}", NULL), "{ \"id\" : 1, \"s\" : \"one\" }");
	mysql_close(other);
	rig_free(&r);
}

/* The server ends what was broken off, too. */
static void longer_than_the_limit(void **state)
{
	struct rig r;

	(void)state;
	with_rows(&r);
	given(&r, raw("UPDATE t SET s = SLEEP(1000) WHERE id = 1"));
	rig_until(&r, is_running("UPDATE t SET s = SLEEP%"));
	rig_later(&r, 31 * SECOND);
	failed_with(AQ_STORE_LOST, "it took longer than call_timeout");
	rig_until(&r, !is_running("UPDATE t SET s = SLEEP%"));
	rig_settle(&r);
	assert_string_equal(found(&r, "t", "{}", NULL), "{ \"id\" : 1, \"s\" : \"one\" }");
	assert_int_equal(said.downs, 0);
	rig_free(&r);
}

/* Whether none of the connections that were there is any more. */
static bool all_are_new(struct rig *r, const unsigned long before[SESSIONS_MAX])
{
	for (unsigned i = 0; i < SESSIONS_MAX; i++)
		for (unsigned n = 0; n < SESSIONS_MAX; n++)
			if (r->s->sessions[i].connected && r->s->sessions[i].thread == before[n])
				return false;
	return true;
}

static void idle_ones_that_end(void **state)
{
	unsigned long before[SESSIONS_MAX];
	struct rig r;

	(void)state;
	with_rows(&r);
	for (int round = 0; round < 3; round++) {
		for (unsigned i = 0; i < SESSIONS_MAX; i++)
			before[i] = r.s->sessions[i].connected ? r.s->sessions[i].thread : 0;
		kill_sessions(&r, false);
		rig_until(&r, all_are_new(&r, before));
		if (!r.s->up)
			comes_back(&r);
		assert_int_equal(count(&r), 1);
		rig_later(&r, 31 * SECOND); /* of two that ended, one was tried again at once */
		rig_settle(&r);
		assert_int_equal(open_sessions(&r), 2);
	}
	rig_free(&r);
}

static void within_a_transaction(void **state)
{
	struct rig r;
	uint64_t t;

	(void)state;
	with_rows(&r);
	works(&r, (struct ask){.op = AQ_STORE_BEGIN});
	t = said.end.transaction;
	works(&r, (struct ask){.op = AQ_STORE_INSERT, .collection = "t", .rows = "[{\"id\":2}]", .transaction = t});
	kill_sessions(&r, false);
	rig_until(&r, transaction_session(r.s, t) == NULL);
	assert_int_equal(said.rollbacks, 1); /* whoever began it is told */
	assert_int_equal(said.rollback.call, t);
	assert_int_equal(said.rollback.fault, AQ_STORE_DOWN);
	refused(&r, AQ_STORE_REFUSED, "it has ended", (struct ask){.op = AQ_STORE_COMMIT, .transaction = t});
	if (!r.s->up)
		comes_back(&r);
	assert_int_equal(count(&r), 1);
	rig_free(&r);
}

static void within_an_answer(void **state)
{
	struct rig r;
	uint64_t id;

	(void)state;
	with_rows(&r);
	works(&r, raw("INSERT INTO t SELECT seq, REPEAT('x', 1000) FROM seq_2_to_5000"));
	r.quiet = true;
	id = ask(&r, (struct ask){.op = AQ_STORE_FIND, .collection = "t"});
	more_rows(&r, id, 10);
	assert_int_equal(said.row_count, 10);
	kill_sessions(&r, false);
	rig_until(&r, said.errors == 1);
	failed_with(AQ_STORE_LOST, "");
	r.quiet = false;
	if (!r.s->up)
		comes_back(&r);
	assert_int_equal(count(&r), 5000);
	rig_free(&r);
}

static bool is_loading(struct rig *r)
{
	for (unsigned i = 0; i < SESSIONS_MAX; i++)
		if (r->s->sessions[i].file != NULL)
			return true;
	return false;
}

/* While a frame is sent: nothing of it is there. */
static void within_a_frame(void **state)
{
	enum { MANY = 60000 };
	struct sql_buffer frame = {0};
	const struct aq_frame head = {.rows = MANY, .columns = 1};
	struct aq_column column = {.name = "id", .type = AQ_COL_INT64, .length = MANY * 8};
	struct rig r;
	uint64_t id;

	(void)state;
	with_rows(&r);
	sql_buffer_add(&frame, &head, sizeof(head));
	sql_buffer_add(&frame, &column, sizeof(column));
	for (int64_t i = 10; i < MANY + 10; i++)
		sql_buffer_add(&frame, &i, sizeof(i));
	id = begin_call(&r, (struct ask){.op = AQ_STORE_INSERT, .collection = "t", .frame = frame.at, .length = frame.length});
	said_clear();
	assert_int_equal(r.ops->end(r.k->self, id), AQ_OK);
	rig_until(&r, is_loading(&r));
	server_end(SIGKILL);
	rig_until(&r, said.ends + said.errors == 1);
	failed_with(AQ_STORE_DOWN, "");
	rig_until(&r, !r.s->up);
	server_start();
	comes_back(&r);
	assert_int_equal(count(&r), 1);
	works(&r, (struct ask){.op = AQ_STORE_INSERT, .collection = "t", .frame = frame.at, .length = frame.length});
	assert_int_equal(count(&r), MANY + 1);
	sql_buffer_free(&frame);
	rig_free(&r);
}

/* The store ends while everything is under way. */
static void stopped_in_the_middle(void **state)
{
	struct rig r;

	(void)state;
	with_rows(&r);
	works(&r, (struct ask){.op = AQ_STORE_BEGIN});
	r.quiet = true;
	ask(&r, (struct ask){.op = AQ_STORE_FIND, .collection = "t"});
	given(&r, raw("SELECT SLEEP(1000)"));
	given(&r, raw("SELECT 2")); /* waits */
	begin_call(&r, (struct ask){.op = AQ_STORE_INSERT, .collection = "t", .rows = "[{\"id\":7}]"});
	rig_until(&r, is_running("SELECT SLEEP%"));
	rig_stop(&r);
	rig_create(&r); /* and while it connects */
	assert_int_equal(aq_mock_start(r.k), AQ_OK);
	rig_stop(&r);
	rig_start(&r);
	rig_free(&r);
}

/* ---- what the server refuses ---- */

static void too_large(void **state)
{
	char *rows = malloc(3000100);
	struct rig r;

	(void)state;
	server_run("SET GLOBAL max_allowed_packet = 1048576");
	with_rows(&r);
	memset(rows, 'x', 3000000);
	memcpy(rows, "[{\"id\":5},{\"id\":6,\"s\":\"", 23);
	strcpy(rows + 3000000, "\"}]");
	refused(&r, AQ_STORE_REFUSED, "row 2: Got a packet bigger than 'max_allowed_packet' bytes", (struct ask){
		.op = AQ_STORE_INSERT, .collection = "t", .rows = rows});
	assert_int_equal(said.error.code, 1153);
	assert_int_equal(count(&r), 1);
	assert_int_equal(said.downs, 0);
	strcpy(rows + 900000, "\"}]");
	works(&r, (struct ask){.op = AQ_STORE_INSERT, .collection = "t", .rows = rows});
	assert_int_equal(count(&r), 3);
	server_run("SET GLOBAL max_allowed_packet = 16777216");
	rig_free(&r);
	/* a row that is larger than max_call is not taken from the server */
	with_rows(&r);
	works(&r, raw("UPDATE t SET s = REPEAT('y', 9000000)"));
	refused(&r, AQ_STORE_REFUSED, "a row is larger than max_call", (struct ask){.op = AQ_STORE_FIND, .collection = "t"});
	assert_int_equal(count(&r), 1);
	free(rows);
	rig_free(&r);
}

static void without_rights(void **state)
{
	char text[200];
	struct rig r;

	(void)state;
	with_rows(&r);
	snprintf(text, sizeof(text), "GRANT SELECT ON %s.* TO 'reader'@'%%' IDENTIFIED BY 'it''s \\\\secret'", r.file);
	server_run(text);
	rig_stop(&r);
	rig_create(&r);
	strcpy(r.s->user, "reader");
	strcpy(r.s->password, "it's \\secret");
	rig_begin(&r);
	assert_int_equal(said.ups, 1);
	assert_int_equal(count(&r), 1);
	refused(&r, AQ_STORE_REFUSED, "INSERT command denied", (struct ask){.op = AQ_STORE_INSERT, .collection = "t",
		.rows = "[{\"id\":2}]"});
	assert_int_equal(said.error.code, 1142);
	refused(&r, AQ_STORE_REFUSED, "denied", (struct ask){.op = AQ_STORE_CREATE, .collection = "u", .schema = ROWS});
	rig_stop(&r);
	rig_create(&r);
	strcpy(r.s->user, "reader");
	strcpy(r.s->password, "wrong");
	rig_begin(&r);
	assert_int_equal(said.downs, 1);
	assert_non_null(strstr(said.state, "Access denied for user 'reader'"));
	assert_non_null(strstr(said.state, "(1045)"));
	assert_null(strstr(said.state, "wrong"));
	rig_stop(&r);
	server_run("DROP USER 'reader'@'%'");
	rig_start(&r);
	rig_free(&r);
}

/* A database that is missing, tables that others have changed, and tables that are not of the store. */
static void not_as_it_was(void **state)
{
	char name[128];
	struct rig r;
	MYSQL *other;

	(void)state;
	with_rows(&r);
	other = client_of(r.file);
	client_run(other, "ALTER TABLE t DROP COLUMN s");
	refused(&r, AQ_STORE_UNKNOWN, "Unknown column 's'", (struct ask){.op = AQ_STORE_INSERT, .collection = "t",
		.rows = "[{\"id\":2}]"});
	client_run(other, "ALTER TABLE t ADD COLUMN s INT DEFAULT 7");
	refused(&r, AQ_STORE_REFUSED, "a row holds something else than text in field s", (struct ask){.op = AQ_STORE_FIND,
		.collection = "t"});
	client_run(other, "DROP TABLE t");
	refused(&r, AQ_STORE_UNKNOWN, "doesn't exist", (struct ask){.op = AQ_STORE_FIND, .collection = "t"});
	refused(&r, AQ_STORE_UNKNOWN, "there is no collection t", (struct ask){.op = AQ_STORE_FIND, .collection = "t"});
	client_run(other, "CREATE TABLE t (a INT)");
	client_run(other, "DELETE FROM aq_collections");
	refused(&r, AQ_STORE_REFUSED, "table t is there and is not of this store", (struct ask){.op = AQ_STORE_CREATE,
		.collection = "t", .schema = ROWS});
	mysql_close(other);
	rig_stop(&r);
	rig_create(&r);
	strcpy(name, r.s->database);
	strcpy(r.s->database, "aq_test_none");
	rig_begin(&r);
	assert_non_null(strstr(said.state, "Unknown database 'aq_test_none' (1049)"));
	rig_stop(&r);
	rig_start(&r);
	assert_string_equal(r.s->database, name);
	rig_free(&r);
}

int main(void)
{
	const struct CMUnitTest gentle[] = {cmocka_unit_test(cut_within_a_statement), cmocka_unit_test(cut_within_a_change),
		cmocka_unit_test(longer_than_the_limit), cmocka_unit_test(idle_ones_that_end), cmocka_unit_test(within_a_transaction),
		cmocka_unit_test(within_an_answer), cmocka_unit_test(stopped_in_the_middle), cmocka_unit_test(too_large),
		cmocka_unit_test(without_rights), cmocka_unit_test(not_as_it_was)};
	const struct CMUnitTest rough[] = {cmocka_unit_test(not_there_yet), cmocka_unit_test(a_few_tries),
		cmocka_unit_test(tries_of_a_store_that_was_up), cmocka_unit_test(stopped_and_started),
		cmocka_unit_test(killed), cmocka_unit_test(frozen), cmocka_unit_test(within_a_frame)};
	int failed = 0;

	if (!server_make())
		return 0;
	failed += cmocka_run_group_tests(gentle, NULL, NULL);
	if (!server.own) /* the user's server is left alone */
		failed += cmocka_run_group_tests(rough, NULL, NULL);
	return failed;
}
