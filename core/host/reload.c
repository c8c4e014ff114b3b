/* reload.c: the transaction. Two stretches of work run on a helper thread, so that the trading loop never waits for a
 * disk or a child: reading and planning, then staging. In between and after them the loop collects and commits. */
#include "host/reload.h"

#include "base/check.h"
#include "base/err.h"
#include "base/log.h"
#include "flow/record.h"
#include "host/adopt.h"
#include "host/back.h"
#include "host/follow.h"
#include "host/helper.h"
#include "host/host.h"
#include "host/measure.h"
#include "host/operator.h"
#include "host/options.h"
#include "host/override.h"
#include "host/section.h"
#include "host/service.h"
#include "host/stage.h"
#include "host/start.h"
#include "host/store_replace.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum phase { PHASE_PLANNING = 1, PHASE_PLANNED, PHASE_STAGING, PHASE_STAGED, PHASE_LIFTING, PHASE_LIFTED };

struct job {
	uint32_t kind;
	uint32_t id;                          /* running instance, 0 = none */
	const struct config_section *section; /* of the new configuration; NULL = to be removed */
	struct config *running_tree;          /* a copy: the instance may go back by itself meanwhile */
	const struct config_section *running; /* in it */
	struct config *before;                /* it is barred: what it goes back to */
	const struct aq_option *options;      /* of the running code */
	char running_hash[PLUGIN_HASH_TEXT];
	char running_copy[512];               /* of its library */
	bool failed;                          /* the running instance has been taken out: it is started anew */
	struct stage *stage;
	bool begun;                           /* of a store: the new back end has been started */
	int64_t patience_ns;                  /* until then it waits for one that still ends */
	struct reload_result result;
};

struct reload {
	struct host *host;
	struct config *config;
	struct config_errors *errors;
	struct host_options options;
	struct job *jobs;
	int count, next; /* jobs, and the one whose turn it is */
	struct override_list overrides; /* a copy: an operator may set more meanwhile */
	char **names;
	int name_count;
	bool plan, fresh, release, again;
	uint32_t uid;
	atomic_int phase;
	void (*done)(void *context, const struct reload_result *results, int count);
	void *context;
};

/* ---- names ---- */

static bool wanted(const struct reload *r, const char *name)
{
	for (int i = 0; i < r->name_count; i++)
		if (strcmp(r->names[i], name) == 0)
			return true;
	return r->name_count == 0;
}

static struct job *add_job(struct reload *r, const char *name)
{
	struct job *j;

	r->jobs = realloc(r->jobs, (size_t)(r->count + 1) * sizeof(*r->jobs));
	CHECK(r->jobs != NULL);
	j = &r->jobs[r->count++];
	memset(j, 0, sizeof(*j));
	snprintf(j->result.name, sizeof(j->result.name), "%s", name);
	return j;
}

static void refuse(struct job *j, const char *why)
{
	j->result.outcome = RELOAD_REFUSED;
	snprintf(j->result.text, sizeof(j->result.text), "%s", why);
}

/* The file is not taken at all: later ones are compared with what runs, not with it. */
static void refuse_file(struct reload *r, const char *why)
{
	for (int i = 0; i < r->count; i++) {
		config_destroy(r->jobs[i].running_tree);
		config_destroy(r->jobs[i].before);
	}
	r->count = 0;
	refuse(add_job(r, "configuration"), why);
	config_destroy(r->config);
	r->config = NULL;
}

static void refuse_errors(struct reload *r)
{
	int more = config_errors_count(r->errors) - 1;
	char text[sizeof(((struct reload_result *)0)->text)];

	snprintf(text, sizeof(text), "%.400s", config_errors_text(r->errors, 0));
	if (more > 0)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), " %d more: aioquantd -t -c FILE lists them.", more);
	refuse_file(r, text);
}

/* ---- what runs now, noted on the loop before the thread starts ---- */

static void note_running(struct reload *r)
{
	struct host *h = r->host;

	for (uint32_t id = 1; id < INSTANCES_MAX; id++) {
		const struct instance *i = h->instances[id];
		struct job *j;

		if (i == NULL || !wanted(r, i->name))
			continue;
		j = add_job(r, i->name);
		j->id = id;
		j->kind = i->kind;
		j->running_tree = section_copy(i->section);
		j->running = &j->running_tree->sections[0];
		j->options = i->plugin->table.options;
		j->failed = i->state == INSTANCE_FAILED;
		j->result.generation = i->generation;
		snprintf(j->running_hash, sizeof(j->running_hash), "%s", i->plugin->hash);
		snprintf(j->running_copy, sizeof(j->running_copy), "%s", i->plugin->copy);
	}
}

