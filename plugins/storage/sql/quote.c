/* quote.c: see quote.h. */
#include "sql/quote.h"

#include <bson/bson.h>
#include <string.h>

const struct sql_dialect sql_dialect_sqlite = {.quote = '"', .functions = true, .numbered = true,
	.decimal_left = " COLLATE aq_decimal"};
const struct sql_dialect sql_dialect_mariadb = {.quote = '`', .comments = true, .decimal_left = "",
	.decimal_cast = true};

/* MariaDB's names are in three-byte UTF-8, and do not end with a blank. */
static int mariadb_check(const char *name, size_t length, const char *what, struct sql_error *err)
{
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)name[i] >= 0xf0)
			return sql_fail(err, AQ_STORE_REFUSED, "the name of a %s has no characters beyond U+FFFF here: %s",
				what, name);
	if (name[length - 1] == ' ' || (name[length - 1] >= '\t' && name[length - 1] <= '\r'))
		return sql_fail(err, AQ_STORE_REFUSED, "the name of a %s does not end with a blank here: %s", what, name);
	return 0;
}

int sql_name_check(const struct sql_dialect *d, const char *name, size_t length, const char *what,
	struct sql_error *err)
{
	if (length == 0)
		return sql_fail(err, AQ_STORE_REFUSED, "the name of a %s is empty", what);
	if (memchr(name, '\0', length) != NULL)
		return sql_fail(err, AQ_STORE_REFUSED, "the name of a %s holds a NUL", what);
	if (length > SQL_NAME_MAX)
		return sql_fail(err, AQ_STORE_REFUSED, "the name of a %s has %zu bytes, at most %d are taken", what, length,
			SQL_NAME_MAX);
	if (!bson_utf8_validate(name, length, false))
		return sql_fail(err, AQ_STORE_REFUSED, "the name of a %s is no valid UTF-8", what);
	return d->quote == '`' ? mariadb_check(name, length, what, err) : 0;
}

/* Every `twice` is doubled. */
static void add_doubled(struct sql_buffer *out, const char *text, size_t length, char twice, char also)
{
	for (size_t i = 0; i < length; i++) {
		if (text[i] == twice || text[i] == also)
			sql_buffer_add(out, &text[i], 1);
		sql_buffer_add(out, &text[i], 1);
	}
}

int sql_quote_name(const struct sql_dialect *d, struct sql_buffer *out, const char *name, size_t length,
	const char *what, struct sql_error *err)
{
	if (sql_name_check(d, name, length, what, err) != 0)
		return -1;
	sql_buffer_add(out, &d->quote, 1);
	add_doubled(out, name, length, d->quote, d->quote);
	sql_buffer_add(out, &d->quote, 1);
	return 0;
}

/* A backslash is doubled too: where the server takes it for an escape it comes out once, where not, twice; in neither does
 * the literal end early. */
int sql_quote_comment(struct sql_buffer *out, const char *text, size_t length, struct sql_error *err)
{
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)text[i] < ' ')
			return sql_fail(err, AQ_STORE_REFUSED, "a comment holds a control character");
	if (!bson_utf8_validate(text, length, false))
		return sql_fail(err, AQ_STORE_REFUSED, "a comment is no valid UTF-8");
	sql_buffer_put(out, "'");
	add_doubled(out, text, length, '\'', '\\');
	sql_buffer_put(out, "'");
	return 0;
}
