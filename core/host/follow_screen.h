/* follow_screen.h: a page of text that is drawn again and again on the terminal of this process, and its keys. The
 * terminal gets back what it was at the end, and when the process crashes. Nothing here waits for the terminal. */
#ifndef AQ_HOST_FOLLOW_SCREEN_H
#define AQ_HOST_FOLLOW_SCREEN_H

#include "io/loop.h"

#define PAGE_LINES 24
#define PAGE_COLUMNS 80

struct page {
	char lines[PAGE_LINES][PAGE_COLUMNS + 1];
	int count;
};

/* Adds a line, cut to PAGE_COLUMNS; what is no printable ASCII becomes a question mark. */
void page_line(struct page *p, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* False, and nothing has changed: input or output is no terminal, or one that cannot do more than lines. */
bool screen_open(struct loop *loop, void (*key)(void *context, char c), void *context);
/* As much of it as the terminal has room for. A terminal that is not read misses a page. */
void screen_draw(const struct page *p);
/* Accepts that it is not open. */
void screen_close(void);

#endif
