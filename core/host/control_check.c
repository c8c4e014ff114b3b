/* control_check.c: the files as they are now, checked as `aioquantd -t` does: by a process of its own, since a plugin
 * that is asked may crash. */
#include "base/check.h"
#include "host/child_text.h"
#include "host/control_call.h"
#include "host/errand.h"
#include "host/override.h"
#include "host/start.h"

#include <stdlib.h>
#include <string.h>

#define PATIENCE_NS 60000000000ll /* for the files alone; each section may ask a plugin */

struct checking {
	int64_t connection;
	struct control_request request;
	char (*kept)[OVERRIDE_TEXT_MAX];
	const char **arguments;
	int64_t timeout_ns;
	atomic_bool stop;
	char *text;
	int rc;
	struct aq_err err;
};

static void work(void *context)
{
	struct checking *k = context;

	k->rc = child_text(k->arguments, k->timeout_ns, &k->stop, k->text, RESULT_PREPARED_MAX, &k->err);
}

static void free_checking(void *context)
{
	struct checking *k = context;

	free(k->kept);
	free(k->arguments);
	free(k->text);
	free(k);
}

static void done(struct host *h, void *context)
{
	struct checking *k = context;
	struct result result;

	result_init(&result, "check", 0);
	if (k->rc < 0) {
		result_fail(&result, CONTROL_FAILED, "the check has no result: %s. %.200s", k->err.text, k->text);
	} else {
		result.code = k->rc == 0 ? CONTROL_DONE : CONTROL_FAILED;
		result_prepared(&result, k->text, (uint32_t)strlen(k->text));
		k->text = NULL;
	}
	control_answer(h, k->connection, &k->request, &result);
}

/* aioquantd -t -c FILE --set ... --kept ...: with what the command line and operators have set, as a reload reads it. */
static void make_arguments(struct checking *k, const struct host *h)
{
	const struct overrides *o = &h->flow.overrides;
	int count = 0;

	k->kept = calloc(o->count + 1, sizeof(*k->kept));
	k->arguments = calloc(2 * (size_t)override_count(h) + 5, sizeof(*k->arguments));
	CHECK(k->kept != NULL && k->arguments != NULL);
	k->arguments[count++] = "aioquantd";
	k->arguments[count++] = "-t";
	k->arguments[count++] = "-c";
	k->arguments[count++] = h->config_path;
	for (int i = 0; i < h->override_count; i++) {
		k->arguments[count++] = "--set";
		k->arguments[count++] = h->overrides[i];
	}
	for (uint32_t i = 0; i < o->count; i++) {
		override_write(&o->list[i], k->kept[i]);
		k->arguments[count++] = "--kept";
		k->arguments[count++] = k->kept[i];
	}
}

bool control_check(struct control_call *c)
{
	struct host *h = c->host;
	struct checking *k = calloc(1, sizeof(*k));
	const struct errand_job job = {.work = work, .done = done, .free = free_checking, .context = k,
		.stop = &k->stop};

	CHECK(k != NULL && (k->text = calloc(1, RESULT_PREPARED_MAX)) != NULL);
	k->connection = c->connection;
	control_request_copy(&k->request, c->request);
	k->timeout_ns = PATIENCE_NS + h->config->count * START_PATIENCE * h->options.probe_timeout;
	make_arguments(k, h);
	if (errand_begin(h, &job)) {
		result_finish(&c->result);
		return false;
	}
	free_checking(k);
	result_fail(&c->result, CONTROL_FAILED, "another check or comparison is under way: try again when it has ended");
	return true;
}
