/* mariadb_hosted.h: a store on a server, in a host. */
#ifndef MARIADB_HOSTED_H
#define MARIADB_HOSTED_H

#include <storage/sql/frame.h>

#include "mariadb_server.h"
#include "mariadb_words.h"
#include "store_hosted.h"

#define BACK_END "mariadb"
#define GIVES_UP_SOON "call_timeout = 2s\n" /* half of it is waited for a lock */
#define WAITS_LONG "call_timeout = 10m\n"

static struct {
	const char *user, *password; /* NULL: the server's own */
} hosted_login;

static void write_password(const char *path, const char *password)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0 && write(fd, password, strlen(password)) == (ssize_t)strlen(password));
	close(fd);
}

static void hosted_section(struct rig *r, char *out, size_t size)
{
	const char *user = hosted_login.user != NULL ? hosted_login.user : server.user;
	const char *password = hosted_login.password != NULL ? hosted_login.password : server.password;
	char path[128], file[160] = "";

	if (password[0] != '\0') {
		snprintf(path, sizeof(path), "%s/password", r->folder);
		write_password(path, password);
		snprintf(file, sizeof(file), "password_file = %s\n", path);
	}
	snprintf(out, size, "plugin = mariadb\naddress = %s\ndatabase = %s\nuser = %s\n%stls = off\npool = 2..4\nmax_call = 8MB\n",
		server.address, r->file, user, file);
}

/* A database of its own. */
static void hosted_folder(struct rig *r)
{
	char text[160];

	*r = (struct rig){.chunk = AQ_STORE_CHUNK};
	strcpy(r->folder, "/tmp/aq_hosted_XXXXXX");
	assert_non_null(mkdtemp(r->folder));
	snprintf(r->file, sizeof(r->file), "aq_test_%d_%u", (int)getpid(), ++server.databases);
	snprintf(text, sizeof(text), "CREATE DATABASE %s", r->file);
	server_run(text);
}

static void hosted_remove(struct rig *r)
{
	char text[160];

	snprintf(text, sizeof(text), "DROP DATABASE %s", r->file);
	server_run(text);
	hosted_login.user = hosted_login.password = NULL;
}

/* ---- another client, which holds up everything that is about collection n ---- */

static MYSQL *other;

static inline void other_locks(struct rig *r)
{
	other = client_of(r->file);
	client_run(other, "LOCK TABLES n WRITE");
}

static inline void other_unlocks(void)
{
	client_run(other, "UNLOCK TABLES");
	mysql_close(other);
}

static bool back_end_make(void)
{
	return server_make();
}

#endif
