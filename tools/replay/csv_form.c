#include <replay/csv_form.h>

#include <base/err.h>

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* Names as they are compared: small letters, a blank or dash is `_`. The first of each stands in messages. */
static const struct {
	enum csv_column column;
	const char *names[12];
} known[] = {
	{CSV_TIME, {"time", "timestamp", "open_time", "datetime", "date", "ts", "transact_time", "trade_time", "opentime",
			   "start_time", "time_period_start"}},
	{CSV_CLOSE_TIME, {"close_time", "closetime", "end_time"}},
	{CSV_OPEN, {"open", "open_price", "o"}},
	{CSV_HIGH, {"high", "high_price", "h"}},
	{CSV_LOW, {"low", "low_price", "l"}},
	{CSV_CLOSE, {"close", "close_price", "c"}},
	{CSV_PRICE, {"price", "px", "p", "trade_price"}},
	{CSV_QTY, {"volume", "quantity", "qty", "amount", "size", "vol", "v", "q", "base_volume", "volume_base", "base_qty"}},
	{CSV_VALUE, {"quote_volume", "quote_asset_volume", "quote_qty", "volume_quote", "turnover", "quoteqty"}},
	{CSV_TRADES, {"count", "trades", "number_of_trades", "trade_count", "num_trades"}},
	{CSV_TAKER_QTY, {"taker_buy_volume", "taker_buy_base_asset_volume", "taker_buy_base_volume"}},
	{CSV_TAKER_VALUE, {"taker_buy_quote_volume", "taker_buy_quote_asset_volume"}},
	{CSV_ID, {"id", "trade_id", "agg_trade_id", "tid"}},
	{CSV_SIDE, {"side", "taker_side", "aggressor", "direction"}},
	{CSV_MAKER, {"is_buyer_maker", "isbuyermaker", "buyer_maker", "m"}},
	{CSV_SYMBOL, {"symbol", "market", "pair", "instrument"}},
};

/* Of the files without a header. */
static const char binance_klines[] = "open_time,open,high,low,close,volume,close_time,quote_volume,count,"
				     "taker_buy_volume,taker_buy_quote_volume,ignore";
static const char binance_spot_trades[] = "id,price,qty,quote_qty,time,is_buyer_maker,is_best_match";
static const char binance_trades[] = "id,price,qty,quote_qty,time,is_buyer_maker";
static const char binance_spot_agg[] =
	"agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker,is_best_match";
static const char binance_agg[] =
	"agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker";
static const char lean_klines[] = "time,open,high,low,close,volume";

const char *csv_column_name(enum csv_column column)
{
	return known[column].names[0];
}

static bool is_named(struct csv_field field, const char *name)
{
	if (field.length != strlen(name))
		return false;
	for (size_t i = 0; i < field.length; i++) {
		char c = (char)tolower((unsigned char)field.text[i]);
		if ((c == ' ' || c == '-' ? '_' : c) != name[i])
			return false;
	}
	return true;
}

/* CSV_COLUMNS: a column of which nothing is wanted. */
static enum csv_column column_of(struct csv_field field)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		for (size_t n = 0; n < sizeof(known[i].names) / sizeof(*known[i].names) && known[i].names[n] != NULL; n++)
			if (is_named(field, known[i].names[n]))
				return known[i].column;
	return CSV_COLUMNS;
}

static int take_names(const struct csv_line *names, const char *where, struct csv_form *out, struct aq_err *err)
{
	char one[CSV_SHOWN], other[CSV_SHOWN];
	for (int c = 0; c < CSV_COLUMNS; c++)
		out->at[c] = -1;
	out->fields = names->count;
	for (unsigned i = 0; i < names->count; i++) {
		enum csv_column c = column_of(names->field[i]);
		if (c == CSV_COLUMNS)
			continue;
		if (out->at[c] >= 0)
			return err_set(err, AQ_EINVAL,
				"%s: the columns `%s` and `%s` both say the %s; name all columns with --columns, and `-` "
				"for those that are not wanted",
				where, csv_show(names->field[out->at[c]], one), csv_show(names->field[i], other),
				csv_column_name(c));
		out->at[c] = (int)i;
	}
	return AQ_OK;
}

