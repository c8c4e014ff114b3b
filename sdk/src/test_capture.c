/* test_capture.c: from a recording to a capture, once: the import is kept beside the plugin. */
#include "test_run.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* As it is named, or one of the SDK's own. */
static int find_recording(struct aq_test_run *r, const char *name, char out[PATH_MAX])
{
	char folder[PATH_MAX], path[PATH_MAX];
	if (realpath(name, out) != NULL)
		return 0;
	if (strchr(name, '/') == NULL && aq_test_sdk("AQ_DATA", "datadir", folder)) {
		snprintf(path, sizeof(path), "%.*s/%.255s", PATH_MAX - 257, folder, name);
		if (realpath(path, out) != NULL)
			return 0;
		return aq_test_fail(r->t, "no recording %s, neither here nor in %s", name, folder);
	}
	return aq_test_fail(r->t, "%s: %s", name, strerror(errno));
}

/* btcusdt_20240808.gz -> BTCUSDT */
static void guess_symbol(struct aq_test_run *r, const char *path)
{
	const char *name = strrchr(path, '/') + 1;
	size_t length = strcspn(name, "_-.");
	if (r->venue[0] == '\0')
		snprintf(r->venue, sizeof(r->venue), "binance");
	if (r->venue_symbol[0] != '\0')
		return;
	if (length >= sizeof(r->venue_symbol))
		length = sizeof(r->venue_symbol) - 1;
	for (size_t i = 0; i < length; i++)
		r->venue_symbol[i] = (char)toupper((unsigned char)name[i]);
}

static void name_capture(struct aq_test_run *r, const char *recording)
{
	const char *slash = strrchr(r->plugin, '/');
	snprintf(r->capture, sizeof(r->capture), "%.*s/%.128s.%s.%s.aqc", (int)(slash - r->plugin), r->plugin,
		strrchr(recording, '/') + 1, r->venue, r->venue_symbol);
}

/* As make would: the capture is there and not older. */
static bool is_fresh(const char *made, const char *from)
{
	struct stat a, b;
	return stat(made, &a) == 0 && stat(from, &b) == 0 &&
	       (a.st_mtim.tv_sec > b.st_mtim.tv_sec ||
		       (a.st_mtim.tv_sec == b.st_mtim.tv_sec && a.st_mtim.tv_nsec >= b.st_mtim.tv_nsec));
}

/* Under another name first: a second test may be importing the same. */
static int import(struct aq_test_run *r, const char *recording)
{
	char program[PATH_MAX], part[PATH_MAX];
	const char *arguments[] = {program, "import", "--venue", r->venue, "--symbol", r->venue_symbol, part, recording,
		NULL};
	snprintf(program, sizeof(program), "%.*s/replay", PATH_MAX - 16, r->bin);
	snprintf(part, sizeof(part), "%.*s.%ld", PATH_MAX - 32, r->capture, (long)getpid());
	if (aq_test_execute(r, arguments, "import") != 0) {
		unlink(part);
		return -1;
	}
	if (rename(part, r->capture) == 0)
		return 0;
	return aq_test_fail(r->t, "%s: %s", r->capture, strerror(errno));
}

/* What `replay info` says of the first instrument. */
static int learn_instrument(struct aq_test_run *r)
{
	char program[PATH_MAX], path[PATH_MAX];
	const char *arguments[] = {program, "info", r->capture, NULL};
	const char *line;
	char *text;
	int got = 0;
	snprintf(program, sizeof(program), "%.*s/replay", PATH_MAX - 16, r->bin);
	if (aq_test_execute(r, arguments, "info") != 0)
		return -1;
	aq_test_path(r, "info", path);
	text = aq_test_read(path);
	line = text != NULL ? strstr(text, "instrument ") : NULL;
	if (line != NULL)
		got = sscanf(line,
			"instrument %47s (%*[^)]), tick %*s lot %*s %15[^,], at least %*s %15[^,], digits %hhu/%hhu",
			r->t->symbol, r->base, r->quote, &r->t->px_digits, &r->t->qty_digits);
	free(text);
	return got == 5 ? 0 : aq_test_fail(r->t, "%s holds no instrument", r->capture);
}

int aq_test_capture(struct aq_test_run *r, const char *recording)
{
	char path[PATH_MAX];
	size_t length;
	if (find_recording(r, recording, path) != 0)
		return -1;
	length = strlen(path);
	if (length > 4 && strcmp(path + length - 4, ".aqc") == 0) {
		memcpy(r->capture, path, sizeof(r->capture));
		return learn_instrument(r);
	}
	guess_symbol(r, path);
	name_capture(r, path);
	if (!is_fresh(r->capture, path) && import(r, path) != 0)
		return -1;
	return learn_instrument(r);
}
