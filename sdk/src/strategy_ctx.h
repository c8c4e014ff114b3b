/* strategy_ctx.h: what stands in front of a strategy's struct. Private to strategy*.c.
 *
 * The host knows the struct (it fills option fields at offsets from it), the SDK finds the context by going back a
 * fixed distance; both lie in one block. Nothing here is allocated after create. Reads of the host are kept as long
 * as they cannot change: `epoch` rises with each event, and what was read under an older one is read again. */
#ifndef AQ_STRATEGY_CTX_H
#define AQ_STRATEGY_CTX_H

#include <aioquant/strategy.h>

#include <stdbool.h>

#define AQ_CTX_MARKETS 16 /* market options */
#define AQ_CTX_INSTRUMENTS 16
#define AQ_CTX_KEEPS 128
#define AQ_CTX_TIMERS 32
#define AQ_CTX_ACCOUNTS 8
#define AQ_CTX_TEXTS 8

/* The same tag may be used in several markets, while the host wants tags unique in an instance. The bits above the
 * author's tell them apart; in which order does not matter, since an order also says its market. */
#define AQ_TAG_BITS 48
#define AQ_TAG_MASK ((UINT64_C(1) << AQ_TAG_BITS) - 1)
#define AQ_TAG_SALTS 8u
#define AQ_TAG_CLOSE AQ_TAG_MASK            /* the order of aq_close */
#define AQ_TIMER_RETRY (UINT64_C(1) << 63)  /* our own timers */
#define AQ_TIMER_HEARTBEAT (AQ_TIMER_RETRY + 1)
#define SECOND_NS INT64_C(1000000000)

struct aq_ctx_instrument {
	uint64_t top_epoch; /* of `top`, 0 = never read */
	struct aq_top top;
	struct aq_instrument data; /* id 0 = free */
	bool no_amend;             /* the venue has refused an amend as such */
};

struct aq_ctx_position {
	struct aq_market market;
	uint64_t epoch;
	aq_qty qty;
};

/* One quote: the wish, what is known of its order, and what holds it back. */
struct aq_wish {
	struct aq_market market;
	uint64_t tag;
	aq_px price; /* qty 0 = out */
	aq_qty qty;
	double tolerance;
	uint8_t side;
	bool used;
	bool postponed; /* to be looked at again at the next news of its order */

	uint8_t asked;       /* enum aq_request on its way of which nothing has been heard, 0 = none */
	bool known;          /* the fields below are as the host has them, and no request is on its way */
	bool replace;        /* an amend was refused for this order: cancel it instead */
	bool leaving;        /* its end will be our doing */
	uint8_t order_side;
	uint8_t order_type;
	uint64_t order;      /* id, 0 = there is none */
	aq_px order_price;
	aq_qty filled, left;

	uint8_t asked_side;  /* of the last place or amend */
	aq_px asked_price;
	aq_qty asked_qty;
	uint8_t held;        /* enum aq_request that was refused, 0 = none */
	uint8_t held_by;     /* AQ_HELD_*: what must change before it is asked again */
	uint8_t tries;       /* refusals in a row */
	int64_t held_until;  /* or this time has come */
};
enum { AQ_HELD_TIME = 1, AQ_HELD_QTY = 2, AQ_HELD_PRICE = 3 }; /* nothing; the quantity or side; or the price as well */

/* Goes into the saved state as it is. */
struct aq_ctx_timer {
	uint64_t tag;
	int64_t id; /* 0 = free */
	int64_t at_ns, period_ns;
};

struct aq_ctx {
	const struct aq_strategy *strategy;
	const struct aq_host *host;
	const struct aq_market_api *market; /* NULL before create has found it */
	const struct aq_orders_api *orders;
	const struct aq_tell_api *tell; /* NULL: this host does not listen */
	const struct aq_store_api *store; /* NULL: this host has no stores */
	struct aq_ctx_long_row *long_rows; /* of stores, that have not come as a whole; NULL = none */
	int64_t handed;                 /* the call whose rows the callback is given */
	bool given_up;                  /* and it wants no more of them */
	void *self;
	uint64_t epoch;
	int64_t now_ns;
	bool started, downloading, ready, stopped;
	bool warned_tag, warned_full, warned_account;

	uint32_t market_offsets[AQ_CTX_MARKETS];
	uint32_t market_flags[AQ_CTX_MARKETS];
	uint32_t markets;
	struct {
		uint32_t account; /* 0 = free */
		uint32_t why;     /* AQ_BARRED_* */
	} barred[AQ_CTX_ACCOUNTS]; /* accounts on which orders would be denied */
	struct {
		uint32_t instrument; /* 0 = free */
		struct aq_funding last;
	} fundings[AQ_CTX_MARKETS];

	struct aq_ctx_instrument instruments[AQ_CTX_INSTRUMENTS];
	uint32_t instrument_next; /* to be given up when all are used */
	struct aq_ctx_position positions[AQ_CTX_INSTRUMENTS];
	uint32_t position_next;

