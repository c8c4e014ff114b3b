/* test_tap.c: what services read: facts in their order from where they were acknowledged, nothing of an opening before, and what is
 * left in the journal by those that are gone. */
#include "flow_journal.h"

#include "flow/fact.h"
#include "host/host.h"
#include "host/tap.h"

#define MASK (1u << AQ_JOURNAL_OPERATOR)
#define TAG 7

struct service {
	struct host *h;
	struct instance *i;
	struct memory *disk;
};

static struct service begin(void)
{
	struct flow_options options = rig_options();
	struct service s = {.h = calloc(1, sizeof(*s.h)), .i = calloc(1, sizeof(*s.i)), .disk = memory_new(INT64_MAX / 2, 1)};

	flow_init(&s.h->flow, &options);
	s.h->flow.journal = rig_journal(s.disk);
	s.i->id = flow_instance_id(&s.h->flow, "rec", AQ_SERVICE);
	snprintf(s.i->name, sizeof(s.i->name), "rec");
	s.h->flow.instances[s.i->id].active = 1;
	return s;
}

static void end(struct service *s)
{
	taps_close(s->h);
	journal_close(s->h->flow.journal);
	flow_finish(&s->h->flow);
	memory_delete(s->disk);
	free(s->i);
	free(s->h);
}

static void say(struct service *s, int count)
{
	struct fact_operator fact = {.who = "aqctl"};

	for (int i = 0; i < count; i++) {
		fact.time_ns = s->h->flow.now_ns += 10;
		snprintf(fact.what, sizeof(fact.what), "%d", i);
		assert_int_equal(journal_append(s->h->flow.journal, FACT_OPERATOR, FACT_VERSION, fact.time_ns, &fact, sizeof(fact),
					 NULL, 0, NULL),
			0);
	}
}

static void rotate(struct service *s)
{
	assert_int_equal(journal_rotate_begin(s->h->flow.journal, s->h->flow.now_ns), 0);
	assert_int_equal(journal_rotate_end(s->h->flow.journal, s->h->flow.now_ns), 0);
}

/* The next event for the service, if it is not to be left out. 0 = none; else the position that acknowledges it. */
static uint64_t take(struct service *s, bool *old)
{
	uint32_t id;
	const struct aq_event *event = queue_peek(&s->h->flow.out, &id);
	uint64_t next;

	if (event == NULL)
		return 0;
	assert_int_equal(id, s->i->id);
	assert_int_equal(event->type, AQ_EV_JOURNAL);
	*old = taps_are_old(s->h, id, event);
	next = AQ_BODY(aq_journal_record, event)->next;
	queue_drop(&s->h->flow.out);
	return next;
}

static uint64_t take_new(struct service *s)
{
	bool old;
	uint64_t next = take(s, &old);

	assert_true(next != 0 && !old);
	return next;
}

static void open_reader(struct service *s, const char *name, uint64_t tag)
{
	assert_int_equal(tap_open_journal(s->h, s->i, name, MASK, tag), AQ_OK);
	assert_int_equal(tap_read(s->h, s->i->id, tag, 100), AQ_OK);
}

/* What waits when a reader is opened anew, under the same tag or another, is left out, and comes once more. */
static void test_opened_anew(void **state)
{
	struct service s = begin();
	uint64_t first, again;
	bool old;

	say(&s, 3);
	open_reader(&s, "facts", TAG);
	assert_true(taps_step(s.h) && taps_step(s.h));
	first = take_new(&s);
	taps_renew(s.h, s.i->id);
	open_reader(&s, "facts", TAG);
	taps_settle(s.h, s.i->id);
	assert_true(take(&s, &old) != 0 && old);
	assert_true(taps_step(s.h) && taps_step(s.h) && taps_step(s.h) && !taps_step(s.h));
	again = take_new(&s);
	assert_int_equal(again, first);
	assert_int_equal(tap_acknowledge(s.h, s.i->id, TAG, again), AQ_OK);
	open_reader(&s, "facts", TAG + 1);
	assert_true(take(&s, &old) != 0 && old && take(&s, &old) != 0 && old && take(&s, &old) == 0);
	assert_true(taps_step(s.h) && taps_step(s.h) && !taps_step(s.h));
	assert_true(take_new(&s) > first);
	end(&s);
}

/* Acknowledged is acknowledged; what was not told cannot be. At the journal's end nobody is behind, behind a rotation either. */
static void test_behind(void **state)
{
	struct service s = begin();
	uint64_t first, second;

	open_reader(&s, "facts", TAG);
	assert_false(taps_step(s.h));
	assert_false(taps_are_behind(s.h));
	say(&s, 2);
	assert_true(taps_are_behind(s.h));
	assert_true(taps_step(s.h) && taps_step(s.h));
	first = take_new(&s);
	second = take_new(&s);
	assert_true(taps_are_behind(s.h));
	assert_int_equal(tap_acknowledge(s.h, s.i->id, TAG, second + 8), AQ_EINVAL);
	assert_int_equal(tap_acknowledge(s.h, s.i->id, TAG + 1, second), AQ_ENOENT);
	assert_int_equal(tap_acknowledge(s.h, s.i->id, TAG, second), AQ_OK);
	assert_int_equal(tap_acknowledge(s.h, s.i->id, TAG, first), AQ_OK);
	assert_int_equal(journal_reader_position(s.h->flow.journal, "rec-facts"), second);
	rotate(&s);
	assert_false(taps_step(s.h));
	assert_false(taps_are_behind(s.h));
	assert_true(journal_reader_position(s.h->flow.journal, "rec-facts") > second); /* it holds no segment back */
	end(&s);
}

struct reader_names {
	char text[512];
};

static void add(void *to, const char *reader)
{
	struct reader_names *n = to;

	snprintf(n->text + strlen(n->text), sizeof(n->text) - strlen(n->text), "%s ", reader);
}

static bool has(struct service *s, const char *reader)
{
	struct reader_names n = {0};

	journal_readers(s->h->flow.journal, add, &n);
	return strstr(n.text, reader) != NULL;
}

/* Those of sections and lines that are gone go; those of a section with a longer name, and of nobody's, stay. */
static void test_left_over(void **state)
{
	static struct config_section sections[] = {{.kind = "recorder", .name = "rec"}, {.kind = "recorder", .name = "rec-two"},
		{.kind = "strategy", .name = "gone"}};
	static struct config config = {.sections = sections, .count = 3};
	static const char *const readers[] = {"rec-facts", "rec-trades", "rec-two-facts", "gone-facts", "bus"};
	struct service s = begin();

	s.h->config = &config;
	for (size_t i = 0; i < sizeof(readers) / sizeof(*readers); i++)
		assert_int_equal(journal_reader_acknowledge(s.h->flow.journal, readers[i], journal_end(s.h->flow.journal)), 0);
	taps_forget_sections(s.h);
	assert_false(has(&s, "gone-facts"));
	assert_true(has(&s, "rec-facts") && has(&s, "rec-trades") && has(&s, "rec-two-facts") && has(&s, "bus"));
	open_reader(&s, "facts", TAG);
	taps_forget_unopened(s.h, s.i);
	assert_false(has(&s, "rec-trades"));
	assert_true(has(&s, "rec-facts") && has(&s, "rec-two-facts") && has(&s, "bus"));
	taps_drop(s.h, s.i->id, true);
	assert_false(has(&s, "rec-facts"));
	end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_opened_anew), cmocka_unit_test(test_behind),
		cmocka_unit_test(test_left_over)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
