/* tap_terms.h: what a reader has read of orders' terms. What became of an order is told with the terms that the host
 * knows of it, and a reader that is far behind reads of orders that the host has forgotten. The last TAP_TERMS are
 * remembered. */
#ifndef AQ_HOST_TAP_TERMS_H
#define AQ_HOST_TAP_TERMS_H

#include <aioquant/types.h>
#include <stdbool.h>

#define TAP_TERMS 32768

struct tap_terms;

struct tap_terms *tap_terms_new(void);
void tap_terms_free(struct tap_terms *t);
void tap_terms_note(struct tap_terms *t, const struct aq_order *o);
/* Fills in what never changes of an order. False: it is not remembered. */
bool tap_terms_find(const struct tap_terms *t, uint64_t id, struct aq_order *out);

#endif
