/* Calls of stores as a strategy makes them: what reaches the store, in which order, what is refused and leaves nothing open, and
 * how answers come back. */
#include "bson_help.h"

#include <aioquant/strategy.h>
#include <mock.h>
#include <stdio.h>

enum { HOOK = 77, TAG = 5 };
#define STORE 3u
#define LONG (200 * 1000)

struct keeper {
	struct aq_market market;
	uint32_t store;
	void (*hook)(struct keeper *s, struct aq_ctx *q);
	int64_t call;             /* what the hook was answered */
	int64_t forget, again;    /* calls that are given up, or asked for more, at the next row */
	int64_t sum, rows;        /* of the values `n` */
	size_t longest;           /* text of `note` */
	uint32_t frames, frame_rows, answers, rooms, ups, downs;
	uint64_t tag;             /* of the last callback */
	struct aq_answer last;
	char text[240];           /* of it */
};

static void on_timer(void *self, struct aq_ctx *q, uint64_t tag)
{
	struct keeper *s = self;

	s->hook(s, q);
}

static void on_row(void *self, struct aq_ctx *q, uint64_t tag, struct aq_bson row)
{
	struct keeper *s = self;
	int64_t n = 0;
	const char *text;
	uint32_t length;

	assert_int_equal(aq_value_int64(aq_bson_find(row, "n"), &n), AQ_OK);
	s->sum += n;
	s->rows++;
	s->tag = tag;
	if (aq_value_text(aq_bson_find(row, "note"), &text, &length) == AQ_OK && length > s->longest)
		s->longest = length;
	if (s->forget != 0)
		assert_int_equal(aq_forget(q, s->forget), AQ_OK);
	if (s->again != 0)
		assert_int_equal(aq_more(q, s->again, 2), AQ_OK);
	s->forget = s->again = 0;
}

static void on_frame(void *self, struct aq_ctx *q, uint64_t tag, const struct aq_frame_reader *frame)
{
	struct keeper *s = self;

	s->frames++;
	s->frame_rows += frame->rows;
	s->tag = tag;
}

static void on_answer(void *self, struct aq_ctx *q, uint64_t tag, const struct aq_answer *a)
{
	struct keeper *s = self;

	s->answers++;
	s->tag = tag;
	s->last = *a;
	snprintf(s->text, sizeof(s->text), "%s", a->text);
}

static void on_room(void *self, struct aq_ctx *q, uint32_t store)
{
	struct keeper *s = self;

	assert_int_equal(store, STORE);
	s->rooms++;
}

static void on_state(void *self, struct aq_ctx *q, const struct aq_store_state *state)
{
	struct keeper *s = self;

	assert_int_equal(state->store, STORE);
	s->ups += state->up;
	s->downs += !state->up;
	snprintf(s->text, sizeof(s->text), "%s", state->text);
}

static const struct aq_option options[] = {
	AQ_MARKET(keeper, market, AQ_BOOK, "a market"), AQ_STORE(keeper, store, AQ_REQUIRED, "a store"), AQ_END};

AQ_STRATEGY(keeper, .summary = "driven by a test", .options = options, .timer = on_timer, .row = on_row, .frame = on_frame,
	.answer = on_answer, .room = on_room, .store_state = on_state);

/* ---- the rig ---- */

static struct aq_mock *k;
static struct keeper *s;

static void start(bool storeless)
{
	struct aq_market m;
	uint32_t store = STORE;

	k = aq_mock_new((const struct aq_plugin *)&aq_plugin_1);
	k->storeless = storeless;
	m = aq_mock_market(k, "BTC/USDT", 2, 5);
	assert_int_equal(aq_mock_create(k), AQ_OK);
	aq_mock_option(k, "market", &m, sizeof(m));
	aq_mock_option(k, "store", &store, sizeof(store));
	assert_int_equal(aq_mock_start(k), AQ_OK);
	s = k->self;
}

static int setup(void **state)
{
	start(false);
	return 0;
}

static int teardown(void **state)
{
	assert_string_equal(k->failed, "");
	aq_mock_free(k);
	return 0;
}

