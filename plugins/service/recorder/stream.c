/* stream.c: see stream.h. */
#include "stream.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND INT64_C(1000000000)
#define BATCH_ROWS 1000
#define BATCH_BYTES (512u << 10)
#define RETRY_MAX_NS (60 * SECOND)
#define EXPIRE_EVERY_NS (3600 * SECOND)
#define EXPIRE_SPOOLED 1000    /* rows that go at once */
#define EXPIRE_FACTS (1 << 20) /* positions of the journal, in which stand some thousand rows */
#define FRAME_FIRST (256u << 10)

static int64_t now_of(const struct stream *s)
{
	return s->host->host->now(s->host->host->owner);
}

static void say(const struct stream *s, int32_t level, const char *format, ...) __attribute__((format(printf, 3, 4)));

static void say(const struct stream *s, int32_t level, const char *format, ...)
{
	char text[400];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	s->host->host->log(s->host->host->owner, level, text);
}

/* ---- coming and going ---- */

static size_t longest_record(const struct stream *s)
{
	return s->rows->journal != 0 ? sizeof(struct aq_order_change) + 256 : 8192;
}

int32_t stream_start(struct stream *s, uint64_t tag, const char *spool_folder, int64_t spool_limit)
{
	const struct aq_host *h = s->host->host;
	struct aq_spool spool = {.size = sizeof(spool), .limit = spool_limit};
	uint32_t most = (uint32_t)(BATCH_BYTES / longest_record(s));

	s->at_once = BATCH_ROWS;
	s->tag = tag;
	s->step = STREAM_CREATE;
	s->doubts = true;
	s->ask.owner = h->owner;
	s->frame_room = FRAME_FIRST;
	s->frame = malloc(s->frame_room);
	if (s->frame == NULL || !batch_init(&s->batch, most < BATCH_ROWS ? most : BATCH_ROWS, longest_record(s)))
		return AQ_ESPACE;
	if (s->rows->journal != 0)
		return s->journal->open(h->owner, s->rows->table->name, 1u << s->rows->journal, s->tag);
	spool.tag = s->tag;
	snprintf(spool.name, sizeof(spool.name), "%s", s->rows->table->name);
	snprintf(spool.folder, sizeof(spool.folder), "%s", spool_folder);
	return s->spool->open(h->owner, &spool);
}

void stream_free(struct stream *s)
{
	batch_free(&s->batch);
	free(s->frame);
	s->frame = NULL;
}

/* ---- asking ---- */

static void ask(struct stream *s, uint8_t op, const char *collection)
{
	s->call_tag = ++*s->calls;
	ask_begin(&s->ask, s->line.store, op, collection, s->call_tag);
}

static void wait_and_try_again(struct stream *s)
{
	int64_t wait = SECOND / 10 << (s->tries < 10 ? s->tries : 10);

	s->tries++;
	s->not_before_ns = now_of(s) + (wait < RETRY_MAX_NS ? wait : RETRY_MAX_NS);
}

static void send(struct stream *s)
{
	int32_t rc = ask_send(&s->ask);

	if (rc == AQ_OK || rc == AQ_EAGAIN)
		return;
	say(s, AQ_LOG_ERROR, "%s: the host refuses a call to the store (%d)", s->rows->table->name, rc);
	wait_and_try_again(s);
}

static void create(struct stream *s)
{
	uint8_t *schema = s->frame; /* nothing is in it yet */
	bool gaps = s->step == STREAM_CREATE_GAPS;
	int32_t length =
		gaps ? table_gaps_schema(schema, s->frame_room) : table_schema(s->rows->table, schema, s->frame_room);

	ask(s, AQ_STORE_CREATE, gaps ? TABLE_GAPS : s->rows->table->name);
	ask_part(&s->ask, AQ_PART_SCHEMA, schema, (size_t)length);
	send(s);
}

