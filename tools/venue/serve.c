/* serve.c: see serve.h. */
#include "venue/serve.h"

#include "base/check.h"
#include "io/net.h"
#include "sim/check.h"
#include "venue/judge.h"
#include "venue/pile.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define LEAD_NS 200000000    /* from the first subscription to the first frame, at a rate */
#define AFTER_NS 10000000000 /* timers that are served behind the end of the capture */
#define RETRY_NS 1000000     /* a host that does not read is tried again so often */
#define SEND_MAX 65536u
#define MOMENTS_MAX 1000 /* in one go */
#define COPY_LINE 1024   /* of what asks for a copy */

/* Bytes that have come, from the first that has not been read. */
struct inbox {
	uint32_t held;
	uint64_t bytes[SIM_FRAME_MAX / 8 + NET_READ_MAX / 8 + 2];
};

struct server {
	struct loop *loop;
	struct net *net;
	struct sim_venue *venue;
	const struct serve_options *options;
	uint64_t rate;
	int64_t entry_ns;
	int64_t host;      /* connection, 0 = none */
	int64_t next_host; /* waits until that has gone: a host may be back before its loss is known here, or move */
	bool moving;       /* it is the same host: what it is told from now on waits in next_out */
	bool greeted;      /* it has said hello */
	bool waiting;      /* lockstep: for DONE */
	bool begun;        /* at a rate: the first frame has its time */
	bool stop;
	bool freeze;      /* copies are wanted: it ends when no host is there */
	bool copy;        /* serves one host, then ends */
	int64_t timer_ns; /* the host's next timer */
	int64_t ended_ns; /* when the capture ended; INT64_MAX = not yet */
	uint64_t random;
	uint64_t sent, books, tickers, trades; /* market frames put on their way */
	uint64_t hash;                         /* of tickers and trades, in their order */
	struct pile out, next_out;
	struct inbox in, next_in;
};

