/* log_limit.c: see log_limit.h. */
#include "base/log_limit.h"

#include "base/map.h"

#include <string.h>

#define WAYS 4 /* places that a key may have */

uint64_t log_hash(const void *bytes, size_t length, uint64_t begin)
{
	const char *at = bytes;
	uint64_t hash = map_hash(begin, length), word;

	for (; length > 0; length -= length < sizeof(word) ? length : sizeof(word), at += sizeof(word)) {
		word = 0;
		memcpy(&word, at, length < sizeof(word) ? length : sizeof(word));
		hash = map_hash(hash, word);
	}
	return hash;
}

/* The key's entry; else the one of its places that holds nothing and began first; else NULL. */
static struct log_limit_entry *entry_of(struct log_limit *l, uint64_t key)
{
	struct log_limit_entry *best = NULL;

	for (uint64_t i = 0; i < WAYS; i++) {
		struct log_limit_entry *e = &l->entries[(key + i) % LOG_LIMIT_ENTRIES];

		if (e->key == key)
			return e;
		if (e->held == 0 && (best == NULL || e->key == 0 || (best->key != 0 && e->since_ns < best->since_ns)))
			best = e;
	}
	return best;
}

bool log_limit_pass(struct log_limit *l, uint64_t key, const struct log_record *r, int64_t now_ns)
{
	struct log_limit_entry *e = entry_of(l, key);

	if (e == NULL)
		return true; /* too many kinds at once: none is worth a loss */
	if (e->key != key || (e->held == 0 && now_ns - e->since_ns >= LOG_LIMIT_WINDOW_NS)) {
		e->key = key;
		e->since_ns = now_ns;
		e->passed = 0;
	}
	if (e->passed < l->allowed) {
		e->passed++;
		return true;
	}
	l->holding += e->held++ == 0;
	memcpy(&e->last, r, log_record_size(r));
	return false;
}

static const struct log_record *tell(struct log_limit *l, struct log_limit_entry *e)
{
	log_record_add(&e->last, l->remark);
	log_record_add_number(&e->last, e->held);
	log_record_add(&e->last, e->held == 1 ? " time" : " times");
	log_record_add(&e->last, l->remark_end);
	l->holding--;
	e->key = 0;
	e->held = 0;
	return &e->last;
}

const struct log_record *log_limit_next(struct log_limit *l, int64_t now_ns)
{
	for (size_t i = 0; l->holding > 0 && i < LOG_LIMIT_ENTRIES; i++) {
		struct log_limit_entry *e = &l->entries[i];

		if (e->held > 0 && now_ns - e->since_ns >= LOG_LIMIT_WINDOW_NS)
			return tell(l, e);
	}
	return NULL;
}
