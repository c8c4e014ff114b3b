#include "base/histogram.h"

static unsigned bucket_of(uint64_t value)
{
	unsigned power;

	if (value < HISTOGRAM_SUB)
		return (unsigned)value;
	power = 63u - (unsigned)__builtin_clzll(value) - 6u; /* HISTOGRAM_SUB is 2^6 */
	return (power + 1) * HISTOGRAM_SUB + (unsigned)((value >> power) - HISTOGRAM_SUB);
}

/* The largest value that falls into a bucket. */
static uint64_t top_of(unsigned bucket)
{
	unsigned power = bucket / HISTOGRAM_SUB;

	if (power == 0)
		return bucket;
	return (((uint64_t)(bucket % HISTOGRAM_SUB + HISTOGRAM_SUB) + 1) << (power - 1)) - 1;
}

void histogram_add(struct histogram *h, uint64_t value)
{
	h->buckets[bucket_of(value)]++;
	h->count++;
	h->sum += value;
	h->max = value > h->max ? value : h->max;
}

uint64_t histogram_at(const struct histogram *h, double share)
{
	uint64_t want = (uint64_t)(share * (double)h->count), seen = 0;

	if (h->count == 0)
		return 0;
	want = want < 1 ? 1 : want;
	for (unsigned i = 0; i < sizeof(h->buckets) / sizeof(*h->buckets); i++) {
		seen += h->buckets[i];
		if (seen >= want)
			return top_of(i) < h->max ? top_of(i) : h->max;
	}
	return h->max;
}

uint64_t histogram_upto(const struct histogram *h, uint64_t value)
{
	unsigned end = bucket_of(value);
	uint64_t seen = 0;

	if (value >= h->max)
		return h->count;
	for (unsigned i = 0; i <= end; i++)
		seen += h->buckets[i];
	return seen;
}

void histogram_merge(struct histogram *h, const struct histogram *from)
{
	if (from->count == 0)
		return;
	for (unsigned i = 0; i < sizeof(h->buckets) / sizeof(*h->buckets); i++)
		h->buckets[i] += from->buckets[i];
	h->count += from->count;
	h->sum += from->sum;
	h->max = from->max > h->max ? from->max : h->max;
}
