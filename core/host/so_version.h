/* so_version.h: versions of symbols that a library takes, such as GLIBC_2.34. [any] */
#ifndef AQ_HOST_SO_VERSION_H
#define AQ_HOST_SO_VERSION_H

#include "host/so_file.h"

/* The version in which the import of this index is wanted; NULL when any will do. */
const char *so_version(const struct so_file *e, uint64_t index);

#endif
