/* test_control_socket.c: callers that do not take their answer, against the socket of a host that has nothing but a
 * loop. Answers larger than what a kernel keeps for a connection are needed; no verb makes one without thousands of
 * orders. */
#include "host/control.h"
#include "host/control_call.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#define DEADLINE_NS 240000000000ll /* a build for threads on a busy machine is slow */
#define LISTENER (INT64_C(1) << 20) /* the first id that net gives out */
#define MANY 300                    /* more than control keeps */

struct place {
	struct host *host;
	char folder[64];
	int64_t deadline_ns;
};

static int begin(void **state)
{
	struct place *p = calloc(1, sizeof(*p));
	struct aq_err err;

	snprintf(p->folder, sizeof(p->folder), "/tmp/control.XXXXXX");
	p->host = calloc(1, sizeof(*p->host));
	if (mkdtemp(p->folder) == NULL)
		return -1;
	snprintf(p->host->options.state_dir, sizeof(p->host->options.state_dir), "%s", p->folder);
	p->host->loop = loop_create();
	p->host->net = net_create(p->host->loop);
	p->deadline_ns = host_wall_ns() + DEADLINE_NS;
	*state = p;
	return control_open(p->host, &err);
}

static int end(void **state)
{
	struct place *p = *state;

	control_close(p->host);
	net_destroy(p->host->net);
	loop_destroy(p->host->loop);
	free(p->host);
	rmdir(p->folder);
	free(p);
	return 0;
}

static int caller(const struct place *p, const char *request)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s/control.sock", p->folder);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	assert_int_equal(write(fd, request, strlen(request)), strlen(request));
	return fd;
}

/* Turns the loop until there is something to read; returns what read does. */
static ssize_t take(struct place *p, int fd, char *out, size_t size)
{
	for (;;) {
		ssize_t got = read(fd, out, size);

		if (got >= 0 || errno != EAGAIN)
			return got;
		assert_true(host_wall_ns() < p->deadline_ns);
		loop_turn(p->host->loop, 1000000);
	}
}

/* Reads to the length that the head tells; returns the length of the body. */
static size_t take_answer(struct place *p, int fd)
{
	static char bytes[1u << 16];
	size_t used = 0, length = 0, head = 0;
	int code = -1;

	while (head == 0 || used < head + length) {
		ssize_t got = take(p, fd, bytes, sizeof(bytes));

		assert_true(got > 0);
		if (head == 0) {
			const char *line = memchr(bytes, '\n', (size_t)got);

			assert_non_null(line);
			assert_int_equal(sscanf(bytes, CONTROL_PROTOCOL " %d %zu", &code, &length), 2);
			head = (size_t)(line + 1 - bytes);
		}
		used += (size_t)got;
	}
	assert_int_equal(used, head + length);
	assert_int_equal(code, CONTROL_DONE);
	return length;
}

/* An answer that is larger than a connection holds. */
static void answer(struct place *p, int64_t id)
{
	static const struct column columns[] = {{"a", "A", COLUMN_TEXT}, {"b", "B", COLUMN_TEXT}, {0}};
	const struct control_request request = {.count = 1, .width = 10000};
	struct result r;

	result_init(&r, "wide", 0);
	result_table(&r, "wide", TABLE_GRID, columns);
	while (result_row(&r))
		for (int i = 0; i < 2; i++)
			result_cell(&r, "%0399d", i);
	control_answer(p->host, id, &request, &r);
}

/* Lets control accept a caller that has not finished its line; returns its id. */
static int64_t accepted(struct place *p, int fd, int64_t after)
{
	for (;;) {
		loop_turn(p->host->loop, 1000000);
		for (int64_t sequence = (after >> 20) + 1; sequence < (after >> 20) + 4; sequence++)
			for (int64_t index = 0; index < 1024; index++)
				if (net_peer_uid(p->host->net, sequence << 20 | index) == getuid())
					return sequence << 20 | index;
		assert_true(host_wall_ns() < p->deadline_ns);
	}
}

static void a_large_answer_waits_for_its_reader(void **state)
{
	struct place *p = *state;
	int fd = caller(p, "unfinished"), other;
	int64_t id = accepted(p, fd, LISTENER);
	char byte;

	answer(p, id);
	assert_true(net_pending(p->host->net, id) > 0);
	other = caller(p, "help\n");
	assert_true(take_answer(p, other) > 0);
	assert_int_equal(take(p, other, &byte, 1), 0);
	close(other);
	assert_true(net_pending(p->host->net, id) > 0);
	assert_true(take_answer(p, fd) > 220000);
	assert_int_equal(net_pending(p->host->net, id), 0);
	/* The next one that comes sends it away. */
	other = caller(p, "help\n");
	assert_true(take_answer(p, other) > 0);
	assert_int_equal(take(p, fd, &byte, 1), 0);
	close(other);
	close(fd);
}

static void the_deaf_are_not_kept_for_ever(void **state)
{
	struct place *p = *state;
	int fds[MANY], other;
	int64_t id = LISTENER, first = 0;
	uint64_t waiting = 0;

	for (int i = 0; i < MANY; i++) {
		fds[i] = caller(p, "unfinished");
		id = accepted(p, fds[i], id);
		first = first == 0 ? id : first;
		answer(p, id);
	}
	assert_int_equal(net_peer_uid(p->host->net, first), -1); /* gave way */
	assert_true(net_pending(p->host->net, id) > 0);
	for (int i = 0; i < MANY; i++)
		waiting += (uint64_t)(take(p, fds[i], (char[1]){0}, 1) == 1);
	assert_int_equal(waiting, MANY); /* what the kernel had taken is there for all */
	other = caller(p, "help\n");
	assert_true(take_answer(p, other) > 0);
	close(other);
	for (int i = 0; i < MANY; i++)
		close(fds[i]);
	other = caller(p, "help\n");
	assert_true(take_answer(p, other) > 0);
	close(other);
}

static void an_answer_to_nobody_is_dropped(void **state)
{
	struct place *p = *state;
	int fd = caller(p, "unfinished");
	int64_t id = accepted(p, fd, LISTENER);

	close(fd);
	while (net_peer_uid(p->host->net, id) != -1) {
		loop_turn(p->host->loop, 1000000);
		assert_true(host_wall_ns() < p->deadline_ns);
	}
	answer(p, id);
	control_close(p->host);
	answer(p, id);
	assert_null(control_waiting(p->host));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_large_answer_waits_for_its_reader, begin, end),
		cmocka_unit_test_setup_teardown(the_deaf_are_not_kept_for_ever, begin, end),
		cmocka_unit_test_setup_teardown(an_answer_to_nobody_is_dropped, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
