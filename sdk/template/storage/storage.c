/* storage.c: the smallest store, `minimal`: takes rows and counts them, tells how many there are, and refuses everything else
 * with its reason.
 *
 * A call comes in three steps, begin, append, end, on a loop of the plugin's own where it may wait for its back end. It ends in
 * exactly one answer; a negative status of a step is one too.
 */
#include <aioquant/bson.h>
#include <aioquant/store.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct call {
	struct call *next;
	uint64_t id;
	uint64_t rows;     /* whole documents that have come */
	uint32_t have;     /* bytes of the one in hand */
	uint8_t length[4]; /* of it: what a document begins with */
	uint8_t op;
};

struct minimal {
	const struct aq_host *host;
	const struct aq_store_provider_api *provider;
	struct call *calls;
	uint64_t rows; /* of all calls; kept */
};

/* Where a call is linked; NULL stands there when it is gone. */
static struct call **link_of(struct minimal *s, uint64_t id)
{
	struct call **at = &s->calls;
	while (*at != NULL && (*at)->id != id)
		at = &(*at)->next;
	return at;
}

/* Also when its caller has given it up. */
static void forget(void *self, uint64_t id)
{
	struct call **at = link_of(self, id), *c = *at;
	if (c != NULL)
		*at = c->next;
	free(c);
}

static int32_t drop(struct minimal *s, uint64_t id, int32_t status)
{
	forget(s, id);
	return status;
}

/* ---- what is asked ---- */

static int32_t begin(void *self, uint64_t id, const struct aq_store_call *what)
{
	struct minimal *s = self;
	struct call *c = calloc(1, sizeof(*c));
	if (c == NULL)
		return AQ_ESPACE;
	*c = (struct call){.next = s->calls, .id = id, .op = what->op};
	s->calls = c;
	return AQ_OK;
}

static uint32_t length_of(const struct call *c)
{
	return c->length[0] | (uint32_t)c->length[1] << 8 | (uint32_t)c->length[2] << 16 | (uint32_t)c->length[3] << 24;
}

/* How many of the bytes that are left belong to the document in hand: its length, or what that says. */
static uint32_t wanted(const struct call *c, uint32_t left)
{
	uint32_t end = c->have < 4 ? 4 : length_of(c);
	return left < end - c->have ? left : end - c->have;
}

/* Rows are BSON documents, one behind the other; chunks tear them anywhere. */
static int32_t append(void *self, uint64_t id, const struct aq_store_chunk *chunk, const void *bytes)
{
	struct call *c = *link_of(self, id);
	const uint8_t *at = bytes;
	uint32_t left = chunk->length, n;
	if (c == NULL)
		return AQ_ENOENT;
	if (chunk->part != AQ_PART_ROWS)
		return AQ_OK;
	for (; left > 0; left -= n, at += n) {
		n = wanted(c, left);
		if (c->have < 4)
			memcpy(c->length + c->have, at, n);
		c->have += n;
		if (c->have >= 4 && length_of(c) < 5)
			return drop(self, id, AQ_EFORMAT);
		if (c->have > 4 && c->have == length_of(c)) {
			c->rows++;
			c->have = 0;
		}
	}
	return AQ_OK;
}

/* ---- what is answered ---- */

static void done(struct minimal *s, uint64_t id, uint64_t matched, uint64_t changed)
{
	struct aq_store_end end = {.call = id, .matched = matched, .changed = changed};
	s->provider->done(s->host->owner, &end);
	forget(s, id);
}

static void refuse(struct minimal *s, uint64_t id)
{
	struct aq_store_error error = {.call = id, .fault = AQ_STORE_REFUSED};
	snprintf(error.text, sizeof(error.text), "this store only counts the rows that are inserted");
	s->provider->failed(s->host->owner, &error);
	forget(s, id);
}

static int32_t end(void *self, uint64_t id)
{
	struct minimal *s = self;
	struct call *c = *link_of(s, id);
	if (c == NULL)
		return AQ_ENOENT;
	if (c->have > 0)
		return drop(s, id, AQ_EFORMAT);
	if (c->op == AQ_STORE_INSERT && c->rows > 0) {
		s->rows += c->rows;
		done(s, id, 0, c->rows);
	} else if (c->op == AQ_STORE_COUNT) {
		done(s, id, s->rows, 0);
	} else if (c->op != AQ_STORE_FIND) { /* which is answered when its rows are wanted */
		refuse(s, id);
	}
	return AQ_OK;
}

/* The one row that can be found, {rows: 5}. Nothing is lost when there is no room for it: this is called again then. */
static void more(void *self, uint64_t id, uint32_t wanted_rows)
{
	struct minimal *s = self;
	struct aq_store_rows rows = {.call = id, .rows = 1, .last = 1};
	uint8_t row[32];
	struct aq_doc d;
	if (*link_of(s, id) == NULL)
		return;
	aq_doc_begin(&d, row, sizeof(row));
	aq_doc_int64(&d, "rows", (int64_t)s->rows);
	rows.length = (uint32_t)aq_doc_end(&d);
	if (s->provider->rows(s->host->owner, &rows, row) != AQ_EAGAIN)
		done(s, id, 1, 0);
}

/* ---- life ---- */

static int32_t create(const struct aq_host *host, void **self, struct aq_err *err)
{
	struct minimal *s = calloc(1, sizeof(*s));
	*self = s;
	if (s == NULL) {
		snprintf(err->text, sizeof(err->text), "out of memory");
		return AQ_ESPACE;
	}
	s->host = host;
	return AQ_OK;
}

static int32_t start(void *self, struct aq_err *err)
{
	struct minimal *s = self;
	s->provider = s->host->extension(s->host->owner, AQ_STORE_PROVIDER_EXT);
	if (s->provider == NULL) {
		snprintf(err->text, sizeof(err->text), "the host does not offer " AQ_STORE_PROVIDER_EXT);
		return AQ_ENOSYS;
	}
	s->provider->state(s->host->owner, 1, "ready");
	return AQ_OK;
}

static void stop(void *self)
{
	struct minimal *s = self;
	char text[64];
	snprintf(text, sizeof(text), "%" PRIu64 " rows were taken", s->rows);
	s->host->log(s->host->owner, AQ_LOG_INFO, text);
}

static void destroy(void *self)
{
	struct minimal *s = self;
	while (s != NULL && s->calls != NULL)
		forget(s, s->calls->id);
	free(s);
}

static int32_t save(const void *self, const struct aq_writer *out)
{
	const struct minimal *s = self;
	return out->write(out->sink, &s->rows, sizeof(s->rows));
}

static int32_t load(void *self, const struct aq_reader *in, struct aq_err *err)
{
	struct minimal *s = self;
	if (in->length != sizeof(s->rows)) {
		snprintf(err->text, sizeof(err->text), "the state has another size");
		return AQ_EFORMAT;
	}
	memcpy(&s->rows, in->bytes, sizeof(s->rows));
	return AQ_OK;
}

/* Answers of a back end that are awaited come as timers or wakes. This one waits for nothing. */
static void on_event(void *self, const struct aq_event *event)
{
	(void)self;
	(void)event;
}

static const struct aq_store_ops ops = {.size = sizeof(ops), .begin = begin, .append = append, .end = end, .more = more,
	.forget = forget};

AQ_PLUGIN(.kind = AQ_STORAGE, .name = "minimal", .version = "1", .summary = "counts the rows that are inserted",
	.state_schema = 1, .state_oldest = 1, .create = create, .start = start, .stop = stop, .destroy = destroy,
	.save = save, .load = load, .on_event = on_event, .ops = &ops);
