/* control_latency.c: how long the parts of the way from a venue's bytes to its acknowledgement take. */
#include "host/control_call.h"
#include "host/control_format.h"
#include "host/hops.h"

#include <inttypes.h>
#include <stdlib.h>

static const struct column columns[] = {{"venue", "VENUE", 0}, {"hop", "HOP", 0}, {"p50", "p50", COLUMN_RIGHT},
	{"p99", "p99", COLUMN_RIGHT}, {"p999", "p99.9", COLUMN_RIGHT}, {"max", "max", COLUMN_RIGHT},
	{"count", "COUNT", COLUMN_COUNT}, {"hour_p50", "last hour p50", COLUMN_RIGHT}, {"hour_p99", "p99", COLUMN_RIGHT},
	{"hour_max", "max", COLUMN_RIGHT}, {0}};

static void time_cell(struct result *r, const struct histogram *h, uint64_t ns)
{
	char text[FORMAT_SIZE];

	result_cell(r, "%s", h->count > 0 ? format_latency(ns, text) : "");
}

static void hop_row(struct control_call *c, uint32_t venue, enum hop hop, struct histogram *sum)
{
	struct hour *hour = hops_of(c->host, venue, hop);
	bool simulated = c->host->clock == CLOCK_REPLAY && hop != HOP_ORDER;
	struct result *r = &c->result;

	hour_all(hour, sum);
	result_cell(r, "%s", flow_instance_name(&c->host->flow, venue));
	result_cell(r, "%s%s", hops_name(hop), simulated ? " (not in a replay)" : "");
	time_cell(r, sum, histogram_at(sum, 0.5));
	time_cell(r, sum, histogram_at(sum, 0.99));
	time_cell(r, sum, histogram_at(sum, 0.999));
	time_cell(r, sum, sum->max);
	result_cell(r, "%" PRIu64, sum->count);
	hour_last(hour, host_wall_ns(), sum);
	time_cell(r, sum, histogram_at(sum, 0.5));
	time_cell(r, sum, histogram_at(sum, 0.99));
	time_cell(r, sum, sum->max);
}

/* 0: all. False: there is no such venue. */
static bool read_venue(struct control_call *c, uint32_t *out)
{
	const struct instance *i;

	*out = 0;
	if (c->request->count == 1)
		return true;
	i = control_instance(c, c->request->words[1]);
	if (i != NULL && i->kind != AQ_EXCHANGE)
		result_fail(&c->result, CONTROL_FAILED, "%s is no venue: aqctl status lists them", i->name);
	if (c->result.failed)
		return false;
	*out = i->id;
	return true;
}

bool control_latency(struct control_call *c)
{
	struct histogram *sum;
	uint32_t venue;
	bool begins;

	if (!read_venue(c, &venue))
		return true;
	begins = hops_begin(c->host);
	sum = malloc(sizeof(*sum));
	result_table(&c->result, "latency", TABLE_GRID, columns);
	for (uint32_t id = 1; sum != NULL && id <= names_count(&c->host->flow.names, NAME_INSTANCE); id++)
		for (enum hop hop = 0; hop < HOPS; hop++)
			if ((venue == 0 || venue == id) && hops_of(c->host, id, hop) != NULL && result_row(&c->result))
				hop_row(c, id, hop, sum);
	free(sum);
	if (begins)
		result_hint(&c->result, "measuring begins now: ask again later");
	return true;
}
