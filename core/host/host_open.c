/* host_open.c: coming up and going down. Order: configuration, state folder, journal, exchanges, strategies. */
#include "base/check.h"
#include "base/err.h"
#include "base/log.h"
#include "flow/market.h"
#include "flow/orders.h"
#include "flow/record.h"
#include "host/control.h"
#include "host/back.h"
#include "host/cpu.h"
#include "host/crash.h"
#include "host/errand.h"
#include "host/guard.h"
#include "host/helper.h"
#include "host/history.h"
#include "host/hops.h"
#include "host/host.h"
#include "host/journal_files.h"
#include "host/operator.h"
#include "host/options.h"
#include "host/override.h"
#include "host/reload.h"
#include "host/replay.h"
#include "host/section.h"
#include "host/service.h"
#include "host/start.h"
#include "host/state.h"
#include "host/store.h"
#include "host/tap.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/* ---- what config_fill asks ---- */

static int resolve_market(void *context, const char *text, struct aq_market *out, struct aq_err *err)
{
	struct host *h = context;
	const char *colon = strchr(text, ':');
	char owner[64];

	if (market_resolve(&h->flow, text, out) == 0)
		return AQ_OK;
	snprintf(owner, sizeof(owner), "%.*s", colon != NULL ? (int)(colon - text) : 0, text);
	if (colon != NULL &&
		(config_find(h->config, "account", owner) != NULL || config_find(h->config, "exchange", owner) != NULL)) {
		*out = (struct aq_market){0}; /* it may still come: the venue has not told its instruments yet */
		return AQ_OK;
	}
	return err_set(err, AQ_ENOENT, "no [account:...] or [exchange:...] of that name. Write ACCOUNT:SYMBOL or EXCHANGE:SYMBOL.");
}

static int resolve_instrument(void *context, uint32_t id, struct aq_instrument *out)
{
	const struct host *h = context;
	const struct market *m = market_find(&h->flow, id);

	if (m == NULL)
		return AQ_ENOENT;
	*out = m->instrument;
	return AQ_OK;
}

static int resolve_account(void *context, const char *text, uint32_t *out, struct aq_err *err)
{
	const struct host *h = context;

	*out = names_find(&h->flow.names, NAME_ACCOUNT, text);
	return *out != 0 ? AQ_OK : err_set(err, AQ_ENOENT, "no section [account:%s].", text);
}

static int resolve_section(void *context, const char *kind, const char *name, uint32_t *out, struct aq_err *err)
{
	struct host *h = context;

	*out = 0;
	if (config_find(h->config, kind, name) == NULL)
		return err_set(err, AQ_ENOENT, "no section [%s:%s].", kind, name);
	*out = flow_instance_id(&h->flow, name, strcmp(kind, "storage") == 0 ? AQ_STORAGE : AQ_BUS);
	return AQ_OK;
}

static int resolve_middle(void *context, uint32_t instrument, aq_px *out)
{
	const struct host *h = context;
	const struct market *m = market_find(&h->flow, instrument);

	if (m == NULL || m->middle2 == 0)
		return AQ_ENOENT;
	*out = m->middle2 / 2;
	return AQ_OK;
}

struct config_resolver host_resolver(struct host *h)
{
	return (struct config_resolver){.context = h, .market = resolve_market, .instrument = resolve_instrument,
		.account = resolve_account, .middle = resolve_middle,
		.section = resolve_section};
}

/* ---- coming up ---- */

static void say_flow(void *context, int level, const char *text)
{
	(void)context;
	log_line(level, "flow", "%s", text);
}

/* The simulated venues, before the flow has its ids: the first moment of the captures is when this process begins. */
static int open_replays(struct host *h, struct config_errors *errors, struct aq_err *err)
{
	int rc = 0;

	for (int i = 0; rc == 0 && i < h->config->count; i++) {
		const struct config_section *s = &h->config->sections[i];

		if (strcmp(s->kind, "exchange") == 0 && instance_is_replay(s))
			rc = replay_open(h, 0, s, errors, err);
	}
	if (rc == 0 && h->replay_count > 0 && replay_first_ns(h) == INT64_MAX)
		rc = err_set(err, AQ_EINVAL, "the captures have nothing between start and end: replay info FILE says what they have");
	return rc;
}

