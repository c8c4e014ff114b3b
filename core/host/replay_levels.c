/* replay_levels.c: see replay_levels.h. */
#include "host/replay_levels.h"

#include "host/sim_stored.h"

#include <json.h>

static const char *fault_of(const struct aq_level *l, const struct aq_level *better, enum aq_side side)
{
	/* half the range, as in a capture */
	if (l->price <= 0 || l->price > INT64_MAX / 2 || l->qty <= 0 || l->qty > INT64_MAX / 2)
		return "a level has no possible price or quantity";
	if (better != NULL && (side == AQ_BUY ? l->price >= better->price : l->price <= better->price))
		return "levels must stand best first, each price once";
	return NULL;
}

int32_t replay_levels(
	const char *text, size_t length, enum aq_side side, struct aq_level out[REPLAY_LEVELS_MAX], const char **why)
{
	struct aq_json j;
	int32_t count = 0;

	*why = NULL;
	aq_json_init(&j, text, length);
	if (aq_json_array(&j)) {
		while (*why == NULL && aq_json_next(&j)) {
			struct aq_level l = {0};

			if (!aq_json_pair(&j, SIM_STORED_DIGITS, SIM_STORED_DIGITS, &l.price, &l.qty))
				break;
			*why = count == REPLAY_LEVELS_MAX ? "more than 2000 levels" : fault_of(&l, count > 0 ? &out[count - 1] : NULL, side);
			if (*why == NULL)
				out[count++] = l;
		}
	}
	if (*why == NULL && !aq_json_done(&j))
		*why = "this is not [[price, quantity], ...] with at most 8 digits behind the point";
	return *why == NULL ? count : AQ_EFORMAT;
}
