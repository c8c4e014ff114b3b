/* mariadb_help.h: the plugin of MariaDB in the SDK's host in memory, which watches its sockets. Its time stands still until
 * a test moves it: nothing here depends on how quick a server is. */
#ifndef MARIADB_HELP_H
#define MARIADB_HELP_H

#include <storage/mariadb/mariadb.c>
#include <storage/sql/frame.h>

#include "mariadb_server.h"
#include "mariadb_words.h"
#include "store_direct.h"

/* ---- the host's part ---- */

static struct {
	int64_t id; /* 0 = free */
	const void *owner;
	int fd;
	uint32_t events;
	uint64_t tag;
} watches[32];
#define WATCHES (sizeof(watches) / sizeof(*watches))
static int64_t watch_ids;

/* A probe or a crash's explanation would hold it open when the host is gone. */
static void assert_no_child_gets(int watched)
{
	struct stat of, s;

	assert_int_equal(fstat(watched, &of), 0);
	for (int fd = 3; fd < 256; fd++)
		if (fstat(fd, &s) == 0 && s.st_ino == of.st_ino && s.st_dev == of.st_dev && fcntl(fd, F_GETFD) != FD_CLOEXEC)
			fail_msg("socket %d would be a child's, too", fd);
}

static int64_t watch_fd(void *owner, int fd, uint32_t events, uint64_t tag)
{
	size_t i = 0;

	assert_true(fd >= 0 && fcntl(fd, F_GETFD) != -1);
	assert_true(events != 0 && (events & ~(AQ_WATCH_READ | AQ_WATCH_WRITE)) == 0);
	for (size_t n = 0; n < WATCHES; n++)
		assert_true(watches[n].id == 0 || watches[n].fd != fd); /* one a descriptor */
	assert_no_child_gets(fd);
	while (i < WATCHES && watches[i].id != 0)
		i++;
	assert_in_range(i, 0, WATCHES - 1);
	watches[i].id = ++watch_ids;
	watches[i].owner = owner;
	watches[i].fd = fd;
	watches[i].events = events;
	watches[i].tag = tag;
	return watches[i].id;
}

static int32_t unwatch_fd(void *owner, int64_t id)
{
	(void)owner;
	for (size_t i = 0; i < WATCHES; i++)
		if (watches[i].id == id && id != 0) {
			assert_int_not_equal(fcntl(watches[i].fd, F_GETFD), -1); /* it is still open */
			watches[i].id = 0;
			return AQ_OK;
		}
	return AQ_ENOENT;
}

static const struct aq_store_provider_api provider = {.size = sizeof(provider), .rows = take_rows, .done = take_end,
	.failed = take_error, .state = take_state, .watch = watch_fd, .unwatch = unwatch_fd};

static const void *extension(void *owner, const char *name)
{
	(void)owner;
	return strcmp(name, AQ_STORE_PROVIDER_EXT) == 0 ? &provider : NULL;
}

/* One look at all sockets; those that are ready have an event. */
static void rig_poll(struct rig *r, int ms)
{
	struct pollfd polled[WATCHES];
	int64_t ids[WATCHES];
	nfds_t count = 0;

	for (size_t i = 0; i < WATCHES; i++) {
		if (watches[i].id == 0 || watches[i].owner != r->k)
			continue;
		ids[count] = watches[i].id;
		polled[count++] = (struct pollfd){.fd = watches[i].fd, .events = (short)(((watches[i].events & AQ_WATCH_READ) != 0
			? POLLIN : 0) | ((watches[i].events & AQ_WATCH_WRITE) != 0 ? POLLOUT : 0))};
	}
	if (poll(polled, count, ms) <= 0)
		return;
	for (nfds_t n = 0; n < count; n++)
		for (size_t i = 0; i < WATCHES && polled[n].revents != 0; i++) {
			uint32_t ended = (polled[n].revents & (POLLERR | POLLHUP)) != 0 ? watches[i].events : 0;
			struct aq_store_fd body = {.events = ended | ((polled[n].revents & POLLIN) != 0 ? AQ_WATCH_READ : 0) |
				((polled[n].revents & POLLOUT) != 0 ? AQ_WATCH_WRITE : 0)};

			if (watches[i].id != ids[n])
				continue;
			aq_mock_event(r->k, AQ_EV_STORE_FD, (struct aq_market){0, 0}, watches[i].tag, &body, sizeof(body));
			aq_mock_run(r->k);
		}
}

/* Until it holds; what never happens ends the test. */
#define rig_until(r, condition) \
	do { \
		int64_t deadline_ = server_ms() + SERVER_PATIENCE_MS; \
		while (!(condition)) { \
			if (server_ms() > deadline_) \
				fail_msg("it does not happen: %s", #condition); \
			rig_poll(r, 100); \
		} \
	} while (0)

static bool rig_is_busy(struct rig *r)
{
	for (unsigned i = 0; i < SESSIONS_MAX; i++)
		if (r->s->sessions[i].fiber.under_way)
			return true;
	return false;
}

static void rig_settle(struct rig *r)
{
	rig_until(r, !rig_is_busy(r));
}

static inline void rig_later(struct rig *r, int64_t ns)
{
	aq_mock_time(r->k, r->k->now_ns + ns);
	aq_mock_run(r->k);
}

/* ---- the store ---- */

static void rig_options(struct rig *r)
{
	r->s = r->k->self;
	strcpy(r->s->address, server.address);
	strcpy(r->s->database, r->file);
	strcpy(r->s->user, server.user);
	strcpy(r->s->password, server.password);
	strcpy(r->s->pool, "2..4");
	r->s->tls = TLS_OFF;
	r->s->connect_timeout = 10 * SECOND;
	r->s->call_timeout = 30 * SECOND;
	r->s->max_call = 8 << 20;
	r->s->transaction_limit = 30 * SECOND;
}

static inline void rig_create(struct rig *r)
{
	said.ups = said.downs = 0;
	r->k = aq_mock_new((const struct aq_plugin *)&aq_plugin_1);
	r->k->host.extension = extension;
	assert_int_equal(aq_mock_create(r->k), AQ_OK);
	rig_options(r);
}

static inline void rig_begin(struct rig *r)
{
	assert_int_equal(r->k->plugin->check(r->s, &r->k->err), AQ_OK);
	assert_int_equal(aq_mock_start(r->k), AQ_OK);
	r->ops = r->k->plugin->ops;
	rig_settle(r);
}

static inline void rig_start(struct rig *r)
{
	rig_create(r);
	rig_begin(r);
}

/* A database of its own; its name is the rig's file. */
static inline void rig_folder(struct rig *r)
{
	char text[160];

	*r = (struct rig){.chunk = AQ_STORE_CHUNK};
	snprintf(r->file, sizeof(r->file), "aq_test_%d_%u", (int)getpid(), ++server.databases);
	snprintf(text, sizeof(text), "CREATE DATABASE %s", r->file);
	server_run(text);
}

static inline void rig_new(struct rig *r)
{
	rig_folder(r);
	rig_start(r);
	if (said.ups != 1)
		fail_msg("%s", said.state);
}

static inline void rig_stop(struct rig *r)
{
	const void *owner = r->k;

	aq_mock_free(r->k);
	for (size_t i = 0; i < WATCHES; i++)
		assert_true(watches[i].id == 0 || watches[i].owner != owner);
	sql_buffer_free(&said.rows);
	said = (struct said){0};
}

static inline void rig_free(struct rig *r)
{
	char text[160];

	rig_stop(r);
	snprintf(text, sizeof(text), "DROP DATABASE %s", r->file);
	server_run(text);
}

#endif
