/* rows.h: the rows that the stores' benches insert: candles of a minute. The same number is the same row, in any process. */
#ifndef TESTS_BENCH_ROWS_H
#define TESTS_BENCH_ROWS_H

#include <stddef.h>
#include <stdint.h>

#define ROW_DIGITS 8
#define ROW_SCHEMA \
	"{fields: [{name: time, type: timestamp, key: true}, {name: open, type: decimal, precision: 28, digits: 8}, " \
	"{name: high, type: decimal, precision: 28, digits: 8}, {name: low, type: decimal, precision: 28, digits: 8}, " \
	"{name: close, type: decimal, precision: 28, digits: 8}, {name: volume, type: decimal, precision: 28, digits: 8}, " \
	"{name: trades, type: int64}, {name: symbol, type: text, size: 40}]}"

enum { ROW_OPEN = 0, ROW_HIGH, ROW_LOW, ROW_CLOSE, ROW_VOLUME, ROW_DECIMALS };

static const char *const row_decimals[ROW_DECIMALS] = {"open", "high", "low", "close", "volume"};

struct row {
	int64_t time_ns, decimals[ROW_DECIMALS], trades;
	const char *symbol;
};

static inline struct row row_of(uint32_t n)
{
	static const char *const symbols[] = {"BTC/USDT", "binance:BTC/USDT", "binance:ETH/USDT:USDT", "okx:SOL/USDT"};
	uint64_t mixed = n * UINT64_C(0x9e3779b97f4a7c15);
	int64_t open = INT64_C(6170211000000) + (int64_t)(mixed >> 24);
	struct row r = {.time_ns = INT64_C(1723161600000000000) + n * INT64_C(60000000000), .trades = (int64_t)(mixed >> 52),
		.symbol = symbols[n % 4]};

	r.decimals[ROW_OPEN] = open;
	r.decimals[ROW_HIGH] = open + (int64_t)(mixed >> 32);
	r.decimals[ROW_LOW] = open - (int64_t)(mixed >> 33);
	r.decimals[ROW_CLOSE] = open + (int64_t)(mixed >> 34);
	r.decimals[ROW_VOLUME] = (int64_t)(mixed >> 30);
	return r;
}

/* The first `count` of them as a frame (aioquant/frame.h), to be freed. */
uint8_t *rows_frame(uint32_t count, size_t *length);

#endif
