/* order_said.h: the inputs of order_judge.h as what an adapter would emit. */
#ifndef TESTS_ORDER_SAID_H
#define TESTS_ORDER_SAID_H

#include "order_judge.h"

static const struct said {
	uint8_t update, answers;
} said_by[INPUTS] = {
	[IN_ACK] = {AQ_UP_OPEN, AQ_REQ_PLACE},
	[IN_REJECT] = {AQ_UP_REJECTED, AQ_REQ_PLACE},
	[IN_EXPIRED] = {AQ_UP_EXPIRED, 0},
	[IN_CANCELLED] = {AQ_UP_CANCELLED, AQ_REQ_CANCEL},
	[IN_CANCEL_REJECTED] = {AQ_UP_CANCEL_REJECTED, AQ_REQ_CANCEL},
	[IN_AMENDED] = {AQ_UP_AMENDED, AQ_REQ_AMEND},
	[IN_AMEND_REJECTED] = {AQ_UP_AMEND_REJECTED, AQ_REQ_AMEND},
	[IN_FOUND_OLD] = {AQ_UP_OPEN, AQ_REQ_LOOKUP},
	[IN_FOUND_NEW] = {AQ_UP_OPEN, AQ_REQ_LOOKUP},
	[IN_FOUND_FILLED] = {AQ_UP_FILLED, AQ_REQ_LOOKUP},
	[IN_FOUND_FILLED_NEW] = {AQ_UP_FILLED, AQ_REQ_LOOKUP},
	[IN_FOUND_CANCELLED] = {AQ_UP_CANCELLED, AQ_REQ_LOOKUP},
	[IN_FOUND_EXPIRED] = {AQ_UP_EXPIRED, AQ_REQ_LOOKUP},
	[IN_ABSENT] = {AQ_UP_NOT_FOUND, AQ_REQ_LOOKUP},
	[IN_PLACE_LOST] = {AQ_UP_UNKNOWN, AQ_REQ_PLACE},
	[IN_CANCEL_LOST] = {AQ_UP_UNKNOWN, AQ_REQ_CANCEL},
	[IN_AMEND_LOST] = {AQ_UP_UNKNOWN, AQ_REQ_AMEND},
};

/* `old_*`: the terms of the placing, which an acknowledgement and a lookup repeat; new ones come with an amend. */
static inline struct aq_order_update update_of(
	enum input in, uint64_t order, aq_px old_price, aq_qty old_qty, aq_px new_price, aq_qty new_qty)
{
	bool is_new = in == IN_AMENDED || in == IN_FOUND_NEW || in == IN_FOUND_FILLED_NEW;
	bool tells = is_new || in == IN_ACK || in == IN_FOUND_OLD;

	return (struct aq_order_update){.size = sizeof(struct aq_order_update),
		.update = said_by[in].update,
		.answers = said_by[in].answers,
		.order = order,
		.filled = AQ_NONE,
		.ahead = AQ_NONE,
		.price = !tells   ? AQ_NONE
			 : is_new ? new_price
				  : old_price,
		.qty = !tells   ? AQ_NONE
		       : is_new ? new_qty
				: old_qty};
}

#endif
