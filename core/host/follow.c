/* follow.c: see follow.h. A timer of the loop asks for a page, or a line, a few times a second, whatever the clock of the
 * host is; what lies between two of them is summed up at the end of each moment. */
#include "host/follow.h"

#include "base/err.h"
#include "flow/ledger.h"
#include "flow/market.h"
#include "host/follow_news.h"
#include "host/follow_notes.h"
#include "host/follow_text.h"
#include "host/follow_view.h"
#include "host/replay.h"

#include "decimal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define SECOND_NS 1000000000ll
#define TICK_NS 200000000ll

static struct follow follow; /* a process follows at most one strategy */

static struct {
	int timer;
	int64_t watch, next_wall_ns;
	bool screen; /* pages, not lines */
	FILE *result;
} watching;

/* ---- what is followed ---- */

const void *follow_option(const struct instance *i, const char *name, uint16_t type)
{
	const struct aq_option *option = i->plugin->table.options;

	for (; option != NULL && option->name != NULL; option++)
		if (option->type == type && strcmp(option->name, name) == 0)
			return (const char *)i->self + option->offset;
	return NULL;
}

struct instance *follow_instance(const struct follow *f)
{
	return f->name[0] != '\0' ? host_instance(f->host, f->name) : NULL;
}

const struct market *follow_market(const struct follow *f)
{
	return market_find(&f->host->flow, f->instrument);
}

uint64_t follow_events(const struct follow *f)
{
	if (f->host->replay_count > 0)
		return replay_played(f->host);
	return f->instrument != 0 ? follow_market(f)->seq : 0;
}

/* The first thing tradable among its options; without one its first ledger row names market and account. */
static bool find_market(struct follow *f, const struct instance *i)
{
	const struct aq_option *option = i->plugin->table.options;
	const struct flow *flow = &f->host->flow;
	struct aq_market market = {0};
	uint32_t row = flow->instances[i->id].rows;

	if (f->instrument != 0)
		return true;
	for (; option != NULL && option->name != NULL && market.account == 0; option++)
		if (option->type == AQ_OPT_MARKET)
			memcpy(&market, (const char *)i->self + option->offset, sizeof(market));
	if (market.account == 0 && row != FLOW_NIL)
		market = (struct aq_market){flow->ledger.rows[row].p.instrument, flow->ledger.rows[row].p.account};
	if (market.account == 0)
		return false;
	f->instrument = market.instrument;
	f->account = market.account;
	return true;
}

/* ---- at the end of a moment ---- */

static void take_figures(struct follow *f, uint32_t instance)
{
	struct aq_amt profit = split_profit(&f->host->flow, instance), fall;
	struct aq_position p;

	ledger_position(&f->host->flow, f->account, f->instrument, instance, &p);
	p.qty = p.qty < 0 ? -p.qty : p.qty;
	f->max_position = p.qty > f->max_position ? p.qty : f->max_position;
	if (aq_amt_cmp(profit, f->best) > 0)
		f->best = profit;
	if (aq_amt_sub(f->best, profit, &fall) == 0 && aq_amt_cmp(fall, f->drawdown) > 0)
		f->drawdown = fall;
}

/* False while there is no price: nothing can have happened before. */
static bool begin_split(struct follow *f, uint32_t instance)
{
	if (f->split.begun)
		return true;
	if (follow_market(f)->middle2 == 0)
		return false;
	split_begin(&f->split, &f->host->flow, instance);
	f->best = split_profit(&f->host->flow, instance);
	f->seen = f->host->flow.ledger.fill_number;
	return true;
}

void follow_sample(struct host *h)
{
	const struct instance *i = follow_instance(&follow);

	if (i == NULL || !find_market(&follow, i) || !begin_split(&follow, i->id))
		return;
	split_note_middle(&follow.split, follow_market(&follow));
	follow_take_fills(&follow, i->id);
	follow_take_quotes(&follow, i->id);
	take_figures(&follow, i->id);
}

/* ---- a few times a second ---- */

static void count_events(struct follow *f, int64_t wall_ns)
{
	uint64_t events = follow_events(f);
	int64_t passed = wall_ns - f->counted_wall_ns;

	if (passed < SECOND_NS)
		return;
	if (f->counted_wall_ns != 0)
		f->rate = (uint64_t)((double)(events - f->counted) * 1e9 / (double)passed);
	f->counted = events;
	f->counted_wall_ns = wall_ns;
}

static void draw(void)
{
	struct page page;

	view_page(&follow, &page);
	screen_draw(&page);
}

static void print_second(int64_t wall_ns)
{
	if (wall_ns < watching.next_wall_ns || follow.end_told)
		return;
	watching.next_wall_ns = wall_ns + SECOND_NS;
	if (follow_instance(&follow) != NULL && follow.instrument != 0 && follow.split.begun)
		text_second(&follow, stdout);
	fflush(stdout);
}

