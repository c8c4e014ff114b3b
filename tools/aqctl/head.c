/* head.c: see head.h. Nothing but digits is a number here: no sign, no blank before it. */
#include "head.h"

#include <host/control_wire.h>

#include <string.h>

#define CODE_MAX 99

static bool number(const char **at, const char *end, size_t most, size_t *out)
{
	const char *start = *at;
	size_t value = 0;

	for (; *at < end && **at >= '0' && **at <= '9' && value <= most; ++*at)
		value = value * 10 + (size_t)(**at - '0');
	*out = value;
	return *at > start && value <= most;
}

bool head_parse(const char *line, size_t length, int *code, size_t *body)
{
	static const char protocol[] = CONTROL_PROTOCOL " ";
	const char *at = line + sizeof(protocol) - 1, *end = line + length;
	size_t value;

	if (length < sizeof(protocol) || memcmp(line, protocol, sizeof(protocol) - 1) != 0)
		return false;
	if (at < end && *at == '+') {
		at++;
		*code = HEAD_PIECE;
	} else {
		if (!number(&at, end, CODE_MAX, &value))
			return false;
		*code = (int)value;
	}
	return at < end && *at++ == ' ' && number(&at, end, HEAD_BODY_MAX, body) && at == end;
}
