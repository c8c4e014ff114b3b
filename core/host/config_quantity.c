/* config_quantity.c: prices and quantities in the scale of an instrument. */
#include "host/config_internal.h"

#include "base/err.h"

#include <decimal.h>
#include <string.h>

/* Currencies of messages while the instrument is not known. */
static const struct aq_instrument unknown = {.base = "BTC", .quote = "USDT"};

static int bad_unit(const char *unit, const struct aq_instrument *instrument, struct aq_err *err)
{
	const struct aq_instrument *i = instrument != NULL ? instrument : &unknown;

	if (unit[0] == '\0')
		return err_set(
			err, AQ_EFORMAT, "a unit is missing. Write 0.01 %s, 600 %s or 5 contracts.", i->base, i->quote);
	return err_set(err, AQ_EFORMAT, "\"%.40s\" is no unit of %s. Write 0.01 %s, 600 %s or 5 contracts.", unit,
		i->symbol[0] != '\0' ? i->symbol : "a quantity", i->base, i->quote);
}

static int bad_number(int result, unsigned digits, struct aq_err *err)
{
	if (result == AQ_EOVERFLOW)
		return err_set(err, AQ_EFORMAT, "the number is too large.");
	return err_set(err, AQ_EFORMAT, "a number with at most %u digits behind the point is needed.", digits);
}

/* To the lot, as whole lots are what can be ordered. */
static int converted(int result, aq_qty qty, const struct aq_instrument *i, aq_qty *out, struct aq_err *err)
{
	if (result != AQ_OK)
		return err_set(err, AQ_EFORMAT, "the quantity does not fit %s.", i->symbol);
	*out = i->lot > 0 ? aq_step_down(qty, i->lot) : qty;
	if (*out <= 0)
		return err_set(err, AQ_EFORMAT, "at the present price this is less than one lot of %s.", i->symbol);
	return AQ_OK;
}

static int in_contracts(struct aq_amt number, const struct aq_instrument *i, aq_qty *out, struct aq_err *err)
{
	aq_qty down, up;
	struct aq_amt amount;
	int result = aq_amt_mul_zero(number, i->contract_size, &amount);

	if (result == AQ_OK)
		result = aq_amt_to_scaled_down(amount, i->qty_digits, &down);
	if (result == AQ_OK)
		result = aq_amt_to_scaled_up(amount, i->qty_digits, &up);
	if (result != AQ_OK || down != up)
		return err_set(err, AQ_EFORMAT, "this many contracts of %s cannot be expressed.", i->symbol);
	*out = down;
	return AQ_OK;
}

/* An amount of the other currency than the one that quantities are in. */
static int at_price(struct aq_amt number, const struct aq_instrument *i, const struct config_resolver *r, aq_qty *out,
	struct aq_err *err)
{
	struct aq_amt amount;
	aq_px middle;
	aq_qty qty = 0;
	int result;

	if (aq_amt_sign(number) == 0) {
		*out = 0;
		return AQ_OK;
	}
	if (r == NULL || r->middle == NULL || r->middle(r->context, i->id, &middle) != AQ_OK || middle <= 0)
		return 1;
	if (i->qty_unit == AQ_UNIT_BASE) {
		result = aq_qty_for_down(number, middle, i->px_digits, i->qty_digits, &qty);
		return converted(result, qty, i, out, err);
	}
	result = aq_amt_from_scaled(middle, i->px_digits, &amount);
	if (result == AQ_OK)
		result = aq_amt_mul_zero(number, amount, &amount);
	if (result == AQ_OK)
		result = aq_amt_to_scaled_down(amount, i->qty_digits, &qty);
	return converted(result, qty, i, out, err);
}

static bool is_contracts(const char *unit)
{
	return strcmp(unit, "contracts") == 0 || strcmp(unit, "contract") == 0;
}

int config_quantity(const char *text, const struct aq_instrument *instrument, const struct config_resolver *resolver,
	aq_qty *out, struct aq_err *err)
{
	const struct aq_instrument *i = instrument;
	struct config_number n;
	struct aq_amt number;
	int result;

	if (!config_number(text, &n))
		return err_set(err, AQ_EFORMAT, "a quantity is needed. Write 0.01 %s, 600 %s or 5 contracts.",
			i != NULL ? i->base : unknown.base, i != NULL ? i->quote : unknown.quote);
	if (n.unit[0] == '\0' || strpbrk(n.unit, " \t,") != NULL)
		return bad_unit(n.unit, i, err);
	if (aq_amt_parse(n.text, n.length, &number) != AQ_OK)
		return err_set(err, AQ_EFORMAT, "the number cannot be read, is too large or has more than 18 digits.");
	if (aq_amt_sign(number) < 0)
		return err_set(err, AQ_EFORMAT, "a quantity is not negative.");
	if (i == NULL)
		return 1;
	if (is_contracts(n.unit))
		return in_contracts(number, i, out, err);
	if (strcmp(n.unit, i->qty_unit == AQ_UNIT_BASE ? i->base : i->quote) == 0) {
		result = aq_dec_parse(n.text, n.length, i->qty_digits, out);
		return result == AQ_OK ? AQ_OK : bad_number(result, i->qty_digits, err);
	}
	if (strcmp(n.unit, i->qty_unit == AQ_UNIT_BASE ? i->quote : i->base) == 0)
		return at_price(number, i, resolver, out, err);
	return bad_unit(n.unit, i, err);
}

int config_price(const char *text, const struct aq_instrument *instrument, aq_px *out, struct aq_err *err)
{
	struct config_number n;
	struct aq_amt number;
	int result;

	if (!config_number(text, &n) || strpbrk(n.unit, " \t,") != NULL)
		return err_set(err, AQ_EFORMAT, "a price is needed. Write 61000.5 or 61000.5 %s.",
			instrument != NULL ? instrument->quote : unknown.quote);
	if (aq_amt_parse(n.text, n.length, &number) != AQ_OK)
		return err_set(err, AQ_EFORMAT, "the number cannot be read, is too large or has more than 18 digits.");
	if (instrument == NULL)
		return 1;
	if (n.unit[0] != '\0' && strcmp(n.unit, instrument->quote) != 0)
		return err_set(err, AQ_EFORMAT, "\"%.40s\" is no price of %s. Write 61000.5 or 61000.5 %s.", n.unit,
			instrument->symbol, instrument->quote);
	result = aq_dec_parse(n.text, n.length, instrument->px_digits, out);
	return result == AQ_OK ? AQ_OK : bad_number(result, instrument->px_digits, err);
}
