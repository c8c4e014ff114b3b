/* The market data decoders of Binance spot and USD-M, message by message. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <binance/decode.h>
#include <binance_usdm/decode.h>

#include <string.h>

static union {
	struct aq_event event;
	uint8_t room[AQ_EVENT_MAX];
} record;
static struct binance_message message;

static int spot(const char *text)
{
	return binance_decode(text, strlen(text), &record.event, sizeof(record), &message);
}

static int usdm(const char *text)
{
	return binance_usdm_decode(text, strlen(text), &record.event, sizeof(record), &message);
}

static void expect_level(const struct aq_level *level, aq_px price, aq_qty qty)
{
	assert_int_equal(level->price, price);
	assert_int_equal(level->qty, qty);
}

static void test_spot_delta(void **unused)
{
	static const char text[] =
		"{\"stream\":\"btcusdt@depth@100ms\",\"data\":{\"e\":\"depthUpdate\",\"E\":1723161255208,"
		"\"s\":\"BTCUSDT\",\"U\":50093239189,\"u\":50093239202,\"b\":[[\"61737.63000000\",\"0.00000000\"]],"
		"\"a\":[[\"61837.64000000\",\"1.54698000\"],[\"61839.85000000\",\"0.00000000\"]]}}";
	const struct aq_book_update *update = AQ_BODY(aq_book_update, &record.event);
	int size = spot(text);
	assert_int_equal(size, sizeof(struct aq_event) + sizeof(*update) + 3 * sizeof(struct aq_level));
	assert_int_equal(record.event.size, size);
	assert_int_equal(record.event.type, AQ_EV_BOOK_UPDATE);
	assert_int_equal(record.event.venue_ns, 1723161255208000000);
	assert_true(update->follows == 50093239188 && update->reaches == 50093239202);
	assert_true(update->bids == 1 && update->asks == 2 && update->snapshot == 0 && update->overlap == 1);
	expect_level(AQ_BOOK_LEVELS(update), 6173763000000, 0);
	expect_level(AQ_BOOK_LEVELS(update) + 1, 6183764000000, 154698000);
	expect_level(AQ_BOOK_LEVELS(update) + 2, 6183985000000, 0);
	assert_true(aq_json_is(message.symbol, "BTCUSDT") && aq_json_is(message.stream, "btcusdt@depth@100ms"));
	assert_int_equal(message.sent_ns, 1723161255208000000);
}

static void test_usdm_delta(void **unused)
{
	/* asks before bids, an unknown field, and the transaction time besides the event time */
	static const char text[] =
		"{\"e\":\"depthUpdate\",\"E\":1723161256299,\"T\":1723161256298,\"s\":\"BTCUSDT\",\"ps\":\"x\","
		"\"U\":105,\"u\":110,\"pu\":99,\"a\":[[\"58710.20\",\"0.014\"]],\"st\":{\"a\":[1]},\"b\":[[\"1000.00\","
		"\"606.675\"]]}";
	const struct aq_book_update *update = AQ_BODY(aq_book_update, &record.event);
	assert_true(usdm(text) > 0);
	assert_true(update->follows == 99 && update->reaches == 110 && update->bids == 1 && update->asks == 1);
	expect_level(AQ_BOOK_LEVELS(update), 100000000000, 60667500000);
	expect_level(AQ_BOOK_LEVELS(update) + 1, 5871020000000, 1400000);
	assert_int_equal(record.event.venue_ns, 1723161256298000000);
	assert_int_equal(message.sent_ns, 1723161256299000000);
}

static void test_snapshots(void **unused)
{
	const struct aq_book_update *update = AQ_BODY(aq_book_update, &record.event);
	assert_true(spot("{\"lastUpdateId\": 134180599, \"bids\": [[\"1.214\", \"63.38\"], [\"1.213\", \"2\"]], "
			 "\"asks\": []}") > 0);
	assert_true(update->snapshot == 1 && update->reaches == 134180599 && update->bids == 2 && update->asks == 0);
	assert_true(record.event.venue_ns == 0 && message.symbol.length == 0 && message.sent_ns == 0);
	assert_true(usdm("{\"lastUpdateId\":7,\"E\":1723161256501,\"T\":1723161256493,\"bids\":[],\"asks\":[[\"2\","
			 "\"1\"]]}") > 0);
	assert_true(update->snapshot == 1 && update->reaches == 7 && update->asks == 1);
	assert_int_equal(record.event.venue_ns, 1723161256493000000);
}

