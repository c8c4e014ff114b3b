#include <json.h>

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

bool aq_json_fail(struct aq_json *j)
{
	if (j->fault == NULL)
		j->fault = j->at;
	j->at = j->end; /* there is nothing left to read, so every later call fails by itself */
	j->want = false;
	j->depth = 0;
	return false;
}

size_t aq_json_offset(const struct aq_json *j)
{
	return j->fault == NULL ? 0 : (size_t)(j->fault - j->start);
}

/* Passes white space; false at the end of the input. */
static inline bool pass_space(struct aq_json *j)
{
	while (j->at < j->end) {
		char c = *j->at;
		if ((unsigned char)c > ' ')
			return true;
		if (c != ' ' && c != '\n' && c != '\r' && c != '\t')
			return true;
		j->at++;
	}
	return false;
}

/* A value is due and stands at j->at. */
static inline bool at_value(struct aq_json *j)
{
	return j->want && pass_space(j);
}

static bool take(struct aq_json *j, const char *to)
{
	j->at = to;
	j->want = false;
	return true;
}

enum aq_json_type aq_json_peek(struct aq_json *j)
{
	if (!at_value(j))
		return AQ_JSON_NONE;
	switch (*j->at) {
	case '{':
		return AQ_JSON_OBJECT;
	case '[':
		return AQ_JSON_ARRAY;
	case '"':
		return AQ_JSON_STRING;
	case 't':
	case 'f':
		return AQ_JSON_BOOL;
	case 'n':
		return AQ_JSON_NULL;
	default:
		return *j->at == '-' || (*j->at >= '0' && *j->at <= '9') ? AQ_JSON_NUMBER : AQ_JSON_NONE;
	}
}

static inline bool open_container(struct aq_json *j, char bracket)
{
	if (!at_value(j) || *j->at != bracket || j->depth == AQ_JSON_DEPTH)
		return aq_json_fail(j);
	j->objects = j->objects << 1 | (bracket == '{');
	j->depth++;
	j->fresh = true;
	return take(j, j->at + 1);
}

/* To the next item of the innermost container; false leaves it. */
static inline bool step(struct aq_json *j, bool object)
{
	if (j->want && !aq_json_skip(j))
		return false;
	if (j->depth == 0 || (j->objects & 1) != object || !pass_space(j))
		return aq_json_fail(j);
	if (*j->at == (object ? '}' : ']')) {
		j->objects >>= 1;
		j->depth--;
		j->fresh = false;
		j->at++;
		return false;
	}
	if (!j->fresh) {
		if (*j->at != ',')
			return aq_json_fail(j);
		j->at++;
	}
	j->fresh = false;
	j->want = true;
	return true;
}

bool aq_json_object(struct aq_json *j)
{
	return open_container(j, '{');
}

bool aq_json_array(struct aq_json *j)
{
	return open_container(j, '[');
}

bool aq_json_next(struct aq_json *j)
{
	return step(j, false);
}

/* ---- strings ---- */

/* The first quote, backslash or control byte. */
static inline const char *pass_plain(const char *at, const char *end)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	for (; end - at >= 8; at += 8) {
		uint64_t bytes;
		memcpy(&bytes, at, sizeof(bytes));
		uint64_t quote = bytes ^ EACH('"'), slash = bytes ^ EACH('\\');
		uint64_t hit =
			((quote - EACH(1)) & ~quote) | ((slash - EACH(1)) & ~slash) | ((bytes - EACH(' ')) & ~bytes);
		hit &= EACH(0x80);
		if (hit != 0)
			return at + __builtin_ctzll(hit) / 8; /* a borrow makes false hits only above a true one */
	}
