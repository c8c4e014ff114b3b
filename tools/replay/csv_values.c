#include <replay/csv_values.h>

#include <base/err.h>
#include <decimal.h>
#include <flow/kline.h>

#include <stdio.h>
#include <string.h>

#define LARGEST (INT64_MAX / 2) /* of a price or quantity, so that two can be added */

static struct csv_field field_of(const struct csv_values *v, const struct csv_line *line, enum csv_column column)
{
	return line->field[v->form->at[column]];
}

static bool has(const struct csv_values *v, enum csv_column column)
{
	return v->form->at[column] >= 0;
}

static int bad(const struct csv_values *v, const struct csv_line *line, enum csv_column column, const char *allowed,
	struct aq_err *err)
{
	char shown[CSV_SHOWN];
	return err_set(err, AQ_EFORMAT, "%s: %s is \"%s\"; it must be %s", v->where, csv_column_name(column),
		csv_show(field_of(v, line, column), shown), allowed);
}

/* Why a text is no number of so many digits; which option would take it. */
static int bad_number(const struct csv_values *v, const struct csv_line *line, enum csv_column column, unsigned digits,
	struct aq_err *err)
{
	struct csv_field f = field_of(v, line, column);
	struct aq_dec_parts parts;
	char allowed[160], largest[48];
	int64_t value;
	int status = aq_dec_split(f.text, f.length, &parts);
	if (status == AQ_EFORMAT || f.length == 0)
		return bad(v, line, column, "a number, as 61702.13", err);
	aq_dec_print(LARGEST, digits, 0, largest);
	if (status == AQ_OK && aq_dec_parse(f.text, f.length, digits, &value) == AQ_EFORMAT)
		snprintf(allowed, sizeof(allowed),
			"a number with at most %u digits behind the point, unless --digits PRICE/QUANTITY says more", digits);
	else
		snprintf(allowed, sizeof(allowed), "at most %s, the largest with %u digits; --digits PRICE/QUANTITY with fewer gives room",
			largest, digits);
	return bad(v, line, column, allowed, err);
}

static int read_scaled(const struct csv_values *v, const struct csv_line *line, enum csv_column column, unsigned digits,
	int64_t least, int64_t *out, struct aq_err *err)
{
	struct csv_field f = field_of(v, line, column);
	if (aq_dec_parse(f.text, f.length, digits, out) < 0 || *out > LARGEST)
		return bad_number(v, line, column, digits, err);
	return *out >= least ? AQ_OK : bad(v, line, column, least > 0 ? "above 0" : "0 or more", err);
}

static int read_price(const struct csv_values *v, const struct csv_line *line, enum csv_column column, aq_px *out,
	struct aq_err *err)
{
	return read_scaled(v, line, column, v->px_digits, 1, out, err);
}

static int read_amount(const struct csv_values *v, const struct csv_line *line, enum csv_column column,
	struct aq_amt *out, struct aq_err *err)
{
	if (!has(v, column))
		return AQ_OK;
	struct csv_field f = field_of(v, line, column);
	if (aq_amt_parse(f.text, f.length, out) < 0 || aq_amt_sign(*out) < 0)
		return bad(v, line, column, "an amount of 0 or more with at most 18 digits behind the point", err);
	return AQ_OK;
}

static int read_count(const struct csv_values *v, const struct csv_line *line, enum csv_column column, uint64_t *out,
	struct aq_err *err)
{
	const char *fault = has(v, column) ? csv_count(field_of(v, line, column), out) : NULL;
	return fault == NULL ? AQ_OK : bad(v, line, column, fault, err);
}

static int read_time(const struct csv_values *v, const struct csv_line *line, enum csv_column column, int64_t *out,
	struct aq_err *err)
{
	struct csv_field f = field_of(v, line, column);
	const char *fault = v->form->of_day ? csv_time_of_day(f, v->day_ns, out) : csv_time(f, out);
	return fault == NULL ? AQ_OK : bad(v, line, column, fault, err);
}

/* ---- trades ---- */

static int read_taker(const struct csv_values *v, const struct csv_line *line, uint8_t *out, struct aq_err *err)
{
	bool maker = !has(v, CSV_SIDE);
	enum csv_column column = maker ? CSV_MAKER : CSV_SIDE;
	const char *fault = has(v, column) ? csv_side(field_of(v, line, column), maker, out) : NULL;
	return fault == NULL ? AQ_OK : bad(v, line, column, fault, err);
}

static int read_trade(const struct csv_values *v, const struct csv_line *line, struct aq_trade *out, struct aq_err *err)
{
	int status = read_price(v, line, CSV_PRICE, &out->price, err);
	if (status == AQ_OK)
		status = read_scaled(v, line, CSV_QTY, v->qty_digits, 1, &out->qty, err);
	if (status == AQ_OK)
		status = read_count(v, line, CSV_ID, &out->id, err);
	return status == AQ_OK ? read_taker(v, line, &out->taker, err) : status;
}

/* ---- candles ---- */

/* Files write the last moment of a candle, not its end: 1 ms or 1 us before. */
static bool ends_with(uint8_t interval, int64_t open_ns, int64_t close_ns)
{
	int64_t left = kline_end(interval, open_ns) - close_ns;
	return left >= 0 && left <= 1000000;
}

