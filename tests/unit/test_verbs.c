/* test_verbs.c: verbs that tell of a flow and of instances, against a host that has nothing else. */
#include "flow_rig.h"

#include "base/log.h"
#include "flow/order_notes.h"
#include "flow/standing.h"
#include "host/config_internal.h"
#include "host/control_call.h"
#include "host/control_format.h"
#include "host/order_text.h"
#include "host/order_words.h"
#include "host/user_name.h"

static const struct aq_option table[] = {
	{.name = "spread", .type = AQ_OPT_INT, .size = 8, .flags = AQ_LIVE, .fallback = "4", .help = "the distance"},
	{.name = "levels", .type = AQ_OPT_INT, .size = 8, .fallback = "1", .help = "how many"},
	{.name = "password", .type = AQ_OPT_STRING, .size = 16, .flags = AQ_SECRET, .help = "a secret in a file"},
	{.name = "api_token", .type = AQ_OPT_STRING, .size = 16, .help = "a secret that is none to the host"},
	{0},
};

struct place {
	struct rig rig;
	struct host *host;
	struct instance *instance;
	struct plugin plugin;
	struct config_errors *errors;
	char *text;
};

static struct config *sections(struct place *p)
{
	static char file[] = "[strategy:mm]\nplugin = x\nspread = 3\nlevels = 1\npassword_file = key\napi_token = hush\n";
	FILE *in = fmemopen(file, sizeof(file) - 1, "r");
	struct config *c = config_parse_stream(in, "host.ini", NULL, 0, p->errors);

	fclose(in);
	assert_int_equal(config_errors_count(p->errors), 0);
	return c;
}

static int begin(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	rig_new(&p->rig);
	p->host = calloc(1, sizeof(*p->host));
	p->instance = calloc(1, sizeof(*p->instance));
	p->text = malloc(RESULT_BODY_MAX + 1);
	p->errors = config_errors_create();
	p->host->config = sections(p);
	p->host->options.log_level = AQ_LOG_INFO;
	p->plugin.table = (struct aq_plugin){.name = "x", .kind = AQ_STRATEGY, .options = table};
	p->instance->host = p->host;
	p->instance->id = p->rig.strategy;
	p->instance->kind = AQ_STRATEGY;
	p->instance->state = INSTANCE_RUNNING;
	p->instance->plugin = &p->plugin;
	p->instance->section = &p->host->config->sections[0];
	snprintf(p->instance->name, sizeof(p->instance->name), "mm");
	p->host->instances[p->rig.strategy] = p->instance;
	*state = p;
	return 0;
}

static int end(void **state)
{
	struct place *p = *state;

	rig_free(&p->rig);
	config_destroy(p->host->config);
	config_errors_destroy(p->errors);
	free(p->host);
	free(p->instance);
	free(p->text);
	free(p);
	return 0;
}

/* The answer to a line, which must have this code; the host's flow is the rig's for as long. */
static const char *ask(struct place *p, int code, const char *line)
{
	struct control_request request;
	struct control_call call = {.host = p->host, .request = &request};
	struct aq_err err;

	assert_int_equal(control_request_parse(&request, line, strlen(line), &err), AQ_OK);
	p->host->flow = p->rig.f;
	assert_true(control_run(&call));
	p->rig.f = p->host->flow;
	p->text[request.json ? result_json(&call.result, p->text) : result_text(&call.result, 1000, p->text)] = '\0';
	if (call.result.code != code)
		fail_msg("%s: %d, not %d: %s", line, call.result.code, code, p->text);
	result_finish(&call.result);
	return p->text;
}

static void expect(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("no \"%s\" in\n%s", part, text);
}

static void expect_none(const char *text, const char *part)
{
	if (strstr(text, part) != NULL)
		fail_msg("\"%s\" in\n%s", part, text);
}

/* ---- params ---- */

static void options_say_where_they_come_from(void **state)
{
	struct fact_override set = {.section = "strategy:mm", .key = "spread", .value = "3", .uid = 4000000001u,
		.time_ns = RIG_START + 3661 * SECOND};
	struct place *p = *state;
	const char *all = ask(p, CONTROL_DONE, "params");

	expect(all, "mm        spread     3            4        host.ini:3  live\n");
	expect_none(all, "levels");
	expect_none(all, "hush");
	expect(ask(p, CONTROL_DONE, "params mm"), "levels     1            1        host.ini:4  -");
	expect(p->text, "password   key          -        host.ini:5");
	expect(p->text, "api_token  (not shown)  -        host.ini:6");
	expect(ask(p, CONTROL_DONE, "params mm --json"), "{\"option\":\"spread\",\"value\":\"3\",\"default\":\"4\","
							 "\"from\":\"host.ini:3\",\"live\":\"live\",\"help\":\"the distance\"}");
	assert_int_equal(record_apply(&p->rig.f, FACT_OVERRIDE, FACT_VERSION, &set, sizeof(set)), AQ_OK);
	expect(ask(p, CONTROL_DONE, "params"), "aqctl set by uid 4000000001 01:01:01");
	ask(p, CONTROL_FAILED, "params nobody");
}

