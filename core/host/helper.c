/* helper.c: see helper.h. */
#include "host/helper.h"

#include "base/check.h"
#include "base/thread.h"
#include "host/cpu.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define JOBS_FIRST 16 /* a reload hands over three, and one for each plugin that goes */

struct job {
	void (*run)(void *context);
	void *context;
};

struct helper {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t work, idle;
	struct job *jobs; /* ring */
	uint32_t room, first, count; /* the one that runs is counted */
	bool end;
	int64_t cpu;
};

static struct job next_job(struct helper *h)
{
	struct job job = {0};

	pthread_mutex_lock(&h->lock);
	while (h->count == 0 && !h->end)
		pthread_cond_wait(&h->work, &h->lock);
	if (h->count > 0)
		job = h->jobs[h->first];
	pthread_mutex_unlock(&h->lock);
	return job;
}

static void job_done(struct helper *h)
{
	pthread_mutex_lock(&h->lock);
	h->first = (h->first + 1) % h->room;
	h->count--;
	pthread_cond_signal(&h->idle);
	pthread_mutex_unlock(&h->lock);
}

static void *run(void *context)
{
	struct helper *h = context;

	setpriority(PRIO_PROCESS, (id_t)gettid(), 10); /* the trading loop goes first */
	cpu_leave(h->cpu);
	for (;;) {
		struct job job = next_job(h);

		if (job.run == NULL)
			return NULL;
		job.run(job.context);
		job_done(h);
	}
}

struct helper *helper_create(int64_t cpu)
{
	struct helper *h = calloc(1, sizeof(*h));

	CHECK(h != NULL);
	h->cpu = cpu;
	h->room = JOBS_FIRST;
	h->jobs = calloc(h->room, sizeof(*h->jobs));
	CHECK(h->jobs != NULL);
	pthread_mutex_init(&h->lock, NULL);
	pthread_cond_init(&h->work, NULL);
	pthread_cond_init(&h->idle, NULL);
	CHECK(thread_start(&h->thread, run, h) == 0);
	return h;
}

/* Twice as many fit. The ring is full: what stood at its begin, behind what is first, goes to its new half. */
static void grow(struct helper *h)
{
	h->jobs = realloc(h->jobs, 2 * h->room * sizeof(*h->jobs));
	CHECK(h->jobs != NULL);
	memcpy(h->jobs + h->room, h->jobs, h->first * sizeof(*h->jobs));
	h->room *= 2;
}

void helper_run(struct helper *h, void (*job)(void *context), void *context)
{
	pthread_mutex_lock(&h->lock);
	if (h->count == h->room)
		grow(h);
	h->jobs[(h->first + h->count++) % h->room] = (struct job){.run = job, .context = context};
	pthread_cond_signal(&h->work);
	pthread_mutex_unlock(&h->lock);
}

void helper_wait(struct helper *h)
{
	pthread_mutex_lock(&h->lock);
	while (h->count > 0)
		pthread_cond_wait(&h->idle, &h->lock);
	pthread_mutex_unlock(&h->lock);
}

void helper_destroy(struct helper *h)
{
	if (h == NULL)
		return;
	pthread_mutex_lock(&h->lock);
	h->end = true;
	pthread_cond_signal(&h->work);
	pthread_mutex_unlock(&h->lock);
	pthread_join(h->thread, NULL);
	pthread_cond_destroy(&h->idle);
	pthread_cond_destroy(&h->work);
	pthread_mutex_destroy(&h->lock);
	free(h->jobs);
	free(h);
}
