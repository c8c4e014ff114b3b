/* store_ask.c: see store_ask.h. */
#include "host/store_ask.h"

#include "host/host.h"

#include <string.h>

static int64_t give_part(struct host *h, uint64_t id, uint8_t part, const struct store_part *p)
{
	int64_t rc = AQ_OK;

	for (size_t at = 0; rc >= 0 && at < p->length;) {
		uint32_t length = p->length - at < AQ_STORE_CHUNK ? (uint32_t)(p->length - at) : AQ_STORE_CHUNK;

		rc = store_check_append(h, STORE_HOST, id, part, length);
		if (rc >= 0)
			rc = store_append(h, STORE_HOST, id, part, (const uint8_t *)p->bytes + at, length);
		at += length;
	}
	return rc;
}

static int64_t give(struct host *h, uint64_t id, const struct store_ask *what)
{
	int64_t rc = AQ_OK;

	for (uint8_t part = AQ_PART_FILTER; rc >= 0 && part <= AQ_PART_PARAMETERS; part++)
		rc = give_part(h, id, part, &what->parts[part]);
	if (rc >= 0)
		rc = store_check_end(h, STORE_HOST, id);
	return rc >= 0 ? store_end(h, STORE_HOST, id, what->rows) : rc;
}

int64_t store_ask(struct host *h, const struct store_ask *what, const struct store_asker *asker, void *context)
{
	const struct store *s = store_find(h, what->store);
	struct aq_store_call call = {.size = sizeof(call),
		.store = what->store,
		.op = what->op,
		.flags = what->flags,
		.skip = what->skip,
		.limit = what->limit,
		.deadline_ns = what->deadline_ns};
	size_t length = what->collection != NULL ? strlen(what->collection) : 0;
	struct store_call *c;
	int64_t id, rc;

	if (s == NULL || length >= sizeof(call.collection))
		return s == NULL ? AQ_ENOENT : AQ_EINVAL;
	if (s->worker == NULL)
		return AQ_ESTATE;
	if (length > 0)
		memcpy(call.collection, what->collection, length);
	rc = store_check_begin(h, STORE_HOST, &call, 0);
	if (rc < 0)
		return rc;
	id = store_begin(h, STORE_HOST, 0, &call);
	c = store_call_of(h, (uint64_t)id);
	c->asker = asker;
	c->context = context;
	c->outside = what->outside;
	rc = give(h, (uint64_t)id, what);
	if (rc >= 0)
		return id;
	store_forget(h, STORE_HOST, (uint64_t)id);
	return rc;
}

int32_t store_ask_more(struct host *h, int64_t call, uint32_t rows)
{
	return store_more(h, STORE_HOST, (uint64_t)call, rows);
}

void store_ask_forget(struct host *h, int64_t call)
{
	store_forget(h, STORE_HOST, (uint64_t)call);
}

void store_ask_told(const struct store_call *c, uint16_t type, const void *body)
{
	const struct aq_store_rows *rows = body;

	if (type == AQ_EV_STORE_ROWS)
		c->asker->rows(c->context, rows, rows + 1);
	else if (type == AQ_EV_STORE_END)
		c->asker->end(c->context, body);
	else
		c->asker->error(c->context, body);
}
