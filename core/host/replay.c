/* replay.c: see replay.h. Frames go to their adapter through the queue of events: the venue is not asked again before it
 * has said all of a moment. */
#include "host/replay.h"

#include "base/check.h"
#include "base/err.h"
#include "host/host.h"
#include "host/replay_store.h"
#include "host/sim_options.h"

#include <stdlib.h>
#include <string.h>

struct replay {
	struct host *host;
	uint32_t instance;
	struct sim_venue *venue;
	struct sim_options options;
	int64_t first_ns;
	uint64_t skipped; /* frames before first_ns */
};

static struct replay *find(const struct host *h, uint32_t instance)
{
	for (uint32_t i = 0; i < h->replay_count; i++)
		if (h->replays[i]->instance == instance)
			return h->replays[i];
	return NULL;
}

int replay_open(struct host *h, uint32_t instance, const struct config_section *section, struct config_errors *errors,
	struct aq_err *err)
{
	struct replay *r;
	int rc = AQ_OK;

	if (h->replay_count == sizeof(h->replays) / sizeof(*h->replays))
		return err_set(err, AQ_EINVAL, "more than %zu replays in one process", sizeof(h->replays) / sizeof(*h->replays));
	r = calloc(1, sizeof(*r));
	CHECK(r != NULL);
	r->host = h;
	r->instance = instance;
	if (sim_options_read(&r->options, h->config, section, errors) > 0)
		rc = err_set(err, AQ_EINVAL, "%s", config_errors_text(errors, 0));
	if (rc == 0)
		rc = replay_store(h, section->name, &r->options, err);
	if (rc == 0)
		rc = sim_venue_create(&r->venue, &r->options.venue, err);
	if (rc != 0) {
		err_prefix(err, "%s", section->name);
		sim_options_free(&r->options);
		free(r);
		return rc;
	}
	r->first_ns = sim_venue_first(r->venue);
	r->skipped = sim_venue_played(r->venue);
	h->replays[h->replay_count++] = r;
	return AQ_OK;
}

void replay_bind(struct host *h, uint32_t index, uint32_t instance)
{
	h->replays[index]->instance = instance;
}

void replay_close_all(struct host *h)
{
	for (uint32_t i = 0; i < h->replay_count; i++) {
		sim_venue_destroy(h->replays[i]->venue);
		sim_options_free(&h->replays[i]->options);
		free(h->replays[i]);
	}
	h->replay_count = 0;
}

int32_t replay_receive(struct host *h, uint32_t instance, const void *frame, uint32_t length)
{
	struct replay *r = find(h, instance);
	const struct sim_frame *f = frame;

	if (r == NULL)
		return AQ_ENOSYS;
	if (length < sizeof(*f) || f->size != length)
		return AQ_EINVAL;
	return sim_venue_receive(r->venue, f) == 0 ? AQ_OK : AQ_EINVAL;
}

int64_t replay_next_ns(const struct host *h)
{
	int64_t next = INT64_MAX;

	for (uint32_t i = 0; i < h->replay_count; i++) {
		int64_t own = sim_venue_next(h->replays[i]->venue);

		next = own < next ? own : next;
	}
	return next;
}

int64_t replay_first_ns(const struct host *h)
{
	int64_t first = INT64_MAX;

	for (uint32_t i = 0; i < h->replay_count; i++)
		first = h->replays[i]->first_ns < first ? h->replays[i]->first_ns : first;
	return first;
}

int64_t replay_last_ns(const struct host *h)
{
	int64_t last = INT64_MIN;

	for (uint32_t i = 0; i < h->replay_count; i++) {
		int64_t own = sim_venue_last(h->replays[i]->venue);

		last = own > last ? own : last;
	}
	return last;
}

uint64_t replay_played(const struct host *h)
{
	uint64_t played = 0;

	for (uint32_t i = 0; i < h->replay_count; i++)
		played += sim_venue_played(h->replays[i]->venue) - h->replays[i]->skipped;
	return played;
}

bool replay_ended(const struct host *h)
{
	for (uint32_t i = 0; i < h->replay_count; i++)
		if (!sim_venue_ended(h->replays[i]->venue))
			return false;
	return h->replay_count > 0;
}

static void emit(void *context, const struct sim_frame *frame)
{
	struct replay *r = context;
	struct aq_event *event = flow_event(&r->host->flow, r->instance, AQ_EV_FRAME, frame->size);

	if (event == NULL)
		return;
	event->venue_ns = frame->venue_ns;
	memcpy(event + 1, frame, frame->size);
	r->host->events += frame->type >= SIM_BOOK && frame->type <= SIM_KLINE;
}

void replay_step(struct host *h)
{
	for (uint32_t i = 0; i < h->replay_count; i++)
		if (sim_venue_next(h->replays[i]->venue) <= h->flow.now_ns)
			sim_venue_step(h->replays[i]->venue, h->flow.now_ns, emit, h->replays[i]);
}

void replay_judge(struct host *h, uint32_t instance, void (*line)(void *context, const char *text), void *context)
{
	const struct replay *r = find(h, instance);

	if (r != NULL)
		sim_venue_write_record(r->venue, line, context);
}
