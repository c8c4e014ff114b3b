/* replay_rows.c: see replay_rows.h. */
#include "host/replay_rows.h"

#include "base/check.h"
#include "base/err.h"
#include "flow/kline.h"
#include "host/replay_levels.h"
#include "host/sim_stored.h"

#include <decimal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BODY_MAX (sizeof(struct aq_book_update) + 2 * REPLAY_LEVELS_MAX * sizeof(struct aq_level))
#define COLUMNS_MAX 16

enum { HOST, NUMBER, TIME, FIRST }; /* of every table; the others follow */
enum { TRADE_ID = FIRST, PRICE, QUANTITY, SIDE };
enum { BIDS = FIRST, ASKS };
enum { END_TIME = FIRST, OPEN, HIGH, LOW, CLOSE, VOLUME, VALUE, TRADES, TAKER_VOLUME, TAKER_VALUE, PARTIAL };

#define EVERY "host", "number", "time"
static const char *const trade_columns[] = {EVERY, "trade_id", "price", "quantity", "side", NULL};
static const char *const book_columns[] = {EVERY, "bids", "asks", NULL};
static const char *const kline_columns[] = {EVERY, "end_time", "open", "high", "low", "close", "volume", "value", "trades",
	"taker_buy_volume", "taker_buy_value", "partial", NULL};

const char *replay_table_name(enum replay_table table)
{
	static const char *const names[] = {"trades", "books", "klines"};

	return names[table];
}

const char *const *replay_table_columns(enum replay_table table)
{
	return table == REPLAY_TRADES ? trade_columns : table == REPLAY_BOOKS ? book_columns : kline_columns;
}

/* ---- a row in hand ---- */

struct reading {
	struct replay_rows *rows;
	struct aq_cells cells[COLUMNS_MAX];
	uint32_t row;
	const char *what; /* is wrong; NULL = nothing */
	char text[80];
};

static struct aq_value cell(const struct reading *r, int column)
{
	return aq_cell(&r->cells[column], r->row);
}

static bool is_null(const struct reading *r, int column)
{
	return cell(r, column).type == AQ_VALUE_NULL;
}

static void wrong(struct reading *r, int column, int32_t status)
{
	const char *name = replay_table_columns((enum replay_table)r->rows->table)[column];

	if (r->what != NULL)
		return;
	snprintf(r->text, sizeof(r->text), "%s %s", name,
		status == AQ_ENULL || status == AQ_ENOENT ? "is missing" :
		status == AQ_EFORMAT ? "has more digits behind the point than can be kept" :
		status == AQ_EOVERFLOW ? "is too large" : "is of another type");
	r->what = r->text;
}

static int64_t decimal(struct reading *r, int column, unsigned digits)
{
	int64_t value = 0;
	int32_t rc = aq_value_decimal(cell(r, column), digits, &value);

	if (rc != AQ_OK)
		wrong(r, column, rc);
	return value;
}

/* What not every venue tells is 0. */
static int64_t decimal_or_none(struct reading *r, int column, unsigned digits)
{
	return is_null(r, column) ? 0 : decimal(r, column, digits);
}

static struct aq_amt amount_or_none(struct reading *r, int column)
{
	struct aq_amt value = aq_amt_zero();
	int32_t rc = is_null(r, column) ? AQ_OK : aq_value_amount(cell(r, column), &value);

	if (rc != AQ_OK)
		wrong(r, column, rc);
	return value;
}

static int64_t whole(struct reading *r, int column)
{
	int64_t value = 0;
	int32_t rc = aq_value_int64(cell(r, column), &value);

	if (rc != AQ_OK)
		wrong(r, column, rc);
	return value;
}

static uint64_t host_hash(const struct reading *r)
{
	const char *text;
	uint32_t length;
	uint64_t hash = 14695981039346656037u;

	if (aq_value_text(cell(r, HOST), &text, &length) != AQ_OK)
		return 0;
	for (uint32_t i = 0; i < length; i++)
		hash = (hash ^ (uint8_t)text[i]) * 1099511628211u;
	return hash;
}

/* ---- bodies: each returns its length, 0 = the row is left out ---- */

