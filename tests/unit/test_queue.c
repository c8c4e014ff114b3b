/* test_queue.c: the ring of events against a list that never forgets: order, bytes, growth, and the history of what has
 * been taken. */
#include "flow/queue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SMALLEST (2 * AQ_EVENT_MAX)
#define PUSHES 60000

struct entry {
	uint32_t instance, size;
	uint8_t byte; /* all of the body */
};

struct model {
	struct entry *entries; /* all that were ever pushed */
	uint32_t pushed, taken;
	uint32_t forgotten; /* history before this was lost when the ring grew */
	uint64_t random;
};

static uint32_t below(struct model *m, uint32_t limit)
{
	m->random = m->random * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(m->random >> 33) % limit;
}

static void push(struct queue *q, struct model *m, uint32_t most)
{
	uint64_t capacity = q->capacity;
	uint32_t body = below(m, most / 8 + 1) * 8;
	struct entry e = {.instance = below(m, 3),
		.size = (uint32_t)sizeof(struct aq_event) + body,
		.byte = (uint8_t)below(m, 256)};
	struct aq_event *event;

	if (e.size > AQ_EVENT_MAX)
		e.size = AQ_EVENT_MAX;
	event = queue_push(q, e.instance, e.size);
	memset(event, 0, sizeof(*event));
	event->size = e.size;
	event->seq = m->pushed;
	memset(event + 1, e.byte, e.size - sizeof(*event));
	m->entries[m->pushed++] = e;
	if (q->capacity != capacity)
		m->forgotten = m->taken;
}

static void check_event(const struct model *m, uint32_t at, uint32_t instance, const struct aq_event *event)
{
	const struct entry *e = &m->entries[at];
	const uint8_t *body = (const uint8_t *)(event + 1);

	assert_int_equal(event->seq, at);
	assert_int_equal(event->size, e->size);
	assert_int_equal(instance, e->instance);
	assert_int_equal((uintptr_t)event % 8, 0);
	for (uint32_t i = 0; i < e->size - sizeof(*event); i++)
		if (body[i] != e->byte)
			fail_msg("byte %u of event %u", i, at);
}

static void take(struct queue *q, struct model *m)
{
	uint32_t instance = 99;
	const struct aq_event *event = queue_peek(q, &instance);

	assert_int_equal(event == NULL, m->taken == m->pushed);
	assert_int_equal(queue_empty(q), event == NULL);
	if (event == NULL)
		return;
	check_event(m, m->taken, instance, event);
	queue_drop(q);
	m->taken++;
}

struct history {
	const struct model *model;
	uint32_t instance, count;
	uint32_t seqs[64];
};

static void remember(void *context, const struct aq_event *event)
{
	struct history *h = context;

	assert_true(h->count < 64);
	check_event(h->model, (uint32_t)event->seq, h->instance, event);
	h->seqs[h->count++] = (uint32_t)event->seq;
}

/* The last ones of an instance that were taken, oldest first, without a hole up to the last; never one that growth has
 * thrown away, and all of those within reach: of the ring and of the marks, less what two turns of the ring can leave
 * unused and what stands before a mark. */
static void check_history(struct queue *q, struct model *m)
{
	uint64_t marked = (uint64_t)QUEUE_MARKS << QUEUE_BLOCK, reach = q->capacity < marked ? q->capacity : marked;
	uint32_t most = below(m, 20), at = m->taken;
	struct history h = {.model = m, .instance = below(m, 3)};
	uint64_t bytes = 4 * AQ_EVENT_MAX;

	queue_history(q, h.instance, most, remember, &h);
	assert_true(h.count <= most);
	for (uint32_t i = h.count; i > 0; i--) {
		do
			assert_true(at-- > 0);
		while (m->entries[at].instance != h.instance);
		assert_int_equal(h.seqs[i - 1], at);
		assert_true(at >= m->forgotten);
	}
	for (uint32_t i = at; i < m->pushed; i++)
		bytes += m->entries[i].size + sizeof(struct queue_entry);
	/* what is missing must be out of reach */
	for (; h.count < most && at > m->forgotten && bytes <= reach; at--) {
		bytes += m->entries[at - 1].size + sizeof(struct queue_entry);
		assert_true(m->entries[at - 1].instance != h.instance || bytes > reach);
	}
}

static void run(uint64_t seed, uint64_t capacity, uint32_t most, uint32_t longest, bool check)
{
	struct model m = {.random = seed};
	struct queue q;

	queue_init(&q, capacity);
	m.entries = calloc(PUSHES, sizeof(*m.entries));
	assert_non_null(m.entries);
	while (m.pushed < PUSHES) {
		if (m.pushed - m.taken < longest && below(&m, 2) == 0)
			push(&q, &m, below(&m, 50) == 0 ? AQ_EVENT_MAX : most);
		else
			take(&q, &m);
		if (check && below(&m, 16) == 0)
			check_history(&q, &m);
	}
	while (m.taken < m.pushed)
		take(&q, &m);
	take(&q, &m);
	assert_int_equal(queue_bytes(&q), 0);
	free(m.entries);
	queue_finish(&q);
}

static void test_short(void **unused)
{
	run(1, SMALLEST, 200, 3, true);
	run(2, 8 * SMALLEST, 0, 1, true);
	run(6, 8 * SMALLEST, 3000, 3, true);
}

static void test_long(void **unused)
{
	run(3, 8 * SMALLEST, 400, 60, true);
	run(4, SMALLEST, 400, 60, true);
	run(5, SMALLEST, 100, 5000, false); /* grows */
}

/* All that waits survives growth, wherever the ring stood when it was full. */
static void test_growth(void **unused)
{
	for (uint32_t start = 0; start < 40; start++) {
		struct model m = {.random = start + 7};
		struct queue q;

		m.entries = calloc(4000, sizeof(*m.entries));
		assert_non_null(m.entries);
		queue_init(&q, SMALLEST);
		for (uint32_t i = 0; i < start * 13; i++) {
			push(&q, &m, 500);
			take(&q, &m);
		}
		while (q.capacity < 8 * SMALLEST)
			push(&q, &m, 3000);
		assert_true(m.pushed - m.taken > 100);
		while (m.taken < m.pushed)
			take(&q, &m);
		free(m.entries);
		queue_finish(&q);
	}
}

/* The largest events, so that a ring of the smallest size is full or wraps with each. */
static void test_largest(void **unused)
{
	struct model m = {.random = 5};
	struct queue q;

	m.entries = calloc(2000, sizeof(*m.entries));
	assert_non_null(m.entries);
	queue_init(&q, SMALLEST);
	for (int i = 0; i < 500; i++) {
		push(&q, &m, i % 3 == 0 ? 8 : AQ_EVENT_MAX);
		if (i % 5 != 0)
			take(&q, &m);
		check_history(&q, &m);
	}
	while (m.taken < m.pushed)
		take(&q, &m);
	free(m.entries);
	queue_finish(&q);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_short), cmocka_unit_test(test_long),
		cmocka_unit_test(test_growth), cmocka_unit_test(test_largest)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
