/* options_limits.c: limit.* of [host], [account:...] and [strategy:...]. The same names everywhere; the tightest wins. */
#include "host/options.h"

#include "base/log.h"
#include "flow/market.h"
#include "flow/standing.h"
#include "host/host.h"
#include "host/policy.h"
#include "host/section.h"

#include <decimal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POSITIONS_MAX 64

struct parse {
	const char *currency;    /* report_currency */
	const struct flow *flow; /* NULL: instruments are not known */
	const struct config_section *section;
	struct config_errors *errors;
	struct flow_limits limits;
	struct flow_position_limit positions[POSITIONS_MAX];
};

/* `none` is no limit, on purpose: what no key at all means too, but in mode live that must be said. */
static bool is_none(const char *text)
{
	return strcmp(text, "none") == 0;
}

static void complain(struct parse *p, const struct config_entry *entry, const char *text)
{
	config_error_value(p->errors, p->section, entry, "%s", text);
}

/* 0 would be no limit where somebody meant that nothing may pass. */
static void above_zero(struct parse *p, const struct config_entry *entry, struct aq_amt amount)
{
	if (aq_amt_sign(amount) <= 0)
		complain(p, entry, "a limit is above 0. Write none where there shall be no limit.");
}

static void money(struct parse *p, const struct config_entry *entry, struct aq_amt *out)
{
	char currency[16];
	struct aq_err err;

	if (config_money(entry->value, out, currency, sizeof(currency), &err) != 0)
		complain(p, entry, err.text);
	else if (strcmp(currency, p->currency) != 0)
		config_error_value(p->errors, p->section, entry, "limits of money are in report_currency. Write %.*s %s.",
			(int)strcspn(entry->value, " \t"), entry->value, p->currency);
	else
		above_zero(p, entry, *out);
}

static void count(struct parse *p, const struct config_entry *entry, const char *unit, uint32_t most, uint32_t *out)
{
	size_t digits = strspn(entry->value, "0123456789");
	int64_t value;

	if (digits == 0 || strcmp(entry->value + digits, unit) != 0 ||
		aq_dec_parse(entry->value, digits, 0, &value) != 0 || value < 1 || value > most)
		complain(p, entry, unit[0] != '\0' ? "write a whole number a second, from 1/s to 4096/s." :
			"write a whole number from 1 on.");
	else
		*out = (uint32_t)value;
}

static void ratio(struct parse *p, const struct config_entry *entry, struct aq_amt *out)
{
	struct aq_err err;

	if (config_ratio_amt(entry->value, out, &err) != 0)
		complain(p, entry, err.text);
	else
		above_zero(p, entry, *out);
}

/* ---- limit.position = SYMBOL QUANTITY BASE, ... ---- */

struct position_text {
	char symbol[64], number[48], unit[16];
};

static bool read_position(const char *item, size_t length, struct position_text *out)
{
	char text[160], rest;
	struct aq_amt number;

	if (length >= sizeof(text))
		return false;
	snprintf(text, sizeof(text), "%.*s", (int)length, item);
	return sscanf(text, "%63s %47s %15s %c", out->symbol, out->number, out->unit, &rest) == 3 &&
	       strspn(out->number, "0123456789.") == strlen(out->number) &&
	       aq_amt_parse(out->number, strlen(out->number), &number) == AQ_OK;
}

static const char *unit_of(const struct aq_instrument *i)
{
	return i->qty_unit == AQ_UNIT_QUOTE ? i->quote : i->base;
}

/* Every known instrument of that symbol. Returns how many there are. */
static int bind_position(struct parse *p, const struct config_entry *entry, const struct position_text *t)
{
	const struct flow *f = p->flow;
	int found = 0;

	for (uint32_t id = 1; id < f->market_capacity; id++) {
		const struct aq_instrument *i = f->markets[id] != NULL ? &f->markets[id]->instrument : NULL;
		aq_qty qty;

		if (i == NULL || strcmp(i->symbol, t->symbol) != 0)
			continue;
		found++;
		if (strcmp(t->unit, unit_of(i)) != 0)
			config_error_value(p->errors, p->section, entry, "positions of %s are in %s. Write %s %s %s.",
				t->symbol, unit_of(i), t->symbol, t->number, unit_of(i));
		else if (aq_dec_parse(t->number, strlen(t->number), i->qty_digits, &qty) != AQ_OK)
			config_error_value(p->errors, p->section, entry,
				"a quantity of %s has at most %u digits behind the point, and this may be too large.",
				t->symbol, i->qty_digits);
		else if (p->limits.position_count == POSITIONS_MAX)
			complain(p, entry, "a section takes at most 64 limits of positions.");
		else
			p->positions[p->limits.position_count++] = (struct flow_position_limit){id, qty};
	}
	return found;
}

