/* exchange.c: the smallest exchange, `minimal`: best prices of one market, as lines of text over a connection of the host.
 *
 * The venue says `BID QTY ASK QTY` and a newline at each change. It takes no orders: each is rejected, with the reason,
 * in orders_of_nobody. An adapter has no input and output of its own: it gets events and gives records, so it is tested
 * without a venue, and a reload keeps the connection.
 */
#include <aioquant/feed.h>
#include <decimal.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS 8 /* the finest that the venue can express, for prices and quantities */
#define RETRY_NS INT64_C(1000000000)

struct minimal {
	char address[120]; /* options */
	char base[16], quote[16];
	const struct aq_host *host;
	const struct aq_feed_api *feed;
	const struct aq_net_api *net;
	int64_t connection; /* 0 = none, or one that is about to open */
	uint32_t instrument;
	struct { /* what a reload keeps */
		uint64_t update;
		uint32_t length; /* of a line that has not ended */
		char line[200];
		char address[120]; /* that the connection was made to */
	} kept;
};

/* ---- records ---- */

static void emit(struct minimal *s, uint16_t type, const struct aq_event *about, const void *body, size_t size)
{
	struct {
		struct aq_event head;
		uint64_t body[64];
	} record = {.head = {.size = (uint32_t)(sizeof(struct aq_event) + (size + 7) / 8 * 8), .type = type}};
	if (about != NULL) {
		record.head.instrument = about->instrument;
		record.head.account = about->account;
	}
	if (size > 0)
		memcpy(record.body, body, size);
	if (s->feed->emit(s->host->owner, &record.head) < 0)
		s->host->log(s->host->owner, AQ_LOG_WARN, "the host did not take a record");
}

static void tell_state(struct minimal *s, bool up, const char *why)
{
	struct aq_venue venue = {.up = up};
	snprintf(venue.text, sizeof(venue.text), "%s", why);
	emit(s, AQ_EV_VENUE, NULL, &venue, sizeof(venue));
}

static void tell_instrument(struct minimal *s)
{
	struct aq_instrument i = {.size = sizeof(i), .kind = AQ_SPOT, .px_digits = DIGITS, .qty_digits = DIGITS,
		.qty_unit = AQ_UNIT_BASE, .state = AQ_TRADING, .tick = 1000000, .lot = 1000};
	int32_t id;
	aq_amt_from_scaled(1, 0, &i.contract_size);
	snprintf(i.base, sizeof(i.base), "%s", s->base);
	snprintf(i.quote, sizeof(i.quote), "%s", s->quote);
	snprintf(i.settle, sizeof(i.settle), "%s", s->quote);
	snprintf(i.symbol, sizeof(i.symbol), "%s/%s", s->base, s->quote);
	snprintf(i.venue_symbol, sizeof(i.venue_symbol), "%s%s", s->base, s->quote);
	id = s->feed->instrument(s->host->owner, &i);
	s->instrument = id > 0 ? (uint32_t)id : 0;
}

/* ---- what the venue says ---- */

/* What comes of a connection that was given up is not about ours. */
static bool ours(const struct minimal *s, const struct aq_event *event)
{
	return s->connection != 0 && (int64_t)event->tag == s->connection;
}

static bool number(const char *text, int64_t *out)
{
	return aq_dec_parse(text, strlen(text), DIGITS, out) == AQ_OK;
}

/* Text goes straight to scaled integers, never through a double. */
static void take_line(struct minimal *s, const char *line)
{
	struct {
		struct aq_book_update head;
		struct aq_level bid, ask;
	} book = {.head = {.bids = 1, .asks = 1, .snapshot = 1}};
	const struct aq_event about = {.instrument = s->instrument};
	char word[4][40];
	if (sscanf(line, "%39s %39s %39s %39s", word[0], word[1], word[2], word[3]) != 4 ||
		!number(word[0], &book.bid.price) || !number(word[1], &book.bid.qty) || !number(word[2], &book.ask.price) ||
		!number(word[3], &book.ask.qty)) {
		s->host->log(s->host->owner, AQ_LOG_WARN, "a line of the venue is not BID QTY ASK QTY");
		return;
	}
	book.head.reaches = ++s->kept.update;
	if (s->instrument != 0)
		emit(s, AQ_EV_BOOK_UPDATE, &about, &book, sizeof(book));
}

/* Lines end where they like, not where the bytes of an event do. */
static void take_bytes(struct minimal *s, const struct aq_event *event)
{
	const struct aq_net_data *data = AQ_BODY(aq_net_data, event);
	const uint8_t *bytes = AQ_NET_BYTES(data);
	if (!ours(s, event))
		return;
	for (uint32_t i = 0; i < data->length; i++) {
		if (bytes[i] == '\n') {
			s->kept.line[s->kept.length] = '\0';
			s->kept.length = 0;
			take_line(s, s->kept.line);
		} else if (s->kept.length < sizeof(s->kept.line) - 1) {
			s->kept.line[s->kept.length++] = (char)bytes[i];
		}
	}
}

/* ---- the connection ---- */

static void connect(struct minimal *s)
{
	memcpy(s->kept.address, s->address, sizeof(s->kept.address));
	s->connection = s->net->open(s->host->owner, s->address);
	if (s->connection < 0)
		s->host->fail(s->host->owner, "address: write unix:PATH or tcp:HOST:PORT");
}

