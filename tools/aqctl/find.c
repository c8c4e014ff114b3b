#include "find.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define HERE "state/control.sock"
#define SYSTEM "/run/aioquant/*.sock"
#define END ".sock"
#define OWN "control.sock" /* in a state folder */

/* ---- several ---- */

static bool is_same(const char *a, const char *b)
{
	struct stat first, second;

	if (strcmp(a, b) == 0)
		return true;
	return stat(a, &first) == 0 && stat(b, &second) == 0 && first.st_dev == second.st_dev &&
		first.st_ino == second.st_ino;
}

bool sockets_add(struct sockets *s, const char *path)
{
	for (int i = 0; i < s->count; i++)
		if (is_same(s->paths[i], path)) {
			char *found = s->paths[i];

			s->paths[i] = s->paths[s->count - 1];
			s->paths[s->count - 1] = found;
			return true;
		}
	if (s->count == SOCKETS_MAX || (s->paths[s->count] = strdup(path)) == NULL)
		return false;
	s->count++;
	return true;
}

void sockets_free(struct sockets *s)
{
	while (s->count > 0)
		free(s->paths[--s->count]);
}

void find_all(struct sockets *s)
{
	const char *given = getenv("AQ_SOCKET");
	struct stat st;
	glob_t g;

	if (given != NULL && given[0] != '\0')
		sockets_add(s, given);
	if (glob(SYSTEM, 0, NULL, &g) != 0)
		return;
	for (size_t i = 0; i < g.gl_pathc; i++)
		if (stat(g.gl_pathv[i], &st) == 0 && S_ISSOCK(st.st_mode))
			sockets_add(s, g.gl_pathv[i]);
	globfree(&g);
}

void socket_name(const char *path, char *out, size_t size)
{
	const char *slash = strrchr(path, '/'), *file = slash != NULL ? slash + 1 : path;
	size_t length = strlen(file);

	if (slash != NULL && slash > path && strcmp(file, OWN) == 0)
		snprintf(out, size, "%.*s", (int)(slash - path), path);
	else if (length > strlen(END) && strcmp(file + length - strlen(END), END) == 0)
		snprintf(out, size, "%.*s", (int)(length - strlen(END)), file);
	else
		snprintf(out, size, "%s", path);
}

/* ---- one ---- */

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