static uint8_t interval_of(int64_t open_ns, int64_t close_ns)
{
	for (uint8_t i = AQ_1M; i <= AQ_1Y; i++)
		if (ends_with(i, open_ns, close_ns))
			return i;
	return 0;
}

static int find_interval(struct csv_values *v, const struct csv_line *line, int64_t open_ns, int64_t close_ns,
	struct aq_err *err)
{
	if (v->interval == 0 && has(v, CSV_CLOSE_TIME))
		v->interval = interval_of(open_ns, close_ns);
	if (v->interval != 0)
		return AQ_OK;
	if (has(v, CSV_CLOSE_TIME))
		return bad(v, line, CSV_CLOSE_TIME, "the end of a candle of 1m, 3m, 5m ... 1y", err);
	return err_set(err, AQ_EINVAL,
		"%s: neither the name nor the columns say how long a candle is; give --interval 1m, 3m, 5m, 15m, 30m, 1h, 2h, "
		"3h, 4h, 6h, 8h, 12h, 1d, 3d, 1w, 15d, 1mon or 1y",
		v->where);
}

static int read_times(struct csv_values *v, const struct csv_line *line, struct aq_kline *out, struct aq_err *err)
{
	char allowed[64];
	int64_t close_ns = 0;
	int status = read_time(v, line, CSV_TIME, &out->open_ns, err);
	if (status == AQ_OK && has(v, CSV_CLOSE_TIME))
		status = read_time(v, line, CSV_CLOSE_TIME, &close_ns, err);
	if (status == AQ_OK)
		status = find_interval(v, line, out->open_ns, close_ns, err);
	if (status < 0)
		return status;
	snprintf(allowed, sizeof(allowed), "the begin of a candle of %s, UTC", kline_name(v->interval));
	if (out->open_ns != kline_begin(v->interval, out->open_ns))
		return bad(v, line, CSV_TIME, allowed, err);
	snprintf(allowed, sizeof(allowed), "the end of a candle of %s", kline_name(v->interval));
	if (has(v, CSV_CLOSE_TIME) && !ends_with(v->interval, out->open_ns, close_ns))
		return bad(v, line, CSV_CLOSE_TIME, allowed, err);
	out->end_ns = kline_end(v->interval, out->open_ns);
	out->interval = v->interval;
	out->closed = 1;
	return AQ_OK;
}

static int read_prices(const struct csv_values *v, const struct csv_line *line, struct aq_kline *out, struct aq_err *err)
{
	if (read_price(v, line, CSV_OPEN, &out->open, err) < 0 || read_price(v, line, CSV_HIGH, &out->high, err) < 0 ||
		read_price(v, line, CSV_LOW, &out->low, err) < 0 || read_price(v, line, CSV_CLOSE, &out->close, err) < 0)
		return AQ_EFORMAT;
	if (out->high < out->open || out->high < out->close)
		return bad(v, line, CSV_HIGH, "at least as high as open and close", err);
	if (out->low > out->open || out->low > out->close)
		return bad(v, line, CSV_LOW, "at most as high as open and close", err);
	return AQ_OK;
}

static int read_sums(const struct csv_values *v, const struct csv_line *line, struct aq_kline *out, struct aq_err *err)
{
	if (read_scaled(v, line, CSV_QTY, v->qty_digits, 0, &out->qty, err) < 0 ||
		read_amount(v, line, CSV_VALUE, &out->value, err) < 0 || read_count(v, line, CSV_TRADES, &out->trades, err) < 0 ||
		read_amount(v, line, CSV_TAKER_VALUE, &out->taker_buy_value, err) < 0)
		return AQ_EFORMAT;
	if (!has(v, CSV_TAKER_QTY))
		return AQ_OK;
	if (read_scaled(v, line, CSV_TAKER_QTY, v->qty_digits, 0, &out->taker_buy_qty, err) < 0)
		return AQ_EFORMAT;
	return out->taker_buy_qty <= out->qty ? AQ_OK : bad(v, line, CSV_TAKER_QTY, "at most the volume", err);
}

static int read_kline(struct csv_values *v, const struct csv_line *line, struct aq_kline *out, struct aq_err *err)
{
	int status = read_times(v, line, out, err);
	if (status == AQ_OK)
		status = read_sums(v, line, out, err);
	return status == AQ_OK && out->qty > 0 ? read_prices(v, line, out, err) : status;
}

int csv_values_read(struct csv_values *v, const struct csv_line *line, struct replay_row *out, struct aq_err *err)
{
	out->is_kline = v->form->klines;
	if (line->count != v->form->fields)
		return err_set(err, AQ_EFORMAT, "%s: there are %u fields; it must be %u, as there are columns", v->where,
			line->count, v->form->fields);
	if (!out->is_kline) {
		out->trade = (struct aq_trade){0};
		int status = read_time(v, line, CSV_TIME, &out->at_ns, err);
		return status == AQ_OK ? read_trade(v, line, &out->trade, err) : status;
	}
	out->kline = (struct aq_kline){0};
	int status = read_kline(v, line, &out->kline, err);
	out->at_ns = out->kline.open_ns;
	return status;
}
