/* rehearsal_child.c: the child's side: a host without loop, sockets and journal, filled from the pieces; then the life of
 * one instance from create to destroy. */
#include "host/rehearsal.h"

#include "base/check.h"
#include "base/err.h"
#include "flow/market.h"
#include "flow/record.h"
#include "host/config_internal.h"
#include "host/crash.h"
#include "host/host.h"
#include "host/options.h"
#include "host/rehearsal_wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

struct child {
	struct host host;
	const uint8_t *bytes;
	size_t size;
	const char *kind, *name;     /* the target section */
	const uint8_t *blob;
	bool check_only;
};

typedef void visit_piece(struct child *c, const struct rehearsal_piece *p, const void *body);

static void each_piece(struct child *c, visit_piece *visit)
{
	for (size_t at = 0; at + sizeof(struct rehearsal_piece) <= c->size;) {
		const struct rehearsal_piece *p = (const void *)(c->bytes + at);

		at += sizeof(*p) + ((p->length + 7u) & ~7u);
		CHECK(at <= c->size);
		visit(c, p, p + 1);
	}
}

/* ---- what comes first: options, the configuration, whom it is about ---- */

static void add_section(struct child *c, const char *kind)
{
	struct config_section s = {.kind = config_keep(c->host.config, kind, strlen(kind)), .name = "", .file = "rehearsal"};

	config_add_section(c->host.config, &s);
}

static void add_to_section(struct child *c, const struct rehearsal_piece *p, const char *text)
{
	struct config_section *s = &c->host.config->sections[c->host.config->count - 1];
	const char *kept = config_keep(c->host.config, text, strlen(text));
	struct config_entry entry = {.key = kept, .value = "", .file = "rehearsal"};

	if (p->kind == PIECE_SECTION_NAME)
		s->name = kept;
	else if (p->kind == PIECE_KEY)
		config_add_entry(s, &entry);
	else
		s->entries[s->count - 1].value = kept;
}

/* Where the latest section or value stands: messages name it, and relative paths are meant from there. */
static void set_origin(struct child *c, const uint8_t *body)
{
	struct config_section *s = &c->host.config->sections[c->host.config->count - 1];
	const char *file = (const char *)body + 8;
	int line;

	memcpy(&line, body, sizeof(line));
	if (s->count == 0) {
		s->file = file;
		s->line = line;
		return;
	}
	s->entries[s->count - 1].file = file;
	s->entries[s->count - 1].line = line;
}

static void read_settings(struct child *c, const struct rehearsal_piece *p, const void *body)
{
	switch (p->kind) {
	case PIECE_OPTIONS:
		memcpy(&c->host.options, body, sizeof(c->host.options));
		break;
	case PIECE_NOW:
		memcpy(&c->host.flow.now_ns, body, sizeof(c->host.flow.now_ns));
		break;
	case PIECE_SECTION_KIND:
		add_section(c, body);
		break;
	case PIECE_SECTION_NAME:
	case PIECE_KEY:
	case PIECE_VALUE:
		add_to_section(c, p, body);
		break;
	case PIECE_ORIGIN:
		set_origin(c, body);
		break;
	case PIECE_CHECK_ONLY:
		c->check_only = true;
		break;
	case PIECE_TARGET_KIND:
		c->kind = body;
		break;
	case PIECE_TARGET:
		c->name = body;
		break;
	default:
		break;
	}
}

/* ---- the state ---- */

static void read_fact(struct child *c, const struct rehearsal_piece *p, const void *body)
{
	uint16_t type;

	memcpy(&type, body, sizeof(type));
	CHECK(record_apply(&c->host.flow, type, FACT_VERSION, (const uint8_t *)body + 8, p->length - 8) == 0);
}

static void read_facts(struct child *c, const struct rehearsal_piece *p, const void *body)
{
	if (p->kind == PIECE_FACT)
		read_fact(c, p, body);
	if (p->kind == PIECE_BLOB)
		c->blob = body;
}

static void read_books(struct child *c, const struct rehearsal_piece *p, const void *body)
{
	const struct aq_event *record = body;

	if (p->kind != PIECE_RECORD)
		return;
	flow_emit(&c->host.flow, c->host.flow.markets[record->instrument]->instrument.exchange, record);
	flow_apply_next(&c->host.flow);
}

static void subscribe(struct child *c, const struct rehearsal_piece *p, const void *body)
{
	const struct rehearsal_subscription *s = body;

	if (p->kind == PIECE_SUBSCRIPTION)
		market_subscribe(&c->host.flow, names_find(&c->host.flow.names, NAME_INSTANCE, c->name), s->instrument, s->mask);
}

static void drain(struct child *c, struct instance *i)
{
	const struct aq_event *event;
	uint32_t id;

	while ((event = queue_peek(&c->host.flow.out, &id)) != NULL) {
		memcpy(c->host.scratch, event, event->size);
		queue_drop(&c->host.flow.out);
		if (id == i->id)
			instance_deliver(i, (const struct aq_event *)(const void *)c->host.scratch);
	}
}

static struct instance *rehearsing; /* for the visitor only; this process has one instance */

