/* fuzz_capture.c: captures of any content, one file or two, read by the simulated venue along its whole timeline, and
 * by tools/replay. Either the input is a file as it stands, or it says what is changed in a good one: two files of
 * every type of frame, cut at some length, and eight bytes at a time written anew, so that what lies behind the first
 * checks is reached too. Files are exact allocations, so the sanitizer sees a read beyond one. */
#include "sim/venue/capture.h"

#include <sim/venue/capture_file.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void *file_map(size_t length, int fd)
{
	void *bytes = aligned_alloc(8, length + 7 & ~(size_t)7);

	bytes = bytes != NULL ? realloc(bytes, length) : NULL;
	if (bytes == NULL || pread(fd, bytes, length, 0) != (ssize_t)length)
		abort();
	return bytes;
}

#define mmap(address, length, protection, flags, fd, offset) file_map(length, fd)
#define munmap(address, length) free(address)
#define madvise(address, length, advice) (void)(address)
#include "sim/venue/file.c"
#undef mmap
#undef munmap
#undef madvise

#define STEPS 2000 /* of a timeline that goes round and round */
#define FILES 2

/* The first byte of the input. */
enum { AS_IT_STANDS = 1, TWO_FILES = 2, LOOP = 4, RATE = 8, FEW = 16, EARLY = 32, NO_FILE = 64, ABSENT = 128 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct tape {
	uint64_t words[1024];
	size_t length;
};

/* ---- a good capture ---- */

static void *add(struct tape *t, uint16_t type, uint16_t market, int64_t time_ns, size_t body)
{
	struct sim_frame *f = (struct sim_frame *)(void *)((uint8_t *)t->words + t->length);

	memset(f, 0, sizeof(*f) + body);
	*f = (struct sim_frame){
		.size = (uint32_t)(sizeof(*f) + body), .type = type, .market = market, .time_ns = time_ns};
	t->length += f->size;
	return f + 1;
}

static void add_instrument(struct tape *t, uint32_t id, const char *symbol)
{
	struct aq_instrument *i = add(t, SIM_INSTRUMENT, 0, 0, sizeof(*i));

	*i = (struct aq_instrument){.size = sizeof(*i),
		.id = id,
		.kind = AQ_SPOT,
		.px_digits = 2,
		.qty_digits = 3,
		.tick = 1,
		.lot = 1,
		.base = "BTC",
		.quote = "USDT",
		.settle = "USDT"};
	snprintf(i->symbol, sizeof(i->symbol), "%s", symbol);
}

static void add_book(struct tape *t, uint16_t market, int64_t time_ns, bool snapshot)
{
	struct aq_book_update *u = add(t, SIM_BOOK, market, time_ns, sizeof(*u) + 2 * sizeof(struct aq_level));
	struct aq_level *levels = (struct aq_level *)(void *)(u + 1);

	*u = (struct aq_book_update){.follows = (uint64_t)time_ns,
		.reaches = (uint64_t)time_ns + 1,
		.bids = 1,
		.asks = 1,
		.snapshot = snapshot};
	levels[0] = (struct aq_level){99, 5};
	levels[1] = (struct aq_level){101, 5};
}

static void add_all(struct tape *t, int64_t now)
{
	struct sim_capture *c = add(t, SIM_CAPTURE, 0, 0, sizeof(*c));

	*c = (struct sim_capture){.version = SIM_VERSION, .instruments = 2};
	memcpy(c->magic, SIM_CAPTURE_MAGIC, sizeof(c->magic));
	add_instrument(t, 1, "BTC/USDT");
	add_instrument(t, 2, now > 100 ? "SOL/USDT" : "ETH/USDT");
	add_book(t, 1, now, true);
	add_book(t, 2, now, now > 100);
	struct aq_trade *trade = add(t, SIM_TRADE, 1, now + 1, sizeof(*trade));
	*trade = (struct aq_trade){.id = (uint64_t)now, .price = 100, .qty = 1, .taker = AQ_BUY};
	struct aq_ticker *ticker = add(t, SIM_TICKER, 2, now + 2, sizeof(*ticker));
	*ticker = (struct aq_ticker){.bid = 99, .ask = 101};
	add(t, SIM_FUNDING, 1, now + 3, sizeof(struct aq_funding));
	struct aq_kline *kline = add(t, SIM_KLINE, 2, now + 4, sizeof(*kline));
	*kline = (struct aq_kline){.end_ns = now + 4, .open = 2, .high = 3, .low = 1, .close = 2, .qty = 1, .interval = AQ_1M,
		.closed = 1};
	add_book(t, 1, now + 4, false);
}

/* ---- changes ---- */

struct input {
	const uint8_t *at;
	size_t left;
};

static bool take(struct input *in, void *out, size_t size)
{
	if (in->left < size)
		return false;
	memcpy(out, in->at, size);
	in->at += size;
	in->left -= size;
	return true;
}

/* One more frame, of the least size that one of this type may have; nothing when there is no such type. */
static void add_any(struct tape *t, uint8_t type)
{
	struct sim_frame *f = (struct sim_frame *)(void *)((uint8_t *)t->words + t->length);

	add(t, type, 1, INT32_MAX, 0);
	while (f->size < 1024 && sim_header_fault(f) != NULL)
		f->size += 8;
	t->length += f->size < 1024 ? f->size - sizeof(*f) : -sizeof(*f);
}

/* One more frame, another length when one is given, then places with what is to stand there, up to the place 0xffff. */
static void change(struct tape *t, struct input *in)
{
	uint16_t cut = 0, place;
	uint8_t type = 0;
	uint64_t word;
	size_t whole;

	if (take(in, &type, sizeof(type)))
		add_any(t, type);
	whole = t->length;
	if (take(in, &cut, sizeof(cut)) && cut != 0)
		t->length = cut < sizeof(t->words) ? cut : sizeof(t->words);
	while (take(in, &place, sizeof(place)) && place != 0xffff && take(in, &word, sizeof(word)))
		memcpy((uint8_t *)t->words + place % whole / 4 * 4, &word, sizeof(word));
}

static void file_write(int fd, const void *bytes, size_t length)
{
	if (fd < 0 || write(fd, bytes, length) != (ssize_t)length)
		abort();
}

static void make_files(uint8_t how, struct input *in, const int fds[FILES])
{
	for (int i = 0; i < FILES; i++) {
		struct tape t = {.length = 0};

		add_all(&t, 100 + 100 * i);
		if (how & AS_IT_STANDS) {
			file_write(fds[i], in->at, in->left);
		} else {
			change(&t, in);
			file_write(fds[i], t.words, t.length);
		}
	}
}

/* ---- reading ---- */

static void walk(const struct sim_timeline *t)
{
	struct sim_cursor c;
	uint64_t number = 0;

	for (sim_cursor_begin(&c, t); c.frame != NULL && number < STEPS; sim_cursor_advance(&c, t), number++) {
		if (c.market == 0 || c.market > t->market_count || c.number != number || c.time_ns > t->end_ns)
			abort();
		if (sim_header_fault(c.frame) != NULL || sim_body_fault(c.frame) != NULL)
			abort();
		sim_update_shift(t, c.market, c.lap);
		sim_trade_shift(t, c.market, c.lap);
	}
	if (c.frame == NULL && c.time_ns != INT64_MAX)
		abort();
}

static bool read_by_venue(uint8_t how, const char *const *paths)
{
	struct sim_venue_options o = {.captures = paths,
		.capture_count = how & TWO_FILES ? 2
				 : how & NO_FILE ? 0
						 : 1,
		.loop = (how & LOOP) != 0,
		.rate = how & RATE ? 1000 : 0,
		.frames_max = how & FEW ? 5 : 0,
		.end_ns = how & EARLY ? 102 : 0};
	struct sim_timeline t;
	struct aq_err err = {0};
	int rc = sim_timeline_open(&t, &o, &err);

	if (rc == AQ_OK)
		walk(&t);
	else if (err.code != rc || err.text[0] == '\0')
		abort();
	sim_timeline_close(&t);
	return rc == AQ_OK;
}

static bool read_by_replay(const char *path)
{
	struct capture_reader r;
	struct aq_err err = {0};
	int rc = capture_open(&r, path, &err);

	if (rc < 0)
		return false;
	while ((rc = capture_next(&r, &err)) == 1)
		if (r.frame->size > CAPTURE_FRAME_MAX)
			abort();
	capture_close(&r);
	return rc == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char names[FILES][32];
	const char *paths[FILES] = {names[0], names[1]};
	struct input in = {data, size};
	int fds[FILES];
	uint8_t how;

	if (!take(&in, &how, sizeof(how)))
		return 0;
	for (int i = 0; i < FILES; i++) {
		fds[i] = memfd_create("capture", MFD_CLOEXEC);
		snprintf(names[i], sizeof(names[i]), "/proc/self/fd/%d", fds[i]);
	}
	make_files(how, &in, fds);
	/* What the venue takes, `replay info` can tell of. */
	if (read_by_venue(how, paths) && !read_by_replay(paths[0]))
		abort();
	paths[0] = "";
	if (how & ABSENT && read_by_venue(how & TWO_FILES, paths))
		abort();
	for (int i = 0; i < FILES; i++)
		close(fds[i]);
	return 0;
}
