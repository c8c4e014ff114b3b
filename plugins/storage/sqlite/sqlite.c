/* sqlite.c: a store in a file, through SQLite. README.md beside it says what each option does.
 *
 * A store is on a loop of its own: it works on the file within the callback. */
#include "sqlite/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIELD(f) sizeof(((struct store *)NULL)->f), .offset = offsetof(struct store, f)

static const struct aq_option options[] = {
	{.name = "file", .type = AQ_OPT_STRING, .flags = AQ_REQUIRED | AQ_PATH, .size = FIELD(file),
		.help = "path of the database; made when it is not there, its folder is not"},
	{.name = "synchronous", .type = AQ_OPT_ENUM, .size = FIELD(synchronous), .fallback = "full", .values = "normal|full",
		.help = "full: what was answered lasts a loss of power; normal: a crash of the process alone"},
	{.name = "busy_timeout", .type = AQ_OPT_DURATION, .size = FIELD(busy_timeout), .fallback = "5s", .min = "0",
		.max = "10m", .help = "patience with another process that holds the file locked"},
	{.name = "cache", .type = AQ_OPT_SIZE, .size = FIELD(cache), .fallback = "16MB", .min = "1MB", .max = "16GB",
		.help = "memory for pages of the file, for each open connection"},
	{.name = "max_call", .type = AQ_OPT_SIZE, .size = FIELD(max_call), .fallback = "64MB", .min = "1MB", .max = "1GB",
		.help = "most bytes of one call, and of rows that are held for one"},
	{.name = "transaction_limit", .type = AQ_OPT_DURATION, .size = FIELD(transaction_limit), .fallback = "30s",
		.min = "10ms", .max = "1h", .help = "a transaction that is open for longer is rolled back"},
	{.name = NULL},
};

static int32_t fault(struct aq_err *err, int32_t code, const char *text)
{
	err->code = code;
	snprintf(err->text, sizeof(err->text), "%s", text);
	return code;
}

static int32_t create(const struct aq_host *host, void **self, struct aq_err *err)
{
	struct store *s = calloc(1, sizeof(*s));

	*self = s;
	if (s == NULL)
		return fault(err, AQ_ESPACE, "out of memory");
	s->host = host;
	return AQ_OK;
}

static int32_t check(const void *self, struct aq_err *err)
{
	const struct store *s = self;

	if (s->file[0] == '\0')
		return fault(err, AQ_EINVAL, "file is empty");
	return AQ_OK;
}

static int32_t start(void *self, struct aq_err *err)
{
	struct store *s = self;

	s->provider = s->host->extension(s->host->owner, AQ_STORE_PROVIDER_EXT);
	if (s->provider == NULL)
		return fault(err, AQ_ENOSYS, "the host does not offer " AQ_STORE_PROVIDER_EXT);
	s->started = true;
	store_open(s);
	return AQ_OK;
}

static void stop(void *self)
{
	struct store *s = self;

	if (!s->started)
		return;
	s->started = false;
	transaction_give_up(s, "the store ends");
	calls_free(s);
	store_close(s);
}

static void destroy(void *self)
{
	struct store *s = self;

	if (s == NULL)
		return;
	calls_free(s);
	store_close(s);
	free(s);
}

static void on_event(void *self, const struct aq_event *event)
{
	struct store *s = self;

	if (event->type != AQ_EV_TIMER || !s->started)
		return;
	if (event->tag == TIMER_RETRY)
		store_retry(s);
	if (event->tag == TIMER_TRANSACTION && s->transaction.id != 0) {
		s->transaction.timer = 0;
		transaction_give_up(s, "it is open for longer than transaction_limit");
		calls_go_on(s);
	}
}

AQ_PLUGIN(.kind = AQ_STORAGE, .name = "sqlite", .version = "1", .summary = "a store in a file", .options = options,
	.create = create, .check = check, .start = start, .stop = stop, .destroy = destroy, .on_event = on_event,
	.ops = &store_ops);