/* The file alone is asked: a name that some server knows is not worth that the trading loop waits for it. */
static void users_have_the_names_of_the_file(void **state)
{
	char text[FORMAT_SIZE];

	assert_string_equal(format_user(0, text), "uid 0"); /* it has not been read */
	user_names_read();
	assert_string_equal(format_user(0, text), "root (uid 0)");
	assert_string_equal(format_user(4000000001u, text), "uid 4000000001");
	user_names_forget();
	assert_string_equal(user_name(0), "");
}

/* ---- why ---- */

static const char *why_of(struct place *p, uint64_t id)
{
	char line[64] = "why ";

	order_text(id, line + 4);
	return ask(p, CONTROL_DONE, line);
}

static void an_order_is_told_whole(void **state)
{
	struct place *p = *state;
	struct rig *r = &p->rig;
	struct aq_order_update u;
	uint64_t id;

	order_notes_say(&r->f, r->strategy, "lean -0.3");
	id = rig_place(r, r->spot, AQ_BUY, 9990, 2000, 17);
	expect(why_of(p, id), "sent   2026-01-01 00:00:00  limit gtc");
	expect(p->text, "strategy  lean -0.3\n");
	expect(p->text, "place    sent   2026-01-01 00:00:00  -\n");
	u = rig_news(id, AQ_UP_OPEN, AQ_REQ_PLACE);
	strcpy(u.text, "welcome");
	strcpy(u.venue_id, "V-1");
	rig_update(r, &u);
	rig_fill(r, id, 9990, 500);
	expect(ask(p, CONTROL_DONE, "why mm 17"), "17  main:BTC/USDT  buy   99.90  2.000   0.500  open");
	expect(p->text, "venue       welcome\n");
	expect(p->text, "venue's id  V-1\n");
	expect(p->text, "0.500  99.90    -  maker  t1\n");
	r->f.now_ns += SECOND;
	orders_cancel(&r->f, r->strategy, id, 0, 0);
	expect(why_of(p, id), "cancel   sent      2026-01-01 00:00:01  -\n");
	rig_say(r, id, AQ_UP_CANCELLED, AQ_REQ_CANCEL);
	expect(ask(p, CONTROL_DONE, "why mm 17 --json"), "\"state\":\"cancelled\"");
}

static void a_denial_says_what_it_means(void **state)
{
	const struct flow_limits limits = {.open_orders = 1};
	struct place *p = *state;
	struct rig *r = &p->rig;
	uint64_t id;

	flow_limits_set(&r->f.instances[r->strategy].meter, &limits);
	rig_place(r, r->spot, AQ_BUY, 9990, 1000, 1);
	order_notes_say(&r->f, r->strategy, "second");
	id = rig_place(r, r->spot, AQ_BUY, 9980, 1000, 2);
	expect(why_of(p, id), "MAX_OPEN  limit.open_orders: as many are open already\n");
	expect(p->text, "strategy  second\n");
	expect(p->text, "place    MAX_OPEN");
	expect(ask(p, CONTROL_DONE, "why mm 2"), "strategy  second\n");
	rig_place(r, 4711, AQ_BUY, 9980, 1000, 3);
	ask(p, CONTROL_FAILED, "why mm 3"); /* its market cannot be told */
}

static void what_is_not_known_is_said(void **state)
{
	struct place *p = *state;

	expect(ask(p, CONTROL_FAILED, "why 1-1-1"), "order 1-1-1 is not known");
	expect(ask(p, CONTROL_FAILED, "why nonsense"), "is no order");
	expect(ask(p, CONTROL_FAILED, "why nobody 1"), "no instance nobody");
	expect(ask(p, CONTROL_FAILED, "why mm 1x"), "is no tag");
	expect(ask(p, CONTROL_FAILED, "why mm -1"), "is no tag");
	expect(ask(p, CONTROL_FAILED, "why mm 1"), "under the tag 1");
	ask(p, CONTROL_USAGE, "why");
}

/* Whatever code can be told has words of its own. */
static void every_code_has_words(void **state)
{
	for (uint16_t code = 1; code < 200; code++) {
		if (strcmp(risk_code_name(code), "?") == 0)
			continue;
		if (strcmp(order_code_words(code), "?") == 0 || order_code_words(code)[0] == '\0')
			fail_msg("code %s has no words", risk_code_name(code));
	}
	assert_string_equal(order_code_words(99), "?");
	assert_string_equal(order_code_words(UINT16_MAX), "?");
}

/* ---- gauges ---- */

