/* replay_stream.c: see replay_stream.h. A page is a find of its own that begins at the time at which the one before ended: no
 * cursor stays open, and the index of the table finds the place. */
#include "host/replay_stream.h"

#include "base/err.h"
#include "flow/kline.h"
#include "host/sim_stored.h"

#include <string.h>

#define PAGE 20000u
#define PAGE_OF_BOOKS 1000u
#define PAGE_MAX (1u << 21) /* rows of one time */

void replay_stream_begin(struct replay_stream *s, struct store_alone *store, enum replay_table table, const char *market,
	uint8_t interval, int64_t start_ns, int64_t end_ns)
{
	*s = (struct replay_stream){.store = store, .market = market, .from_ns = start_ns, .end_ns = end_ns,
		.limit = table == REPLAY_BOOKS ? PAGE_OF_BOOKS : PAGE, .rows = {.table = (uint8_t)table, .interval = interval, .px_digits = SIM_STORED_DIGITS,
			.qty_digits = SIM_STORED_DIGITS}};
}

static struct aq_bson ended(struct aq_doc *d, void *at)
{
	int32_t length = aq_doc_end(d);

	return (struct aq_bson){.at = at, .length = length > 0 ? (uint32_t)length : 0};
}

static struct aq_bson write_filter(const struct replay_stream *s, uint8_t *out, size_t room)
{
	struct aq_doc d;

	aq_doc_begin(&d, out, room);
	aq_doc_text(&d, "market", s->market);
	aq_doc_open(&d, "time");
	aq_doc_time(&d, "$gte", s->from_ns);
	aq_doc_time(&d, "$lte", s->end_ns);
	aq_doc_close(&d);
	if (s->rows.table == REPLAY_KLINES)
		aq_doc_text(&d, "interval", kline_name(s->rows.interval));
	return ended(&d, out);
}

static struct aq_bson write_projection(const struct replay_stream *s, uint8_t *out, size_t room)
{
	const char *const *column = replay_table_columns((enum replay_table)s->rows.table);
	struct aq_doc d;

	aq_doc_begin(&d, out, room);
	for (; *column != NULL; column++)
		aq_doc_int32(&d, *column, 1);
	return ended(&d, out);
}

static struct aq_bson write_sort(uint8_t *out, size_t room)
{
	struct aq_doc d;

	aq_doc_begin(&d, out, room);
	aq_doc_int32(&d, "time", 1);
	return ended(&d, out);
}

static int take_frame(void *context, const struct aq_frame_reader *f, struct aq_err *err)
{
	return replay_rows_take(context, f, err);
}

static int ask(struct replay_stream *s, struct aq_err *err)
{
	uint8_t filter[512], projection[512], sort[64];
	struct store_alone_ask what = {.collection = replay_table_name((enum replay_table)s->rows.table), .op = AQ_STORE_FIND,
		.limit = s->limit, .frame = take_frame, .context = &s->rows, .filter = write_filter(s, filter, sizeof(filter)),
		.projection = write_projection(s, projection, sizeof(projection)), .sort = write_sort(sort, sizeof(sort))};

	replay_rows_clear(&s->rows);
	s->next = 0;
	return store_alone_ask(s->store, &what, err);
}

/* Of the last time of a full page more may follow: it is left for the next one. False: the page has no other. */
static bool cut_last_time(struct replay_stream *s)
{
	if (s->rows.last_ns == s->from_ns)
		return false;
	while (s->rows.count > 0 && s->rows.list[s->rows.count - 1].at_ns == s->rows.last_ns)
		s->rows.count--;
	s->from_ns = s->rows.last_ns;
	return true;
}

static int next_page(struct replay_stream *s, struct aq_err *err)
{
	int rc = ask(s, err);

	if (rc != AQ_OK)
		return rc;
	s->ended = s->rows.seen < s->limit;
	if (!s->ended && !cut_last_time(s)) {
		if (s->limit >= PAGE_MAX)
			return err_set(err, AQ_EFORMAT, "%s: %s has more than %u rows of the time %lld",
				replay_table_name((enum replay_table)s->rows.table), s->market, PAGE_MAX, (long long)s->from_ns);
		s->limit *= 2;
		s->rows.count = 0;
		return AQ_OK;
	}
	s->taken += s->rows.seen;
	replay_rows_settle(&s->rows);
	return AQ_OK;
}

/* The same trade of another host, whose time for it is another. */
static bool is_known(const struct replay_stream *s, const struct replay_row *row)
{
	return row->id != 0 && s->recent[row->id % REPLAY_RECENT] == row->id;
}

int replay_stream_peek(struct replay_stream *s, const struct replay_row **row, struct aq_err *err)
{
	int rc;

	*row = NULL;
	for (;;) {
		while (s->next < s->rows.count && is_known(s, &s->rows.list[s->next]))
			s->next++;
		if (s->next < s->rows.count) {
			*row = &s->rows.list[s->next];
			return AQ_OK;
		}
		if (s->ended)
			return AQ_OK;
		rc = next_page(s, err);
		if (rc != AQ_OK)
			return rc;
	}
}

void replay_stream_take(struct replay_stream *s)
{
	const struct replay_row *row = &s->rows.list[s->next++];

	if (row->id != 0)
		s->recent[row->id % REPLAY_RECENT] = row->id;
}

const void *replay_stream_body(const struct replay_stream *s, const struct replay_row *row)
{
	return s->rows.bytes + row->at;
}

int64_t replay_stream_ns(const struct replay_stream *s, const struct replay_row *row)
{
	if (s->rows.table != REPLAY_KLINES)
		return row->at_ns;
	return ((const struct aq_kline *)replay_stream_body(s, row))->end_ns;
}

void replay_stream_end(struct replay_stream *s)
{
	replay_rows_free(&s->rows);
}