/* Runs it where calls may be made; returns what it left in s->call. */
static int64_t inside(void (*hook)(struct keeper *, struct aq_ctx *))
{
	s->hook = hook;
	s->call = 0;
	aq_mock_event(k, AQ_EV_TIMER, (struct aq_market){0, 0}, HOOK, NULL, 0);
	aq_mock_run(k);
	return s->call;
}

static struct aq_query about(void)
{
	return (struct aq_query){.store = STORE, .collection = "fills", .tag = TAG};
}

/* The call that was made has just these parts, the last of which is `last`. */
static struct aq_mock_call *asked(uint8_t op, uint32_t parts, uint8_t last)
{
	struct aq_mock_call *c = aq_mock_asked(k, TAG);

	assert_non_null(c);
	assert_int_equal(c->id, s->call);
	assert_int_equal(c->state, AQ_MOCK_ASKED);
	assert_int_equal(c->what.op, op);
	assert_int_equal(c->what.store, STORE);
	assert_int_equal(c->last_part, last);
	for (uint32_t part = 1; part <= AQ_PART_PARAMETERS; part++)
		assert_int_equal(c->parts[part].length > 0, (parts >> part) & 1);
	return c;
}

static int64_t number(const struct aq_mock_call *c, enum aq_store_part part, const char *path)
{
	int64_t n = INT64_MIN;

	assert_int_equal(aq_value_int64(aq_bson_find_path(aq_mock_part(c, part), path), &n), AQ_OK);
	return n;
}

/* ---- calls ---- */

#define HAS(part) (1u << (part))

static void create(struct keeper *x, struct aq_ctx *q)
{
	x->call = aq_create(q, x->store, "fills", TAG, "{fields: [{name: n, type: int64, key: true}, {name: %s, type: text}]}",
		"note");
}

static void put(struct keeper *x, struct aq_ctx *q)
{
	x->call = aq_put(q, x->store, "fills", TAG, "{n: %d, note: %s}", 7, "'}");
}

static void put_rows(struct keeper *x, struct aq_ctx *q)
{
	uint8_t rows[64];
	struct aq_query query = about();
	int32_t length = aq_doc_of(rows, sizeof(rows), "{n: 1}");

	length += aq_doc_of(rows + length, sizeof(rows) - (size_t)length, "{n: 2}");
	x->call = aq_put_rows(q, &query, rows, (uint32_t)length);
}

static int64_t frame_of_two(uint8_t *buffer, size_t room)
{
	struct aq_frame_writer f;

	aq_frame_begin(&f, buffer, room, AQ_STORE_CHUNK);
	aq_frame_column(&f, "n", AQ_COL_INT64);
	for (int64_t n = 1; n <= 2; n++) {
		aq_frame_int64(&f, n);
		assert_int_equal(aq_frame_row(&f), AQ_OK);
	}
	return aq_frame_end(&f);
}

static void put_frame(struct keeper *x, struct aq_ctx *q)
{
	uint8_t frame[512];
	struct aq_query query = about();

	x->call = aq_put_frame(q, &query, frame, (uint32_t)frame_of_two(frame, sizeof(frame)));
}

static void inserts(void **state)
{
	struct aq_mock_call *c;
	struct aq_frame_reader frame;

	assert_int_equal(inside(create), 1);
	c = asked(AQ_STORE_CREATE, HAS(AQ_PART_SCHEMA), AQ_PART_SCHEMA);
	assert_string_equal(c->what.collection, "fills");
	assert_int_equal(aq_bson_find_path(aq_mock_part(c, AQ_PART_SCHEMA), "fields.1.name").type, AQ_VALUE_TEXT);
	assert_int_equal(inside(put), 2);
	c = asked(AQ_STORE_INSERT, HAS(AQ_PART_ROWS), AQ_PART_ROWS);
	assert_int_equal(number(c, AQ_PART_ROWS, "n"), 7);
	inside(put_rows);
	c = asked(AQ_STORE_INSERT, HAS(AQ_PART_ROWS), AQ_PART_ROWS);
	assert_int_equal(c->parts[AQ_PART_ROWS].length, 32);
	inside(put_frame);
	c = asked(AQ_STORE_INSERT, HAS(AQ_PART_FRAME), AQ_PART_FRAME);
	assert_int_equal(aq_frame_open(&frame, c->parts[AQ_PART_FRAME].bytes, c->parts[AQ_PART_FRAME].length), AQ_OK);
	assert_int_equal(frame.rows, 2);
}

