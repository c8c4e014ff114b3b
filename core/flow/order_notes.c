/* order_notes.c: see order_notes.h. */
#include "flow/order_notes.h"

#include "base/check.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

#define DENIALS 256

void order_notes_init(struct flow *f)
{
	struct orders *t = &f->orders;

	t->notes = calloc(t->capacity, sizeof(*t->notes));
	t->denials = calloc(DENIALS, sizeof(*t->denials));
	CHECK(t->notes != NULL && t->denials != NULL);
}

void order_notes_finish(struct flow *f)
{
	free(f->orders.notes);
	free(f->orders.denials);
}

static struct order_note *note_of(const struct flow *f, const struct order *order)
{
	return &f->orders.notes[order - f->orders.slots];
}

const struct order_note *order_note_of(const struct flow *f, const struct order *order)
{
	return note_of(f, order);
}

void order_note_clear(struct flow *f, const struct order *order)
{
	note_of(f, order)->why[0] = '\0';
	note_of(f, order)->venue[0] = '\0';
}

void order_notes_say(struct flow *f, uint32_t instance, const char *text)
{
	char *out = f->instances[instance].why;
	size_t left = strnlen(text, AQ_WHY_SIZE + 3), room = AQ_WHY_SIZE - 1;

	while (left > 0) {
		size_t length = utf8_length((const unsigned char *)text, left), taken = length > 0 ? length : 1;

		if (taken > room)
			break;
		memcpy(out, length > 0 ? text : "?", taken);
		out += taken;
		text += taken;
		left -= taken;
		room -= taken;
	}
	*out = '\0';
}

void order_note_why(struct flow *f, const struct order *order)
{
	const char *why = f->instances[order->o.instance].why;

	if (why[0] != '\0')
		memcpy(note_of(f, order)->why, why, AQ_WHY_SIZE);
}

void order_note_venue(struct flow *f, const struct order *order, const struct aq_order_update *update)
{
	struct order_note *note = note_of(f, order);

	if (update->text[0] == '\0')
		return;
	memcpy(note->venue, update->text, sizeof(note->venue));
	note->venue[sizeof(note->venue) - 1] = '\0';
}

void order_notes_denied(struct flow *f, const struct aq_order_change *change)
{
	struct orders *t = &f->orders;
	struct order_denial *d = &t->denials[t->denial_at];

	d->time_ns = f->now_ns;
	d->change = *change;
	memcpy(d->why, f->instances[change->order.instance].why, AQ_WHY_SIZE);
	t->denial_at = (t->denial_at + 1) % DENIALS;
	t->denial_count += t->denial_count < DENIALS;
}

const struct order_denial *order_denial_back(const struct flow *f, uint32_t back)
{
	const struct orders *t = &f->orders;

	return back < t->denial_count ? &t->denials[(t->denial_at + DENIALS - 1 - back) % DENIALS] : NULL;
}
