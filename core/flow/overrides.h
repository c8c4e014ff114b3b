/* overrides.h: live options that an operator has set: they outlast reloads and restarts until they are reset. */
#ifndef AQ_FLOW_OVERRIDES_H
#define AQ_FLOW_OVERRIDES_H

#include "flow/fact.h"

#include <stdbool.h>

#define OVERRIDES_MAX 256

struct overrides {
	struct fact_override *list; /* in the order in which they were first set */
	uint32_t count;
};

void overrides_finish(struct overrides *o);
/* NULL when the configuration's value holds. */
const struct fact_override *overrides_find(const struct overrides *o, const char *section, const char *key);
bool overrides_fit(const struct overrides *o, const struct fact_override *fact);
void overrides_apply(struct overrides *o, const struct fact_override *fact);

#endif
