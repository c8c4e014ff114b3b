/* move.c: to another address of the same venue, without a loss. The new connection is made beside the old one and says
 * MOVE; the old one goes on until the venue has answered MOVED on it, the last of its frames, and is closed then. What we
 * have sent before is read by the venue before what we send on the new one, and it says nothing there earlier. */
#include "sim/adapter.h"

#include <stdio.h>
#include <string.h>

bool sim_move_wanted(const struct sim *s)
{
	return s->kept.connection != 0 && strcmp(s->venue, s->kept.venue) != 0;
}

void sim_move_cancel(struct sim *s)
{
	if (s->kept.next != 0)
		s->net->close(s->host->owner, s->kept.next);
	s->kept.next = 0;
}

void sim_move_begin(struct sim *s)
{
	if (s->kept.next != 0 && sim_move_wanted(s) && strcmp(s->venue, s->kept.next_venue) == 0)
		return;
	sim_move_cancel(s);
	if (!sim_move_wanted(s))
		return;
	memcpy(s->kept.next_venue, s->venue, sizeof s->kept.next_venue);
	int64_t next = s->net->open(s->host->owner, sim_connect_address(s->venue).text);
	if (next > 0)
		s->kept.next = next;
	else
		sim_connect_later(s);
}

void sim_move_refuse(struct sim *s, const char *why)
{
	s->net->close(s->host->owner, s->kept.next);
	sim_move_closed(s, why);
}

void sim_move_opened(struct sim *s)
{
	struct sim_frame move = {
		.size = sizeof move, .type = SIM_MOVE, .time_ns = s->host->now(s->host->owner)};
	if (s->net->send(s->host->owner, s->kept.next, &move, sizeof move) != AQ_OK)
		sim_move_refuse(s, "nothing could be sent");
	else
		sim_log(s, AQ_LOG_INFO, "asks %s to take over", s->kept.next_venue); /* it may never answer */
}

void sim_move_closed(struct sim *s, const char *why)
{
	s->kept.next = 0;
	if ((s->kept.attempts & (s->kept.attempts - 1)) == 0) /* rarer and rarer */
		sim_log(s, AQ_LOG_WARN, "%s does not take over: %s; the connection to %s stays", s->kept.next_venue, why,
			s->kept.venue);
	sim_connect_later(s);
}

void sim_move_done(struct sim *s)
{
	if (s->kept.next == 0) {
		sim_connect_drop(s, "it has moved to a connection that is gone");
		return;
	}
	sim_log(s, AQ_LOG_INFO, "goes on at %s", s->kept.next_venue);
	s->net->close(s->host->owner, s->kept.connection);
	s->kept.connection = s->kept.next;
	s->kept.next = 0;
	s->kept.held = 0;
	s->kept.attempts = 0;
	memcpy(s->kept.venue, s->kept.next_venue, sizeof s->kept.venue);
	sim_connect_hello(s);
}
