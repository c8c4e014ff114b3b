/* Calls on their way to a back end: pieces that come interleaved are put together, what is given up is gone, and every byte that
 * was appended is counted as taken once, in whatever order. */
#include "host/store_queue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

static uint64_t seed = 88172645463325252u;

static uint64_t chance(uint64_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed % below;
}

static struct store_queue *new_queue(void)
{
	struct store_queue *q = aligned_alloc(64, (sizeof(*q) + 63) / 64 * 64);

	assert_non_null(q);
	store_queue_init(q);
	return q;
}

static void free_queue(struct store_queue *q)
{
	store_queue_finish(q);
	free(q);
}

static void begin(struct store_queue *q, uint64_t id)
{
	struct aq_store_call what = {.size = sizeof(what), .op = AQ_STORE_INSERT, .tag = id * 3};

	store_queue_begin(q, id, &what);
}

/* Bytes that tell which call and which chunk of it they are. */
static void append(struct store_queue *q, uint64_t id, uint8_t part, uint32_t length)
{
	uint8_t *bytes = malloc(length);

	assert_non_null(bytes);
	memset(bytes, (int)(id * 7 + part), length);
	store_queue_append(q, id, part, bytes, length);
	free(bytes);
}

static bool any(void *context, const struct waiting_call *c)
{
	return true;
}

static bool is_even(void *context, const struct waiting_call *c)
{
	return c->id % 2 == 0;
}

/* The next chunk of a call is this one. */
static size_t check_chunk(const struct waiting_call *c, size_t at, uint8_t part, uint32_t length)
{
	struct aq_store_chunk chunk;
	const uint8_t *bytes = c->bytes + at + sizeof(chunk);

	assert_true(at + sizeof(chunk) <= c->size);
	memcpy(&chunk, c->bytes + at, sizeof(chunk));
	assert_int_equal(chunk.size, sizeof(chunk));
	assert_int_equal(chunk.part, part);
	assert_int_equal(chunk.length, length);
	for (uint32_t i = 0; i < length; i++)
		if (bytes[i] != (uint8_t)(c->id * 7 + part))
			fail_msg("byte %u of part %u of call %llu", i, part, (unsigned long long)c->id);
	return at + sizeof(chunk) + (length + 7) / 8 * 8;
}

static struct waiting_call *pop(struct store_queue *q, uint64_t id)
{
	struct waiting_call *c = store_queue_pop(q, any, NULL);

	assert_non_null(c);
	assert_int_equal(c->id, id);
	assert_int_equal(c->what.tag, id * 3);
	return c;
}

static void interleaved_calls_are_put_together(void **state)
{
	struct store_queue *q = new_queue();
	struct waiting_call *c;

	begin(q, 1);
	begin(q, 2);
	append(q, 1, AQ_PART_FILTER, 5);
	append(q, 2, AQ_PART_ROWS, AQ_STORE_CHUNK);
	store_queue_take(q);
	begin(q, 3);
	append(q, 1, AQ_PART_UPDATE, 8);
	append(q, 2, AQ_PART_ROWS, 1);
	store_queue_end(q, 3, UINT32_MAX);
	store_queue_end(q, 2, 10);
	store_queue_take(q);
	assert_null(store_queue_find(q, 1)); /* not whole */
	assert_non_null(store_queue_find(q, 2));
	c = pop(q, 3); /* the first that was ended */
	assert_int_equal(c->size, 0);
	assert_int_equal(c->rows, UINT32_MAX);
	waiting_call_free(q, c);
	c = pop(q, 2);
	assert_int_equal(check_chunk(c, check_chunk(c, 0, AQ_PART_ROWS, AQ_STORE_CHUNK), AQ_PART_ROWS, 1), c->size);
	assert_int_equal(c->rows, 10);
	waiting_call_free(q, c);
	assert_int_equal(atomic_load(&q->taken), AQ_STORE_CHUNK + 1);
	store_queue_end(q, 1, 1);
	store_queue_take(q);
	c = pop(q, 1);
	assert_int_equal(check_chunk(c, check_chunk(c, 0, AQ_PART_FILTER, 5), AQ_PART_UPDATE, 8), c->size);
	waiting_call_free(q, c);
	assert_int_equal(atomic_load(&q->taken), AQ_STORE_CHUNK + 14);
	assert_null(store_queue_pop(q, any, NULL));
	free_queue(q);
}

static void the_first_that_is_wanted(void **state)
{
	struct store_queue *q = new_queue();

	for (uint64_t id = 1; id <= 4; id++) {
		begin(q, id);
		store_queue_end(q, id, 0);
	}
	store_queue_take(q);
	for (uint64_t id = 2; id <= 4; id += 2) {
		struct waiting_call *c = store_queue_pop(q, is_even, NULL);

		assert_int_equal(c->id, id);
		waiting_call_free(q, c);
	}
	assert_null(store_queue_pop(q, is_even, NULL));
	begin(q, 5); /* behind the last, which was taken out */
	store_queue_end(q, 5, 0);
	store_queue_take(q);
	for (uint64_t id = 1; id <= 5; id += 2)
		waiting_call_free(q, pop(q, id));
	free_queue(q);
}

