/* measure.c: see measure.h. Between two lines nothing but numbers is kept: writing would be part of what is measured. */
#include "host/measure.h"

#include "base/check.h"
#include "host/host.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum phase { PHASE_NOTHING = 0, PHASE_RELOAD, PHASE_ENDING, PHASE_QUIET };

struct measure {
	int fd;
	enum phase phase;
	int64_t from_ns, until_ns; /* of a reload, or of a quiet stretch */
	int64_t last_ns;           /* event; 0 = none yet */
	int64_t waits_ns;          /* the loop waits for the kernel since then */
	int64_t waited_ns;         /* since the last event */
	int64_t gap_ns, busy_ns;   /* the longest since from_ns */
	int64_t part_from_ns, parts[MEASURE_PARTS];
	int64_t frozen_ns;
	char results[512];
};

static void wait_begins(void *context)
{
	((struct measure *)context)->waits_ns = host_wall_ns();
}

static void wait_ends(void *context)
{
	struct measure *m = context;

	m->waited_ns += host_wall_ns() - m->waits_ns;
}

struct measure *measure_open(const char *path, struct loop *loop)
{
	struct measure *m = calloc(1, sizeof(*m));

	CHECK(m != NULL);
	m->fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (m->fd >= 0) {
		loop_on_wait(loop, wait_begins, wait_ends, m);
		return m;
	}
	free(m);
	return NULL;
}

void measure_close(struct measure *m)
{
	if (m != NULL)
		close(m->fd);
	free(m);
}

static void put_line(const struct measure *m, const char *line)
{
	if (write(m->fd, line, strlen(line)) < 0)
		return; /* its reader misses it */
}

static void say_reload(struct measure *m, int64_t length)
{
	char line[1024];

	snprintf(line, sizeof(line),
		"reload length=%" PRId64 " gap=%" PRId64 " busy=%" PRId64 " begun=%" PRId64 " planned=%" PRId64
		" staged=%" PRId64 " frozen=%" PRId64 "%s\n",
		length, m->gap_ns, m->busy_ns, m->parts[MEASURE_BEGUN], m->parts[MEASURE_PLANNED], m->parts[MEASURE_STAGED],
		m->frozen_ns, m->results);
	put_line(m, line);
}

static void begin_quiet(struct measure *m, int64_t length)
{
	m->phase = PHASE_QUIET;
	m->from_ns = m->last_ns = host_wall_ns(); /* behind the writing of the line */
	m->until_ns = m->from_ns + length;
	m->gap_ns = m->busy_ns = m->waited_ns = 0;
}

static void end_quiet(struct measure *m)
{
	char line[128];

	m->phase = PHASE_NOTHING;
	snprintf(line, sizeof(line), "quiet length=%" PRId64 " gap=%" PRId64 " busy=%" PRId64 "\n",
		m->until_ns - m->from_ns, m->gap_ns, m->busy_ns);
	put_line(m, line);
	m->last_ns = host_wall_ns();
	m->waited_ns = 0;
}

void measure_dispatch(struct measure *m)
{
	int64_t now = host_wall_ns(), gap = m->last_ns != 0 ? now - m->last_ns : 0;

	if (gap > m->gap_ns)
		m->gap_ns = gap;
	if (gap - m->waited_ns > m->busy_ns)
		m->busy_ns = gap - m->waited_ns;
	m->last_ns = now;
	m->waited_ns = 0;
	if (m->phase == PHASE_ENDING) {
		say_reload(m, now - m->from_ns);
		begin_quiet(m, now - m->from_ns);
	} else if (m->phase == PHASE_QUIET && now >= m->until_ns) {
		end_quiet(m);
	}
}

void measure_reload_begin(struct measure *m)
{
	if (m == NULL)
		return;
	if (m->phase == PHASE_ENDING) /* one behind the other */
		say_reload(m, host_wall_ns() - m->from_ns);
	m->phase = PHASE_RELOAD;
	m->from_ns = host_wall_ns();
	m->gap_ns = m->busy_ns = m->frozen_ns = 0;
	memset(m->parts, 0, sizeof(m->parts));
}

void measure_part_begin(struct measure *m, enum measure_part part)
{
	if (m != NULL)
		m->part_from_ns = host_wall_ns();
}

void measure_part_end(struct measure *m, enum measure_part part)
{
	int64_t took;

	if (m == NULL)
		return;
	took = host_wall_ns() - m->part_from_ns;
	m->parts[part] = took > m->parts[part] ? took : m->parts[part];
}

void measure_reload_end(struct measure *m, const struct reload_result *results, int count)
{
	size_t used = 0;

	if (m == NULL)
		return;
	m->phase = PHASE_ENDING;
	m->results[0] = '\0';
	for (int i = 0; i < count; i++) {
		m->frozen_ns += results[i].frozen_ns;
		if (results[i].outcome != RELOAD_KEPT && used < sizeof(m->results) - 64)
			used += (size_t)snprintf(m->results + used, sizeof(m->results) - used, " %s=%u", results[i].name,
				results[i].outcome);
	}
}
