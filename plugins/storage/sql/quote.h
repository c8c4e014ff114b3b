/* quote.h: the only way of a caller's text into a statement: names of collections and fields, and comments.
 *
 * Everything else that a caller gives is a bound parameter. Any thread.
 */
#ifndef SQL_QUOTE_H
#define SQL_QUOTE_H

#include "sql/buffer.h"
#include "sql/error.h"

#define SQL_NAME_MAX 63 /* bytes */

/* What differs between the back ends. */
struct sql_dialect {
	char quote;                 /* of names */
	bool comments;              /* a column and a table have a COMMENT, an index stands in the table's statement */
	bool functions;             /* decimals and doubles are added by aq_decimal_add and aq_double_add */
	bool numbered;              /* rows have numbers, and a change has no ORDER BY and LIMIT of its own */
	const char *decimal_left;   /* behind a decimal column that is compared or sorted */
	bool decimal_cast;          /* a decimal that a column is compared with is cast, or it would be a double */
};
extern const struct sql_dialect sql_dialect_sqlite, sql_dialect_mariadb;

/* Whether `name` may be a name: 1 to SQL_NAME_MAX bytes of valid UTF-8 without NUL. `what` is its part in the error:
 * "collection", "field". */
int sql_name_check(const struct sql_dialect *d, const char *name, size_t length, const char *what,
	struct sql_error *err);
/* Checks, quotes and adds it. */
int sql_quote_name(const struct sql_dialect *d, struct sql_buffer *out, const char *name, size_t length,
	const char *what, struct sql_error *err);
/* A comment as a text literal; no control characters. */
int sql_quote_comment(struct sql_buffer *out, const char *text, size_t length, struct sql_error *err);

#endif
