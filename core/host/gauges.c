/* gauges.c: see gauges.h. */
#include "host/gauges.h"

#include <stdbool.h>
#include <string.h>

static bool is_name(const char *name)
{
	size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_");

	return name[0] >= 'a' && name[0] <= 'z' && name[length] == '\0' && length < AQ_GAUGE_NAME_SIZE;
}

int gauges_set(struct gauges *g, const char *name, double value, int64_t time_ns)
{
	uint32_t at = 0;

	while (at < g->count && strcmp(g->list[at].name, name) != 0)
		at++;
	if (at == g->count) {
		if (!is_name(name))
			return AQ_EINVAL;
		if (at == AQ_GAUGES)
			return AQ_ESPACE;
		memcpy(g->list[at].name, name, strlen(name) + 1);
		g->count++;
	}
	g->list[at].value = value;
	g->list[at].time_ns = time_ns;
	return AQ_OK;
}
