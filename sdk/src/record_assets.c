/* record_assets.c: what accounts have, in a store (records.h). */
#include "decimal.h"
#include "json.h"
#include "record_value.h"
#include "strategy_ctx.h"

#include <stdio.h>
#include <string.h>

#define DAY_NS (INT64_C(86400) * SECOND_NS)
#define ASSET_TEXT 256u /* longest of one asset */

/* ---- assets as text ---- */

static bool is_plain(const char *name)
{
	for (; *name != '\0'; name++)
		if ((unsigned char)*name < ' ' || *name == '"' || *name == '\\')
			return false;
	return true;
}

/* Its length. */
static int write_asset(const struct aq_asset *a, bool first, char out[ASSET_TEXT])
{
	char free[48], locked[48], total[48];

	aq_amt_print(a->free, 0, free);
	aq_amt_print(a->locked, 0, locked);
	aq_amt_print(a->total, 0, total);
	return snprintf(out, ASSET_TEXT, "%s\"%.15s\":{\"free\":\"%s\",\"locked\":\"%s\",\"total\":\"%s\"}", first ? "" : ",",
		a->name, free, locked, total);
}

/* AQ_OK, AQ_EFORMAT, AQ_ESPACE. */
static int32_t write_assets(const struct aq_assets *a, char *out, size_t room)
{
	size_t length = 1;

	out[0] = '{';
	for (uint32_t n = 0; n < a->count; n++) {
		if (memchr(a->list[n].name, '\0', sizeof(a->list[n].name)) == NULL || !is_plain(a->list[n].name))
			return AQ_EFORMAT;
		if (room - length < ASSET_TEXT)
			return AQ_ESPACE;
		length += (size_t)write_asset(&a->list[n], n == 0, out + length);
	}
	memcpy(out + length, "}", 2);
	return AQ_OK;
}

static void read_asset(struct aq_json *j, struct aq_slice name, struct aq_asset *out)
{
	struct aq_slice key;
	size_t length;

	*out = (struct aq_asset){.name = ""};
	if (aq_json_unescape(name, out->name, sizeof(out->name) - 1, &length) != AQ_OK || !aq_json_object(j)) {
		aq_json_fail(j);
		return;
	}
	out->name[length] = '\0';
	while (aq_json_key(j, &key))
		if (aq_json_is(key, "free"))
			aq_json_amount(j, &out->free);
		else if (aq_json_is(key, "locked"))
			aq_json_amount(j, &out->locked);
		else if (aq_json_is(key, "total"))
			aq_json_amount(j, &out->total);
}

static int32_t read_assets(const char *text, size_t length, struct aq_assets *out, struct aq_asset *list, uint32_t room)
{
	struct aq_json j;
	struct aq_slice name;

	aq_json_init(&j, text, length);
	if (aq_json_object(&j))
		while (aq_json_key(&j, &name)) {
			if (out->count == room)
				return AQ_ESPACE;
			read_asset(&j, name, &list[out->count++]);
		}
	return aq_json_done(&j) ? AQ_OK : AQ_EFORMAT;
}

int32_t aq_row_assets(struct aq_bson row, struct aq_assets *out, struct aq_asset *list, uint32_t room)
{
	const char *text = "{}";
	uint32_t length = 2;
	int32_t status;

	*out = (struct aq_assets){.list = list};
	status = record_text(row, "platform", out->platform, sizeof(out->platform));
	if (status == AQ_OK)
		status = record_text(row, "account", out->account, sizeof(out->account));
	if (status == AQ_OK)
		status = record_time(row, "timestamp", &out->time_ns);
	if (status == AQ_OK)
		status = record_or_empty(aq_value_text(aq_bson_find(row, "assets"), &text, &length));
	return status == AQ_OK ? read_assets(text, length, out, list, room) : status;
}

/* ---- calls ---- */

