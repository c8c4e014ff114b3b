/* store_load.h: much at once: frames of many rows in many chunks, rows that are longer than an event, a queue that is full. The
 * rows of a frame are ten times AQ_STORE_ROUNDS. */
#ifndef STORE_LOAD_H
#define STORE_LOAD_H

#include "rounds.h"

/* ---- frames ---- */

#define SERIES "{\"fields\":[{\"name\":\"id\",\"type\":\"int64\",\"key\":true},{\"name\":\"t\",\"type\":\"timestamp\"}," \
	"{\"name\":\"p\",\"type\":\"decimal\",\"precision\":18,\"digits\":4},{\"name\":\"s\",\"type\":\"text\"}]}"
#define TEXT_OF(i) ((i) % 7 == 0 ? "" : (i) % 3 == 0 ? "it's;\"`\\" : "\xf0\x9f\x98\x80")

static void add_column(struct sql_buffer *to, const char *name, uint8_t type, const void *array, size_t length)
{
	struct aq_column column = {.type = type, .digits = type == AQ_COL_DECIMAL ? 4 : 0, .length = (uint32_t)length};

	strcpy(column.name, name);
	sql_buffer_add(to, &column, sizeof(column));
	sql_buffer_add(to, array, length);
	sql_buffer_add(to, "\0\0\0\0\0\0\0", (8 - length % 8) % 8);
}

static void add_texts(struct sql_buffer *to, int rows)
{
	uint32_t *offsets = calloc((size_t)rows + 1, sizeof(*offsets));
	struct sql_buffer texts = {0}, array = {0};

	for (int i = 0; i < rows; i++) {
		sql_buffer_put(&texts, TEXT_OF(i));
		offsets[i + 1] = (uint32_t)texts.length;
	}
	sql_buffer_add(&array, offsets, sizeof(*offsets) * ((size_t)rows + 1));
	sql_buffer_add(&array, texts.at, texts.length);
	add_column(to, "s", AQ_COL_TEXT, array.at, array.length);
	sql_buffer_free(&texts);
	sql_buffer_free(&array);
	free(offsets);
}

/* Rows 0, 1, ...; the id of the last is `last`. */
static void make_frame(struct sql_buffer *to, int rows, int64_t last)
{
	const struct aq_frame head = {.rows = (uint32_t)rows, .columns = 4};
	int64_t *numbers = calloc((size_t)rows, sizeof(*numbers));

	sql_buffer_add(to, &head, sizeof(head));
	for (int i = 0; i < rows; i++)
		numbers[i] = i;
	numbers[rows - 1] = last;
	add_column(to, "id", AQ_COL_INT64, numbers, 8 * (size_t)rows);
	for (int i = 0; i < rows; i++)
		numbers[i] = INT64_C(1723161255000000000) + i;
	add_column(to, "t", AQ_COL_TIME, numbers, 8 * (size_t)rows);
	for (int i = 0; i < rows; i++)
		numbers[i] = i % 5 == 0 ? AQ_NONE : i * INT64_C(1000003);
	add_column(to, "p", AQ_COL_DECIMAL, numbers, 8 * (size_t)rows);
	add_texts(to, rows);
	free(numbers);
}

static int frame_rows(void)
{
	return 10 * rounds_of("AQ_STORE_ROUNDS", 500);
}

/* The rows of a page that comes as a frame; the first is what was there before. */
static int64_t frame_next;

static int64_t integer_of(const struct sql_frame *f, uint32_t column, uint32_t row)
{
	struct sql_error err;
	struct sql_value v;

	return sql_frame_cell(&f->columns[column], row, &v, &err) == 0 && (v.type == SQL_INT64 || v.type == SQL_TIME) ? v.integer : -1;
}

static bool row_is_right(const struct sql_frame *f, uint32_t row, int64_t i)
{
	struct sql_error err;
	struct sql_value v;
	char price[40];
	size_t length;

	if (integer_of(f, 0, row) != i || integer_of(f, 1, row) != INT64_C(1723161255000000000) + i)
		return false;
	if (sql_frame_cell(&f->columns[2], row, &v, &err) != 0 || (v.type == SQL_NULL) != (i % 5 == 0))
		return false;
	snprintf(price, sizeof(price), "%lld.%04lld", (long long)(i * 1000003 / 10000), (long long)(i * 1000003 % 10000));
	for (length = strlen(price); price[length - 1] == '0'; length--) /* zeros at the end are no digits */
		;
	price[price[length - 1] == '.' ? length - 1 : length] = '\0';
	if (v.type != SQL_NULL && strcmp(v.decimal, price) != 0)
		return false;
	return sql_frame_cell(&f->columns[3], row, &v, &err) == 0 && v.bytes.length == strlen(TEXT_OF(i)) &&
		memcmp(v.bytes.at, TEXT_OF(i), v.bytes.length) == 0;
}

