/* state.h: the state folder: its lock, the instances' saved states. */
#ifndef AQ_HOST_STATE_H
#define AQ_HOST_STATE_H

#include "host/instance.h"

/* Makes the folder and its parts (journal, saved, plugins, operator, back), locks it, and removes the copies
 * of libraries that an earlier process has left. Returns the lock's descriptor or a negative status:
 * another process uses it, no permission, no plugin could be loaded from it. */
int state_open(const char *folder, struct aq_err *err);
/* The copies of the plugins are loaded from there: an error when it is on a file system that forbids it. AQ_OK for one that
 * is not there yet. */
int state_check(const char *folder, struct aq_err *err);
/* Writes a saved state; replaced as a whole, checksummed. */
int state_write(const char *folder, const char *instance, const struct blob *blob);
void state_remove(const char *folder, const char *instance);
/* AQ_ENOENT when there is none, AQ_EFORMAT when it is damaged. */
int state_read(const char *folder, const char *instance, struct blob *out);

#endif
