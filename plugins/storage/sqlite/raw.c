/* raw.c: a caller's own statement. Its values are parameters too. */
#include "sqlite/store.h"

#include <string.h>

static int bind(struct connection *c, sqlite3_stmt *statement, const struct sql_params *params, struct sql_error *err)
{
	int places = sqlite3_bind_parameter_count(statement);

	if (places < 0 || (uint32_t)places != params->count)
		return sql_fail(err, AQ_STORE_REFUSED, "the statement has %d places and the call %u parameters", places,
			params->count);
	return values_bind(c, statement, 0, params->at, params->count, true, err);
}

static sqlite3_stmt *prepare(struct connection *connection, struct call *c, struct sql_error *err)
{
	const struct sql_buffer *text = &c->given.parts[AQ_PART_STATEMENT];
	struct sql_params params = {0};
	sqlite3_stmt *statement = NULL;

	if (text->length == 0)
		sql_fail(err, AQ_STORE_REFUSED, "the statement is missing");
	else if (sql_given_parameters(&c->given, &params, err) == 0)
		statement = connection_prepare_raw(connection, text->at, text->length, err);
	if (statement != NULL && bind(connection, statement, &params, err) != 0) {
		connection_release(connection, statement);
		statement = NULL;
	}
	sql_params_free(&params);
	return statement;
}

/* ---- what writes, and all in a transaction ---- */

/* Its rows are kept until it has taken effect. */
static int execute(struct store *s, struct call *c, struct sql_error *err)
{
	struct answer *a = &c->answer;
	sqlite3_stmt *statement = prepare(&s->writer, c, err);
	bool reads = statement != NULL && sqlite3_stmt_readonly(statement);
	int64_t before = sqlite3_total_changes64(s->writer.db);
	int code = SQLITE_DONE, status = statement != NULL ? 0 : -1;

	sqlite3_set_last_insert_rowid(s->writer.db, 0);
	while (status == 0 && (code = sqlite3_step(statement)) == SQLITE_ROW)
		status = answer_document(a, statement, &a->row, err) != 0 ? -1 : answer_add(s, c, &a->row, err);
	if (status == 0 && code != SQLITE_DONE)
		status = connection_failed(&s->writer, code, err);
	connection_release(&s->writer, statement);
	/* statements that are no change of rows leave the count of the one before */
	if (!reads && sqlite3_total_changes64(s->writer.db) != before)
		a->end.changed = (uint64_t)sqlite3_changes64(s->writer.db);
	if (!reads) {
		a->end.insert_id = sqlite3_last_insert_rowid(s->writer.db);
		sql_known_forget(&s->collections);
	}
	return status;
}

/* ---- what reads ---- */

static int query(struct store *s, struct connection *reader, struct call *c, struct sql_error *err)
{
	struct answer *a = &c->answer;

	a->cursor = prepare(reader, c, err);
	if (a->cursor == NULL)
		return -1;
	a->connection = reader;
	reader->busy = true;
	return answer_begin(a, err);
}

/* Whether it reads only is known when it is prepared. */
static int is_query(struct store *s, struct call *c, struct sql_error *err)
{
	sqlite3_stmt *statement = prepare(&s->writer, c, err);
	int reads = statement != NULL ? sqlite3_stmt_readonly(statement) != 0 : -1;

	connection_release(&s->writer, statement);
	return reads;
}

int store_raw(struct store *s, struct call *c, struct sql_error *err)
{
	struct connection *reader;
	int reads = s->transaction.id != 0 ? 0 : is_query(s, c, err);

	if (reads < 0)
		return -1;
	if (reads == 0)
		return transaction_around(s, c, execute, err) != 0 ? -1 : answer_begin(&c->answer, err);
	reader = store_reader(s, err);
	return reader != NULL ? query(s, reader, c, err) : -1;
}
