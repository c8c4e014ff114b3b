/* lines.h: the lines of a file, compressed or not (input.h), one after the other. */
#ifndef REPLAY_LINES_H
#define REPLAY_LINES_H

#include <aioquant/abi.h>

#include <stddef.h>

#define LINES_FIRST (256u << 10)  /* the buffer at first */
#define LINES_LONGEST (16u << 20) /* a REST snapshot of a whole book is below 1 MiB */

struct lines;

/* Bytes of these files together; what is no plain file counts as 0. */
uint64_t replay_size(const char *const *paths, size_t count);
/* NULL with the reason in `err`. The path is borrowed. */
struct lines *lines_open(const char *path, struct aq_err *err);
/* The next line without its end, valid until the next call, not NUL-terminated. Returns 1, 0 at the end, or an error:
 * the file cannot be read, is damaged, ends in the middle, or has a line longer than LINES_LONGEST. */
int lines_next(struct lines *l, const char **text, size_t *length, struct aq_err *err);
/* Of the last line, from 1. */
uint64_t lines_number(const struct lines *l);
/* Bytes of the file, as it lies there, that have been read. */
uint64_t lines_offset(const struct lines *l);
/* The name of the file in an archive, once a line has been read; "" for other files. */
const char *lines_inner(const struct lines *l);
void lines_close(struct lines *l);

#endif
