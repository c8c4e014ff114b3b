/* service.c: the smallest service, `minimal`: says every fill and every trouble that it reads from the journal, and every so often
 * how many there have been. Trouble is an order that was not let out, and what people, limits and crashes have stopped.
 *
 * What it has said it acknowledges: so nothing is left out and nothing comes twice, whether it happens now or happened while this
 * was being reloaded or the host did not run.
 */
#include <aioquant/market.h>
#include <aioquant/service.h>

#include <decimal.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TAG_REPORT 1
#define TAG_JOURNAL 2
#define KINDS (1u << AQ_JOURNAL_FILL | 1u << AQ_JOURNAL_DENIAL | 1u << AQ_JOURNAL_OPERATOR)

struct minimal {
	int64_t every; /* option */
	const struct aq_host *host;
	const struct aq_journal_api *journal;
	const struct aq_market_api *market;
	struct { /* what a reload keeps */
		uint64_t fills, troubles;
		int64_t timer;
	} kept;
};

static void say(const struct minimal *s, int32_t level, const char *text)
{
	s->host->log(s->host->owner, level, text);
}

static const char *name(const struct minimal *s, uint32_t kind, uint64_t id, char out[160])
{
	if (s->journal->name(s->host->owner, kind, id, out, 160) < 0)
		snprintf(out, 160, "?");
	return out;
}

/* ---- what the journal tells ---- */

static void tell_fill(struct minimal *s, const struct aq_journal_fill *body)
{
	const struct aq_fill *f = &body->fill;
	struct aq_instrument i = {.size = sizeof(i)};
	char who[160], price[48], qty[48], text[400];

	if (s->market->instrument(s->host->owner, f->instrument, &i) != AQ_OK)
		return; /* its digits are not known */
	aq_dec_print(f->price, i.px_digits, 0, price);
	aq_dec_print(f->qty, i.qty_digits, 0, qty);
	snprintf(text, sizeof(text), "%s: %s %s %s at %s", name(s, AQ_NAME_INSTANCE, f->instance, who),
		f->side == AQ_BUY ? "bought" : "sold", qty, i.symbol, price);
	say(s, AQ_LOG_INFO, text);
	s->kept.fills++;
}

static void tell_denial(struct minimal *s, const struct aq_order_change *c)
{
	char who[160], why[160], text[400];

	snprintf(text, sizeof(text), "%s: an order was not let out: %s", name(s, AQ_NAME_INSTANCE, c->order.instance, who),
		name(s, AQ_NAME_CODE, c->code, why));
	say(s, AQ_LOG_WARN, text);
	s->kept.troubles++;
}

static void tell_operator(struct minimal *s, const struct aq_journal_operator *o)
{
	char text[500];

	snprintf(text, sizeof(text), "%s%s%s, by %s", o->subject, o->subject[0] != '\0' ? ": " : "", o->what, o->who);
	say(s, AQ_LOG_WARN, text);
	s->kept.troubles++;
}

static void on_journal(struct minimal *s, const struct aq_journal_record *record)
{
	if (record->kind == AQ_JOURNAL_FILL)
		tell_fill(s, AQ_JOURNAL_BODY(aq_journal_fill, record));
	else if (record->kind == AQ_JOURNAL_DENIAL)
		tell_denial(s, AQ_JOURNAL_BODY(aq_order_change, record));
	else if (record->kind == AQ_JOURNAL_OPERATOR)
		tell_operator(s, AQ_JOURNAL_BODY(aq_journal_operator, record));
	s->journal->acknowledge(s->host->owner, TAG_JOURNAL, record->next);
	s->journal->read(s->host->owner, TAG_JOURNAL, 1); /* the next one, as soon as there is one */
}

static void report(const struct minimal *s)
{
	char text[80];

	snprintf(text, sizeof(text), "%" PRIu64 " fills, %" PRIu64 " troubles", s->kept.fills, s->kept.troubles);
	say(s, AQ_LOG_INFO, text);
}

static void on_event(void *self, const struct aq_event *event)
{
	struct minimal *s = self;

	if (event->type == AQ_EV_JOURNAL)
		on_journal(s, AQ_BODY(aq_journal_record, event));
	else if (event->type == AQ_EV_TIMER && event->tag == TAG_REPORT)
		report(s);
}

/* ---- life ---- */

static int32_t create(const struct aq_host *host, void **self, struct aq_err *err)
{
	struct minimal *s = calloc(1, sizeof(*s));

	*self = s;
	if (s == NULL) {
		snprintf(err->text, sizeof(err->text), "out of memory");
		return AQ_ESPACE;
	}
	s->host = host;
	return AQ_OK;
}

static int32_t load(void *self, const struct aq_reader *in, struct aq_err *err)
{
	struct minimal *s = self;

	if (in->length != sizeof(s->kept)) {
		snprintf(err->text, sizeof(err->text), "the state has another size");
		return AQ_EFORMAT;
	}
	memcpy(&s->kept, in->bytes, sizeof(s->kept));
	return AQ_OK;
}

/* The timer of the code before is still there after a reload, and not after a restart. A reader goes on where it was. */
static int32_t start(void *self, struct aq_err *err)
{
	struct minimal *s = self;
	const struct aq_host *h = s->host;
	int32_t rc;

	s->journal = h->extension(h->owner, AQ_JOURNAL_EXT);
	s->market = h->extension(h->owner, AQ_MARKET_EXT);
	if (s->journal == NULL || s->market == NULL) {
		snprintf(err->text, sizeof(err->text), "this host has no journal for services");
		return AQ_ENOSYS;
	}
	rc = s->journal->open(h->owner, "journal", KINDS, TAG_JOURNAL);
	if (rc == AQ_OK)
		rc = s->journal->read(h->owner, TAG_JOURNAL, 1);
	if (s->kept.timer > 0)
		h->timer_clear(h->owner, s->kept.timer);
	s->kept.timer = h->timer_set(h->owner, h->now(h->owner) + s->every, s->every, TAG_REPORT);
	if (rc == AQ_OK && s->kept.timer > 0)
		return AQ_OK;
	snprintf(err->text, sizeof(err->text), "the host has no reader or no timer left");
	return rc != AQ_OK ? rc : (int32_t)s->kept.timer;
}

static void destroy(void *self)
{
	free(self);
}

static int32_t save(const void *self, const struct aq_writer *out)
{
	const struct minimal *s = self;

	return out->write(out->sink, &s->kept, sizeof(s->kept));
}

static const struct aq_option options[] = {
	{.name = "every", .type = AQ_OPT_DURATION, .size = sizeof(int64_t), .offset = offsetof(struct minimal, every),
		.fallback = "1m", .min = "1s", .max = "1d", .help = "how often the log is told of the numbers"},
	{.name = NULL},
};

AQ_PLUGIN(.kind = AQ_SERVICE, .name = "minimal", .version = "1", .summary = "fills and troubles into the log",
	.options = options, .state_schema = 1, .state_oldest = 1, .create = create, .start = start, .destroy = destroy,
	.save = save, .load = load, .on_event = on_event);
