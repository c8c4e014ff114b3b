/* histogram.h: log-linear counts of non-negative values with a relative error under 2 %; fixed memory, no allocation. */
#ifndef AQ_BASE_HISTOGRAM_H
#define AQ_BASE_HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_SUB 64 /* steps within a power of two */

struct histogram {
	uint64_t count, sum, max;
	uint64_t buckets[58 * HISTOGRAM_SUB + HISTOGRAM_SUB];
};

void histogram_add(struct histogram *h, uint64_t value);
/* The value that `share` (0..1) of all do not exceed; 0 when empty. */
uint64_t histogram_at(const struct histogram *h, double share);
/* How many do not exceed `value`, with the error above. */
uint64_t histogram_upto(const struct histogram *h, uint64_t value);
/* Adds all of `from`. */
void histogram_merge(struct histogram *h, const struct histogram *from);

#endif
