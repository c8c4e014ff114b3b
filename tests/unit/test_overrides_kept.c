/* test_overrides_kept.c: what operators have set, put over the head of the files: into its own section and no other, whatever
 * has become of that; how it is forgotten, handed to another process, and saved into a file. */
#include "log_help.h"

#include "host/host.h"
#include "host/override.h"

struct rig {
	struct host *host;
	struct instance instance; /* strategy:mm, which runs */
	struct config_errors *errors;
	struct config *config;
};

static void rig_open(struct rig *r)
{
	const struct flow_options f = {.max_orders = 8, .max_fills = 8};

	*r = (struct rig){.host = calloc(1, sizeof(*r->host)), .errors = config_errors_create()};
	assert_non_null(r->host);
	flow_init(&r->host->flow, &f);
	r->instance = (struct instance){.kind = AQ_STRATEGY, .id = flow_instance_id(&r->host->flow, "mm", AQ_STRATEGY)};
	snprintf(r->instance.name, sizeof(r->instance.name), "mm");
	r->host->instances[r->instance.id] = &r->instance;
	assert_int_equal(log_open(&options), 0);
}

static void rig_close(struct rig *r)
{
	flow_finish(&r->host->flow);
	free(r->host);
	config_errors_destroy(r->errors);
	config_destroy(r->config);
}

static void ini_write(const char *text, char name[300])
{
	FILE *out;

	snprintf(name, 300, "%s/host.ini", folder);
	out = fopen(name, "w");
	assert_non_null(out);
	fputs(text, out);
	fclose(out);
}

/* As a start and a reload read it. */
static void load(struct rig *r, const char *text, const char *set)
{
	struct override_list l;
	char name[300];

	ini_write(text, name);
	config_destroy(r->config);
	r->config = config_load(name, &set, set != NULL, r->errors);
	assert_int_equal(config_errors_count(r->errors), 0);
	override_list_make(r->host, &l);
	override_list_apply(&l, r->config);
	override_list_free(&l);
}

static const char *value(const struct rig *r, const char *name, const char *key)
{
	const struct config_entry *entry = config_get(config_find(r->config, "strategy", name), key);

	return entry != NULL ? entry->value : "none";
}

static void note(struct rig *r, const char *section, const char *key, const char *text)
{
	assert_int_equal(override_note(r->host, 1000, section, key, text), AQ_OK);
}

static void one_stays_in_its_section(void **unused)
{
	struct rig r;

	rig_open(&r);
	note(&r, "strategy:mm", "spread", "2bps");
	note(&r, "strategy:three", "spread", "5bps");
	load(&r, "[strategy:mm]\nspread = 1bps\n[strategy:two]\nlike = mm\n[strategy:three]\nlike = mm\n", NULL);
	assert_string_equal(value(&r, "mm", "spread"), "2bps");
	assert_string_equal(value(&r, "two", "spread"), "1bps");
	assert_string_equal(value(&r, "three", "spread"), "5bps");
	rig_close(&r);
	assert_int_equal(closed_count("left out"), 0);
}

/* An operator's word is the later one. */
static void one_holds_against_the_command_line(void **unused)
{
	struct rig r;

	rig_open(&r);
	note(&r, "strategy:mm", "spread", "2bps");
	load(&r, "[strategy:mm]\nspread = 1bps\n[strategy:two]\nlike = mm\n", "mm.spread=9bps");
	assert_string_equal(value(&r, "mm", "spread"), "2bps");
	assert_string_equal(value(&r, "two", "spread"), "9bps");
	assert_string_equal(config_get(config_find(r.config, "strategy", "mm"), "spread")->file, "aqctl set");
	rig_close(&r);
}

/* As it was set: it is no line of a file, and has been accepted. */
static void a_value_is_as_it_was_set(void **unused)
{
	struct rig r;

	rig_open(&r);
	note(&r, "strategy:mm", "text", "a ; ${NOBODY_HAS_THIS} $");
	note(&r, "strategy:mm", "list", "x, y");
	load(&r, "[strategy:mm]\nlist = a\nlist = b\n", NULL);
	assert_string_equal(value(&r, "mm", "text"), "a ; ${NOBODY_HAS_THIS} $");
	assert_string_equal(value(&r, "mm", "list"), "x, y");
	assert_int_equal(config_find(r.config, "strategy", "mm")->count, 2);
	rig_close(&r);
}

