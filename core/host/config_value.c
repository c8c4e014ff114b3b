/* config_value.c: numbers with units. Text goes straight to integers and amounts, never through double. */
#include "host/config_internal.h"

#include "base/err.h"

#include <decimal.h>
#include <string.h>

struct unit {
	const char *name;
	int64_t factor;
};

bool config_number(const char *text, struct config_number *out)
{
	size_t sign = text[0] == '-' || text[0] == '+';
	size_t digits = strspn(text + sign, "0123456789.");

	out->text = text;
	out->length = sign + digits;
	out->unit = text + out->length + strspn(text + out->length, " \t");
	return digits > 0;
}

static bool is_zero(const struct config_number *n)
{
	return strspn(n->text, "0.") == n->length && n->unit[0] == '\0';
}

/* number x factor as an integer, exactly. */
static int scale(const struct config_number *n, int64_t factor, int64_t *out)
{
	struct aq_amt amount;
	int64_t up;

	if (aq_amt_parse(n->text, n->length, &amount) != AQ_OK ||
		aq_amt_mul_zero(amount, aq_amt_of(factor), &amount) != AQ_OK ||
		aq_amt_to_scaled_zero(amount, 0, out) != AQ_OK || aq_amt_to_scaled_up(amount, 0, &up) != AQ_OK)
		return AQ_EFORMAT;
	return *out == up && *out >= 0 ? AQ_OK : AQ_EFORMAT;
}

/* `write`: how such a value is written, for messages. */
static int with_unit(const char *text, const struct unit *units, const char *write, int64_t *out, struct aq_err *err)
{
	struct config_number n;
	int64_t value;

	if (!config_number(text, &n))
		return err_set(err, AQ_EFORMAT, "a number with a unit is needed. Write %s.", write);
	if (is_zero(&n)) {
		*out = 0;
		return AQ_OK;
	}
	if (n.unit[0] == '\0')
		return err_set(err, AQ_EFORMAT, "a unit is missing. Write %s.", write);
	while (units->name != NULL && strcmp(units->name, n.unit) != 0)
		units++;
	if (units->name == NULL)
		return err_set(err, AQ_EFORMAT, "\"%.40s\" is no unit here. Write %s.", n.unit, write);
	if (scale(&n, units->factor, &value) != AQ_OK)
		return err_set(err, AQ_EFORMAT,
			"the number is negative, too large or finer than what it counts. Write %s.", write);
	*out = value;
	return AQ_OK;
}

int config_duration(const char *text, int64_t *ns, struct aq_err *err)
{
	static const struct unit units[] = {{"ns", 1}, {"us", 1000}, {"ms", 1000000}, {"s", INT64_C(1000000000)},
		{"m", INT64_C(60000000000)}, {"h", INT64_C(3600000000000)}, {"d", INT64_C(86400000000000)}, {NULL, 0}};

	return with_unit(text, units, "500ms, 2s, 15m, 1h or 7d", ns, err);
}

int config_size(const char *text, int64_t *bytes, struct aq_err *err)
{
	static const struct unit units[] = {{"B", 1}, {"KB", 1024}, {"MB", 1024 * 1024}, {"GB", 1024 * 1024 * 1024},
		{"TB", INT64_C(1024) * 1024 * 1024 * 1024}, {NULL, 0}};

	return with_unit(text, units, "1024 B, 10KB, 64MB or 4GB", bytes, err);
}

/* number / divisor, exactly. */
static int divide(const struct config_number *n, int64_t divisor, struct aq_amt *out)
{
	struct aq_amt amount, ratio, back;

	if (aq_amt_parse(n->text, n->length, &amount) != AQ_OK ||
		aq_amt_div_zero(amount, aq_amt_of(divisor), &ratio) != AQ_OK ||
		aq_amt_mul_zero(ratio, aq_amt_of(divisor), &back) != AQ_OK || aq_amt_cmp(back, amount) != 0)
		return AQ_EFORMAT;
	*out = ratio;
	return AQ_OK;
}

int config_ratio_amt(const char *text, struct aq_amt *ratio, struct aq_err *err)
{
	struct config_number n;
	int64_t divisor = 0;

	if (!config_number(text, &n))
		return err_set(err, AQ_EFORMAT, "a ratio is needed. Write 4bps, 0.04%% or 0.0004.");
	if (n.unit[0] == '\0')
		divisor = 1;
	else if (strcmp(n.unit, "%") == 0)
		divisor = 100;
	else if (strcmp(n.unit, "bps") == 0)
		divisor = 10000;
	if (divisor == 0)
		return err_set(
			err, AQ_EFORMAT, "\"%.40s\" is no unit of a ratio. Write 4bps, 0.04%% or 0.0004.", n.unit);
	if (divide(&n, divisor, ratio) != AQ_OK)
		return err_set(err, AQ_EFORMAT,
			"the number cannot be read, is too large or too fine. Write 4bps, 0.04%% or 0.0004.");
	return AQ_OK;
}

int config_ratio(const char *text, double *ratio, struct aq_err *err)
{
	struct aq_amt exact;
	int result = config_ratio_amt(text, &exact, err);

	if (result == AQ_OK)
		*ratio = aq_amt_to_double(exact);
	return result;
}

int config_money(const char *text, struct aq_amt *amount, char *currency, size_t size, struct aq_err *err)
{
	struct config_number n;
	struct aq_amt value;

	if (!config_number(text, &n))
		return err_set(err, AQ_EFORMAT, "an amount with its currency is needed. Write 600 USDT.");
	if (n.unit[0] == '\0')
		return err_set(err, AQ_EFORMAT, "a unit is missing. Write 600 USDT.");
	if (strlen(n.unit) >= size || strpbrk(n.unit, " \t,") != NULL)
		return err_set(err, AQ_EFORMAT, "\"%.40s\" is no currency. Write 600 USDT.", n.unit);
	if (aq_amt_parse(n.text, n.length, &value) != AQ_OK)
		return err_set(err, AQ_EFORMAT, "the number cannot be read, is too large or too fine. Write 600 USDT.");
	*amount = value;
	memcpy(currency, n.unit, strlen(n.unit) + 1);
	return AQ_OK;
}

int config_bool(const char *text, bool *out, struct aq_err *err)
{
	static const char *const words[] = {"no", "yes", "off", "on", "false", "true"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(text, words[i]) == 0) {
			*out = i % 2 != 0;
			return AQ_OK;
		}
	return err_set(err, AQ_EFORMAT, "write yes or no.");
}
