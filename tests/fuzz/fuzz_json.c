/* Arbitrary bytes through the JSON reader: by skipping, and by taking every value with the call for its type. Both must
 * come to the same verdict, and every slice must lie inside the input. */
#include <json.h>

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	const char *begin, *end;
};

static void check(bool condition)
{
	if (!condition)
		abort();
}

static void check_slice(const struct input *in, struct aq_slice slice)
{
	check(slice.text >= in->begin && slice.text <= in->end && slice.length <= (size_t)(in->end - slice.text));
}

static void check_string(const struct input *in, struct aq_slice slice)
{
	check_slice(in, slice);
	size_t length = 0;
	char *out = malloc(slice.length + 1);
	check(out != NULL);
	int status = aq_json_unescape(slice, out, slice.length, &length);
	check(status == AQ_EFORMAT || (status == AQ_OK && length <= slice.length)); /* never longer */
	free(out);
}

/* Numbers and decimals agree: what the reader calls a number, aq_dec_parse finds well formed. */
static void check_number(const struct input *in, struct aq_slice slice)
{
	int64_t value, again;
	check_slice(in, slice);
	int status = aq_dec_parse(slice.text, slice.length, 18, &value);
	if (status == AQ_OK) {
		char text[48];
		int length = aq_dec_print(value, 18, 0, text);
		check(aq_dec_parse(text, (size_t)length, 18, &again) == AQ_OK && again == value);
	}
	check(status == AQ_OK || status == AQ_EFORMAT || status == AQ_EOVERFLOW);
}

/* Every other call for a value, each on a copy of the reader: what one takes, no other sees otherwise. */
static void check_value(const struct aq_json *j, const struct input *in)
{
	struct aq_json raw = *j, text = *j, unsigned_ = *j, signed_ = *j, decimal = *j, amount = *j;
	struct aq_slice slice;
	uint64_t u;
	int64_t i = 0, d;
	struct aq_amt a;
	bool is_int;

	if (aq_json_raw(&raw, &slice))
		check_slice(in, slice);
	if (aq_json_text(&text, &slice))
		check_slice(in, slice);
	is_int = aq_json_int(&signed_, &i);
	if (aq_json_uint(&unsigned_, &u))
		check(u > INT64_MAX ? !is_int : is_int && (uint64_t)i == u);
	if (aq_json_decimal(&decimal, 0, &d))
		check(text.fault == NULL && decimal.at == text.at && (!is_int || i == d));
	if (aq_json_amount(&amount, &a))
		check(text.fault == NULL && amount.at == text.at);
}

static void walk(struct aq_json *j, const struct input *in)
{
	struct aq_slice slice;
	bool word;
	check_value(j, in);
	switch (aq_json_peek(j)) {
	case AQ_JSON_OBJECT:
		aq_json_object(j);
		while (aq_json_key(j, &slice)) {
			check_string(in, slice);
			walk(j, in);
		}
		break;
	case AQ_JSON_ARRAY:
		aq_json_array(j);
		while (aq_json_next(j))
			walk(j, in);
		break;
	case AQ_JSON_STRING:
		if (aq_json_string(j, &slice))
			check_string(in, slice);
		break;
	case AQ_JSON_NUMBER:
		if (aq_json_number(j, &slice))
			check_number(in, slice);
		break;
	case AQ_JSON_BOOL:
		aq_json_bool(j, &word);
		break;
	default:
		if (!aq_json_null(j))
			aq_json_fail(j);
	}
}

/* A pair is read in the same way by its fast path and piece by piece. */
static void check_pair(const struct input *in)
{
	struct aq_json fast, slow;
	int64_t a = 0, b = 0, c = 0, d = 0;
	size_t size = (size_t)(in->end - in->begin);
	aq_json_init(&fast, in->begin, size);
	aq_json_init(&slow, in->begin, size);
	bool good = aq_json_pair(&fast, 8, 3, &a, &b);
	bool same = aq_json_array(&slow) && aq_json_next(&slow) && aq_json_decimal(&slow, 8, &c) &&
		    aq_json_next(&slow) && aq_json_decimal(&slow, 3, &d);
	while (same && aq_json_next(&slow))
		;
	check(good == (same && slow.fault == NULL));
	check(!good || (a == c && b == d && fast.at == slow.at));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct aq_json j;
	struct input in;
	char *copy = malloc(size + (size == 0)); /* of exactly this size: the sanitizer sees any byte too many */
	check(copy != NULL);
	if (size > 0)
		memcpy(copy, data, size);
	in = (struct input){copy, copy + size};
	aq_json_init(&j, copy, size);
	aq_json_skip(&j);
	bool skipped = aq_json_done(&j);
	check(aq_json_offset(&j) <= size && (skipped || aq_json_peek(&j) == AQ_JSON_NONE));
	aq_json_init(&j, copy, size);
	walk(&j, &in);
	check(aq_json_done(&j) == skipped);
	check_pair(&in);
	check_string(&in, (struct aq_slice){copy, size});
	free(copy);
	return 0;
}
