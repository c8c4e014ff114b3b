/* host.h: what every plugin gets from the host. All else is an extension, asked for by name.
 *
 * The table belongs to the host and lives until destroy returns. `owner` is the first argument of every call; it stays
 * the same when a reload puts new code behind it.
 */
#ifndef AIOQUANT_HOST_H
#define AIOQUANT_HOST_H

#include "event.h"

struct aq_host {
	uint32_t size;
	uint16_t abi_major, abi_minor;
	void *owner;

	/* Writes one log line; level is enum aq_level_of_log. Cut at 1 KiB. [any] */
	void (*log)(void *owner, int32_t level, const char *text);
	/* Time of the event in hand, ns UTC; stands still during a callback. [loop] */
	int64_t (*now)(void *owner);
	/* Sends AQ_EV_TIMER with `tag` at `at_ns` (a past time: at once), then every `period_ns` if that is > 0, aligned to
	 * at_ns, caught up once after a stall. Returns an id > 0. AQ_ESTATE, AQ_EAGAIN (too many). [loop] */
	int64_t (*timer_set)(void *owner, int64_t at_ns, int64_t period_ns, uint64_t tag);
	/* AQ_ENOENT when it has fired for the last time already. [loop] */
	int32_t (*timer_clear)(void *owner, int64_t id);
	/* Sends AQ_EV_POST with these bytes to the caller after the running callback and all that waits already; who posts at
	 * each takes turns with the others for ever, and in a replay the time stands still meanwhile. length <= 32 KiB.
	 * AQ_EINVAL, AQ_EAGAIN (64 MiB of events wait). [loop] */
	int32_t (*post)(void *owner, uint64_t tag, const void *bytes, uint32_t length);
	/* Sends AQ_EV_WAKE with `tag`; several may become one. [any] */
	int32_t (*wake)(void *owner, uint64_t tag);
	/* Copies the text of an option as configured, NUL-terminated. Returns its length, AQ_ENOENT, AQ_ESPACE. [loop] */
	int32_t (*conf_get)(void *owner, const char *name, char *out, uint32_t size);
	/* Seeded per instance by the host; the same in every replay. [loop] */
	uint64_t (*random)(void *owner);
	/* The instance cannot go on: it is taken out after the callback; its orders follow the policy. [loop] */
	void (*fail)(void *owner, const char *why);
	/* A table of this name and revision, or NULL when this kind or section has none. [loop] */
	const void *(*extension)(void *owner, const char *name);
};

#endif
