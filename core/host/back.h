/* back.h: what an instance was before its last reload, on the disk: library, options, state. So a crash soon after a reload
 * can be undone by the next start, and by every start after that: until the configuration brings other code or other
 * options, or a reload names the instance. */
#ifndef AQ_HOST_BACK_H
#define AQ_HOST_BACK_H

#include "host/instance.h"

/* What is to be kept: `library` is the private copy, `code` the hash of the code that takes its place as this generation. */
struct back {
	const char *state_dir, *name, *library, *code;
	uint32_t generation;
	const struct config_section *section; /* before */
	const struct config_section *next;    /* that takes its place */
	struct blob state; /* there = false: none */
};

/* A disk that takes nothing is logged: the reload goes on without a way back over a crash. [any] */
void back_write(const struct back *b);
/* It has crashed: from now on what took its place is barred, and what it had saved before is what it starts with. False
 * unless this code was what took its place, as this generation. */
bool back_bar(const char *state_dir, const char *name, const char *code, uint32_t generation);
/* The section as it was, its library a file of its own; NULL unless this code with this section is barred. What operators have
 * set makes no difference. [any] */
struct config *back_read(const char *state_dir, const struct config_section *section, const char *code);
/* A reload by name has brought it again. [any] */
void back_lift(const char *state_dir, const char *name);

#endif
