/* mariadb_server.h: a MariaDB server for the tests of a program, in a fresh folder, on a socket and a port of this machine;
 * or the one that AQ_TEST_MARIADB names: USER:PASSWORD@ADDRESS. */
#ifndef MARIADB_SERVER_H
#define MARIADB_SERVER_H

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <mysql.h>

#define SERVER_PATIENCE_MS 60000

static struct {
	char folder[64], socket[96], address[256], user[64], password[128];
	unsigned port;
	bool own;        /* it is not ours, and is neither stopped nor killed */
	pid_t pid;       /* 0 = does not run */
	int output;      /* what it writes */
	pid_t owner;     /* process that removes the folder */
	unsigned databases;
	const char *more; /* options of the next start, separated by blanks */
} server;

static inline int64_t server_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void server_wrong(const char *why)
{
	fprintf(stderr, "the server for the tests: %s\n", why);
	abort();
}

static unsigned free_port(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
	socklen_t size = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&a, size) != 0 || getsockname(fd, (struct sockaddr *)&a, &size) != 0)
		server_wrong("no port is free");
	close(fd);
	return ntohs(a.sin_port);
}

/* ---- the process ---- */

static void server_exec(int output)
{
	char command[2000];

	snprintf(command, sizeof(command), "exec $(command -v mariadbd || echo /usr/sbin/mariadbd) --no-defaults %s --datadir=%s/data "
		"--socket=%s --bind-address=127.0.0.1 --port=%u --pid-file=%s/pid --local-infile=1 --innodb-buffer-pool-size=16M "
		"--innodb-log-file-size=16M --innodb-flush-log-at-trx-commit=2 --skip-log-bin --max-connections=40 %s",
		geteuid() == 0 ? "--user=root" : "", server.folder, server.socket, server.port, server.folder,
		server.more != NULL ? server.more : "");
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that fails takes it along */
	dup2(output, 1);
	dup2(output, 2);
	for (int fd = 3; fd < 256; fd++)
		close(fd);
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

/* Until it says that it is ready, or ends. */
static void server_await(void)
{
	static char text[65536];
	int64_t deadline = server_ms() + SERVER_PATIENCE_MS;
	size_t length = 0;

	text[0] = '\0';
	while (strstr(text, "ready for connections") == NULL) {
		struct pollfd p = {.fd = server.output, .events = POLLIN};
		ssize_t count;

		if (poll(&p, 1, (int)(deadline - server_ms())) != 1)
			server_wrong(text);
		count = read(server.output, text + length, sizeof(text) - 1 - length);
		if (count <= 0)
			server_wrong(text);
		length += (size_t)count;
		text[length] = '\0';
	}
}

static inline void server_start(void)
{
	int ends[2];

	if (pipe(ends) != 0)
		server_wrong("no pipe");
	server.pid = fork();
	if (server.pid == 0)
		server_exec(ends[1]);
	close(ends[1]);
	server.output = ends[0];
	server_await();
}

static inline void server_end(int signal)
{
	if (server.pid <= 0)
		return;
	kill(server.pid, signal);
	waitpid(server.pid, NULL, 0);
	close(server.output);
	server.pid = 0;
}

/* ---- the folder ---- */

static void server_remove(void)
{
	char command[128];

	if (getpid() != server.owner)
		return;
	server_end(SIGKILL);
	snprintf(command, sizeof(command), "rm -rf '%s'", server.folder);
	if (system(command) != 0)
		fprintf(stderr, "%s is left\n", server.folder);
}

static void server_install(void)
{
	char command[400];

	strcpy(server.folder, "/tmp/aq_mariadb_XXXXXX");
	if (mkdtemp(server.folder) == NULL)
		server_wrong("no folder");
	server.owner = getpid();
	atexit(server_remove);
	setenv("TMPDIR", server.folder, 1); /* a server that starts removes temporary tables there, those of others too */
	snprintf(server.socket, sizeof(server.socket), "%s/socket", server.folder);
	snprintf(server.address, sizeof(server.address), "%s", server.socket);
	strcpy(server.user, "root");
	server.port = free_port();
	snprintf(command, sizeof(command), "mariadb-install-db --no-defaults %s --datadir=%s/data "
		"--auth-root-authentication-method=normal --skip-test-db >%s/install 2>&1", geteuid() == 0 ? "--user=root" : "",
		server.folder, server.folder);
	if (system(command) != 0) {
		snprintf(command, sizeof(command), "head -n 20 %s/install", server.folder);
		(void)!system(command);
		server_wrong("mariadb-install-db fails");
	}
}

/* USER:PASSWORD@ADDRESS; a password may hold an @, an address does not. */
static void server_of_user(const char *text)
{
	const char *at = strrchr(text, '@'), *colon = strchr(text, ':');

	if (at == NULL || colon == NULL || colon > at)
		server_wrong("AQ_TEST_MARIADB is USER:PASSWORD@ADDRESS");
	server.own = true;
	snprintf(server.user, sizeof(server.user), "%.*s", (int)(colon - text), text);
	snprintf(server.password, sizeof(server.password), "%.*s", (int)(at - colon - 1), colon + 1);
	snprintf(server.address, sizeof(server.address), "%s", at + 1);
}

/* False when there is none: the tests are left out. */
static inline bool server_make(void)
{
	const char *of_user = getenv("AQ_TEST_MARIADB");

	if (of_user != NULL && of_user[0] != '\0') {
		server_of_user(of_user);
		return true;
	}
	if (system("{ command -v mariadb-install-db && { command -v mariadbd || test -x /usr/sbin/mariadbd; }; } >/dev/null") != 0) {
		printf("no MariaDB server (package mariadb-server): these tests are left out\n");
		return false;
	}
	server_install();
	server_start();
	return true;
}

/* ---- another client ---- */

static inline MYSQL *client_of(const char *database)
{
	MYSQL *m = mysql_init(NULL);
	const char *colon = strrchr(server.address, ':');
	char host[256];

	mysql_optionsv(m, MYSQL_SET_CHARSET_NAME, "utf8mb4");
	snprintf(host, sizeof(host), "%.*s", colon != NULL ? (int)(colon - server.address) : 255, server.address);
	if (mysql_real_connect(m, server.address[0] == '/' ? NULL : host, server.user, server.password, database,
		colon != NULL ? (unsigned)atoi(colon + 1) : 3306, server.address[0] == '/' ? server.address : NULL, 0) == NULL)
		server_wrong(mysql_error(m));
	return m;
}

static inline void client_run(MYSQL *m, const char *text)
{
	if (mysql_query(m, text) != 0) {
		fprintf(stderr, "%s: ", text);
		server_wrong(mysql_error(m));
	}
	mysql_free_result(mysql_store_result(m));
}

static inline void server_run(const char *text)
{
	MYSQL *m;

	if (server.pid > 0)
		kill(server.pid, SIGCONT); /* a case that has failed may have left it frozen */
	m = client_of(NULL);

	client_run(m, text);
	mysql_close(m);
}

#endif
