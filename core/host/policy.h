/* policy.h: what happens to an instance's orders, and to the instance, when it stops, crashes or has lost too much:
 * verbs in a list, as on_crash = cancel, quarantine. */
#ifndef AQ_HOST_POLICY_H
#define AQ_HOST_POLICY_H

#include "host/config.h"

enum policy_orders {
	POLICY_LEAVE = 1, /* they stay in the market */
	POLICY_CANCEL = 2,
	POLICY_FLATTEN = 3, /* cancelled, then the position is closed */
};

enum policy_then {
	POLICY_NOTHING = 0,
	POLICY_QUARANTINE = 1, /* it stays out until a person brings it back */
	POLICY_RESTART = 2,
	POLICY_CLOSE_ONLY = 3, /* only what makes the position smaller */
	POLICY_HALT = 4,       /* nothing new */
};

struct policy {
	uint8_t orders; /* enum policy_orders */
	uint8_t then;   /* enum policy_then */
};

/* By a section that policies_check has passed; NULL: the defaults. A verb that is not given is the default's. */
/* [strategy:]; default: cancel, and `then` is always POLICY_NOTHING. */
struct policy policy_on_stop(const struct config_section *s);
/* [strategy:]; default: cancel, quarantine. */
struct policy policy_on_crash(const struct config_section *s);
/* [host], [account:] and [strategy:], each for what is lost there; default: cancel, close_only. */
struct policy policy_on_loss(const struct config_section *s);

/* Errors of all policies of a configuration. Which section may have which is the tables' to say (options.c). */
void policies_check(const struct config *c, struct config_errors *e);
/* The policies that a kind of section may have, as the keys that it leaves to their defaults: calls `each` with key and
 * default. */
void policies_defaults(
	const struct config_section *s, void (*each)(void *context, const char *key, const char *value), void *context);

#endif
