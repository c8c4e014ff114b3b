#include <replay/csv_import.h>

#include <base/err.h>
#include <decimal.h>
#include <replay/csv_rows.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CURRENCY 16

/* What is known of the market before its filters are looked up. */
struct market {
	char base[CURRENCY], quote[CURRENCY], symbol[2 * CURRENCY];
	struct replay_venue venue; /* kind and digits; its name "" = none of the table */
	struct replay_filters filters;
};

static bool take_currency(const char **at, const char *stops, char out[CURRENCY])
{
	size_t length = strcspn(*at, stops);
	if (length == 0 || length >= CURRENCY)
		return false;
	memcpy(out, *at, length);
	out[length] = '\0';
	*at += length;
	return true;
}

/* BASE/QUOTE or BASE/QUOTE:SETTLE. */
static int read_market(const char *text, struct market *m, struct aq_err *err)
{
	const char *at = text;
	char settle[CURRENCY];
	m->venue.kind = AQ_SPOT;
	if (!take_currency(&at, "/:-", m->base) || *at++ != '/' || !take_currency(&at, "/:-", m->quote))
		return err_set(err, AQ_EINVAL, "--market %s: write BTC/USDT (spot) or BTC/USDT:USDT (perpetual)", text);
	if (*at == '\0')
		return AQ_OK;
	if (*at++ != ':' || !take_currency(&at, "/:", settle) || *at != '\0')
		return err_set(err, AQ_EINVAL, "--market %s: write BTC/USDT (spot) or BTC/USDT:USDT (perpetual)", text);
	if (strcmp(settle, m->quote) != 0)
		return err_set(err, AQ_EINVAL,
			"--market %s: only spot and linear contracts are imported from CSV: SETTLE must be QUOTE, since "
			"quantities count as the base currency",
			text);
	m->venue.kind = AQ_LINEAR;
	return AQ_OK;
}

static int read_digits(const char *text, struct market *m, struct aq_err *err)
{
	const char *slash = text != NULL ? strchr(text, '/') : NULL;
	int64_t px, qty;
	m->venue.px_digits = BINANCE_PX_DIGITS;
	m->venue.qty_digits = BINANCE_QTY_DIGITS;
	if (text == NULL)
		return AQ_OK;
	if (slash == NULL || aq_dec_parse(text, (size_t)(slash - text), 0, &px) < 0 ||
		aq_dec_parse(slash + 1, strlen(slash + 1), 0, &qty) < 0 || px < 0 || px > 18 || qty < 0 || qty > 18)
		return err_set(err, AQ_EINVAL, "--digits %s: write PRICE/QUANTITY, each from 0 to 18, as 8/8", text);
	m->venue.px_digits = (uint8_t)px;
	m->venue.qty_digits = (uint8_t)qty;
	return AQ_OK;
}

/* The venue whose table of filters counts: the one that was named, or the one the files are of. */
static int find_venue(const struct csv_import *what, const struct csv_facts *facts, struct market *m, struct aq_err *err)
{
	const char *name = what->venue != NULL ? what->venue : facts->venue;
	if (name == NULL && facts->binance && what->market != NULL)
		name = m->venue.kind == AQ_SPOT ? "binance" : "binance_usdm";
	m->venue.name = "";
	if (name == NULL)
		return AQ_OK;
	const struct replay_venue *venue = replay_venue_find(name);
	if (venue == NULL)
		return err_set(err, AQ_ENOENT, "--venue %s: is not known here; known are %s", name, replay_venue_names);
	if (what->market != NULL && venue->kind != m->venue.kind)
		return err_set(err, AQ_EINVAL, "--market %s: %s has only %s", what->market, name,
			venue->kind == AQ_SPOT ? "spot, as BTC/USDT" : "perpetuals, as BTC/USDT:USDT");
	m->venue.name = venue->name;
	m->venue.kind = venue->kind;
	return AQ_OK;
}

/* A file whose name says another symbol than the market is likely the wrong file. */
static int check_symbol(const struct csv_import *what, const struct csv_facts *facts, const struct market *m,
	struct aq_err *err)
{
	if (what->symbol != NULL || facts->symbol == NULL || what->market == NULL || strcmp(facts->symbol, m->symbol) == 0)
		return AQ_OK;
	return err_set(err, AQ_EINVAL, "%s: the name says %s, --market says %s; if that is right, give --symbol %s too",
		what->in[0], facts->symbol, what->market, facts->symbol);
}

