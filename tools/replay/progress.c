#include <replay/progress.h>

#include <string.h>
#include <time.h>
#include <unistd.h>

#define EVERY_NS INT64_C(200000000)
#define STEPS 256u /* between two looks at the clock */
#define NAME 12
#define PIECE 24 /* of the line: any of its numbers with its unit */
#define BAR_LEAST 10
#define BAR_MOST 30

static int64_t now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

void progress_begin(struct progress *p, const char *name)
{
	*p = (struct progress){.to = isatty(STDERR_FILENO) ? stderr : NULL, .name = name};
	p->began_ns = p->drawn_ns = now_ns();
}

/* "12.3 MB"; three digits are enough to see it move. */
static void size_text(uint64_t bytes, char out[PIECE])
{
	static const char *const units[] = {"B", "kB", "MB", "GB", "TB"};
	uint64_t whole = bytes, tenth = 0;
	unsigned unit = 0;
	for (; whole >= 1000 && unit < 4; unit++) {
		tenth = whole % 1000 / 100;
		whole /= 1000;
	}
	if (unit == 0 || whole >= 100)
		snprintf(out, PIECE, "%llu %s", (unsigned long long)(whole % 1000000), units[unit]);
	else
		snprintf(out, PIECE, "%llu.%llu %s", (unsigned long long)whole, (unsigned long long)tenth, units[unit]);
}

/* "1.2M", of rows a second. */
static void rate_text(uint64_t rows, int64_t since_ns, char out[PIECE])
{
	uint64_t ms = (uint64_t)(since_ns / 1000000), rate = ms == 0 || rows > UINT64_MAX / 1000 ? 0 : rows * 1000 / ms;
	if (rate < 10000)
		snprintf(out, PIECE, "%llu", (unsigned long long)rate);
	else if (rate < 1000000)
		snprintf(out, PIECE, "%lluk", (unsigned long long)(rate / 1000));
	else
		snprintf(out, PIECE, "%llu.%lluM", (unsigned long long)(rate / 1000000 % 1000000),
			(unsigned long long)(rate / 100000 % 10));
}

static void left_text(uint64_t done, uint64_t all, int64_t since_ns, char out[PIECE])
{
	uint64_t ms = (uint64_t)(since_ns / 1000000);
	if (done == 0 || done > all || ms == 0 || (all - done) > UINT64_MAX / ms) {
		snprintf(out, PIECE, "-:--");
		return;
	}
	uint64_t seconds = (all - done) * ms / done / 1000;
	if (seconds < 3600)
		snprintf(out, PIECE, "%llu:%02llu", (unsigned long long)seconds / 60, (unsigned long long)seconds % 60);
	else
		snprintf(out, PIECE, "%lluh%02llu", (unsigned long long)(seconds / 3600 % 100000),
			(unsigned long long)(seconds / 60 % 60));
}

int progress_text(const char *name, uint64_t done, uint64_t all, uint64_t rows, int64_t since_ns,
	char out[PROGRESS_COLUMNS + 1])
{
	char size[PIECE], whole[PIECE], rate[PIECE], left[PIECE], tail[4 * PIECE + 32];
	const char *slash = strrchr(name, '/');
	uint64_t tenths = all == 0 ? 0 : done >= all ? 1000 : (uint64_t)((double)done / (double)all * 1000);
	size_text(done, size);
	size_text(all, whole);
	rate_text(rows, since_ns, rate);
	left_text(done, all, since_ns, left);
	int tail_length = snprintf(tail, sizeof(tail), "] %3llu %%  %s of %s  %s rows/s  %s left",
		(unsigned long long)(tenths / 10), size, whole, rate, left);
	int length = snprintf(out, PROGRESS_COLUMNS + 1, "%.*s [", NAME, slash != NULL ? slash + 1 : name);
	int bar = PROGRESS_COLUMNS - length - tail_length;
	bar = bar > BAR_MOST ? BAR_MOST : bar < BAR_LEAST ? BAR_LEAST : bar;
	for (int i = 0; i < bar; i++)
		out[length + i] = (uint64_t)i < tenths * (uint64_t)bar / 1000 ? '#' : '-';
	length += bar;
	length += snprintf(out + length, (size_t)(PROGRESS_COLUMNS + 1 - length), "%s", tail);
	return length < PROGRESS_COLUMNS ? length : PROGRESS_COLUMNS;
}

int progress_due(struct progress *p)
{
	if (p == NULL || p->to == NULL || ++p->steps % STEPS != 0)
		return 0;
	return now_ns() - p->drawn_ns >= EVERY_NS;
}

void progress_bytes(struct progress *p, uint64_t done, uint64_t all, uint64_t rows)
{
	char text[PROGRESS_COLUMNS + 1];
	int64_t now = now_ns();
	int length = progress_text(p->name, done, all, rows, now - p->began_ns, text);
	fprintf(p->to, "\r%s%*s", text, (int)p->shown > length ? (int)p->shown - length : 0, "");
	fflush(p->to);
	p->shown = (unsigned)length;
	p->drawn_ns = now;
}

void progress_step(struct progress *p, const struct replay_rows *source, uint64_t rows)
{
	uint64_t done, all;
	if (!progress_due(p))
		return;
	source->progress(source->self, &done, &all);
	progress_bytes(p, done, all, rows);
}

void progress_clear(struct progress *p)
{
	if (p == NULL || p->to == NULL || p->shown == 0)
		return;
	fprintf(p->to, "\r%*s\r", (int)p->shown, "");
	fflush(p->to);
	p->shown = 0;
}
