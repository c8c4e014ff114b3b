/* follow_view.c: see follow_view.h. Everything is read as it is now; nothing is kept between two pages. */
#include "host/follow_view.h"

#include "flow/ledger.h"
#include "flow/market.h"
#include "host/follow_news.h"
#include "host/follow_text.h"
#include "host/replay.h"

#include "decimal.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LEVELS 2
#define BAR 40      /* cells of the progress bar */
#define HALF 10     /* cells on each side of a flat position */
#define SECOND_NS INT64_C(1000000000)
#define RULE "-----------------------------------------------------------------------------"

/* ---- head ---- */

static void draw_title(const struct follow *f, const struct market *m, struct page *p)
{
	const struct host *h = f->host;
	char left[PAGE_COLUMNS], time[FORMAT_SIZE];
	int used = snprintf(left, sizeof(left), " aioquant %.12s   %.16s %.20s ", h->options.server_id,
		flow_instance_name(&h->flow, m->instrument.exchange), m->instrument.symbol);

	if (h->replay_count > 0)
		snprintf(left + used, sizeof(left) - (size_t)used, "as recorded, %.8s", h->options.speed);
	page_line(p, "%-54s %s.%03d", left, format_time(h->flow.now_ns, time), (int)(h->flow.now_ns / 1000000 % 1000));
}

/* Of the recording, 0..100; -1 = it has no end. */
static int percent_done(const struct host *h)
{
	int64_t first = replay_first_ns(h), last = replay_last_ns(h);

	if (h->replay_count == 0 || last == INT64_MAX || last <= first)
		return -1;
	if (h->ended || h->flow.now_ns >= last)
		return 100;
	return (int)((h->flow.now_ns - first) / ((last - first) / 100 + 1));
}

static void draw_progress(const struct follow *f, const struct market *m, struct page *p)
{
	static const char *const faults[] = {"ok", "none yet", "gap", "stale", "crossed", "venue down", "halted"};
	int percent = percent_done(f->host), done = percent * BAR / 100;
	char bar[BAR + 1], rate[FORMAT_SIZE];
	const char *book = faults[m->top.valid ? 0 : m->top.why <= AQ_BOOK_HALTED ? m->top.why : AQ_BOOK_NONE_YET];

	memset(bar, '-', BAR);
	memset(bar, '#', (size_t)(done > 0 ? done : 0));
	bar[BAR] = '\0';
	text_count(f->rate, rate);
	if (percent >= 0)
		page_line(p, " [%s] %3d %%   %8s events/s, book %s", bar, percent, rate, book);
	else
		page_line(p, " %s events/s, book %s", rate, book);
}

/* ---- book ---- */

static void draw_level(const struct market *m, const char *name, const struct aq_level *level, const struct order *quote,
	struct page *p)
{
	const struct aq_instrument *i = &m->instrument;
	char price[FORMAT_SIZE] = "", qty[FORMAT_SIZE] = "", own[FORMAT_SIZE], left[FORMAT_SIZE], ahead[FORMAT_SIZE];

	if (level != NULL) {
		text_price(i, level->price, price);
		format_qty(i, level->qty, false, qty);
	}
	if (quote == NULL) {
		page_line(p, "   %-4s %12s %10s", name, price, qty);
		return;
	}
	format_qty(i, quote->o.ahead, false, ahead);
	page_line(p, "   %-4s %12s %10s    our %s %12s %9s  ahead %s", name, price, qty,
		quote->o.side == AQ_BUY ? "bid" : "ask", text_price(i, quote->o.price, own),
		format_qty(i, quote->o.qty - quote->o.filled, false, left), ahead[0] != '\0' ? ahead : "?");
}

/* Asks from the farthest to the best, bids from the best on; our quote stands at the outer line. */
static void draw_side(const struct follow *f, const struct market *m, uint32_t instance, uint8_t side, struct page *p)
{
	struct aq_level levels[LEVELS];
	uint32_t count = book_copy(side == AQ_BUY ? &m->book.bids : &m->book.asks, levels, LEVELS);
	const struct order *quote = follow_quote(f, instance, side);

	for (uint32_t row = 0; row < LEVELS; row++) {
		uint32_t at = side == AQ_BUY ? row : LEVELS - 1 - row;

		draw_level(m, row > 0 ? "" : side == AQ_BUY ? "bids" : "asks", at < count ? &levels[at] : NULL,
			at == LEVELS - 1 ? quote : NULL, p);
	}
}

static void draw_book(const struct follow *f, const struct market *m, uint32_t instance, struct page *p)
{
	char price[FORMAT_SIZE] = "?";

	if (m->middle2 != 0)
		text_price(&m->instrument, m->middle2 / 2, price);
	draw_side(f, m, instance, AQ_SELL, p);
	page_line(p, "   %.24s middle %s %.31s", RULE, price, RULE);
	draw_side(f, m, instance, AQ_BUY, p);
}

/* ---- position and result ---- */

/* The strategy's own limit, as its options are now; 0 = it has none of that name. */
static aq_qty limit_of(const struct instance *i)
{
	const aq_qty *limit = follow_option(i, "max_position", AQ_OPT_QUANTITY);

	return limit != NULL ? *limit : 0;
}

/* [..........|##........] */
static void position_bar(aq_qty position, aq_qty limit, char out[2 * HALF + 4])
{
	int cells = limit > 0 ? (int)lround(HALF * (double)llabs(position) / (double)limit) : 0;

	cells = cells > HALF ? HALF : cells == 0 && position != 0 ? 1 : cells;
	memset(out, '.', 2 * HALF + 3);
	out[0] = '[';
	out[HALF + 1] = '|';
	memset(position > 0 ? out + HALF + 2 : out + HALF + 1 - cells, '#', (size_t)cells);
	out[2 * HALF + 2] = ']';
	out[2 * HALF + 3] = '\0';
}

