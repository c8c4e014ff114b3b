/* query_text.c: bytes being put together; CSV and JSON of values. */
#include "host/query_text.h"

#include "base/check.h"

#include <stdlib.h>
#include <stdio.h>
#include <string.h>

void text_put(struct query_text *t, const void *bytes, size_t length)
{
	if (length > t->capacity - t->used) {
		t->capacity = 2 * (t->used + length) + 256;
		t->at = realloc(t->at, t->capacity);
		CHECK(t->at != NULL);
	}
	if (length > 0)
		memcpy(t->at + t->used, bytes, length);
	t->used += length;
}

void text_add(struct query_text *t, const char *text)
{
	text_put(t, text, strlen(text));
}

void text_char(struct query_text *t, char c)
{
	text_put(t, &c, 1);
}

void text_free(struct query_text *t)
{
	free(t->at);
	*t = (struct query_text){0};
}

void query_hex(struct query_text *t, const void *bytes, size_t length)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *at = bytes;

	for (size_t i = 0; i < length; i++) {
		text_char(t, digits[at[i] >> 4]);
		text_char(t, digits[at[i] & 15]);
	}
}

/* ---- JSON ---- */

static void escape(struct query_text *t, char c)
{
	char out[8];

	if (c == '"' || c == '\\')
		snprintf(out, sizeof(out), "\\%c", c);
	else if (c == '\n')
		snprintf(out, sizeof(out), "\\n");
	else
		snprintf(out, sizeof(out), "\\u%04x", (unsigned char)c);
	text_add(t, out);
}

void query_json_text(struct query_text *t, const char *text, size_t length)
{
	size_t from = 0;

	text_char(t, '"');
	for (size_t at = 0; at < length; at++) {
		if ((unsigned char)text[at] >= 0x20 && text[at] != '"' && text[at] != '\\' && text[at] != 0x7f)
			continue;
		text_put(t, text + from, at - from);
		escape(t, text[at]);
		from = at + 1;
	}
	text_put(t, text + from, length - from);
	text_char(t, '"');
}

static void json_document(struct query_text *t, struct aq_value v)
{
	bool is_array = v.type == AQ_VALUE_ARRAY, any = false;
	struct aq_bson_fields fields;
	struct aq_bson doc = {0};
	struct aq_value inner;

	aq_value_document(v, &doc);
	fields = aq_bson_fields_of(doc);
	text_char(t, is_array ? '[' : '{');
	for (; aq_bson_next(&fields, &inner); any = true) {
		if (any)
			text_char(t, ',');
		if (!is_array) {
			query_json_text(t, inner.name, strlen(inner.name));
			text_char(t, ':');
		}
		query_json(t, inner, 0);
	}
	text_char(t, is_array ? ']' : '}');
}

static bool is_bare(struct aq_value v, uint8_t type, const char *text)
{
	if (v.type == AQ_VALUE_BOOL)
		return true;
	if (v.type == AQ_VALUE_DOUBLE)
		return strchr("NI", text[text[0] == '-']) == NULL;
	return (v.type == AQ_VALUE_INT64 || v.type == AQ_VALUE_INT32) && type != QUERY_TIME;
}

void query_json(struct query_text *t, struct aq_value v, uint8_t type)
{
	char number[QUERY_NUMBER_SIZE];
	const void *bytes;
	const char *text;
	uint32_t length;

	if (v.type == AQ_VALUE_DOCUMENT || v.type == AQ_VALUE_ARRAY) {
		json_document(t, v);
	} else if (aq_value_text(v, &text, &length) == AQ_OK) {
		query_json_text(t, text, length);
	} else if (aq_value_bytes(v, &bytes, &length) == AQ_OK) {
		text_char(t, '"');
		query_hex(t, bytes, length);
		text_char(t, '"');
	} else if (!query_plain_text(v, type, number)) {
		text_add(t, "null");
	} else if (is_bare(v, type, number)) {
		text_add(t, number);
	} else {
		query_json_text(t, number, strlen(number));
	}
}

/* ---- CSV ---- */

/* In quotes where it must be, and where it is empty: what is null is empty without them. */
void query_csv_text(struct query_text *t, const char *text, size_t length)
{
	bool quotes = length == 0;

	for (size_t i = 0; i < length && !quotes; i++)
		quotes = text[i] == ',' || text[i] == '"' || text[i] == '\n' || text[i] == '\r';
	if (!quotes) {
		text_put(t, text, length);
		return;
	}
	text_char(t, '"');
	for (size_t at = 0; at < length;) {
		const char *quote = memchr(text + at, '"', length - at);
		size_t part = quote != NULL ? (size_t)(quote - text) - at + 1 : length - at;

		text_put(t, text + at, part);
		if (quote != NULL)
			text_char(t, '"');
		at += part;
	}
	text_char(t, '"');
}

void query_csv(struct query_text *t, struct aq_value v, uint8_t type)
{
	struct query_text json = {0};
	char number[QUERY_NUMBER_SIZE];
	const void *bytes;
	const char *text;
	uint32_t length;

	if (aq_value_text(v, &text, &length) == AQ_OK) {
		query_csv_text(t, text, length);
	} else if (aq_value_bytes(v, &bytes, &length) == AQ_OK) {
		query_hex(t, bytes, length);
		if (length == 0)
			text_add(t, "\"\"");
	} else if (query_plain_text(v, type, number)) {
		text_add(t, number);
	} else if (v.type == AQ_VALUE_DOCUMENT || v.type == AQ_VALUE_ARRAY) {
		query_json(&json, v, type);
		query_csv_text(t, json.at, json.used);
		text_free(&json);
	}
}
