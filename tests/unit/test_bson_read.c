/* Documents that the SDK reads: those of libbson, and whatever becomes of their bytes. Both judge any bytes alike, but for what
 * the SDK refuses by intention. The number of random rounds comes from AQ_STORE_ROUNDS. */
#include "bson_help.h"

#include <aioquant/bson.h>
#include <bson/bson.h>
#include <decimal.h>
#include <math.h>

static void append_decimal(bson_t *to, const char *name, const char *text)
{
	bson_decimal128_t decimal;

	assert_true(bson_decimal128_from_string(text, &decimal));
	assert_true(BSON_APPEND_DECIMAL128(to, name, &decimal));
}

static void append_numbers(bson_t *to)
{
	BSON_APPEND_INT64(to, "int64", -7);
	BSON_APPEND_INT64(to, "least", INT64_MIN);
	BSON_APPEND_INT64(to, "odd", INT64_C(9007199254740993)); /* 2^53 + 1: no double */
	BSON_APPEND_INT64(to, "most", INT64_MAX);
	BSON_APPEND_INT32(to, "int32", -5);
	BSON_APPEND_DOUBLE(to, "half", 0.5);
	BSON_APPEND_DOUBLE(to, "three", 3.0);
	BSON_APPEND_DOUBLE(to, "huge", 1e300);
	BSON_APPEND_DOUBLE(to, "nan", NAN);
	append_decimal(to, "price", "61837.63");
	append_decimal(to, "five", "5.00");
	append_decimal(to, "large", "9223372036854775808");
	append_decimal(to, "fine", "0.0000000000000000001");
	append_decimal(to, "inf", "Infinity");
}

static void append_others(bson_t *to)
{
	bson_oid_t id;

	bson_oid_init_from_string(&id, "0123456789abcdef01234567");
	BSON_APPEND_OID(to, "_id", &id);
	BSON_APPEND_BOOL(to, "yes", true);
	BSON_APPEND_BOOL(to, "no", false);
	BSON_APPEND_NULL(to, "null");
	BSON_APPEND_DATE_TIME(to, "date", INT64_C(1723161254208));
	BSON_APPEND_DATE_TIME(to, "far", INT64_MAX / 1000);
	BSON_APPEND_UTF8(to, "symbol", "BTC/USDT");
	bson_append_utf8(to, "nul", -1, "a\0b", 3);
	BSON_APPEND_BINARY(to, "bytes", BSON_SUBTYPE_UUID, (const uint8_t *)"\xff\0\x80", 3);
	BSON_APPEND_REGEX(to, "regex", "^a", "i");
	BSON_APPEND_CODE(to, "code", "x()");
	BSON_APPEND_TIMESTAMP(to, "stamp", 1, 2);
	BSON_APPEND_MINKEY(to, "min");
	BSON_APPEND_MAXKEY(to, "max");
}

static void append_nested(bson_t *to)
{
	bson_t limits, first, empty;

	BSON_APPEND_ARRAY_BEGIN(to, "limits", &limits);
	BSON_APPEND_DOCUMENT_BEGIN(&limits, "0", &first);
	append_decimal(&first, "price", "1.5");
	BSON_APPEND_INT32(&first, "", 1);
	bson_append_document_end(&limits, &first);
	BSON_APPEND_NULL(&limits, "1");
	BSON_APPEND_DOCUMENT_BEGIN(&limits, "2", &empty);
	bson_append_document_end(&limits, &empty);
	bson_append_array_end(to, &limits);
	BSON_APPEND_INT32(to, "int32", 6); /* once more */
}

/* ---- what is there ---- */

static bson_t theirs;
static struct aq_bson ours;

static int set_up(void **state)
{
	bson_init(&theirs);
	append_numbers(&theirs);
	append_others(&theirs);
	append_nested(&theirs);
	assert_int_equal(aq_bson_open(bson_get_data(&theirs), theirs.len, &ours), AQ_OK);
	return 0;
}

static int tear_down(void **state)
{
	bson_destroy(&theirs);
	return 0;
}

static struct aq_value at(const char *path)
{
	return aq_bson_find_path(ours, path);
}

