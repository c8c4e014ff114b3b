/* bus_test.c: the bus in a host in memory: which messages arrive where, and what becomes of those that nobody takes. */
#undef NDEBUG
#include <aioquant/bus.h>
#include <aioquant/test.h>
#include <mock.h>

#include <assert.h>
#include <string.h>

static struct {
	int arrived, confirmed, failed;
	uint64_t subscription; /* of what arrived last */
	uint8_t fault;
} seen;

static int32_t take_message(void *owner, uint64_t subscription, const struct aq_bus_message *message, const void *bytes)
{
	seen.arrived++;
	seen.subscription = subscription;
	return AQ_OK;
}

static int32_t take_confirmation(void *owner, uint64_t call)
{
	seen.confirmed++;
	return AQ_OK;
}

static int32_t take_failure(void *owner, uint64_t call, const struct aq_bus_failure *failure)
{
	seen.failed++;
	seen.fault = failure->fault;
	return AQ_OK;
}

static int32_t take_state(void *owner, uint8_t up, const char *text)
{
	assert(up == 1);
	return AQ_OK;
}

static const struct aq_bus_provider_api provider = {.size = sizeof(provider), .arrived = take_message,
	.confirmed = take_confirmation, .failed = take_failure, .state = take_state};

static const void *extension(void *owner, const char *name)
{
	return strcmp(name, AQ_BUS_PROVIDER_EXT) == 0 ? &provider : NULL;
}

/* How many arrived. */
static int publish(struct aq_mock *k, uint8_t cls, const char *topic)
{
	struct aq_bus_message message = {.size = sizeof(message), .cls = cls, .form = AQ_BUS_BYTES, .length = 2};
	int before = seen.arrived;
	snprintf(message.topic, sizeof(message.topic), "%s", topic);
	assert(((const struct aq_bus_ops *)k->plugin->ops)->publish(k->self, 1, &message, "hi") == AQ_OK);
	return seen.arrived - before;
}

int main(void)
{
	struct aq_mock *k = aq_mock_new(aq_test_open("minimal.so"));
	const struct aq_bus_ops *ops = k->plugin->ops;
	assert(aq_mock_create(k) == AQ_OK);
	assert(aq_mock_start(k) == AQ_ENOSYS); /* a host that offers nothing is told */
	k->host.extension = extension;
	assert(aq_mock_start(k) == AQ_OK);
	assert(ops->subscribe(k->self, 7, "book.*.BTC") == AQ_OK);
	assert(ops->subscribe(k->self, 8, "fill.#") == AQ_OK);
	assert(publish(k, AQ_BUS_DATA, "book.okx.BTC") == 1 && seen.subscription == 7);
	assert(publish(k, AQ_BUS_DATA, "book.okx.ETH") == 0);
	assert(publish(k, AQ_BUS_DATA, "book.okx") == 0);
	assert(publish(k, AQ_BUS_DATA, "book.okx.BTC.more") == 0);
	assert(publish(k, AQ_BUS_DATA, "fill.any.thing.at.all") == 1 && seen.subscription == 8);
	assert(publish(k, AQ_BUS_DATA, "fill") == 1);
	assert(publish(k, AQ_BUS_DATA, "fills") == 0);
	assert(seen.confirmed == 0 && seen.failed == 0);
	assert(publish(k, AQ_BUS_FACT, "fill.okx") == 1 && seen.confirmed == 1);
	assert(ops->unsubscribe(k->self, 8) == AQ_OK && ops->unsubscribe(k->self, 8) == AQ_ENOENT);
	assert(publish(k, AQ_BUS_FACT, "fill.okx") == 0 && seen.failed == 1 && seen.fault == AQ_BUS_NO_ROUTE);
	aq_mock_free(k);
	puts("minimal: as it should be");
	return 0;
}
