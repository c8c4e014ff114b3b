/* json.h: a bounded JSON pull reader over bytes that stay where they are.
 *
 * It allocates nothing, writes nothing and never looks outside [text, text + length); strings and numbers come back as
 * slices of the input, valid as long as that is. The caller asks for what it expects:
 *
 *	struct aq_json j;
 *	struct aq_slice key;
 *	aq_json_init(&j, text, length);
 *	if (aq_json_object(&j)) {
 *		while (aq_json_key(&j, &key)) {
 *			if (aq_json_is(key, "u"))
 *				aq_json_uint(&j, &update);
 *			else if (aq_json_is(key, "b") && aq_json_array(&j))
 *				while (aq_json_next(&j))
 *					aq_json_decimal(&j, 8, &price);
 *		}
 *	}
 *	if (!aq_json_done(&j))
 *		return AQ_EFORMAT;
 *
 * - Every function returns true, or false for the end of a container and for a fault. A fault is final: all later calls
 *   return false, loops end, and aq_json_done is false. So one check at the end is enough.
 * - A value that nobody takes before the next key or next is skipped, and checked on the way.
 * - A container is read to its end (until key or next returns false) before its parent is continued.
 * - Checked: the grammar of RFC 8259, at most AQ_JSON_DEPTH nested containers, no control bytes in strings. Not checked
 *   is that strings are UTF-8, that keys are unique, and more of an escape than its form until it is unescaped.
 */
#ifndef AQ_JSON_H
#define AQ_JSON_H

#include <aioquant/abi.h>
#include <decimal.h>

#include <stdbool.h>
#include <string.h>

#define AQ_JSON_DEPTH 32

/* Bytes of someone else, not NUL-terminated. */
struct aq_slice {
	const char *text;
	size_t length;
};

struct aq_json {
	const char *at, *end;
	const char *start;
	const char *fault; /* where it went wrong, else NULL */
	uint64_t objects;  /* a bit for each open container, the innermost lowest: 1 = object, 0 = array */
	uint32_t depth;
	bool fresh; /* the innermost container has just been opened: no comma before its first item */
	bool want;  /* a value comes next and has not been taken */
};

enum aq_json_type {
	AQ_JSON_NONE = 0, /* no value comes next */
	AQ_JSON_OBJECT = 1,
	AQ_JSON_ARRAY = 2,
	AQ_JSON_STRING = 3,
	AQ_JSON_NUMBER = 4,
	AQ_JSON_BOOL = 5,
	AQ_JSON_NULL = 6
};

static inline void aq_json_init(struct aq_json *j, const char *text, size_t length)
{
	*j = (struct aq_json){.at = text, .end = text + length, .start = text, .want = true};
}

static inline bool aq_json_is(struct aq_slice slice, const char *text)
{
	size_t length = strlen(text);
	return slice.length == length && memcmp(slice.text, text, length) == 0;
}

/* What the next value is, by its first byte. */
enum aq_json_type aq_json_peek(struct aq_json *j);
/* Takes the next value, whatever it is, with all that it holds. */
bool aq_json_skip(struct aq_json *j);
/* Takes the next value and gives its bytes, to be read later by a reader of its own. */
bool aq_json_raw(struct aq_json *j, struct aq_slice *out);
/* The text of a string between its quotes, escapes as they stand. */
bool aq_json_string(struct aq_json *j, struct aq_slice *out);
/* The text of a number. */
bool aq_json_number(struct aq_json *j, struct aq_slice *out);
/* The text of a string or a number: venues quote numbers or not. */
bool aq_json_text(struct aq_json *j, struct aq_slice *out);
/* A whole number; a fault when it has a fraction or an exponent or does not fit. */
bool aq_json_uint(struct aq_json *j, uint64_t *out);
bool aq_json_int(struct aq_json *j, int64_t *out);
bool aq_json_bool(struct aq_json *j, bool *out);
/* True only for null; leaves any other value where it is, without a fault. */
bool aq_json_null(struct aq_json *j);
/* A string or number scaled by 10^digits (aq_dec_parse); a fault when it has more digits or does not fit. */
bool aq_json_decimal(struct aq_json *j, unsigned digits, int64_t *out);
bool aq_json_amount(struct aq_json *j, struct aq_amt *out);
/* A price level: enters the array that comes next, takes its first two items as decimals, passes the rest, leaves it.
 */
bool aq_json_pair(struct aq_json *j, unsigned first_digits, unsigned second_digits, int64_t *first, int64_t *second);
/* Everything has been read, without a fault, and only white space follows. */
bool aq_json_done(struct aq_json *j);
/* Where the fault is, in bytes from the start. 0 when there is none. */
size_t aq_json_offset(const struct aq_json *j);
/* Makes the reader's state a fault, e.g. when a value is not what the caller can use. Returns false. */
bool aq_json_fail(struct aq_json *j);

/* Resolves the escapes of a string's slice to UTF-8, without NUL at the end. The result is never longer than the slice.
 * AQ_ESPACE, AQ_EFORMAT (a bad escape, half a surrogate pair). */
int aq_json_unescape(struct aq_slice slice, char *out, size_t room, size_t *length);

/* Enters the object or the array that comes next. */
bool aq_json_object(struct aq_json *j);
bool aq_json_array(struct aq_json *j);
/* Inside an object: the next key, escapes as they stand; its value is then to be taken. False leaves the object. */
bool aq_json_key(struct aq_json *j, struct aq_slice *out);
/* Inside an array: is there another value? It is then to be taken. False leaves the array. */
bool aq_json_next(struct aq_json *j);

#endif
