/* bench_store.c: what a store takes and gives through the whole host (the strategy's calls, the queue, the thread of the back
 * end and its plugin), beside the database's own client in a plain loop: one large frame, all of it read back as frames, and
 * single rows one after the other. The two take turns, each in a fresh database. Of the frames the best turn counts: what else
 * the machine does only adds; of the single rows all of all turns. */
#include "bare.h"
#include "bench.h"
#include "rows.h"

#include "base/check.h"

#include "plugin/bench_store.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define PASSES 7
#define ROWS 200000u
#define SINGLES 300u

struct kind {
	const char *name;
	/* The section of a store in the database number `pass`, and its bare twin. */
	void (*configure)(char *out, size_t size, int pass);
	void (*bare)(int pass, struct bare_figures *out);
};

struct figures {
	int64_t frame[PASSES], read[PASSES], singles[PASSES * SINGLES];
};

static struct {
	uint8_t *frame;
	size_t length;
	unsigned port; /* of the server; 0 = there is none */
} world;

/* ---- kinds of stores ---- */

static void configure_sqlite(char *out, size_t size, int pass)
{
	snprintf(out, size, "[storage:main]\nplugin = sqlite\nfile = %s/ours-%d.db\n", bench_folder(), pass);
}

static void run_bare_sqlite(int pass, struct bare_figures *out)
{
	char made[300], file[300];

	snprintf(made, sizeof(made), "%s/ours-%d.db", bench_folder(), pass);
	snprintf(file, sizeof(file), "%s/bare-%d.db", bench_folder(), pass);
	bare_sqlite(made, file, ROWS, SINGLES, out);
}

static void configure_mariadb(char *out, size_t size, int pass)
{
	char text[64];

	snprintf(text, sizeof(text), "CREATE DATABASE ours_%d", pass);
	bare_server_run(text);
	snprintf(out, size, "[storage:main]\nplugin = mariadb\naddress = 127.0.0.1:%u\ndatabase = ours_%d\nuser = root\ntls = off\n",
		world.port, pass);
}

static void run_bare_mariadb(int pass, struct bare_figures *out)
{
	char made[64], database[64];

	snprintf(made, sizeof(made), "ours_%d", pass);
	snprintf(database, sizeof(database), "bare_%d", pass);
	bare_mariadb(made, database, ROWS, SINGLES, out);
}

static const struct kind kinds[] = {
	{"sqlite", configure_sqlite, run_bare_sqlite},
	{"mariadb", configure_mariadb, run_bare_mariadb},
};

/* ---- through the host ---- */

static void stop(void *context)
{
	((struct host *)context)->stop = true;
}

static void ours(const struct kind *k, int pass, struct figures *out)
{
	char config[2048], section[1024], state[64];
	struct bench_store *told;
	struct host *h;

	k->configure(section, sizeof(section), pass);
	snprintf(state, sizeof(state), "%s-%d", k->name, pass);
	bench_config_real(config, sizeof(config), state, "sleep");
	bench_config_add(config, sizeof(config), section);
	bench_config_add(config, sizeof(config), "[strategy:filler]\nplugin = bench_store\nstore = main\n");
	h = bench_host_open(config);
	told = host_instance(h, "filler")->self;
	told->frame = world.frame;
	told->length = world.length;
	told->rows = ROWS;
	told->singles = SINGLES;
	told->finished = stop;
	told->context = h;
	host_run(h);
	if (told->error[0] != '\0' || told->read_ns == 0) {
		fprintf(stderr, "bench_store: %s: %s\n", k->name, told->error);
		exit(1);
	}
	out->frame[pass] = told->frame_ns;
	out->read[pass] = told->read_ns;
	memcpy(out->singles + pass * SINGLES, told->single_ns, SINGLES * sizeof(*told->single_ns));
	bench_host_close(h);
}

static void bare(const struct kind *k, int pass, struct figures *out)
{
	struct bare_figures f = {.single_ns = out->singles + pass * SINGLES};

	k->bare(pass, &f);
	out->frame[pass] = f.frame_ns;
	out->read[pass] = f.read_ns;
}

/* ---- figures ---- */

static double rows_per_s(int64_t *samples)
{
	return ROWS / (bench_quantile(samples, PASSES, 0) / 1e9);
}

static void tell(const struct kind *k, struct figures *mine, struct figures *other)
{
	char name[64], baseline[64];

	snprintf(name, sizeof(name), "%s_frame", k->name);
	snprintf(baseline, sizeof(baseline), "bare %s", k->name);
	bench_line(name, rows_per_s(mine->frame), "rows/s", baseline, rows_per_s(other->frame));
	snprintf(name, sizeof(name), "frame_read_%s", k->name);
	bench_line(name, rows_per_s(mine->read), "rows/s", baseline, rows_per_s(other->read));
	for (int i = 0; i < 2; i++) {
		double q = i == 0 ? 0.5 : 0.99;

		snprintf(name, sizeof(name), "store_insert_%s_%s", i == 0 ? "p50" : "p99", k->name);
		bench_line(name, bench_quantile(mine->singles, PASSES * SINGLES, q) / 1e3, "us", baseline,
			bench_quantile(other->singles, PASSES * SINGLES, q) / 1e3);
	}
}

static void measure(const struct kind *k)
{
	static struct figures mine, other;

	for (int pass = 0; pass < PASSES; pass++) {
		ours(k, pass, &mine);
		bare(k, pass, &other);
		fprintf(stderr, "bench_store: %s: frame %.0f and %.0f ms, read %.0f and %.0f ms\n", k->name, (double)mine.frame[pass] / 1e6,
			(double)other.frame[pass] / 1e6, (double)mine.read[pass] / 1e6, (double)other.read[pass] / 1e6);
	}
	tell(k, &mine, &other);
}

int bench_main(void)
{
	const char *only = getenv("AQ_BENCH_STORE"); /* one kind alone, to look into it */

	world.frame = rows_frame(ROWS, &world.length);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (only != NULL && strcmp(only, kinds[i].name) != 0)
			continue;
		if (kinds[i].configure == configure_mariadb) /* no process of others is started while the other one is measured */
			world.port = bare_server("--innodb-buffer-pool-size=256M --innodb-log-file-size=256M");
		if (kinds[i].configure == configure_mariadb && world.port == 0)
			continue;
		measure(&kinds[i]);
	}
	free(world.frame);
	return 0;
}
