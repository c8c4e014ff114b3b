/* service_test.c: the service in a host in memory: what it says of the journal and of time, what it acknowledges, and what it keeps. */
#undef NDEBUG
#include <aioquant/test.h>
#include <mock.h>

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define MINUTE INT64_C(60000000000)

static void fill(struct aq_mock *k, uint8_t side)
{
	const struct aq_journal_fill f = {.fill = {.size = sizeof(f.fill), .account = 1, .instrument = 1, .instance = 2,
		.price = 6183763, .qty = 1500, .side = side}, .number = 1};

	aq_mock_fact(k, AQ_JOURNAL_FILL, &f, sizeof(f));
}

static void denial(struct aq_mock *k)
{
	const struct aq_order_change c = {.order = {.size = sizeof(c.order), .instrument = 1, .instance = 2}, .code = 7};

	aq_mock_fact(k, AQ_JOURNAL_DENIAL, &c, sizeof(c));
}

static void halt(struct aq_mock *k)
{
	const struct aq_journal_operator o = {.who = "aqctl", .subject = "host", .what = "halt: lunch"};

	aq_mock_fact(k, AQ_JOURNAL_OPERATOR, &o, sizeof(o));
}

static void wait_a_minute(struct aq_mock *k)
{
	aq_mock_time(k, k->now_ns + MINUTE);
	aq_mock_run(k);
}

static void journal_is_told(struct aq_mock *k)
{
	fill(k, AQ_BUY);
	aq_mock_run(k);
	assert(strcmp(k->log, "instance-2: bought 0.015 BTC/USDT at 61837.63") == 0 && k->warnings == 0);
	denial(k);
	aq_mock_run(k);
	assert(strcmp(k->log, "instance-2: an order was not let out: code 7") == 0 && k->warnings == 1);
	halt(k);
	aq_mock_run(k);
	assert(strcmp(k->log, "host: halt: lunch, by aqctl") == 0 && k->warnings == 2);
	assert(aq_mock_opened(k, "journal", false)->acknowledged == 3);
	wait_a_minute(k);
	assert(strcmp(k->log, "1 fills, 2 troubles") == 0);
}

int main(void)
{
	const struct aq_plugin *plugin = aq_test_open("minimal.so");
	struct aq_mock *k = aq_mock_new(plugin);
	int64_t every = MINUTE;
	uint32_t reports;

	aq_mock_market(k, "BTC/USDT", 2, 5);
	assert(aq_mock_create(k) == AQ_OK);
	aq_mock_option(k, "every", &every, sizeof(every));
	assert(aq_mock_start(k) == AQ_OK);
	journal_is_told(k);
	fill(k, AQ_SELL); /* it waits while new code comes */
	assert(aq_mock_reload(k, plugin) == AQ_OK);
	assert(strcmp(k->log, "instance-2: sold 0.015 BTC/USDT at 61837.63") == 0);
	reports = k->callbacks;
	wait_a_minute(k);
	assert(k->callbacks == reports + 1); /* one timer, not the old one besides */
	assert(strcmp(k->log, "2 fills, 2 troubles") == 0); /* each once */
	assert(aq_mock_load(k, "x", 1) == AQ_EFORMAT);
	aq_mock_free(k);
	puts("minimal: as it should be");
	return 0;
}
