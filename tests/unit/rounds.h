/* rounds.h: how often a test tries what is random: a variable that tools/test sets for its tier, or a few times. */
#ifndef AQ_TESTS_ROUNDS_H
#define AQ_TESTS_ROUNDS_H

#include <stdlib.h>

static inline int rounds_of(const char *variable, int few)
{
	const char *text = getenv(variable);

	return text != NULL ? (int)strtol(text, NULL, 10) : few;
}

#endif
