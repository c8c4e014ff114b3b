/* Documents that the SDK writes: byte for byte those of libbson, in any buffer that is too small, and after any misuse. */
#include "bson_help.h"

#include <aioquant/bson.h>
#include <bson/bson.h>
#include <float.h>
#include <math.h>

#define TEXT "a\xc3\xa9\xf0\x9f\x98\x80"

/* One of everything. */
static int32_t write_all(void *buffer, size_t room)
{
	struct aq_doc d;

	aq_doc_begin(&d, buffer, room);
	aq_doc_int64(&d, "int64", INT64_MIN);
	aq_doc_int32(&d, "int32", -5);
	aq_doc_double(&d, "double", -0.1);
	aq_doc_bool(&d, "yes", true);
	aq_doc_bool(&d, "no", false);
	aq_doc_null(&d, "null");
	aq_doc_time(&d, "time", INT64_C(1723161254208000001));
	aq_doc_text(&d, TEXT, TEXT);
	aq_doc_text(&d, "empty", "");
	aq_doc_text_of(&d, "nul", "a\0b", 3);
	aq_doc_bytes(&d, "bytes", "\xff\0\x80", 3);
	aq_doc_bytes(&d, "no bytes", NULL, 0);
	aq_doc_decimal(&d, "decimal", -12345, 2);
	aq_doc_amount(&d, "amount", (struct aq_amt){.lo = 1});
	aq_doc_decimal_text(&d, "number", "1e40?", 4);
	aq_doc_open(&d, "price");
	aq_doc_px(&d, "$gte", 6183763000000, 8);
	aq_doc_open(&d, "deep");
	aq_doc_close(&d);
	aq_doc_qty(&d, "none", AQ_NONE, 8);
	aq_doc_close(&d);
	aq_doc_open_array(&d, "array");
	for (int i = 0; i < 12; i++)
		aq_doc_int32(&d, NULL, i);
	aq_doc_open(&d, NULL);
	aq_doc_text(&d, "in", "array");
	aq_doc_close(&d);
	aq_doc_open_array(&d, NULL);
	aq_doc_null(&d, NULL);
	aq_doc_close(&d);
	aq_doc_close(&d);
	aq_doc_qty(&d, "qty", 378826000, 8);
	return aq_doc_end(&d);
}

static void append_decimal(bson_t *to, const char *name, const char *text)
{
	bson_decimal128_t decimal;

	assert_true(bson_decimal128_from_string(text, &decimal));
	assert_true(BSON_APPEND_DECIMAL128(to, name, &decimal));
}

static void append_array(bson_t *to)
{
	bson_t array, inner;
	char key[12];

	BSON_APPEND_ARRAY_BEGIN(to, "array", &array);
	for (int i = 0; i < 12; i++) {
		snprintf(key, sizeof(key), "%d", i);
		BSON_APPEND_INT32(&array, key, i);
	}
	BSON_APPEND_DOCUMENT_BEGIN(&array, "12", &inner);
	BSON_APPEND_UTF8(&inner, "in", "array");
	bson_append_document_end(&array, &inner);
	BSON_APPEND_ARRAY_BEGIN(&array, "13", &inner);
	BSON_APPEND_NULL(&inner, "0");
	bson_append_array_end(&array, &inner);
	bson_append_array_end(to, &array);
}

