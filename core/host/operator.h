/* operator.h: an operator's word carried out: whom it is about, what follows, and the ways in that need no socket: SIGUSR2
 * halts, and so does a file in STATE_DIR/operator.
 *
 * A file there is named VERB or VERB.NAME (halt, pause.mm-btc, flatten.bin-main; resume, too); its first line is why, its
 * owner is who. It is taken away when it has been carried out, also by the next start: before anything trades. */
#ifndef AQ_HOST_OPERATOR_H
#define AQ_HOST_OPERATOR_H

#include "flow/standing.h"

#include <aioquant/abi.h>

struct host;

struct operator_target {
	enum flow_scope scope;
	uint32_t id;
	char name[48];
	const struct standing *standing;
};

/* "host", an account, an instance (also one that does not run); "account:NAME", "strategy:NAME" where both are named so. */
int operator_target_find(struct host *h, const char *name, struct operator_target *out, struct aq_err *err);
/* Whether a word can be said to it: to what is quarantined only pause, halt and flatten. */
bool operator_may(const struct operator_target *t, uint8_t state);
/* Fills scope, id and time, logs, journals. What follows begins with the next tick of the flow. To what is quarantined: its
 * orders go and (flatten) its positions are closed; it will be paused or halted when it is released. */
int operator_stand(struct host *h, const struct operator_target *t, struct fact_standing *fact);
/* on_stop = flatten of an instance that is going: its orders are cancelled, its positions closed, then it is over. */
void operator_flatten_at_stop(struct host *h, uint32_t instance);
/* Ends the quarantine of an instance that has been made anew: a pause, close-only or halt of before goes on. A
 * journal that cannot take it is logged: the next start quarantines it again. */
void operator_release(struct host *h, uint32_t instance, uint32_t uid);

/* Watches the folder, and SIGUSR2. */
int operator_open(struct host *h, struct aq_err *err);
/* Carries out what lies there; at a start also what the journal of the last run could not take. */
void operator_look(struct host *h, bool at_start);
void operator_close(struct host *h);
/* Something newer has been said: what the journal did not take of a target is not for the next start any more. */
void operator_forget_kept(struct host *h, const struct operator_target *t);
/* What SIGUSR2 has asked for since. */
void operator_take_signal(struct host *h);

#endif
