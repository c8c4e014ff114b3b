#include <replay/lines.h>

#include <base/err.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

struct lines {
	const char *path;
	gzFile file;
	char *buffer;
	size_t size, begin, end; /* of the buffer; of what is unread in it */
	uint64_t number;
	int ended;
};

static gzFile open_file(const char *path, struct aq_err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		err_set(err, AQ_ENOENT, "%s: cannot be opened: %s", path, strerror(errno));
		return NULL;
	}
	gzFile file = gzdopen(fd, "rb");
	if (file == NULL) {
		close(fd);
		err_set(err, AQ_EAGAIN, "%s: out of memory", path);
		return NULL;
	}
	gzbuffer(file, LINES_FIRST);
	return file;
}

struct lines *lines_open(const char *path, struct aq_err *err)
{
	struct lines *l = calloc(1, sizeof(*l));
	char *buffer = malloc(LINES_FIRST);
	gzFile file = l != NULL && buffer != NULL ? open_file(path, err) : NULL;
	if (file == NULL) {
		if (l == NULL || buffer == NULL)
			err_set(err, AQ_EAGAIN, "%s: out of memory", path);
		free(buffer);
		free(l);
		return NULL;
	}
	*l = (struct lines){.path = path, .file = file, .buffer = buffer, .size = LINES_FIRST};
	return l;
}

static int read_error(const struct lines *l, struct aq_err *err)
{
	int code;
	gzerror(l->file, &code);
	if (code == Z_BUF_ERROR)
		return err_set(err, AQ_EFORMAT,
			"%s: ends in the middle of its compressed data, behind line %llu; fetch it again", l->path,
			(unsigned long long)l->number);
	if (code == Z_ERRNO)
		return err_set(err, AQ_EFORMAT, "%s: cannot be read behind line %llu: %s", l->path,
			(unsigned long long)l->number, strerror(errno));
	return err_set(err, AQ_EFORMAT, "%s: its compressed data are damaged behind line %llu; fetch it again", l->path,
		(unsigned long long)l->number);
}

static int make_room(struct lines *l, struct aq_err *err)
{
	if (l->begin > 0) {
		memmove(l->buffer, l->buffer + l->begin, l->end - l->begin);
		l->end -= l->begin;
		l->begin = 0;
	}
	if (l->end < l->size)
		return AQ_OK;
	if (l->size >= LINES_LONGEST)
		return err_set(err, AQ_EFORMAT, "%s:%llu: the line is longer than %u MiB; this is no capture", l->path,
			(unsigned long long)l->number + 1, LINES_LONGEST >> 20);
	char *larger = realloc(l->buffer, l->size * 2);
	if (larger == NULL)
		return err_set(err, AQ_EAGAIN, "%s: out of memory", l->path);
	l->buffer = larger;
	l->size *= 2;
	return AQ_OK;
}

static int fill(struct lines *l, struct aq_err *err)
{
	int status = make_room(l, err);
	if (status < 0)
		return status;
	int count = gzread(l->file, l->buffer + l->end, (unsigned)(l->size - l->end));
	if (count < 0)
		return read_error(l, err);
	l->end += (size_t)count;
	l->ended = count == 0;
	return AQ_OK;
}

static int give(struct lines *l, size_t length, size_t with_end, const char **text, size_t *out)
{
	*text = l->buffer + l->begin;
	if (length > 0 && (*text)[length - 1] == '\r')
		length--;
	*out = length;
	l->begin += with_end;
	l->number++;
	return 1;
}

int lines_next(struct lines *l, const char **text, size_t *length, struct aq_err *err)
{
	size_t seen = 0;
	for (;;) {
		const char *start = l->buffer + l->begin;
		const char *newline = memchr(start + seen, '\n', l->end - l->begin - seen);
		if (newline != NULL)
			return give(l, (size_t)(newline - start), (size_t)(newline - start) + 1, text, length);
		seen = l->end - l->begin;
		if (l->ended)
			break;
		int status = fill(l, err);
		if (status < 0)
			return status;
	}
	int code;
	gzerror(l->file, &code);
	if (code != Z_OK && code != Z_STREAM_END)
		return read_error(l, err); /* zlib gives what is there of a cut file first and the error at its end */
	return seen > 0 ? give(l, seen, seen, text, length) : 0;
}

uint64_t lines_number(const struct lines *l)
{
	return l->number;
}

void lines_close(struct lines *l)
{
	if (l == NULL)
		return;
	gzclose(l->file);
	free(l->buffer);
	free(l);
}
