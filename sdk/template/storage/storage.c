/* storage.c: the smallest store, `minimal`: takes rows and counts them, and refuses everything else with its reason.
 *
 * No host offers storage plugins yet; the header is a draft. A call comes in three steps, begin, append, end, on a loop of
 * the plugin's own where it may wait for its back end, and ends in exactly one answer.
 */
#include <aioquant/store.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CALLS 16 /* under way at once */

struct call {
	uint64_t id; /* 0 = free */
	uint64_t rows;
	uint8_t op;
};

struct minimal {
	const struct aq_host *host;
	const struct aq_store_provider_api *provider;
	struct call calls[CALLS];
	uint64_t rows; /* of all calls; kept */
};

static struct call *find(struct minimal *s, uint64_t id)
{
	for (int i = 0; i < CALLS; i++)
		if (s->calls[i].id == id)
			return &s->calls[i];
	return NULL;
}

/* ---- calls ---- */

static int32_t begin(void *self, uint64_t id, const struct aq_store_call *what)
{
	struct call *c = find(self, 0);
	if (c == NULL)
		return AQ_EAGAIN;
	*c = (struct call){.id = id, .op = what->op};
	return AQ_OK;
}

/* Rows are BSON documents, one behind the other; each begins with its length. None is torn over chunks here. */
static int32_t append(void *self, uint64_t id, const struct aq_store_chunk *chunk, const void *bytes)
{
	struct call *c = find(self, id);
	const uint8_t *at = bytes;
	uint32_t left = chunk->length, length;
	if (c == NULL)
		return AQ_ENOENT;
	if (chunk->part != AQ_PART_ROWS)
		return AQ_OK;
	for (; left > 0; left -= length, at += length) {
		if (left < 5)
			return AQ_EFORMAT;
		length = at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
		if (length < 5 || length > left)
			return AQ_EFORMAT;
		c->rows++;
	}
	return AQ_OK;
}

static void refuse(struct minimal *s, uint64_t id)
{
	struct aq_store_error error = {.call = id, .fault = AQ_STORE_REFUSED};
	snprintf(error.text, sizeof(error.text), "this store only counts the rows that are inserted");
	s->provider->failed(s->host->owner, &error);
}

static int32_t end(void *self, uint64_t id)
{
	struct minimal *s = self;
	struct call *c = find(s, id);
	struct aq_store_end done = {.call = id};
	if (c == NULL)
		return AQ_ENOENT;
	if (c->op == AQ_STORE_INSERT) {
		s->rows += c->rows;
		done.changed = c->rows;
		s->provider->done(s->host->owner, &done);
	} else {
		refuse(s, id);
	}
	c->id = 0;
	return AQ_OK;
}

/* Nothing is ever read here. */
static void more(void *self, uint64_t id, uint32_t rows)
{
	(void)self;
	(void)id;
	(void)rows;
}

static void forget(void *self, uint64_t id)
{
	struct call *c = find(self, id);
	if (c != NULL)
		c->id = 0;
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
	free(self);
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
