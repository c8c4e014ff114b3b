/* schema.c: see schema.h. */
#include "sql/schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *const types[] = {[SQL_INT64] = "int64", [SQL_DOUBLE] = "double", [SQL_DECIMAL] = "decimal",
	[SQL_TEXT] = "text", [SQL_BYTES] = "bytes", [SQL_BOOL] = "bool", [SQL_TIME] = "timestamp"};
#define TYPES (sizeof(types) / sizeof(*types))
#define SIZE_OF_KEYS 255

/* ---- settings of a field ---- */

struct reader {
	const struct sql_dialect *d;
	struct sql_field *f;
	const char *key; /* in hand */
	bool has_digits;
	struct sql_error *err;
};

static int wrong(struct reader *r, const char *wanted)
{
	return sql_fail(r->err, AQ_STORE_REFUSED, "schema: %s of field %s is %s", r->key, r->f->name, wanted);
}

static int read_name(struct reader *r, const bson_iter_t *at)
{
	uint32_t length = 0;
	const char *name = BSON_ITER_HOLDS_UTF8(at) ? bson_iter_utf8(at, &length) : "";

	if (sql_name_check(r->d, name, length, "field", r->err) != 0)
		return -1;
	if (name[0] == '$')
		return sql_fail(r->err, AQ_STORE_REFUSED, "the name of a field does not begin with $: %s", name);
	memcpy(r->f->name, name, length + 1);
	return 0;
}

static int read_type(struct reader *r, const bson_iter_t *at)
{
	const char *name = BSON_ITER_HOLDS_UTF8(at) ? bson_iter_utf8(at, NULL) : "";

	for (size_t i = 1; i < TYPES; i++)
		if (strcmp(types[i], name) == 0)
			r->f->type = (uint8_t)i;
	return r->f->type != 0 ? 0 : wrong(r, "none of int64, double, decimal, text, bytes, bool, timestamp");
}

static int read_number(struct reader *r, const bson_iter_t *at, int64_t least, int64_t most, int64_t *out)
{
	char wanted[64];

	if (BSON_ITER_HOLDS_INT32(at) || BSON_ITER_HOLDS_INT64(at)) {
		*out = bson_iter_as_int64(at);
		if (*out >= least && *out <= most)
			return 0;
	}
	snprintf(wanted, sizeof(wanted), "a whole number from %lld to %lld", (long long)least, (long long)most);
	return wrong(r, wanted);
}

static int read_bool(struct reader *r, const bson_iter_t *at, bool *out)
{
	int value = sql_bson_switch(at);

	*out = value == 1;
	return value >= 0 ? 0 : wrong(r, "true or false");
}

static int read_index(struct reader *r, const bson_iter_t *at, bool *alone, char name[SQL_NAME_MAX + 1])
{
	uint32_t length;
	const char *text;

	if (!BSON_ITER_HOLDS_UTF8(at))
		return read_bool(r, at, alone);
	text = bson_iter_utf8(at, &length);
	if (sql_name_check(r->d, text, length, "index", r->err) != 0)
		return -1;
	memcpy(name, text, length + 1);
	return 0;
}

static int read_comment(const bson_iter_t *at, char out[256], struct sql_error *err)
{
	struct sql_buffer quoted = {0};
	uint32_t length = 0;
	const char *text = BSON_ITER_HOLDS_UTF8(at) ? bson_iter_utf8(at, &length) : NULL;
	int status;

	if (text == NULL || length > 255)
		return sql_fail(err, AQ_STORE_REFUSED, "schema: a comment is a text of at most 255 bytes");
	status = sql_quote_comment(&quoted, text, length, err); /* refused here for every back end alike */
	sql_buffer_free(&quoted);
	if (status == 0)
		memcpy(out, text, length + 1);
	return status;
}