/* What a simulated second says has nothing to do with a second of the log. */
static void choose_clock(struct host *h)
{
	h->clock = (enum host_clock)h->options.clock;
	if (h->clock == CLOCK_AUTO)
		h->clock = h->replay_count > 0 ? CLOCK_REPLAY : CLOCK_REAL;
	if (h->clock != CLOCK_REAL)
		log_limit_set(0);
}

static void open_flow(struct host *h)
{
	const struct host_options *o = &h->options;
	struct flow_options f = {.order_max_delay_ns = o->order_max_delay, .request_timeout_ns = o->request_timeout,
		.lookup_every_ns = o->lookup_every, .accept_ns = o->accept_within, .stale_after_ns = o->stale_after,
		.duplicate_ns = o->duplicate_window, .kline_grace_ns = o->kline_grace,
		.max_orders = (uint32_t)o->max_orders, .max_fills = (uint32_t)o->max_fills,
		.host_number = (uint32_t)o->host_number,
		.started_ns = h->clock == CLOCK_REPLAY ? replay_first_ns(h) : host_wall_ns()};

	snprintf(f.report_currency, sizeof(f.report_currency), "%s", o->report_currency);
	flow_init(&h->flow, &f);
	h->flow.now_ns = h->clock == CLOCK_VENUE ? 0 : f.started_ns;
	h->flow.next_stale_ns = o->stale_after > 0 ? h->flow.now_ns : INT64_MAX;
	h->flow.log = say_flow;
}

/* A replay cannot go back in time: what happened before the journal's end passes unseen. */
static void warn_of_old_state(const struct host *h)
{
	if (h->clock == CLOCK_REPLAY && h->flow.now_ns > h->flow.options.started_ns)
		log_line(AQ_LOG_WARN, "host", "state_dir %s is from a later time than the capture's begin: give a replay an empty one",
			h->options.state_dir);
}

/* A segment begins with a snapshot: one that full tables do not fit into could not be left for the next. */
static void warn_of_small_segments(const struct host_options *o)
{
	int64_t least = 280 * o->max_orders + 208 * o->max_fills + (1 << 20);

	if (o->journal_segment < least)
		log_line(AQ_LOG_WARN, "host", "[journal] segment is too small for max_orders and max_fills when they are used up: "
			"make it %lldMB, or lower those", (long long)(least / (1 << 20) + 1));
}

/* What operators had set before holds again. */
static void take_overrides(struct host *h)
{
	struct override_list l;

	override_list_make(h, &l);
	override_list_apply(&l, h->config);
	override_list_free(&l);
}

static int open_journal(struct host *h, struct aq_err *err)
{
	const struct host_options *o = &h->options;
	char folder[512];
	struct journal_options j = {.folder = folder, .grade = (enum journal_grade)o->journal_grade,
		.segment_size = (size_t)o->journal_segment, .keep_ns = o->journal_keep, .min_free = o->journal_min_free};
	uint64_t cut = 0;
	int rc;

	snprintf(folder, sizeof(folder), "%s/journal", o->state_dir);
	rc = journal_open(&h->flow.journal, &j, journal_files_system(), err);
	if (rc != 0)
		return err_prefix(err, "journal"), rc;
	rc = record_recover(&h->flow, &cut, err);
	if (rc != 0)
		return err_prefix(err, "journal in %s", folder), rc;
	if (cut > 0)
		log_line(AQ_LOG_WARN, "host", "the journal's tail was torn: %llu bytes cut; the venue tells what they said",
			(unsigned long long)cut);
	return AQ_OK;
}

/* As what is made of several mistakes does. */
static bool ends_with_stop(const char *text)
{
	size_t length = strlen(text);

	return length > 0 && text[length - 1] == '.';
}

