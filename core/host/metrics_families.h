/* metrics_families.h: what `aqctl metrics` tells. Inside of control only. */
#ifndef AQ_HOST_METRICS_FAMILIES_H
#define AQ_HOST_METRICS_FAMILIES_H

#include "host/host.h"
#include "host/metrics_text.h"

/* One of the functions is there: it writes all samples, or those of one instance, account or book. */
struct metric_family {
	const char *name; /* NULL ends the list */
	enum metric_type type;
	const char *unit; /* or NULL */
	const char *help;
	void (*samples)(struct metrics *m, struct host *h);
	void (*instance)(struct metrics *m, struct host *h, const struct instance *i, const struct metric_label *labels);
	uint32_t kind; /* of the instances; 0: any */
	void (*account)(struct metrics *m, struct host *h, uint32_t account, const struct metric_label *labels);
	uint64_t (*book)(const struct market *market);
};

/* The process, its orders, and its journal. */
extern const struct metric_family metrics_of_host[];
/* Venues, accounts, strategies. */
extern const struct metric_family metrics_of_instances[];
/* Of venues: by far the longest. */
extern const struct metric_family metrics_of_latency[];

#define LABELS(...) ((const struct metric_label[]){__VA_ARGS__, {NULL, NULL}})

#endif
