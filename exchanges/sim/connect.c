/* connect.c: hello and welcome, the connection, and coming back to it. */
#include "sim/adapter.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define BACKOFF_FIRST_NS 100000000 /* 100 ms */
#define BACKOFF_LAST_NS 5000000000 /* 5 s */

void sim_log(struct sim *s, int level, const char *format, ...)
{
	char text[512];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	s->host->log(s->host->owner, level, text);
}

int sim_connect_send(struct sim *s, struct sim_frame *frame, uint32_t size)
{
	frame->size = size;
	frame->time_ns = s->host->now(s->host->owner);
	if (s->replay != NULL)
		return s->replay->send(s->host->owner, frame, size);
	return s->net->send(s->host->owner, s->kept.connection, frame, size);
}

static void say_venue(struct sim *s, bool up, const char *why)
{
	struct aq_venue venue = {.up = up};
	snprintf(venue.text, sizeof venue.text, "%s", why);
	s->kept.told_down = !up;
	sim_record_emit(s, AQ_EV_VENUE, 0, 0, 0, &venue, sizeof venue);
}

void sim_connect_later(struct sim *s)
{
	int64_t delay = s->kept.attempts == 0 ? 0 : BACKOFF_FIRST_NS;
	for (uint32_t i = 1; i < s->kept.attempts && delay < BACKOFF_LAST_NS; i++)
		delay *= 2;
	if (delay > BACKOFF_LAST_NS)
		delay = BACKOFF_LAST_NS;
	s->kept.attempts++;
	s->host->timer_set(s->host->owner, s->host->now(s->host->owner) + delay, 0, SIM_TIMER_CONNECT);
}

/* Nothing of the old connection counts any more. */
static void forget(struct sim *s)
{
	sim_move_cancel(s);
	s->kept.connection = 0;
	s->kept.stage = SIM_DOWN;
	s->kept.held = 0;
	s->kept.clock_ns = 0;
	s->kept.instruments_left = 0;
	s->kept.moment_over = 0;
	s->blocked = false;
}

static void lost(struct sim *s, const char *why)
{
	if (s->kept.stage == SIM_UP)
		s->kept.attempts = 0; /* those of a move that came to nothing */
	forget(s);
	if (!s->kept.told_down)
		say_venue(s, false, why);
	sim_log(s, AQ_LOG_WARN, "venue is down: %s", why);
	if (s->net != NULL)
		sim_connect_later(s);
}

void sim_connect_drop(struct sim *s, const char *why)
{
	if (s->net != NULL && s->kept.connection != 0)
		s->net->close(s->host->owner, s->kept.connection);
	lost(s, why);
}

void sim_connect_hello(struct sim *s)
{
	struct {
		struct sim_frame frame;
		struct sim_hello hello;
		char names[SIM_ACCOUNTS_MAX][48];
	} out;
	uint32_t count = s->kept.account_count;
	memset(&out, 0, sizeof out);
	out.frame.type = SIM_HELLO;
	out.hello = (struct sim_hello){.version = SIM_VERSION, .accounts = count, .latest_event = s->kept.latest_event};
	for (uint32_t i = 0; i < count; i++)
		memcpy(out.names[i], s->kept.accounts[i].name, sizeof out.names[i]);
	s->kept.accounts_said = count;
	if (s->kept.stage != SIM_UP)
		s->kept.stage = SIM_GREETING;
	if (sim_connect_send(s, &out.frame, (uint32_t)(sizeof out.frame + sizeof out.hello + count * 48u)) != AQ_OK)
		sim_connect_drop(s, "hello could not be sent");
}

struct sim_address sim_connect_address(const char *venue)
{
	struct sim_address address;
	if (strncmp(venue, "socket:", 7) == 0)
		snprintf(address.text, sizeof address.text, "unix:%s", venue + 7);
	else
		snprintf(address.text, sizeof address.text, "%s", venue);
	return address;
}

static void open_connection(struct sim *s)
{
	memcpy(s->kept.venue, s->venue, sizeof s->kept.venue);
	int64_t connection = s->net->open(s->host->owner, sim_connect_address(s->venue).text);
	if (connection <= 0) {
		lost(s, "the connection could not be begun");
		return;
	}
	s->kept.connection = connection;
	s->kept.stage = SIM_OPENING;
}

