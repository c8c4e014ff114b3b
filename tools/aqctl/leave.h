/* leave.h: a halt for a host that does not answer: a file in its state folder, which it carries out when it turns again, or
 * when it starts next, before anything trades. */
#ifndef AQCTL_LEAVE_H
#define AQCTL_LEAVE_H

#include <stdbool.h>

/* halt, pause, close-only, flatten, resume: what may be left. `line`: a request, or its verb alone. */
bool leave_may(const char *line);
/* STATE_DIR/operator/VERB[.NAME], whose first line is why; the folder lies beside the socket, or the link SOCKET.operator
 * leads there. Takes away what was left of the same name before: the last word counts. Says on standard error what became of it. */
void leave(const char *socket_path, const char *line);

#endif
