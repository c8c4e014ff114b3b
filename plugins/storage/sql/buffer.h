/* buffer.h: bytes that grow: statement texts, pages, the parts of a call.
 *
 * Zeroed is empty. `at` is NULL or ends with a NUL that does not count. When memory ends, `failed` is set and what is
 * added is lost: the user looks once, at the end. One thread.
 */
#ifndef SQL_BUFFER_H
#define SQL_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sql_buffer {
	char *at; /* owned */
	size_t length, size;
	bool failed;
};

void sql_buffer_add(struct sql_buffer *b, const void *bytes, size_t length);
/* Only for texts that stand in the source: statement text is built of these, of checked names and of numbers alone. */
void sql_buffer_put(struct sql_buffer *b, const char *literal);
void sql_buffer_number(struct sql_buffer *b, uint64_t number);
void sql_buffer_clear(struct sql_buffer *b); /* keeps the memory */
void sql_buffer_free(struct sql_buffer *b);

#endif
