/* policy.c: see policy.h. */
#include "host/policy.h"

#include "base/err.h"

#include <string.h>

struct verb {
	const char *name;
	uint8_t orders, then; /* one of them is 0 */
};

static const struct verb verbs[] = {
	{"leave", POLICY_LEAVE, 0},
	{"cancel", POLICY_CANCEL, 0},
	{"flatten", POLICY_FLATTEN, 0},
	{"quarantine", 0, POLICY_QUARANTINE},
	{"restart", 0, POLICY_RESTART},
	{"close_only", 0, POLICY_CLOSE_ONLY},
	{"halt", 0, POLICY_HALT},
};
#define VERBS (sizeof(verbs) / sizeof(*verbs))

struct rule {
	const char *key;
	const char *kinds;    /* of sections, separated by blanks */
	const char *verbs;    /* that it takes, the same */
	const char *write;    /* for messages */
	const char *fallback; /* as it would be written */
	struct policy policy; /* the fallback */
};

static const struct rule on_stop = {"on_stop", "strategy", "leave cancel flatten", "leave, cancel or flatten", "cancel",
	{POLICY_CANCEL, POLICY_NOTHING}};
static const struct rule on_crash = {"on_crash", "strategy", "leave cancel flatten quarantine restart",
	"one of leave, cancel, flatten, and one of quarantine, restart", "cancel, quarantine",
	{POLICY_CANCEL, POLICY_QUARANTINE}};
static const struct rule on_loss = {"on_loss", "host account strategy", "cancel close_only halt",
	"cancel, and one of close_only, halt", "cancel, close_only", {POLICY_CANCEL, POLICY_CLOSE_ONLY}};
static const struct rule *const rules[] = {&on_stop, &on_crash, &on_loss};
#define RULES (sizeof(rules) / sizeof(*rules))

/* Whether a text of words separated by blanks has this one. */
static bool has_word(const char *words, const char *word, size_t length)
{
	for (; *words != '\0'; words += strspn(words, " ")) {
		size_t n = strcspn(words, " ");

		if (n == length && memcmp(words, word, length) == 0)
			return true;
		words += n;
	}
	return false;
}

static const struct verb *find_verb(const struct rule *r, const char *name, size_t length)
{
	for (size_t i = 0; i < VERBS; i++)
		if (strlen(verbs[i].name) == length && memcmp(verbs[i].name, name, length) == 0)
			return has_word(r->verbs, name, length) ? &verbs[i] : NULL;
	return NULL;
}

static int unknown(const struct rule *r, const char *item, size_t length, struct aq_err *err)
{
	const char *nearest = NULL;
	char name[64], text[CONFIG_NEAREST_SIZE];

	snprintf(name, sizeof(name), "%.*s", (int)(length < sizeof(name) ? length : sizeof(name) - 1), item);
	for (size_t i = 0; i < VERBS; i++)
		if (has_word(r->verbs, verbs[i].name, strlen(verbs[i].name)))
			nearest = config_nearer(name, nearest, verbs[i].name);
	if (name[0] == '\0')
		return err_set(err, AQ_EFORMAT, "a verb is missing. Write %s.", r->write);
	return err_set(err, AQ_EFORMAT, "%s is no verb of %s.%s Write %s.", name, r->key, config_nearest(nearest, text),
		r->write);
}

/* What is given, 0 in the parts that are not. */
static int parse(const struct rule *r, const char *text, struct policy *out, struct aq_err *err)
{
	const char *item;
	size_t length;

	*out = (struct policy){0};
	while (config_next_item(&text, &item, &length)) {
		const struct verb *verb = find_verb(r, item, length);

		if (verb == NULL)
			return unknown(r, item, length, err);
		if ((verb->orders != 0 && out->orders != 0) || (verb->then != 0 && out->then != 0))
			return err_set(err, AQ_EFORMAT, "%s cannot stand beside what comes before it. Write %s.",
				verb->name, r->write);
		out->orders |= verb->orders;
		out->then |= verb->then;
	}
	return AQ_OK;
}

static struct policy policy(const struct rule *r, const struct config_section *s)
{
	const struct config_entry *entry = s != NULL ? config_get(s, r->key) : NULL;
	struct policy given = {0};
	struct aq_err err;

	if (entry == NULL || parse(r, entry->value, &given, &err) != AQ_OK)
		return r->policy;
	if (given.orders == 0)
		given.orders = r->policy.orders;
	if (given.then == 0)
		given.then = r->policy.then;
	return given;
}

struct policy policy_on_stop(const struct config_section *s)
{
	return policy(&on_stop, s);
}

struct policy policy_on_crash(const struct config_section *s)
{
	return policy(&on_crash, s);
}

struct policy policy_on_loss(const struct config_section *s)
{
	return policy(&on_loss, s);
}

static bool applies(const struct rule *r, const struct config_section *s)
{
	return has_word(r->kinds, s->kind, strlen(s->kind));
}

static void check(const struct rule *r, const struct config_section *s, struct config_errors *e)
{
	const struct config_entry *entry = applies(r, s) ? config_get(s, r->key) : NULL;
	struct policy given;
	struct aq_err err;

	if (entry != NULL && parse(r, entry->value, &given, &err) != AQ_OK)
		config_error_value(e, s, entry, "%s", err.text);
}

void policies_check(const struct config *c, struct config_errors *e)
{
	for (int i = 0; i < c->count; i++)
		for (size_t k = 0; k < RULES; k++)
			check(rules[k], &c->sections[i], e);
}

void policies_defaults(
	const struct config_section *s, void (*each)(void *context, const char *key, const char *value), void *context)
{
	for (size_t k = 0; k < RULES; k++)
		if (applies(rules[k], s) && config_get(s, rules[k]->key) == NULL)
			each(context, rules[k]->key, rules[k]->fallback);
}