/* Or as it was before a reload that crashed. */
static int start_as_configured(struct host *h, const struct config_section *s, uint32_t kind, struct aq_err *err)
{
	const struct config_entry *plugin = config_get(s, "plugin");
	char path[512], hash[PLUGIN_HASH_TEXT];
	struct config *before = NULL;
	struct override_list set;
	int rc;

	if (plugin != NULL && plugin_find(plugin->value, h->options.plugin_path, path, sizeof(path), err) == 0 &&
		plugin_hash(path, hash, err) == 0)
		before = back_read(h->options.state_dir, s, hash);
	if (before != NULL) {
		log_line(AQ_LOG_WARN, s->name,
			"starts as it was before the reload that crashed it: aqctl reload %s tries what the configuration has", s->name);
		override_list_make(h, &set);
		override_list_put(&set, before);
		override_list_free(&set);
		s = &before->sections[0];
	}
	rc = start_section(h, s, kind, err);
	config_destroy(before);
	return rc;
}

/* An instance whose plugin is refused is left out, with the reason in the log; the others run. */
static void start_kind(struct host *h, uint32_t kind, int *started, struct aq_err *err)
{
	uint32_t replay = 0;

	for (int i = 0; i < h->config->count; i++) {
		const struct config_section *s = &h->config->sections[i];

		if (section_kind(s->kind) != kind)
			continue;
		if (kind == AQ_EXCHANGE && instance_is_replay(s))
			replay_bind(h, replay++, flow_instance_id(&h->flow, s->name, kind));
		if (kind == AQ_STORAGE && store_make(h, s, flow_instance_id(&h->flow, s->name, kind), err) != 0)
			log_line(AQ_LOG_ERROR, s->name, "%s", err->text);
		if (start_is_barred(h, s->name)) {
			log_line(AQ_LOG_WARN, s->name, "is quarantined and does not start: aqctl release %s ends that", s->name);
			*started += 1;
			continue;
		}
		if (start_as_configured(h, s, kind, err) != 0)
			log_line(AQ_LOG_ERROR, s->name, "REFUSED: %s%s The others go on.", err->text,
				ends_with_stop(err->text) ? "" : ".");
		else
			*started += 1;
		host_drain(h);
	}
}

/* So that an operator can speak of one that has never run. */
static void name_instances(struct host *h)
{
	static const uint32_t kinds[] = {AQ_STORAGE, AQ_EXCHANGE, AQ_STRATEGY, AQ_SERVICE};

	for (size_t k = 0; k < sizeof(kinds) / sizeof(*kinds); k++)
		for (int i = 0; i < h->config->count; i++)
			if (section_kind(h->config->sections[i].kind) == kinds[k])
				flow_instance_id(&h->flow, h->config->sections[i].name, kinds[k]);
}

/* ---- signals ---- */

static void on_stop(void *context, int number)
{
	struct host *h = context;

	log_line(AQ_LOG_INFO, "host", "%s: stopping", strsignal(number));
	h->stop = true;
}

/* A SIGHUP because the terminal has gone is a SIGTERM. */
static void on_hangup(void *context, int number)
{
	struct termios t;

	if (isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &t) != 0 && errno == EIO)
		on_stop(context, number);
	else
		reload_signal(context);
}

static void on_reopen(void *context, int number)
{
	(void)context;
	(void)number;
	log_reopen();
}

static void watch_signals(struct host *h)
{
	signal(SIGPIPE, SIG_IGN);
	loop_signal(h->loop, SIGTERM, on_stop, h);
	loop_signal(h->loop, SIGINT, on_stop, h);
	loop_signal(h->loop, SIGHUP, on_hangup, h);
	loop_signal(h->loop, SIGUSR1, on_reopen, h);
}

static int open_log(const struct host_options *o, struct aq_err *err)
{
	struct log_options l = {.path = o->log_file, .level = o->log_level, .format = o->log_format, .rotate = o->log_rotate,
		.keep_ns = o->log_keep, .limit = (uint32_t)o->log_limit};

	if (log_open(&l) != 0)
		return err_set(err, AQ_ENOENT, "[log] file %s: %s", o->log_file, strerror(errno));
	return AQ_OK;
}

