/* record_orders.c: orders in a store (records.h). */
#include "decimal.h"
#include "record_value.h"
#include "strategy_ctx.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- words ---- */

static const char *const actions[] = {[AQ_BUY] = "BUY", [AQ_SELL] = "SELL"};
static const char *const types[] = {[AQ_LIMIT] = "LIMIT", [AQ_MARKET_ORDER] = "MARKET", [AQ_STOP_LIMIT] = "STOP_LIMIT",
	[AQ_STOP_MARKET] = "STOP_MARKET", [AQ_TRAILING] = "TRAILING"};
static const char *const statuses[] = {[AQ_STATUS_NONE] = "NONE", [AQ_STATUS_SUBMITTED] = "SUBMITTED",
	[AQ_STATUS_PARTIAL_FILLED] = "PARTIAL-FILLED", [AQ_STATUS_FILLED] = "FILLED", [AQ_STATUS_CANCELED] = "CANCELED",
	[AQ_STATUS_FAILED] = "FAILED"};
#define WORD(words, value) word(words, sizeof(words) / sizeof(*(words)), value)
#define READ_WORD(row, name, words, out) read_word(row, name, words, sizeof(words) / sizeof(*(words)), out)

static const char *word(const char *const *words, size_t count, uint8_t value)
{
	return value < count ? words[value] : NULL;
}

static int32_t read_word(struct aq_bson row, const char *name, const char *const *words, size_t count, uint8_t *out)
{
	char text[16] = "";
	int32_t status = record_text(row, name, text, sizeof(text));

	if (status != AQ_OK || text[0] == '\0')
		return status == AQ_ESPACE ? AQ_EFORMAT : status;
	for (uint8_t n = 0; n < count; n++)
		if (words[n] != NULL && strcmp(text, words[n]) == 0) {
			*out = n;
			return AQ_OK;
		}
	return AQ_EFORMAT;
}

/* ---- an order of the host ---- */

static uint8_t status_of(const struct aq_order *o)
{
	switch (o->state) {
	case AQ_SENT:
	case AQ_UNTRIGGERED:
		return AQ_STATUS_SUBMITTED;
	case AQ_OPEN:
		return o->filled > 0 ? AQ_STATUS_PARTIAL_FILLED : AQ_STATUS_SUBMITTED;
	case AQ_FILLED:
		return AQ_STATUS_FILLED;
	case AQ_CANCELLED:
	case AQ_EXPIRED:
		return AQ_STATUS_CANCELED;
	case AQ_DENIED:
	case AQ_REJECTED:
		return AQ_STATUS_FAILED;
	default:
		return AQ_STATUS_NONE;
	}
}

void aq_order_data_of(const struct aq_instrument *i, const struct aq_order *o, struct aq_order_data *out)
{
	snprintf(out->symbol, sizeof(out->symbol), "%s", i->symbol);
	snprintf(out->order_no, sizeof(out->order_no), "%" PRIu64, o->id);
	out->action = o->side;
	out->order_type = o->type;
	out->status = status_of(o);
	out->trade_type = o->intention;
	out->px_digits = i->px_digits;
	out->qty_digits = i->qty_digits;
	out->price = o->price;
	out->avg_price = AQ_NONE;
	if (o->filled > 0)
		aq_px_of_zero(o->value, o->filled, i->qty_digits, i->px_digits, &out->avg_price);
	out->quantity = o->qty;
	out->remain = o->qty - o->filled;
	out->ctime_ns = o->created_ns;
	out->utime_ns = o->updated_ns;
}

/* ---- calls ---- */

static struct aq_query orders_of(uint32_t store, uint64_t tag)
{
	return (struct aq_query){.store = store, .collection = "order", .tag = tag};
}

int64_t aq_create_order_data(struct aq_ctx *q, uint32_t store, uint64_t tag)
{
	return aq_create(q, store, "order", tag,
		"{fields: [{name: id, type: int64, key: true, auto_increment: true}, "
		"{name: p, type: text, size: 31, unique: number, index: latest, comment: platform}, "
		"{name: a, type: text, size: 63, comment: account}, {name: s, type: text, size: 63, comment: strategy}, "
		"{name: sy, type: text, size: 47, index: latest, comment: symbol}, "
		"{name: n, type: text, size: 63, unique: number, comment: order_no}, "
		"{name: ac, type: text, size: 15, comment: action}, {name: t, type: text, size: 15, comment: order_type}, "
		"{name: st, type: text, size: 15, comment: status}, "
		"{name: pr, type: decimal, precision: 28, digits: 8, comment: price}, "
		"{name: ap, type: decimal, precision: 28, digits: 8, comment: avg_price}, "
		"{name: q, type: decimal, precision: 28, digits: 8, comment: quantity}, "
		"{name: r, type: decimal, precision: 28, digits: 8, comment: remain}, "
		"{name: tt, type: int64, comment: trade_type}, {name: ct, type: timestamp, comment: ctime}, "
		"{name: ut, type: timestamp, index: latest, comment: utime}, "
		"{name: create_time, type: timestamp}, {name: update_time, type: timestamp}]}");
}

