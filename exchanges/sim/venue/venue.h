/* venue.h: the venue half of the simulated exchange: it replays captures, matches orders and keeps accounts.
 *
 * It knows no venue's format, no clock and no socket: the host (in process) and tools/venue (a process of its own) ask
 * when its next moment is, tell it that the moment has come, hand it the frames of the host and pass on what it emits.
 * Everything it does follows from its options, the captures and the frames it got: two equal runs are equal.
 * Its state belongs to whoever created it, so reloading the adapter's code loses no order.
 *
 * Time: a market frame of a capture happens at the venue at its time_ns and reaches the host feed_ns later. A request
 * that left the host at t is handled at t + entry_ns, its answer reaches the host response_ns after that.
 */
#ifndef SIM_VENUE_H
#define SIM_VENUE_H

#include "sim/frame.h"

#include <stdbool.h>

struct sim_venue_balance {
	char asset[16];
	struct aq_amt amount;
};

/* A line of the INI: a transfer of an account, or a funding rate of a market at a time. */
struct sim_venue_cash {
	int64_t at_ns;
	uint8_t kind;        /* AQ_CASH_TRANSFER or AQ_CASH_FUNDING */
	uint32_t account;    /* index in the options, transfers only */
	char asset[16];      /* transfers: what; funding: unused */
	char symbol[48];     /* funding: which market */
	struct aq_amt amount;/* transfers: signed; funding: the rate */
};

struct sim_venue_account {
	char name[48];
	bool hedging;
	struct aq_amt fee_maker, fee_taker; /* ratio at 10^-18 */
	const struct sim_venue_balance *balances;
	uint32_t balance_count;
	uint32_t leverage;   /* contracts: margin needed is notional / leverage; 0 = 1 */
};

struct sim_venue_options {
	const char *const *captures; /* files in the order of time; one timeline */
	uint32_t capture_count;
	int64_t feed_ns, entry_ns, response_ns;
	const struct sim_venue_account *accounts;
	uint32_t account_count;
	const struct sim_venue_cash *cash;
	uint32_t cash_count;
	int64_t start_ns;    /* skip the capture up to here, applying its books; 0 = from the beginning */
	int64_t warmup_ns;   /* instead of start_ns: so much behind the first frame */
	int64_t end_ns;      /* the last moment of the capture; 0 = to the end */
	bool owns_clock;     /* lockstep: what WELCOME says. The caller waits for DONE and passes no DONE on */
	/* For load: the capture's stamps do not count, frame n happens at base_ns + n / rate. */
	uint64_t rate;       /* frames a second; 0 = by their stamps */
	uint64_t frames_max; /* stop after so many frames; 0 = no limit */
	int64_t base_ns;
	bool loop;           /* begin again at the end, with ids that go on */
};

typedef void sim_emit(void *context, const struct sim_frame *frame);

struct sim_venue;
int sim_venue_create(struct sim_venue **out, const struct sim_venue_options *options, struct aq_err *err);
void sim_venue_destroy(struct sim_venue *v);
/* The instruments of the captures; they live as long as the venue. Returns how many there are. */
uint32_t sim_venue_instruments(const struct sim_venue *v, const struct aq_instrument **out);

/* Time of the next thing that happens or reaches the host; INT64_MAX when the capture and all queues are at their end. */
int64_t sim_venue_next(const struct sim_venue *v);
/* Before anything has happened: the moment at which time begins. That of the first frame; where it is a candle, the
 * candle's begin, so that whoever wants it has come by its end. */
int64_t sim_venue_first(const struct sim_venue *v);
/* Does all that is due up to `now_ns` (never goes back) and emits what reaches the host by then, in order of time. */
void sim_venue_step(struct sim_venue *v, int64_t now_ns, sim_emit *emit, void *context);
/* A frame of the host, stamped with the time at which it left (frame->time_ns). AQ_EFORMAT when it makes no sense. */
int sim_venue_receive(struct sim_venue *v, const struct sim_frame *frame);
/* True when the capture is at its end and its last frame has reached the host. */
bool sim_venue_ended(const struct sim_venue *v);
/* With a rate: the first frame happens at base_ns after all. Only before any has. */
void sim_venue_rebase(struct sim_venue *v, int64_t base_ns);
/* The capture ends here: the frames that have happened still reach the host, no others happen. */
void sim_venue_cut(struct sim_venue *v);
/* The venue's clock: the moment of the latest thing that it did. */
int64_t sim_venue_now(const struct sim_venue *v);
/* Market frames of the capture that lie behind it, what was skipped at its begin included. */
uint64_t sim_venue_played(const struct sim_venue *v);
/* When the last frame of the capture happens; INT64_MAX: never (it begins again), or its stamps do not count. */
int64_t sim_venue_last(const struct sim_venue *v);
/* The host has gone: what would have reached it is forgotten (orders, fills and balances are not), requests that have
 * left it still arrive. Until the next HELLO nothing is emitted. */
void sim_venue_host_gone(struct sim_venue *v);

/* The judge's record: every order, fill, balance, position and cash flow as they stand, one line each (records.h). */
void sim_venue_write_record(const struct sim_venue *v, void (*line)(void *context, const char *text), void *context);

#endif
