/* agreement.h: does a rebuilt book agree with the best prices that the venue itself published?
 *
 *	struct agreement a;
 *	agreement_load(&a, "x.aqc");       the tickers of a capture, by update id
 *	... after each delta that the book applied:
 *	agreement_check(&a, reaches, bid, ask);
 *	agreement_free(&a);
 *
 * Each ticker is compared once, when the book stands at exactly its update. a.compared and a.equal tell the result.
 */
#ifndef TESTS_AGREEMENT_H
#define TESTS_AGREEMENT_H

#include <sim/venue/capture_file.h>

#include <stdbool.h>
#include <stdlib.h>

struct agreement {
	struct aq_ticker *tickers; /* ascending by update */
	size_t count, room;
	size_t next; /* the first that is not behind the book */
	uint64_t compared, equal;
};

static inline bool agreement_add(struct agreement *a, const struct aq_ticker *ticker)
{
	if (a->count > 0 && a->tickers[a->count - 1].update > ticker->update)
		return false; /* not a stream of one book */
	if (a->count > 0 && a->tickers[a->count - 1].update == ticker->update) {
		a->tickers[a->count - 1] = *ticker;
		return true;
	}
	if (a->count == a->room) {
		size_t room = a->room == 0 ? 4096 : a->room * 2;
		struct aq_ticker *larger = realloc(a->tickers, room * sizeof(*larger));
		if (larger == NULL)
			return false;
		a->tickers = larger;
		a->room = room;
	}
	a->tickers[a->count++] = *ticker;
	return true;
}

static inline bool agreement_load(struct agreement *a, const char *path)
{
	struct capture_reader reader;
	struct aq_err err = {0};
	int status = capture_open(&reader, path, &err);
	*a = (struct agreement){0};
	if (status < 0) {
		fprintf(stderr, "%s\n", err.text);
		return false;
	}
	while ((status = capture_next(&reader, &err)) > 0) {
		if (reader.frame->type == SIM_TICKER && !agreement_add(a, SIM_BODY(aq_ticker, reader.frame)))
			break;
	}
	capture_close(&reader);
	return status == 0;
}

/* The book has reached `reaches` with these best levels; updates come in ascending order. An empty side has price
 * AQ_NONE. */
static inline void agreement_check(struct agreement *a, uint64_t reaches, struct aq_level bid, struct aq_level ask)
{
	while (a->next < a->count && a->tickers[a->next].update < reaches)
		a->next++;
	if (a->next == a->count || a->tickers[a->next].update != reaches)
		return;
	const struct aq_ticker *t = &a->tickers[a->next++];
	a->compared++;
	a->equal += t->bid == bid.price && t->ask == ask.price && t->bid_qty == bid.qty && t->ask_qty == ask.qty;
}

static inline void agreement_free(struct agreement *a)
{
	free(a->tickers);
	*a = (struct agreement){0};
}

#endif
