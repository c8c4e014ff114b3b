/* test_net.c: connections as an adapter sees them, against raw sockets and against themselves. */
#include "io/net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#define MILLISECOND INT64_C(1000000)
#define PATIENCE (20 * 1000 * MILLISECOND) /* of a test that waits for something that must come */
#define BIG (3u << 20)

/* One side of a conversation, or a listener and what it accepted last. */
struct side {
	struct fixture *f;
	int64_t id; /* of the last connection that was opened */
	int opened, closed, drained;
	char why[200];
	char *bytes; /* all that came */
	uint32_t length, largest;
	void (*on_data)(struct side *s, const void *bytes, uint32_t length);
	void (*on_opened)(struct side *s);
	int64_t victim; /* that a callback closes */
};

struct fixture {
	struct loop *loop;
	struct net *net;
	char directory[64], path[100], address[110];
	struct side server, client;
	int64_t listener;
	char *big;
};

static void opened(void *context, int64_t connection)
{
	struct side *s = context;

	s->opened++;
	s->id = connection;
	if (s->on_opened != NULL)
		s->on_opened(s);
}

static void data(void *context, int64_t connection, const void *bytes, uint32_t length)
{
	struct side *s = context;

	assert_true(length > 0 && length <= NET_READ_MAX);
	assert_true(s->length + length <= 2 * BIG);
	memcpy(s->bytes + s->length, bytes, length);
	s->length += length;
	if (length > s->largest)
		s->largest = length;
	if (s->on_data != NULL)
		s->on_data(s, bytes, length);
}

static void closed(void *context, int64_t connection, const char *why)
{
	struct side *s = context;

	s->closed++;
	snprintf(s->why, sizeof(s->why), "%s", why);
	assert_int_equal(net_send(s->f->net, connection, "x", 1), AQ_ENOENT);
}

static void drained(void *context, int64_t connection)
{
	struct side *s = context;

	s->drained++;
	assert_int_equal(net_pending(s->f->net, connection), 0);
}

static const struct net_events events = {opened, data, closed, drained};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->loop = loop_create();
	f->net = net_create(f->loop);
	snprintf(f->directory, sizeof(f->directory), "/tmp/aq-net-XXXXXX");
	assert_non_null(mkdtemp(f->directory));
	snprintf(f->path, sizeof(f->path), "%s/socket", f->directory);
	snprintf(f->address, sizeof(f->address), "unix:%s", f->path);
	f->server.f = f->client.f = f;
	f->server.bytes = malloc(2 * BIG);
	f->client.bytes = malloc(2 * BIG);
	f->big = malloc(BIG);
	for (uint32_t i = 0; i < BIG; i++)
		f->big[i] = (char)(i * 2654435761u >> 24);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	net_destroy(f->net);
	loop_destroy(f->loop);
	unlink(f->path);
	assert_int_equal(rmdir(f->directory), 0);
	free(f->server.bytes);
	free(f->client.bytes);
	free(f->big);
	free(f);
	return 0;
}

/* Turns until a counter reaches a value. */
#define REACHES(f, what, value)                                                                                        \
	do {                                                                                                           \
		int64_t end_ = loop_now((f)->loop) + PATIENCE;                                                         \
		while ((int64_t)(what) < (int64_t)(value) && loop_now((f)->loop) < end_)                               \
			loop_turn((f)->loop, 50 * MILLISECOND);                                                        \
		assert_true((int64_t)(what) >= (int64_t)(value));                                                      \
	} while (0)

/* What is under way in the kernel gets its chance: for "and nothing more happens". */
static void settle(struct fixture *f)
{
	for (int i = 0; i < 20; i++)
		loop_turn(f->loop, 0);
}

static void listen_unix(struct fixture *f)
{
	struct aq_err err = {0};

	f->listener = net_listen(f->net, f->address, 0600, &events, &f->server, NULL, &err);
	assert_true(f->listener > 0);
}

static void connect_unix(struct fixture *f)
{
	struct aq_err err = {0};
	int64_t id;

	listen_unix(f);
	id = net_open(f->net, f->address, PATIENCE, &events, &f->client, &err);
	assert_true(id > 0);
	assert_int_equal(f->client.opened, 0);
	REACHES(f, f->client.opened + f->server.opened, 2);
	assert_int_equal(f->client.id, id);
	assert_true(f->server.id != id);
}

