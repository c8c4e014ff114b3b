#include <replay/markets.h>

#include <base/err.h>
#include <binance/decode.h>
#include <binance_usdm/decode.h>
#include <decimal.h>

#include <stdio.h>
#include <string.h>

static const struct replay_venue venues[] = {
	{"binance", AQ_SPOT, BINANCE_PX_DIGITS, BINANCE_QTY_DIGITS, binance_decode},
	{"binance_usdm", AQ_LINEAR, BINANCE_PX_DIGITS, BINANCE_QTY_DIGITS, binance_usdm_decode},
};

const char replay_venue_names[] = "binance, binance_usdm";

/* Filters as the venues' exchangeInfo (PRICE_FILTER, LOT_SIZE, NOTIONAL or MIN_NOTIONAL) had them in August 2024. */
static const struct {
	const char *venue, *symbol;
	struct replay_filters filters;
} known[] = {
	{"binance", "BTCUSDT", {"BTC", "USDT", "0.01", "0.00001", "5"}},
	{"binance_usdm", "BTCUSDT", {"BTC", "USDT", "0.1", "0.001", "100"}},
};

const struct replay_venue *replay_venue_find(const char *name)
{
	for (size_t i = 0; i < sizeof(venues) / sizeof(*venues); i++) {
		if (strcmp(venues[i].name, name) == 0)
			return &venues[i];
	}
	return NULL;
}

bool replay_instrument_known(const char *venue, const char *symbol)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (strcmp(known[i].venue, venue) == 0 && strcmp(known[i].symbol, symbol) == 0)
			return true;
	return false;
}

static struct replay_filters merge(
	const struct replay_venue *venue, const char *symbol, const struct replay_filters *given)
{
	struct replay_filters f = {0};
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		if (strcmp(known[i].venue, venue->name) == 0 && strcmp(known[i].symbol, symbol) == 0)
			f = known[i].filters;
	}
	f.base = given->base != NULL ? given->base : f.base;
	f.quote = given->quote != NULL ? given->quote : f.quote;
	f.tick = given->tick != NULL ? given->tick : f.tick;
	f.lot = given->lot != NULL ? given->lot : f.lot;
	f.min_notional = given->min_notional != NULL ? given->min_notional : f.min_notional;
	return f;
}

static int parse_step(const char *option, const char *text, unsigned digits, int64_t *out, struct aq_err *err)
{
	if (aq_dec_parse(text, strlen(text), digits, out) < 0 || *out <= 0)
		return err_set(err, AQ_EINVAL,
			"%s %s: must be a number above 0 with at most %u digits behind the point", option, text,
			digits);
	return AQ_OK;
}

static int parse_numbers(
	const struct replay_venue *venue, const struct replay_filters *f, struct aq_instrument *out, struct aq_err *err)
{
	const char *least = f->min_notional;
	if (parse_step("--tick", f->tick, venue->px_digits, &out->tick, err) < 0 ||
		parse_step("--lot", f->lot, venue->qty_digits, &out->lot, err) < 0)
		return AQ_EINVAL;
	if (least != NULL && (aq_amt_parse(least, strlen(least), &out->min_notional) < 0 || out->min_notional.hi < 0))
		return err_set(err, AQ_EINVAL, "--min-notional %s: must be an amount of the quote currency", least);
	out->min_qty = out->lot;
	return AQ_OK;
}

/* False when the text does not fit. */
static int copy_name(char *out, size_t size, const char *text)
{
	int length = snprintf(out, size, "%s", text);
	return length > 0 && (size_t)length < size;
}

static int copy_names(const struct replay_venue *venue, const struct replay_filters *f, const char *symbol,
	struct aq_instrument *out, struct aq_err *err)
{
	int length = snprintf(out->symbol, sizeof(out->symbol), venue->kind == AQ_SPOT ? "%s/%s" : "%s/%s:%s", f->base,
		f->quote, f->quote);
	if (!copy_name(out->base, sizeof(out->base), f->base) || !copy_name(out->quote, sizeof(out->quote), f->quote) ||
		!copy_name(out->settle, sizeof(out->settle), f->quote) ||
		!copy_name(out->venue_symbol, sizeof(out->venue_symbol), symbol) || length < 0 ||
		(size_t)length >= sizeof(out->symbol))
		return err_set(err, AQ_EINVAL, "%s: symbol and currencies must have 1 to 15 letters each", symbol);
	return AQ_OK;
}

int replay_instrument(const struct replay_venue *venue, const char *symbol, const struct replay_filters *given,
	struct aq_instrument *out, struct aq_err *err)
{
	struct replay_filters f = merge(venue, symbol, given);
	if (f.base == NULL || f.quote == NULL || f.tick == NULL || f.lot == NULL)
		return err_set(err, AQ_ENOENT, "%s of %s is not known here; give --base, --quote, --tick and --lot",
			symbol, venue->name);
	*out = (struct aq_instrument){.size = sizeof(*out),
		.id = 1,
		.revision = 1,
		.kind = venue->kind,
		.px_digits = venue->px_digits,
		.qty_digits = venue->qty_digits,
		.qty_unit = AQ_UNIT_BASE,
		.state = AQ_TRADING,
		.contract_size = aq_amt_of(1)};
	if (parse_numbers(venue, &f, out, err) < 0 || copy_names(venue, &f, symbol, out, err) < 0)
		return AQ_EINVAL;
	return AQ_OK;
}
