/* log.h: one line a message, to stderr or a file: time, level, origin, text. Never a key or a signature. */
#ifndef AQ_BASE_LOG_H
#define AQ_BASE_LOG_H

#include <aioquant/abi.h>

/* Lines below `level` are not written. `path` NULL = stderr. Returns -1 and errno when it cannot be opened. [start] */
int log_open(const char *path, int level);
/* `origin`: an instance or a part of the host. [any] */
void log_line(int level, const char *origin, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* The file has been moved away: opens it anew. [loop] */
void log_reopen(void);

#endif