static void one_without_a_section_is_left_out(void **unused)
{
	struct rig r;

	rig_open(&r);
	note(&r, "strategy:mm", "spread", "2bps");
	note(&r, "strategy:gone", "spread", "3bps");
	note(&r, "exchange:two", "spread", "4bps"); /* of another kind */
	note(&r, "strategy:two", "skew", "5bps");
	load(&r, "[strategy:two]\nspread = 1bps\n", NULL);
	assert_int_equal(r.config->count, 1);
	assert_int_equal(r.config->sections[0].count, 2);
	assert_string_equal(value(&r, "two", "spread"), "1bps");
	assert_string_equal(value(&r, "two", "skew"), "5bps");
	rig_close(&r);
	assert_int_equal(closed_count("spread, which aqctl set, is left out: the files have no [strategy:gone] any more. aqctl set "
		"gone spread --reset forgets it."), 1);
	assert_int_equal(closed_count("left out"), 2); /* mm runs: what takes it away forgets it */
}

static void a_removal_forgets_its_own(void **unused)
{
	struct rig r;

	rig_open(&r);
	note(&r, "strategy:mm", "spread", "2bps");
	note(&r, "exchange:mm", "spread", "3bps");
	note(&r, "strategy:mm2", "spread", "4bps");
	note(&r, "strategy:mm", "skew", "5bps");
	override_forget(r.host, &r.instance);
	assert_int_equal(r.host->flow.overrides.count, 2);
	assert_string_equal(override_of(r.host, "mm", NULL)->section, "exchange:mm");
	assert_string_equal(override_of(r.host, "mm2", "spread")->value, "4bps");
	assert_null(override_of(r.host, "mm", "skew"));
	assert_null(override_of(r.host, "m", NULL));
	rig_close(&r);
}

static void another_process_reads_what_was_written(void **unused)
{
	static const char *const bad[] = {"", "a", "a.b", "a=b", "a.b=", ".b=c", "a.=c", "=.", "a=b.c",
		"a-section-with-a-name-that-is-longer-than-any-one.b=c"};
	struct fact_override o = {.section = "strategy:mm", .key = "limit.order"}, got;
	char text[OVERRIDE_TEXT_MAX];

	memset(o.value, '=', sizeof(o.value) - 1);
	override_write(&o, text);
	assert_true(override_read(text, &got));
	assert_memory_equal(&o, &got, sizeof(o));
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_false(override_read(bad[i], &got));
}

static void saved_as(const char *text, int line, const char *key, const char *value_now, const char *expected)
{
	struct aq_err err = {0};
	char name[300], *now;

	ini_write(text, name);
	assert_int_equal(override_save(name, line, key, value_now, &err), AQ_OK);
	now = text_of(name);
	assert_string_equal(now, expected);
	free(now);
}

static void a_value_is_saved_in_its_section_alone(void **unused)
{
	static const char text[] = "[a]\nx = 0\n[b]\n# of b\nx  = 1\ny = 2\n  x=3 \nxx = 4\n\n[c]\nx = 5\n";

	saved_as(text, 3, "x", "8, 9", "[a]\nx = 0\n[b]\n# of b\nx  = 8, 9\ny = 2\nxx = 4\n\n[c]\nx = 5\n");
	saved_as(text, 10, "x", "6", "[a]\nx = 0\n[b]\n# of b\nx  = 1\ny = 2\n  x=3 \nxx = 4\n\n[c]\nx = 6\n");
	saved_as(text, 10, "y", "6", "[a]\nx = 0\n[b]\n# of b\nx  = 1\ny = 2\n  x=3 \nxx = 4\n\n[c]\ny                  = 6\nx = 5\n");
}

static void a_saved_value_is_read_as_it_was_set(void **unused)
{
	static const char *const refused[] = {"1 # one", "1 ;", "# 1", " 1", "1\t"};
	struct aq_err err = {0};
	char name[300], *now;

	saved_as("[a]\nx = 1\n", 1, "x", "$5 and ${HOME}", "[a]\nx = $$5 and $${HOME}\n");
	saved_as("[a]\n", 1, "x", "$", "[a]\nx                  = $$\n");
	ini_write("[a]\nx = 1\n", name);
	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++) {
		assert_int_equal(override_save(name, 1, "x", refused[i], &err), AQ_EINVAL);
		assert_non_null(strstr(err.text, "would be a comment"));
	}
	now = text_of(name);
	assert_string_equal(now, "[a]\nx = 1\n");
	free(now);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_stays_in_its_section),
		TEST(one_holds_against_the_command_line),
		TEST(a_value_is_as_it_was_set),
		TEST(one_without_a_section_is_left_out),
		TEST(a_removal_forgets_its_own),
		TEST(another_process_reads_what_was_written),
		TEST(a_value_is_saved_in_its_section_alone),
		TEST(a_saved_value_is_read_as_it_was_set),
	};

	return cmocka_run_group_tests_name("overrides_kept", tests, NULL, NULL);
}
