/* host.h: the process: it owns the flow, the loop, the plugins and their instances, and turns.
 *
 * Everything here runs on the trading loop's thread, except what says otherwise. One turn: set the clock, deliver what has
 * arrived, apply records and deliver what follows until nothing is left, fire timers, wait.
 */
#ifndef AQ_HOST_HOST_H
#define AQ_HOST_HOST_H

#include "base/histogram.h"
#include "base/timers.h"
#include "flow/flow.h"
#include "host/config.h"
#include "host/instance.h"
#include "host/lint_log.h"
#include "io/net.h"

enum host_clock { CLOCK_AUTO = 0, CLOCK_REAL = 1, CLOCK_REPLAY = 2, CLOCK_VENUE = 3 };
enum host_mode { MODE_PAPER = 1, MODE_LIVE = 2 };

/* Filled from [host], [log], [control] and [journal] by the tables in options.c. */
struct host_options {
	char server_id[48];
	int64_t host_number;
	uint8_t mode, clock, io_mode, marshal;
	uint8_t on_end;               /* 1: stop when the replay has ended, 2: wait for the operator */
	char state_dir[256];
	char plugin_path[1024];       /* items separated by newline */
	char report_currency[16];
	char speed[16];               /* replay: "10x" or "max" */
	int64_t order_max_delay, request_timeout, lookup_every, accept_within, stale_after, duplicate_window, kline_grace;
	int64_t max_orders, max_fills, seed;
	int64_t cpu;                  /* of the trading loop; -1 = any */
	int64_t probe_timeout, reload_watch, save_every;
	int64_t callback_warn, callback_kill; /* 0 = never */
	int64_t memory_max;           /* bytes; 0 = three quarters of what there is */
	char log_file[256];
	uint8_t log_level, log_format;
	int64_t log_rotate, log_keep, log_limit;
	char control_socket[256];
	char control_group[64];       /* "" = none */
	uint32_t control_gid;         /* its number, UINT32_MAX = none */
	uint8_t journal_grade;
	int64_t journal_segment, journal_keep, journal_min_free;
};

#define HOST_IO_BUSY 2
#define HOST_END_WAIT 2

struct replay;
struct reload;
struct control;
struct helper;
struct errand;
struct measure;
struct service;
struct hops;
struct stores;
struct taps;
struct history;

struct host_connection {
	int64_t id;        /* of net; 0 = free slot */
	uint32_t instance;
	uint8_t open;
	uint8_t reserved[3];
};
#define HOST_CONNECTIONS 256

struct host {
	struct flow flow;
	struct loop *loop;
	struct net *net;
	struct timers timers;
	struct host_options options;
	enum host_clock clock;
	const char *config_path;      /* of the caller */
	const char *const *overrides;
	int override_count;
	struct config *config;
	struct instance *instances[INSTANCES_MAX]; /* by flow id; NULL = none runs */
	struct host_connection connections[HOST_CONNECTIONS];
	int connection_end;           /* none at or behind it has ever been used */
	struct replay *replays[16];   /* venues inside this process, in the order of the configuration */
	uint32_t replay_count;
	struct reload *reload;        /* a reload that is under way, or NULL */
	struct errand *errand;        /* what a verb waits for, or NULL */
	struct helper *helper;        /* from host_open to host_close */
	struct helper *errand_helper; /* the same for errands, from errand_open to errand_close */
	struct control *control;
	struct lint_told lint_told;   /* of those whose code is staged, one at a time */
	struct service *service;      /* a service manager listens, or NULL */
	struct stores *stores;        /* NULL = none are configured */
	struct history *histories;    /* questions about the past that stores are to answer; NULL = none */
	struct taps *taps;            /* NULL = no service reads anything */
	struct instance *running;     /* whose callback runs, or NULL */
	uint64_t *scratch;            /* AQ_EVENT_MAX bytes: the event in delivery */
	uint32_t copies;              /* of plugins made so far: part of their file names */
	uint32_t waiting;             /* instances that wait for their markets */
	int lock_fd;
	int operator_fd;              /* watches STATE_DIR/operator; 0 = none */
	int64_t operator_watch;
	bool rehearsal;               /* a probe: effects are recorded, not executed */
	bool stop, ended, settle;
	uint32_t drain_left;          /* deliveries until the loop looks at sockets and signals again */
	bool withdrawing;             /* the last turns: only the venue's answers to our cancels are awaited */
	uint32_t clock_owner;         /* CLOCK_VENUE: the exchange instance that sets it */
	int64_t monotonic_ns;         /* at the last host_tick_real */
	int64_t alone_since_ns;       /* CLOCK_VENUE: wall clock since which no venue is connected; 0 = one is */
	/* figures */
	uint64_t events, orders_sent, fills, moments;
	int64_t bytes_in_ns;          /* wall clock at which the bytes in hand arrived; 0 = not measured */
	struct histogram path;        /* bytes in -> order at the adapter, ns */
	bool measure;
	struct hops *hops;            /* NULL = not measured */
	struct measure *gaps;         /* --measure, or NULL */
	int64_t saved_wall_ns;        /* when the states were last written */
};

/* Reads and checks the configuration, opens state folder, lock and journal, creates and starts all instances. On error
 * the reasons are in `errors` or `err`. */
int host_open(struct host *h, const char *config_path, const char *const *overrides, int override_count,
	struct config_errors *errors, struct aq_err *err);
/* Turns until stopped or, in a replay, until the data end. Returns the exit status. */
int host_run(struct host *h);
/* One turn of a host whose clock is not simulated, which may wait: what host_run does until it is stopped. */
void host_turn(struct host *h);
/* Cancels by policy, saves, stops and frees everything. Accepts what host_open has left half done. */
void host_close(struct host *h);

/* Delivers and applies until nothing is left to do at this moment, or the turn has done its share: an instance whose
 * events follow from each other for ever does not hold the loop. What is left is done in the next turn. */
void host_drain(struct host *h);
/* A turn has its share of deliveries again. */
void host_begin_turn(struct host *h);
/* Sets the time that everything sees; never back. */
void host_set_now(struct host *h, int64_t now_ns);
/* CLOCK_REAL: the wall clock; when that is set back, time goes on from where it was. */
void host_tick_real(struct host *h);
/* Fires what is due. */
void host_fire_timers(struct host *h);
/* Wall clock, ns; only for measuring and pacing. */
int64_t host_wall_ns(void);

/* Instance by name, NULL if none runs. */
struct instance *host_instance(struct host *h, const char *name);
/* What config_fill asks. The context is the host. */
struct config_resolver host_resolver(struct host *h);

#endif