static void integers(void **state)
{
	static const struct {
		const char *path;
		int32_t status;
		int64_t value;
	} cases[] = {{"int64", 0, -7}, {"least", 0, INT64_MIN}, {"most", 0, INT64_MAX}, {"int32", 0, -5}, {"three", 0, 3},
		{"five", 0, 5}, {"half", AQ_EFORMAT, 0}, {"nan", AQ_EFORMAT, 0}, {"huge", AQ_EOVERFLOW, 0},
		{"price", AQ_EFORMAT, 0}, {"large", AQ_EOVERFLOW, 0}, {"inf", AQ_EFORMAT, 0}, {"symbol", AQ_EINVAL, 0},
		{"yes", AQ_EINVAL, 0}, {"date", AQ_EINVAL, 0}, {"limits", AQ_EINVAL, 0}, {"null", AQ_ENULL, 0},
		{"nothing", AQ_ENOENT, 0}, {"limits.1", AQ_ENULL, 0}, {"limits.0.", 0, 1}, {"limits.3", AQ_ENOENT, 0},
		{"int32.x", AQ_ENOENT, 0}, {"", AQ_ENOENT, 0}, {".", AQ_ENOENT, 0}, {"limit", AQ_ENOENT, 0}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		int64_t value = 99;

		if (aq_value_int64(at(cases[i].path), &value) != cases[i].status)
			fail_msg("%s", cases[i].path);
		assert_int_equal(value, cases[i].status == 0 ? cases[i].value : 99);
	}
}

static void real_numbers(void **state)
{
	double value = 99;

	assert_int_equal(aq_value_double(at("half"), &value), AQ_OK);
	assert_true(value == 0.5);
	assert_int_equal(aq_value_double(at("int32"), &value), AQ_OK);
	assert_true(value == -5);
	assert_int_equal(aq_value_double(at("least"), &value), AQ_OK);
	assert_true(value == -0x1p63);
	assert_int_equal(aq_value_double(at("odd"), &value), AQ_EFORMAT);
	assert_int_equal(aq_value_double(at("most"), &value), AQ_EFORMAT);
	assert_int_equal(aq_value_double(at("price"), &value), AQ_EINVAL);
	assert_int_equal(aq_value_double(at("null"), &value), AQ_ENULL);
	assert_int_equal(aq_value_double(at("nothing"), &value), AQ_ENOENT);
	assert_true(value == -0x1p63);
}

static void decimals(void **state)
{
	static const struct {
		const char *path;
		unsigned digits;
		int32_t status;
		int64_t value;
	} cases[] = {{"price", 2, 0, 6183763}, {"price", 8, 0, 6183763000000}, {"price", 1, AQ_EFORMAT, 0},
		{"price", 18, AQ_EOVERFLOW, 0}, {"price", 19, AQ_EINVAL, 0}, {"int64", 2, 0, -700},
		{"int32", 18, 0, -5000000000000000000},
		{"int64", 18, 0, -7000000000000000000}, {"most", 0, 0, INT64_MAX}, {"most", 1, AQ_EOVERFLOW, 0},
		{"least", 0, AQ_EOVERFLOW, 0}, {"int64", 19, AQ_EINVAL, 0}, {"fine", 18, AQ_EFORMAT, 0},
		{"half", 2, AQ_EINVAL, 0},
		{"symbol", 2, AQ_EINVAL, 0}, {"nothing", 2, AQ_ENOENT, 0}, {"null", 2, AQ_ENULL, 0},
		{"limits.0.price", 3, 0, 1500}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		int64_t value = 99, price = 99;
		int32_t status = aq_value_decimal(at(cases[i].path), cases[i].digits, &value);

		if (status != cases[i].status)
			fail_msg("%s %u: %d", cases[i].path, cases[i].digits, status);
		assert_int_equal(value, status == 0 ? cases[i].value : 99);
		if (status == AQ_ENULL)
			continue;
		assert_int_equal(aq_value_qty(at(cases[i].path), cases[i].digits, &price), status);
		assert_int_equal(price, value);
	}
}

static void null_is_no_price(void **state)
{
	aq_px price = 99;

	assert_int_equal(aq_value_px(at("null"), 2, &price), AQ_OK);
	assert_int_equal(price, AQ_NONE);
	price = 99;
	assert_int_equal(aq_value_px(at("nothing"), 2, &price), AQ_ENOENT);
	assert_int_equal(price, 99);
}

static void amounts_and_their_texts(void **state)
{
	static const char *const cases[][2] = {{"price", "61837.63"}, {"int64", "-7"}, {"least", "-9223372036854775808"},
		{"five", "5.00"}, {"large", "9223372036854775808"}};
	char text[AQ_VALUE_NUMBER_TEXT];
	struct aq_amt amount, wanted;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_int_equal(aq_value_number_text(at(cases[i][0]), text), AQ_OK);
		assert_string_equal(text, cases[i][1]);
		assert_int_equal(aq_value_amount(at(cases[i][0]), &amount), AQ_OK);
		assert_int_equal(aq_amt_parse(text, strlen(text), &wanted), AQ_OK);
		assert_int_equal(aq_amt_cmp(amount, wanted), 0);
	}
	assert_int_equal(aq_value_number_text(at("inf"), text), AQ_OK);
	assert_string_equal(text, "Infinity");
	assert_int_equal(aq_value_number_text(at("half"), text), AQ_EINVAL);
	assert_int_equal(aq_value_number_text(at("null"), text), AQ_ENULL);
	assert_int_equal(aq_value_amount(at("fine"), &amount), AQ_EFORMAT);
	assert_int_equal(aq_value_amount(at("nothing"), &amount), AQ_ENOENT);
}

