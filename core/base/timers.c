/* timers.c: a binary heap; removal by search, since timers are few and rarely taken away. */
#include "base/timers.h"

#include "base/check.h"

#include <stdlib.h>

void timers_init(struct timers *t, uint32_t capacity)
{
	*t = (struct timers){.capacity = capacity};
	t->heap = calloc(capacity, sizeof(*t->heap));
	CHECK(t->heap != NULL);
}

void timers_finish(struct timers *t)
{
	free(t->heap);
	t->heap = NULL;
}

static int earlier(const struct timer *a, const struct timer *b)
{
	return a->at_ns != b->at_ns ? a->at_ns < b->at_ns : a->id < b->id;
}

static void up(struct timers *t, uint32_t at)
{
	struct timer moving = t->heap[at];

	for (; at > 0 && earlier(&moving, &t->heap[(at - 1) / 2]); at = (at - 1) / 2)
		t->heap[at] = t->heap[(at - 1) / 2];
	t->heap[at] = moving;
}

static void down(struct timers *t, uint32_t at)
{
	struct timer moving = t->heap[at];
	uint32_t child;

	for (; (child = 2 * at + 1) < t->count; at = child) {
		if (child + 1 < t->count && earlier(&t->heap[child + 1], &t->heap[child]))
			child++;
		if (!earlier(&t->heap[child], &moving))
			break;
		t->heap[at] = t->heap[child];
	}
	t->heap[at] = moving;
}

int64_t timers_next_id(struct timers *t)
{
	return ++t->last_id;
}

void timers_add(struct timers *t, const struct timer *timer)
{
	if (t->count == t->capacity) {
		t->capacity *= 2;
		t->heap = realloc(t->heap, t->capacity * sizeof(*t->heap));
		CHECK(t->heap != NULL);
	}
	t->heap[t->count++] = *timer;
	up(t, t->count - 1);
}

int64_t timers_first_id(const struct timers *t)
{
	return t->count > 0 ? t->heap[0].id : 0;
}

int64_t timers_due_ns(const struct timers *t)
{
	return t->count > 0 ? t->heap[0].at_ns : INT64_MAX;
}

static void remove_at(struct timers *t, uint32_t at)
{
	t->heap[at] = t->heap[--t->count];
	if (at == t->count)
		return;
	down(t, at);
	up(t, at);
}

/* The first whole period past `now_ns`; INT64_MAX = never. */
static int64_t next_at(const struct timer *t, int64_t now_ns)
{
	uint64_t late = (uint64_t)now_ns - (uint64_t)t->at_ns; /* unsigned: a plugin may set any moment */
	int64_t next;

	if (__builtin_add_overflow(now_ns - (int64_t)(late % (uint64_t)t->period_ns), t->period_ns, &next))
		return INT64_MAX;
	return next;
}

static int take_at(struct timers *t, uint32_t at, int64_t now_ns, struct timer *out)
{
	struct timer *timer = &t->heap[at];

	if (at >= t->count || timer->at_ns > now_ns)
		return 0;
	*out = *timer;
	if (timer->period_ns == 0) {
		remove_at(t, at);
		return 1;
	}
	timer->at_ns = next_at(timer, now_ns);
	down(t, at);
	return 1;
}

int timers_take(struct timers *t, int64_t now_ns, struct timer *out)
{
	return take_at(t, 0, now_ns, out);
}

int timers_take_of(struct timers *t, uint32_t owner, int64_t now_ns, struct timer *out)
{
	uint32_t first = t->count;

	for (uint32_t i = 0; i < t->count; i++)
		if (t->heap[i].owner == owner && (first == t->count || earlier(&t->heap[i], &t->heap[first])))
			first = i;
	return take_at(t, first, now_ns, out);
}

int timers_remove(struct timers *t, uint32_t owner, int64_t id)
{
	for (uint32_t i = 0; i < t->count; i++) {
		if (t->heap[i].id != id || t->heap[i].owner != owner)
			continue;
		remove_at(t, i);
		return 0;
	}
	return -1;
}

void timers_remove_owner(struct timers *t, uint32_t owner)
{
	for (uint32_t i = t->count; i > 0; i--)
		if (t->heap[i - 1].owner == owner)
			remove_at(t, i - 1);
}