static void test_tickers(void **unused)
{
	const struct aq_ticker *ticker = AQ_BODY(aq_ticker, &record.event);
	assert_true(spot("{\"u\":50093239212,\"s\":\"BTCUSDT\",\"b\":\"61837.63000000\",\"B\":\"3.78826000\","
			 "\"a\":\"61837.64000000\",\"A\":\"1.54698000\"}") > 0);
	assert_true(record.event.type == AQ_EV_TICKER && record.event.venue_ns == 0);
	assert_true(ticker->update == 50093239212 && ticker->bid == 6183763000000 && ticker->bid_qty == 378826000);
	assert_true(ticker->ask == 6183764000000 && ticker->ask_qty == 154698000);
	assert_true(usdm("{\"e\":\"bookTicker\",\"u\":9,\"s\":\"X\",\"b\":\"0.00\",\"B\":\"0\",\"a\":\"1\",\"A\":\"2\","
			 "\"T\":1723161256313,"
			 "\"E\":1723161256314}") > 0);
	assert_true(ticker->bid == AQ_NONE && ticker->bid_qty == 0 && ticker->ask == 100000000);
	assert_int_equal(record.event.venue_ns, 1723161256313000000);
}

static void test_trades(void **unused)
{
	const struct aq_trade *trade = AQ_BODY(aq_trade, &record.event);
	assert_true(
		spot("{\"stream\":\"btcusdt@trade\",\"data\":{\"e\":\"trade\",\"E\":1723161255343,\"s\":\"BTCUSDT\","
		     "\"t\":3735683259,\"p\":\"61837.63\",\"q\":\"0.02\",\"b\":88,\"a\":50,\"T\":1723161255342,\"m\":"
		     "true,\"M\":true}}") > 0);
	assert_true(record.event.type == AQ_EV_TRADE && record.event.venue_ns == 1723161255342000000);
	assert_true(trade->id == 3735683259 && trade->price == 6183763000000 && trade->qty == 2000000);
	assert_int_equal(trade->taker, AQ_SELL);
	assert_true(usdm("{\"e\":\"aggTrade\",\"E\":1723161255343123,\"s\":\"B\",\"a\":5,\"p\":\"1\",\"q\":\"2\",\"f\":"
			 "1,\"l\":3,"
			 "\"T\":1723161255342123,\"m\":false}") > 0);
	assert_true(trade->id == 5 && trade->taker == AQ_BUY);
	assert_int_equal(record.event.venue_ns, 1723161255342123000); /* microseconds are told apart */
}

#define USDM_TRADE(kind)                                                                                               \
	"{\"e\":\"trade\",\"E\":1723161256322,\"T\":1723161256322,\"s\":\"BTCUSDT\",\"t\":1,\"p\":\"61800.30\",\"q\":" \
	"\"0.006\",\"X\":\"" kind "\",\"m\":false}"

static void test_trades_besides_the_book(void **unused)
{
	assert_true(usdm(USDM_TRADE("MARKET")) > 0);
	assert_int_equal(usdm(USDM_TRADE("ADL")), 0);
	assert_int_equal(usdm(USDM_TRADE("INSURANCE_FUND")), 0);
}

#define MARK(rate)                                                                                                     \
	"{\"e\":\"markPriceUpdate\",\"E\":1562305380000,\"s\":\"BTCUSDT\",\"p\":\"11794.15000000\",\"i\":\"11784."     \
	"62659091\","                                                                                                  \
	"\"P\":\"11784.25641265\",\"r\":\"" rate "\",\"T\":1562306400000}"

static void test_funding(void **unused)
{
	const struct aq_funding *funding = AQ_BODY(aq_funding, &record.event);
	assert_int_equal(usdm(MARK("-0.00038167")), sizeof(struct aq_event) + sizeof(*funding));
	assert_int_equal(record.event.type, AQ_EV_FUNDING);
	assert_int_equal(record.event.venue_ns, 1562305380000000000);
	assert_true(funding->mark == 1179415000000 && funding->next_ns == 1562306400000000000);
	assert_int_equal(funding->index, 1178462659091);
	assert_true(funding->rate.hi == -1 && (int64_t)funding->rate.lo == -381670000000000);
	assert_int_equal(usdm(MARK("")), 0); /* a contract without funding */
	assert_int_equal(spot(MARK("0.1")), 0);
}

#define MARK_WITH(index) "{\"e\":\"markPriceUpdate\",\"E\":1,\"s\":\"B\",\"p\":\"1.5\"," index "\"r\":\"0.0001\",\"T\":2}"

/* What is no price is none: the mark and the rate still count. */
static void test_index(void **unused)
{
	static const char *const without[] = {MARK_WITH(""), MARK_WITH("\"i\":\"\","), MARK_WITH("\"i\":\"0\","),
		MARK_WITH("\"i\":\"-1\","), MARK_WITH("\"i\":\"x\","), MARK_WITH("\"i\":\"0.0000000001\","),
		MARK_WITH("\"i\":\"999999999999\",")};
	const struct aq_funding *funding = AQ_BODY(aq_funding, &record.event);
	assert_true(usdm(MARK_WITH("\"i\":\"61800.12345678\",")) > 0);
	assert_int_equal(funding->index, 6180012345678);
	for (size_t i = 0; i < sizeof(without) / sizeof(*without); i++) {
		assert_true(usdm(without[i]) > 0);
		assert_true(funding->index == AQ_NONE && funding->mark == 150000000);
	}
}

