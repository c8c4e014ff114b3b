/* store_hosted.h: a store in a host of this process: its queues, its thread, the library as it is loaded. The calls are those of
 * the strategy `caller`, through the table that every strategy has, and the answers are its events.
 *
 * Included by the help of a back end, which defines hosted_section, hosted_folder and hosted_remove. The program is its own
 * rehearsal child: hosted_main sees to that. With AQ_MARSHAL=1 in the environment of a host every call and event goes through
 * bytes; hosted_main runs the cases both ways. */
#ifndef STORE_HOSTED_H
#define STORE_HOSTED_H

#include "store_help.h"

#include "../scenario/plugins/caller.h"
#include "host/host.h"
#include "host/rehearsal.h"
#include "host/store.h"
#include "io/loop.h"

#include <time.h>

#define PATIENCE_NS (120 * SECOND)

/* What is not the same for every case: keys of [storage:main], each with its newline. A case sets it before rig_new. */
static char hosted_more[512];
static bool marshalled;
static struct config_errors *hosted_errors;

/* The rest of its section. */
static void hosted_section(struct rig *r, char *out, size_t size);
/* A place for what it stores, and its end. */
static void hosted_folder(struct rig *r);
static void hosted_remove(struct rig *r);

static struct instance *caller_of(struct rig *r)
{
	struct instance *i = host_instance(r->h, "caller");

	assert_non_null(i);
	return i;
}

static const struct aq_store_api *api_of(struct rig *r)
{
	const struct caller *c = caller_of(r)->self;

	return c->api;
}

/* ---- answers ---- */

/* A row that is longer than an event, as far as it has come. */
static struct {
	struct sql_buffer bytes;
	uint64_t call;
} pieces;
static struct {
	uint64_t call;
	uint64_t wanted; /* rows; ALL_ROWS = its end */
	bool there;
} awaited;
static const char *wrong; /* found within a callback, told outside */

static void hear_rows(const struct aq_store_rows *rows, uint32_t size)
{
	const void *bytes = rows + 1;
	struct aq_store_rows whole = *rows;

	if (sizeof(*rows) + rows->length + sizeof(struct aq_event) > size)
		wrong = "rows that are longer than their event";
	else if (pieces.bytes.length > 0 && pieces.call != rows->call)
		wrong = "a row is in pieces, and another's rows come between them";
	else if (rows->more != (rows->rows == 0))
		wrong = "the last piece of a row counts as one, those before it do not";
	said.pieces += rows->more;
	if (rows->more || pieces.bytes.length > 0) {
		sql_buffer_add(&pieces.bytes, bytes, rows->length);
		pieces.call = rows->call;
		if (rows->more)
			return;
		whole.length = (uint32_t)pieces.bytes.length;
		bytes = pieces.bytes.at;
	}
	said_rows(&whole, bytes);
	sql_buffer_clear(&pieces.bytes);
	if (rows->call != awaited.call || awaited.wanted == ALL_ROWS)
		return;
	awaited.wanted -= rows->rows < awaited.wanted ? rows->rows : awaited.wanted;
	awaited.there |= awaited.wanted == 0 && rows->last;
}

static void hear_end(uint64_t call)
{
	if (pieces.bytes.length > 0 && pieces.call == call)
		wrong = "a call ends within a row";
	awaited.there |= call == awaited.call;
}

static void hear_state(const struct aq_store_state *state)
{
	said.ups += state->up;
	said.downs += !state->up;
	snprintf(said.state, sizeof(said.state), "%s", state->text);
}

/* For a case that asks for more than one thing at a time. */
static void (*also_hear)(const struct aq_event *event);

static void hear(void *context, const struct aq_event *event)
{
	const struct rig *r = context;

	if (event->type >= AQ_EV_STORE_ROWS)
		loop_wake(r->h->loop); /* the turn in hand does not wait for more: the case looks first */
	if (event->type == AQ_EV_STORE_ROWS)
		hear_rows(AQ_BODY(aq_store_rows, event), event->size);
	if (event->type == AQ_EV_STORE_STATE)
		hear_state(AQ_BODY(aq_store_state, event));
	said.rooms += event->type == AQ_EV_STORE_ROOM;
	if (event->type == AQ_EV_STORE_END) {
		said_end(AQ_BODY(aq_store_end, event));
		hear_end(said.end.call);
	}
	if (event->type == AQ_EV_STORE_ERROR) {
		const struct aq_store_error *error = AQ_BODY(aq_store_error, event);

		said_error(error);
		hear_end(error->call);
		if (error->text[0] == '\0' || error->fault < AQ_STORE_REFUSED || error->fault > AQ_STORE_CONFLICT)
			wrong = "an error without a text or a fault";
	}
	if (also_hear != NULL)
		also_hear(event);
}

/* ---- turns ---- */

static void rig_turn(struct rig *r)
{
	host_turn(r->h);
	if (wrong != NULL)
		fail_msg("%s", wrong);
}

static inline int64_t monotonic_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * SECOND + t.tv_nsec;
}

