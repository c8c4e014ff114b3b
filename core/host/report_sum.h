/* report_sum.h: what a time has brought, by strategy, account and market, out of the rows that a recorder keeps: fills,
 * cash flows and samples of equity, each kind and all together in the order of their time.
 *
 * Profit is what the ledger says at the samples: realised and unrealised at the end less what they were at the begin;
 * fees and turnover are those of the fills between. What accounts are worth must have changed by as much; what is left
 * over is told. Amounts are in report_currency. Pure. */
#ifndef AQ_HOST_REPORT_SUM_H
#define AQ_HOST_REPORT_SUM_H

#include "base/map.h"

#include <aioquant/types.h>
#include <stdbool.h>

#define REPORT_STRATEGY 1u
#define REPORT_ACCOUNT 2u
#define REPORT_MARKET 4u

/* Whose rows they are; a part by which the report does not tell them apart is empty. */
struct report_key {
	char strategy[48], account[48], market[96];
};

struct report_row {
	struct report_key key;
	uint64_t fills, maker_fills;
	struct aq_amt turnover, maker_turnover, fees;
	struct aq_amt realised, unrealised; /* their changes */
	struct aq_amt funding, interest,
		other;          /* cash flows beside transfers; they belong to no strategy and no market */
	struct aq_amt total;    /* realised + unrealised - fees + cash flows */
	struct aq_amt drawdown; /* the farthest that the total has been below what it had been before, at samples */
	struct aq_amt peak;     /* [within] */
	bool is_valued;         /* false: a price was missing somewhere */
};

/* Of an account: what it was worth, and what of the change nothing here explains. */
struct report_account {
	char name[48];
	struct aq_amt begin, end, transfers, explained;
	bool has_begin, is_valued;
};

struct report_sum;

struct report_sum *report_sum_new(unsigned by, int64_t from_ns, int64_t to_ns);
void report_sum_free(struct report_sum *r);

struct report_fill {
	struct report_key key;
	struct aq_amt turnover, fee;
	bool is_maker, is_valued;
};
struct report_position {
	struct report_key key;
	struct aq_amt realised, unrealised; /* since the ledger began; now */
	bool is_valued;
};
struct report_cash {
	const char *account, *kind;
	struct aq_amt value;
	bool is_valued;
};

/* In the order of time. Samples from before the begin tell what there was then; other rows from before it are left out.
 */
void report_sum_fill(struct report_sum *r, int64_t time_ns, const struct report_fill *fill);
void report_sum_position(struct report_sum *r, int64_t time_ns, const struct report_position *p);
void report_sum_equity(
	struct report_sum *r, int64_t time_ns, const char *account, struct aq_amt equity, bool is_valued);
void report_sum_cash(struct report_sum *r, int64_t time_ns, const struct report_cash *cash);
/* After the last of them. */
void report_sum_end(struct report_sum *r);

/* More came than there is room for, and what is told is not all. */
bool report_sum_is_full(const struct report_sum *r);
/* Sorted by key. */
uint32_t report_sum_rows(const struct report_sum *r, const struct report_row **rows);
uint32_t report_sum_accounts(const struct report_sum *r, const struct report_account **accounts);

#endif
