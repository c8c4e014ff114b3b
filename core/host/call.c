/* call.c: see call.h. */
#include "host/call.h"

#include "base/check.h"
#include "host/host.h"
#include "host/store.h"

#include <stdlib.h>
#include <string.h>

/* Encoded: the numbers, then the bytes in. Decoded, `in` points into `bytes`. */
static void encode(const struct call *c, uint8_t *bytes)
{
	struct call flat = *c;

	flat.in = NULL;
	flat.out = NULL;
	memcpy(bytes, &flat, sizeof(flat));
	if (c->in_size > 0)
		memcpy(bytes + sizeof(flat), c->in, c->in_size);
}

static struct call decode(const uint8_t *bytes)
{
	struct call c;

	memcpy(&c, bytes, sizeof(c));
	c.in = c.in_size > 0 ? bytes + sizeof(c) : NULL;
	return c;
}

static uint32_t encoded_size(const struct call *c)
{
	return (uint32_t)sizeof(*c) + ((c->in_size + 7) & ~7u);
}

/* Through fresh memory, there and back. */
static int64_t do_marshalled(struct instance *i, struct call *c)
{
	uint8_t *bytes = malloc(encoded_size(c)), *out = c->out_size > 0 ? calloc(1, c->out_size) : NULL;
	struct call fresh;
	int64_t result;

	CHECK(bytes != NULL && (out != NULL || c->out_size == 0));
	encode(c, bytes);
	if (out != NULL)
		memcpy(out, c->out, c->out_size);
	fresh = decode(bytes);
	fresh.out = out;
	c->in = (const void *)(uintptr_t)0xa5; /* whoever still looks there is found out */
	result = call_do(i, &fresh);
	if (out != NULL)
		memcpy(c->out, out, c->out_size);
	memset(bytes, 0xa5, encoded_size(c));
	free(bytes);
	free(out);
	return result;
}

static int64_t hold(struct instance *i, const struct call *c, int64_t result)
{
	struct held_calls *h = &i->held;
	uint32_t size = encoded_size(c);

	if (h->size + size > h->capacity) {
		h->capacity = 2 * (h->size + size);
		h->bytes = realloc(h->bytes, h->capacity);
		CHECK(h->bytes != NULL);
	}
	encode(c, h->bytes + h->size);
	h->size += size;
	return result;
}

/* Ids that are told before the thing exists. */
static int64_t give_id(struct instance *i, struct call *c)
{
	if (c->op == CALL_TIMER_SET)
		c->d = timers_next_id(&i->host->timers);
	if (c->op == CALL_STORE_BEGIN)
		c->d = (int64_t)store_next_id(i->host);
	return c->d;
}

int64_t call(struct instance *i, struct call *c)
{
	int64_t fault;

	if (c->op < CALL_EFFECTS) {
		if (!i->effects || i->saving)
			return AQ_ESTATE;
		if (c->op >= CALL_PLACE && c->op <= CALL_AMEND && !i->orders_allowed)
			return AQ_ESTATE;
		if (c->op == CALL_NET_OPEN && (i->holding || i->host->rehearsal))
			return i->host->rehearsal ? 1 : AQ_ESTATE;
		fault = call_check(i, c);
		if (fault != 0)
			return fault;
		if (i->host->rehearsal)
			return c->op == CALL_PLACE || c->op == CALL_STORE_BEGIN || c->op == CALL_SPOOL_APPEND ? 1 : give_id(i, c);
		if (i->holding && c->op == CALL_SPOOL_APPEND)
			return AQ_ESTATE; /* its number is not known */
		if (i->holding)
			return hold(i, c, give_id(i, c));
	}
	return i->host->options.marshal ? do_marshalled(i, c) : call_do(i, c);
}

void call_release(struct instance *i)
{
	struct held_calls h = i->held;

	i->held = (struct held_calls){0};
	i->holding = false;
	for (uint32_t at = 0; at < h.size;) {
		struct call c = decode(h.bytes + at);

		at += encoded_size(&c);
		call_do(i, &c);
	}
	free(h.bytes);
}