static int read_setting(struct reader *r, const bson_iter_t *at)
{
	struct sql_field *f = r->f;
	int64_t number = 0;
	int status;

	if (strcmp(r->key, "name") == 0)
		return 0; /* has been read first */
	if (strcmp(r->key, "type") == 0)
		return read_type(r, at);
	if (strcmp(r->key, "key") == 0)
		return read_bool(r, at, &f->key);
	if (strcmp(r->key, "auto_increment") == 0)
		return read_bool(r, at, &f->automatic);
	if (strcmp(r->key, "index") == 0)
		return read_index(r, at, &f->index_alone, f->index);
	if (strcmp(r->key, "unique") == 0)
		return read_index(r, at, &f->unique_alone, f->unique);
	if (strcmp(r->key, "comment") == 0)
		return read_comment(at, f->comment, r->err);
	if (strcmp(r->key, "precision") == 0) {
		status = read_number(r, at, 1, 34, &number);
		f->precision = (uint8_t)number;
	} else if (strcmp(r->key, "digits") == 0) {
		status = read_number(r, at, 0, 34, &number);
		f->scale = (uint8_t)number;
		r->has_digits = true;
	} else if (strcmp(r->key, "size") == 0) {
		status = read_number(r, at, 1, 16383, &number);
		f->size = (uint32_t)number;
	} else {
		return wrong(r, "unknown");
	}
	return status;
}

/* ---- what fits together ---- */

bool sql_field_indexed(const struct sql_field *f)
{
	return f->key || f->index_alone || f->unique_alone || f->index[0] != '\0' || f->unique[0] != '\0';
}

static int check_decimal(struct reader *r)
{
	struct sql_field *f = r->f;

	if (f->type != SQL_DECIMAL && (r->has_digits || f->precision != 0))
		return sql_fail(r->err, AQ_STORE_REFUSED, "schema: field %s has digits and is no decimal", f->name);
	if (f->type != SQL_DECIMAL)
		return 0;
	if (!r->has_digits)
		return sql_fail(r->err, AQ_STORE_REFUSED, "schema: decimal field %s needs digits", f->name);
	if (f->precision == 0)
		f->precision = 34;
	if (f->scale > f->precision)
		return sql_fail(r->err, AQ_STORE_REFUSED, "schema: field %s has more digits than precision", f->name);
	return 0;
}

static int check_field(struct reader *r)
{
	struct sql_field *f = r->f;
	bool sized = f->type == SQL_TEXT || f->type == SQL_BYTES;

	if (f->type == 0)
		return sql_fail(r->err, AQ_STORE_REFUSED, "schema: field %s has no type", f->name);
	if (f->size != 0 && !sized)
		return sql_fail(r->err, AQ_STORE_REFUSED, "schema: field %s has a size and is neither text nor bytes", f->name);
	if (sized && f->size == 0 && sql_field_indexed(f))
		f->size = SIZE_OF_KEYS;
	if (f->automatic && f->type != SQL_INT64)
		return sql_fail(r->err, AQ_STORE_REFUSED, "schema: field %s counts itself and is no int64", f->name);
	f->key |= f->automatic;
	return check_decimal(r);
}

static int check_names(const struct sql_schema *s, struct sql_error *err)
{
	uint32_t keys = 0, automatic = 0;

	for (uint32_t i = 0; i < s->count; i++) {
		keys += s->fields[i].key;
		automatic += s->fields[i].automatic;
		for (uint32_t j = 0; j < i; j++)
			if (strcasecmp(s->fields[i].name, s->fields[j].name) == 0)
				return sql_fail(err, AQ_STORE_REFUSED, "schema: field %s is there twice", s->fields[i].name);
	}
	if (automatic > 0 && keys > 1)
		return sql_fail(err, AQ_STORE_REFUSED, "schema: a field that counts itself is the whole key");
	return 0;
}

/* ---- reading ---- */

static int read_field(const struct sql_dialect *d, const bson_iter_t *at, struct sql_field *f, struct sql_error *err)
{
	struct reader r = {.d = d, .f = f, .key = "name", .err = err};
	bson_iter_t setting;

	if (!BSON_ITER_HOLDS_DOCUMENT(at) || !bson_iter_recurse(at, &setting))
		return sql_fail(err, AQ_STORE_REFUSED, "schema: a field is a document {name, type, ...}");
	if (!bson_iter_find(&setting, "name"))
		return sql_fail(err, AQ_STORE_REFUSED, "schema: a field has no name");
	if (read_name(&r, &setting) != 0 || !bson_iter_recurse(at, &setting))
		return -1;
	while (bson_iter_next(&setting)) {
		r.key = bson_iter_key(&setting);
		if (read_setting(&r, &setting) != 0)
			return -1;
	}
	return check_field(&r);
}

static int read_fields(const struct sql_dialect *d, const bson_iter_t *list, struct sql_schema *out,
	struct sql_error *err)
{
	bson_iter_t at;

