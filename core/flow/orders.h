/* orders.h: the table of orders, requests under way, and what strategies may ask of it. */
#ifndef AQ_FLOW_ORDERS_H
#define AQ_FLOW_ORDERS_H

#include "flow/order_table.h"
#include "flow/record.h"

void orders_init(struct flow *f);
void orders_finish(struct flow *f);

/* By client order id, or the non-final order under a tag; NULL when there is none. */
struct order *orders_find(const struct flow *f, uint64_t id);
struct order *orders_by_tag(const struct flow *f, uint32_t instance, uint64_t tag);

/* ---- what a strategy asks (as in orders.h of the SDK) ---- */
int64_t orders_place(struct flow *f, uint32_t instance, const struct aq_place *place);
/* One that closes a position on an operator's word: our own limits do not hold it up. */
int64_t orders_place_for_operator(struct flow *f, uint32_t instance, const struct aq_place *place);
int32_t orders_cancel(struct flow *f, uint32_t instance, uint64_t id, uint64_t tag, uint64_t call_tag);
int32_t orders_cancel_all(struct flow *f, uint32_t instance, uint32_t account, uint32_t instrument);
int32_t orders_amend(struct flow *f, uint32_t instance, const struct aq_amend *amend);
int32_t orders_open(const struct flow *f, uint32_t instance, uint32_t account, uint32_t instrument, struct aq_order *out,
	uint32_t max);
/* Takes out all orders of an instance that is gone, now and, where a cancel is refused or lost, again. */
void orders_withdraw(struct flow *f, uint32_t instance);
/* Takes out what rests of an instance and may do more than reduce, but for what rests on that instrument and (0: any) on
 * that account: something that it trades by is not well there. */
void orders_pull(struct flow *f, uint32_t instance, uint32_t instrument, uint32_t account);
/* While that lasts: once more where a cancel was refused or lost. What was placed since, knowingly, is left. */
void orders_pull_again(struct flow *f, uint32_t instance, uint32_t instrument, uint32_t account);
/* Cancels one order whoever owns it (an operator, a policy). */
int32_t orders_cancel_slot(struct flow *f, struct order *order, uint64_t call_tag);

/* ---- what an adapter says ---- */
void orders_update(struct flow *f, const struct aq_event *record);
void orders_fill(struct flow *f, const struct aq_event *record);

/* ---- time and trouble ---- */
int64_t orders_due_ns(const struct flow *f);
void orders_tick(struct flow *f);
/* The connection of an exchange is lost: what was under way on its accounts is unknown. */
void orders_connection_lost(struct flow *f, uint32_t exchange);
/* After recovery: whatever was under way is unknown, and is looked up when the venue is there. */
void orders_restarted(struct flow *f);
/* An intent for the adapter that serves the order's account. */
void orders_to_adapter(struct flow *f, const struct order *order, uint16_t type);
/* Asks the venue what has become of an order, at the latest at that time; at once. */
void orders_lookup_at(struct flow *f, struct order *order, int64_t at_ns);
void orders_lookup(struct flow *f, struct order *order);

/* Is the answer that this deadline stands for still outstanding? */
bool orders_awaits(const struct order *order, const struct order_deadline *d);

/* An event to the owner with the order as it is now. */
void orders_tell(struct flow *f, const struct order *order, uint8_t update, uint16_t code, const char *text,
	uint16_t flags);

/* Is there room for one more order? */
bool orders_have_room(const struct flow *f);

/* ---- facts ---- */
bool orders_fits_order(const struct flow *f, const struct aq_order *fact);
bool orders_fits_request(const struct flow *f, const struct fact_request *fact);
bool orders_fits_update(const struct flow *f, const struct fact_update *fact);
void orders_apply_order(struct flow *f, const struct aq_order *fact);
void orders_apply_request(struct flow *f, const struct fact_request *fact);
void orders_apply_update(struct flow *f, const struct fact_update *fact);
/* The order's part of a fill; called by the ledger's. */
void orders_apply_fill(struct flow *f, const struct aq_fill *fill, struct aq_amt value);
int orders_snapshot(const struct flow *f, bool history, record_sink *sink, void *context);

/* The next client order id: 12 bits host number, 31 bits second of the start since 2024, 20 bits sequence. */
uint64_t orders_next_id(const struct flow *f);

/* The more aggressive of its price and the one that an amend on its way asks for. */
aq_px orders_worst_price(const struct aq_order *o);

/* Slots of non-final orders, oldest first. */
typedef void orders_visit(void *context, struct order *order);
void orders_each_open(struct flow *f, orders_visit *visit, void *context);
/* Those of one instance, newest first. */
void orders_each_own(struct flow *f, uint32_t instance, orders_visit *visit, void *context);
/* Those, and those that ended while their amend was unknown. */
void orders_each_unsettled(struct flow *f, orders_visit *visit, void *context);

#endif