/* Shown among what happened last; without a screen a line of its own. */
static void say(const char *text)
{
	struct happening *h = follow_happens(&follow, follow.said, 2);
	char clock[16];

	snprintf(h->text, sizeof(h->text), "%s", text);
	if (watching.screen)
		return;
	printf("%s %s\n", format_clock(h->at_ns, clock), h->text);
	fflush(stdout);
}

/* A host that waits behind the end of its recording looks as if it had stopped. */
static void tell_end(const struct host *h)
{
	if (!h->ended || h->options.on_end != HOST_END_WAIT || follow.end_told)
		return;
	say(watching.screen ? "the recording has ended: q quits" : "the recording has ended: Ctrl-C stops");
	follow.end_told = true;
}

static void on_tick(void *context, int events)
{
	int64_t wall = host_wall_ns();
	uint64_t expired;

	if (read(watching.timer, &expired, sizeof(expired)) < 0)
		return;
	tell_end(follow.host);
	count_events(&follow, wall);
	if (watching.screen)
		draw();
	else
		print_second(wall);
}

static void on_key(void *context, char key)
{
	if (key == 'q' || key == 'Q')
		follow.host->stop = true;
}

static void on_note(void *context, const char *line)
{
	if (strncmp(line, "try ", 4) == 0)
		snprintf(follow.hint, sizeof(follow.hint), "%s", line + 4);
	else if (strncmp(line, "say ", 4) == 0)
		say(line + 4);
}

/* ---- begin and end ---- */

static int start_timer_of(struct loop *loop)
{
	const struct itimerspec spec = {.it_value = {.tv_nsec = TICK_NS}, .it_interval = {.tv_nsec = TICK_NS}};

	watching.timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (watching.timer < 0 || timerfd_settime(watching.timer, 0, &spec, NULL) != 0)
		return -1;
	watching.watch = loop_watch(loop, watching.timer, LOOP_READ, on_tick, NULL);
	return 0;
}

int follow_begin(struct host *h, const struct follow_options *options, struct aq_err *err)
{
	if (options->name == NULL)
		return AQ_OK;
	if (config_find(h->config, "strategy", options->name) == NULL)
		return err_set(err, AQ_ENOENT, "--follow %s: the configuration has no section [strategy:%s]", options->name,
			options->name);
	if (options->result != NULL && (watching.result = fopen(options->result, "we")) == NULL)
		return err_set(err, AQ_ENOENT, "--result %s: %s", options->result, strerror(errno));
	follow.host = h;
	if (options->notes != NULL && notes_open(h->loop, options->notes, on_note, NULL, err) != 0)
		return err->code;
	if (start_timer_of(h->loop) != 0)
		return err_set(err, AQ_ENOENT, "--follow: %s", strerror(errno));
	snprintf(follow.name, sizeof(follow.name), "%s", options->name);
	h->measure = true;
	watching.screen = screen_open(h->loop, on_key, NULL);
	return AQ_OK;
}

void follow_reload(struct host *h, const struct reload_result *r, const char *what)
{
	char text[FOLLOW_TEXT];

	if (follow.name[0] == '\0' || strcmp(r->name, follow.name) != 0 || r->outcome == RELOAD_KEPT)
		return;
	if (r->outcome == RELOAD_REPLACED)
		snprintf(text, sizeof(text), "%s, generation %u, frozen %lld us, %u orders taken over", what, r->generation,
			(long long)(r->frozen_ns / 1000), r->orders);
	else if (r->outcome == RELOAD_REFUSED)
		snprintf(text, sizeof(text), "REFUSED, generation %u goes on: %.120s", r->generation, r->text);
	else
		snprintf(text, sizeof(text), "its section of the configuration has changed");
	say(text);
}

static void tell_result(FILE *out)
{
	text_split(&follow, out);
	text_result(&follow, out);
	fflush(out);
}

/* The last page stays on the terminal, above the result. */
static void leave_page(void)
{
	struct page page;

	view_page(&follow, &page);
	for (int i = 0; i < page.count; i++)
		printf("%s\n", page.lines[i]);
	printf("\n");
}

void follow_end(struct host *h)
{
	if (follow.name[0] == '\0')
		return;
	loop_unwatch(h->loop, watching.watch);
	close(watching.timer);
	notes_close(h->loop);
	screen_close();
	if (follow_instance(&follow) != NULL) {
		if (watching.screen)
			leave_page();
		tell_result(stdout);
		if (watching.result != NULL)
			tell_result(watching.result);
	}
	if (watching.result != NULL)
		fclose(watching.result);
}
