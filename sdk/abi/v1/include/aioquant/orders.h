/* orders.h: extension "aq.draft.orders/1", for strategies. Orders belong to the host; a plugin holds tags.
 *
 * At most one non-final order lives under a tag of an instance. place and amend first pass the risk gate: a denial comes
 * as AQ_EV_ORDER with state denied (place) or the order unchanged (amend, cancel), its code, limit, value and headroom.
 */
#ifndef AIOQUANT_ORDERS_H
#define AIOQUANT_ORDERS_H

#include "plugin.h"

#define AQ_ORDERS_EXT "aq.draft.orders/1"

/* A wish for an order. Zeroed fields mean: gtc, limit, net, the account's margin mode, no trigger. */
struct aq_place {
	uint32_t size;
	uint32_t account, instrument;
	uint8_t side;          /* or 0 when intention is given */
	uint8_t intention;     /* enum aq_intention: decides side, position side, reduce-only; 0 = none */
	uint8_t type, tif;
	uint64_t tag;
	aq_px price;           /* ignored for market orders */
	aq_qty qty;
	aq_px trigger;         /* stops; 0 = none */
	aq_qty display_qty;    /* 0 = all */
	struct aq_amt quote_qty; /* market orders by amount; 0 = by qty */
	int64_t expiry_ns;     /* gtd */
	int64_t deadline_ns;   /* 0 = now + order_max_delay */
	uint8_t position_side, margin_mode, post_only, reduce_only, self_trade, trigger_source;
	uint8_t reserved[2];
	uint64_t parent, list;
};

struct aq_amend {
	uint32_t size;
	uint32_t reserved;
	uint64_t order;    /* id; or 0 and by tag */
	uint64_t tag;      /* of the order */
	aq_px price;       /* AQ_NONE = as it is */
	aq_qty qty;        /* total quantity; AQ_NONE = as it is */
	uint64_t call_tag; /* comes back as amend_tag */
};

struct aq_orders_api {
	uint32_t size;
	uint32_t reserved;
	/* Returns the client order id (> 0), also when the gate denies it. AQ_EINVAL, AQ_ESTATE, AQ_EAGAIN. [loop] */
	int64_t (*place)(void *owner, const struct aq_place *order);
	/* n orders, each judged by itself; ids[i] gets what place would return. Adapters may send them together. [loop] */
	int32_t (*place_batch)(void *owner, const struct aq_place *orders, uint32_t n, int64_t *ids);
	/* Cancels by id, or with id 0 the order under `tag`. AQ_ENOENT when there is none that is not final. [loop] */
	int32_t (*cancel)(void *owner, uint64_t id, uint64_t tag, uint64_t call_tag);
	/* Cancels the instance's own orders; 0 = any account, any instrument. Returns how many. [loop] */
	int32_t (*cancel_all)(void *owner, uint32_t account, uint32_t instrument);
	int32_t (*amend)(void *owner, const struct aq_amend *amend);
	/* By id, or with id 0 the non-final order under `tag`. out->size set by the caller. AQ_ENOENT. [loop] */
	int32_t (*order)(void *owner, uint64_t id, uint64_t tag, struct aq_order *out);
	/* Own non-final orders, oldest first; 0 = any. Returns how many there are (may be more than max). [loop] */
	int32_t (*open_orders)(void *owner, uint32_t account, uint32_t instrument, struct aq_order *out, uint32_t max);
	/* `instance`: 0 = own row(s) summed over sides, AQ_ALL = the account's sum. A flat row when there is none. [loop] */
	int32_t (*position)(void *owner, uint32_t account, uint32_t instrument, uint32_t instance, struct aq_position *out);
	int32_t (*balance)(void *owner, uint32_t account, const char *asset, struct aq_balance *out);
	int32_t (*fees)(void *owner, uint32_t account, uint32_t instrument, struct aq_fees *out);
};

#endif
