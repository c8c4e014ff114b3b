/* lint.h: what speaks against a plugin's file, found without running any of it. Two grades: what is refused could not be
 * loaded, or would harm the host; what is warned about loads, and works less well than its author thinks. Each finding
 * says what it is and what to do. [any] */
#ifndef AQ_HOST_LINT_H
#define AQ_HOST_LINT_H

#include <aioquant/abi.h>
#include <stdbool.h>
#include <stdio.h>

#define LINT_FINDINGS 32

struct lint_finding {
	bool refused;
	char what[320];   /* reads on from the file's name */
	char remedy[560];
};

struct lint {
	int count;
	struct lint_finding findings[LINT_FINDINGS]; /* refused ones first */
};

/* Reads a file and judges it. */
void lint_file(const char *path, struct lint *out);
/* Who else may write a plugin's file decides what this process runs. One that its group or others may write is refused, and
 * so is one in a folder that they may write, unless that is sticky. */
void lint_owner(const char *path, struct lint *out);
bool lint_refused(const struct lint *l);
/* The first finding of a refusal as an error about the file `name`; AQ_OK without one. */
int lint_error(const struct lint *l, const char *name, struct aq_err *err);
/* "NAME: refused: WHAT: REMEDY" a line; with `strict` warnings are called so, too. */
void lint_print(const struct lint *l, const char *name, bool strict, FILE *out);

#endif
