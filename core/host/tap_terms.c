/* tap_terms.c: see tap_terms.h. */
#include "host/tap_terms.h"

#include "base/check.h"
#include "base/map.h"

#include <stdlib.h>
#include <string.h>

struct terms {
	uint64_t id, tag; /* id 0 = free */
	aq_qty qty;
	uint32_t account, instrument, instance;
	uint8_t side, position_side, type, tif, post_only, reduce_only;
};

struct tap_terms {
	struct terms list[TAP_TERMS];
	uint32_t next; /* the oldest, which makes room */
	struct map by_id;
};

struct tap_terms *tap_terms_new(void)
{
	struct tap_terms *t = calloc(1, sizeof(*t));

	CHECK(t != NULL);
	map_init(&t->by_id, TAP_TERMS + 1);
	return t;
}

void tap_terms_free(struct tap_terms *t)
{
	if (t == NULL)
		return;
	map_finish(&t->by_id);
	free(t);
}

void tap_terms_note(struct tap_terms *t, const struct aq_order *o)
{
	struct terms *slot = &t->list[t->next];

	if (o->id == 0 || map_find(&t->by_id, o->id) != MAP_NONE)
		return;
	if (slot->id != 0)
		map_remove(&t->by_id, slot->id);
	*slot = (struct terms){.id = o->id,
		.tag = o->tag,
		.qty = o->qty,
		.account = o->account,
		.instrument = o->instrument,
		.instance = o->instance,
		.side = o->side,
		.position_side = o->position_side,
		.type = o->type,
		.tif = o->tif,
		.post_only = o->post_only,
		.reduce_only = o->reduce_only};
	CHECK(map_put(&t->by_id, o->id, t->next) == 0);
	t->next = (t->next + 1) % TAP_TERMS;
}

bool tap_terms_find(const struct tap_terms *t, uint64_t id, struct aq_order *out)
{
	uint32_t at = id != 0 ? map_find(&t->by_id, id) : MAP_NONE;
	const struct terms *found;

	if (at == MAP_NONE)
		return false;
	found = &t->list[at];
	*out = (struct aq_order){.size = sizeof(*out),
		.id = id,
		.tag = found->tag,
		.qty = found->qty,
		.account = found->account,
		.instrument = found->instrument,
		.instance = found->instance,
		.side = found->side,
		.position_side = found->position_side,
		.type = found->type,
		.tif = found->tif,
		.post_only = found->post_only,
		.reduce_only = found->reduce_only,
		.trigger = AQ_NONE,
		.trail = AQ_NONE,
		.display_qty = AQ_NONE};
	return true;
}
