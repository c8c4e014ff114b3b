/* back.h: what an instance was before its last reload, on the disk: library, options, state. So a crash soon after a reload
 * can be undone by the next start, and by every start after that: until the configuration brings other code or other
 * options, or a reload names the instance. */
#ifndef AQ_HOST_BACK_H
#define AQ_HOST_BACK_H

#include "host/instance.h"

/* What is to be kept: `library` is the private copy, `code` the hash of the code that takes its place. */
struct back {
	const char *state_dir, *name, *library, *code;
	const struct config_section *section; /* before */
	const struct config_section *next;    /* that takes its place */
	struct blob state; /* there = false: none */
};

/* A disk that takes nothing is logged: the reload goes on without a way back over a crash. [any] */
void back_write(const struct back *b);
/* It has crashed: from now on what took its place is barred, and what it had saved before is what it starts with. False
 * unless `code` was what took its place. */
bool back_bar(const char *state_dir, const char *name, const char *code);
/* The section as it was, its library a file of its own; NULL unless this code with this section is barred. [any] */
struct config *back_read(const char *state_dir, const struct config_section *section, const char *code);

#endif
