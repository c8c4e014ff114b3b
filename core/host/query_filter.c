/* query_filter.c: what a person writes as a filter: read as the SDK's templates are, then made to fit the table. Times
 * are written as texts and bytes as hex: they become what the fields hold; numbers with a point become doubles where
 * fields are. */
#include "host/query.h"
#include "host/time_text.h"

#include <doc_format.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WRITTEN_MAX (64u * 1024u) /* a request has 4 KB, and no value takes more than 16 times its text */
#define BYTES_MAX 2048

/* ---- it is no document ---- */

static void tell_wrong(struct query *q, const char *wrong, const char *wanted)
{
	size_t at = wrong != NULL ? (size_t)(wrong - q->filter_text) : 0;

	if (wrong == NULL)
		query_fail(q, CONTROL_USAGE, "the filter %.100s has a number that is none, or with more than 34 digits",
			q->filter_text);
	else if (*wrong == '\0')
		query_fail(q, CONTROL_USAGE, "the filter ends too early, behind '%.30s': %s is missing",
			q->filter_text + (at > 20 ? at - 20 : 0), wanted);
	else
		query_fail(q, CONTROL_USAGE,
			"the filter is wrong at character %zu, '%.20s': there must be %s. Filters are written {symbol: "
			"'BTC/USDT', price: {$gte: 61000.5}}",
			at + 1, wrong, wanted);
}

/* ---- its values ---- */

/* Where a value stands. */
struct scope {
	const struct query_field *field; /* NULL: of none */
	bool top;                        /* names in there are fields */
	bool array;                      /* values in there have no names */
};

static bool fit(struct query *q, struct aq_doc *d, struct aq_bson from, struct scope in);

static bool fit_time(struct query *q, struct aq_doc *d, const char *name, const struct query_field *f, const char *text,
	uint32_t length)
{
	int64_t ns;

	if (time_text_parse(text, length, &ns)) {
		aq_doc_time(d, name, ns);
		return true;
	}
	query_fail(q, CONTROL_USAGE,
		"%s: '%.*s' is no time. Times are UTC, written '2024-08-08', '2024-08-08 14:02:11.5', "
		"'2024-08-08T14:02:11Z', or a number of nanoseconds",
		f->name, (int)(length < 60 ? length : 60), text);
	return false;
}

static int digit(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
				      : -1;
}

static bool fit_bytes(struct query *q, struct aq_doc *d, const char *name, const struct query_field *f,
	const char *text, uint32_t length)
{
	uint8_t bytes[BYTES_MAX];
	bool right = length % 2 == 0 && length / 2 <= sizeof(bytes);

	for (uint32_t i = 0; right && i < length; i += 2) {
		right = digit(text[i]) >= 0 && digit(text[i + 1]) >= 0;
		bytes[i / 2] = (uint8_t)(digit(text[i]) * 16 + digit(text[i + 1]));
	}
	if (right)
		aq_doc_bytes(d, name, bytes, length / 2);
	else
		query_fail(q, CONTROL_USAGE, "%s: '%.*s' are no bytes: two of 0-9 and a-f each", f->name,
			(int)(length < 60 ? length : 60), text);
	return right;
}

static bool fit_text(struct query *q, struct aq_doc *d, struct aq_value v, const struct query_field *f)
{
	const char *text = "";
	uint32_t length = 0;

	aq_value_text(v, &text, &length);
	if (f != NULL && f->type == QUERY_TIME)
		return fit_time(q, d, v.name, f, text, length);
	if (f != NULL && f->type == QUERY_BYTES)
		return fit_bytes(q, d, v.name, f, text, length);
	aq_doc_text_of(d, v.name, text, length);
	return true;
}

static void fit_decimal(struct aq_doc *d, struct aq_value v, const struct query_field *f)
{
	char text[AQ_VALUE_NUMBER_TEXT] = "";

	aq_value_number_text(v, text);
	if (f != NULL && f->type == QUERY_DOUBLE)
		aq_doc_double(d, v.name, strtod(text, NULL));
	else
		aq_doc_decimal_text(d, v.name, text, strlen(text));
}

static bool fit_inner(struct query *q, struct aq_doc *d, struct aq_value v, struct scope in)
{
	struct aq_bson inner = {0};
	bool right;

	aq_value_document(v, &inner);
	in.array = v.type == AQ_VALUE_ARRAY;
	if (in.array)
		aq_doc_open_array(d, v.name);
	else
		aq_doc_open(d, v.name);
	right = fit(q, d, inner, in);
	aq_doc_close(d);
	return right;
}

static bool fit_value(struct query *q, struct aq_doc *d, struct aq_value v, struct scope in)
{
	int64_t number = 0;
	bool yes = false;

	if (v.type == AQ_VALUE_DOCUMENT || v.type == AQ_VALUE_ARRAY)
		return fit_inner(q, d, v, in);
	if (v.type == AQ_VALUE_TEXT)
		return fit_text(q, d, v, in.field);
	if (v.type == AQ_VALUE_DECIMAL128)
		fit_decimal(d, v, in.field);
	else if (aq_value_bool(v, &yes) == AQ_OK)
		aq_doc_bool(d, v.name, yes);
	else if (aq_value_int64(v, &number) == AQ_OK)
		aq_doc_int64(d, v.name, number);
	else
		aq_doc_null(d, v.name);
	return true;
}

/* Where names are fields: in the outermost document, and in those of $and and $or. False: there is none, and that is
 * told. */
static bool find_field(struct query *q, const char *name, const struct query_field **f)
{
	char about[240], copy[65];

	*f = query_field(q, name, strlen(name));
	if (*f != NULL)
		return true;
	snprintf(copy, sizeof(copy), "%.64s", name);
	query_tell_fields(q, copy, about, sizeof(about));
	query_fail(q, CONTROL_FAILED, "the filter: %.64s has no field '%s'.%s", q->table, copy, about);
	return false;
}

static bool fit(struct query *q, struct aq_doc *d, struct aq_bson from, struct scope in)
{
	struct aq_bson_fields fields = aq_bson_fields_of(from);
	struct aq_value v;

	while (aq_bson_next(&fields, &v)) {
		struct scope own = in;

		own.top = in.top && (in.array || v.name[0] == '$');
		if (in.top && !own.top && !find_field(q, v.name, &own.field))
			return false;
		v.name = in.array ? NULL : v.name;
		if (!fit_value(q, d, v, own))
			return false;
	}
	return true;
}

bool query_filter(struct query *q, uint8_t *buffer, size_t room, struct store_part *out)
{
	const char *wrong = NULL, *wanted = "";
	struct aq_bson written;
	struct aq_doc d;
	uint8_t *bytes;
	int32_t length;
	bool right;

	if (q->filter_text[0] == '\0')
		return true;
	bytes = malloc(WRITTEN_MAX);
	length = bytes == NULL ? AQ_ESPACE : aq_template_written(q->filter_text, bytes, WRITTEN_MAX, &wrong, &wanted);
	if (length < 0 || aq_bson_open(bytes, (size_t)length, &written) != AQ_OK) {
		tell_wrong(q, length < 0 ? wrong : NULL, wanted);
		free(bytes);
		return false;
	}
	aq_doc_begin(&d, buffer, room);
	right = fit(q, &d, written, (struct scope){.top = true});
	length = aq_doc_end(&d);
	free(bytes);
	if (right && length < 0)
		query_fail(q, CONTROL_USAGE, "the filter is no document (%d)", (int)length);
	*out = (struct store_part){.bytes = buffer, .length = right && length > 0 ? (size_t)length : 0};
	return right && length > 0;
}
