/* error.h: why a call to a store is refused.
 *
 * Filled once, at the deepest point that knows the reason; functions that take one return 0, or -1 with it filled. The
 * text is one line of valid UTF-8 if its parts are. Any thread.
 */
#ifndef SQL_ERROR_H
#define SQL_ERROR_H

#include <aioquant/store.h>

struct sql_error {
	int32_t code;   /* the back end's own; 0 = the refusal is ours */
	uint8_t fault;  /* enum aq_store_fault */
	char text[240];
};

/* Always -1. */
int sql_fail(struct sql_error *err, enum aq_store_fault fault, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
int sql_no_memory(struct sql_error *err);

#endif
