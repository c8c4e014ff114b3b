#include "host/order_text.h"

#include <aioquant/abi.h>
#include <ctype.h>
#include <stdbool.h>
#include <string.h>

/* The parts of an id as flow/orders.h makes them, in the order in which they are written. */
static const struct part {
	unsigned shift, bits;
} parts[] = {{20, 31}, {51, 12}, {0, 20}};
#define PARTS (sizeof(parts) / sizeof(*parts))

static const char digits[] = "0123456789abcdefghjkmnpqrstvwxyz";

static char *put(char *at, uint64_t value)
{
	unsigned shift = 0;

	while (value >> shift >= 32)
		shift += 5;
	for (;; shift -= 5) {
		*at++ = digits[value >> shift & 31];
		if (shift == 0)
			return at;
	}
}

const char *order_text(uint64_t id, char out[ORDER_TEXT_SIZE])
{
	char *at = out;

	for (size_t i = 0; i < PARTS; i++) {
		if (i > 0)
			*at++ = '-';
		at = put(at, id >> parts[i].shift & ((UINT64_C(1) << parts[i].bits) - 1));
	}
	*at = '\0';
	return out;
}

static bool take(const char **text, unsigned bits, uint64_t *out)
{
	const char *at = *text, *digit;
	uint64_t value = 0;

	for (; *at != '\0' && (digit = strchr(digits, tolower((unsigned char)*at))) != NULL; at++) {
		value = value << 5 | (uint64_t)(digit - digits);
		if (value >> bits != 0)
			return false;
	}
	*out = value;
	if (at == *text)
		return false;
	*text = at;
	return true;
}

int order_text_parse(const char *text, uint64_t *id)
{
	uint64_t result = 0, value;

	for (size_t i = 0; i < PARTS; i++) {
		if (i > 0 && *text++ != '-')
			return AQ_EFORMAT;
		if (!take(&text, parts[i].bits, &value))
			return AQ_EFORMAT;
		result |= value << parts[i].shift;
	}
	if (*text != '\0')
		return AQ_EFORMAT;
	*id = result;
	return AQ_OK;
}
