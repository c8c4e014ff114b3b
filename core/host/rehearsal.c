/* rehearsal.c: the parent's side: what is collected on the loop, and the child that is run beside it. */
#include "host/rehearsal.h"

#include "base/check.h"
#include "base/err.h"
#include "flow/market.h"
#include "flow/record.h"
#include "host/child_wait.h"
#include "host/host.h"
#include "host/rehearsal_wire.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define BOOK_LEVELS 1000
#define RESERVE (1u << 19)
#define LOCATE_NS 20000000000ll /* longest time to find the line of a crash */

extern char **environ;

/* ---- collecting ---- */

static void *piece(struct rehearsal *r, uint32_t kind, uint32_t length)
{
	size_t total = sizeof(struct rehearsal_piece) + ((length + 7u) & ~7u);
	struct rehearsal_piece *head;

	while (r->size + total > r->capacity) {
		r->capacity = r->capacity == 0 ? 1u << 18 : 2 * r->capacity;
		r->bytes = realloc(r->bytes, r->capacity);
		CHECK(r->bytes != NULL);
	}
	head = (struct rehearsal_piece *)(void *)(r->bytes + r->size);
	memset(head, 0, sizeof(*head));
	*head = (struct rehearsal_piece){.kind = kind, .length = length};
	r->size += total;
	return head + 1;
}

static void put(struct rehearsal *r, uint32_t kind, const void *bytes, size_t length)
{
	memcpy(piece(r, kind, (uint32_t)length), bytes, length);
}

static void put_text(struct rehearsal *r, uint32_t kind, const char *text)
{
	put(r, kind, text, strlen(text) + 1);
}

static void put_origin(struct rehearsal *r, const char *file, int line)
{
	uint8_t *to = piece(r, PIECE_ORIGIN, (uint32_t)(8 + strlen(file) + 1));

	memset(to, 0, 8);
	memcpy(to, &line, sizeof(line));
	memcpy(to + 8, file, strlen(file) + 1);
}

static void collect_config(struct rehearsal *r, const struct config *c)
{
	for (int i = 0; i < c->count; i++) {
		const struct config_section *s = &c->sections[i];

		put_text(r, PIECE_SECTION_KIND, s->kind);
		put_text(r, PIECE_SECTION_NAME, s->name);
		put_origin(r, s->file, s->line);
		for (int k = 0; k < s->count; k++) {
			put_text(r, PIECE_KEY, s->entries[k].key);
			put_text(r, PIECE_VALUE, s->entries[k].value);
			put_origin(r, s->entries[k].file, s->entries[k].line);
		}
	}
}

static int collect_fact(void *context, enum fact_type type, const void *body, uint32_t length)
{
	struct rehearsal *r = context;
	uint8_t *to = piece(r, PIECE_FACT, length + 8);

	memset(to, 0, 8);
	memcpy(to, &(uint16_t){(uint16_t)type}, sizeof(uint16_t));
	memcpy(to + 8, body, length);
	return 0;
}

/* The best levels of a book as the snapshot record that rebuilds it. */
static void collect_book(struct rehearsal *r, const struct market *m)
{
	struct aq_level levels[2 * BOOK_LEVELS];
	uint32_t bids = book_copy(&m->book.bids, levels, BOOK_LEVELS);
	uint32_t asks = book_copy(&m->book.asks, levels + bids, BOOK_LEVELS);
	struct aq_book_update u = {.reaches = m->reaches, .bids = bids, .asks = asks, .snapshot = 1};
	size_t bytes = (bids + asks) * sizeof(*levels);
	struct aq_event e = {.size = (uint32_t)(sizeof(e) + sizeof(u) + bytes), .type = AQ_EV_BOOK_UPDATE,
		.instrument = m->instrument.id, .time_ns = m->top.arrival_ns, .venue_ns = m->top.venue_ns};
	uint8_t *to = piece(r, PIECE_RECORD, e.size);

	memcpy(to, &e, sizeof(e));
	memcpy(to + sizeof(e), &u, sizeof(u));
	memcpy(to + sizeof(e) + sizeof(u), levels, bytes);
}

