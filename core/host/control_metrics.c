/* control_metrics.c: everything that has a number, as OpenMetrics text. */
#include "base/check.h"
#include "flow/market.h"
#include "host/control_call.h"
#include "host/metrics_families.h"

#include <inttypes.h>
#include <stdlib.h>

static void write_instances(struct metrics *m, struct host *h, const struct metric_family *f)
{
	const char *label = f->kind == AQ_EXCHANGE ? "venue" : f->kind == AQ_STRATEGY ? "strategy" :
		f->kind == AQ_STORAGE ? "store" : "instance";

	for (uint32_t id = 1; id <= names_count(&h->flow.names, NAME_INSTANCE) && id < INSTANCES_MAX; id++) {
		const struct instance *i = h->instances[id];

		if (i != NULL && (f->kind == 0 || i->kind == f->kind))
			f->instance(m, h, i, LABELS({label, i->name}));
	}
}

static void write_accounts(struct metrics *m, struct host *h, const struct metric_family *f)
{
	for (uint32_t id = 1; id <= names_count(&h->flow.names, NAME_ACCOUNT); id++)
		if (h->flow.accounts[id].exchange != 0)
			f->account(m, h, id, LABELS({"account", flow_account_name(&h->flow, id)}));
}

/* Those that were ever subscribed to: what counts may not go away. */
static void write_books(struct metrics *m, const struct flow *f, uint64_t (*figure)(const struct market *market))
{
	for (uint32_t id = 1; id < f->market_capacity; id++)
		if (f->markets[id] != NULL && (f->markets[id]->wanted != 0 || f->markets[id]->middle2 != 0))
			metrics_add(m, LABELS({"market", names_text(&f->names, NAME_INSTRUMENT, id)}), "%" PRIu64,
				figure(f->markets[id]));
}

static void write_families(struct metrics *m, struct host *h, const struct metric_family *families)
{
	for (const struct metric_family *f = families; f->name != NULL; f++) {
		metrics_family(m, f->name, f->type, f->unit, f->help);
		if (f->samples != NULL)
			f->samples(m, h);
		else if (f->instance != NULL)
			write_instances(m, h, f);
		else if (f->account != NULL)
			write_accounts(m, h, f);
		else
			write_books(m, &h->flow, f->book);
	}
}

bool control_metrics(struct control_call *c)
{
	char *text = malloc(RESULT_PREPARED_MAX);
	struct metrics m;

	CHECK(text != NULL);
	metrics_begin(&m, text, RESULT_PREPARED_MAX);
	write_families(&m, c->host, metrics_of_host);
	write_families(&m, c->host, metrics_of_instances);
	write_families(&m, c->host, metrics_of_latency); /* last: where room ends, these are lost rather than positions */
	result_prepared(&c->result, text, metrics_end(&m));
	return true;
}