static uint32_t read_trade(struct reading *r, struct replay_row *row, void *out)
{
	struct aq_trade t = {0};
	const char *side;
	uint32_t length;

	if (is_null(r, PRICE)) {
		r->rows->bare++;
		return 0;
	}
	t.id = is_null(r, TRADE_ID) ? 0 : (uint64_t)whole(r, TRADE_ID);
	t.price = decimal(r, PRICE, r->rows->px_digits);
	t.qty = decimal(r, QUANTITY, r->rows->qty_digits);
	if (aq_value_text(cell(r, SIDE), &side, &length) == AQ_OK)
		t.taker = length == 3 && memcmp(side, "buy", 3) == 0 ? AQ_BUY : length == 4 && memcmp(side, "sell", 4) == 0 ? AQ_SELL : 0;
	if (r->what == NULL && (t.price <= 0 || t.price > INT64_MAX / 2 || t.qty <= 0 || t.qty > INT64_MAX / 2))
		r->what = "a trade has no possible price or quantity";
	row->id = t.id;
	memcpy(out, &t, sizeof(t));
	return sizeof(t);
}

static uint32_t read_side(struct reading *r, int column, enum aq_side side, struct aq_level *out)
{
	const char *text, *why;
	uint32_t length;
	int32_t rc = aq_value_text(cell(r, column), &text, &length);

	if (rc != AQ_OK) {
		wrong(r, column, rc);
		return 0;
	}
	rc = replay_levels(text, length, side, out, &why);
	if (rc < 0 && r->what == NULL) {
		snprintf(r->text, sizeof(r->text), "%s: %s", column == BIDS ? "bids" : "asks", why);
		r->what = r->text;
	}
	return rc < 0 ? 0 : (uint32_t)rc;
}

static uint32_t read_book(struct reading *r, void *out)
{
	struct aq_book_update u = {.snapshot = 1};
	struct aq_level *levels = (struct aq_level *)(void *)((uint8_t *)out + sizeof(u));

	if (is_null(r, BIDS) && is_null(r, ASKS)) {
		r->rows->bare++;
		return 0;
	}
	u.bids = read_side(r, BIDS, AQ_BUY, levels);
	u.asks = read_side(r, ASKS, AQ_SELL, levels + u.bids);
	memcpy(out, &u, sizeof(u));
	return (uint32_t)(sizeof(u) + (u.bids + u.asks) * sizeof(*levels));
}

static uint32_t read_kline(struct reading *r, struct replay_row *row, void *out)
{
	struct aq_kline k = {.open_ns = row->at_ns, .interval = r->rows->interval, .closed = 1};
	bool partial = false;

	if (is_null(r, OPEN)) {
		r->rows->bare++;
		return 0;
	}
	k.end_ns = whole(r, END_TIME);
	k.open = decimal(r, OPEN, r->rows->px_digits);
	k.high = decimal(r, HIGH, r->rows->px_digits);
	k.low = decimal(r, LOW, r->rows->px_digits);
	k.close = decimal(r, CLOSE, r->rows->px_digits);
	k.qty = decimal(r, VOLUME, r->rows->qty_digits);
	k.value = amount_or_none(r, VALUE);
	k.trades = is_null(r, TRADES) ? 0 : (uint64_t)whole(r, TRADES);
	k.taker_buy_qty = decimal_or_none(r, TAKER_VOLUME, r->rows->qty_digits);
	k.taker_buy_value = amount_or_none(r, TAKER_VALUE);
	if (!is_null(r, PARTIAL) && aq_value_bool(cell(r, PARTIAL), &partial) != AQ_OK)
		wrong(r, PARTIAL, AQ_EINVAL);
	if (r->what == NULL && !kline_makes_sense(&k))
		r->what = "its times, prices or quantities cannot be those of a candle";
	k.partial = partial;
	row->id = partial;
	memcpy(out, &k, sizeof(k));
	return k.qty == 0 ? 0 : sizeof(k);
}

static uint32_t read_body(struct reading *r, struct replay_row *row, void *out)
{
	if (r->rows->table == REPLAY_TRADES)
		return read_trade(r, row, out);
	return r->rows->table == REPLAY_BOOKS ? read_book(r, out) : read_kline(r, row, out);
}

/* ---- taking ---- */

