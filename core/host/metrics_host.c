/* metrics_host.c: figures of the process as a whole. */
#include "flow/orders.h"
#include "flow/risk.h"
#include "host/control_call.h"
#include "host/control_status.h"
#include "host/hops.h"
#include "host/metrics_families.h"
#include "host/override.h"
#include "host/version.h"

#include <inttypes.h>
#include <stdlib.h>
#include <sys/statvfs.h>

#define SECOND_NS UINT64_C(1000000000)

static void build(struct metrics *m, struct host *h)
{
	char abi[16];

	snprintf(abi, sizeof(abi), "%d.%d", AQ_ABI_MAJOR, AQ_ABI_MINOR);
	metrics_add(m, LABELS({"version", AQ_VERSION}, {"abi", abi}), "1");
}

static void host_info(struct metrics *m, struct host *h)
{
	metrics_add(m, LABELS({"server_id", h->options.server_id}, {"mode", status_mode(h)}), "1");
}

static void uptime(struct metrics *m, struct host *h)
{
	metrics_add(m, NULL, "%" PRId64, control_uptime_ns(h) / (int64_t)SECOND_NS);
}

static void overrides(struct metrics *m, struct host *h)
{
	metrics_add(m, NULL, "%d", override_count(h));
}

static void reloading(struct metrics *m, struct host *h)
{
	metrics_add(m, NULL, "%d", h->reload != NULL);
}

/* ---- orders ---- */

static const char *const states[] = {[AQ_CREATED] = "created", [AQ_SENT] = "sent", [AQ_UNTRIGGERED] = "untriggered",
	[AQ_OPEN] = "open", [AQ_FILLED] = "filled", [AQ_CANCELLED] = "cancelled", [AQ_REJECTED] = "rejected",
	[AQ_EXPIRED] = "expired"};

static void count_state(void *context, struct order *order)
{
	uint64_t *counts = context;

	if (order->o.state < sizeof(states) / sizeof(*states))
		counts[order->o.state]++;
}

static void orders(struct metrics *m, struct host *h)
{
	static const uint8_t open[] = {AQ_SENT, AQ_UNTRIGGERED, AQ_OPEN};
	uint64_t counts[sizeof(states) / sizeof(*states)] = {0};

	orders_each_open(&h->flow, count_state, counts);
	for (size_t i = 0; i < sizeof(open); i++)
		metrics_add(m, LABELS({"state", states[open[i]]}), "%" PRIu64, counts[open[i]]);
}

static void ended(struct metrics *m, struct host *h)
{
	for (uint8_t state = AQ_FILLED; state <= AQ_EXPIRED; state++)
		metrics_add(m, LABELS({"state", states[state]}), "%" PRIu64, h->flow.orders.ended[state]);
}

static void sent(struct metrics *m, struct host *h)
{
	metrics_add(m, NULL, "%" PRIu64, h->orders_sent);
}

static void denials(struct metrics *m, struct host *h)
{
	for (uint16_t code = 1; code < FLOW_DENIALS; code++)
		metrics_add(m, LABELS({"code", risk_code_name(code)}), "%" PRIu64, h->flow.denials[code]);
}

static void odd(struct metrics *m, struct host *h)
{
	metrics_add(m, NULL, "%" PRIu64, h->flow.orders.odd);
}

static void fills(struct metrics *m, struct host *h)
{
	metrics_add(m, NULL, "%" PRIu64, h->flow.ledger.fill_number);
}

static void late_fills(struct metrics *m, struct host *h)
{
	metrics_add(m, NULL, "%" PRIu64, h->flow.ledger.late_fills);
}

static void mismatches(struct metrics *m, struct host *h)
{
	metrics_add(m, NULL, "%" PRIu64, h->flow.ledger.mismatches);
}

/* ---- journal and disk ---- */

static void journal(struct metrics *m, struct host *h)
{
	static const char *const names[] = {[JOURNAL_OK] = "ok", [JOURNAL_LOW] = "low", [JOURNAL_FULL] = "full"};
	enum journal_state now = h->flow.journal != NULL ? journal_state(h->flow.journal) : 0;

	for (enum journal_state state = JOURNAL_OK; state <= JOURNAL_FULL; state++)
		metrics_add(m, LABELS({"aioquant_journal", names[state]}), "%d", state == now);
}

static void segment(struct metrics *m, struct host *h)
{
	metrics_add(m, NULL, "%" PRIu64, h->flow.journal != NULL ? journal_end(h->flow.journal) >> 32 : 0);
}

static void disk_free(struct metrics *m, struct host *h)
{
	struct statvfs disk;

	if (statvfs(h->options.state_dir, &disk) == 0)
		metrics_add(m, NULL, "%" PRIu64, (uint64_t)disk.f_bavail * disk.f_frsize);
}

