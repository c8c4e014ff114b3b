/* hour.h: a histogram that also knows what of it is of the last hour, to ten minutes. Fixed memory, no allocation; it has
 * no clock of its own. */
#ifndef AQ_BASE_HOUR_H
#define AQ_BASE_HOUR_H

#include "base/histogram.h"

#define HOUR_SLICES 6
#define HOUR_SLICE_NS (INT64_C(600) * 1000000000)

struct hour {
	struct histogram older, slices[HOUR_SLICES];
	int64_t from_ns; /* of the slice in hand; 0 = nothing has come yet */
	uint32_t at;
	uint32_t reserved;
};

/* A time before the last one counts as that. */
void hour_add(struct hour *h, int64_t now_ns, uint64_t value);
/* All that ever came. */
void hour_all(const struct hour *h, struct histogram *out);
/* What came within the last hour: the slice in hand and the five before it. */
void hour_last(struct hour *h, int64_t now_ns, struct histogram *out);

#endif
