/* options.h: the host's own sections: their tables, and what they mean. */
#ifndef AQ_HOST_OPTIONS_H
#define AQ_HOST_OPTIONS_H

#include "host/config.h"

#include <stdbool.h>
#include <stdio.h>

struct host;
struct host_options;
struct flow_limits;
struct flow;

/* All that can be judged without plugins and markets, in the sections of the host itself, the accounts, the simulated
 * venues, the limits and the policies; fills *out, its paths made from the folder of the file. Returns the number of
 * errors. */
int options_read(const struct config *c, const char *config_path, struct host_options *out, struct config_errors *e);
/* A section of no other meaning names a plugin: false when there is none of that name, or the word is one of ours misspelt, which
 * options_read has told. */
bool options_is_service(const struct config_section *s, const struct host_options *o);

/* The parts of options_read. Unknown kinds of sections are errors of options_fill. */
int options_fill(const struct config *c, struct host_options *out, struct config_errors *e);
void options_resolve_paths(
	const struct config *c, struct host_options *o, const char *config_path, struct config_errors *e);
/* Prints the keys of [kind] or [kind:...] that are the host's. False: there is no such kind. */
bool options_help(const char *kind, FILE *out);
int options_check_accounts(const struct config *c, struct config_errors *e);
int options_check_limits(const struct config *c, const struct host_options *o, struct config_errors *e);
/* mode = live without limits is refused. */
void options_check_live(const struct config *c, const struct host_options *o, struct config_errors *e);

/* The table of a section of the host itself, NULL for other kinds. */
const struct aq_option *options_table(const char *kind);
/* Keys that the host itself takes from the section of a plugin of this kind, and from [account:...]. */
const char *const *options_known(uint32_t kind);
const char *const *options_account_known(void);
/* "10x" in percent of real time, 0 for "max". 0 or AQ_EFORMAT. */
int options_speed(const char *text, int64_t *percent);
/* on_stop of a strategy's section: whether its orders are cancelled, be it to close the position then. */
bool options_cancels_on_stop(const struct config_section *s);
/* limit.position against the instruments that are known. A symbol that none has is an error where `whole` says that all
 * instruments of that exchange (0: of all exchanges) are known. */
int options_check_positions(const struct config *c, const struct flow *known,
	bool (*whole)(void *context, uint32_t exchange), void *context, struct config_errors *e);

/* Gives accounts their ids, binds them to their exchanges, sets their rates. */
int options_bind_accounts(struct host *h, struct config_errors *e);
/* AQ_EV_ACCOUNT to an exchange for each account that it serves, as part of a download. */
void options_tell_accounts(struct host *h, uint32_t exchange);
/* limit.* of [host], the accounts and the strategies; limits on instruments that are not known yet are applied when called
 * again. Returns the number of errors. */
int options_apply_limits(struct host *h, struct config_errors *e);
/* stale_after of an [exchange:NAME], once the flow knows the exchange. */
void options_apply_exchange(struct host *h, const struct config_section *s);
/* Logs each limit.position whose symbol no exchange has, though all have told their instruments: it limits nothing. */
void options_warn_positions(const struct host *h);
/* Of one section, of an exchange its stale_after too. A section with an error changes nothing. */
int options_apply_section_limits(struct host *h, const struct config_section *s, struct config_errors *e);

#endif