/* ---- PLAN [helper thread] ---- */

/* Sections of the host itself take effect at a start, except limits. */
static bool same_but_limits(const struct config_section *a, const struct config_section *b)
{
	int i = 0, k = 0;

	if (a == NULL || b == NULL)
		return a == b;
	for (;; i++, k++) {
		while (i < a->count && strncmp(a->entries[i].key, "limit.", 6) == 0)
			i++;
		while (k < b->count && strncmp(b->entries[k].key, "limit.", 6) == 0)
			k++;
		if (i == a->count || k == b->count)
			return i == a->count && k == b->count;
		if (strcmp(a->entries[i].key, b->entries[k].key) != 0 || strcmp(a->entries[i].value, b->entries[k].value) != 0)
			return false;
	}
}

/* NULL, or the section that would need a restart. */
static const struct config_section *needs_restart(const struct config *old, const struct config *new_one)
{
	for (int i = 0; i < new_one->count; i++) {
		const struct config_section *s = &new_one->sections[i];

		if (section_kind(s->kind) == 0 && !same_but_limits(config_find(old, s->kind, s->name), s))
			return s;
	}
	for (int i = 0; i < old->count; i++) {
		const struct config_section *s = &old->sections[i];

		if (section_kind(s->kind) == 0 && config_find(new_one, s->kind, s->name) == NULL)
			return s;
	}
	return NULL;
}

static struct job *job_of(struct reload *r, const char *name)
{
	for (int i = 0; i < r->count; i++)
		if (strcmp(r->jobs[i].result.name, name) == 0)
			return &r->jobs[i];
	return NULL;
}

static void plan_section(struct reload *r, const struct config_section *s, uint32_t kind)
{
	struct job *j = job_of(r, s->name);

	if (!wanted(r, s->name))
		return;
	if (j == NULL) {
		j = add_job(r, s->name);
		j->kind = kind;
	}
	j->section = s;
	if (j->kind != kind)
		refuse(j, "the name is used by an instance of another kind; take that away first");
}

static bool find_code(const struct reload *r, struct job *j)
{
	const struct config_entry *plugin = config_get(j->section, "plugin");
	struct aq_err err = {0};
	char path[512];

	if (plugin_find(plugin->value, r->options.plugin_path, path, sizeof(path), &err) == 0 &&
		plugin_hash(path, j->result.after, &err) == 0)
		return true;
	refuse(j, err.text);
	return false;
}

/* What has crashed soon after a reload is tried again only when it is asked for by name. A release is not that: it brings what
 * a start would. False: refused. */
static bool pass_bar(const struct reload *r, struct job *j)
{
	if (r->name_count > 0 && !r->release)
		return true;
	j->before = back_read(r->host->options.state_dir, j->section, j->result.after);
	if (j->before == NULL)
		return true;
	if (r->release) {
		override_list_put(&r->overrides, j->before);
		j->section = &j->before->sections[0];
		return find_code(r, j);
	}
	refuse(j, "this code crashed the process soon after a reload: to try it again name the instance");
	return false;
}

static bool names_store(const struct job *j, const char *store)
{
	const struct aq_option *option = j->options;

	for (; j->section != NULL && option != NULL && option->name != NULL; option++) {
		const struct config_entry *entry = config_get(j->section, option->name);
		const char *value = entry != NULL ? entry->value : option->fallback;

		if ((option->type != AQ_OPT_STORE && option->type != AQ_OPT_STORE_LINE) || value == NULL)
			continue;
		if (strncmp(value, store, strlen(store)) == 0 && strchr(" \t", value[strlen(store)]) != NULL)
			return true;
	}
	return false;
}

static void refuse_if_used(struct reload *r, struct job *j)
{
	char text[160];

	for (int i = 0; i < r->count; i++)
		if (names_store(&r->jobs[i], j->result.name)) {
			snprintf(text, sizeof(text), "%.48s uses it: take it from its section first", r->jobs[i].result.name);
			refuse(j, text);
			return;
		}
}

