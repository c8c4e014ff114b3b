/* override_save.c: one value of a configuration file changed, the rest left as a person has written it. */
#include "host/override.h"

#include "base/err.h"
#include "host/config_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Where the value of `key` begins in a line that gives it, else 0. */
static size_t value_at(const char *line, const char *key)
{
	size_t at = strspn(line, " \t"), length = strlen(key);

	if (strncmp(line + at, key, length) != 0)
		return 0;
	at += length;
	at += strspn(line + at, " \t");
	if (line[at] != '=')
		return 0;
	return at + 1 + strspn(line + at + 1, " \t");
}

struct edit {
	const char *key, *value;
	int begins; /* line of the section */
	bool done;
};

/* As a file says it: a dollar would begin a variable. */
static void put_value(FILE *out, const char *value)
{
	for (const char *at = value; *at != '\0'; at++) {
		if (*at == '$')
			putc('$', out);
		putc(*at, out);
	}
	putc('\n', out);
}

static void add_line(FILE *out, const struct edit *e)
{
	fprintf(out, "%-18s = ", e->key);
	put_value(out, e->value);
}

/* Whether it would be read as it is. */
static bool can_be_said(const char *value)
{
	size_t length = strlen(value);

	return !config_has_comment(value) && strspn(value, " \t") == 0 && (length == 0 || strchr(" \t", value[length - 1]) == NULL);
}

/* One pass to see whether the section has the key, one to write. */
static bool has_key(FILE *in, const struct edit *e)
{
	char *line = NULL;
	size_t room = 0;
	bool found = false;

	for (int number = 1; getline(&line, &room, in) >= 0; number++) {
		if (number > e->begins && line[strspn(line, " \t")] == '[')
			break;
		found |= number > e->begins && value_at(line, e->key) != 0;
	}
	free(line);
	rewind(in);
	return found;
}

/* A list on several lines becomes one. */
static void copy_changed(FILE *in, FILE *out, struct edit *e, bool replaces)
{
	char *line = NULL;
	size_t room = 0, at;
	bool inside = false;

	for (int number = 1; getline(&line, &room, in) >= 0; number++) {
		inside = number == e->begins || (inside && line[strspn(line, " \t")] != '[');
		at = inside && number > e->begins ? value_at(line, e->key) : 0;
		if (at == 0)
			fputs(line, out);
		else if (!e->done) {
			fwrite(line, 1, at, out);
			put_value(out, e->value);
		}
		e->done |= at != 0;
		if (!replaces && number == e->begins) {
			add_line(out, e);
			e->done = true;
		}
	}
	free(line);
}

/* Beside the file, with its owner and rights, and then in its place. */
static int write_draft(FILE *in, const char *draft, struct edit *e)
{
	FILE *out = fopen(draft, "we");
	struct stat st;
	bool ok;

	if (out == NULL)
		return -1;
	ok = fstat(fileno(in), &st) == 0 && fchmod(fileno(out), st.st_mode & 07777) == 0;
	ok = ok && (fchown(fileno(out), st.st_uid, st.st_gid) == 0 || geteuid() != 0);
	copy_changed(in, out, e, has_key(in, e));
	ok = ferror(out) == 0 && ok;
	return fclose(out) == 0 && ok && e->done ? 0 : -1;
}

/* `path`: the file itself, since a link to it must stay one. Returns 0, or an errno. */
static int save(const char *path, struct edit *e)
{
	char draft[4096];
	FILE *in = fopen(path, "re");
	int rc;

	if (in == NULL)
		return errno;
	if (snprintf(draft, sizeof(draft), "%s.draft", path) >= (int)sizeof(draft)) {
		fclose(in);
		return ENAMETOOLONG;
	}
	errno = 0;
	rc = write_draft(in, draft, e);
	if (rc == 0)
		rc = rename(draft, path);
	if (rc != 0)
		rc = errno != 0 ? errno : EIO;
	fclose(in);
	if (rc != 0)
		unlink(draft);
	return rc;
}

int override_save(const char *file, int line, const char *key, const char *value, struct aq_err *err)
{
	struct edit e = {.key = key, .value = value, .begins = line};
	char *path;
	int rc;

	if (!can_be_said(value))
		return err_set(err, AQ_EINVAL, "%.200s cannot say it: what follows ' #' or ' ;' would be a comment there, and blanks at its ends "
			"be left out.", file);
	path = realpath(file, NULL);
	rc = path != NULL ? save(path, &e) : errno;
	free(path);
	return rc == 0 ? AQ_OK : err_set(err, AQ_ENOENT, "%s could not be written: %s.", file, strerror(rc));
}
