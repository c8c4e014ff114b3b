/* mock_service.h: what services have of the host in memory, for mock.c. */
#ifndef AQ_MOCK_SERVICE_H
#define AQ_MOCK_SERVICE_H

#include "mock.h"

extern const struct aq_view_api aq_mock_view_api;
extern const struct aq_journal_api aq_mock_journal_api;
extern const struct aq_spool_api aq_mock_spool_api;
/* Queues the next record that somebody wants; false: there is none. */
bool aq_mock_service_tell(struct aq_mock *k);
void aq_mock_service_free(struct aq_mock *k);

#endif
