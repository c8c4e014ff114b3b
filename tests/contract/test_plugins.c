/* test_plugins.c: what every plugin must hold to, whatever its kind. Run for each library in the folder of plugins.
 *
 * The host here is a table that answers every call and counts those with effects; it knows no market and no venue. */
#include "host/plugin.h"

#include <aioquant/feed.h>
#include <aioquant/market.h>
#include <aioquant/orders.h>

#include <ctype.h>
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define PLUGINS_MAX 64
#define BLOB_MAX (1u << 20)

static char paths[PLUGINS_MAX][512];
static struct plugin plugins[PLUGINS_MAX];
static int plugin_count;

/* ---- the host ---- */

struct toy_host {
	struct aq_host table;
	unsigned effects;
	int64_t ids;
};

static void toy_log(void *owner, int32_t level, const char *text)
{
	(void)owner;
	(void)level;
	assert_non_null(text);
}

static int64_t toy_now(void *owner)
{
	(void)owner;
	return 1723161255000000000;
}

static int64_t toy_id(struct toy_host *h)
{
	h->effects++;
	return ++h->ids;
}

static int64_t toy_timer_set(void *owner, int64_t at_ns, int64_t period_ns, uint64_t tag)
{
	(void)at_ns;
	(void)period_ns;
	(void)tag;
	return toy_id(owner);
}

static int32_t toy_timer_clear(void *owner, int64_t id)
{
	(void)id;
	((struct toy_host *)owner)->effects++;
	return AQ_OK;
}

static int32_t toy_post(void *owner, uint64_t tag, const void *bytes, uint32_t length)
{
	(void)tag;
	(void)bytes;
	(void)length;
	((struct toy_host *)owner)->effects++;
	return AQ_OK;
}

static int32_t toy_wake(void *owner, uint64_t tag)
{
	(void)tag;
	((struct toy_host *)owner)->effects++;
	return AQ_OK;
}

static int32_t toy_conf_get(void *owner, const char *name, char *out, uint32_t size)
{
	(void)owner;
	(void)name;
	(void)out;
	(void)size;
	return AQ_ENOENT;
}

static uint64_t toy_random(void *owner)
{
	(void)owner;
	return 4;
}

static void toy_fail(void *owner, const char *why)
{
	(void)why;
	((struct toy_host *)owner)->effects++;
}

/* No extension: a plugin must come up, or refuse to start, without a crash. */
static const void *toy_extension(void *owner, const char *name)
{
	(void)owner;
	(void)name;
	return NULL;
}

static void toy_init(struct toy_host *h)
{
	*h = (struct toy_host){.table = {.size = sizeof(h->table), .abi_major = AQ_ABI_MAJOR, .abi_minor = AQ_ABI_MINOR,
		.log = toy_log, .now = toy_now, .timer_set = toy_timer_set, .timer_clear = toy_timer_clear, .post = toy_post,
		.wake = toy_wake, .conf_get = toy_conf_get, .random = toy_random, .fail = toy_fail, .extension = toy_extension}};
	h->table.owner = h;
}

static void *create(const struct plugin *p, struct toy_host *h)
{
	struct aq_err err = {0};
	void *self = NULL;

	toy_init(h);
	assert_int_equal(p->table.create(&h->table, &self, &err), AQ_OK);
	assert_non_null(self);
	return self;
}

/* ---- the contract ---- */

static void its_table_makes_sense(const struct plugin *p)
{
	const struct aq_option *o = p->table.options;

	assert_in_range(p->table.kind, AQ_STRATEGY, AQ_SERVICE);
	for (const char *c = p->table.name; *c != '\0'; c++)
		assert_true(islower((unsigned char)*c) || isdigit((unsigned char)*c) || *c == '_');
	assert_true(p->table.state_oldest <= p->table.state_schema);
	assert_true(p->table.state_schema == 0 || (p->table.save != NULL && p->table.load != NULL));
	for (; o != NULL && o->name != NULL; o++) {
		assert_in_range(o->type, AQ_OPT_STRING, AQ_OPT_STORE_LINE);
		assert_true(o->size > 0);
		assert_non_null(o->help);
		for (const struct aq_option *other = p->table.options; other != o; other++)
			assert_string_not_equal(o->name, other->name);
	}
}

static void create_has_no_effects(const struct plugin *p)
{
	struct toy_host h;
	void *self = create(p, &h);

	assert_int_equal(h.effects, 0);
	p->table.destroy(self);
	assert_int_equal(h.effects, 0);
	p->table.destroy(NULL);
}

static void instances_do_not_share(const struct plugin *p)
{
	struct toy_host one, two;
	void *a = create(p, &one), *b = create(p, &two);

	assert_ptr_not_equal(a, b);
	p->table.destroy(a);
	p->table.destroy(b);
}

static void unknown_events_are_ignored(const struct plugin *p)
{
	const uint16_t types[] = {0, 8, 19, 59, 99, 999, 65535};
	struct toy_host h;
	void *self = create(p, &h);

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		const struct aq_event event = {.size = sizeof(event), .type = types[i], .time_ns = 1};

		p->table.on_event(self, &event);
	}
	assert_int_equal(h.effects, 0);
	p->table.destroy(self);
}

