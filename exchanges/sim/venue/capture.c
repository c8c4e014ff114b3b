/* capture.c: several files as one timeline, and the cursor that runs along it. */
#include "sim/venue/capture.h"

#include "sim/check.h"

#include <stdlib.h>
#include <string.h>

static uint16_t find_symbol(const struct sim_timeline *t, const char *symbol)
{
	for (uint32_t i = 0; i < t->market_count; i++)
		if (strcmp(t->instruments[i].symbol, symbol) == 0)
			return (uint16_t)(i + 1);
	return 0;
}

static int add_instrument(struct sim_timeline *t, const struct aq_instrument *in, uint16_t *market)
{
	if (t->market_count == SIM_MARKETS_MAX)
		return AQ_ESPACE;
	struct aq_instrument *more = realloc(t->instruments, (t->market_count + 1) * sizeof *more);
	if (more == NULL)
		return AQ_ESPACE;
	t->instruments = more;
	more[t->market_count++] = *in;
	more[t->market_count - 1].id = t->market_count;
	*market = (uint16_t)t->market_count;
	return AQ_OK;
}

/* Prices of a market must mean the same in every file, so its scale may not differ between them. */
static bool same_scale(const struct aq_instrument *a, const struct aq_instrument *b)
{
	return a->kind == b->kind && a->px_digits == b->px_digits && a->qty_digits == b->qty_digits &&
	       strcmp(a->base, b->base) == 0 && strcmp(a->quote, b->quote) == 0 && strcmp(a->settle, b->settle) == 0;
}

static int join_file(struct sim_timeline *t, struct sim_file *f, struct aq_err *err)
{
	for (uint32_t i = 0; i < f->markets; i++) {
		const struct aq_instrument *in = f->instruments[i];
		uint16_t known = find_symbol(t, in->symbol);
		if (known == 0 && add_instrument(t, in, &known) != AQ_OK)
			return sim_error(err, AQ_ESPACE, "%s: too many instruments", f->path);
		if (!same_scale(in, &t->instruments[known - 1]))
			return sim_error(err, AQ_EINVAL,
				"%s: %s has other digits or assets than in a capture before it", f->path, in->symbol);
		f->market[i] = known;
	}
	return AQ_OK;
}

static void note_ids(struct sim_ids *ids, const struct sim_frame *frame)
{
	if (frame->type == SIM_BOOK) {
		const struct aq_book_update *u = SIM_BODY(aq_book_update, frame);
		if (!ids->updates) {
			ids->begins_with_delta = !u->snapshot;
			ids->update_first = u->snapshot ? u->reaches : u->follows;
		}
		ids->updates = true;
		ids->update_last = u->reaches;
	} else if (frame->type == SIM_TRADE) {
		if (!ids->trades)
			ids->trade_first = SIM_BODY(aq_trade, frame)->id;
		ids->trades = true;
		ids->trade_last = SIM_BODY(aq_trade, frame)->id;
	}
}

static int scan_ids(struct sim_timeline *t, struct aq_err *err)
{
	t->ids = calloc(t->market_count, sizeof *t->ids);
	if (t->ids == NULL)
		return sim_error(err, AQ_ESPACE, "out of memory");
	for (uint32_t i = 0; t->loop && i < t->file_count; i++) {
		const struct sim_file *f = &t->files[i];
		for (uint64_t at = f->begin; at < f->length; at += sim_file_frame(f, at)->size) {
			const struct sim_frame *frame = sim_file_frame(f, at);
			note_ids(&t->ids[f->market[frame->market - 1] - 1], frame);
		}
	}
	return AQ_OK;
}

static int open_files(struct sim_timeline *t, const struct sim_venue_options *options, struct aq_err *err)
{
	const struct sim_file *before = NULL;
	uint64_t frames = 0;
	for (uint32_t i = 0; i < options->capture_count; i++) {
		struct sim_file *f = &t->files[t->file_count++];
		int status = sim_file_open(f, options->captures[i], err);
		if (status == AQ_OK)
			status = join_file(t, f, err);
		if (status != AQ_OK)
			return status;
		if (f->frames == 0)
			continue;
		if (before != NULL && f->first_ns < before->last_ns)
			return sim_error(err, AQ_EINVAL,
				"%s begins before %s ends: captures stand in the order of time", f->path, before->path);
		before = f;
		frames += f->frames;
	}
	return frames > 0 ? AQ_OK : sim_error(err, AQ_EINVAL, "the captures hold no market data");
}