/* keep, reconfigure, replace, add or remove: by the contents of the section and of the library. */
static void plan_job(struct reload *r, struct job *j)
{
	const char *key = "?";

	if (j->result.outcome == RELOAD_REFUSED)
		return;
	j->result.outcome = j->section == NULL ? RELOAD_REMOVED : RELOAD_ADDED;
	if (j->section == NULL) {
		if (j->kind == AQ_STORAGE)
			refuse_if_used(r, j);
		return;
	}
	if (!find_code(r, j) || !pass_bar(r, j) || j->id == 0)
		return;
	if (j->kind == AQ_EXCHANGE && !config_section_equal(j->running, j->section) &&
		(instance_is_replay(j->running) || instance_is_replay(j->section))) {
		refuse(j, "a venue inside the host changes only with a restart; its adapter's code can be reloaded");
		return;
	}
	snprintf(j->result.before, sizeof(j->result.before), "%s", j->running_hash);
	j->result.outcome = RELOAD_REPLACED;
	if (strcmp(j->result.before, j->result.after) != 0 || j->failed || r->fresh)
		return;
	if (config_section_equal(j->running, j->section))
		j->result.outcome = RELOAD_KEPT;
	else if (j->kind != AQ_STORAGE && config_differs_live(j->running, j->section, j->options, &key))
		j->result.outcome = RELOAD_CONFIGURED;
}

/* Memory for what the loop will collect, touched here, where nobody waits for it. */
static void make_room(struct job *j)
{
	if (j->result.outcome != RELOAD_REPLACED && j->result.outcome != RELOAD_ADDED)
		return;
	j->stage = calloc(1, sizeof(*j->stage));
	CHECK(j->stage != NULL);
	rehearsal_reserve(&j->stage->rehearsal);
}

static void plan(struct reload *r)
{
	const struct config_section *restart;
	char text[200];

	r->config = config_load(r->host->config_path, r->host->overrides, r->host->override_count, r->errors);
	if (r->config != NULL)
		options_read(r->config, r->host->config_path, &r->options, r->errors);
	if (config_errors_count(r->errors) > 0) {
		refuse_errors(r);
		return;
	}
	override_list_apply(&r->overrides, r->config);
	restart = r->release ? NULL : needs_restart(r->host->config, r->config); /* that is another matter */
	if (restart != NULL) {
		snprintf(text, sizeof(text), "%s:%d  [%s%s%s] changes only with a restart (its limits can be changed)", restart->file,
			restart->line, restart->kind, restart->name[0] != '\0' ? ":" : "", restart->name);
		refuse_file(r, text);
		return;
	}
	for (int i = 0; i < r->config->count; i++) {
		const struct config_section *s = &r->config->sections[i];

		if (section_kind(s->kind) != 0)
			plan_section(r, s, section_kind(s->kind));
	}
	for (int i = 0; i < r->count; i++)
		plan_job(r, &r->jobs[i]);
	for (int i = 0; i < r->count; i++)
		make_room(&r->jobs[i]);
	for (int i = 0; i < r->name_count; i++)
		if (job_of(r, r->names[i]) == NULL)
			refuse(add_job(r, r->names[i]), "there is no such instance, running or in the configuration");
}

/* ---- jobs of the helper thread ---- */

/* The last act of a job: the loop may free the reload as soon as it sees the phase. */
static void tell_loop(struct reload *r, enum phase phase)
{
	struct loop *loop = r->host->loop;

	atomic_store(&r->phase, phase);
	loop_wake(loop);
}

static void run_plan(void *context)
{
	struct reload *r = context;

	plan(r);
	tell_loop(r, PHASE_PLANNED);
}

/* For a crash soon after: the way back is on the disk before the new code runs. */
static void keep_way_back(const struct reload *r, const struct job *j)
{
	struct back back = {.state_dir = r->host->options.state_dir, .name = j->result.name, .library = j->running_copy,
		.code = j->result.after, .generation = j->result.generation + 1, .section = j->running, .next = j->section};

	if (j->id == 0 || j->failed || j->stage->rc != 0)
		return;
	rehearsal_state(&j->stage->rehearsal, &back.state);
	back_write(&back);
}

static void run_stages(void *context)
{
	struct reload *r = context;

	for (int i = 0; i < r->count; i++) {
		if (r->jobs[i].stage == NULL)
			continue;
		stage_run(r->jobs[i].stage);
		keep_way_back(r, &r->jobs[i]);
	}
	tell_loop(r, PHASE_STAGED);
}

