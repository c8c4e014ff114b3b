/* host.c: deployments for the benches; see bench.h. */
#include "bench.h"

#include "base/check.h"
#include "base/log.h"
#include "host/replay.h"
#include "host/start.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char bench_example[] = "[strategy:mm]\nplugin = example\nmarket = demo:BTC/USDT\nspread = 1bps\nskew = 1bps\n"
			     "tolerance = 0.1bps\nsize = 0.01 BTC\nmax_position = 0.05 BTC\nlimit.open_orders = "
			     "4\nlimit.order_rate = 50/s\n";

static const char *plugins(void)
{
	const char *path = getenv("AQ_PLUGINS");

	return path != NULL ? path : AQ_BINARY_DIR "/plugins";
}

void bench_config_add(char *out, size_t size, const char *text)
{
	size_t used = strlen(out);

	CHECK(used + strlen(text) < size);
	memcpy(out + used, text, strlen(text) + 1);
}

void bench_config(char *out, size_t size, const char *state, const char *capture)
{
	int length = snprintf(out, size,
		"[host]\nstate_dir = %s\nplugin_path = %s, %s\nspeed = max\nreport_currency = USDT\nlimit.order = 5000 "
		"USDT\n"
		"limit.collar = 50bps\n[log]\nfile = %s/log\n"
		"[exchange:binance]\nplugin = sim\ncapture = %s\nfeed_latency = 1ms\nentry_latency = "
		"2ms\nresponse_latency = 2ms\n"
		"[account:demo]\nexchange = binance\nbalance = 20000 USDT, 0.2 BTC\nfee_maker = 0bps\nfee_taker = "
		"5bps\n"
		"limit.loss_day = 500 USDT\n",
		state, plugins(), AQ_BENCH_PLUGINS, bench_folder(), capture);

	CHECK(length > 0 && (size_t)length < size);
}

void bench_config_real(char *out, size_t size, const char *name, const char *io_mode)
{
	int length = snprintf(out, size,
		"[host]\nclock = real\nprobe_timeout = 60s\nio_mode = %s\nstate_dir = %s/%s\nplugin_path = %s, %s\nreport_currency = USDT\n"
		"[log]\nfile = %s/log\n",
		io_mode, bench_folder(), name, plugins(), AQ_BENCH_PLUGINS, bench_folder());

	CHECK(length > 0 && (size_t)length < size);
}

void bench_config_counter(char *out, size_t size, const char *name, const char *market)
{
	char text[256];
	int length = snprintf(text, sizeof(text), "[strategy:%s]\nplugin = bench_counter\nmarket = %s\n", name, market);

	CHECK(length > 0 && (size_t)length < sizeof(text));
	bench_config_add(out, size, text);
}

struct host *bench_host_open(const char *config)
{
	struct host *h = calloc(1, sizeof(*h));
	struct config_errors *errors = config_errors_create();
	struct aq_err err = {0};
	char path[512];
	FILE *out;
	int rc;

	snprintf(path, sizeof(path), "%s/bench.ini", bench_folder());
	out = fopen(path, "w");
	CHECK(h != NULL && out != NULL && fputs(config, out) >= 0 && fclose(out) == 0);
	rc = host_open(h, path, NULL, 0, errors, &err);
	config_errors_print(errors, stderr);
	config_errors_destroy(errors);
	if (rc == 0)
		return h;
	fprintf(stderr, "%s\n", err.text);
	exit(1);
}

void bench_host_close(struct host *h)
{
	host_close(h);
	free(h);
}

void bench_turn(struct host *h)
{
	int64_t venue = replay_next_ns(h), timers = timers_due_ns(&h->timers), flow = flow_due_ns(&h->flow);
	int64_t moment = timers < flow ? timers : flow;

	moment = venue < moment ? venue : moment;
	host_begin_turn(h);
	host_set_now(h, moment);
	h->moments++;
	if (venue <= moment) {
		replay_step(h);
		host_drain(h);
	}
	host_fire_timers(h);
	if (h->waiting > 0)
		start_waiting(h);
}

bool bench_turn_until_live(struct host *h)
{
	host_drain(h);
	while (!replay_ended(h)) {
		bench_turn(h);
		if (h->waiting == 0 && h->events > 0)
			return true;
	}
	return false;
}
