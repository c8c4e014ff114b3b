#include "find.h"

#include <glob.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define HERE "state/control.sock"
#define SYSTEM "/run/aioquant/*.sock"

static bool is_newer(const struct stat *a, const struct stat *b)
{
	return a->st_mtim.tv_sec != b->st_mtim.tv_sec ? a->st_mtim.tv_sec > b->st_mtim.tv_sec
						      : a->st_mtim.tv_nsec > b->st_mtim.tv_nsec;
}

static bool find_newest(char *out, size_t size)
{
	struct stat newest = {0}, each;
	bool found = false;
	glob_t g;

	if (glob(SYSTEM, 0, NULL, &g) != 0)
		return false;
	for (size_t i = 0; i < g.gl_pathc; i++)
		if (stat(g.gl_pathv[i], &each) == 0 && S_ISSOCK(each.st_mode) && (!found || is_newer(&each, &newest))) {
			newest = each;
			found = true;
			snprintf(out, size, "%s", g.gl_pathv[i]);
		}
	globfree(&g);
	return found;
}

void find_socket(char *out, size_t size)
{
	const char *given = getenv("AQ_SOCKET");
	struct stat st;

	if (given != NULL && given[0] != '\0')
		snprintf(out, size, "%s", given);
	else if (stat(HERE, &st) == 0 || !find_newest(out, size))
		snprintf(out, size, "%s", HERE);
}
