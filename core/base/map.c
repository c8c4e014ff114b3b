/* map.c: linear probing; see map.h. */
#include "base/map.h"

#include "base/check.h"

#include <stdlib.h>

uint64_t map_hash(uint64_t a, uint64_t b)
{
	uint64_t h = a * 0x9e3779b97f4a7c15u ^ (b + 0x7f4a7c159e3779b9u) * 0xc2b2ae3d27d4eb4fu;

	h ^= h >> 32;
	h *= 0xd6e8feb86659fd93u;
	h ^= h >> 32;
	return h != 0 ? h : 1;
}

void map_init(struct map *m, uint32_t capacity)
{
	uint32_t slots = 16;

	while (slots < 2 * (uint64_t)capacity)
		slots *= 2;
	m->keys = calloc(slots, sizeof(*m->keys));
	m->values = calloc(slots, sizeof(*m->values));
	CHECK(m->keys != NULL && m->values != NULL);
	m->mask = slots - 1;
	m->count = 0;
}

void map_finish(struct map *m)
{
	free(m->keys);
	free(m->values);
	m->keys = NULL;
	m->values = NULL;
}

static uint32_t home(const struct map *m, uint64_t key)
{
	return (uint32_t)(map_hash(key, 0) & m->mask);
}

static uint32_t slot_of(const struct map *m, uint64_t key)
{
	uint32_t at = home(m, key);

	while (m->keys[at] != 0 && m->keys[at] != key)
		at = (at + 1) & m->mask;
	return at;
}

uint32_t map_find(const struct map *m, uint64_t key)
{
	uint32_t at = slot_of(m, key);

	return m->keys[at] == key ? m->values[at] : MAP_NONE;
}

int map_put(struct map *m, uint64_t key, uint32_t value)
{
	uint32_t at = slot_of(m, key);

	CHECK(key != 0);
	if (m->keys[at] == 0) {
		if (m->count >= (m->mask + 1) / 2)
			return -1;
		m->keys[at] = key;
		m->count++;
	}
	m->values[at] = value;
	return 0;
}

void map_remove(struct map *m, uint64_t key)
{
	uint32_t hole = slot_of(m, key);
	uint32_t at = hole;

	if (m->keys[hole] != key)
		return;
	m->count--;
	for (;;) {
		at = (at + 1) & m->mask;
		if (m->keys[at] == 0)
			break;
		/* an entry may move into the hole unless its home lies cyclically in (hole, at] */
		if (((at - home(m, m->keys[at])) & m->mask) >= ((at - hole) & m->mask)) {
			m->keys[hole] = m->keys[at];
			m->values[hole] = m->values[at];
			hole = at;
		}
	}
	m->keys[hole] = 0;
}
