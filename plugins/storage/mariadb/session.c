/* session.c: a connection is made and gets its settings; it is closed. */
#include "mariadb/store.h"

#include <errmsg.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define OLDEST_SERVER 100300u /* the first with invisible columns */
#define LIBRARY_STACK (256u * 1024u) /* of the library's own fiber: names are looked up and TLS begins on it */

int session_run(struct session *c, const char *text, struct sql_error *err)
{
	int failed = 1;

	if (session_check(c, err) != 0)
		return -1;
	session_limit(c, c->s->call_timeout);
	SESSION_ASK(c, mysql_real_query, failed, c->mysql, text, strlen(text));
	return failed ? session_failed(c, NULL, err) : 0;
}

/* ---- options ---- */

static void set_tls(MYSQL *mysql, const struct session_options *o)
{
	my_bool verify = o->tls_ca[0] != '\0';

	if (o->tls == TLS_OFF)
		return;
	mysql_ssl_set(mysql, NULL, NULL, verify ? o->tls_ca : NULL, NULL, NULL);
	mysql_optionsv(mysql, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verify);
}

static void set_options(MYSQL *mysql, const struct session_options *o)
{
	const unsigned protocol = o->host[0] != '\0' ? MYSQL_PROTOCOL_TCP : MYSQL_PROTOCOL_SOCKET, yes = 1;
	const size_t stack = LIBRARY_STACK;

	mysql_optionsv(mysql, MYSQL_OPT_NONBLOCK, &stack);
	mysql_optionsv(mysql, MYSQL_OPT_PROTOCOL, &protocol);
	mysql_optionsv(mysql, MYSQL_SET_CHARSET_NAME, "utf8mb4");
	mysql_optionsv(mysql, MYSQL_OPT_LOCAL_INFILE, &yes);
	set_tls(mysql, o);
}

/* ---- settings ---- */

/* The lock that others hold is given up before the statement is broken off: then nothing has happened for certain. The
 * server ends by itself what it was not told to end, a second later. Only numbers of the options are put into it. */
static void put_settings(const struct session_options *o, struct sql_buffer *out)
{
	uint64_t patience = (uint64_t)(o->call_timeout / INT64_C(2000000000));

	sql_buffer_put(out, "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO,NO_ENGINE_SUBSTITUTION,"
		"ERROR_FOR_DIVISION_BY_ZERO,NO_ZERO_DATE,NO_ZERO_IN_DATE', SESSION collation_connection = utf8mb4_nopad_bin, "
		"SESSION autocommit = 1, SESSION tx_isolation = 'REPEATABLE-READ', SESSION tx_read_only = 0, "
		"SESSION completion_type = 'NO_CHAIN', SESSION time_zone = '+00:00', SESSION sql_select_limit = DEFAULT, "
		"SESSION sql_safe_updates = 0, SESSION max_sort_length = 65536, SESSION sort_buffer_size = 4194304, "
		"SESSION innodb_lock_wait_timeout = ");
	sql_buffer_number(out, patience > 0 ? patience : 1);
	sql_buffer_put(out, ", SESSION lock_wait_timeout = ");
	sql_buffer_number(out, patience > 0 ? patience : 1);
	sql_buffer_put(out, ", SESSION max_statement_time = ");
	sql_buffer_number(out, (uint64_t)(o->call_timeout / INT64_C(1000000000)) + 1);
}

static int make_settings(struct session *c, const struct session_options *o, struct sql_error *err)
{
	struct sql_buffer text = {0};
	int status;

	put_settings(o, &text);
	status = text.failed ? sql_no_memory(err) : session_run(c, text.at, err);
	sql_buffer_free(&text);
	return status;
}

/* What the server says about itself in one row. */
static int look_around(struct session *c, struct sql_error *err)
{
	MYSQL_RES *result = NULL;
	MYSQL_ROW row;

	if (session_run(c, "SELECT @@max_allowed_packet, @@local_infile", err) != 0)
		return -1;
	SESSION_ASK(c, mysql_store_result, result, c->mysql);
	row = result != NULL ? mysql_fetch_row(result) : NULL;
	if (row == NULL || row[0] == NULL || row[1] == NULL) {
		mysql_free_result(result);
		return session_failed(c, NULL, err);
	}
	sscanf(row[0], "%" SCNu64, &c->max_packet);
	c->load = row[1][0] == '1';
	mysql_free_result(result);
	return 0;
}

/* What must be encrypted: without a certificate to look at, the library goes on in the clear with a server that has no TLS,
 * even when it is told not to. Nothing but the answer to the server's challenge has been sent then. */
static int check_server(struct session *c, const struct session_options *o, struct sql_error *err)
{
	unsigned long abilities = 0;

	if (o->tls == TLS_REQUIRED && mysql_get_ssl_cipher(c->mysql) == NULL)
		return sql_fail(err, AQ_STORE_REFUSED, "the server offers no TLS, and tls is required");
	if (!mariadb_connection(c->mysql) || mysql_get_server_version(c->mysql) < OLDEST_SERVER)
		return sql_fail(err, AQ_STORE_REFUSED, "the server is %s; wanted is MariaDB from 10.3 on",
			mysql_get_server_info(c->mysql));
	mariadb_get_infov(c->mysql, MARIADB_CONNECTION_EXTENDED_SERVER_CAPABILITIES, &abilities);
	c->bulk = (abilities & (MARIADB_CLIENT_STMT_BULK_OPERATIONS >> 32)) != 0;
	c->thread = mysql_thread_id(c->mysql);
	return 0;
}

/* ---- open and close ---- */

int session_open(struct session *c, const struct session_options *o, struct sql_error *err)
{
	MYSQL *made = NULL;

	c->mysql = mysql_init(NULL);
	if (c->mysql == NULL)
		return sql_no_memory(err);
	set_options(c->mysql, o);
	load_guard(c);
	session_limit(c, o->connect_timeout);
	SESSION_ASK(c, mysql_real_connect, made, c->mysql, o->host[0] != '\0' ? o->host : NULL, o->user, o->password, o->database,
		o->port, o->path[0] != '\0' ? o->path : NULL, CLIENT_FOUND_ROWS);
	if (made == NULL)
		return session_failed(c, NULL, err);
	if (check_server(c, o, err) != 0 || make_settings(c, o, err) != 0 || look_around(c, err) != 0)
		return -1;
	c->connected = true;
	return 0;
}

static void free_statements(struct session *c)
{
	struct statement *st;

	for (unsigned i = 0; i < STATEMENTS_KEPT; i++) {
		statement_free(c->statements[i]);
		c->statements[i] = NULL;
	}
	while ((st = c->left) != NULL) {
		c->left = st->next;
		statement_free(st);
	}
}

void session_close(struct session *c)
{
	session_drop_socket(c);
	if (c->mysql != NULL && c->lost && mysql_get_socket(c->mysql) != MARIADB_INVALID_SOCKET)
		shutdown(mysql_get_socket(c->mysql), SHUT_RDWR); /* or its good-bye could wait */
	if (c->mysql != NULL)
		mysql_close(c->mysql);
	free_statements(c);
	c->mysql = NULL;
	c->connected = c->lost = c->bulk = c->load = c->sent = false;
	c->cut = NULL;
	c->limit_ns = 0;
}