#endif
	while (at < end && *at != '"' && *at != '\\' && (unsigned char)*at >= ' ')
		at++;
	return at;
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The length of the escape at `at`, 0 when it has no valid form. */
static size_t escape_length(const char *at, const char *end)
{
	if (end - at < 2)
		return 0;
#ifdef AQ_PLANT
	end += at[1] == 'u'; /* an over-read on purpose: tests/fuzz must find it */
#endif
	if (at[1] != 'u')
		return at[1] != '\0' && strchr("\"\\/bfnrt", at[1]) != NULL ? 2 : 0;
	if (end - at < 6)
		return 0;
	for (int i = 2; i < 6; i++) {
		if (hex_value(at[i]) < 0)
			return 0;
	}
	return 6;
}

/* The string whose opening quote stands at j->at; on return j->at is behind the closing one. */
static inline bool read_string(struct aq_json *j, struct aq_slice *out)
{
	const char *start = j->at + 1, *at = pass_plain(start, j->end);
	while (at < j->end && *at == '\\') {
		size_t length = escape_length(at, j->end);
		if (length == 0)
			break;
		at = pass_plain(at + length, j->end);
	}
	if (at == j->end || *at != '"') {
		j->at = at;
		return aq_json_fail(j);
	}
	*out = (struct aq_slice){start, (size_t)(at - start)};
	j->at = at + 1;
	return true;
}

bool aq_json_key(struct aq_json *j, struct aq_slice *out)
{
	if (!step(j, true))
		return false;
	const char *at = j->at;
	if (j->end - at > 4 && at[0] == '"' && at[2] == '"' && at[3] == ':' && (unsigned char)at[1] >= ' ' &&
		at[1] != '"' && at[1] != '\\') {
		*out = (struct aq_slice){at + 1, 1}; /* streams have mostly names of one letter */
		j->at = at + 4;
		return true;
	}
	if (!pass_space(j) || *j->at != '"')
		return aq_json_fail(j);
	if (!read_string(j, out))
		return false;
	if (!pass_space(j) || *j->at != ':')
		return aq_json_fail(j);
	j->at++;
	return true;
}

bool aq_json_string(struct aq_json *j, struct aq_slice *out)
{
	if (!at_value(j) || *j->at != '"')
		return aq_json_fail(j);
	return read_string(j, out) && take(j, j->at);
}

/* ---- numbers ---- */

static inline const char *pass_digits(const char *at, const char *end)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	for (; end - at >= 8; at += 8) {
		uint64_t digits;
		memcpy(&digits, at, sizeof(digits));
		digits ^= EACH('0');
		uint64_t others = ((digits + EACH(0x76)) | digits) & EACH(0x80);
		if (others != 0)
			return at + __builtin_ctzll(others) / 8;
	}
#endif
	while (at < end && *at >= '0' && *at <= '9')
		at++;
	return at;
}

/* The end of the number at `at`, NULL when it is none. */
static const char *pass_number(const char *at, const char *end)
{
	const char *start;
	if (at < end && *at == '-')
		at++;
	start = at;
	at = pass_digits(at, end);
	if (at == start || (*start == '0' && at - start > 1))
		return NULL;
	if (at < end && *at == '.') {
		start = ++at;
		at = pass_digits(at, end);
		if (at == start)
			return NULL;
	}
	if (at < end && (*at == 'e' || *at == 'E')) {
		at++;
		if (at < end && (*at == '-' || *at == '+'))
			at++;
		start = at;
		at = pass_digits(at, end);
		if (at == start)
			return NULL;
	}
	return at;
}

bool aq_json_number(struct aq_json *j, struct aq_slice *out)
{
	const char *to = at_value(j) ? pass_number(j->at, j->end) : NULL;
	if (to == NULL)
		return aq_json_fail(j);
	*out = (struct aq_slice){j->at, (size_t)(to - j->at)};
	return take(j, to);
}

bool aq_json_text(struct aq_json *j, struct aq_slice *out)
{
	if (at_value(j) && *j->at == '"')
		return read_string(j, out) && take(j, j->at);
	return aq_json_number(j, out);
}

