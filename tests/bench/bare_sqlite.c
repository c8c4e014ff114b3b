/* bare_sqlite.c: see bare.h. The pragmas are those of plugins/storage/sqlite with its default options. */
#include "bare.h"
#include "bench.h"
#include "rows.h"

#include <aioquant/market.h>
#include <decimal.h>
#include <sqlite3.h>
#include <stdlib.h>

#define PRAGMAS "PRAGMA cache_size = -16384; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL"

static void check(int code, sqlite3 *db)
{
	if (code == SQLITE_OK || code == SQLITE_DONE || code == SQLITE_ROW)
		return;
	fprintf(stderr, "bare sqlite: %s\n", sqlite3_errmsg(db));
	exit(1);
}

static sqlite3 *open_file(const char *file)
{
	sqlite3 *db;

	check(sqlite3_open_v2(file, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL), db);
	check(sqlite3_exec(db, PRAGMAS, NULL, NULL, NULL), db);
	return db;
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *text)
{
	sqlite3_stmt *s;

	check(sqlite3_prepare_v2(db, text, -1, &s, NULL), db);
	return s;
}

static void make_tables(const char *made, sqlite3 *db)
{
	sqlite3 *from = open_file(made);
	sqlite3_stmt *s = prepare(from, "SELECT sql FROM sqlite_master WHERE tbl_name IN ('klines', 'singles') AND sql NOT NULL");

	while (sqlite3_step(s) == SQLITE_ROW)
		check(sqlite3_exec(db, (const char *)sqlite3_column_text(s, 0), NULL, NULL, NULL), db);
	sqlite3_finalize(s);
	sqlite3_close(from);
}

static void insert(sqlite3 *db, sqlite3_stmt *s, uint32_t n)
{
	char texts[ROW_DECIMALS][32];
	struct row r = row_of(n);

	sqlite3_bind_int64(s, 1, r.time_ns);
	for (int i = 0; i < ROW_DECIMALS; i++)
		sqlite3_bind_text(s, 2 + i, texts[i], aq_dec_print(r.decimals[i], ROW_DIGITS, ROW_DIGITS, texts[i]), SQLITE_STATIC);
	sqlite3_bind_int64(s, 7, r.trades);
	sqlite3_bind_text(s, 8, r.symbol, -1, SQLITE_STATIC);
	check(sqlite3_step(s), db);
	check(sqlite3_reset(s), db);
}

static int64_t insert_all(sqlite3 *db, uint32_t rows)
{
	sqlite3_stmt *s = prepare(db, "INSERT INTO klines VALUES (?,?,?,?,?,?,?,?)");
	int64_t begin = bench_now_ns();

	check(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), db);
	for (uint32_t n = 0; n < rows; n++)
		insert(db, s, n);
	check(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL), db);
	begin = bench_now_ns() - begin;
	sqlite3_finalize(s);
	return begin;
}

static void read_row(sqlite3_stmt *s)
{
	for (int i = 0; i < 8; i++)
		if (i == 0 || i == 6) {
			int64_t number = sqlite3_column_int64(s, i);

			bench_keep(&number);
		} else {
			bench_keep(sqlite3_column_text(s, i));
		}
}

static int64_t read_all(const char *file, uint32_t rows)
{
	int64_t begin = bench_now_ns();
	sqlite3 *db = open_file(file);
	sqlite3_stmt *s = prepare(db, "SELECT * FROM klines");

	while (sqlite3_step(s) == SQLITE_ROW) {
		read_row(s);
		rows--;
	}
	check(rows == 0 ? SQLITE_OK : SQLITE_ERROR, db);
	begin = bench_now_ns() - begin;
	sqlite3_finalize(s);
	sqlite3_close(db);
	return begin;
}

void bare_sqlite(const char *made, const char *file, uint32_t rows, uint32_t singles, struct bare_figures *out)
{
	sqlite3 *db = open_file(file);
	sqlite3_stmt *s;

	make_tables(made, db);
	out->frame_ns = insert_all(db, rows);
	out->read_ns = read_all(file, rows);
	s = prepare(db, "INSERT INTO singles VALUES (?,?,?,?,?,?,?,?)");
	for (uint32_t n = 0; n < singles; n++) {
		int64_t begin = bench_now_ns();

		insert(db, s, n);
		out->single_ns[n] = bench_now_ns() - begin;
	}
	sqlite3_finalize(s);
	sqlite3_close(db);
}