static void hand_over(struct reload *r, enum phase phase, void (*job)(void *context))
{
	atomic_store(&r->phase, phase);
	helper_run(r->host->helper, job, r);
}

/* ---- COMMIT [loop] ---- */

static void collect(struct reload *r, struct job *j)
{
	struct aq_err err = {0};

	if (j->stage == NULL)
		return;
	if (!r->release && start_is_barred(r->host, j->result.name))
		err_set(&err, AQ_ESTATE, "it is quarantined after a crash: aqctl release %s ends that", j->result.name);
	if (err.code != 0 || stage_prepare(j->stage, r->host, j->section, j->kind, &err) != 0) {
		refuse(j, err.text);
		rehearsal_free(&j->stage->rehearsal);
		free(j->stage);
		j->stage = NULL;
		return;
	}
	rehearsal_collect(&j->stage->rehearsal, r->host, j->section, j->id != 0 ? r->host->instances[j->id] : NULL, r->fresh);
	if (j->kind == AQ_STORAGE) /* what it does from start on, it does to its back end */
		rehearsal_only_check(&j->stage->rehearsal);
}

static int commit_added(struct reload *r, struct job *j, struct aq_err *err)
{
	struct host *h = r->host;
	uint32_t id = flow_instance_id(&h->flow, j->result.name, j->kind);
	struct instance *i;
	int pending = 0, rc;

	if (id == 0 || id >= INSTANCES_MAX)
		return err_set(err, AQ_EINVAL, "%s: more than %d instances", j->result.name, INSTANCES_MAX - 1);
	rc = j->kind == AQ_STORAGE ? store_make(h, j->section, id, err) : AQ_OK;
	if (rc == 0)
		rc = instance_create(h, id, j->result.name, j->section, j->stage->plugin, 1, &i, &pending, err);
	if (rc != 0)
		return rc;
	j->stage->plugin = NULL;
	h->instances[id] = i;
	j->result.generation = 1;
	if (j->kind == AQ_STORAGE)
		rc = start_storage(i, err);
	else if (j->kind == AQ_EXCHANGE)
		rc = start_exchange(i, err);
	else
		h->waiting++;
	if (rc == 0 && r->release)
		operator_release(h, id, r->uid);
	return rc;
}

static int commit_replaced(struct reload *r, struct job *j, struct aq_err *err)
{
	const struct blob none = {0};
	struct instance *old = r->host->instances[j->id];
	int rc;

	if (old == NULL)
		return err_set(err, AQ_ESTATE, "%s went away meanwhile", j->result.name);
	rc = adopt(r->host, old, j->stage->plugin, j->section, r->fresh ? &none : NULL, &j->result, err);
	if (rc == 0)
		j->stage->plugin = NULL;
	return rc;
}

/* A section that gets its name later is another one. */
static int commit_removed(struct reload *r, struct job *j, struct aq_err *err)
{
	struct instance *i = r->host->instances[j->id];

	if (i->kind == AQ_STORAGE && store_replace_is_busy(r->host, j->id))
		return err_set(err, AQ_ESTATE, "the back end before still ends its calls; try again");
	override_forget(r->host, i);
	adopt_removal(r->host, i, &j->result);
	return AQ_OK;
}

/* The way of a store: it begins now, and is looked at again until its new back end is up, or is not going to be. False: later. */
static bool has_come(struct reload *r, struct job *j, struct aq_err *err)
{
	struct host *h = r->host;
	enum store_coming is;

	if (!j->begun && store_replace_is_busy(h, j->id) && host_wall_ns() < j->patience_ns)
		return false;
	if (!j->begun && store_replace_begin(h, h->instances[j->id], j->stage->plugin, j->section, err) != 0)
		return true;
	j->begun = true;
	j->stage->plugin = NULL; /* the store's: this reload may be given up before the next look */
	is = store_replace_look(h, j->id, err);
	if (is == STORE_COMING)
		return false;
	if (is == STORE_IS_NOT)
		store_replace_give_up(h, j->id);
	else
		store_replace_commit(h, j->id, &j->result);
	return true;
}

