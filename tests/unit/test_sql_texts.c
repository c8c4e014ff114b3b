/* Schemas, filters and updates become statements: the texts of both dialects, the parameters, and the words with which all
 * else is refused. */
#include "sql_help.h"

#define FIELDS "{\"fields\":[{\"name\":\"a\",\"type\":\"int64\",\"key\":true},{\"name\":\"s\",\"type\":\"text\"}," \
	"{\"name\":\"p\",\"type\":\"decimal\",\"precision\":4,\"digits\":2},{\"name\":\"f\",\"type\":\"double\"}," \
	"{\"name\":\"b\",\"type\":\"bool\"},{\"name\":\"t\",\"type\":\"timestamp\"},{\"name\":\"y\",\"type\":\"bytes\"}]}"

/* ---- names ---- */

static void names(void **state)
{
	static const struct {
		const char *name;
		size_t length;
		const char *sqlite, *mariadb; /* NULL: refused */
	} cases[] = {{"a", 1, "\"a\"", "`a`"}, {"a b", 3, "\"a b\"", "`a b`"}, {"a\"b`c", 5, "\"a\"\"b`c\"", "`a\"b``c`"},
		{"x; DROP TABLE y --", 18, "\"x; DROP TABLE y --\"", "`x; DROP TABLE y --`"}, {"\\", 1, "\"\\\"", "`\\`"},
		{"", 0, NULL, NULL}, {"a\0b", 3, NULL, NULL}, {"\xff", 1, NULL, NULL}, {"\xc0\xaf", 2, NULL, NULL},
		{"\xf0\x9f\x98\x80", 4, "\"\xf0\x9f\x98\x80\"", NULL}, {"a ", 2, "\"a \"", NULL},
		{"0123456789012345678901234567890123456789012345678901234567890123", 64, NULL, NULL}};
	struct sql_buffer out = {0};
	struct sql_error err;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		for (int d = 0; d < 2; d++) {
			const char *wanted = d ? cases[i].mariadb : cases[i].sqlite;

			sql_buffer_clear(&out);
			assert_int_equal(sql_quote_name(d ? &sql_dialect_mariadb : &sql_dialect_sqlite, &out, cases[i].name,
				cases[i].length, "field", &err), wanted != NULL ? 0 : -1);
			if (wanted != NULL)
				assert_string_equal(out.at, wanted);
			else
				assert_non_null(strstr(err.text, "the name of a field"));
		}
	sql_buffer_clear(&out);
	assert_int_equal(sql_quote_comment(&out, "it's \\'; --", 11, &err), 0);
	assert_string_equal(out.at, "'it''s \\\\''; --'");
	assert_int_equal(sql_quote_comment(&out, "a\nb", 3, &err), -1);
	assert_int_equal(sql_quote_comment(&out, "a\0b", 3, &err), -1);
	sql_buffer_free(&out);
}

/* ---- schemas ---- */

static int add_statement(void *context, const char *statement, struct sql_error *err)
{
	(void)err;
	sql_buffer_put(context, "; ");
	sql_buffer_put(context, statement);
	return 0;
}

static void assert_created(const struct sql_dialect *d, const char *schema, const char *wanted)
{
	struct sql_schema s = schema_of(schema);
	struct sql_buffer out = {0};
	struct sql_error err;

	assert_int_equal(sql_create_table(d, "t", &s, &out, &err), 0);
	assert_int_equal(sql_create_indexes(d, "t", &s, add_statement, &out, &err), 0);
	assert_string_equal(out.at, wanted);
	sql_buffer_free(&out);
	sql_schema_free(&s);
}