void sim_connect_begin(struct sim *s)
{
	bool reads_on = s->connection_seen && s->kept.stage > SIM_OPENING;
	if (!s->next_seen)
		s->kept.next = 0;
	if (s->net == NULL) {
		sim_connect_hello(s);
	} else if (s->connection_seen && (reads_on || !sim_move_wanted(s))) {
		if (!reads_on || s->kept.accounts_said < s->kept.account_count)
			sim_connect_hello(s);
		sim_move_begin(s);
	} else {
		if (s->connection_seen)
			s->net->close(s->host->owner, s->kept.connection);
		forget(s);
		open_connection(s);
	}
}

void sim_connect_timer(struct sim *s)
{
	if (s->net == NULL)
		return;
	if (s->kept.connection == 0)
		open_connection(s);
	else
		sim_move_begin(s);
}

void sim_connect_seen(struct sim *s, int64_t connection)
{
	if (s->net != NULL && connection == s->kept.connection)
		s->connection_seen = true;
	else if (s->net != NULL && connection == s->kept.next)
		s->next_seen = true;
	else if (s->net != NULL) /* without the state of before a stream cannot be read on from its middle */
		s->net->close(s->host->owner, connection);
}

void sim_connect_opened(struct sim *s, int64_t connection)
{
	if (s->net == NULL)
		return;
	if (connection == s->kept.connection)
		sim_connect_hello(s);
	else if (connection == s->kept.next)
		sim_move_opened(s);
	else
		s->net->close(s->host->owner, connection); /* begun by code before this, and given up since */
}

void sim_connect_closed(struct sim *s, int64_t connection, const char *why)
{
	if (connection == 0)
		return;
	if (connection == s->kept.connection)
		lost(s, why[0] != 0 ? why : "the connection was closed");
	else if (connection == s->kept.next)
		sim_move_closed(s, why[0] != 0 ? why : "the connection was closed");
}

void sim_connect_account(struct sim *s, const struct aq_account *account, bool downloaded)
{
	struct sim_kept *k = &s->kept;
	uint32_t i = 0;
	while (i < k->account_count && strncmp(k->accounts[i].name, account->name, sizeof account->name) != 0)
		i++;
	if (i == SIM_ACCOUNTS_MAX) {
		sim_log(s, AQ_LOG_ERROR, "account %.47s: this venue serves at most %u", account->name,
			SIM_ACCOUNTS_MAX);
		return;
	}
	if (i == k->account_count)
		k->account_count++;
	k->accounts[i].id = account->id;
	memcpy(k->accounts[i].name, account->name, sizeof k->accounts[i].name);
	k->accounts[i].name[sizeof k->accounts[i].name - 1] = 0;
	if (!downloaded && k->stage >= SIM_GREETING && k->account_count > k->accounts_said)
		sim_connect_hello(s);
}

static void come_up(struct sim *s)
{
	s->kept.stage = SIM_UP;
	s->kept.attempts = 0;
	say_venue(s, true, "");
	sim_intent_subscribe_all(s);
}

void sim_connect_welcome(struct sim *s, const struct sim_frame *frame)
{
	const struct sim_welcome *w = SIM_BODY(sim_welcome, frame);
	if (w->version != SIM_VERSION || w->instruments > SIM_MARKETS_MAX) {
		sim_connect_drop(s, "the venue speaks another version");
		return;
	}
	s->kept.owns_clock = w->owns_clock;
	s->kept.quiet = w->resumed && s->kept.stage == SIM_UP;
	s->kept.instruments_left = w->instruments;
	if (s->kept.quiet)
		return;
	s->kept.stage = SIM_GREETING;
	s->kept.market_count = 0;
	memset(s->kept.id_of, 0, sizeof s->kept.id_of);
	if (w->instruments == 0)
		come_up(s);
}

void sim_connect_instrument(struct sim *s, const struct sim_frame *frame)
{
	struct sim_kept *k = &s->kept;
	struct aq_instrument instrument = *SIM_BODY(aq_instrument, frame);
	if (frame->market == 0 || frame->market > SIM_MARKETS_MAX) {
		sim_connect_drop(s, "index of an instrument is out of range");
		return;
	}
	instrument.id = 0;
	instrument.exchange = 0;
	int32_t id = s->feed->instrument(s->host->owner, &instrument);
	if (id <= 0)
		sim_log(s, AQ_LOG_ERROR, "%s: the host refuses this instrument (%d)", instrument.symbol, id);
	k->id_of[frame->market] = id > 0 ? (uint32_t)id : 0;
	if (frame->market > k->market_count)
		k->market_count = frame->market;
	if (k->instruments_left > 0 && --k->instruments_left == 0 && !k->quiet)
		come_up(s);
}
