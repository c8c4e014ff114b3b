/* create.c: see create.h. */
#include "sql/create.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct creation {
	const struct sql_dialect *d;
	const char *collection;
	const struct sql_schema *s;
	struct sql_buffer *out;
	struct sql_error *err;
};

static int put_name(struct creation *c, const struct sql_field *f)
{
	return sql_quote_name(c->d, c->out, f->name, strlen(f->name), "field", c->err);
}

/* ---- types ---- */

/* SQLite's strict types. A decimal is text, since any number type of it would be a double. */
static void put_sqlite_type(struct sql_buffer *out, const struct sql_field *f)
{
	static const char *const types[] = {[SQL_INT64] = " INTEGER", [SQL_DOUBLE] = " REAL", [SQL_DECIMAL] = " TEXT",
		[SQL_TEXT] = " TEXT", [SQL_BYTES] = " BLOB", [SQL_BOOL] = " INTEGER", [SQL_TIME] = " INTEGER"};

	sql_buffer_put(out, types[f->type]);
	if (f->automatic)
		sql_buffer_put(out, " PRIMARY KEY AUTOINCREMENT");
	else if (f->key)
		sql_buffer_put(out, " NOT NULL");
}

static void put_sized(struct sql_buffer *out, const char *type, uint64_t size)
{
	sql_buffer_put(out, type);
	sql_buffer_put(out, "(");
	sql_buffer_number(out, size);
	sql_buffer_put(out, ")");
}

static void put_mariadb_decimal(struct sql_buffer *out, const struct sql_field *f)
{
	sql_buffer_put(out, " DECIMAL(");
	sql_buffer_number(out, f->precision);
	sql_buffer_put(out, ",");
	sql_buffer_number(out, f->scale);
	sql_buffer_put(out, ")");
}

static void put_mariadb_type(struct sql_buffer *out, const struct sql_field *f)
{
	static const char *const types[] = {[SQL_INT64] = " BIGINT", [SQL_DOUBLE] = " DOUBLE", [SQL_TEXT] = " LONGTEXT",
		[SQL_BYTES] = " LONGBLOB", [SQL_BOOL] = " TINYINT(1)", [SQL_TIME] = " BIGINT"};

	if (f->type == SQL_DECIMAL)
		put_mariadb_decimal(out, f);
	else if (f->size != 0)
		put_sized(out, f->type == SQL_TEXT ? " VARCHAR" : " VARBINARY", f->size);
	else
		sql_buffer_put(out, types[f->type]);
	sql_buffer_put(out, f->key ? " NOT NULL" : " NULL");
	if (f->automatic)
		sql_buffer_put(out, " AUTO_INCREMENT");
}

static int put_comment(struct creation *c, const char *comment)
{
	if (!c->d->comments || comment[0] == '\0')
		return 0;
	sql_buffer_put(c->out, " COMMENT ");
	return sql_quote_comment(c->out, comment, strlen(comment), c->err);
}

/* ---- indexes ---- */

static int put_index_field(struct creation *c, const struct sql_field *f, bool *first)
{
	sql_buffer_put(c->out, *first ? "(" : ", ");
	*first = false;
	if (put_name(c, f) != 0)
		return -1;
	if (f->type == SQL_DECIMAL)
		sql_buffer_put(c->out, c->d->decimal_left);
	return 0;
}

/* A table without a key gets one that nobody sees: so each row of it can be told. */
static void put_own_key(struct creation *c)
{
	for (uint32_t i = 0; i < c->s->count; i++)
		if (c->s->fields[i].key)
			return;
	sql_buffer_put(c->out, ", `aq_row` BIGINT UNSIGNED NOT NULL AUTO_INCREMENT INVISIBLE PRIMARY KEY");
}

static int put_key(struct creation *c)
{
	bool first = true;

	for (uint32_t i = 0; i < c->s->count; i++) {
		const struct sql_field *f = &c->s->fields[i];

		if (!f->key || (f->automatic && !c->d->comments))
			continue;
		if (first)
			sql_buffer_put(c->out, ", PRIMARY KEY ");
		if (put_index_field(c, f, &first) != 0)
			return -1;
	}
	if (!first)
		sql_buffer_put(c->out, ")");
	return 0;
}

/* An index is told by the first of its fields. */
struct index {
	uint32_t field;
	bool unique, alone;
};

static const char *group_of(const struct sql_field *f, bool unique)
{
	return unique ? f->unique : f->index;
}

static bool begins(const struct sql_schema *s, struct index x)
{
	const struct sql_field *f = &s->fields[x.field];

	if (x.alone)
		return x.unique ? f->unique_alone : f->index_alone;
	if (group_of(f, x.unique)[0] == '\0')
		return false;
	for (uint32_t i = 0; i < x.field; i++)
		if (strcmp(group_of(&s->fields[i], x.unique), group_of(f, x.unique)) == 0)
			return false;
	return true;
}

