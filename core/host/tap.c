/* tap.c: see tap.h. */
#include "host/tap.h"

#include "base/check.h"
#include "base/err.h"
#include "base/log.h"
#include "host/host.h"
#include "host/journal_files.h"
#include "host/section.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define PASS_MAX 64 /* facts that a step passes over before it lets others do their work */
#define READER_NAME 48

struct tap {
	uint32_t owner; /* 0 = free */
	struct tap_terms *terms; /* of orders, of who reads them */
	uint32_t kinds; /* of the journal: bits 1u << enum aq_journal_kind */
	uint64_t tag;
	uint32_t wanted;
	bool stale;     /* opened by the code before */
	uint64_t since; /* what was told before this event of its owner was told of an opening before */
	char name[16];
	char reader[READER_NAME]; /* of the journal */
	uint64_t position;        /* of the journal: where to read on */
	uint64_t told, done;      /* of the journal: behind what was told, and behind what of it was acknowledged */
	struct spool *spool;      /* NULL = of the journal */
	int64_t limit;
	char folder[256];
};

struct taps {
	struct tap list[TAPS_MAX];
	uint32_t count; /* none at or behind it is used */
	uint32_t turn;  /* whose turn it is */
};

/* ---- opening ---- */

int32_t tap_check_name(const char *name)
{
	size_t length = strlen(name);

	return length > 0 && length < 16 && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == length ? AQ_OK
													    : AQ_EINVAL;
}

int32_t tap_check_spool(const struct aq_spool *what)
{
	if (what->size != sizeof(*what) || what->reserved != 0 || what->limit < SPOOL_LIMIT_MIN)
		return AQ_EINVAL;
	if (memchr(what->name, '\0', sizeof(what->name)) == NULL ||
		memchr(what->folder, '\0', sizeof(what->folder)) == NULL)
		return AQ_EINVAL;
	return tap_check_name(what->name);
}

static struct tap *find(struct host *h, uint32_t owner, uint64_t tag)
{
	for (uint32_t i = 0; h->taps != NULL && i < h->taps->count; i++)
		if (h->taps->list[i].owner == owner && h->taps->list[i].tag == tag && !h->taps->list[i].stale)
			return &h->taps->list[i];
	return NULL;
}

static struct tap *find_named(struct host *h, uint32_t owner, const char *name, bool is_spool)
{
	for (uint32_t i = 0; i < h->taps->count; i++) {
		struct tap *t = &h->taps->list[i];

		if (t->owner == owner && (t->spool != NULL) == is_spool && strcmp(t->name, name) == 0)
			return t;
	}
	return NULL;
}

static struct tap *find_or_add(struct host *h, uint32_t owner, const char *name, bool is_spool)
{
	struct tap *t;
	uint32_t i = 0;

	if (h->taps == NULL)
		h->taps = calloc(1, sizeof(*h->taps));
	CHECK(h->taps != NULL);
	t = find_named(h, owner, name, is_spool);
	if (t != NULL)
		return t;
	while (i < h->taps->count && h->taps->list[i].owner != 0)
		i++;
	if (i == TAPS_MAX)
		return NULL;
	h->taps->count = i == h->taps->count ? i + 1 : h->taps->count;
	h->taps->list[i] = (struct tap){0};
	snprintf(h->taps->list[i].name, sizeof(h->taps->list[i].name), "%s", name);
	return &h->taps->list[i];
}

/* The journal's names have few letters: what has others gets a number that tells it apart. */
static void name_reader(const char *instance, const char *name, char out[READER_NAME])
{
	uint32_t mark = 0;
	size_t used = 0;

	for (; *instance != '\0' && used < 15; instance++, used++) {
		bool plain = (*instance >= 'a' && *instance <= 'z') || (*instance >= '0' && *instance <= '9') ||
			     *instance == '-';

		out[used] = plain ? *instance : '_';
		mark = plain ? mark : mark * 31 + (uint8_t)*instance;
	}
	for (; *instance != '\0'; instance++)
		mark = mark * 31 + (uint8_t)*instance;
	if (mark != 0)
		used += (size_t)snprintf(out + used, READER_NAME - used, "_%08x", mark);
	snprintf(out + used, READER_NAME - used, "-%s", name);
}

static void begin(const struct host *h, const struct instance *i, struct tap *t, uint64_t tag)
{
	t->owner = i->id;
	t->tag = tag;
	t->wanted = 0;
	t->stale = false;
	t->since = h->flow.instances[i->id].seq;
}

