/* stage.h: everything about new code that can fail, before anything of the running process is touched: find, copy, hash,
 * lint, rehearse in a child, load. */
#ifndef AQ_HOST_STAGE_H
#define AQ_HOST_STAGE_H

#include "host/lint_log.h"
#include "host/plugin.h"
#include "host/rehearsal.h"

struct host;
struct config_section;

struct stage {
	char instance[48];
	uint32_t kind;            /* enum aq_kind that the section asks for */
	uint32_t copy;            /* number of the private copy */
	char path[512];           /* of the plugin */
	char folder[512];         /* private copies */
	int64_t timeout_ns;       /* of the rehearsal */
	struct lint_told *told;   /* the host's */
	struct rehearsal rehearsal; /* what the child is fed with */
	struct plugin *plugin;    /* the result */
	int rc;
	struct aq_err err;
};

/* Finds the file and fills all of a zeroed stage but the rehearsal. [loop] */
int stage_prepare(struct stage *s, struct host *h, const struct config_section *section, uint32_t kind,
	struct aq_err *err);
/* Copies, lints, rehearses, loads. Fills plugin, or rc and err. [any] */
void stage_run(struct stage *s);

#endif
