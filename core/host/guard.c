/* guard.c: see guard.h. */
#include "host/guard.h"

#include "base/log.h"
#include "base/thread.h"
#include "host/cpu.h"
#include "host/host.h"

#include <aioquant/store.h>

#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PERIOD_MIN_NS 1000000ll
#define PERIOD_MAX_NS 20000000ll
#define MEMORY_EVERY_NS 20000000ll

uint64_t guard_word, guard_sequence;

static struct guard_about about[INSTANCES_MAX];
static atomic_int verdict;
static uint64_t judged; /* the call that the verdict is about */

static struct watch {
	pthread_t thread, loop;
	atomic_bool end;
	bool runs;
	int64_t warn_ns, kill_ns, period_ns, cpu;
	int64_t memory_max; /* bytes; 0 = none */
	int statm;     /* the second number is how many pages are resident */
	int schedstat; /* of the loop's thread: how long it has waited in all for a processor that others had, ns */
	/* of the call in hand */
	uint64_t sequence;
	int64_t over_ns, waited_ns, memory_due_ns;
	bool warned, memory_warned;
} watch;

/* ---- who is who ---- */

void guard_know(const struct instance *i)
{
	struct guard_about *a = &about[i->id];

	a->kind = i->kind;
	a->generation = i->generation;
	a->reloaded_ns = i->reloaded_ns;
	if (a->name[0] == '\0')
		snprintf(a->name, sizeof(a->name), "%s", i->name);
	snprintf(a->library, sizeof(a->library), "%s", i->plugin->copy);
	snprintf(a->path, sizeof(a->path), "%s", i->plugin->path);
	snprintf(a->hash, sizeof(a->hash), "%s", i->plugin->hash);
}

const struct guard_about *guard_about(uint64_t word)
{
	uint32_t id = (uint32_t)(word >> 32);

	return id > 0 && id < INSTANCES_MAX ? &about[id] : NULL;
}

const char *guard_call_name(uint64_t word)
{
	static const char *const names[] = {"none", "create", "check", "start", "stop", "destroy", "save", "load", "on_event",
		"begin", "append", "end", "more", "forget"};
	unsigned call = (unsigned)(word >> 16 & 0xffff);

	return call < sizeof(names) / sizeof(*names) ? names[call] : "?";
}

const char *guard_event_name(uint64_t word)
{
	static const struct {
		uint16_t type;
		const char *name;
	} names[] = {{AQ_EV_DOWNLOAD_BEGIN, "download begins"}, {AQ_EV_DOWNLOAD_END, "ready"}, {AQ_EV_TIMER, "timer"},
		{AQ_EV_POST, "post"}, {AQ_EV_WAKE, "wake"}, {AQ_EV_CONF, "param"}, {AQ_EV_TROUBLE, "trouble"},
		{AQ_EV_INSTRUMENT, "instrument"}, {AQ_EV_BOOK, "book"}, {AQ_EV_TICKER, "ticker"}, {AQ_EV_TRADE, "trade"},
		{AQ_EV_FUNDING, "funding"}, {AQ_EV_ORDER, "order"}, {AQ_EV_FILL, "fill"}, {AQ_EV_POSITION, "position"},
		{AQ_EV_BALANCE, "balance"}, {AQ_EV_SUBSCRIBE, "subscribe"}, {AQ_EV_PLACE, "place"}, {AQ_EV_CANCEL, "cancel"},
		{AQ_EV_AMEND, "amend"}, {AQ_EV_QUERY, "query"}, {AQ_EV_RECONCILE, "reconcile"}, {AQ_EV_ACCOUNT, "account"},
		{AQ_EV_NET_OPEN, "connection opened"}, {AQ_EV_NET_DATA, "bytes"}, {AQ_EV_NET_CLOSED, "connection closed"},
		{AQ_EV_FRAME, "frame"}, {AQ_EV_STORE_ROWS, "rows"}, {AQ_EV_STORE_END, "end of a store call"},
		{AQ_EV_STORE_ERROR, "error of a store call"}, {AQ_EV_STORE_ROOM, "room in a store"},
		{AQ_EV_STORE_STATE, "state of a store"}, {AQ_EV_STORE_FD, "descriptor"}};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (names[i].type == (word & 0xffff))
			return names[i].name;
	return "";
}

static _Thread_local const uint64_t *thread_word;

void guard_thread(const uint64_t *word)
{
	thread_word = word;
}

uint64_t guard_thread_word(void)
{
	return thread_word != NULL ? __atomic_load_n(thread_word, __ATOMIC_RELAXED) : 0;
}

uint64_t guard_culprit(void)
{
	return guard_verdict() != GUARD_FINE ? judged : __atomic_load_n(&guard_word, __ATOMIC_RELAXED);
}

enum guard_verdict guard_verdict(void)
{
	return (enum guard_verdict)atomic_load(&verdict);
}

/* ---- the thread ---- */

static int64_t monotonic_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ll + ts.tv_nsec;
}

/* The loop's thread tells where it is, and ends the process. */
static void condemn(enum guard_verdict why, uint64_t word)
{
	judged = word; /* the loop may have gone on when it gets the signal */
	atomic_store(&verdict, why);
	pthread_kill(watch.loop, SIGABRT);
}

