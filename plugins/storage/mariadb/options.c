/* options.c: see options.h. */
#include "mariadb/options.h"

#include <stdlib.h>
#include <string.h>

#define PORT 3306u

/* Digits alone, without a sign or a blank. */
static const char *read_number(const char *at, unsigned long *out)
{
	char *end;

	if (*at < '0' || *at > '9')
		return NULL;
	*out = strtoul(at, &end, 10);
	return end;
}

/* [::1]:3306, host:3306, host */
static const char *read_host(const char *address, struct session_options *out)
{
	bool bracket = address[0] == '[';
	const char *from = address + bracket, *end = strpbrk(from, bracket ? "]" : ":"), *rest;
	size_t length = end != NULL ? (size_t)(end - from) : strlen(from);
	unsigned long port = PORT;

	if (length == 0 || length >= sizeof(out->host) || (bracket && end == NULL))
		return "address is neither HOST:PORT nor the path of a socket";
	memcpy(out->host, from, length);
	out->host[length] = '\0';
	rest = from + length + bracket;
	if (*rest == ':')
		rest = read_number(rest + 1, &port);
	if (rest == NULL || *rest != '\0' || port == 0 || port > 65535)
		return "the port of address is no number from 1 to 65535";
	out->port = (uint16_t)port;
	return NULL;
}

static const char *read_address(const char *address, struct session_options *out)
{
	if (address[0] != '/')
		return read_host(address, out);
	if (strlen(address) >= sizeof(out->path))
		return "address is too long for a socket";
	memcpy(out->path, address, strlen(address) + 1);
	return NULL;
}

/* 2..8, or 4 */
static const char *read_pool(const char *text, unsigned *least, unsigned *most)
{
	static const char wrong[] = "pool is written LEAST..MOST, both from 2 to 8";
	unsigned long from, to;
	const char *at = read_number(text, &from);

	if (at == NULL)
		return wrong;
	to = from;
	if (strncmp(at, "..", 2) == 0)
		at = read_number(at + 2, &to);
	if (at == NULL || *at != '\0' || from < 2 || to > SESSIONS_MAX || from > to)
		return wrong;
	*least = (unsigned)from;
	*most = (unsigned)to;
	return NULL;
}

const char *options_read(const struct store *s, struct session_options *connect, unsigned *pool_min, unsigned *pool_max)
{
	const char *wrong;

	*connect = (struct session_options){.database = s->database, .user = s->user, .password = s->password,
		.tls_ca = s->tls_ca, .tls = s->tls, .connect_timeout = s->connect_timeout, .call_timeout = s->call_timeout,
		.largest = s->max_call};
	wrong = read_address(s->address, connect);
	if (wrong == NULL)
		wrong = read_pool(s->pool, pool_min, pool_max);
	if (wrong == NULL && (s->database[0] == '\0' || s->user[0] == '\0'))
		wrong = "database and user are not empty";
	if (wrong == NULL && s->tls_ca[0] != '\0' && s->tls == TLS_OFF)
		wrong = "tls_ca is given and tls is off";
	return wrong;
}
