/* view.h: what the host shows to services: tables, and names for ids. [loop] */
#ifndef AQ_HOST_VIEW_H
#define AQ_HOST_VIEW_H

#include <aioquant/service.h>

struct host;

/* As struct aq_view_api and struct aq_journal_api have them. */
int64_t view_rows(struct host *h, uint32_t table, uint32_t first, void *out, uint32_t row_size, uint32_t rows);
int64_t view_name(struct host *h, uint32_t kind, uint64_t id, char *out, uint32_t size);

#endif