/* A connection of the test itself to the listener, so that it can misbehave. */
static int raw_client(struct fixture *f)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	memcpy(a.sun_path, f->path, strlen(f->path) + 1);
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	REACHES(f, f->server.opened, 1);
	return fd;
}

static void echo(struct side *s, const void *bytes, uint32_t length)
{
	assert_int_equal(net_send(s->f->net, s->id, bytes, length), 0);
}

static void check_echo(struct fixture *f)
{
	uint32_t sent = 0;

	f->server.on_data = echo;
	for (uint32_t size = 1; sent + size <= 600000; size = size * 3 / 2 + 1) {
		assert_int_equal(net_send(f->net, f->client.id, f->big + sent, size), 0);
		sent += size;
		REACHES(f, f->client.length, sent);
	}
	assert_int_equal(f->client.length, sent);
	assert_memory_equal(f->client.bytes, f->big, sent);
	assert_int_equal(net_send(f->net, f->client.id, f->big, 0), 0);
}

static void echo_over_unix(void **state)
{
	connect_unix(*state);
	check_echo(*state);
}

static void check_echo_over_tcp(struct fixture *f, const char *listen_on, const char *open_format)
{
	struct aq_err err = {0};
	uint16_t port = 0;
	char address[64];

	f->listener = net_listen(f->net, listen_on, 0, &events, &f->server, &port, &err);
	assert_true(f->listener > 0);
	assert_true(port > 0);
	snprintf(address, sizeof(address), "%s:%u", open_format, port);
	assert_true(net_open(f->net, address, PATIENCE, &events, &f->client, &err) > 0);
	REACHES(f, f->client.opened + f->server.opened, 2);
	check_echo(f);
	assert_int_equal(net_peer_uid(f->net, f->client.id), -1);
}

static void echo_over_tcp(void **state)
{
	check_echo_over_tcp(*state, "tcp:127.0.0.1:0", "tcp:localhost");
}

static void echo_over_tcp6(void **state)
{
	int fd = socket(AF_INET6, SOCK_STREAM, 0);
	struct sockaddr_in6 a = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	bool usable = fd >= 0 && bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0;

	if (fd >= 0)
		close(fd);
	if (!usable)
		skip();
	check_echo_over_tcp(*state, "tcp:[::1]:0", "tcp:[::1]");
}

static void bad_addresses(void **state)
{
	static const char *const bad[] = {"", "unix:", "tcp:", "tcp:localhost", "tcp:localhost:", "tcp:localhost:x",
		"tcp:localhost:65536", "tcp:localhost:-1", "tcp:example.com:80", "tcp::80", "tcp:[::1:80",
		"tcp:1.2.3:80", "tcp:::1:80", "udp:1.2.3.4:5", "tcp:1.2.3.4:080000", "tcp:[]:80"};
	struct fixture *f = *state;
	char longest[300] = "unix:/";

	memset(longest + 6, 'x', 200);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct aq_err err = {0};

		assert_int_equal(net_open(f->net, bad[i], 0, &events, &f->client, &err), AQ_EINVAL);
		assert_true(err.text[0] != '\0');
	}
	assert_int_equal(net_open(f->net, longest, 0, &events, &f->client, NULL), AQ_EINVAL);
	assert_int_equal(net_listen(f->net, longest, 0600, &events, &f->client, NULL, NULL), AQ_EINVAL);
}

static void bytes_sent_before_opened_wait(void **state)
{
	struct fixture *f = *state;
	int64_t id;

	listen_unix(f);
	id = net_open(f->net, f->address, PATIENCE, &events, &f->client, NULL);
	assert_int_equal(net_send(f->net, id, "early", 5), 0);
	assert_int_equal(net_pending(f->net, id), 5);
	REACHES(f, f->server.length, 5);
	assert_memory_equal(f->server.bytes, "early", 5);
	assert_int_equal(net_pending(f->net, id), 0);
}

