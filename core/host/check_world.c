/* check_world.c: see check_world.h. */
#include "host/check_world.h"

#include "base/err.h"
#include "flow/market.h"
#include "flow/record.h"
#include "host/journal_files.h"
#include "host/options.h"
#include "host/sim_options.h"

#include <stdio.h>
#include <string.h>

/* ---- the state folder ---- */

/* Names and instruments alone: orders and money are none of this. */
static int take_fact(void *context, const struct journal_record *record)
{
	struct flow *f = context;

	if (record->type != FACT_NAME && record->type != FACT_INSTRUMENT)
		return 0;
	return record_apply(f, record->type, record->version, record->body, record->length);
}

static void read_journal(struct check_world *w)
{
	const struct config_section *s = config_find(w->host.config, "host", "");
	char folder[512];
	struct journal_options options = {.folder = folder, .grade = JOURNAL_PAGE, .read_only = true};
	struct journal *j = NULL;
	struct aq_err err = {0};
	uint64_t cut;
	int rc;

	snprintf(folder, sizeof(folder), "%s/journal", w->host.options.state_dir);
	rc = journal_open(&j, &options, journal_files_system(), &err);
	if (rc == AQ_OK && journal_replay(j, take_fact, &w->host.flow, &cut) != 0)
		rc = err_set(&err, AQ_EFORMAT, "the journal in %s cannot be read", folder);
	if (j != NULL)
		journal_close(j);
	if (rc == AQ_OK || rc == AQ_ENOENT)
		return;
	if (s != NULL)
		config_error_section(w->errors, s, "state_dir", "%s.", err.text);
	else
		config_error(w->errors, "default", 0, "host", "state_dir", "%s.", err.text);
}

/* ---- captures ---- */

static void take_instrument(
	struct check_world *w, const struct config_section *s, uint32_t id, const struct aq_instrument *instrument)
{
	struct aq_instrument copy = *instrument;

	copy.size = sizeof(copy);
	if (market_instrument(&w->host.flow, id, &copy) <= 0)
		config_error_section(w->errors, s, "capture",
			"%s has other digits here than in the journal. Give this configuration a state_dir of its own.",
			copy.symbol);
}

static void take_instruments(
	struct check_world *w, const struct config_section *s, uint32_t id, const struct sim_venue *v)
{
	const struct aq_instrument *list;
	uint32_t count = sim_venue_instruments(v, &list);

	for (uint32_t i = 0; i < count; i++)
		take_instrument(w, s, id, &list[i]);
	w->whole[id] = true;
}

/* A store is not opened: its markets are those that are named, with steps as fine as they can be. */
static void take_stored(
	struct check_world *w, const struct config_section *s, uint32_t id, const struct sim_options *options)
{
	for (uint32_t i = 0; i < options->stored_count; i++) {
		struct aq_instrument copy = options->stored[i].instrument;

		copy.tick = copy.tick != 0 ? copy.tick : 1;
		copy.lot = copy.lot != 0 ? copy.lot : 1;
		take_instrument(w, s, id, &copy);
	}
	w->whole[id] = true;
}

/* AQ_ENOENT: a file is missing; other errors have been told. */
static int open_captures(struct check_world *w, const struct config_section *s, uint32_t id, struct aq_err *err)
{
	struct sim_venue *v = NULL;
	struct sim_options options;
	int rc = AQ_EINVAL, faults = sim_options_read(&options, w->host.config, s, w->told);

	if (faults == 0 && options.stored_count > 0) {
		take_stored(w, s, id, &options);
		rc = AQ_OK;
	} else if (faults == 0) {
		rc = sim_venue_create(&v, &options.venue, err);
		if (rc == AQ_OK)
			take_instruments(w, s, id, v);
		else if (rc != AQ_ENOENT)
			config_error_section(w->errors, s, NULL, "%s.", err->text);
		sim_venue_destroy(v);
	}
	sim_options_free(&options);
	return rc;
}

#define FORM_ONLY "Its markets, prices and quantities were checked for their form only."

