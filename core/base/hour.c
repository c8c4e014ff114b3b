#include "base/hour.h"

#include <string.h>

/* Slices that are over become the oldest's successors; after a long silence all of them are old. */
static void turn(struct hour *h, int64_t now_ns)
{
	int64_t over = h->from_ns == 0 ? 0 : (now_ns - h->from_ns) / HOUR_SLICE_NS;

	if (h->from_ns == 0)
		h->from_ns = now_ns;
	if (over <= 0)
		return;
	h->from_ns += over * HOUR_SLICE_NS;
	for (int64_t i = 0; i < over && i < HOUR_SLICES; i++) {
		h->at = (h->at + 1) % HOUR_SLICES;
		histogram_merge(&h->older, &h->slices[h->at]);
		memset(&h->slices[h->at], 0, sizeof(h->slices[h->at]));
	}
}

void hour_add(struct hour *h, int64_t now_ns, uint64_t value)
{
	turn(h, now_ns);
	histogram_add(&h->slices[h->at], value);
}

static void merge_slices(const struct hour *h, struct histogram *out)
{
	for (int i = 0; i < HOUR_SLICES; i++)
		histogram_merge(out, &h->slices[i]);
}

void hour_all(const struct hour *h, struct histogram *out)
{
	*out = h->older;
	merge_slices(h, out);
}

void hour_last(struct hour *h, int64_t now_ns, struct histogram *out)
{
	turn(h, now_ns);
	memset(out, 0, sizeof(*out));
	merge_slices(h, out);
}
