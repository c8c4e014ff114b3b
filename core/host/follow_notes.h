/* follow_notes.h: lines from outside, through a FIFO: what whoever has started this process has to tell who watches it. */
#ifndef AQ_HOST_FOLLOW_NOTES_H
#define AQ_HOST_FOLLOW_NOTES_H

#include <aioquant/abi.h>

struct loop;

/* Lines "VERB TEXT", each as soon as it is whole; what is longer than a page is wide comes in pieces. */
int notes_open(struct loop *loop, const char *path, void (*line)(void *context, const char *text), void *context,
	struct aq_err *err);
/* Accepts that it is not open. */
void notes_close(struct loop *loop);

#endif
