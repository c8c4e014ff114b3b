/* keep.c: the state across a reload: what is known of the venue, then the bytes of a frame that has not come whole. */
#include "sim/adapter.h"

#include <stdio.h>
#include <string.h>

int32_t sim_keep_save(const void *self, const struct aq_writer *out)
{
	const struct sim *s = self;
	int32_t status = out->write(out->sink, &s->kept, sizeof s->kept);
	if (status < 0)
		return status;
	return s->kept.held == 0 ? AQ_OK : out->write(out->sink, s->buffer, s->kept.held);
}

static int32_t refuse(struct aq_err *err, const char *why)
{
	err->code = AQ_EFORMAT;
	snprintf(err->text, sizeof err->text, "saved state: %s", why);
	return AQ_EFORMAT;
}

static bool sound(const struct sim_kept *k)
{
	return k->market_count <= SIM_MARKETS_MAX && k->account_count <= SIM_ACCOUNTS_MAX &&
	       k->accounts_said <= k->account_count && k->mask_count <= SIM_MARKETS_MAX && k->held <= SIM_HELD_MAX &&
	       k->stage <= SIM_UP && k->venue[sizeof k->venue - 1] == 0 &&
	       k->next_venue[sizeof k->next_venue - 1] == 0;
}

int32_t sim_keep_load(void *self, const struct aq_reader *in, struct aq_err *err)
{
	struct sim *s = self;
	struct sim_kept kept;
	if (in->length < sizeof kept)
		return refuse(err, "it is too short");
	memcpy(&kept, in->bytes, sizeof kept);
	if (!sound(&kept) || in->length != sizeof kept + kept.held)
		return refuse(err, "a number is out of range");
	s->kept = kept;
	memcpy(s->buffer, (const uint8_t *)in->bytes + sizeof kept, kept.held);
	return AQ_OK;
}
