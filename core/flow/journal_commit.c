/* journal_commit.c: grade disk. One thread syncs what has been appended since its last sync, so that all records that
 * come while the disk works share the next one. */
#include "flow/journal_impl.h"

#include "base/check.h"
#include "base/log.h"

#include <errno.h>
#include <string.h>

static struct jr_segment *find(struct journal *j, uint32_t number)
{
	struct jr_segment *s;

	pthread_mutex_lock(&j->lock);
	s = j->retired;
	while (s != NULL && s->number != number)
		s = s->next;
	if (s == NULL && j->current->number == number)
		s = j->current;
	pthread_mutex_unlock(&j->lock);
	return s;
}

static void announce(struct journal *j)
{
	__atomic_add_fetch(&j->durable_word, 1, __ATOMIC_RELEASE);
	if (j->files.wake != NULL)
		j->files.wake(j->files.context, &j->durable_word);
	if (j->options.on_durable != NULL)
		j->options.on_durable(j->options.on_durable_context);
}

/* After a failed sync the kernel may call pages clean that never reached the disk, so a second try proves nothing. */
static bool fail(struct journal *j)
{
	log_line(AQ_LOG_ERROR, "journal", "%s: cannot be synced: %s; nothing more is reported durable", j->folder,
		strerror(errno));
	atomic_store(&j->failed, true);
	announce(j);
	return false;
}

bool jr_commit(struct journal *j)
{
	uint64_t end = atomic_load_explicit(&j->end, memory_order_acquire);
	uint64_t from = atomic_load_explicit(&j->durable, memory_order_relaxed);
	struct jr_segment *s;
	size_t begin, to;
	bool last;

	if (!j->disk || from == end || atomic_load(&j->failed))
		return false;
	s = find(j, (uint32_t)(from >> 32));
	CHECK(s != NULL);
	last = s->number == end >> 32;
	to = last ? (uint32_t)end : s->end;
	begin = (uint32_t)from / JR_PAGE * JR_PAGE;
	if (to > begin && j->files.sync(j->files.context, s->fd, s->base + begin, to - begin) != 0)
		return fail(j);
	/* Only after the sync: from then on the helper may unmap it. */
	atomic_store_explicit(&j->durable, last ? end : (uint64_t)(s->number + 1) << 32, memory_order_release);
	announce(j);
	return true;
}

void jr_commit_kick(struct journal *j)
{
	/* Orders the new end before the look at the sleeper, who does it the other way round. */
	atomic_thread_fence(memory_order_seq_cst);
	if (!j->have_committer || !atomic_load_explicit(&j->committer_sleeps, memory_order_relaxed))
		return;
	__atomic_add_fetch(&j->commit_word, 1, __ATOMIC_RELEASE);
	j->files.wake(j->files.context, &j->commit_word);
}

static bool has_work(struct journal *j)
{
	return atomic_load(&j->stop_committer) ||
	       (!atomic_load(&j->failed) && atomic_load(&j->durable) != atomic_load(&j->end));
}

int jr_sync_all(struct journal *j, struct jr_segment *s)
{
	const struct journal_files *f = &j->files;

	if (j->disk && f->touch != NULL)
		f->touch(f->context, s->base, s->mapped);
	return f->sync(f->context, s->fd, s->base, s->mapped);
}

void *jr_committer(void *journal)
{
	struct journal *j = journal;

	while (!atomic_load(&j->stop_committer)) {
		uint32_t word = __atomic_load_n(&j->commit_word, __ATOMIC_ACQUIRE);

		if (jr_commit(j))
			continue;
		atomic_store(&j->committer_sleeps, true);
		atomic_thread_fence(memory_order_seq_cst);
		if (!has_work(j))
			j->files.wait(j->files.context, &j->commit_word, word, -1);
		atomic_store(&j->committer_sleeps, false);
	}
	return NULL;
}

static void await(struct journal *j, uint64_t position)
{
	uint32_t word = __atomic_load_n(&j->durable_word, __ATOMIC_ACQUIRE);

	if (journal_durable(j) < position && !atomic_load(&j->failed))
		j->files.wait(j->files.context, &j->durable_word, word, -1);
}

int journal_sync(struct journal *j, uint64_t position)
{
	if (position > journal_end(j))
		return AQ_EINVAL;
	while (journal_durable(j) < position && !atomic_load(&j->failed)) {
		if (j->have_committer)
			await(j, position);
		else
			jr_commit(j);
	}
	return journal_durable(j) < position ? AQ_ESTATE : AQ_OK;
}
