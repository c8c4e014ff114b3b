/* utf8.h: what of some bytes is UTF-8. Overlong forms and surrogates are none; NUL is a character as any other. */
#ifndef AQ_UTF8_H
#define AQ_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes of the sequence at `at`, of which `left` may be read (at least 1); 0 when it is none. */
size_t aq_utf8_length(const unsigned char *at, size_t left);
/* Are all `length` bytes UTF-8? Of none, yes. */
bool aq_utf8_valid(const void *text, size_t length);

#endif
