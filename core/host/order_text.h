/* order_text.h: client order ids as people read and type them: START-HOST-SEQUENCE, each in base 32 ("2cq4k1-1-3qa").
 *
 * START is the second, since 2024, at which the process began that made the id, HOST its number, SEQUENCE counts its
 * orders. The digits are 0-9 and a-z without i, l, o, u, so that no two look alike; capitals are read too. */
#ifndef AQ_HOST_ORDER_TEXT_H
#define AQ_HOST_ORDER_TEXT_H

#include <stdint.h>

#define ORDER_TEXT_SIZE 24

/* Returns `out`. */
const char *order_text(uint64_t id, char out[ORDER_TEXT_SIZE]);
/* 0 or AQ_EFORMAT. */
int order_text_parse(const char *text, uint64_t *id);

#endif