/* False: its new back end is on its way. */
static bool commit_store(struct reload *r, struct job *j)
{
	struct aq_err err = {0};

	if (j->stage->rc != 0) {
		refuse(j, j->stage->err.text);
		return true;
	}
	if (j->patience_ns == 0)
		j->patience_ns = host_wall_ns() + r->host->options.probe_timeout;
	if (r->host->instances[j->id] == NULL)
		err_set(&err, AQ_ESTATE, "%s went away meanwhile", j->result.name);
	else if (!has_come(r, j, &err))
		return false;
	if (err.code != 0)
		refuse(j, err.text);
	return true;
}

static void commit(struct reload *r, struct job *j)
{
	struct aq_err err = {0};
	int rc = 0;

	if (j->stage != NULL && j->stage->rc != 0) {
		refuse(j, j->stage->err.text);
		return;
	}
	if (j->section != NULL && options_apply_section_limits(r->host, j->section, r->errors) > 0)
		rc = err_set(&err, AQ_EINVAL, "%s", config_errors_text(r->errors, 0));
	else if (j->result.outcome == RELOAD_ADDED)
		rc = commit_added(r, j, &err);
	else if (j->result.outcome == RELOAD_REPLACED)
		rc = commit_replaced(r, j, &err);
	else if (j->result.outcome == RELOAD_CONFIGURED)
		rc = adopt_options(r->host, r->host->instances[j->id], j->section, &err);
	else if (j->result.outcome == RELOAD_REMOVED)
		rc = commit_removed(r, j, &err);
	if (rc == 0 && j->result.outcome != RELOAD_REFUSED)
		return;
	if (rc != 0)
		refuse(j, err.text);
	if (j->id != 0 && r->host->instances[j->id] != NULL) /* its old limits with its old code */
		options_apply_section_limits(r->host, r->host->instances[j->id]->section, r->errors);
}

/* The new tree is in force for the accounts' and host's limits; instances hold copies of their own sections. */
static void take_config(struct reload *r)
{
	struct host *h = r->host;
	struct config *before = h->config;

	if (r->config == NULL || r->plan || r->name_count > 0)
		return;
	h->config = r->config;
	r->config = before; /* freed with the reload, not on the loop */
	options_apply_limits(h, r->errors);
	if (config_errors_count(r->errors) > 0)
		log_line(AQ_LOG_ERROR, "reload", "%s", config_errors_text(r->errors, 0));
}

/* ---- results ---- */

static void say(const struct reload_result *r, bool only_plan)
{
	static const char *const words[] = {"?", "keep", "configure", "replace", "add", "remove", "REFUSED"};
	size_t length = strlen(r->text);
	const char *stop = length > 0 && r->text[length - 1] == '.' ? "" : ".";

	if (r->outcome == RELOAD_REFUSED && r->generation == 0)
		log_line(AQ_LOG_ERROR, r->name, "REFUSED: %s%s Nothing has changed.", r->text, stop);
	else if (r->outcome == RELOAD_REFUSED)
		log_line(AQ_LOG_ERROR, r->name, "REFUSED: %s%s The running generation %u goes on.", r->text, stop, r->generation);
	else if (only_plan || r->outcome == RELOAD_KEPT)
		log_line(AQ_LOG_INFO, r->name, "%s", words[r->outcome]);
	else
		log_line(AQ_LOG_INFO, r->name, "%s: generation %u, %s -> %s, frozen %lld us, %u orders taken over", words[r->outcome],
			r->generation, r->before, r->after, (long long)(r->frozen_ns / 1000), r->orders);
}

static void journal_result(struct host *h, const struct reload_result *r)
{
	char what[sizeof(((struct fact_operator *)0)->what)];

	if (r->outcome == RELOAD_KEPT)
		return;
	snprintf(what, sizeof(what), "reload %.30s outcome %u gen %u %.12s", r->name, r->outcome,
		r->generation, r->after);
	record_operator(&h->flow, (uint32_t)getuid(), "host", what);
}

static void free_job(struct job *j)
{
	config_destroy(j->running_tree);
	config_destroy(j->before);
	if (j->stage == NULL)
		return;
	rehearsal_free(&j->stage->rehearsal);
	plugin_free(j->stage->plugin);
	free(j->stage);
}

static void say_all(const struct reload *r)
{
	int changed = 0;

	for (int i = 0; i < r->count; i++) {
		changed += r->jobs[i].result.outcome != RELOAD_KEPT;
		say(&r->jobs[i].result, r->plan);
	}
	if (changed == 0)
		log_line(AQ_LOG_INFO, "reload", "nothing has changed");
}

