/* control_query.h: callers of the control socket that wait for what a store has: their answers come later, and in pieces. */
#ifndef AQ_HOST_CONTROL_QUERY_H
#define AQ_HOST_CONTROL_QUERY_H

#include <stdbool.h>
#include <stdint.h>

struct host;
struct query;

#define CONTROL_QUERIES 16 /* whoever comes then is told to try again */

struct control_queries {
	struct query *first;
	uint32_t count;
};

/* The connection has all that it was sent, or is gone. Any connection. */
void control_query_drained(struct host *h, int64_t connection);
void control_query_gone(struct host *h, int64_t connection);
/* Gives up those whose caller takes nothing; called between two moments. */
void control_queries_step(struct host *h);
/* Somebody waits: it is called often, whatever else there is to do. */
bool control_queries_wait(struct host *h);
void control_queries_close(struct host *h);

#endif