static void find(struct keeper *x, struct aq_ctx *q)
{
	struct aq_query query = about();

	query.fields = "{n: 1}";
	query.sort = "{n: -1}";
	query.skip = 3;
	query.limit = 4;
	query.page = 2;
	query.within_ns = 500;
	query.frames = true;
	x->call = aq_find(q, &query, "{n: {$gte: %ld}}", INT64_C(9));
}

static void find_all(struct keeper *x, struct aq_ctx *q)
{
	x->call = aq_find(q, &(struct aq_query){.store = x->store, .collection = "fills", .tag = TAG}, NULL);
}

static void count(struct keeper *x, struct aq_ctx *q)
{
	struct aq_query query = about();

	x->call = aq_count(q, &query, "{n: %d}", 8);
}

static void distinct(struct keeper *x, struct aq_ctx *q)
{
	struct aq_query query = about();

	query.fields = "{n: 1}";
	x->call = aq_distinct(q, &query, "{n: %d}", 8);
}

static void queries(void **state)
{
	struct aq_mock_call *c;

	inside(find);
	c = asked(AQ_STORE_FIND, HAS(AQ_PART_FILTER) | HAS(AQ_PART_PROJECTION) | HAS(AQ_PART_SORT), AQ_PART_SORT);
	assert_int_equal(number(c, AQ_PART_FILTER, "n.$gte"), 9);
	assert_int_equal(number(c, AQ_PART_PROJECTION, "n"), 1);
	assert_int_equal(number(c, AQ_PART_SORT, "n"), -1);
	assert_int_equal(c->what.skip, 3);
	assert_int_equal(c->what.limit, 4);
	assert_int_equal(c->wanted, 2);
	assert_int_equal(c->what.flags, AQ_STORE_AS_FRAMES);
	assert_int_equal(c->what.deadline_ns, k->now_ns + 500);
	inside(find_all);
	c = asked(AQ_STORE_FIND, 0, 0);
	assert_int_equal(c->what.deadline_ns, 0);
	assert_int_equal(c->what.flags, 0);
	assert_true(c->wanted == UINT64_MAX);
	inside(count);
	c = asked(AQ_STORE_COUNT, HAS(AQ_PART_FILTER), AQ_PART_FILTER);
	assert_int_equal(number(c, AQ_PART_FILTER, "n"), 8);
	inside(distinct);
	asked(AQ_STORE_DISTINCT, HAS(AQ_PART_FILTER) | HAS(AQ_PART_PROJECTION), AQ_PART_PROJECTION);
}

static void update(struct keeper *x, struct aq_ctx *q)
{
	struct aq_query query = about();

	query.sort = "{n: 1}";
	query.limit = 1;
	x->call = aq_update(q, &query, "{n: %d} {$set: {note: %s}}", 1, "x");
}

static void upsert(struct keeper *x, struct aq_ctx *q)
{
	struct aq_query query = about();

	x->call = aq_upsert(q, &query, "{n: %d} {$set: {n: %d}}", 1, 2);
}

static void find_modify(struct keeper *x, struct aq_ctx *q)
{
	struct aq_query query = about();

	query.sort = "{n: 1}";
	query.new_row = true;
	x->call = aq_find_modify(q, &query, "{n: %d} {$inc: {n: %d}}", 1, 2);
}

static void replace(struct keeper *x, struct aq_ctx *q)
{
	struct aq_query query = about();

	query.or_insert = true;
	x->call = aq_replace(q, &query, "{n: %d} {n: %d}", 1, 2);
}

