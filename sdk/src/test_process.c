/* test_process.c: where the SDK's programs and the files of a run lie, and programs that run. */
#include "test_run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define LIMIT_S 600 /* of one program: a callback that hangs ends the test */

/* ---- errors and files ---- */

int aq_test_fail(struct aq_test *t, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(t->error, sizeof(t->error), format, arguments);
	va_end(arguments);
	return -1;
}

void aq_test_path(const struct aq_test_run *r, const char *name, char out[PATH_MAX])
{
	snprintf(out, PATH_MAX, "%.*s/%s", PATH_MAX - 64, r->folder, name);
}

char *aq_test_read(const char *path)
{
	FILE *in = fopen(path, "r");
	char *text = NULL, *longer;
	size_t length = 0, got = 1;
	while (in != NULL && got > 0) {
		longer = realloc(text, length + 65536);
		if (longer == NULL)
			break;
		text = longer;
		got = fread(text + length, 1, 65535, in);
		length += got;
		text[length] = '\0';
	}
	if (in != NULL)
		fclose(in);
	return text;
}

/* ---- where things lie ---- */

static bool ask_pkg_config(const char *variable, char out[PATH_MAX])
{
	char command[128];
	FILE *in;
	bool ok;
	snprintf(command, sizeof(command), "pkg-config --variable=%s aioquant 2>/dev/null", variable);
	in = popen(command, "r");
	ok = in != NULL && fgets(out, PATH_MAX, in) != NULL;
	if (in != NULL)
		pclose(in);
	if (ok)
		out[strcspn(out, "\n")] = '\0';
	return ok && out[0] != '\0';
}

bool aq_test_sdk(const char *environment, const char *variable, char out[PATH_MAX])
{
	const char *given = getenv(environment);
	if (given == NULL || given[0] == '\0')
		return ask_pkg_config(variable, out);
	snprintf(out, PATH_MAX, "%s", given);
	return true;
}

/* ---- programs ---- */

static void become(const char *const *arguments, const char *output)
{
	int fd = open(output, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd < 0 || dup2(fd, 1) < 0 || dup2(fd, 2) < 0)
		_exit(126);
	alarm(LIMIT_S);
	execv(arguments[0], (char *const *)(uintptr_t)arguments);
	dprintf(2, "%s: %s\n", arguments[0], strerror(errno));
	_exit(127);
}

/* The end of a text, from the begin of a line on. */
static const char *tail(const char *text, size_t most)
{
	size_t length = strlen(text);
	const char *at = text + (length > most ? length - most : 0), *line = strchr(at, '\n');
	return length > most && line != NULL ? line + 1 : at;
}

static int complain(struct aq_test_run *r, const char *program, int status, const char *output)
{
	char path[PATH_MAX], how[64];
	char *said = aq_test_read(output), *log;
	aq_test_path(r, "host.log", path);
	log = aq_test_read(path);
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
		snprintf(how, sizeof(how), "took more than %d s", LIMIT_S);
	else if (WIFSIGNALED(status))
		snprintf(how, sizeof(how), "was ended by signal %d", WTERMSIG(status));
	else
		snprintf(how, sizeof(how), "ended with status %d", WEXITSTATUS(status));
	aq_test_fail(r->t, "%s %s. It said last:\n%s%s", program, how, log != NULL ? tail(log, 600) : "",
		said != NULL ? tail(said, 1000) : "");
	free(said);
	free(log);
	return -1;
}

int aq_test_execute(struct aq_test_run *r, const char *const *arguments, const char *output)
{
	char path[PATH_MAX];
	int status = 0;
	pid_t child;
	aq_test_path(r, output, path);
	fflush(NULL);
	child = fork();
	if (child == 0)
		become(arguments, path);
	if (child < 0)
		return aq_test_fail(r->t, "fork: %s", strerror(errno));
	while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
	}
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : complain(r, arguments[0], status, path);
}
