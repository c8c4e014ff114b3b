/* fuzz_csv.c: any bytes as a CSV file of trades or candles, or as a zip archive of one, under any of the known names: what
 * is imported is a capture that the simulated venue takes, and holds as many frames as were counted; what is not says
 * why, and leaves nothing behind. */
#include <fcntl.h>
#include <sim/venue/capture_file.h>
#include <replay/csv_import.h>
#include <sim/check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#define ROOM 65536

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first byte of the input: the name in its lower bits. The second says what is known of the market and the form. */
enum { NAMES = 7, SKIP_BAD = 8, COMPRESS = 16, TWICE = 32, CUT = 64, ZIP = 128 };
enum { MARKETS = 7, INTERVALS = 24, COLUMNS = 96, FEW_DIGITS = 128 };

static const char *const names[] = {"BTCUSDT-1m-2024-08.csv", "BTCUSDT-trades-2024-08-08.csv", "x.csv",
	"20180404_btceur_minute_trade.csv", "hour/btcusdt_trade.zip", "crypto/binance/daily/x_trade.csv", "BTCUSDT-1mo-2024.csv",
	"20180404_btceur_minute_quote.csv"};
static const char *const markets[] = {"BTC/USDT", "BTC/USDT:USDT", NULL, "BTC/USD:BTC", "BTCUSDT", "A/B", "A-B/C", "BTC/USDT"};
static const char *const intervals[] = {NULL, "1m", "1mo", "2m"};
static const char *const columns[] = {NULL, "time,open,high,low,close,volume", "-,price,qty,time,side,id", "time,\"price"};

static const char *folder(void)
{
	const char *tmp = getenv("TMPDIR");
	return tmp != NULL ? tmp : "/tmp";
}

static void make_folder(const char *name)
{
	char path[512];
	snprintf(path, sizeof(path), "%s/%s", folder(), name);
	mkdir(path, 0700);
}

static void make_folders(void)
{
	make_folder("hour");
	make_folder("crypto");
	make_folder("crypto/binance");
	make_folder("crypto/binance/daily");
}

static size_t compress_to(uint8_t *out, const uint8_t *data, size_t size, int bits)
{
	z_stream z = {.next_in = (uint8_t *)(uintptr_t)data, .avail_in = (unsigned)size, .next_out = out, .avail_out = ROOM};
	if (deflateInit2(&z, 1, Z_DEFLATED, bits, 1, Z_DEFAULT_STRATEGY) != Z_OK || deflate(&z, Z_FINISH) != Z_STREAM_END)
		abort();
	deflateEnd(&z);
	return z.total_out;
}

/* An archive whose sizes stand behind its data. */
static size_t make_zip(uint8_t *out, const uint8_t *data, size_t size)
{
	static const uint8_t head[] = {'P', 'K', 3, 4, 20, 0, 8, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0,
		0, 0, 'x', '.', 'c', 's', 'v'};
	memcpy(out, head, sizeof(head));
	size_t length = compress_to(out + sizeof(head), data, size, -15);
	uint32_t behind[] = {0x08074b50, (uint32_t)crc32(0, data, (unsigned)size), (uint32_t)length, (uint32_t)size, 0x02014b50};
	memcpy(out + sizeof(head) + length, behind, sizeof(behind));
	return sizeof(head) + length + sizeof(behind);
}

static void make_file(const char *path, uint8_t how, const uint8_t *data, size_t size)
{
	static uint8_t room[ROOM + 256];
	size_t length = size;
	if (how & COMPRESS)
		length = compress_to(room, data, size, 15 + 16);
	else if (how & ZIP)
		length = make_zip(room, data, size);
	else if (size > 0)
		memcpy(room, data, size);
	if (how & CUT)
		length -= length / 4;
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, room, length) != (ssize_t)length)
		abort();
	close(fd);
}

/* All that stands in it is what a venue may be given. */
static void check_capture(const char *path, const struct write_result *result)
{
	struct capture_reader reader;
	struct aq_err err = {0};
	uint64_t frames = 0;
	int rc;
	if (capture_open(&reader, path, &err) < 0)
		abort();
	while ((rc = capture_next(&reader, &err)) == 1) {
		if (sim_header_fault(reader.frame) != NULL || sim_body_fault(reader.frame) != NULL)
			abort();
		frames += reader.frame->type == SIM_TRADE || reader.frame->type == SIM_KLINE;
	}
	if (rc < 0 || frames == 0 || frames != result->trades + result->klines || frames != reader.head.frames)
		abort();
	capture_close(&reader);
	unlink(path);
}

static void import(const uint8_t *how, const char *path)
{
	char out[512], part[520], complaints[4096];
	const char *in[] = {path, path};
	FILE *to = fmemopen(complaints, sizeof(complaints), "w");
	bool few = (how[1] & FEW_DIGITS) != 0;
	struct csv_import what = {.market = markets[how[1] & MARKETS],
		.venue = (how[1] & MARKETS) == 2 ? "binance" : NULL,
		.symbol = (how[1] & MARKETS) == 7 ? "BTCUSDT" : NULL,
		.filters = {.tick = few ? "0.1" : "0.01", .lot = "0.1"},
		.digits = few ? "1/1" : NULL,
		.columns = columns[(how[1] & COLUMNS) / 32],
		.interval = intervals[(how[1] & INTERVALS) / 8],
		.skip_bad = (how[0] & SKIP_BAD) != 0,
		.out = out,
		.in = in,
		.files = how[0] & TWICE ? 2 : 1,
		.complaints = to};
	struct write_result result;
	struct aq_instrument instrument;
	struct aq_err err = {0};
	snprintf(out, sizeof(out), "%s/fuzz-csv.aqc", folder());
	if (csv_import(&what, &result, &instrument, &err) == AQ_OK)
		check_capture(out, &result);
	else if (err.text[0] == '\0' || access(out, F_OK) == 0)
		abort();
	snprintf(part, sizeof(part), "%s.part", out);
	if (access(part, F_OK) == 0)
		abort();
	fclose(to);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool made;
	char path[512];
	if (size < 2 || size > ROOM / 2)
		return 0;
	if (!made)
		make_folders();
	made = true;
	snprintf(path, sizeof(path), "%s/%s", folder(), names[data[0] & NAMES]);
	make_file(path, data[0], data + 2, size - 2);
	import(data, path);
	unlink(path);
	return 0;
}
