/* address.h: addresses as they are written in a configuration, and the sockets for them. */
#ifndef AQ_IO_ADDRESS_H
#define AQ_IO_ADDRESS_H

#include <aioquant/abi.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <netinet/in.h>

struct address {
	union {
		struct sockaddr any;
		struct sockaddr_un local;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} socket;
	socklen_t length;
};

/* unix:PATH, tcp:1.2.3.4:80, tcp:[::1]:80, tcp:localhost:80. 0 or AQ_EINVAL. */
int address_parse(const char *text, struct address *out, struct aq_err *err);
/* A non-blocking, close-on-exec stream socket, -1 and errno. */
int address_socket(const struct address *a);
/* What an accepted one needs: no delay of small writes. */
void address_tune(const struct address *a, int fd);
/* For the path of an error message. */
const char *address_path(const struct address *a); /* NULL when it is not a Unix address */
uint16_t address_port(int fd);
/* A listening socket, or AQ_EINVAL. See net_listen for `mode` and stale files. */
int address_listen(const struct address *a, unsigned mode, struct aq_err *err);

#endif
