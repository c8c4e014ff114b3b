#include <replay/import.h>

#include <base/err.h>
#include <sim/venue/capture_file.h>
#include <replay/lines.h>

#include <string.h>
#include <time.h>

#define MOST_COMPLAINTS 10

struct work {
	const struct replay_import *what;
	const struct replay_venue *venue;
	struct replay_result *result;
	struct aq_err *err;
	struct capture_writer *writer; /* NULL while the delays are measured */
	const char *path;
	uint64_t line; /* within the file */
	int64_t last_ns;
	int64_t delay_ns; /* smallest so far, unshifted */
	uint64_t done, all, rows; /* bytes of all passes over the files; lines of the passes before */
	union {
		struct aq_event event;
		uint8_t room[AQ_EVENT_MAX];
	} record;
};

static void complain(struct work *w, const char *problem, const char *text, size_t length)
{
	FILE *to = w->what->complaints;
	if (w->writer == NULL)
		return;
	if (++w->result->bad > MOST_COMPLAINTS || to == NULL)
		return;
	progress_clear(w->what->progress);
	fprintf(to, "%s:%llu: %s: ", w->path, (unsigned long long)w->line, problem);
	for (size_t i = 0; i < length && i < 60; i++)
		fputc(text[i] >= ' ' && text[i] <= '~' ? text[i] : '?', to);
	fputs(length > 60 ? "...\n" : "\n", to);
	if (w->result->bad == MOST_COMPLAINTS)
		fputs("further bad lines are only counted\n", to);
}

/* The stamp in front of the line, in any of the units in use; told apart by size from 2001 to 2262. */
static size_t read_stamp(const char *text, size_t length, int64_t *out_ns)
{
	const char *blank = memchr(text, ' ', length);
	int64_t value;
	if (blank == NULL || aq_dec_parse(text, (size_t)(blank - text), 0, &value) < 0 || value < 1000000000000)
		return 0;
	int64_t unit = value < 10000000000000 ? 1000000 : value < 10000000000000000 ? 1000 : 1;
	if (value > INT64_MAX / unit)
		return 0;
	*out_ns = value * unit;
	return (size_t)(blank - text) + 1;
}

static uint16_t frame_type(const struct aq_event *event)
{
	switch (event->type) {
	case AQ_EV_BOOK_UPDATE:
		return SIM_BOOK;
	case AQ_EV_TICKER:
		return SIM_TICKER;
	case AQ_EV_TRADE:
		return SIM_TRADE;
	default:
		return SIM_FUNDING;
	}
}

static void count_record(struct replay_result *r, const struct aq_event *event)
{
	bool snapshot = event->type == AQ_EV_BOOK_UPDATE && AQ_BODY(aq_book_update, event)->snapshot;
	r->snapshots += snapshot;
	r->deltas += event->type == AQ_EV_BOOK_UPDATE && !snapshot;
	r->tickers += event->type == AQ_EV_TICKER;
	r->trades += event->type == AQ_EV_TRADE;
	r->funding += event->type == AQ_EV_FUNDING;
}

static int write_record(struct work *w, int64_t local_ns)
{
	const struct aq_event *event = &w->record.event;
	struct sim_frame frame = {
		.type = frame_type(event), .market = 1, .venue_ns = event->venue_ns, .seq = w->result->lines};
	if (__builtin_add_overflow(local_ns, w->result->shift_ns, &frame.time_ns))
		return err_set(w->err, AQ_EOVERFLOW, "%s:%llu: the shifted time does not fit; give another --shift",
			w->path, (unsigned long long)w->line);
	if (frame.time_ns < w->last_ns) {
		frame.time_ns = w->last_ns;
		w->result->clamped++;
	}
	w->last_ns = frame.time_ns;
	count_record(w->result, event);
	return capture_write(w->writer, frame, event + 1, event->size - sizeof(*event), w->err);
}

/* A snapshot inside a stream is a partial book with a chain of its own: nothing for the whole one. */
static bool wanted(const struct work *w, const struct binance_message *message)
{
	const struct aq_event *event = &w->record.event;
	if (event->type == AQ_EV_BOOK_UPDATE && AQ_BODY(aq_book_update, event)->snapshot && message->symbol.length == 0)
		return message->stream.length == 0;
	return aq_json_is(message->symbol, w->what->symbol);
}

static void measure(struct work *w, const struct binance_message *message, int64_t local_ns)
{
	int64_t sent_ns = message->sent_ns != 0 ? message->sent_ns : w->record.event.venue_ns;
	if (sent_ns != 0 && local_ns - sent_ns < w->delay_ns)
		w->delay_ns = local_ns - sent_ns;
}

