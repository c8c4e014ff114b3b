/* tap.h: what services read in its order: the facts of the journal, and their own spools.
 *
 * A tap is known by its owner and the tag that the owner has given it. It gives as many records as were asked for, as
 * events, when nothing else waits: what it tells comes after what it tells of has been dealt with. It outlives the code
 * of its owner: new code opens it again, and reading begins where it was acknowledged. All of this runs on the trading
 * loop.
 *
 * A reader of the journal is called INSTANCE-NAME there, so that the last - is the host's. */
#ifndef AQ_HOST_TAP_H
#define AQ_HOST_TAP_H

#include "flow/journal.h"
#include "host/spool.h"
#include "host/tap_terms.h"

#include <aioquant/service.h>

#define TAPS_MAX 64

struct host;
struct instance;

/* The functions of struct aq_journal_api and struct aq_spool_api. */
int32_t tap_open_journal(struct host *h, struct instance *i, const char *name, uint32_t kinds, uint64_t tag);
int32_t tap_open_spool(struct host *h, struct instance *i, const struct aq_spool *what);
/* What is wrong with it, before anything is done: AQ_OK or AQ_EINVAL. */
int32_t tap_check_name(const char *name);
int32_t tap_check_spool(const struct aq_spool *what);
int32_t tap_read(struct host *h, uint32_t owner, uint64_t tag, uint32_t records);
int32_t tap_acknowledge(struct host *h, uint32_t owner, uint64_t tag, uint64_t to);
int64_t tap_append(struct host *h, uint32_t owner, uint64_t tag, const void *bytes, uint32_t length);
int32_t tap_state(struct host *h, uint32_t owner, uint64_t tag, struct aq_spool_state *out);

/* Tells the next record of one of them. False = there is none that is wanted. */
bool taps_step(struct host *h);
/* An event that waited when its owner opened the reader or the spool anew: it goes back to what was acknowledged, and
 * this one comes again. */
bool taps_are_old(struct host *h, uint32_t owner, const struct aq_event *event);
/* Something is there that its owner has not acknowledged, asked for or not. */
bool taps_are_behind(struct host *h);
/* Rises with what they acknowledge. */
uint64_t taps_progress(struct host *h);
/* New code is about to open those it wants: what it has not opened by taps_settle is closed for good. */
void taps_renew(struct host *h, uint32_t owner);
void taps_settle(struct host *h, uint32_t owner);
/* The owner is gone. `for_good`: its readers hold nothing of the journal back any more. */
void taps_drop(struct host *h, uint32_t owner, bool for_good);
/* At a start: sections that are gone since the last one, and readers that one which has started opens no more, hold
 * nothing back either. A section that has not come up keeps what it had. */
void taps_forget_sections(struct host *h);
void taps_forget_unopened(struct host *h, const struct instance *i);
void taps_close(struct host *h);

/* ---- tap_fact.c ---- */

/* A fact as services see it. */
struct tap_fact {
	uint8_t kind; /* enum aq_journal_kind; 0 = services do not hear of it */
	uint32_t account, instrument;
	int64_t venue_ns;
	uint32_t length;
	union {
		struct aq_order_change order;
		struct aq_journal_fill fill;
		struct aq_journal_cashflow cashflow;
		struct aq_journal_operator operator_;
	} body;
};

/* Who reads. */
struct tap_reader {
	uint32_t kinds;           /* bits 1u << enum aq_journal_kind: a fill is an order's change, too, for who reads no fills */
	struct tap_terms *terms;  /* what it has read of orders; NULL: it reads none */
};

/* By the journal's record, and for an order by what the host knows of it now, or the reader has read. */
void tap_fact_read(const struct host *h, const struct tap_reader *reader, const struct journal_record *r, struct tap_fact *out);
/* Where a part of the journal is damaged: what is said of it. */
void tap_fact_lost(uint64_t position, struct tap_fact *out);

#endif
