/* lint_libraries.c: libraries that a file needs, and symbols that none of them gives: what dlopen would fail on, by name.
 *
 * A library that this process has already loaded is asked; the files of the others are read, and the versions of what they
 * give are left to dlopen. */
#include "host/so_version.h"
#include "host/library_find.h"
#include "host/lint_internal.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#define LIBRARIES_MAX 64 /* with those that libraries need */

struct wanted {
	const char *name;
	const char *version; /* or NULL */
	bool given;
	bool older;          /* it is given, but not in this version */
};

/* Names of what is needed, in the order of the search; those of libraries are copies. */
struct search {
	struct wanted *wanted; /* sorted */
	size_t count;
	char *names[LIBRARIES_MAX];
	int name_count;
};

/* ---- what is wanted ---- */

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct wanted *)a)->name, ((const struct wanted *)b)->name);
}

/* Weak ones may stay without. */
static bool is_wanted(const Elf64_Sym *symbol, const char *name)
{
	return symbol->st_shndx == SHN_UNDEF && ELF64_ST_BIND(symbol->st_info) != STB_WEAK && name[0] != '\0';
}

static void collect(const struct so_file *e, struct search *s)
{
	s->wanted = calloc(e->imports.count + 1, sizeof(*s->wanted));
	for (uint64_t i = 1; s->wanted != NULL && i < e->imports.count; i++) {
		Elf64_Sym symbol = so_symbol(e, &e->imports, i);
		const char *name = so_name(e, &e->dynamic_names, symbol.st_name);

		if (is_wanted(&symbol, name))
			s->wanted[s->count++] = (struct wanted){.name = name, .version = so_version(e, i)};
	}
	if (s->count > 0)
		qsort(s->wanted, s->count, sizeof(*s->wanted), by_name);
}

static void give(struct search *s, const char *name)
{
	struct wanted key = {.name = name}, *found = bsearch(&key, s->wanted, s->count, sizeof(key), by_name);

	if (found == NULL)
		return;
	while (found > s->wanted && strcmp(found[-1].name, name) == 0)
		found--;
	for (; found < s->wanted + s->count && strcmp(found->name, name) == 0; found++)
		found->given = true;
}

static void give_all(struct search *s)
{
	for (size_t i = 0; i < s->count; i++)
		s->wanted[i].given = true;
}

/* ---- who gives it ---- */

static void ask_loaded(struct wanted *w, void *library)
{
	void *any = dlsym(library, w->name);

	if (any != NULL && (w->version == NULL || dlvsym(library, w->name, w->version) != NULL))
		w->given = true;
	else if (any != NULL)
		w->older = true;
}

/* False when this process has not loaded it. */
static bool ask_process(struct search *s, const char *name)
{
	void *library = dlopen(name, RTLD_LAZY | RTLD_NOLOAD);

	if (library == NULL)
		return false;
	for (size_t i = 0; i < s->count; i++)
		if (!s->wanted[i].given)
			ask_loaded(&s->wanted[i], library);
	dlclose(library);
	return true;
}

/* In a build with a sanitizer its runtime is in this process, and its names are global. */
static void ask_sanitizer(struct search *s)
{
	for (size_t i = 0; i < s->count; i++)
		if (lint_is_sanitizer(s->wanted[i].name) && dlsym(RTLD_DEFAULT, s->wanted[i].name) != NULL)
			s->wanted[i].given = true;
}

static void ask_file(struct search *s, const struct so_file *library)
{
	for (uint64_t i = 1; i < library->imports.count; i++) {
		Elf64_Sym symbol = so_symbol(library, &library->imports, i);

		if (lint_is_export(&symbol))
			give(s, so_name(library, &library->dynamic_names, symbol.st_name));
	}
}

static bool is_known(const struct search *s, const char *name)
{
	for (int i = 0; i < s->name_count; i++)
		if (strcmp(s->names[i], name) == 0)
			return true;
	return false;
}

