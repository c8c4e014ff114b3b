/* bson_read.c: documents of anyone's bytes (aioquant/bson.h). split() alone knows how values lie; it stays within its bounds
 * whatever they say, so that a document is safe to walk even when it has not been checked. */
#include <aioquant/bson.h>

#include <little.h>
#include <string.h>
#include <utf8.h>

#define DOCUMENT_MIN 5 /* its length and its end */

/* ---- one value ---- */

/* Bytes of a value whose type says so, else -1. */
static int fixed_size(uint8_t type)
{
	switch (type) {
	case AQ_VALUE_DOUBLE:
	case AQ_VALUE_DATE:
	case AQ_VALUE_TIMESTAMP:
	case AQ_VALUE_INT64:
		return 8;
	case AQ_VALUE_INT32:
		return 4;
	case AQ_VALUE_BOOL:
		return 1;
	case AQ_VALUE_OBJECT_ID:
		return 12;
	case AQ_VALUE_DECIMAL128:
		return 16;
	case AQ_VALUE_NULL:
	case AQ_VALUE_MIN_KEY:
	case AQ_VALUE_MAX_KEY:
		return 0;
	default:
		return -1;
	}
}

/* Each of the following gives the value that begins at `at`, of which `left` bytes may be read, and returns how many of them
 * it takes with all that stands around it; 0 when it cannot be. */

static size_t split_text(const uint8_t *at, size_t left, struct aq_value *v)
{
	uint32_t length = left >= 4 ? aq_little32(at) : 0; /* its NUL included */

#ifdef AQ_PLANT
	left += 16; /* an over-read on purpose: tests/fuzz must find it */
#endif
	if (length == 0 || length > left - 4 || at[4 + length - 1] != 0)
		return 0;
	v->at = at + 4;
	v->length = length - 1;
	return 4 + (size_t)length;
}

static size_t split_bytes(const uint8_t *at, size_t left, struct aq_value *v)
{
	uint32_t length = left >= 5 ? aq_little32(at) : UINT32_MAX;

	if (left < 5 || length > left - 5 || at[4] == 2) /* 2: the old kind, with its length twice */
		return 0;
	v->at = at + 5;
	v->length = length;
	return 5 + (size_t)length;
}

static size_t split_document(const uint8_t *at, size_t left, struct aq_value *v)
{
	uint32_t length = left >= 4 ? aq_little32(at) : 0;

	if (length < DOCUMENT_MIN || length > INT32_MAX || length > left || at[length - 1] != 0)
		return 0;
	v->length = length;
	return length;
}

/* Two texts that end with NUL. */
static size_t split_regex(const uint8_t *at, size_t left, struct aq_value *v)
{
	const uint8_t *first = memchr(at, 0, left);
	size_t behind = first != NULL ? (size_t)(first - at) + 1 : left;
	const uint8_t *second = memchr(at + behind, 0, left - behind);

	if (second == NULL)
		return 0;
	v->length = (uint32_t)(second - at);
	return (size_t)v->length + 1;
}

static bool split_fixed(size_t left, struct aq_value *v, size_t *size)
{
	int fixed = fixed_size(v->type);

	if (fixed < 0 || (size_t)fixed > left)
		return false;
	v->length = (uint32_t)fixed;
	*size = (size_t)fixed;
	return true;
}

static bool split_value(const uint8_t *at, size_t left, struct aq_value *v, size_t *size)
{
	v->at = at;
	switch (v->type) {
	case AQ_VALUE_TEXT:
	case AQ_VALUE_CODE:
		*size = split_text(at, left, v);
		break;
	case AQ_VALUE_BYTES:
		*size = split_bytes(at, left, v);
		break;
	case AQ_VALUE_DOCUMENT:
	case AQ_VALUE_ARRAY:
		*size = split_document(at, left, v);
		break;
	case AQ_VALUE_REGEX:
		*size = split_regex(at, left, v);
		break;
	default:
		return split_fixed(left, v, size);
	}
	return *size > 0;
}