static int need_market(const struct csv_import *what, struct aq_err *err)
{
	return err_set(err, AQ_EINVAL,
		"%s: which market this is cannot be known; give --market BTC/USDT (spot) or BTC/USDT:USDT (perpetual)",
		what->in[0]);
}

/* Names and kind: by --market, or by venue and symbol. */
static int find_market(const struct csv_import *what, const struct csv_facts *facts, struct market *m, struct aq_err *err)
{
	const char *symbol = what->symbol != NULL ? what->symbol : facts->symbol;
	int status = what->market != NULL ? read_market(what->market, m, err) : AQ_OK;
	if (status == AQ_OK)
		status = find_venue(what, facts, m, err);
	if (status < 0)
		return status;
	m->filters = what->filters;
	if (what->market != NULL) {
		m->filters.base = m->base;
		m->filters.quote = m->quote;
		snprintf(m->symbol, sizeof(m->symbol), "%s%s", m->base, m->quote);
		return check_symbol(what, facts, m, err);
	}
	if (symbol == NULL || m->venue.name[0] == '\0')
		return need_market(what, err);
	if (!replay_instrument_known(m->venue.name, symbol) && (m->filters.base == NULL || m->filters.quote == NULL))
		return need_market(what, err);
	snprintf(m->symbol, sizeof(m->symbol), "%.31s", symbol);
	return AQ_OK;
}

static int make_instrument(const struct csv_import *what, const struct csv_facts *facts, struct aq_instrument *out,
	struct aq_err *err)
{
	struct market m = {0};
	int status = read_digits(what->digits, &m, err);
	if (status == AQ_OK)
		status = find_market(what, facts, &m, err);
	if (status < 0)
		return status;
	const char *symbol = what->symbol != NULL ? what->symbol : m.symbol;
	if ((m.filters.tick == NULL || m.filters.lot == NULL) && !replay_instrument_known(m.venue.name, symbol))
		return err_set(err, AQ_ENOENT,
			"%s%s%s: its steps of price and quantity are not known here; give --tick and --lot, as --tick 0.01 "
			"--lot 0.00001",
			symbol, m.venue.name[0] != '\0' ? " of " : "", m.venue.name);
	return replay_instrument(&m.venue, symbol, &m.filters, out, err);
}

static int find_interval(const struct csv_import *what, uint8_t *out, struct aq_err *err)
{
	*out = what->interval != NULL ? replay_interval(what->interval) : 0;
	if (what->interval != NULL && *out == 0)
		return err_set(err, AQ_EINVAL,
			"--interval %s: must be 1m, 3m, 5m, 15m, 30m, 1h, 2h, 3h, 4h, 6h, 8h, 12h, 1d, 3d, 1w, 15d, 1mon or 1y",
			what->interval);
	return AQ_OK;
}

static int write_all(const struct csv_import *what, struct csv_rows *rows, struct write_result *result,
	struct aq_instrument *instrument, struct aq_err *err)
{
	struct csv_facts facts = csv_rows_facts(rows);
	struct replay_rows source = csv_rows_source(rows);
	int status = make_instrument(what, &facts, instrument, err);
	if (status < 0)
		return status;
	csv_rows_digits(rows, instrument->px_digits, instrument->qty_digits);
	struct write_rows write = {.out = what->out,
		.source = instrument->symbol,
		.instrument = instrument,
		.skip_bad = what->skip_bad,
		.complaints = what->complaints,
		.progress = what->progress};
	return write_rows(&write, &source, result, err);
}

int csv_import(const struct csv_import *what, struct write_result *result, struct aq_instrument *instrument,
	struct aq_err *err)
{
	struct csv_options options = {.in = what->in, .files = what->files, .columns = what->columns};
	*result = (struct write_result){0};
	int status = find_interval(what, &options.interval, err);
	if (status < 0)
		return status;
	struct csv_rows *rows = csv_rows_open(&options, err);
	if (rows == NULL)
		return err->code;
	status = write_all(what, rows, result, instrument, err);
	csv_rows_close(rows);
	return status;
}
