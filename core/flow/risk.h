/* risk.h: the gate between every order and the venue. Adding a check is one function and one row in risk.c. */
#ifndef AQ_FLOW_RISK_H
#define AQ_FLOW_RISK_H

#include "flow/ledger.h"
#include "flow/market.h"
#include "flow/orders.h"

#include "decimal.h"

/* What a check looks at, and what a denial tells. */
struct risk_case {
	struct flow *flow;
	const struct aq_order *order;  /* as it would be */
	const struct order *before;    /* amend: as it is; place: NULL */
	const struct market *market;   /* NULL when the instrument is unknown */
	struct flow_account *account;
	struct flow_instance *instance;
	struct flow_meter *meters[3];  /* instance, account, host: the tightest wins */
	aq_qty qty;                    /* what is left to trade; of an order by amount, at the reference */
	aq_px reference;               /* its price, or the opposite best for a market order; AQ_NONE */
	struct aq_amt notional;        /* at the reference, settle currency */
	struct aq_amt worth;           /* the same in report_currency */
	bool by_operator;              /* closes a position on his word: our own limits are not asked */
	uint16_t code;                 /* enum aq_code when denied */
	struct aq_amt limit, value, headroom;
};

/* Passes all checks, or fills code, limit, value and headroom of the first that denies. */
bool risk_passes(struct risk_case *c);
/* The order leaves: counts it in the rates. */
void risk_count(struct flow *f, const struct aq_order *order);
/* Begins the loss days of all at midnight UTC. */
void risk_tick(struct flow *f);
/* The number of rows, and the name of a code as a person reads it. */
unsigned risk_checks(void);
const char *risk_code_name(uint16_t code);

#endif
