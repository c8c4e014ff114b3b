#include "host/control_result.h"

#include "base/check.h"
#include "base/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void result_init(struct result *r, const char *schema, uint32_t skip)
{
	memset(r, 0, sizeof(*r));
	r->schema = schema;
	r->skip = skip;
}

void result_finish(struct result *r)
{
	free(r->cells);
	free(r->bytes);
	free(r->prepared);
	r->cells = NULL;
	r->prepared = NULL;
	r->bytes = NULL;
}

/* A venue's words may hold anything: no control character and no broken UTF-8 reaches a terminal. */
__attribute__((format(printf, 2, 0))) static uint32_t keep(struct result *r, const char *format, va_list args)
{
	uint32_t at = r->used;
	int length;

	if (r->capacity - r->used < RESULT_CELL_MAX + 1) {
		r->capacity = 2 * (r->capacity + RESULT_CELL_MAX + 1);
		r->bytes = realloc(r->bytes, r->capacity);
		CHECK(r->bytes != NULL);
	}
	length = vsnprintf(r->bytes + at, RESULT_CELL_MAX + 1, format, args);
	utf8_clean(r->bytes + at, strlen(r->bytes + at), false);
	r->used += (uint32_t)(length < 0 ? 0 : length > RESULT_CELL_MAX ? RESULT_CELL_MAX : length) + 1;
	return at;
}

/* Whoever fills a table gives every row all of its cells. */
static void check_whole(const struct result *r)
{
	CHECK(r->count == 0 || r->tables[r->count - 1].cells % r->tables[r->count - 1].column_count == 0);
}

void result_table(struct result *r, const char *name, enum table_style style, const struct column *columns)
{
	struct table *t = &r->tables[r->count];

	CHECK(r->count < RESULT_TABLES);
	check_whole(r);
	*t = (struct table){.name = name, .style = (uint8_t)style, .columns = columns, .first = r->cell_count};
	while (columns[t->column_count].key != NULL)
		t->column_count++;
	CHECK(t->column_count > 0 && t->column_count <= RESULT_COLUMNS);
	r->count++;
}

bool result_row(struct result *r)
{
	struct table *t = &r->tables[r->count - 1];

	check_whole(r);
	if (t->style != TABLE_LINE && t->skip < r->skip) {
		t->skip++;
		return false;
	}
	if (t->cells / t->column_count < RESULT_ROWS)
		return true;
	t->left++;
	return false;
}

void result_cell(struct result *r, const char *format, ...)
{
	va_list args;

	if (r->cell_count == r->cell_capacity) {
		r->cell_capacity = r->cell_capacity == 0 ? 64 : 2 * r->cell_capacity;
		r->cells = realloc(r->cells, r->cell_capacity * sizeof(*r->cells));
		CHECK(r->cells != NULL);
	}
	va_start(args, format);
	r->cells[r->cell_count++] = keep(r, format, args);
	va_end(args);
	r->tables[r->count - 1].cells++;
}

__attribute__((format(printf, 4, 0))) static void remark(
	struct result *r, bool problem, int64_t time_ns, const char *format, va_list args)
{
	if (r->remark_count == RESULT_REMARKS)
		return;
	r->remarks[r->remark_count++] =
		(struct remark){.problem = problem, .time_ns = time_ns, .text = keep(r, format, args)};
}

void result_problem(struct result *r, int64_t time_ns, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	remark(r, true, time_ns, format, args);
	va_end(args);
}

void result_hint(struct result *r, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	remark(r, false, 0, format, args);
	va_end(args);
}

void result_prepared(struct result *r, char *text, uint32_t length)
{
	CHECK(length <= RESULT_PREPARED_MAX);
	utf8_clean(text, length, true);
	r->prepared = text;
	r->prepared_length = length;
}

void result_fail(struct result *r, int code, const char *format, ...)
{
	va_list args;

	r->code = code;
	r->failed = true;
	r->count = 0;
	r->remark_count = 0;
	va_start(args, format);
	remark(r, false, 0, format, args);
	va_end(args);
}
