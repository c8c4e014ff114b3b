/* test_metrics.c: the answer of `aqctl metrics` is OpenMetrics text: read by a checker that knows the format and nothing of
 * how it is written. */
#include "flow/record.h"
#include "host/control_call.h"
#include "host/hops.h"
#include "host/metrics_text.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LINES_MAX 20000

/* ---- the checker ---- */

struct check {
	const char *lines[LINES_MAX]; /* names with labels that have been seen */
	const char *families[500];
	int line_count, family_count;
	char name[128], type[300]; /* of the family in hand */
	bool ended;
};

static bool is_name(const char *text, size_t length)
{
	if (length == 0 || (text[0] >= '0' && text[0] <= '9'))
		return false;
	for (size_t i = 0; i < length; i++)
		if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_", text[i]) == NULL)
			return false;
	return true;
}

static bool is_number(const char *text)
{
	char *end;

	strtod(text, &end);
	return *text != '\0' && *text != ' ' && *end == '\0';
}

/* Behind the closing brace; NULL when it is wrong. */
static const char *skip_labels(const char *at)
{
	do {
		size_t length = strcspn(at + 1, "=");

		if (!is_name(at + 1, length) || strncmp(at + 1 + length, "=\"", 2) != 0)
			return NULL;
		for (at += length + 3; *at != '"'; at++) {
			if (*at == '\\' && strchr("\\\"n", *++at) == NULL)
				return NULL;
			if (*at == '\0')
				return NULL;
		}
		at++;
	} while (*at == ',');
	return *at == '}' ? at + 1 : NULL;
}

/* What may stand behind the family's name. */
static bool is_suffix(const char *type, const char *text, size_t length)
{
	static const char *const allowed[][5] = {{"gauge", ""}, {"stateset", ""}, {"counter", "_total"}, {"info", "_info"},
		{"histogram", "_bucket", "_count", "_sum"}};

	for (size_t i = 0; i < sizeof(allowed) / sizeof(*allowed); i++)
		for (int k = 1; strcmp(allowed[i][0], type) == 0 && k < 5 && allowed[i][k] != NULL; k++)
			if (strlen(allowed[i][k]) == length && strncmp(allowed[i][k], text, length) == 0)
				return true;
	return false;
}

static bool check_sample(struct check *c, char *line)
{
	size_t own = strlen(c->name), length = strcspn(line, "{ ");
	const char *at = line + length;

	if (strncmp(line, c->name, own) != 0 || length < own || !is_suffix(c->type, line + own, length - own))
		return false;
	at = *at == '{' ? skip_labels(at) : at;
	if (at == NULL || *at != ' ' || !is_number(at + 1))
		return false;
	line[at - line] = '\0';
	for (int i = 0; i < c->line_count; i++)
		if (strcmp(c->lines[i], line) == 0)
			return false;
	c->lines[c->line_count++] = line;
	return c->line_count < LINES_MAX;
}

static bool check_descriptor(struct check *c, const char *line)
{
	char word[8], name[128], rest[300];
	size_t length;

	if (strcmp(line, "# EOF") == 0) {
		c->ended = true;
		return true;
	}
	if (sscanf(line, "# %7s %127s %299[^\n]", word, name, rest) != 3 || !is_name(name, strlen(name)))
		return false;
	length = strlen(name);
	if (strcmp(word, "UNIT") == 0)
		return strcmp(name, c->name) == 0 && length > strlen(rest) && name[length - strlen(rest) - 1] == '_' &&
			strcmp(name + length - strlen(rest), rest) == 0;
	if (strcmp(word, "HELP") == 0)
		return strcmp(name, c->name) == 0;
	for (int i = 0; i < c->family_count; i++) /* once, and all of its samples together */
		if (strcmp(c->families[i], name) == 0)
			return false;
	snprintf(c->name, sizeof(c->name), "%s", name);
	snprintf(c->type, sizeof(c->type), "%s", rest);
	c->families[c->family_count++] = line + strlen("# TYPE ");
	return strcmp(word, "TYPE") == 0;
}

/* NULL, or the line that is wrong. */
static const char *fault(struct check *c, char *text)
{
	memset(c, 0, sizeof(*c));
	if (text[0] == '\0' || text[strlen(text) - 1] != '\n')
		return "the end";
	for (char *line = text, *end; *line != '\0'; line = end + 1) {
		end = strchr(line, '\n');
		*end = '\0';
		if (c->ended || !(line[0] == '#' ? check_descriptor(c, line) : check_sample(c, line)))
			return line;
		if (line[0] == '#' && strncmp(line, "# TYPE ", 7) == 0)
			line[7 + strcspn(line + 7, " ")] = '\0';
	}
	return c->ended ? NULL : "no # EOF";
}

