/* The ring of messages: what goes in comes out, wherever it stands in the ring; what it says of its room is so; and two threads
 * pass a million messages. */
#include "base/byte_ring.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <cmocka.h>

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#define HEAD 8 /* bytes that a message takes besides its own */

static uint64_t next_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	return *seed ^= *seed << 17;
}

static bool push(struct byte_ring *r, uint64_t number, uint32_t length)
{
	uint8_t *to = byte_ring_reserve(r, length);

	if (to == NULL)
		return false;
	for (uint32_t i = 0; i < length; i++)
		to[i] = (uint8_t)(number + i);
	byte_ring_commit(r);
	return true;
}

/* The oldest message is this one; it is dropped. */
static void pop(struct byte_ring *r, uint64_t number, uint32_t length)
{
	uint32_t found;
	const uint8_t *bytes = byte_ring_peek(r, &found);

	assert_non_null(bytes);
	assert_int_equal(found, length);
	assert_int_equal((uintptr_t)bytes % 8, 0);
	for (uint32_t i = 0; i < length; i++)
		if (bytes[i] != (uint8_t)(number + i))
			fail_msg("byte %u of message %llu", i, (unsigned long long)number);
	byte_ring_drop(r);
}

/* One whose messages begin at `position`, and that holds `held` bytes; both in steps of a head. */
static void make(struct byte_ring *r, uint64_t capacity, uint64_t position, uint64_t held)
{
	byte_ring_init(r, capacity);
	for (uint64_t at = 0; at < position; at += HEAD) {
		assert_true(push(r, 0, 0));
		pop(r, 0, 0);
	}
	for (uint64_t at = 0; at < held; at += HEAD)
		assert_true(push(r, 0, 0));
}

static void nothing_comes_before_the_commit(void **state)
{
	struct byte_ring r;
	uint32_t length;

	byte_ring_init(&r, 64);
	assert_null(byte_ring_peek(&r, &length));
	assert_non_null(byte_ring_reserve(&r, 10));
	assert_null(byte_ring_peek(&r, &length));
	assert_true(push(&r, 1, 3)); /* in place of the one that was not committed */
	pop(&r, 1, 3);
	assert_null(byte_ring_peek(&r, &length));
	byte_ring_finish(&r);
}

static void in_order_around_the_end(void **state)
{
	uint64_t seed = 1, lengths[64];
	uint64_t in = 0, out = 0;
	struct byte_ring r;

	byte_ring_init(&r, 256);
	while (out < 100000) {
		uint32_t length = (uint32_t)(next_random(&seed) % 121);
		int has_room = byte_ring_has_room(&r, 0, length);

		lengths[in % 64] = length;
		assert_int_equal(push(&r, in, length), has_room);
		in += has_room;
		while (out < in && (!has_room || next_random(&seed) % 3 == 0)) {
			pop(&r, out, (uint32_t)lengths[out % 64]);
			has_room = 1;
			out++;
		}
	}
	byte_ring_finish(&r);
}

static void full(void **state)
{
	struct byte_ring r;
	uint32_t length;

	make(&r, 64, 24, 64);
	assert_int_equal(byte_ring_free(&r), 0);
	assert_false(push(&r, 0, 0));
	pop(&r, 0, 0);
	assert_int_equal(byte_ring_free(&r), 8);
	assert_false(push(&r, 7, 1));
	assert_true(push(&r, 7, 0));
	for (int i = 0; i < 8; i++)
		pop(&r, 0, 0);
	assert_null(byte_ring_peek(&r, &length));
	assert_int_equal(byte_ring_free(&r), 64);
	byte_ring_finish(&r);
}

/* Wherever an empty ring stands. */
static void half_of_it_finds_room(void **state)
{
	for (uint64_t position = 0; position < 512; position += HEAD) {
		struct byte_ring r;

		make(&r, 256, position, 0);
		assert_true(push(&r, position, 128 - HEAD));
		pop(&r, position, 128 - HEAD);
		assert_int_equal(byte_ring_free(&r), 256);
		byte_ring_finish(&r);
	}
}

static void check_promise(uint64_t position, uint64_t held, uint32_t before, uint32_t length)
{
	struct byte_ring r;
	int promised;
	bool kept;

	make(&r, 128, position, held);
	promised = byte_ring_has_room(&r, before, length);
	kept = push(&r, 1, before) && push(&r, 2, length);
	assert_int_equal(promised, kept);
	if (kept) {
		for (uint64_t at = 0; at < held; at += HEAD)
			pop(&r, 0, 0);
		pop(&r, 1, before);
		pop(&r, 2, length);
	}
	byte_ring_finish(&r);
}

/* What has_room says of two messages is so, in every place and for every length. */
static void room_behind_another(void **state)
{
	for (uint64_t position = 0; position < 128; position += HEAD)
		for (uint64_t held = 0; held <= 128; held += 3 * HEAD)
			for (uint32_t before = 1; before <= 128; before += 5)
				for (uint32_t length = 0; length <= 128; length += 7)
					check_promise(position, held, before, length);
}

/* ---- two threads ---- */

#define MESSAGES 1000000
#define LENGTH_MAX 500

static uint32_t some_length(uint64_t *seed)
{
	uint64_t random = next_random(seed);

	return (uint32_t)(random % 64 == 0 ? random % LENGTH_MAX : random / 64 % 40);
}

static void *write_all(void *ring)
{
	uint64_t seed = 5;

	for (uint64_t number = 0; number < MESSAGES; number++) {
		uint32_t length = some_length(&seed);

		while (!push(ring, number, length))
			sched_yield();
	}
	return NULL;
}

static void between_two_threads(void **state)
{
	uint64_t seed = 5;
	uint32_t length;
	struct byte_ring r;
	pthread_t writer;

	byte_ring_init(&r, 1024);
	assert_int_equal(pthread_create(&writer, NULL, write_all, &r), 0);
	for (uint64_t number = 0; number < MESSAGES; number++) {
		while (byte_ring_peek(&r, &length) == NULL)
			sched_yield();
		pop(&r, number, some_length(&seed));
	}
	assert_int_equal(pthread_join(writer, NULL), 0);
	assert_null(byte_ring_peek(&r, &length));
	byte_ring_finish(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_comes_before_the_commit),
		cmocka_unit_test(in_order_around_the_end), cmocka_unit_test(full), cmocka_unit_test(half_of_it_finds_room),
		cmocka_unit_test(room_behind_another), cmocka_unit_test(between_two_threads)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
