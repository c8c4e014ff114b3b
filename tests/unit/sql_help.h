/* sql_help.h: what the tests of the shared part of SQL back ends have in common. */
#ifndef SQL_HELP_H
#define SQL_HELP_H

#include <storage/sql/create.h>
#include <storage/sql/frame_out.h>
#include <storage/sql/frame.h>
#include <storage/sql/update.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static inline bson_t *json(const char *text)
{
	bson_error_t error;
	bson_t *document = bson_new_from_json((const uint8_t *)text, -1, &error);

	if (document == NULL)
		fail_msg("%s: %s", text, error.message);
	return document;
}

static inline int read_schema(const struct sql_dialect *d, const char *text, struct sql_schema *out, struct sql_error *err)
{
	bson_t *document = json(text);
	int status = sql_schema_read(d, document, out, err);

	bson_destroy(document);
	return status;
}

static inline struct sql_schema schema_of(const char *text)
{
	struct sql_schema s;
	struct sql_error err;

	if (read_schema(&sql_dialect_sqlite, text, &s, &err) != 0)
		fail_msg("%s: %s", text, err.text);
	return s;
}

/* A parameter as the tests write it. */
static inline void param_text(const struct sql_value *v, char *out, size_t size)
{
	if (v->type == SQL_TEXT || v->type == SQL_BYTES)
		snprintf(out, size, "'%.*s'", (int)v->bytes.length, (const char *)v->bytes.at);
	else if (v->type == SQL_DECIMAL)
		snprintf(out, size, "%s", v->decimal);
	else if (v->type == SQL_DOUBLE)
		snprintf(out, size, "%gf", v->real);
	else if (v->type == SQL_NULL)
		snprintf(out, size, "null");
	else
		snprintf(out, size, "%lld", (long long)v->integer);
}

/* "text | parameter, parameter" */
static inline const char *shown(const struct sql_buffer *text, const struct sql_params *params)
{
	static char out[4096];
	size_t length = (size_t)snprintf(out, sizeof(out), "%s", text->at);

	for (uint32_t i = 0; i < params->count; i++) {
		char value[200];

		param_text(&params->at[i], value, sizeof(value));
		length += (size_t)snprintf(out + length, sizeof(out) - length, "%s%s", i == 0 ? " | " : ", ", value);
	}
	return out;
}

#endif
