/* map.h: open-addressing map from a non-zero 64-bit key to a 32-bit index, fixed capacity, no allocation after init.
 * Deletion shifts back, so it never fills with tombstones. */
#ifndef AQ_BASE_MAP_H
#define AQ_BASE_MAP_H

#include <stdint.h>

#define MAP_NONE UINT32_MAX

struct map {
	uint64_t *keys; /* 0 = empty */
	uint32_t *values;
	uint32_t mask;
	uint32_t count;
};

/* Room for `capacity` entries at half load. Aborts when out of memory. */
void map_init(struct map *m, uint32_t capacity);
void map_finish(struct map *m);
uint32_t map_find(const struct map *m, uint64_t key); /* MAP_NONE */
/* Replaces the value of a key that is there. 0, or -1 when the map holds its capacity. */
int map_put(struct map *m, uint64_t key, uint32_t value);
void map_remove(struct map *m, uint64_t key);
/* Mixes bits; also for composing keys. Never returns 0. */
uint64_t map_hash(uint64_t a, uint64_t b);

#endif
