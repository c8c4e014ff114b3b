/* store_direct.h: a storage plugin in the SDK's host in memory, which takes its answers one by one: a page can be refused, and
 * nothing happens between two steps.
 *
 * Included by the help of a back end, which includes the plugin itself before it and defines rig_settle behind it. */
#ifndef STORE_DIRECT_H
#define STORE_DIRECT_H

#include "store_help.h"

#include <mock.h>

/* Lets the back end come to the end of what it does at the moment. */
static void rig_settle(struct rig *r);

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
	said_rows(rows, bytes);
	return AQ_OK;
}

static int32_t take_end(void *owner, const struct aq_store_end *end)
{
	(void)owner;
	said_end(end);
	return AQ_OK;
}

static int32_t take_error(void *owner, const struct aq_store_error *error)
{
	(void)owner;
	said_error(error);
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

/* ---- the steps of a call ---- */

static inline int64_t rig_now(struct rig *r)
{
	return r->k->now_ns;
}

static inline uint64_t rig_call(struct rig *r, const struct aq_store_call *what)
{
	uint64_t id = ++r->calls;

	assert_int_equal(r->ops->begin(r->k->self, id, what), AQ_OK);
	return id;
}

static inline int32_t rig_append(struct rig *r, uint64_t id, const struct aq_store_chunk *chunk, const void *bytes)
{
	return r->ops->append(r->k->self, id, chunk, bytes);
}

static inline int32_t rig_end(struct rig *r, uint64_t id, uint32_t rows)
{
	int32_t status;

	said.ending = id;
	status = r->ops->end(r->k->self, id);
	said.ending = 0;
	if (status != AQ_OK)
		return status;
	if (rows > 0)
		r->ops->more(r->k->self, id, rows);
	rig_settle(r);
	return AQ_OK;
}

static inline void rig_more(struct rig *r, uint64_t id, uint32_t rows)
{
	r->ops->more(r->k->self, id, rows);
	rig_settle(r);
}

static inline void rig_forget(struct rig *r, uint64_t id)
{
	r->ops->forget(r->k->self, id);
	rig_settle(r);
}

#endif
