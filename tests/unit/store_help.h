/* store_help.h: a storage plugin in the SDK's host in memory, and calls to it in one line each, whatever its back end is.
 *
 * Included by the help of a back end, which includes the plugin itself before it and defines rig_settle behind it. */
#ifndef STORE_HELP_H
#define STORE_HELP_H

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

#include <mock.h>

#define SECOND INT64_C(1000000000)

struct store;

struct rig {
	struct aq_mock *k;
	struct store *s;
	const struct aq_store_ops *ops;
	char folder[64], file[128];
	uint64_t calls;
	uint32_t chunk; /* bytes of a chunk */
	bool quiet;     /* rows are not asked for */
};

/* Lets the back end come to the end of what it does at the moment. */
static void rig_settle(struct rig *r);

/* What the store answered to the call in hand. */
static struct said {
	unsigned ends, errors, pages, lasts;
	struct aq_store_end end;
	struct aq_store_error error;
	struct sql_buffer rows; /* of all pages, one behind the other */
	uint64_t row_count;
	uint32_t page_rows, page_bytes; /* of the last */
	bool frames;
	uint64_t ending;        /* the call whose end is being told: no rows before they are asked for */
	unsigned refuse;        /* so many pages are not taken */
	unsigned refuse_after;  /* > 0: once so many are, no more */
	bool gone;              /* the caller is */
	unsigned ups, downs;
	char state[1500];
} said;

static int32_t take_rows(void *owner, const struct aq_store_rows *rows, const void *bytes)
{
	(void)owner;
	if (said.gone)
		return AQ_ENOENT;
	if (said.refuse > 0 || (said.refuse_after > 0 && said.pages == said.refuse_after)) {
		said.refuse -= said.refuse > 0;
		return AQ_EAGAIN;
	}
	assert_true(rows->call != said.end.call && rows->call != said.error.call); /* rows come before the end */
	assert_true(rows->call != said.ending);
	assert_true(rows->rows == 1 || rows->length <= AQ_STORE_CHUNK - 4096); /* one alone may have any length */
	assert_int_equal(rows->more, 0); /* the host cuts it */
	said.pages++;
	said.lasts += rows->last;
	said.row_count += rows->rows;
	said.page_rows = rows->rows;
	said.page_bytes = rows->length;
	said.frames = rows->frame;
	sql_buffer_add(&said.rows, bytes, rows->length);
	return AQ_OK;
}

static int32_t take_end(void *owner, const struct aq_store_end *end)
{
	(void)owner;
	said.ends++;
	said.end = *end;
	return AQ_OK;
}

static int32_t take_error(void *owner, const struct aq_store_error *error)
{
	(void)owner;
	said.errors++;
	said.error = *error;
	assert_int_not_equal(error->text[0], '\0');
	assert_in_range(error->fault, AQ_STORE_REFUSED, AQ_STORE_CONFLICT);
	return AQ_OK;
}

static int32_t take_state(void *owner, uint8_t up, const char *text)
{
	(void)owner;
	said.ups += up;
	said.downs += !up;
	snprintf(said.state, sizeof(said.state), "%s", text);
	return AQ_OK;
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
		status = r->ops->append(r->k->self, id, &chunk, copy);
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
	uint64_t id = ++r->calls;

	if (a.collection != NULL)
		memcpy(what.collection, a.collection, strnlen(a.collection, sizeof(what.collection)));
	assert_int_equal(r->ops->begin(r->k->self, id, &what), AQ_OK);
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

static void said_clear(void)
{
	sql_buffer_clear(&said.rows);
	said.ends = said.errors = said.pages = said.lasts = 0;
	said.row_count = 0;
	said.frames = false;
}

/* The end of a call, and right after it all rows, as the host asks for them: of one that has ended already, too. */
static void end_call(struct rig *r, uint64_t id)
{
	said_clear();
	said.ending = id;
	assert_int_equal(r->ops->end(r->k->self, id), AQ_OK);
	said.ending = 0;
	if (!r->quiet)
		r->ops->more(r->k->self, id, UINT32_MAX);
	rig_settle(r);
}

/* Asks for more rows, and waits for them. */
static inline void more_rows(struct rig *r, uint64_t id, uint32_t rows)
{
	r->ops->more(r->k->self, id, rows);
	rig_settle(r);
}

static inline void forget_call(struct rig *r, uint64_t id)
{
	r->ops->forget(r->k->self, id);
	rig_settle(r);
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
