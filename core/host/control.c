/* control.c: the socket. What a caller can cost is bounded: one request of one line a connection, a bounded number of
 * connections (the one that has been silent longest gives way), a bounded answer. */
#include "host/control.h"

#include "base/check.h"
#include "base/err.h"
#include "base/log.h"
#include "host/control_query.h"
#include "host/control_standing.h"
#include "host/errand.h"
#include "host/user_name.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CLIENTS 256

enum client_state { READING = 1, WAITING = 2, DRAINING = 3 };

struct client {
	int64_t id;    /* of net, rises with every connection; 0 = free slot */
	uint8_t state; /* enum client_state */
	uint32_t used;
	char line[CONTROL_REQUEST_MAX];
};

struct control {
	int64_t listener;
	int64_t started_ns; /* wall clock */
	struct client clients[CLIENTS];
	struct control_request request; /* in hand */
	struct control_waiting waiting;
	struct control_waits waits;
	struct control_queries queries;
	char answer[CONTROL_HEAD_MAX + RESULT_BODY_MAX];
};

static struct client *find(struct control *c, int64_t id)
{
	for (int i = 0; i < CLIENTS; i++)
		if (c->clients[i].id == id)
			return &c->clients[i];
	return NULL;
}

static void drop(struct host *h, struct client *client)
{
	net_close(h->net, client->id, false);
	client->id = 0;
}

/* ---- answers ---- */

/* What stands in `answer`, behind its head. */
static bool send_behind_head(struct host *h, struct client *client, const char *code, uint32_t length)
{
	char head[CONTROL_HEAD_MAX];
	int size = snprintf(head, sizeof(head), CONTROL_PROTOCOL " %s %u\n", code, length);
	char *from = h->control->answer + CONTROL_HEAD_MAX - size;

	memcpy(from, head, (size_t)size);
	if (net_send(h->net, client->id, from, (uint32_t)size + length) == 0)
		return true;
	drop(h, client);
	return false;
}

static void send_answer(struct host *h, struct client *client, int code, uint32_t length)
{
	char text[12];

	snprintf(text, sizeof(text), "%d", code);
	if (!send_behind_head(h, client, text, length))
		return;
	/* What the kernel has taken reaches the peer even when we close; the rest waits for it to read. */
	client->state = DRAINING;
	if (net_pending(h->net, client->id) == 0)
		drop(h, client);
}

void control_answer(struct host *h, int64_t connection, const struct control_request *request, struct result *result)
{
	struct client *client = h->control != NULL ? find(h->control, connection) : NULL;
	char *body;

	if (client != NULL) {
		body = h->control->answer + CONTROL_HEAD_MAX;
		send_answer(h, client, result->code,
			request->json ? result_json(result, body) : result_text(result, request->width, body));
	}
	result_finish(result);
}

bool control_piece(struct host *h, int64_t connection, const void *bytes, uint32_t length)
{
	struct client *client = h->control != NULL ? find(h->control, connection) : NULL;

	CHECK(length <= RESULT_BODY_MAX);
	if (client == NULL)
		return false;
	memcpy(h->control->answer + CONTROL_HEAD_MAX, bytes, length);
	return send_behind_head(h, client, "+", length);
}

uint32_t control_unsent(const struct host *h, int64_t connection)
{
	return net_pending(h->net, connection);
}

struct control_queries *control_queries(struct host *h)
{
	return h->control != NULL ? &h->control->queries : NULL;
}

struct control_waiting *control_waiting(struct host *h)
{
	return h->control != NULL ? &h->control->waiting : NULL;
}

struct control_waits *control_waits(struct host *h)
{
	return h->control != NULL ? &h->control->waits : NULL;
}

int64_t control_uptime_ns(const struct host *h)
{
	return h->control != NULL ? host_wall_ns() - h->control->started_ns : 0;
}

/* ---- requests ---- */

static void handle(struct host *h, struct client *client, const char *line, size_t length)
{
	struct control_request *request = &h->control->request;
	struct control_call call = {.host = h, .request = request, .connection = client->id};
	struct aq_err err;

	client->state = WAITING;
	call.uid = (uint32_t)net_peer_uid(h->net, client->id);
	if (h->clock == CLOCK_REAL)
		host_set_now(h, loop_now(h->loop));
	result_init(&call.result, "error", 0);
	if (control_request_parse(request, line, length, &err) != 0)
		result_fail(&call.result, CONTROL_USAGE, "%s", err.text);
	else if (!control_run(&call))
		return;
	control_answer(h, call.connection, request, &call.result);
}

static void on_data(void *context, int64_t id, const void *bytes, uint32_t length)
{
	struct host *h = context;
	struct client *client = find(h->control, id);
	const char *end = memchr(bytes, '\n', length);
	uint32_t part = end != NULL ? (uint32_t)(end - (const char *)bytes) : length;

	if (client == NULL || client->state != READING)
		return; /* it has had its say */
	part = part < sizeof(client->line) - client->used ? part : (uint32_t)sizeof(client->line) - client->used;
	memcpy(client->line + client->used, bytes, part);
	client->used += part;
	if (end != NULL || client->used == sizeof(client->line))
		handle(h, client, client->line, client->used);
}

