/* bson_help.h: what the tests of documents and frames share: chance, bytes of exactly their size, and libbson as the judge. */
#ifndef TEST_BSON_HELP_H
#define TEST_BSON_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "rounds.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static uint64_t seed = 88172645463325252u;

static inline uint64_t chance(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	return seed ^= seed << 17;
}

/* Of any size, so that small ones are as frequent as large ones. */
static inline int64_t some_number(void)
{
	int64_t number = (int64_t)(chance() >> (1 + chance() % 63));

	return chance() % 2 ? number : -number;
}

static inline long rounds(long few)
{
	return 10L * rounds_of("AQ_STORE_ROUNDS", (int)(few / 10));
}

/* The sanitizer sees one byte too many. */
static inline void *exact_copy(const void *bytes, size_t length)
{
	void *copy = malloc(length > 0 ? length : 1);

	assert_non_null(copy);
	if (length > 0)
		memcpy(copy, bytes, length);
	return copy;
}

#endif
