/* start.h: how instances come up: staged, created, and started as soon as the markets that they name are known. */
#ifndef AQ_HOST_START_H
#define AQ_HOST_START_H

#include "host/host.h"

/* At a start nothing trades yet: a busy machine is given so many times probe_timeout before new code counts as hanging. */
#define START_PATIENCE 5

/* By a quarantine. */
bool start_is_barred(struct host *h, const char *name);
/* Stages and creates the instance of a section; exchanges are started at once. [host_open] */
int start_section(struct host *h, const struct config_section *section, uint32_t kind, struct aq_err *err);
/* An exchange that has been created. When it does not start it is destroyed, with its plugin. */
int start_exchange(struct instance *i, struct aq_err *err);
/* The same of a store's back end, which comes up in its own time. */
int start_storage(struct instance *i, struct aq_err *err);
/* Those that waited for their markets, or for the first valid book, are started when they are there. */
void start_waiting(struct host *h);
/* A timer of the host itself (owner 0). */
void start_timer(struct host *h, uint64_t tag);
/* Sets the host's own timers. */
void start_timers(struct host *h);
/* Has every running instance save its state, and writes those that have changed. */
void save_all(struct host *h, bool write);

#endif