static void collect_subscriptions(struct rehearsal *r, struct host *h, uint32_t instance)
{
	for (uint32_t id = 1; id < h->flow.market_capacity; id++) {
		struct rehearsal_subscription s = {.instrument = id, .mask = market_mask(&h->flow, instance, id)};

		if (s.mask == 0)
			continue;
		put(r, PIECE_SUBSCRIPTION, &s, sizeof(s));
		if ((s.mask & AQ_SUB_BOOK) != 0 && h->flow.markets[id]->has_book)
			collect_book(r, h->flow.markets[id]);
	}
}

static void collect_event(void *context, const struct aq_event *event)
{
	put(context, PIECE_EVENT, event, event->size);
}

static void collect_state(struct rehearsal *r, struct instance *running, uint32_t kind)
{
	struct blob blob;
	struct rehearsal_blob head;
	uint8_t *to;

	if (instance_save(running, &blob) != 0)
		return;
	head = (struct rehearsal_blob){.fills = blob.fills, .schema = blob.schema, .size = blob.size};
	to = piece(r, kind, (uint32_t)sizeof(head) + blob.size);
	memcpy(to, &head, sizeof(head));
	if (blob.size > 0)
		memcpy(to + sizeof(head), blob.bytes, blob.size);
	blob_free(&blob);
}

void rehearsal_collect(struct rehearsal *r, struct host *h, const struct config_section *section,
	struct instance *running, bool fresh)
{
	put(r, PIECE_OPTIONS, &h->options, sizeof(h->options));
	put(r, PIECE_NOW, &h->flow.now_ns, sizeof(h->flow.now_ns));
	collect_config(r, h->config);
	if (config_find(h->config, section->kind, section->name) != section) { /* a new version of it: the last one counts */
		const struct config one = {.sections = (struct config_section *)(uintptr_t)section, .count = 1};

		collect_config(r, &one);
	}
	record_snapshot(&h->flow, false, collect_fact, r);
	put_text(r, PIECE_TARGET_KIND, section->kind);
	put_text(r, PIECE_TARGET, section->name);
	if (running == NULL)
		return;
	collect_state(r, running, fresh ? PIECE_STATE_KEPT : PIECE_BLOB);
	collect_subscriptions(r, h, running->id);
	queue_history(&h->flow.out, running->id, REHEARSAL_EVENTS, collect_event, r);
}

void rehearsal_state(const struct rehearsal *r, struct blob *out)
{
	*out = (struct blob){0};
	for (size_t at = 0; at < r->size;) {
		const struct rehearsal_piece *piece = (const void *)(r->bytes + at);
		const struct rehearsal_blob *head = (const void *)(piece + 1);

		if (piece->kind == PIECE_BLOB || piece->kind == PIECE_STATE_KEPT)
			*out = (struct blob){.bytes = (uint8_t *)(uintptr_t)(head + 1), .size = head->size, .schema = head->schema,
				.fills = head->fills, .there = true};
		at += sizeof(*piece) + ((piece->length + 7u) & ~7u);
	}
}

void rehearsal_only_check(struct rehearsal *r)
{
	piece(r, PIECE_CHECK_ONLY, 0);
}

void rehearsal_reserve(struct rehearsal *r)
{
	r->capacity = RESERVE;
	r->bytes = malloc(r->capacity);
	CHECK(r->bytes != NULL);
	memset(r->bytes, 0, r->capacity);
}

void rehearsal_free(struct rehearsal *r)
{
	free(r->bytes);
	*r = (struct rehearsal){0};
}

/* ---- running ---- */

/* A file in memory with the pieces, for the child to map. */
static int pieces_file(const struct rehearsal *r)
{
	int fd = memfd_create("rehearsal", MFD_CLOEXEC);

	for (size_t at = 0; fd >= 0 && at < r->size;) {
		ssize_t put_in = write(fd, r->bytes + at, r->size - at);

		if (put_in <= 0) {
			close(fd);
			return -1;
		}
		at += (size_t)put_in;
	}
	return fd;
}

#define GIVEN_FD 3 /* of a child: the first descriptor that it is given; 2 is the pipe for its words */

static int spawn_child(char *const argv[], int words, const int *given, int count, pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	int rc;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, words, 2);
	for (int i = 0; i < count; i++)
		posix_spawn_file_actions_adddup2(&actions, given[i], GIVEN_FD + i);
	rc = posix_spawn(pid, "/proc/self/exe", &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	return rc;
}

