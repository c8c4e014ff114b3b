/* find.h: which host is meant when nobody says so. */
#ifndef AQCTL_FIND_H
#define AQCTL_FIND_H

#include <stddef.h>

/* $AQ_SOCKET, else ./state/control.sock, else the newest of /run/aioquant. The first when there is none, so that there
 * is a path to complain about. */
void find_socket(char *out, size_t size);

#endif
