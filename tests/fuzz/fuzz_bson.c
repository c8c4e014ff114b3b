/* fuzz_bson.c: any bytes as documents one behind the other. What is taken can be walked, found by name and by path, and asked for
 * everything; a document that is written anew with what was read is the same. */
#include <aioquant/bson.h>
#include <decimal.h>
#include <stdlib.h>
#include <string.h>
#include <utf8.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	const uint8_t *begin, *end;
};

static void check(bool condition)
{
	if (!condition)
		abort();
}

static void check_range(const struct input *in, const void *at, size_t length)
{
	check((const uint8_t *)at >= in->begin && (const uint8_t *)at <= in->end);
	check(length <= (size_t)(in->end - (const uint8_t *)at));
}

/* Written in whatever way can hold it, a number has the same bytes. */
static void check_forms(const char *text, const struct aq_amt *amount, const int64_t *number, unsigned digits)
{
	uint8_t buffer[128];
	struct aq_doc d;
	struct aq_bson doc;
	struct aq_value first, v;
	struct aq_bson_fields fields;

	aq_doc_begin(&d, buffer, sizeof(buffer));
	aq_doc_decimal_text(&d, "x", text, strlen(text));
	if (amount != NULL)
		aq_doc_amount(&d, "x", *amount);
	if (number != NULL)
		aq_doc_decimal(&d, "x", *number, digits);
	check(aq_bson_open(buffer, (size_t)aq_doc_end(&d), &doc) == AQ_OK);
	fields = aq_bson_fields_of(doc);
	check(aq_bson_next(&fields, &first));
	while (aq_bson_next(&fields, &v))
		check(memcmp(v.at, first.at, first.length) == 0 || *text == '-'); /* 0 has a sign in a text only */
}

/* Whatever way a number is taken, it is the one that its text says. */
static void check_number(struct aq_value v)
{
	char text[AQ_VALUE_NUMBER_TEXT];
	struct aq_amt amount, said;
	int64_t number = 0, same;
	int32_t status;
	bool fits;

	if (aq_value_number_text(v, text) != AQ_OK || strpbrk(text, "IN") != NULL)
		return;
	check(strlen(text) < sizeof(text));
	status = aq_value_amount(v, &amount);
	fits = status == AQ_OK;
	check(status == aq_amt_parse(text, strlen(text), &said));
	check(!fits || aq_amt_cmp(amount, said) == 0);
	for (unsigned digits = 0; digits <= AQ_AMT_DIGITS; digits += 3) {
		status = aq_value_decimal(v, digits, &number);
		check(status == aq_dec_parse(text, strlen(text), digits, &same));
		check(status != AQ_OK || number == same);
		check_forms(text, fits ? &amount : NULL, status == AQ_OK ? &number : NULL, digits);
	}
}

static void check_text(const struct input *in, struct aq_value v)
{
	const char *text;
	const void *bytes;
	uint32_t length;
	char copy[16];
	int32_t status = aq_value_copy_text(v, copy, sizeof(copy));

	if (aq_value_text(v, &text, &length) == AQ_OK) {
		check_range(in, text, length + 1);
		check(aq_utf8_valid(text, length) && text[length] == '\0');
		check(status != AQ_OK || strlen(copy) == length);
		check(status == AQ_OK || length >= sizeof(copy) || strlen(text) < length);
	}
	if (aq_value_bytes(v, &bytes, &length) == AQ_OK)
		check_range(in, bytes, length);
}

static void check_value(const struct input *in, struct aq_value v)
{
	int64_t number = 0, time_ns, price;
	double real;
	bool yes;

	check_range(in, v.name, strlen(v.name) + 1);
	check_range(in, v.at, v.length);
	check_number(v);
	check_text(in, v);
	if (aq_value_int64(v, &number) == AQ_OK && aq_value_double(v, &real) == AQ_OK)
		check((double)number == real);
	if (aq_value_time(v, &time_ns) == AQ_OK && v.type == AQ_VALUE_INT64)
		check(time_ns == number);
	check(aq_value_qty(v, 8, &price) == AQ_OK || v.type != AQ_VALUE_NULL);
	check((aq_value_bool(v, &yes) == AQ_OK) == (v.type == AQ_VALUE_BOOL));
}

/* What the writer has for it; false for types that it does not write. */
static bool write_value(struct aq_doc *d, const char *name, struct aq_value v);

static bool write_fields(struct aq_doc *d, struct aq_bson doc, bool array)
{
	struct aq_bson_fields fields = aq_bson_fields_of(doc);
	struct aq_value v;

	while (aq_bson_next(&fields, &v))
		if (!write_value(d, array ? NULL : v.name, v))
			return false;
	return true;
}

