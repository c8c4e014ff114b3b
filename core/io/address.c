#include "io/address.h"

#include "base/err.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BACKLOG 128

static int parse_unix(const char *path, struct address *out, struct aq_err *err)
{
	size_t length = strlen(path);

	if (length == 0 || length >= sizeof(out->socket.local.sun_path))
		return err_set(err, AQ_EINVAL, "unix:%s: a path of 1 to %zu bytes is needed", path,
			sizeof(out->socket.local.sun_path) - 1);
	out->socket.local.sun_family = AF_UNIX;
	memcpy(out->socket.local.sun_path, path, length + 1);
	out->length = sizeof(out->socket.local);
	return AQ_OK;
}

/* -1 when it is not 0..65535 in decimal digits. */
static int parse_port(const char *text)
{
	int port = 0;

	if (text[0] == '\0' || strlen(text) > 5 || strspn(text, "0123456789") != strlen(text))
		return -1;
	for (const char *at = text; *at != '\0'; at++)
		port = port * 10 + (*at - '0');
	return port <= 65535 ? port : -1;
}

static int parse_tcp(const char *text, struct address *out, struct aq_err *err)
{
	const char *colon = strrchr(text, ':');
	size_t length = colon != NULL ? (size_t)(colon - text) : 0;
	int port = colon != NULL ? parse_port(colon + 1) : -1;
	char host[INET6_ADDRSTRLEN] = "";

	if (port < 0 || length == 0 || length >= sizeof(host))
		return err_set(
			err, AQ_EINVAL, "tcp:%s: write tcp:ADDRESS:PORT with a numeric address or localhost", text);
	memcpy(host, text, length);
	out->socket.v4 = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	out->length = sizeof(out->socket.v4);
	if (strcmp(host, "localhost") == 0)
		out->socket.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	else if (inet_pton(AF_INET, host, &out->socket.v4.sin_addr) != 1) {
		out->socket.v6 = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
		out->length = sizeof(out->socket.v6);
		host[length - 1] = '\0';
		if (host[0] != '[' || text[length - 1] != ']' ||
			inet_pton(AF_INET6, host + 1, &out->socket.v6.sin6_addr) != 1)
			return err_set(err, AQ_EINVAL,
				"tcp:%s: the address must be numeric or localhost, IPv6 in brackets", text);
	}
	return AQ_OK;
}

int address_parse(const char *text, struct address *out, struct aq_err *err)
{
	*out = (struct address){0};
	if (strncmp(text, "unix:", 5) == 0)
		return parse_unix(text + 5, out, err);
	if (strncmp(text, "tcp:", 4) == 0)
		return parse_tcp(text + 4, out, err);
	return err_set(err, AQ_EINVAL, "%s: write unix:PATH or tcp:ADDRESS:PORT", text);
}

void address_tune(const struct address *a, int fd)
{
	int one = 1;

	if (a->socket.any.sa_family != AF_UNIX)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
}

int address_socket(const struct address *a)
{
	int fd = socket(a->socket.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd >= 0)
		address_tune(a, fd);
	return fd;
}

const char *address_path(const struct address *a)
{
	return a->socket.any.sa_family == AF_UNIX ? a->socket.local.sun_path : NULL;
}

uint16_t address_port(int fd)
{
	struct address a = {.length = sizeof(a.socket)};

	if (getsockname(fd, &a.socket.any, &a.length) != 0)
		return 0;
	if (a.socket.any.sa_family == AF_INET6)
		return ntohs(a.socket.v6.sin6_port);
	return a.socket.any.sa_family == AF_INET ? ntohs(a.socket.v4.sin_port) : 0;
}

/* Makes room for a socket file: removes one that nobody listens on, and nothing else. */
static int clear_path(const struct address *a, struct aq_err *err)
{
	const char *path = address_path(a);
	struct stat info;
	int fd, why;

	if (lstat(path, &info) != 0)
		return AQ_OK; /* if it is not simply absent, bind says why */
	if (!S_ISSOCK(info.st_mode))
		return err_set(err, AQ_EINVAL, "%s is in the way and is not a socket", path);
	fd = address_socket(a);
	if (fd < 0)
		return err_set(err, AQ_EINVAL, "%s: %s", path, strerror(errno));
	why = connect(fd, &a->socket.any, a->length) == 0 ? 0 : errno;
	close(fd);
	if (why == ENOENT)
		return AQ_OK;
	if (why != ECONNREFUSED) /* EAGAIN: alive, its backlog is full */
		return err_set(err, AQ_EINVAL, "%s is in use by a running process", path);
	if (unlink(path) != 0 && errno != ENOENT)
		return err_set(err, AQ_EINVAL, "%s cannot be replaced: %s", path, strerror(errno));
	return AQ_OK;
}

static int bind_and_listen(int fd, const struct address *a, unsigned mode)
{
	const char *path = address_path(a);
	int one = 1;

	/* The mode of the socket narrows that of the file from its first moment; chmod adds what umask took away. */
	if (path != NULL ? fchmod(fd, mode) != 0 : setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) != 0)
		return -1;
	if (bind(fd, &a->socket.any, a->length) != 0)
		return -1;
	if (path != NULL && chmod(path, mode) != 0)
		return -1;
	return listen(fd, BACKLOG);
}

int address_listen(const struct address *a, unsigned mode, struct aq_err *err)
{
	const char *path = address_path(a);
	int fd;

	if (path != NULL && clear_path(a, err) != AQ_OK)
		return AQ_EINVAL;
	fd = address_socket(a);
	if (fd >= 0 && bind_and_listen(fd, a, mode) == 0)
		return fd;
	err_set(err, AQ_EINVAL, "cannot listen on %s: %s", path != NULL ? path : "this address", strerror(errno));
	if (fd >= 0)
		close(fd);
	return AQ_EINVAL;
}