static void say_slow(uint64_t word)
{
	const struct guard_about *a = guard_about(word);

	log_line(AQ_LOG_WARN, a != NULL ? a->name : "host",
		"%s%s%s has been running for %lld ms (callback_warn %lld ms): nothing else is done meanwhile",
		guard_call_name(word), guard_event_name(word)[0] != '\0' ? " " : "", guard_event_name(word),
		(long long)(watch.over_ns / 1000000), (long long)(watch.warn_ns / 1000000));
}

/* Of a line of numbers in /proc; 0 when it is not there. */
static int64_t second_number(int fd)
{
	char text[128];
	ssize_t got = fd >= 0 ? pread(fd, text, sizeof(text) - 1, 0) : 0;
	char *end;

	if (got <= 0)
		return 0;
	text[got] = '\0';
	strtoll(text, &end, 10);
	return strtoll(end, NULL, 10);
}

/* Of what has passed, what can be the callback's doing: neither while this thread did not run, for the machine was stopped
 * then, nor while the loop's thread waited for others. */
static int64_t own_ns(int64_t passed_ns)
{
	int64_t waited = second_number(watch.schedstat), more = watch.waited_ns != 0 ? waited - watch.waited_ns : 0;

	watch.waited_ns = waited;
	passed_ns = passed_ns < 2 * watch.period_ns ? passed_ns : 2 * watch.period_ns;
	return passed_ns > more ? passed_ns - more : 0;
}

static void look_at_call(int64_t passed_ns)
{
	uint64_t sequence = __atomic_load_n(&guard_sequence, __ATOMIC_RELAXED);
	uint64_t word = __atomic_load_n(&guard_word, __ATOMIC_ACQUIRE);

	if (word == 0 || sequence != watch.sequence) {
		watch.sequence = sequence;
		watch.over_ns = watch.waited_ns = 0;
		watch.warned = false;
		return;
	}
	watch.over_ns += own_ns(passed_ns);
	if (watch.warn_ns > 0 && watch.over_ns >= watch.warn_ns && !watch.warned) {
		watch.warned = true;
		say_slow(word);
	}
	if (watch.kill_ns > 0 && watch.over_ns >= watch.kill_ns && guard_verdict() == GUARD_FINE)
		condemn(GUARD_HANGS, word);
}

/* Whoever runs while the memory is used up is taken for the culprit; without one it is only told. */
static void look_at_memory(int64_t now_ns)
{
	int64_t bytes;
	uint64_t word;

	if (watch.memory_max == 0 || now_ns < watch.memory_due_ns)
		return;
	watch.memory_due_ns = now_ns + MEMORY_EVERY_NS;
	bytes = second_number(watch.statm) * sysconf(_SC_PAGESIZE);
	if (bytes <= watch.memory_max || guard_verdict() != GUARD_FINE)
		return;
	if (!watch.memory_warned)
		log_line(AQ_LOG_ERROR, "host", "the process uses %lld MB of memory, and [host] memory_max is %lld MB",
			(long long)(bytes >> 20), (long long)(watch.memory_max >> 20));
	watch.memory_warned = true;
	word = __atomic_load_n(&guard_word, __ATOMIC_RELAXED);
	if (word != 0)
		condemn(GUARD_MEMORY, word);
}

static void *run(void *context)
{
	const struct timespec period = {.tv_sec = watch.period_ns / 1000000000, .tv_nsec = watch.period_ns % 1000000000};
	int64_t last = monotonic_ns();

	(void)context;
	cpu_leave(watch.cpu);
	while (!atomic_load(&watch.end)) {
		int64_t now;

		nanosleep(&period, NULL);
		now = monotonic_ns();
		look_at_call(now - last);
		look_at_memory(now);
		last = now;
	}
	return NULL;
}

/* ---- life ---- */

/* Three quarters of what the machine, or the group that the process belongs to, has. */
static int64_t default_memory_max(void)
{
	int64_t most = sysconf(_SC_PHYS_PAGES) * (int64_t)sysconf(_SC_PAGESIZE), group;
	FILE *in = fopen("/sys/fs/cgroup/memory.max", "re");

	if (in != NULL) {
		if (fscanf(in, "%" SCNd64, &group) == 1 && group < most)
			most = group;
		fclose(in);
	}
	return most / 4 * 3;
}

static int64_t period_of(int64_t warn_ns)
{
	int64_t period = warn_ns > 0 ? warn_ns / 2 : PERIOD_MAX_NS;

	return period < PERIOD_MIN_NS ? PERIOD_MIN_NS : period > PERIOD_MAX_NS ? PERIOD_MAX_NS : period;
}

int guard_open(struct host *h)
{
	const struct host_options *o = &h->options;
	int rc;

	watch = (struct watch){.loop = pthread_self(), .warn_ns = o->callback_warn, .kill_ns = o->callback_kill,
		.period_ns = period_of(o->callback_warn), .cpu = o->cpu,
		.memory_max = o->memory_max > 0 ? o->memory_max : default_memory_max(),
		.statm = open("/proc/self/statm", O_RDONLY | O_CLOEXEC),
		.schedstat = open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC)};
	rc = thread_start(&watch.thread, run, NULL);
	watch.runs = rc == 0;
	return rc == 0 ? AQ_OK : AQ_ENOSYS;
}

void guard_close(void)
{
	if (!watch.runs)
		return;
	atomic_store(&watch.end, true);
	pthread_join(watch.thread, NULL);
	if (watch.statm >= 0)
		close(watch.statm);
	if (watch.schedstat >= 0)
		close(watch.schedstat);
	watch.runs = false;
}
