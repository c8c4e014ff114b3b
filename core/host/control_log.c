/* control_log.c: which lines the log takes, until the process ends. */
#include "host/control_call.h"

#include "base/log.h"

#include <string.h>

static const char *const levels[] = {"?", "debug", "info", "warn", "error"};

static const char *level_name(int level)
{
	return level >= AQ_LOG_DEBUG && level <= AQ_LOG_ERROR ? levels[level] : levels[0];
}

/* 0 for a word that is no level. */
static int level_of(const char *word)
{
	for (int level = AQ_LOG_DEBUG; level <= AQ_LOG_ERROR; level++)
		if (strcmp(word, levels[level]) == 0)
			return level;
	return 0;
}

static const struct column columns[] = {{"level", "LEVEL", 0}, {"before", "BEFORE", 0},
	{"configured", "CONFIGURED", 0}, {0}};

static void tell(struct control_call *c, int before)
{
	struct result *r = &c->result;

	result_table(r, "log", TABLE_GRID, columns);
	if (!result_row(r))
		return;
	result_cell(r, "%s", level_name(log_level_get()));
	result_cell(r, "%s", before != log_level_get() ? level_name(before) : "");
	result_cell(r, "%s", level_name(c->host->options.log_level));
}

bool control_log_level(struct control_call *c)
{
	int before = log_level_get(), level = before, configured = c->host->options.log_level;

	if (c->request->count > 1) {
		level = level_of(c->request->words[1]);
		if (level == 0) {
			result_fail(&c->result, CONTROL_FAILED, "%.40s is no level: debug, info, warn or error", c->request->words[1]);
			return true;
		}
		log_level_set(level);
	}
	tell(c, before);
	if (level != configured)
		result_hint(&c->result, "a restart forgets it: level = %s in [log] keeps it; back: aqctl log-level %s",
			level_name(level), level_name(configured));
	return true;
}
