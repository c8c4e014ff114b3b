/* order_probe.c: see order_probe.h. */
#include "order_probe.h"

static struct {
	void (*on_event)(void *self, const struct aq_event *event);
	int64_t began_ns; /* when the first market event of the moment was handed over; 0 = none yet */
	struct order_samples *out;
} probe;

static void probed(void *self, const struct aq_event *event)
{
	if (event->type == AQ_EV_FRAME && probe.began_ns == 0) {
		uint16_t type = AQ_BODY(sim_frame, event)->type;

		probe.began_ns = type >= SIM_BOOK && type <= SIM_KLINE ? bench_now_ns() : -1;
	}
	if ((event->type == AQ_EV_PLACE || event->type == AQ_EV_AMEND) && probe.began_ns > 0 && probe.out->count < ORDER_SAMPLES)
		probe.out->ns[probe.out->count++] = bench_now_ns() - probe.began_ns;
	probe.on_event(self, event);
}

void order_probe(struct host *h, const char *exchange, struct order_samples *out)
{
	struct instance *adapter = host_instance(h, exchange);

	probe.out = out;
	probe.on_event = adapter->plugin->table.on_event;
	adapter->plugin->table.on_event = probed;
}

void order_probe_turn(void)
{
	probe.began_ns = 0;
}
