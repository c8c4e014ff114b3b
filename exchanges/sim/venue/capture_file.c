/* capture_file.c: see capture_file.h. */
#include "sim/venue/capture_file.h"

#include "sim/venue/file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int write_error(const struct capture_writer *w, struct aq_err *err)
{
	return sim_error(err, AQ_ESPACE, "%s: cannot be written: %s", w->part, strerror(errno));
}

static int put(struct capture_writer *w, struct sim_frame frame, const void *body, size_t length, struct aq_err *err)
{
	frame.size = (uint32_t)(sizeof(frame) + length);
	if (fwrite(&frame, sizeof(frame), 1, w->file) != 1 || fwrite(body, 1, length, w->file) != length)
		return write_error(w, err);
	return AQ_OK;
}

static int put_instruments(
	struct capture_writer *w, const struct aq_instrument *instruments, uint32_t count, struct aq_err *err)
{
	for (uint32_t i = 0; i < count; i++) {
		struct sim_frame frame = {.type = SIM_INSTRUMENT, .market = (uint16_t)(i + 1)};
		int status = put(w, frame, &instruments[i], sizeof(instruments[i]), err);
		if (status < 0)
			return status;
	}
	return AQ_OK;
}

int capture_create(struct capture_writer *w, const char *path, const struct sim_capture *head,
	const struct aq_instrument *instruments, uint32_t count, struct aq_err *err)
{
	*w = (struct capture_writer){.path = path, .head = *head};
	int length = snprintf(w->part, sizeof(w->part), "%s.part", path);
	if (length < 0 || (size_t)length >= sizeof(w->part))
		return sim_error(err, AQ_EINVAL, "%s: the path is too long", path);
	w->file = fopen(w->part, "wbe");
	if (w->file == NULL)
		return write_error(w, err);
	setvbuf(w->file, NULL, _IOFBF, 1u << 20);
	memcpy(w->head.magic, SIM_CAPTURE_MAGIC, sizeof(w->head.magic));
	w->head.version = SIM_VERSION;
	w->head.instruments = count;
	int status = put(w, (struct sim_frame){.type = SIM_CAPTURE}, &w->head, sizeof(w->head), err);
	if (status == AQ_OK)
		status = put_instruments(w, instruments, count, err);
	if (status < 0)
		capture_abandon(w);
	return status;
}

int capture_write(struct capture_writer *w, struct sim_frame frame, const void *body, size_t length, struct aq_err *err)
{
	if (w->head.frames++ == 0)
		w->head.first_ns = frame.time_ns;
	w->head.last_ns = frame.time_ns;
	return put(w, frame, body, length, err);
}

int capture_instrument(
	struct capture_writer *w, uint32_t index, const struct aq_instrument *instrument, struct aq_err *err)
{
	struct sim_frame frame = {.type = SIM_INSTRUMENT, .market = (uint16_t)index};
	long at = (long)(sizeof(frame) + sizeof(w->head) + (index - 1) * (sizeof(frame) + sizeof(*instrument)));
	if (fseek(w->file, at, SEEK_SET) != 0)
		return write_error(w, err);
	int status = put(w, frame, instrument, sizeof(*instrument), err);
	return status == AQ_OK && fseek(w->file, 0, SEEK_END) != 0 ? write_error(w, err) : status;
}

int capture_commit(struct capture_writer *w, struct aq_err *err)
{
	int status = AQ_OK;
	if (fseek(w->file, sizeof(struct sim_frame), SEEK_SET) != 0 ||
		fwrite(&w->head, sizeof(w->head), 1, w->file) != 1 || fflush(w->file) != 0)
		status = write_error(w, err);
	if (fclose(w->file) != 0 && status == AQ_OK)
		status = write_error(w, err);
	w->file = NULL;
	if (status == AQ_OK && rename(w->part, w->path) != 0)
		status = sim_error(err, AQ_ESPACE, "%s: cannot be renamed to %s: %s", w->part, w->path, strerror(errno));
	if (status < 0)
		unlink(w->part);
	return status;
}

void capture_abandon(struct capture_writer *w)
{
	if (w->file == NULL)
		return;
	fclose(w->file);
	w->file = NULL;
	unlink(w->part);
}

/* ---- reading ---- */

static int damaged(const struct capture_reader *r, struct aq_err *err, const char *what)
{
	return sim_error(
		err, AQ_EFORMAT, "%s: byte %llu: %s; import it again", r->path, (unsigned long long)r->offset, what);
}