static void make_room(struct replay_rows *r)
{
	if (r->count == r->capacity) {
		r->capacity = r->capacity == 0 ? 1024 : 2 * r->capacity;
		r->list = realloc(r->list, r->capacity * sizeof(*r->list));
		CHECK(r->list != NULL);
	}
	if (r->room - r->used < BODY_MAX) {
		r->room = 2 * r->room + BODY_MAX;
		r->bytes = realloc(r->bytes, r->room);
		CHECK(r->bytes != NULL);
	}
}

static int take_row(struct reading *r, struct aq_err *err)
{
	struct replay_rows *rows = r->rows;
	struct replay_row row = {.host = host_hash(r)};

	make_room(rows);
	row.number = (uint64_t)whole(r, NUMBER);
	row.at_ns = whole(r, TIME);
	row.at = (uint32_t)rows->used;
	row.length = r->what == NULL ? read_body(r, &row, rows->bytes + rows->used) : 0;
	rows->seen++;
	rows->last_ns = row.at_ns;
	if (r->what != NULL)
		return err_set(err, AQ_EFORMAT, "%s: the row with number %lld and time %lld: %s",
			replay_table_name((enum replay_table)rows->table), (long long)row.number, (long long)row.at_ns, r->what);
	if (row.length == 0)
		return AQ_OK;
	rows->list[rows->count++] = row;
	rows->used += row.length;
	return AQ_OK;
}

int replay_rows_take(struct replay_rows *rows, const struct aq_frame_reader *f, struct aq_err *err)
{
	const char *const *columns = replay_table_columns((enum replay_table)rows->table);
	struct reading r = {.rows = rows};
	int rc = AQ_OK;

	for (int i = 0; columns[i] != NULL; i++)
		if (aq_cells_of(f, columns[i], &r.cells[i]) != AQ_OK)
			return err_set(err, AQ_EFORMAT, "%s: there is no column %s", replay_table_name((enum replay_table)rows->table), columns[i]);
	for (; rc == AQ_OK && r.row < f->rows; r.row++)
		rc = take_row(&r, err);
	return rc;
}

/* ---- once each ---- */

static int compare(const void *left, const void *right)
{
	const struct replay_row *a = left, *b = right;

	if (a->at_ns != b->at_ns)
		return a->at_ns < b->at_ns ? -1 : 1;
	if (a->id != b->id)
		return a->id < b->id ? -1 : 1;
	if (a->host != b->host)
		return a->host < b->host ? -1 : 1;
	return a->number < b->number ? -1 : a->number > b->number;
}

/* How many rows from `at` on are of the same time and id, and of the same host if asked for. */
static uint32_t alike(const struct replay_rows *r, uint32_t at, bool of_host)
{
	const struct replay_row *first = &r->list[at];
	uint32_t n = 1;

	while (at + n < r->count && first[n].at_ns == first->at_ns && (r->table == REPLAY_KLINES || first[n].id == first->id) &&
		(!of_host || first[n].host == first->host))
		n++;
	return n;
}

/* Trades without an id, of one time. */
static uint32_t fullest_host(const struct replay_rows *r, uint32_t at, uint32_t end, uint32_t *count)
{
	uint32_t best = at;

	*count = 0;
	for (uint32_t n; at < end; at += n) {
		n = alike(r, at, true);
		if (n > *count) {
			*count = n;
			best = at;
		}
	}
	return best;
}

void replay_rows_settle(struct replay_rows *r)
{
	uint32_t kept = 0;

	if (r->count == 0)
		return;
	qsort(r->list, r->count, sizeof(*r->list), compare);
	for (uint32_t at = 0, n; at < r->count; at += n) {
		uint32_t from = at, take = 1;

		n = alike(r, at, false);
		if (r->table == REPLAY_TRADES && r->list[at].id == 0)
			from = fullest_host(r, at, at + n, &take);
		if (r->table == REPLAY_KLINES && r->list[at].id != 0 && !r->keeps_partial) { /* a whole one would stand first */
			r->partial++;
			take = 0;
		}
		memmove(&r->list[kept], &r->list[from], take * sizeof(*r->list));
		kept += take;
	}
	r->count = kept;
}

void replay_rows_clear(struct replay_rows *r)
{
	r->count = 0;
	r->used = 0;
	r->seen = 0;
}

void replay_rows_free(struct replay_rows *r)
{
	free(r->list);
	free(r->bytes);
	*r = (struct replay_rows){0};
}
