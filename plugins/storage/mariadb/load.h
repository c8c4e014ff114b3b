/* load.h: a frame becomes a file that exists in memory only, which the server reads. The quickest way of many rows. */
#ifndef MARIADB_LOAD_H
#define MARIADB_LOAD_H

#include "mariadb/rows_in.h"

#define LOAD_ROWS 2000u /* fewer are as quick by arrays */

/* Within a transaction. 1: all rows are in; 0: none is, and another way must be taken, which may find an error in them;
 * -1. */
int load_frame(struct session *c, const struct call *call, struct rows_in *in, struct sql_error *err);

#endif
