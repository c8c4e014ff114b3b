/* value.c: what a value of a document or a frame is taken as (aioquant/bson.h): exactly, or not at all. */
#include <aioquant/bson.h>

#include <decimal128.h>
#include <little.h>
#include <math.h>
#include <string.h>

/* Why a value cannot be taken as a type that it does not have. */
static int32_t other(struct aq_value v)
{
	if (v.type == AQ_VALUE_NONE)
		return AQ_ENOENT;
	return v.type == AQ_VALUE_NULL ? AQ_ENULL : AQ_EINVAL;
}

static bool is_integer(struct aq_value v)
{
	return v.type == AQ_VALUE_INT64 || v.type == AQ_VALUE_INT32;
}

static int64_t integer_of(struct aq_value v)
{
	return v.type == AQ_VALUE_INT32 ? (int32_t)aq_little32(v.at) : (int64_t)aq_little64(v.at);
}

static double double_of(struct aq_value v)
{
	uint64_t bits = aq_little64(v.at);
	double value;

	memcpy(&value, &bits, sizeof(value));
	return value;
}

/* ---- numbers ---- */

static int32_t whole_double(double value, int64_t *out)
{
	if (isnan(value))
		return AQ_EFORMAT;
	if (!(value >= -0x1p63 && value < 0x1p63))
		return AQ_EOVERFLOW;
	if ((double)(int64_t)value != value)
		return AQ_EFORMAT;
	*out = (int64_t)value;
	return AQ_OK;
}

int32_t aq_value_int64(struct aq_value v, int64_t *out)
{
	if (v.type == AQ_VALUE_DOUBLE)
		return whole_double(double_of(v), out);
	if (!is_integer(v))
		return aq_value_decimal(v, 0, out);
	*out = integer_of(v);
	return AQ_OK;
}

int32_t aq_value_double(struct aq_value v, double *out)
{
	double value;

	if (v.type == AQ_VALUE_DOUBLE) {
		*out = double_of(v);
		return AQ_OK;
	}
	if (!is_integer(v))
		return other(v);
	value = (double)integer_of(v);
	if (!(value < 0x1p63) || (int64_t)value != integer_of(v))
		return AQ_EFORMAT;
	*out = value;
	return AQ_OK;
}

int32_t aq_value_bool(struct aq_value v, bool *out)
{
	if (v.type != AQ_VALUE_BOOL)
		return other(v);
	*out = *v.at != 0;
	return AQ_OK;
}

int32_t aq_value_time(struct aq_value v, int64_t *out)
{
	int64_t time_ns;

	if (v.type != AQ_VALUE_INT64 && v.type != AQ_VALUE_DATE)
		return other(v);
	time_ns = (int64_t)aq_little64(v.at);
	if (v.type == AQ_VALUE_DATE && __builtin_mul_overflow(time_ns, INT64_C(1000000), &time_ns))
		return AQ_EOVERFLOW;
	*out = time_ns;
	return AQ_OK;
}

/* ---- decimals ---- */

/* INT64_MIN is a number where it comes from, and none as a price. */
static int32_t scaled(int64_t value, unsigned from, unsigned to, int64_t *out)
{
	if (to > AQ_AMT_DIGITS)
		return AQ_EINVAL;
	return value == AQ_NONE ? AQ_EOVERFLOW : aq_rescale(value, from, to, out);
}

int32_t aq_value_decimal(struct aq_value v, unsigned digits, int64_t *out)
{
	if (v.type == AQ_VALUE_DECIMAL128)
		return aq_decimal128_to_scaled(aq_decimal128_load(v.at), digits, out);
	if (v.type == AQ_VALUE_SCALED)
		return scaled((int64_t)aq_little64(v.at), v.digits, digits, out);
	return is_integer(v) ? scaled(integer_of(v), 0, digits, out) : other(v);
}

int32_t aq_value_amount(struct aq_value v, struct aq_amt *out)
{
	if (v.type == AQ_VALUE_DECIMAL128)
		return aq_decimal128_to_amount(aq_decimal128_load(v.at), out);
	if (v.type == AQ_VALUE_SCALED)
		return aq_amt_from_scaled((int64_t)aq_little64(v.at), v.digits, out);
	if (!is_integer(v))
		return other(v);
	*out = aq_amt_of(integer_of(v));
	return AQ_OK;
}

int32_t aq_value_px(struct aq_value v, unsigned px_digits, aq_px *out)
{
	if (v.type != AQ_VALUE_NULL)
		return aq_value_decimal(v, px_digits, out);
	*out = AQ_NONE;
	return AQ_OK;
}

int32_t aq_value_qty(struct aq_value v, unsigned qty_digits, aq_qty *out)
{
	return aq_value_px(v, qty_digits, out);
}

int32_t aq_value_number_text(struct aq_value v, char out[AQ_VALUE_NUMBER_TEXT])
{
	struct aq_amt amount;
	int32_t status;

	if (v.type == AQ_VALUE_DECIMAL128) {
		aq_decimal128_to_text(aq_decimal128_load(v.at), out);
		return AQ_OK;
	}
	status = aq_value_amount(v, &amount);
	if (status == AQ_OK)
		aq_amt_print(amount, 0, out);
	return status;
}

/* ---- texts, bytes, documents ---- */

int32_t aq_value_text(struct aq_value v, const char **text, uint32_t *length)
{
	if (v.type != AQ_VALUE_TEXT)
		return other(v);
	*text = (const char *)v.at;
	*length = v.length;
	return AQ_OK;
}

int32_t aq_value_copy_text(struct aq_value v, char *out, size_t room)
{
	if (v.type != AQ_VALUE_TEXT)
		return other(v);
	if (v.length >= room)
		return AQ_ESPACE;
	if (memchr(v.at, 0, v.length) != NULL)
		return AQ_EFORMAT;
	memcpy(out, v.at, v.length);
	out[v.length] = '\0';
	return AQ_OK;
}

int32_t aq_value_bytes(struct aq_value v, const void **bytes, uint32_t *length)
{
	if (v.type != AQ_VALUE_BYTES && v.type != AQ_VALUE_OBJECT_ID)
		return other(v);
	*bytes = v.at;
	*length = v.length;
	return AQ_OK;
}

int32_t aq_value_document(struct aq_value v, struct aq_bson *out)
{
	if (v.type != AQ_VALUE_DOCUMENT && v.type != AQ_VALUE_ARRAY)
		return other(v);
	*out = (struct aq_bson){v.at, v.length};
	return AQ_OK;
}