/* Sends numbered pieces until none is taken any more. Returns how many bytes were. */
static uint32_t fill(struct fixture *f, int64_t id, uint32_t piece)
{
	uint32_t sent = 0;
	int result;

	while ((result = net_send(f->net, id, f->big + sent, piece)) == 0) {
		sent += piece;
		assert_true(net_pending(f->net, id) <= NET_PENDING_MAX);
		assert_true(sent + piece <= BIG);
	}
	assert_int_equal(result, AQ_EAGAIN);
	return sent;
}

static void slow_reader_gets_all_in_order(void **state)
{
	struct fixture *f = *state;
	uint32_t sent;

	connect_unix(f);
	net_pause(f->net, f->server.id, true);
	sent = fill(f, f->client.id, 7919);
	assert_true(net_pending(f->net, f->client.id) > NET_PENDING_MAX - 7919);
	settle(f);
	assert_int_equal(f->server.length, 0);
	assert_int_equal(f->client.drained, 0);
	net_pause(f->net, f->server.id, false);
	REACHES(f, f->server.length, sent / 2);
	while (sent + 7919 <= BIG && net_send(f->net, f->client.id, f->big + sent, 7919) == 0)
		sent += 7919;
	REACHES(f, f->server.length, sent);
	settle(f);
	assert_int_equal(f->server.length, sent);
	assert_memory_equal(f->server.bytes, f->big, sent);
	assert_int_equal(net_pending(f->net, f->client.id), 0);
	assert_int_equal(f->client.drained, 1); /* told once, when nothing waited any more */
	assert_true(f->server.largest > 1000);
}

static void refused_bytes_are_not_sent(void **state)
{
	struct fixture *f = *state;
	uint32_t sent;

	connect_unix(f);
	net_pause(f->net, f->server.id, true);
	assert_int_equal(net_send(f->net, f->client.id, f->big, NET_PENDING_MAX + 1), AQ_EAGAIN);
	assert_int_equal(net_pending(f->net, f->client.id), 0);
	sent = fill(f, f->client.id, 100000);
	net_pause(f->net, f->server.id, false);
	REACHES(f, f->server.length, sent);
	settle(f);
	assert_int_equal(f->server.length, sent);
	assert_memory_equal(f->server.bytes, f->big, sent);
}

static void peer_ends(void **state)
{
	struct fixture *f = *state;
	int fd;

	listen_unix(f);
	fd = raw_client(f);
	assert_int_equal(write(fd, "last words", 10), 10);
	close(fd);
	REACHES(f, f->server.closed, 1);
	assert_int_equal(f->server.length, 10);
	assert_string_equal(f->server.why, "the peer closed the connection");
	assert_int_equal(net_send(f->net, f->server.id, "x", 1), AQ_ENOENT);
	assert_int_equal(net_pending(f->net, f->server.id), 0);
	settle(f);
	assert_int_equal(f->server.closed, 1);
}

static void peer_resets(void **state)
{
	struct fixture *f = *state;
	struct linger hard = {.l_onoff = 1};
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	uint16_t port;

	assert_true(net_listen(f->net, "tcp:127.0.0.1:0", 0, &events, &f->server, &port, NULL) > 0);
	a.sin_port = htons(port);
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	REACHES(f, f->server.opened, 1);
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
	close(fd);
	REACHES(f, f->server.closed, 1);
	assert_string_equal(f->server.why, strerror(ECONNRESET));
}

/* The first write to a peer that is gone fails; what it had sent is read all the same, then `closed` comes, once. */
static void peer_is_gone_at_a_write(void **state)
{
	struct fixture *f = *state;
	int fd;

	listen_unix(f);
	fd = raw_client(f);
	net_pause(f->net, f->server.id, true);
	assert_int_equal(write(fd, "filled", 6), 6);
	close(fd);
	assert_int_equal(net_send(f->net, f->server.id, "order", 5), 0);
	assert_int_equal(net_send(f->net, f->server.id, "order", 5), 0);
	assert_int_equal(net_pending(f->net, f->server.id), 0);
	assert_int_equal(f->server.closed, 0);
	net_pause(f->net, f->server.id, false);
	REACHES(f, f->server.closed, 1);
	assert_int_equal(f->server.length, 6);
	assert_memory_equal(f->server.why, "cannot send: ", 13);
	settle(f);
	assert_int_equal(f->server.closed, 1);
}

