#include "io/bytes.h"

#include "base/check.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_CAPACITY 16384u

static uint32_t smaller(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static void grow(struct bytes *b, uint32_t needed)
{
	uint32_t capacity = b->capacity == 0 ? FIRST_CAPACITY : b->capacity;
	uint32_t first = smaller(b->length, b->capacity - b->head);
	char *data;

	while (capacity < needed)
		capacity *= 2;
	data = malloc(capacity);
	CHECK(data != NULL);
	if (b->length > 0) {
		memcpy(data, b->data + b->head, first);
		memcpy(data + first, b->data, b->length - first);
	}
	free(b->data);
	*b = (struct bytes){.data = data, .capacity = capacity, .length = b->length};
}

void bytes_put(struct bytes *b, const void *data, uint32_t length)
{
	uint32_t tail, first;

	if (length == 0)
		return;
	CHECK(length <= UINT32_C(1) << 30 && b->length <= UINT32_C(1) << 30);
	if (b->length + length > b->capacity)
		grow(b, b->length + length);
	tail = (b->head + b->length) & (b->capacity - 1);
	first = smaller(length, b->capacity - tail);
	memcpy(b->data + tail, data, first);
	memcpy(b->data, (const char *)data + first, length - first);
	b->length += length;
}

int bytes_parts(const struct bytes *b, struct iovec parts[2])
{
	uint32_t first = smaller(b->length, b->capacity - b->head);

	if (b->length == 0)
		return 0;
	parts[0] = (struct iovec){b->data + b->head, first};
	parts[1] = (struct iovec){b->data, b->length - first};
	return first < b->length ? 2 : 1;
}

void bytes_take(struct bytes *b, uint32_t length)
{
	CHECK(length <= b->length);
	b->length -= length;
	b->head = b->length == 0 ? 0 : (b->head + length) & (b->capacity - 1);
}

void bytes_finish(struct bytes *b)
{
	free(b->data);
	*b = (struct bytes){0};
}
