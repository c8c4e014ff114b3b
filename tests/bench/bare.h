/* bare.h: what the stores are measured against: the database's own client in a plain loop, into tables like the store's own. */
#ifndef TESTS_BENCH_BARE_H
#define TESTS_BENCH_BARE_H

#include <stdint.h>

struct bare_figures {
	int64_t frame_ns, read_ns; /* of all rows (rows.h) */
	int64_t *single_ns;        /* of each of `singles` rows, in the caller's array */
};

/* `made`: a database whose tables a store has made. Ends the process with the reason when something fails. */
void bare_sqlite(const char *made, const char *file, uint32_t rows, uint32_t singles, struct bare_figures *out);
void bare_mariadb(const char *made, const char *database, uint32_t rows, uint32_t singles, struct bare_figures *out);

/* A server of this process, on 127.0.0.1; it goes with it. Its port, 0 when none is installed. */
unsigned bare_server(const char *options);
/* SIGKILL waits until it is gone; then it comes up again, on the same port. */
void bare_server_signal(int number);
void bare_server_again(void);
void bare_server_run(const char *statement);

#endif