/* {host: H, number: {$gte: first, $lt: end}} and, if it is wanted, time: {$lt: before}. */
static size_t write_range(struct stream *s, uint64_t first, uint64_t end, int64_t before_ns)
{
	struct aq_doc d;

	aq_doc_begin(&d, s->filter, sizeof(s->filter));
	aq_doc_text(&d, "host", s->host->name);
	aq_doc_open(&d, "number");
	aq_doc_int64(&d, "$gte", (int64_t)first);
	aq_doc_int64(&d, "$lt", (int64_t)end);
	aq_doc_close(&d);
	if (before_ns != 0) {
		aq_doc_open(&d, "time");
		aq_doc_time(&d, "$lt", before_ns);
		aq_doc_close(&d);
	}
	return (size_t)aq_doc_end(&d);
}

static size_t write_flags(uint8_t *out, size_t room, const char *first, const char *second)
{
	struct aq_doc d;

	aq_doc_begin(&d, out, room);
	aq_doc_int32(&d, first, 1);
	if (second != NULL)
		aq_doc_int32(&d, second, 1);
	return (size_t)aq_doc_end(&d);
}

/* ---- a batch ---- */

static void ask_which_are_stored(struct stream *s)
{
	const struct batch_record *first = &s->batch.records[0], *last = &s->batch.records[s->sending - 1];
	size_t length = write_range(s, first->missing != 0 ? first->missing : first->number, last->number + 1, 0);

	ask(s, AQ_STORE_FIND, s->rows->table->name);
	ask_part(&s->ask, AQ_PART_FILTER, s->filter, length);
	ask_part(&s->ask, AQ_PART_PROJECTION, s->other, write_flags(s->other, sizeof(s->other), "number", "time"));
	send(s);
}

/* What is missing before the batch. All before it is acknowledged, so that it begins with the same number when it is
 * told again, though it may have grown by then. */
static void tell_gap(struct stream *s)
{
	const struct batch_record *behind = &s->batch.records[0];
	struct aq_doc d;
	size_t filter;

	aq_doc_begin(&d, s->filter, sizeof(s->filter));
	aq_doc_text(&d, "host", s->host->name);
	aq_doc_text(&d, "collection", s->rows->table->name);
	aq_doc_int64(&d, "first", (int64_t)behind->missing);
	filter = (size_t)aq_doc_end(&d);
	aq_doc_begin(&d, s->update, sizeof(s->update));
	aq_doc_open(&d, "$set");
	aq_doc_int64(&d, "last", (int64_t)behind->number - 1);
	aq_doc_time(&d, "time", now_of(s));
	aq_doc_close(&d);
	ask(s, AQ_STORE_UPSERT, TABLE_GAPS);
	ask_part(&s->ask, AQ_PART_FILTER, s->filter, filter);
	ask_part(&s->ask, AQ_PART_UPDATE, s->update, (size_t)aq_doc_end(&d));
	send(s);
}

static int32_t write_row(struct stream *s, struct aq_frame_writer *f, const struct batch_record *r)
{
	int32_t rc;

	s->rows->write(s->rows->table, f, s->host, r->number, r->time_ns, s->batch.bytes + r->at);
	rc = aq_frame_row(f);
	if (rc == AQ_OK || rc == AQ_ESPACE)
		return rc;
	say(s, AQ_LOG_ERROR, "%s: record %" PRIu64 " makes no row (%d): it is stored without its contents",
		s->rows->table->name, r->number, rc);
	table_bare_row(s->rows->table, f, s->host->name, r->number, r->time_ns);
	return aq_frame_row(f);
}

/* Returns the frame's length, 0 when all of it is stored already, or a negative status. */
static int64_t write_frame(struct stream *s)
{
	struct aq_frame_writer f;
	uint32_t rows = 0;

	table_begin_frame(s->rows->table, &f, s->frame, s->frame_room);
	for (uint32_t i = 0; i < s->sending; i++) {
		int32_t rc = s->batch.records[i].stored ? AQ_OK : write_row(s, &f, &s->batch.records[i]);

		if (rc != AQ_OK)
			return rc;
		rows += !s->batch.records[i].stored;
	}
	return rows > 0 ? aq_frame_end(&f) : 0;
}

