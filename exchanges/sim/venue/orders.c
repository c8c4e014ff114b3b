/* orders.c: blocks, the map by client order id, and sorted arrays. */
#include "sim/venue/orders.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_RESTS 64u
#define FIRST_SLOTS 16384u

int sim_orders_create(struct sim_orders *o)
{
	memset(o, 0, sizeof *o);
	o->order_blocks = calloc(SIM_BLOCKS, sizeof *o->order_blocks);
	o->fill_blocks = calloc(SIM_BLOCKS, sizeof *o->fill_blocks);
	o->slots = calloc(FIRST_SLOTS, sizeof *o->slots);
	o->slot_mask = FIRST_SLOTS - 1;
	if (o->order_blocks == NULL || o->fill_blocks == NULL || o->slots == NULL)
		return AQ_ESPACE;
	o->order_blocks[0] = calloc(SIM_BLOCK, sizeof **o->order_blocks);
	o->fill_blocks[0] = calloc(SIM_BLOCK, sizeof **o->fill_blocks);
	return o->order_blocks[0] != NULL && o->fill_blocks[0] != NULL ? AQ_OK : AQ_ESPACE;
}

void sim_orders_destroy(struct sim_orders *o)
{
	for (uint32_t i = 0; o->order_blocks != NULL && i < SIM_BLOCKS && o->order_blocks[i] != NULL; i++)
		free(o->order_blocks[i]);
	for (uint32_t i = 0; o->fill_blocks != NULL && i < SIM_BLOCKS && o->fill_blocks[i] != NULL; i++)
		free(o->fill_blocks[i]);
	free(o->order_blocks);
	free(o->fill_blocks);
	free(o->slots);
	free(o->expiry);
}

/* Client order ids are counters; multiplying by an odd constant and taking high bits spreads them. */
static uint32_t slot_of(const struct sim_orders *o, uint32_t account, uint64_t id)
{
	uint64_t mixed = (id ^ (uint64_t)account << 40) * 0x9e3779b97f4a7c15u;
	return (uint32_t)(mixed >> 32) & o->slot_mask;
}

static void put_slot(struct sim_orders *o, const struct sim_order_row *r)
{
	uint32_t at = slot_of(o, r->account, r->id);
	while (o->slots[at] != 0)
		at = (at + 1) & o->slot_mask;
	o->slots[at] = r->number + 1;
}

/* Half full at most. */
static int grow_slots(struct sim_orders *o)
{
	if (o->order_count < (o->slot_mask + 1) / 2)
		return AQ_OK;
	uint32_t *more = calloc((size_t)(o->slot_mask + 1) * 2, sizeof *more);
	if (more == NULL)
		return AQ_ESPACE;
	free(o->slots);
	o->slots = more;
	o->slot_mask = o->slot_mask * 2 + 1;
	for (uint32_t i = 0; i < o->order_count; i++)
		put_slot(o, sim_order_at(o, i));
	return AQ_OK;
}

struct sim_order_row *sim_order_add(struct sim_orders *o, uint32_t account, uint64_t id)
{
	uint32_t block = o->order_count / SIM_BLOCK;
	if (block == SIM_BLOCKS || grow_slots(o) != AQ_OK)
		return NULL;
	if (o->order_blocks[block] == NULL)
		o->order_blocks[block] = calloc(SIM_BLOCK, sizeof **o->order_blocks);
	if (o->order_blocks[block] == NULL)
		return NULL;
	struct sim_order_row *r = sim_order_at(o, o->order_count);
	r->number = o->order_count++;
	r->account = account;
	r->id = id;
	put_slot(o, r);
	return r;
}

struct sim_order_row *sim_order_find(const struct sim_orders *o, uint32_t account, uint64_t id)
{
	for (uint32_t at = slot_of(o, account, id); o->slots[at] != 0; at = (at + 1) & o->slot_mask) {
		struct sim_order_row *r = sim_order_at(o, o->slots[at] - 1);
		if (r->id == id && r->account == account)
			return r;
	}
	return NULL;
}

