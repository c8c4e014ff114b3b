/* service_test.c: the service in a host in memory: what it says of alarms and of time, and what it keeps. */
#undef NDEBUG
#include <aioquant/service.h>
#include <aioquant/test.h>
#include <mock.h>

#include <assert.h>
#include <string.h>

#define MINUTE INT64_C(60000000000)

static void alarm_is(struct aq_mock *k, uint8_t over)
{
	const struct aq_alarm alarm = {.kind = AQ_ALARM_VENUE_DOWN, .over = over, .level = AQ_LOG_WARN, .subject = "okx",
		.text = "no connection"};
	aq_mock_event(k, AQ_EV_ALARM, (struct aq_market){0, 0}, 0, &alarm, sizeof(alarm));
	aq_mock_run(k);
}

static void wait_a_minute(struct aq_mock *k)
{
	aq_mock_time(k, k->now_ns + MINUTE);
	aq_mock_run(k);
}

int main(void)
{
	const struct aq_plugin *plugin = aq_test_open("minimal.so");
	struct aq_mock *k = aq_mock_new(plugin);
	int64_t every = MINUTE;
	uint32_t reports;
	assert(aq_mock_create(k) == AQ_OK);
	aq_mock_option(k, "every", &every, sizeof(every));
	assert(aq_mock_start(k) == AQ_OK);
	alarm_is(k, 0);
	assert(strcmp(k->log, "okx: no connection") == 0 && k->warnings == 1);
	alarm_is(k, 1);
	assert(strcmp(k->log, "okx: well again: no connection") == 0);
	wait_a_minute(k);
	assert(strcmp(k->log, "1 alarms, 1 of them over") == 0);
	assert(aq_mock_reload(k, plugin) == AQ_OK);
	alarm_is(k, 0);
	reports = k->callbacks;
	wait_a_minute(k);
	assert(k->callbacks == reports + 1); /* one timer, not the old one besides */
	assert(strcmp(k->log, "2 alarms, 1 of them over") == 0);
	assert(aq_mock_load(k, "x", 1) == AQ_EFORMAT);
	aq_mock_free(k);
	puts("minimal: as it should be");
	return 0;
}
