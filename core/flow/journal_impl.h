/* journal_impl.h: the inside of the journal: what its files share. Nobody else includes it.
 *
 * A segment file: header (64 bytes), records, zeros. All-zero first sector: not begun, it is the reserve. A record's
 * first word (checksum and size) is stored last, with release order: whoever is killed in between leaves a zero word,
 * so a process that dies leaves at most one part of a record, at the end, and never a whole record behind a bad one.
 *
 * Threads: `lock` guards what is handed between the loop and the helper threads. Only the helper unmaps segments; the
 * loop reads segments that are not the current one through mappings of its own (slots).
 */
#ifndef AQ_FLOW_JOURNAL_IMPL_H
#define AQ_FLOW_JOURNAL_IMPL_H

#include "flow/journal.h"
#include "flow/journal_crc.h"

#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>

#define JR_MAGIC 0x00314c4e524a5141u /* "AQJRNL1" in memory */
#define JR_HEADER 64u                /* bytes */
#define JR_HEAD 24u                  /* bytes of a record before its body */
#define JR_SECTOR 512u               /* the least that a disk writes whole */
#define JR_PAGE 4096u
#define JR_SNAPSHOT 0x80000000u /* bit of mark */
#define JR_END 0xff01u          /* type of the record that makes a snapshot complete */
#define JR_OWN 0xff00u          /* types from here on are the journal's */
#define JR_READERS 16
#define JR_NAME 40 /* bytes of a reader's name */
#define JR_SLOTS 4 /* segments mapped for readers at once */
#define JR_PATH (PATH_MAX + 64)

struct jr_header {
	uint64_t magic; /* stored last */
	uint32_t format;
	uint32_t number;
	uint64_t size;     /* of the segment */
	int64_t time_ns;   /* of rotate_begin */
	uint64_t previous; /* where the segment before ends; 0 = there is none */
	uint64_t unused[2];
	uint32_t crc; /* of the 48 bytes after magic */
	uint32_t unused_too;
};

struct jr_head {
	uint32_t crc;  /* of size, then of all that follows these two words, padding included; seeded by the header */
	uint32_t size; /* of head and body */
	int64_t time_ns;
	uint16_t type;
	uint16_t version;
	uint32_t mark; /* offset in the segment / 8, and JR_SNAPSHOT */
};

_Static_assert(sizeof(struct jr_header) == JR_HEADER, "header");
_Static_assert(sizeof(struct jr_head) == JR_HEAD, "record head");

/* A mapped segment. */
struct jr_segment {
	struct jr_segment *next; /* among the retired */
	uint32_t number;
	uint32_t seed; /* of its records' checksums */
	int fd;
	uint8_t *base;
	size_t mapped;
	size_t size;  /* of the whole segment, as its header says */
	size_t limit; /* where its records must end: <= mapped, a multiple of 8 */
	size_t end;   /* when it is no longer appended to */
	bool fresh;   /* the file was empty: nothing to wipe */
	int64_t time_ns;
	uint64_t previous;
	journal_crc_fn *crc;
};

/* A segment in the folder. */
struct jr_entry {
	uint32_t number;
	int64_t time_ns;   /* of its begin; INT64_MAX = its header cannot be read */
	uint64_t previous; /* where the segment before ends */
};

struct jr_reader {
	char name[JR_NAME + 1];
	bool changed; /* not yet in its file */
	uint64_t position;
};

/* A segment that is being read, and where the last read from it began and ended. */
struct jr_slot {
	uint32_t number;            /* 0 = free */
	struct jr_segment *segment; /* NULL while it is the current one: that mapping is the helper's to end */
	size_t at, next;
};

struct journal {
	/* The loop's: what append touches. */
	uint8_t *base;
	size_t at;       /* offset of the next record */
	size_t limit;    /* offset that it must not pass */
	uint64_t number; /* << 32 */
	journal_crc_fn *crc;
	uint32_t seed;
	uint32_t snapshot; /* JR_SNAPSHOT between rotate_begin and rotate_end */
	bool disk;
	bool overflow; /* the snapshot did not fit */
	bool full;     /* the last append outside a snapshot, or the last rotation, found no room */
	bool cramped;  /* the last snapshot did not fit in a segment */
	int64_t latest_ns;
	_Atomic uint64_t end; /* position; seen by the helpers */

	struct journal_options options;
	struct journal_files files;
	char folder[PATH_MAX];
	uint64_t cut;      /* bytes that recovery cut */
	uint64_t reported; /* position of the damage that was logged last */
	struct jr_slot slots[JR_SLOTS];
	unsigned slot; /* replaced next */

