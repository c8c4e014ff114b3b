/* utf8.c: see utf8.h. */
#include "base/utf8.h"

#include <utf8.h>

size_t utf8_length(const unsigned char *at, size_t left)
{
	return aq_utf8_length(at, left);
}

size_t utf8_visible(const unsigned char *at, size_t left)
{
	size_t length = utf8_length(at, left);

	if (length == 1 && (at[0] < 0x20 || at[0] == 0x7f))
		return 0;
	return length == 2 && at[0] == 0xc2 && at[1] < 0xa0 ? 0 : length;
}

void utf8_clean(char *text, size_t length, bool lines)
{
	size_t step;

	for (; length > 0; text += step, length -= step) {
		step = lines && *text == '\n' ? 1 : utf8_visible((const unsigned char *)text, length);
		if (step == 0) {
			*text = '?';
			step = 1;
		}
	}
}
