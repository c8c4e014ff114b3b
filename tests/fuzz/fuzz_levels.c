/* fuzz_levels.c: any bytes as a side of a book in a recorder's table, and as a line that names a market in a store. Levels that are
 * taken stand best first with possible numbers, and written anew as the recorder writes them they are read as the same. */
#include "host/replay_levels.h"
#include "host/sim_stored.h"

#include <decimal.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool condition)
{
	if (!condition)
		abort();
}

static void check_again(const struct aq_level *levels, int32_t count, enum aq_side side)
{
	static struct aq_level again[REPLAY_LEVELS_MAX];
	size_t room = (size_t)count * 110 + 8, used = 0;
	char *text = malloc(room), price[48], qty[48];
	const char *why;

	check(text != NULL);
	text[used++] = '[';
	for (int32_t i = 0; i < count; i++) {
		aq_dec_print(levels[i].price, SIM_STORED_DIGITS, 0, price);
		aq_dec_print(levels[i].qty, SIM_STORED_DIGITS, 0, qty);
		used += (size_t)snprintf(text + used, room - used, "%s[%s,%s]", i > 0 ? "," : "", price, qty);
	}
	text[used++] = ']';
	check(replay_levels(text, used, side, again, &why) == count);
	check(memcmp(levels, again, (size_t)count * sizeof(*again)) == 0);
	free(text);
}

static void read_side(const char *text, size_t length, enum aq_side side)
{
	static struct aq_level levels[REPLAY_LEVELS_MAX];
	const char *why = NULL;
	int32_t count = replay_levels(text, length, side, levels, &why);

	check((count < 0) == (why != NULL) && count <= REPLAY_LEVELS_MAX);
	for (int32_t i = 0; i < count; i++) {
		check(levels[i].price > 0 && levels[i].qty > 0);
		check(i == 0 || (side == AQ_BUY ? levels[i].price < levels[i - 1].price : levels[i].price > levels[i - 1].price));
	}
	if (count > 0)
		check_again(levels, count, side);
}

static void read_line(const char *bytes, size_t size)
{
	char *line = malloc(size + 8);
	struct sim_stored s;
	struct aq_err err = {0};

	check(line != NULL);
	memcpy(line, "store:", 6);
	memcpy(line + 6, bytes, size);
	line[6 + size] = '\0';
	if (sim_stored_read(line, &s, &err) == AQ_OK)
		check(s.store[0] != '\0' && strchr(s.market, ':') != NULL && s.instrument.base[0] != '\0' && s.instrument.tick >= 0);
	else
		check(err.text[0] != '\0');
	free(line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = malloc(size); /* as long as it is: what is read beyond the end is found */

	if (size == 0 || copy == NULL) {
		free(copy);
		return 0;
	}
	memcpy(copy, data + 1, size - 1);
	if (data[0] % 4 == 3)
		read_line(copy, size - 1);
	else
		read_side(copy, size - 1, data[0] % 4 == 0 ? AQ_BUY : AQ_SELL);
	free(copy);
	return 0;
}