static void tables(void **state)
{
	static const char *const counted = "{\"fields\":[{\"name\":\"id\",\"type\":\"int64\",\"auto_increment\":true,\"comment\":"
		"\"it's\"},{\"name\":\"s\",\"type\":\"text\",\"index\":true},{\"name\":\"y\",\"type\":\"bytes\"}],\"comment\":\"all\"}";
	static const char *const keyed = "{\"fields\":[{\"name\":\"s\",\"type\":\"text\",\"key\":true,\"size\":20},{\"name\":\"p\","
		"\"type\":\"decimal\",\"precision\":28,\"digits\":8,\"key\":true},{\"name\":\"x\",\"type\":\"timestamp\",\"index\":\"g\"},"
		"{\"name\":\"q\",\"type\":\"decimal\",\"digits\":2,\"index\":\"g\",\"unique\":true}]}";

	(void)state;
	assert_created(&sql_dialect_sqlite, counted, "CREATE TABLE \"t\" (\"id\" INTEGER PRIMARY KEY AUTOINCREMENT, \"s\" TEXT, "
		"\"y\" BLOB) STRICT; CREATE INDEX \"aq_af63e94c860202a3_1i\" ON \"t\" (\"s\")");
	assert_created(&sql_dialect_mariadb, counted, "CREATE TABLE `t` (`id` BIGINT NOT NULL AUTO_INCREMENT COMMENT 'it''s', "
		"`s` VARCHAR(255) NULL, `y` LONGBLOB NULL, PRIMARY KEY (`id`), INDEX `aq_af63e94c860202a3_1i` (`s`)) ENGINE=InnoDB "
		"DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT 'all'");
	assert_created(&sql_dialect_sqlite, keyed, "CREATE TABLE \"t\" (\"s\" TEXT NOT NULL, \"p\" TEXT NOT NULL, \"x\" INTEGER, "
		"\"q\" TEXT, PRIMARY KEY (\"s\", \"p\" COLLATE aq_decimal)) STRICT; CREATE INDEX \"aq_af63e94c860202a3_2ic\" ON \"t\" "
		"(\"x\", \"q\" COLLATE aq_decimal); CREATE UNIQUE INDEX \"aq_af63e94c860202a3_3u\" ON \"t\" (\"q\" COLLATE aq_decimal)");
	assert_created(&sql_dialect_mariadb, keyed, "CREATE TABLE `t` (`s` VARCHAR(20) NOT NULL, `p` DECIMAL(28,8) NOT NULL, "
		"`x` BIGINT NULL, `q` DECIMAL(34,2) NULL, PRIMARY KEY (`s`, `p`), INDEX `aq_af63e94c860202a3_2ic` (`x`, `q`), "
		"UNIQUE INDEX `aq_af63e94c860202a3_3u` (`q`)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin");
}

static void descriptions_come_back(void **state)
{
	struct sql_schema one = schema_of(FIELDS), two;
	bson_t *first = sql_schema_describe(&one), *second;
	struct sql_error err;

	(void)state;
	assert_int_equal(sql_schema_read(&sql_dialect_sqlite, first, &two, &err), 0);
	second = sql_schema_describe(&two);
	assert_true(bson_equal(first, second));
	bson_destroy(first);
	bson_destroy(second);
	sql_schema_free(&one);
	sql_schema_free(&two);
}

