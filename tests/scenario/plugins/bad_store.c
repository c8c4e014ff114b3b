/* bad_store.c: a store that forgets everything at once, and after so many calls crashes, hangs, fails or no longer answers. */
#include <aioquant/plugin.h>
#include <aioquant/store.h>

#include <stdlib.h>

struct bad_store {
	const struct aq_host *host;
	const struct aq_store_provider_api *provider;
	uint8_t fault;
	int64_t after, calls;
};

enum { FAULT_NONE = 1, FAULT_CRASH, FAULT_HANG, FAULT_FAIL, FAULT_START, FAULT_MUTE };

#define FIELD(f) .size = sizeof(((struct bad_store *)0)->f), .offset = offsetof(struct bad_store, f)
static const struct aq_option options[] = {
	{.name = "fault", .type = AQ_OPT_ENUM, FIELD(fault), .fallback = "none", .values = "none|crash|hang|fail|start|mute"},
	{.name = "after", .type = AQ_OPT_INT, FIELD(after), .fallback = "100"},
	{.name = NULL}};

static int32_t create(const struct aq_host *host, void **self, struct aq_err *err)
{
	struct bad_store *s = calloc(1, sizeof(*s));

	*self = s;
	if (s != NULL)
		s->host = host;
	return s != NULL ? AQ_OK : AQ_ESPACE;
}

static int32_t start(void *self, struct aq_err *err)
{
	struct bad_store *s = self;

	if (s->fault == FAULT_START) {
		err->text[0] = '?';
		return AQ_EINVAL;
	}
	s->provider = s->host->extension(s->host->owner, AQ_STORE_PROVIDER_EXT);
	s->provider->state(s->host->owner, 1, "it takes everything");
	return AQ_OK;
}

static void *volatile nowhere;

/* A sanitizer would end it in another way. */
__attribute__((no_sanitize("address", "undefined"))) static void do_fault(struct bad_store *s)
{
	if (s->fault == FAULT_CRASH)
		*(volatile int *)nowhere = 1; /* the line of the crash */
	while (s->fault == FAULT_HANG)
		*(volatile int64_t *)&s->calls += 1;
	if (s->fault == FAULT_FAIL)
		s->host->fail(s->host->owner, "it has had enough");
}

static int32_t begin(void *self, uint64_t call, const struct aq_store_call *what)
{
	return AQ_OK;
}

static int32_t append(void *self, uint64_t call, const struct aq_store_chunk *chunk, const void *bytes)
{
	return AQ_OK;
}

static int32_t end(void *self, uint64_t call)
{
	struct bad_store *s = self;
	const struct aq_store_end done = {.call = call};

	if (++s->calls >= s->after)
		do_fault(s);
	if (s->fault == FAULT_MUTE && s->calls >= s->after)
		return AQ_OK;
	s->provider->done(s->host->owner, &done);
	return AQ_OK;
}

static void more(void *self, uint64_t call, uint32_t rows)
{
}

static void forget(void *self, uint64_t call)
{
}

static void on_event(void *self, const struct aq_event *event)
{
}

static const struct aq_store_ops ops = {
	.size = sizeof(ops), .begin = begin, .append = append, .end = end, .more = more, .forget = forget};

AQ_PLUGIN(.kind = AQ_STORAGE, .name = "bad_store", .version = "1", .summary = "goes wrong", .options = options,
	.create = create, .start = start, .destroy = free, .on_event = on_event, .ops = &ops);
