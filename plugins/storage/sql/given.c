/* given.c: see given.h. */
#include "sql/given.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

#define PARAMETERS_MAX 1000

/* What an operation takes: parts as bits, flags, fields of the call. */
struct operation {
	uint16_t parts;
	uint8_t flags, fields;
};

enum fields { NAME = 1, SKIP = 2, LIMIT = 4 };
#define PART(name) (1u << AQ_PART_##name)
static const struct operation operations[] = {
	[AQ_STORE_CREATE] = {PART(SCHEMA), 0, NAME},
	[AQ_STORE_LIST] = {0, 0, 0},
	[AQ_STORE_DESCRIBE] = {0, 0, NAME},
	[AQ_STORE_INSERT] = {PART(ROWS) | PART(FRAME), 0, NAME},
	[AQ_STORE_FIND] = {PART(FILTER) | PART(PROJECTION) | PART(SORT), AQ_STORE_AS_FRAMES, NAME | SKIP | LIMIT},
	[AQ_STORE_COUNT] = {PART(FILTER), 0, NAME},
	[AQ_STORE_UPDATE] = {PART(FILTER) | PART(UPDATE) | PART(SORT), 0, NAME | LIMIT},
	[AQ_STORE_UPSERT] = {PART(FILTER) | PART(UPDATE), 0, NAME},
	[AQ_STORE_FIND_MODIFY] = {PART(FILTER) | PART(UPDATE) | PART(SORT), AQ_STORE_NEW, NAME},
	[AQ_STORE_DELETE] = {PART(FILTER) | PART(SORT), 0, NAME | LIMIT},
	[AQ_STORE_RAW] = {PART(STATEMENT) | PART(PARAMETERS), 0, 0},
	[AQ_STORE_BEGIN] = {0, 0, 0},
	[AQ_STORE_COMMIT] = {0, 0, 0},
	[AQ_STORE_ROLLBACK] = {0, 0, 0},
	[AQ_STORE_DISTINCT] = {PART(FILTER) | PART(PROJECTION), AQ_STORE_AS_FRAMES, NAME | SKIP | LIMIT},
	[AQ_STORE_REPLACE] = {PART(FILTER) | PART(ROWS), AQ_STORE_OR_INSERT, NAME},
};
#define OPERATIONS (sizeof(operations) / sizeof(*operations))

void sql_given_free(struct sql_given *g)
{
	for (size_t i = 0; i <= AQ_PART_PARAMETERS; i++)
		sql_buffer_free(&g->parts[i]);
}

/* ---- chunks ---- */

static int check(struct sql_given *g, const struct sql_dialect *d)
{
	const struct operation *o = &operations[g->what.op];
	const char *name = g->what.collection;

	if (memchr(name, '\0', sizeof(g->what.collection)) == NULL)
		return sql_fail(&g->why, AQ_STORE_REFUSED, "the name of the collection does not end");
	if ((o->fields & NAME) != 0 && sql_name_check(d, name, strlen(name), "collection", &g->why) != 0)
		return -1;
	if ((g->what.flags & ~(uint32_t)o->flags) != 0)
		return sql_fail(&g->why, AQ_STORE_REFUSED, "the call has a flag that its operation does not take");
	if (((o->fields & SKIP) == 0 && g->what.skip != 0) || ((o->fields & LIMIT) == 0 && g->what.limit != 0))
		return sql_fail(&g->why, AQ_STORE_REFUSED, "the call has a skip or a limit that its operation does not take");
	return 0;
}

int32_t sql_given_begin(struct sql_given *g, const struct sql_dialect *d, const struct aq_store_call *what)
{
	if (what->size < sizeof(*what))
		return AQ_EINVAL;
	if (what->op == 0 || what->op >= OPERATIONS)
		return AQ_ENOSYS;
	g->what = *what;
	g->doomed = check(g, d) != 0;
	return AQ_OK;
}

