/* test_loop.c: readiness, deadlines, wakes, signals and children of one loop. */
#include "io/loop.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define MILLISECOND INT64_C(1000000)
#define PATIENCE (20 * 1000 * MILLISECOND) /* of a test that waits for something that must come */

struct seen {
	struct loop *loop;
	int count;
	int64_t at_ns;
	int value;
	int64_t id, other;
};

static int set_up(void **state)
{
	struct seen *seen = calloc(1, sizeof(*seen));

	seen->loop = loop_create();
	*state = seen;
	return 0;
}

static int tear_down(void **state)
{
	struct seen *seen = *state;

	loop_destroy(seen->loop);
	free(seen);
	return 0;
}

/* Turns until something was counted `count` times. */
static bool turn_until(struct seen *seen, int count)
{
	int64_t end = loop_now(seen->loop) + PATIENCE;

	while (seen->count < count && loop_now(seen->loop) < end)
		loop_turn(seen->loop, 100 * MILLISECOND);
	return seen->count >= count;
}

static void on_due(void *context)
{
	struct seen *seen = context;

	seen->count++;
	seen->at_ns = loop_now(seen->loop);
}

static void past_deadline_is_due_at_once(void **state)
{
	struct seen *seen = *state;

	loop_deadline(seen->loop, -5, on_due, seen);
	assert_true(turn_until(seen, 1));
	loop_turn(seen->loop, 0);
	assert_int_equal(seen->count, 1);
	loop_deadline(seen->loop, -5, on_due, seen); /* the same time again is a new deadline */
	assert_true(turn_until(seen, 2));
}

static void deadline_is_not_early(void **state)
{
	struct seen *seen = *state;

	for (int i = 0; i < 20; i++) {
		int64_t at = loop_now(seen->loop) + 700000;

		loop_deadline(seen->loop, at, on_due, seen);
		assert_true(turn_until(seen, i + 1));
		assert_true(seen->at_ns >= at);
	}
}

/* epoll's timeout counts milliseconds: through it every one of these would be late by more than half of one. A loaded
 * machine delays some of them, hardly all. */
static void deadline_is_finer_than_a_millisecond(void **state)
{
	struct seen *seen = *state;
	int64_t end = loop_now(seen->loop) + PATIENCE, best = INT64_MAX;

	while (best > 500000 && loop_now(seen->loop) < end) {
		int64_t at = loop_now(seen->loop) + 100000;
		int count = seen->count;

		loop_deadline(seen->loop, at, on_due, seen);
		assert_true(turn_until(seen, count + 1));
		if (seen->at_ns - at < best)
			best = seen->at_ns - at;
	}
	assert_true(best <= 500000);
}

static void deadline_moves_and_goes(void **state)
{
	struct seen *seen = *state;

	loop_deadline(seen->loop, 1, on_due, seen);
	loop_deadline(seen->loop, INT64_MAX, on_due, seen);
	loop_turn(seen->loop, MILLISECOND);
	assert_int_equal(seen->count, 0);
	loop_deadline(seen->loop, loop_now(seen->loop) + 3600 * 1000 * MILLISECOND, on_due, seen);
	loop_turn(seen->loop, MILLISECOND);
	assert_int_equal(seen->count, 0);
	loop_deadline(seen->loop, loop_now(seen->loop), on_due, seen);
	assert_true(turn_until(seen, 1));
}

static void turn_ends_by_itself(void **state)
{
	struct seen *seen = *state;
	int64_t start = loop_now(seen->loop);

	loop_turn(seen->loop, 0);
	loop_turn(seen->loop, 300000);
	assert_true(loop_now(seen->loop) - start >= 300000);
}

static void on_woken(void *context)
{
	((struct seen *)context)->count++;
}

static void *wake_once(void *context)
{
	loop_wake(context);
	return NULL;
}

static void wake_from_another_thread(void **state)
{
	struct seen *seen = *state;
	pthread_t thread;

	loop_on_wake(seen->loop, on_woken, seen);
	for (int i = 0; i < 50; i++) {
		assert_int_equal(pthread_create(&thread, NULL, wake_once, seen->loop), 0);
		assert_true(turn_until(seen, i + 1));
		pthread_join(thread, NULL);
	}
	for (int i = 0; i < 10; i++)
		loop_wake(seen->loop);
	loop_turn(seen->loop, 0);
	loop_turn(seen->loop, 0);
	assert_int_equal(seen->count, 51);
}

static void on_signal(void *context, int number)
{
	struct seen *seen = context;

	seen->count++;
	seen->value = number;
}

static void signals_of_a_kind_are_one(void **state)
{
	struct seen *seen = *state;

	loop_signal(seen->loop, SIGUSR1, on_signal, seen);
	loop_signal(seen->loop, SIGUSR2, on_signal, seen);
	for (int i = 0; i < 5; i++)
		raise(SIGUSR1);
	assert_true(turn_until(seen, 1));
	loop_turn(seen->loop, 0);
	assert_int_equal(seen->count, 1);
	assert_int_equal(seen->value, SIGUSR1);
	raise(SIGUSR2);
	assert_true(turn_until(seen, 2));
	assert_int_equal(seen->value, SIGUSR2);
}

static void on_other_signal(void *context, int number)
{
	((struct seen *)context)->value = -number;
}

static void signal_callback_is_replaced(void **state)
{
	struct seen *seen = *state;
	struct sigaction action;

	loop_signal(seen->loop, SIGUSR1, on_other_signal, seen);
	loop_signal(seen->loop, SIGUSR1, on_signal, seen);
	raise(SIGUSR1);
	assert_true(turn_until(seen, 1));
	assert_int_equal(seen->value, SIGUSR1);
	loop_signal(seen->loop, SIGUSR1, NULL, NULL);
	assert_int_equal(sigaction(SIGUSR1, NULL, &action), 0);
	assert_true(action.sa_handler == SIG_DFL);
}

