/* user_name.h: names of this machine's users, read once: whoever asks for one later, as the trading loop does, never waits
 * for a disk, or for a directory on the network that may be dead. */
#ifndef AQ_HOST_USER_NAME_H
#define AQ_HOST_USER_NAME_H

#include <stdint.h>

/* Reads /etc/passwd, and no other source of the system's; what was read before is forgotten. Without it nobody has a name.
 * [loop] */
void user_names_read(void);
void user_names_forget(void);
/* "" for whom the file did not have when it was read. Until the names are read anew, or forgotten. [loop] */
const char *user_name(uint32_t uid);

#endif