bool aq_json_uint(struct aq_json *j, uint64_t *out)
{
	uint64_t value = 0;
	const char *at = j->at, *start;
	if (!at_value(j))
		return aq_json_fail(j);
	for (start = at = j->at; at < j->end && *at >= '0' && *at <= '9'; at++) {
		if (at - start >= 18 && (__builtin_mul_overflow(value, UINT64_C(10), &value) ||
						__builtin_add_overflow(value, (uint64_t)(*at - '0'), &value)))
			return aq_json_fail(j);
		else if (at - start < 18)
			value = value * 10 + (uint64_t)(*at - '0');
	}
	if (at == start || (*start == '0' && at - start > 1) ||
		(at < j->end && (*at == '.' || *at == 'e' || *at == 'E')))
		return aq_json_fail(j);
	*out = value;
	return take(j, at);
}

bool aq_json_int(struct aq_json *j, int64_t *out)
{
	struct aq_slice slice;
	int64_t value;
	if (!aq_json_number(j, &slice))
		return false;
	if (memchr(slice.text, '.', slice.length) != NULL || memchr(slice.text, 'e', slice.length) != NULL ||
		memchr(slice.text, 'E', slice.length) != NULL || aq_dec_parse(slice.text, slice.length, 0, &value) < 0)
		return aq_json_fail(j);
	*out = value;
	return true;
}

bool aq_json_decimal(struct aq_json *j, unsigned digits, int64_t *out)
{
	struct aq_slice slice;
	if (!aq_json_text(j, &slice))
		return false;
	return aq_dec_parse(slice.text, slice.length, digits, out) == AQ_OK || aq_json_fail(j);
}

/* The plain decimal in quotes at `at`; its end, or NULL for whatever is not written so. */
static inline const char *take_quoted(const char *at, const char *end, unsigned digits, int64_t *out)
{
	if (end - at < 3 || *at != '"')
		return NULL;
	size_t length = aq_dec_take(at + 1, end, digits, out);
	at += 1 + length;
	return length > 0 && at < end && *at == '"' ? at + 1 : NULL;
}

static bool pair_slow(struct aq_json *j, const unsigned digits[2], int64_t values[2])
{
	if (!aq_json_array(j))
		return false;
	for (int i = 0; i < 2; i++) {
		if (!aq_json_next(j))
			return aq_json_fail(j);
		if (!aq_json_decimal(j, digits[i], &values[i]))
			return false;
	}
	while (aq_json_next(j))
		; /* skips what it is not asked for */
	return j->fault == NULL;
}

bool aq_json_pair(struct aq_json *j, unsigned first_digits, unsigned second_digits, int64_t *first, int64_t *second)
{
	const char *at = j->at, *end = j->end;
	int64_t values[2];
	/* nearly always exactly ["1.0","2.0"]; everything else takes the long way */
	if (j->want && j->depth < AQ_JSON_DEPTH && end - at > 2 && *at == '[' &&
		(at = take_quoted(at + 1, end, first_digits, &values[0])) != NULL && at < end && *at == ',' &&
		(at = take_quoted(at + 1, end, second_digits, &values[1])) != NULL && at < end && *at == ']') {
		take(j, at + 1);
	} else if (!pair_slow(j, (const unsigned[2]){first_digits, second_digits}, values)) {
		return false;
	}
	*first = values[0];
	*second = values[1];
	return true;
}

bool aq_json_amount(struct aq_json *j, struct aq_amt *out)
{
	struct aq_slice slice;
	if (!aq_json_text(j, &slice))
		return false;
	return aq_amt_parse(slice.text, slice.length, out) == AQ_OK || aq_json_fail(j);
}

/* ---- words ---- */

static bool take_word(struct aq_json *j, const char *word)
{
	size_t length = strlen(word);
	if (!at_value(j) || (size_t)(j->end - j->at) < length || memcmp(j->at, word, length) != 0)
		return false;
	return take(j, j->at + length);
}

bool aq_json_bool(struct aq_json *j, bool *out)
{
	bool yes = take_word(j, "true");
	if (!yes && !take_word(j, "false"))
		return aq_json_fail(j);
	*out = yes;
	return true;
}

