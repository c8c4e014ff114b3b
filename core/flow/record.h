/* record.h: facts: appended to the journal, then applied. The one way by which orders and money change. */
#ifndef AQ_FLOW_RECORD_H
#define AQ_FLOW_RECORD_H

#include "flow/flow.h"

/* Journals and applies. AQ_ESPACE when the journal is full (nothing was applied), AQ_EFORMAT when the fact makes no
 * sense. */
int record_fact(struct flow *f, enum fact_type type, const void *body, uint32_t length);
/* The id of a name, a new one if need be; 0 when it could not be journalled. */
uint32_t record_name(struct flow *f, enum name_kind kind, const char *text);
/* An operator's action, with who and why. */
int record_operator(struct flow *f, uint32_t uid, const char *who, const char *what);

/* Applies one fact as recovery reads it. AQ_EFORMAT when it does not fit what came before. */
int record_apply(struct flow *f, uint16_t type, uint16_t version, const void *body, uint32_t length);

/* The whole state as facts, in an order in which record_apply can read them; without `history` final orders and past fills
 * are left out. Stops at the first non-zero return. */
typedef int record_sink(void *context, enum fact_type type, const void *body, uint32_t length);
int record_snapshot(const struct flow *f, bool history, record_sink *sink, void *context);

/* Reads the journal that f->journal points to, and notes the restart in it. `cut`: bytes of a torn tail. */
int record_recover(struct flow *f, uint64_t *cut, struct aq_err *err);

#endif