static void look_at(struct check_world *w, const struct config_section *s)
{
	uint32_t id = flow_instance_id(&w->host.flow, s->name, AQ_EXCHANGE);
	struct aq_err err = {0};
	int rc = AQ_OK;

	if (s->name[0] == '\0' || id == 0 || id >= INSTANCES_MAX)
		return;
	if (config_get(s, "capture") != NULL)
		rc = open_captures(w, s, id, &err);
	if (rc == AQ_ENOENT)
		config_error_section(w->doubts, s, "capture", "warning: %s. A start needs it.%s", err.text,
			market_told(&w->host.flow, id) ? "" : " " FORM_ONLY);
	else if (rc == AQ_OK && !market_told(&w->host.flow, id))
		config_error_section(
			w->doubts, s, NULL, "warning: neither a capture nor state_dir has its instruments. " FORM_ONLY);
}

/* ---- the whole ---- */

void check_world_open(struct check_world *w, struct config *c, const struct host_options *o)
{
	struct flow_options options = {.max_orders = 64, .max_fills = 64};

	snprintf(options.report_currency, sizeof(options.report_currency), "%s", o->report_currency);
	flow_init(&w->host.flow, &options);
	w->host.flow.recovering = true; /* nothing is journalled, nothing said */
	w->host.config = c;
	w->host.options = *o;
	w->told = config_errors_create();
	read_journal(w);
	for (int i = 0; i < c->count; i++)
		if (strcmp(c->sections[i].kind, "exchange") == 0)
			look_at(w, &c->sections[i]);
	options_bind_accounts(&w->host, w->told);
}

void check_world_close(struct check_world *w)
{
	flow_finish(&w->host.flow);
	config_errors_destroy(w->told);
}

bool check_world_whole(void *world, uint32_t exchange)
{
	const struct check_world *w = world;
	const struct config *c = w->host.config;

	if (exchange != 0)
		return exchange < INSTANCES_MAX && w->whole[exchange];
	for (int i = 0; i < c->count; i++)
		if (strcmp(c->sections[i].kind, "exchange") == 0 &&
			!w->whole[names_find(&w->host.flow.names, NAME_INSTANCE, c->sections[i].name)])
			return false;
	return true;
}

/* ---- resolving ---- */

/* The exchange behind the name before the colon; 0 = none. */
static uint32_t exchange_of(const struct flow *f, const char *text)
{
	char owner[64];
	uint32_t account;

	snprintf(owner, sizeof(owner), "%.*s", (int)strcspn(text, ":"), text);
	account = names_find(&f->names, NAME_ACCOUNT, owner);
	return account != 0 ? f->accounts[account].exchange : names_find(&f->names, NAME_INSTANCE, owner);
}

static int no_such_market(const struct flow *f, uint32_t exchange, const char *symbol, struct aq_err *err)
{
	const char *nearest = NULL;
	char text[CONFIG_NEAREST_SIZE];

	for (uint32_t id = 1; id < f->market_capacity; id++)
		if (f->markets[id] != NULL && f->markets[id]->instrument.exchange == exchange)
			nearest = config_nearer(symbol, nearest, f->markets[id]->instrument.symbol);
	return err_set(err, AQ_ENOENT, "%s has no %s.%s", flow_instance_name(f, exchange), symbol,
		config_nearest(nearest, text));
}

static int resolve_market(void *context, const char *text, struct aq_market *out, struct aq_err *err)
{
	struct check_world *w = context;
	struct config_resolver start = host_resolver(&w->host);
	int rc = start.market(start.context, text, out, err);
	uint32_t exchange = exchange_of(&w->host.flow, text);

	if (rc == AQ_OK && out->instrument == 0 && exchange != 0 && check_world_whole(w, exchange))
		return no_such_market(&w->host.flow, exchange, strchr(text, ':') + 1, err);
	return rc;
}

/* host_resolver's functions take the host, which is the world's first member. */
struct config_resolver check_world_resolver(struct check_world *w)
{
	struct config_resolver resolver = host_resolver(&w->host);

	resolver.context = w;
	resolver.market = resolve_market;
	return resolver;
}