/* Unlinks and unmaps: a job of the helper thread, too. */
static void free_reload(void *context)
{
	struct reload *r = context;

	for (int i = 0; i < r->count; i++)
		free_job(&r->jobs[i]);
	for (int i = 0; i < r->name_count; i++)
		free(r->names[i]);
	free(r->names);
	override_list_free(&r->overrides);
	free(r->jobs);
	config_errors_destroy(r->errors);
	config_destroy(r->config);
	free(r);
}

/* The log is a disk, too. */
static void say_and_free(void *context)
{
	say_all(context);
	free_reload(context);
}

static void finish(struct reload *r)
{
	struct reload_result *results = calloc((size_t)r->count + 1, sizeof(*results));
	struct host *h = r->host;
	bool again = r->again;

	CHECK(results != NULL);
	for (int i = 0; i < r->count; i++) {
		results[i] = r->jobs[i].result;
		if (!r->plan) {
			journal_result(h, &results[i]);
			follow_reload(h, &results[i], "new code");
		}
	}
	h->reload = NULL;
	if (r->done != NULL)
		r->done(r->context, results, r->count);
	measure_reload_end(h->gaps, results, r->count);
	free(results);
	helper_run(h->helper, say_and_free, r);
	if (again)
		reload_signal(h);
}

static bool lifts_bar(const struct reload *r, const struct job *j)
{
	bool new_code = j->result.outcome == RELOAD_REPLACED || j->result.outcome == RELOAD_ADDED;

	return new_code && r->name_count > 0 && !r->release && !r->plan;
}

static void run_lift(void *context)
{
	struct reload *r = context;

	for (int i = 0; i < r->count; i++)
		if (lifts_bar(r, &r->jobs[i]))
			back_lift(r->host->options.state_dir, r->jobs[i].result.name);
	tell_loop(r, PHASE_LIFTED);
}

/* All is committed. What was named comes again at the next start: that is so before anybody hears that it is done. */
static void end_commits(struct reload *r)
{
	take_config(r);
	for (int i = 0; i < r->count; i++)
		if (lifts_bar(r, &r->jobs[i])) {
			hand_over(r, PHASE_LIFTING, run_lift);
			return;
		}
	finish(r);
}

/* One piece of work, then events have their turn. */
static void go_on_later(struct reload *r)
{
	loop_wake(r->host->loop);
}

static void step_planned(struct reload *r)
{
	bool stages = false;

	while (!r->plan && r->next < r->count) {
		struct job *j = &r->jobs[r->next++];

		if (j->stage == NULL)
			continue;
		collect(r, j);
		go_on_later(r);
		return;
	}
	r->next = 0;
	for (int i = 0; !r->plan && i < r->count; i++)
		stages |= r->jobs[i].stage != NULL;
	if (stages) {
		hand_over(r, PHASE_STAGING, run_stages);
		return;
	}
	for (int i = 0; !r->plan && i < r->count; i++)
		commit(r, &r->jobs[i]);
	end_commits(r);
}

static void step_staged(struct reload *r)
{
	const uint32_t order[] = {AQ_STORAGE, AQ_EXCHANGE, AQ_SERVICE, AQ_STRATEGY}; /* providers first */

	while (r->next < (int)(sizeof(order) / sizeof(*order)) * r->count) {
		struct job *j = &r->jobs[r->next % r->count];
		uint32_t kind = order[r->next++ / r->count];
		bool new_code = j->result.outcome == RELOAD_REPLACED || j->result.outcome == RELOAD_ADDED;

		if (j->kind != kind || j->result.outcome == RELOAD_REFUSED)
			continue;
		if (kind == AQ_STORAGE && j->result.outcome == RELOAD_REPLACED) {
			if (!commit_store(r, j)) {
				r->next--;
				return;
			}
		} else {
			commit(r, j);
		}
		if (!new_code)
			continue;
		go_on_later(r);
		return;
	}
	end_commits(r);
}

void reload_step(struct host *h)
{
	struct reload *r = h->reload;
	int phase = atomic_load(&r->phase);

	if (phase == PHASE_PLANNED) {
		measure_part_begin(h->gaps, MEASURE_PLANNED);
		step_planned(r);
		measure_part_end(h->gaps, MEASURE_PLANNED);
	} else if (phase == PHASE_LIFTED) {
		finish(r);
	} else if (phase == PHASE_STAGED) {
		measure_part_begin(h->gaps, MEASURE_STAGED);
		step_staged(r);
		measure_part_end(h->gaps, MEASURE_STAGED);
	}
}