bool taps_are_old(struct host *h, uint32_t owner, const struct aq_event *event)
{
	const struct tap *t;

	if (event->type != AQ_EV_JOURNAL && event->type != AQ_EV_SPOOL)
		return false;
	t = find(h, owner, event->tag);
	return t == NULL || event->seq <= t->since;
}

int32_t tap_open_journal(struct host *h, struct instance *i, const char *name, uint32_t kinds, uint64_t tag)
{
	struct tap *t = find_or_add(h, i->id, name, false);

	if (t == NULL)
		return AQ_EAGAIN;
	begin(h, i, t, tag);
	t->kinds = kinds;
	if (t->terms == NULL && (kinds & 1u << AQ_JOURNAL_ORDER) != 0)
		t->terms = tap_terms_new();
	if (h->flow.journal == NULL)
		return AQ_OK;
	name_reader(i->name, t->name, t->reader);
	t->position = t->told = t->done = journal_reader_position(h->flow.journal, t->reader);
	/* from now on it holds segments back */
	return journal_reader_acknowledge(h->flow.journal, t->reader, t->position) == 0 ? AQ_OK : AQ_EAGAIN;
}

/* Relative to the file in which the section stands. */
static bool spool_folder(
	const struct host *h, const struct instance *i, const struct aq_spool *what, char *out, size_t size)
{
	struct config_entry entry = {.key = "spool", .value = what->folder, .file = i->section->file};
	char folder[300];

	if (what->folder[0] == '\0')
		snprintf(folder, sizeof(folder), "%s/spool", h->options.state_dir);
	else if (!config_path(&entry, what->folder, folder, sizeof(folder)))
		return false;
	mkdir(folder, 0700); /* what cannot be made is told when the spool in it cannot */
	return (size_t)snprintf(out, size, "%s/%s-%s", folder, i->name, what->name) < size;
}

/* One that changes its folder takes along what waits. */
static int open_spool(
	struct host *h, const struct instance *i, struct tap *t, const struct aq_spool *what, struct aq_err *err)
{
	struct spool *before = t->spool;
	bool moves = before != NULL && strcmp(t->folder, what->folder) != 0;
	char folder[512];
	int rc;

	if (before != NULL && !moves && t->limit == what->limit)
		return AQ_OK;
	t->spool = NULL;
	if (!moves) /* its lock */
		spool_close(before);
	if (!spool_folder(h, i, what, folder, sizeof(folder)))
		rc = err_set(err, AQ_EINVAL, "spool: the folder's name is too long: %.80s ...", what->folder);
	else
		rc = spool_open(&t->spool, folder, what->limit, journal_files_system(), err);
	if (!moves)
		return rc;
	if (rc == AQ_OK && !spool_continue(t->spool, before))
		log_line(AQ_LOG_ERROR, i->name,
			"%s: records of its own wait there: what waits in the folder before stays in it", folder);
	spool_close(before);
	return rc;
}

int32_t tap_open_spool(struct host *h, struct instance *i, const struct aq_spool *what)
{
	struct tap *t = find_or_add(h, i->id, what->name, true);
	struct aq_err err = {0};
	int rc;

	if (t == NULL)
		return AQ_EAGAIN;
	rc = open_spool(h, i, t, what, &err);
	if (rc != AQ_OK) {
		t->owner = 0;
		i->failed = true;
		snprintf(i->why, sizeof(i->why), "%.159s", err.text);
		return rc;
	}
	begin(h, i, t, what->tag);
	t->limit = what->limit;
	snprintf(t->folder, sizeof(t->folder), "%s", what->folder);
	spool_rewind(t->spool);
	return AQ_OK;
}

/* ---- what its owner does ---- */

int32_t tap_read(struct host *h, uint32_t owner, uint64_t tag, uint32_t records)
{
	struct tap *t = find(h, owner, tag);

	if (t == NULL)
		return AQ_ENOENT;
	t->wanted = records > UINT32_MAX - t->wanted ? UINT32_MAX : t->wanted + records;
	return AQ_OK;
}

int32_t tap_acknowledge(struct host *h, uint32_t owner, uint64_t tag, uint64_t to)
{
	struct tap *t = find(h, owner, tag);

	if (t == NULL)
		return AQ_ENOENT;
	if (t->spool != NULL)
		return spool_acknowledge(t->spool, to);
	if (h->flow.journal == NULL)
		return AQ_OK;
	if (to > t->told)
		return AQ_EINVAL;
	if (to <= t->done)
		return AQ_OK;
	t->done = to;
	return journal_reader_acknowledge(h->flow.journal, t->reader, to);
}

int64_t tap_append(struct host *h, uint32_t owner, uint64_t tag, const void *bytes, uint32_t length)
{
	struct tap *t = find(h, owner, tag);

	if (t == NULL || t->spool == NULL)
		return AQ_ENOENT;
	return (int64_t)spool_append(t->spool, h->flow.now_ns, bytes, length);
}

