/* bench_fault.c: from a market event to the order that it causes (order_probe.h), beside a strategy that puts rows into a
 * store: while its server is frozen, and while it is dead, with a queue in which nothing has room any more, beside the same
 * with a server that works. The three take turns over the same recording. The loop is alone on one processor, all else is
 * on the others. Each change of the book is a row, and time passes behind it, so that a server that works keeps up.
 *
 * The machine does other things, too, and a replay is the same each time: so of each order the quickest round counts, and the
 * figure is the quantile of these. What the store costs is in each round. */
#include "bare.h"
#include "bench.h"

#include "base/check.h"
#include "host/cpu.h"
#include "host/replay.h"
#include "host/store.h"

#include "order_probe.h"
#include "plugin/bench_putter.h"

#include <sched.h>
#include <signal.h>
#include <stdlib.h>

#define ROUNDS 5
#define PACE_NS 200000 /* behind a row */
#define WARM 2000      /* moments before the state begins, and until orders count from then on */
#define LOOP_CPU 0

enum state { WORKS, FROZEN, DEAD, STATES };

/* Of each order its quickest round. */
static struct order_samples quickest[STATES];
static unsigned port;

/* ---- processors ---- */

static cpu_set_t all;

/* What is made from here on leaves the loop's processor alone. */
static void go_to_others(void)
{
	CHECK(sched_setaffinity(0, sizeof(all), &all) == 0);
	cpu_leave(LOOP_CPU);
}

/* ---- a pass ---- */

static struct host *open_host(int number)
{
	static const char store[] = "[strategy:putter]\nplugin = bench_putter\nmarket = binance:BTC/USDT\nstore = main\n"
		"[storage:main]\nplugin = mariadb\naddress = 127.0.0.1:%u\ndatabase = fault_%d\nuser = root\ntls = off\n";
	char config[4096], state[300], section[600], text[64];

	snprintf(text, sizeof(text), "CREATE DATABASE fault_%d", number);
	bare_server_run(text);
	snprintf(state, sizeof(state), "%s/fault-%d", bench_folder(), number);
	snprintf(section, sizeof(section), store, port, number);
	bench_config(config, sizeof(config), state, bench_capture_path());
	bench_config_add(config, sizeof(config), bench_example);
	bench_config_add(config, sizeof(config), section);
	return bench_host_open(config);
}

/* What the loop does between two moments, as long as that lasts. */
static void between(struct host *h, int64_t until_ns)
{
	do {
		host_begin_turn(h);
		stores_take(h);
		host_drain(h);
		stores_step(h);
		loop_turn(h->loop, 0);
	} while (bench_now_ns() < until_ns);
}

static void turn(struct host *h, const struct bench_putter *told)
{
	uint64_t asked = told->put + told->full;

	order_probe_turn();
	bench_turn(h);
	between(h, told->put + told->full != asked ? bench_now_ns() + PACE_NS : 0);
}

static void turn_until(struct host *h, const struct bench_putter *told, uint64_t moments)
{
	while (h->moments < moments && !replay_ended(h))
		turn(h, told);
	CHECK(moments == UINT64_MAX || !replay_ended(h));
}

static void keep_quickest(struct order_samples *kept, const struct order_samples *pass)
{
	CHECK(kept->count == 0 || kept->count == pass->count);
	for (size_t i = 0; i < pass->count; i++)
		kept->ns[i] = kept->count == 0 || pass->ns[i] < kept->ns[i] ? pass->ns[i] : kept->ns[i];
	kept->count = pass->count;
}

static void begin_state(enum state state)
{
	if (state != WORKS)
		bare_server_signal(state == FROZEN ? SIGSTOP : SIGKILL);
}

static void end_state(enum state state)
{
	if (state == FROZEN)
		bare_server_signal(SIGCONT);
	if (state == DEAD)
		bare_server_again();
}

static void pass(enum state state, int number)
{
	static struct order_samples samples;
	struct bench_putter *told;
	struct host *h;
	uint64_t full;

	go_to_others();
	h = open_host(number);
	cpu_take(LOOP_CPU);
	told = host_instance(h, "putter")->self;
	host_drain(h);
	turn_until(h, told, WARM);
	begin_state(state);
	told->fill = state != WORKS;
	turn_until(h, told, 2 * WARM);
	samples.count = 0;
	full = told->full;
	order_probe(h, "binance", &samples);
	turn_until(h, told, UINT64_MAX);
	if ((state != WORKS) != (told->full > full))
		fprintf(stderr, "bench_fault: pass %d: %llu rows found no room\n", number, (unsigned long long)(told->full - full));
	keep_quickest(&quickest[state], &samples);
	go_to_others();
	end_state(state);
	bench_host_close(h);
}

static void tell(const char *name, enum state state)
{
	bench_line(name, bench_quantile(quickest[state].ns, quickest[state].count, 0.99), "ns", "undisturbed",
		bench_quantile(quickest[WORKS].ns, quickest[WORKS].count, 0.99));
}

int bench_main(void)
{
	CHECK(sched_getaffinity(0, sizeof(all), &all) == 0);
	go_to_others();
	port = bare_server("--innodb-buffer-pool-size=64M");
	if (port == 0)
		return 0;
	for (int i = 0; i < ROUNDS * STATES; i++)
		pass((enum state)(i % STATES), i);
	tell("store_fault_frozen_p99", FROZEN);
	tell("store_fault_dead_p99", DEAD);
	fprintf(stderr, "bench_fault: from %zu orders; medians %.0f, %.0f and %.0f ns\n", quickest[WORKS].count,
		 bench_quantile(quickest[WORKS].ns, quickest[WORKS].count, 0.5),
		bench_quantile(quickest[FROZEN].ns, quickest[FROZEN].count, 0.5),
		bench_quantile(quickest[DEAD].ns, quickest[DEAD].count, 0.5));
	return 0;
}
