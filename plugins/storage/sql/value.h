/* value.h: one value on its way between a caller and a back end.
 *
 * Texts and bytes are borrowed from where they were read. Any thread.
 */
#ifndef SQL_VALUE_H
#define SQL_VALUE_H

#include "sql/decimal_text.h"
#include "sql/schema.h"

struct sql_value {
	uint8_t type; /* enum sql_type; SQL_NULL = no value */
	union {
		int64_t integer; /* INT64, TIME in ns, BOOL 0 or 1 */
		double real;     /* finite */
		struct {
			const void *at;
			uint32_t length;
		} bytes;         /* TEXT, BYTES */
		char decimal[SQL_DECIMAL_SIZE];
	};
};

/* Values for the places of a statement, in their order. Zeroed is empty. */
struct sql_params {
	struct sql_value *at; /* owned */
	uint32_t count, size;
};

/* What a value is for: a row stores it, or a row is compared with it. A decimal to compare with may have more digits than
 * the field. */
enum sql_use { SQL_STORE = 1, SQL_COMPARE = 2 };

/* The value at an element, by its own type. `field` names it in the error. */
int sql_value_read(const bson_iter_t *at, const char *field, struct sql_value *out, struct sql_error *err);
/* A finite decimal of at most SQL_DECIMAL_DIGITS digits on either side of the point. */
int sql_value_decimal(const bson_decimal128_t *number, const char *field, struct sql_value *out, struct sql_error *err);
/* Makes it what the field holds, without loss, or says why not. NULL stays NULL. A decimal to store gets the field's
 * digits. */
int sql_value_fit(const struct sql_field *f, enum sql_use use, struct sql_value *v, struct sql_error *err);
/* Both. */
int sql_value_take(const bson_iter_t *at, const struct sql_field *f, enum sql_use use, struct sql_value *out,
	struct sql_error *err);
/* As the schema's type: int64, double, decimal128, text, bytes, bool, int64 ns. False when it does not fit a document. */
bool sql_value_append(bson_t *to, const char *name, const struct sql_value *v);

int sql_params_add(struct sql_params *p, const struct sql_value *v, struct sql_error *err);
void sql_params_free(struct sql_params *p);

#endif
