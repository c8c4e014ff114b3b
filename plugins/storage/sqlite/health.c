/* health.c: the file is there and takes writes, or the host is told that it is not and it is tried again. */
#include "sqlite/store.h"

#include <stdio.h>
#include <string.h>

#define SECOND INT64_C(1000000000)
#define PAUSE_MAX (30 * SECOND)

struct connection_options store_options(const struct store *s)
{
	return (struct connection_options){.file = s->file, .full = s->synchronous == 2, .busy_timeout_ns = s->busy_timeout,
		.cache_bytes = s->cache, .largest = s->max_call};
}

static void tell(struct store *s, bool up, const char *text)
{
	s->up = up;
	s->told = true;
	s->provider->state(s->host->owner, up, text);
	s->host->log(s->host->owner, up ? AQ_LOG_INFO : AQ_LOG_ERROR, text);
}

void store_works(struct store *s)
{
	char text[1100];

	s->pause = SECOND;
	if (s->up)
		return;
	snprintf(text, sizeof(text), "%s is open", s->file);
	tell(s, true, text);
}

void store_down(struct store *s, const struct sql_error *err)
{
	char text[1400];

	snprintf(text, sizeof(text), "%s: %s (%d)", s->file, err->text, err->code);
	if (s->up || !s->told)
		tell(s, false, text);
	if (s->retry > 0)
		return;
	if (s->pause < SECOND)
		s->pause = SECOND;
	s->retry = s->host->timer_set(s->host->owner, s->host->now(s->host->owner) + s->pause, 0, TIMER_RETRY);
	s->pause = s->pause * 2 > PAUSE_MAX ? PAUSE_MAX : s->pause * 2;
}

/* A write that goes to the disk: reading does not tell that the disk is full. */
static int probe(struct store *s, struct sql_error *err)
{
	return connection_run(&s->writer, "INSERT OR REPLACE INTO aq_probe (id, filler) VALUES (1, randomblob(16384))", err);
}

static int make_tables(struct store *s, struct sql_error *err)
{
	if (connection_run(&s->writer, "CREATE TABLE IF NOT EXISTS aq_collections (name TEXT PRIMARY KEY, schema BLOB NOT NULL) "
		"STRICT", err) != 0)
		return -1;
	return connection_run(&s->writer, "CREATE TABLE IF NOT EXISTS aq_probe (id INTEGER PRIMARY KEY, filler BLOB) STRICT",
		err);
}

void store_open(struct store *s)
{
	struct connection_options o = store_options(s);
	struct sql_error err;
	bool open = s->writer.db != NULL;

	if (open ? probe(s, &err) != 0 : connection_open(&s->writer, &o, true, &err) != 0 || make_tables(s, &err) != 0) {
		if (!open)
			connection_close(&s->writer);
		store_down(s, &err);
		return;
	}
	store_works(s);
}

void store_retry(struct store *s)
{
	s->retry = 0;
	if (!s->up && s->transaction.id == 0)
		store_open(s);
	else if (!s->up) /* its end will show */
		s->retry = s->host->timer_set(s->host->owner, s->host->now(s->host->owner) + s->pause, 0, TIMER_RETRY);
}

void store_close(struct store *s)
{
	sql_known_forget(&s->collections);
	for (int i = 0; i < READERS_MAX; i++)
		connection_close(&s->readers[i]);
	connection_close(&s->writer);
}