static void delete(struct keeper *x, struct aq_ctx *q)
{
	struct aq_query query = about();

	query.sort = "{n: 1}";
	query.limit = 1;
	x->call = aq_delete(q, &query, "{n: %d}", 6);
}

static void changes(void **state)
{
	const uint32_t both = HAS(AQ_PART_FILTER) | HAS(AQ_PART_UPDATE);
	struct aq_mock_call *c;

	inside(update);
	c = asked(AQ_STORE_UPDATE, both | HAS(AQ_PART_SORT), AQ_PART_SORT);
	assert_int_equal(number(c, AQ_PART_FILTER, "n"), 1);
	assert_int_equal(aq_bson_find_path(aq_mock_part(c, AQ_PART_UPDATE), "$set.note").type, AQ_VALUE_TEXT);
	assert_int_equal(c->what.limit, 1);
	inside(upsert);
	c = asked(AQ_STORE_UPSERT, both, AQ_PART_UPDATE);
	assert_int_equal(number(c, AQ_PART_UPDATE, "$set.n"), 2);
	inside(find_modify);
	c = asked(AQ_STORE_FIND_MODIFY, both | HAS(AQ_PART_SORT), AQ_PART_SORT);
	assert_int_equal(c->what.flags, AQ_STORE_NEW);
	inside(replace);
	c = asked(AQ_STORE_REPLACE, HAS(AQ_PART_FILTER) | HAS(AQ_PART_ROWS), AQ_PART_ROWS);
	assert_int_equal(c->what.flags, AQ_STORE_OR_INSERT);
	assert_int_equal(number(c, AQ_PART_ROWS, "n"), 2);
	inside(delete);
	c = asked(AQ_STORE_DELETE, HAS(AQ_PART_FILTER) | HAS(AQ_PART_SORT), AQ_PART_SORT);
	assert_int_equal(number(c, AQ_PART_FILTER, "n"), 6);
}

static void statement(struct keeper *x, struct aq_ctx *q)
{
	struct aq_query query = about();

	x->call = aq_statement(q, &query, "SELECT * FROM fills WHERE note LIKE '%' AND n > ?", "[%d, %s]", 4, "x");
}

static void bare_statement(struct keeper *x, struct aq_ctx *q)
{
	struct aq_query query = about();

	x->call = aq_statement(q, &query, "VACUUM", NULL);
}

static void collections(struct keeper *x, struct aq_ctx *q)
{
	x->call = aq_collections(q, x->store, TAG);
}

static void describe(struct keeper *x, struct aq_ctx *q)
{
	x->call = aq_describe(q, x->store, "fills", TAG);
}

static void the_rest(void **state)
{
	static const char text[] = "SELECT * FROM fills WHERE note LIKE '%' AND n > ?";
	struct aq_mock_call *c;

	inside(statement);
	c = asked(AQ_STORE_RAW, HAS(AQ_PART_STATEMENT) | HAS(AQ_PART_PARAMETERS), AQ_PART_PARAMETERS);
	assert_int_equal(c->parts[AQ_PART_STATEMENT].length, strlen(text));
	assert_memory_equal(c->parts[AQ_PART_STATEMENT].bytes, text, strlen(text));
	assert_int_equal(number(c, AQ_PART_PARAMETERS, "0"), 4);
	inside(bare_statement);
	asked(AQ_STORE_RAW, HAS(AQ_PART_STATEMENT), AQ_PART_STATEMENT);
	inside(collections);
	c = asked(AQ_STORE_LIST, 0, 0);
	assert_string_equal(c->what.collection, "");
	inside(describe);
	c = asked(AQ_STORE_DESCRIBE, 0, 0);
	assert_string_equal(c->what.collection, "fills");
}

static void begin_transaction(struct keeper *x, struct aq_ctx *q)
{
	x->call = aq_begin(q, x->store, TAG);
}

static void put_within(struct keeper *x, struct aq_ctx *q)
{
	struct aq_query query = about();

	query.transaction = x->last.transaction;
	x->call = aq_update(q, &query, "{} {$set: {n: 1}}");
}