static void schemas_that_are_refused(void **state)
{
	static const char *const cases[][2] = {{"{}", "no fields"}, {"{\"fields\":[]}", "no fields"},
		{"{\"fields\":5}", "one list"}, {"{\"fields\":[5]}", "a field is a document"}, {"{\"x\":1}", "x is unknown"},
		{"{\"fields\":[{\"type\":\"int64\"}]}", "no name"}, {"{\"fields\":[{\"name\":\"\",\"type\":\"int64\"}]}", "empty"},
		{"{\"fields\":[{\"name\":5,\"type\":\"int64\"}]}", "empty"}, {"{\"fields\":[{\"name\":\"a\"}]}", "field a has no type"},
		{"{\"fields\":[{\"name\":\"a\",\"type\":\"float\"}]}", "type of field a is none of"},
		{"{\"fields\":[{\"name\":\"a\",\"type\":\"int64\",\"size\":5}]}", "field a has a size"},
		{"{\"fields\":[{\"name\":\"a\",\"type\":\"int64\",\"digits\":5}]}", "field a has digits"},
		{"{\"fields\":[{\"name\":\"a\",\"type\":\"decimal\"}]}", "field a needs digits"},
		{"{\"fields\":[{\"name\":\"a\",\"type\":\"decimal\",\"precision\":35,\"digits\":5}]}", "from 1 to 34"},
		{"{\"fields\":[{\"name\":\"a\",\"type\":\"decimal\",\"precision\":4,\"digits\":5}]}", "more digits than precision"},
		{"{\"fields\":[{\"name\":\"a\",\"type\":\"text\",\"auto_increment\":true}]}", "no int64"},
		{"{\"fields\":[{\"name\":\"a\",\"type\":\"int64\",\"foo\":1}]}", "foo of field a is unknown"},
		{"{\"fields\":[{\"name\":\"a\",\"type\":\"int64\",\"key\":\"yes\"}]}", "key of field a is true or false"},
		{"{\"fields\":[{\"name\":\"$a\",\"type\":\"int64\"}]}", "does not begin with $"},
		{"{\"fields\":[{\"name\":\"a\",\"type\":\"int64\"},{\"name\":\"A\",\"type\":\"int64\"}]}", "field A is there twice"},
		{"{\"fields\":[{\"name\":\"a\",\"type\":\"int64\",\"auto_increment\":true},{\"name\":\"b\",\"type\":\"int64\",\"key\":true}]}",
			"the whole key"},
		{"{\"fields\":[{\"name\":\"a\",\"type\":\"int64\",\"comment\":\"x\\ny\"}]}", "control character"},
		{"{\"fields\":[{\"name\":\"a\",\"type\":\"int64\",\"index\":\"\"}]}", "the name of a index is empty"}};
	struct sql_schema s;
	struct sql_error err;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_int_equal(read_schema(&sql_dialect_sqlite, cases[i][0], &s, &err), -1);
		if (strstr(err.text, cases[i][1]) == NULL)
			fail_msg("%s: %s", cases[i][0], err.text);
	}
}

/* ---- filters ---- */

/* The condition, or the error. */
static const char *condition(const struct sql_dialect *d, const char *text)
{
	static char out[4096];
	struct sql_schema s = schema_of(FIELDS);
	bson_t *filter = json(text);
	struct sql_buffer buffer = {0};
	struct sql_params params = {0};
	struct sql_error err;

	if (sql_filter(d, &s, filter, &buffer, &params, &err) == 0)
		snprintf(out, sizeof(out), "%s", shown(&buffer, &params));
	else
		snprintf(out, sizeof(out), "%s", err.text);
	sql_params_free(&params);
	sql_buffer_free(&buffer);
	bson_destroy(filter);
	sql_schema_free(&s);
	return out;
}