/* The value at `at` with its type and name; what is behind it, or NULL when there can be none. at < end. */
static const uint8_t *split(const uint8_t *at, const uint8_t *end, struct aq_value *v)
{
	const uint8_t *name = at + 1, *name_end = memchr(name, 0, (size_t)(end - name));
	size_t size;

	*v = (struct aq_value){.type = *at, .name = (const char *)name};
	if (name_end == NULL || !split_value(name_end + 1, (size_t)(end - name_end) - 1, v, &size))
		return NULL;
	return name_end + 1 + size;
}

/* ---- checks ---- */

static bool check_document(const uint8_t *at, uint32_t length, unsigned depth);

static bool check_value(const struct aq_value *v, unsigned depth)
{
	if (!aq_utf8_valid(v->name, strlen(v->name)))
		return false;
	switch (v->type) {
	case AQ_VALUE_TEXT:
	case AQ_VALUE_CODE:
	case AQ_VALUE_REGEX:
		return aq_utf8_valid(v->at, v->length);
	case AQ_VALUE_BOOL:
		return *v->at <= 1;
	case AQ_VALUE_DOCUMENT:
	case AQ_VALUE_ARRAY:
		return check_document(v->at, v->length, depth + 1);
	default:
		return true;
	}
}

/* Its length and its end have been looked at by split_document. */
static bool check_document(const uint8_t *at, uint32_t length, unsigned depth)
{
	const uint8_t *end = at + length - 1;
	struct aq_value v;

	if (depth > AQ_BSON_DEPTH)
		return false;
	for (at += 4; at < end;) {
		at = split(at, end, &v);
		if (at == NULL || !check_value(&v, depth))
			return false;
	}
	return true;
}

int32_t aq_bson_next_row(struct aq_bson_rows *rows, struct aq_bson *out)
{
	struct aq_value v = {.at = rows->at};

	*out = (struct aq_bson){0};
	if (rows->left == 0)
		return 0;
	if (split_document(rows->at, rows->left, &v) == 0 || !check_document(v.at, v.length, 1)) {
		rows->left = 0;
		return AQ_EFORMAT;
	}
	*out = (struct aq_bson){v.at, v.length};
	rows->at += v.length;
	rows->left -= v.length;
	return 1;
}

struct aq_bson_rows aq_bson_rows_of(const void *bytes, size_t length)
{
	return (struct aq_bson_rows){bytes, length};
}

int32_t aq_bson_open(const void *bytes, size_t length, struct aq_bson *out)
{
	struct aq_bson_rows rows = aq_bson_rows_of(bytes, length);

	if (aq_bson_next_row(&rows, out) == 1 && rows.left == 0)
		return AQ_OK;
	*out = (struct aq_bson){0};
	return AQ_EFORMAT;
}

/* ---- walks ---- */

struct aq_bson_fields aq_bson_fields_of(struct aq_bson doc)
{
	if (doc.length < DOCUMENT_MIN)
		return (struct aq_bson_fields){0};
	return (struct aq_bson_fields){doc.at + 4, doc.at + doc.length - 1};
}

bool aq_bson_next(struct aq_bson_fields *fields, struct aq_value *out)
{
	const uint8_t *behind = fields->at != fields->end ? split(fields->at, fields->end, out) : NULL;

	if (behind == NULL)
		*out = (struct aq_value){0};
	fields->at = behind != NULL ? behind : fields->end;
	return behind != NULL;
}

/* A name of so many bytes. */
static struct aq_value find(struct aq_bson doc, const char *name, size_t length)
{
	struct aq_bson_fields fields = aq_bson_fields_of(doc);
	struct aq_value v;

	while (aq_bson_next(&fields, &v))
		if (strncmp(v.name, name, length) == 0 && v.name[length] == '\0')
			return v;
	return v;
}

struct aq_value aq_bson_find(struct aq_bson doc, const char *name)
{
	return find(doc, name, strlen(name));
}

struct aq_value aq_bson_find_path(struct aq_bson doc, const char *path)
{
	size_t length = strcspn(path, ".");
	struct aq_value v = find(doc, path, length);

	while (path[length] == '.') {
		path += length + 1;
		length = strcspn(path, ".");
		if (aq_value_document(v, &doc) != AQ_OK)
			return (struct aq_value){0};
		v = find(doc, path, length);
	}
	return v;
}