static void the_checker_finds_what_is_wrong(void **state)
{
	static const char *const wrong[] = {"", "# EOF", "# TYPE a gauge\na 1\n", "# TYPE a gauge\na_total 1\n# EOF\n",
		"# TYPE a counter\na 1\n# EOF\n", "# TYPE a gauge\na x\n# EOF\n", "# TYPE a gauge\na{b=\"c\" 1\n# EOF\n",
		"# TYPE a gauge\na{b=\"\\x\"} 1\n# EOF\n", "# TYPE a gauge\na{1b=\"\"} 1\n# EOF\n",
		"# TYPE a gauge\na 1\na 2\n# EOF\n",
		"# TYPE a gauge\n# TYPE b gauge\n# TYPE a gauge\n# EOF\n", "# TYPE a gauge\n# UNIT a seconds\n# EOF\n",
		"# TYPE a gauge\na{b=\"c\nd\"} 1\n# EOF\n", "# EOF\n# EOF\n", "a 1\n# EOF\n"};
	struct check *c = malloc(sizeof(*c));
	char right[] = "# TYPE a_s gauge\n# UNIT a_s s\n# HELP a_s x\na_s{b=\"\\\"\\\\\\n,}\"} 1.5\na_s{b=\"\"} -2\n# EOF\n";

	assert_null(fault(c, right));
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		char text[200];

		snprintf(text, sizeof(text), "%s", wrong[i]);
		if (fault(c, text) == NULL)
			fail_msg("not found: %s", wrong[i]);
	}
	free(c);
}

/* ---- the host ---- */

#define MANY 2000

struct place {
	struct host *host;
	struct instance *instances;
	struct check *check;
	char *text;
};

static int begin(void **state)
{
	struct place *p = calloc(1, sizeof(*p));
	struct flow_options options = {.max_orders = 64, .max_fills = 64, .report_currency = "USDT"};

	p->host = calloc(1, sizeof(*p->host));
	p->instances = calloc(MANY, sizeof(*p->instances));
	p->check = malloc(sizeof(*p->check));
	p->text = malloc(RESULT_BODY_MAX + 1);
	flow_init(&p->host->flow, &options);
	snprintf(p->host->options.server_id, sizeof(p->host->options.server_id), "a \"quoted\\ name");
	snprintf(p->host->options.state_dir, sizeof(p->host->options.state_dir), "/");
	*state = p;
	return 0;
}

static int end(void **state)
{
	struct place *p = *state;

	hops_end(p->host);
	flow_finish(&p->host->flow);
	free(p->host);
	free(p->instances);
	free(p->check);
	free(p->text);
	free(p);
	return 0;
}

static void add_instance(struct place *p, int number, uint32_t kind, const char *prefix)
{
	struct instance *i = &p->instances[number];

	snprintf(i->name, sizeof(i->name), "%s%d", prefix, number);
	i->id = flow_instance_id(&p->host->flow, i->name, kind);
	i->kind = kind;
	i->state = INSTANCE_RUNNING;
	p->host->instances[i->id] = i;
}

static uint32_t ask(struct place *p, bool json)
{
	struct control_request request = {.words = {"metrics"}, .count = 1};
	struct control_call call = {.host = p->host, .request = &request};
	uint32_t length;

	assert_true(control_run(&call));
	assert_int_equal(call.result.code, CONTROL_DONE);
	length = json ? result_json(&call.result, p->text) : result_text(&call.result, 80, p->text);
	assert_true(length <= RESULT_BODY_MAX);
	p->text[length] = '\0';
	result_finish(&call.result);
	return length;
}