static void times_and_bools(void **state)
{
	int64_t time_ns = 99;
	bool value = false;

	assert_int_equal(aq_value_time(at("date"), &time_ns), AQ_OK);
	assert_int_equal(time_ns, INT64_C(1723161254208000000));
	assert_int_equal(aq_value_time(at("int64"), &time_ns), AQ_OK);
	assert_int_equal(time_ns, -7);
	assert_int_equal(aq_value_time(at("far"), &time_ns), AQ_EOVERFLOW);
	assert_int_equal(aq_value_time(at("int32"), &time_ns), AQ_EINVAL);
	assert_int_equal(aq_value_bool(at("yes"), &value), AQ_OK);
	assert_true(value);
	assert_int_equal(aq_value_bool(at("no"), &value), AQ_OK);
	assert_false(value);
	assert_int_equal(aq_value_bool(at("int32"), &value), AQ_EINVAL);
	assert_int_equal(aq_value_bool(at("null"), &value), AQ_ENULL);
}

static void texts_and_bytes(void **state)
{
	const char *text;
	const void *bytes;
	uint32_t length;
	char copy[9] = "?";

	assert_int_equal(aq_value_text(at("nul"), &text, &length), AQ_OK);
	assert_int_equal(length, 3);
	assert_memory_equal(text, "a\0b", 4);
	assert_int_equal(aq_value_copy_text(at("nul"), copy, sizeof(copy)), AQ_EFORMAT);
	assert_int_equal(aq_value_copy_text(at("symbol"), copy, 8), AQ_ESPACE);
	assert_string_equal(copy, "?");
	assert_int_equal(aq_value_copy_text(at("symbol"), copy, 9), AQ_OK);
	assert_string_equal(copy, "BTC/USDT");
	assert_int_equal(aq_value_copy_text(at("null"), copy, 9), AQ_ENULL);
	assert_int_equal(aq_value_text(at("code"), &text, &length), AQ_EINVAL);
	assert_int_equal(aq_value_bytes(at("bytes"), &bytes, &length), AQ_OK);
	assert_int_equal(length, 3);
	assert_memory_equal(bytes, "\xff\0\x80", 3);
	assert_int_equal(aq_value_bytes(at("_id"), &bytes, &length), AQ_OK);
	assert_int_equal(length, 12);
	assert_memory_equal(bytes, "\x01\x23\x45\x67\x89\xab\xcd\xef\x01\x23\x45\x67", 12);
	assert_int_equal(aq_value_bytes(at("symbol"), &bytes, &length), AQ_EINVAL);
}

static void names_with_points(void **state)
{
	bson_t doc = BSON_INITIALIZER;
	struct aq_bson read;
	int64_t value;

	BSON_APPEND_INT32(&doc, "a.b", 5);
	assert_int_equal(aq_bson_open(bson_get_data(&doc), doc.len, &read), AQ_OK);
	assert_int_equal(aq_value_int64(aq_bson_find(read, "a.b"), &value), AQ_OK);
	assert_int_equal(value, 5);
	assert_int_equal(aq_value_int64(aq_bson_find_path(read, "a.b"), &value), AQ_ENOENT);
	assert_int_equal(aq_value_int64(aq_bson_find((struct aq_bson){0}, "a"), &value), AQ_ENOENT);
	bson_destroy(&doc);
}

/* ---- both walks ---- */

static void compare_walks(struct aq_bson doc, bson_iter_t *iter)
{
	struct aq_bson_fields fields = aq_bson_fields_of(doc);
	struct aq_bson inner;
	struct aq_value v;

	while (aq_bson_next(&fields, &v)) {
		bson_iter_t child;

		assert_true(bson_iter_next(iter));
		assert_string_equal(v.name, bson_iter_key(iter));
		assert_int_equal((int8_t)v.type, (int8_t)bson_iter_type(iter));
		if (aq_value_document(v, &inner) == AQ_OK) {
			assert_true(bson_iter_recurse(iter, &child));
			compare_walks(inner, &child);
		}
	}
	assert_int_equal(v.type, AQ_VALUE_NONE);
	assert_false(aq_bson_next(&fields, &v));
	assert_false(bson_iter_next(iter));
}

