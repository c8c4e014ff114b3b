#include <replay/write_rows.h>

#include <base/err.h>
#include <flow/kline.h>
#include <sim/venue/capture_file.h>
#include <replay/times.h>

#include <string.h>

#define MOST_COMPLAINTS 10

struct work {
	const struct write_rows *what;
	const struct replay_rows *rows;
	struct write_result *result;
	struct aq_err *err;
	struct capture_writer writer;
	int64_t last_ns; /* of the last row: a trade's time, a candle's begin; INT64_MIN = none yet */
	int64_t end_ns;  /* of the last candle */
};

/* ---- bad rows ---- */

/* AQ_OK: it is left out, and the next one counts. Where a source is cut is said in any case. */
static int complain(struct work *w, bool cut)
{
	FILE *to = w->what->complaints;
	if (!w->what->skip_bad)
		return w->err->code;
	w->result->bad++;
	if ((w->result->bad > MOST_COMPLAINTS && !cut) || to == NULL)
		return AQ_OK;
	progress_clear(w->what->progress);
	fprintf(to, "skipped: %s\n", w->err->text);
	if (w->result->bad == MOST_COMPLAINTS)
		fputs("further bad rows are only counted\n", to);
	return AQ_OK;
}

static int bad_time(struct work *w, const char *what, const char *allowed, int64_t at_ns)
{
	char at[TIME_TEXT], last[TIME_TEXT];
	return err_set(w->err, AQ_EFORMAT, "%s: %s, %s comes after %s; %s", w->rows->where(w->rows->self), what,
		time_text(at_ns, at), time_text(w->last_ns, last), allowed);
}

/* ---- order and gaps ---- */

static int check_order(struct work *w, const struct replay_row *row)
{
	static const char sorted[] = "rows must stand in the order of time, files too";
	if (row->at_ns < w->last_ns)
		return bad_time(w, "time goes back", sorted, row->at_ns);
	if (row->is_kline && row->at_ns == w->last_ns)
		return bad_time(w, "this candle has been there", sorted, row->at_ns);
	if (row->is_kline && row->at_ns < w->end_ns)
		return bad_time(w, "this candle overlaps", "candles of a capture are of one length", row->at_ns);
	return AQ_OK;
}

static uint64_t missing_between(uint8_t interval, int64_t from_ns, int64_t to_ns)
{
	uint64_t count = 0;
	int64_t step = kline_end(interval, from_ns) - from_ns;
	if (interval < AQ_1MON)
		return (uint64_t)((to_ns - from_ns) / step);
	for (; from_ns < to_ns; from_ns = kline_end(interval, from_ns))
		count++;
	return count;
}

static void note_gap(struct work *w, const struct aq_kline *k)
{
	struct write_result *r = w->result;
	if (w->end_ns == INT64_MIN || k->open_ns <= w->end_ns)
		return;
	struct write_gap gap = {.from_ns = w->end_ns,
		.to_ns = k->open_ns,
		.missing = missing_between(k->interval, w->end_ns, k->open_ns)};
	if (r->gaps < WRITE_GAPS_KEPT)
		r->gap[r->gaps] = gap;
	r->gaps++;
	r->missing += gap.missing;
}

/* ---- writing ---- */

static int write_trade(struct work *w, const struct replay_row *row)
{
	struct sim_frame frame = {
		.type = SIM_TRADE, .market = 1, .time_ns = row->at_ns, .venue_ns = row->at_ns, .seq = row->number};
	w->result->trades++;
	w->result->sideless += row->trade.taker == 0;
	w->result->last_ns = row->at_ns;
	return capture_write(&w->writer, frame, &row->trade, sizeof(row->trade), w->err);
}

static int write_kline(struct work *w, const struct replay_row *row)
{
	const struct aq_kline *k = &row->kline;
	struct sim_frame frame = {
		.type = SIM_KLINE, .market = 1, .time_ns = k->end_ns, .venue_ns = k->end_ns, .seq = row->number};
	note_gap(w, k);
	w->end_ns = w->result->last_ns = k->end_ns;
	w->result->interval = k->interval;
	if (k->qty == 0) {
		w->result->empty++;
		return AQ_OK;
	}
	w->result->klines++;
	return capture_write(&w->writer, frame, k, sizeof(*k), w->err);
}

static int take_row(struct work *w, const struct replay_row *row)
{
	if (check_order(w, row) < 0)
		return complain(w, false);
	if (w->last_ns == INT64_MIN)
		w->result->first_ns = row->at_ns;
	w->last_ns = row->at_ns;
	return row->is_kline ? write_kline(w, row) : write_trade(w, row);
}

static int take_rows(struct work *w)
{
	struct replay_row row;
	int status;
	while ((status = w->rows->next(w->rows->self, &row, w->err)) > 0) {
		w->result->rows++;
		status = status == ROWS_ROW ? take_row(w, &row) : complain(w, status == ROWS_CUT);
		if (status < 0)
			return status;
		progress_step(w->what->progress, w->rows, w->result->rows);
	}
	return status;
}

static int finish(struct work *w)
{
	struct write_result *r = w->result;
	char day[TIME_TEXT];
	if (r->trades + r->klines == 0)
		return err_set(w->err, AQ_ENOENT, "%s: there is nothing to be written: %llu rows, %llu of them bad, %llu of "
						  "intervals without a trade",
			w->what->source, (unsigned long long)r->rows, (unsigned long long)r->bad, (unsigned long long)r->empty);
	snprintf(w->writer.head.source, sizeof(w->writer.head.source), "%.50s %.10s", w->what->source,
		time_text(r->first_ns, day));
	return AQ_OK;
}

int write_rows(
	const struct write_rows *what, const struct replay_rows *rows, struct write_result *result, struct aq_err *err)
{
	struct work w = {
		.what = what, .rows = rows, .result = result, .err = err, .last_ns = INT64_MIN, .end_ns = INT64_MIN};
	struct sim_capture head = {0};
	*result = (struct write_result){0};
	int status = capture_create(&w.writer, what->out, &head, what->instrument, 1, err);
	if (status < 0)
		return status;
	status = take_rows(&w);
	progress_clear(what->progress);
	if (status == AQ_OK)
		status = finish(&w);
	if (status == AQ_OK)
		return capture_commit(&w.writer, err);
	capture_abandon(&w.writer);
	return status;
}