static int64_t create(struct aq_ctx *q, uint32_t store, const char *collection, uint64_t tag)
{
	return aq_create(q, store, collection, tag,
		"{fields: [{name: id, type: int64, key: true, auto_increment: true}, "
		"{name: platform, type: text, size: 31, index: latest}, {name: account, type: text, size: 63, index: latest}, "
		"{name: timestamp, type: timestamp, index: latest}, "
		"{name: assets, type: text, comment: 'name to free, locked and total'}, "
		"{name: create_time, type: timestamp}, {name: update_time, type: timestamp}]}");
}

static int64_t insert(struct aq_ctx *q, uint32_t store, const char *collection, uint64_t tag, const struct aq_assets *a,
	uint32_t count)
{
	const struct aq_query about = {.store = store, .collection = collection, .tag = tag};
	struct aq_ctx_part part = {.part = AQ_PART_ROWS};
	uint8_t rows[AQ_STORE_CHUNK];
	char assets[AQ_STORE_CHUNK];
	int32_t status = count > 0 ? AQ_OK : AQ_EINVAL;

	for (uint32_t n = 0; n < count && status >= 0; n++) {
		status = write_assets(&a[n], assets, sizeof(assets));
		if (status >= 0)
			status = aq_doc_of(rows + part.length, sizeof(rows) - (uint32_t)part.length,
				"{platform: %s, account: %s, timestamp: %ld, assets: %s, create_time: %ld, update_time: %ld}",
				a[n].platform, a[n].account, a[n].time_ns, assets, aq_now(q), aq_now(q));
		part.length += status;
	}
	part.bytes = rows;
	return status >= 0 ? aq_ctx_store_ask(q, &about, AQ_STORE_INSERT, &part, 1) : status;
}

int64_t aq_create_asset_data(struct aq_ctx *q, uint32_t store, uint64_t tag)
{
	return create(q, store, "asset", tag);
}

int64_t aq_create_asset_snapshot_data(struct aq_ctx *q, uint32_t store, uint64_t tag)
{
	return create(q, store, "snapshot", tag);
}

int64_t aq_create_new_asset(struct aq_ctx *q, uint32_t store, uint64_t tag, const struct aq_assets *a)
{
	return insert(q, store, "asset", tag, a, 1);
}

int64_t aq_create_new_assets(struct aq_ctx *q, uint32_t store, uint64_t tag, const struct aq_assets *a, uint32_t count)
{
	return insert(q, store, "asset", tag, a, count);
}

int64_t aq_create_new_asset_snapshot(struct aq_ctx *q, uint32_t store, uint64_t tag, const struct aq_assets *a)
{
	return insert(q, store, "snapshot", tag, a, 1);
}

int64_t aq_update_asset(struct aq_ctx *q, uint32_t store, uint64_t tag, const struct aq_assets *a)
{
	const struct aq_query about = {.store = store, .collection = "asset", .tag = tag};
	char assets[AQ_STORE_CHUNK];
	int32_t status = write_assets(a, assets, sizeof(assets));

	if (status < 0)
		return status;
	return aq_upsert(q, &about, "{platform: %s, account: %s} {$set: {timestamp: %ld, assets: %s, update_time: %ld}, "
		"$setOnInsert: {create_time: %ld}}", a->platform, a->account, a->time_ns, assets, aq_now(q), aq_now(q));
}

int64_t aq_get_latest_asset(struct aq_ctx *q, uint32_t store, uint64_t tag, const char *platform, const char *account)
{
	const struct aq_query about = {.store = store, .collection = "asset", .tag = tag, .sort = "{timestamp: -1, id: -1}",
		.limit = 1};

	return aq_find(q, &about, "{platform: %s, account: %s}", platform, account);
}

int64_t aq_get_asset_snapshot(struct aq_ctx *q, uint32_t store, uint64_t tag, const char *platform, const char *account,
	int64_t from_ns, int64_t to_ns)
{
	const struct aq_query about = {.store = store, .collection = "snapshot", .tag = tag, .sort = "{timestamp: 1, id: 1}"};
	int64_t to = to_ns != 0 ? to_ns : aq_now(q);

	return aq_find(q, &about, "{platform: %s, account: %s, timestamp: {$gte: %ld, $lte: %ld}}", platform, account,
		from_ns != 0 ? from_ns : to - DAY_NS, to);
}
