/* info.h: `replay info`. */
#ifndef REPLAY_INFO_H
#define REPLAY_INFO_H

/* Reads the whole capture, checks it on the way, prints what it holds. Returns the exit code. */
int replay_info(const char *path);

#endif
