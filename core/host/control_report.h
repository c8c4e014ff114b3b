/* control_report.h: reports that are under way: they are made of what stores have kept, a little at a turn. Inside of control. */
#ifndef AQ_HOST_CONTROL_REPORT_H
#define AQ_HOST_CONTROL_REPORT_H

struct query;
struct report_job;

/* Of a query that makes one. */
void report_turn(struct query *q);
/* Accepts NULL. */
void report_free(struct report_job *job);

#endif