static void commit(struct keeper *x, struct aq_ctx *q)
{
	x->call = aq_commit(q, x->store, x->last.transaction, TAG);
}

static void rollback(struct keeper *x, struct aq_ctx *q)
{
	x->call = aq_rollback(q, x->store, 1, TAG);
}

static void transactions(void **state)
{
	struct aq_mock_call *c;

	inside(begin_transaction);
	aq_mock_done(k, asked(AQ_STORE_BEGIN, 0, 0), (struct aq_store_end){0});
	aq_mock_run(k);
	assert_int_equal(s->last.transaction, s->call);
	inside(put_within);
	c = asked(AQ_STORE_UPDATE, HAS(AQ_PART_FILTER) | HAS(AQ_PART_UPDATE), AQ_PART_UPDATE);
	assert_int_equal(c->what.transaction, 1);
	inside(rollback);
	asked(AQ_STORE_ROLLBACK, 0, 0);
	inside(commit);
	c = asked(AQ_STORE_COMMIT, 0, 0);
	assert_int_equal(c->what.transaction, 1);
	aq_mock_done(k, c, (struct aq_store_end){0});
	assert_int_equal(inside(rollback), AQ_EINVAL); /* it has ended */
	inside(begin_transaction);
	c = asked(AQ_STORE_BEGIN, 0, 0);
	aq_mock_done(k, c, (struct aq_store_end){0});
	aq_mock_refuse(k, c, AQ_STORE_LOST, 0, "it lasted too long"); /* once more */
	s->answers = 0;
	aq_mock_run(k);
	assert_int_equal(s->answers, 2);
	assert_int_equal(s->last.call, c->id);
	assert_int_equal(s->last.fault, AQ_STORE_LOST);
}

/* ---- what is refused ---- */

/* Nothing was handed over, and nothing is open. */
static void assert_nothing_is_asked(void)
{
	for (uint32_t i = 0; i < k->call_count; i++)
		assert_int_equal(k->calls[i].state, AQ_MOCK_FORGOTTEN);
}

static void (*const all_calls[])(struct keeper *, struct aq_ctx *) = {create, put, put_rows, put_frame, find, find_all, count,
	distinct, update, upsert, find_modify, replace, delete, statement, bare_statement, collections, describe,
		begin_transaction};
#define ALL_CALLS (sizeof(all_calls) / sizeof(*all_calls))

/* Wherever in a call the queue is full. */
static void a_full_queue(void **state)
{
	for (size_t i = 0; i < ALL_CALLS; i++) {
		uint32_t room = 0;

		for (k->store_room = 0; inside(all_calls[i]) == AQ_EAGAIN; k->store_room = ++room)
			assert_nothing_is_asked();
		assert_int_equal(s->call, k->call_count);
		assert_int_equal(aq_mock_asked(k, TAG)->state, AQ_MOCK_ASKED);
		assert_true(room >= 2); /* begin and end, at least */
		aq_mock_asked(k, TAG)->state = AQ_MOCK_FORGOTTEN;
	}
	aq_mock_store_room(k, STORE);
	aq_mock_run(k);
	assert_int_equal(s->rooms, 1);
	assert_true(inside(put) > 0);
}

static int32_t more_status, forget_status;

static void more_and_forget(struct keeper *x, struct aq_ctx *q)
{
	more_status = aq_more(q, x->call, 1);
	forget_status = aq_forget(q, 1);
}

static void a_host_without_stores(void **state)
{
	aq_mock_free(k);
	start(true);
	for (size_t i = 0; i < ALL_CALLS; i++)
		assert_int_equal(inside(all_calls[i]), AQ_ENOSYS);
	inside(more_and_forget);
	assert_int_equal(more_status, AQ_ENOSYS);
	assert_int_equal(forget_status, AQ_ENOSYS);
}

