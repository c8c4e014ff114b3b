/* find.h: which hosts are meant. */
#ifndef AQCTL_FIND_H
#define AQCTL_FIND_H

#include <stdbool.h>
#include <stddef.h>

#define SOCKETS_MAX 256

/* Paths, each once. */
struct sockets {
	char *paths[SOCKETS_MAX];
	int count;
};

/* At the end. False: there is no room for more. A socket that is there under another path is not added again. */
bool sockets_add(struct sockets *s, const char *path);
void sockets_free(struct sockets *s);

/* When nobody says which: $AQ_SOCKET, else ./state/control.sock, else the newest of /run/aioquant. The first when there
 * is none, so that there is a path to complain about. */
void find_socket(char *out, size_t size);
/* $AQ_SOCKET and all of /run/aioquant, in the order of their names. */
void find_all(struct sockets *s);
/* NAME of NAME.sock; of a control.sock the folder that it is in. */
void socket_name(const char *path, char *out, size_t size);

#endif