static void filters(void **state)
{
	static const char *const cases[][2] = {
		{"{}", "1=1"}, {"{\"a\":5}", "\"a\" = ? | 5"}, {"{\"a\":null}", "\"a\" IS NULL"},
		{"{\"a\":{\"$ne\":5}}", "(\"a\" <> ? OR \"a\" IS NULL) | 5"}, {"{\"a\":{\"$ne\":null}}", "\"a\" IS NOT NULL"},
		{"{\"a\":{\"$gt\":1,\"$lte\":9}}", "(\"a\" > ? AND \"a\" <= ?) | 1, 9"},
		{"{\"a\":{\"$not\":{\"$gt\":1,\"$lte\":9}}}", "((\"a\" <= ? OR \"a\" IS NULL) OR (\"a\" > ? OR \"a\" IS NULL)) | 1, 9"},
		{"{\"a\":{\"$not\":{\"$not\":{\"$gt\":1}}}}", "\"a\" > ? | 1"}, {"{\"a\":{\"$not\":{\"$eq\":5}}}",
			"(\"a\" <> ? OR \"a\" IS NULL) | 5"},
		{"{\"a\":{\"$in\":[1,2]}}", "(\"a\" IN (?, ?)) | 1, 2"},
		{"{\"a\":{\"$in\":[1,null]}}", "(\"a\" IN (?) OR \"a\" IS NULL) | 1"}, {"{\"a\":{\"$in\":[]}}", "1=0"},
		{"{\"a\":{\"$in\":[null]}}", "\"a\" IS NULL"}, {"{\"a\":{\"$nin\":[]}}", "1=1"},
		{"{\"a\":{\"$nin\":[1]}}", "(\"a\" NOT IN (?) OR \"a\" IS NULL) | 1"},
		{"{\"a\":{\"$nin\":[1,null]}}", "(\"a\" NOT IN (?)) | 1"}, {"{\"a\":{\"$nin\":[null]}}", "\"a\" IS NOT NULL"},
		{"{\"a\":{\"$exists\":true}}", "\"a\" IS NOT NULL"}, {"{\"a\":{\"$exists\":0}}", "\"a\" IS NULL"},
		{"{\"a\":1,\"s\":\"x\"}", "(\"a\" = ? AND \"s\" = ?) | 1, 'x'"},
		{"{\"$or\":[{\"a\":1},{\"s\":\"x\",\"b\":true}]}", "(\"a\" = ? OR (\"s\" = ? AND \"b\" = ?)) | 1, 'x', 1"},
		{"{\"$and\":[]}", "1=1"}, {"{\"$or\":[]}", "1=0"}, {"{\"$or\":[{}]}", "1=1"},
		{"{\"p\":{\"$gte\":\"1.50000\"}}", "\"p\" COLLATE aq_decimal >= ? | 1.5"},
		{"{\"p\":{\"$in\":[1,{\"$numberDecimal\":\"2.345\"}]}}", "(\"p\" COLLATE aq_decimal IN (?, ?)) | 1, 2.345"},
		{"{\"f\":2}", "\"f\" = ? | 2f"}, {"{\"t\":17}", "\"t\" = ? | 17"},
		/* refused */
		{"{\"z\":1}", "there is no field z"}, {"{\"$nor\":[]}", "the filter: there is no operator $nor"},
		{"{\"a\":{\"$regex\":\"x\",\"$options\":\"\"}}", "the filter holds"}, {"{\"a\":{\"$foo\":1}}",
			"field a: there is no operator $foo"},
		{"{\"a\":{\"b\":1}}", "field a: there is no operator b"}, {"{\"a\":{}}", "field a is compared with an empty document"},
		{"{\"a\":[1]}", "field a takes no list"}, {"{\"a\":\"1\"}", "field a is int64: it takes no text"},
		{"{\"a\":1.5}", "field a is int64: it takes no double"}, {"{\"p\":1.5}", "field p is decimal(4,2): it takes no double"},
		{"{\"b\":1}", "field b is bool: it takes no int64"}, {"{\"s\":5}", "field s is text: it takes no int64"},
		{"{\"a\":{\"$gt\":null}}", "$gt of field a takes no null"}, {"{\"a\":{\"$in\":5}}", "$in of field a takes a list"},
		{"{\"a\":{\"$not\":5}}", "$not of field a takes operators"}, {"{\"a\":{\"$exists\":\"x\"}}",
			"$exists of field a takes true or false"},
		{"{\"$and\":{\"a\":1}}", "$and takes a list of filters"}, {"{\"$or\":[1]}", "$or takes a list of filters"},
		{"{\"p\":\"x1\"}", "x1 does not fit decimal(4,2) of field p"}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		if (strstr(cases[i][1], "the filter holds") == NULL) /* that is for sql_document_open */
			assert_string_equal(condition(&sql_dialect_sqlite, cases[i][0]), cases[i][1]);
	assert_string_equal(condition(&sql_dialect_mariadb, "{\"p\":{\"$gt\":1},\"a\":2}"),
		"(`p` > CAST(? AS DECIMAL(65,3)) AND `a` = ?) | 1, 2");
}

static void filters_are_bounded(void **state)
{
	char text[64 * 300] = "{\"$and\":[";
	size_t length = strlen(text);

	(void)state;
	for (int i = 0; i < 260; i++)
		length += (size_t)sprintf(text + length, "%s{\"a\":%d}", i ? "," : "", i);
	strcpy(text + length, "]}");
	assert_non_null(strstr(condition(&sql_dialect_sqlite, text), "more than 256 conditions"));
}

/* ---- updates ---- */

static const char *change(const char *text)
{
	static char out[4096];
	struct sql_schema s = schema_of(FIELDS);
	bson_t *update = json(text);
	struct sql_buffer buffer = {0};
	struct sql_params params = {0};
	struct sql_error err;

	if (sql_update_set(&sql_dialect_sqlite, &s, update, &buffer, &params, &err) == 0)
		snprintf(out, sizeof(out), "%s", shown(&buffer, &params));
	else
		snprintf(out, sizeof(out), "%s", err.text);
	sql_params_free(&params);
	sql_buffer_free(&buffer);
	bson_destroy(update);
	sql_schema_free(&s);
	return out;
}

static void updates(void **state)
{
	static const char *const cases[][2] = {
		{"{\"$set\":{\"a\":1,\"p\":\"1.5\"}}", " SET \"a\" = ?, \"p\" = ? | 1, 1.50"},
		{"{\"$inc\":{\"a\":1,\"p\":2,\"f\":0.5}}", " SET \"a\" = COALESCE(\"a\", 0) + ?, \"p\" = aq_decimal_add(\"p\", ?, 4, 2), "
			"\"f\" = aq_double_add(\"f\", ?) | 1, 2.00, 0.5f"},
		{"{\"$unset\":{\"s\":\"\"}}", " SET \"s\" = ? | null"},
		{"{\"$min\":{\"p\":1}}", " SET \"p\" = CASE WHEN \"p\" COLLATE aq_decimal <= ? THEN \"p\" ELSE ? END | 1.00, 1.00"},
		{"{\"$setOnInsert\":{\"a\":1}}", " SET \"a\" = \"a\""},
		{"{}", "the update is empty"}, {"{\"a\":1}", "an update has $set, $inc, $unset, $min, $max, $setOnInsert; not a"},
		{"{\"$set\":5}", "$set takes a document of fields"}, {"{\"$set\":{\"z\":1}}", "there is no field z"},
		{"{\"$set\":{\"f\":1},\"$inc\":{\"f\":1}}", "field f is changed twice"},
		{"{\"$inc\":{\"s\":\"1\"}}", "field s cannot be counted up"}, {"{\"$inc\":{\"f\":null}}", "$inc of field f takes no null"},
		{"{\"$unset\":{\"a\":1}}", "field a is part of the key and cannot lose its value"},
		{"{\"$set\":{\"p\":\"123.456\"}}", "123.456 does not fit decimal(4,2) of field p"}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_string_equal(change(cases[i][0]), cases[i][1]);
}

/* ---- statements ---- */

/* `change` outlives the parameters, which borrow from it. */
typedef int build(const struct sql_query *q, const bson_t *change, struct sql_buffer *out, struct sql_params *params,
	struct sql_error *err);

static int build_select(const struct sql_query *q, const bson_t *change, struct sql_buffer *out, struct sql_params *params,
	struct sql_error *err)
{
	struct sql_columns c;

	return sql_projection(q->s, q->projection, &c, err) != 0 ? -1 : sql_select(q, "", &c, out, params, err);
}

static int build_distinct(const struct sql_query *q, const bson_t *change, struct sql_buffer *out, struct sql_params *params,
	struct sql_error *err)
{
	struct sql_columns c;

	return sql_projection(q->s, q->projection, &c, err) != 0 ? -1 : sql_distinct(q, &c, out, params, err);
}

static int build_update(const struct sql_query *q, const bson_t *change, struct sql_buffer *out, struct sql_params *params,
	struct sql_error *err)
{
	return sql_update(q, change, out, params, err);
}

static int build_replace(const struct sql_query *q, const bson_t *change, struct sql_buffer *out, struct sql_params *params,
	struct sql_error *err)
{
	struct sql_row row;
	int status = sql_row_new(q->s, &row, err) != 0 || sql_row_read(q->s, change, &row, err) != 0 ? -1
		: sql_replace(q, &row, out, params, err);

	sql_row_free(&row);
	return status;
}

static int build_delete(const struct sql_query *q, const bson_t *change, struct sql_buffer *out, struct sql_params *params,
	struct sql_error *err)
{
	return sql_delete(q, out, params, err);
}

struct built {
	build *build;
	const char *filter, *projection, *sort;
	uint64_t skip, limit;
	const char *sqlite, *mariadb; /* NULL = the same error */
};

static const bson_t *part(const char *text, bson_t **out)
{
	*out = text != NULL ? json(text) : NULL;
	return *out;
}

/* The statement, or the error. */
static const char *statement(const struct built *b, const struct sql_dialect *d, const char *schema)
{
	static char out[4096];
	bson_t *documents[3], *change = json(b->build == build_replace ? "{\"s\":\"x\"}" : "{\"$set\":{\"a\":1}}");
	struct sql_schema s = schema_of(schema);
	struct sql_query q = {.d = d, .collection = "t", .s = &s, .filter = part(b->filter, &documents[0]),
		.projection = part(b->projection, &documents[1]), .sort = part(b->sort, &documents[2]), .skip = b->skip,
		.limit = b->limit};
	struct sql_buffer text = {0};
	struct sql_params params = {0};
	struct sql_error err;
	int status = b->build(&q, change, &text, &params, &err);

	snprintf(out, sizeof(out), "%s", status == 0 ? shown(&text, &params) : err.text);
	sql_params_free(&params);
	sql_buffer_free(&text);
	for (int i = 0; i < 3; i++)
		bson_destroy(documents[i]);
	bson_destroy(change);
	sql_schema_free(&s);
	return out;
}

#define COUNTED "{\"fields\":[{\"name\":\"a\",\"type\":\"int64\",\"auto_increment\":true},{\"name\":\"s\",\"type\":\"text\"}," \
	"{\"name\":\"p\",\"type\":\"decimal\",\"precision\":4,\"digits\":2}]}"

static void statements(void **state)
{
	static const struct built cases[] = {
		{.build = build_select, .projection = "{\"a\":1}", .limit = 5, .sqlite = "SELECT \"a\" FROM \"t\" LIMIT ? | 5",
			.mariadb = "SELECT `a` FROM `t` LIMIT ? | 5"},
		{.build = build_select, .projection = "{\"a\":1}", .skip = 3,
			.sqlite = "SELECT \"a\" FROM \"t\" LIMIT ? OFFSET ? | 9223372036854775807, 3",
			.mariadb = "SELECT `a` FROM `t` LIMIT ? OFFSET ? | 9223372036854775807, 3"},
		{.build = build_distinct, .filter = "{\"s\":\"x\"}", .projection = "{\"p\":1}", .skip = 1, .limit = 2,
			.sqlite = "SELECT DISTINCT \"p\" FROM \"t\" WHERE \"s\" = ? ORDER BY \"p\" COLLATE aq_decimal LIMIT ? "
			"OFFSET ? | 'x', 2, 1",
			.mariadb = "SELECT DISTINCT `p` FROM `t` WHERE `s` = ? ORDER BY `p` LIMIT ? OFFSET ? | 'x', 2, 1"},
		{.build = build_distinct, .projection = "{\"s\":1}", .sqlite = "SELECT DISTINCT \"s\" FROM \"t\" ORDER BY \"s\"",
			.mariadb = "SELECT DISTINCT `s` FROM `t` ORDER BY `s`"},
		{.build = build_distinct, .sqlite = "distinct needs a projection of one field"},
		{.build = build_distinct, .projection = "{\"s\":1,\"a\":1}",
			.sqlite = "distinct needs a projection of one field"},
		{.build = build_delete, .filter = "{\"s\":\"x\"}", .sqlite = "DELETE FROM \"t\" WHERE \"s\" = ? | 'x'",
			.mariadb = "DELETE FROM `t` WHERE `s` = ? | 'x'"},
		{.build = build_delete, .filter = "{\"s\":\"x\"}", .sort = "{\"p\":-1}", .limit = 10,
			.sqlite = "DELETE FROM \"t\" WHERE rowid IN (SELECT rowid FROM \"t\" WHERE \"s\" = ? ORDER BY \"p\" "
			"COLLATE aq_decimal DESC LIMIT ?) | 'x', 10",
			.mariadb = "DELETE FROM `t` WHERE `s` = ? ORDER BY `p` DESC LIMIT ? | 'x', 10"},
		{.build = build_delete, .limit = 10, .sqlite = "the filter is missing; {} is all rows"},
		{.build = build_delete, .filter = "{}", .sort = "{\"z\":1}", .sqlite = "there is no field z"},
		{.build = build_update, .filter = "{}", .limit = 2,
			.sqlite = "UPDATE \"t\" SET \"a\" = ? WHERE rowid IN (SELECT rowid FROM \"t\" WHERE 1=1 LIMIT ?) | 1, 2",
			.mariadb = "UPDATE `t` SET `a` = ? WHERE 1=1 LIMIT ? | 1, 2"},
		{.build = build_replace, .filter = "{\"a\":7}",
			.sqlite = "UPDATE \"t\" SET \"a\" = \"a\", \"s\" = ?, \"p\" = ? WHERE rowid IN (SELECT rowid FROM \"t\" "
			"WHERE \"a\" = ? LIMIT ?) | 'x', null, 7, 1",
			.mariadb = "UPDATE `t` SET `a` = `a`, `s` = ?, `p` = ? WHERE `a` = ? LIMIT ? | 'x', null, 7, 1"}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_string_equal(statement(&cases[i], &sql_dialect_sqlite, COUNTED), cases[i].sqlite);
		assert_string_equal(statement(&cases[i], &sql_dialect_mariadb, COUNTED),
			cases[i].mariadb != NULL ? cases[i].mariadb : cases[i].sqlite);
	}
}

/* A row's number goes by a name that no field has. */
static void numbers_of_rows(void **state)
{
	static const struct built first = {.build = build_delete, .filter = "{}", .limit = 1};

	(void)state;
	assert_string_equal(statement(&first, &sql_dialect_sqlite, "{\"fields\":[{\"name\":\"ROWID\",\"type\":\"int64\"}]}"),
		"DELETE FROM \"t\" WHERE _rowid_ IN (SELECT _rowid_ FROM \"t\" WHERE 1=1 LIMIT ?) | 1");
	assert_non_null(strstr(statement(&first, &sql_dialect_sqlite, "{\"fields\":[{\"name\":\"rowid\",\"type\":\"int64\"},"
		"{\"name\":\"_ROWID_\",\"type\":\"int64\"},{\"name\":\"oid\",\"type\":\"int64\"}]}"), "needs one of the names"));
}

/* ---- documents ---- */

static void deep(unsigned levels, struct sql_buffer *out)
{
	uint32_t length = 5 + levels * 8;

	for (unsigned i = 0; i < levels; i++, length -= 8) {
		sql_buffer_add(out, &length, 4);
		sql_buffer_add(out, "\x03" "a\0", 3);
	}
	sql_buffer_add(out, "\x05\0\0\0\0", 5);
	for (unsigned i = 0; i < levels; i++)
		sql_buffer_add(out, "\0", 1);
}

static void documents_are_checked(void **state)
{
	struct sql_buffer out = {0};
	struct sql_error err;
	bson_t document;

	(void)state;
	deep(SQL_DEPTH_MAX - 1, &out);
	assert_int_equal(sql_document_open(out.at, out.length, "filter", &document, &err), 0);
	sql_buffer_clear(&out);
	deep(200000, &out);
	assert_int_equal(sql_document_open(out.at, out.length, "filter", &document, &err), -1);
	assert_string_equal(err.text, "the filter is deeper than 32 levels");
	assert_int_equal(sql_document_open("", 0, "filter", &document, &err), -1);
	assert_int_equal(sql_document_open("\x0c\0\0\0\x02" "a\0\x01\0\0\0\0", 12, "filter", &document, &err), -1);
	assert_int_equal(sql_document_open("\x10\0\0\0\x09t\0\0\0\0\0\0\0\0\0\0", 16, "row", &document, &err), -1);
	assert_string_equal(err.text, "the row holds t of BSON type 0x09, which no store takes: a time is an int64 in ns");
	sql_buffer_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(names), cmocka_unit_test(tables),
		cmocka_unit_test(descriptions_come_back), cmocka_unit_test(schemas_that_are_refused), cmocka_unit_test(filters),
		cmocka_unit_test(filters_are_bounded), cmocka_unit_test(updates),
		cmocka_unit_test(statements), cmocka_unit_test(numbers_of_rows), cmocka_unit_test(documents_are_checked)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
