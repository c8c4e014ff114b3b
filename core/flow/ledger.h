/* ledger.h: positions by (account, instrument, position side, margin mode, instance), balances, fees, profit, and the
 * deduplication of fills and cash flows. Average cost, exact: closing n of d lots carries n/d of the cost, rounded toward
 * zero. Row 0 of an account (`external`) holds what others did. */
#ifndef AQ_FLOW_LEDGER_H
#define AQ_FLOW_LEDGER_H

#include "flow/record.h"

void ledger_init(struct flow *f);
void ledger_finish(struct flow *f);

/* Can there be such a row? */
bool ledger_row_fits(const struct flow *f, uint32_t account, uint32_t instrument, uint8_t side, uint8_t mode,
	uint32_t instance);
/* Index of a row, made when it is not there; it must be one that can be. */
uint32_t ledger_row(struct flow *f, uint32_t account, uint32_t instrument, uint8_t side, uint8_t mode, uint32_t instance);
const struct ledger_row *ledger_find(const struct flow *f, uint32_t account, uint32_t instrument, uint8_t side,
	uint8_t mode, uint32_t instance);
/* Sum over sides and modes of an instance's (or AQ_ALL: the account's) rows, with unrealised profit. */
void ledger_position(const struct flow *f, uint32_t account, uint32_t instrument, uint32_t instance,
	struct aq_position *out);

/* Index in balances, made when not there. */
uint32_t ledger_balance_index(struct flow *f, uint32_t account, const char *asset);
const struct balance *ledger_balance_find(const struct flow *f, uint32_t account, const char *asset);
/* What may still be used: total with our own fills since the venue's last word, less what our orders hold. */
int ledger_available(const struct balance *b, struct aq_amt *out);

/* One told twice. The bodies name account and instrument; of cash flows the account is compared by the caller. */
bool ledger_same_fill(const struct aq_fill *a, const struct aq_fill *b);
bool ledger_same_cashflow(const struct aq_cashflow *a, const struct aq_cashflow *b);
/* Has this fill (cash flow) been booked? */
bool ledger_seen_fill(const struct flow *f, const struct aq_fill *fill);

/* Profit of a scope since the ledger began: realised + unrealised - fees, in report_currency. AQ_ENOENT: a price is
 * missing. */
int ledger_profit(const struct flow *f, enum flow_scope scope, uint32_t id, struct aq_amt *out);

/* Records of adapters. */
void ledger_balance(struct flow *f, const struct aq_event *record);
void ledger_cashflow(struct flow *f, const struct aq_event *record);

/* The adjustment before so many others, NULL behind the oldest that is remembered. */
const struct fact_adjust *ledger_adjust_back(const struct flow *f, uint32_t back);

/* Events to owners. */
void ledger_tell_position(struct flow *f, uint32_t account, uint32_t instrument, uint32_t instance, uint16_t flags);

/* What an instance (AQ_ALL: the account) will have paid in an asset; false when the sum does not fit. */
bool ledger_sum_fee(const struct flow *f, uint32_t account, uint32_t instance, const char *asset, struct aq_amt paid,
	struct aq_amt *sum);
void ledger_add_fee(struct flow *f, uint32_t account, uint32_t instance, const char *asset, struct aq_amt paid);
/* Amounts are symmetric: an adapter may not give the one value that has no negative. */
bool ledger_amount_fits(struct aq_amt a);

/* ---- ledger_row.c; all pure ---- */

/* A fee in the base asset of a spot market leaves the position: it counts as a sale (a rebate: a purchase) of its whole
 * lots at the fill's price, whose proceeds are the fee. So position, balance, profit and fees agree. */
struct ledger_fee {
	aq_qty lots;         /* that leave the position; < 0: come to it */
	struct aq_amt worth; /* of those, in the quote asset: paid */
	const char *asset;   /* of what is left; "" = nothing */
	struct aq_amt paid;  /* in that asset */
};

int ledger_fee_of(const struct market *m, const struct aq_fill *fill, struct ledger_fee *out);
/* What a fill does to a row: position, cost, turnover, and the profit that it realised, its fee left out. */
int ledger_fill_row(const struct market *m, const struct aq_fill *fill, struct aq_position *p, struct aq_amt *realised);
int ledger_row_open(struct aq_position *p, aq_qty qty, struct aq_amt value);
void ledger_row_average(const struct market *m, struct aq_position *p);

/* Facts: whether one makes sense and can be applied to the end, and its application. */
bool ledger_fits_fill(const struct flow *f, const struct fact_fill *fact);
bool ledger_fits_seen(const struct flow *f, const struct fact_fill *fact);
bool ledger_fits_balance(const struct flow *f, const struct aq_balance *fact);
bool ledger_fits_cashflow(const struct flow *f, const struct fact_cashflow *fact);
bool ledger_fits_adjust(const struct flow *f, const struct fact_adjust *fact);
bool ledger_fits_seen_adjust(const struct flow *f, const struct fact_adjust *fact);
bool ledger_fits_row(const struct flow *f, const struct aq_position *fact);
bool ledger_fits_fees(const struct flow *f, const struct fact_fees *fact);
void ledger_apply_fill(struct flow *f, const struct fact_fill *fact);
void ledger_apply_seen(struct flow *f, const struct fact_fill *fact);
void ledger_apply_balance(struct flow *f, const struct aq_balance *fact);
void ledger_apply_cashflow(struct flow *f, const struct fact_cashflow *fact);
void ledger_apply_seen_cash(struct flow *f, const struct fact_cashflow *fact);
void ledger_apply_adjust(struct flow *f, const struct fact_adjust *fact);
void ledger_apply_seen_adjust(struct flow *f, const struct fact_adjust *fact);
void ledger_apply_row(struct flow *f, const struct aq_position *fact);
void ledger_apply_fees(struct flow *f, const struct fact_fees *fact);
int ledger_snapshot(const struct flow *f, bool history, record_sink *sink, void *context);

#endif
