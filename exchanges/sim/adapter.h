/* adapter.h: the adapter of the simulated exchange, for the files of this folder.
 *
 * connect: the way to the venue, in the host or through a socket. move: to another address while the old connection
 * lives. stream: bytes to frames. records: frames to records of the host. intents: wishes of the host to frames. keep:
 * what survives a reload. sim: the plugin's table.
 */
#ifndef SIM_ADAPTER_H
#define SIM_ADAPTER_H

#include "sim/frame.h"

#include <aioquant/feed.h>
#include <stdbool.h>

/* Two reads of the host's network and a frame: more is never held. */
#define SIM_HELD_MAX (256u * 1024u)

enum sim_stage {
	SIM_DOWN = 0,
	SIM_OPENING = 1,  /* net: the connection is being made */
	SIM_GREETING = 2, /* hello has left, the instruments are not all there */
	SIM_UP = 3
};

struct sim_name {
	uint32_t id; /* the host's */
	char name[48];
};

struct sim_mask {
	uint32_t instrument;
	uint32_t mask;
};

/* All that a new piece of code must know to go on in the middle of a stream. Written as it stands. */
struct sim_kept {
	char venue[256];       /* the option under which the connection was made */
	int64_t connection;    /* net: 0 = none */
	char next_venue[256];  /* the option under which the next one is being made */
	int64_t next;          /* the connection that takes over from the one above; 0 = none */
	int64_t clock_ns;      /* last told to the host */
	uint64_t latest_event; /* the venue's number of the newest order or account frame */
	uint32_t attempts;     /* to connect, since the last time that the venue was up or a move began */
	uint32_t market_count;
	uint32_t instruments_left;             /* of the welcome that is being read */
	uint32_t account_count, accounts_said; /* known, and named in the last hello */
	uint32_t mask_count;
	uint32_t held; /* bytes in the buffer */
	uint8_t stage; /* enum sim_stage */
	uint8_t owns_clock;
	uint8_t moment_over; /* lockstep: DONE is due as soon as the host has settled */
	uint8_t quiet;       /* the welcome that is being read changes nothing */
	uint8_t told_down;
	uint8_t reserved[3];
	uint32_t id_of[SIM_MARKETS_MAX + 1]; /* index of the venue -> instrument id, 0 = none */
	struct sim_mask masks[SIM_MARKETS_MAX];
	struct sim_name accounts[SIM_ACCOUNTS_MAX]; /* index on the wire = place from 1 */
};

struct sim {
	const struct aq_host *host;
	const struct aq_feed_api *feed;
	const struct aq_net_api *net;       /* NULL: the venue is in the host */
	const struct aq_replay_api *replay; /* NULL: it is not */
	char venue[256];                    /* option */
	bool connection_seen, next_seen;    /* the download named it as open */
	bool blocked;                       /* the host's queue was full: frames are held until the next event */
	struct sim_kept kept;
	union {
		struct aq_event event;
		uint8_t bytes[AQ_EVENT_MAX];
	} record;                          /* what is being emitted */
	uint64_t buffer[SIM_HELD_MAX / 8]; /* begins with a frame, whole or not */
};

enum { SIM_TIMER_CONNECT = 1, SIM_POST_RETRY = 2 };

/* connect.c */
/* After a download: goes on with what is open, else begins. */
void sim_connect_begin(struct sim *s);
void sim_connect_timer(struct sim *s);
/* Events of connections: named open by a download, opened, closed. */
void sim_connect_seen(struct sim *s, int64_t connection);
void sim_connect_opened(struct sim *s, int64_t connection);
void sim_connect_closed(struct sim *s, int64_t connection, const char *why);
void sim_connect_account(struct sim *s, const struct aq_account *account, bool downloaded);
/* The venue talks nonsense, or cannot be talked to: closes, says so, tries again later. */
void sim_connect_drop(struct sim *s, const char *why);
void sim_connect_welcome(struct sim *s, const struct sim_frame *frame);
void sim_connect_instrument(struct sim *s, const struct sim_frame *frame);
/* 0, or why it did not leave. Sets size and time of the frame. */
int sim_connect_send(struct sim *s, struct sim_frame *frame, uint32_t size);
/* The address of the option, as the network wants it. */
struct sim_address {
	char text[280];
};
struct sim_address sim_connect_address(const char *venue);
/* The first attempt after a loss at once, then 100 ms, doubled up to 5 s. */
void sim_connect_later(struct sim *s);
void sim_connect_hello(struct sim *s);
void sim_log(struct sim *s, int level, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* move.c */
/* Another address is wanted than that of the connection. */
bool sim_move_wanted(const struct sim *s);
/* Begins, goes on with or gives up a move, as the option wants it. */
void sim_move_begin(struct sim *s);
/* Events of the connection that is to take over. */
void sim_move_opened(struct sim *s);
void sim_move_closed(struct sim *s, const char *why);
/* Gives it up; the latter says why, and tries again later. */
void sim_move_cancel(struct sim *s);
void sim_move_refuse(struct sim *s, const char *why);
/* The venue has said all that it says on the old connection. */
void sim_move_done(struct sim *s);

/* stream.c */
void sim_stream_take(struct sim *s, const void *bytes, uint32_t length);
/* Tries once more what the host's queue had no room for. */
void sim_stream_retry(struct sim *s);

/* records.c */
/* One whole, well-formed frame. AQ_EAGAIN: the host has no room, nothing has happened. */
int sim_record_frame(struct sim *s, const struct sim_frame *frame);
/* Emits a record with a body that may be s->record's own. */
int sim_record_emit(struct sim *s, uint16_t type, uint32_t instrument, uint32_t account, int64_t venue_ns,
	const void *body, uint32_t size);

/* intents.c */
void sim_intent(struct sim *s, const struct aq_event *event);
void sim_intent_subscribe_all(struct sim *s);
void sim_intent_settled(struct sim *s, int64_t next_timer_ns);

/* keep.c */
int32_t sim_keep_save(const void *self, const struct aq_writer *out);
int32_t sim_keep_load(void *self, const struct aq_reader *in, struct aq_err *err);

#endif
