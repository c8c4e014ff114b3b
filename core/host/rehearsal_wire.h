/* rehearsal_wire.h: the pieces between a host and the child that rehearses. Both are the same program. */
#ifndef AQ_HOST_REHEARSAL_WIRE_H
#define AQ_HOST_REHEARSAL_WIRE_H

#include <stdint.h>

enum rehearsal_piece_kind {
	PIECE_OPTIONS = 1,      /* struct host_options */
	PIECE_NOW = 2,          /* int64_t */
	PIECE_SECTION_KIND = 3, /* text; begins a section */
	PIECE_SECTION_NAME = 4,
	PIECE_KEY = 5,
	PIECE_VALUE = 6,
	PIECE_FACT = 7,         /* type in the first 8 bytes */
	PIECE_TARGET_KIND = 8,  /* text */
	PIECE_TARGET = 9,       /* name of the section */
	PIECE_BLOB = 10,        /* rehearsal_blob, bytes */
	PIECE_SUBSCRIPTION = 11,
	PIECE_RECORD = 12,      /* aq_event of an adapter: a book */
	PIECE_EVENT = 13,       /* aq_event that the running instance has had */
	PIECE_ORIGIN = 14,      /* line in the first 8 bytes, then the file: of the section or value before it */
	PIECE_STATE_KEPT = 16,  /* as PIECE_BLOB, for the way back: the instance is not given it */
	PIECE_CHECK_ONLY = 15   /* nothing: the instance is created, filled and checked, and not started */
};

struct rehearsal_piece {
	uint32_t kind;
	uint32_t length; /* the next piece begins at the next multiple of 8 */
};

struct rehearsal_blob {
	uint64_t fills;
	uint32_t schema, size;
};

struct rehearsal_subscription {
	uint32_t instrument, mask;
};

#endif