static void connection_is_refused(void **state)
{
	struct fixture *f = *state;
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM, 0); /* bound and not listening: nobody else gets this port */
	char address[64];

	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &length), 0);
	snprintf(address, sizeof(address), "tcp:127.0.0.1:%u", ntohs(a.sin_port));
	assert_true(net_open(f->net, address, PATIENCE, &events, &f->client, NULL) > 0);
	assert_int_equal(f->client.closed, 0);
	REACHES(f, f->client.closed, 1);
	assert_string_equal(f->client.why, strerror(ECONNREFUSED));
	close(fd);
	assert_true(net_open(f->net, f->address, PATIENCE, &events, &f->client, NULL) > 0);
	assert_true(net_open(f->net, f->address, PATIENCE, &events, &f->client, NULL) > 0);
	assert_int_equal(f->client.closed, 1);
	REACHES(f, f->client.closed, 3);
	assert_string_equal(f->client.why, strerror(ENOENT));
	assert_int_equal(f->client.opened, 0);
}

/* Connects until the queue of a listener that never accepts is full: further ones hang. */
static int fill_backlog(int listener, const struct sockaddr_in *a, int fds[], int count)
{
	int used = 0;

	assert_int_equal(listen(listener, 0), 0);
	while (used < count) {
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		struct pollfd p = {.fd = fd, .events = POLLOUT};

		fds[used++] = fd;
		if (connect(fd, (const struct sockaddr *)a, sizeof(*a)) != 0 && poll(&p, 1, 200) == 0)
			break;
	}
	return used;
}

static void connect_times_out(void **state)
{
	struct fixture *f = *state;
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof(a);
	int listener = socket(AF_INET, SOCK_STREAM, 0), fds[64], used;
	char address[64];
	int64_t start;

	assert_int_equal(bind(listener, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&a, &length), 0);
	used = fill_backlog(listener, &a, fds, 64);
	assert_true(used < 64);
	snprintf(address, sizeof(address), "tcp:127.0.0.1:%u", ntohs(a.sin_port));
	start = loop_now(f->loop);
	assert_true(net_open(f->net, address, 3600 * 1000 * MILLISECOND, &events, &f->server, NULL) > 0);
	assert_true(net_open(f->net, address, 30 * MILLISECOND, &events, &f->client, NULL) > 0);
	REACHES(f, f->client.closed, 1);
	assert_true(loop_now(f->loop) - start >= 29 * MILLISECOND);
	assert_string_equal(f->client.why, "timed out while connecting");
	assert_int_equal(f->server.closed, 0);
	for (int i = 0; i < used; i++)
		close(fds[i]);
	close(listener);
}

static void close_self(struct side *s, const void *bytes, uint32_t length)
{
	net_close(s->f->net, s->id, false);
}

static void close_in_its_own_data(void **state)
{
	struct fixture *f = *state;

	connect_unix(f);
	f->server.on_data = close_self;
	assert_int_equal(net_send(f->net, f->client.id, f->big, 200000), 0);
	REACHES(f, f->client.closed, 1);
	assert_true(f->server.length <= NET_READ_MAX);
	assert_int_equal(f->server.closed, 0);
	assert_int_equal(net_send(f->net, f->server.id, "x", 1), AQ_ENOENT);
	net_close(f->net, f->server.id, true); /* nobody's any more */
}

static void close_victim(struct side *s, const void *bytes, uint32_t length)
{
	net_close(s->f->net, s->victim, false);
	net_close(s->f->net, s->id, false);
}

/* Two connections are readable in the same turn, and each closes both. */
static void close_another_in_data(void **state)
{
	struct fixture *f = *state;
	int64_t first;
	int one, two;

	listen_unix(f);
	one = raw_client(f);
	first = f->server.id;
	two = raw_client(f);
	REACHES(f, f->server.opened, 2);
	f->server.victim = first;
	f->server.on_data = close_victim;
	assert_int_equal(write(one, "a", 1), 1);
	assert_int_equal(write(two, "b", 1), 1);
	REACHES(f, f->server.length, 1);
	settle(f);
	assert_int_equal(f->server.length, 1);
	assert_int_equal(f->server.closed, 0);
	assert_int_equal(net_send(f->net, first, "x", 1), AQ_ENOENT);
	assert_int_equal(net_send(f->net, f->server.id, "x", 1), AQ_ENOENT);
	close(one);
	close(two);
}

