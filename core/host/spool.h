/* spool.h: numbered records that survive a kill of the process and wait for somebody to take them; a journal of its own
 * in a folder, which drops its oldest segments when it is full.
 *
 * Numbers rise by one with each append, also of a record for which there was no room: whoever reads sees by the numbers
 * what is missing. What was acknowledged stands in a mapped page, so that no number is taken for missing after a kill.
 * One process at a time. [loop] */
#ifndef AQ_HOST_SPOOL_H
#define AQ_HOST_SPOOL_H

#include "flow/journal.h"

#define SPOOL_LIMIT_MIN (512 << 10)
#define SPOOL_RECORD_MAX (32u << 10)

struct spool;

struct spool_record {
	uint64_t number, previous; /* previous: read or acknowledged before it */
	int64_t time_ns;
	uint32_t length;
	bool more;         /* another waits behind it */
	const void *bytes; /* borrowed until the next call */
};

struct spool_figures {
	uint64_t last, acknowledged, dropped;
	int64_t bytes;
};

/* Makes the folder too. AQ_ESTATE: another process has it; AQ_EFORMAT: it is damaged; AQ_ESPACE, AQ_ENOENT. */
int spool_open(
	struct spool **out, const char *folder, int64_t limit, const struct journal_files *files, struct aq_err *err);
void spool_close(struct spool *s);
/* Returns the record's number. When there is no room for it although the oldest were dropped, it is dropped itself. */
uint64_t spool_append(struct spool *s, int64_t now_ns, const void *bytes, uint32_t length);
/* The next one. 1 = there is one, 0 = none, 2 = not found yet, to be called again: it does only so much at once. */
int spool_read(struct spool *s, struct spool_record *out);
/* Cheap: whether spool_read may find something. */
bool spool_has_more(const struct spool *s);
/* Reading goes on behind what was acknowledged. */
void spool_rewind(struct spool *s);
/* Another folder: what waits in `from` waits in `s`, under its numbers, and numbers go on behind its last. False:
 * records of its own wait in `s`, or it has come further; then neither has changed. */
bool spool_continue(struct spool *s, struct spool *from);
/* All up to `number`. AQ_EINVAL: it was not given out yet. */
int spool_acknowledge(struct spool *s, uint64_t number);
void spool_figures(const struct spool *s, struct spool_figures *out);
/* Something can be read, or was read and is not acknowledged. What was dropped behind the last record is told with the
 * next. */
bool spool_is_behind(const struct spool *s);

#endif