static void figures_are_told(void **state)
{
	struct place *p = *state;
	char name[16];

	assert_int_equal(gauges_set(&p->instance->gauges, "vol", 0.25, RIG_START), AQ_OK);
	assert_int_equal(gauges_set(&p->instance->gauges, "fair_1", 61702.125, RIG_START), AQ_OK);
	assert_int_equal(gauges_set(&p->instance->gauges, "vol", 0.5, RIG_START), AQ_OK);
	expect(ask(p, CONTROL_DONE, "gauges"), "mm        vol           0.5");
	expect(ask(p, CONTROL_DONE, "gauges mm"), "mm        fair_1  61702.125");
	ask(p, CONTROL_FAILED, "gauges nobody");
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(gauges_set(&p->instance->gauges,
					 (const char *const[]){"", "Vol", "1a", "a-b", "a23456789012345678901234567890ab"}[i], 1, 0),
			AQ_EINVAL);
	for (int i = 2; i < AQ_GAUGES; i++) {
		snprintf(name, sizeof(name), "g%d", i);
		assert_int_equal(gauges_set(&p->instance->gauges, name, i, 0), AQ_OK);
	}
	assert_int_equal(gauges_set(&p->instance->gauges, "more", 1, 0), AQ_ESPACE);
	assert_int_equal(gauges_set(&p->instance->gauges, "g31", 1, 0), AQ_OK);
}

/* ---- reconcile ---- */

static void a_round_begins_when_it_is_asked_for(void **state)
{
	struct place *p = *state;
	struct rig *r = &p->rig;
	struct aq_position venue = {.size = sizeof(venue), .qty = -3000};

	expect(ask(p, CONTROL_DONE, "reconcile"), "main     sim    ready");
	rig_clear(r);
	expect(ask(p, CONTROL_DONE, "reconcile main"), "round 2 has begun");
	expect(p->text, "main     sim    not ready");
	assert_int_equal(rig_seen(r, r->exchange, AQ_EV_RECONCILE), 1);
	rig_emit(r, AQ_EV_RECONCILE_BEGIN, 0, r->account, NULL, 0);
	expect(ask(p, CONTROL_DONE, "reconcile"), "reconciling");
	rig_emit(r, AQ_EV_VENUE_POSITION, r->linear, r->account, &venue, sizeof(venue));
	rig_emit(r, AQ_EV_RECONCILE_END, 0, r->account, NULL, 0);
	expect(ask(p, CONTROL_DONE, "reconcile"), "main     BTC/USDT:USDT     -3.000       0.000       -3.000  100.00\n");
	rig_venue(r, false);
	expect(ask(p, CONTROL_FAILED, "reconcile main"), "sim cannot be reached");
	ask(p, CONTROL_FAILED, "reconcile nobody");
}

static void unknown_orders_are_told(void **state)
{
	struct place *p = *state;
	struct rig *r = &p->rig;
	uint64_t id = rig_place(r, r->spot, AQ_BUY, 9990, 2000, 17);

	rig_say(r, id, AQ_UP_UNKNOWN, AQ_REQ_PLACE);
	expect(ask(p, CONTROL_DONE, "reconcile"), "main     BTC/USDT  mm");
}

/* ---- log-level ---- */

static void the_level_is_shown_and_set(void **state)
{
	struct place *p = *state;
	int before = log_level_get();

	log_level_set(AQ_LOG_INFO);
	expect(ask(p, CONTROL_DONE, "log-level"), "info   -       info\n");
	expect(ask(p, CONTROL_DONE, "log-level error"), "error  info    info\n");
	expect(p->text, "a restart forgets it: level = error in [log] keeps it; back: aqctl log-level info");
	assert_int_equal(log_level_get(), AQ_LOG_ERROR);
	expect(ask(p, CONTROL_FAILED, "log-level loud"), "debug, info, warn or error");
	assert_int_equal(log_level_get(), AQ_LOG_ERROR);
	log_level_set(before);
}

/* ---- quarantine ---- */

static void what_a_quarantine_keeps_out_has_its_row(void **state)
{
	struct place *p = *state;
	struct fact_standing fact = {.scope = SCOPE_INSTANCE, .id = p->rig.strategy, .state = STANDING_QUARANTINE,
		.who = "crash", .why = "SIGSEGV"};

	expect_none(ask(p, CONTROL_DONE, "instances"), "quarantined");
	assert_int_equal(record_apply(&p->rig.f, FACT_STANDING, FACT_VERSION, &fact, sizeof(fact)), AQ_OK);
	p->host->instances[p->rig.strategy] = NULL;
	expect(ask(p, CONTROL_DONE, "instances"),
		"quarantined    -  -       -          -       0       0  -        crash: SIGSEGV\n");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(options_say_where_they_come_from), TEST(users_have_the_names_of_the_file),
		TEST(an_order_is_told_whole), TEST(a_denial_says_what_it_means),
		TEST(what_is_not_known_is_said), TEST(every_code_has_words), TEST(figures_are_told),
		TEST(a_round_begins_when_it_is_asked_for), TEST(unknown_orders_are_told), TEST(the_level_is_shown_and_set),
		TEST(what_a_quarantine_keeps_out_has_its_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
