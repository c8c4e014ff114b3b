/* sim_stored.c: see sim_stored.h. */
#include "host/sim_stored.h"

#include "base/err.h"

#include <decimal.h>
#include <stdio.h>
#include <string.h>

#define PREFIX "store:"
#define FORM "Write store:NAME EXCHANGE:SYMBOL, as store:main binance:BTC/USDT, and behind it tick=0.01 lot=0.00001 if need be."

bool sim_stored_is(const char *item)
{
	return strncmp(item, PREFIX, strlen(PREFIX)) == 0;
}

/* The next of several words; false: there is none, or it is too long. */
static bool next_word(const char **at, char *out, size_t size)
{
	size_t length;

	*at += strspn(*at, " \t");
	length = strcspn(*at, " \t");
	if (length == 0 || length >= size)
		return false;
	memcpy(out, *at, length);
	out[length] = '\0';
	*at += length;
	return true;
}

/* Up to one of `stops`, and no further. */
static bool take_asset(const char **at, const char *stops, char *out, size_t size)
{
	size_t length = strcspn(*at, stops);

	if (length == 0 || length >= size)
		return false;
	memcpy(out, *at, length);
	out[length] = '\0';
	*at += length;
	return true;
}

/* BASE/QUOTE, BASE/QUOTE:SETTLE, BASE/QUOTE:SETTLE-261225. */
static bool read_symbol(const char *text, struct aq_instrument *out)
{
	const char *at = text;

	if (strlen(text) >= sizeof(out->symbol) || !take_asset(&at, "/:-", out->base, sizeof(out->base)) || *at++ != '/' ||
		!take_asset(&at, "/:-", out->quote, sizeof(out->quote)))
		return false;
	snprintf(out->symbol, sizeof(out->symbol), "%s", text);
	snprintf(out->venue_symbol, sizeof(out->venue_symbol), "%s", text);
	snprintf(out->settle, sizeof(out->settle), "%s", out->quote);
	out->kind = AQ_SPOT;
	if (*at == '\0')
		return true;
	if (*at++ != ':' || !take_asset(&at, "/:-", out->settle, sizeof(out->settle)))
		return false;
	out->kind = strcmp(out->settle, out->quote) == 0 ? AQ_LINEAR : AQ_INVERSE;
	if (out->kind == AQ_INVERSE && strcmp(out->settle, out->base) != 0)
		return false;
	return *at == '\0' || (*at == '-' && at[1] != '\0' && strpbrk(at, "/:") == NULL);
}

static int read_step(const char *word, const char *key, int64_t *out, struct aq_err *err)
{
	const char *text = word + strlen(key);

	if (*out == 0 && aq_dec_parse(text, strlen(text), SIM_STORED_DIGITS, out) == AQ_OK && *out > 0)
		return AQ_OK;
	return err_set(err, AQ_EFORMAT, "%.40s: write one number above 0 with at most %d digits behind the point, as %s0.01.", word,
		SIM_STORED_DIGITS, key);
}

static int read_steps(const char *at, struct aq_instrument *out, struct aq_err *err)
{
	char word[64];
	int rc = AQ_OK;

	while (rc == AQ_OK && at[strspn(at, " \t")] != '\0') {
		if (!next_word(&at, word, sizeof(word)))
			return err_set(err, AQ_EFORMAT, "a word behind the market is too long. " FORM);
		if (strncmp(word, "tick=", 5) == 0)
			rc = read_step(word, "tick=", &out->tick, err);
		else if (strncmp(word, "lot=", 4) == 0)
			rc = read_step(word, "lot=", &out->lot, err);
		else
			rc = err_set(err, AQ_EFORMAT, "\"%.40s\" is not known behind a market. " FORM, word);
	}
	return rc;
}

int sim_stored_read(const char *item, struct sim_stored *out, struct aq_err *err)
{
	const char *at = item + strlen(PREFIX), *colon;

	*out = (struct sim_stored){.instrument = {.size = sizeof(out->instrument), .revision = 1, .px_digits = SIM_STORED_DIGITS,
		.qty_digits = SIM_STORED_DIGITS, .state = AQ_TRADING, .contract_size = aq_amt_of(1)}};
	if (*at == ' ' || *at == '\t' || !next_word(&at, out->store, sizeof(out->store)))
		return err_set(err, AQ_EFORMAT, "the store's name is missing or too long. " FORM);
	if (!next_word(&at, out->market, sizeof(out->market)))
		return err_set(err, AQ_EFORMAT, "the market is missing or too long. " FORM);
	colon = strchr(out->market, ':');
	if (colon == NULL || colon == out->market || !read_symbol(colon + 1, &out->instrument))
		return err_set(err, AQ_EFORMAT, "\"%.60s\" is no market. " FORM, out->market);
	out->instrument.qty_unit = out->instrument.kind == AQ_INVERSE ? AQ_UNIT_QUOTE : AQ_UNIT_BASE;
	return read_steps(at, &out->instrument, err);
}
