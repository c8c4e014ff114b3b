/* store_replace.h: another back end, of new code or settings, in the place of the one that runs.
 *
 * The new one starts beside the old and connects. When it is up, or the old one is down too, calls go to it; the old one ends
 * what it has, and the new one begins with the first call that the old one has not had: nothing changes its order. */
#ifndef AQ_HOST_STORE_REPLACE_H
#define AQ_HOST_STORE_REPLACE_H

#include "host/store.h"

struct reload_result;

/* One before still ends what it has: another cannot begin yet. */
bool store_replace_is_busy(const struct host *h, uint32_t id);
/* Creates and starts it. Belongs to the store from here on, with its plugin, if it works. */
int store_replace_begin(struct host *h, struct instance *old, struct plugin *plugin, const struct config_section *section,
	struct aq_err *err);
enum store_coming { STORE_COMING = 1, STORE_IS_UP, STORE_IS_NOT };
/* STORE_IS_NOT: it says that it is down, or nothing for probe_timeout, while the old one works; `err` is the reason. */
enum store_coming store_replace_look(struct host *h, uint32_t id, struct aq_err *err);
/* It takes over. Nothing here can fail. */
void store_replace_commit(struct host *h, uint32_t id, struct reload_result *result);
void store_replace_give_up(struct host *h, uint32_t id);
/* To what was there before the last reload, at once. */
int store_go_back(struct host *h, struct instance *i, struct reload_result *result, struct aq_err *err);

#endif
