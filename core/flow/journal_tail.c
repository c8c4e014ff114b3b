/* journal_tail.c: tells a torn tail from damage.
 *
 * A killed process leaves one unfinished record at the end, with a zero first word. A power cut may also keep a later
 * sector and lose an earlier one; the lost one then holds what it held before, and since a journal only grows, that is:
 * zeros from some point to the sector's end. So a bad record before valid ones is the work of a power cut only when a
 * whole rest of a sector that it should fill is zero and the valid ones are in later sectors; nothing of that was
 * reported durable, and it is cut. Anything else before valid records has been there and is spoilt: that is not cut.
 */
#include "flow/journal_impl.h"

#include <string.h>

static uint64_t word_at(const struct jr_segment *s, size_t at)
{
	uint64_t word;

	memcpy(&word, s->base + at, sizeof(word));
	return word;
}

/* Offset behind the last byte that is not zero, rounded up to a word; `at` when all is zero. */
static size_t dirty_end(const struct jr_segment *s, size_t at)
{
	size_t end = s->limit;

	while (end > at && word_at(s, end - 8) == 0)
		end -= 8;
	return end;
}

/* First valid record in [at, end), or `end`. */
static size_t find_valid(const struct jr_segment *s, size_t at, size_t end)
{
	struct journal_record record;

	while (at < end && (word_at(s, at) == 0 || jr_record(s, at, &record) == 0))
		at += 8;
	return at < end ? at : end;
}

/* A sector that the record at `at` should fill is zero, and lies before `valid`. */
static bool body_lost(const struct jr_segment *s, size_t at, size_t size, size_t valid)
{
	size_t sector = at / JR_SECTOR * JR_SECTOR + JR_SECTOR;

	for (; sector < at + size && sector + JR_SECTOR <= valid; sector += JR_SECTOR)
		if (jr_zero(s->base + sector, JR_SECTOR))
			return true;
	return false;
}

static bool lost(const struct jr_segment *s, size_t at, size_t valid)
{
	size_t sector_end = at / JR_SECTOR * JR_SECTOR + JR_SECTOR;
	size_t size = (size_t)(word_at(s, at) >> 32);

	if (word_at(s, at) == 0)
		return valid >= sector_end && jr_zero(s->base + at, sector_end - at);
	return size >= JR_HEAD && size <= s->limit - at && body_lost(s, at, size, valid);
}

enum jr_tail jr_tail(const struct jr_segment *s, size_t at, size_t *dirty)
{
	size_t end = dirty_end(s, at);
	size_t valid;

	*dirty = end - at;
	if (end == at)
		return JR_CLEAN;
	valid = find_valid(s, at + 8, end);
	if (valid == end)
		return JR_TORN;
	return lost(s, at, valid) ? JR_LOST : JR_DAMAGED;
}

/* Where the header is bad: begun by a process that was killed while writing it, or spoilt. */
static enum jr_kind no_header(struct jr_segment *s, size_t *at)
{
	*at = 0;
	if (s->mapped < JR_SECTOR || jr_zero(s->base, JR_SECTOR))
		return JR_UNUSED;
	return word_at(s, 0) == 0 && jr_zero(s->base + JR_HEADER, s->mapped - JR_HEADER) ? JR_HALF : JR_BAD;
}

enum jr_kind jr_inspect(struct jr_segment *s, size_t *at)
{
	struct journal_record record;
	size_t room, dirty;

	if (!jr_header_read(s)) {
		enum jr_kind kind = no_header(s, at);

		/* Asked again, since another process may have been writing it. */
		if (kind != JR_BAD || !jr_header_read(s))
			return kind;
	}
	*at = JR_HEADER;
	for (;;) {
		room = jr_record(s, *at, &record);
		if (room == 0 && jr_tail(s, *at, &dirty) != JR_DAMAGED)
			return JR_HALF;
		/* Asked again, since another process may have appended it meanwhile. */
		if (room == 0 && (room = jr_record(s, *at, &record)) == 0)
			return JR_BAD;
		*at += room;
		if (record.type == JR_END)
			return JR_WHOLE;
	}
}