static void a_host_is_told_whole(void **state)
{
	struct place *p = *state;
	const struct fact_override set = {.section = "strategy:strategy1", .key = "spread", .value = "3"};
	const char *wrong;

	p->host->override_count = 2; /* of the command line */
	assert_int_equal(record_apply(&p->host->flow, FACT_OVERRIDE, FACT_VERSION, &set, sizeof(set)), AQ_OK);
	add_instance(p, 0, AQ_EXCHANGE, "venue");
	add_instance(p, 1, AQ_STRATEGY, "strategy");
	flow_account_bind(&p->host->flow, flow_account_id(&p->host->flow, "main"), 1, false, AQ_CROSS);
	p->host->flow.denials[AQ_DENY_RATE] = 7;
	assert_int_equal(gauges_set(&p->instances[1].gauges, "vol", 0.5, 0), AQ_OK);
	assert_int_equal(gauges_set(&p->instances[1].gauges, "fair", NAN, 0), AQ_OK);
	assert_int_equal(gauges_set(&p->instances[1].gauges, "lean", -INFINITY, 0), AQ_OK);
	assert_true(hops_begin(p->host));
	hour_add(hops_of(p->host, 1, HOP_ORDER), 1, 1500);
	ask(p, false);
	assert_non_null(strstr(p->text, "\naioquant_overrides 3\n"));
	assert_non_null(strstr(p->text, "\naioquant_denials_total{code=\"RATE\"} 7\n"));
	assert_non_null(strstr(p->text, "{server_id=\"a \\\"quoted\\\\ name\",mode=\"replay\"} 1\n"));
	assert_non_null(strstr(p->text, "_bucket{venue=\"venue0\",hop=\"order\",le=\"1e-06\"} 0\n"));
	assert_non_null(strstr(p->text, "_bucket{venue=\"venue0\",hop=\"order\",le=\"2e-06\"} 1\n"));
	assert_non_null(strstr(p->text, "_bucket{venue=\"venue0\",hop=\"order\",le=\"+Inf\"} 1\n"));
	assert_non_null(strstr(p->text, "_sum{venue=\"venue0\",hop=\"order\"} 0.000001500\n"));
	assert_non_null(strstr(p->text, "\naioquant_gauge{instance=\"strategy1\",name=\"vol\"} 0.5\n"));
	assert_non_null(strstr(p->text, "\naioquant_gauge{instance=\"strategy1\",name=\"fair\"} NaN\n"));
	assert_non_null(strstr(p->text, "\naioquant_gauge{instance=\"strategy1\",name=\"lean\"} -Inf\n"));
	assert_non_null(strstr(p->text, "\naioquant_account_orders{account=\"main\"} 0\n"));
	assert_non_null(strstr(p->text, "\naioquant_samples_left_out 0\n"));
	wrong = fault(p->check, p->text);
	if (wrong != NULL)
		fail_msg("%s", wrong);
}

/* More than an answer holds: it is whole lines still, and says what is missing. */
static void a_crowd_is_cut_and_told_so(void **state)
{
	struct place *p = *state;
	const char *at, *wrong;

	add_instance(p, 0, AQ_EXCHANGE, "venue");
	assert_true(hops_begin(p->host));
	hour_add(hops_of(p->host, 1, HOP_ORDER), 1, 1500);
	for (int i = 1; i < MANY; i++)
		add_instance(p, i, AQ_STRATEGY, "a-strategy-with-a-name-of-some-length-");
	ask(p, false);
	assert_null(strstr(p->text, "aioquant_latency_seconds")); /* what can be done without stands last */
	at = strstr(p->text, "\naioquant_samples_left_out ");
	assert_non_null(at);
	assert_true(strtol(at + strlen("\naioquant_samples_left_out "), NULL, 10) > MANY);
	wrong = fault(p->check, p->text);
	if (wrong != NULL)
		fail_msg("%s", wrong);
	at = p->text + ask(p, true) - strlen("# EOF\\n\",\n\"hints\":[],\n\"problems\":[]}\n");
	assert_string_equal(at, "# EOF\\n\",\n\"hints\":[],\n\"problems\":[]}\n");
}

/* A family whose head does not fit has no samples either, though they are shorter. */
static void no_sample_stands_without_its_head(void **state)
{
	static char bytes[4096], help[200];
	struct check *c = malloc(sizeof(*c));

	memset(help, 'x', sizeof(help) - 1);
	for (uint32_t size = 1024; size < 2048; size++) {
		struct metrics m;
		const char *wrong;

		metrics_begin(&m, bytes, size);
		for (int i = 0; i < 5; i++) {
			char name[16];

			snprintf(name, sizeof(name), "f%d", i);
			metrics_family(&m, name, METRIC_GAUGE, NULL, help);
			metrics_add(&m, NULL, "%d", i);
		}
		bytes[metrics_end(&m)] = '\0';
		wrong = fault(c, bytes);
		if (wrong != NULL)
			fail_msg("%u bytes: %s", size, wrong);
	}
	free(c);
}

static void texts_are_escaped(void **state)
{
	static char bytes[4096];
	const struct metric_label labels[] = {{"a", "x\"y\\z\nw"}, {"b", ""}, {NULL, NULL}};
	struct metrics m;

	metrics_begin(&m, bytes, sizeof(bytes));
	metrics_family(&m, "t", METRIC_COUNTER, NULL, "one\ntwo");
	metrics_add(&m, labels, "%d", -1);
	bytes[metrics_end(&m)] = '\0';
	assert_non_null(strstr(bytes, "# HELP t one\\ntwo\nt_total{a=\"x\\\"y\\\\z\\nw\",b=\"\"} -1\n# TYPE "));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_checker_finds_what_is_wrong),
		cmocka_unit_test_setup_teardown(a_host_is_told_whole, begin, end),
		cmocka_unit_test_setup_teardown(a_crowd_is_cut_and_told_so, begin, end),
		cmocka_unit_test(no_sample_stands_without_its_head),
		cmocka_unit_test(texts_are_escaped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
