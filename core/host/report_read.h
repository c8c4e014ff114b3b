/* report_read.h: reads the tables of a recorder in the order of their time, all together, into a report_sum: a page of each at a
 * time, and some rows at a turn of the trading loop, so that neither memory nor the loop is taken. [loop] */
#ifndef AQ_HOST_REPORT_READ_H
#define AQ_HOST_REPORT_READ_H

#include "host/report_sum.h"

#include <stdint.h>

struct host;

enum { REPORT_FILLS, REPORT_CASHFLOWS, REPORT_EQUITY, REPORT_SOURCES };

struct report_read;

/* `stores`: id of that of each table, 0 = it is not recorded. `sum` stays the caller's. NULL: *why says it. */
struct report_read *report_read_begin(struct host *h, const uint32_t stores[REPORT_SOURCES], int64_t from_ns, int64_t to_ns,
	struct report_sum *sum, const char **why);
/* Does what can be done in this turn. 1 = all of it has been read, 0 = not yet, -1 = a store said no: *why says it. */
int report_read_step(struct report_read *r, const char **why);
/* Gives up what is under way. Accepts NULL. */
void report_read_free(struct report_read *r);

#endif