struct sim_fill_row *sim_fill_add(struct sim_orders *o)
{
	uint32_t block = o->fill_count / SIM_BLOCK;
	if (block == SIM_BLOCKS)
		return NULL;
	if (o->fill_blocks[block] == NULL)
		o->fill_blocks[block] = calloc(SIM_BLOCK, sizeof **o->fill_blocks);
	return o->fill_blocks[block] == NULL ? NULL : sim_fill_at(o, o->fill_count++);
}

/* Doubles `bytes` per entry of an array that is full. */
static void *room_for_one(void *array, uint32_t count, uint32_t *capacity, size_t bytes)
{
	if (count < *capacity)
		return array;
	uint32_t more = *capacity == 0 ? 256 : *capacity * 2;
	void *larger = realloc(array, more * bytes);
	if (larger != NULL)
		*capacity = more;
	return larger;
}

int sim_rests_create(struct sim_rests *s)
{
	s->rest = calloc(FIRST_RESTS, sizeof *s->rest);
	s->capacity = FIRST_RESTS;
	return s->rest != NULL ? AQ_OK : AQ_ESPACE;
}

/* Index of the first entry that is as good as (key, priority) or better. */
static uint32_t rest_place(const struct sim_rests *s, int64_t key, uint64_t priority)
{
	uint32_t low = 0, high = s->count;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		const struct sim_rest *r = &s->rest[middle];
		if (r->key < key || (r->key == key && r->priority > priority))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

int sim_rest_add(struct sim_rests *s, int64_t key, const struct sim_order_row *r)
{
	void *room = room_for_one(s->rest, s->count, &s->capacity, sizeof *s->rest);
	if (room == NULL)
		return AQ_ESPACE;
	s->rest = room;
	uint32_t at = rest_place(s, key, r->priority);
	memmove(s->rest + at + 1, s->rest + at, (s->count++ - at) * sizeof *s->rest);
	s->rest[at] = (struct sim_rest){.key = key, .priority = r->priority, .order = r->number};
	return AQ_OK;
}

void sim_rest_remove(struct sim_rests *s, int64_t key, const struct sim_order_row *r)
{
	uint32_t at = rest_place(s, key, r->priority);
	if (at < s->count && s->rest[at].order == r->number)
		memmove(s->rest + at, s->rest + at + 1, (--s->count - at) * sizeof *s->rest);
}

/* Index of the first entry that does not expire after (at_ns, order); of equal times the older order stands last. */
static uint32_t expiry_place(const struct sim_orders *o, int64_t at_ns, uint32_t order)
{
	uint32_t low = 0, high = o->expiry_count;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		const struct sim_expiry *e = &o->expiry[middle];
		if (e->at_ns > at_ns || (e->at_ns == at_ns && e->order > order))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

int sim_expiry_add(struct sim_orders *o, const struct sim_order_row *r)
{
	void *room = room_for_one(o->expiry, o->expiry_count, &o->expiry_capacity, sizeof *o->expiry);
	if (room == NULL)
		return AQ_ESPACE;
	o->expiry = room;
	uint32_t at = expiry_place(o, r->expiry_ns, r->number);
	memmove(o->expiry + at + 1, o->expiry + at, (o->expiry_count++ - at) * sizeof *o->expiry);
	o->expiry[at] = (struct sim_expiry){.at_ns = r->expiry_ns, .order = r->number};
	return AQ_OK;
}

void sim_expiry_remove(struct sim_orders *o, const struct sim_order_row *r)
{
	uint32_t at = expiry_place(o, r->expiry_ns, r->number);
	if (at < o->expiry_count && o->expiry[at].order == r->number)
		memmove(o->expiry + at, o->expiry + at + 1, (--o->expiry_count - at) * sizeof *o->expiry);
}
