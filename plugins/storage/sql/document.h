/* document.h: BSON from outside, checked before anything else looks at it.
 *
 * A document that passed holds only types that a store knows (double, text, document, list, bytes, bool, null, int32,
 * int64, decimal128), valid UTF-8 and at most SQL_DEPTH_MAX levels. Bytes are borrowed. Any thread.
 */
#ifndef SQL_DOCUMENT_H
#define SQL_DOCUMENT_H

#include "sql/error.h"

#include <bson/bson.h>

#define SQL_DEPTH_MAX 32

/* The whole of `bytes` as one document; `what` names it in the error: "filter". */
int sql_document_open(const void *bytes, size_t length, const char *what, bson_t *out, struct sql_error *err);
/* The document that begins at *at, which is moved behind it. 1, 0 at the end, -1. */
int sql_document_next(const void *bytes, size_t length, size_t *at, bson_t *out, struct sql_error *err);
/* "double", "text", ... */
const char *sql_bson_type_name(bson_type_t type);
/* 0 or 1 for such a number or bool, -1 for anything else. */
int sql_bson_switch(const bson_iter_t *at);

#endif
