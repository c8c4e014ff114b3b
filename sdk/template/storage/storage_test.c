/* storage_test.c: the store in a host in memory: what it answers to calls, and what it keeps. */
#undef NDEBUG
#include <aioquant/bson.h>
#include <aioquant/store.h>
#include <aioquant/test.h>
#include <mock.h>

#include <assert.h>
#include <string.h>

/* What the store answered last. */
static struct answers {
	int ups, dones, faults, rows;
	int32_t room; /* what `rows` is answered */
	int64_t found;
	struct aq_store_end end;
	struct aq_store_error error;
} answers;

static int32_t take_rows(void *owner, const struct aq_store_rows *rows, const void *bytes)
{
	struct aq_bson row;
	if (answers.room < 0)
		return answers.room;
	answers.rows++;
	assert(aq_bson_open(bytes, rows->length, &row) == AQ_OK);
	return aq_value_int64(aq_bson_find(row, "rows"), &answers.found);
}

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

static const struct aq_store_provider_api provider = {.size = sizeof(provider), .rows = take_rows, .done = take_end,
	.failed = take_error,
	.state = take_state};

static const void *extension(void *owner, const char *name)
{
	return strcmp(name, AQ_STORE_PROVIDER_EXT) == 0 ? &provider : NULL;
}

/* A call whose rows are cut into chunks of `cut` bytes. */
static int32_t call(struct aq_mock *k, uint64_t id, uint8_t op, const uint8_t *rows, uint32_t length, uint32_t cut)
{
	const struct aq_store_ops *ops = k->plugin->ops;
	struct aq_store_call what = {.size = sizeof(what), .op = op, .collection = "fills"};
	struct aq_store_chunk chunk = {.size = sizeof(chunk), .part = AQ_PART_ROWS};
	int32_t status = ops->begin(k->self, id, &what);
	for (uint32_t at = 0; status >= 0 && at < length; at += chunk.length) {
		chunk.length = length - at < cut ? length - at : cut;
		status = ops->append(k->self, id, &chunk, rows + at);
	}
	return status >= 0 ? ops->end(k->self, id) : status;
}

/* Rows torn anywhere are the same rows. */
static void test_inserts(struct aq_mock *k)
{
	static const uint8_t two_rows[] = {5, 0, 0, 0, 0, 12, 0, 0, 0, 16, 'n', 0, 7, 0, 0, 0, 0}; /* {} {n: 7} */
	static const uint8_t none[] = {4, 0, 0, 0, 0};
	for (uint32_t cut = 1; cut <= sizeof(two_rows); cut++) {
		answers.dones = 0;
		assert(call(k, cut, AQ_STORE_INSERT, two_rows, sizeof(two_rows), cut) == AQ_OK);
		assert(answers.dones == 1 && answers.end.call == cut && answers.end.changed == 2);
		assert(call(k, 50, AQ_STORE_INSERT, two_rows, sizeof(two_rows) - 1, cut) == AQ_EFORMAT);
		assert(call(k, 50, AQ_STORE_INSERT, none, sizeof(none), cut) == AQ_EFORMAT);
		assert(answers.dones == 1 && answers.faults == 0); /* the status is the answer */
	}
}

/* A row goes out when it is wanted, and there is room for it. */
static void test_rows(struct aq_mock *k)
{
	const struct aq_store_ops *ops = k->plugin->ops;
	answers.dones = 0;
	assert(call(k, 60, AQ_STORE_FIND, NULL, 0, 1) == AQ_OK);
	assert(answers.rows == 0 && answers.dones == 0);
	answers.room = AQ_EAGAIN;
	ops->more(k->self, 60, UINT32_MAX);
	assert(answers.dones == 0);
	answers.room = AQ_OK;
	ops->more(k->self, 60, 0);
	assert(answers.rows == 1 && answers.found == 34 && answers.dones == 1 && answers.end.call == 60);
	ops->more(k->self, 60, 0); /* it has ended */
	assert(answers.rows == 1 && answers.dones == 1);
	assert(call(k, 61, AQ_STORE_FIND, NULL, 0, 1) == AQ_OK);
	ops->forget(k->self, 61);
	ops->more(k->self, 61, UINT32_MAX);
	assert(answers.rows == 1);
	assert(call(k, 62, AQ_STORE_COUNT, NULL, 0, 1) == AQ_OK && answers.end.matched == 34);
	assert(call(k, 63, AQ_STORE_DELETE, NULL, 0, 1) == AQ_OK);
	assert(answers.faults == 1 && answers.error.call == 63 && answers.error.fault == AQ_STORE_REFUSED);
}

int main(void)
{
	const uint8_t row[] = {5, 0, 0, 0, 0};
	const struct aq_plugin *plugin = aq_test_open("minimal.so");
	struct aq_mock *k = aq_mock_new(plugin);
	assert(aq_mock_create(k) == AQ_OK);
	assert(aq_mock_start(k) == AQ_ENOSYS); /* a host that offers nothing is told */
	k->host.extension = extension;
	assert(aq_mock_start(k) == AQ_OK && answers.ups == 1);
	test_inserts(k);
	test_rows(k);
	assert(aq_mock_reload(k, plugin) == AQ_OK); /* the old one says what it took, the new one goes on from there */
	assert(strcmp(k->log, "34 rows were taken") == 0);
	assert(call(k, 70, AQ_STORE_INSERT, row, sizeof(row), 5) == AQ_OK);
	assert(aq_mock_reload(k, plugin) == AQ_OK);
	assert(strcmp(k->log, "35 rows were taken") == 0);
	assert(aq_mock_load(k, "x", 1) == AQ_EFORMAT);
	aq_mock_free(k);
	puts("minimal: as it should be");
	return 0;
}