static bool write_inner(struct aq_doc *d, const char *name, struct aq_value v)
{
	struct aq_bson inner;
	bool array = v.type == AQ_VALUE_ARRAY;

	if (array)
		aq_doc_open_array(d, name);
	else
		aq_doc_open(d, name);
	if (aq_value_document(v, &inner) != AQ_OK || !write_fields(d, inner, array))
		return false;
	aq_doc_close(d);
	return true;
}

static bool write_value(struct aq_doc *d, const char *name, struct aq_value v)
{
	char number_text[AQ_VALUE_NUMBER_TEXT];
	const void *bytes = NULL;
	const char *text = NULL;
	uint32_t length = 0;
	int64_t number = 0;
	double real = 0;
	bool yes = false;

	switch (v.type) {
	case AQ_VALUE_TEXT:
		check(aq_value_text(v, &text, &length) == AQ_OK);
		aq_doc_text_of(d, name, text, length);
		return true;
	case AQ_VALUE_BYTES:
		check(aq_value_bytes(v, &bytes, &length) == AQ_OK);
		aq_doc_bytes(d, name, bytes, length);
		return true;
	case AQ_VALUE_DOUBLE:
		check(aq_value_double(v, &real) == AQ_OK);
		aq_doc_double(d, name, real);
		return true;
	case AQ_VALUE_BOOL:
		check(aq_value_bool(v, &yes) == AQ_OK);
		aq_doc_bool(d, name, yes);
		return true;
	case AQ_VALUE_NULL:
		aq_doc_null(d, name);
		return true;
	case AQ_VALUE_INT32:
	case AQ_VALUE_INT64:
		check(aq_value_int64(v, &number) == AQ_OK);
		if (v.type == AQ_VALUE_INT32)
			aq_doc_int32(d, name, (int32_t)number);
		else
			aq_doc_int64(d, name, number);
		return true;
	case AQ_VALUE_DOCUMENT:
	case AQ_VALUE_ARRAY:
		return write_inner(d, name, v);
	case AQ_VALUE_DECIMAL128:
		check(aq_value_number_text(v, number_text) == AQ_OK);
		aq_doc_decimal_text(d, name, number_text, strlen(number_text));
		return strpbrk(number_text, "IN") == NULL; /* NaN, Infinity: no text of a number */
	default:
		return false;
	}
}

/* The same length, and a document again; its bytes may differ in names of arrays and kinds of bytes. */
static void check_written(struct aq_bson doc)
{
	uint8_t *buffer = malloc(doc.length + 1024);
	struct aq_bson again;
	struct aq_doc d;
	int32_t length;

	check(buffer != NULL);
	aq_doc_begin(&d, buffer, doc.length + 1024);
	if (write_fields(&d, doc, false)) {
		length = aq_doc_end(&d);
		check(length > 0 || length == AQ_EINVAL || length == AQ_ESPACE); /* a name is empty; names of arrays are longer */
		check(length < 0 || aq_bson_open(buffer, (size_t)length, &again) == AQ_OK);
	}
	free(buffer);
}

static void walk(const struct input *in, struct aq_bson doc, unsigned depth)
{
	struct aq_bson_fields fields = aq_bson_fields_of(doc);
	struct aq_bson inner;
	struct aq_value v;

	check(depth <= AQ_BSON_DEPTH);
	while (aq_bson_next(&fields, &v)) {
		check_value(in, v);
		check(aq_bson_find(doc, v.name).type != AQ_VALUE_NONE);
		if (aq_value_document(v, &inner) == AQ_OK)
			walk(in, inner, depth + 1);
	}
	check(fields.at == doc.at + doc.length - 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size + (size == 0)); /* of exactly this size: the sanitizer sees any byte too many */
	struct input in = {copy, copy + size};
	struct aq_bson_rows rows = aq_bson_rows_of(copy, size);
	struct aq_bson doc, same;
	int32_t status;

	check(copy != NULL);
	if (size > 0)
		memcpy(copy, data, size);
	while ((status = aq_bson_next_row(&rows, &doc)) > 0) {
		check_range(&in, doc.at, doc.length);
		walk(&in, doc, 1);
		check_written(doc);
		aq_bson_find_path(doc, "a.0.a.");
		check(aq_bson_open(doc.at, doc.length, &same) == AQ_OK);
		check(aq_bson_open(doc.at, doc.length - 1, &same) == AQ_EFORMAT && same.at == NULL);
	}
	check(status == 0 ? rows.at == in.end : doc.at == NULL);
	free(copy);
	return 0;
}
