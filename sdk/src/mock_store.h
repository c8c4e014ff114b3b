/* mock_store.h: the stores of the host in memory, for mock.c. */
#ifndef AQ_MOCK_STORE_H
#define AQ_MOCK_STORE_H

#include "mock.h"

extern const struct aq_store_api aq_mock_store_api;
void aq_mock_store_free(struct aq_mock *k);

#endif
