/* crash.h: what a fatal signal leaves behind, and what the next start makes of it.
 *
 * The handler writes STATE_DIR/crash (who ran, where the loop stood, what was mapped) and has a child of this program turn
 * that into text: instance, callback, function, file and line, in the log and on standard error. The next start reads it:
 * an instance that crashed within reload_watch of a reload starts as it was before that; any other culprit is quarantined
 * as its on_crash says; three crashes in a minute without one start the host halted. */
#ifndef AQ_HOST_CRASH_H
#define AQ_HOST_CRASH_H

#include "host/host.h"

/* Handlers for the signals that end a process, on this thread's own stack for them. */
void crash_open(struct host *h);
void crash_close(void);
/* The same in a rehearsal, where the handler writes `file` and tells nobody: crash_locate is for that. */
void crash_open_rehearsal(const char *file);

/* `aioquantd --explain-crash FILE LOG FORMAT`: the child's part; FORMAT is an enum log_format. Returns the exit status. */
int crash_explain(const char *file, const char *log, int format);
/* `aioquantd --locate-crash FILE`: says on standard error what has crashed where, in few words. Returns the exit status. */
int crash_locate(const char *file);

/* What the last run has left: journals what follows. Before instances start. */
void crash_take(struct host *h);

#endif