struct blob {
	uint8_t bytes[BLOB_MAX];
	uint32_t size;
};

static int32_t write_blob(void *sink, const void *bytes, uint32_t length)
{
	struct blob *b = sink;

	if (b->size + length > BLOB_MAX)
		return AQ_ESPACE;
	memcpy(b->bytes + b->size, bytes, length);
	b->size += length;
	return AQ_OK;
}

static void save(const struct plugin *p, const void *self, struct blob *b)
{
	const struct aq_writer writer = {.size = sizeof(writer), .sink = b, .write = write_blob};

	b->size = 0;
	assert_int_equal(p->table.save(self, &writer), AQ_OK);
}

static int32_t load(const struct plugin *p, void *self, const void *bytes, uint64_t length)
{
	const struct aq_reader reader = {.size = sizeof(reader), .schema = p->table.state_schema, .bytes = bytes,
		.length = length};
	struct aq_err err = {0};
	int32_t rc = p->table.load(self, &reader, &err);

	assert_true(rc == AQ_OK || (rc < 0 && err.text[0] != '\0')); /* a refusal says why */
	return rc;
}

/* Saved, loaded and saved again is the same; save changes nothing. */
static void state_comes_back(const struct plugin *p)
{
	struct blob *first = calloc(1, sizeof(*first)), *second = calloc(1, sizeof(*second));
	struct toy_host h, other;
	void *self, *copy;

	if (p->table.save != NULL && p->table.load != NULL) {
		self = create(p, &h);
		copy = create(p, &other);
		save(p, self, first);
		save(p, self, second);
		assert_int_equal(first->size, second->size);
		assert_memory_equal(first->bytes, second->bytes, first->size);
		assert_int_equal(load(p, copy, first->bytes, first->size), AQ_OK);
		save(p, copy, second);
		assert_int_equal(first->size, second->size);
		assert_memory_equal(first->bytes, second->bytes, first->size);
		p->table.destroy(self);
		p->table.destroy(copy);
	}
	free(first);
	free(second);
}

/* A state cut at any byte, or with any byte changed, is refused or taken, never read beyond its end. */
static void damaged_states_do_no_harm(const struct plugin *p)
{
	struct blob *whole = calloc(1, sizeof(*whole));
	struct toy_host h;
	void *self;

	if (p->table.save == NULL || p->table.load == NULL) {
		free(whole);
		return;
	}
	self = create(p, &h);
	save(p, self, whole);
	p->table.destroy(self);
	for (uint32_t at = 0; at < whole->size && at < 4096; at++) {
		uint8_t *exact = malloc(at + 1); /* so that a sanitizer sees a read beyond it */

		memcpy(exact, whole->bytes, at + 1);
		self = create(p, &h);
		load(p, self, exact, at);
		p->table.destroy(self);
		exact[at] ^= 0xff;
		self = create(p, &h);
		load(p, self, exact, at + 1);
		p->table.destroy(self);
		free(exact);
	}
	free(whole);
}

/* Without the extensions that it needs it refuses with a reason, or runs; stop and destroy follow either way. */
static void start_and_stop(const struct plugin *p)
{
	struct aq_err err = {0};
	struct toy_host h;
	void *self = create(p, &h);
	int32_t rc = p->table.start != NULL ? p->table.start(self, &err) : AQ_OK;

	assert_true(rc == AQ_OK || err.text[0] != '\0');
	if (rc == AQ_OK && p->table.stop != NULL)
		p->table.stop(self);
	p->table.destroy(self);
}

static void every_plugin(void **state)
{
	(void)state;
	for (int i = 0; i < plugin_count; i++) {
		printf("%s\n", paths[i]);
		its_table_makes_sense(&plugins[i]);
		create_has_no_effects(&plugins[i]);
		instances_do_not_share(&plugins[i]);
		unknown_events_are_ignored(&plugins[i]);
		state_comes_back(&plugins[i]);
		damaged_states_do_no_harm(&plugins[i]);
		start_and_stop(&plugins[i]);
	}
}

static void there_are_plugins(void **state)
{
	(void)state;
	assert_true(plugin_count >= 2);
}

static void find_plugins(const char *folder)
{
	DIR *d = opendir(folder);
	struct dirent *e;

	while (d != NULL && plugin_count < PLUGINS_MAX && (e = readdir(d)) != NULL) {
		size_t length = strlen(e->d_name);
		struct plugin *p = &plugins[plugin_count];
		struct aq_err err = {0};

		if (length < 4 || strcmp(e->d_name + length - 3, ".so") != 0)
			continue;
		snprintf(paths[plugin_count], sizeof(paths[0]), "%s/%s", folder, e->d_name);
		snprintf(p->path, sizeof(p->path), "%s", paths[plugin_count]);
		snprintf(p->copy, sizeof(p->copy), "%s", paths[plugin_count]);
		if (plugin_open(p, 0, &err) != 0) {
			fprintf(stderr, "%s\n", err.text);
			exit(1);
		}
		plugin_count++;
	}
	if (d != NULL)
		closedir(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(there_are_plugins), cmocka_unit_test(every_plugin)};

	find_plugins(AQ_BINARY_DIR "/plugins");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
