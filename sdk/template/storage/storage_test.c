/* storage_test.c: the store in a host in memory: what it answers to calls, and what it keeps. */
#undef NDEBUG
#include <aioquant/store.h>
#include <aioquant/test.h>
#include <mock.h>

#include <assert.h>
#include <string.h>

/* What the store answered last. */
static struct answers {
	int ups, dones, faults;
	struct aq_store_end end;
	struct aq_store_error error;
} answers;

static int32_t take_end(void *owner, const struct aq_store_end *end)
{
	answers.dones++;
	answers.end = *end;
	return AQ_OK;
}

static int32_t take_error(void *owner, const struct aq_store_error *error)
{
	answers.faults++;
	answers.error = *error;
	return AQ_OK;
}

static int32_t take_state(void *owner, uint8_t up, const char *text)
{
	answers.ups += up;
	return AQ_OK;
}

static const struct aq_store_provider_api provider = {.size = sizeof(provider), .done = take_end, .failed = take_error,
	.state = take_state};

static const void *extension(void *owner, const char *name)
{
	return strcmp(name, AQ_STORE_PROVIDER_EXT) == 0 ? &provider : NULL;
}

static int32_t call(struct aq_mock *k, uint64_t id, uint8_t op, const void *rows, uint32_t length)
{
	const struct aq_store_ops *ops = k->plugin->ops;
	struct aq_store_call what = {.size = sizeof(what), .op = op, .collection = "fills"};
	struct aq_store_chunk chunk = {.size = sizeof(chunk), .part = AQ_PART_ROWS, .length = length};
	int32_t status = ops->begin(k->self, id, &what);
	if (status >= 0 && length > 0)
		status = ops->append(k->self, id, &chunk, rows);
	if (status >= 0)
		status = ops->end(k->self, id);
	else
		ops->forget(k->self, id);
	return status;
}

int main(void)
{
	static const uint8_t two_rows[] = {5, 0, 0, 0, 0, 5, 0, 0, 0, 0}; /* empty documents */
	const struct aq_plugin *plugin = aq_test_open("minimal.so");
	struct aq_mock *k = aq_mock_new(plugin);
	assert(aq_mock_create(k) == AQ_OK);
	assert(aq_mock_start(k) == AQ_ENOSYS); /* a host that offers nothing is told */
	k->host.extension = extension;
	assert(aq_mock_start(k) == AQ_OK && answers.ups == 1);
	assert(call(k, 1, AQ_STORE_INSERT, two_rows, sizeof(two_rows)) == AQ_OK);
	assert(answers.dones == 1 && answers.end.call == 1 && answers.end.changed == 2);
	assert(call(k, 2, AQ_STORE_INSERT, two_rows, sizeof(two_rows) - 1) == AQ_EFORMAT);
	assert(call(k, 3, AQ_STORE_FIND, NULL, 0) == AQ_OK);
	assert(answers.faults == 1 && answers.error.call == 3 && answers.error.fault == AQ_STORE_REFUSED);
	assert(aq_mock_reload(k, plugin) == AQ_OK); /* the old one says what it took, the new one goes on from there */
	assert(strcmp(k->log, "2 rows were taken") == 0);
	assert(call(k, 4, AQ_STORE_INSERT, two_rows, 5) == AQ_OK);
	assert(aq_mock_reload(k, plugin) == AQ_OK);
	assert(strcmp(k->log, "3 rows were taken") == 0);
	assert(aq_mock_load(k, "x", 1) == AQ_EFORMAT);
	aq_mock_free(k);
	puts("minimal: as it should be");
	return 0;
}
