/* options_limits.c: limit.* of [host], [account:...] and [strategy:...]. The same names everywhere; the tightest wins. */
#include "host/options.h"

#include "flow/market.h"
#include "host/host.h"

#include "decimal.h"

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

static void complain(struct parse *p, const struct config_entry *entry, const char *text)
{
	config_error(p->errors, entry->file, entry->line, p->section->kind, entry->key, "%s = %s: %s", entry->key, entry->value,
		text);
}

static void money(struct parse *p, const struct config_entry *entry, struct aq_amt *out)
{
	char currency[16];
	struct aq_err err;

	if (config_money(entry->value, out, currency, sizeof(currency), &err) != 0) {
		complain(p, entry, err.text);
		return;
	}
	if (strcmp(currency, p->currency) != 0)
		complain(p, entry, "must be in report_currency, as all limits of money are.");
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

/* SYMBOL QUANTITY BASE: every known instrument of that symbol in the section's reach. */
static void position(struct parse *p, const struct config_entry *entry)
{
	const struct flow *f = p->flow;
	const char *space = strchr(entry->value, ' ');
	size_t length = space == NULL ? 0 : (size_t)(space - entry->value);

	for (uint32_t id = 1; f != NULL && space != NULL && id < f->market_capacity; id++) {
		const struct market *m = f->markets[id];
		size_t digits = strcspn(space + 1, " ");
		aq_qty qty;

		if (m == NULL || strlen(m->instrument.symbol) != length || memcmp(m->instrument.symbol, entry->value, length) != 0)
			continue;
		if (aq_dec_parse(space + 1, digits, m->instrument.qty_digits, &qty) != 0 || qty < 0 || space[1 + digits] != ' ' ||
			strcmp(space + 2 + digits, m->instrument.qty_unit == AQ_UNIT_QUOTE ? m->instrument.quote : m->instrument.base) != 0) {
			complain(p, entry, "write SYMBOL QUANTITY BASE, as BTC/USDT 0.5 BTC.");
			return;
		}
		if (p->limits.position_count == POSITIONS_MAX)
			complain(p, entry, "a section takes at most 64 limits of positions.");
		else
			p->positions[p->limits.position_count++] = (struct flow_position_limit){id, qty};
	}
	if (space == NULL)
		complain(p, entry, "write SYMBOL QUANTITY BASE, as BTC/USDT 0.5 BTC.");
}

static void ratio(struct parse *p, const struct config_entry *entry, struct aq_amt *out)
{
	struct aq_err err;

	if (config_ratio_amt(entry->value, out, &err) != 0)
		complain(p, entry, err.text);
}

static void one(struct parse *p, const struct config_entry *entry)
{
	const char *name = entry->key + strlen("limit.");

	if (strcmp(name, "order") == 0)
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
	else if (strcmp(name, "position") == 0)
		position(p, entry);
	else
		config_error(p->errors, entry->file, entry->line, p->section->kind, entry->key,
			"unknown limit. There are order, gross, loss_day, collar, open_orders, order_rate, position.");
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

	if (meter == NULL || faults > 0)
		return faults;
	p.limits.positions = p.positions;
	flow_limits_set(meter, &p.limits);
	return 0;
}

int options_apply_limits(struct host *h, struct config_errors *e)
{
	int faults = 0;

	for (int i = 0; i < h->config->count; i++)
		faults += options_apply_section_limits(h, &h->config->sections[i], e);
	return faults;
}

int options_check_limits(const struct config *c, const struct host_options *o, struct config_errors *e)
{
	int faults = 0;

	for (int i = 0; i < c->count; i++) {
		struct parse p = {.currency = o->report_currency, .section = &c->sections[i], .errors = e};

		faults += parse_section(&p);
	}
	return faults;
}