int64_t aq_create_new_order(struct aq_ctx *q, uint32_t store, uint64_t tag, const struct aq_order_data *o)
{
	const char *action = WORD(actions, o->action), *type = WORD(types, o->order_type), *status = WORD(statuses, o->status);

	if (action == NULL || type == NULL || status == NULL)
		return AQ_EINVAL;
	return aq_put(q, store, "order", tag, "{p: %s, a: %s, s: %s, sy: %s, n: %s, ac: %s, t: %s, st: %s, pr: %.*ld, ap: %.*ld, "
		"q: %.*ld, r: %.*ld, tt: %d, ct: %ld, ut: %ld, create_time: %ld, update_time: %ld}", o->platform, o->account,
		o->strategy, o->symbol, o->order_no, action, type, status, o->px_digits, o->price, o->px_digits, o->avg_price,
		o->qty_digits, o->quantity, o->qty_digits, o->remain, o->trade_type, o->ctime_ns, o->utime_ns, aq_now(q), aq_now(q));
}

int64_t aq_update_order_infos(struct aq_ctx *q, uint32_t store, uint64_t tag, const struct aq_order_data *o)
{
	const struct aq_query about = orders_of(store, tag);
	const char *status = WORD(statuses, o->status);

	if (status == NULL)
		return AQ_EINVAL;
	return aq_update(q, &about, "{p: %s, n: %s} {$set: {st: %s, r: %.*ld, ap: %.*ld, ut: %ld, update_time: %ld}}", o->platform,
		o->order_no, status, o->qty_digits, o->remain, o->px_digits, o->avg_price, o->utime_ns, aq_now(q));
}

int64_t aq_get_order_by_no(struct aq_ctx *q, uint32_t store, uint64_t tag, const char *platform, const char *order_no)
{
	const struct aq_query about = orders_of(store, tag);

	return aq_find(q, &about, "{p: %s, n: %s}", platform, order_no);
}

int64_t aq_get_latest_order(struct aq_ctx *q, uint32_t store, uint64_t tag, const char *platform, const char *symbol)
{
	struct aq_query about = orders_of(store, tag);

	about.sort = "{ut: -1, id: -1}";
	about.limit = 1;
	return aq_find(q, &about, "{p: %s, sy: %s}", platform, symbol);
}

/* ---- rows ---- */

static int32_t read_texts(struct aq_bson row, struct aq_order_data *out)
{
	const struct {
		const char *name;
		char *out;
		size_t room;
	} texts[] = {{"p", out->platform, sizeof(out->platform)}, {"a", out->account, sizeof(out->account)},
		{"s", out->strategy, sizeof(out->strategy)}, {"sy", out->symbol, sizeof(out->symbol)},
		{"n", out->order_no, sizeof(out->order_no)}};
	int32_t status = AQ_OK;

	for (size_t n = 0; n < sizeof(texts) / sizeof(*texts) && status == AQ_OK; n++)
		status = record_text(row, texts[n].name, texts[n].out, texts[n].room);
	if (status == AQ_OK)
		status = READ_WORD(row, "ac", actions, &out->action);
	if (status == AQ_OK)
		status = READ_WORD(row, "t", types, &out->order_type);
	return status == AQ_OK ? READ_WORD(row, "st", statuses, &out->status) : status;
}

static int32_t read_numbers(struct aq_bson row, struct aq_order_data *out)
{
	const struct {
		const char *name;
		unsigned digits;
		int64_t *out;
	} decimals[] = {{"pr", out->px_digits, &out->price}, {"ap", out->px_digits, &out->avg_price},
		{"q", out->qty_digits, &out->quantity}, {"r", out->qty_digits, &out->remain}};
	int64_t trade_type = 0;
	int32_t status = AQ_OK;

	for (size_t n = 0; n < sizeof(decimals) / sizeof(*decimals) && status == AQ_OK; n++)
		status = record_decimal(row, decimals[n].name, decimals[n].digits, decimals[n].out);
	if (status == AQ_OK)
		status = record_or_empty(aq_value_int64(aq_bson_find(row, "tt"), &trade_type));
	if (status == AQ_OK && (trade_type < 0 || trade_type > AQ_BUY_CLOSE))
		status = AQ_EFORMAT;
	out->trade_type = (uint8_t)trade_type;
	if (status == AQ_OK)
		status = record_time(row, "ct", &out->ctime_ns);
	return status == AQ_OK ? record_time(row, "ut", &out->utime_ns) : status;
}

int32_t aq_row_order(struct aq_bson row, const struct aq_instrument *i, struct aq_order_data *out)
{
	int32_t status;

	if (i == NULL)
		return AQ_EINVAL;
	*out = (struct aq_order_data){.px_digits = i->px_digits, .qty_digits = i->qty_digits, .price = AQ_NONE,
		.avg_price = AQ_NONE};
	status = read_texts(row, out);
	return status == AQ_OK ? read_numbers(row, out) : status;
}
