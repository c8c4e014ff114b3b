/* row.c: see row.h. */
#include "sql/row.h"

#include <stdlib.h>
#include <string.h>

int sql_row_new(const struct sql_schema *s, struct sql_row *out, struct sql_error *err)
{
	*out = (struct sql_row){.count = s->count};
	out->values = calloc(s->count, sizeof(*out->values));
	out->given = calloc(s->count, sizeof(*out->given));
	if (out->values != NULL && out->given != NULL)
		return 0;
	sql_row_free(out);
	return sql_no_memory(err);
}

void sql_row_free(struct sql_row *r)
{
	free(r->values);
	free(r->given);
	*r = (struct sql_row){0};
}

void sql_row_clear(struct sql_row *r)
{
	for (uint32_t i = 0; i < r->count; i++) {
		r->values[i].type = SQL_NULL;
		r->given[i] = false;
	}
}

int sql_row_check_keys(const struct sql_schema *s, const struct sql_row *r, struct sql_error *err)
{
	for (uint32_t i = 0; i < s->count; i++)
		if (s->fields[i].key && !s->fields[i].automatic && r->values[i].type == SQL_NULL)
			return sql_fail(err, AQ_STORE_REFUSED, "field %s is part of the key and has no value", s->fields[i].name);
	return 0;
}

int sql_row_read(const struct sql_schema *s, const bson_t *document, struct sql_row *out, struct sql_error *err)
{
	bson_iter_t at;
	uint32_t next = 0; /* documents mostly have the order of the schema */

	sql_row_clear(out);
	bson_iter_init(&at, document);
	while (bson_iter_next(&at)) {
		const char *name = bson_iter_key(&at);
		int field = next < s->count && strcmp(s->fields[next].name, name) == 0 ? (int)next
			: sql_schema_field(s, name, err);

		if (field < 0)
			return -1;
		if (out->given[field])
			return sql_fail(err, AQ_STORE_REFUSED, "field %s is given twice", name);
		if (sql_value_take(&at, &s->fields[field], SQL_STORE, &out->values[field], err) != 0)
			return -1;
		out->given[field] = true;
		next = (uint32_t)field + 1;
	}
	return sql_row_check_keys(s, out, err);
}