	if (out->fields != NULL || !BSON_ITER_HOLDS_ARRAY(list) || !bson_iter_recurse(list, &at))
		return sql_fail(err, AQ_STORE_REFUSED, "schema: fields is one list");
	out->fields = calloc(SQL_FIELDS_MAX, sizeof(*out->fields));
	if (out->fields == NULL)
		return sql_no_memory(err);
	while (bson_iter_next(&at)) {
		if (out->count == SQL_FIELDS_MAX)
			return sql_fail(err, AQ_STORE_REFUSED, "schema: more than %d fields", SQL_FIELDS_MAX);
		if (read_field(d, &at, &out->fields[out->count], err) != 0)
			return -1;
		out->count++;
	}
	return check_names(out, err);
}

static int read_schema(const struct sql_dialect *d, const bson_t *document, struct sql_schema *out,
	struct sql_error *err)
{
	bson_iter_t at;

	bson_iter_init(&at, document);
	while (bson_iter_next(&at)) {
		const char *key = bson_iter_key(&at);

		if (strcmp(key, "fields") == 0 ? read_fields(d, &at, out, err) != 0
			: strcmp(key, "comment") == 0 ? read_comment(&at, out->comment, err) != 0
			: sql_fail(err, AQ_STORE_REFUSED, "schema: %s is unknown", key) != 0)
			return -1;
	}
	return out->count > 0 ? 0 : sql_fail(err, AQ_STORE_REFUSED, "schema: it has no fields");
}

int sql_schema_read(const struct sql_dialect *d, const bson_t *document, struct sql_schema *out, struct sql_error *err)
{
	*out = (struct sql_schema){0};
	if (read_schema(d, document, out, err) == 0) {
		struct sql_field *fields = realloc(out->fields, out->count * sizeof(*fields));

		out->fields = fields != NULL ? fields : out->fields;
		return 0;
	}
	sql_schema_free(out);
	return -1;
}

void sql_schema_free(struct sql_schema *s)
{
	free(s->fields);
	*s = (struct sql_schema){0};
}

int sql_schema_find(const struct sql_schema *s, const char *name)
{
	for (uint32_t i = 0; i < s->count; i++)
		if (strcmp(s->fields[i].name, name) == 0)
			return (int)i;
	return -1;
}

int sql_schema_field(const struct sql_schema *s, const char *name, struct sql_error *err)
{
	int field = sql_schema_find(s, name);

	return field >= 0 ? field : sql_fail(err, AQ_STORE_UNKNOWN, "there is no field %s", name);
}

/* ---- describing ---- */

static void describe_index(bson_t *out, const char *key, bool alone, const char *name)
{
	if (name[0] != '\0')
		bson_append_utf8(out, key, -1, name, -1);
	else if (alone)
		bson_append_bool(out, key, -1, true);
}

static void describe_field(bson_t *out, const struct sql_field *f)
{
	BSON_APPEND_UTF8(out, "name", f->name);
	BSON_APPEND_UTF8(out, "type", types[f->type]);
	if (f->type == SQL_DECIMAL) {
		BSON_APPEND_INT32(out, "precision", f->precision);
		BSON_APPEND_INT32(out, "digits", f->scale);
	}
	if (f->key)
		BSON_APPEND_BOOL(out, "key", true);
	if (f->automatic)
		BSON_APPEND_BOOL(out, "auto_increment", true);
	describe_index(out, "index", f->index_alone, f->index);
	describe_index(out, "unique", f->unique_alone, f->unique);
	if (f->size != 0)
		BSON_APPEND_INT32(out, "size", (int32_t)f->size);
	if (f->comment[0] != '\0')
		BSON_APPEND_UTF8(out, "comment", f->comment);
}

bson_t *sql_schema_describe(const struct sql_schema *s)
{
	bson_t *out = bson_new(), list, field;
	char number[12];

	BSON_APPEND_ARRAY_BEGIN(out, "fields", &list);
	for (uint32_t i = 0; i < s->count; i++) {
		snprintf(number, sizeof(number), "%u", i);
		BSON_APPEND_DOCUMENT_BEGIN(&list, number, &field);
		describe_field(&field, &s->fields[i]);
		bson_append_document_end(&list, &field);
	}
	bson_append_array_end(out, &list);
	if (s->comment[0] != '\0')
		BSON_APPEND_UTF8(out, "comment", s->comment);
	return out;
}

void sql_field_type(const struct sql_field *f, char out[32])
{
	if (f->type == SQL_DECIMAL)
		snprintf(out, 32, "decimal(%u,%u)", f->precision, f->scale);
	else
		snprintf(out, 32, "%s", types[f->type]);
}
