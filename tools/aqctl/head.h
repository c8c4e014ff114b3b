/* head.h: the first line of an answer. */
#ifndef AQCTL_HEAD_H
#define AQCTL_HEAD_H

#include <stdbool.h>
#include <stddef.h>

#define HEAD_BODY_MAX (64u << 20) /* more than any host sends: the length is not to be trusted blindly */

#define HEAD_PIECE (-1) /* as a code: more follows */

/* "aioquant/1 CODE LENGTH", or + for the code of a piece, `length` bytes without the newline. False when it is anything else. */
bool head_parse(const char *line, size_t length, int *code, size_t *body);

#endif
