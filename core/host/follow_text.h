/* follow_text.h: what is said of the strategy that is followed, as lines of a stream. */
#ifndef AQ_HOST_FOLLOW_TEXT_H
#define AQ_HOST_FOLLOW_TEXT_H

#include "host/control_format.h"
#include "host/follow_state.h"

#include <stdio.h>

/* 61,702.14: with the digits of the tick. Returns `out`. */
const char *text_price(const struct aq_instrument *i, aq_px price, char out[FORMAT_SIZE]);
/* 4,812 */
const char *text_count(uint64_t count, char out[FORMAT_SIZE]);
/* +1.06, -2.31, 0.00 */
const char *text_money(struct aq_amt amount, char out[FORMAT_SIZE]);
/* "price moved against us", or for us. */
const char *text_moved(const struct split_parts *p);
/* The account's fee for makers: "2 bps". */
const char *text_fee(const struct follow *f, char out[FORMAT_SIZE]);

/* The line of a second. */
void text_second(const struct follow *f, FILE *out);
/* Where the result comes from, a line a part. */
void text_split(const struct follow *f, FILE *out);
/* The last line. */
void text_result(const struct follow *f, FILE *out);

#endif
