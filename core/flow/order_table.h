/* order_table.h: what may follow what: state x update and request x answer, as pure functions over one order.
 *
 * No clock, no money, no journal. The order service asks here first, journals what is allowed, then applies it.
 */
#ifndef AQ_FLOW_ORDER_TABLE_H
#define AQ_FLOW_ORDER_TABLE_H

#include <aioquant/event.h>
#include <stdbool.h>

enum order_verdict {
	ORDER_APPLY = 1,  /* changes the order */
	ORDER_REPEAT = 2, /* a copy, or late news that the order has outlived: nothing changes */
	ORDER_ODD = 3     /* must not happen: counted, logged, and the order is looked up */
};

/* What has ended has no requests, but for an amend whose end is unknown: its last terms are still asked for. */
bool order_is_final(const struct aq_order *o);
/* In flight or unknown. */
bool order_is_busy(const struct aq_order *o);

/* What the venue says. `order_update_judge` changes nothing. */
enum order_verdict order_update_judge(const struct aq_order *o, const struct aq_order_update *u);
void order_update_apply(struct aq_order *o, const struct aq_order_update *u);

/* A fill of `qty` lots; deduplication has happened. */
enum order_verdict order_fill_judge(const struct aq_order *o, aq_qty qty);
void order_fill_apply(struct aq_order *o, aq_qty qty);

/* A request leaves (AQ_REQ_SENT), its answer is overdue or lost (AQ_REQ_UNKNOWN). */
enum order_verdict order_request_judge(const struct aq_order *o, enum aq_request request, enum aq_request_state to);
void order_request_apply(struct aq_order *o, enum aq_request request, enum aq_request_state to);

/* The process was restarted or the connection was lost: whatever was on its way has an unknown end. Returns whether
 * anything changed. */
bool order_connection_lost(struct aq_order *o);

#endif
