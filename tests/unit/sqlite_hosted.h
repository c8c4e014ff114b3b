/* sqlite_hosted.h: a store in a file, in a host. */
#ifndef SQLITE_HOSTED_H
#define SQLITE_HOSTED_H

#include <storage/sql/frame.h>

#include "sqlite_words.h"
#include "store_hosted.h"

#include <sqlite3.h>

#define BACK_END "sqlite"
#define GIVES_UP_SOON "busy_timeout = 100ms\n"
#define WAITS_LONG "busy_timeout = 10m\n"

static void hosted_section(struct rig *r, char *out, size_t size)
{
	snprintf(out, size, "plugin = sqlite\nfile = %s\nsynchronous = normal\nmax_call = 8MB\n", r->file);
}

static void hosted_folder(struct rig *r)
{
	*r = (struct rig){.chunk = AQ_STORE_CHUNK};
	strcpy(r->folder, "/tmp/aq_hosted_XXXXXX");
	assert_non_null(mkdtemp(r->folder));
	snprintf(r->file, sizeof(r->file), "%s/store.db", r->folder);
}

static void hosted_remove(struct rig *r)
{
	(void)r;
}

/* ---- another client, which holds up everything that writes ---- */

static sqlite3 *other;

static inline void other_locks(struct rig *r)
{
	assert_int_equal(sqlite3_open(r->file, &other), SQLITE_OK);
	sqlite3_busy_timeout(other, 60000);
	assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
}

static inline void other_unlocks(void)
{
	assert_int_equal(sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(other);
}

/* False: there is no such back end on this machine. */
static bool back_end_make(void)
{
	return true;
}

#endif
