/* How the options of the store are written, and what becomes of them on a connection: addresses, the pool, encryption. */
#include "mariadb_help.h"

/* ---- how they are written ---- */

static const char *wrong_with(const char *address, const char *pool, struct session_options *connect)
{
	struct store s = {.tls = TLS_OFF};
	unsigned least, most;

	strcpy(s.address, address);
	strcpy(s.pool, pool);
	strcpy(s.database, "d");
	strcpy(s.user, "u");
	return options_read(&s, connect, &least, &most);
}

static void addresses(void **state)
{
	static const struct {
		const char *text, *host;
		unsigned port;
	} right[] = {{"127.0.0.1:3307", "127.0.0.1", 3307}, {"db.example", "db.example", 3306}, {"[::1]:1", "::1", 1},
		{"[fe80::1]", "fe80::1", 3306}, {"h:65535", "h", 65535}};
	static const char *const wrong[] = {"", ":3306", "h:", "h:0", "h:65536", "h:x", "h:1x", "h: 1", "h:+1", "[::1", "[]:1",
		"[::1]x", "::1", "h:99999999999999999999"};
	struct session_options o;
	char path[200] = "/";

	(void)state;
	for (size_t i = 0; i < sizeof(right) / sizeof(*right); i++) {
		assert_null(wrong_with(right[i].text, "2..8", &o));
		assert_string_equal(o.host, right[i].host);
		assert_int_equal(o.port, right[i].port);
		assert_string_equal(o.path, "");
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		if (wrong_with(wrong[i], "2..8", &o) == NULL)
			fail_msg("%s is taken", wrong[i]);
	assert_null(wrong_with("/run/mysqld/mysqld.sock", "2..8", &o));
	assert_string_equal(o.path, "/run/mysqld/mysqld.sock");
	memset(path + 1, 'x', 150);
	assert_non_null(wrong_with(path, "2..8", &o));
}

static void pools(void **state)
{
	static const char *const right[] = {"2", "8", "2..2", "2..8", "3..5"};
	static const char *const wrong[] = {"", "1", "9", "1..8", "2..9", "5..3", "2..", "..8", "2...8", "2-8", "2..8 ", " 2..8",
		"2..8x", "two"};
	struct session_options o;

	(void)state;
	for (size_t i = 0; i < sizeof(right) / sizeof(*right); i++)
		assert_null(wrong_with("h", right[i], &o));
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		if (wrong_with("h", wrong[i], &o) == NULL)
			fail_msg("%s is taken", wrong[i]);
}

/* ---- on a server ---- */

/* More connections are made while calls wait for one, and closed when there was nothing to do for some time. */
static void the_pool_grows_and_shrinks(void **state)
{
	struct rig r;
	unsigned open = 0;

	(void)state;
	rig_new(&r);
	for (int i = 0; i < 4; i++) {
		struct ask a = {.op = AQ_STORE_RAW, .statement = "SELECT SLEEP(0.2)"};
		char name[16];
		uint64_t id;

		snprintf(name, sizeof(name), "c%d", i);
		a.collection = name; /* one each, so that none waits for another */
		id = begin_call(&r, a);
		assert_int_equal(r.ops->end(r.k->self, id), AQ_OK);
		r.ops->more(r.k->self, id, UINT32_MAX);
	}
	rig_until(&r, said.ends == 4);
	rig_settle(&r);
	for (unsigned i = 0; i < SESSIONS_MAX; i++)
		open += r.s->sessions[i].connected;
	assert_in_range(open, 3, 4);
	rig_later(&r, 61 * SECOND);
	open = 0;
	for (unsigned i = 0; i < SESSIONS_MAX; i++)
		open += r.s->sessions[i].connected;
	assert_int_equal(open, 2);
	works(&r, (struct ask){.op = AQ_STORE_LIST});
	rig_free(&r);
}

static void start_with(struct rig *r, uint8_t tls, const char *ca)
{
	rig_create(r);
	snprintf(r->s->address, sizeof(r->s->address), "127.0.0.1:%u", server.port);
	r->s->tls = tls;
	snprintf(r->s->tls_ca, sizeof(r->s->tls_ca), "%s", ca);
	rig_begin(r);
}

/* A certificate that is its own authority: NAME.pem and NAME.key in the server's folder. */
static void make_certificate(const char *name, char out[120])
{
	char command[600];

	snprintf(out, 120, "%s/%s.pem", server.folder, name);
	snprintf(command, sizeof(command), "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext "
		"subjectAltName=IP:127.0.0.1 -keyout %s/%s.key -out %s >/dev/null 2>&1", server.folder, name, out);
	assert_int_equal(system(command), 0);
}

static void encryption(void **state)
{
	char more[400], ca[120], other[120];
	struct rig r;

	(void)state;
	if (server.own)
		skip();
	rig_folder(&r);
	start_with(&r, TLS_PREFERRED, "");
	assert_int_equal(said.ups, 1); /* this server has none */
	rig_stop(&r);
	start_with(&r, TLS_REQUIRED, "");
	assert_int_equal(said.ups, 0);
	assert_non_null(strstr(said.state, "the server offers no TLS"));
	rig_stop(&r);
	make_certificate("server", ca);
	make_certificate("other", other);
	snprintf(more, sizeof(more), "--ssl-cert=%s --ssl-key=%s/server.key", ca, server.folder);
	server_end(SIGTERM);
	server.more = more;
	server_start();
	start_with(&r, TLS_REQUIRED, ca);
	if (said.ups != 1)
		fail_msg("%s", said.state);
	assert_non_null(strstr(said.state, ", TLS"));
	works(&r, (struct ask){.op = AQ_STORE_RAW, .statement = "SELECT REPEAT('x', 1000000) AS a"});
	rig_stop(&r);
	start_with(&r, TLS_PREFERRED, "");
	assert_non_null(strstr(said.state, ", TLS"));
	rig_stop(&r);
	start_with(&r, TLS_REQUIRED, other);
	assert_int_equal(said.ups, 0);
	assert_non_null(strstr(said.state, "cannot connect"));
	rig_stop(&r);
	start_with(&r, TLS_OFF, "");
	assert_int_equal(said.ups, 1);
	assert_null(strstr(said.state, ", TLS"));
	server.more = NULL;
	rig_free(&r);
}

int main(void)
{
	const struct CMUnitTest written[] = {cmocka_unit_test(addresses), cmocka_unit_test(pools)};
	const struct CMUnitTest connected[] = {cmocka_unit_test(the_pool_grows_and_shrinks), cmocka_unit_test(encryption)};
	int failed = cmocka_run_group_tests(written, NULL, NULL);

	return server_make() ? failed + cmocka_run_group_tests(connected, NULL, NULL) : failed;
}
