/* document.c: see document.h. */
#include "sql/document.h"

#include <string.h>

static const struct {
	bson_type_t type;
	const char *name;
} known[] = {{BSON_TYPE_DOUBLE, "double"}, {BSON_TYPE_UTF8, "text"}, {BSON_TYPE_DOCUMENT, "document"},
	{BSON_TYPE_ARRAY, "list"}, {BSON_TYPE_BINARY, "bytes"}, {BSON_TYPE_BOOL, "bool"}, {BSON_TYPE_NULL, "null"},
	{BSON_TYPE_INT32, "int32"}, {BSON_TYPE_INT64, "int64"}, {BSON_TYPE_DECIMAL128, "decimal"}};

static const char *known_name(bson_type_t type)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (known[i].type == type)
			return known[i].name;
	return NULL;
}

const char *sql_bson_type_name(bson_type_t type)
{
	const char *name = known_name(type);

	return name != NULL ? name : "value of another type";
}

static int corrupt(const char *what, struct sql_error *err)
{
	return sql_fail(err, AQ_STORE_REFUSED, "the %s is no valid BSON", what);
}

static bool is_text(const char *text, size_t length)
{
	return bson_utf8_validate(text, length, true);
}

static int unknown_type(const bson_iter_t *at, const char *what, struct sql_error *err)
{
	return sql_fail(err, AQ_STORE_REFUSED, "the %s holds %s of BSON type 0x%02x, which no store takes%s", what,
		bson_iter_key(at), (unsigned)bson_iter_type(at),
		bson_iter_type(at) == BSON_TYPE_DATE_TIME ? ": a time is an int64 in ns" : "");
}

/* The library has a validation, too, but it goes as deep as the bytes do, and leaves off at the first bad text. */
static int walk(bson_iter_t *at, unsigned depth, const char *what, struct sql_error *err)
{
	bson_iter_t inner;
	uint32_t length;

	while (bson_iter_next(at)) {
		bson_type_t type = bson_iter_type(at);

		if (!is_text(bson_iter_key(at), strlen(bson_iter_key(at))))
			return corrupt(what, err);
		if (known_name(type) == NULL)
			return unknown_type(at, what, err);
		if (type == BSON_TYPE_UTF8) {
			const char *text = bson_iter_utf8(at, &length);

			if (!is_text(text, length))
				return corrupt(what, err);
		}
		if (type != BSON_TYPE_DOCUMENT && type != BSON_TYPE_ARRAY)
			continue;
		if (depth == SQL_DEPTH_MAX)
			return sql_fail(err, AQ_STORE_REFUSED, "the %s is deeper than %d levels", what, SQL_DEPTH_MAX);
		if (!bson_iter_recurse(at, &inner))
			return corrupt(what, err);
		if (walk(&inner, depth + 1, what, err) != 0)
			return -1;
	}
	return at->err_off != 0 ? corrupt(what, err) : 0;
}

int sql_document_open(const void *bytes, size_t length, const char *what, bson_t *out, struct sql_error *err)
{
	bson_iter_t at;

	if (bytes == NULL || length < 5 || length > INT32_MAX || !bson_init_static(out, bytes, length) ||
		!bson_iter_init(&at, out))
		return corrupt(what, err);
	return walk(&at, 1, what, err);
}

int sql_document_next(const void *bytes, size_t length, size_t *at, bson_t *out, struct sql_error *err)
{
	uint32_t size;

	if (*at == length)
		return 0;
	if (length - *at < 5)
		return corrupt("row", err);
	memcpy(&size, (const uint8_t *)bytes + *at, sizeof(size));
	size = BSON_UINT32_FROM_LE(size);
	if (size < 5 || size > length - *at)
		return corrupt("row", err);
	if (sql_document_open((const uint8_t *)bytes + *at, size, "row", out, err) != 0)
		return -1;
	*at += size;
	return 1;
}

int sql_bson_switch(const bson_iter_t *at)
{
	int64_t number = -1;

	if (BSON_ITER_HOLDS_BOOL(at))
		return bson_iter_bool(at);
	if (BSON_ITER_HOLDS_INT32(at) || BSON_ITER_HOLDS_INT64(at))
		number = bson_iter_as_int64(at);
	else if (BSON_ITER_HOLDS_DOUBLE(at))
		number = bson_iter_double(at) == 1 ? 1 : bson_iter_double(at) == 0 ? 0 : -1;
	return number == 0 || number == 1 ? (int)number : -1;
}
