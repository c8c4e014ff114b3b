/* journal_helper.c: the thread that keeps files and pages ready, so that append meets neither a system call nor a page
 * that is not there. It runs in rounds, a few times in a tenth of a second, and at once when kicked. */
#include "flow/journal_impl.h"

#include "base/log.h"
#include "base/thread.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#define PERIOD_NS 20000000
/* The kernel makes a page read-only again each time it has written it out: these are made writable each round. */
#define NEAR (256u << 10)
/* Made present once: what the loop can append in the time that one round may take. */
#define WINDOW (8u << 20)
/* Rounds between two tries to get a segment from a full disk, unless the loop asks for one. */
#define PATIENCE 50

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static void touch_range(struct journal *j, struct jr_segment *s, size_t from, size_t to)
{
	from = from / JR_PAGE * JR_PAGE;
	if (j->files.touch != NULL && from < to)
		j->files.touch(j->files.context, s->base + from, to - from);
}

static void touch_ahead(struct journal *j)
{
	uint64_t end = atomic_load_explicit(&j->end, memory_order_acquire);
	struct jr_segment *s;
	size_t at, done, ahead;

	pthread_mutex_lock(&j->lock);
	s = j->fresh != NULL ? j->fresh : j->current;
	pthread_mutex_unlock(&j->lock);
	at = end >> 32 == s->number ? (uint32_t)end : 0;
	done = j->touched >> 32 == s->number ? (uint32_t)j->touched : 0;
	ahead = least(at + WINDOW, s->mapped);
	touch_range(j, s, at, least(at + NEAR, s->mapped));
	touch_range(j, s, done > at ? done : at, ahead);
	j->touched = (uint64_t)s->number << 32 | ahead;
}

/* Makes the file ready for use: all zero, on the disk, its first pages present. */
static int make_ready(struct journal *j, struct jr_segment *s)
{
	const struct journal_files *f = &j->files;

	if (!s->fresh)
		jr_wipe(s, 0);
	if (jr_sync_all(j, s) != 0 || f->sync_folder(f->context, j->folder) != 0)
		return -1;
	touch_range(j, s, 0, least(WINDOW, s->mapped));
	return 0;
}

static void offer(struct journal *j, struct jr_segment *s)
{
	pthread_mutex_lock(&j->lock);
	j->next = s;
	j->soiled = NULL;
	pthread_mutex_unlock(&j->lock);
	atomic_store(&j->stranded, false);
}

static void strand(struct journal *j, uint32_t number)
{
	char path[JR_PATH];

	jr_path(j, number, path);
	if (!atomic_exchange(&j->stranded, true))
		log_line(AQ_LOG_ERROR, "journal", "%s: cannot be made: %s", path, strerror(errno));
}

/* A part of a segment is of no use, and takes space that something else may free itself with. */
static void drop_part(struct journal *j, uint32_t number)
{
	char path[JR_PATH];
	int reason = errno;

	jr_path(j, number, path);
	if (reason == ENOSPC || reason == EDQUOT)
		j->files.unlink(j->files.context, path);
	errno = reason;
}

static void make_next(struct journal *j, uint32_t number)
{
	struct jr_segment *s = jr_segment_open(j, number, O_RDWR | O_CREAT, j->options.segment_size);

	if (s == NULL) {
		drop_part(j, number);
		strand(j, number);
	} else if (make_ready(j, s) != 0) {
		strand(j, number);
		jr_segment_close(j, s);
	} else {
		offer(j, s);
	}
}

static void prepare(struct journal *j)
{
	struct jr_segment *soiled;
	uint32_t number;
	bool wanted;

	if (atomic_load(&j->stranded) && !atomic_exchange(&j->urgent, false) && ++j->patience % PATIENCE != 0)
		return;
	pthread_mutex_lock(&j->lock);
	soiled = j->soiled;
	number = j->current->number + 1;
	wanted = j->next == NULL && j->fresh == NULL && jr_entries_reserve(j, j->entry_count + 1);
	pthread_mutex_unlock(&j->lock);
	if (!wanted)
		return;
	if (soiled == NULL)
		make_next(j, number);
	else if (soiled->fresh = false, make_ready(j, soiled) == 0)
		offer(j, soiled);
	else
		strand(j, number);
}

