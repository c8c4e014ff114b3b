/* ask.c: see ask.h. */
#include "ask.h"

#include <stdio.h>

void ask_begin(struct ask *a, uint32_t store, uint8_t op, const char *collection, uint64_t tag)
{
	a->call = (struct aq_store_call){.size = sizeof(a->call), .store = store, .op = op, .tag = tag};
	snprintf(a->call.collection, sizeof(a->call.collection), "%s", collection);
	a->part_count = a->part = 0;
	a->at = 0;
	a->id = 0;
	a->waits = a->unsent = true;
}

void ask_part(struct ask *a, uint8_t part, const void *bytes, size_t length)
{
	a->parts[a->part_count++] = (struct ask_part){.bytes = bytes, .length = length, .part = part};
}

void ask_end(struct ask *a)
{
	a->waits = a->unsent = false;
	a->id = 0;
}

static int32_t send_parts(struct ask *a)
{
	while (a->part < a->part_count) {
		const struct ask_part *p = &a->parts[a->part];
		size_t left = p->length - a->at;
		struct aq_store_chunk chunk = {.size = sizeof(chunk),
			.part = p->part,
			.length = left < AQ_STORE_CHUNK ? (uint32_t)left : AQ_STORE_CHUNK};
		int32_t rc = a->store->append(a->owner, a->id, &chunk, (const uint8_t *)p->bytes + a->at);

		if (rc != AQ_OK)
			return rc;
		a->at += chunk.length;
		if (a->at == p->length) {
			a->part++;
			a->at = 0;
		}
	}
	return a->store->end(a->owner, a->id, 0);
}

int32_t ask_send(struct ask *a)
{
	int32_t rc = AQ_OK;

	if (a->id == 0) {
		int64_t id = a->store->begin(a->owner, &a->call);

		if (id > 0)
			a->id = id;
		else
			rc = (int32_t)id;
	}
	if (rc == AQ_OK)
		rc = send_parts(a);
	if (rc == AQ_OK)
		a->unsent = false;
	else if (rc != AQ_EAGAIN)
		ask_end(a);
	return rc;
}
