/* mariadb.c: a store on a MariaDB server. README.md beside it says what each option does. */
#include "mariadb/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIELD(f) sizeof(((struct store *)NULL)->f), .offset = offsetof(struct store, f)

static const struct aq_option options[] = {
	{.name = "address", .type = AQ_OPT_STRING, .size = FIELD(address), .fallback = "127.0.0.1:3306",
		.help = "HOST:PORT, or the path of the server's socket"},
	{.name = "database", .type = AQ_OPT_STRING, .flags = AQ_REQUIRED, .size = FIELD(database),
		.help = "name of the database; it must be there"},
	{.name = "user", .type = AQ_OPT_STRING, .flags = AQ_REQUIRED, .size = FIELD(user), .help = "name of the server's user"},
	{.name = "password", .type = AQ_OPT_STRING, .flags = AQ_SECRET, .size = FIELD(password), .help = "of that user"},
	{.name = "tls", .type = AQ_OPT_ENUM, .size = FIELD(tls), .fallback = "preferred", .values = "off|preferred|required",
		.help = "whether the connections are encrypted"},
	{.name = "tls_ca", .type = AQ_OPT_STRING, .flags = AQ_PATH, .size = FIELD(tls_ca), .fallback = "",
		.help = "file of the authority that must have signed the server's certificate"},
	{.name = "pool", .type = AQ_OPT_STRING, .size = FIELD(pool), .fallback = "2..8",
		.help = "connections: the least and the most, from 2 to 8"},
	{.name = "connect_timeout", .type = AQ_OPT_DURATION, .size = FIELD(connect_timeout), .fallback = "10s", .min = "100ms",
		.max = "5m", .help = "a connection that is not made so long is given up"},
	{.name = "connect_tries", .type = AQ_OPT_INT, .size = FIELD(connect_tries), .fallback = "0", .min = "0", .max = "1000",
		.help = "connections that may fail before the first one is there; then the store gives up. 0: it never does"},
	{.name = "call_timeout", .type = AQ_OPT_DURATION, .size = FIELD(call_timeout), .fallback = "30s", .min = "2s",
		.max = "1h", .help = "a statement that takes longer is broken off"},
	{.name = "max_call", .type = AQ_OPT_SIZE, .size = FIELD(max_call), .fallback = "64MB", .min = "1MB", .max = "1GB",
		.help = "most bytes of one call, of one row, and of rows that are held for one"},
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

/* The library is made ready here, where no other thread can do it at the same time. */
static int32_t create(const struct aq_host *host, void **self, struct aq_err *err)
{
	struct store *s = calloc(1, sizeof(*s));

	*self = s;
	if (s == NULL || mysql_server_init(0, NULL, NULL) != 0)
		return fault(err, AQ_ESPACE, "out of memory");
	s->host = host;
	return AQ_OK;
}

static int32_t check(const void *self, struct aq_err *err)
{
	struct session_options connect;
	unsigned least, most;
	const char *wrong = options_read(self, &connect, &least, &most);

	return wrong != NULL ? fault(err, AQ_EINVAL, wrong) : AQ_OK;
}

static int32_t start(void *self, struct aq_err *err)
{
	struct store *s = self;
	const char *wrong = options_read(s, &s->connect, &s->pool_min, &s->pool_max);

	if (wrong != NULL)
		return fault(err, AQ_EINVAL, wrong);
	s->provider = s->host->extension(s->host->owner, AQ_STORE_PROVIDER_EXT);
	if (s->provider == NULL || s->provider->size < sizeof(*s->provider))
		return fault(err, AQ_ENOSYS, "the host does not offer " AQ_STORE_PROVIDER_EXT " with watch");
	s->started = true;
	pool_start(s);
	return AQ_OK;
}

static void stop(void *self)
{
	struct store *s = self;

	if (!s->started)
		return;
	s->started = false;
	pool_stop(s);
	calls_free(s);
}

static void destroy(void *self)
{
	struct store *s = self;

	if (s == NULL)
		return;
	stop(s);
	calls_free(s);
	explicit_bzero(s->password, sizeof(s->password));
	free(s);
}

static void on_timer(struct store *s, uint64_t tag)
{
	struct session *c = &s->sessions[tag / TIMER_KINDS % SESSIONS_MAX];

	switch (tag % TIMER_KINDS) {
	case TIMER_RETRY:
		pool_retry(s);
		break;
	case TIMER_DEADLINE:
		s->deadline = 0;
		s->deadline_ns = 0;
		break;
	case TIMER_SESSION:
		pool_timer(c);
		break;
	case TIMER_TRANSACTION:
		c->transaction_timer = 0;
		if (c->transaction != 0)
			run_give_up(c, "it is open for longer than transaction_limit");
		break;
	default:
		break;
	}
}

static void on_event(void *self, const struct aq_event *event)
{
	struct store *s = self;
	struct aq_store_fd ready;

	if (!s->started)
		return;
	if (event->type == AQ_EV_TIMER) {
		on_timer(s, event->tag);
	} else if (event->type == AQ_EV_STORE_FD && event->tag < SESSIONS_MAX && event->size >= sizeof(*event) + sizeof(ready)) {
		memcpy(&ready, event + 1, sizeof(ready));
		pool_ready(&s->sessions[event->tag], ready.events);
	}
	store_turn(s);
}

AQ_PLUGIN(.kind = AQ_STORAGE, .name = "mariadb", .version = "1", .summary = "a store on a MariaDB server",
	.options = options, .create = create, .check = check, .start = start, .stop = stop, .destroy = destroy,
	.on_event = on_event, .ops = &store_ops);