/* The oldest segment that is no longer appended to, once nobody syncs it any more. */
static struct jr_segment *take_retired(struct journal *j)
{
	uint64_t durable = atomic_load_explicit(&j->durable, memory_order_acquire);
	struct jr_segment *s;

	pthread_mutex_lock(&j->lock);
	s = j->retired;
	if (s != NULL && j->disk && !atomic_load(&j->failed) && durable >> 32 <= s->number)
		s = NULL;
	if (s != NULL)
		j->retired = s->next;
	pthread_mutex_unlock(&j->lock);
	return s;
}

static void close_retired(struct journal *j)
{
	struct jr_segment *s;

	while ((s = take_retired(j)) != NULL) {
		if (!j->disk)
			j->files.sync(j->files.context, s->fd, s->base, s->end);
		jr_segment_close(j, s);
	}
}

static void measure(struct journal *j)
{
	int64_t bytes = j->options.min_free > 0 ? j->files.free_bytes(j->files.context, j->folder) : -1;

	atomic_store(&j->low, bytes >= 0 && bytes < j->options.min_free);
}

void jr_helper_pass(struct journal *j)
{
	touch_ahead(j);
	prepare(j);
	close_retired(j);
	jr_readers_flush(j);
	jr_retain(j);
	measure(j);
}

static void *help(void *journal)
{
	struct journal *j = journal;
	bool last;

	do {
		uint32_t word = __atomic_load_n(&j->helper_word, __ATOMIC_ACQUIRE);

		last = atomic_load(&j->stop_helper);
		jr_helper_pass(j);
		__atomic_add_fetch(&j->passes, 1, __ATOMIC_RELEASE);
		j->files.wake(j->files.context, &j->passes);
		if (!last)
			j->files.wait(j->files.context, &j->helper_word, word, PERIOD_NS);
	} while (!last);
	return NULL;
}

void jr_helper_kick(struct journal *j)
{
	if (!j->have_helper) {
		if (j->started)
			jr_helper_pass(j);
		return;
	}
	__atomic_add_fetch(&j->helper_word, 1, __ATOMIC_RELEASE);
	j->files.wake(j->files.context, &j->helper_word);
}

void jr_helper_round(struct journal *j)
{
	uint32_t begin = __atomic_load_n(&j->passes, __ATOMIC_ACQUIRE);
	uint32_t seen = begin;

	atomic_store(&j->urgent, true);
	jr_helper_kick(j);
	/* The first that ends may have begun before. */
	while (j->have_helper && (seen = __atomic_load_n(&j->passes, __ATOMIC_ACQUIRE)) - begin < 2) {
		j->files.wait(j->files.context, &j->passes, seen, -1);
		jr_helper_kick(j);
	}
}

int jr_helpers_start(struct journal *j)
{
	j->started = true;
	touch_ahead(j);
	if (j->files.wait == NULL) {
		jr_helper_pass(j);
		return 0;
	}
	j->have_helper = thread_start(&j->helper, help, j) == 0;
	j->have_committer = j->disk && thread_start(&j->committer, jr_committer, j) == 0;
	return j->have_helper && j->have_committer == j->disk ? 0 : -1;
}

void jr_helpers_stop(struct journal *j)
{
	atomic_store(&j->stop_committer, true);
	if (j->have_committer) {
		jr_commit_kick(j);
		pthread_join(j->committer, NULL);
	}
	while (j->started && jr_commit(j))
		;
	atomic_store(&j->stop_helper, true);
	jr_helper_kick(j);
	if (j->have_helper)
		pthread_join(j->helper, NULL);
}