static void disk_size(struct metrics *m, struct host *h)
{
	struct statvfs disk;

	if (statvfs(h->options.state_dir, &disk) == 0)
		metrics_add(m, NULL, "%" PRIu64, (uint64_t)disk.f_blocks * disk.f_frsize);
}

/* ---- latencies ---- */

static void hop_buckets(struct metrics *m, const struct histogram *h, const char *venue, const char *hop)
{
	static const uint64_t steps[] = {1, 2, 5};
	char le[32];

	for (uint64_t unit = 1000; unit <= 10 * SECOND_NS; unit *= 10)
		for (size_t i = 0; i < sizeof(steps) / sizeof(*steps) && unit * steps[i] <= 10 * SECOND_NS; i++) {
			snprintf(le, sizeof(le), "%g", (double)(unit * steps[i]) / (double)SECOND_NS);
			metrics_part(m, "_bucket", LABELS({"venue", venue}, {"hop", hop}, {"le", le}), "%" PRIu64,
				histogram_upto(h, unit * steps[i]));
		}
	metrics_part(m, "_bucket", LABELS({"venue", venue}, {"hop", hop}, {"le", "+Inf"}), "%" PRIu64, h->count);
	metrics_part(m, "_count", LABELS({"venue", venue}, {"hop", hop}), "%" PRIu64, h->count);
	metrics_part(m, "_sum", LABELS({"venue", venue}, {"hop", hop}), "%" PRIu64 ".%09" PRIu64, h->sum / SECOND_NS,
		h->sum % SECOND_NS);
}

/* Only what is measured: see `aqctl latency`. */
static void latencies(struct metrics *m, struct host *h)
{
	static const char *const names[HOPS] = {"decoded", "order", "bytes_out", "acknowledged"};
	struct histogram *sum = malloc(sizeof(*sum));

	for (uint32_t id = 1; sum != NULL && id <= names_count(&h->flow.names, NAME_INSTANCE); id++)
		for (enum hop hop = 0; hop < HOPS; hop++) {
			const struct hour *hour = hops_of(h, id, hop);

			if (hour == NULL)
				continue;
			hour_all(hour, sum);
			hop_buckets(m, sum, flow_instance_name(&h->flow, id), names[hop]);
		}
	free(sum);
}

const struct metric_family metrics_of_host[] = {
	{"aioquant_build", METRIC_INFO, NULL, "version of the program and of its plugins' interface", .samples = build},
	{"aioquant_host", METRIC_INFO, NULL, "name of the process, and whether it is live, paper or replay", .samples = host_info},
	{"aioquant_uptime_seconds", METRIC_GAUGE, "seconds", "since the start, by the wall clock", .samples = uptime},
	{"aioquant_overrides", METRIC_GAUGE, NULL, "values of the files that are replaced by others", .samples = overrides},
	{"aioquant_reloading", METRIC_GAUGE, NULL, "1 while a reload is under way", .samples = reloading},
	{"aioquant_orders", METRIC_GAUGE, NULL, "orders that are not final", .samples = orders},
	{"aioquant_orders_ended", METRIC_COUNTER, NULL, "orders that became final since the start", .samples = ended},
	{"aioquant_orders_sent", METRIC_COUNTER, NULL, "new orders given to their adapters since the start", .samples = sent},
	{"aioquant_denials", METRIC_COUNTER, NULL, "orders and requests denied by the host since the start", .samples = denials},
	{"aioquant_odd_updates", METRIC_COUNTER, NULL, "what a venue said of an order and could not be", .samples = odd},
	{"aioquant_fills", METRIC_COUNTER, NULL, "fills since the journal began", .samples = fills},
	{"aioquant_late_fills", METRIC_COUNTER, NULL, "fills of orders that had ended", .samples = late_fills},
	{"aioquant_mismatches", METRIC_COUNTER, NULL, "times that a venue's position was not the ledger's", .samples = mismatches},
	{"aioquant_journal", METRIC_STATESET, NULL, "low: new orders are denied; full: nothing more is recorded",
		.samples = journal},
	{"aioquant_journal_segment", METRIC_GAUGE, NULL, "number of the journal's file in use", .samples = segment},
	{"aioquant_disk_free_bytes", METRIC_GAUGE, "bytes", "of the state folder's disk", .samples = disk_free},
	{"aioquant_disk_size_bytes", METRIC_GAUGE, "bytes", "of the state folder's disk", .samples = disk_size},
	{0},
};

const struct metric_family metrics_of_latency[] = {
	{"aioquant_latency_seconds", METRIC_HISTOGRAM, "seconds",
		"parts of the way from a venue's bytes to its answer; measured once aqctl latency was asked", .samples = latencies},
	{0},
};
