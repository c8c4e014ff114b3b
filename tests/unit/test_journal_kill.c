/* test_journal_kill.c: kill -9 of a process that appends, at random moments, again and again on one journal. Every
 * record that it had confirmed over a pipe is there, in order, and recovery goes on behind it. AQ_JOURNAL_KILLS:
 * rounds. */
#include "journal_help.h"

#include <signal.h>
#include <sys/wait.h>

/* Appends from where the journal ends and says so, record by record, until it is killed. */
static _Noreturn void child(const char *folder, int pipe_to_parent)
{
	struct journal_options options = {.folder = folder, .grade = JOURNAL_PAGE, .segment_size = SEGMENT};
	struct found f = {0};
	struct journal *j;
	uint64_t number;

	if (journal_open(&j, &options, journal_files_system(), NULL) != 0)
		_exit(2);
	journal_replay(j, check_record, &f, NULL);
	for (number = f.next;; number++) {
		if (append(j, number, NULL) != 0)
			_exit(3);
		if (write(pipe_to_parent, &number, sizeof(number)) != sizeof(number))
			_exit(4);
	}
}

/* The last number that came out of the pipe: after `enough` of them the child is killed. */
static uint64_t kill_after(pid_t pid, int from_child, uint64_t enough, uint64_t before)
{
	uint64_t number, last = before;
	int status;

	while (enough-- > 0 && read(from_child, &number, sizeof(number)) == sizeof(number))
		last = number;
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	while (read(from_child, &number, sizeof(number)) == sizeof(number))
		last = number;
	return last;
}

static uint64_t run_child(const char *folder, uint64_t enough, uint64_t before)
{
	int ends[2];
	uint64_t last;
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		close(ends[0]);
		child(folder, ends[1]);
	}
	close(ends[1]);
	last = kill_after(pid, ends[0], enough, before);
	close(ends[0]);
	return last;
}

static void test_kill(void **state)
{
	const char *text = getenv("AQ_JOURNAL_KILLS");
	long kills = text != NULL ? strtol(text, NULL, 10) : 30;
	uint64_t next = 0, random = 88172645463325252u;
	char folder[256];

	folder_make(folder);
	for (long round = 0; round < kills; round++) {
		struct journal *j;
		struct found f;
		uint64_t last;

		random ^= random << 13, random ^= random >> 7, random ^= random << 17;
		last = run_child(folder, random % 4 == 0 ? random % 8 : random % 3000, next - 1);
		j = open_with(journal_files_system(), folder, JOURNAL_PAGE, false);
		f = replay(j, NULL);
		/* One more may have been appended and not yet confirmed. */
		assert_true(f.next == last + 1 || f.next == last + 2);
		next = f.next;
		journal_close(j);
	}
	assert_true(next > 0);
	folder_remove(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_kill)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