static void say(const struct server *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void say(const struct server *s, const char *format, ...)
{
	char text[512];
	va_list arguments;

	if (s->options->quiet)
		return;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	fprintf(stderr, "venue: %s\n", text); /* in one piece: copies share it */
}

static uint64_t next_random(struct server *s)
{
	uint64_t x = s->random += 0x9e3779b97f4a7c15u;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return x ^ x >> 31;
}

static struct pile *outgoing(struct server *s)
{
	return s->moving ? &s->next_out : &s->out;
}

static void emit_nothing(void *context, const struct sim_frame *frame)
{
}

static void take_frames(struct server *s);

/* The connection that waited, if there is one, is the host's now. */
static void promote(struct server *s)
{
	s->host = s->next_host;
	s->next_host = 0;
	s->moving = false;
	s->in.held = s->next_in.held;
	memcpy(s->in.bytes, s->next_in.bytes, s->next_in.held);
	s->next_in.held = 0;
	if (s->host == 0)
		return;
	net_pause(s->net, s->host, false);
	take_frames(s);
}

/* A move that was not finished: the host has given up both connections, or will. */
static void give_up_move(struct server *s)
{
	if (!s->moving)
		return;
	net_close(s->net, s->next_host, false);
	pile_clear(&s->next_out);
	s->next_in.held = 0;
	s->next_host = 0;
	s->moving = false;
}

/* The host is lost: time goes on for a while without it. */
static void gone(struct server *s, const char *why)
{
	int64_t down =
		s->options->down_max_ns > 0 ? (int64_t)(next_random(s) % ((uint64_t)s->options->down_max_ns + 1)) : 0;

	say(s, "host has gone: %s", why);
	s->stop = s->stop || s->copy;
	s->host = 0;
	s->greeted = s->waiting = false;
	give_up_move(s);
	s->timer_ns = s->ended_ns = INT64_MAX;
	pile_clear(&s->out);
	sim_venue_host_gone(s->venue);
	if (s->rate == 0)
		sim_venue_step(s->venue, sim_venue_now(s->venue) + down, emit_nothing, NULL);
	promote(s);
}

static void drop(struct server *s, const char *why)
{
	net_close(s->net, s->host, false);
	gone(s, why);
}

/* --- out --- */

static uint64_t mix(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
	return hash ^ hash >> 29;
}

/* Type, time and body of what a host passes on unchanged, so that a receiver can tell that it got it all, once. */
static uint64_t mix_frame(uint64_t hash, const struct sim_frame *frame)
{
	const uint64_t *word = (const uint64_t *)(const void *)(frame + 1);

	hash = mix(hash, frame->type == SIM_TICKER ? AQ_EV_TICKER : AQ_EV_TRADE);
	hash = mix(hash, (uint64_t)frame->venue_ns);
	for (uint32_t i = 0; i < (frame->size - sizeof(*frame)) / sizeof(*word); i++)
		hash = mix(hash, word[i]);
	return hash;
}

static void count(struct server *s, const struct sim_frame *frame)
{
	s->sent += frame->type >= SIM_BOOK && frame->type <= SIM_KLINE;
	s->books += frame->type == SIM_BOOK;
	s->tickers += frame->type == SIM_TICKER;
	s->trades += frame->type == SIM_TRADE;
	if (frame->type == SIM_TICKER || frame->type == SIM_TRADE)
		s->hash = mix_frame(s->hash, frame);
}

static void put(void *context, const struct sim_frame *frame)
{
	struct server *s = context;

	count(s, frame);
	if (s->host != 0 && !pile_add(outgoing(s), frame, frame->size)) {
		fprintf(stderr, "venue: more than %lld bytes wait for the host: it is dropped\n",
			(long long)s->options->queue_max);
		net_close(s->net, s->host, false);
		s->host = 0; /* told to the venue once it has done this moment */
	}
}

static void flush(struct server *s)
{
	while (s->host != 0 && pile_length(&s->out) > 0) {
		size_t length = pile_length(&s->out) < SEND_MAX ? pile_length(&s->out) : SEND_MAX;

		if (net_send(s->net, s->host, pile_first(&s->out), (uint32_t)length) != AQ_OK)
			return;
		pile_drop(&s->out, length);
	}
}

/* --- time --- */

static void step(struct server *s, int64_t now_ns)
{
	bool had = s->host != 0;

	sim_venue_step(s->venue, now_ns, put, s);
	if (had && s->host == 0)
		gone(s, "it does not read");
}

/* The host's next timer, as far as it is served. */
static int64_t timer_of(struct server *s)
{
	if (s->ended_ns == INT64_MAX && sim_venue_ended(s->venue))
		s->ended_ns = sim_venue_now(s->venue);
	if (s->timer_ns == INT64_MAX || (s->ended_ns != INT64_MAX && s->timer_ns > s->ended_ns + AFTER_NS))
		return INT64_MAX;
	return s->timer_ns > sim_venue_now(s->venue) ? s->timer_ns : sim_venue_now(s->venue);
}

/* Moments, until the host has to say something. True when there is more to do: sockets and signals are looked after in
 * between, since moments that concern nobody may be many. */
static bool run_lockstep(struct server *s)
{
	for (int i = 0; s->greeted && !s->waiting; i++) {
		struct sim_frame tick = {.size = sizeof(tick), .type = SIM_TICK};
		int64_t timer = timer_of(s), next = sim_venue_next(s->venue);
		size_t before = pile_length(outgoing(s));

		next = next < timer ? next : timer;
		if (next == INT64_MAX || i == MOMENTS_MAX)
			return next != INT64_MAX;
		step(s, next);
		if (s->host == 0 || (pile_length(outgoing(s)) == before && next < timer))
			continue;
		tick.time_ns = next > sim_venue_now(s->venue) ? next : sim_venue_now(s->venue);
		if (next >= timer)
			s->timer_ns = INT64_MAX; /* DONE names the one after it */
		s->waiting = true;
		put(s, &tick);
		if (s->host == 0)
			gone(s, "it does not read");
	}
	return false;
}

static void due(void *context)
{
}

static void run_rate(struct server *s)
{
	int64_t now = loop_now(s->loop), next;

	step(s, now);
	flush(s);
	next = sim_venue_next(s->venue);
	if (pile_length(&s->out) > 0 && next > now + RETRY_NS)
		next = now + RETRY_NS;
	loop_deadline(s->loop, next, due, NULL);
}

/* True when it is to be called again at once. */
static bool run(struct server *s)
{
	bool more;

	if (s->rate != 0) {
		run_rate(s);
		return false;
	}
	more = run_lockstep(s);
	flush(s);
	loop_deadline(s->loop, pile_length(&s->out) > 0 ? loop_now(s->loop) + RETRY_NS : INT64_MAX, due, NULL);
	return more;
}

/* --- in --- */

static void take_frame(struct server *s, const struct sim_frame *frame)
{
	if (frame->type == SIM_DONE) {
		s->timer_ns = SIM_BODY(sim_done, frame)->next_timer_ns;
		s->waiting = false;
		return;
	}
	if (!s->greeted && frame->type != SIM_HELLO) {
		drop(s, "it speaks before hello");
		return;
	}
	if (sim_venue_receive(s->venue, frame) != AQ_OK) {
		drop(s, "it sends what makes no sense");
		return;
	}
	s->greeted = true;
	if (frame->type == SIM_SUBSCRIBE && s->rate != 0 && !s->begun) {
		s->begun = true;
		sim_venue_rebase(s->venue, loop_now(s->loop) + s->entry_ns + LEAD_NS);
	}
}

/* Whole frames from the front of the buffer. */
static void take_frames(struct server *s)
{
	const uint8_t *bytes = (const uint8_t *)s->in.bytes;
	int64_t host = s->host;
	uint32_t at = 0;

	while (s->in.held - at >= sizeof(struct sim_frame)) {
		const struct sim_frame *frame = (const struct sim_frame *)(const void *)(bytes + at);
		const char *fault = sim_header_fault(frame);

		if (fault == NULL && frame->size > s->in.held - at)
			break;
		if (fault != NULL) {
			drop(s, fault);
			return;
		}
		at += frame->size;
		take_frame(s, frame);
		if (s->host != host)
			return;
	}
	s->in.held -= at;
	memmove(s->in.bytes, bytes + at, s->in.held);
}

/* --- a host that moves to another connection --- */

/* From the next byte on it is told everything there; MOVED is the last of what it is told here. */
static void begin_move(struct server *s)
{
	struct sim_frame moved = {.size = sizeof(moved), .type = SIM_MOVED, .time_ns = sim_venue_now(s->venue)};

	say(s, "host moves to another connection");
	put(s, &moved);
	s->moving = s->host != 0;
	if (!s->moving)
		gone(s, "it does not read");
}

/* What the waiting connection has sent is looked at when it is the host's, but for a MOVE as its first frame. It is read
 * as long as there is room, so that its end is noticed. */
static void take_next(struct server *s)
{
	const struct sim_frame *first = (const struct sim_frame *)(const void *)s->next_in.bytes;

	if (s->next_in.held > sizeof(s->next_in.bytes) - NET_READ_MAX)
		net_pause(s->net, s->next_host, true);
	if (s->next_in.held < sizeof(*first) || s->moving || !s->greeted || first->type != SIM_MOVE ||
		sim_header_fault(first) != NULL)
		return;
	s->next_in.held -= first->size;
	memmove(s->next_in.bytes, (const uint8_t *)s->next_in.bytes + sizeof(*first), s->next_in.held);
	begin_move(s);
}

/* The host has read all that was for its old connection, and closed it. */
static void end_move(struct server *s)
{
	struct pile read = s->out;

	say(s, "host has moved");
	s->out = s->next_out;
	s->next_out = read;
	promote(s);
}

static void on_opened(void *context, int64_t connection)
{
	struct server *s = context;

	if (s->host == 0) {
		say(s, "host has come");
		s->host = connection;
	} else if (s->next_host == 0) {
		s->next_host = connection;
	} else {
		say(s, "a third host is turned away");
		net_close(s->net, connection, false);
	}
}

/* One read and a frame that was not whole always fit. */
static void keep(struct inbox *in, const void *bytes, uint32_t length)
{
	CHECK(length <= sizeof(in->bytes) - in->held);
	memcpy((uint8_t *)in->bytes + in->held, bytes, length);
	in->held += length;
}

static void on_data(void *context, int64_t connection, const void *bytes, uint32_t length)
{
	struct server *s = context;

	if (connection == s->host) {
		keep(&s->in, bytes, length);
		take_frames(s);
	} else if (connection == s->next_host) {
		keep(&s->next_in, bytes, length);
		take_next(s);
	}
}

static void on_closed(void *context, int64_t connection, const char *why)
{
	struct server *s = context;

	if (connection == s->host && s->moving && pile_length(&s->out) == 0 && s->in.held == 0) {
		end_move(s);
	} else if (connection == s->host) {
		gone(s, why);
	} else if (connection == s->next_host && s->moving) {
		drop(s, "what it moves to is closed");
	} else if (connection == s->next_host) {
		s->next_host = 0;
		s->next_in.held = 0;
	}
}

/* --- life --- */

static void on_stop(void *context, int number)
{
	((struct server *)context)->stop = true;
}

/* The rest of the capture is left out; what is under way still comes, and the end is said. */
static void on_end(void *context, int number)
{
	sim_venue_cut(((struct server *)context)->venue);
}

static void on_record(void *context, int number)
{
	struct server *s = context;

	if (s->options->record != NULL)
		judge_write(s->venue, s->options->record);
}

static void on_freeze(void *context, int number)
{
	((struct server *)context)->freeze = true;
}

static bool over(const struct server *s)
{
	return s->stop || (s->host == 0 && (s->freeze || (!s->options->stay && sim_venue_ended(s->venue))));
}

static int listen_and_run(struct server *s)
{
	static const struct net_events events = {.opened = on_opened, .data = on_data, .closed = on_closed};
	struct aq_err err = {0};
	uint16_t port = 0;

	if (net_listen(s->net, s->options->listen, 0600, &events, s, &port, &err) <= 0) {
		fprintf(stderr, "venue: %s: %s\n", s->options->listen, err.text);
		return -1;
	}
	loop_signal(s->loop, SIGTERM, on_stop, s);
	loop_signal(s->loop, SIGINT, on_stop, s);
	loop_signal(s->loop, SIGUSR1, on_record, s);
	loop_signal(s->loop, SIGUSR2, on_end, s);
	loop_signal(s->loop, SIGHUP, on_freeze, s);
	printf("listening %s %u %d\n", s->options->listen, port, getpid());
	fflush(stdout);
	while (!over(s)) {
		bool more = run(s);

		if (!over(s))
			loop_turn(s->loop, more ? 0 : -1);
	}
	return 0;
}

static int serve_here(struct server *s)
{
	int status;

	s->loop = loop_create();
	s->net = net_create(s->loop);
	status = listen_and_run(s);
	if (status == 0 && s->options->record != NULL)
		status = judge_write(s->venue, s->options->record);
	say(s, "%llu frames of the capture were sent: books=%llu tickers=%llu trades=%llu hash=%016llx",
		(unsigned long long)s->sent, (unsigned long long)s->books, (unsigned long long)s->tickers,
		(unsigned long long)s->trades, (unsigned long long)s->hash);
	net_destroy(s->net);
	loop_destroy(s->loop);
	return status;
}

/* --- copies --- */

/* In the child. It goes when the original does. */
static int serve_copy(struct server *s, const char *address, const char *record)
{
	struct serve_options options = *s->options;
	int status;

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	options.listen = address;
	options.record = record;
	options.down_max_ns = 0;
	s->options = &options;
	s->copy = true;
	s->freeze = false;
	status = serve_here(s);
	s->options = NULL;
	return status;
}

/* Each line of standard input, an address and a file for the record, is a copy of the venue as it stands. */
static int serve_copies(struct server *s)
{
	char line[COPY_LINE], address[COPY_LINE], record[COPY_LINE];

	signal(SIGCHLD, SIG_IGN);
	while (fgets(line, sizeof(line), stdin) != NULL) {
		pid_t child = -1;

		if (sscanf(line, "%1023s %1023s", address, record) == 2)
			child = fork();
		if (child == 0)
			return serve_copy(s, address, record);
		if (child < 0) {
			fprintf(stderr, "venue: no copy is made: %s", line);
			return -1;
		}
	}
	return 0;
}

int serve(struct sim_venue *venue, const struct sim_venue_options *venue_options, const struct serve_options *options)
{
	struct server *s = calloc(1, sizeof(*s));
	int status;

	if (s == NULL)
		return -1;
	s->venue = venue;
	s->options = options;
	s->rate = venue_options->rate;
	s->entry_ns = venue_options->entry_ns;
	s->random = options->seed;
	s->timer_ns = s->ended_ns = INT64_MAX;
	s->out.most = s->next_out.most = (size_t)options->queue_max;
	status = serve_here(s);
	if (status == 0 && s->freeze && !s->stop)
		status = serve_copies(s);
	pile_free(&s->out);
	pile_free(&s->next_out);
	free(s);
	return status;
}
