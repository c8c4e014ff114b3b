/* files_now.h: the configuration's files, and the libraries that they name, as they lie there now. */
#ifndef AQ_HOST_FILES_NOW_H
#define AQ_HOST_FILES_NOW_H

#include "host/host.h"

struct files_library {
	char hash[PLUGIN_HASH_TEXT]; /* "" when there is none, or it cannot be read: see err */
	struct aq_err err;
};

struct files_now {
	const char *path;             /* of the host's configuration */
	const char *const *overrides; /* of the command line */
	int override_count;
	struct config *config;        /* NULL: there are errors */
	struct config_errors *errors;
	struct files_library *libraries; /* of the sections, by their index; those of the host itself have none */
	struct host_options options;
};

/* Fills what is zero but for path and overrides. [any] */
void files_now_read(struct files_now *f);
/* Of a section of f->config. */
const struct files_library *files_now_library(const struct files_now *f, const struct config_section *s);
void files_now_finish(struct files_now *f);

#endif
