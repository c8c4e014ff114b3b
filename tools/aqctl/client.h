/* client.h: one request to a host, and its answer. */
#ifndef AQCTL_CLIENT_H
#define AQCTL_CLIENT_H

#include <host/control_wire.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct answer {
	int code;
	char *body; /* malloc, NUL-terminated */
	size_t length;
	FILE *stream; /* the caller's: where pieces go as they come; NULL = they stand at the begin of the body */
	bool streamed; /* some have gone there */
};

/* `line` ends with a newline. Returns an exit status; unless it is CONTROL_DONE the reason has been printed and there
 * is no answer. Each piece of a long answer may take as long as the answer. What may be left for a host that does not turn (leave.h) is left after 3 s in which it answers nothing; a
 * host that answers other callers meanwhile may take its time. */
int client_ask(const char *socket_path, const char *line, int timeout_s, struct answer *out);

#endif
