/* replay_known.h: what a store knows of a market, for whoever is about to read it. */
#ifndef AQ_HOST_REPLAY_KNOWN_H
#define AQ_HOST_REPLAY_KNOWN_H

#include "host/replay_rows.h"
#include "host/store_alone.h"

/* Which of the tables are there, as bits 1u << enum replay_table. 0 or an error, that there are none among them. */
int replay_known_tables(struct store_alone *s, const char *store, unsigned *tables, struct aq_err *err);
/* The market has a row in that range, both ends included. */
int replay_known_range(struct store_alone *s, enum replay_table table, const char *market, int64_t start_ns, int64_t end_ns,
	bool *there, struct aq_err *err);
/* The shortest interval of its candles there; 0 = it has none. */
int replay_known_interval(struct store_alone *s, const char *market, int64_t start_ns, int64_t end_ns, uint8_t *out,
	struct aq_err *err);
/* There is nothing in the range: the error that says what there is instead. */
int replay_known_nothing(
	struct store_alone *s, const char *store, unsigned tables, const char *market, struct aq_err *err);
/* Warns of rows of that range that a recorder had to drop. */
int replay_known_gaps(struct store_alone *s, const char *store, unsigned tables, int64_t start_ns, int64_t end_ns,
	struct aq_err *err);

#endif
