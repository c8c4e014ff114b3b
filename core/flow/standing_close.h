/* standing_close.h: closing of positions on an operator's word; between the parts of standing alone. */
#ifndef AQ_FLOW_STANDING_CLOSE_H
#define AQ_FLOW_STANDING_CLOSE_H

#include "flow/standing.h"

#define STANDING_LOOK_NS 1000000000ll /* at the latest after that it is looked at again */

/* Is it about this account, whoever trades there? */
bool standing_covers(const struct standing *s, uint32_t account);
bool standing_is_to_be_flat(const struct standing *s);
/* Sends what closes the positions. True while something is to be closed; what a venue takes no order for stays. */
bool standing_close(struct flow *f, struct standing *s);
/* Nothing is to be flat any more: the books that it took are watched no longer. */
void standing_close_end(struct flow *f);

#endif
