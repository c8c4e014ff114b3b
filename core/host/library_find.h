/* library_find.h: where the dynamic linker would find a library that a file needs. [any] */
#ifndef AQ_HOST_LIBRARY_FIND_H
#define AQ_HOST_LIBRARY_FIND_H

#include "host/so_file.h"

/* The file of `name`, which `needed_by` names, opened and indexed. False when there is none for this machine. Folders that
 * begin with $ORIGIN are left out: the host loads a copy, which lies elsewhere. */
bool library_find(const struct so_file *needed_by, const char *name, struct so_file *out);

#endif
