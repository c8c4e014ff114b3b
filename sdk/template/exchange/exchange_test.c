/* exchange_test.c: the adapter in a host in memory: what it gives for what it gets, also across a reload. */
#undef NDEBUG
#include <aioquant/feed.h>
#include <aioquant/test.h>
#include <mock.h>

#include <assert.h>
#include <string.h>

#define CONNECTION 7

/* The host's side of feed and net: keeps what was given last. */
static struct given {
	int opened, venues, books, rejections;
	struct aq_instrument instrument;
	struct aq_venue venue;
	struct aq_level bid, ask;
} given;

static int32_t take_instrument(void *owner, const struct aq_instrument *instrument)
{
	given.instrument = *instrument;
	return 1;
}

static int32_t take_record(void *owner, const struct aq_event *record)
{
	if (record->type == AQ_EV_VENUE) {
		given.venues++;
		given.venue = *AQ_BODY(aq_venue, record);
	} else if (record->type == AQ_EV_BOOK_UPDATE) {
		given.books++;
		given.bid = AQ_BOOK_LEVELS(AQ_BODY(aq_book_update, record))[0];
		given.ask = AQ_BOOK_LEVELS(AQ_BODY(aq_book_update, record))[1];
	} else if (record->type == AQ_EV_ORDER_UPDATE) {
		given.rejections += AQ_BODY(aq_order_update, record)->update == AQ_UP_REJECTED;
	}
	return AQ_OK;
}

static int64_t open_connection(void *owner, const char *address)
{
	assert(strcmp(address, "unix:venue.sock") == 0);
	given.opened++;
	return CONNECTION;
}

static const struct aq_feed_api feed = {.size = sizeof(feed), .instrument = take_instrument, .emit = take_record};
static const struct aq_net_api net = {.size = sizeof(net), .open = open_connection};

static const void *extension(void *owner, const char *name)
{
	if (strcmp(name, AQ_FEED_EXT) == 0)
		return &feed;
	return strcmp(name, AQ_NET_EXT) == 0 ? &net : NULL;
}

static void hear(struct aq_mock *k, uint16_t type, const char *bytes)
{
	struct {
		struct aq_net_data head;
		char bytes[200];
	} body = {.head = {.length = (uint32_t)strlen(bytes)}};
	memcpy(body.bytes, bytes, strlen(bytes));
	aq_mock_event(k, type, (struct aq_market){0, 0}, CONNECTION, &body, sizeof(body));
	aq_mock_run(k);
}

/* As the download after a reload tells of a connection that stayed. */
static void stayed_open(struct aq_mock *k)
{
	aq_mock_event(k, AQ_EV_NET_OPEN, (struct aq_market){0, 0}, CONNECTION, NULL, 0);
	((struct aq_event *)(void *)(k->queue + k->head))->flags = AQ_EV_DOWNLOADED;
	aq_mock_run(k);
}

static void set(struct aq_mock *k)
{
	static const char address[120] = "unix:venue.sock", base[16] = "BTC", quote[16] = "USDT";
	aq_mock_option(k, "address", address, sizeof(address));
	aq_mock_option(k, "base", base, sizeof(base));
	aq_mock_option(k, "quote", quote, sizeof(quote));
}

int main(void)
{
	const struct aq_plugin *plugin = aq_test_open("minimal.so");
	struct aq_mock *k = aq_mock_new(plugin);
	struct aq_order order = {.size = sizeof(order), .id = 5};
	k->host.extension = extension;
	assert(aq_mock_create(k) == AQ_OK);
	set(k);
	assert(aq_mock_start(k) == AQ_OK);
	assert(given.opened == 1);
	hear(k, AQ_EV_NET_OPEN, "");
	assert(given.venue.up == 1 && strcmp(given.instrument.symbol, "BTC/USDT") == 0);
	hear(k, AQ_EV_NET_DATA, "61700.01 0.5 61700.02 1.25\n61700.03 0.");
	assert(given.books == 1 && given.bid.price == 6170001000000 && given.ask.qty == 125000000);
	assert(aq_mock_reload(k, plugin) == AQ_OK); /* in the middle of a line */
	stayed_open(k);
	hear(k, AQ_EV_NET_DATA, "75 61700.04 1\nnonsense\n");
	assert(given.books == 2 && given.bid.qty == 75000000 && k->warnings == 1);
	aq_mock_event(k, AQ_EV_PLACE, (struct aq_market){1, 1}, 0, &order, sizeof(order));
	aq_mock_run(k);
	assert(given.rejections == 1);
	hear(k, AQ_EV_NET_CLOSED, "gone");
	assert(given.venue.up == 0 && given.venues == 2);
	aq_mock_time(k, k->now_ns + 2000000000); /* it connects again */
	aq_mock_run(k);
	assert(given.opened == 3);
	aq_mock_free(k);
	puts("minimal: as it should be");
	return 0;
}
