/* ini_mutate.h: an INI text with a few mistakes in it, such as hands and disks make; the same for the same seed. */
#ifndef AQ_TESTS_INI_MUTATE_H
#define AQ_TESTS_INI_MUTATE_H

#include <stdint.h>
#include <string.h>

#define INI_ROOM 32768
#define INI_CHANGES 4 /* at most, a text */

struct ini_text {
	char bytes[INI_ROOM];
	size_t length;
	uint64_t random;
};

static inline size_t ini_random(struct ini_text *t, size_t below)
{
	t->random ^= t->random << 13;
	t->random ^= t->random >> 7;
	t->random ^= t->random << 17;
	return (size_t)(t->random % below);
}

static inline void ini_insert(struct ini_text *t, size_t at, const char *bytes, size_t length)
{
	if (t->length + length > sizeof(t->bytes))
		return;
	memmove(t->bytes + at + length, t->bytes + at, t->length - at);
	memcpy(t->bytes + at, bytes, length);
	t->length += length;
}

static inline void ini_delete(struct ini_text *t, size_t at, size_t length)
{
	memmove(t->bytes + at, t->bytes + at + length, t->length - at - length);
	t->length -= length;
}

/* A stretch of the text. */
struct ini_piece {
	size_t at, length;
};

/* A random line, without its end, of those that begin with one of `first` ("" = any). */
static inline struct ini_piece ini_line(struct ini_text *t, const char *first)
{
	struct ini_piece line = {0};
	size_t tries = 200;

	do {
		size_t at = ini_random(t, t->length), end;

		while (at > 0 && t->bytes[at - 1] != '\n')
			at--;
		for (end = at; end < t->length && t->bytes[end] != '\n'; end++)
			;
		line = (struct ini_piece){at, end - at};
	} while (--tries > 0 &&
		 (line.length == 0 || (first[0] != '\0' && memchr(first, t->bytes[line.at], strlen(first)) == NULL)));
	return line;
}

#define INI_KEYS "abcdefghijklmnopqrstuvwxyz"

/* The key of a line that has one. */
static inline struct ini_piece ini_key(struct ini_text *t)
{
	struct ini_piece key = ini_line(t, INI_KEYS);
	size_t length = 0;

	while (length < key.length && strchr(" =", t->bytes[key.at + length]) == NULL)
		length++;
	return (struct ini_piece){key.at, length};
}

static inline void ini_swap_in_key(struct ini_text *t)
{
	struct ini_piece key = ini_key(t);
	size_t at;
	char first;

	if (key.length < 2)
		return;
	at = key.at + ini_random(t, key.length - 1);
	first = t->bytes[at];
	t->bytes[at] = t->bytes[at + 1];
	t->bytes[at + 1] = first;
}

static inline void ini_change_key(struct ini_text *t)
{
	struct ini_piece key = ini_key(t);
	size_t at = key.at + (key.length > 0 ? ini_random(t, key.length) : 0);
	char letter = INI_KEYS[ini_random(t, 26)];

	if (key.length == 0)
		return;
	switch (ini_random(t, 3)) {
	case 0:
		t->bytes[at] = letter;
		break;
	case 1:
		ini_insert(t, at, &letter, 1);
		break;
	default:
		ini_delete(t, at, 1);
	}
}

/* A line, to stand once more at the begin of another. */
static inline void ini_copy_line(struct ini_text *t)
{
	struct ini_piece from = ini_line(t, ""), to = ini_line(t, "");
	char copy[256];

	if (from.length + 1 > sizeof(copy) || from.at + from.length >= t->length)
		return;
	memcpy(copy, t->bytes + from.at, from.length + 1);
	ini_insert(t, to.at, copy, from.length + 1);
}

static inline void ini_delete_line(struct ini_text *t)
{
	struct ini_piece line = ini_line(t, "");

	ini_delete(t, line.at, line.length + (line.at + line.length < t->length));
}

static inline void ini_join_lines(struct ini_text *t)
{
	struct ini_piece line = ini_line(t, "");

	if (line.at + line.length < t->length)
		ini_delete(t, line.at + line.length, 1);
}

static inline void ini_garbage(struct ini_text *t)
{
	char bytes[8];
	size_t count = 1 + ini_random(t, sizeof(bytes));

	for (size_t i = 0; i < count; i++)
		bytes[i] = (char)ini_random(t, ini_random(t, 2) == 0 ? 256 : 128);
	ini_insert(t, ini_random(t, t->length), bytes, count);
}

/* Letters instead of, behind or without the unit. */
static inline void ini_break_unit(struct ini_text *t)
{
	struct ini_piece line = ini_line(t, INI_KEYS);
	size_t end = line.at + line.length;
	char letter = INI_KEYS[ini_random(t, 26)];

	if (line.length < 2)
		return;
	if (ini_random(t, 2) == 0)
		ini_insert(t, end, &letter, 1);
	else
		ini_delete(t, end - 1 - ini_random(t, 2), 1);
}

static inline void ini_rename_section(struct ini_text *t)
{
	struct ini_piece to = ini_line(t, "["), from = ini_line(t, "[");
	char copy[64], letter = INI_KEYS[ini_random(t, 26)];

	if (to.length < 3 || from.length > sizeof(copy))
		return;
	if (ini_random(t, 2) == 0) {
		t->bytes[to.at + 1 + ini_random(t, to.length - 2)] = letter;
		return;
	}
	memcpy(copy, t->bytes + from.at, from.length);
	ini_delete(t, to.at, to.length);
	ini_insert(t, to.at, copy, from.length);
}

static inline void ini_huge_number(struct ini_text *t)
{
	static const char digits[] = "9999999999999999999999999999999999999999";
	size_t tries = 200, at;

	do
		at = ini_random(t, t->length);
	while (--tries > 0 && (t->bytes[at] < '0' || t->bytes[at] > '9'));
	ini_insert(t, at, digits, 1 + ini_random(t, sizeof(digits) - 1));
}

static inline void ini_indent(struct ini_text *t)
{
	ini_insert(t, ini_line(t, "").at, " ", 1);
}

static inline void ini_mutate(struct ini_text *t)
{
	static void (*const changes[])(struct ini_text *) = {ini_swap_in_key, ini_change_key, ini_change_key,
		ini_copy_line, ini_delete_line, ini_join_lines, ini_garbage, ini_break_unit, ini_rename_section,
		ini_huge_number, ini_indent};

	for (size_t left = 1 + ini_random(t, INI_CHANGES); left > 0 && t->length > 0; left--)
		changes[ini_random(t, sizeof(changes) / sizeof(*changes))](t);
}

#endif
