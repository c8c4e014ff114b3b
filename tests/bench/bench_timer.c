/* bench_timer.c: how late a strategy's repeating timer is called by the wall clock, through a host that waits in its loop,
 * beside a bare timerfd of the same period that a thread reads. Of periods that were missed the first one counts. */
#include "bench.h"

#include "base/check.h"
#include "io/loop.h"

#include "plugin/bench_timer.h"

#include <stdlib.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define RUN_S 4 /* of each measurement */
#define SECOND INT64_C(1000000000)

static struct bench_timer bare;

static int timer_fd(int clock, int64_t first_ns, int64_t period_ns, int flags)
{
	struct itimerspec spec = {.it_value = {first_ns / SECOND, first_ns % SECOND},
		.it_interval = {period_ns / SECOND, period_ns % SECOND}};
	int fd = timerfd_create(clock, TFD_CLOEXEC);

	CHECK(fd >= 0 && timerfd_settime(fd, flags, &spec, NULL) == 0);
	return fd;
}

static void run_bare(int64_t period_ns)
{
	int64_t now = host_wall_ns(), until = now + RUN_S * SECOND, due = now + period_ns;
	int fd = timer_fd(CLOCK_REALTIME, due, period_ns, TFD_TIMER_ABSTIME);

	for (bare.count = 0; now < until && bare.count < TIMER_SAMPLES;) {
		uint64_t expired;

		CHECK(read(fd, &expired, sizeof(expired)) == sizeof(expired));
		now = host_wall_ns();
		bare.late_ns[bare.count++] = now - due;
		due += (int64_t)expired * period_ns;
	}
	close(fd);
}

static void time_is_up(void *context, int events)
{
	struct host *h = context;

	(void)events;
	h->stop = true;
}

/* A host by the wall clock with nothing but the strategy. */
static void configure(char *out, size_t size, int64_t period_ns)
{
	int length = snprintf(out, size,
		"[host]\nclock = real\nstate_dir = %s/timer-%lld\nplugin_path = %s\nreport_currency = USDT\n"
		"[log]\nfile = %s/log\n[strategy:timer]\nplugin = bench_timer\nperiod = %lldns\n",
		bench_folder(), (long long)period_ns, AQ_BENCH_PLUGINS, bench_folder(), (long long)period_ns);

	CHECK(length > 0 && (size_t)length < size);
}

static void measure(const char *name, int64_t period_ns)
{
	static struct bench_timer told;
	char config[1024];
	struct host *h;
	int fd;

	configure(config, sizeof(config), period_ns);
	h = bench_host_open(config);
	fd = timer_fd(CLOCK_MONOTONIC, RUN_S * SECOND, 0, 0);
	loop_watch(h->loop, fd, LOOP_READ, time_is_up, h);
	host_run(h);
	told = *(const struct bench_timer *)host_instance(h, "timer")->self;
	bench_host_close(h);
	close(fd);
	run_bare(period_ns);
	CHECK(told.count > 100 && bare.count > 100);
	fprintf(stderr, "bench_timer: period %lld us: %u calls, %u of the timerfd; median late %.1f us and %.1f us\n",
		(long long)period_ns / 1000, told.count, bare.count, bench_quantile(told.late_ns, told.count, 0.5) / 1e3,
		bench_quantile(bare.late_ns, bare.count, 0.5) / 1e3);
	bench_line(name, bench_quantile(told.late_ns, told.count, 0.99) / 1e3, "us", "bare timerfd",
		bench_quantile(bare.late_ns, bare.count, 0.99) / 1e3);
}

int bench_main(void)
{
	measure("timer_p99", 1000000);
	measure("timer_50us_p99", 50000);
	return 0;
}
