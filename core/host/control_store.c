/* control_store.c: the verb `store`: all stores, or a look into one. The look is a query: its answer comes later. */
#include "host/control_call.h"
#include "host/control_format.h"
#include "host/query.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- all of them ---- */

static const struct column columns[] = {{"store", "STORE", 0}, {"state", "STATE", 0}, {"since", "SINCE", COLUMN_RIGHT},
	{"waiting", "WAITING", COLUMN_COUNT}, {"calls", "CALLS", COLUMN_COUNT}, {"failed", "FAILED", COLUMN_COUNT},
	{"rows", "ROWS", COLUMN_COUNT}, {"queued", "QUEUED", COLUMN_COUNT}, {"queue", "OF", COLUMN_COUNT},
	{"generation", "GEN", COLUMN_COUNT}, {"code", "CODE", 0}, {"why", "WHY", 0}, {0}};

static const char *state_of(const struct instance *i, const struct store *s)
{
	if (i != NULL && i->state == INSTANCE_FAILED)
		return "failed";
	return s->up ? "up" : s->slow ? "hangs" : s->removed ? "ends" : "down";
}

static void store_row(struct control_call *c, const struct store *s)
{
	const struct instance *i = c->host->instances[s->id];
	uint64_t taken = atomic_load(&s->queue.taken);
	struct result *r = &c->result;
	char age[FORMAT_SIZE];

	result_cell(r, "%s", flow_instance_name(&c->host->flow, s->id));
	result_cell(r, "%s", state_of(i, s));
	result_cell(r, "%s", format_age(host_wall_ns() - s->state_ns, age));
	result_cell(r, "%u", s->unanswered);
	result_cell(r, "%" PRIu64, s->calls);
	result_cell(r, "%" PRIu64, s->failures);
	result_cell(r, "%" PRIu64, s->rows);
	result_cell(r, "%" PRIu64, s->given > taken ? s->given - taken : 0);
	result_cell(r, "%" PRId64, s->limit);
	if (i != NULL) {
		result_cell(r, "%u", i->generation);
		result_cell(r, "%s %s", i->plugin->table.name, i->plugin->hash);
	} else {
		result_cell(r, "%s", "");
		result_cell(r, "%s", "");
	}
	result_cell(r, "%s", s->why);
}

static void tell_all(struct control_call *c)
{
	const struct stores *all = c->host->stores;

	result_table(&c->result, "stores", TABLE_GRID, columns);
	for (uint32_t i = 0; all != NULL && i < all->count; i++)
		if (result_row(&c->result))
			store_row(c, all->list[i]);
	if (all == NULL || all->count == 0)
		result_hint(&c->result, "no store: a section [storage:NAME] makes one");
	else
		result_hint(&c->result, "what is in one: aqctl store NAME tables");
}

/* ---- one of them ---- */

static const struct store *store_of(struct control_call *c, const char *name)
{
	const struct stores *all = c->host->stores;
	char nearest[CONFIG_NEAREST_SIZE];
	const char *near = NULL;

	for (uint32_t i = 0; all != NULL && i < all->count; i++) {
		const char *own = flow_instance_name(&c->host->flow, all->list[i]->id);

		if (strcmp(own, name) == 0)
			return all->list[i];
		near = config_nearer(name, near, own);
	}
	result_fail(&c->result, CONTROL_FAILED, "no store %.48s.%s aqctl store lists them", name,
		config_nearest(near, nearest));
	return NULL;
}

static bool is_there(struct control_call *c, const struct store *s, const char *name)
{
	char age[FORMAT_SIZE];

	if (s->up)
		return true;
	result_fail(&c->result, CONTROL_FAILED, "store %s is down since %s: %s", name,
		format_age(host_wall_ns() - s->state_ns, age), s->why);
	return false;
}

/* What stands behind the name of the store. */
struct form {
	const char *word;
	uint8_t verb;
	bool has_table, has_filter, has_limit, has_fields, has_rows, has_csv;
};

