/* rows.h: records as rows: which table each kind has, and how a record fills its cells. */
#ifndef RECORDER_ROWS_H
#define RECORDER_ROWS_H

#include "table.h"

#include <aioquant/market.h>
#include <aioquant/service.h>

/* What rows ask the host for. */
struct rows_host {
	const struct aq_host *host;
	const struct aq_journal_api *journal;
	const struct aq_market_api *market;
	char name[48];     /* server_id */
	char currency[16]; /* report_currency */
};

/* A record of the journal or of a spool. `time_ns` of a row: part of its key. */
typedef int64_t row_time(const void *body);
typedef void row_write(const struct table *t, struct aq_frame_writer *f, const struct rows_host *h, uint64_t number,
	int64_t time_ns, const void *body);

struct rows {
	const struct table *table;
	row_time *time; /* NULL = the record's own */
	row_write *write;
	uint32_t journal; /* enum aq_journal_kind; 0 = a spool's */
};

enum {
	ROWS_KLINES,
	ROWS_TRADES,
	ROWS_BOOKS,
	ROWS_EQUITY,
	ROWS_ORDERS,
	ROWS_FILLS,
	ROWS_CASHFLOWS,
	ROWS_DENIALS,
	ROWS_OPERATOR,
	ROWS_KINDS
};

/* rows_market.c and rows_fact.c */
extern const struct rows rows_klines, rows_trades, rows_books, rows_equity;
extern const struct rows rows_orders, rows_fills, rows_cashflows, rows_denials, rows_operator;

/* The word of an enumeration's value, "" when it has none. */
const char *rows_word(const char *const *words, size_t count, unsigned at);
#define ROWS_WORD(words, at) rows_word(words, sizeof(words) / sizeof(*(words)), at)
extern const char *const rows_sides[3];

#endif