/* The size that the body of a frame has by its type; SIZE_MAX for types that do not belong into a file. */
static size_t body_size(const struct sim_frame *frame, size_t length)
{
	switch (frame->type) {
	case SIM_CAPTURE:
		return sizeof(struct sim_capture);
	case SIM_INSTRUMENT:
		return sizeof(struct aq_instrument);
	case SIM_TICKER:
		return sizeof(struct aq_ticker);
	case SIM_TRADE:
		return sizeof(struct aq_trade);
	case SIM_FUNDING:
		return sizeof(struct aq_funding);
	case SIM_KLINE:
		return sizeof(struct aq_kline);
	case SIM_BOOK:
		break;
	default:
		return SIZE_MAX;
	}
	const struct aq_book_update *update = SIM_BODY(aq_book_update, frame);
	if (length < sizeof(*update))
		return SIZE_MAX;
	return sizeof(*update) + ((size_t)update->bids + update->asks) * sizeof(struct aq_level);
}

static int read_frame(struct capture_reader *r, struct aq_err *err)
{
	struct sim_frame *frame = r->frame;
	size_t count = fread(frame, 1, sizeof(*frame), r->file);
	if (ferror(r->file))
		return sim_error(err, AQ_EFORMAT, "%s: cannot be read: %s", r->path, strerror(errno));
	if (count == 0)
		return 0;
	if (count < sizeof(*frame))
		return damaged(r, err, "the file ends within a frame");
	if (frame->size < sizeof(*frame) || frame->size > CAPTURE_FRAME_MAX || frame->size % 8 != 0)
		return damaged(r, err, "no frame of a capture");
	size_t length = frame->size - sizeof(*frame);
	if (fread(frame + 1, 1, length, r->file) != length)
		return damaged(r, err, "the file ends within a frame");
	if (body_size(frame, length) != length)
		return damaged(r, err, "the size of this frame does not fit its type");
	return 1;
}

static int check_place(struct capture_reader *r, struct aq_err *err)
{
	const struct sim_frame *frame = r->frame;
	if (r->instruments_left > 0) {
		if (frame->type != SIM_INSTRUMENT)
			return damaged(r, err, "an instrument is missing");
		r->instruments_left--;
		return 1;
	}
	if (frame->type == SIM_INSTRUMENT || frame->type == SIM_CAPTURE)
		return damaged(r, err, "a frame of the file's beginning stands further down");
	if (frame->market == 0 || frame->market > r->head.instruments)
		return damaged(r, err, "a frame for an instrument that is not listed");
	if (frame->time_ns < r->last_ns)
		return damaged(r, err, "time goes back");
	r->last_ns = frame->time_ns;
	return 1;
}

int capture_next(struct capture_reader *r, struct aq_err *err)
{
	int status = read_frame(r, err);
	if (status == 1)
		status = check_place(r, err);
	if (status == 1)
		r->offset += r->frame->size;
	else if (status == 0 && r->instruments_left > 0)
		return damaged(r, err, "an instrument is missing");
	return status;
}

static int read_head(struct capture_reader *r, struct aq_err *err)
{
	int status = read_frame(r, err);
	if (status < 0)
		return sim_error(err, AQ_EFORMAT, "%s: is no capture; make one with `replay import`", r->path);
	if (status == 0)
		return sim_error(err, AQ_EFORMAT, "%s: is empty; make a capture with `replay import`", r->path);
	if (r->frame->type != SIM_CAPTURE)
		return sim_error(err, AQ_EFORMAT, "%s: is no capture; make one with `replay import`", r->path);
	memcpy(&r->head, r->frame + 1, sizeof(r->head));
	if (memcmp(r->head.magic, SIM_CAPTURE_MAGIC, sizeof(r->head.magic)) != 0 || r->head.version != SIM_VERSION)
		return sim_error(err, AQ_EVERSION, "%s: a capture of another version; import it again", r->path);
	r->head.source[sizeof(r->head.source) - 1] = '\0';
	r->instruments_left = r->head.instruments;
	r->offset = r->frame->size;
	return AQ_OK;
}

int capture_open(struct capture_reader *r, const char *path, struct aq_err *err)
{
	*r = (struct capture_reader){.path = path, .last_ns = INT64_MIN};
	r->file = fopen(path, "rbe");
	if (r->file == NULL)
		return sim_error(err, AQ_ENOENT, "%s: cannot be opened: %s", path, strerror(errno));
	setvbuf(r->file, NULL, _IOFBF, 1u << 20);
	r->frame = malloc(CAPTURE_FRAME_MAX);
	int status = r->frame == NULL ? sim_error(err, AQ_EAGAIN, "%s: out of memory", path) : read_head(r, err);
	if (status < 0)
		capture_close(r);
	return status;
}

void capture_close(struct capture_reader *r)
{
	if (r->file != NULL)
		fclose(r->file);
	free(r->frame);
	r->file = NULL;
	r->frame = NULL;
}
