/* journal_retain.c: which segments may go: old enough, read by every reader, and replaced by one that is on the disk.
 * [helper thread] */
#include "flow/journal_impl.h"

#include <string.h>

/* The oldest segment, when its age is past; 0 = none. `end`: where it ends. */
static uint32_t find_aged(struct journal *j, uint64_t *end)
{
	int64_t now = atomic_load_explicit(&j->now_ns, memory_order_relaxed);
	uint32_t number = 0;
	int64_t age;

	pthread_mutex_lock(&j->lock);
	if (j->options.keep_ns > 0 && j->entry_count > 1 && !__builtin_sub_overflow(now, j->entries[1].time_ns, &age) &&
		age > j->options.keep_ns) {
		number = j->entries[0].number;
		*end = j->entries[1].previous;
	}
	pthread_mutex_unlock(&j->lock);
	return number;
}

/* Before anything older goes, what replaces it must survive a power cut, in either grade. */
static bool current_is_safe(struct journal *j)
{
	uint64_t end = atomic_load_explicit(&j->end, memory_order_acquire);
	struct jr_segment *s;

	pthread_mutex_lock(&j->lock);
	s = j->current;
	pthread_mutex_unlock(&j->lock);
	if (j->safe_number != s->number && end >> 32 == s->number &&
		j->files.sync(j->files.context, s->fd, s->base, (uint32_t)end) == 0)
		j->safe_number = s->number;
	return j->safe_number == s->number;
}

static bool delete_oldest(struct journal *j, uint32_t number)
{
	char path[JR_PATH];

	jr_path(j, number, path);
	if (j->files.unlink(j->files.context, path) != 0)
		return false;
	pthread_mutex_lock(&j->lock);
	memmove(j->entries, j->entries + 1, --j->entry_count * sizeof(*j->entries));
	pthread_mutex_unlock(&j->lock);
	return true;
}

void jr_retain(struct journal *j)
{
	uint64_t end = 0, needed;
	uint32_t number = find_aged(j, &end);
	bool deleted = false;

	if (number == 0 || !current_is_safe(j))
		return;
	needed = jr_readers_least(j);
	while (number != 0 && end <= needed && delete_oldest(j, number)) {
		deleted = true;
		number = find_aged(j, &end);
	}
	if (deleted)
		j->files.sync_folder(j->files.context, j->folder);
}
