/* zip.h: the one file in a zip archive, read from its front to its end, as it comes: the archive's size does not matter. */
#ifndef REPLAY_ZIP_H
#define REPLAY_ZIP_H

#include <stddef.h>
#include <stdint.h>

struct zip;

/* True for the first bytes of an archive. */
int zip_is(const unsigned char *begin, size_t length);
/* Takes the descriptor, which stands at the begin of the archive. NULL: out of memory; the descriptor is closed. */
struct zip *zip_open(int fd);
/* As read(2), but -1 with zip_problem. */
int zip_read(struct zip *z, void *out, unsigned size);
/* What is wrong with it, for people; NULL = it cannot be read, see errno. */
const char *zip_problem(const struct zip *z);
/* The name of the file in it, once something of it has been read; "" before. */
const char *zip_name(const struct zip *z);
/* Bytes of the archive that have been read. */
uint64_t zip_offset(const struct zip *z);
void zip_close(struct zip *z);

#endif