int sim_timeline_open(struct sim_timeline *t, const struct sim_venue_options *options, struct aq_err *err)
{
	memset(t, 0, sizeof *t);
	t->end_ns = options->end_ns != 0 ? options->end_ns : INT64_MAX;
	t->frames_max = options->frames_max != 0 ? options->frames_max : UINT64_MAX;
	t->rate = options->rate;
	t->base_ns = options->base_ns;
	t->loop = options->loop;
	if (options->capture_count == 0)
		return sim_error(err, AQ_EINVAL, "no capture is named");
	t->files = calloc(options->capture_count, sizeof *t->files);
	if (t->files == NULL)
		return sim_error(err, AQ_ESPACE, "out of memory");
	int status = open_files(t, options, err);
	return status == AQ_OK ? scan_ids(t, err) : status;
}

void sim_timeline_close(struct sim_timeline *t)
{
	for (uint32_t i = 0; i < t->file_count; i++)
		sim_file_close(&t->files[i]);
	free(t->files);
	free(t->instruments);
	free(t->ids);
	memset(t, 0, sizeof *t);
}

static void at_end(struct sim_cursor *c)
{
	c->frame = NULL;
	c->time_ns = INT64_MAX;
	c->market = 0;
}

/* Looks at what lies under the cursor, going on to the next file, or round, where one ends. */
static void settle(struct sim_cursor *c, const struct sim_timeline *t)
{
	while (c->offset >= t->files[c->file].length) {
		bool last = c->file + 1 == t->file_count;
		if (last && !t->loop) {
			at_end(c);
			return;
		}
		c->lap += last;
		c->file = last ? 0 : c->file + 1;
		c->offset = t->files[c->file].begin;
	}
	const struct sim_file *f = &t->files[c->file];
	const struct sim_frame *frame = sim_file_frame(f, c->offset);
	/* Checked when it was opened; a file that someone overwrites while it is read ends here instead of crashing. */
	if (sim_header_fault(frame) != NULL || frame->size > f->length - c->offset || frame->market == 0 ||
		frame->market > f->markets || c->number >= t->frames_max) {
		at_end(c);
		return;
	}
	c->frame = frame;
	c->market = f->market[frame->market - 1];
	c->time_ns = frame->time_ns;
	if (t->rate != 0)
		c->time_ns = t->base_ns + (int64_t)(c->number / t->rate * 1000000000u) +
			     (int64_t)(c->number % t->rate * 1000000000u / t->rate);
	if (c->time_ns > t->end_ns)
		at_end(c);
}

void sim_cursor_begin(struct sim_cursor *c, const struct sim_timeline *t)
{
	memset(c, 0, sizeof *c);
	c->offset = t->files[0].begin;
	settle(c, t);
}

void sim_cursor_advance(struct sim_cursor *c, const struct sim_timeline *t)
{
	c->offset += c->frame->size;
	c->number++;
	settle(c, t);
}

bool sim_candles_alone(const struct sim_timeline *t, uint16_t market)
{
	unsigned holds = 0;
	for (uint32_t i = 0; i < t->file_count; i++)
		for (uint32_t n = 0; n < t->files[i].markets; n++)
			holds |= t->files[i].market[n] == market ? t->files[i].holds[n] : 0;
	return holds == SIM_HOLDS_CANDLES;
}

uint64_t sim_update_shift(const struct sim_timeline *t, uint16_t market, uint64_t lap)
{
	const struct sim_ids *ids = &t->ids[market - 1];
	/* A chain that begins with a delta goes on exactly where the round before ended; a snapshot comes one later. */
	return lap * (ids->update_last - ids->update_first + !ids->begins_with_delta);
}

uint64_t sim_trade_shift(const struct sim_timeline *t, uint16_t market, uint64_t lap)
{
	return lap * (t->ids[market - 1].trade_last - t->ids[market - 1].trade_first + 1);
}
