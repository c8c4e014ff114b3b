#include <replay/lines.h>

#include <base/err.h>
#include <replay/input.h>

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct lines {
	const char *path;
	struct input *in;
	char *buffer;
	size_t size, begin, end; /* of the buffer; of what is unread in it */
	uint64_t number;
	int ended;
};

struct lines *lines_open(const char *path, struct aq_err *err)
{
	struct lines *l = calloc(1, sizeof(*l));
	char *buffer = malloc(LINES_FIRST);
	struct input *in = l != NULL && buffer != NULL ? input_open(path, err) : NULL;
	if (in == NULL) {
		if (l == NULL || buffer == NULL)
			err_set(err, AQ_EAGAIN, "%s: out of memory", path);
		free(buffer);
		free(l);
		return NULL;
	}
	*l = (struct lines){.path = path, .in = in, .buffer = buffer, .size = LINES_FIRST};
	return l;
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
	int count = input_read(l->in, l->buffer + l->end, (unsigned)(l->size - l->end), l->number, err);
	if (count < 0)
		return AQ_EFORMAT;
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
	return seen > 0 ? give(l, seen, seen, text, length) : 0;
}

uint64_t replay_size(const char *const *paths, size_t count)
{
	uint64_t sum = 0;
	struct stat s;
	for (size_t i = 0; i < count; i++)
		sum += stat(paths[i], &s) == 0 && S_ISREG(s.st_mode) ? (uint64_t)s.st_size : 0;
	return sum;
}

uint64_t lines_number(const struct lines *l)
{
	return l->number;
}

uint64_t lines_offset(const struct lines *l)
{
	return input_offset(l->in);
}

const char *lines_inner(const struct lines *l)
{
	return input_inner(l->in);
}

void lines_close(struct lines *l)
{
	if (l == NULL)
		return;
	input_close(l->in);
	free(l->buffer);
	free(l);
}
