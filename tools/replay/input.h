/* input.h: the bytes of a file: plain, compressed by gzip, or the one file in a zip archive. */
#ifndef REPLAY_INPUT_H
#define REPLAY_INPUT_H

#include <aioquant/abi.h>

#include <stdint.h>

struct input;

/* NULL with the reason in `err`. The path is borrowed. */
struct input *input_open(const char *path, struct aq_err *err);
/* As read(2), but -1 with the reason in `err`: it cannot be read, is damaged, or ends in the middle. `line`: behind which
 * line that is. */
int input_read(struct input *in, void *out, unsigned size, uint64_t line, struct aq_err *err);
/* The name of the file in an archive; "" for other files. */
const char *input_inner(const struct input *in);
/* Of the file as it lies there: bytes read so far. */
uint64_t input_offset(const struct input *in);
void input_close(struct input *in);

#endif
