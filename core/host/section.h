/* section.h: a section's own copy, for an instance that outlives the configuration it came from. */
#ifndef AQ_HOST_SECTION_H
#define AQ_HOST_SECTION_H

#include "host/config.h"

/* A tree that holds a copy of one section. */
struct config *section_copy(const struct config_section *s);

#endif