static void draw_position(const struct follow *f, const struct instance *i, const struct market *m, struct page *p)
{
	const struct aq_instrument *in = &m->instrument;
	aq_qty limit = limit_of(i);
	char qty[FORMAT_SIZE], of[FORMAT_SIZE], text[2 * FORMAT_SIZE], bar[2 * HALF + 4];
	struct aq_position own;

	ledger_position(&f->host->flow, f->account, f->instrument, i->id, &own);
	position_bar(own.qty, limit > 0 ? limit : f->max_position, bar);
	snprintf(text, sizeof(text), "%s %s%s%s", format_qty(in, own.qty, true, qty), format_qty_unit(in),
		limit > 0 ? "  of " : "", limit > 0 ? format_qty(in, limit, false, of) : "");
	page_line(p, "   position  %-26s %s", text, bar);
}

static void draw_part(struct page *p, const char *name, struct aq_amt amount, const char *beside)
{
	char money[FORMAT_SIZE];

	page_line(p, "     %-22s %9s  %s", name, text_money(amount, money), beside);
}

static void draw_result(const struct follow *f, uint32_t instance, struct page *p)
{
	const struct split_parts exact = split_now(&f->split, &f->host->flow, instance), shown = split_shown(&exact);
	bool loses = aq_amt_sign(shown.moved) < 0;
	char fees[100], fee[FORMAT_SIZE], before[100] = "", money[FORMAT_SIZE];

	page_line(p, "   result    %-21s fills %-5" PRIu64 " bought %-5" PRIu64 " sold %-5" PRIu64 " maker %" PRIu64,
		f->host->flow.options.report_currency, f->fills, f->bought, f->sold, f->makers);
	draw_part(p, "spread captured", shown.spread, "");
	draw_part(p, text_moved(&shown), shown.moved, loses ? "a simple maker loses to better informed" : "");
	snprintf(fees, sizeof(fees), "fees (%s)", text_fee(f, fee));
	draw_part(p, fees, aq_amt_neg(shown.fees), loses ? "traders: README, \"Why does it lose?\"" : "");
	if (aq_amt_sign(shown.before) != 0)
		snprintf(before, sizeof(before), "with %s from before this start", text_money(shown.before, money));
	draw_part(p, "total", shown.total, before);
}

/* ---- what has happened ---- */

static void draw_path(const struct host *h, struct page *p)
{
	const struct histogram *path = &h->path;
	char middle[FORMAT_SIZE], high[FORMAT_SIZE], most[FORMAT_SIZE];

	if (path->count == 0) {
		page_line(p, "   path      bytes to order: no order yet");
		return;
	}
	format_latency(histogram_at(path, 0.5), middle);
	format_latency(histogram_at(path, 0.99), high);
	format_latency(path->max, most);
	page_line(p, "   path      bytes to order  p50 %s   p99 %s   max %s", middle, high, most);
}

/* In as many lines as it needs, and at most `most`; broken at blanks. Returns how many. */
static int draw_happening(struct page *p, const char *name, const struct happening *h, int most)
{
	const size_t room = PAGE_COLUMNS - strlen("   last  00:00:00  ");
	const char *rest = h->text;
	char clock[16] = "";
	int drawn = 0;

	if (*rest != '\0')
		format_clock(h->at_ns, clock);
	do {
		size_t length = strlen(rest);

		if (length > room)
			for (length = room; length > room / 2 && rest[length] != ' '; length--)
				;
		page_line(p, "   %-4s  %-8s  %.*s", drawn == 0 ? name : "", drawn == 0 ? clock : "", (int)length, rest);
		rest += length + (rest[length] == ' ');
	} while (++drawn < most && *rest != '\0');
	return drawn;
}

/* Three lines. What is rare comes first: the newest of reloads and notes, and what was said with it, then fills; last the
 * quotes, which move all the time. */
static void draw_last(const struct follow *f, struct page *p)
{
	const struct happening *first = &f->said[0], *second = &f->traded[0];
	int left = 3;

	if (first->text[0] == '\0') {
		first = &f->traded[0];
		second = &f->traded[1];
	} else if (f->said[1].text[0] != '\0' && f->said[0].at_ns - f->said[1].at_ns < SECOND_NS) {
		second = &f->said[1];
	}
	left -= draw_happening(p, "last", first, 2);
	left -= draw_happening(p, "", second, left);
	if (left > 0)
		draw_happening(p, "", &f->quoted, left);
}

static void draw_try(const struct follow *f, const struct instance *i, struct page *p)
{
	bool has_spread = follow_option(i, "spread", AQ_OPT_RATIO) != NULL;

	page_line(p, "%s", "");
	if (f->hint[0] != '\0')
		page_line(p, "   try       %s", f->hint);
	page_line(p, "   %-9s aqctl set %.12s %s    aqctl orders    q quits", f->hint[0] != '\0' ? "" : "try", i->name,
		has_spread ? "spread=3bps" : "KEY=VALUE");
}

void view_page(const struct follow *f, struct page *p)
{
	const struct instance *i = follow_instance(f);
	const struct market *m;

	p->count = 0;
	if (i == NULL || f->instrument == 0) {
		page_line(p, " %.48s has no market yet; q quits", f->name);
		return;
	}
	m = follow_market(f);
	draw_title(f, m, p);
	draw_progress(f, m, p);
	page_line(p, "%s", "");
	draw_book(f, m, i->id, p);
	page_line(p, "%s", "");
	draw_position(f, i, m, p);
	draw_result(f, i->id, p);
	page_line(p, "%s", "");
	draw_path(f->host, p);
	draw_last(f, p);
	draw_try(f, i, p);
}
