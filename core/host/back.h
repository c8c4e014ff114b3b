/* back.h: what an instance was before its last reload, on the disk: library, options, state. So a crash soon after a reload
 * can be undone by the next start. */
#ifndef AQ_HOST_BACK_H
#define AQ_HOST_BACK_H

#include "host/instance.h"

/* What is to be kept: `library` is the private copy, `code` the hash of the code that takes its place. */
struct back {
	const char *state_dir, *name, *library, *code;
	const struct config_section *section;
	struct blob state; /* there = false: none */
};

/* A disk that takes nothing is logged: the reload goes on without a way back over a crash. [any] */
void back_write(const struct back *b);
/* The section as it was, its library a file of its own; NULL unless `code` was what took its place. */
struct config *back_read(const char *state_dir, const char *name, const char *code);
/* The folder in which state_read finds its state. */
void back_folder(const char *state_dir, char *out, size_t size);

#endif