/* Reads what the child says until it closes the pipe or time is up. Returns false when it was up. */
static bool listen_to(int fd, int64_t until_ns, char *text, size_t size)
{
	size_t used = 0;
	struct pollfd p = {.fd = fd, .events = POLLIN};

	for (;;) {
		int64_t left = until_ns - host_wall_ns();
		ssize_t got;

		text[used] = '\0';
		if (left <= 0)
			return false;
		if (poll(&p, 1, (int)(left / 1000000) + 1) <= 0) /* the clock may have been set back: read would wait for ever */
			continue;
		got = read(fd, text + used, size - 1 - used);
		if (got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN))
			return true;
		used += got > 0 ? (size_t)got : 0;
		if (used == size - 1) /* the rest does not matter */
			used = size / 2;
	}
}

struct answer {
	int status;
	bool in_time;
	char text[4096];
};

/* Returns an errno when there was no child. */
static int run_child(char *const argv[], const int *given, int count, int64_t timeout_ns, struct answer *a)
{
	int64_t until_ns = host_wall_ns() + timeout_ns;
	int words[2], rc;
	pid_t pid;

	if (pipe2(words, O_CLOEXEC) != 0)
		return errno;
	rc = spawn_child(argv, words[1], given, count, &pid);
	close(words[1]);
	if (rc == 0)
		a->in_time = listen_to(words[0], until_ns, a->text, sizeof(a->text)) && child_wait(pid, until_ns, NULL, &a->status);
	close(words[0]);
	if (rc == 0 && !a->in_time)
		child_kill(pid, false, &a->status);
	return rc;
}

/* The last line of what was said. */
static const char *last_line(char *text)
{
	char *end = text + strlen(text);

	while (end > text && end[-1] == '\n')
		*--end = '\0';
	end = strrchr(text, '\n');
	return end != NULL ? end + 1 : text;
}

/* False when nothing has crashed. Time for it is not the rehearsal's. */
static bool locate_crash(int crash, struct answer *a)
{
	char *argv[] = {(char *)(uintptr_t)"aioquantd", (char *)(uintptr_t)"--locate-crash",
		(char *)(uintptr_t)"/proc/self/fd/3", NULL};

	*a = (struct answer){0};
	return lseek(crash, 0, SEEK_END) > 0 && run_child(argv, &crash, 1, LOCATE_NS, a) == 0 && a->in_time && a->status == 0;
}

static int judge_child(struct answer *a, int crash, int64_t timeout_ns, struct aq_err *err)
{
	const char *text = last_line(a->text), *after = text[0] != '\0' ? ", after: " : "";
	struct answer located;

	if (!a->in_time)
		return err_set(err, AQ_EINVAL, "the rehearsal took more than %lld ms: it hangs or blocks",
			(long long)(timeout_ns / 1000000));
	if (a->status == 0)
		return AQ_OK;
	if (locate_crash(crash, &located))
		return err_set(err, AQ_EINVAL, "the rehearsal crashed: %.200s%s%.200s", last_line(located.text), after, text);
	if (WIFSIGNALED(a->status))
		return err_set(err, AQ_EINVAL, "the rehearsal crashed: %s%s%.200s", strsignal(WTERMSIG(a->status)), after, text);
	return err_set(err, AQ_EINVAL, "%.400s", text[0] != '\0' ? text : "the rehearsal failed without a word");
}

int rehearsal_run(const struct rehearsal *r, const char *path, const char *original, uint32_t kind, int64_t timeout_ns,
	struct aq_err *err)
{
	char number[12];
	char *argv[] = {(char *)(uintptr_t)"aioquantd", (char *)(uintptr_t)"--rehearse", number, (char *)(uintptr_t)path,
		(char *)(uintptr_t)original, NULL};
	int given[] = {pieces_file(r), memfd_create("crash", MFD_CLOEXEC)};
	struct answer a = {0};
	int rc;

	snprintf(number, sizeof(number), "%u", kind);
	rc = given[0] < 0 || given[1] < 0 ? errno : run_child(argv, given, 2, timeout_ns, &a);
	if (rc != 0)
		rc = err_set(err, AQ_ENOSYS, "the rehearsal cannot be started: %s", strerror(rc));
	else
		rc = judge_child(&a, given[1], timeout_ns, err);
	for (int i = 0; i < 2; i++)
		if (given[i] >= 0)
			close(given[i]);
	return rc;
}
