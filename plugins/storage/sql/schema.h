/* schema.h: what a collection holds, checked. Made from BSON, and described as BSON.
 *
 *	{fields: [{name: "price", type: "decimal", precision: 28, digits: 8, comment: "..."}, ...], comment: "..."}
 *
 * type            int64, double, decimal, text, bytes, bool, timestamp (int64 ns)
 * precision       of a decimal, 1..34, all digits; default 34
 * digits          of a decimal, 0..precision, behind the point; required
 * key             true: part of the primary key, in the order of the fields; never null
 * auto_increment  true: an int64 that the back end counts when a row does not give it; it is the whole key
 * index, unique   true: an index of this field alone; a text: fields with the same text make one index, in their order
 * size            of text (characters) and bytes, the longest that is taken; 255 by default for fields in a key or index,
 *                 else unlimited
 * comment         at most 255 bytes
 *
 * Names differ not only in the case of ASCII letters, and do not begin with $. Owned by who made it. One thread.
 */
#ifndef SQL_SCHEMA_H
#define SQL_SCHEMA_H

#include "sql/document.h"
#include "sql/quote.h"

#define SQL_FIELDS_MAX 256

enum sql_type {
	SQL_NULL = 0,
	SQL_INT64 = 1,
	SQL_DOUBLE = 2,
	SQL_DECIMAL = 3,
	SQL_TEXT = 4,
	SQL_BYTES = 5,
	SQL_BOOL = 6,
	SQL_TIME = 7
};

struct sql_field {
	char name[SQL_NAME_MAX + 1];
	uint8_t type; /* enum sql_type */
	uint8_t precision, scale;
	bool key, automatic;
	bool index_alone, unique_alone;
	uint32_t size; /* 0 = unlimited */
	char index[SQL_NAME_MAX + 1], unique[SQL_NAME_MAX + 1]; /* names of compound indexes */
	char comment[256];
};

struct sql_schema {
	struct sql_field *fields;
	uint32_t count;
	char comment[256];
};

/* `document` has passed sql_document_open. */
int sql_schema_read(const struct sql_dialect *d, const bson_t *document, struct sql_schema *out, struct sql_error *err);
void sql_schema_free(struct sql_schema *s);
/* Index of a field, -1 = none. */
int sql_schema_find(const struct sql_schema *s, const char *name);
/* Index of a field, or -1 with the error. */
int sql_schema_field(const struct sql_schema *s, const char *name, struct sql_error *err);
/* The same schemas have the same description, byte for byte. Freed by the caller. */
bson_t *sql_schema_describe(const struct sql_schema *s);
bool sql_field_indexed(const struct sql_field *f);
/* "decimal(28,8)" */
void sql_field_type(const struct sql_field *f, char out[32]);

#endif
