/* service.c: the smallest service, `minimal`: writes alarms into the log, and every so often how many there have been.
 *
 * No host offers service plugins yet; the header is a draft.
 */
#include <aioquant/service.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TAG_REPORT 1

struct minimal {
	int64_t every; /* option */
	const struct aq_host *host;
	struct { /* what a reload keeps */
		uint64_t alarms, over;
		int64_t timer;
	} kept;
};

static void say(const struct minimal *s, int32_t level, const char *text)
{
	s->host->log(s->host->owner, level, text);
}

static void tell_alarm(struct minimal *s, const struct aq_alarm *alarm)
{
	char text[400];
	s->kept.alarms += alarm->over == 0;
	s->kept.over += alarm->over != 0;
	snprintf(text, sizeof(text), "%s: %s%s", alarm->subject, alarm->over != 0 ? "well again: " : "", alarm->text);
	say(s, alarm->level, text);
}

static void report(const struct minimal *s)
{
	char text[80];
	snprintf(text, sizeof(text), "%" PRIu64 " alarms, %" PRIu64 " of them over", s->kept.alarms, s->kept.over);
	say(s, AQ_LOG_INFO, text);
}

static void on_event(void *self, const struct aq_event *event)
{
	struct minimal *s = self;
	if (event->type == AQ_EV_ALARM)
		tell_alarm(s, AQ_BODY(aq_alarm, event));
	else if (event->type == AQ_EV_TIMER && event->tag == TAG_REPORT)
		report(s);
}

/* ---- life ---- */

static int32_t create(const struct aq_host *host, void **self, struct aq_err *err)
{
	struct minimal *s = calloc(1, sizeof(*s));
	*self = s;
	if (s == NULL) {
		snprintf(err->text, sizeof(err->text), "out of memory");
		return AQ_ESPACE;
	}
	s->host = host;
	return AQ_OK;
}

static int32_t load(void *self, const struct aq_reader *in, struct aq_err *err)
{
	struct minimal *s = self;
	if (in->length != sizeof(s->kept)) {
		snprintf(err->text, sizeof(err->text), "the state has another size");
		return AQ_EFORMAT;
	}
	memcpy(&s->kept, in->bytes, sizeof(s->kept));
	return AQ_OK;
}

/* The timer of the code before is still there after a reload, and not after a restart. */
static int32_t start(void *self, struct aq_err *err)
{
	struct minimal *s = self;
	const struct aq_host *h = s->host;
	if (s->kept.timer > 0)
		h->timer_clear(h->owner, s->kept.timer);
	s->kept.timer = h->timer_set(h->owner, h->now(h->owner) + s->every, s->every, TAG_REPORT);
	if (s->kept.timer > 0)
		return AQ_OK;
	snprintf(err->text, sizeof(err->text), "the host has no timer left");
	return (int32_t)s->kept.timer;
}

static void destroy(void *self)
{
	free(self);
}

static int32_t save(const void *self, const struct aq_writer *out)
{
	const struct minimal *s = self;
	return out->write(out->sink, &s->kept, sizeof(s->kept));
}

static const struct aq_option options[] = {
	{.name = "every", .type = AQ_OPT_DURATION, .size = sizeof(int64_t), .offset = offsetof(struct minimal, every),
		.fallback = "1m", .min = "1s", .max = "1d", .help = "how often the log is told of the number of alarms"},
	{.name = NULL},
};

AQ_PLUGIN(.kind = AQ_SERVICE, .name = "minimal", .version = "1", .summary = "alarms into the log", .options = options,
	.state_schema = 1, .state_oldest = 1, .create = create, .start = start, .destroy = destroy, .save = save,
	.load = load, .on_event = on_event);
