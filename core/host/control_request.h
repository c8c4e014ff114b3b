/* control_request.h: one line of text as a verb with arguments and flags. */
#ifndef AQ_HOST_CONTROL_REQUEST_H
#define AQ_HOST_CONTROL_REQUEST_H

#include "host/control_wire.h"

#include <aioquant/abi.h>
#include <stdbool.h>

#define CONTROL_WORDS_MAX 64

struct control_request {
	char text[CONTROL_REQUEST_MAX + 1];   /* cut into words */
	const char *words[CONTROL_WORDS_MAX]; /* [0]: the verb */
	int count;
	bool json, plan, fresh, reset, save;
	uint32_t width; /* columns of the terminal; 0 = any */
	uint32_t skip;  /* rows of a long table that the caller has seen */
	bool csv, rows; /* how an answer is shown that takes them */
	uint32_t limit; /* rows at most; 0 = not said */
	const char *fields, *sort, *month, *by; /* as they were given; NULL = not said */
	const char *rest; /* what stands behind --, with its blanks; NULL = nothing does */
};

/* The words of a copy point into the copy. */
void control_request_copy(struct control_request *to, const struct control_request *from);
/* `line` without its newline. 0, or AQ_EFORMAT with what is wrong; `json` is set even then if it was asked for. */
int control_request_parse(struct control_request *r, const char *line, size_t length, struct aq_err *err);

#endif
