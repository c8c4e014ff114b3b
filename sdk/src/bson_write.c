/* bson_write.c: documents into a fixed buffer (aioquant/bson.h). `used` never passes `room`; after the first error nothing is
 * written any more. */
#include <aioquant/bson.h>

#include <decimal128.h>
#include <little.h>
#include <string.h>
#include <utf8.h>

#define NO_ARRAY UINT32_MAX /* in items: a document */

static void fail(struct aq_doc *d, int32_t status)
{
	if (d->status == AQ_OK)
		d->status = status;
}

/* Room for so many bytes more, or NULL. */
static uint8_t *take(struct aq_doc *d, size_t length)
{
	uint8_t *at;

	if (d->status == AQ_OK && length > d->room - d->used)
		fail(d, AQ_ESPACE);
	if (d->status != AQ_OK)
		return NULL;
	at = d->at + d->used;
	d->used += (uint32_t)length;
	return at;
}

static void put(struct aq_doc *d, const void *bytes, size_t length)
{
	uint8_t *at = take(d, length);

	if (at != NULL && length > 0)
		memcpy(at, bytes, length);
}

static void put32(struct aq_doc *d, uint32_t value)
{
	uint8_t *at = take(d, 4);

	if (at != NULL)
		aq_put_little32(at, value);
}

static void put64(struct aq_doc *d, uint64_t value)
{
	uint8_t *at = take(d, 8);

	if (at != NULL)
		aq_put_little64(at, value);
}

/* ---- names ---- */

/* The number of an array's next value is its name. */
static void put_number(struct aq_doc *d, uint32_t number)
{
	char text[12];
	size_t at = sizeof(text) - 1;

	text[at] = '\0';
	do
		text[--at] = (char)('0' + number % 10);
	while ((number /= 10) > 0);
	put(d, text + at, sizeof(text) - at);
}

static void put_name(struct aq_doc *d, const char *name)
{
	size_t length = name != NULL ? strlen(name) : 0;

	if (length == 0)
		fail(d, AQ_EINVAL);
	else if (!aq_utf8_valid(name, length))
		fail(d, AQ_EFORMAT);
	else
		put(d, name, length + 1);
}

/* What stands before every value. */
static void put_head(struct aq_doc *d, enum aq_value_type type, const char *name)
{
	uint8_t byte = (uint8_t)type;
	uint32_t *items;

	if (d->depth == 0)
		fail(d, AQ_ESTATE);
	if (d->status != AQ_OK)
		return;
	items = &d->items[d->depth - 1];
	put(d, &byte, 1);
	if (*items == NO_ARRAY)
		put_name(d, name);
	else if (name != NULL)
		fail(d, AQ_EINVAL);
	else
		put_number(d, (*items)++);
}

/* ---- documents ---- */

static void open_level(struct aq_doc *d, uint32_t items)
{
	if (d->depth == AQ_BSON_DEPTH)
		fail(d, AQ_ESTATE);
	if (d->status != AQ_OK)
		return;
	d->start[d->depth] = d->used;
	d->items[d->depth++] = items;
	put32(d, 0); /* its length, once that is known */
}

static void close_level(struct aq_doc *d)
{
	uint32_t start = d->start[--d->depth];

	put(d, "", 1);
	if (d->status == AQ_OK)
		aq_put_little32(d->at + start, d->used - start);
}

void aq_doc_begin(struct aq_doc *d, void *buffer, size_t room)
{
	*d = (struct aq_doc){.at = buffer, .room = room < INT32_MAX ? (uint32_t)room : INT32_MAX};
	if (buffer == NULL)
		fail(d, AQ_EINVAL);
	open_level(d, NO_ARRAY);
}

int32_t aq_doc_end(struct aq_doc *d)
{
	if (d->depth != 1)
		fail(d, AQ_ESTATE);
	if (d->status == AQ_OK)
		close_level(d);
	if (d->status != AQ_OK)
		return d->status;
	return (int32_t)d->used;
}

void aq_doc_open(struct aq_doc *d, const char *name)
{
	put_head(d, AQ_VALUE_DOCUMENT, name);
	open_level(d, NO_ARRAY);
}

