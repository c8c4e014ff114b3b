/* control_call.h: a request in the hands of its verb. Inside of control, and for whoever else serves the table of
 * verbs. */
#ifndef AQ_HOST_CONTROL_CALL_H
#define AQ_HOST_CONTROL_CALL_H

#include "host/control_request.h"
#include "host/control_result.h"
#include "host/host.h"

struct control_call {
	struct host *host;
	const struct control_request *request;
	uint32_t uid;       /* of the caller */
	int64_t connection; /* that is answered later, if it is */
	struct result result;
};

/* True: `result` is the answer. False: it comes later, through control_answer. */
typedef bool control_function(struct control_call *c);

enum control_flags {
	CONTROL_CHANGES = 1,
	CONTROL_TAKES_PLAN = 2,
	CONTROL_TAKES_FRESH = 4,
	CONTROL_TAKES_RESET = 8, /* and --save */
	CONTROL_CHANGES_IF_TOLD = 16, /* changes something only when it has an argument */
	CONTROL_TAKES_REPORT = 64,    /* --csv, --month, --by */
	CONTROL_TAKES_QUERY = 32      /* --csv, --rows, --limit, --fields, --sort, and what stands behind -- */
};

struct control_verb {
	const char *verb;
	const char *arguments; /* for people: "NAME KEY=VALUE [KEY=VALUE...]" */
	const char *summary;
	control_function *function;
	int least, most; /* number of arguments */
	uint32_t flags;  /* enum control_flags */
};

/* The one table: ends with verb NULL. */
extern const struct control_verb control_verbs[];

/* Finds the verb, checks arguments and flags, notes in the journal what changes something, and runs it. */
control_function control_run;

/* Those of the table, in the control_NAME.c of their subject. */
control_function control_help, control_status, control_instances, control_plugins, control_orders, control_positions,
	control_balances, control_books, control_limits, control_latency, control_metrics, control_reload, control_rollback,
	control_set, control_pause, control_close_only, control_halt, control_flatten, control_resume, control_release,
	control_params, control_diff, control_why, control_gauges, control_reconcile, control_check, control_log_level,
	control_store, control_report;

/* The answer to a connection that waits for it; it may have gone. Frees the result. */
void control_answer(struct host *h, int64_t connection, const struct control_request *request, struct result *result);
/* The same in pieces. One that the caller has taken none of waits in the host: the next is made when `unsent` is 0, which
 * control_query_drained tells. False: the connection has gone. */
bool control_piece(struct host *h, int64_t connection, const void *bytes, uint32_t length);
uint32_t control_unsent(const struct host *h, int64_t connection);
/* What is under way for callers of stores (control_query.h). NULL once control is closed. */
struct control_queries;
struct control_queries *control_queries(struct host *h);
/* The one caller that waits for the end of a reload; others are told that one is under way. */
struct control_waiting {
	bool busy;
	int64_t connection;
	struct control_request request;
};
/* NULL once control is closed. */
struct control_waiting *control_waiting(struct host *h);

/* Since control was opened, by the wall clock. */
int64_t control_uptime_ns(const struct host *h);

/* The next that is there behind this id, or NULL; *id begins with 0. */
struct instance *control_next_instance(const struct host *h, uint32_t *id);
/* The id of the next instance behind this one that a quarantine keeps from running, 0 = none. */
uint32_t control_next_quarantined(const struct host *h, uint32_t after);
/* The running instance of this name, or NULL, with the error in the result. */
struct instance *control_instance(struct control_call *c, const char *name);

#endif