/* Until it holds; what never happens ends the test. */
#define rig_until(r, condition) \
	do { \
		int64_t deadline_ = monotonic_ns() + PATIENCE_NS; \
		while (!(condition)) { \
			if (monotonic_ns() > deadline_) \
				fail_msg("it does not happen: %s; the store says: %s", #condition, said.state); \
			rig_turn(r); \
		} \
	} while (0)

static inline int64_t rig_now(struct rig *r)
{
	return r->h->flow.now_ns;
}

/* ---- the steps of a call ---- */

/* A queue that is full has room again when the event says so, and not before. */
#define with_patience(r, status, call) \
	do { \
		unsigned rooms_ = said.rooms; \
		(status) = (call); \
		if ((status) != AQ_EAGAIN) \
			break; \
		rig_until(r, said.rooms != rooms_); \
	} while (true)

static uint64_t rig_call(struct rig *r, const struct aq_store_call *what)
{
	const struct caller *c = caller_of(r)->self;
	struct aq_store_call call = *what;
	int64_t id;

	call.store = c->store;
	with_patience(r, id, c->api->begin(c->host->owner, &call));
	assert_true(id > 0);
	return (uint64_t)id;
}

static int32_t rig_append(struct rig *r, uint64_t id, const struct aq_store_chunk *chunk, const void *bytes)
{
	int32_t status;

	with_patience(r, status, api_of(r)->append(caller_of(r), (int64_t)id, chunk, bytes));
	return status;
}

/* Hands it over, and waits for nothing. */
static int32_t hand_over(struct rig *r, uint64_t id, uint32_t rows)
{
	int32_t status;

	with_patience(r, status, api_of(r)->end(caller_of(r), (int64_t)id, rows == ALL_ROWS ? 0 : rows));
	return status;
}

static void await(struct rig *r, uint64_t id, uint32_t rows)
{
	awaited.call = id;
	awaited.wanted = rows;
	awaited.there = false;
	rig_until(r, awaited.there);
	awaited.call = 0;
}

static int32_t rig_end(struct rig *r, uint64_t id, uint32_t rows)
{
	int32_t status = hand_over(r, id, rows);

	if (status == AQ_OK)
		await(r, id, rows);
	return status;
}

static inline void rig_more(struct rig *r, uint64_t id, uint32_t rows)
{
	assert_int_equal(api_of(r)->more(caller_of(r), (int64_t)id, rows == ALL_ROWS ? 0 : rows), AQ_OK);
	await(r, id, rows);
}

static inline void rig_forget(struct rig *r, uint64_t id)
{
	assert_int_equal(api_of(r)->forget(caller_of(r), (int64_t)id), AQ_OK);
}

/* Hands a call over and waits for nothing. */
static inline uint64_t given(struct rig *r, struct ask a)
{
	uint64_t id = begin_call(r, a);

	assert_int_equal(hand_over(r, id, ALL_ROWS), AQ_OK);
	return id;
}

/* ---- the host ---- */

static void write_configuration(struct rig *r, const char *path)
{
	char section[1024];
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	hosted_section(r, section, sizeof(section));
	fprintf(f,
		"[host]\nstate_dir = %s/state\nplugin_path = " AQ_BINARY_DIR "/plugins, " AQ_BINARY_DIR "/plugins/test\n"
		"probe_timeout = 60s\ncallback_warn = 0\ncallback_kill = 0\nmarshal = %s\n\n"
		"[log]\nfile = %s/log\nlimit = 0\n\n[storage:main]\n%s%s\n[strategy:caller]\nplugin = caller\nstore = main\n",
		r->folder, marshalled ? "on" : "off", r->folder, section, hosted_more);
	assert_int_equal(fclose(f), 0);
}

static void show_log(const struct rig *r)
{
	char command[160];

	snprintf(command, sizeof(command), "tail -n 20 '%s/log' >&2", r->folder);
	if (system(command) != 0)
		fprintf(stderr, "there is no log\n");
}

static struct host *open_host;

static void close_host(void)
{
	if (open_host == NULL)
		return;
	host_close(open_host);
	free(open_host);
	open_host = NULL;
	config_errors_destroy(hosted_errors);
	sql_buffer_free(&said.rows);
	sql_buffer_free(&pieces.bytes);
	said = (struct said){0};
	also_hear = NULL;
	wrong = NULL;
}

/* It is not waited for that the store comes up. */
static void rig_open(struct rig *r)
{
	static char path[128];
	struct aq_err err = {0};
	struct caller *c;

	close_host(); /* of a case that has failed */
	snprintf(path, sizeof(path), "%s/host.ini", r->folder);
	write_configuration(r, path);
	hosted_errors = config_errors_create();
	r->h = open_host = calloc(1, sizeof(*r->h));
	assert_non_null(r->h);
	if (host_open(r->h, path, NULL, 0, hosted_errors, &err) != 0) {
		config_errors_print(hosted_errors, stderr);
		show_log(r);
		fail_msg("the host does not start: %s", err.text);
	}
	c = caller_of(r)->self;
	c->hear = hear;
	c->context = r;
	rig_until(r, caller_of(r)->state == INSTANCE_RUNNING);
	r->s = store_find(r->h, c->store);
	assert_non_null(r->s);
}

static void rig_start(struct rig *r)
{
	rig_open(r);
	rig_until(r, said.ups > 0);
}

static void rig_new(struct rig *r)
{
	hosted_folder(r);
	rig_start(r);
}

static void rig_stop(struct rig *r)
{
	close_host();
	r->h = NULL;
}

static void rig_free(struct rig *r)
{
	char command[160];

	rig_stop(r);
	hosted_remove(r);
	hosted_more[0] = '\0';
	snprintf(command, sizeof(command), "rm -rf '%s'", r->folder);
	assert_int_equal(system(command), 0);
}

static int run_cases(const char *what, const struct CMUnitTest *tests, size_t count, bool marshal)
{
	char name[120];

	marshalled = marshal;
	snprintf(name, sizeof(name), "%s%s", what, marshal ? ", marshalled" : "");
	return _cmocka_run_group_tests(name, tests, count, NULL, NULL);
}

#define IS_REHEARSAL(argc, argv) ((argc) == 5 && strcmp((argv)[1], "--rehearse") == 0)
/* The same arguments as aioquantd's, see rehearsal.h. */
static int be_rehearsal(char **argv)
{
	return rehearsal_main(argv[3], argv[4], (uint32_t)strtoul(argv[2], NULL, 10));
}

#endif
