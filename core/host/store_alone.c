/* store_alone.c: see store_alone.h. */
#include "host/store_alone.h"

#include "base/check.h"
#include "base/err.h"
#include "host/host.h"
#include "host/start.h"
#include "io/loop.h"

#include <stdlib.h>
#include <string.h>

#define UP_NS 10000000000ll     /* so long it may take to come up */
#define ANSWER_NS 120000000000ll /* and to say the next thing: it may have to sort millions of rows first */
#define TURN_NS 100000000ll

struct store_alone {
	struct host host;
	struct host *of;    /* whose configuration it is */
	uint32_t store, asker;
	char name[48];
	/* the call in hand */
	const struct store_alone_ask *ask;
	struct aq_err *err;
	uint64_t call;
	int64_t until_ns;
	int rc;
	bool ended;
};

/* ---- what comes ---- */

static int take_rows(struct store_alone *s, const struct aq_store_rows *rows)
{
	struct aq_frame_reader f;

	if (rows->more || !rows->frame || aq_frame_open(&f, rows + 1, rows->length) != AQ_OK)
		return err_set(s->err, AQ_EFORMAT, "[storage:%s] %s: a row %s", s->name, s->ask->collection,
			rows->more ? "is longer than 60 KB" : "cannot be read");
	return s->ask->frame(s->ask->context, &f, s->err);
}

static int refused(struct store_alone *s, const struct aq_store_error *error)
{
	return err_set(s->err, error->fault == AQ_STORE_UNKNOWN ? AQ_ENOENT : AQ_EINVAL, "[storage:%s] %s%s%s (%d)", s->name,
		s->ask->collection != NULL ? s->ask->collection : "", s->ask->collection != NULL ? ": " : "", error->text, error->code);
}

static void take(struct store_alone *s, const struct aq_event *event)
{
	s->until_ns = host_wall_ns() + ANSWER_NS;
	if (s->ended)
		return;
	if (event->type == AQ_EV_STORE_ROWS && s->rc == AQ_OK)
		s->rc = take_rows(s, AQ_BODY(aq_store_rows, event));
	else if (event->type == AQ_EV_STORE_ERROR && s->rc == AQ_OK)
		s->rc = refused(s, AQ_BODY(aq_store_error, event));
	s->ended = s->rc != AQ_OK || event->type == AQ_EV_STORE_END;
}

static void turn(struct store_alone *s)
{
	const struct aq_event *event;
	uint32_t id;

	host_tick_real(&s->host);
	stores_take(&s->host);
	stores_step(&s->host);
	if (queue_empty(&s->host.flow.out))
		loop_turn(s->host.loop, TURN_NS);
	while ((event = queue_peek(&s->host.flow.out, &id)) != NULL) {
		if (id == s->asker)
			take(s, event);
		queue_drop(&s->host.flow.out);
	}
}

/* ---- asking ---- */

static int64_t give(struct store_alone *s, uint8_t part, struct aq_bson document)
{
	if (document.length == 0)
		return AQ_OK;
	return store_append(&s->host, s->asker, s->call, part, document.at, document.length);
}

int store_alone_ask(struct store_alone *s, const struct store_alone_ask *what, struct aq_err *err)
{
	struct aq_store_call call = {.size = sizeof(call), .store = s->store, .op = what->op, .flags = AQ_STORE_AS_FRAMES, .limit = what->limit};

	if (what->collection != NULL)
		snprintf(call.collection, sizeof(call.collection), "%s", what->collection);
	s->ask = what;
	s->err = err;
	s->rc = AQ_OK;
	s->ended = false;
	s->call = (uint64_t)store_begin(&s->host, s->asker, 0, &call);
	if (give(s, AQ_PART_FILTER, what->filter) < 0 || give(s, AQ_PART_PROJECTION, what->projection) < 0 ||
		give(s, AQ_PART_SORT, what->sort) < 0 || store_end(&s->host, s->asker, s->call, 0) < 0)
		return err_set(err, AQ_ESTATE, "[storage:%s] takes no calls", s->name);
	s->until_ns = host_wall_ns() + ANSWER_NS;
	while (!s->ended && host_wall_ns() < s->until_ns)
		turn(s);
	if (!s->ended)
		s->rc = err_set(err, AQ_EAGAIN, "[storage:%s] has not answered for %lld s", s->name, ANSWER_NS / 1000000000ll);
	if (!s->ended || s->rc != AQ_OK)
		store_forget(&s->host, s->asker, s->call); /* it may have ended by itself */
	return s->rc;
}

/* ---- coming and going ---- */

static void open_host(struct store_alone *s, struct host *h)
{
	struct flow_options options = {.max_orders = 64, .max_fills = 64};

	s->host.options = h->options;
	s->host.config = h->config;
	s->host.copies = h->copies;
	s->host.lock_fd = -1;
	s->host.clock = CLOCK_REAL;
	s->host.loop = loop_create();
	s->host.net = net_create(s->host.loop);
	timers_init(&s->host.timers, 16);
	s->host.scratch = aligned_alloc(64, AQ_EVENT_MAX);
	CHECK(s->host.loop != NULL && s->host.net != NULL && s->host.scratch != NULL);
	snprintf(options.report_currency, sizeof(options.report_currency), "%s", h->options.report_currency);
	flow_init(&s->host.flow, &options);
	s->host.flow.recovering = true; /* nothing is journalled, nothing said */
	s->host.flow.now_ns = host_wall_ns();
	host_begin_turn(&s->host);
}

static void close_host(struct store_alone *s)
{
	host_begin_turn(&s->host);
	if (!stores_close(&s->host))
		return; /* its thread goes on, and may use all of this */
	if (s->of != NULL)
		s->of->copies = s->host.copies;
	flow_finish(&s->host.flow);
	timers_finish(&s->host.timers);
	net_destroy(s->host.net);
	loop_destroy(s->host.loop);
	free(s->host.scratch);
	free(s);
}

static int await_up(struct store_alone *s, struct aq_err *err)
{
	const struct store *store = store_find(&s->host, s->store);
	const struct instance *i = s->host.instances[s->store];
	int64_t until = host_wall_ns() + UP_NS;

	while (!store->up && i->state == INSTANCE_RUNNING && host_wall_ns() < until)
		turn(s);
	if (store->up)
		return AQ_OK;
	return err_set(err, AQ_ENOENT, "[storage:%s] cannot be opened: %s", s->name, store->why);
}

int store_alone_open(struct store_alone **out, struct host *h, const struct config_section *section, struct aq_err *err)
{
	struct store_alone *s = aligned_alloc(64, (sizeof(*s) + 63) & ~(size_t)63);
	int rc;

	CHECK(s != NULL);
	memset(s, 0, sizeof(*s));
	s->of = h;
	s->ended = true;
	snprintf(s->name, sizeof(s->name), "%s", section->name);
	open_host(s, h);
	s->store = flow_instance_id(&s->host.flow, section->name, AQ_STORAGE);
	s->asker = flow_instance_id(&s->host.flow, "replay", AQ_SERVICE);
	s->host.flow.instances[s->asker].active = 1; /* it hears what it asked for */
	rc = start_section(&s->host, section, AQ_STORAGE, err);
	if (rc == AQ_OK)
		rc = await_up(s, err);
	if (rc == AQ_OK) {
		*out = s;
		return AQ_OK;
	}
	close_host(s);
	return rc;
}

void store_alone_close(struct store_alone *s)
{
	if (s != NULL)
		close_host(s);
}
