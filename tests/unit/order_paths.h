/* order_paths.h: every way in which the inputs of order_judge.h can follow each other, as a graph.
 *
 * A node is what the judge holds together with what has been said; an edge is an input. First news obeys a truthful
 * venue (one that rejected an order did not fill it); a late copy of anything said before may come at any time after.
 * Copies of fills are left to those who know trade ids.
 */
#ifndef TESTS_ORDER_PATHS_H
#define TESTS_ORDER_PATHS_H

#include "order_judge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define PATHS_NONE UINT32_MAX
#define BIT(in) (1u << (in))

struct node {
	struct judged judged;
	uint32_t said;   /* inputs that have come */
	uint32_t parent; /* the shortest way here */
	uint8_t input;
	uint32_t to[INPUTS]; /* PATHS_NONE: cannot come here */
};

struct paths {
	struct node *nodes;
	uint32_t count, room;
	uint32_t *set; /* node + 1 by hash; 0 = free */
	uint32_t mask;
	uint64_t edges;
};

static inline bool same_judged(const struct judged *a, const struct judged *b)
{
	return a->state == b->state && a->place == b->place && a->cancel == b->cancel && a->amend == b->amend &&
	       a->filled == b->filled && a->lots == b->lots && a->price == b->price;
}

/* ---- what a truthful venue can say ---- */

static const uint32_t says_arrived = BIT(IN_ACK) | BIT(IN_FILL_ONE) | BIT(IN_FILL_TWO) | BIT(IN_EXPIRED) |
				     BIT(IN_CANCELLED) | BIT(IN_AMENDED) | BIT(IN_FOUND_OLD) | BIT(IN_FOUND_NEW) |
				     BIT(IN_FOUND_FILLED) | BIT(IN_FOUND_FILLED_NEW) | BIT(IN_FOUND_CANCELLED) |
				     BIT(IN_FOUND_EXPIRED);
static const uint32_t says_never = BIT(IN_REJECT) | BIT(IN_ABSENT);
static const uint32_t says_cancelled = BIT(IN_CANCELLED) | BIT(IN_FOUND_CANCELLED);
static const uint32_t says_expired = BIT(IN_EXPIRED) | BIT(IN_FOUND_EXPIRED);
static const uint32_t says_amended = BIT(IN_AMENDED) | BIT(IN_FOUND_NEW) | BIT(IN_FOUND_FILLED_NEW);
static const uint32_t says_filled = BIT(IN_FOUND_FILLED) | BIT(IN_FOUND_FILLED_NEW);

/* The most that can be filled in the end. */
static inline int most_lots(const struct node *n)
{
	const uint32_t excludes = BIT(IN_AMEND_REJECTED) | BIT(IN_FOUND_FILLED);
	bool is_amended = (n->said & says_amended) != 0,
	     may_grow = (n->said & BIT(IN_AMEND)) != 0 && (n->said & excludes) == 0 && n->judged.new_lots > 2;
	int lots = is_amended || may_grow ? n->judged.new_lots : 2;

	return (n->said & (says_cancelled | says_expired)) != 0 ? lots - 1 : lots;
}

static inline bool can_amend_be_told(const struct node *n)
{
	return (n->said & BIT(IN_AMEND)) != 0 && (n->said & BIT(IN_AMEND_REJECTED)) == 0 &&
	       n->judged.filled <= n->judged.new_lots && (n->said & BIT(IN_FOUND_FILLED)) == 0;
}

/* As a request of ours: at most one cancel, amend and restart, and only what a strategy may do. */
static inline bool can_ask(const struct node *n, enum input in)
{
	const struct judged *j = &n->judged;

	if ((n->said & BIT(in)) != 0 || j->state >= AQ_FILLED)
		return false;
	if (in == IN_AMEND)
		return j->state == AQ_OPEN && (j->place | j->cancel | j->amend) == 0 && j->new_lots > j->filled;
	return in != IN_CANCEL || j->cancel == AQ_REQ_NONE;
}

static inline bool can_end(const struct node *n, uint32_t this_way)
{
	uint32_t other_way = (says_cancelled | says_expired) & ~this_way;

	return (n->said & (other_way | says_never | says_filled)) == 0 && n->judged.filled < most_lots(n);
}