static int take_text(const char *text, const char *where, struct csv_form *out, struct aq_err *err)
{
	struct csv_line names;
	const char *fault = csv_split(text, strlen(text), &names);
	if (fault != NULL)
		return err_set(err, AQ_EINVAL, "--columns %s: %s", text, fault);
	return take_names(&names, where, out, err);
}

/* A header has names alone; a line of data has a number. */
static bool is_header(const struct csv_line *line)
{
	for (unsigned i = 0; i < line->count; i++)
		if (line->field[i].length > 0 && isdigit((unsigned char)line->field[i].text[0]))
			return false;
	return true;
}

static bool is_flag(struct csv_field field)
{
	return csv_is(field, "true") || csv_is(field, "false");
}

/* The names of a form that has this shape alone; NULL: there is none. */
static const char *shape_of(const struct csv_line *line, const struct replay_name *name)
{
	if (name->lean && line->count == 6)
		return lean_klines;
	if (line->count == 12)
		return binance_klines;
	if (line->count == 8 && is_flag(line->field[6]))
		return binance_spot_agg;
	if (line->count == 7 && is_flag(line->field[6]))
		return is_flag(line->field[5]) ? binance_spot_trades : binance_agg;
	return line->count == 6 && is_flag(line->field[5]) ? binance_trades : NULL;
}

static int find_columns(const struct csv_line *first, const struct replay_name *name, const char *columns,
	const char *where, struct csv_form *out, struct aq_err *err)
{
	out->header = is_header(first);
	if (columns != NULL)
		return take_text(columns, where, out, err);
	if (out->header)
		return take_names(first, where, out, err);
	if (name->quotes)
		return err_set(err, AQ_EFORMAT,
			"%s: these are candles of bid and ask; give the file of trades beside it, ..._trade", where);
	const char *shape = shape_of(first, name);
	if (shape == NULL)
		return err_set(err, AQ_EFORMAT,
			"%s: there is no header, and %u fields are none of the known forms; say what they are with "
			"--columns, for example time,open,high,low,close,volume",
			where, first->count);
	out->of_day = name->lean && name->day_ns != INT64_MIN;
	return take_text(shape, where, out, err);
}

static int missing(const char *where, const char *of, enum csv_column column, struct aq_err *err)
{
	char names[160];
	size_t length = 0;
	for (size_t n = 0; n < sizeof(known[column].names) / sizeof(*known[column].names); n++)
		if (known[column].names[n] != NULL && length < sizeof(names))
			length += (size_t)snprintf(names + length, sizeof(names) - length, "%s%s", n == 0 ? "" : ", ",
				known[column].names[n]);
	return err_set(err, AQ_EFORMAT,
		"%s: %s need a column of the %s, and none has one of its names: %s; name all columns with --columns", where, of,
		csv_column_name(column), names);
}

static int check_columns(const struct csv_form *f, const char *where, struct aq_err *err)
{
	static const enum csv_column of_klines[] = {CSV_TIME, CSV_OPEN, CSV_HIGH, CSV_LOW, CSV_CLOSE, CSV_QTY};
	static const enum csv_column of_trades[] = {CSV_TIME, CSV_PRICE, CSV_QTY};
	const enum csv_column *needed = f->klines ? of_klines : of_trades;
	size_t count = f->klines ? sizeof(of_klines) / sizeof(*of_klines) : sizeof(of_trades) / sizeof(*of_trades);
	for (size_t i = 0; i < count; i++)
		if (f->at[needed[i]] < 0)
			return missing(where, f->klines ? "candles" : "trades", needed[i], err);
	if (f->klines && f->at[CSV_PRICE] >= 0)
		return err_set(err, AQ_EFORMAT,
			"%s: there are columns of candles and one of a trade's price; name all columns with --columns, and "
			"`-` for those that are not wanted",
			where);
	return AQ_OK;
}

int csv_form_find(const struct csv_line *first, const struct replay_name *name, const char *columns, const char *where,
	struct csv_form *out, struct aq_err *err)
{
	*out = (struct csv_form){0};
	int status = find_columns(first, name, columns, where, out, err);
	if (status < 0)
		return status;
	out->klines = out->at[CSV_OPEN] >= 0 || out->at[CSV_HIGH] >= 0 || out->at[CSV_LOW] >= 0;
	out->binance = !name->lean && name->symbol[0] != '\0';
	return check_columns(out, where, err);
}
