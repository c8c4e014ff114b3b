/* sim.c: adapter of the simulated exchange. Its venue replays captures, in the host or in a process of its own. */
#include "sim/adapter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int32_t fail(struct aq_err *err, int32_t code, const char *text)
{
	err->code = code;
	snprintf(err->text, sizeof err->text, "%s", text);
	return code;
}

static int32_t create(const struct aq_host *host, void **self, struct aq_err *err)
{
	struct sim *s = calloc(1, sizeof *s);
	if (s == NULL)
		return fail(err, AQ_ESPACE, "out of memory");
	s->host = host;
	*self = s;
	return AQ_OK;
}

static int32_t check(const void *self, struct aq_err *err)
{
	const struct sim *s = self;
	if (s->venue[0] == 0 || (strncmp(s->venue, "socket:", 7) == 0 && s->venue[7] != 0) ||
		(strncmp(s->venue, "tcp:", 4) == 0 && strchr(s->venue + 4, ':') != NULL))
		return AQ_OK;
	return fail(err, AQ_EINVAL, "venue: write socket:PATH, tcp:HOST:PORT, or nothing for a venue inside the host");
}

static int32_t start(void *self, struct aq_err *err)
{
	struct sim *s = self;
	s->feed = s->host->extension(s->host->owner, AQ_FEED_EXT);
	if (s->venue[0] == 0)
		s->replay = s->host->extension(s->host->owner, AQ_REPLAY_EXT);
	else
		s->net = s->host->extension(s->host->owner, AQ_NET_EXT);
	if (s->feed == NULL || (s->replay == NULL && s->net == NULL))
		return fail(err, AQ_ENOSYS, "the host does not offer what this section needs");
	return AQ_OK;
}

static void destroy(void *self)
{
	free(self);
}

/* The text behind a header, NUL or not. */
static void closed(struct sim *s, const struct aq_event *event)
{
	char why[120];
	size_t length = event->size - sizeof *event;
	if (length >= sizeof why)
		length = sizeof why - 1;
	memcpy(why, event + 1, length);
	why[length] = 0;
	sim_connect_closed(s, (int64_t)event->tag, why);
}

static void data(struct sim *s, const struct aq_event *event)
{
	const struct aq_net_data *d = AQ_BODY(aq_net_data, event);
	if ((int64_t)event->tag == s->kept.connection)
		sim_stream_take(s, AQ_NET_BYTES(d), d->length);
	else if ((int64_t)event->tag == s->kept.next)
		sim_move_refuse(s, "it speaks before its turn");
}

static void on_event(void *self, const struct aq_event *event)
{
	struct sim *s = self;
	bool downloaded = (event->flags & AQ_EV_DOWNLOADED) != 0;
	if (s->blocked || event->type == AQ_EV_POST) /* the latter may be of code before this, which was blocked */
		sim_stream_retry(s);
	switch (event->type) {
	case AQ_EV_FRAME:
		sim_stream_take(s, event + 1, event->size - (uint32_t)sizeof *event);
		break;
	case AQ_EV_NET_DATA:
		data(s, event);
		break;
	case AQ_EV_SETTLED:
		sim_intent_settled(s, (int64_t)event->tag);
		break;
	case AQ_EV_DOWNLOAD_BEGIN:
		s->connection_seen = s->next_seen = false;
		s->kept.mask_count = 0;
		break;
	case AQ_EV_DOWNLOAD_END:
		sim_connect_begin(s);
		break;
	case AQ_EV_ACCOUNT:
		sim_connect_account(s, AQ_BODY(aq_account, event), downloaded);
		break;
	case AQ_EV_NET_OPEN:
		if (downloaded)
			sim_connect_seen(s, (int64_t)event->tag);
		else
			sim_connect_opened(s, (int64_t)event->tag);
		break;
	case AQ_EV_NET_CLOSED:
		closed(s, event);
		break;
	case AQ_EV_TIMER:
		sim_connect_timer(s);
		break;
	default:
		sim_intent(s, event);
		break;
	}
}

static const struct aq_option options[] = {
	{.name = "venue",
		.type = AQ_OPT_STRING,
		.size = sizeof((struct sim *)0)->venue,
		.offset = offsetof(struct sim, venue),
		.fallback = "",
		.help = "socket:PATH or tcp:HOST:PORT of a venue process; nothing: inside the host"},
	{.name = NULL},
};

AQ_PLUGIN(.kind = AQ_EXCHANGE, .name = "sim", .version = "1", .summary = "simulated exchange that replays captures",
	.options = options, .state_schema = 2, .state_oldest = 2, .create = create, .check = check, .start = start,
	.destroy = destroy, .save = sim_keep_save, .load = sim_keep_load, .on_event = on_event);