static void refused_templates(struct keeper *x, struct aq_ctx *q)
{
	static char longer[AQ_STORE_CHUNK + 2];
	struct aq_query query = about(), wrong = query;

	wrong.sort = "{n}";
	memset(longer, 'x', sizeof(longer) - 1);
	assert_int_equal(aq_create(q, x->store, "c", TAG, "fields"), AQ_EFORMAT);
	assert_int_equal(aq_put(q, x->store, "c", TAG, "{n: %d", 1), AQ_EFORMAT);
	assert_int_equal(aq_put(q, x->store, "c", TAG, " "), AQ_EFORMAT);
	assert_int_equal(aq_put(q, x->store, "c", TAG, "{n: %d} {n: %d}", 1, 2), AQ_EFORMAT);
	assert_int_equal(aq_put(q, x->store, "c", TAG, "{n: %s}", longer), AQ_ESPACE);
	assert_int_equal(aq_put(q, x->store, "c", TAG, "{n: %.*ld}", 19, INT64_C(1)), AQ_EINVAL);
	assert_int_equal(aq_find(q, &query, "{n: %d} x", 1), AQ_EFORMAT);
	assert_int_equal(aq_find(q, &wrong, NULL), AQ_EFORMAT);
	assert_int_equal(aq_count(q, &query, "n"), AQ_EFORMAT);
	assert_int_equal(aq_update(q, &query, "{n: %d}", 1), AQ_EFORMAT);
	assert_int_equal(aq_update(q, &query, "{} {$set: {n: 1}} {}"), AQ_EFORMAT);
	assert_int_equal(aq_replace(q, &query, "{} {n: 1} {n: 2}"), AQ_EFORMAT);
	assert_int_equal(aq_replace(q, &wrong, "{} {n: 1}"), AQ_EFORMAT);
	wrong.sort = NULL;
	wrong.fields = "{n: %d}";
	assert_int_equal(aq_distinct(q, &wrong, NULL), AQ_EFORMAT);
	assert_int_equal(aq_statement(q, &query, "?", "[%d", 1), AQ_EFORMAT);
	assert_int_equal(aq_statement(q, &query, "?", "[%d] []", 1), AQ_EFORMAT);
	assert_int_equal(aq_statement(q, &query, longer, NULL), AQ_ESPACE);
	assert_int_equal(aq_statement(q, &query, "", NULL), AQ_EINVAL);
	assert_int_equal(aq_put_rows(q, &query, longer, AQ_STORE_CHUNK + 1), AQ_ESPACE);
	assert_int_equal(aq_put_rows(q, &query, longer, 0), AQ_EINVAL);
}

static void names_and_stores(struct keeper *x, struct aq_ctx *q)
{
	char name[65] = "";

	memset(name, 'x', 64);
	assert_int_equal(aq_put(q, x->store, name, TAG, "{}"), AQ_EINVAL);
	assert_int_equal(aq_put(q, 0, "c", TAG, "{}"), AQ_ENOENT);
	name[63] = '\0';
	assert_true(aq_put(q, x->store, name, TAG, "{}") > 0);
}

/* The first thing that is wrong is told, not what follows from it. */
static void the_first_fault(struct keeper *x, struct aq_ctx *q)
{
	struct aq_query query = about();

	query.sort = "{";
	k->store_room = 1;
	assert_int_equal(aq_find(q, &query, "{}"), AQ_EAGAIN);
	assert_int_equal(aq_find(q, &query, "{"), AQ_EAGAIN);
	k->store_room = UINT32_MAX;
}

