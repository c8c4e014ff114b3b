/* journal.h: the append-only log of orders, money, denials, overrides and operator actions. Never market data.
 *
 * A folder of segments journal-00000001.aqj of a fixed size, each preallocated, each beginning with a header and a
 * snapshot, so that recovery reads one. A record has length, type, version, time and a checksum (CRC-32C) over all of
 * it chained with the segment's header and the record's offset, so that stale bytes of a reused block never pass.
 * Records are 8-byte aligned; unused space is zero. Recovery reads the newest segment whose snapshot is complete, cuts
 * a torn tail (zeroes it) and goes on appending there. A bad record with whole ones behind it is cut only where it
 * looks as a power cut leaves it (a sector never written, nothing behind it durable); else it is damage: journal_open
 * refuses, with file and offset. Files are little-endian, and two runs that append the same make the same bytes.
 *
 * Grades. `page`: the segment is a shared mapping whose pages are touched ahead by a helper thread; append is a memcpy;
 * it survives kill -9 of the process. `disk`: append also hands the position to a thread that fdatasyncs in groups;
 * `durable` tells how far it is; it survives a power cut.
 *
 * No segment is deleted before its age passes `keep_ns` and every reader has acknowledged it. Below `min_free` bytes of
 * disk journal_state says JOURNAL_LOW (new orders are denied) while the reserve, a preallocated next segment, keeps
 * cancels and fills recorded; an append fails only when that is full too.
 *
 * Threads: append, rotate, read, acknowledge: the trading loop. The helper threads belong to the journal. All file
 * calls go through a table that the host fills, so that a test can forget what was not synced, or fill the disk. The
 * folder is locked by the host: one journal at a time is open for writing.
 */
#ifndef AQ_FLOW_JOURNAL_H
#define AQ_FLOW_JOURNAL_H

#include <aioquant/abi.h>
#include <stdbool.h>
#include <sys/types.h>

/* What the journal asks of the system; each as the function of the same name, -1 and errno on error. A file that was
 * opened read-only is mapped read-only. */
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
	int64_t (*size)(void *context, int fd);
	int (*make_folder)(void *context, const char *path); /* 0 also when it is there */
	int (*lock)(void *context, int fd); /* of whoever opens it alone: -1 when somebody has it; NULL = nobody can */
	/* Calls `each` with the name of every file of the folder, in any order. */
	int (*list)(void *context, const char *folder, void (*each)(void *to, const char *name), void *to);
	/* Makes the pages of a mapping present and writable without changing a byte. [helper thread] */
	int (*touch)(void *context, void *at, size_t length);
	/* Returns after a wake, when *word is not `value`, after ns (negative: never), or for no reason. NULL: the
	 * journal has no threads; what they would do is done inside open, rotate, acknowledge, sync and close. */
	void (*wait)(void *context, const uint32_t *word, uint32_t value, int64_t ns);
	void (*wake)(void *context, const uint32_t *word);
};

enum journal_grade { JOURNAL_PAGE = 1, JOURNAL_DISK = 2 };
enum journal_state { JOURNAL_OK = 1, JOURNAL_LOW = 2, JOURNAL_FULL = 3 };

struct journal_options {
	const char *folder;
	enum journal_grade grade;
	size_t segment_size; /* >= 64 KiB; 0 = 64 MiB */
	int64_t keep_ns;     /* 0 = for ever */
	int64_t min_free;    /* bytes */
	bool read_only;      /* for readers in other processes, the journal being in use or not: changes no segment */
	/* Called when `durable` has risen, e.g. to wake the loop; NULL = none. [helper thread] */
	void (*on_durable)(void *context);
	void *on_durable_context;
};

/* A record as it is read: borrowed until the next call. */
struct journal_record {
	uint64_t position; /* of its first byte: segment << 32 | offset; rises for ever */
	uint64_t next;     /* where to ask for the following one */
	int64_t time_ns;
	uint16_t type; /* the caller's; 0 and >= 0xff00 are the journal's own */
	uint16_t version;
	uint32_t length; /* of body */
	bool snapshot;   /* repeats what is known: written between rotate_begin and rotate_end */
	const void *body;
};

struct journal;

/* Opens or creates the folder, finds the newest usable segment and cuts its torn tail. Nothing is appended yet: the
 * caller first replays with journal_replay, then either goes on appending or starts with an empty journal. AQ_EFORMAT:
 * damaged, err names file and offset; AQ_ESPACE: no room for the first segment; AQ_ENOENT: read_only and no journal. */
int journal_open(struct journal **out, const struct journal_options *options, const struct journal_files *files,
	struct aq_err *err);
void journal_close(struct journal *j);

/* Calls `each` for every record from the snapshot of the newest segment on, in order; stops at the first non-zero
 * return and returns that. `*cut` gets the number of bytes cut from the tail (0 = clean). */
int journal_replay(struct journal *j, int (*each)(void *context, const struct journal_record *record), void *context,
	uint64_t *cut);

/* True when the next append of `next` bytes of body would not fit: the caller then writes a snapshot: rotate_begin,
 * appends, rotate_end. A snapshot that does not fit in a segment is AQ_ESPACE from append and rotate_end, and the
 * segment before stays; without a preallocated segment rotate_begin is AQ_ESPACE. Until rotate_end the segment before
 * is the one recovered, and journal_end stays there. */
bool journal_wants_rotation(const struct journal *j, size_t next);
int journal_rotate_begin(struct journal *j, int64_t time_ns);
int journal_rotate_end(struct journal *j, int64_t time_ns);

/* Body from up to two parts (a fixed head and the rest), so that callers need no buffer. AQ_ESPACE: the segment is
 * full: rotate; when that fails too the journal is full. The record is visible to recovery as soon as this returns
 * (grade page). `position` may be NULL. */
int journal_append(struct journal *j, uint16_t type, uint16_t version, int64_t time_ns, const void *body, size_t length,
	const void *more, size_t more_length, uint64_t *position);

enum journal_state journal_state(const struct journal *j);
/* Everything before this position is on the disk (grade disk); the present end in grade page. */
uint64_t journal_durable(struct journal *j);
/* Waits until everything before `position` is durable; AQ_ESTATE when the disk failed: `durable` then stands still for
 * ever and journal_state is at best JOURNAL_LOW. [loop, at stop] */
int journal_sync(struct journal *j, uint64_t position);
uint64_t journal_end(const struct journal *j);

/* Readers (recorder, bus) by name ([a-z0-9_-], at most 40): they have taken everything before `position`, which is kept
 * in a file of its own in the folder. The first call makes the file, and from then on holds segments back; later ones
 * reach it soon after (helper thread), so a crash may repeat records to a reader, never skip one. A position beyond the
 * journal's end, which a power cut can leave, is brought back to the end by journal_open. */
int journal_reader_acknowledge(struct journal *j, const char *reader, uint64_t position);
/* 0 = never acknowledged anything. */
uint64_t journal_reader_position(struct journal *j, const char *reader);
/* Calls `each` with the name of every reader that holds segments back, in any order; it changes none of them. */
int journal_readers(struct journal *j, void (*each)(void *to, const char *reader), void *to);
/* The reader is gone for good and holds nothing back. */
int journal_reader_forget(struct journal *j, const char *reader);
/* The first record at or after `position`; 0 = none yet, 1 = *record is filled. Works across segments; snapshots are
 * included and marked. AQ_EFORMAT: the record there is damaged or lost, or its segment is missing; whoever wants to go
 * on behind the damage asks for the next segment, ((position >> 32) + 1) << 32, whose snapshot has the outcome. */
int journal_read(struct journal *j, uint64_t position, struct journal_record *record);

#endif
