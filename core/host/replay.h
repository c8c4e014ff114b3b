/* replay.h: venues inside this process: a simulated venue per exchange section that names a capture. */
#ifndef AQ_HOST_REPLAY_H
#define AQ_HOST_REPLAY_H

#include "host/config.h"

#include <stdbool.h>
#include <stdint.h>

struct host;

/* Opened before the flow has ids, bound to its exchange instance when that has one. */
void replay_bind(struct host *h, uint32_t index, uint32_t instance);
/* The venue's own record of orders, fills and balances (exchanges/sim/venue/records.h), line by line. */
void replay_judge(struct host *h, uint32_t instance, void (*line)(void *context, const char *text), void *context);
/* One for the exchange instance; its state belongs to the host, so a reload of the adapter loses nothing. */
int replay_open(struct host *h, uint32_t instance, const struct config_section *section, struct config_errors *errors,
	struct aq_err *err);
void replay_close_all(struct host *h);
/* A frame of the adapter. AQ_ENOSYS without a venue inside. */
int32_t replay_receive(struct host *h, uint32_t instance, const void *frame, uint32_t length);
/* The next moment of all venues; INT64_MAX when all are at their end. */
int64_t replay_next_ns(const struct host *h);
/* True when every capture is at its end. */
bool replay_ended(const struct host *h);
/* Delivers what reaches the host at this moment. */
void replay_step(struct host *h);
/* First and last moment of the captures. */
int64_t replay_first_ns(const struct host *h);
int64_t replay_last_ns(const struct host *h);
/* Market events of the captures that have happened, whoever has subscribed to them. */
uint64_t replay_played(const struct host *h);

#endif