static int take(struct sql_given *g, const struct aq_store_chunk *chunk, const void *bytes, int64_t max)
{
	if ((operations[g->what.op].parts >> chunk->part & 1) == 0)
		return sql_fail(&g->why, AQ_STORE_REFUSED, "the call has a part that its operation does not take");
	if (g->bytes + chunk->length > (uint64_t)max)
		return sql_fail(&g->why, AQ_STORE_REFUSED, "the call has more than max_call = %" PRId64 " bytes", max);
	g->bytes += chunk->length;
	sql_buffer_add(&g->parts[chunk->part], bytes, chunk->length);
	return g->parts[chunk->part].failed ? sql_no_memory(&g->why) : 0;
}

int32_t sql_given_append(struct sql_given *g, const struct aq_store_chunk *chunk, const void *bytes, int64_t max)
{
	if (chunk->size < sizeof(*chunk) || chunk->part < g->part || chunk->part == 0 || chunk->part > AQ_PART_PARAMETERS ||
		chunk->length > AQ_STORE_CHUNK)
		return AQ_EINVAL;
	g->part = chunk->part;
	if (!g->doomed && take(g, chunk, bytes, max) != 0) {
		g->doomed = true;
		sql_given_free(g);
	}
	return AQ_OK;
}

/* ---- parts ---- */

int sql_given_document(const struct sql_given *g, enum aq_store_part part, const char *name, bson_t *storage,
	const bson_t **out, struct sql_error *err)
{
	const struct sql_buffer *b = &g->parts[part];

	*out = NULL;
	if (b->length == 0)
		return 0;
	if (sql_document_open(b->at, b->length, name, storage, err) != 0)
		return -1;
	*out = storage;
	return 0;
}

int sql_given_query(const struct sql_given *g, const struct sql_dialect *d, const struct sql_schema *s, bson_t storage[3],
	struct sql_query *out, struct sql_error *err)
{
	*out = (struct sql_query){.d = d, .collection = g->what.collection, .s = s, .skip = g->what.skip,
		.limit = g->what.limit};
	if (sql_given_document(g, AQ_PART_FILTER, "filter", &storage[0], &out->filter, err) != 0 ||
		sql_given_document(g, AQ_PART_PROJECTION, "projection", &storage[1], &out->projection, err) != 0)
		return -1;
	return sql_given_document(g, AQ_PART_SORT, "sort", &storage[2], &out->sort, err);
}

int sql_given_schema(const struct sql_given *g, const struct sql_dialect *d, struct sql_schema *out, struct sql_error *err)
{
	const bson_t *document;
	bson_t storage;

	if (sql_given_document(g, AQ_PART_SCHEMA, "schema", &storage, &document, err) != 0)
		return -1;
	if (document == NULL)
		return sql_fail(err, AQ_STORE_REFUSED, "create needs a schema");
	if (g->what.transaction != 0) /* MariaDB would commit it, and what is refused in one store is in all */
		return sql_fail(err, AQ_STORE_REFUSED, "a collection is not made in a transaction: create it before one begins");
	if (strncasecmp(g->what.collection, "aq_", 3) == 0)
		return sql_fail(err, AQ_STORE_REFUSED, "names that begin with aq_ are the store's own: %s", g->what.collection);
	return sql_schema_read(d, document, out, err);
}

int sql_given_parameters(const struct sql_given *g, struct sql_params *out, struct sql_error *err)
{
	const bson_t *document;
	struct sql_value v;
	bson_iter_t at;
	bson_t storage;

	if (sql_given_document(g, AQ_PART_PARAMETERS, "parameters", &storage, &document, err) != 0)
		return -1;
	if (document == NULL)
		return 0;
	bson_iter_init(&at, document);
	while (bson_iter_next(&at)) {
		if (out->count == PARAMETERS_MAX)
			return sql_fail(err, AQ_STORE_REFUSED, "a statement has at most %d parameters", PARAMETERS_MAX);
		if (sql_value_read(&at, bson_iter_key(&at), &v, err) != 0 || sql_params_add(out, &v, err) != 0)
			return -1;
	}
	return 0;
}
