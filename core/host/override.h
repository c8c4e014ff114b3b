/* override.h: what is said over the head of the configuration's files: --set on the command line, and aqctl set, which the
 * journal keeps. */
#ifndef AQ_HOST_OVERRIDE_H
#define AQ_HOST_OVERRIDE_H

#include "host/host.h"

/* As config_load takes them: those of the command line, then those that operators have set. */
struct override_list {
	char **list;
	int count;
};
void override_list_make(const struct host *h, struct override_list *out);
void override_list_free(struct override_list *l);

/* The label of an instance's section, which names its overrides. */
void override_section(const struct instance *i, char out[48]);
/* Journals that an operator sets a live option, or (value "") does so no longer. Also when it does not run. */
int override_note(struct host *h, uint32_t uid, const char *section, const char *key, const char *value);
/* How many hold: of both kinds. */
int override_count(const struct host *h);

/* Writes `key = value` into the section that begins at FILE:LINE: in place of the line that has it, else as the first. */
int override_save(const char *file, int line, const char *key, const char *value, struct aq_err *err);

#endif
