/* tell.h: extension "aq.draft.tell/1", for strategies: why an order is there, and figures that people want to see. Neither
 * changes anything, and neither allocates. */
#ifndef AIOQUANT_TELL_H
#define AIOQUANT_TELL_H

#include "plugin.h"

#define AQ_TELL_EXT "aq.draft.tell/1"
#define AQ_WHY_SIZE 80        /* bytes that are kept of a text, NUL included; it is cut between characters */
#define AQ_GAUGE_NAME_SIZE 32 /* of a name, NUL included */
#define AQ_GAUGES 32          /* of an instance */

struct aq_tell_api {
	uint32_t size;
	uint32_t reserved;
	/* Kept with each order that the caller places or amends from here on in the same callback, until it says something
	 * else. AQ_ESTATE before start. [loop] */
	int32_t (*why)(void *owner, const char *text);
	/* The last value of a figure, by its name, [a-z][a-z0-9_]*. AQ_EINVAL, AQ_ESPACE when there are AQ_GAUGES others,
	 * AQ_ESTATE before start. [loop] */
	int32_t (*gauge)(void *owner, const char *name, double value);
};

#endif
