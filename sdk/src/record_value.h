/* record_value.h: fields of rows, taken as record_*.c want them. Private to these. */
#ifndef AQ_RECORD_VALUE_H
#define AQ_RECORD_VALUE_H

#include <aioquant/bson.h>

/* A field that is missing or null is no fault: it stays as it was. */
static inline int32_t record_or_empty(int32_t status)
{
	return status == AQ_ENOENT || status == AQ_ENULL ? AQ_OK : status;
}

static inline int32_t record_time(struct aq_bson row, const char *name, int64_t *out)
{
	return record_or_empty(aq_value_time(aq_bson_find(row, name), out));
}

static inline int32_t record_text(struct aq_bson row, const char *name, char *out, size_t room)
{
	return record_or_empty(aq_value_copy_text(aq_bson_find(row, name), out, room));
}

static inline int32_t record_decimal(struct aq_bson row, const char *name, unsigned digits, int64_t *out)
{
	return record_or_empty(aq_value_px(aq_bson_find(row, name), digits, out));
}

#endif
