/* bench_store.c: a strategy that gives a store a large frame in chunks, reads all of it back as frames, and inserts single
 * rows, each when the one before is stored. It notes how long each took by the wall clock, from the call to its END. */
#include "bench_store.h"

#include "../rows.h"

#include <aioquant/plugin.h>
#include <aioquant/stores.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { CREATE = 1, CREATE_SINGLES, FRAME, READ, SINGLE, GO_ON };

struct store_strategy {
	struct bench_store told; /* first: the program reads it */
	const struct aq_host *host;
	const struct aq_store_api *api;
	int64_t call, began_ns;
	size_t given; /* bytes of the frame */
	uint64_t read;
	uint32_t singles;
};

static const struct aq_option options[] = {
	{.name = "store",
		.type = AQ_OPT_STORE,
		.size = sizeof(uint32_t),
		.offset = offsetof(struct store_strategy, told.store),
		.flags = AQ_REQUIRED,
		.help = "that it fills"},
	{.name = NULL},
};

static int64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * INT64_C(1000000000) + ts.tv_nsec;
}

static void finish(struct store_strategy *s, const char *error)
{
	snprintf(s->told.error, sizeof(s->told.error), "%s", error);
	if (s->told.finished != NULL)
		s->told.finished(s->told.context);
}

/* ---- calls ---- */

static int64_t begin(struct store_strategy *s, uint8_t op, const char *collection, uint64_t tag)
{
	struct aq_store_call c = {.size = sizeof(c), .store = s->told.store, .op = op, .tag = tag,
		.flags = op == AQ_STORE_FIND ? AQ_STORE_AS_FRAMES : 0};

	snprintf(c.collection, sizeof(c.collection), "%s", collection);
	s->began_ns = now_ns();
	return s->api->begin(s->host->owner, &c);
}

/* A call of at most one document. */
static void ask(struct store_strategy *s, uint8_t op, const char *collection, uint64_t tag, uint8_t part, const void *bytes,
	int32_t length)
{
	struct aq_store_chunk chunk = {.size = sizeof(chunk), .part = part, .length = (uint32_t)length};
	int64_t call = begin(s, op, collection, tag);

	if (call < 0 || length < 0 || (length > 0 && s->api->append(s->host->owner, call, &chunk, bytes) < 0) ||
		s->api->end(s->host->owner, call, 0) < 0)
		finish(s, "a call was not taken");
}

static void create_collection(struct store_strategy *s, const char *collection, uint64_t tag)
{
	uint8_t schema[2048];

	ask(s, AQ_STORE_CREATE, collection, tag, AQ_PART_SCHEMA, schema, aq_doc_of(schema, sizeof(schema), ROW_SCHEMA));
}

static void put_single(struct store_strategy *s)
{
	struct row r = row_of(s->singles);
	uint8_t row[1024];
	int32_t length = aq_doc_of(row, sizeof(row),
		"{time: %ld, open: %.*ld, high: %.*ld, low: %.*ld, close: %.*ld, volume: %.*ld, trades: %ld, symbol: %s}", r.time_ns,
		ROW_DIGITS, r.decimals[ROW_OPEN], ROW_DIGITS, r.decimals[ROW_HIGH], ROW_DIGITS, r.decimals[ROW_LOW], ROW_DIGITS,
		r.decimals[ROW_CLOSE], ROW_DIGITS, r.decimals[ROW_VOLUME], r.trades, r.symbol);

	ask(s, AQ_STORE_INSERT, "singles", SINGLE, AQ_PART_ROWS, row, length);
}

/* ---- the frame ---- */

/* 1 = given, 0 = the store has no room, negative = an error. */
static int give_chunk(struct store_strategy *s)
{
	size_t left = s->told.length - s->given;
	struct aq_store_chunk chunk = {.size = sizeof(chunk), .part = AQ_PART_FRAME,
		.length = left < AQ_STORE_CHUNK ? (uint32_t)left : AQ_STORE_CHUNK};
	int32_t status = s->api->append(s->host->owner, s->call, &chunk, s->told.frame + s->given);

	if (status == AQ_EAGAIN)
		return 0;
	s->given += chunk.length;
	s->told.steps++;
	return status < 0 ? status : 1;
}

static void feed(struct store_strategy *s)
{
	int status = 1;

	for (uint32_t i = 0; status == 1 && s->given < s->told.length && (s->told.chunks == 0 || i < s->told.chunks); i++)
		status = give_chunk(s);
	if (status < 0)
		finish(s, "a chunk of the frame was not taken");
	else if (status == 1 && s->given < s->told.length)
		s->host->wake(s->host->owner, GO_ON);
	else if (status == 1 && s->api->end(s->host->owner, s->call, 0) < 0)
		finish(s, "the frame was not taken");
}

static void begin_frame(struct store_strategy *s)
{
	s->call = begin(s, AQ_STORE_INSERT, "klines", FRAME);
	if (s->call < 0)
		finish(s, "the frame's call was not taken");
	else
		feed(s);
}

/* ---- answers ---- */

static void next_single(struct store_strategy *s)
{
	if (s->singles == s->told.singles)
		finish(s, "");
	else
		put_single(s);
}

static void ended(struct store_strategy *s, const struct aq_event *event)
{
	int64_t took = now_ns() - s->began_ns;

	s->told.steps++;
	switch (event->tag) {
	case CREATE:
		create_collection(s, "singles", CREATE_SINGLES);
		break;
	case CREATE_SINGLES:
		begin_frame(s);
		break;
	case FRAME:
		s->told.frame_ns = took;
		ask(s, AQ_STORE_FIND, "klines", READ, 0, NULL, 0);
		break;
	case READ:
		s->told.read_ns = took;
		if (s->read != s->told.rows)
			finish(s, "other rows came back than were stored");
		else
			next_single(s);
		break;
	default:
		s->told.single_ns[s->singles++] = took;
		next_single(s);
		break;
	}
}

static void on_event(void *self, const struct aq_event *event)
{
	struct store_strategy *s = self;

	if (s->told.frame == NULL)
		return;
	switch (event->type) {
	case AQ_EV_TIMER:
		create_collection(s, "klines", CREATE);
		break;
	case AQ_EV_WAKE:
	case AQ_EV_STORE_ROOM:
		feed(s);
		break;
	case AQ_EV_STORE_ROWS:
		s->read += AQ_BODY(aq_store_rows, event)->rows;
		s->told.steps++;
		break;
	case AQ_EV_STORE_END:
		ended(s, event);
		break;
	case AQ_EV_STORE_ERROR:
		finish(s, AQ_BODY(aq_store_error, event)->text);
		break;
	default:
		break;
	}
}

/* ---- life ---- */

static int32_t create(const struct aq_host *host, void **self, struct aq_err *err)
{
	struct store_strategy *s = calloc(1, sizeof(*s));

	(void)err;
	if (s == NULL)
		return AQ_ESPACE;
	s->host = host;
	*self = s;
	return AQ_OK;
}

static int32_t start(void *self, struct aq_err *err)
{
	struct store_strategy *s = self;

	(void)err;
	s->api = s->host->extension(s->host->owner, AQ_STORE_EXT);
	if (s->api == NULL)
		return AQ_ENOSYS;
	s->host->timer_set(s->host->owner, s->host->now(s->host->owner), 0, 1);
	return AQ_OK;
}

AQ_PLUGIN(.kind = AQ_STRATEGY, .name = "bench_store", .version = "1", .summary = "fills a store", .options = options,
	.create = create, .start = start, .destroy = free, .on_event = on_event);
