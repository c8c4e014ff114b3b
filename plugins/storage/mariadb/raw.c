/* raw.c: a caller's own statement. Its values are parameters too. */
#include "mariadb/store.h"

#include <string.h>
#include <strings.h>

#define STATEMENT_BYTES (1u << 20)

/* ---- what a statement may be ---- */

/* Those that leave their connection as it was, and may be taken back or have an end of their own. */
enum verb { READS, CHANGES, DEFINES, NOT_TAKEN };
static const struct {
	const char *word;
	enum verb verb;
} verbs[] = {{"SELECT", READS}, {"WITH", READS}, {"VALUES", READS}, {"TABLE", READS}, {"SHOW", READS}, {"EXPLAIN", READS},
	{"DESCRIBE", READS}, {"DESC", READS}, {"INSERT", CHANGES}, {"UPDATE", CHANGES}, {"DELETE", CHANGES},
	{"REPLACE", CHANGES}, {"CREATE", DEFINES}, {"ALTER", DEFINES}, {"DROP", DEFINES}, {"TRUNCATE", DEFINES},
	{"RENAME", DEFINES}, {"ANALYZE", DEFINES}, {"OPTIMIZE", DEFINES}, {"CHECK", DEFINES}, {"CHECKSUM", DEFINES}};

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* Behind a comment that begins here; `at` when none does. What an executable comment holds is no comment. */
static const char *behind_comment(const char *at)
{
	const char *end;

	if (at[0] == '#' || (at[0] == '-' && at[1] == '-' && (is_blank(at[2]) || at[2] == '\0')))
		return at + strcspn(at, "\n");
	if (at[0] != '/' || at[1] != '*' || at[2] == '!' || (at[2] == 'M' && at[3] == '!'))
		return at;
	end = strstr(at + 2, "*/");
	return end != NULL ? end + 2 : at + strlen(at);
}

/* Blanks, comments, and brackets before a SELECT. */
static const char *skip(const char *at)
{
	for (;;) {
		const char *behind = is_blank(*at) || *at == '(' ? at + 1 : behind_comment(at);

		if (behind == at)
			return at;
		at = behind;
	}
}

static bool is_word(const char *at, const char *word)
{
	size_t length = strlen(word);

	return strncasecmp(at, word, length) == 0 && !is_letter(at[length]);
}

static const char *behind_word(const char *at)
{
	while (is_letter(*at))
		at++;
	return skip(at);
}

/* CREATE [OR REPLACE] TEMPORARY: it would stand before tables of the same name. */
static bool is_temporary(const char *at)
{
	for (int i = 0; i < 3; i++) {
		at = behind_word(at);
		if (is_word(at, "TEMPORARY"))
			return true;
	}
	return false;
}

static enum verb verb_of(const char *text)
{
	const char *at = skip(text);

	for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++)
		if (is_word(at, verbs[i].word))
			return verbs[i].verb == DEFINES && is_temporary(at) ? NOT_TAKEN : verbs[i].verb;
	return NOT_TAKEN;
}

static int check(const struct session *c, const struct sql_buffer *text, enum verb *verb, struct sql_error *err)
{
	if (text->length == 0)
		return sql_fail(err, AQ_STORE_REFUSED, "the statement is missing");
	if (text->length > STATEMENT_BYTES || memchr(text->at, '\0', text->length) != NULL ||
		!bson_utf8_validate(text->at, text->length, false))
		return sql_fail(err, AQ_STORE_REFUSED, "a statement is valid UTF-8 of at most 1 MiB");
	if (*skip(text->at) == '\0')
		return sql_fail(err, AQ_STORE_REFUSED, "the statement is empty");
	if (strcasestr(text->at, "aq_collections") != NULL)
		return sql_fail(err, AQ_STORE_REFUSED, "a statement does not name the store's own table aq_collections");
	*verb = verb_of(text->at);
	if (*verb == NOT_TAKEN)
		return sql_fail(err, AQ_STORE_REFUSED, "a statement reads, changes or defines tables, it does not begin like this: %.40s",
			skip(text->at));
	if (*verb == DEFINES && c->transaction != 0)
		return sql_fail(err, AQ_STORE_REFUSED, "nothing is defined in a transaction: MariaDB would commit it");
	return 0;
}

/* ---- running ---- */

/* Its rows stay on the server if they may, and if the server keeps them. */
static int take_rows(struct session *c, struct call *call, struct statement *st, struct sql_error *err)
{
	int status;

	if (call->may_hold && (c->mysql->server_status & SERVER_STATUS_CURSOR_EXISTS) != 0) {
		call->answer.cursor = st;
		return 0;
	}
	status = answer_read_all(c, call, st, err);
	statement_release(c, st);
	return status;
}

static int take_count(struct session *c, struct call *call, struct statement *st)
{
	call->answer.end.changed = mysql_stmt_affected_rows(st->handle);
	call->answer.end.insert_id = (int64_t)mysql_stmt_insert_id(st->handle);
	statement_release(c, st);
	return 0;
}

static int execute(struct session *c, struct call *call, bool reads, const struct sql_params *params, struct sql_error *err)
{
	const struct sql_buffer *text = &call->given.parts[AQ_PART_STATEMENT];
	struct statement *st = statement_prepare(c, text->at, text->length, err);
	int status;

	if (st == NULL)
		return -1;
	c->looks = reads;
	status = statement_execute(c, st, params->at, params->count, reads, err);
	c->looks = false;
	if (status != 0) {
		statement_release(c, st);
		return -1;
	}
	return st->open ? take_rows(c, call, st, err) : take_count(c, call, st);
}

static int with_parameters(struct session *c, struct call *call, bool reads, struct sql_error *err)
{
	struct sql_params params = {0};
	int status = sql_given_parameters(&call->given, &params, err);

	if (status == 0)
		status = execute(c, call, reads, &params, err);
	sql_params_free(&params);
	return status;
}

/* Rows of a change are kept until it has taken effect, and if they are too many it has not. */
static int change(struct session *c, struct call *call, struct sql_error *err)
{
	return with_parameters(c, call, false, err);
}

int store_raw(struct session *c, struct call *call, struct sql_error *err)
{
	enum verb verb = NOT_TAKEN;
	int status;

	if (check(c, &call->given.parts[AQ_PART_STATEMENT], &verb, err) != 0)
		return -1;
	if (verb == CHANGES)
		return transaction_around(c, call, change, err);
	status = with_parameters(c, call, verb == READS, err);
	if (verb == DEFINES)
		sql_known_forget(&c->s->collections);
	return status;
}