bool aq_json_null(struct aq_json *j)
{
	return take_word(j, "null");
}

/* ---- all values ---- */

/* Takes a value that is no container, or enters one. */
static bool skip_one(struct aq_json *j)
{
	struct aq_slice slice;
	bool word;
	switch (aq_json_peek(j)) {
	case AQ_JSON_OBJECT:
		return aq_json_object(j);
	case AQ_JSON_ARRAY:
		return aq_json_array(j);
	case AQ_JSON_STRING:
		return aq_json_string(j, &slice);
	case AQ_JSON_NUMBER:
		return aq_json_number(j, &slice);
	case AQ_JSON_BOOL:
		return aq_json_bool(j, &word);
	case AQ_JSON_NULL:
		return aq_json_null(j) || aq_json_fail(j);
	default:
		return aq_json_fail(j);
	}
}

bool aq_json_skip(struct aq_json *j)
{
	uint32_t outer = j->depth;
	if (!skip_one(j))
		return false;
	while (j->depth > outer) {
		struct aq_slice key;
		bool more = j->objects & 1 ? aq_json_key(j, &key) : aq_json_next(j);
		if (more && !skip_one(j))
			return false;
	}
	return j->fault == NULL;
}

bool aq_json_raw(struct aq_json *j, struct aq_slice *out)
{
	const char *start;
	if (!at_value(j))
		return aq_json_fail(j);
	start = j->at;
	if (!aq_json_skip(j))
		return false;
	*out = (struct aq_slice){start, (size_t)(j->at - start)};
	return true;
}

bool aq_json_done(struct aq_json *j)
{
	if (j->fault != NULL)
		return false;
	if (j->want || j->depth > 0 || pass_space(j))
		return aq_json_fail(j);
	return true;
}

/* ---- escapes ---- */

static uint32_t four_hex(const char *at)
{
	uint32_t value = 0;
	for (int i = 0; i < 4; i++)
		value = value << 4 | (uint32_t)hex_value(at[i]);
	return value;
}

static size_t encode_utf8(uint32_t point, char *out)
{
	if (point < 0x80) {
		out[0] = (char)point;
		return 1;
	}
	size_t length = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
	for (size_t i = length - 1; i > 0; i--, point >>= 6)
		out[i] = (char)(0x80 | (point & 0x3f));
	out[0] = (char)((0xf00 >> length & 0xff) | point);
	return length;
}

/* The character of the escape at *at, which is passed. False for half a pair of surrogates or a bad form. */
static bool read_escape(const char **at, const char *end, uint32_t *point)
{
	static const char names[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
	size_t length = escape_length(*at, end);
	const char *escape = *at;
	*at += length;
	if (length != 6) {
		if (length == 2)
			*point = (uint32_t)(unsigned char)meanings[strchr(names, escape[1]) - names];
		return length == 2;
	}
	*point = four_hex(escape + 2);
	if (*point < 0xd800 || *point > 0xdfff)
		return true;
	if (*point > 0xdbff || *at == end || **at != '\\' || escape_length(*at, end) != 6)
		return false;
	uint32_t low = four_hex(*at + 2);
	*at += 6;
	*point = 0x10000 + ((*point - 0xd800) << 10) + (low - 0xdc00);
	return low >= 0xdc00 && low <= 0xdfff;
}

int aq_json_unescape(struct aq_slice slice, char *out, size_t room, size_t *length)
{
	const char *at = slice.text, *end = slice.text + slice.length;
	size_t used = 0;
	while (at < end) {
		char bytes[4];
		uint32_t point;
		size_t count = 1;
		if (*at != '\\') {
			bytes[0] = *at++;
		} else {
			if (!read_escape(&at, end, &point))
				return AQ_EFORMAT;
			count = encode_utf8(point, bytes);
		}
		if (count > room - used)
			return AQ_ESPACE;
		memcpy(out + used, bytes, count);
		used += count;
	}
	*length = used;
	return AQ_OK;
}