static void both_see_the_same(void **state)
{
	bson_iter_t iter;

	assert_true(bson_iter_init(&iter, &theirs));
	compare_walks(ours, &iter);
}

/* ---- any bytes ---- */

/* What bson_validate lets pass although it is no UTF-8. */
static bool is_wrong_text(const bson_iter_t *iter)
{
	const char *text = "", *options = "";
	uint32_t length = 0;

	if (bson_iter_type(iter) == BSON_TYPE_UTF8)
		text = bson_iter_utf8(iter, &length);
	else if (bson_iter_type(iter) == BSON_TYPE_CODE)
		text = bson_iter_code(iter, &length);
	else if (bson_iter_type(iter) == BSON_TYPE_REGEX)
		length = (uint32_t)strlen(text = bson_iter_regex(iter, &options));
	return !bson_utf8_validate(text, length, true) || !bson_utf8_validate(options, strlen(options), true);
}

/* What the SDK refuses by intention. */
static bool is_deprecated(const bson_iter_t *iter)
{
	bson_subtype_t subtype = BSON_SUBTYPE_BINARY;
	bson_type_t type = bson_iter_type(iter);
	const uint8_t *bytes;
	uint32_t length;

	if (type == BSON_TYPE_BINARY)
		bson_iter_binary(iter, &subtype, &length, &bytes);
	return type == BSON_TYPE_UNDEFINED || type == BSON_TYPE_DBPOINTER || type == BSON_TYPE_SYMBOL ||
		type == BSON_TYPE_CODEWSCOPE || subtype == BSON_SUBTYPE_BINARY_DEPRECATED;
}

/* A document that is a value; bson_validate does not look whether it has an end. */
static bool enter(const bson_iter_t *iter, bson_iter_t *child)
{
	const uint8_t *bytes = NULL;
	uint32_t length = 0;
	bson_t doc;

	if (bson_iter_type(iter) == BSON_TYPE_DOCUMENT)
		bson_iter_document(iter, &length, &bytes);
	else
		bson_iter_array(iter, &length, &bytes);
	return bytes != NULL && bson_init_static(&doc, bytes, length) && bson_iter_recurse(iter, child);
}

static bool is_refused(bson_iter_t *iter, int depth)
{
	while (bson_iter_next(iter)) {
		bson_iter_t child;

		if (is_deprecated(iter) || is_wrong_text(iter))
			return true;
		if ((bson_iter_type(iter) == BSON_TYPE_DOCUMENT || bson_iter_type(iter) == BSON_TYPE_ARRAY) &&
			(depth == AQ_BSON_DEPTH || !enter(iter, &child) || is_refused(&child, depth + 1)))
			return true;
	}
	return false;
}

static bool libbson_takes(const void *bytes, size_t length)
{
	bson_iter_t iter;
	size_t offset;
	bson_t doc;

	return bson_init_static(&doc, bytes, length) &&
		bson_validate(&doc, BSON_VALIDATE_UTF8 | BSON_VALIDATE_UTF8_ALLOW_NULL, &offset) &&
		bson_iter_init(&iter, &doc) && !is_refused(&iter, 1);
}

/* Everything that can be asked of a value. */
static void take_all(struct aq_value v)
{
	char text[AQ_VALUE_NUMBER_TEXT];
	const void *bytes;
	struct aq_bson inner;
	struct aq_amt amount;
	uint32_t length;
	int64_t number;
	double real;
	bool yes;

	aq_value_int64(v, &number);
	aq_value_double(v, &real);
	aq_value_bool(v, &yes);
	aq_value_time(v, &number);
	aq_value_px(v, 8, &number);
	aq_value_amount(v, &amount);
	aq_value_number_text(v, text);
	aq_value_copy_text(v, text, sizeof(text));
	if (aq_value_bytes(v, &bytes, &length) == AQ_OK)
		free(exact_copy(bytes, length));
	if (aq_value_document(v, &inner) == AQ_OK) {
		struct aq_bson_fields fields = aq_bson_fields_of(inner);

		while (aq_bson_next(&fields, &v))
			take_all(v);
	}
}

static bool we_take(const void *bytes, size_t length)
{
	uint8_t *exact = exact_copy(bytes, length);
	struct aq_bson doc;
	bool good = aq_bson_open(exact, length, &doc) == AQ_OK;

	take_all((struct aq_value){.at = doc.at, .length = doc.length, .type = AQ_VALUE_DOCUMENT});
	free(exact);
	return good;
}

