/* journal_append.c: what the trading loop calls between two events. Append copies, sums, publishes; in grade page it
 * makes no system call. */
#include "flow/journal_impl.h"

#include <string.h>

static bool fits(const struct journal *j, size_t length)
{
	return length <= j->limit && jr_round(JR_HEAD + length) <= j->limit - j->at;
}

static void publish(struct journal *j, int64_t time_ns)
{
	j->full = false;
	j->cramped = false;
	if (time_ns > j->latest_ns) {
		j->latest_ns = time_ns;
		atomic_store_explicit(&j->now_ns, time_ns, memory_order_relaxed);
	}
	atomic_store_explicit(&j->end, j->number | j->at, memory_order_release);
	if (j->disk)
		jr_commit_kick(j);
}

static void write_record(struct journal *j, const struct jr_head *head, const void *body, size_t length,
	const void *more, size_t more_length)
{
	uint8_t *p = j->base + j->at;
	size_t room = jr_round(head->size);
	uint64_t word;

	memcpy(p + 8, &head->time_ns, JR_HEAD - 8);
	if (length > 0)
		memcpy(p + JR_HEAD, body, length);
	if (more_length > 0)
		memcpy(p + JR_HEAD + length, more, more_length);
	word = (uint64_t)head->size << 32 | j->crc(j->seed, head->size, p + 8, room / 8 - 1);
	/* Last, so that a kill before it leaves no record and after it a whole one. */
	__atomic_store_n((uint64_t *)(void *)p, word, __ATOMIC_RELEASE);
	j->at += room;
}

int jr_append(struct journal *j, uint16_t type, uint16_t version, int64_t time_ns, const void *body, size_t length,
	const void *more, size_t more_length, uint64_t *position)
{
	struct jr_head head = {.time_ns = time_ns, .type = type, .version = version};

	if (more_length > j->limit || length > j->limit || !fits(j, length + more_length)) {
		*(j->snapshot ? &j->overflow : &j->full) = true;
		return AQ_ESPACE;
	}
	head.size = (uint32_t)(JR_HEAD + length + more_length);
	head.mark = (uint32_t)(j->at / 8) | j->snapshot;
	if (position != NULL)
		*position = j->number | j->at;
	write_record(j, &head, body, length, more, more_length);
	/* A snapshot counts as a whole, when rotate_end publishes it. */
	if (!j->snapshot)
		publish(j, time_ns);
	return AQ_OK;
}

int journal_append(struct journal *j, uint16_t type, uint16_t version, int64_t time_ns, const void *body, size_t length,
	const void *more, size_t more_length, uint64_t *position)
{
	if (type == 0 || type >= JR_OWN)
		return AQ_EINVAL;
	if (j->options.read_only)
		return AQ_ESTATE;
	return jr_append(j, type, version, time_ns, body, length, more, more_length, position);
}

bool journal_wants_rotation(const struct journal *j, size_t next)
{
	return !fits(j, next);
}

static struct jr_segment *take_next(struct journal *j)
{
	struct jr_segment *s;

	pthread_mutex_lock(&j->lock);
	s = j->next;
	j->next = NULL;
	j->fresh = s;
	pthread_mutex_unlock(&j->lock);
	return s;
}

int journal_rotate_begin(struct journal *j, int64_t time_ns)
{
	struct jr_segment *s;

	if (j->options.read_only || j->fresh != NULL)
		return AQ_ESTATE;
	s = take_next(j);
	if (s == NULL) { /* a whole segment was filled before the next was made, or the disk is full: ask once more */
		jr_helper_round(j);
		s = take_next(j);
	}
	if (s == NULL) {
		j->full = true;
		return AQ_ESPACE;
	}
	j->current->end = j->at;
	j->overflow = false;
	jr_header_write(s, j->options.segment_size, time_ns, j->number | j->at);
	jr_aim(j, s, JR_HEADER, JR_SNAPSHOT);
	return AQ_OK;
}

/* Back to the segment before; the helper wipes the half-made one and makes it the next again. */
static int give_up(struct journal *j)
{
	jr_aim(j, j->current, j->current->end, 0);
	j->full = true;
	j->cramped = true;
	pthread_mutex_lock(&j->lock);
	j->soiled = j->fresh;
	j->fresh = NULL;
	pthread_mutex_unlock(&j->lock);
	jr_helper_kick(j);
	return AQ_ESPACE;
}

static void retire(struct journal *j, struct jr_segment *s)
{
	struct jr_segment **last = &j->retired;

	while (*last != NULL)
		last = &(*last)->next;
	s->next = NULL;
	*last = s;
}

static void put_in_force(struct journal *j)
{
	pthread_mutex_lock(&j->lock);
	retire(j, j->current);
	j->current = j->fresh;
	j->fresh = NULL;
	/* The helper made room for it when it made the segment. */
	j->entries[j->entry_count++] = (struct jr_entry){
		.number = j->current->number, .time_ns = j->current->time_ns, .previous = j->current->previous};
	pthread_mutex_unlock(&j->lock);
}

int journal_rotate_end(struct journal *j, int64_t time_ns)
{
	if (j->fresh == NULL)
		return AQ_ESTATE;
	if (j->overflow)
		return give_up(j);
	j->limit = j->fresh->limit;
	jr_append(j, JR_END, 0, time_ns, NULL, 0, NULL, 0, NULL);
	j->snapshot = 0;
	put_in_force(j);
	publish(j, time_ns);
	jr_helper_kick(j);
	return AQ_OK;
}