static void on_child(void *context, int pid, int status)
{
	struct seen *seen = context;

	seen->count++;
	seen->id = pid;
	seen->value = status;
}

static pid_t spawn(int code)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(code);
	assert_true(pid > 0);
	return pid;
}

static void child_that_ends_is_told(void **state)
{
	struct seen *seen = *state;
	pid_t pid = spawn(7);

	assert_int_equal(loop_child(seen->loop, pid, on_child, seen), 0);
	assert_true(turn_until(seen, 1));
	assert_int_equal(seen->id, pid);
	assert_true(WIFEXITED(seen->value));
	assert_int_equal(WEXITSTATUS(seen->value), 7);
	assert_int_equal(waitpid(pid, NULL, WNOHANG), -1);
}

static void child_that_has_ended_is_told(void **state)
{
	struct seen *seen = *state;
	pid_t pid = spawn(0), killed = fork();
	siginfo_t info;

	if (killed == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL); /* should the test fail before it comes to that */
		for (;;)
			pause();
	}
	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	assert_int_equal(loop_child(seen->loop, pid, on_child, seen), 0);
	assert_true(turn_until(seen, 1));
	assert_int_equal(seen->value, 0);
	assert_int_equal(loop_child(seen->loop, killed, on_child, seen), 0);
	kill(killed, SIGKILL);
	assert_true(turn_until(seen, 2));
	assert_true(WIFSIGNALED(seen->value));
	assert_int_equal(WTERMSIG(seen->value), SIGKILL);
	assert_int_equal(loop_child(seen->loop, killed, on_child, seen), AQ_ENOENT);
	assert_int_equal(loop_child(seen->loop, getppid(), on_child, seen), AQ_ENOENT);
}

static void child_that_somebody_else_waited_for(void **state)
{
	struct seen *seen = *state;
	pid_t pid = spawn(0);

	assert_int_equal(loop_child(seen->loop, pid, on_child, seen), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_true(turn_until(seen, 1));
	assert_int_equal(seen->value, -1);
}

static void on_ready(void *context, int events)
{
	struct seen *seen = context;

	seen->count++;
	seen->value = events;
}

static void descriptor_is_watched(void **state)
{
	struct seen *seen = *state;
	int ends[2];
	int64_t id, next;

	assert_int_equal(pipe(ends), 0);
	id = loop_watch(seen->loop, ends[1], LOOP_WRITE, on_ready, seen);
	assert_true(id > 0);
	assert_true(turn_until(seen, 1));
	assert_int_equal(seen->value, LOOP_WRITE);
	loop_watch_change(seen->loop, id, 0);
	loop_turn(seen->loop, 0);
	assert_int_equal(seen->count, 1);
	loop_unwatch(seen->loop, id);
	next = loop_watch(seen->loop, ends[0], LOOP_READ, on_ready, seen);
	assert_true(next > id);
	loop_unwatch(seen->loop, id); /* an id that is gone is nobody's */
	assert_int_equal(write(ends[1], "x", 1), 1);
	assert_true(turn_until(seen, 2));
	assert_int_equal(seen->value, LOOP_READ);
	loop_unwatch(seen->loop, next);
	close(ends[0]);
	close(ends[1]);
}

static void unwatch_both(void *context, int events)
{
	struct seen *seen = context;

	seen->count++;
	loop_unwatch(seen->loop, seen->id);
	loop_unwatch(seen->loop, seen->other);
}

/* Both are ready in one turn: the first to be called takes away itself and the other. */
static void unwatch_in_a_callback(void **state)
{
	struct seen *seen = *state;
	int ends[2], more[2];

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(pipe(more), 0);
	seen->id = loop_watch(seen->loop, ends[1], LOOP_WRITE, unwatch_both, seen);
	seen->other = loop_watch(seen->loop, more[1], LOOP_WRITE, unwatch_both, seen);
	assert_true(turn_until(seen, 1));
	loop_turn(seen->loop, 0);
	assert_int_equal(seen->count, 1);
	for (int i = 0; i < 2; i++) {
		close(ends[i]);
		close(more[i]);
	}
}

static void many_watches(void **state)
{
	struct seen *seen = *state;
	int64_t ids[100];
	int ends[2], fds[100];

	assert_int_equal(pipe(ends), 0);
	for (int i = 0; i < 100; i++) {
		fds[i] = dup(ends[1]);
		ids[i] = loop_watch(seen->loop, fds[i], LOOP_WRITE, on_ready, seen);
		assert_true(i == 0 || ids[i] > ids[i - 1]);
	}
	assert_true(turn_until(seen, 100));
	for (int i = 0; i < 50; i++)
		loop_unwatch(seen->loop, ids[i]); /* the rest is taken down with the loop */
	for (int i = 0; i < 100; i++)
		close(fds[i]);
	close(ends[0]);
	close(ends[1]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(past_deadline_is_due_at_once),
		TEST(deadline_is_not_early),
		TEST(deadline_is_finer_than_a_millisecond),
		TEST(deadline_moves_and_goes),
		TEST(turn_ends_by_itself),
		TEST(wake_from_another_thread),
		TEST(signals_of_a_kind_are_one),
		TEST(signal_callback_is_replaced),
		TEST(child_that_ends_is_told),
		TEST(child_that_has_ended_is_told),
		TEST(child_that_somebody_else_waited_for),
		TEST(descriptor_is_watched),
		TEST(unwatch_in_a_callback),
		TEST(many_watches),
	};

	return cmocka_run_group_tests_name("loop", tests, NULL, NULL);
}