/* The same by libbson. */
static void append_all(bson_t *to)
{
	bson_t price, deep;

	BSON_APPEND_INT64(to, "int64", INT64_MIN);
	BSON_APPEND_INT32(to, "int32", -5);
	BSON_APPEND_DOUBLE(to, "double", -0.1);
	BSON_APPEND_BOOL(to, "yes", true);
	BSON_APPEND_BOOL(to, "no", false);
	BSON_APPEND_NULL(to, "null");
	BSON_APPEND_INT64(to, "time", INT64_C(1723161254208000001));
	BSON_APPEND_UTF8(to, TEXT, TEXT);
	BSON_APPEND_UTF8(to, "empty", "");
	bson_append_utf8(to, "nul", -1, "a\0b", 3);
	BSON_APPEND_BINARY(to, "bytes", BSON_SUBTYPE_BINARY, (const uint8_t *)"\xff\0\x80", 3);
	BSON_APPEND_BINARY(to, "no bytes", BSON_SUBTYPE_BINARY, (const uint8_t *)"", 0);
	append_decimal(to, "decimal", "-123.45");
	append_decimal(to, "amount", "0.000000000000000001");
	append_decimal(to, "number", "1e40");
	BSON_APPEND_DOCUMENT_BEGIN(to, "price", &price);
	append_decimal(&price, "$gte", "61837.63");
	BSON_APPEND_DOCUMENT_BEGIN(&price, "deep", &deep);
	bson_append_document_end(&price, &deep);
	BSON_APPEND_NULL(&price, "none");
	bson_append_document_end(to, &price);
	append_array(to);
	append_decimal(to, "qty", "3.78826");
}

static void libbson_writes_the_same(void **state)
{
	uint8_t buffer[4096];
	bson_t theirs = BSON_INITIALIZER, ours;
	int32_t length = write_all(buffer, sizeof(buffer));
	size_t offset;

	append_all(&theirs);
	assert_int_equal(length, theirs.len);
	assert_memory_equal(buffer, bson_get_data(&theirs), theirs.len);
	assert_true(bson_init_static(&ours, buffer, (size_t)length));
	assert_true(bson_validate(&ours, BSON_VALIDATE_UTF8 | BSON_VALIDATE_UTF8_ALLOW_NULL, &offset));
	bson_destroy(&theirs);
}

static void every_buffer_that_is_too_small(void **state)
{
	uint8_t whole[4096];
	int32_t length = write_all(whole, sizeof(whole));

	assert_true(length > 0);
	for (size_t room = 0; room < (size_t)length; room++) {
		uint8_t *exact = exact_copy(whole, room);

		assert_int_equal(write_all(exact, room), AQ_ESPACE);
		free(exact);
	}
	for (int more = 0; more < 2; more++) {
		uint8_t *exact = malloc((size_t)length + 1);

		exact[length] = 0x5a;
		assert_int_equal(write_all(exact, (size_t)length + more), length);
		assert_memory_equal(exact, whole, (size_t)length);
		assert_int_equal(exact[length], 0x5a);
		free(exact);
	}
	assert_int_equal(write_all(whole, SIZE_MAX), length);
	assert_int_equal(write_all(NULL, 100), AQ_EINVAL);
}

/* A document that `call` has added something to. */
#define STATUS_OF(call) \
	(aq_doc_begin(&d, buffer, sizeof(buffer)), aq_doc_int32(&d, "a", 1), (call), aq_doc_int32(&d, "b", 2), aq_doc_end(&d))

