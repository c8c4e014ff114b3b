/* override.h: what aqctl set says over the head of the configuration's files. The journal keeps it. --set of the command line
 * is config_load's. */
#ifndef AQ_HOST_OVERRIDE_H
#define AQ_HOST_OVERRIDE_H

#include "host/host.h"

/* A copy of what operators have set, for a thread beside the loop. */
struct override {
	struct fact_override fact;
	bool runs; /* the instance that it is for */
};
struct override_list {
	struct override *list;
	uint32_t count;
};
void override_list_make(struct host *h, struct override_list *out);
void override_list_free(struct override_list *l);
/* Puts each into its own section of a tree that config_load has made; so it holds against the command line, and sections that
 * are `like` it do not get it. One whose section is gone is left out; the log tells of it unless its instance still runs,
 * whose removal forgets it. [any] */
void override_list_apply(const struct override_list *l, struct config *c);
/* The same for a tree that is a part: nothing is missed. [any] */
void override_list_put(const struct override_list *l, struct config *c);

/* The label of an instance's section, which names its overrides. */
void override_section(const struct instance *i, char out[48]);
/* Journals that an operator sets a live option, or (value "") does so no longer. Also when it does not run. */
int override_note(struct host *h, uint32_t uid, const char *section, const char *key, const char *value);
/* The journal forgets all that is set for an instance, as --reset does: it is about to be removed. */
void override_forget(struct host *h, const struct instance *i);
/* What is set for the instance of this name, whether it runs or not: this key, or (NULL) any. NULL = nothing. */
const struct fact_override *override_of(const struct host *h, const char *name, const char *key);
/* As text for another process of this program: SECTION.KEY=VALUE. */
#define OVERRIDE_TEXT_MAX sizeof(struct fact_override)
void override_write(const struct fact_override *o, char out[OVERRIDE_TEXT_MAX]);
bool override_read(const char *text, struct fact_override *out);
/* How many hold: of the command line, and those that operators have set. */
int override_count(const struct host *h);

/* Writes `key = value` into the section that begins at FILE:LINE: in place of the lines that have it, else as the first. Read again it
 * is the same value. AQ_EINVAL: no file can say it; AQ_ENOENT: it cannot be written; then the file is as it was. */
int override_save(const char *file, int line, const char *key, const char *value, struct aq_err *err);

#endif
