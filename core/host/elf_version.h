/* elf_version.h: versions of symbols that a library takes, such as GLIBC_2.34. [any] */
#ifndef AQ_HOST_ELF_VERSION_H
#define AQ_HOST_ELF_VERSION_H

#include "host/elf_file.h"

/* The version in which the import of this index is wanted; NULL when any will do. */
const char *elf_version(const struct elf_file *e, uint64_t index);

#endif
