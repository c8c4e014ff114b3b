/* capture.h: capture files as one timeline, read where they lie.
 *
 * Files follow each other in time; an instrument keeps its index from file to file by its symbol.
 */
#ifndef SIM_VENUE_CAPTURE_H
#define SIM_VENUE_CAPTURE_H

#include "sim/venue/file.h"
#include "sim/venue/venue.h"

/* The ids that one market uses in the whole timeline, so that another round of it can go on from there. */
struct sim_ids {
	uint64_t update_first, update_last, trade_first, trade_last;
	bool updates, trades;   /* seen at all */
	bool begins_with_delta; /* its first book frame is no snapshot */
};

struct sim_timeline {
	struct sim_file *files;
	uint32_t file_count;
	struct aq_instrument *instruments; /* as the first file that knows one says; id = index from 1 */
	struct sim_ids *ids;
	uint32_t market_count;
	int64_t end_ns;      /* frames after it are not read; INT64_MAX = all are */
	uint64_t rate;       /* as in struct sim_venue_options */
	uint64_t frames_max; /* UINT64_MAX = no limit */
	int64_t base_ns;
	bool loop;
};

/* A place in the timeline. Copy freely. */
struct sim_cursor {
	const struct sim_frame *frame; /* NULL at the end */
	int64_t time_ns;               /* when `frame` happens; INT64_MAX at the end */
	uint64_t number;               /* frames before this one, all rounds counted */
	uint64_t lap;                  /* rounds before this one */
	uint64_t offset;
	uint32_t file;
	uint16_t market; /* of the frame, in the timeline */
};

int sim_timeline_open(struct sim_timeline *t, const struct sim_venue_options *options, struct aq_err *err);
void sim_timeline_close(struct sim_timeline *t);

void sim_cursor_begin(struct sim_cursor *c, const struct sim_timeline *t);
/* To the next frame. */
void sim_cursor_advance(struct sim_cursor *c, const struct sim_timeline *t);
/* Candles are all that the captures have of a market: no order can be filled by them. */
bool sim_candles_alone(const struct sim_timeline *t, uint16_t market);
/* What another round adds to the update and trade ids of a market. */
uint64_t sim_update_shift(const struct sim_timeline *t, uint16_t market, uint64_t lap);
uint64_t sim_trade_shift(const struct sim_timeline *t, uint16_t market, uint64_t lap);

#endif