static void close_listener_and_self(struct side *s)
{
	net_close(s->f->net, s->f->listener, false);
	net_close(s->f->net, s->id, false);
}

static void close_in_opened(void **state)
{
	struct fixture *f = *state;
	struct side more = {.f = f, .bytes = f->client.bytes};

	listen_unix(f);
	f->server.on_opened = close_listener_and_self;
	assert_true(net_open(f->net, f->address, PATIENCE, &events, &f->client, NULL) > 0);
	assert_true(net_open(f->net, f->address, PATIENCE, &events, &more, NULL) > 0);
	REACHES(f, f->client.closed + more.closed, 2);
	assert_int_equal(f->server.opened, 1);
	assert_int_equal(access(f->path, F_OK), -1);
}

static void open_again(void *context, int64_t connection, const char *why)
{
	struct side *s = context;

	if (++s->closed < 3)
		net_open(s->f->net, s->f->address, PATIENCE, &(struct net_events){.closed = open_again}, s, NULL);
}

static void open_in_closed(void **state)
{
	struct fixture *f = *state;

	assert_true(net_open(f->net, f->address, PATIENCE, &(struct net_events){.closed = open_again}, &f->client,
			    NULL) > 0);
	REACHES(f, f->client.closed, 3);
	settle(f);
	assert_int_equal(f->client.closed, 3);
}

static void flush_before_the_end(void **state)
{
	struct fixture *f = *state;
	uint32_t sent;
	int64_t id;

	connect_unix(f);
	id = f->client.id;
	net_pause(f->net, f->server.id, true);
	assert_int_equal(net_send(f->net, f->server.id, "unread", 6), 0);
	sent = fill(f, id, 65536);
	net_close(f->net, id, true);
	assert_int_equal(net_send(f->net, id, "x", 1), AQ_ENOENT);
	settle(f);
	net_pause(f->net, f->server.id, false);
	REACHES(f, f->server.closed, 1);
	assert_int_equal(f->server.length, sent);
	assert_memory_equal(f->server.bytes, f->big, sent);
	assert_string_equal(f->server.why, "the peer closed the connection");
	assert_int_equal(f->client.closed, 0);
	assert_int_equal(f->client.length, 0);
}

static void close_without_flush_drops(void **state)
{
	struct fixture *f = *state;
	uint32_t sent;

	connect_unix(f);
	net_pause(f->net, f->server.id, true);
	sent = fill(f, f->client.id, 65536);
	net_close(f->net, f->client.id, false);
	net_pause(f->net, f->server.id, false);
	REACHES(f, f->server.closed, 1);
	assert_true(f->server.length < sent);
	assert_memory_equal(f->server.bytes, f->big, f->server.length);
}

/* A peer that says its last word and listens on gets the answer. */
static void answer_after_the_end_of_a_question(void **state)
{
	struct fixture *f = *state;
	uint32_t sent, got = 0;
	ssize_t n;
	int fd;

	listen_unix(f);
	fd = raw_client(f);
	sent = fill(f, f->server.id, 50000);
	assert_int_equal(shutdown(fd, SHUT_WR), 0);
	REACHES(f, f->server.closed, 1);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	for (int64_t end = loop_now(f->loop) + PATIENCE; loop_now(f->loop) < end;) {
		n = read(fd, f->client.bytes + got, BIG);
		if (n == 0)
			break;
		if (n > 0)
			got += (uint32_t)n;
		loop_turn(f->loop, 0);
	}
	assert_int_equal(got, sent);
	assert_memory_equal(f->client.bytes, f->big, sent);
	close(fd);
}

static void paused_connection_is_silent(void **state)
{
	struct fixture *f = *state;

	connect_unix(f);
	net_pause(f->net, f->server.id, true);
	assert_int_equal(net_send(f->net, f->client.id, "quiet", 5), 0);
	net_close(f->net, f->client.id, false);
	settle(f);
	assert_int_equal(f->server.length, 0);
	assert_int_equal(f->server.closed, 0);
	net_pause(f->net, f->server.id, false);
	REACHES(f, f->server.closed, 1);
	assert_int_equal(f->server.length, 5);
}

