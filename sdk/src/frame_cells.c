/* frame_cells.c: the cells of the row in hand (aioquant/frame.h). What is wrong first is remembered for aq_frame_row. */
#include <frame_write.h>

#include <decimal128.h>
#include <string.h>
#include <utf8.h>

static void fail(struct aq_frame_writer *f, int32_t status)
{
	if (f->row_status == AQ_OK)
		f->row_status = status;
}

static void put(struct aq_frame_writer *f, const void *bytes, size_t length)
{
	if (f->row_status == AQ_OK && length > f->row_at - frame_head_at(f->columns))
		fail(f, AQ_ESPACE);
	if (f->row_status != AQ_OK || length == 0)
		return;
	f->row_at -= length;
	memcpy(f->buffer + f->row_at, bytes, length);
}

/* The type of the next cell's column; 0 when there is none. */
static uint8_t next_type(struct aq_frame_writer *f)
{
	if (f->status != AQ_OK)
		fail(f, f->status);
	else if (f->ended)
		fail(f, AQ_ESTATE);
	else if (f->cells == f->columns)
		fail(f, AQ_EINVAL);
	return f->row_status == AQ_OK ? frame_head(f, f->cells).type : 0;
}

static void put_fixed(struct aq_frame_writer *f, uint8_t type, const void *bytes)
{
	static const uint8_t there = 0;

	if (next_type(f) != type)
		fail(f, AQ_EINVAL);
	put(f, &there, 1);
	put(f, bytes, frame_width(type));
	f->cells++;
}

static void put_bytes(struct aq_frame_writer *f, uint8_t type, const void *bytes, size_t length)
{
	static const uint8_t there = 0;
	uint32_t size = (uint32_t)length;

	if (next_type(f) != type || (bytes == NULL && length > 0))
		fail(f, AQ_EINVAL);
	if (length > UINT32_MAX)
		fail(f, AQ_ESPACE);
	put(f, &there, 1);
	put(f, &size, sizeof(size));
	put(f, bytes, length);
	f->cells++;
}

void aq_frame_null(struct aq_frame_writer *f)
{
	static const uint8_t null = 1;

	if (next_type(f) != 0)
		put(f, &null, 1);
	f->cells++;
}

void aq_frame_int64(struct aq_frame_writer *f, int64_t value)
{
	put_fixed(f, AQ_COL_INT64, &value);
}

void aq_frame_double(struct aq_frame_writer *f, double value)
{
	put_fixed(f, AQ_COL_DOUBLE, &value);
}

void aq_frame_bool(struct aq_frame_writer *f, bool value)
{
	uint8_t byte = value;

	put_fixed(f, AQ_COL_BOOL, &byte);
}

void aq_frame_time(struct aq_frame_writer *f, int64_t time_ns)
{
	put_fixed(f, AQ_COL_TIME, &time_ns);
}

void aq_frame_text(struct aq_frame_writer *f, const char *text)
{
	aq_frame_text_of(f, text, text != NULL ? strlen(text) : 0);
}

void aq_frame_text_of(struct aq_frame_writer *f, const char *text, size_t length)
{
	if (text == NULL)
		fail(f, AQ_EINVAL);
	else if (length > f->room)
		fail(f, AQ_ESPACE);
	else if (!aq_utf8_valid(text, length))
		fail(f, AQ_EFORMAT);
	put_bytes(f, AQ_COL_TEXT, text, length);
}

void aq_frame_bytes(struct aq_frame_writer *f, const void *bytes, size_t length)
{
	put_bytes(f, AQ_COL_BYTES, bytes, length);
}

/* ---- decimals ---- */

static void put_scaled(struct aq_frame_writer *f, int status, int64_t value)
{
	if (status != AQ_OK)
		fail(f, status);
	put_fixed(f, AQ_COL_DECIMAL, &value);
}

static void put_128(struct aq_frame_writer *f, int status, const struct aq_decimal128 *value)
{
	uint8_t bytes[AQ_DECIMAL128_BYTES] = {0};

	if (status != AQ_OK)
		fail(f, status);
	else
		aq_decimal128_store(*value, bytes);
	put_fixed(f, AQ_COL_DECIMAL128, bytes);
}

static unsigned next_digits(const struct aq_frame_writer *f)
{
	return frame_head(f, f->cells).digits;
}

void aq_frame_decimal(struct aq_frame_writer *f, int64_t value, unsigned digits)
{
	struct aq_decimal128 decimal = {0};
	int64_t number = 0;
	int status;

	if (next_type(f) == AQ_COL_DECIMAL) {
		status = aq_rescale(value, digits, next_digits(f), &number);
		put_scaled(f, status, number);
	} else {
		status = aq_decimal128_of_scaled(value, digits, &decimal);
		put_128(f, status, &decimal);
	}
}

void aq_frame_amount(struct aq_frame_writer *f, struct aq_amt value)
{
	struct aq_decimal128 decimal = {0};
	int64_t number = 0;
	int status = aq_decimal128_of_amount(value, &decimal);

	if (next_type(f) != AQ_COL_DECIMAL) {
		put_128(f, status, &decimal);
		return;
	}
	if (status == AQ_OK)
		status = aq_decimal128_to_scaled(decimal, next_digits(f), &number);
	put_scaled(f, status, number);
}

void aq_frame_decimal_text(struct aq_frame_writer *f, const char *text, size_t length)
{
	struct aq_decimal128 decimal = {0};
	int64_t number = 0;
	int status;

	if (next_type(f) == AQ_COL_DECIMAL) {
		status = aq_dec_parse(text, length, next_digits(f), &number);
		put_scaled(f, status, number);
	} else {
		status = aq_decimal128_of_text(text, length, &decimal);
		put_128(f, status, &decimal);
	}
}

void aq_frame_px(struct aq_frame_writer *f, aq_px price, unsigned px_digits)
{
	if (price == AQ_NONE)
		aq_frame_null(f);
	else
		aq_frame_decimal(f, price, px_digits);
}

void aq_frame_qty(struct aq_frame_writer *f, aq_qty qty, unsigned qty_digits)
{
	aq_frame_px(f, qty, qty_digits);
}