/* What a file needs, behind what is needed already. What lies behind too many is not judged. */
static void add_needed(struct search *s, const struct so_file *e)
{
	for (uint64_t i = 0; i < e->dynamic.count; i++) {
		Elf64_Dyn entry = so_dynamic(e, i);
		const char *name = so_name(e, &e->dynamic_names, entry.d_un.d_val);
		char *copy = entry.d_tag == DT_NEEDED && name[0] != '\0' && !is_known(s, name) ? strdup(name) : NULL;

		if (copy != NULL && s->name_count < LIBRARIES_MAX) {
			s->names[s->name_count++] = copy;
		} else if (copy != NULL) {
			free(copy);
			give_all(s);
			return;
		}
	}
}

/* False when there is no such library. */
static bool ask(struct search *s, const struct so_file *needed_by, const char *name)
{
	struct so_file library;

	if (ask_process(s, name))
		return true;
	if (!library_find(needed_by, name, &library))
		return false;
	ask_file(s, &library);
	add_needed(s, &library);
	so_close(&library);
	return true;
}

/* ---- findings ---- */

static bool begins_with_any(const char *name, const char *const *prefixes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
			return true;
	return false;
}

/* Every machine has them, and whoever builds with a sanitizer has its runtime. */
static bool is_usual(const char *name)
{
	static const char *const names[] = {"libc.so.", "libm.so.", "libgcc_s.so.", "libstdc++.so.", "ld-linux",
		"libasan.so.", "libubsan.so.", "libtsan.so."};

	return begins_with_any(name, names, sizeof(names) / sizeof(*names));
}

/* Through which a store reaches its back end: a machine that has the store in its configuration has them, and they are mended
 * there. */
static bool is_client(const char *name)
{
	static const char *const names[] = {"libbson-1.0.so.", "libmongoc-1.0.so.", "libsqlite3.so.", "libmariadb.so."};

	return begins_with_any(name, names, sizeof(names) / sizeof(*names));
}

static void warn_of_needed(const struct search *s, int own, uint32_t kind, struct lint *out)
{
	struct lint_list list = {0};

	for (int i = 0; i < own; i++)
		if (!is_usual(s->names[i]) && !(kind == AQ_STORAGE && is_client(s->names[i])))
			lint_list_add(&list, s->names[i]);
	if (list.count > 0)
		lint_warn(out, "link it statically, or see to it that every machine of the deployment has it", "needs %s",
			lint_list_end(&list));
}

static void judge(const struct search *s, const struct lint_list *missing, struct lint *out)
{
	struct lint_list undefined = {0}, newer = {0}, gone = *missing;
	char versioned[256];

	for (size_t i = 0; i < s->count; i++) {
		const struct wanted *w = &s->wanted[i];

		if (w->given || (i > 0 && strcmp(w->name, w[-1].name) == 0))
			continue;
		snprintf(versioned, sizeof(versioned), "%s@%s", w->name, w->version != NULL ? w->version : "");
		if (w->older)
			lint_list_add(&newer, versioned);
		else
			lint_list_add(&undefined, w->name);
	}
	if (newer.count > 0)
		lint_refuse(out, "build it on this system or on an older one", "needs newer libraries than this machine has: %s",
			lint_list_end(&newer));
	if (gone.count > 0)
		lint_refuse(out, "install it, or link it statically", "needs %s, which is not on this machine",
			lint_list_end(&gone));
	else if (undefined.count > 0)
		lint_refuse(out, "link the library that has it, or the SDK: pkg-config --libs aioquant",
			"has an undefined symbol: %s", lint_list_end(&undefined));
}

void lint_libraries(const struct so_file *e, struct lint *out)
{
	struct lint_list missing = {0};
	struct search s = {0};
	int own;

	collect(e, &s);
	add_needed(&s, e);
	own = s.name_count;
	ask_process(&s, "libc.so.6"); /* the host's own, whether the file names them or not */
	ask_process(&s, "libm.so.6");
	ask_sanitizer(&s);
	for (int i = 0; i < s.name_count; i++) {
		if (ask(&s, e, s.names[i]))
			continue;
		if (i < own)
			lint_list_add(&missing, s.names[i]);
		else
			give_all(&s); /* a library's own: what it gives is not known, dlopen has the word */
	}
	judge(&s, &missing, out);
	warn_of_needed(&s, own, lint_kind(e), out);
	for (int i = 0; i < s.name_count; i++)
		free(s.names[i]);
	free(s.wanted);
}
