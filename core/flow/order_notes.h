/* order_notes.h: what is told of orders beside what they are: why they were placed, what the venue said, and the denials of
 * late. For people alone: it is not journalled, and nothing follows from it. */
#ifndef AQ_FLOW_ORDER_NOTES_H
#define AQ_FLOW_ORDER_NOTES_H

#include "flow/flow.h"

void order_notes_init(struct flow *f);
void order_notes_finish(struct flow *f);

const struct order_note *order_note_of(const struct flow *f, const struct order *order);
/* A slot is used for another order. */
void order_note_clear(struct flow *f, const struct order *order);
/* The owner has said this in the event in hand; "" = nothing. Cut between characters. */
void order_notes_say(struct flow *f, uint32_t instance, const char *text);
/* It places or amends this order: what it has said stays with it. */
void order_note_why(struct flow *f, const struct order *order);
/* The venue's words, of which the last ones are kept. */
void order_note_venue(struct flow *f, const struct order *order, const struct aq_order_update *update);

void order_notes_denied(struct flow *f, const struct aq_order_change *change);
/* The denial before so many others, NULL behind the oldest that is remembered. */
const struct order_denial *order_denial_back(const struct flow *f, uint32_t back);

#endif
