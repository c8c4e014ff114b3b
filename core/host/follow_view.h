/* follow_view.h: the page of a terminal about the strategy that is followed. */
#ifndef AQ_HOST_FOLLOW_VIEW_H
#define AQ_HOST_FOLLOW_VIEW_H

#include "host/follow_screen.h"
#include "host/follow_state.h"

void view_page(const struct follow *f, struct page *p);

#endif
