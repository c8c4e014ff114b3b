/* exchange_test.c: the adapter in a host in memory: what it gives for what it gets, also across reloads. */
#undef NDEBUG
#include <aioquant/feed.h>
#include <aioquant/test.h>
#include <mock.h>

#include <assert.h>
#include <string.h>

/* The host's side of feed and net: keeps what was given last. Connections are 1, 2, 3 ... */
static struct given {
	int opened, closed; /* the latest of each */
	int stays;          /* what the next download tells of; 0 = nothing */
	int venues, books, rejections;
	uint64_t rejected; /* the order */
	char address[120];
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
		given.rejected = AQ_BODY(aq_order_update, record)->order;
	}
	return AQ_OK;
}

static int64_t open_connection(void *owner, const char *address)
{
	snprintf(given.address, sizeof(given.address), "%s", address);
	return ++given.opened;
}

static int32_t close_connection(void *owner, int64_t connection)
{
	given.closed = (int)connection;
	return AQ_OK;
}

static const struct aq_feed_api feed = {.size = sizeof(feed), .instrument = take_instrument, .emit = take_record};
static const struct aq_net_api net = {.size = sizeof(net), .open = open_connection, .close = close_connection};

static const void *extension(void *owner, const char *name)
{
	if (strcmp(name, AQ_FEED_EXT) == 0)
		return &feed;
	return strcmp(name, AQ_NET_EXT) == 0 ? &net : NULL;
}

static void hear(struct aq_mock *k, uint16_t type, int connection, const char *bytes)
{
	struct {
		struct aq_net_data head;
		char bytes[200];
	} body = {.head = {.length = (uint32_t)strlen(bytes)}};
	memcpy(body.bytes, bytes, strlen(bytes));
	aq_mock_event(k, type, (struct aq_market){0, 0}, (uint64_t)connection, &body, sizeof(body));
	aq_mock_run(k);
}

/* As the download after a reload tells of a connection that stayed. */
static void tell_connection(struct aq_mock *k)
{
	if (given.stays != 0)
		aq_mock_downloaded(k, AQ_EV_NET_OPEN, (struct aq_market){0, 0}, (uint64_t)given.stays, NULL, 0);
}

static void reload(struct aq_mock *k, int stays)
{
	given.stays = stays;
	assert(aq_mock_reload(k, k->plugin) == AQ_OK);
}

static void set(struct aq_mock *k, const char *name, const char *value, size_t size)
{
	char text[120] = "";
	snprintf(text, sizeof(text), "%s", value);
	aq_mock_option(k, name, text, size);
}

/* Connection 1. */
static void books(struct aq_mock *k)
{
	assert(given.opened == 1 && strcmp(given.address, "unix:venue.sock") == 0);
	hear(k, AQ_EV_NET_OPEN, 1, "");
	assert(given.venue.up == 1 && strcmp(given.instrument.symbol, "BTC/USDT") == 0);
	hear(k, AQ_EV_NET_DATA, 1, "61700.01 0.5 61700.02 1.25\n61700.03 0.");
	assert(given.books == 1 && given.bid.price == 6170001000000 && given.ask.qty == 125000000);
	reload(k, 1); /* in the middle of a line */
	assert(given.opened == 1 && given.venues == 1);
	hear(k, AQ_EV_NET_DATA, 1, "75 61700.04 1\nnonsense\n");
	assert(given.books == 2 && given.bid.qty == 75000000 && k->warnings == 1);
}

static void orders(struct aq_mock *k)
{
	struct aq_order order = {.size = sizeof(order), .id = 5};
	aq_mock_event(k, AQ_EV_PLACE, (struct aq_market){1, 1}, 0, &order, sizeof(order));
	aq_mock_run(k);
	assert(given.rejections == 1 && given.rejected == 5);
	aq_mock_event(k, AQ_EV_SUBSCRIBE, (struct aq_market){1, 0}, AQ_BOOK, NULL, 0); /* has no body to look into */
	aq_mock_run(k);
	assert(given.rejections == 1);
}

/* 1 ends, 2 takes its place after the pause, and ends. */
static void another_try(struct aq_mock *k)
{
	hear(k, AQ_EV_NET_CLOSED, 1, "gone");
	assert(given.venue.up == 0 && given.venues == 2 && given.opened == 1);
	aq_mock_time(k, k->now_ns + 2000000000);
	aq_mock_run(k);
	assert(given.opened == 2);
	hear(k, AQ_EV_NET_CLOSED, 2, "nobody is there");
	assert(given.venues == 3);
}

/* The new code connects at once, as 3; the pause of the old one ends later, and what comes of 1 is too late. */
static void reload_in_a_pause(struct aq_mock *k)
{
	int venues = given.venues, books = given.books;
	reload(k, 0);
	assert(given.opened == 3);
	aq_mock_time(k, k->now_ns + 2000000000);
	aq_mock_run(k);
	assert(given.opened == 3);
	hear(k, AQ_EV_NET_OPEN, 3, "");
	assert(given.venue.up == 1 && given.venues == venues + 1);
	hear(k, AQ_EV_NET_DATA, 1, "1 1 2 1\n");
	hear(k, AQ_EV_NET_CLOSED, 1, "gone");
	assert(given.books == books && given.venues == venues + 1 && given.closed == 0);
	hear(k, AQ_EV_NET_DATA, 3, "1 1 2 1\n");
	assert(given.books == books + 1);
}

/* 3 ends, 4 is about to open at the reload, of which a download does not tell: the new code's own is 5. */
static void reload_while_it_opens(struct aq_mock *k)
{
	hear(k, AQ_EV_NET_CLOSED, 3, "gone");
	aq_mock_time(k, k->now_ns + 2000000000);
	aq_mock_run(k);
	reload(k, 0);
	assert(given.opened == 5);
	hear(k, AQ_EV_NET_OPEN, 4, "");
	assert(given.closed == 4 && given.venue.up == 0);
	hear(k, AQ_EV_NET_OPEN, 5, "");
	assert(given.closed == 4 && given.venue.up == 1);
}

/* 5 is left for another venue, which is 6; then everything stays as it is. */
static void another_address(struct aq_mock *k)
{
	int venues = given.venues;
	set(k, "address", "unix:other.sock", 120);
	reload(k, 5);
	assert(given.closed == 5 && given.opened == 6 && strcmp(given.address, "unix:other.sock") == 0);
	assert(given.venue.up == 0 && given.venues == venues + 1);
	hear(k, AQ_EV_NET_CLOSED, 5, "as was asked");
	assert(given.venues == venues + 1);
	hear(k, AQ_EV_NET_OPEN, 6, "");
	assert(given.venue.up == 1 && given.venues == venues + 2);
	reload(k, 6);
	assert(given.closed == 5 && given.opened == 6 && given.venues == venues + 2);
}

int main(void)
{
	struct aq_mock *k = aq_mock_new(aq_test_open("minimal.so"));
	k->host.extension = extension;
	k->download = tell_connection;
	assert(aq_mock_create(k) == AQ_OK);
	set(k, "address", "unix:venue.sock", 120);
	set(k, "base", "BTC", 16);
	set(k, "quote", "USDT", 16);
	assert(aq_mock_start(k) == AQ_OK);
	books(k);
	orders(k);
	another_try(k);
	reload_in_a_pause(k);
	reload_while_it_opens(k);
	another_address(k);
	aq_mock_free(k);
	puts("minimal: as it should be");
	return 0;
}