static int take_line(struct work *w, const char *text, size_t length)
{
	struct binance_message message;
	int64_t local_ns;
	w->result->lines++;
	size_t stamp = read_stamp(text, length, &local_ns);
	if (stamp == 0) {
		complain(w, "a line must be `<ns since 1970> <json>`", text, length);
		return AQ_OK;
	}
	int size = w->venue->decode(text + stamp, length - stamp, &w->record.event, sizeof(w->record), &message);
	if (size < 0) {
		complain(w, size == AQ_ESPACE ? "more levels than a record holds" : "no message of this venue",
			text + stamp, length - stamp);
		return AQ_OK;
	}
	if (size == 0 || !wanted(w, &message)) {
		w->result->other++;
		return AQ_OK;
	}
	measure(w, &message, local_ns);
	return w->writer != NULL ? write_record(w, local_ns) : AQ_OK;
}

static void show_progress(struct work *w, const struct lines *lines)
{
	if (progress_due(w->what->progress))
		progress_bytes(w->what->progress, w->done + lines_offset(lines), w->all, w->rows + w->result->lines);
}

static int take_file(struct work *w)
{
	const char *text;
	size_t length;
	int status, written = AQ_OK;
	struct lines *lines = lines_open(w->path, w->err);
	if (lines == NULL)
		return w->err->code;
	while ((status = lines_next(lines, &text, &length, w->err)) > 0) {
		w->line = lines_number(lines);
		show_progress(w, lines);
		written = take_line(w, text, length);
		if (written < 0)
			break;
	}
	w->done += lines_offset(lines);
	lines_close(lines);
	if (written == AQ_OK && status == AQ_EFORMAT) {
		w->result->cut = true;
		status = AQ_OK; /* what could be read counts */
	}
	return written < 0 ? written : status;
}

/* All the files; with `writer` NULL only to measure. */
static int take_files(struct work *w, struct capture_writer *writer)
{
	int64_t shift_ns = w->result->shift_ns;
	uint64_t rows = w->result->lines;
	*w->result = (struct replay_result){.shift_ns = shift_ns};
	w->writer = writer;
	w->rows = rows;
	w->last_ns = INT64_MIN;
	w->delay_ns = INT64_MAX;
	for (size_t i = 0; i < w->what->files; i++) {
		w->path = w->what->in[i];
		int status = take_file(w);
		if (status < 0)
			return status;
	}
	return AQ_OK;
}

static int find_shift(struct work *w)
{
	w->result->shift_ns = w->what->shift_ns;
	if (!w->what->shift_auto)
		return AQ_OK;
	int status = take_files(w, NULL);
	w->result->shift_ns = w->delay_ns == INT64_MAX ? 0 : REPLAY_SMALLEST_DELAY_NS - w->delay_ns;
	return status;
}

/* "binance BTCUSDT 2024-08-08": the day of the first frame. */
static void name_source(struct capture_writer *writer, const struct replay_import *what)
{
	char day[16] = "";
	time_t seconds = (time_t)(writer->head.first_ns / 1000000000);
	struct tm utc;
	if (gmtime_r(&seconds, &utc) != NULL)
		strftime(day, sizeof(day), "%Y-%m-%d", &utc);
	int length =
		snprintf(writer->head.source, sizeof(writer->head.source), "%s %s %s", what->venue, what->symbol, day);
	if (length < 0)
		writer->head.source[0] = '\0'; /* too long a text is cut, which does no harm here */
}

static int finish(struct work *w, struct capture_writer *writer)
{
	struct replay_result *r = w->result;
	if (writer->head.frames == 0) {
		capture_abandon(writer);
		return r->cut ? AQ_EFORMAT
			      : err_set(w->err, AQ_ENOENT,
					"nothing of %s %s among %llu lines (%llu unreadable); do --venue and --symbol "
					"fit the files?",
					w->what->venue, w->what->symbol, (unsigned long long)r->lines,
					(unsigned long long)r->bad);
	}
	name_source(writer, w->what);
	r->first_ns = writer->head.first_ns;
	r->last_ns = writer->head.last_ns;
	r->delay_ns = w->delay_ns == INT64_MAX ? INT64_MAX : w->delay_ns + r->shift_ns;
	return capture_commit(writer, w->err);
}

int replay_import(const struct replay_import *what, struct replay_result *result, struct aq_err *err)
{
	struct aq_instrument instrument;
	struct capture_writer writer;
	struct work w = {.what = what, .result = result, .err = err, .venue = replay_venue_find(what->venue)};
	*result = (struct replay_result){0};
	if (w.venue == NULL)
		return err_set(err, AQ_ENOENT, "--venue %s: is not known here; known are %s", what->venue,
			replay_venue_names);
	int status = replay_instrument(w.venue, what->symbol, &what->filters, &instrument, err);
	w.all = replay_size(what->in, what->files) * (what->shift_auto ? 2 : 1);
	if (status == AQ_OK)
		status = find_shift(&w);
	if (status < 0)
		return status;
	struct sim_capture head = {.shift_ns = result->shift_ns};
	status = capture_create(&writer, what->out, &head, &instrument, 1, err);
	if (status < 0)
		return status;
	status = take_files(&w, &writer);
	progress_clear(what->progress);
	if (status < 0) {
		capture_abandon(&writer);
		return status;
	}
	return finish(&w, &writer);
}
