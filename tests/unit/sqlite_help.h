/* sqlite_help.h: the plugin of SQLite in the SDK's host in memory. */
#ifndef SQLITE_HELP_H
#define SQLITE_HELP_H

#include <storage/sqlite/sqlite.c>
#include <storage/sql/frame.h>

#include "sqlite_words.h"
#include "store_direct.h"

static const struct aq_store_provider_api provider = {.size = sizeof(provider), .rows = take_rows, .done = take_end,
	.failed = take_error, .state = take_state};

static const void *extension(void *owner, const char *name)
{
	(void)owner;
	return strcmp(name, AQ_STORE_PROVIDER_EXT) == 0 ? &provider : NULL;
}

/* It does everything within the callback. */
static void rig_settle(struct rig *r)
{
	(void)r;
}

static void rig_options(struct rig *r)
{
	r->s = r->k->self;
	strcpy(r->s->file, r->file);
	r->s->synchronous = 1;
	r->s->busy_timeout = SECOND / 50;
	r->s->cache = 1 << 20;
	r->s->max_call = 8 << 20;
	r->s->transaction_limit = 30 * SECOND;
}

static inline void rig_start(struct rig *r)
{
	said.ups = said.downs = 0;
	r->k = aq_mock_new((const struct aq_plugin *)&aq_plugin_1);
	r->k->host.extension = extension;
	assert_int_equal(aq_mock_create(r->k), AQ_OK);
	rig_options(r);
	assert_int_equal(aq_mock_start(r->k), AQ_OK);
	r->ops = r->k->plugin->ops;
}

static inline void rig_folder(struct rig *r)
{
	*r = (struct rig){.chunk = AQ_STORE_CHUNK};
	strcpy(r->folder, "/tmp/aq_sqlite_XXXXXX");
	assert_non_null(mkdtemp(r->folder));
	snprintf(r->file, sizeof(r->file), "%s/store.db", r->folder);
}

static inline void rig_new(struct rig *r)
{
	rig_folder(r);
	rig_start(r);
	assert_int_equal(said.ups, 1);
}

static inline void rig_stop(struct rig *r)
{
	aq_mock_free(r->k);
	sql_buffer_free(&said.rows);
	said = (struct said){0};
}

static inline void rig_free(struct rig *r)
{
	char command[160];

	rig_stop(r);
	snprintf(command, sizeof(command), "rm -rf '%s'", r->folder);
	assert_int_equal(system(command), 0);
}

#endif
