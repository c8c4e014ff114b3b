/* control_result.h: an answer: small tables of text, built once and written as text or as JSON.
 *
 * A column has a key (JSON) and a title (text). Cells are texts as a person reads them; those of a COLUMN_COUNT are
 * whole numbers and stand bare in JSON. An empty cell is `-` in text and null in JSON. */
#ifndef AQ_HOST_CONTROL_RESULT_H
#define AQ_HOST_CONTROL_RESULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RESULT_TABLES 8
#define RESULT_COLUMNS 24
#define RESULT_ROWS 500 /* of one table; what a request may cost the trading loop has a bound */
#define RESULT_REMARKS 32
#define RESULT_CELL_MAX 400
#define RESULT_BODY_MAX (320u * 1024u)
#define RESULT_PREPARED_MAX (RESULT_BODY_MAX / 2 - 4096u) /* as JSON each of its bytes may become two */

enum table_style {
	TABLE_GRID = 1, /* a line of titles, then a line a row */
	TABLE_LINE = 2, /* cells one behind the other, empty ones left out */
	TABLE_LIST = 3  /* the last cell is wrapped beside the others, or below them where they are long */
};
enum column_kind { COLUMN_TEXT = 0, COLUMN_RIGHT = 1, COLUMN_COUNT = 2 };

struct column {
	const char *key; /* NULL ends the list */
	const char *title;
	uint8_t kind; /* enum column_kind */
};

struct table {
	const char *name;
	uint8_t style; /* enum table_style */
	const struct column *columns;
	uint32_t column_count;
	uint32_t first, cells; /* in result.cells */
	uint32_t skip;         /* rows that were not asked for */
	uint32_t shown;        /* rows that had room in the body */
	uint32_t left;         /* rows that had room nowhere */
};

/* What is wrong (`!`), and what can be done next. */
struct remark {
	bool problem;
	int64_t time_ns; /* problems */
	uint32_t text;   /* in result.bytes */
};

struct result {
	const char *schema; /* the verb */
	int code;           /* enum control_code */
	bool failed;        /* nothing but an error: the first remark */
	uint32_t skip;
	struct table tables[RESULT_TABLES];
	int count;
	uint32_t *cells; /* where each begins in `bytes` */
	uint32_t cell_count, cell_capacity;
	char *bytes;
	uint32_t used, capacity;
	char *prepared; /* the answer, or NULL */
	uint32_t prepared_length;
	struct remark remarks[RESULT_REMARKS];
	int remark_count;
};

void result_init(struct result *r, const char *schema, uint32_t skip);
void result_finish(struct result *r);

void result_table(struct result *r, const char *name, enum table_style style, const struct column *columns);
/* Begins a row of the last table. False: it is not shown (skipped, or no room), and gets no cells. */
bool result_row(struct result *r);
/* The next cell; cut at RESULT_CELL_MAX. In cells and remarks what is no UTF-8, or controls a terminal, becomes `?`. */
void result_cell(struct result *r, const char *format, ...) __attribute__((format(printf, 2, 3)));
void result_problem(struct result *r, int64_t time_ns, const char *format, ...) __attribute__((format(printf, 3, 4)));
void result_hint(struct result *r, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The answer is this error alone. */
void result_fail(struct result *r, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The answer is this text of at most RESULT_PREPARED_MAX bytes; as JSON it is the member `text`. What is no UTF-8 becomes
 * `?`, and so do control characters but newlines. It is freed with the result. */
void result_prepared(struct result *r, char *text, uint32_t length);

/* Writes at most RESULT_BODY_MAX bytes to `out`, no NUL, and returns how many; rows without room are counted. Columns
 * to the right that do not fit into `width` (0 = 130) are left out. */
uint32_t result_text(struct result *r, uint32_t width, char *out);
uint32_t result_json(struct result *r, char *out);

#endif