	pthread_mutex_t lock;
	struct jr_segment *current; /* in force; changed by the loop */
	struct jr_segment *fresh;   /* of a rotation under way */
	struct jr_segment *next;    /* prepared */
	struct jr_segment *soiled;  /* of a rotation given up: must be wiped before it is `next` */
	struct jr_segment *retired; /* oldest first */
	struct jr_entry *entries;   /* ascending; the last is the current one */
	size_t entry_count, entry_room;
	struct jr_reader readers[JR_READERS];
	size_t reader_count;

	/* The helpers'. */
	_Atomic int64_t now_ns; /* the latest time appended */
	_Atomic uint64_t durable;
	atomic_bool low, stranded, failed; /* little space; no next segment to be had; the disk gave an error */
	atomic_bool urgent;                /* the loop waits for a segment */
	atomic_bool stop_helper, stop_committer, committer_sleeps;
	uint32_t helper_word, passes, commit_word, durable_word; /* waited on; atomic */
	uint64_t touched;                                        /* position up to which pages have been made present */
	uint32_t patience;                                       /* rounds without a next segment */
	uint32_t safe_number;                                    /* the snapshot of this segment is on the disk */
	bool started, have_helper, have_committer;
	pthread_t helper, committer;
};

static inline size_t jr_round(size_t n)
{
	return (n + 7) & ~(size_t)7;
}

/* journal_segment.c */
void jr_path(const struct journal *j, uint32_t number, char path[JR_PATH]);
/* Number of a segment's file name, 0 = it is not one. */
uint32_t jr_number(const char *name);
bool jr_zero(const uint8_t *at, size_t length);
/* Opens and maps what the file holds, makes it at least `size` long first (0 = as it is). NULL and errno. */
struct jr_segment *jr_segment_open(struct journal *j, uint32_t number, int flags, size_t size);
void jr_segment_close(struct journal *j, struct jr_segment *s);
/* Reads the header into *s; false = it is not one. */
bool jr_header_read(struct jr_segment *s);
void jr_header_write(struct jr_segment *s, size_t size, int64_t time_ns, uint64_t previous);
/* The record at offset `at`: the bytes that it takes, 0 = there is none or a bad one. */
size_t jr_record(const struct jr_segment *s, size_t at, struct journal_record *record);
/* Zeroes [from, mapped), front first, writing only where it is not zero. */
void jr_wipe(struct jr_segment *s, size_t from);

/* journal_tail.c: what stands where no valid record is. */
enum jr_tail {
	JR_CLEAN = 1, /* zeros */
	JR_TORN,      /* the begin of a record, and nothing valid behind it */
	JR_LOST,      /* valid records behind sectors that never reached the disk: a power cut */
	JR_DAMAGED    /* valid records behind a bad one */
};
enum jr_tail jr_tail(const struct jr_segment *s, size_t at, size_t *dirty);
enum jr_kind { JR_UNUSED = 1, JR_HALF, JR_WHOLE, JR_BAD };
/* `at`: where its snapshot ends (whole), or what is wrong (bad). */
enum jr_kind jr_inspect(struct jr_segment *s, size_t *at);

/* journal_recover.c */
int jr_recover(struct journal *j, struct aq_err *err);
void jr_aim(struct journal *j, struct jr_segment *s, size_t at, uint32_t snapshot);

/* journal_folder.c */
/* Reads the numbers of all segments, ascending, from the folder. */
int jr_entries_list(struct journal *j);
bool jr_entries_reserve(struct journal *j, size_t room);

/* journal_readers.c */
int jr_readers_load(struct journal *j);
/* The least position that a reader of this or another process needs; UINT64_MAX = there is no reader, 0 = not known. */
uint64_t jr_readers_least(struct journal *j);
/* Writes what has changed. */
void jr_readers_flush(struct journal *j);

/* journal_append.c */
int jr_append(struct journal *j, uint16_t type, uint16_t version, int64_t time_ns, const void *body, size_t length,
	const void *more, size_t more_length, uint64_t *position);

/* journal_helper.c */
int jr_helpers_start(struct journal *j);
void jr_helpers_stop(struct journal *j);
/* One round of everything that the helper does; on the caller's thread when the journal has none. */
void jr_helper_pass(struct journal *j);
void jr_helper_kick(struct journal *j);
/* Waits until a whole round that began after this call is done. */
void jr_helper_round(struct journal *j);

/* journal_retain.c */
void jr_retain(struct journal *j);

/* journal_commit.c */
/* Syncs a segment that is not appended to now. In grade disk its zeros are written as well: later syncs then move data
 * only; in blocks that were allocated and never written, each would change metadata of the file system too. */
int jr_sync_all(struct journal *j, struct jr_segment *s);
void *jr_committer(void *journal);
void jr_commit_kick(struct journal *j);
/* Puts one stretch on the disk; false when there is nothing to do or the disk has failed. */
bool jr_commit(struct journal *j);

/* journal_read.c */
void jr_slots_close(struct journal *j);

#endif
