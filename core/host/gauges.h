/* gauges.h: figures that a strategy tells by name. Their code's alone: new code begins with none. */
#ifndef AQ_HOST_GAUGES_H
#define AQ_HOST_GAUGES_H

#include <aioquant/tell.h>

struct gauge {
	char name[AQ_GAUGE_NAME_SIZE];
	double value;
	int64_t time_ns;
};

struct gauges {
	struct gauge list[AQ_GAUGES]; /* in the order in which they were first told */
	uint32_t count;
};

/* AQ_OK, AQ_EINVAL for a name that is none, AQ_ESPACE. */
int gauges_set(struct gauges *g, const char *name, double value, int64_t time_ns);

#endif
