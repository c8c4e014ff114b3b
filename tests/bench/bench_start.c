/* bench_start.c: from exec to the first market event that reaches a running strategy, with a journal that holds a
 * thousand open orders; beside the exec of a program that does nothing. The child is this program. */
#include "bench.h"

#include "base/check.h"
#include "flow/market.h"
#include "flow/orders.h"
#include "flow/record.h"
#include "host/journal_files.h"
#include "host/state.h"

#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define ORDERS 1000
#define PASSES 11

extern char **environ;

/* ---- the journal ---- */

static struct aq_order open_order(
	const struct flow *f, uint32_t instance, uint32_t account, uint32_t instrument, uint64_t n)
{
	struct aq_order o = {.size = sizeof(o),
		.account = account,
		.instrument = instrument,
		.instance = instance,
		.id = orders_next_id(f),
		.tag = n,
		.side = AQ_BUY,
		.position_side = AQ_NET,
		.type = AQ_LIMIT,
		.tif = AQ_GTC,
		.post_only = 1,
		.margin_mode = AQ_CASH,
		.state = AQ_OPEN,
		.price = (INT64_C(50000) * 100 + (int64_t)n) * 1000000,
		.qty = 20000,
		.ahead = AQ_NONE,
		.display_qty = AQ_NONE,
		.trigger = AQ_NONE,
		.trail = AQ_NONE,
		.amend_price = AQ_NONE,
		.amend_qty = AQ_NONE,
		.created_ns = f->now_ns,
		.updated_ns = f->now_ns};

	snprintf(o.venue_id, sizeof(o.venue_id), "%llu", (unsigned long long)n);
	return o;
}

static void fill_journal(struct flow *f, const struct bench_capture *c)
{
	struct aq_instrument in = *SIM_BODY(aq_instrument, bench_frame(c, bench_frame(c, 0)->size));
	uint32_t account = flow_account_id(f, "demo"), exchange = flow_instance_id(f, "binance", AQ_EXCHANGE);
	uint32_t strategy = flow_instance_id(f, "mm", AQ_STRATEGY);
	int32_t instrument;

	in.id = 0;
	instrument = market_instrument(f, exchange, &in);
	CHECK(account != 0 && exchange != 0 && strategy != 0 && instrument > 0);
	flow_account_bind(f, account, exchange, false, AQ_CROSS);
	for (uint64_t n = 1; n <= ORDERS; n++) {
		struct aq_order o = open_order(f, strategy, account, (uint32_t)instrument, n);

		CHECK(record_fact(f, FACT_ORDER, &o, sizeof(o)) == 0);
	}
	CHECK(f->meter.open == ORDERS);
}

static void make_state(const char *state, const char *capture)
{
	struct bench_capture c = bench_capture_map(capture);
	const struct flow_options options = {.report_currency = "USDT",
		.max_orders = 16384,
		.max_fills = 8192,
		.host_number = 1,
		.started_ns = bench_frame(&c, c.begin)->time_ns - 1000000000};
	char folder[320];
	struct journal_options journal = {.folder = folder, .grade = JOURNAL_PAGE};
	struct aq_err err = {0};
	static struct flow f;
	uint64_t cut;
	int lock = state_open(state, &err);

	snprintf(folder, sizeof(folder), "%s/journal", state);
	flow_init(&f, &options);
	CHECK(lock >= 0 && journal_open(&f.journal, &journal, journal_files_system(), &err) == 0);
	CHECK(record_recover(&f, &cut, &err) == 0);
	fill_journal(&f, &c);
	journal_close(f.journal);
	flow_finish(&f);
	close(lock);
}

/* ---- the child ---- */

static int child(void)
{
	char config[4096];
	int64_t ready_ns;
	struct host *h;

	bench_config(config, sizeof(config), getenv("AQ_START_STATE"), bench_capture_path());
	bench_config_add(config, sizeof(config), bench_example);
	h = bench_host_open(config);
	CHECK(h->flow.meter.open == ORDERS && bench_turn_until_live(h));
	ready_ns = bench_now_ns();
	CHECK(write(STDOUT_FILENO, &ready_ns, sizeof(ready_ns)) == (ssize_t)sizeof(ready_ns));
	bench_host_close(h);
	return 0;
}

static int spawn_with(const char *path, int out)
{
	char *const arguments[] = {(char *)(uintptr_t)path, NULL};
	posix_spawn_file_actions_t actions;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	CHECK(posix_spawn(&pid, path, &actions, NULL, arguments, environ) == 0);
	posix_spawn_file_actions_destroy(&actions);
	return pid;
}

static void finish(pid_t pid)
{
	int status;

	CHECK(waitpid(pid, &status, 0) == pid);
	if (status != 0)
		exit(1);
}

static int64_t start_once(const char *template_state, int pass)
{
	char state[300], command[700];
	int64_t begin, ready = 0;
	int pipe_fd[2];
	pid_t pid;

	snprintf(state, sizeof(state), "%s/start-%d", bench_folder(), pass);
	snprintf(command, sizeof(command), "cp -a '%s' '%s'", template_state, state);
	CHECK(system(command) == 0 && pipe(pipe_fd) == 0);
	setenv("AQ_START_STATE", state, 1);
	begin = bench_now_ns();
	pid = spawn_with("/proc/self/exe", pipe_fd[1]);
	close(pipe_fd[1]);
	CHECK(read(pipe_fd[0], &ready, sizeof(ready)) == (ssize_t)sizeof(ready));
	close(pipe_fd[0]);
	finish(pid);
	return ready - begin;
}

static int64_t exec_nothing(void)
{
	int64_t begin = bench_now_ns();

	finish(spawn_with("/bin/true", STDOUT_FILENO));
	return bench_now_ns() - begin;
}

int bench_main(void)
{
	int64_t starts[PASSES], nothing[PASSES];
	char state[300];

	if (getenv("AQ_START_STATE") != NULL)
		return child();
	snprintf(state, sizeof(state), "%s/state", bench_folder());
	make_state(state, bench_capture_path());
	for (int i = 0; i < PASSES; i++) {
		nothing[i] = exec_nothing();
		starts[i] = start_once(state, i);
	}
	bench_line("cold_start", bench_quantile(starts, PASSES, 0.5) / 1e6, "ms", "exec of /bin/true",
		bench_quantile(nothing, PASSES, 0.5) / 1e6);
	return 0;
}