/* ---- beginning and ending ---- */

static void copy_names(struct reload *r, const struct reload_request *request)
{
	r->names = calloc((size_t)request->count + 1, sizeof(*r->names));
	CHECK(r->names != NULL);
	for (int i = 0; i < request->count; i++)
		CHECK((r->names[r->name_count++] = strdup(request->names[i])) != NULL);
}

int reload_begin(struct host *h, const struct reload_request *request)
{
	struct reload *r;

	if (h->reload != NULL)
		return AQ_ESTATE;
	measure_reload_begin(h->gaps);
	measure_part_begin(h->gaps, MEASURE_BEGUN);
	r = calloc(1, sizeof(*r));
	CHECK(r != NULL);
	r->host = h;
	r->plan = request->plan;
	r->fresh = request->fresh;
	r->release = request->release;
	r->uid = request->uid;
	r->done = request->done;
	r->context = request->context;
	r->errors = config_errors_create();
	copy_names(r, request);
	override_list_make(h, &r->overrides);
	note_running(r);
	h->reload = r;
	if (!r->plan)
		service_reloading(h);
	hand_over(r, PHASE_PLANNING, run_plan);
	measure_part_end(h->gaps, MEASURE_BEGUN);
	return AQ_OK;
}

void reload_signal(struct host *h)
{
	const struct reload_request all = {0};

	if (h->reload != NULL)
		h->reload->again = true;
	else
		reload_begin(h, &all);
}

void reload_close(struct host *h)
{
	struct reload *r = h->reload;

	if (r == NULL)
		return;
	h->reload = NULL;
	helper_wait(h->helper);
	free_reload(r);
}

/* ---- back ---- */

static void apply_limits(struct host *h, uint32_t id)
{
	struct config_errors *errors = config_errors_create();

	if (h->instances[id] != NULL && options_apply_section_limits(h, h->instances[id]->section, errors) > 0)
		log_line(AQ_LOG_ERROR, h->instances[id]->name, "%s", config_errors_text(errors, 0));
	config_errors_destroy(errors);
}

/* At once, whether it comes up or not. */
static int roll_back_store(struct host *h, struct instance *i, struct reload_result *result)
{
	struct aq_err err = {0};
	int rc = store_go_back(h, i, result, &err);

	result->outcome = rc == 0 ? RELOAD_REPLACED : RELOAD_REFUSED;
	snprintf(result->text, sizeof(result->text), "%s", err.text);
	if (rc != 0)
		return rc;
	say(result, false);
	journal_result(h, result);
	return AQ_OK;
}

int reload_rollback(struct host *h, struct instance *i, struct reload_result *result)
{
	uint32_t id = i->id;
	struct plugin *plugin = i->previous_plugin;
	struct aq_err err = {0};
	int rc;

	memset(result, 0, sizeof(*result));
	snprintf(result->name, sizeof(result->name), "%s", i->name);
	result->generation = i->generation;
	result->outcome = RELOAD_REFUSED;
	if (plugin != NULL && i->kind == AQ_STORAGE)
		return roll_back_store(h, i, result);
	if (plugin == NULL) {
		snprintf(result->text, sizeof(result->text), "there is nothing to go back to: it has not been reloaded");
		return AQ_ENOENT;
	}
	i->previous_plugin = NULL; /* it goes to the new instance */
	result->outcome = RELOAD_REPLACED;
	rc = adopt(h, i, plugin, &i->previous_own->sections[0], &i->previous_blob, result, &err);
	if (rc != 0) {
		i->previous_plugin = plugin;
		result->outcome = RELOAD_REFUSED;
		snprintf(result->text, sizeof(result->text), "%s", err.text);
		return rc;
	}
	apply_limits(h, id);
	say(result, false);
	journal_result(h, result);
	follow_reload(h, result, "back to the code before");
	return AQ_OK;
}

bool reload_watch_failed(struct host *h, struct instance *i, const char *why)
{
	struct reload_result result;

	if (i->previous_plugin == NULL || h->flow.now_ns >= i->watch_until_ns)
		return false;
	log_line(AQ_LOG_ERROR, i->name, "failed soon after a reload (%s): going back", why);
	i->state = INSTANCE_FAILED; /* its state is not asked for */
	return reload_rollback(h, i, &result) == AQ_OK;
}
