/* crasher.c: a strategy that quotes far from the market and, once it finds a file named by its option `trigger`, does what
 * stands in it: the ways in which a strategy can take its process down. The file is removed first: it crashes once. */
#include <aioquant/strategy.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BID = 1, ASK = 2 };

struct crasher {
	struct aq_market market;
	char trigger[200];
	aq_qty size;
	int64_t books, fills;
};

static const struct aq_option options[] = {
	AQ_MARKET(crasher, market, AQ_BOOK, "what to quote"),
	AQ_STRING(crasher, trigger, 0, "crash.now", "file with the way to crash: null, loop, memory, abort, stack"),
	AQ_QTY(crasher, size, AQ_REQUIRED, NULL, "quantity of one quote"),
	AQ_END
};
static const struct aq_keep keep[] = {AQ_KEEP(crasher, books), AQ_KEEP(crasher, fills), AQ_KEEP_END};

static void *volatile nowhere;

#define AS_WRITTEN __attribute__((no_sanitize("address", "undefined"))) /* a sanitizer would end it in another way */

AS_WRITTEN static int recurse(const volatile char *above)
{
	volatile char frame[4096];

	frame[0] = above[0];
	return frame[0] == '\0' ? 0 : recurse(frame) + frame[0]; /* LINE stack */
}

AS_WRITTEN static void crash(const char *how)
{
	if (strncmp(how, "null", 4) == 0)
		*(volatile int *)nowhere = 1; /* LINE null */
	else if (strncmp(how, "loop", 4) == 0)
		while (nowhere == NULL) /* LINE loop */
			;
	else if (strncmp(how, "memory", 6) == 0)
		for (char *at = malloc(1 << 20); ; at = malloc(1 << 20)) /* LINE memory */
			memset(at, 1, 1 << 20);
	else if (strncmp(how, "abort", 5) == 0)
		abort(); /* LINE abort */
	else if (strncmp(how, "stack", 5) == 0)
		recurse(how);
}

static void book(void *self, struct aq_ctx *q, struct aq_market m)
{
	struct crasher *s = self;
	double mid = aq_mid(q, m);
	char how[32] = "";
	int fd = open(s->trigger, O_RDONLY);

	s->books++;
	aq_quote(q, m, BID, AQ_BUY, aq_px_down(q, m, mid * 0.998), s->size, 0.0005);
	aq_quote(q, m, ASK, AQ_SELL, aq_px_up(q, m, mid * 1.002), s->size, 0.0005);
	if (fd < 0 || s->books < 20)
		return;
	if (read(fd, how, sizeof(how) - 1) > 0 && unlink(s->trigger) == 0)
		crash(how);
	close(fd);
}

static void fill(void *self, struct aq_ctx *q, const struct aq_fill *f)
{
	struct crasher *s = self;

	(void)f;
	aq_info(q, "fill %lld", (long long)++s->fills);
}

AQ_STRATEGY(crasher, .summary = "crashes when it is told to", .options = options, .keep = keep, .book = book, .fill = fill);
