/* dump.h: `replay dump`. */
#ifndef REPLAY_DUMP_H
#define REPLAY_DUMP_H

/* Prints each market frame as one line of `name=value` words, numbers as decimals. Returns the exit code. */
int replay_dump(const char *path);

#endif
