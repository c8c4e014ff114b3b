/* utf8.h: what of some bytes is UTF-8. */
#ifndef AQ_BASE_UTF8_H
#define AQ_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes of the UTF-8 sequence at `at`, of which `left` may be read (at least 1); 0 when it is none. Overlong forms and
 * surrogates are none. */
size_t utf8_length(const unsigned char *at, size_t left);
/* The same, but control characters are none: C0, DEL, C1. */
size_t utf8_visible(const unsigned char *at, size_t left);
/* Puts a `?` in the place of each byte that is no UTF-8 or begins a control character. `lines`: newlines stay. */
void utf8_clean(char *text, size_t length, bool lines);

#endif
