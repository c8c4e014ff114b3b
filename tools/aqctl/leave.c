/* leave.c: see leave.h. */
#include "leave.h"

#include <host/control_wire.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const verbs[] = {"halt", "pause", "close-only", "flatten", "resume"};
#define VERBS (sizeof(verbs) / sizeof(*verbs))
#define NAME_MOST 64 /* longer than any */
#define FOLDER_MOST 256 /* a socket's path is shorter */
#define PATH_MOST (FOLDER_MOST + 256)

bool leave_may(const char *line)
{
	size_t length = strcspn(line, " \n");

	for (size_t i = 0; i < VERBS; i++)
		if (strlen(verbs[i]) == length && strncmp(verbs[i], line, length) == 0)
			return true;
	return false;
}

/* What a request says: its flags are about an answer, which does not come. */
struct word {
	char text[CONTROL_REQUEST_MAX + 1]; /* the line, cut */
	const char *verb, *name;            /* name: "host" when there is none */
	char why[CONTROL_REQUEST_MAX + 1];
};

static void read_word(const char *line, struct word *out)
{
	size_t used = 0;
	int count = 0;
	char *rest;

	snprintf(out->text, sizeof(out->text), "%s", line);
	out->verb = "";
	out->name = "host";
	out->why[0] = '\0';
	for (char *at = strtok_r(out->text, " \n", &rest); at != NULL; at = strtok_r(NULL, " \n", &rest)) {
		if (strncmp(at, "--", 2) == 0)
			continue;
		if (count == 0)
			out->verb = at;
		else if (count == 1)
			out->name = at;
		else
			used += (size_t)snprintf(out->why + used, sizeof(out->why) - used, "%s%s", used > 0 ? " " : "", at);
		count++;
	}
}

/* ---- the file ---- */

static void path_of(const char *folder, const char *before, const char *verb, const char *name, char out[PATH_MOST])
{
	bool host = strcmp(name, "host") == 0;

	snprintf(out, PATH_MOST, "%s/%s%s%s%s", folder, before, verb, host ? "" : ".", host ? "" : name);
}

/* Whole, or not at all; readable for a host that is another user than we. */
static bool write_file(const char *folder, const struct word *w)
{
	char draft[PATH_MOST], path[PATH_MOST];
	bool ok;
	int fd;

	path_of(folder, ".", w->verb, w->name, draft);
	path_of(folder, "", w->verb, w->name, path);
	unlink(draft);
	fd = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0)
		return false;
	ok = fchmod(fd, 0644) == 0 && dprintf(fd, "%s\n", w->why) > 0;
	ok = close(fd) == 0 && ok && rename(draft, path) == 0;
	if (ok)
		fprintf(stderr, "aqctl: left %s: the host carries it out when it turns again, or when it starts next\n", path);
	else
		unlink(draft);
	return ok;
}

static void take_back_others(const char *folder, const struct word *w)
{
	char path[PATH_MOST];

	for (size_t i = 0; i < VERBS; i++)
		if (strcmp(verbs[i], w->verb) != 0) {
			path_of(folder, "", verbs[i], w->name, path);
			if (unlink(path) == 0)
				fprintf(stderr, "aqctl: %s, which was left before, is taken away\n", path);
		}
}

static bool is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* Where the host's link beside its socket leads, else what lies beside it: that is so in its state folder. */
static bool find_folder(const char *socket_path, char out[FOLDER_MOST])
{
	const char *slash = strrchr(socket_path, '/');

	snprintf(out, FOLDER_MOST, "%s.operator", socket_path);
	if (is_folder(out))
		return true;
	snprintf(out, FOLDER_MOST, "%.*soperator", slash != NULL ? (int)(slash - socket_path) + 1 : 0, socket_path);
	return is_folder(out);
}

static void tell_no_folder(const char *folder, const struct word *w)
{
	const char *name = strcmp(w->name, "host") == 0 ? "" : w->name;

	fprintf(stderr,
		"aqctl: %s cannot be left for later: %s is no folder of a host. Say where it is: aqctl -d STATE_DIR %s%s%s, or write "
		"the file STATE_DIR/operator/%s%s%s\n", w->verb, folder, w->verb, name[0] != '\0' ? " " : "", name, w->verb,
		name[0] != '\0' ? "." : "", name);
}

void leave(const char *socket_path, const char *line)
{
	struct word *w = malloc(sizeof(*w));
	char folder[FOLDER_MOST];

	if (w == NULL)
		return;
	read_word(line, w);
	if (!find_folder(socket_path, folder))
		tell_no_folder(folder, w);
	else if (strchr(w->name, '/') != NULL || strlen(w->name) > NAME_MOST)
		fprintf(stderr, "aqctl: %s cannot be left for later: nothing has the name %.80s\n", w->verb, w->name);
	else if (!write_file(folder, w))
		fprintf(stderr, "aqctl: %s cannot be left in %s: %s\n", w->verb, folder, strerror(errno));
	else
		take_back_others(folder, w);
	free(w);
}
