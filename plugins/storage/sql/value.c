/* value.c: see value.h. */
#include "sql/value.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utf8.h>

/* ---- reading ---- */

static int read_double(double real, const char *field, struct sql_value *out, struct sql_error *err)
{
	if (!isfinite(real))
		return sql_fail(err, AQ_STORE_REFUSED, "field %s: %s is not stored: doubles are finite", field,
			isnan(real) ? "NaN" : "infinity");
	*out = (struct sql_value){.type = SQL_DOUBLE, .real = real};
	return 0;
}

int sql_value_decimal(const bson_decimal128_t *number, const char *field, struct sql_value *out, struct sql_error *err)
{
	char text[BSON_DECIMAL128_STRING];

	out->type = SQL_DECIMAL;
	if (sql_decimal_from_128(number, out->decimal))
		return 0;
	bson_decimal128_to_string(number, text);
	return sql_fail(err, AQ_STORE_REFUSED, "field %s: %s is not stored: decimals are finite and have at most %d digits on "
		"either side of the point", field, text, SQL_DECIMAL_DIGITS);
}

static int read_decimal(const bson_iter_t *at, const char *field, struct sql_value *out, struct sql_error *err)
{
	bson_decimal128_t number;

	bson_iter_decimal128(at, &number);
	return sql_value_decimal(&number, field, out, err);
}

static void read_bytes(const bson_iter_t *at, struct sql_value *out)
{
	const uint8_t *bytes = NULL;
	uint32_t length = 0;

	bson_iter_binary(at, NULL, &length, &bytes);
	out->type = SQL_BYTES;
	out->bytes.at = bytes != NULL ? (const void *)bytes : "";
	out->bytes.length = length;
}

int sql_value_read(const bson_iter_t *at, const char *field, struct sql_value *out, struct sql_error *err)
{
	out->type = SQL_NULL;
	switch (bson_iter_type(at)) {
	case BSON_TYPE_NULL:
		return 0;
	case BSON_TYPE_BOOL:
		*out = (struct sql_value){.type = SQL_BOOL, .integer = bson_iter_bool(at)};
		return 0;
	case BSON_TYPE_INT32:
	case BSON_TYPE_INT64:
		*out = (struct sql_value){.type = SQL_INT64, .integer = bson_iter_as_int64(at)};
		return 0;
	case BSON_TYPE_DOUBLE:
		return read_double(bson_iter_double(at), field, out, err);
	case BSON_TYPE_DECIMAL128:
		return read_decimal(at, field, out, err);
	case BSON_TYPE_UTF8:
		out->type = SQL_TEXT;
		out->bytes.at = bson_iter_utf8(at, &out->bytes.length);
		return 0;
	case BSON_TYPE_BINARY:
		read_bytes(at, out);
		return 0;
	default:
		return sql_fail(err, AQ_STORE_REFUSED, "field %s takes no %s", field, sql_bson_type_name(bson_iter_type(at)));
	}
}

/* ---- fitting ---- */

static const char *const names[] = {[SQL_NULL] = "null", [SQL_INT64] = "int64", [SQL_DOUBLE] = "double",
	[SQL_DECIMAL] = "decimal", [SQL_TEXT] = "text", [SQL_BYTES] = "bytes", [SQL_BOOL] = "bool", [SQL_TIME] = "time"};

static int wrong_type(const struct sql_field *f, const struct sql_value *v, struct sql_error *err)
{
	char type[32];

	sql_field_type(f, type);
	return sql_fail(err, AQ_STORE_UNKNOWN, "field %s is %s: it takes no %s", f->name, type, names[v->type]);
}

/* Texts of frames and of back ends have not been looked at yet. */
static int fit_text(const struct sql_field *f, enum sql_use use, const struct sql_value *v, struct sql_error *err)
{
	const unsigned char *at = v->bytes.at;
	uint32_t characters = 0;

	if (!aq_utf8_valid(v->bytes.at, v->bytes.length))
		return sql_fail(err, AQ_STORE_REFUSED, "the text of field %s is no valid UTF-8", f->name);
	if (use == SQL_COMPARE || f->size == 0 || v->bytes.length <= f->size)
		return 0;
	for (uint32_t i = 0; i < v->bytes.length; i++)
		characters += (at[i] & 0xc0) != 0x80;
	if (characters > f->size)
		return sql_fail(err, AQ_STORE_REFUSED, "a text of %u characters does not fit field %s (%u)", characters, f->name,
			f->size);
	return 0;
}

static int fit_bytes(const struct sql_field *f, enum sql_use use, const struct sql_value *v, struct sql_error *err)
{
	if (use == SQL_STORE && f->size != 0 && v->bytes.length > f->size)
		return sql_fail(err, AQ_STORE_REFUSED, "%u bytes do not fit field %s (%u)", v->bytes.length, f->name, f->size);
	return 0;
}