static void check_page(const struct aq_event *event)
{
	const struct aq_store_rows *rows = AQ_BODY(aq_store_rows, event);
	struct sql_error err;
	struct sql_frame f;

	if (event->type != AQ_EV_STORE_ROWS)
		return;
	if (!rows->frame || sql_frame_open(rows + 1, rows->length, &f, &err) != 0) {
		wrong = "a page is no frame";
		return;
	}
	for (uint32_t row = 0; row < f.rows; row++)
		if (!row_is_right(&f, row, frame_next++))
			wrong = "a row of a frame has come back as another";
	sql_frame_close(&f);
}

static void frames_of_many_rows(void **state)
{
	struct sql_buffer frame = {0}, doubled = {0};
	int rows = frame_rows();
	struct rig r;

	(void)state;
	rig_new(&r);
	works(&r, (struct ask){.op = AQ_STORE_CREATE, .collection = "n", .schema = SERIES});
	make_frame(&doubled, rows, 0);
	refused(&r, AQ_STORE_DUPLICATE, "", (struct ask){.op = AQ_STORE_INSERT, .collection = "n", .frame = doubled.at,
		.length = doubled.length});
	works(&r, (struct ask){.op = AQ_STORE_COUNT, .collection = "n"});
	assert_int_equal(said.end.matched, 0); /* its last row was wrong: none of it is there */
	make_frame(&frame, rows, rows - 1);
	works(&r, (struct ask){.op = AQ_STORE_INSERT, .collection = "n", .frame = frame.at, .length = frame.length});
	assert_int_equal(said.end.changed, rows);
	also_hear = check_page;
	frame_next = 0;
	works(&r, (struct ask){.op = AQ_STORE_FIND, .collection = "n", .sort = "{\"id\":1}", .flags = AQ_STORE_AS_FRAMES});
	assert_int_equal(said.row_count, rows);
	assert_int_equal(frame_next, rows);
	sql_buffer_free(&frame);
	sql_buffer_free(&doubled);
	rig_free(&r);
}

/* ---- long rows ---- */

#define LONG_BYTES (3 << 20)

static char *long_text(int which)
{
	char *text = malloc(LONG_BYTES + 1);

	for (int i = 0; i < LONG_BYTES; i++)
		text[i] = (char)(' ' + (i * 7 + which * 13 + i / 61440) % 95);
	text[LONG_BYTES] = '\0';
	return text;
}

static void insert_long(struct rig *r, int which)
{
	bson_t row = BSON_INITIALIZER;
	char *text = long_text(which);

	BSON_APPEND_INT64(&row, "id", which);
	BSON_APPEND_UTF8(&row, "s", text);
	works(r, (struct ask){.op = AQ_STORE_INSERT, .collection = "n", .document = &row, .in = AQ_PART_ROWS});
	bson_destroy(&row);
	free(text);
}

static void assert_long(size_t *from, int which)
{
	char *text = long_text(which);
	struct sql_error err;
	uint32_t length;
	bson_iter_t at;
	bson_t row;

	assert_int_equal(sql_document_next(said.rows.at, said.rows.length, from, &row, &err), 1);
	assert_true(bson_iter_init_find(&at, &row, "s"));
	assert_string_equal(bson_iter_utf8(&at, &length), text);
	assert_int_equal(length, LONG_BYTES);
	free(text);
}

/* As many pieces as it needs, and all of a row before anything else. */
static void rows_longer_than_an_event(void **state)
{
	struct rig r;
	uint64_t one;
	size_t from = 0;

	(void)state;
	rig_new(&r);
	works(&r, (struct ask){.op = AQ_STORE_CREATE, .collection = "n", .schema = SERIES});
	for (int i = 1; i <= 3; i++)
		insert_long(&r, i);
	works(&r, (struct ask){.op = AQ_STORE_INSERT, .collection = "n", .rows = "[{\"id\":4,\"s\":\"short\"}]"});
	one = begin_call(&r, (struct ask){.op = AQ_STORE_FIND, .collection = "n", .sort = "{\"id\":1}", .projection = "{\"s\":1}"});
	end_asking(&r, one, 1);
	assert_int_equal(said.row_count, 1);
	assert_int_equal(said.ends, 0);
	assert_in_range(said.pieces, LONG_BYTES / AQ_STORE_CHUNK, 2 * LONG_BYTES / AQ_STORE_CHUNK);
	rig_more(&r, one, 2);
	assert_int_equal(said.row_count, 3);
	rig_more(&r, one, ALL_ROWS);
	assert_int_equal(said.row_count, 4);
	for (int i = 1; i <= 3; i++)
		assert_long(&from, i);
	/* one that nobody wants any more on its way */
	one = begin_call(&r, (struct ask){.op = AQ_STORE_FIND, .collection = "n", .sort = "{\"id\":1}"});
	said_clear();
	assert_int_equal(hand_over(&r, one, ALL_ROWS), AQ_OK);
	rig_until(&r, said.pieces > 2);
	rig_forget(&r, one);
	sql_buffer_clear(&pieces.bytes);
	works(&r, (struct ask){.op = AQ_STORE_COUNT, .collection = "n"});
	assert_int_equal(said.end.matched, 4);
	rig_free(&r);
}

