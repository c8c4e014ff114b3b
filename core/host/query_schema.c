/* query_schema.c: the fields of a table, and those that a caller names. */
#include "host/query.h"

#include "base/check.h"
#include "host/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- a table that is not there ---- */

static void note_nearest(struct query *q, struct aq_bson row)
{
	char name[sizeof(q->nearest)];

	if (aq_value_copy_text(aq_bson_find(row, "name"), name, sizeof(name)) == AQ_OK &&
		config_nearer(q->table, q->nearest[0] != '\0' ? q->nearest : NULL, name) == name)
		memcpy(q->nearest, name, sizeof(name));
}

static void tell_missing(struct query *q, const struct aq_store_end *end)
{
	char nearest[CONFIG_NEAREST_SIZE];

	query_fail(q, CONTROL_FAILED, "store %s has no table %.64s.%s aqctl store %s tables lists them",
		query_store_name(q), q->table, config_nearest(q->nearest, nearest), query_store_name(q));
}

static void not_described(struct query *q, const struct aq_store_error *error)
{
	q->on_error = query_refused;
	if (error->fault != AQ_STORE_UNKNOWN) {
		query_refused(q, error);
		return;
	}
	q->on_row = note_nearest;
	q->on_end = tell_missing;
	query_ask(q, &(struct store_ask){.op = AQ_STORE_LIST});
}

/* ---- its schema ---- */

static void take_field(struct query *q, struct aq_bson about)
{
	struct query_field *f = &q->fields[q->field_count];
	char type[16];

	if (q->field_count == QUERY_FIELDS ||
		aq_value_copy_text(aq_bson_find(about, "name"), f->name, sizeof(f->name)) != AQ_OK)
		return;
	f->type =
		aq_value_copy_text(aq_bson_find(about, "type"), type, sizeof(type)) == AQ_OK ? query_type_of(type) : 0;
	q->field_count++;
}

static void take_schema(struct query *q, struct aq_bson row)
{
	struct aq_bson list = {0}, about;
	struct aq_bson_fields fields;
	struct aq_value v;

	if (aq_value_document(aq_bson_find(row, "fields"), &list) != AQ_OK)
		return;
	fields = aq_bson_fields_of(list);
	while (aq_bson_next(&fields, &v))
		if (aq_value_document(v, &about) == AQ_OK)
			take_field(q, about);
}

static void described(struct query *q, const struct aq_store_end *end)
{
	q->on_error = query_refused;
	q->then(q);
}

void query_describe(struct query *q, void (*then)(struct query *q))
{
	q->fields = calloc(QUERY_FIELDS, sizeof(*q->fields));
	CHECK(q->fields != NULL);
	q->then = then;
	q->on_row = take_schema;
	q->on_end = described;
	q->on_error = not_described;
	query_ask(q, &(struct store_ask){.op = AQ_STORE_DESCRIBE, .collection = q->table});
}

/* ---- fields by name ---- */

const struct query_field *query_field(const struct query *q, const char *name, size_t length)
{
	for (uint32_t i = 0; i < q->field_count; i++)
		if (strlen(q->fields[i].name) == length && memcmp(q->fields[i].name, name, length) == 0)
			return &q->fields[i];
	return NULL;
}

void query_tell_fields(const struct query *q, const char *name, char *out, size_t size)
{
	char text[CONFIG_NEAREST_SIZE];
	const char *nearest = NULL;
	size_t used;

	for (uint32_t i = 0; i < q->field_count; i++)
		nearest = config_nearer(name, nearest, q->fields[i].name);
	used = (size_t)snprintf(out, size, "%s It has:", config_nearest(nearest, text));
	for (uint32_t i = 0; i < q->field_count && used + 70 < size; i++)
		used += (size_t)snprintf(out + used, size - used, " %s", q->fields[i].name);
}

/* A field of the list `flag`; NULL: it has been answered. */
static const struct query_field *known(struct query *q, const char *flag, const char *name, size_t length)
{
	const struct query_field *f = query_field(q, name, length);
	char copy[65], about[240];

	if (f != NULL)
		return f;
	snprintf(copy, sizeof(copy), "%.*s", (int)(length < 64 ? length : 64), name);
	query_tell_fields(q, copy, about, sizeof(about));
	query_fail(q, CONTROL_FAILED, "%s: %.64s has no field '%s'.%s", flag, q->table, copy, about);
	return NULL;
}

/* ---- --fields and --sort ---- */

static bool is_shown(const struct query *q, uint16_t field)
{
	for (uint32_t i = 0; i < q->column_count; i++)
		if (q->columns[i] == field)
			return true;
	return false;
}

/* The next item of a list; *at is NULL behind the last. */
static const char *item(const char **at, size_t *length)
{
	const char *begin = *at;

	*length = strcspn(begin, ",");
	*at = begin[*length] == ',' ? begin + *length + 1 : NULL;
	return begin;
}

bool query_projection(struct query *q, uint8_t *buffer, size_t room, struct store_part *out)
{
	const char *at = q->request.fields;
	struct aq_doc d;

	for (uint16_t i = 0; at == NULL && i < q->field_count; i++)
		q->columns[q->column_count++] = i;
	if (at == NULL)
		return true;
	aq_doc_begin(&d, buffer, room);
	while (at != NULL) {
		size_t length;
		const char *name = item(&at, &length);
		const struct query_field *f = known(q, "--fields", name, length);

		if (f == NULL)
			return false;
		if (is_shown(q, (uint16_t)(f - q->fields)))
			continue;
		q->columns[q->column_count++] = (uint16_t)(f - q->fields);
		aq_doc_int32(&d, f->name, 1);
	}
	*out = (struct store_part){.bytes = buffer, .length = (size_t)aq_doc_end(&d)};
	return true;
}

bool query_sort(struct query *q, uint8_t *buffer, size_t room, struct store_part *out)
{
	const char *at = q->request.sort;
	struct aq_doc d;

	if (at == NULL)
		return true;
	aq_doc_begin(&d, buffer, room);
	while (at != NULL) {
		size_t length;
		const char *name = item(&at, &length);
		bool down = length > 0 && name[0] == '-' && query_field(q, name, length) == NULL;
		const struct query_field *f = known(q, "--sort", name + down, length - down);

		if (f == NULL)
			return false;
		aq_doc_int32(&d, f->name, down ? -1 : 1);
	}
	*out = (struct store_part){.bytes = buffer, .length = (size_t)aq_doc_end(&d)};
	return true;
}