static void position(struct parse *p, const struct config_entry *entry)
{
	const char *at = entry->value, *item;
	struct position_text t;
	size_t length;

	while (config_next_item(&at, &item, &length)) {
		if (!read_position(item, length, &t)) {
			complain(p, entry, "write SYMBOL QUANTITY BASE, as BTC/USDT 0.5 BTC, or none.");
			return;
		}
		if (p->flow != NULL)
			bind_position(p, entry, &t);
	}
}

static void position_none(struct parse *p, const struct config_entry *entry)
{
	for (int i = 0; i < p->section->count; i++)
		if (strcmp(p->section->entries[i].key, entry->key) == 0 && !is_none(p->section->entries[i].value)) {
			complain(p, entry, "none cannot stand beside other limits of positions.");
			return;
		}
}

static void one(struct parse *p, const struct config_entry *entry)
{
	const char *name = entry->key + strlen("limit.");

	if (is_none(entry->value) && strcmp(name, "position") == 0)
		position_none(p, entry);
	else if (is_none(entry->value))
		return;
	else if (strcmp(name, "position") == 0)
		position(p, entry);
	else if (strcmp(name, "order") == 0)
		money(p, entry, &p->limits.order);
	else if (strcmp(name, "gross") == 0)
		money(p, entry, &p->limits.gross);
	else if (strcmp(name, "loss_day") == 0)
		money(p, entry, &p->limits.loss_day);
	else if (strcmp(name, "collar") == 0)
		ratio(p, entry, &p->limits.collar);
	else if (strcmp(name, "open_orders") == 0)
		count(p, entry, "", UINT32_MAX, &p->limits.open_orders);
	else if (strcmp(name, "order_rate") == 0)
		count(p, entry, "/s", FLOW_RATE_MAX, &p->limits.order_rate);
	/* Other names are unknown keys, which the sections' tables tell. */
}

static int parse_section(struct parse *p)
{
	int before = config_errors_count(p->errors);

	for (int i = 0; i < p->section->count; i++)
		if (strncmp(p->section->entries[i].key, "limit.", 6) == 0)
			one(p, &p->section->entries[i]);
	return config_errors_count(p->errors) - before;
}

/* Whose limits a section holds; NULL for sections without, or of what is not there. */
static struct flow_meter *meter_of(struct host *h, const struct config_section *s)
{
	uint32_t id;

	if (strcmp(s->kind, "host") == 0)
		return &h->flow.meter;
	if (strcmp(s->kind, "account") == 0 && (id = names_find(&h->flow.names, NAME_ACCOUNT, s->name)) != 0)
		return &h->flow.accounts[id].meter;
	if (strcmp(s->kind, "strategy") == 0 && (id = names_find(&h->flow.names, NAME_INSTANCE, s->name)) != 0)
		return &h->flow.instances[id].meter;
	return NULL;
}

int options_apply_section_limits(struct host *h, const struct config_section *s, struct config_errors *e)
{
	struct parse p = {.currency = h->options.report_currency, .flow = &h->flow, .section = s, .errors = e};
	struct flow_meter *meter = meter_of(h, s);
	int faults = meter == NULL ? 0 : parse_section(&p);

	if (strcmp(s->kind, "exchange") == 0)
		options_apply_exchange(h, s);
	if (meter == NULL || faults > 0)
		return faults;
	p.limits.positions = p.positions;
	if (aq_amt_sign(p.limits.loss_day) > 0) {
		p.limits.on_loss = policy_on_loss(s).then == POLICY_HALT ? STANDING_HALT : STANDING_CLOSE_ONLY;
		h->flow.next_loss_ns = h->flow.now_ns;
	}
	flow_limits_set(meter, &p.limits);
	return 0;
}