static int put_index_fields(struct creation *c, struct index x)
{
	const struct sql_field *told = &c->s->fields[x.field];
	bool first = true;

	for (uint32_t i = x.field; i < c->s->count; i++) {
		const struct sql_field *f = &c->s->fields[i];
		bool in = x.alone ? i == x.field : strcmp(group_of(f, x.unique), group_of(told, x.unique)) == 0;

		if (in && put_index_field(c, f, &first) != 0)
			return -1;
	}
	sql_buffer_put(c->out, ")");
	return 0;
}

/* In SQLite the names of indexes are the database's, so they are made of a hash. */
static uint64_t hash(const char *text)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (; *text != '\0'; text++)
		h = (h ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
	return h;
}

static int put_index_name(struct creation *c, struct index x)
{
	char name[48];

	snprintf(name, sizeof(name), "aq_%016" PRIx64 "_%u%s%s", hash(c->collection), x.field, x.unique ? "u" : "i",
		x.alone ? "" : "c");
	return sql_quote_name(c->d, c->out, name, strlen(name), "index", c->err);
}

static int put_index_statement(struct creation *c, struct index x)
{
	sql_buffer_put(c->out, x.unique ? "CREATE UNIQUE INDEX " : "CREATE INDEX ");
	if (put_index_name(c, x) != 0)
		return -1;
	sql_buffer_put(c->out, " ON ");
	if (sql_quote_name(c->d, c->out, c->collection, strlen(c->collection), "collection", c->err) != 0)
		return -1;
	sql_buffer_put(c->out, " ");
	return put_index_fields(c, x);
}

static int put_index_inside(struct creation *c, struct index x)
{
	sql_buffer_put(c->out, x.unique ? ", UNIQUE INDEX " : ", INDEX ");
	if (put_index_name(c, x) != 0)
		return -1;
	sql_buffer_put(c->out, " ");
	return put_index_fields(c, x);
}

/* The nth of all that a field may begin: alone or not, unique or not. */
static struct index nth(uint32_t n)
{
	return (struct index){.field = n / 4, .unique = (n & 1) != 0, .alone = (n & 2) != 0};
}

static int put_indexes_inside(struct creation *c)
{
	for (uint32_t i = 0; i < 4 * c->s->count; i++)
		if (begins(c->s, nth(i)) && put_index_inside(c, nth(i)) != 0)
			return -1;
	return 0;
}

int sql_create_indexes(const struct sql_dialect *d, const char *collection, const struct sql_schema *s,
	int (*each)(void *context, const char *statement, struct sql_error *err), void *context, struct sql_error *err)
{
	struct sql_buffer text = {0};
	struct creation c = {.d = d, .collection = collection, .s = s, .out = &text, .err = err};
	int status = 0;

	for (uint32_t i = 0; i < 4 * s->count && status == 0 && !d->comments; i++) {
		if (!begins(s, nth(i)))
			continue;
		sql_buffer_clear(&text);
		status = put_index_statement(&c, nth(i));
		if (status == 0)
			status = text.failed ? sql_no_memory(err) : each(context, text.at, err);
	}
	sql_buffer_free(&text);
	return status;
}

/* ---- the table ---- */

static int put_column(struct creation *c, const struct sql_field *f)
{
	if (put_name(c, f) != 0)
		return -1;
	if (c->d->comments)
		put_mariadb_type(c->out, f);
	else
		put_sqlite_type(c->out, f);
	return put_comment(c, f->comment);
}

int sql_create_table(const struct sql_dialect *d, const char *collection, const struct sql_schema *s,
	struct sql_buffer *out, struct sql_error *err)
{
	struct creation c = {.d = d, .collection = collection, .s = s, .out = out, .err = err};

	sql_buffer_put(out, "CREATE TABLE ");
	if (sql_quote_name(d, out, collection, strlen(collection), "collection", err) != 0)
		return -1;
	for (uint32_t i = 0; i < s->count; i++) {
		sql_buffer_put(out, i == 0 ? " (" : ", ");
		if (put_column(&c, &s->fields[i]) != 0)
			return -1;
	}
	if (d->comments)
		put_own_key(&c);
	if (put_key(&c) != 0 || (d->comments && put_indexes_inside(&c) != 0))
		return -1;
	sql_buffer_put(out, d->comments ? ") ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin" : ") STRICT");
	if (put_comment(&c, s->comment) != 0)
		return -1;
	return out->failed ? sql_no_memory(err) : 0;
}
