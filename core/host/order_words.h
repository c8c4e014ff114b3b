/* order_words.h: what orders are, in words for people. */
#ifndef AQ_HOST_ORDER_WORDS_H
#define AQ_HOST_ORDER_WORDS_H

#include "host/control_format.h"

/* open, filled, ... */
const char *order_state_name(uint8_t state);
/* place, cancel, amend, ... */
const char *order_request_name(uint8_t request);
/* "place unknown", "cancel sent, amend sent"; empty when nothing is on its way. Returns `out`. */
const char *order_requests(const struct aq_order *o, char out[FORMAT_SIZE]);
/* "limit gtc post-only"; returns `out`. */
const char *order_terms(const struct aq_order *o, char out[FORMAT_SIZE]);
/* What a denial, a rejection or an end means, and what helps. */
const char *order_code_words(uint16_t code);

#endif