static void every_cut(void **state)
{
	const uint8_t *bytes = bson_get_data(&theirs);

	for (size_t length = 0; length < theirs.len; length++) {
		uint8_t *cut = exact_copy(bytes, length);

		assert_false(we_take(cut, length));
		if (length >= 5) { /* its length is true, its end is not */
			uint32_t said = (uint32_t)length;

			memcpy(cut, &said, sizeof(said));
			cut[length - 1] = 0;
			assert_int_equal(we_take(cut, length), libbson_takes(cut, length));
		}
		free(cut);
	}
}

static void every_byte(void **state)
{
	uint8_t *bytes = exact_copy(bson_get_data(&theirs), theirs.len);

	for (size_t i = 0; i < theirs.len; i++)
		for (unsigned change = 1; change < 256; change++) {
			bytes[i] ^= (uint8_t)change;
			if (we_take(bytes, theirs.len) != libbson_takes(bytes, theirs.len))
				fail_msg("byte %zu changed by %u", i, change);
			bytes[i] ^= (uint8_t)change;
		}
	free(bytes);
}

static void many_changes(void **state)
{
	for (long i = 0; i < rounds(30000); i++) {
		uint8_t *bytes = exact_copy(bson_get_data(&theirs), theirs.len);

		for (uint64_t changes = 1 + chance() % 4; changes > 0; changes--)
			bytes[chance() % theirs.len] = (uint8_t)(chance() % 3 ? chance() % 20 : chance());
		assert_int_equal(we_take(bytes, theirs.len), libbson_takes(bytes, theirs.len));
		free(bytes);
	}
}

/* Lengths of values that would reach around memory. */
static void lying_lengths(void **state)
{
	static const uint32_t lengths[] = {0, 1, 4, 0x7fffffff, 0x80000000, 0xfffffffb, 0xffffffff};
	static const uint8_t types[] = {AQ_VALUE_TEXT, AQ_VALUE_DOCUMENT, AQ_VALUE_ARRAY, AQ_VALUE_BYTES, AQ_VALUE_CODE};

	for (size_t t = 0; t < sizeof(types); t++)
		for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++)
			for (uint8_t room = 0; room < 12; room++) {
				uint8_t bytes[32] = {(uint8_t)(8 + room), 0, 0, 0, types[t], 'a', 0};

				for (unsigned b = 0; b < 4 && b < room; b++)
					bytes[7 + b] = (uint8_t)(lengths[i] >> 8 * b);
				assert_int_equal(we_take(bytes, bytes[0]), libbson_takes(bytes, bytes[0]));
			}
}

/* ---- rows ---- */

static void rows_one_behind_the_other(void **state)
{
	uint8_t bytes[200];
	size_t length = 0;
	struct aq_bson_rows rows;
	struct aq_bson row;
	int64_t number;

	for (int i = 0; i < 5; i++) {
		struct aq_doc d;

		aq_doc_begin(&d, bytes + length, sizeof(bytes) - length);
		aq_doc_int64(&d, "n", i);
		length += (size_t)aq_doc_end(&d);
	}
	rows = aq_bson_rows_of(bytes, length);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(aq_bson_next_row(&rows, &row), 1);
		assert_int_equal(aq_value_int64(aq_bson_find(row, "n"), &number), AQ_OK);
		assert_int_equal(number, i);
	}
	assert_int_equal(aq_bson_next_row(&rows, &row), 0);
	assert_int_equal(aq_bson_next_row(&rows, &row), 0);
	assert_int_equal(aq_bson_open(bytes, length, &row), AQ_EFORMAT);
	rows = aq_bson_rows_of(bytes, length - 1);
	for (int i = 0; i < 4; i++)
		assert_int_equal(aq_bson_next_row(&rows, &row), 1);
	assert_int_equal(aq_bson_next_row(&rows, &row), AQ_EFORMAT);
	assert_int_equal(aq_bson_next_row(&rows, &row), 0);
	assert_null(row.at);
	rows = aq_bson_rows_of(NULL, 0);
	assert_int_equal(aq_bson_next_row(&rows, &row), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(integers), cmocka_unit_test(real_numbers), cmocka_unit_test(decimals),
		cmocka_unit_test(null_is_no_price), cmocka_unit_test(amounts_and_their_texts), cmocka_unit_test(times_and_bools),
		cmocka_unit_test(texts_and_bytes), cmocka_unit_test(names_with_points), cmocka_unit_test(both_see_the_same),
		cmocka_unit_test(every_cut), cmocka_unit_test(every_byte), cmocka_unit_test(many_changes),
		cmocka_unit_test(lying_lengths), cmocka_unit_test(rows_one_behind_the_other)};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