/* What runs may not be what the configuration has: a reload was refused, or one instance alone was reloaded. */
static const struct config_section *in_force(struct host *h, const struct config_section *s)
{
	const struct instance *i = section_kind(s->kind) != 0 ? host_instance(h, s->name) : NULL;

	return i != NULL && strcmp(i->section->kind, s->kind) == 0 ? i->section : s;
}

int options_apply_limits(struct host *h, struct config_errors *e)
{
	int faults = 0;

	for (int i = 0; i < h->config->count; i++)
		faults += options_apply_section_limits(h, in_force(h, &h->config->sections[i]), e);
	return faults;
}

static bool has_limits(const struct config_section *s)
{
	return strcmp(s->kind, "host") == 0 || strcmp(s->kind, "account") == 0 || strcmp(s->kind, "strategy") == 0;
}

int options_check_limits(const struct config *c, const struct host_options *o, struct config_errors *e)
{
	int faults = 0;

	for (int i = 0; i < c->count; i++) {
		struct parse p = {.currency = o->report_currency, .section = &c->sections[i], .errors = e};

		if (has_limits(p.section))
			faults += parse_section(&p);
	}
	return faults;
}

/* Whose instruments a section's limits can be about: one exchange, or (0) all. */
static uint32_t reach_of(const struct flow *f, const struct config_section *s)
{
	uint32_t account = strcmp(s->kind, "account") == 0 ? names_find(&f->names, NAME_ACCOUNT, s->name) : 0;

	return account != 0 ? f->accounts[account].exchange : 0;
}

static void no_such_symbol(struct parse *p, const struct config_entry *entry, const char *symbol, uint32_t exchange)
{
	const struct flow *f = p->flow;
	const char *nearest = NULL;
	char text[CONFIG_NEAREST_SIZE];

	for (uint32_t id = 1; id < f->market_capacity; id++)
		if (f->markets[id] != NULL && (exchange == 0 || f->markets[id]->instrument.exchange == exchange))
			nearest = config_nearer(symbol, nearest, f->markets[id]->instrument.symbol);
	config_error_value(p->errors, p->section, entry, "%s has %s%s.%s",
		exchange != 0 ? flow_instance_name(f, exchange) : "no exchange of this configuration",
		exchange != 0 ? "no " : "", symbol, config_nearest(nearest, text));
}

static void check_positions(
	struct parse *p, const struct config_entry *entry, bool (*whole)(void *, uint32_t), void *context)
{
	const char *at = entry->value, *item;
	uint32_t exchange = reach_of(p->flow, p->section);
	struct position_text t;
	size_t length;

	while (!is_none(entry->value) && config_next_item(&at, &item, &length))
		if (read_position(item, length, &t) && bind_position(p, entry, &t) == 0 && whole(context, exchange))
			no_such_symbol(p, entry, t.symbol, exchange);
}

int options_check_positions(const struct config *c, const struct flow *known,
	bool (*whole)(void *context, uint32_t exchange), void *context, struct config_errors *e)
{
	int before = config_errors_count(e);

	for (int i = 0; i < c->count; i++) {
		struct parse p = {.flow = known, .section = &c->sections[i], .errors = e};

		for (int k = 0; has_limits(p.section) && k < p.section->count; k++)
			if (strcmp(p.section->entries[k].key, "limit.position") == 0)
				check_positions(&p, &p.section->entries[k], whole, context);
	}
	return config_errors_count(e) - before;
}

static bool has_told(void *context, uint32_t exchange)
{
	const struct host *h = context;
	bool all = true;

	if (exchange != 0)
		return market_told(&h->flow, exchange);
	for (int i = 0; all && i < h->config->count; i++)
		if (strcmp(h->config->sections[i].kind, "exchange") == 0)
			all = market_told(&h->flow, names_find(&h->flow.names, NAME_INSTANCE, h->config->sections[i].name));
	return all;
}

void options_warn_positions(const struct host *h)
{
	struct config_errors *errors = config_errors_create();

	options_check_positions(h->config, &h->flow, has_told, (void *)(uintptr_t)h, errors);
	for (int i = 0; i < config_errors_count(errors); i++)
		log_line(AQ_LOG_WARN, "host", "%s It limits nothing.", config_errors_text(errors, i));
	config_errors_destroy(errors);
}
