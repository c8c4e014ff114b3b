/* names.h: numbers for instances, accounts and instruments that stay the same for the life of a state folder.
 * They are journalled when they are given out (fact_name). 0 is no id; ids rise by one a kind. */
#ifndef AQ_FLOW_NAMES_H
#define AQ_FLOW_NAMES_H

#include "flow/fact.h"

#include <stdbool.h>

struct names {
	struct name_list {
		struct fact_name *list; /* id - 1 */
		uint32_t count, capacity;
	} kinds[NAME_KINDS];
};

void names_init(struct names *n);
void names_finish(struct names *n);
/* 0 when the name is not there. */
uint32_t names_find(const struct names *n, enum name_kind kind, const char *text);
/* "" for an id that was never given out; "external" for instance 0. */
const char *names_text(const struct names *n, enum name_kind kind, uint32_t id);
uint32_t names_count(const struct names *n, enum name_kind kind);
/* The fact that the next new name would be. */
struct fact_name names_next(const struct names *n, enum name_kind kind, const char *text);
/* False when the ids are not in order (a journal that does not fit). */
bool names_fits(const struct names *n, const struct fact_name *fact);
void names_apply(struct names *n, const struct fact_name *fact);

#endif
