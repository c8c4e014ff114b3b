/* journal_files.h: the file functions of the running system, for journal_open. */
#ifndef AQ_HOST_JOURNAL_FILES_H
#define AQ_HOST_JOURNAL_FILES_H

#include "flow/journal.h"

/* Valid for ever; its context is NULL, so that a table that wraps it may pass any. [any] */
const struct journal_files *journal_files_system(void);

#endif