static void what_is_given_up_is_gone(void **state)
{
	struct store_queue *q = new_queue();

	begin(q, 1);
	append(q, 1, AQ_PART_FILTER, 100);
	begin(q, 2);
	append(q, 2, AQ_PART_FILTER, 30);
	store_queue_end(q, 2, 0);
	store_queue_take(q);
	store_queue_forget(q, 3);
	assert_int_equal(atomic_load(&q->taken), 0);
	store_queue_forget(q, 1);
	assert_int_equal(atomic_load(&q->taken), 100);
	append(q, 1, AQ_PART_UPDATE, 7); /* was on its way */
	store_queue_end(q, 1, 0);
	store_queue_take(q);
	assert_int_equal(atomic_load(&q->taken), 107);
	assert_null(store_queue_find(q, 1));
	store_queue_forget(q, 2);
	store_queue_forget(q, 2);
	assert_int_equal(atomic_load(&q->taken), 137);
	assert_null(store_queue_pop(q, any, NULL));
	free_queue(q);
}

/* ---- every order ---- */

#define CALLS 8

struct history {
	struct store_queue *q;
	uint64_t given, next_id;
	uint64_t open[CALLS]; /* ids, 0 = free */
};

static void say_something(struct history *h, uint64_t *id)
{
	uint32_t length = 1 + (uint32_t)chance(300);

	if (*id == 0) {
		*id = ++h->next_id;
		begin(h->q, *id);
	} else if (chance(3) > 0) {
		append(h->q, *id, AQ_PART_ROWS, length);
		h->given += length;
	} else {
		store_queue_end(h->q, *id, 0);
		*id = 0;
	}
}

static void take_something(struct history *h)
{
	struct waiting_call *c;

	store_queue_take(h->q);
	c = chance(2) ? store_queue_pop(h->q, is_even, NULL) : store_queue_pop(h->q, any, NULL);
	if (c != NULL)
		waiting_call_free(h->q, c);
}

static void every_byte_is_counted_once(void **state)
{
	for (int round = 0; round < 50; round++) {
		struct history h = {.q = new_queue()};

		for (int step = 0; step < 2000; step++) {
			if (chance(4) > 0)
				say_something(&h, &h.open[chance(CALLS)]);
			else if (chance(2) > 0)
				take_something(&h);
			else
				store_queue_forget(h.q, chance(h.next_id + 2));
			assert_true(atomic_load(&h.q->taken) <= h.given);
		}
		for (uint64_t id = 1; id <= h.next_id; id++) {
			store_queue_take(h.q);
			store_queue_forget(h.q, id);
		}
		assert_int_equal(atomic_load(&h.q->taken), h.given);
		assert_null(h.q->open.first);
		assert_null(h.q->whole.first);
		free_queue(h.q);
	}
}

/* ---- room ---- */

static void fill(struct store_queue *q)
{
	while (store_queue_has_room(q, 0, AQ_STORE_CHUNK))
		append(q, 1, AQ_PART_ROWS, AQ_STORE_CHUNK);
}

static void room_is_told_once(void **state)
{
	struct store_queue *q = new_queue();

	begin(q, 1);
	fill(q);
	assert_false(store_queue_is_roomy(q));
	store_queue_want_room(q);
	assert_false(store_queue_has_come_free(q));
	store_queue_take(q);
	assert_true(store_queue_is_roomy(q));
	assert_true(store_queue_has_come_free(q));
	assert_false(store_queue_has_come_free(q));
	fill(q);
	store_queue_take(q);
	assert_false(store_queue_has_come_free(q)); /* nobody has asked */
	free_queue(q);
}

/* Also where the ring stands in its very middle. */
static void an_empty_queue_is_roomy(void **state)
{
	struct store_queue *q = new_queue();

	for (uint32_t at = 0; at < 2 * STORE_RING; at += STORE_RING / 128) {
		uint32_t head = 24; /* of a piece and of its message */

		assert_int_equal(atomic_load(&q->ring.tail), at);
		assert_true(store_queue_is_roomy(q));
		assert_true(store_queue_has_room(q, 0, AQ_STORE_CHUNK));
		append(q, 1, AQ_PART_ROWS, STORE_RING / 128 - head);
		store_queue_take(q);
	}
	free_queue(q);
}

/* Pieces that have been promised, and then one more: there is room for all of them, wherever they come to lie. */
static void promises_are_kept(void **state)
{
	struct store_queue *q = new_queue();

	for (int round = 0; round < 500; round++) {
		uint32_t lengths[64], count = (uint32_t)chance(64), last = 1 + (uint32_t)chance(AQ_STORE_CHUNK);
		uint64_t before = 0;

		for (uint64_t n = chance(62); n > 0; n--)
			append(q, 1, AQ_PART_ROWS, 1 + (uint32_t)chance(AQ_STORE_CHUNK));
		for (uint32_t i = 0; i < count; i++) {
			lengths[i] = 1 + (uint32_t)chance(chance(2) ? 100 : AQ_STORE_CHUNK);
			before += 64 + lengths[i]; /* as they are kept until then */
		}
		if (store_queue_has_room(q, before, last)) {
			for (uint32_t i = 0; i < count; i++)
				append(q, 1, AQ_PART_ROWS, lengths[i]);
			append(q, 1, AQ_PART_ROWS, last);
		}
		store_queue_take(q);
	}
	free_queue(q);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(interleaved_calls_are_put_together),
		cmocka_unit_test(the_first_that_is_wanted), cmocka_unit_test(what_is_given_up_is_gone),
		cmocka_unit_test(every_byte_is_counted_once), cmocka_unit_test(room_is_told_once),
		cmocka_unit_test(an_empty_queue_is_roomy), cmocka_unit_test(promises_are_kept)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