static const struct form forms[] = {
	{"tables", QUERY_TABLES, .has_rows = true},
	{"describe", QUERY_DESCRIBE, .has_table = true},
	{"count", QUERY_COUNT, .has_table = true, .has_filter = true},
	{"find", QUERY_FIND, .has_table = true, .has_filter = true, .has_limit = true, .has_fields = true},
	{"export", QUERY_EXPORT, .has_table = true, .has_filter = true, .has_limit = true, .has_fields = true,
		.has_csv = true},
};
#define FORMS (sizeof(forms) / sizeof(*forms))

static const struct form *form_of(struct control_call *c, const char *word)
{
	char nearest[CONFIG_NEAREST_SIZE];
	const char *near = NULL;

	for (size_t i = 0; i < FORMS; i++) {
		if (strcmp(forms[i].word, word) == 0)
			return &forms[i];
		near = config_nearer(word, near, forms[i].word);
	}
	result_fail(&c->result, CONTROL_USAGE,
		"a store is asked for tables, describe, count, find or export, not for %.40s.%s Nothing "
		"is changed this way",
		word, config_nearest(near, nearest));
	return NULL;
}

static bool flags_are_right(struct control_call *c, const struct form *f)
{
	const struct control_request *r = c->request;
	const char *wrong = r->rows && !f->has_rows               ? "--rows"
			    : r->csv && !f->has_csv               ? "--csv"
			    : r->limit > 0 && !f->has_limit       ? "--limit"
			    : r->fields != NULL && !f->has_fields ? "--fields"
			    : r->sort != NULL && !f->has_fields   ? "--sort"
								  : NULL;

	if (wrong != NULL)
		result_fail(&c->result, CONTROL_USAGE, "store NAME %s does not take %s", f->word, wrong);
	else if (f->verb == QUERY_EXPORT && (!r->csv || r->json))
		result_fail(&c->result, CONTROL_USAGE, "an export is CSV: say --csv. As JSON: find, with --limit");
	else if (f->verb == QUERY_FIND && !r->json && r->limit > QUERY_LIMIT_TABLE)
		result_fail(&c->result, CONTROL_USAGE,
			"a table has at most %d rows: --skip shows the next; --json and export have all",
			QUERY_LIMIT_TABLE);
	return !c->result.failed;
}

/* A filter is one argument, or the words that a shell has made of it. */
static bool take_filter(struct control_call *c, const struct form *f, char out[CONTROL_REQUEST_MAX + 1])
{
	const struct control_request *r = c->request;
	int first = f->has_table ? 4 : 3;
	size_t used = 0;

	for (int i = first; i < r->count; i++)
		used += (size_t)snprintf(
			out + used, CONTROL_REQUEST_MAX + 1 - used, "%s%s", used > 0 ? " " : "", r->words[i]);
	if (r->rest != NULL && used > 0) {
		result_fail(&c->result, CONTROL_USAGE, "one filter, not %.40s and %.40s", out, r->rest);
		return false;
	}
	if (r->rest != NULL)
		snprintf(out, CONTROL_REQUEST_MAX + 1, "%s", r->rest);
	if (out[0] == '\0' || f->has_filter)
		return true;
	result_fail(&c->result, CONTROL_USAGE, "store NAME %s%s takes nothing more: %.60s", f->word,
		f->has_table ? " TABLE" : "", out);
	return false;
}

bool control_store(struct control_call *c)
{
	const struct control_request *r = c->request;
	char filter[CONTROL_REQUEST_MAX + 1] = "";
	const struct store *s;
	const struct form *f;
	struct query *q;

	if (r->count == 1) {
		tell_all(c);
		return true;
	}
	f = form_of(c, r->count > 2 ? r->words[2] : "tables");
	if (f == NULL || !flags_are_right(c, f) || !take_filter(c, f, filter))
		return true;
	if (f->has_table && r->count < 4)
		result_fail(&c->result, CONTROL_USAGE, "usage: store NAME %s TABLE%s", f->word,
			f->has_filter ? " [FILTER]" : "");
	s = c->result.failed ? NULL : store_of(c, r->words[1]);
	if (s == NULL || !is_there(c, s, r->words[1]) || (q = query_begin(c)) == NULL)
		return true;
	q->verb = f->verb;
	q->store = s->id;
	q->table = f->has_table ? q->request.words[3] : NULL;
	memcpy(q->filter_text, filter, sizeof(filter));
	result_finish(&c->result);
	query_run(q);
	return false;
}
