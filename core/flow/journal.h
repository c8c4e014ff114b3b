/* journal.h: the append-only log of orders, money, denials, overrides and operator actions. Never market data.
 *
 * A folder of segments NAME-00000001.aqj of a fixed size, each preallocated, each beginning with a header and a snapshot,
 * so that recovery reads one. A record has length, type, version, time and a checksum (CRC-32C) over all of it chained
 * with the segment's number and the record's offset, so that stale bytes of a reused block never pass. Records are
 * 8-byte aligned; unused space is zero. Recovery reads the newest segment whose snapshot is complete, cuts a torn tail
 * (zeroes it) and goes on appending there.
 *
 * Grades. `page`: the segment is a shared mapping whose pages are touched ahead by a helper thread; append is a memcpy;
 * it survives kill -9 of the process. `disk`: append also hands the position to a thread that fdatasyncs in groups;
 * `durable` tells how far it is; it survives a power cut.
 *
 * No segment is deleted before its age passes `keep_ns` and every reader has acknowledged it. Below `min_free` bytes of
 * disk journal_state says AQ_JOURNAL_LOW (new orders are denied) while the reserve, a preallocated next segment, keeps
 * cancels and fills recorded; an append fails only when that is full too.
 *
 * Threads: append, rotate, acknowledge: the trading loop. The helper thread belongs to the journal. All file calls go
 * through a table that the host fills, so that a test can forget what was not synced, or fill the disk.
 */
#ifndef AQ_FLOW_JOURNAL_H
#define AQ_FLOW_JOURNAL_H

#include <aioquant/abi.h>
#include <stdbool.h>
#include <sys/types.h>

/* What the journal asks of the system; each as the function of the same name, -1 and errno on error. */
struct journal_files {
	void *context;
	int (*open)(void *context, const char *path, int flags, mode_t mode);
	int (*close)(void *context, int fd);
	int (*allocate)(void *context, int fd, off_t length); /* posix_fallocate: returns errno value */
	void *(*map)(void *context, int fd, size_t length);   /* shared, read and write; NULL on error */
	int (*unmap)(void *context, void *at, size_t length);
	int (*sync)(void *context, int fd, void *at, size_t length); /* data of that range: fdatasync or msync */
	int (*sync_folder)(void *context, const char *path);
	int (*rename)(void *context, const char *from, const char *to);
	int (*unlink)(void *context, const char *path);
	int64_t (*free_bytes)(void *context, const char *path);
};

enum journal_grade { JOURNAL_PAGE = 1, JOURNAL_DISK = 2 };
enum journal_state { JOURNAL_OK = 1, JOURNAL_LOW = 2, JOURNAL_FULL = 3 };

struct journal_options {
	const char *folder;
	enum journal_grade grade;
	size_t segment_size; /* >= 64 KiB; 0 = 64 MiB */
	int64_t keep_ns;     /* 0 = for ever */
	int64_t min_free;    /* bytes */
	bool read_only;      /* for readers in other processes and tests */
};

/* A record as it is read: borrowed until the next call. */
struct journal_record {
	uint64_t position; /* of its first byte: segment << 32 | offset; rises for ever */
	int64_t time_ns;
	uint16_t type;     /* the caller's; 0 and >= 0xff00 are the journal's own */
	uint16_t version;
	uint32_t length;   /* of body */
	const void *body;
};

struct journal;

/* Opens or creates the folder, finds the newest usable segment and cuts its torn tail. Nothing is appended yet: the
 * caller first replays with journal_replay, then either goes on appending or starts with an empty journal. */
int journal_open(struct journal **out, const struct journal_options *options, const struct journal_files *files,
	struct aq_err *err);
void journal_close(struct journal *j);

/* Calls `each` for every record from the snapshot of the newest segment on, in order; stops at the first non-zero
 * return and returns that. `*cut` gets the number of bytes cut from the tail (0 = clean). */
int journal_replay(struct journal *j, int (*each)(void *context, const struct journal_record *record), void *context,
	uint64_t *cut);

/* True when the next append would not fit: the caller then writes a snapshot: rotate_begin, appends, rotate_end. A
 * snapshot that would not fit in a segment is AQ_ESPACE. Until rotate_end the segment before is the one recovered. */
bool journal_wants_rotation(const struct journal *j, size_t next);
int journal_rotate_begin(struct journal *j, int64_t time_ns);
int journal_rotate_end(struct journal *j, int64_t time_ns);

/* Body from up to two parts (a fixed head and the rest), so that callers need no buffer. AQ_ESPACE: the journal is full.
 * The record is visible to recovery as soon as this returns (grade page). */
int journal_append(struct journal *j, uint16_t type, uint16_t version, int64_t time_ns, const void *body, size_t length,
	const void *more, size_t more_length, uint64_t *position);

enum journal_state journal_state(const struct journal *j);
/* Everything before this position is on the disk (grade disk); the present end in grade page. */
uint64_t journal_durable(struct journal *j);
/* Waits until `position` is durable. [loop, at stop] */
int journal_sync(struct journal *j, uint64_t position);
uint64_t journal_end(const struct journal *j);

/* Readers (recorder, bus) by name: their acknowledged position is kept in a file of its own in the folder. */
int journal_reader_acknowledge(struct journal *j, const char *reader, uint64_t position);
uint64_t journal_reader_position(struct journal *j, const char *reader);
/* The first record at or after `position`; 0 = none yet, 1 = *record is filled. Works across segments. */
int journal_read(struct journal *j, uint64_t position, struct journal_record *record);

#endif
