/* config_option.c: one option: its text as a value, its range, its field. */
#include "host/config_option.h"

#include "base/err.h"

#include <decimal.h>
#include <string.h>

const char *config_option_key(const struct aq_option *option, char *out, size_t size)
{
	snprintf(out, size, "%s%s", option->name, (option->flags & AQ_SECRET) != 0 ? "_file" : "");
	return out;
}

size_t config_field_size(const struct aq_option *option)
{
	switch ((enum aq_option_type)option->type) {
	case AQ_OPT_STRING:
	case AQ_OPT_LIST:
		return option->size;
	case AQ_OPT_INT:
	case AQ_OPT_DURATION:
	case AQ_OPT_SIZE:
	case AQ_OPT_PRICE:
	case AQ_OPT_QUANTITY:
		return sizeof(int64_t);
	case AQ_OPT_DECIMAL:
		return sizeof(struct aq_amt);
	case AQ_OPT_BOOL:
	case AQ_OPT_ENUM:
		return sizeof(uint8_t);
	case AQ_OPT_MARKET:
		return sizeof(struct aq_market);
	case AQ_OPT_ACCOUNT:
	case AQ_OPT_STORE:
	case AQ_OPT_BUS:
		return sizeof(uint32_t);
	case AQ_OPT_STORE_LINE:
		return sizeof(struct aq_store_line);
	case AQ_OPT_RATIO:
		return sizeof(double);
	}
	return 0;
}

/* The text of an option that is given once: from the section, else the default, else NULL. */
static const char *text_of(const struct config_fill *f, const struct aq_option *option)
{
	const struct config_entry *entry = config_get(f->section, option->name);

	return entry != NULL ? entry->value : option->fallback;
}

static int resolved(int result, struct aq_err *err)
{
	if (result == AQ_OK)
		return AQ_OK;
	if (err->text[0] == '\0')
		err_set(err, AQ_EFORMAT, "is not known.");
	return AQ_EFORMAT;
}

static int market(const struct config_resolver *r, const char *text, struct aq_market *out, struct aq_err *err)
{
	const char *colon = strchr(text, ':');

	if (colon == NULL || colon == text || colon[1] == '\0')
		return err_set(err, AQ_EFORMAT, "write ACCOUNT:SYMBOL to trade or EXCHANGE:SYMBOL for data.");
	return r != NULL && r->market != NULL ? resolved(r->market(r->context, text, out, err), err) : AQ_OK;
}

bool config_option_instrument(const struct config_fill *f, const struct aq_option *option, struct aq_instrument *out)
{
	const struct config_resolver *r = f->resolver;
	const struct aq_option *o = f->options;
	struct aq_market found;
	struct aq_err err = {0};

	while (o->name != NULL &&
		(o->type != AQ_OPT_MARKET || (option->of != NULL && strcmp(option->of, o->name) != 0)))
		o++;
	if (o->name == NULL || text_of(f, o) == NULL || r == NULL || r->market == NULL || r->instrument == NULL)
		return false;
	return market(r, text_of(f, o), &found, &err) == AQ_OK &&
	       r->instrument(r->context, found.instrument, out) == AQ_OK;
}

static int whole(const char *text, int64_t *out, struct aq_err *err)
{
	size_t sign = text[0] == '-' || text[0] == '+';

	if (text[sign] == '\0' || strspn(text + sign, "0123456789") != strlen(text + sign))
		return err_set(err, AQ_EFORMAT, "a whole number is needed.");
	if (aq_dec_parse(text, strlen(text), 0, out) != AQ_OK)
		return err_set(err, AQ_EFORMAT, "the number is too large.");
	return AQ_OK;
}

static int decimal(const char *text, struct aq_amt *out, struct aq_err *err)
{
	struct config_number n;

	if (!config_number(text, &n) || n.unit[0] != '\0' || aq_amt_parse(n.text, n.length, out) != AQ_OK)
		return err_set(
			err, AQ_EFORMAT, "a number with at most 18 digits behind the point and no unit is needed.");
	return AQ_OK;
}

static int unknown_word(const char *values, const char *nearest, struct aq_err *err)
{
	char list[256] = "", text[CONFIG_NEAREST_SIZE];
	size_t used = 0;

	for (const char *at = values; *at != '\0' && used + 3 < sizeof(list); at++) {
		list[used++] = *at == '|' ? ',' : *at;
		if (*at == '|')
			list[used++] = ' ';
	}
	list[used] = '\0';
	return err_set(err, AQ_EFORMAT, "unknown value.%s Allowed: %s.", config_nearest(nearest, text), list);
}

/* Index from 1 in "one|two|three". */
static int word(const char *values, const char *text, int64_t *out, struct aq_err *err)
{
	char name[64], best[64] = "";
	int64_t index = 1;
	size_t length;

	if (values == NULL)
		return err_set(err, AQ_EFORMAT, "the plugin's table has no values for this option.");
	for (const char *at = values; *at != '\0'; at += length + (at[length] == '|'), index++) {
		length = strcspn(at, "|");
		if (length == strlen(text) && memcmp(at, text, length) == 0) {
			*out = index;
			return AQ_OK;
		}
		snprintf(name, sizeof(name), "%.*s", (int)length, at);
		if (config_nearer(text, best[0] != '\0' ? best : NULL, name) == name)
			memcpy(best, name, sizeof(best));
	}
	return unknown_word(values, best, err);
}

static int yes_no(const char *text, int64_t *out, struct aq_err *err)
{
	bool value;
	int result = config_bool(text, &value, err);

	if (result == AQ_OK)
		*out = value;
	return result;
}