static int open_all(struct host *h, struct config_errors *errors, struct aq_err *err)
{
	int started = 0, rc;

	if (!cpu_leave(h->options.cpu)) /* before the first thread begins */
		return err_set(err, AQ_EINVAL, "[host] cpu: this process may not run on processor %lld", (long long)h->options.cpu);
	rc = open_log(&h->options, err);
	if (rc != 0)
		return rc;
	h->helper = helper_create(h->options.cpu);
	rc = state_open(h->options.state_dir, err);
	if (rc < 0)
		return rc;
	h->lock_fd = rc;
	rc = operator_open(h, err); /* first: what is said from here on is not lost */
	if (rc != 0)
		return rc;
	crash_open(h);
	if (guard_open(h) != 0)
		return err_set(err, AQ_ENOSYS, "no thread can be made");
	rc = open_replays(h, errors, err);
	if (rc != 0)
		return rc;
	choose_clock(h);
	watch_signals(h);
	open_flow(h);
	rc = open_journal(h, err);
	if (rc == 0)
		take_overrides(h);
	if (rc == 0 && (options_bind_accounts(h, errors) > 0 || options_apply_limits(h, errors) > 0))
		rc = err_set(err, AQ_EINVAL, "%s", config_errors_text(errors, 0));
	if (rc != 0)
		return rc;
	warn_of_old_state(h);
	warn_of_small_segments(&h->options);
	crash_take(h);
	name_instances(h);
	taps_forget_sections(h);
	operator_look(h, true); /* what was said while it did not run: before anything trades */
	start_kind(h, AQ_STORAGE, &started, err);
	start_kind(h, AQ_EXCHANGE, &started, err);
	start_kind(h, AQ_SERVICE, &started, err);
	start_kind(h, AQ_STRATEGY, &started, err);
	if (started == 0 && err->text[0] != '\0')
		return err->code != 0 ? err->code : AQ_EINVAL;
	rc = control_open(h, err);
	if (rc != 0)
		return rc;
	start_timers(h);
	service_open(h);
	return AQ_OK;
}

int host_open(struct host *h, const char *config_path, const char *const *overrides, int override_count,
	struct config_errors *errors, struct aq_err *err)
{
	memset(h, 0, sizeof(*h));
	host_begin_turn(h);
	h->lock_fd = -1;
	h->config_path = config_path;
	h->overrides = overrides;
	h->override_count = override_count;
	h->loop = loop_create();
	h->net = net_create(h->loop);
	timers_init(&h->timers, 256);
	h->scratch = aligned_alloc(64, AQ_EVENT_MAX);
	CHECK(h->loop != NULL && h->net != NULL && h->scratch != NULL);
	h->config = config_load(config_path, overrides, override_count, errors);
	if (h->config != NULL)
		options_read(h->config, config_path, &h->options, errors);
	if (config_errors_count(errors) > 0)
		return err_set(err, AQ_EINVAL, "%d error%s in %s", config_errors_count(errors),
			config_errors_count(errors) == 1 ? "" : "s", config_path);
	return open_all(h, errors, err);
}

/* ---- going down ---- */

static void close_instances(struct host *h, uint32_t kind)
{
	for (uint32_t id = 1; id < INSTANCES_MAX; id++) {
		struct instance *i = h->instances[id];
		struct plugin *plugin;

		if (i == NULL || i->kind != kind)
			continue;
		plugin = i->plugin;
		instance_destroy(i);
		plugin_free(plugin);
		h->instances[id] = NULL;
	}
}

void host_close(struct host *h)
{
	bool stores_hang;

	operator_close(h);
	control_close(h);
	service_close(h);
	history_close(h);
	hops_end(h);
	errand_close(h);
	reload_close(h);
	close_instances(h, AQ_STRATEGY);
	close_instances(h, AQ_SERVICE);
	close_instances(h, AQ_EXCHANGE);
	taps_close(h);
	stores_hang = !stores_close(h);
	guard_close(); /* a stop may hang, or crash, too */
	crash_close();
	helper_destroy(h->helper); /* it removes the copies of their plugins */
	if (h->flow.journal != NULL) {
		journal_sync(h->flow.journal, journal_end(h->flow.journal));
		journal_close(h->flow.journal);
	}
	if (stores_hang) { /* what their threads may still use stays; the process ends */
		log_close();
		return;
	}
	if (h->flow.out.bytes != NULL)
		flow_finish(&h->flow);
	replay_close_all(h);
	timers_finish(&h->timers);
	net_destroy(h->net);
	loop_destroy(h->loop);
	config_destroy(h->config);
	free(h->scratch);
	if (h->lock_fd >= 0)
		close(h->lock_fd);
	log_close();
}
