/* strategy_keep.c: the fields of AQ_KEEP and the timers as a blob and back.
 *
 * The blob stays on the machine that wrote it, in its byte order:
 *	head    magic "AQK1", version, numbers of fields and timers
 *	field   length of the name, type, digits + 1 (prices and quantities; 0 = they were not known), size; name; bytes
 *	timer   struct aq_ctx_timer
 *	rest    what the author's own save wrote
 * A field is found by its name, so fields may come, go and change places. */
#include "strategy_ctx.h"

#include <decimal.h>
#include <stdio.h>
#include <string.h>

#define BLOB_MAGIC 0x314b5141u /* "AQK1" in memory */
#define BLOB_VERSION 1

struct blob_head {
	uint32_t magic;
	uint16_t version, fields, timers, reserved;
};

struct blob_field {
	uint8_t name_length, type, digits, reserved;
	uint32_t size;
};

/* A price or quantity of 10^digits. 0 = the instrument is not known here, else digits + 1. Reads the host anew, since a
 * save may not even touch the context. */
static uint8_t digits_of(const struct aq_ctx *q, const struct aq_keep *k)
{
	struct aq_instrument i = {.size = sizeof(i)};
	struct aq_market m = {0, 0};
	if (k->type == AQ_KEEP_BYTES)
		return 0;
	if (k->reserved2 != 0)
		memcpy(&m, (const char *)q->self + k->reserved2 - 1, sizeof(m));
	else if (q->markets > 0)
		m = aq_ctx_market(q, 0);
	if (m.instrument == 0 || q->market == NULL || q->market->instrument(q->host->owner, m.instrument, &i) < 0)
		return 0;
	return (uint8_t)((k->type == AQ_KEEP_PRICE ? i.px_digits : i.qty_digits) + 1);
}

uint32_t aq_ctx_keeps(const struct aq_strategy *s)
{
	uint32_t n = 0;
	while (s->keep != NULL && s->keep[n].name != NULL)
		n++;
	return n;
}

/* ---- save ---- */

static int32_t write_field(const struct aq_ctx *q, uint32_t n, const struct aq_writer *out)
{
	const struct aq_keep *k = &q->strategy->keep[n];
	struct blob_field f = {.name_length = (uint8_t)strlen(k->name), .type = (uint8_t)k->type, .size = k->size};
	int32_t status;
	f.digits = q->keep_digits[n] != 0 ? q->keep_digits[n] : digits_of(q, k);
	status = out->write(out->sink, &f, sizeof(f));
	if (status >= 0)
		status = out->write(out->sink, k->name, f.name_length);
	if (status >= 0)
		status = out->write(out->sink, (const char *)q->self + k->offset, k->size);
	return status;
}

static uint16_t count_timers(const struct aq_ctx *q)
{
	uint16_t n = 0;
	for (uint32_t i = 0; i < AQ_CTX_TIMERS; i++)
		n += q->timers[i].id != 0;
	return n;
}

static int32_t write_timers(const struct aq_ctx *q, const struct aq_writer *out)
{
	int32_t status = AQ_OK;
	for (uint32_t i = 0; status >= 0 && i < AQ_CTX_TIMERS; i++) {
		if (q->timers[i].id != 0)
			status = out->write(out->sink, &q->timers[i], sizeof(q->timers[i]));
	}
	return status;
}

int32_t aq_strategy_save(const void *self, const struct aq_writer *out)
{
	const struct aq_ctx *q = aq_ctx_of_const(self);
	uint32_t n = aq_ctx_keeps(q->strategy);
	struct blob_head head = {BLOB_MAGIC, BLOB_VERSION, (uint16_t)n, count_timers(q), 0};
	int32_t status = out->write(out->sink, &head, sizeof(head));
	for (uint32_t i = 0; status >= 0 && i < n; i++)
		status = write_field(q, i, out);
	if (status >= 0)
		status = write_timers(q, out);
	if (status >= 0 && q->strategy->save != NULL)
		status = q->strategy->save(self, out);
	return status < 0 ? status : AQ_OK;
}

/* ---- load ---- */

static int32_t unreadable(struct aq_err *err)
{
	err->code = AQ_EFORMAT;
	snprintf(err->text, sizeof(err->text), "load refused the state: it is cut short or not one of this strategy.");
	return AQ_EFORMAT;
}

static int32_t other_size(struct aq_err *err, const struct aq_keep *k, uint32_t has)
{
	err->code = AQ_EVERSION;
	snprintf(err->text, sizeof(err->text), "load refused the state: field %s has %u bytes, the code wants %u.",
		k->name, has, k->size);
	return AQ_EVERSION;
}