static void on_closed(void *context, int64_t id, const char *why)
{
	struct client *client = find(((struct host *)context)->control, id);

	(void)why;
	if (client == NULL)
		return;
	client->id = 0;
	control_query_gone(context, id);
}

static void on_drained(void *context, int64_t id)
{
	control_query_drained(context, id);
}

/* Ends those that have read their answer and not gone, and makes room if there is none. */
static struct client *make_room(struct host *h)
{
	struct client *free_slot = NULL, *oldest = NULL;

	for (int i = 0; i < CLIENTS; i++) {
		struct client *client = &h->control->clients[i];

		if (client->id != 0 && client->state == DRAINING && net_pending(h->net, client->id) == 0)
			drop(h, client);
		if (client->id == 0)
			free_slot = client;
		else if (client->state != WAITING && (oldest == NULL || client->id < oldest->id))
			oldest = client;
	}
	if (free_slot != NULL || oldest == NULL)
		return free_slot;
	drop(h, oldest);
	return oldest;
}

static void on_opened(void *context, int64_t id)
{
	struct host *h = context;
	struct client *client = make_room(h);

	if (client == NULL) {
		net_close(h->net, id, false);
		return;
	}
	client->id = id;
	client->state = READING;
	client->used = 0;
}

/* ---- life ---- */

/* The group first: until then the file is for our user alone. */
static int share(const struct host_options *o, const char *path, struct aq_err *err)
{
	if (chown(path, (uid_t)-1, o->control_gid) == 0 && chmod(path, 0660) == 0)
		return AQ_OK;
	return err_set(err, AQ_EINVAL, "[control] group %s: %s: %s. The host's user must be a member of it", o->control_group,
		path, strerror(errno));
}

static bool is_link(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISLNK(st.st_mode);
}

/* A word for a host that does not answer is left in STATE_DIR/operator. Who has only the path of a socket that lies elsewhere
 * finds it by a link beside that. It stays when the host ends: the word may be for the next one. */
static void link_operator(const char *state_dir, const char *path)
{
	const char *slash = strrchr(path, '/');
	char name[700], draft[720], *folder, *beside;

	snprintf(name, sizeof(name), "%s/operator", state_dir);
	folder = realpath(name, NULL);
	snprintf(name, sizeof(name), "%.*soperator", slash != NULL ? (int)(slash - path) + 1 : 0, path);
	beside = realpath(name, NULL);
	snprintf(name, sizeof(name), "%s.operator", path);
	snprintf(draft, sizeof(draft), "%s.new", name);
	if (folder != NULL && beside != NULL && strcmp(folder, beside) == 0) {
		if (is_link(name))
			unlink(name); /* of a time when it was another's */
	} else if (folder == NULL || (unlink(draft) != 0 && errno != ENOENT) || symlink(folder, draft) != 0 ||
		rename(draft, name) != 0) {
		log_line(AQ_LOG_WARN, "control", "the link %s to %s/operator cannot be made: %s", name, state_dir, strerror(errno));
		unlink(draft);
	}
	free(folder);
	free(beside);
}

int control_open(struct host *h, struct aq_err *err)
{
	static const struct net_events events = {.opened = on_opened, .data = on_data, .closed = on_closed,
		.drained = on_drained};
	const char *path = h->options.control_socket;
	char address[600];

	if (path[0] != '\0')
		snprintf(address, sizeof(address), "unix:%s", path);
	else
		snprintf(address, sizeof(address), "unix:%s/control.sock", h->options.state_dir);
	h->control = calloc(1, sizeof(*h->control));
	CHECK(h->control != NULL);
	h->control->listener = net_listen(h->net, address, 0600, &events, h, NULL, err);
	if (h->control->listener < 0) {
		err_prefix(err, "[control] socket");
		return AQ_EINVAL;
	}
	if (h->options.control_group[0] != '\0' && share(&h->options, address + strlen("unix:"), err) != 0)
		return AQ_EINVAL; /* host_close takes the file away */
	link_operator(h->options.state_dir, address + strlen("unix:"));
	errand_open(h); /* verbs begin them */
	user_names_read();
	h->control->started_ns = host_wall_ns();
	log_line(AQ_LOG_INFO, "control", "listens on %s", address + strlen("unix:"));
	return AQ_OK;
}

void control_close(struct host *h)
{
	struct control *c = h->control;

	if (c == NULL)
		return;
	control_queries_close(h);
	for (int i = 0; i < CLIENTS; i++)
		if (c->clients[i].id != 0)
			drop(h, &c->clients[i]);
	net_close(h->net, c->listener, false);
	h->control = NULL;
	user_names_forget();
	free(c);
}