static void test_nothing_to_us(void **unused)
{
	static const char ticker_24h[] =
		"{\"e\":\"24hrTicker\",\"E\":1,\"s\":\"B\",\"p\":\"-1.5\",\"b\":\"1\",\"B\":\"2\",\"a\":\"3\",\"A\":"
		"\"4\",\"m\":7}";
	static const char *const texts[] = {"{\"result\":null,\"id\":1}", "[]", "{}",
		"{\"code\":2,\"msg\":\"Invalid request\"}", "{\"e\":\"serverShutdown\",\"E\":1}",
		"{\"stream\":\"!x\",\"data\":[{\"u\":1}]}",
		"{\"e\":\"kline\",\"E\":1,\"s\":\"B\",\"k\":{\"t\":1,\"T\":2,\"o\":\"1\",\"x\":false}}", ticker_24h};
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		assert_int_equal(spot(texts[i]), 0);
		assert_int_equal(usdm(texts[i]), 0);
	}
}

#define DELTA(first, last, price, qty)                                                                                 \
	"{\"e\":\"depthUpdate\",\"E\":1,\"s\":\"B\",\"U\":" first ",\"u\":" last ",\"pu\":4,\"b\":[[\"" price          \
	"\",\"" qty "\"]],\"a\":[]}"

static void test_refused(void **unused)
{
	static const char *const bad[] = {"", "x", "7", "{\"e\":\"depthUpdate\"}", DELTA("0", "9", "1", "1"),
		DELTA("9", "3", "1", "1"), DELTA("5", "9", "-1", "1"), DELTA("5", "9", "0", "1"),
		DELTA("5", "9", "1", "-1"), DELTA("5", "9", "1.123456789", "1"), DELTA("5", "9", "999999999999", "1"),
		DELTA("5", "9", "1", ""), DELTA("5.5", "9", "1", "1"), DELTA("5", "9", "1", "1") "x",
		"{\"e\":\"depthUpdate\",\"s\":\"B\",\"U\":5,\"u\":9,\"b\":[],\"b\":[],\"a\":[]}",
		"{\"e\":\"depthUpdate\",\"s\":\"B\",\"U\":5,\"u\":9,\"b\":[[\"1\"]],\"a\":[]}",
		"{\"e\":\"trade\",\"s\":\"B\",\"t\":1,\"p\":\"0\",\"q\":\"1\",\"T\":1,\"m\":true}",
		"{\"e\":\"trade\",\"s\":\"B\",\"t\":1,\"p\":\"1\",\"q\":\"1\",\"T\":1}",
		"{\"lastUpdateId\":5,\"bids\":[],\"asks\":[[\"1\",\"x\"]]}", "{\"lastUpdateId\":5,\"bids\":[]}"};
	assert_true(spot(DELTA("5", "9", "1", "1")) > 0);
	assert_true(usdm(DELTA("5", "9", "1", "1")) > 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		if (spot(bad[i]) != AQ_EFORMAT)
			fail_msg("accepted: %s", bad[i]);
	}
	assert_int_equal(usdm("{\"e\":\"depthUpdate\",\"s\":\"B\",\"U\":5,\"u\":9,\"b\":[],\"a\":[]}"), AQ_EFORMAT);
	assert_int_equal(usdm("{\"e\":\"markPriceUpdate\",\"s\":\"B\",\"p\":\"1\",\"r\":\"x\",\"T\":1}"), AQ_EFORMAT);
}

static void test_room(void **unused)
{
	static const char text[] = DELTA("5", "9", "1", "1");
	size_t need = sizeof(struct aq_event) + sizeof(struct aq_book_update) + sizeof(struct aq_level);
	assert_int_equal(binance_decode(text, sizeof(text) - 1, &record.event, need, &message), need);
	assert_int_equal(binance_decode(text, sizeof(text) - 1, &record.event, need - 1, &message), AQ_ESPACE);
	assert_int_equal(binance_decode(text, sizeof(text) - 1, &record.event, 8, &message), AQ_ESPACE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_spot_delta), cmocka_unit_test(test_usdm_delta),
		cmocka_unit_test(test_snapshots), cmocka_unit_test(test_tickers), cmocka_unit_test(test_trades),
		cmocka_unit_test(test_trades_besides_the_book), cmocka_unit_test(test_funding),
		cmocka_unit_test(test_index),
		cmocka_unit_test(test_nothing_to_us), cmocka_unit_test(test_refused), cmocka_unit_test(test_room)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
