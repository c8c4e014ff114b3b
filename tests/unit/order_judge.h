/* order_judge.h: what must become of one order, told in the words of the rules and not of the code.
 *
 * An order of 2 lots. Each input is what a venue, a clock or a strategy does; a late copy of what the venue said is the
 * same input once more. Shares nothing with core/flow but the numbers of the states.
 */
#ifndef TESTS_ORDER_JUDGE_H
#define TESTS_ORDER_JUDGE_H

#include <aioquant/event.h>
#include <stdbool.h>

enum input {
	IN_ACK,
	IN_REJECT,
	IN_FILL_ONE,
	IN_FILL_TWO,
	IN_EXPIRED,
	IN_CANCELLED,
	IN_CANCEL_REJECTED,
	IN_AMENDED,
	IN_AMEND_REJECTED,
	IN_FOUND_OLD,
	IN_FOUND_NEW,
	IN_FOUND_FILLED,
	IN_FOUND_FILLED_NEW,
	IN_FOUND_CANCELLED,
	IN_FOUND_EXPIRED,
	IN_ABSENT,
	IN_PLACE_LOST,
	IN_CANCEL_LOST,
	IN_AMEND_LOST,
	IN_CANCEL,
	IN_AMEND,
	IN_RESTART,
	INPUTS
};

/* FOUND_OLD and FOUND_NEW: a lookup shows the order resting with the terms before and after the amend; FOUND_FILLED tells
 * no terms, FOUND_FILLED_NEW those after it. */
struct judged {
	uint8_t state, place, cancel, amend;
	int filled, lots, price;
	int new_lots, new_price; /* of the amend */
};

static inline void judged_end(struct judged *j, uint8_t state)
{
	j->state = state;
	j->place = j->cancel = AQ_REQ_NONE;
	j->amend = j->amend == AQ_REQ_UNKNOWN ? AQ_REQ_UNKNOWN : AQ_REQ_NONE; /* its end may yet be told */
}

static inline void judge_input(struct judged *j, enum input in)
{
	uint8_t *const requests[] = {&j->place, &j->cancel, &j->amend};
	bool looked_up = in >= IN_FOUND_OLD && in <= IN_FOUND_EXPIRED, amend_unknown = j->amend == AQ_REQ_UNKNOWN;
	bool final = j->state >= AQ_FILLED, told = in >= IN_FOUND_FILLED && in <= IN_ABSENT;

	j->filled += in == IN_FILL_ONE ? 1 : in == IN_FILL_TWO ? 2 : 0; /* a fill is a fact, whatever the state */
	if (final ? amend_unknown && (in == IN_AMENDED || in == IN_FOUND_FILLED_NEW)
		  : in == IN_AMENDED || in == IN_FOUND_FILLED_NEW || (in == IN_FOUND_NEW && amend_unknown)) {
		j->lots = j->new_lots;
		j->price = j->new_price;
	}
	if (in == IN_AMENDED || in == IN_AMEND_REJECTED || (final && amend_unknown && told))
		j->amend = AQ_REQ_NONE;
	if (final)
		return; /* final states stay */
	for (unsigned i = 0; i < 3; i++) {
		if (*requests[i] == AQ_REQ_SENT && (in == IN_RESTART || in == IN_PLACE_LOST + i))
			*requests[i] = AQ_REQ_UNKNOWN; /* no answer is not a rejection */
		else if (looked_up && (*requests[i] == AQ_REQ_UNKNOWN || in == IN_FOUND_FILLED || in == IN_FOUND_FILLED_NEW))
			*requests[i] = AQ_REQ_NONE; /* the venue has told */
	}
	if (in == IN_CANCEL && j->cancel == AQ_REQ_NONE)
		j->cancel = AQ_REQ_SENT;
	if (in == IN_AMEND && j->state == AQ_OPEN && (j->place | j->cancel | j->amend) == 0 && j->new_lots > j->filled)
		j->amend = AQ_REQ_SENT;
	if (in == IN_CANCEL_REJECTED)
		j->cancel = AQ_REQ_NONE;
	if (in == IN_ACK || in == IN_FILL_ONE || in == IN_FILL_TWO || in == IN_AMENDED || looked_up) {
		j->state = AQ_OPEN; /* what trades, is changed or is found has arrived */
		j->place = AQ_REQ_NONE;
	}
	if (in == IN_REJECT && j->state == AQ_SENT)
		judged_end(j, AQ_REJECTED);
	if (in == IN_ABSENT && j->state == AQ_SENT && j->place == AQ_REQ_UNKNOWN)
		judged_end(j, AQ_REJECTED); /* absent counts only where nothing but silence followed the sending */
	if (in == IN_CANCELLED || in == IN_FOUND_CANCELLED)
		judged_end(j, AQ_CANCELLED);
	if (in == IN_EXPIRED || in == IN_FOUND_EXPIRED)
		judged_end(j, AQ_EXPIRED);
	if (j->state == AQ_OPEN && j->filled >= j->lots && (j->amend == AQ_REQ_NONE || j->new_lots <= j->filled))
		judged_end(j, AQ_FILLED); /* unless an amend that may have made it larger has no end yet */
}

#endif