static bool grow_frame(struct stream *s)
{
	uint8_t *grown = realloc(s->frame, 2 * s->frame_room);

	if (grown == NULL)
		return false;
	s->frame = grown;
	s->frame_room *= 2;
	return true;
}

static void acknowledge(struct stream *s)
{
	const struct aq_host *h = s->host->host;
	uint64_t to = s->batch.records[s->sending - 1].acknowledge;

	if (s->rows->journal != 0)
		s->journal->acknowledge(h->owner, s->tag, to);
	else
		s->spool->acknowledge(h->owner, s->tag, to);
	s->stored += s->sending;
	batch_drop(&s->batch, s->sending);
	s->at_once = 2 * s->sending > s->at_once ? 2 * s->sending : s->at_once;
	s->at_once = s->at_once < s->batch.most ? s->at_once : s->batch.most;
	s->sending = 0;
	s->may_expire = true;
	s->tries = 0;
	s->trouble[0] = '\0';
	s->not_before_ns = s->batch.count == 0 && !s->hurries ? now_of(s) + *s->flush_ns : 0;
	s->step = STREAM_READ;
}

static void insert(struct stream *s)
{
	int64_t length = write_frame(s);

	while (length == AQ_ESPACE && grow_frame(s))
		length = write_frame(s);
	if (length == 0) {
		acknowledge(s);
		return;
	}
	if (length < 0) {
		say(s, AQ_LOG_ERROR, "%s: %u rows make no frame (%" PRId64 ")", s->rows->table->name, s->sending,
			length);
		wait_and_try_again(s);
		return;
	}
	ask(s, AQ_STORE_INSERT, s->rows->table->name);
	ask_part(&s->ask, AQ_PART_FRAME, s->frame, (size_t)length);
	send(s);
}

/* ---- what is too old ---- */

static void ask_for_oldest(struct stream *s)
{
	struct aq_doc d;
	size_t length;

	aq_doc_begin(&d, s->filter, sizeof(s->filter));
	aq_doc_text(&d, "host", s->host->name);
	length = (size_t)aq_doc_end(&d);
	s->has_oldest = false;
	ask(s, AQ_STORE_FIND, s->rows->table->name);
	s->ask.call.limit = 1;
	ask_part(&s->ask, AQ_PART_FILTER, s->filter, length);
	ask_part(&s->ask, AQ_PART_PROJECTION, s->other, write_flags(s->other, sizeof(s->other), "number", "time"));
	ask_part(&s->ask, AQ_PART_SORT, s->update, write_flags(s->update, sizeof(s->update), "number", NULL));
	send(s);
}

static void expire(struct stream *s)
{
	uint64_t end = s->oldest + (s->rows->journal != 0 ? EXPIRE_FACTS : EXPIRE_SPOOLED);

	ask(s, AQ_STORE_DELETE, s->rows->table->name);
	ask_part(&s->ask, AQ_PART_FILTER, s->filter, write_range(s, s->oldest, end, now_of(s) - s->line.keep_ns));
	send(s);
}

static void judge_oldest(struct stream *s)
{
	if (s->has_oldest && s->oldest_ns < now_of(s) - s->line.keep_ns) {
		s->step = STREAM_EXPIRE;
		return;
	}
	s->step = STREAM_READ;
	s->expire_ns = now_of(s) + EXPIRE_EVERY_NS;
}

/* ---- the way of it ---- */

static void read_more(struct stream *s)
{
	const struct aq_host *h = s->host->host;
	uint32_t room = s->batch.most - s->batch.count - s->outstanding;

	if (room == 0 || (room < s->batch.most / 2 && s->outstanding > 0))
		return;
	if ((s->rows->journal != 0 ? s->journal->read : s->spool->read)(h->owner, s->tag, room) == AQ_OK)
		s->outstanding += room;
}

