/* errand.c: see errand.h. */
#include "host/errand.h"

#include "base/check.h"
#include "host/helper.h"
#include "host/host.h"

#include <stdlib.h>

struct errand {
	struct host *host;
	struct errand_job job;
	atomic_bool over;
};

/* The last act: the loop may free the errand as soon as it sees that it is over. */
static void run(void *context)
{
	struct errand *e = context;
	struct loop *loop = e->host->loop;

	e->job.work(e->job.context);
	atomic_store(&e->over, true);
	loop_wake(loop);
}

void errand_open(struct host *h)
{
	h->errand_helper = helper_create(h->options.cpu);
}

bool errand_begin(struct host *h, const struct errand_job *job)
{
	struct errand *e;

	if (h->errand != NULL)
		return false;
	e = calloc(1, sizeof(*e));
	CHECK(e != NULL);
	e->host = h;
	e->job = *job;
	h->errand = e;
	helper_run(h->errand_helper, run, e);
	return true;
}

void errand_step(struct host *h)
{
	struct errand *e = h->errand;

	if (e == NULL || !atomic_load(&e->over))
		return;
	h->errand = NULL;
	e->job.done(h, e->job.context);
	e->job.free(e->job.context);
	free(e);
}

void errand_close(struct host *h)
{
	struct errand *e = h->errand;

	if (e != NULL && e->job.stop != NULL)
		atomic_store(e->job.stop, true);
	helper_destroy(h->errand_helper); /* waits for the work */
	h->errand_helper = NULL;
	h->errand = NULL;
	if (e != NULL)
		e->job.free(e->job.context);
	free(e);
}
