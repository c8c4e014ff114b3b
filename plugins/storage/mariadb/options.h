/* options.h: what the operator chose, read and checked. */
#ifndef MARIADB_OPTIONS_H
#define MARIADB_OPTIONS_H

#include "mariadb/store.h"

/* Fills what is made of the options. NULL, or what is wrong. */
const char *options_read(const struct store *s, struct session_options *connect, unsigned *pool_min, unsigned *pool_max);

#endif
