/* crash_take.c: what the next start makes of a crash. */
#include "host/crash.h"

#include "base/log.h"
#include "host/back.h"
#include "host/crash_file.h"
#include "host/operator.h"
#include "host/policy.h"
#include "host/section.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define NAMELESS_MAX 3              /* crashes without a culprit, and with one that is to be restarted */
#define NAMELESS_NS 60000000000ll   /* within this */

/* ---- how often of late ---- */

/* Notes the moment, and counts those of the last minute. The file has a line a crash, begun anew when all others are old. */
static int count_recent(const char *state_dir, const char *who, int64_t now_ns)
{
	char path[600], name[48];
	int count = 1, recent = 0;
	long long at;
	FILE *f;

	snprintf(path, sizeof(path), "%s/crashes", state_dir);
	f = fopen(path, "re");
	while (f != NULL && fscanf(f, "%lld %47s", &at, name) == 2)
		if (now_ns - at < NAMELESS_NS) {
			recent++;
			count += strcmp(name, who) == 0 && at != now_ns; /* this one may have been noted before */
		}
	if (f != NULL)
		fclose(f);
	f = fopen(path, recent > 0 ? "ae" : "we");
	if (f != NULL) {
		fprintf(f, "%lld %s\n", (long long)now_ns, who);
		fclose(f);
	}
	return count;
}

/* ---- what follows ---- */

static void stand(struct host *h, const char *name, struct fact_standing *fact)
{
	struct operator_target t;
	struct aq_err err;

	snprintf(fact->who, sizeof(fact->who), "crash");
	fact->uid = (uint32_t)getuid();
	if (operator_target_find(h, name, &t, &err) == 0)
		operator_stand(h, &t, fact);
}

static void halt(struct host *h)
{
	struct fact_standing fact = {.state = STANDING_HALT, .why = "three crashes in a minute without a culprit"};

	if (standing_find(&h->flow, SCOPE_HOST, 0)->fact.state >= STANDING_HALT)
		return; /* a flatten goes on */
	stand(h, "host", &fact);
}

static void quarantine(struct host *h, const struct crash *c, uint8_t orders)
{
	struct fact_standing fact = {.state = STANDING_QUARANTINE, .orders = orders};
	uint32_t id = names_find(&h->flow.names, NAME_INSTANCE, c->instance);
	uint8_t before;

	before = id != 0 ? h->flow.instances[id].meter.standing.fact.state : STANDING_RUN;
	if (before == STANDING_FLATTEN)
		fact.orders = STANDING_CLOSE; /* that goes on */
	if (before != STANDING_QUARANTINE) /* what an operator said holds when it is released */
		fact.after = before == STANDING_FLATTEN ? STANDING_HALT : before;
	snprintf(fact.why, sizeof(fact.why), "%.*s in %.50s", (int)strcspn(crash_reason(c), ":"), crash_reason(c), c->where);
	stand(h, c->instance, &fact);
}

static bool go_back(struct host *h, const struct crash *c)
{
	if (c->reloaded_ns == 0 || c->time_ns - c->reloaded_ns >= h->options.reload_watch)
		return false;
	if (!back_bar(h->options.state_dir, c->instance, c->hash, c->generation))
		return false;
	log_line(AQ_LOG_ERROR, c->instance,
		"crashed %lld ms after a reload: it starts with the library, options and state before it",
		(long long)((c->time_ns - c->reloaded_ns) / 1000000));
	return true;
}

static void judge(struct host *h, const struct crash *c)
{
	const struct config_section *s = section_of_instance(h->config, c->instance);
	struct policy policy = s != NULL ? policy_on_crash(s) : (struct policy){0};

	if (c->instance[0] == '\0') {
		if (count_recent(h->options.state_dir, "-", c->time_ns) >= NAMELESS_MAX)
			halt(h);
		return;
	}
	if (s == NULL || go_back(h, c))
		return;
	if (policy.then == POLICY_RESTART && count_recent(h->options.state_dir, c->instance, c->time_ns) < NAMELESS_MAX)
		log_line(AQ_LOG_WARN, c->instance, "starts again after its crash, as on_crash says");
	else
		quarantine(h, c, policy.orders == POLICY_LEAVE ? STANDING_LEAVE
				: policy.orders == POLICY_FLATTEN ? STANDING_CLOSE : STANDING_CANCEL);
}

/* The child's finding stands in a file beside it. */
static void read_where(const char *path, struct crash *c)
{
	char beside[640];
	FILE *in;

	snprintf(c->where, sizeof(c->where), "an unknown place");
	snprintf(beside, sizeof(beside), "%s.where", path);
	in = fopen(beside, "re");
	if (in == NULL)
		return;
	if (fgets(c->where, sizeof(c->where), in) != NULL)
		c->where[strcspn(c->where, "\n")] = '\0';
	fclose(in);
	unlink(beside);
}

void crash_take(struct host *h)
{
	char path[600], kept[640];
	struct crash c;

	snprintf(path, sizeof(path), "%s/crash", h->options.state_dir);
	snprintf(kept, sizeof(kept), "%s.last", path);
	if (!crash_read(path, &c, NULL))
		return;
	read_where(path, &c);
	log_line(AQ_LOG_ERROR, c.instance[0] != '\0' ? c.instance : "host", "the last run ended with a crash: %s%s%s in %s",
		crash_reason(&c), c.call[0] != '\0' ? ", in its " : "", c.event[0] != '\0' ? c.event : c.call, c.where);
	judge(h, &c);
	rename(path, kept); /* for people; only now, should the process end before */
}