void aq_doc_open_array(struct aq_doc *d, const char *name)
{
	put_head(d, AQ_VALUE_ARRAY, name);
	open_level(d, 0);
}

void aq_doc_close(struct aq_doc *d)
{
	if (d->depth <= 1)
		fail(d, AQ_ESTATE); /* the outermost is closed by its end */
	if (d->status == AQ_OK)
		close_level(d);
}

/* ---- values ---- */

void aq_doc_int64(struct aq_doc *d, const char *name, int64_t value)
{
	put_head(d, AQ_VALUE_INT64, name);
	put64(d, (uint64_t)value);
}

void aq_doc_int32(struct aq_doc *d, const char *name, int32_t value)
{
	put_head(d, AQ_VALUE_INT32, name);
	put32(d, (uint32_t)value);
}

void aq_doc_double(struct aq_doc *d, const char *name, double value)
{
	uint64_t bits;

	memcpy(&bits, &value, sizeof(bits));
	put_head(d, AQ_VALUE_DOUBLE, name);
	put64(d, bits);
}

void aq_doc_bool(struct aq_doc *d, const char *name, bool value)
{
	uint8_t byte = value;

	put_head(d, AQ_VALUE_BOOL, name);
	put(d, &byte, 1);
}

void aq_doc_null(struct aq_doc *d, const char *name)
{
	put_head(d, AQ_VALUE_NULL, name);
}

void aq_doc_time(struct aq_doc *d, const char *name, int64_t time_ns)
{
	aq_doc_int64(d, name, time_ns);
}

void aq_doc_text(struct aq_doc *d, const char *name, const char *text)
{
	aq_doc_text_of(d, name, text, text != NULL ? strlen(text) : 0);
}

void aq_doc_text_of(struct aq_doc *d, const char *name, const char *text, size_t length)
{
	if (text == NULL)
		fail(d, AQ_EINVAL);
	else if (length > d->room)
		fail(d, AQ_ESPACE);
	else if (!aq_utf8_valid(text, length))
		fail(d, AQ_EFORMAT);
	put_head(d, AQ_VALUE_TEXT, name);
	put32(d, (uint32_t)length + 1);
	put(d, text, length);
	put(d, "", 1);
}

void aq_doc_bytes(struct aq_doc *d, const char *name, const void *bytes, size_t length)
{
	if (bytes == NULL && length > 0)
		fail(d, AQ_EINVAL);
	put_head(d, AQ_VALUE_BYTES, name);
	put32(d, (uint32_t)length);
	put(d, "", 1); /* of no certain kind */
	put(d, bytes, length);
}

/* ---- decimals ---- */

/* `status` tells whether there is a value. */
static void put_decimal(struct aq_doc *d, const char *name, int status, const struct aq_decimal128 *value)
{
	uint8_t *at;

	if (status != AQ_OK)
		fail(d, status);
	put_head(d, AQ_VALUE_DECIMAL128, name);
	at = take(d, AQ_DECIMAL128_BYTES);
	if (at != NULL)
		aq_decimal128_store(*value, at);
}

void aq_doc_decimal(struct aq_doc *d, const char *name, int64_t value, unsigned digits)
{
	struct aq_decimal128 decimal;
	int status = aq_decimal128_of_scaled(value, digits, &decimal);

	put_decimal(d, name, status, &decimal);
}

void aq_doc_amount(struct aq_doc *d, const char *name, struct aq_amt value)
{
	struct aq_decimal128 decimal;
	int status = aq_decimal128_of_amount(value, &decimal);

	put_decimal(d, name, status, &decimal);
}

void aq_doc_decimal_text(struct aq_doc *d, const char *name, const char *text, size_t length)
{
	struct aq_decimal128 decimal;
	int status = aq_decimal128_of_text(text, length, &decimal);

	put_decimal(d, name, status, &decimal);
}

void aq_doc_px(struct aq_doc *d, const char *name, aq_px price, unsigned px_digits)
{
	if (price == AQ_NONE)
		aq_doc_null(d, name);
	else
		aq_doc_decimal(d, name, price, px_digits);
}

void aq_doc_qty(struct aq_doc *d, const char *name, aq_qty qty, unsigned qty_digits)
{
	aq_doc_px(d, name, qty, qty_digits);
}