static void replay_event(struct child *c, const struct rehearsal_piece *p, const void *body)
{
	if (p->kind != PIECE_EVENT)
		return;
	memcpy(c->host.scratch, body, p->length);
	instance_deliver(rehearsing, (const struct aq_event *)(const void *)c->host.scratch);
	drain(c, rehearsing);
}

static void take_blob(struct child *c, struct instance *i)
{
	struct rehearsal_blob head;

	if (c->blob == NULL)
		return;
	memcpy(&head, c->blob, sizeof(head));
	i->loaded = (struct blob){.bytes = malloc(head.size + 1), .size = head.size, .schema = head.schema,
		.fills = head.fills, .there = true};
	CHECK(i->loaded.bytes != NULL);
	memcpy(i->loaded.bytes, c->blob + sizeof(head), head.size);
}

/* ---- the life of the instance ---- */

static int live(struct child *c, struct instance *i, int pending, struct aq_err *err)
{
	int rc;

	take_blob(c, i);
	rc = instance_start(i, err);
	if (rc != 0)
		return rc;
	if (pending == 0 || i->kind == AQ_EXCHANGE) { /* without its markets a first start gets no further here */
		instance_go_live(i, c->blob != NULL ? i->host->flow.ledger.fill_number : UINT64_MAX);
		drain(c, i);
		rehearsing = i;
		each_piece(c, replay_event);
	}
	return i->failed ? err_set(err, AQ_EINVAL, "%s: %s", i->name, i->why) : AQ_OK;
}

static int rehearse(struct child *c, const char *path, const char *original, uint32_t kind, struct aq_err *err)
{
	const struct config_section *section = NULL;
	struct plugin p = {0};
	struct instance *i = NULL;
	uint32_t id;
	int pending = 0, rc;

	for (int k = 0; k < c->host.config->count; k++) /* the last one counts */
		if (strcmp(c->host.config->sections[k].kind, c->kind) == 0 && strcmp(c->host.config->sections[k].name, c->name) == 0)
			section = &c->host.config->sections[k];
	CHECK(section != NULL);
	snprintf(p.path, sizeof(p.path), "%s", original);
	snprintf(p.copy, sizeof(p.copy), "%s", path);
	rc = plugin_open(&p, kind, err);
	if (rc != 0)
		return rc;
	id = flow_instance_id(&c->host.flow, c->name, kind);
	rc = instance_create(&c->host, id, c->name, section, &p, 1, &i, &pending, err);
	if (rc != 0 || c->check_only) {
		instance_destroy(i);
		return rc;
	}
	c->host.instances[id] = i;
	if (instance_markets_known(i))
		instance_attach(i);
	else
		pending++;
	rc = live(c, i, pending, err);
	instance_destroy(i);
	return rc;
}

static void flow_of(struct child *c)
{
	const struct host_options *o = &c->host.options;
	struct flow_options options = {.max_orders = 1024, .max_fills = 256, .started_ns = c->host.flow.now_ns,
		.order_max_delay_ns = o->order_max_delay, .request_timeout_ns = o->request_timeout,
		.lookup_every_ns = o->lookup_every, .accept_ns = o->accept_within, .duplicate_ns = o->duplicate_window};

	if (o->max_orders > 1024)
		options.max_orders = (uint32_t)o->max_orders;
	snprintf(options.report_currency, sizeof(options.report_currency), "%s", o->report_currency);
	flow_init(&c->host.flow, &options);
}

/* No core file, no orphan: the child ends with its parent. */
static void be_harmless(void)
{
	struct rlimit none = {0, 0};

	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setpriority(PRIO_PROCESS, 0, 19);
}

static void free_child(struct child *c)
{
	flow_finish(&c->host.flow);
	timers_finish(&c->host.timers);
	config_destroy(c->host.config);
	free(c->host.scratch);
	munmap((void *)(uintptr_t)c->bytes, c->size);
	free(c);
}

int rehearsal_main(const char *path, const char *original, uint32_t kind)
{
	struct child *c = calloc(1, sizeof(*c));
	struct config_errors *errors = config_errors_create();
	struct aq_err err = {0};
	struct stat st;
	int rc;

	CHECK(c != NULL);
	be_harmless();
	crash_open_rehearsal("/proc/self/fd/4");
	if (fstat(3, &st) != 0 || st.st_size == 0) {
		fprintf(stderr, "no pieces to rehearse with\n");
		return 1;
	}
	c->size = (size_t)st.st_size;
	c->bytes = mmap(NULL, c->size, PROT_READ, MAP_PRIVATE, 3, 0);
	CHECK(c->bytes != MAP_FAILED);
	c->host.rehearsal = true;
	c->host.config = config_create();
	c->host.scratch = calloc(1, AQ_EVENT_MAX);
	timers_init(&c->host.timers, 64);
	each_piece(c, read_settings);
	flow_of(c);
	each_piece(c, read_facts);
	c->host.flow.recovering = true; /* no journal, and nothing is said */
	c->host.clock = CLOCK_REAL;
	options_bind_accounts(&c->host, errors);
	each_piece(c, subscribe);
	each_piece(c, read_books);
	rc = rehearse(c, path, original, kind, &err);
	if (rc != 0)
		fprintf(stderr, "%s\n", err.text);
	config_errors_destroy(errors);
	free_child(c);
	return rc != 0;
}
