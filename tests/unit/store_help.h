/* store_help.h: calls to a store in one line each, and what it answers, whatever its back end is and whatever is between.
 *
 * Two drivers stand under it. store_direct.h drives the plugin itself, in the SDK's host in memory; store_hosted.h goes through a
 * host with queues, threads and the library as it is loaded. Both define struct rig and the functions that are declared here. */
#ifndef STORE_HELP_H
#define STORE_HELP_H

#include <aioquant/store.h>
#include <storage/sql/document.h>
#include <storage/sql/buffer.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define SECOND INT64_C(1000000000)
#define ALL_ROWS UINT32_MAX

struct aq_mock;
struct host;
struct store;

struct rig {
	struct aq_mock *k;              /* direct */
	const struct aq_store_ops *ops;
	struct store *s;                /* the plugin's own; in a host, what the host has of it */
	struct host *h;                 /* hosted */
	char folder[64], file[128];
	uint64_t calls;
	uint32_t chunk; /* bytes of a chunk */
	bool quiet;     /* rows are not asked for; direct only */
};

/* A new store, which is up; another start of what was there; its end, and that of what it has stored. */
static void rig_new(struct rig *r);
static void rig_start(struct rig *r);
static void rig_stop(struct rig *r);
static void rig_free(struct rig *r);
/* The time of the store. */
static int64_t rig_now(struct rig *r);
/* The three steps of a call, and its id. `rows` are asked for with the end, ALL_ROWS = all; 0 = none, in the direct driver
 * alone. Then until the call has ended, or has them. */
static uint64_t rig_call(struct rig *r, const struct aq_store_call *what);
static int32_t rig_append(struct rig *r, uint64_t id, const struct aq_store_chunk *chunk, const void *bytes);
static int32_t rig_end(struct rig *r, uint64_t id, uint32_t rows);
static void rig_more(struct rig *r, uint64_t id, uint32_t rows);
static void rig_forget(struct rig *r, uint64_t id);

/* What the store answered to the call in hand. */
static struct said {
	unsigned ends, errors, pages, lasts;
	struct aq_store_end end;
	struct aq_store_error error;
	struct sql_buffer rows; /* of all pages, one behind the other */
	uint64_t row_count;
	uint32_t page_rows, page_bytes; /* of the last */
	bool frames;
	unsigned rollbacks;            /* of transactions that nobody has ended */
	struct aq_store_error rollback;
	uint64_t begun[16];            /* transactions, the last ones */
	unsigned begun_count;
	unsigned ups, downs;
	char state[1500];
	/* direct */
	uint64_t ending;        /* the call whose end is being told: no rows before they are asked for */
	unsigned refuse;        /* so many pages are not taken */
	unsigned refuse_after;  /* > 0: once so many are, no more */
	bool gone;              /* the caller is */
	/* hosted */
	unsigned pieces;        /* of rows that are longer than an event */
	unsigned rooms;
} said;

static inline void said_rows(const struct aq_store_rows *rows, const void *bytes)
{
	said.pages++;
	said.lasts += rows->last;
	said.row_count += rows->rows;
	said.page_rows = rows->rows;
	said.page_bytes = rows->length;
	said.frames = rows->frame;
	sql_buffer_add(&said.rows, bytes, rows->length);
}

static inline void said_end(const struct aq_store_end *end)
{
	said.ends++;
	said.end = *end;
	if (end->transaction != 0)
		said.begun[said.begun_count++ % 16] = end->transaction;
}

static inline void said_error(const struct aq_store_error *error)
{
	for (int i = 0; i < 16; i++)
		if (said.begun[i] == error->call) {
			said.begun[i] = 0;
			said.rollbacks++;
			said.rollback = *error;
			return;
		}
	said.errors++;
	said.error = *error;
}

static inline void said_clear(void)
{
	sql_buffer_clear(&said.rows);
	said.ends = said.errors = said.pages = said.lasts = said.pieces = said.rollbacks = 0;
	said.row_count = 0;
	said.frames = false;
}

/* ---- calls ---- */

/* Texts are JSON; where there is a bson_t it goes first. */
struct ask {
	uint8_t op;
	const char *collection, *schema, *rows, *filter, *update, *projection, *sort, *statement, *parameters;
	const bson_t *document; /* of rows, filter or parameters, as `in` says */
	enum aq_store_part in;
	const void *frame;
	size_t length; /* of the frame, or of the statement; 0 = to its NUL */
	uint32_t flags;
	uint64_t skip, limit, transaction;
	int64_t deadline_ns;
};

static int32_t send_part(struct rig *r, uint64_t id, enum aq_store_part part, const void *bytes, size_t length)
{
	for (size_t at = 0; at < length; at += r->chunk) {
		uint32_t size = length - at < r->chunk ? (uint32_t)(length - at) : r->chunk;
		struct aq_store_chunk chunk = {.size = sizeof(chunk), .part = (uint8_t)part, .length = size};
		void *copy = malloc(size); /* so that a read beyond it is seen, and it is gone afterwards */
		int32_t status;

		memcpy(copy, (const uint8_t *)bytes + at, size);
		status = rig_append(r, id, &chunk, copy);
		free(copy);
		if (status != AQ_OK)
			return status;
	}
	return AQ_OK;
}

