/* options_accounts.c: [account:...]: what they say, and what the flow and the exchanges are told of it. */
#include "host/options.h"

#include "flow/download.h"
#include "host/host.h"

#include <stdio.h>
#include <string.h>

static const struct config_section *exchange_of(const struct config *c, const struct config_section *account)
{
	const struct config_entry *entry = config_get(account, "exchange");

	return entry == NULL ? NULL : config_find(c, "exchange", entry->value);
}

static void check_exchange(const struct config *c, const struct config_section *s, struct config_errors *e)
{
	const struct config_entry *entry = config_get(s, "exchange");
	const char *nearest = NULL;
	char text[CONFIG_NEAREST_SIZE];

	if (entry == NULL && !s->incomplete)
		config_error_section(e, s, "exchange",
			"must be given: where it trades. Write exchange = NAME, as in [exchange:NAME].");
	if (entry == NULL || exchange_of(c, s) != NULL)
		return;
	for (int i = 0; i < c->count; i++)
		if (strcmp(c->sections[i].kind, "exchange") == 0)
			nearest = config_nearer(entry->value, nearest, c->sections[i].name);
	config_error_value(e, s, entry, "there is no [exchange:%s].%s", entry->value, config_nearest(nearest, text));
}

static void check_margin(const struct config_section *s, struct config_errors *e)
{
	const struct config_entry *entry = config_get(s, "margin_mode");

	if (entry != NULL && strcmp(entry->value, "cross") != 0 && strcmp(entry->value, "isolated") != 0)
		config_error_value(e, s, entry, "write cross or isolated.");
}

int options_check_accounts(const struct config *c, struct config_errors *e)
{
	int before = config_errors_count(e);

	for (int i = 0; i < c->count; i++) {
		const struct config_section *s = &c->sections[i];
		const struct config_entry *key_file = config_get(s, "key_file");

		if (strcmp(s->kind, "account") != 0)
			continue;
		config_fill(s, NULL, options_account_known(), NULL, NULL, e, NULL);
		check_exchange(c, s, e);
		check_margin(s, e);
		if (key_file != NULL)
			config_check_secret(s, key_file, e);
	}
	return config_errors_count(e) - before;
}

static bool has_value(const struct config_section *s, const char *key, const char *value)
{
	const struct config_entry *entry = config_get(s, key);

	return entry != NULL && strcmp(entry->value, value) == 0;
}

static void ratio_of(const struct config_section *s, const char *key, struct aq_amt *out, struct config_errors *e)
{
	const struct config_entry *entry = config_get(s, key);
	struct aq_err err;

	*out = (struct aq_amt){0};
	if (entry != NULL && config_ratio_amt(entry->value, out, &err) != 0)
		config_error_value(e, s, entry, "%s", err.text);
}

static void bind_account(struct host *h, const struct config_section *s, struct config_errors *e)
{
	struct flow *f = &h->flow;
	const struct config_section *exchange = exchange_of(h->config, s);
	uint32_t id = flow_account_id(f, s->name);

	if (id == 0 || exchange == NULL)
		return;
	flow_account_bind(f, id, flow_instance_id(f, exchange->name, AQ_EXCHANGE),
		has_value(s, "position_mode", "hedging"),
		has_value(s, "margin_mode", "isolated") ? AQ_ISOLATED : AQ_CROSS);
	ratio_of(s, "fee_maker", &f->accounts[id].rates.maker, e);
	ratio_of(s, "fee_taker", &f->accounts[id].rates.taker, e);
}

int options_bind_accounts(struct host *h, struct config_errors *e)
{
	int before = config_errors_count(e);

	for (int i = 0; i < h->config->count; i++)
		if (strcmp(h->config->sections[i].kind, "account") == 0)
			bind_account(h, &h->config->sections[i], e);
	return config_errors_count(e) - before;
}

static struct aq_account account_of(struct host *h, const struct config_section *s, uint32_t id)
{
	const struct config_entry *key_file = config_get(s, "key_file");
	struct aq_account a = {.size = sizeof(a),
		.id = id,
		.hedging = h->flow.accounts[id].hedging,
		.margin_mode = h->flow.accounts[id].margin_mode,
		.since_ns = h->flow.accounts[id].since_ns};

	snprintf(a.name, sizeof(a.name), "%s", s->name);
	if (key_file != NULL)
		config_path(key_file, key_file->value, a.key_file, sizeof(a.key_file));
	return a;
}

void options_tell_accounts(struct host *h, uint32_t exchange)
{
	for (int i = 0; i < h->config->count; i++) {
		const struct config_section *s = &h->config->sections[i];
		uint32_t id = strcmp(s->kind, "account") == 0 ? names_find(&h->flow.names, NAME_ACCOUNT, s->name) : 0;
		struct aq_account account;

		if (id == 0 || h->flow.accounts[id].exchange != exchange)
			continue;
		account = account_of(h, s, id);
		download_account(&h->flow, exchange, &account, AQ_EV_DOWNLOADED);
	}
}
