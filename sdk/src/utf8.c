/* utf8.c: see utf8.h. */
#include <utf8.h>

#include <stdint.h>
#include <string.h>

size_t aq_utf8_length(const unsigned char *at, size_t left)
{
	size_t length = at[0] < 0x80 ? 1 : at[0] >= 0xf0 ? 4 : at[0] >= 0xe0 ? 3 : 2;

	if (at[0] >= 0x80 && (at[0] < 0xc2 || at[0] > 0xf4))
		return 0;
	if (length > left)
		return 0;
	for (size_t i = 1; i < length; i++)
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	if ((at[0] == 0xe0 && at[1] < 0xa0) || (at[0] == 0xed && at[1] > 0x9f))
		return 0;
	if ((at[0] == 0xf0 && at[1] < 0x90) || (at[0] == 0xf4 && at[1] > 0x8f))
		return 0;
	return length;
}

/* How many bytes are ASCII, eight at a time: nearly all names and symbols are. */
static size_t plain_length(const unsigned char *at, size_t left)
{
	size_t length = 0;
	uint64_t eight;

	for (; left - length >= sizeof(eight); length += sizeof(eight)) {
		memcpy(&eight, at + length, sizeof(eight));
		if ((eight & UINT64_C(0x8080808080808080)) != 0)
			break;
	}
	return length;
}

bool aq_utf8_valid(const void *text, size_t length)
{
	const unsigned char *at = text;

	if (length == 0)
		return true;
	for (size_t passed = plain_length(at, length), step; passed < length; passed += step) {
		step = aq_utf8_length(at + passed, length - passed);
		if (step == 0)
			return false;
	}
	return true;
}