static bson_t *json(const char *text)
{
	bson_error_t error;
	bson_t *document = bson_new_from_json((const uint8_t *)text, -1, &error);

	if (document == NULL)
		fail_msg("%s: %s", text, error.message);
	return document;
}

static void send_json(struct rig *r, uint64_t id, enum aq_store_part part, const char *text, const struct ask *a)
{
	bson_t *document = text != NULL ? json(text) : NULL;
	const bson_t *sent = a->document != NULL && a->in == part ? a->document : document;

	if (sent != NULL)
		assert_int_equal(send_part(r, id, part, bson_get_data(sent), sent->len), AQ_OK);
	bson_destroy(document);
}

/* Documents in a JSON list. */
static void send_rows(struct rig *r, uint64_t id, const struct ask *a)
{
	bson_t *list = a->rows != NULL ? json(a->rows) : NULL;
	struct sql_buffer rows = {0};
	const uint8_t *at;
	uint32_t length;
	bson_iter_t each;

	if (a->document != NULL && a->in == AQ_PART_ROWS)
		sql_buffer_add(&rows, bson_get_data(a->document), a->document->len);
	for (bool some = list != NULL && bson_iter_init(&each, list); some && bson_iter_next(&each);) {
		bson_iter_document(&each, &length, &at);
		sql_buffer_add(&rows, at, length);
	}
	assert_int_equal(send_part(r, id, AQ_PART_ROWS, rows.at, rows.length), AQ_OK);
	sql_buffer_free(&rows);
	bson_destroy(list);
}

static uint64_t begin_call(struct rig *r, struct ask a)
{
	struct aq_store_call what = {.size = sizeof(what), .op = a.op, .flags = a.flags, .skip = a.skip, .limit = a.limit,
		.transaction = a.transaction, .deadline_ns = a.deadline_ns};
	uint64_t id;

	if (a.collection != NULL)
		memcpy(what.collection, a.collection, strnlen(a.collection, sizeof(what.collection)));
	id = rig_call(r, &what);
	send_json(r, id, AQ_PART_FILTER, a.filter, &a);
	send_json(r, id, AQ_PART_UPDATE, a.update, &a);
	send_json(r, id, AQ_PART_PROJECTION, a.projection, &a);
	send_json(r, id, AQ_PART_SORT, a.sort, &a);
	send_json(r, id, AQ_PART_SCHEMA, a.schema, &a);
	send_rows(r, id, &a);
	if (a.frame != NULL)
		assert_int_equal(send_part(r, id, AQ_PART_FRAME, a.frame, a.length), AQ_OK);
	if (a.statement != NULL)
		assert_int_equal(send_part(r, id, AQ_PART_STATEMENT, a.statement, a.length ? a.length : strlen(a.statement)), AQ_OK);
	send_json(r, id, AQ_PART_PARAMETERS, a.parameters, &a);
	return id;
}

/* The end of a call, and right after it so many rows: of one that has ended already, too. */
static inline void end_asking(struct rig *r, uint64_t id, uint32_t rows)
{
	said_clear();
	assert_int_equal(rig_end(r, id, rows), AQ_OK);
}

static void end_call(struct rig *r, uint64_t id)
{
	end_asking(r, id, r->quiet ? 0 : ALL_ROWS);
}

/* Asks for more rows, and waits for them. */
static inline void more_rows(struct rig *r, uint64_t id, uint32_t rows)
{
	rig_more(r, id, rows);
}

static inline void forget_call(struct rig *r, uint64_t id)
{
	rig_forget(r, id);
}

/* begin, the parts, end, and all rows. Returns its id. */
static inline uint64_t ask(struct rig *r, struct ask a)
{
	uint64_t id = begin_call(r, a);

	end_call(r, id);
	return id;
}

/* It ends well. */
static inline void works(struct rig *r, struct ask a)
{
	ask(r, a);
	if (said.errors > 0)
		fail_msg("%s", said.error.text);
	assert_int_equal(said.ends, 1);
}

/* It is refused so, with these words in the text. */
static inline void refused(struct rig *r, enum aq_store_fault fault, const char *words, struct ask a)
{
	ask(r, a);
	assert_int_equal(said.ends, 0);
	assert_int_equal(said.errors, 1);
	if (strstr(said.error.text, words) == NULL || said.error.fault != fault)
		fail_msg("fault %u: %s", said.error.fault, said.error.text);
}

/* The rows of the last answer as JSON, one behind the other. */
static inline const char *rows_json(void)
{
	static char out[1 << 16];
	size_t at = 0, length = 0;
	struct sql_error err;
	bson_t document;

	out[0] = '\0';
	while (sql_document_next(said.rows.at, said.rows.length, &at, &document, &err) == 1) {
		char *text = bson_as_relaxed_extended_json(&document, NULL);

		length += (size_t)snprintf(out + length, sizeof(out) - length, "%s%s", length > 0 ? " " : "", text);
		bson_free(text);
	}
	return out;
}

/* What a find gives, as JSON. */
static inline const char *found(struct rig *r, const char *collection, const char *filter, const char *sort)
{
	works(r, (struct ask){.op = AQ_STORE_FIND, .collection = collection, .filter = filter, .sort = sort});
	return rows_json();
}

#endif
