/* test_notify.c: the words to a service manager: to a path and to an abstract name, and an environment that makes no
 * sense. */
#include "io/notify.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

/* A manager that listens; `name` as in the environment. */
static int listener(const char *name)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	memcpy(address.sun_path, name, strlen(name));
	if (name[0] == '@')
		address.sun_path[0] = '\0';
	assert_int_equal(bind(fd, (struct sockaddr *)&address, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name))),
		0);
	setenv("NOTIFY_SOCKET", name, 1);
	return fd;
}

static void heard(const char *name)
{
	int fd = listener(name);
	struct notify *n = notify_open();
	char got[64] = "";

	assert_non_null(n);
	assert_true(notify_send(n, "READY=1\nSTATUS=well"));
	assert_int_equal(recv(fd, got, sizeof(got), 0), 19);
	assert_string_equal(got, "READY=1\nSTATUS=well");
	while (notify_send(n, "WATCHDOG=1")) /* nobody reads: it is told, and not waited for */
		;
	close(fd);
	assert_false(notify_send(n, "WATCHDOG=1"));
	notify_close(n);
}

static void a_manager_hears(void **state)
{
	char folder[] = "/tmp/notify.XXXXXX", path[64], abstract[64];

	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/socket", folder);
	snprintf(abstract, sizeof(abstract), "@%s", folder);
	heard(path);
	heard(abstract);
	unlink(path);
	rmdir(folder);
}

static void other_names_are_left_alone(void **state)
{
	char longest[200] = "/";
	const char *const names[] = {"", "/", "@", "relative/socket", "vsock:2:1234", longest};

	memset(longest + 1, 'x', sizeof(longest) - 2);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		setenv("NOTIFY_SOCKET", names[i], 1);
		assert_null(notify_open());
	}
	unsetenv("NOTIFY_SOCKET");
	assert_null(notify_open());
	notify_close(NULL);
}

static int64_t watchdog(const char *us, const char *pid)
{
	unsetenv("WATCHDOG_PID");
	if (pid != NULL)
		setenv("WATCHDOG_PID", pid, 1);
	setenv("WATCHDOG_USEC", us, 1);
	return notify_watchdog_ns();
}

static void the_watchdog_is_ours_or_none(void **state)
{
	char own[16];

	snprintf(own, sizeof(own), "%d", (int)getpid());
	assert_int_equal(watchdog("3000000", NULL), 1500000000);
	assert_int_equal(watchdog("3000000", own), 1500000000);
	assert_int_equal(watchdog("3000000", "1"), 0);
	assert_int_equal(watchdog("3000000", "nobody"), 0);
	assert_int_equal(watchdog("3000000", ""), 0);
	assert_int_equal(watchdog("", NULL), 0);
	assert_int_equal(watchdog("0", NULL), 0);
	assert_int_equal(watchdog("-5", NULL), 0);
	assert_int_equal(watchdog("5s", NULL), 0);
	assert_int_equal(watchdog("99999999999999999999", NULL), 0);
	unsetenv("WATCHDOG_USEC");
	assert_int_equal(notify_watchdog_ns(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_manager_hears),
		cmocka_unit_test(other_names_are_left_alone),
		cmocka_unit_test(the_watchdog_is_ours_or_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