static int32_t does_not_fit(struct aq_err *err, const struct aq_keep *k, unsigned from, unsigned to)
{
	err->code = AQ_EOVERFLOW;
	snprintf(err->text, sizeof(err->text), "load refused the state: field %s has %u digits and does not fit in %u.",
		k->name, from, to);
	return AQ_EOVERFLOW;
}

static bool take(const char **at, const char *end, void *out, size_t length)
{
	if ((size_t)(end - *at) < length)
		return false;
	memcpy(out, *at, length);
	*at += length;
	return true;
}

static int32_t keep_named(const struct aq_ctx *q, const char *name, uint8_t length)
{
	for (uint32_t i = 0; i < aq_ctx_keeps(q->strategy); i++) {
		const char *ours = q->strategy->keep[i].name;
		if (strlen(ours) == length && memcmp(ours, name, length) == 0)
			return (int32_t)i;
	}
	return AQ_ENOENT;
}

static int32_t load_field(struct aq_ctx *q, const char **at, const char *end, struct aq_err *err)
{
	struct blob_field f;
	const struct aq_keep *k;
	int32_t n;
	if (!take(at, end, &f, sizeof(f)) || (size_t)(end - *at) < (size_t)f.name_length + f.size)
		return unreadable(err);
	n = keep_named(q, *at, f.name_length);
	*at += f.name_length;
	if (n >= 0) {
		k = &q->strategy->keep[n];
		if (f.size != k->size)
			return other_size(err, k, f.size);
		memcpy((char *)q->self + k->offset, *at, f.size);
		q->keep_digits[n] = k->type != AQ_KEEP_BYTES ? f.digits : 0;
	}
	*at += f.size;
	return AQ_OK;
}

static int32_t load_timers(struct aq_ctx *q, uint16_t n, const char **at, const char *end, struct aq_err *err)
{
	for (uint16_t i = 0; i < n; i++) {
		struct aq_ctx_timer t;
		if (!take(at, end, &t, sizeof(t)) || t.id <= 0 || t.at_ns < 0 || t.period_ns < 0)
			return unreadable(err);
		if (i < AQ_CTX_TIMERS)
			q->timers[i] = t;
	}
	return AQ_OK;
}

int32_t aq_strategy_load(void *self, const struct aq_reader *in, struct aq_err *err)
{
	struct aq_ctx *q = aq_ctx_of(self);
	const char *at = in->bytes, *end = at + in->length;
	struct blob_head head;
	struct aq_err ignored;
	int32_t status = AQ_OK;
	if (err == NULL)
		err = &ignored;
	if (!take(&at, end, &head, sizeof(head)) || head.magic != BLOB_MAGIC || head.version != BLOB_VERSION)
		return unreadable(err);
	for (uint32_t i = 0; status >= 0 && i < head.fields; i++)
		status = load_field(q, &at, end, err);
	if (status >= 0)
		status = load_timers(q, head.timers, &at, end, err);
	if (status >= 0)
		status = aq_ctx_settle(q, err);
	if (status >= 0 && at < end && q->strategy->load != NULL) {
		struct aq_reader rest = {.size = sizeof(rest), .schema = in->schema, .bytes = at,
			.length = (uint64_t)(end - at)};
		status = q->strategy->load(self, &rest, err);
	}
	return status < 0 ? status : AQ_OK;
}

static int32_t settle_field(struct aq_ctx *q, uint32_t n, struct aq_err *err)
{
	const struct aq_keep *k = &q->strategy->keep[n];
	uint8_t from = q->keep_digits[n], to = digits_of(q, k);
	int64_t value;
	if (from == 0 || to == 0)
		return AQ_OK; /* nothing to do, or not yet */
	memcpy(&value, (char *)q->self + k->offset, sizeof(value));
	if (value != AQ_NONE && aq_rescale(value, from - 1u, to - 1u, &value) < 0)
		return does_not_fit(err, k, from - 1u, to - 1u);
	memcpy((char *)q->self + k->offset, &value, sizeof(value));
	q->keep_digits[n] = 0;
	return AQ_OK;
}

int32_t aq_ctx_settle(struct aq_ctx *q, struct aq_err *err)
{
	int32_t status = AQ_OK;
	for (uint32_t i = 0; status >= 0 && i < aq_ctx_keeps(q->strategy); i++)
		status = settle_field(q, i, err);
	return status;
}