static int name_of(const struct config_fill *f, int type, const char *text, int64_t *out, struct aq_err *err)
{
	const struct config_resolver *r = f->resolver;
	uint32_t id = 0;
	int result = AQ_OK;

	if (text[0] == '\0')
		return err_set(err, AQ_EFORMAT, "the name of a section is needed.");
	if (type == AQ_OPT_ACCOUNT && r != NULL && r->account != NULL)
		result = r->account(r->context, text, &id, err);
	else if (type != AQ_OPT_ACCOUNT && r != NULL && r->section != NULL)
		result = r->section(r->context, type == AQ_OPT_STORE ? "storage" : "bus", text, &id, err);
	*out = id;
	return resolved(result, err);
}

/* The first word is the store's name. */
static int store_line(const struct config_fill *f, const char *text, struct config_value *out, struct aq_err *err)
{
	size_t length = strcspn(text, " \t"), used = 0;
	char name[CONFIG_LINE_MAX + 1];
	int result;

	snprintf(name, sizeof(name), "%.*s", (int)length, text);
	result = name_of(f, AQ_OPT_STORE, name, &out->number, err);
	for (const char *at = text + length; result == AQ_OK && *(at += strspn(at, " \t")) != '\0'; at += length) {
		length = strcspn(at, " \t");
		if (used + length + 2 > sizeof(out->words))
			return err_set(err, AQ_EFORMAT, "too long: at most %zu characters follow the store.", sizeof(out->words) - 1);
		used += (size_t)snprintf(out->words + used, sizeof(out->words) - used, "%s%.*s", used > 0 ? " " : "", (int)length, at);
	}
	return result;
}

int config_option_value(const struct config_fill *f, const struct aq_option *option, const char *text,
	struct config_value *out, struct aq_err *err)
{
	struct aq_instrument instrument = {.size = sizeof(instrument)};

	*out = (struct config_value){0};
	*err = (struct aq_err){0};
	switch ((enum aq_option_type)option->type) {
	case AQ_OPT_INT:
		return whole(text, &out->number, err);
	case AQ_OPT_DECIMAL:
		return decimal(text, &out->amount, err);
	case AQ_OPT_BOOL:
		return yes_no(text, &out->number, err);
	case AQ_OPT_DURATION:
		return config_duration(text, &out->number, err);
	case AQ_OPT_SIZE:
		return config_size(text, &out->number, err);
	case AQ_OPT_ENUM:
		return word(option->values, text, &out->number, err);
	case AQ_OPT_MARKET:
		return market(f->resolver, text, &out->market, err);
	case AQ_OPT_ACCOUNT:
	case AQ_OPT_STORE:
	case AQ_OPT_BUS:
		return name_of(f, option->type, text, &out->number, err);
	case AQ_OPT_STORE_LINE:
		return store_line(f, text, out, err);
	case AQ_OPT_PRICE:
		return config_price(
			text, config_option_instrument(f, option, &instrument) ? &instrument : NULL, &out->number, err);
	case AQ_OPT_QUANTITY:
		return config_quantity(text, config_option_instrument(f, option, &instrument) ? &instrument : NULL,
			f->resolver, &out->number, err);
	case AQ_OPT_RATIO:
		return config_ratio_amt(text, &out->amount, err);
	case AQ_OPT_STRING:
	case AQ_OPT_LIST:
		break;
	}
	return err_set(err, AQ_EFORMAT, "the plugin's table gives this option a type that is not known.");
}

static int compare(const struct aq_option *option, const struct config_value *a, const struct config_value *b)
{
	if (option->type == AQ_OPT_DECIMAL || option->type == AQ_OPT_RATIO)
		return aq_amt_cmp(a->amount, b->amount);
	return (a->number > b->number) - (a->number < b->number);
}

/* A limit of 0 needs no unit: its author cannot know the instrument. */
static bool limit_value(
	const struct config_fill *f, const struct aq_option *option, const char *text, struct config_value *out)
{
	struct aq_err err;

	if (text == NULL)
		return false;
	*out = (struct config_value){0};
	return strcmp(text, "0") == 0 || config_option_value(f, option, text, out, &err) == AQ_OK;
}

int config_option_range(const struct config_fill *f, const struct aq_option *option, const struct config_value *value,
	const char **limit)
{
	struct config_value bound;

	*limit = option->min;
	if (limit_value(f, option, option->min, &bound) && compare(option, value, &bound) < 0)
		return -1;
	*limit = option->max;
	return limit_value(f, option, option->max, &bound) && compare(option, value, &bound) > 0 ? 1 : 0;
}

void config_option_store(const struct config_fill *f, const struct aq_option *option, const struct config_value *value)
{
	char *field = f->self != NULL ? (char *)f->self + option->offset : NULL;
	uint8_t small = (uint8_t)value->number;
	uint32_t id = (uint32_t)value->number;
	struct aq_store_line line = {.store = id};
	double ratio;
	const void *from = &value->number;

	if (field == NULL)
		return;
	switch ((enum aq_option_type)option->type) {
	case AQ_OPT_DECIMAL:
		from = &value->amount;
		break;
	case AQ_OPT_BOOL:
	case AQ_OPT_ENUM:
		from = &small;
		break;
	case AQ_OPT_ACCOUNT:
	case AQ_OPT_STORE:
	case AQ_OPT_BUS:
		from = &id;
		break;
	case AQ_OPT_STORE_LINE:
		memcpy(line.words, value->words, sizeof(line.words));
		from = &line;
		break;
	case AQ_OPT_MARKET:
		from = &value->market;
		break;
	case AQ_OPT_RATIO:
		ratio = aq_amt_to_double(value->amount);
		from = &ratio;
		break;
	default:
		break;
	}
	memcpy(field, from, config_field_size(option));
}
