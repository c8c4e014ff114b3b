/* metrics_text.h: OpenMetrics text being written: families of samples, never half a line. */
#ifndef AQ_HOST_METRICS_TEXT_H
#define AQ_HOST_METRICS_TEXT_H

#include <stdint.h>

enum metric_type { METRIC_GAUGE = 0, METRIC_COUNTER = 1, METRIC_INFO = 2, METRIC_STATESET = 3, METRIC_HISTOGRAM = 4 };

struct metric_label {
	const char *name; /* NULL ends the list */
	const char *value;
};

struct metrics {
	char *bytes;
	uint32_t used, most;
	uint32_t left;      /* samples without room */
	const char *family; /* in hand */
	enum metric_type type;
};

/* `bytes` holds `most` bytes, at least 1024; no NUL is written. */
void metrics_begin(struct metrics *m, char *bytes, uint32_t most);
/* `unit`: NULL, or the end of the name. All samples of a family follow it. */
void metrics_family(struct metrics *m, const char *name, enum metric_type type, const char *unit, const char *help);
/* One sample; the name gets what its type asks for (_total, _info). */
void metrics_add(struct metrics *m, const struct metric_label *labels, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* A sample of a histogram: suffix _bucket, _count, _sum. */
void metrics_part(struct metrics *m, const char *suffix, const struct metric_label *labels, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* How many had no room, and the end. Returns the length. */
uint32_t metrics_end(struct metrics *m);

#endif
