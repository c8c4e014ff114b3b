/* bare_mariadb.c: see bare.h. Many rows go as the server takes them fastest: LOAD DATA LOCAL, made of the rows as they go. */
#include "bare.h"
#include "bench.h"
#include "rows.h"

#include "base/check.h"

#include "../unit/mariadb_server.h"

#include <aioquant/market.h>
#include <decimal.h>
#include <inttypes.h>

#define ROW_MOST 256u /* bytes of a row in the file */

/* The file that the server reads. */
struct file {
	uint32_t next, rows;
	char row[ROW_MOST];
	unsigned length, from; /* of the row */
};

static void wrong(const char *why)
{
	fprintf(stderr, "bare mariadb: %s\n", why);
	exit(1);
}

static void run(MYSQL *m, const char *text)
{
	if (mysql_query(m, text) != 0)
		wrong(mysql_error(m));
}

/* ---- the server ---- */

unsigned bare_server(const char *options)
{
	server.more = options;
	if (!server_make() || server.own)
		return 0;
	snprintf(server.address, sizeof(server.address), "127.0.0.1:%u", server.port);
	return server.port;
}

void bare_server_signal(int number)
{
	if (number == SIGKILL)
		server_end(number);
	else
		kill(server.pid, number);
}

void bare_server_again(void)
{
	server_start();
}

void bare_server_run(const char *statement)
{
	server_run(statement);
}

/* ---- many rows ---- */

static void make_row(struct file *f)
{
	struct row r = row_of(f->next++);
	int length = snprintf(f->row, sizeof(f->row), "%" PRId64, r.time_ns);

	for (int i = 0; i < ROW_DECIMALS; i++) {
		f->row[length++] = '\t';
		length += aq_dec_print(r.decimals[i], ROW_DIGITS, ROW_DIGITS, f->row + length);
	}
	length += snprintf(f->row + length, sizeof(f->row) - (size_t)length, "\t%" PRId64 "\t%s\n", r.trades, r.symbol);
	f->length = (unsigned)length;
	f->from = 0;
}

static int file_open(void **file, const char *name, void *context)
{
	(void)name;
	*file = context;
	return 0;
}

static int file_read(void *file, char *out, unsigned size)
{
	struct file *f = file;
	unsigned filled = 0;

	while (filled < size && (f->from < f->length || f->next < f->rows)) {
		unsigned length;

		if (f->from == f->length)
			make_row(f);
		length = f->length - f->from < size - filled ? f->length - f->from : size - filled;
		memcpy(out + filled, f->row + f->from, length);
		f->from += length;
		filled += length;
	}
	return (int)filled;
}

static void file_close(void *file)
{
	(void)file;
}

static int file_error(void *file, char *text, unsigned size)
{
	(void)file;
	(void)size;
	text[0] = '\0';
	return 1;
}

static int64_t insert_all(MYSQL *m, uint32_t rows)
{
	struct file f = {.rows = rows};
	int64_t begin;

	mysql_set_local_infile_handler(m, file_open, file_read, file_close, file_error, &f);
	begin = bench_now_ns();
	run(m, "LOAD DATA LOCAL INFILE 'rows' INTO TABLE klines CHARACTER SET utf8mb4");
	if (mysql_affected_rows(m) != rows)
		wrong("LOAD DATA has not taken all rows");
	return bench_now_ns() - begin;
}

static int64_t read_all(MYSQL *m, uint32_t rows)
{
	int64_t begin = bench_now_ns();
	MYSQL_RES *result;
	MYSQL_ROW row;

	run(m, "SELECT * FROM klines");
	result = mysql_use_result(m);
	while ((row = mysql_fetch_row(result)) != NULL) {
		bench_keep(row[0]);
		rows--;
	}
	mysql_free_result(result);
	if (rows != 0)
		wrong("other rows come back than were stored");
	return bench_now_ns() - begin;
}

/* ---- single rows ---- */

static void bind_text(MYSQL_BIND *b, enum enum_field_types type, const char *text, size_t length)
{
	*b = (MYSQL_BIND){.buffer_type = type, .buffer = (void *)(uintptr_t)text, .buffer_length = length};
}

static int64_t insert_one(MYSQL_STMT *s, uint32_t n)
{
	char texts[ROW_DECIMALS][32];
	int64_t begin = bench_now_ns();
	struct row r = row_of(n);
	MYSQL_BIND binds[8] = {[0] = {.buffer_type = MYSQL_TYPE_LONGLONG, .buffer = &r.time_ns},
		[6] = {.buffer_type = MYSQL_TYPE_LONGLONG, .buffer = &r.trades}};

	for (int i = 0; i < ROW_DECIMALS; i++)
		bind_text(&binds[1 + i], MYSQL_TYPE_NEWDECIMAL, texts[i],
			(size_t)aq_dec_print(r.decimals[i], ROW_DIGITS, ROW_DIGITS, texts[i]));
	bind_text(&binds[7], MYSQL_TYPE_STRING, r.symbol, strlen(r.symbol));
	if (mysql_stmt_bind_param(s, binds) != 0 || mysql_stmt_execute(s) != 0)
		wrong(mysql_stmt_error(s));
	return bench_now_ns() - begin;
}

static void insert_singly(MYSQL *m, uint32_t singles, int64_t *out)
{
	static const char text[] = "INSERT INTO singles VALUES (?,?,?,?,?,?,?,?)";
	MYSQL_STMT *s = mysql_stmt_init(m);

	if (mysql_stmt_prepare(s, text, sizeof(text) - 1) != 0)
		wrong(mysql_stmt_error(s));
	for (uint32_t n = 0; n < singles; n++)
		out[n] = insert_one(s, n);
	mysql_stmt_close(s);
}

void bare_mariadb(const char *made, const char *database, uint32_t rows, uint32_t singles, struct bare_figures *out)
{
	char text[256];
	MYSQL *m;

	for (int i = 0; i < 3; i++) {
		const char *table = i == 1 ? "klines" : "singles";

		if (i == 0)
			snprintf(text, sizeof(text), "CREATE DATABASE %s", database);
		else
			snprintf(text, sizeof(text), "CREATE TABLE %s.%s LIKE %s.%s", database, table, made, table);
		server_run(text);
	}
	m = client_of(database);
	out->frame_ns = insert_all(m, rows);
	out->read_ns = read_all(m, rows);
	insert_singly(m, singles, out->single_ns);
	mysql_close(m);
}