/* False: there is nothing to be sent yet. */
static bool take_batch(struct stream *s)
{
	read_more(s);
	if (s->batch.count == 0 || (s->more && s->outstanding > 0 && !s->hurries))
		return false;
	s->sending = batch_whole(&s->batch, s->at_once);
	s->step = s->doubts ? STREAM_CONFIRM : s->batch.records[0].missing != 0 ? STREAM_GAP : STREAM_INSERT;
	return true;
}

/* What is too old has its turn between two batches, however many of them wait. False: there is nothing to be done. */
static bool choose(struct stream *s)
{
	bool expires = s->line.keep_ns != 0 && now_of(s) >= s->expire_ns && !s->hurries;

	if (!(expires && s->may_expire) && take_batch(s))
		return true;
	if (!expires)
		return false;
	s->may_expire = false;
	s->step = STREAM_OLDEST;
	return true;
}

static void do_step(struct stream *s)
{
	switch ((enum stream_step)s->step) {
	case STREAM_CREATE:
	case STREAM_CREATE_GAPS:
		create(s);
		break;
	case STREAM_READ:
		break;
	case STREAM_CONFIRM:
		ask_which_are_stored(s);
		break;
	case STREAM_GAP:
		tell_gap(s);
		break;
	case STREAM_INSERT:
		insert(s);
		break;
	case STREAM_OLDEST:
		ask_for_oldest(s);
		break;
	case STREAM_EXPIRE:
		expire(s);
		break;
	}
}

void stream_go(struct stream *s)
{
	if (s->tag == 0)
		return;
	if (s->ask.waits) {
		if (s->ask.unsent)
			send(s);
		return;
	}
	if (now_of(s) < s->not_before_ns && !s->hurries)
		return;
	if (s->step == STREAM_READ && !choose(s))
		return;
	do_step(s);
}

void stream_tick(struct stream *s)
{
	s->more = false;
	stream_go(s);
}

/* ---- what comes ---- */

void stream_record(struct stream *s, const struct aq_event *event)
{
	struct batch_record r = {0};
	const void *body;
	uint32_t length;

	if (s->outstanding == 0) /* of a rehearsal, which repeats what the running code has heard */
		return;
	s->outstanding--;
	if (event->type == AQ_EV_JOURNAL) {
		const struct aq_journal_record *record = AQ_BODY(aq_journal_record, event);

		r = (struct batch_record){
			.number = record->position, .acknowledge = record->next, .time_ns = record->time_ns};
		s->more = record->more != 0;
		length = record->length;
		body = record + 1;
	} else {
		const struct aq_spool_record *record = AQ_BODY(aq_spool_record, event);

		r = (struct batch_record){
			.number = record->number, .acknowledge = record->number, .time_ns = record->time_ns};
		s->more = record->more != 0;
		length = record->length;
		body = record + 1;
		if (record->number > record->previous + 1) {
			r.missing = record->previous + 1;
			s->lost += record->number - record->previous - 1;
			say(s, AQ_LOG_WARN,
				"%s: %" PRIu64 " records were dropped before they could be stored: numbers %" PRIu64
				" to %" PRIu64,
				s->rows->table->name, record->number - record->previous - 1, record->previous + 1,
				record->number - 1);
		}
	}
	if (s->rows->time != NULL)
		r.time_ns = s->rows->time(body);
	if (!batch_add(&s->batch, &r, body, length)) { /* what comes behind it would acknowledge it */
		s->host->host->fail(s->host->host->owner, "a record came that is longer than any may be");
		return;
	}
	if (!s->more || s->outstanding == 0)
		stream_go(s);
}

