/* bulk.h: many rows in one packet, by arrays of parameters. */
#ifndef MARIADB_BULK_H
#define MARIADB_BULK_H

#include "mariadb/store.h"

#define BULK_ROWS 1000u
#define BULK_BYTES (1u << 20) /* of a packet, about: the loop stands still while it is made */

/* A column of the rows that wait to be sent. */
struct bulk_column {
	char nulls[BULK_ROWS];            /* indicators */
	unsigned long lengths[BULK_ROWS]; /* of characters */
	union {
		int64_t integers[BULK_ROWS];
		double reals[BULK_ROWS];
		const void *characters[BULK_ROWS];
	};
	char (*decimals)[SQL_DECIMAL_SIZE]; /* owned */
};

struct bulk {
	const struct sql_schema *s;
	struct bulk_column *columns; /* owned */
	MYSQL_BIND *binds;           /* owned */
	unsigned rows;
	size_t bytes, room;          /* of values */
};

int bulk_open(struct bulk *b, const struct sql_schema *s, uint64_t max_packet, struct sql_error *err);
void bulk_close(struct bulk *b);
/* Whether the row goes with those that wait already; the first one goes always. */
bool bulk_fits(const struct bulk *b, const struct sql_row *row);
/* Texts are borrowed until it has been sent. */
void bulk_add(struct bulk *b, const struct sql_row *row);
/* Sends what waits, which is gone then. */
int bulk_send(struct session *c, struct bulk *b, struct statement *st, struct sql_error *err);

#endif
