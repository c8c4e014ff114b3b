/* section.h: what a section of the configuration stands for, and its own copy, for an instance that outlives the
 * configuration it came from. */
#ifndef AQ_HOST_SECTION_H
#define AQ_HOST_SECTION_H

#include "host/config.h"

/* The kind of plugin that a section of this kind runs (enum aq_kind); 0 = none: the host's own, and accounts. What has
 * no other meaning names a service: [recorder] and [recorder:x] run the plugin recorder, unless `plugin` says another.
 */
uint32_t section_kind(const char *kind);
/* The section of whatever runs under this name; NULL = there is none. */
const struct config_section *section_of_instance(const struct config *c, const char *name);
/* A tree that holds a copy of one section. */
struct config *section_copy(const struct config_section *s);

#endif
