/* operator.c: see operator.h. The folder's files are in operator_files.c. */
#include "host/operator.h"

#include "base/err.h"
#include "base/log.h"
#include "host/host.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void fill(struct host *h, enum flow_scope scope, uint32_t id, const char *name, struct operator_target *out)
{
	*out = (struct operator_target){.scope = scope, .id = id, .standing = standing_find(&h->flow, scope, id)};
	snprintf(out->name, sizeof(out->name), "%s", name);
}

int operator_target_find(struct host *h, const char *name, struct operator_target *out, struct aq_err *err)
{
	const char *colon = strchr(name, ':'), *bare = colon != NULL ? colon + 1 : name;
	uint32_t account = names_find(&h->flow.names, NAME_ACCOUNT, bare);
	uint32_t instance = names_find(&h->flow.names, NAME_INSTANCE, bare);

	if (strcmp(name, "host") == 0) {
		fill(h, SCOPE_HOST, 0, "host", out);
		return AQ_OK;
	}
	if (colon != NULL && strncmp(name, "account:", 8) == 0)
		instance = 0;
	else if (colon != NULL)
		account = 0;
	if (account != 0 && instance != 0)
		return err_set(err, AQ_EINVAL, "%.48s is an account and an instance: write account:%.40s or strategy:%.40s",
			bare, bare, bare);
	if (account != 0)
		fill(h, SCOPE_ACCOUNT, account, bare, out);
	else if (instance != 0)
		fill(h, SCOPE_INSTANCE, instance, bare, out);
	else
		return err_set(err, AQ_ENOENT, "there is no account and no instance %.48s; the whole process is called host", bare);
	return AQ_OK;
}

/* What is quarantined stays so: the word is for its orders now, and for the time after its release. */
static void say_to_quarantined(const struct standing *s, struct fact_standing *fact)
{
	fact->orders = fact->state == STANDING_FLATTEN ? STANDING_CLOSE : STANDING_CANCEL;
	fact->after = fact->state == STANDING_FLATTEN ? STANDING_HALT : fact->state;
	fact->state = STANDING_QUARANTINE;
	if (s->fact.orders == STANDING_CLOSE)
		fact->orders = STANDING_CLOSE;
	if (fact->why[0] == '\0')
		memcpy(fact->why, s->fact.why, sizeof(fact->why));
}

bool operator_may(const struct operator_target *t, uint8_t state)
{
	return t->standing->fact.state != STANDING_QUARANTINE || state == STANDING_PAUSE || state == STANDING_HALT ||
		state == STANDING_FLATTEN;
}

/* `word`: what the log calls it. */
static int stand(struct host *h, const struct operator_target *t, struct fact_standing *fact, uint8_t word)
{
	operator_forget_kept(h, t);
	fact->scope = t->scope;
	fact->id = t->id;
	fact->time_ns = h->flow.now_ns;
	log_line(word == STANDING_RUN ? AQ_LOG_INFO : AQ_LOG_WARN, "operator", "%s is %s by %s (uid %u)%s%s", t->name,
		standing_name(word), fact->who, fact->uid, fact->why[0] != '\0' ? ": " : "", fact->why);
	return standing_set(&h->flow, fact);
}

int operator_stand(struct host *h, const struct operator_target *t, struct fact_standing *fact)
{
	uint8_t word = fact->state;

	if (t->standing->fact.state == STANDING_QUARANTINE && word >= STANDING_PAUSE && word <= STANDING_FLATTEN)
		say_to_quarantined(t->standing, fact);
	return stand(h, t, fact, word);
}

void operator_flatten_at_stop(struct host *h, uint32_t instance)
{
	const struct fact_standing *before = &h->flow.instances[instance].meter.standing.fact;
	struct fact_standing fact = {.state = STANDING_FLATTEN, .who = STANDING_ON_STOP, .uid = (uint32_t)getuid(),
		.after = before->state};
	struct operator_target t;

	if (before->state >= STANDING_FLATTEN)
		return;
	memcpy(fact.why, before->why, sizeof(fact.why));
	fill(h, SCOPE_INSTANCE, instance, flow_instance_name(&h->flow, instance), &t);
	operator_stand(h, &t, &fact);
}

void operator_release(struct host *h, uint32_t instance, uint32_t uid)
{
	struct fact_standing fact = {.uid = uid, .who = "aqctl release"};
	struct operator_target t;

	fill(h, SCOPE_INSTANCE, instance, flow_instance_name(&h->flow, instance), &t);
	fact.state = t.standing->fact.after;
	if (fact.state != STANDING_RUN)
		snprintf(fact.why, sizeof(fact.why), "it was so when it crashed, or was told since");
	if (stand(h, &t, &fact, fact.state) != 0)
		log_line(AQ_LOG_ERROR, t.name, "the journal could not take its release: the next start quarantines it again");
}