static int fit_double(const struct sql_field *f, struct sql_value *v, struct sql_error *err)
{
	int64_t whole = v->integer;

	if (v->type == SQL_DOUBLE)
		return 0;
	/* 2^63 as a double is no int64 any more */
	if ((double)whole >= 0x1p63 || (int64_t)(double)whole != whole)
		return sql_fail(err, AQ_STORE_REFUSED, "%" PRId64 " is no double: field %s would lose digits", whole, f->name);
	*v = (struct sql_value){.type = SQL_DOUBLE, .real = (double)whole};
	return 0;
}

static int no_fit(const struct sql_field *f, const char *number, size_t length, struct sql_error *err)
{
	char type[32];

	sql_field_type(f, type);
	return sql_fail(err, AQ_STORE_REFUSED, "%.*s does not fit %s of field %s", length > 80 ? 80 : (int)length, number, type,
		f->name);
}

static int fit_decimal(const struct sql_field *f, enum sql_use use, struct sql_value *v, struct sql_error *err)
{
	char text[SQL_DECIMAL_SIZE], number[24];

	if (v->type == SQL_INT64) {
		snprintf(number, sizeof(number), "%" PRId64, v->integer);
		v->type = SQL_DECIMAL;
		memcpy(v->decimal, number, sizeof(number));
	} else if (v->type == SQL_TEXT) {
		if (!sql_decimal_read(v->bytes.at, v->bytes.length, text))
			return no_fit(f, v->bytes.at, v->bytes.length, err);
		v->type = SQL_DECIMAL;
		memcpy(v->decimal, text, sizeof(text));
	}
	if (use == SQL_COMPARE) {
		sql_decimal_near(v->decimal, f->precision, f->scale);
		return 0;
	}
	if (!sql_decimal_fit(v->decimal, f->precision, f->scale))
		return no_fit(f, v->decimal, strlen(v->decimal), err);
	return 0;
}

/* Which types of values each type of field takes, as bits. */
static bool takes(uint8_t field, uint8_t value)
{
	static const uint16_t taken[] = {
		[SQL_INT64] = 1u << SQL_INT64,
		[SQL_DOUBLE] = 1u << SQL_DOUBLE | 1u << SQL_INT64,
		[SQL_DECIMAL] = 1u << SQL_DECIMAL | 1u << SQL_INT64 | 1u << SQL_TEXT,
		[SQL_TEXT] = 1u << SQL_TEXT,
		[SQL_BYTES] = 1u << SQL_BYTES,
		[SQL_BOOL] = 1u << SQL_BOOL,
		[SQL_TIME] = 1u << SQL_TIME | 1u << SQL_INT64,
	};

	return (taken[field] >> value & 1) != 0;
}

int sql_value_fit(const struct sql_field *f, enum sql_use use, struct sql_value *v, struct sql_error *err)
{
	if (v->type == SQL_NULL)
		return 0;
	if (!takes(f->type, v->type))
		return wrong_type(f, v, err);
	switch (f->type) {
	case SQL_DOUBLE:
		return fit_double(f, v, err);
	case SQL_DECIMAL:
		return fit_decimal(f, use, v, err);
	case SQL_TEXT:
		return fit_text(f, use, v, err);
	case SQL_BYTES:
		return fit_bytes(f, use, v, err);
	default:
		v->type = f->type;
		return 0;
	}
}

int sql_value_take(const bson_iter_t *at, const struct sql_field *f, enum sql_use use, struct sql_value *out,
	struct sql_error *err)
{
	return sql_value_read(at, f->name, out, err) != 0 ? -1 : sql_value_fit(f, use, out, err);
}

/* ---- out ---- */

bool sql_value_append(bson_t *to, const char *name, const struct sql_value *v)
{
	bson_decimal128_t number;

	switch (v->type) {
	case SQL_NULL:
		return bson_append_null(to, name, -1);
	case SQL_DOUBLE:
		return bson_append_double(to, name, -1, v->real);
	case SQL_DECIMAL:
		return sql_decimal_to_128(v->decimal, &number) && bson_append_decimal128(to, name, -1, &number);
	case SQL_TEXT:
		return v->bytes.length <= INT32_MAX &&
			bson_append_utf8(to, name, -1, v->bytes.at, (int)v->bytes.length);
	case SQL_BYTES:
		return bson_append_binary(to, name, -1, BSON_SUBTYPE_BINARY, v->bytes.at, v->bytes.length);
	case SQL_BOOL:
		return bson_append_bool(to, name, -1, v->integer != 0);
	default:
		return bson_append_int64(to, name, -1, v->integer);
	}
}

int sql_params_add(struct sql_params *p, const struct sql_value *v, struct sql_error *err)
{
	if (p->count == p->size) {
		uint32_t size = p->size == 0 ? 16 : p->size * 2;
		struct sql_value *at = realloc(p->at, size * sizeof(*at));

		if (at == NULL)
			return sql_no_memory(err);
		p->at = at;
		p->size = size;
	}
	p->at[p->count++] = *v;
	return 0;
}

void sql_params_free(struct sql_params *p)
{
	free(p->at);
	*p = (struct sql_params){0};
}