int32_t tap_state(struct host *h, uint32_t owner, uint64_t tag, struct aq_spool_state *out)
{
	struct tap *t = find(h, owner, tag);
	struct spool_figures f;

	if (t == NULL || t->spool == NULL)
		return AQ_ENOENT;
	spool_figures(t->spool, &f);
	out->last = f.last;
	out->acknowledged = f.acknowledged;
	out->bytes = f.bytes;
	out->dropped = f.dropped;
	return AQ_OK;
}

/* ---- telling ---- */

static bool tell(struct host *h, struct tap *t, uint16_t type, const void *head, uint32_t head_size, const void *body,
	uint32_t length, struct aq_event **out)
{
	struct aq_event *event = flow_event(&h->flow, t->owner, type, head_size + length);

	t->wanted--;
	if (event == NULL) /* it is no longer there */
		return false;
	event->tag = t->tag;
	memcpy(event + 1, head, head_size);
	if (length > 0)
		memcpy((uint8_t *)(event + 1) + head_size, body, length);
	*out = event;
	return true;
}

static bool tell_spool(struct host *h, struct tap *t)
{
	struct spool_record r;
	struct aq_spool_record head;
	struct aq_event *event;
	int rc = spool_read(t->spool, &r);

	if (rc != 1)
		return rc == 2;
	head = (struct aq_spool_record){
		.number = r.number, .previous = r.previous, .time_ns = r.time_ns, .more = r.more, .length = r.length};
	return tell(h, t, AQ_EV_SPOOL, &head, sizeof(head), r.bytes, r.length, &event);
}

static bool tell_fact(struct host *h, struct tap *t, const struct journal_record *r, const struct tap_fact *fact)
{
	struct aq_journal_record head = {.position = r->position,
		.next = r->next,
		.time_ns = r->time_ns,
		.kind = fact->kind,
		.more = t->position < journal_end(h->flow.journal),
		.length = fact->length};
	struct aq_event *event;

	t->told = r->next;
	if (!tell(h, t, AQ_EV_JOURNAL, &head, sizeof(head), &fact->body, fact->length, &event))
		return false;
	event->account = fact->account;
	event->instrument = fact->instrument;
	event->venue_ns = fact->venue_ns;
	return true;
}

/* Facts that it does not hear of hold no segment back for it. */
static void pass(struct host *h, struct tap *t)
{
	if (t->done == t->told && t->position >> 32 != t->done >> 32 &&
		journal_reader_acknowledge(h->flow.journal, t->reader, t->position) == 0)
		t->told = t->done = t->position;
}

/* The same whenever it is asked. */
static int64_t time_at(const struct host *h, uint64_t position)
{
	struct journal_record r;

	return journal_read(h->flow.journal, position, &r) == 1 ? r.time_ns : 0;
}

/* True when it has told, or is to be called again. */
static bool tell_journal(struct host *h, struct tap *t)
{
	struct journal_record r;
	struct tap_fact fact;

	for (int i = 0; i < PASS_MAX; i++) {
		int rc = journal_read(h->flow.journal, t->position, &r);

		if (rc == 0) {
			t->position = journal_end(h->flow.journal); /* nothing but the journal's own stands before it */
			pass(h, t);
			return false;
		}
		if (rc < 0) {
			uint64_t next = ((t->position >> 32) + 1) << 32;

			r = (struct journal_record){.position = t->position, .next = next};
			r.time_ns = time_at(h, next);
			tap_fact_lost(t->position, &fact);
			if (next >> 32 > journal_end(h->flow.journal) >> 32) /* the one being written */
				return false;
		} else {
			tap_fact_read(h, &(struct tap_reader){t->kinds, t->terms}, &r, &fact);
		}
		t->position = r.next;
		if ((t->kinds & 1u << fact.kind) != 0 && fact.kind != 0)
			return tell_fact(h, t, &r, &fact);
	}
	return true;
}

static bool has_more(const struct host *h, const struct tap *t)
{
	if (t->owner == 0)
		return false;
	return t->spool != NULL ? spool_has_more(t->spool)
				: h->flow.journal != NULL && t->position < journal_end(h->flow.journal);
}

bool taps_step(struct host *h)
{
	struct taps *all = h->taps;

	for (uint32_t i = 0; all != NULL && i < all->count; i++) {
		struct tap *t = &all->list[all->turn++ % all->count];

		if (t->wanted == 0 || t->stale || !has_more(h, t))
			continue;
		if (t->spool != NULL ? tell_spool(h, t) : tell_journal(h, t))
			return true;
	}
	return false;
}