static void what_is_misused_is_told(void **state)
{
	uint8_t buffer[256];
	struct aq_doc d;

	assert_true(STATUS_OF((void)0) > 0);
	assert_int_equal(STATUS_OF(aq_doc_close(&d)), AQ_ESTATE);
	assert_int_equal(STATUS_OF(aq_doc_open(&d, "x")), AQ_ESTATE);
	assert_int_equal(STATUS_OF(aq_doc_open_array(&d, "x")), AQ_EINVAL); /* then "b" has a name in an array */
	assert_int_equal(STATUS_OF(aq_doc_null(&d, NULL)), AQ_EINVAL);
	assert_int_equal(STATUS_OF(aq_doc_null(&d, "")), AQ_EINVAL);
	assert_int_equal(STATUS_OF(aq_doc_null(&d, "\xff")), AQ_EFORMAT);
	assert_int_equal(STATUS_OF(aq_doc_text(&d, "x", NULL)), AQ_EINVAL);
	assert_int_equal(STATUS_OF(aq_doc_text(&d, "x", "\xc3")), AQ_EFORMAT);
	assert_int_equal(STATUS_OF(aq_doc_text_of(&d, "x", "abcdefgh\xed\xa0\x80", 11)), AQ_EFORMAT);
	assert_int_equal(STATUS_OF(aq_doc_text_of(&d, "x", "", SIZE_MAX)), AQ_ESPACE);
	assert_int_equal(STATUS_OF(aq_doc_bytes(&d, "x", NULL, 1)), AQ_EINVAL);
	assert_int_equal(STATUS_OF(aq_doc_bytes(&d, "x", "", UINT64_C(0x100000000))), AQ_ESPACE);
	assert_int_equal(STATUS_OF(aq_doc_decimal(&d, "x", AQ_NONE, 2)), AQ_EINVAL);
	assert_int_equal(STATUS_OF(aq_doc_decimal(&d, "x", 1, 19)), AQ_EINVAL);
	assert_int_equal(STATUS_OF(aq_doc_px(&d, "x", 1, 19)), AQ_EINVAL);
	assert_int_equal(STATUS_OF(aq_doc_decimal_text(&d, "x", "1.", 2)), AQ_EFORMAT);
	assert_int_equal(STATUS_OF(aq_doc_decimal_text(&d, "x", "1e7000", 6)), AQ_EOVERFLOW);
	assert_int_equal(STATUS_OF(aq_doc_amount(&d, "x", (struct aq_amt){1, INT64_MAX})), AQ_EOVERFLOW);
	assert_int_equal(STATUS_OF(aq_doc_end(&d)), AQ_ESTATE);
	assert_int_equal(aq_doc_end(&d), AQ_ESTATE);
	assert_int_equal(d.status, AQ_ESTATE);
}

static void the_first_fault_is_told(void **state)
{
	uint8_t buffer[16];
	struct aq_doc d;

	aq_doc_begin(&d, buffer, sizeof(buffer));
	aq_doc_text(&d, "too long", "for this buffer");
	assert_int_equal(d.status, AQ_ESPACE);
	aq_doc_null(&d, NULL);
	aq_doc_close(&d);
	assert_int_equal(aq_doc_end(&d), AQ_ESPACE);
}

static int32_t nest(uint8_t *buffer, size_t room, int depth)
{
	struct aq_doc d;

	aq_doc_begin(&d, buffer, room);
	for (int i = 1; i < depth; i++)
		aq_doc_open(&d, "x");
	for (int i = 1; i < depth; i++)
		aq_doc_close(&d);
	return aq_doc_end(&d);
}

static void no_deeper_than_is_read(void **state)
{
	uint8_t buffer[1024];
	struct aq_bson doc;
	int32_t length = nest(buffer, sizeof(buffer), AQ_BSON_DEPTH);

	assert_true(length > 0);
	assert_int_equal(aq_bson_open(buffer, (size_t)length, &doc), AQ_OK);
	assert_int_equal(nest(buffer, sizeof(buffer), AQ_BSON_DEPTH + 1), AQ_ESTATE);
}

/* Doubles of any bits come back. */
static void doubles(void **state)
{
	double values[] = {0.0, -0.0, DBL_MIN, DBL_MAX, INFINITY, NAN};

	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
		uint8_t buffer[64];
		struct aq_doc d;
		struct aq_bson doc;
		double got;

		aq_doc_begin(&d, buffer, sizeof(buffer));
		aq_doc_double(&d, "x", values[i]);
		assert_int_equal(aq_bson_open(buffer, (size_t)aq_doc_end(&d), &doc), AQ_OK);
		assert_int_equal(aq_value_double(aq_bson_find(doc, "x"), &got), AQ_OK);
		assert_memory_equal(&got, &values[i], sizeof(got));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(libbson_writes_the_same),
		cmocka_unit_test(every_buffer_that_is_too_small), cmocka_unit_test(what_is_misused_is_told),
		cmocka_unit_test(the_first_fault_is_told), cmocka_unit_test(no_deeper_than_is_read), cmocka_unit_test(doubles)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
