/* zip.c: the form is described in PKWARE's APPNOTE; sizes and the table at the archive's end are not needed for one file,
 * since compressed data know their own end. libzip would need that table: of an archive that was cut it reads nothing, and
 * here --skip-bad takes what stands before the cut. */
#include <replay/zip.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#define ROOM 65536u
#define HEAD 30u /* of a file, without its name */
#define NAME_MAX_LENGTH 255u

enum { FLAG_ENCRYPTED = 1, FLAG_SIZES_BEHIND = 8 };
enum { STORED = 0, DEFLATED = 8 };

struct zip {
	int fd;
	int begun, ended, broken;
	const char *problem;
	char name[NAME_MAX_LENGTH + 1];
	unsigned method, flags;
	uint32_t crc, left; /* as the head says; `left`: of a stored file */
	uint32_t sum;       /* of what has come out */
	z_stream inflate;
	uint64_t offset; /* of the archive, read into `in` */
	unsigned begin, end;
	unsigned char in[ROOM];
};

int zip_is(const unsigned char *begin, size_t length)
{
	return length >= 4 && memcmp(begin, "PK\3\4", 4) == 0;
}

struct zip *zip_open(int fd)
{
	struct zip *z = calloc(1, sizeof(*z));
	if (z == NULL || inflateInit2(&z->inflate, -15) != Z_OK) {
		free(z);
		close(fd);
		return NULL;
	}
	z->fd = fd;
	return z;
}

static int fail(struct zip *z, const char *problem)
{
	z->problem = problem;
	z->broken = 1;
	return -1;
}

static int cut(struct zip *z)
{
	return fail(z, "the archive ends in the middle");
}

/* At least `size` unread bytes, or as many as there are. Returns how many, or -1. */
static int have(struct zip *z, unsigned size)
{
	while (z->end - z->begin < size) {
		memmove(z->in, z->in + z->begin, z->end - z->begin);
		z->end -= z->begin;
		z->begin = 0;
		ssize_t count = read(z->fd, z->in + z->end, ROOM - z->end);
		if (count < 0)
			return fail(z, NULL);
		if (count == 0)
			break;
		z->end += (unsigned)count;
		z->offset += (uint64_t)count;
	}
	return (int)(z->end - z->begin);
}

static uint32_t number(const unsigned char *at, unsigned bytes)
{
	uint32_t out = 0;
	while (bytes-- > 0)
		out = out << 8 | at[bytes];
	return out;
}

static int check_head(struct zip *z, uint32_t size)
{
	if ((z->flags & FLAG_ENCRYPTED) != 0)
		return fail(z, "the file in it is encrypted");
	if (z->method != STORED && z->method != DEFLATED)
		return fail(z, "the file in it is compressed by another method than deflate; unpack it first");
	if (z->method == STORED && ((z->flags & FLAG_SIZES_BEHIND) != 0 || size == UINT32_MAX))
		return fail(z, "the file in it does not say how long it is; unpack it first");
	return 0;
}

static int read_head(struct zip *z)
{
	if (have(z, HEAD) < (int)HEAD)
		return z->broken ? -1 : cut(z);
	const unsigned char *head = z->in + z->begin;
	if (!zip_is(head, HEAD))
		return fail(z, "the archive is damaged");
	unsigned name = number(head + 26, 2), extra = number(head + 28, 2);
	z->flags = number(head + 6, 2);
	z->method = number(head + 8, 2);
	z->crc = number(head + 14, 4);
	z->left = number(head + 18, 4);
	if (name > NAME_MAX_LENGTH || HEAD + name + extra > ROOM)
		return fail(z, "the name of the file in it is too long");
	if (have(z, HEAD + name + extra) < (int)(HEAD + name + extra))
		return z->broken ? -1 : cut(z);
	memcpy(z->name, z->in + z->begin + HEAD, name);
	z->begin += HEAD + name + extra;
	z->begun = 1;
	if (name > 0 && z->name[name - 1] == '/')
		return fail(z, "the archive begins with a folder; unpack it first");
	return check_head(z, z->left);
}

/* Behind the data may stand their checksum and sizes, of 4 or 8 bytes, with or without a mark. */
static int read_behind(struct zip *z)
{
	int count = have(z, 28);
	if (count < 0)
		return -1;
	unsigned at = count >= 4 && memcmp(z->in + z->begin, "PK\7\10", 4) == 0 ? 4 : 0;
	if ((unsigned)count < at + 12)
		return cut(z);
	z->crc = number(z->in + z->begin + at, 4);
	unsigned size = at + 12;
	if ((unsigned)count >= size + 2 && memcmp(z->in + z->begin + size, "PK", 2) != 0)
		size += 8;
	z->begin += size;
	return 0;
}

static int finish(struct zip *z)
{
	z->ended = 1;
	if ((z->flags & FLAG_SIZES_BEHIND) != 0 && read_behind(z) < 0)
		return -1;
	if (z->crc != z->sum)
		return fail(z, "its checksum is wrong");
	int count = have(z, 4);
	if (count < 4)
		return z->broken ? -1 : cut(z);
	if (zip_is(z->in + z->begin, 4))
		return fail(z, "the archive holds more than one file; unpack it and give the files");
	return 0;
}

static int read_stored(struct zip *z, void *out, unsigned size)
{
	if (z->left == 0)
		return finish(z);
	int count = have(z, 1);
	if (count <= 0)
		return count < 0 ? -1 : cut(z);
	unsigned take = (unsigned)count < size ? (unsigned)count : size;
	take = take < z->left ? take : z->left;
	memcpy(out, z->in + z->begin, take);
	z->begin += take;
	z->left -= take;
	return (int)take;
}

static int read_deflated(struct zip *z, void *out, unsigned size)
{
	z->inflate.next_out = out;
	z->inflate.avail_out = size;
	for (;;) {
		int count = have(z, 1);
		if (count <= 0)
			return count < 0 ? -1 : cut(z);
		z->inflate.next_in = z->in + z->begin;
		z->inflate.avail_in = (unsigned)count;
		int status = inflate(&z->inflate, Z_NO_FLUSH);
		z->begin = z->end - z->inflate.avail_in;
		if (status != Z_OK && status != Z_STREAM_END)
			return fail(z, "its compressed data are damaged");
		if (z->inflate.avail_out < size)
			return (int)(size - z->inflate.avail_out); /* its end, if it is there, is met once more */
		if (status == Z_STREAM_END)
			return finish(z);
	}
}

int zip_read(struct zip *z, void *out, unsigned size)
{
	if (z->broken)
		return -1;
	if (z->ended || size == 0)
		return 0;
	if (!z->begun && read_head(z) < 0)
		return -1;
	int count = z->method == STORED ? read_stored(z, out, size) : read_deflated(z, out, size);
	if (count > 0)
		z->sum = (uint32_t)crc32(z->sum, out, (unsigned)count);
	return count;
}

const char *zip_problem(const struct zip *z)
{
	return z->problem;
}

const char *zip_name(const struct zip *z)
{
	return z->name;
}

uint64_t zip_offset(const struct zip *z)
{
	return z->offset - (z->end - z->begin);
}

void zip_close(struct zip *z)
{
	inflateEnd(&z->inflate);
	close(z->fd);
	free(z);
}
