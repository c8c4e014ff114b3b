/* fuzz_lines.c: any bytes as a recording, compressed, cut or damaged: its lines, and all of the import of tools/replay.
 * Buffers begin small here, so that lines soon outgrow them; no line may come out that does not stand in the file, and
 * what was imported is a capture. */
#include <replay/lines.h>

#undef LINES_FIRST
#undef LINES_LONGEST
#define LINES_FIRST 32u
#define LINES_LONGEST 1024u
#include "replay/lines.c"

#include <sim/venue/capture_file.h>
#include <replay/import.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

#define ROOM 65536

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first byte of the input. */
enum {
	COMPRESS = 1,
	DAMAGE = 2, /* the second byte says where */
	CUT = 4,
	CONTRACTS = 8,
	SHIFT = 16,
	UNKNOWN = 32 /* a symbol of which nothing is known */
};

/* What stands in the file: as gzip if asked for. Returns its length. */
static size_t make_file(uint8_t how, uint8_t where, const uint8_t *data, size_t size, uint8_t *out)
{
	z_stream z = {.next_in = (uint8_t *)data, .avail_in = (unsigned)size, .next_out = out, .avail_out = ROOM};
	size_t length = size;

	if (how & COMPRESS) {
		if (deflateInit2(&z, 1, Z_DEFLATED, 15 + 16, 1, Z_DEFAULT_STRATEGY) != Z_OK ||
			deflate(&z, Z_FINISH) != Z_STREAM_END)
			abort();
		length = z.total_out;
		deflateEnd(&z);
	} else if (size > 0) {
		memcpy(out, data, size);
	}
	if (how & DAMAGE && length > 0)
		out[where * length / 256] ^= 0x5a;
	return how & CUT ? length * where / 256 : length;
}

/* Lines are pieces of the text in their order, and none is left out while there is no error. */
static void check_lines(const char *path, const uint8_t *text, size_t size)
{
	struct aq_err err = {0};
	struct lines *l = lines_open(path, &err);
	const char *line;
	size_t length, at = 0, count = 0;
	int rc;

	if (l == NULL)
		abort();
	while ((rc = lines_next(l, &line, &length, &err)) == 1) {
		size_t end = at + length;

		if (lines_number(l) != ++count || end > size || memcmp(line, text + at, length) != 0)
			abort();
		end += end < size && text[end] == '\r';
		if (end < size && text[end] != '\n')
			abort();
		at = end + (end < size);
	}
	if (rc == 0 ? at != size : err.code != rc || err.text[0] == '\0')
		abort();
	lines_close(l);
}

/* Reads whatever comes. */
static void read_lines(const char *path)
{
	struct aq_err err = {0};
	struct lines *l = lines_open(path, &err);
	const char *line;
	size_t length;
	unsigned sum = 0;

	while (l != NULL && lines_next(l, &line, &length, &err) == 1)
		for (size_t i = 0; i < length; i++)
			sum += (unsigned char)line[i];
	lines_close(l);
	if (sum > 0 && l == NULL)
		abort();
}

static void import(uint8_t how, const char *path)
{
	char out[256], complaints[4096];
	FILE *to = fmemopen(complaints, sizeof(complaints), "w");
	const char *folder = getenv("TMPDIR");
	struct replay_import what = {.venue = how & CONTRACTS ? "binance_usdm" : "binance",
		.symbol = how & UNKNOWN ? "XYZ" : "BTCUSDT",
		.shift_auto = (how & SHIFT) != 0,
		.out = out,
		.in = &path,
		.files = 1,
		.complaints = to};
	struct replay_result result;
	struct capture_reader reader;
	struct aq_err err = {0};
	int rc;

	snprintf(out, sizeof(out), "%s/fuzz-lines-%d.aqc", folder != NULL ? folder : "/tmp", getpid());
	if (replay_import(&what, &result, &err) == AQ_OK) {
		if (capture_open(&reader, out, &err) < 0)
			abort();
		while ((rc = capture_next(&reader, &err)) == 1)
			;
		if (rc < 0)
			abort();
		capture_close(&reader);
		unlink(out);
	} else if (err.text[0] == '\0') {
		abort();
	}
	fclose(to);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t file[ROOM];
	char path[32];
	size_t length;
	int fd;

	if (size < 2 || size > ROOM / 2)
		return 0;
	fd = memfd_create("lines", MFD_CLOEXEC);
	length = make_file(data[0], data[1], data + 2, size - 2, file);
	if (fd < 0 || write(fd, file, length) != (ssize_t)length)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if ((data[0] & (DAMAGE | CUT)) == 0 && (data[0] & COMPRESS || size < 4 || (data[2] != 0x1f && data[2] != 'P')))
		check_lines(path, data + 2, size - 2);
	else
		read_lines(path);
	import(data[0], path);
	read_lines("/nowhere");
	close(fd);
	return 0;
}