static void opened(struct minimal *s, const struct aq_event *event)
{
	bool stayed = (event->flags & AQ_EV_DOWNLOADED) != 0; /* it was open before a reload, and the host knows */
	if (stayed && s->connection == 0)
		s->connection = (int64_t)event->tag;
	if (!ours(s, event)) { /* begun by the code before, and another one has been begun since */
		s->net->close(s->host->owner, (int64_t)event->tag);
		return;
	}
	tell_instrument(s);
	if (stayed)
		return;
	s->kept.length = 0;
	tell_state(s, true, "connected");
}

static void closed(struct minimal *s, const struct aq_event *event)
{
	if (!ours(s, event))
		return;
	s->connection = 0;
	tell_state(s, false, "the connection has ended");
	s->host->timer_set(s->host->owner, s->host->now(s->host->owner) + RETRY_NS, 0, 1);
}

/* What a reload has left is ours to go on with, unless the address is another one now. */
static void connect_after_download(struct minimal *s)
{
	if (s->connection != 0 && strcmp(s->kept.address, s->address) != 0) {
		s->net->close(s->host->owner, s->connection);
		s->connection = 0;
		tell_state(s, false, "it goes to another address");
	}
	if (s->connection == 0)
		connect(s);
}

/* ---- orders ---- */

/* An adapter only says what the venue says; one that takes no orders knows none. */
static void orders_of_nobody(struct minimal *s, const struct aq_event *event)
{
	static const struct {
		uint16_t intent;
		uint8_t answers, update;
	} answers[] = {{AQ_EV_PLACE, AQ_REQ_PLACE, AQ_UP_REJECTED}, {AQ_EV_CANCEL, AQ_REQ_CANCEL, AQ_UP_CANCEL_REJECTED},
		{AQ_EV_AMEND, AQ_REQ_AMEND, AQ_UP_AMEND_REJECTED}, {AQ_EV_QUERY, AQ_REQ_LOOKUP, AQ_UP_NOT_FOUND}};
	struct aq_order_update update = {.size = sizeof(update), .code = AQ_DENY_UNSUPPORTED, .price = AQ_NONE,
		.qty = AQ_NONE, .filled = AQ_NONE, .ahead = AQ_NONE, .text = "this venue takes no orders"};
	for (size_t i = 0; i < sizeof(answers) / sizeof(*answers); i++) {
		if (answers[i].intent != event->type)
			continue;
		update.order = AQ_BODY(aq_order, event)->id; /* other events have another body, or none */
		update.answers = answers[i].answers;
		update.update = answers[i].update;
		emit(s, AQ_EV_ORDER_UPDATE, event, &update, sizeof(update));
	}
}

static void reconcile(struct minimal *s, const struct aq_event *event)
{
	emit(s, AQ_EV_RECONCILE_BEGIN, event, NULL, 0);
	emit(s, AQ_EV_RECONCILE_END, event, NULL, 0);
}

/* ---- life ---- */

static void on_event(void *self, const struct aq_event *event)
{
	struct minimal *s = self;
	switch (event->type) {
	case AQ_EV_DOWNLOAD_BEGIN:
		s->connection = 0;
		break;
	case AQ_EV_DOWNLOAD_END:
		connect_after_download(s);
		break;
	case AQ_EV_TIMER: /* timers survive a reload, after which there may be a connection already */
		if (s->connection == 0)
			connect(s);
		break;
	case AQ_EV_NET_OPEN:
		opened(s, event);
		break;
	case AQ_EV_NET_CLOSED:
		closed(s, event);
		break;
	case AQ_EV_NET_DATA:
		take_bytes(s, event);
		break;
	case AQ_EV_RECONCILE:
		reconcile(s, event);
		break;
	default:
		orders_of_nobody(s, event);
		break;
	}
}

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

static int32_t start(void *self, struct aq_err *err)
{
	struct minimal *s = self;
	s->feed = s->host->extension(s->host->owner, AQ_FEED_EXT);
	s->net = s->host->extension(s->host->owner, AQ_NET_EXT);
	if (s->feed != NULL && s->net != NULL)
		return AQ_OK;
	snprintf(err->text, sizeof(err->text), "the host does not offer " AQ_FEED_EXT " and " AQ_NET_EXT);
	return AQ_ENOSYS;
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

#define TEXT(field, text, meaning) \
	{.name = #field, .type = AQ_OPT_STRING, .size = sizeof(((struct minimal *)0)->field), .flags = AQ_REQUIRED, \
		.offset = offsetof(struct minimal, field), .fallback = text, .help = meaning}
static const struct aq_option options[] = {
	TEXT(address, NULL, "of the venue: unix:PATH or tcp:HOST:PORT"),
	TEXT(base, NULL, "what is traded: BTC"),
	TEXT(quote, NULL, "what it is paid with: USDT"),
	{.name = NULL},
};

AQ_PLUGIN(.kind = AQ_EXCHANGE, .name = "minimal", .version = "1", .summary = "best prices of one market, as lines of text",
	.options = options, .state_schema = 2, .state_oldest = 2, .create = create, .start = start, .destroy = destroy,
	.save = save, .load = load, .on_event = on_event);
