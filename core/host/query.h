/* query.h: a caller of the verb `store` that waits: what it has asked for, what is known of the table, how its rows are written.
 * Inside of control, for the files that begin with query.
 *
 * The schema of the table is asked for first: it says what the fields are. Then rows come page by page: they are held as they
 * come, written into `out` a few at a turn of the trading loop, so that nothing waits for it, and go to the caller piece by
 * piece. The next page is asked for when the caller has taken what there is. So neither the host nor a caller holds more than
 * a page, or one long row. */
#ifndef AQ_HOST_QUERY_H
#define AQ_HOST_QUERY_H

#include "host/control_call.h"
#include "host/control_query.h"
#include "host/query_text.h"
#include "host/store_ask.h"

#define QUERY_FIELDS 256            /* of a schema (store.h) */
#define QUERY_ROW_MAX (1u << 20)    /* bytes of a row */
#define QUERY_CELLS 256             /* that are written in a turn */
#define QUERY_PAGE (48u * 1024u)    /* bytes of a page, about; the first has less */
#define QUERY_PAGE_ROWS 4096u       /* at most */
#define QUERY_PIECE (48u * 1024u)   /* bytes of a piece of an answer, at most; a third of it is sent */
#define QUERY_LIMIT 20              /* rows of a find that does not say how many */
#define QUERY_LIMIT_TABLE RESULT_ROWS
#define QUERY_STALL_NS 30000000000ll /* a caller that takes nothing for so long is given up */
#define QUERY_PATIENCE_NS 50000000000ll /* and a store that begins nothing */

enum query_verb { QUERY_TABLES = 1, QUERY_DESCRIBE, QUERY_COUNT, QUERY_FIND, QUERY_EXPORT };

struct query_field {
	char name[64];
	uint8_t type; /* enum query_type; 0 = of a kind that is not known */
};

struct query;
/* How the rows of an answer are written. */
struct query_writer {
	void (*begin)(struct query *q); /* the schema is there */
	void (*row)(struct query *q, struct aq_bson row);
	void (*end)(struct query *q);   /* all rows have come; ends the query */
};

struct report_job;
struct query {
	struct query *next;
	struct report_job *report; /* that is made for it, or NULL */
	struct host *host;
	int64_t connection;
	struct control_request request;
	uint8_t verb; /* enum query_verb */
	bool over;    /* it has been answered, or its caller has gone */
	uint32_t store;
	const char *table; /* in the request; NULL = none */
	char filter_text[CONTROL_REQUEST_MAX + 1]; /* "" = none */
	/* the call that is under way */
	int64_t call; /* 0 = none */
	void (*on_row)(struct query *q, struct aq_bson row);
	void (*on_end)(struct query *q, const struct aq_store_end *end);
	void (*on_error)(struct query *q, const struct aq_store_error *error);
	uint32_t page;       /* rows of one; 0 = all */
	bool page_over;      /* all of it has come */
	bool ended;          /* all rows have */
	struct aq_store_end end;
	struct query_text held; /* rows that have come */
	size_t whole, read;  /* bytes of them that are no part of a row; that have been written */
	uint64_t came, came_bytes; /* rows in all */
	/* the table */
	void (*then)(struct query *q); /* what is done when its schema is known */
	struct query_field *fields;
	uint32_t field_count;
	uint16_t columns[QUERY_FIELDS]; /* fields that are shown, in their order */
	uint32_t column_count;
	uint16_t place[QUERY_FIELDS];   /* the column that the row before had there */
	/* the answer */
	const struct query_writer *writer;
	struct result result;
	struct column *titles; /* of `result` */
	struct query_text out; /* what is to be sent */
	size_t sent;           /* bytes of it that have been */
	bool streams;          /* pieces have gone */
	uint32_t unsent;       /* that the caller had not taken when somebody looked last */
	int64_t taken_ns;      /* wall clock: it has taken something */
	uint64_t rows;         /* that were written */
	uint64_t limit;        /* of them; 0 = none */
	bool more;             /* there are more than that */
	struct query_text cells;  /* of a table that is being put together: texts, each with its NUL */
	size_t at;                /* in them: what is counted next */
	char nearest[64];         /* of the tables, to the one that is not there */
};

/* ---- query.c: life ---- */

/* For the caller of `c`; NULL when too many wait, and then the result says so. */
struct query *query_begin(struct control_call *c);
/* Asks the store; rows go to on_row, its end to on_end, its error to on_error. */
void query_ask(struct query *q, struct store_ask *what);
/* The answer is q->result. Nothing more happens to it but that it is freed. */
void query_end(struct query *q);
/* The answer is that. */
void query_fail(struct query *q, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* What the store says no with. */
void query_refused(struct query *q, const struct aq_store_error *error);
const char *query_store_name(const struct query *q);

/* ---- query_rows.c ---- */

/* Writes some rows, sends what there is, asks for more, ends: what can be done in this turn. */
void query_turn(struct query *q);
extern const struct store_asker query_asker;

/* ---- query_schema.c ---- */

/* Asks for the schema of the table, then goes on with `then`. A table that is not there is told with the nearest. */
void query_describe(struct query *q, void (*then)(struct query *q));
const struct query_field *query_field(const struct query *q, const char *name, size_t length);
/* For an error: " Nearest: price. It has: n time price". */
void query_tell_fields(const struct query *q, const char *name, char *out, size_t size);
/* --fields and --sort as documents, and the columns in their order. False: it has been answered. */
bool query_projection(struct query *q, uint8_t *buffer, size_t room, struct store_part *out);
bool query_sort(struct query *q, uint8_t *buffer, size_t room, struct store_part *out);

/* ---- query_filter.c ---- */

/* FILTER as a document, its values as what the fields are. False: it has been answered. */
bool query_filter(struct query *q, uint8_t *buffer, size_t room, struct store_part *out);

/* ---- query_verbs.c: what is asked ---- */

void query_run(struct query *q);

/* ---- the writers ---- */

extern const struct query_writer query_csv_writer, query_json_writer, query_grid_writer;
/* The values of a row by column; AQ_VALUE_NONE where it has none. */
void query_values(struct query *q, struct aq_bson row, struct aq_value values[QUERY_FIELDS]);

#endif
