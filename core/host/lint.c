/* lint.c: see lint.h. The findings, and the order of the checks. */
#include "host/lint.h"

#include "base/err.h"
#include "host/lint_internal.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ---- lists ---- */

static void add_text(struct lint_list *list, const char *text)
{
	size_t used = strlen(list->text);

	if (list->left_out > 0 || used + strlen(text) + 2 + sizeof(" and 2147483647 more") > sizeof(list->text)) {
		list->left_out++;
		return;
	}
	snprintf(list->text + used, sizeof(list->text) - used, "%s%s", list->count++ > 0 ? ", " : "", text);
}

/* At most 119 characters of it. */
static void add_name(struct lint_list *list, const char *name, const char *behind)
{
	char clean[120], whole[160];
	size_t i;

	for (i = 0; name[i] != '\0' && i + 1 < sizeof(clean); i++)
		clean[i] = name[i] >= ' ' && name[i] <= '~' ? name[i] : '?';
	clean[i] = '\0';
	snprintf(whole, sizeof(whole), "%s%s", clean, behind);
	add_text(list, whole);
}

void lint_list_add(struct lint_list *list, const char *name)
{
	add_name(list, name, "");
}

void lint_list_add_sized(struct lint_list *list, const char *name, uint64_t size)
{
	char behind[40];

	snprintf(behind, sizeof(behind), " (%llu byte%s)", (unsigned long long)size, size == 1 ? "" : "s");
	add_name(list, name, behind);
}

const char *lint_list_end(struct lint_list *list)
{
	size_t used = strlen(list->text);

	if (list->left_out > 0)
		snprintf(list->text + used, sizeof(list->text) - used, " and %d more", list->left_out);
	return list->text;
}

/* ---- findings ---- */

static void fill(struct lint_finding *f, bool refused, const char *remedy, const char *format, va_list args)
	__attribute__((format(printf, 4, 0)));
static void fill(struct lint_finding *f, bool refused, const char *remedy, const char *format, va_list args)
{
	f->refused = refused;
	snprintf(f->remedy, sizeof(f->remedy), "%s", remedy);
	vsnprintf(f->what, sizeof(f->what), format, args);
}

void lint_refuse(struct lint *l, const char *remedy, const char *format, ...)
{
	int at = 0;
	va_list args;

	while (at < l->count && l->findings[at].refused)
		at++;
	if (at == LINT_FINDINGS)
		return;
	l->count -= l->count == LINT_FINDINGS; /* the last warning makes room */
	memmove(&l->findings[at + 1], &l->findings[at], (size_t)(l->count - at) * sizeof(l->findings[0]));
	l->count++;
	va_start(args, format);
	fill(&l->findings[at], true, remedy, format, args);
	va_end(args);
}

void lint_warn(struct lint *l, const char *remedy, const char *format, ...)
{
	va_list args;

	if (l->count == LINT_FINDINGS)
		return;
	va_start(args, format);
	fill(&l->findings[l->count++], false, remedy, format, args);
	va_end(args);
}

bool lint_refused(const struct lint *l)
{
	return l->count > 0 && l->findings[0].refused;
}

int lint_error(const struct lint *l, const char *name, struct aq_err *err)
{
	if (!lint_refused(l))
		return AQ_OK;
	return err_set(err, AQ_EFORMAT, "%s %s: %s", name, l->findings[0].what, l->findings[0].remedy);
}

void lint_print(const struct lint *l, const char *name, bool strict, FILE *out)
{
	for (int i = 0; i < l->count; i++) {
		const struct lint_finding *f = &l->findings[i];

		fprintf(out, "%s: %s: %s: %s\n", name, f->refused || strict ? "refused" : "warning", f->what, f->remedy);
	}
}

/* ---- the file ---- */

static void check_open_file(struct so_file *e, struct lint *out)
{
	const char *fault = so_is_library(e);

	if (fault != NULL) {
		lint_refuse(out, "build it on a machine of this kind with cc -shared -fPIC", "%s", fault);
		return;
	}
	so_index(e);
	if (so_end(e) > e->size) {
		lint_refuse(out, "build or copy it again", "is cut off after %zu bytes", e->size);
		return;
	}
	lint_exports(e, out);
	lint_layout(e, out);
	lint_libraries(e, out);
	lint_globals(e, out);
	lint_constructors(e, out);
	lint_imports(e, out);
}

void lint_file(const char *path, struct lint *out)
{
	struct so_file e;
	int rc = so_open(&e, path);

	out->count = 0;
	if (rc != 0)
		lint_refuse(out, "give the path of a file that this process may read", "cannot be read: %s", strerror(rc));
	else
		check_open_file(&e, out);
	so_close(&e);
}

/* ---- who may write it ---- */

#define OTHERS_WRITE (S_IWGRP | S_IWOTH)

static bool folder_is_open(const char *path, char folder[512])
{
	const char *slash = strrchr(path, '/');
	struct stat st;

	snprintf(folder, 512, "%.*s", slash == NULL || slash == path ? 1 : (int)(slash - path), slash == NULL ? "." : path);
	return stat(folder, &st) == 0 && (st.st_mode & OTHERS_WRITE) != 0 && (st.st_mode & S_ISVTX) == 0;
}

static void check_folder(const char *path, struct lint *out)
{
	char folder[512], remedy[560];

	if (!folder_is_open(path, folder))
		return;
	snprintf(remedy, sizeof(remedy), "chmod go-w %s", folder);
	lint_refuse(out, remedy, "lies in a folder that users other than its owner may write");
}

void lint_owner(const char *path, struct lint *out)
{
	char remedy[560], *real = realpath(path, NULL);
	struct stat st;
	int before = out->count;

	if (stat(path, &st) == 0 && (st.st_mode & OTHERS_WRITE) != 0) {
		snprintf(remedy, sizeof(remedy), "chmod go-w %s", path);
		lint_refuse(out, remedy, "may be written by users other than its owner");
	}
	check_folder(path, out);
	if (real != NULL && out->count == before) /* a link: where it leads counts as much as where it lies */
		check_folder(real, out);
	free(real);
}