static void refusals(void **state)
{
	inside(refused_templates);
	assert_nothing_is_asked();
	inside(the_first_fault);
	assert_nothing_is_asked();
	inside(names_and_stores);
	assert_string_equal(aq_mock_asked(k, TAG)->what.collection,
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
}

/* ---- answers ---- */

static void rows_and_the_answer(void **state)
{
	struct aq_mock_call *c;

	inside(find_all);
	c = aq_mock_asked(k, TAG);
	for (int n = 1; n <= 3; n++)
		aq_mock_row(k, c, "{n: %d, note: %s}", n, "short");
	aq_mock_done(k, c, (struct aq_store_end){.matched = 3, .changed = 2, .insert_id = 9});
	aq_mock_run(k);
	assert_int_equal(s->rows, 3);
	assert_int_equal(s->sum, 6);
	assert_int_equal(s->tag, TAG);
	assert_int_equal(s->answers, 1);
	assert_int_equal(s->last.call, c->id);
	assert_int_equal(s->last.matched, 3);
	assert_int_equal(s->last.changed, 2);
	assert_int_equal(s->last.insert_id, 9);
	assert_int_equal(s->last.fault, 0);
	assert_string_equal(s->text, "");
	inside(find_all);
	aq_mock_refuse(k, aq_mock_asked(k, TAG), AQ_STORE_UNKNOWN, 1146, "no such table");
	aq_mock_run(k);
	assert_int_equal(s->last.fault, AQ_STORE_UNKNOWN);
	assert_int_equal(s->last.code, 1146);
	assert_string_equal(s->text, "no such table");
}

static void many_in_an_event(void **state)
{
	uint8_t rows[1024];
	int32_t length = 0;

	inside(find_all);
	for (int n = 1; n <= 10; n++)
		length += aq_doc_of(rows + length, sizeof(rows) - (size_t)length, "{n: %d}", n);
	aq_mock_rows(k, aq_mock_asked(k, TAG), rows, (uint32_t)length, 10, false);
	aq_mock_run(k);
	assert_int_equal(s->sum, 55);
	s->forget = s->call; /* in the first of them: the others do not come */
	aq_mock_rows(k, aq_mock_asked(k, TAG), rows, (uint32_t)length, 10, false);
	aq_mock_run(k);
	assert_int_equal(s->sum, 56);
	aq_mock_row(k, aq_mock_asked(k, TAG), "{n: 1}"); /* nobody hears it */
	aq_mock_run(k);
	assert_int_equal(s->sum, 56);
}

static void pages(void **state)
{
	struct aq_mock_call *c;

	inside(find);
	c = aq_mock_asked(k, TAG);
	aq_mock_row(k, c, "{n: 1}");
	aq_mock_run(k);
	assert_int_equal(c->wanted, 1);
	s->again = s->call;
	aq_mock_row(k, c, "{n: 2}");
	assert_int_equal(c->wanted, 0);
	aq_mock_run(k);
	assert_int_equal(c->wanted, 2);
	aq_mock_done(k, c, (struct aq_store_end){.matched = 2});
	aq_mock_run(k);
	inside(more_and_forget);
	assert_int_equal(forget_status, AQ_ENOENT); /* it has ended */
}

static void frames(void **state)
{
	uint8_t frame[512];
	int64_t length = frame_of_two(frame, sizeof(frame));

	inside(find);
	aq_mock_rows(k, aq_mock_asked(k, TAG), frame, (uint32_t)length, 2, true);
	aq_mock_run(k);
	assert_int_equal(s->frames, 1);
	assert_int_equal(s->frame_rows, 2);
	assert_int_equal(s->tag, TAG);
	assert_int_equal(s->rows, 0);
}

/* {n: n, note: "xxx..."}, longer than three events. */
static uint8_t *long_row(int64_t n, uint32_t *length)
{
	uint8_t *row = malloc(LONG + 64);
	char *note = malloc(LONG + 1);
	int32_t written;

	assert_true(row != NULL && note != NULL);
	memset(note, 'x', LONG);
	note[LONG] = '\0';
	written = aq_doc_of(row, LONG + 64, "{n: %ld, note: %s}", n, note);
	assert_true(written > 0);
	*length = (uint32_t)written;
	free(note);
	return row;
}

static void a_row_in_pieces(void **state)
{
	uint32_t length;
	uint8_t *row = long_row(4, &length);

	inside(find_all);
	aq_mock_rows(k, aq_mock_asked(k, TAG), row, length, 1, false);
	for (int piece = 0; piece < 3; piece++) {
		assert_true(aq_mock_step(k));
		assert_int_equal(s->rows, 0);
	}
	s->forget = s->call; /* while its bytes are in use */
	aq_mock_run(k);
	assert_int_equal(s->rows, 1);
	assert_int_equal(s->sum, 4);
	assert_int_equal(s->longest, LONG);
	free(row);
}

/* A piece of a row as the host delivers it. */
static void send_piece(int64_t call, const uint8_t *bytes, uint32_t length, bool more)
{
	struct aq_store_rows head = {.call = (uint64_t)call, .length = length, .more = more, .rows = !more};
	uint8_t *body = malloc(sizeof(head) + length);

	assert_non_null(body);
	memcpy(body, &head, sizeof(head));
	memcpy(body + sizeof(head), bytes, length);
	aq_mock_event(k, AQ_EV_STORE_ROWS, (struct aq_market){0, 0}, TAG, body, sizeof(head) + length);
	free(body);
}

/* Rows and ends of other calls come between the pieces. */
static void pieces_of_two_stores(void **state)
{
	uint32_t first_length, second_length;
	uint8_t *first = long_row(1, &first_length), *second = long_row(10, &second_length);
	const uint32_t cut = 60000;
	int64_t a = inside(find_all), b = inside(find_all), c = inside(find_all);

	send_piece(a, first, cut, true);
	send_piece(b, second, cut, true);
	send_piece(a, first + cut, cut, true);
	aq_mock_row(k, &k->calls[c - 1], "{n: 100}");
	aq_mock_done(k, &k->calls[c - 1], (struct aq_store_end){0});
	send_piece(b, second + cut, cut, true);
	send_piece(b, second + 2 * cut, cut, true);
	send_piece(a, first + 2 * cut, cut, true);
	send_piece(b, second + 3 * cut, second_length - 3 * cut, false);
	aq_mock_run(k);
	assert_int_equal(s->sum, 110);
	send_piece(a, first + 3 * cut, first_length - 3 * cut, false);
	aq_mock_run(k);
	assert_int_equal(s->sum, 111);
	assert_int_equal(k->warnings, 0);
	free(first);
	free(second);
}

static void forget_the_call(struct keeper *x, struct aq_ctx *q)
{
	x->call = aq_forget(q, 1);
}

/* Neither is what has come taken for the row of another, nor is it kept: the sanitizer would see it. */
static void a_call_that_ends_within_a_row(void **state)
{
	static const uint8_t begin_of_row[100] = {100};
	int64_t a = inside(find_all), b = inside(find_all);

	send_piece(a, begin_of_row, 100, true);
	send_piece(b, begin_of_row, 100, true);
	aq_mock_refuse(k, &k->calls[b - 1], AQ_STORE_LOST, 0, "gone");
	aq_mock_run(k);
	assert_int_equal(s->last.fault, AQ_STORE_LOST);
	assert_int_equal(inside(forget_the_call), AQ_OK);
	send_piece(inside(find_all), begin_of_row, 100, true); /* until the strategy itself ends */
	aq_mock_run(k);
	assert_int_equal(s->rows, 0);
}

static void bytes_that_are_no_rows(void **state)
{
	int64_t call = inside(find_all);

	send_piece(call, (const uint8_t *)"\x05\0\0\0", 4, false);
	aq_mock_run(k);
	assert_int_equal(s->rows, 0);
	assert_int_equal(k->warnings, 1);
	assert_string_equal(k->log, "a store gave rows that cannot be read; they are left out");
}

static void up_and_down(void **state)
{
	aq_mock_store_state(k, STORE, false, "the disk is full");
	aq_mock_run(k);
	assert_int_equal(s->downs, 1);
	assert_string_equal(s->text, "the disk is full");
	aq_mock_store_state(k, STORE, true, "");
	aq_mock_run(k);
	assert_int_equal(s->ups, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {TEST(inserts), TEST(queries), TEST(changes), TEST(the_rest), TEST(transactions),
		TEST(a_full_queue), TEST(a_host_without_stores), TEST(refusals), TEST(rows_and_the_answer),
			TEST(many_in_an_event),
		TEST(pages), TEST(frames), TEST(a_row_in_pieces), TEST(pieces_of_two_stores), TEST(a_call_that_ends_within_a_row),
		TEST(bytes_that_are_no_rows), TEST(up_and_down)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