	struct aq_wish wishes[AQ_QUOTES];
	uint32_t wishes_end; /* none is used from here on */
	int64_t retry_ns;    /* our timer is set for then; 0 = it is not */
	int64_t retry_id;

	struct aq_ctx_timer timers[AQ_CTX_TIMERS];
	uint8_t keep_digits[AQ_CTX_KEEPS]; /* loaded prices and quantities still at these digits + 1; 0 = settled */
	char texts[AQ_CTX_TEXTS][48];
	uint32_t text_next;
};

/* Cache lines, so that the author's struct begins on one. */
#define AQ_CTX_ROOM ((sizeof(struct aq_ctx) + 63) / 64 * 64)

static inline struct aq_ctx *aq_ctx_of(void *self)
{
	return (struct aq_ctx *)(void *)((char *)self - AQ_CTX_ROOM);
}

static inline const struct aq_ctx *aq_ctx_of_const(const void *self)
{
	return (const struct aq_ctx *)(const void *)((const char *)self - AQ_CTX_ROOM);
}

static inline bool aq_market_same(struct aq_market a, struct aq_market b)
{
	return a.instrument == b.instrument && a.account == b.account;
}

static inline bool aq_order_final(uint8_t state)
{
	return state == AQ_DENIED || state >= AQ_FILLED;
}

/* The market in option number i as it is configured now. */
struct aq_market aq_ctx_market(const struct aq_ctx *q, uint32_t i);

/* strategy_market.c */
struct aq_ctx_instrument *aq_ctx_instrument(struct aq_ctx *q, uint32_t id); /* NULL = the host does not know it */
void aq_ctx_instrument_changed(struct aq_ctx *q, const struct aq_instrument *data);
void aq_ctx_instruments_forget(struct aq_ctx *q); /* filters may have changed unseen */
void aq_ctx_top_is(struct aq_ctx *q, uint32_t id, const struct aq_top *top);
/* The top if it is valid, has both sides and its account is ready, else NULL. */
const struct aq_top *aq_ctx_fresh(struct aq_ctx *q, struct aq_market m);
enum { AQ_BARRED_NOT_READY = 1, AQ_BARRED_STOPPED = 2 };
void aq_ctx_account_bar(struct aq_ctx *q, uint32_t account, uint32_t why, bool over);
void aq_ctx_note_funding(struct aq_ctx *q, uint32_t instrument, const struct aq_funding *f);
/* Value in quote currency. */
int aq_ctx_value(const struct aq_instrument *i, aq_px price, aq_qty qty, struct aq_amt *out);

/* strategy_order.c: the order of a market under the author's tag, with the host's tag still in it. */
int32_t aq_ctx_find_order(struct aq_ctx *q, struct aq_market m, uint64_t tag, struct aq_order *out);
/* A host's tag that no order of another market has. AQ_ESPACE. */
int32_t aq_ctx_free_tag(struct aq_ctx *q, struct aq_market m, uint64_t tag, uint64_t *out);
void aq_ctx_timer_fired(struct aq_ctx *q, uint64_t tag);
void aq_ctx_timers_take_over(struct aq_ctx *q); /* those that were loaded */

/* strategy_quote.c */
void aq_ctx_forget_orders(struct aq_ctx *q); /* a download begins: all is to be looked up again */
void aq_ctx_note_order(struct aq_ctx *q, const struct aq_order_change *change);
void aq_ctx_note_fill(struct aq_ctx *q, const struct aq_fill *fill);
struct aq_wish *aq_ctx_wish(struct aq_ctx *q, struct aq_market m, uint64_t tag); /* NULL = none */
void aq_ctx_withdraw(struct aq_ctx *q, struct aq_wish *w);
/* Looks at the wishes of a market (ids 0 = any); all of them, or those that were postponed. */
void aq_ctx_act(struct aq_ctx *q, struct aq_market m, bool all);
void aq_ctx_retry(struct aq_ctx *q);
/* What refused is over: nothing of these markets (ids 0 = any) waits any longer. */
void aq_ctx_release(struct aq_ctx *q, struct aq_market m);

/* strategy_store.c: a call whose parts are documents that are written already. */
struct aq_ctx_part {
	uint8_t part; /* enum aq_store_part */
	int32_t length; /* or a negative status */
	const void *bytes;
};
int64_t aq_ctx_store_ask(struct aq_ctx *q, const struct aq_query *about, uint8_t op, const struct aq_ctx_part *parts,
	uint32_t count);

/* strategy_answer.c: false when the event is about no store. */
bool aq_ctx_store_event(struct aq_ctx *q, const struct aq_event *e);
void aq_ctx_store_forget(struct aq_ctx *q, int64_t call);
void aq_ctx_store_free(struct aq_ctx *q);

/* strategy_keep.c: how many fields are kept; rescales what was loaded before its market was known. */
uint32_t aq_ctx_keeps(const struct aq_strategy *s);
int32_t aq_ctx_settle(struct aq_ctx *q, struct aq_err *err);

#endif
