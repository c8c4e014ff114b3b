/* options.h: the host's own sections: their tables, and what they mean. */
#ifndef AQ_HOST_OPTIONS_H
#define AQ_HOST_OPTIONS_H

#include "host/config.h"

struct host;
struct host_options;
struct flow_limits;
struct flow;

/* Checks [host], [log], [control], [journal] and fills *out. Unknown kinds of sections are errors. */
int options_fill(const struct config *c, struct host_options *out, struct config_errors *e);
/* Relative paths are meant from the folder of the configuration file: makes them so. */
void options_resolve_paths(struct host_options *o, const char *config_path);
/* Keys that the host itself takes from the section of a plugin of this kind. */
const char *const *options_known(uint32_t kind);
/* Checks the [account:...] sections against the exchanges. */
int options_check_accounts(const struct config *c, struct config_errors *e);
/* Gives accounts their ids, binds them to their exchanges, sets their rates. */
int options_bind_accounts(struct host *h, struct config_errors *e);
/* AQ_EV_ACCOUNT to an exchange for each account that it serves, as part of a download. */
void options_tell_accounts(struct host *h, uint32_t exchange);
/* limit.* of [host], the accounts and the strategies; limits on instruments that are not known yet are applied when called
 * again. Returns the number of errors. */
int options_apply_limits(struct host *h, struct config_errors *e);
/* Of one section. A section with an error changes nothing. */
int options_apply_section_limits(struct host *h, const struct config_section *s, struct config_errors *e);
/* Only looks: what can be judged without instruments. */
int options_check_limits(const struct config *c, const struct host_options *o, struct config_errors *e);
/* on_stop of a strategy's section: true = cancel (the default), false = leave. */
bool options_cancels_on_stop(const struct config_section *s);

#endif