static void peer_has_a_uid(void **state)
{
	struct fixture *f = *state;

	connect_unix(f);
	assert_int_equal(net_peer_uid(f->net, f->server.id), getuid());
	assert_int_equal(net_peer_uid(f->net, f->client.id), getuid());
	assert_int_equal(net_peer_uid(f->net, f->client.id + 12345), -1);
}

static void socket_file_has_its_mode(void **state)
{
	static const unsigned modes[] = {0600, 0660, 0666};
	struct fixture *f = *state;
	mode_t old = umask(0077);
	struct stat info;

	for (size_t i = 0; i < 3; i++) {
		int64_t id = net_listen(f->net, f->address, modes[i], &events, &f->server, NULL, NULL);

		assert_true(id > 0);
		assert_int_equal(stat(f->path, &info), 0);
		assert_int_equal(info.st_mode & 0777, modes[i]);
		net_close(f->net, id, false);
		assert_int_equal(stat(f->path, &info), -1);
	}
	umask(old);
}

static void stale_socket_is_replaced(void **state)
{
	struct fixture *f = *state;
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	memcpy(a.sun_path, f->path, strlen(f->path) + 1);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(fd, 1), 0);
	close(fd); /* as a process that was killed leaves it */
	assert_int_equal(access(f->path, F_OK), 0);
	connect_unix(f);
}

static void live_socket_is_left_alone(void **state)
{
	struct fixture *f = *state;
	struct aq_err err = {0};

	connect_unix(f);
	assert_int_equal(net_listen(f->net, f->address, 0600, &events, &f->client, NULL, &err), AQ_EINVAL);
	assert_non_null(strstr(err.text, "in use"));
	assert_int_equal(net_send(f->net, f->client.id, "still", 5), 0);
	REACHES(f, f->server.length, 5);
}

static void other_files_are_left_alone(void **state)
{
	struct fixture *f = *state;
	struct aq_err err = {0};
	FILE *file = fopen(f->path, "w");
	struct stat info;

	fputs("precious", file);
	fclose(file);
	assert_int_equal(net_listen(f->net, f->address, 0600, &events, &f->server, NULL, &err), AQ_EINVAL);
	assert_non_null(strstr(err.text, "not a socket"));
	assert_int_equal(stat(f->path, &info), 0);
	assert_int_equal(info.st_size, 8);
}

/* Another process has taken the path over in the meantime: its file stays. */
static void only_its_own_file_is_removed(void **state)
{
	struct fixture *f = *state;
	FILE *file;

	listen_unix(f);
	assert_int_equal(unlink(f->path), 0);
	file = fopen(f->path, "w");
	fclose(file);
	net_close(f->net, f->listener, false);
	assert_int_equal(access(f->path, F_OK), 0);
}

static void ids_are_not_used_again(void **state)
{
	struct fixture *f = *state;
	int64_t last = 0;

	for (int i = 0; i < 1000; i++) {
		int64_t id = net_open(f->net, f->address, 0, &events, &f->client, NULL);

		assert_true(id > last);
		net_close(f->net, id, false);
		last = id;
	}
	settle(f);
	assert_int_equal(f->client.closed, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(echo_over_unix),
		TEST(echo_over_tcp),
		TEST(echo_over_tcp6),
		TEST(bad_addresses),
		TEST(bytes_sent_before_opened_wait),
		TEST(slow_reader_gets_all_in_order),
		TEST(refused_bytes_are_not_sent),
		TEST(peer_ends),
		TEST(peer_resets),
		TEST(peer_is_gone_at_a_write),
		TEST(connection_is_refused),
		TEST(connect_times_out),
		TEST(close_in_its_own_data),
		TEST(close_another_in_data),
		TEST(close_in_opened),
		TEST(open_in_closed),
		TEST(flush_before_the_end),
		TEST(close_without_flush_drops),
		TEST(answer_after_the_end_of_a_question),
		TEST(paused_connection_is_silent),
		TEST(peer_has_a_uid),
		TEST(socket_file_has_its_mode),
		TEST(stale_socket_is_replaced),
		TEST(live_socket_is_left_alone),
		TEST(other_files_are_left_alone),
		TEST(only_its_own_file_is_removed),
		TEST(ids_are_not_used_again),
	};

	return cmocka_run_group_tests_name("net", tests, NULL, NULL);
}