/* News for the first time. Time-outs and lookups may come again and again. */
static inline bool can_come_first(const struct node *n, enum input in)
{
	uint32_t said = n->said;

	if ((BIT(in) & says_arrived) != 0 && (said & says_never) != 0)
		return false;
	switch (in) {
	case IN_REJECT:
	case IN_ABSENT:
		return (said & says_arrived) == 0;
	case IN_FILL_ONE:
	case IN_FILL_TWO:
		return n->judged.filled + (in == IN_FILL_ONE ? 1 : 2) <= most_lots(n);
	case IN_EXPIRED:
	case IN_FOUND_EXPIRED:
		return can_end(n, says_expired);
	case IN_CANCELLED:
	case IN_FOUND_CANCELLED:
		return can_end(n, says_cancelled);
	case IN_CANCEL_REJECTED:
		return (said & BIT(IN_CANCEL)) != 0;
	case IN_AMENDED:
	case IN_FOUND_NEW:
		return can_amend_be_told(n) && (in == IN_AMENDED || (said & (says_cancelled | says_expired)) == 0);
	case IN_AMEND_REJECTED:
		return (said & BIT(IN_AMEND)) != 0 && (said & says_amended) == 0 && n->judged.filled <= 2;
	case IN_FOUND_OLD:
		return (said & (says_cancelled | says_expired | says_amended | BIT(IN_FOUND_FILLED))) == 0;
	case IN_FOUND_FILLED:
		return (said & (says_cancelled | says_expired | BIT(IN_FOUND_FILLED_NEW))) == 0 &&
		       n->judged.filled <= most_lots(n);
	case IN_FOUND_FILLED_NEW:
		return (said & (says_cancelled | says_expired)) == 0 && can_amend_be_told(n);
	case IN_CANCEL:
	case IN_AMEND:
	case IN_RESTART:
		return can_ask(n, in);
	default:
		return true;
	}
}

static inline bool can_come(const struct node *n, enum input in)
{
	bool fill = in == IN_FILL_ONE || in == IN_FILL_TWO, ask = in >= IN_CANCEL;

	return can_come_first(n, in) || ((n->said & BIT(in)) != 0 && !fill && !ask);
}

/* ---- the graph ---- */

static inline uint32_t node_hash(const struct node *n)
{
	const struct judged *j = &n->judged;
	uint64_t h = n->said;

	h = h << 32 | (uint64_t)j->state << 24 | (uint64_t)j->place << 20 | (uint64_t)j->cancel << 18 |
	    (uint64_t)j->amend << 16 | (uint64_t)j->filled << 8 | (uint64_t)j->lots << 4 | (uint64_t)j->price;
	h ^= h >> 29;
	h *= 0xbf58476d1ce4e5b9u;
	return (uint32_t)(h >> 32);
}

static inline void paths_grow(struct paths *p)
{
	free(p->set);
	p->room = p->room == 0 ? 1024 : 2 * p->room;
	p->mask = 4 * p->room - 1;
	p->nodes = realloc(p->nodes, p->room * sizeof(*p->nodes));
	p->set = calloc(4 * p->room, sizeof(*p->set));
	assert_non_null(p->nodes);
	assert_non_null(p->set);
	for (uint32_t i = 0; i < p->count; i++) {
		uint32_t at = node_hash(&p->nodes[i]) & p->mask;

		while (p->set[at] != 0)
			at = (at + 1) & p->mask;
		p->set[at] = i + 1;
	}
}

/* The node like `n`, which becomes a new one when there is none. */
static inline uint32_t paths_put(struct paths *p, const struct node *n)
{
	uint32_t at;

	if (p->count == p->room)
		paths_grow(p);
	for (at = node_hash(n) & p->mask; p->set[at] != 0; at = (at + 1) & p->mask) {
		const struct node *known = &p->nodes[p->set[at] - 1];

		if (known->said == n->said && same_judged(&known->judged, &n->judged))
			return p->set[at] - 1;
	}
	p->set[at] = p->count + 1;
	p->nodes[p->count] = *n;
	return p->count++;
}

static inline void paths_expand(struct paths *p, uint32_t at)
{
	for (int in = 0; in < INPUTS; in++) {
		struct node next = p->nodes[at];
		uint32_t to = PATHS_NONE;

		if (can_come(&next, in)) {
			judge_input(&next.judged, in);
			next.said |= BIT(in);
			next.parent = at;
			next.input = (uint8_t)in;
			to = paths_put(p, &next);
			p->edges++;
		}
		p->nodes[at].to[in] = to;
	}
}

/* From an order that has just been sent; the amend asks for `new_lots` at price 1 or 2. */
static inline struct paths paths_build(int new_lots, int new_price)
{
	struct paths p = {0};
	struct node first = {.parent = PATHS_NONE,
		.judged = {.state = AQ_SENT,
			.place = AQ_REQ_SENT,
			.lots = 2,
			.price = 1,
			.new_lots = new_lots,
			.new_price = new_price}};

	paths_put(&p, &first);
	for (uint32_t at = 0; at < p.count; at++)
		paths_expand(&p, at);
	return p;
}

static inline void paths_free(struct paths *p)
{
	free(p->nodes);
	free(p->set);
}

#endif
