#include <replay/input.h>

#include <base/err.h>
#include <replay/zip.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#define BUFFER (256u << 10)

struct input {
	const char *path;
	gzFile gz;       /* also of a plain file */
	struct zip *zip; /* or this */
};

/* Looks at its begin without moving on: what cannot be looked at so, a pipe, is no archive. */
static int is_zip(int fd)
{
	unsigned char begin[4];
	return pread(fd, begin, sizeof(begin), 0) == (ssize_t)sizeof(begin) && zip_is(begin, sizeof(begin));
}

static int attach(struct input *in, int fd)
{
	if (is_zip(fd)) {
		in->zip = zip_open(fd);
		return in->zip != NULL;
	}
	in->gz = gzdopen(fd, "rb");
	if (in->gz == NULL)
		close(fd);
	else
		gzbuffer(in->gz, BUFFER);
	return in->gz != NULL;
}

struct input *input_open(const char *path, struct aq_err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		err_set(err, AQ_ENOENT, "%s: cannot be opened: %s", path, strerror(errno));
		return NULL;
	}
	struct input *in = calloc(1, sizeof(*in));
	if (in == NULL || !attach(in, fd)) {
		if (in == NULL)
			close(fd);
		free(in);
		err_set(err, AQ_EAGAIN, "%s: out of memory", path);
		return NULL;
	}
	in->path = path;
	return in;
}

static int unreadable(const struct input *in, uint64_t line, struct aq_err *err)
{
	err_set(err, AQ_EFORMAT, "%s: cannot be read behind line %llu: %s", in->path, (unsigned long long)line,
		strerror(errno));
	return -1;
}

static int damaged_gz(const struct input *in, uint64_t line, struct aq_err *err)
{
	int code;
	gzerror(in->gz, &code);
	if (code == Z_ERRNO)
		return unreadable(in, line, err);
	if (code == Z_BUF_ERROR)
		err_set(err, AQ_EFORMAT,
			"%s: ends in the middle of its compressed data, behind line %llu; fetch it again", in->path,
			(unsigned long long)line);
	else
		err_set(err, AQ_EFORMAT, "%s: its compressed data are damaged behind line %llu; fetch it again",
			in->path, (unsigned long long)line);
	return -1;
}

static int read_gz(struct input *in, void *out, unsigned size, uint64_t line, struct aq_err *err)
{
	int code, count = gzread(in->gz, out, size);
	if (count > 0)
		return count;
	gzerror(in->gz, &code); /* zlib gives what is there of a cut file first and the error at its end */
	return count == 0 && (code == Z_OK || code == Z_STREAM_END) ? 0 : damaged_gz(in, line, err);
}

static int read_zip(struct input *in, void *out, unsigned size, uint64_t line, struct aq_err *err)
{
	int count = zip_read(in->zip, out, size);
	if (count >= 0)
		return count;
	if (zip_problem(in->zip) == NULL)
		return unreadable(in, line, err);
	err_set(err, AQ_EFORMAT, "%s: %s, behind line %llu", in->path, zip_problem(in->zip), (unsigned long long)line);
	return -1;
}

int input_read(struct input *in, void *out, unsigned size, uint64_t line, struct aq_err *err)
{
	return in->zip != NULL ? read_zip(in, out, size, line, err) : read_gz(in, out, size, line, err);
}

const char *input_inner(const struct input *in)
{
	return in->zip != NULL ? zip_name(in->zip) : "";
}

uint64_t input_offset(const struct input *in)
{
	if (in->zip != NULL)
		return zip_offset(in->zip);
	z_off_t offset = gzoffset(in->gz);
	return offset > 0 ? (uint64_t)offset : 0;
}

void input_close(struct input *in)
{
	if (in == NULL)
		return;
	if (in->zip != NULL)
		zip_close(in->zip);
	else
		gzclose(in->gz);
	free(in);
}
