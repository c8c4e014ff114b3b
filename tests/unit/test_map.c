/* test_map.c: the map against a plain array, with keys that fall on each other and maps that are full. */
#include "base/map.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>

#include <cmocka.h>

#define KEYS 256

struct model {
	uint64_t keys[KEYS];
	uint32_t values[KEYS];
	bool there[KEYS];
	uint32_t count;
	uint64_t random;
};

static uint32_t below(struct model *m, uint32_t limit)
{
	m->random = m->random * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(m->random >> 33) % limit;
}

/* Keys that all have their home in the same few places of a map of `slots`, so that runs are long and wrap. */
static void choose_keys(struct model *m, uint32_t slots, uint32_t homes)
{
	uint64_t key = 1;

	for (int i = 0; i < KEYS; i++) {
		while ((map_hash(key, 0) & (slots - 1)) < slots - homes)
			key++;
		m->keys[i] = key++;
	}
}

static void check_all(const struct map *map, const struct model *m)
{
	for (int i = 0; i < KEYS; i++)
		assert_int_equal(map_find(map, m->keys[i]), m->there[i] ? m->values[i] : MAP_NONE);
	assert_int_equal(map->count, m->count);
}

static void put(struct map *map, struct model *m, uint32_t capacity)
{
	uint32_t i = below(m, KEYS), value = below(m, 1000000);
	bool fits = m->there[i] || m->count < capacity;

	assert_int_equal(map_put(map, m->keys[i], value), fits ? 0 : -1);
	if (!fits)
		return;
	m->count += !m->there[i];
	m->there[i] = true;
	m->values[i] = value;
}

static void drop(struct map *map, struct model *m)
{
	uint32_t i = below(m, KEYS);

	map_remove(map, m->keys[i]); /* also one that is not there */
	m->count -= m->there[i];
	m->there[i] = false;
}

/* `capacity` is a power of two of at least 8: the map then holds exactly that many. */
static void run(uint64_t seed, uint32_t capacity, uint32_t homes)
{
	struct model m = {.random = seed};
	struct map map;

	map_init(&map, capacity);
	choose_keys(&m, 2 * capacity, homes);
	for (int i = 0; i < 20000; i++) {
		if (below(&m, 100) < (i / 2000 % 2 == 0 ? 60u : 40u))
			put(&map, &m, capacity);
		else
			drop(&map, &m);
		if (i % 16 == 0)
			check_all(&map, &m);
	}
	for (int i = 0; i < KEYS; i++) {
		map_remove(&map, m.keys[i]);
		m.count -= m.there[i];
		m.there[i] = false;
	}
	check_all(&map, &m);
	map_finish(&map);
}

static void test_spread(void **unused)
{
	run(1, 128, 256);
	run(2, 256, 512);
}

/* All at the end of the table: probing goes round its end, removing closes runs across it. */
static void test_collisions(void **unused)
{
	run(3, 8, 1);
	run(4, 8, 4);
	run(5, 64, 3);
	run(6, 128, 16);
}

static void test_hash(void **unused)
{
	for (uint64_t a = 0; a < 300; a++)
		for (uint64_t b = 0; b < 300; b++)
			assert_true(map_hash(a, b) != 0);
	assert_true(map_hash(1, 2) != map_hash(2, 1));
	assert_true(map_hash(0, 1) != map_hash(0, 2));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_spread), cmocka_unit_test(test_collisions), cmocka_unit_test(test_hash)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