void stream_rows(struct stream *s, const struct aq_store_rows *rows)
{
	struct aq_bson_rows all = aq_bson_rows_of(rows + 1, rows->length);
	struct aq_bson row;
	int64_t number, time_ns;

	while (aq_bson_next_row(&all, &row) == 1) {
		if (aq_value_int64(aq_bson_find(row, "number"), &number) != AQ_OK ||
			aq_value_time(aq_bson_find(row, "time"), &time_ns) != AQ_OK)
			continue;
		if (s->step == STREAM_CONFIRM) {
			batch_is_stored(&s->batch, s->sending, (uint64_t)number, time_ns);
		} else {
			s->oldest = (uint64_t)number;
			s->oldest_ns = time_ns;
			s->has_oldest = true;
		}
	}
}

/* Once a whole batch is new, all that follows is. */
static void judge_doubt(struct stream *s)
{
	uint32_t stored = 0;

	for (uint32_t i = 0; i < s->sending; i++)
		stored += s->batch.records[i].stored;
	s->doubts = stored > 0;
	s->step = s->batch.records[0].missing != 0 ? STREAM_GAP : STREAM_INSERT;
}

void stream_end(struct stream *s, const struct aq_store_end *end)
{
	ask_end(&s->ask);
	s->tries = 0;
	switch ((enum stream_step)s->step) {
	case STREAM_CREATE:
		s->step = s->rows->table->spooled ? STREAM_CREATE_GAPS : STREAM_READ;
		break;
	case STREAM_CREATE_GAPS:
		s->step = STREAM_READ;
		break;
	case STREAM_CONFIRM:
		judge_doubt(s);
		break;
	case STREAM_GAP:
		s->spool->acknowledge(s->host->host->owner, s->tag, s->batch.records[0].number - 1);
		s->batch.records[0].missing = 0;
		s->step = STREAM_INSERT;
		break;
	case STREAM_INSERT:
		acknowledge(s);
		break;
	case STREAM_OLDEST:
		judge_oldest(s);
		break;
	case STREAM_EXPIRE:
		s->step = STREAM_READ; /* what waits goes first; then the next of it */
		s->expire_ns = end->changed > 0 ? 0 : now_of(s) + EXPIRE_EVERY_NS;
		break;
	case STREAM_READ:
		break;
	}
	stream_go(s);
}

/* Told once for each text; a store that is down says so itself. */
static void tell_trouble(struct stream *s, const struct aq_store_error *error)
{
	if (error->fault == AQ_STORE_DOWN || error->fault == AQ_STORE_LATE || strcmp(s->trouble, error->text) == 0)
		return;
	snprintf(s->trouble, sizeof(s->trouble), "%s", error->text);
	say(s, error->fault == AQ_STORE_LOST || error->fault == AQ_STORE_CONFLICT ? AQ_LOG_WARN : AQ_LOG_ERROR,
		"%s: %s%s (%d). It is tried again; %s", s->rows->table->name,
		s->step == STREAM_CREATE ? "the table cannot be made: " : "", error->text, error->code,
		s->rows->journal != 0 ? "what is to be stored waits in the journal"
				      : "what is to be stored waits in the spool");
}

void stream_error(struct stream *s, const struct aq_store_error *error)
{
	ask_end(&s->ask);
	tell_trouble(s, error);
	if (error->fault == AQ_STORE_LOST || error->fault == AQ_STORE_DUPLICATE)
		s->doubts = true;
	if (error->fault == AQ_STORE_UNKNOWN && s->step > STREAM_CREATE_GAPS) /* somebody has dropped it */
		s->step = STREAM_CREATE;
	if (s->step == STREAM_INSERT && s->doubts)
		s->step = STREAM_CONFIRM;
	if (s->step == STREAM_INSERT && error->fault == AQ_STORE_REFUSED && s->sending > 1) {
		s->sending = s->at_once = s->sending / 2; /* it may be too large, or one row of it not be taken */
		stream_go(s);
		return;
	}
	if (s->step == STREAM_OLDEST || s->step == STREAM_EXPIRE) {
		s->step = STREAM_READ;
		s->expire_ns = now_of(s) + EXPIRE_EVERY_NS;
	}
	wait_and_try_again(s);
}
