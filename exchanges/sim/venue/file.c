/* file.c: maps a capture and walks it once. */
#include "sim/venue/file.h"

#include "sim/check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

int sim_error(struct aq_err *err, int code, const char *format, ...)
{
	if (err == NULL)
		return code;
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(err->text, sizeof err->text, format, arguments);
	va_end(arguments);
	err->code = code;
	return code;
}

static int bad(const struct sim_file *f, uint64_t offset, const char *what, struct aq_err *err)
{
	return sim_error(err, AQ_EFORMAT, "%s: at byte %llu: %s", f->path, (unsigned long long)offset, what);
}

static int map(struct sim_file *f, struct aq_err *err)
{
	struct stat status;
	int fd = open(f->path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return sim_error(err, AQ_ENOENT, "%s: %s", f->path, strerror(errno));
	if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size < (off_t)sizeof(struct sim_frame)) {
		close(fd);
		return sim_error(err, AQ_EFORMAT, "%s: this is no capture", f->path);
	}
	void *bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	int reason = errno;
	close(fd);
	if (bytes == MAP_FAILED)
		return sim_error(err, AQ_ENOENT, "%s: cannot be mapped: %s", f->path, strerror(reason));
	madvise(bytes, (size_t)status.st_size, MADV_SEQUENTIAL);
	f->bytes = bytes;
	f->length = (uint64_t)status.st_size;
	return AQ_OK;
}

/* The frame at `offset` is whole and well formed. */
static const char *fault_at(const struct sim_file *f, uint64_t offset)
{
	if (f->length - offset < sizeof(struct sim_frame))
		return "the file ends within a frame";
	const struct sim_frame *frame = sim_file_frame(f, offset);
	const char *fault = sim_header_fault(frame);
	if (fault != NULL)
		return fault;
#ifdef AQ_PLANT
	if (frame->type == SIM_BOOK && frame->size < f->length - offset + 64)
		return sim_body_fault(frame); /* an over-read on purpose: tests/fuzz must find it */
#endif
	if (frame->size > f->length - offset)
		return "the file ends within a frame";
	return sim_body_fault(frame);
}

static int read_instruments(struct sim_file *f, struct aq_err *err)
{
	const char *fault = fault_at(f, 0);
	if (fault == NULL && sim_file_frame(f, 0)->type != SIM_CAPTURE)
		fault = "this is no capture";
	if (fault != NULL)
		return bad(f, 0, fault, err);
	f->markets = SIM_BODY(sim_capture, sim_file_frame(f, 0))->instruments;
	f->instruments = calloc(f->markets, sizeof *f->instruments);
	f->market = calloc(f->markets, sizeof *f->market);
	f->holds = calloc(f->markets, sizeof *f->holds);
	if (f->instruments == NULL || f->market == NULL || f->holds == NULL)
		return sim_error(err, AQ_ESPACE, "%s: out of memory", f->path);
	uint64_t at = sim_file_frame(f, 0)->size;
	for (uint32_t i = 0; i < f->markets; i++) {
		fault = fault_at(f, at);
		if (fault == NULL && sim_file_frame(f, at)->type != SIM_INSTRUMENT)
			fault = "an instrument is missing";
		if (fault == NULL && SIM_BODY(aq_instrument, sim_file_frame(f, at))->id != i + 1)
			fault = "instruments are not in the order of their index";
		if (fault != NULL)
			return bad(f, at, fault, err);
		f->instruments[i] = SIM_BODY(aq_instrument, sim_file_frame(f, at));
		at += sim_file_frame(f, at)->size;
	}
	f->begin = at;
	return AQ_OK;
}

static void note(struct sim_file *f, const struct sim_frame *frame)
{
	if (frame->type == SIM_BOOK || frame->type == SIM_TRADE)
		f->holds[frame->market - 1] |= SIM_HOLDS_MATTER;
	else if (frame->type == SIM_KLINE)
		f->holds[frame->market - 1] |= SIM_HOLDS_CANDLES;
}

static int check_frames(struct sim_file *f, struct aq_err *err)
{
	for (uint64_t at = f->begin; at < f->length; at += sim_file_frame(f, at)->size) {
		const char *fault = fault_at(f, at);
		const struct sim_frame *frame = sim_file_frame(f, at);
		if (fault == NULL && (frame->type < SIM_BOOK || frame->type > SIM_KLINE))
			fault = "only market frames may stand here";
		if (fault == NULL && (frame->market == 0 || frame->market > f->markets))
			fault = "index of the instrument is out of range";
		if (fault == NULL && (frame->time_ns < f->last_ns || frame->time_ns > INT64_MAX / 2))
			fault = "time goes back or is out of range";
		if (fault != NULL)
			return bad(f, at, fault, err);
		note(f, frame);
		if (f->frames++ == 0)
			f->first_ns = frame->time_ns;
		f->last_ns = frame->time_ns;
	}
	return AQ_OK;
}

int sim_file_open(struct sim_file *f, const char *path, struct aq_err *err)
{
	f->path = strdup(path);
	if (f->path == NULL)
		return sim_error(err, AQ_ESPACE, "%s: out of memory", path);
	int status = map(f, err);
	if (status == AQ_OK)
		status = read_instruments(f, err);
	if (status == AQ_OK)
		status = check_frames(f, err);
	return status;
}

void sim_file_close(struct sim_file *f)
{
	if (f->bytes != NULL)
		munmap((void *)(uintptr_t)f->bytes, f->length);
	free(f->path);
	free(f->instruments);
	free(f->market);
	free(f->holds);
	memset(f, 0, sizeof *f);
}
