/* utf8.h: what of some bytes is UTF-8. */
#ifndef AQ_BASE_UTF8_H
#define AQ_BASE_UTF8_H

#include <stddef.h>

/* Bytes of the UTF-8 sequence at `at`, of which `left` may be read (at least 1); 0 when it is none. Overlong forms and
 * surrogates are none. */
size_t utf8_length(const unsigned char *at, size_t left);

#endif