/* ---- a full queue ---- */

#define QUEUE_BYTES_MAX (1 << 20)
#define ROW_BYTES 20000
#define CALLS_AT_WORK 128 /* that a plugin may have in hand, and that count no more */

/* One row; AQ_EAGAIN: nothing of it was taken. */
static int32_t try_insert(struct rig *r, int id, const char *text)
{
	const struct caller *c = caller_of(r)->self;
	const struct aq_store_call what = {.size = sizeof(what), .store = c->store, .op = AQ_STORE_INSERT, .collection = "n"};
	struct aq_store_chunk chunk = {.size = sizeof(chunk), .part = AQ_PART_ROWS};
	int64_t call = c->api->begin(c->host->owner, &what);
	bson_t row = BSON_INITIALIZER;
	int32_t status;

	BSON_APPEND_INT64(&row, "id", id);
	BSON_APPEND_UTF8(&row, "s", text);
	chunk.length = row.len;
	status = call > 0 ? c->api->append(c->host->owner, call, &chunk, bson_get_data(&row)) : (int32_t)call;
	if (status == AQ_OK)
		status = c->api->end(c->host->owner, call, 0);
	if (status != AQ_OK && call > 0)
		rig_forget(r, (uint64_t)call);
	bson_destroy(&row);
	return status;
}

/* Bytes that wait, as the host counts them against the limit. */
static uint64_t waiting(const struct rig *r)
{
	return r->s->given - atomic_load(&r->s->queue.taken);
}

static void a_full_queue(void **state)
{
	char *text = malloc(ROW_BYTES + 1);
	unsigned accepted = 0;
	struct rig r;
	int32_t status;

	(void)state;
	memset(text, 'q', ROW_BYTES);
	text[ROW_BYTES] = '\0';
	strcpy(hosted_more, "queue = 1MB\n" WAITS_LONG);
	rig_new(&r);
	works(&r, (struct ask){.op = AQ_STORE_CREATE, .collection = "n", .schema = SERIES});
	other_locks(&r); /* the back end waits */
	said_clear();
	while ((status = try_insert(&r, (int)accepted, text)) == AQ_OK) {
		accepted++;
		assert_true(accepted < CALLS_AT_WORK + QUEUE_BYTES_MAX / ROW_BYTES + 10);
		if (accepted % 20 == 0)
			rig_turn(&r);
	}
	assert_int_equal(status, AQ_EAGAIN);
	assert_true(accepted >= QUEUE_BYTES_MAX / (ROW_BYTES + 100));
	for (int i = 0; i < 1000; i++) { /* however often somebody tries */
		(void)try_insert(&r, 1000000 + i, "late");
		assert_true(waiting(&r) <= QUEUE_BYTES_MAX + ROW_BYTES + 100);
	}
	other_unlocks();
	rig_until(&r, said.rooms > 0);
	rig_until(&r, said.ends + said.errors >= accepted);
	while (accepted < 400) /* with room, and without */
		if (try_insert(&r, (int)accepted, text) == AQ_OK)
			accepted++;
		else
			rig_turn(&r);
	rig_until(&r, waiting(&r) == 0 && r.s->asked == 0);
	assert_int_equal(said.errors, 0);
	works(&r, (struct ask){.op = AQ_STORE_COUNT, .collection = "n", .filter = "{\"id\":{\"$lt\":1000000}}"});
	assert_int_equal(said.end.matched, accepted);
	free(text);
	rig_free(&r);
}

#define STORE_TESTS cmocka_unit_test(frames_of_many_rows), cmocka_unit_test(rows_longer_than_an_event), \
	cmocka_unit_test(a_full_queue)

#endif
