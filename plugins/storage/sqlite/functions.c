/* functions.c: what SQLite lacks: decimals in their order, and sums that lose nothing; and what a statement may not do. */
#include "sqlite/connection.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static int compare(void *context, int a_length, const void *a, int b_length, const void *b)
{
	(void)context;
	return sql_decimal_compare(a, (size_t)a_length, b, (size_t)b_length);
}

/* aq_decimal_add(field, value, precision, scale) */
static void decimal_add(sqlite3_context *context, int count, sqlite3_value **values)
{
	const char *field = (const char *)sqlite3_value_text(values[0]), *value = (const char *)sqlite3_value_text(values[1]);
	unsigned precision = (unsigned)sqlite3_value_int(values[2]), scale = (unsigned)sqlite3_value_int(values[3]);
	char sum[SQL_DECIMAL_SIZE], fit[SQL_DECIMAL_SIZE], text[160];

	(void)count;
	if (precision > SQL_DECIMAL_DIGITS || scale > precision || value == NULL ||
		!sql_decimal_add(field != NULL ? field : "0", value, sum)) {
		sqlite3_result_error(context, "a sum is no decimal", -1);
		return;
	}
	memcpy(fit, sum, sizeof(fit));
	if (!sql_decimal_fit(fit, precision, scale)) {
		snprintf(text, sizeof(text), "the sum %s does not fit decimal(%u,%u)", sum, precision, scale);
		sqlite3_result_error(context, text, -1);
		return;
	}
	sqlite3_result_text(context, fit, -1, SQLITE_TRANSIENT);
}

static void double_add(sqlite3_context *context, int count, sqlite3_value **values)
{
	double sum = sqlite3_value_double(values[0]) + sqlite3_value_double(values[1]);

	(void)count;
	if (isfinite(sum))
		sqlite3_result_double(context, sum);
	else
		sqlite3_result_error(context, "the sum is no finite double", -1);
}

int functions_add(sqlite3 *db)
{
	int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
	int code = sqlite3_create_collation(db, "aq_decimal", SQLITE_UTF8, NULL, compare);

	if (code == SQLITE_OK)
		code = sqlite3_create_function(db, "aq_decimal_add", 4, flags, NULL, decimal_add, NULL, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_create_function(db, "aq_double_add", 2, flags, NULL, double_add, NULL, NULL);
	return code;
}

/* ---- the guard ---- */

static bool is_own(const char *table)
{
	return table != NULL && sqlite3_strnicmp(table, "aq_", 3) == 0;
}

static bool is_harmless_pragma(const char *name, const char *argument)
{
	static const char *const looks[] = {"table_info", "table_xinfo", "table_list", "index_list", "index_info",
		"index_xinfo", "integrity_check", "quick_check"};
	static const char *const reads[] = {"page_count", "page_size", "freelist_count", "user_version"};

	for (size_t i = 0; i < sizeof(looks) / sizeof(*looks); i++)
		if (sqlite3_stricmp(name, looks[i]) == 0)
			return true;
	for (size_t i = 0; argument == NULL && i < sizeof(reads) / sizeof(*reads); i++)
		if (sqlite3_stricmp(name, reads[i]) == 0)
			return true;
	return false;
}

static bool raw_may(int action, const char *first, const char *second)
{
	switch (action) {
	case SQLITE_TRANSACTION: /* they belong to the calls */
	case SQLITE_SAVEPOINT:
	case SQLITE_CREATE_TEMP_INDEX: /* would stand before tables of the same name */
	case SQLITE_CREATE_TEMP_TABLE:
	case SQLITE_CREATE_TEMP_TRIGGER:
	case SQLITE_CREATE_TEMP_VIEW:
		return false;
	case SQLITE_PRAGMA:
		return is_harmless_pragma(first, second);
	case SQLITE_INSERT:
	case SQLITE_UPDATE:
	case SQLITE_DELETE:
	case SQLITE_DROP_TABLE:
	case SQLITE_CREATE_TABLE:
		return !is_own(first);
	case SQLITE_ALTER_TABLE:
	case SQLITE_CREATE_TRIGGER:
	case SQLITE_CREATE_INDEX:
		return !is_own(second);
	default:
		return true;
	}
}

static int authorize(void *context, int action, const char *first, const char *second, const char *database,
	const char *trigger)
{
	const struct connection *c = context;

	(void)database;
	if (action == SQLITE_ATTACH) /* with an empty name it is the copy that VACUUM makes */
		return first != NULL && first[0] == '\0' ? SQLITE_OK : SQLITE_DENY;
	if (!c->raw && trigger == NULL) /* triggers and views are a caller's, whoever sets them off */
		return SQLITE_OK;
	return raw_may(action, first, second) ? SQLITE_OK : SQLITE_DENY;
}

void guard_set(struct connection *connection)
{
	sqlite3_set_authorizer(connection->db, authorize, connection);
}
