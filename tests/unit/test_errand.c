/* test_errand.c: what is done beside the trading loop: a child that says something, jobs one after the other, and an errand
 * that no reload waits for. */
#include "host/child_text.h"
#include "host/errand.h"
#include "host/helper.h"
#include "host/host.h"
#include "host/rehearsal.h"

#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define SECOND 1000000000ll
#define MANY 1000

/* ---- a child: this program anew ---- */

static int be_child(const char *how)
{
	signal(SIGTERM, SIG_IGN);
	if (write(1, "out\n", 4) != 4 || write(2, "err\x07\n", 5) != 5)
		return 1;
	if (strcmp(how, "silent") == 0) {
		close(1);
		close(2);
		for (;;)
			pause();
	}
	if (strcmp(how, "hangs") == 0)
		for (;;)
			pause();
	if (strcmp(how, "late") == 0) {
		close(1);
		close(2);
		usleep(200000);
	}
	return 7;
}

static int run_child(const char *how, int64_t timeout_ns, const atomic_bool *stop, char *text, size_t size)
{
	const char *const arguments[] = {"test_errand", how, NULL};
	struct aq_err err = {0};
	int rc = child_text(arguments, timeout_ns, stop, text, (uint32_t)size, &err);

	assert_true((rc < 0) == (err.text[0] != '\0'));
	return rc;
}

static void a_child_says_and_ends(void **state)
{
	atomic_bool stop = false;
	char text[64];

	assert_int_equal(run_child("ends", 60 * SECOND, &stop, text, sizeof(text)), 7);
	assert_string_equal(text, "out\nerr?\n");
	assert_int_equal(run_child("ends", 60 * SECOND, &stop, text, 6), 7);
	assert_string_equal(text, "out\ne");
	assert_int_equal(run_child("late", 60 * SECOND, &stop, text, sizeof(text)), 7); /* it has an end of its own */
}

/* Also one that has closed its streams: their end is not its own. */
static void a_child_that_lives_on_is_ended(void **state)
{
	static const char *const ways[] = {"hangs", "silent"};
	atomic_bool stop = false, stopped = true;
	char text[64];

	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
		int64_t begun = host_wall_ns();

		assert_true(run_child(ways[i], SECOND, &stop, text, sizeof(text)) < 0);
		assert_string_equal(text, "out\nerr?\n");
		assert_true(host_wall_ns() - begun >= SECOND);
		assert_true(run_child(ways[i], 3600 * SECOND, &stopped, text, sizeof(text)) < 0);
	}
}

/* A rehearsal's child, too: nobody tells the helper thread to stop waiting for it. */
static void a_rehearsal_that_lives_on_is_ended(void **state)
{
	static const char *const ways[] = {"hangs", "silent"};
	const struct rehearsal nothing = {0};

	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
		int64_t begun = host_wall_ns();
		struct aq_err err = {0};

		assert_true(rehearsal_run(&nothing, ways[i], "file.so", AQ_STRATEGY, SECOND, &err) < 0);
		assert_string_equal(err.text, "the rehearsal took more than 1000 ms: it hangs or blocks");
		assert_true(host_wall_ns() - begun >= SECOND);
	}
}

static void *stop_soon(void *stop)
{
	usleep(500000);
	atomic_store((atomic_bool *)stop, true);
	return NULL;
}

static void a_host_that_ends_waits_for_no_child(void **state)
{
	atomic_bool stop = false;
	pthread_t thread;
	char text[64];

	assert_int_equal(pthread_create(&thread, NULL, stop_soon, &stop), 0);
	assert_true(run_child("silent", 3600 * SECOND, &stop, text, sizeof(text)) < 0);
	pthread_join(thread, NULL);
}

/* ---- jobs ---- */

static sem_t go, gone;
static int done[MANY], done_count;

static void job_that_waits(void *context)
{
	(void)context;
	sem_wait(&go);
}

static void job(void *context)
{
	done[done_count++] = *(const int *)context;
}

/* Handed over while the first of them waits, from each place of the ring: nobody waits for room, and their order stays. */
static void many_jobs_wait_in_order(void **state)
{
	static int numbers[MANY];

	for (int before = 0; before < 20; before++) {
		struct helper *h = helper_create(-1);

		done_count = 0;
		for (int i = 0; i < before; i++) {
			helper_run(h, job, &numbers[0]);
			helper_wait(h);
		}
		done_count = 0;
		helper_run(h, job_that_waits, NULL);
		for (int i = 0; i < MANY; i++) {
			numbers[i] = i;
			helper_run(h, job, &numbers[i]);
		}
		sem_post(&go);
		if (before % 2 == 0)
			helper_wait(h);
		helper_destroy(h);
		assert_int_equal(done_count, MANY);
		for (int i = 0; i < MANY; i++)
			assert_int_equal(done[i], i);
	}
}

/* ---- errands ---- */

static atomic_bool stop_errand;
static int told, freed;

static void work(void *context)
{
	sem_post(&gone);
	while (sem_trywait(&go) != 0 && !atomic_load(&stop_errand))
		usleep(1000);
}

static void tell(struct host *h, void *context)
{
	told++;
}

static void forget(void *context)
{
	freed++;
}

static void a_reload_does_not_wait_for_an_errand(void **state)
{
	const struct errand_job errand = {.work = work, .done = tell, .free = forget, .stop = &stop_errand};
	struct host *h = calloc(1, sizeof(*h));

	assert_non_null(h);
	h->options.cpu = -1;
	h->loop = loop_create();
	h->helper = helper_create(-1);
	errand_open(h);
	assert_true(errand_begin(h, &errand));
	assert_false(errand_begin(h, &errand));
	sem_wait(&gone); /* it is under way */
	done_count = 0;
	helper_run(h->helper, job, &(int){42});
	helper_wait(h->helper);
	assert_int_equal(done_count, 1);
	errand_step(h);
	assert_int_equal(told, 0);
	sem_post(&go);
	while (h->errand != NULL)
		errand_step(h);
	assert_int_equal(told, 1);
	assert_int_equal(freed, 1);
	assert_true(errand_begin(h, &errand));
	errand_close(h); /* while it works: it is told to stop, and nobody hears of it */
	assert_int_equal(told, 1);
	assert_int_equal(freed, 2);
	errand_close(h);
	helper_destroy(h->helper);
	loop_destroy(h->loop);
	free(h);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_child_says_and_ends),
		cmocka_unit_test(a_child_that_lives_on_is_ended),
		cmocka_unit_test(a_rehearsal_that_lives_on_is_ended),
		cmocka_unit_test(a_host_that_ends_waits_for_no_child),
		cmocka_unit_test(many_jobs_wait_in_order),
		cmocka_unit_test(a_reload_does_not_wait_for_an_errand),
	};

	if (argc > 1)
		return be_child(argc > 3 ? argv[3] : argv[1]); /* as a rehearsal it is --rehearse KIND FILE */
	sem_init(&go, 0, 0);
	sem_init(&gone, 0, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
