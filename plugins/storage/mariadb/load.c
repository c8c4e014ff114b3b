/* load.c: see load.h.
 *
 * LOAD DATA LOCAL takes what is wrong in a row for a warning, and leaves out rows whose key is there. So it counts only when
 * all rows went in without any; else everything is taken back. */
#include "mariadb/load.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define PIECE 65536u /* of the file, made at a time */

/* The file; what has been read is in front of `from`. */
struct file {
	struct rows_in *in;
	struct sql_buffer bytes;
	size_t from;
	bool ended, failed;
	struct sql_error why;
};

/* ---- its text ---- */

static void add_escaped(struct sql_buffer *out, const char *text, size_t length)
{
	size_t from = 0;

	for (size_t i = 0; i < length; i++) {
		char escaped[2] = {'\\', text[i]};

		if (text[i] != '\0' && text[i] != '\\' && text[i] != '\t' && text[i] != '\n')
			continue;
		escaped[1] = text[i] == '\0' ? '0' : text[i] == '\t' ? 't' : text[i] == '\n' ? 'n' : '\\';
		sql_buffer_add(out, text + from, i - from);
		sql_buffer_add(out, escaped, sizeof(escaped));
		from = i + 1;
	}
	sql_buffer_add(out, text + from, length - from);
}

static void add_value(struct sql_buffer *out, const struct sql_value *v)
{
	char number[40];

	switch (v->type) {
	case SQL_NULL:
		sql_buffer_put(out, "\\N");
		break;
	case SQL_DOUBLE:
		snprintf(number, sizeof(number), "%.17g", v->real);
		sql_buffer_put(out, number);
		break;
	case SQL_DECIMAL:
		sql_buffer_put(out, v->decimal);
		break;
	case SQL_TEXT:
	case SQL_BYTES:
		add_escaped(out, v->bytes.at, v->bytes.length);
		break;
	default:
		snprintf(number, sizeof(number), "%" PRId64, v->integer);
		sql_buffer_put(out, number);
		break;
	}
}

/* The columns of the frame, in its order. */
static void add_row(struct file *f)
{
	const struct rows_in *in = f->in;

	for (uint32_t i = 0; i < in->frame.count; i++) {
		sql_buffer_put(&f->bytes, i == 0 ? "" : "\t");
		add_value(&f->bytes, &in->row.values[in->fields[i]]);
	}
	sql_buffer_put(&f->bytes, "\n");
}

static int make_piece(struct file *f)
{
	int status = 1;

	sql_buffer_clear(&f->bytes);
	f->from = 0;
	while (f->bytes.length < PIECE && (status = rows_in_next(f->in, &f->why)) == 1)
		add_row(f);
	f->ended = status == 0;
	return f->bytes.failed ? sql_no_memory(&f->why) : status < 0 ? -1 : 0;
}

/* ---- what the library calls ---- */

static int file_open(void **file, const char *name, void *session)
{
	struct session *c = session;

	(void)name;
	*file = c->file;
	return c->file == NULL;
}

static int file_read(void *file, char *out, unsigned size)
{
	struct file *f = file;
	size_t length;

	if (f->from == f->bytes.length && !f->ended && make_piece(f) != 0) {
		f->failed = true;
		return -1;
	}
	length = f->bytes.length - f->from < size ? f->bytes.length - f->from : size;
	memcpy(out, f->bytes.at + f->from, length);
	f->from += length;
	return (int)length;
}

static void file_close(void *file)
{
	(void)file;
}

static int file_error(void *file, char *text, unsigned size)
{
	snprintf(text, size, "%s", file == NULL ? "no file was to be read" : "a row cannot be sent");
	return 1;
}

void load_guard(struct session *c)
{
	c->file = NULL;
	mysql_set_local_infile_handler(c->mysql, file_open, file_read, file_close, file_error, c);
}

/* ---- the statement ---- */

static int put_statement(const struct call *call, const struct rows_in *in, struct sql_buffer *out, struct sql_error *err)
{
	struct sql_query q = {.d = &sql_dialect_mariadb, .collection = call->given.what.collection, .s = in->schema};
	struct sql_columns columns = {.count = in->frame.count};

	for (uint32_t i = 0; i < in->frame.count; i++)
		columns.field[i] = (uint16_t)in->fields[i];
	sql_buffer_put(out, "LOAD DATA LOCAL INFILE 'frame' INTO TABLE ");
	if (sql_put_collection(&q, out, err) != 0)
		return -1;
	sql_buffer_put(out, " CHARACTER SET binary FIELDS TERMINATED BY '\\t' ESCAPED BY '\\\\' LINES TERMINATED BY '\\n' (");
	if (sql_put_columns(q.d, q.s, &columns, out, err) != 0)
		return -1;
	sql_buffer_put(out, ")");
	return out->failed ? sql_no_memory(err) : 0;
}

static int send(struct session *c, const char *text, struct rows_in *in, struct sql_error *err)
{
	struct file file = {.in = in};
	int status;

	c->file = &file;
	status = session_run(c, text, err);
	c->file = NULL;
	if (status != 0 && !file.failed && err->fault == AQ_STORE_REFUSED)
		c->load = false; /* this server does not take it, or not from this user */
	sql_buffer_free(&file.bytes);
	return file.failed ? -1 : status;
}

static bool took_all(const struct session *c, const struct rows_in *in)
{
	return mysql_affected_rows(c->mysql) == in->frame.rows && mysql_warning_count(c->mysql) == 0;
}

int load_frame(struct session *c, const struct call *call, struct rows_in *in, struct sql_error *err)
{
	struct sql_buffer text = {0};
	int status = put_statement(call, in, &text, err);

	if (status == 0)
		status = session_run(c, "SAVEPOINT aq_load", err);
	if (status == 0)
		status = send(c, text.at, in, err);
	sql_buffer_free(&text);
	if (status == 0 && took_all(c, in))
		return 1;
	if (c->lost || (status != 0 && err->fault == AQ_STORE_CONFLICT))
		return -1;
	rows_in_seek(in, 0, 0);
	return session_run(c, "ROLLBACK TO aq_load", err);
}
