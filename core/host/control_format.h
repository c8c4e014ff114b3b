/* control_format.h: numbers as a person reads them. Each writes to `out` and returns it. */
#ifndef AQ_HOST_CONTROL_FORMAT_H
#define AQ_HOST_CONTROL_FORMAT_H

#include <aioquant/types.h>
#include <stdbool.h>

#define FORMAT_SIZE 72

/* 12 ms, 0.8 s, 34 s, 5m 12s, 3h 04m, 12d 04h; a negative age is 0. */
const char *format_age(int64_t ns, char out[FORMAT_SIZE]);
/* 0.3 us, 14 us, 6.1 ms, 212 ms, 1.2 s */
const char *format_latency(uint64_t ns, char out[FORMAT_SIZE]);
/* 14:02:11, UTC */
const char *format_clock(int64_t ns, char out[16]);
/* ana (uid 1003); without a name here: uid 1003 */
const char *format_user(uint32_t uid, char out[FORMAT_SIZE]);
/* 2024-08-08 14:02:11 */
const char *format_time(int64_t ns, char out[FORMAT_SIZE]);
/* With the digits of the tick; AQ_NONE is empty. */
const char *format_price(const struct aq_instrument *i, aq_px price, char out[FORMAT_SIZE]);
/* With the digits of the lot; `sign`: + before what is positive. */
const char *format_qty(const struct aq_instrument *i, aq_qty qty, bool sign, char out[FORMAT_SIZE]);
/* Base or, for inverse contracts, quote. */
const char *format_qty_unit(const struct aq_instrument *i);
/* At least two digits and at most `most`, toward zero; with its currency unless that is NULL. */
const char *format_money(struct aq_amt amount, unsigned most, bool sign, const char *currency, char out[FORMAT_SIZE]);

#endif
