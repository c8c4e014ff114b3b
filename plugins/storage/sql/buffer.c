/* buffer.c: see buffer.h. */
#include "sql/buffer.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool grow(struct sql_buffer *b, size_t wanted)
{
	size_t size = b->size < 128 ? 128 : b->size;
	char *at;

	if (wanted < b->length) /* wrapped */
		return false;
	while (size < wanted)
		size *= 2;
	at = realloc(b->at, size);
	if (at == NULL)
		return false;
	b->at = at;
	b->size = size;
	return true;
}

void sql_buffer_add(struct sql_buffer *b, const void *bytes, size_t length)
{
	if (b->failed || (b->length + length + 1 > b->size && !grow(b, b->length + length + 1))) {
		b->failed = true;
		return;
	}
	if (length > 0)
		memcpy(b->at + b->length, bytes, length);
	b->length += length;
	b->at[b->length] = '\0';
}

void sql_buffer_put(struct sql_buffer *b, const char *literal)
{
	sql_buffer_add(b, literal, strlen(literal));
}

void sql_buffer_number(struct sql_buffer *b, uint64_t number)
{
	char text[24];

	sql_buffer_add(b, text, (size_t)snprintf(text, sizeof(text), "%" PRIu64, number));
}

void sql_buffer_clear(struct sql_buffer *b)
{
	b->length = 0;
	b->failed = false;
}

void sql_buffer_free(struct sql_buffer *b)
{
	free(b->at);
	*b = (struct sql_buffer){0};
}