bool taps_are_behind(struct host *h)
{
	for (uint32_t i = 0; h->taps != NULL && i < h->taps->count; i++) {
		const struct tap *t = &h->taps->list[i];

		if (t->owner == 0)
			continue;
		if (has_more(h, t))
			return true;
		if (t->spool == NULL) {
			if (t->done < t->told)
				return true;
			continue;
		}
		if (spool_is_behind(t->spool))
			return true;
	}
	return false;
}

uint64_t taps_progress(struct host *h)
{
	struct spool_figures f;
	uint64_t sum = 0;

	for (uint32_t i = 0; h->taps != NULL && i < h->taps->count; i++) {
		const struct tap *t = &h->taps->list[i];

		if (t->owner != 0 && t->spool != NULL) {
			spool_figures(t->spool, &f);
			sum += f.acknowledged;
		} else if (t->owner != 0) {
			sum += t->done;
		}
	}
	return sum;
}

/* ---- the end ---- */

static void drop(struct host *h, struct tap *t, bool for_good)
{
	spool_close(t->spool);
	tap_terms_free(t->terms);
	if (t->spool == NULL && for_good && h->flow.journal != NULL)
		journal_reader_forget(h->flow.journal, t->reader);
	*t = (struct tap){0};
}

void taps_renew(struct host *h, uint32_t owner)
{
	for (uint32_t i = 0; h->taps != NULL && i < h->taps->count; i++)
		h->taps->list[i].stale = h->taps->list[i].stale || h->taps->list[i].owner == owner;
}

void taps_settle(struct host *h, uint32_t owner)
{
	for (uint32_t i = 0; h->taps != NULL && i < h->taps->count; i++)
		if (h->taps->list[i].owner == owner && h->taps->list[i].stale)
			drop(h, &h->taps->list[i], true);
}

void taps_drop(struct host *h, uint32_t owner, bool for_good)
{
	for (uint32_t i = 0; h->taps != NULL && i < h->taps->count; i++)
		if (h->taps->list[i].owner == owner)
			drop(h, &h->taps->list[i], for_good);
}

/* ---- what is left of before ---- */

struct leftovers {
	struct host *host;
	const char *instance; /* its own that are not open; NULL: those of no section */
	char names[TAPS_MAX][READER_NAME];
	uint32_t count;
};

/* Whether it is a reader of that instance. */
static bool is_of(const char *reader, const char *instance)
{
	const char *last = strrchr(reader, '-');
	char name[READER_NAME];

	if (last == NULL)
		return false;
	name_reader(instance, last + 1, name);
	return strcmp(name, reader) == 0;
}

static bool is_open(const struct host *h, const char *reader)
{
	uint32_t i = 0;

	while (h->taps != NULL && i < h->taps->count &&
		(h->taps->list[i].owner == 0 || strcmp(h->taps->list[i].reader, reader) != 0))
		i++;
	return h->taps != NULL && i < h->taps->count;
}

static bool has_section(const struct host *h, const char *reader)
{
	int i = 0;

	while (i < h->config->count && (section_kind(h->config->sections[i].kind) != AQ_SERVICE ||
					       !is_of(reader, h->config->sections[i].name)))
		i++;
	return i < h->config->count;
}

static void collect(void *to, const char *reader)
{
	struct leftovers *l = to;
	bool goes = l->instance != NULL ? is_of(reader, l->instance) && !is_open(l->host, reader)
					: strchr(reader, '-') != NULL && !has_section(l->host, reader);

	if (goes && l->count < TAPS_MAX)
		snprintf(l->names[l->count++], READER_NAME, "%s", reader);
}

static void forget(struct leftovers *l)
{
	if (l->host->flow.journal == NULL)
		return;
	journal_readers(l->host->flow.journal, collect, l);
	for (uint32_t i = 0; i < l->count; i++) {
		log_line(AQ_LOG_INFO, l->instance != NULL ? l->instance : "host",
			"nothing reads the journal as %s any more: it holds nothing back", l->names[i]);
		journal_reader_forget(l->host->flow.journal, l->names[i]);
	}
}

void taps_forget_sections(struct host *h)
{
	struct leftovers l = {.host = h};

	forget(&l);
}

void taps_forget_unopened(struct host *h, const struct instance *i)
{
	struct leftovers l = {.host = h, .instance = i->name};

	forget(&l);
}

void taps_close(struct host *h)
{
	for (uint32_t i = 0; h->taps != NULL && i < h->taps->count; i++)
		drop(h, &h->taps->list[i], false);
	free(h->taps);
	h->taps = NULL;
}
