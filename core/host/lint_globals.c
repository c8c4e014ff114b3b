/* lint_globals.c: what a library keeps outside of its instances, and code of it that runs before or behind them. */
#include "host/lint_internal.h"

#include <string.h>

#define ENTRIES_MAX 64 /* of constructors that are looked at */

/* ---- writable data ---- */

/* Written once, while it is loaded. */
static bool is_read_only(const struct so_file *e, const Elf64_Shdr *section, uint64_t index)
{
	static const char *const names[] = {".data.rel.ro", ".init_array", ".fini_array", ".ctors", ".dtors", ".jcr",
		".dynamic", ".got"};
	const char *name = so_section_name(e, index);
	Elf64_Phdr relro;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strncmp(name, names[i], strlen(names[i])) == 0)
			return true;
	return so_find_segment(e, PT_GNU_RELRO, &relro) && section->sh_addr >= relro.p_vaddr &&
		section->sh_addr - relro.p_vaddr < relro.p_memsz;
}

static bool is_kept(const struct so_file *e, uint64_t index)
{
	Elf64_Shdr section = so_section(e, index);

	return (section.sh_flags & (SHF_WRITE | SHF_ALLOC | SHF_TLS)) == (SHF_WRITE | SHF_ALLOC) &&
		!is_read_only(e, &section, index);
}

/* Of the compiler's start-up code, its exception tables, and sanitizers. */
static bool is_toolchains(const char *name)
{
	static const char *const prefixes[] = {"completed.", "__dso_handle", "DW.ref.", "__TMC_END__"};

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++)
		if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
			return true;
	return lint_is_sanitizer(name);
}

static void list_globals(const struct so_file *e, struct lint_list *data, struct lint_list *local)
{
	for (uint64_t i = 1; i < e->symbols.count; i++) {
		Elf64_Sym symbol = so_symbol(e, &e->symbols, i);
		const char *name = so_name(e, &e->symbol_names, symbol.st_name);
		bool is_tls = ELF64_ST_TYPE(symbol.st_info) == STT_TLS;

		if ((!is_tls && ELF64_ST_TYPE(symbol.st_info) != STT_OBJECT) || symbol.st_size == 0 || is_toolchains(name))
			continue;
		if (symbol.st_shndx == SHN_UNDEF || symbol.st_shndx >= e->sections.count)
			continue;
		if (is_tls)
			lint_list_add_sized(local, name, symbol.st_size);
		else if (is_kept(e, symbol.st_shndx))
			lint_list_add_sized(data, name, symbol.st_size);
	}
}

/* Without names: what the start-up code needs is 8 bytes of data and a flag. */
static uint64_t nameless_bytes(const struct so_file *e)
{
	uint64_t sum = 0, startup = 16;

	for (uint64_t i = 1; i < e->sections.count; i++)
		if (is_kept(e, i))
			sum += so_section(e, i).sh_size;
	return sum > startup ? sum - startup : 0;
}

static void warn_of_unique(const struct so_file *e, struct lint *out)
{
	struct lint_list unique = {0};

	for (uint64_t i = 1; i < e->imports.count; i++) {
		Elf64_Sym symbol = so_symbol(e, &e->imports, i);

		if (ELF64_ST_BIND(symbol.st_info) == STB_GNU_UNIQUE && symbol.st_shndx != SHN_UNDEF)
			lint_list_add(&unique, so_name(e, &e->dynamic_names, symbol.st_name));
	}
	if (unique.count > 0)
		lint_warn(out, "build with -fno-gnu-unique",
			"has unique symbols %s, which a reload would share with the code before", lint_list_end(&unique));
}

void lint_globals(const struct so_file *e, struct lint *out)
{
	static const char remedy[] = "keep state in the struct of the instance: two instances run side by side, and "
		"a reload replaces the code";
	struct lint_list data = {0}, local = {0};
	uint64_t nameless = 0;
	Elf64_Phdr part;

	list_globals(e, &data, &local);
	if (e->symbols.count == 0)
		nameless = nameless_bytes(e);
	if (data.count > 0)
		lint_warn(out, remedy, "has writable globals %s", lint_list_end(&data));
	else if (nameless > 0)
		lint_warn(out, remedy, "has %llu bytes of writable globals, whose names are stripped",
			(unsigned long long)nameless);
	else if (e->sections.count == 0)
		lint_warn(out, "strip it with strip, which leaves them",
			"has no sections: what it keeps in globals cannot be seen");
	if (so_find_segment(e, PT_TLS, &part))
		lint_warn(out, "keep state in the struct of the instance", "has thread-locals%s%s",
			local.count > 0 ? " " : "", lint_list_end(&local));
	warn_of_unique(e, out);
}

/* ---- constructors and destructors ---- */

/* The address that an entry of an array will hold. */
static uint64_t entry_of(const struct so_file *e, uint64_t slot)
{
	uint64_t at, value = 0;

	for (uint64_t i = 0; i < e->rela.count; i++) {
		Elf64_Rela r = so_rela(e, i);

		if (r.r_offset == slot)
			return (uint64_t)r.r_addend;
	}
	if (so_offset(e, slot, sizeof(value), &at)) /* packed relocations leave it in its place */
		so_read(e, at, &value, sizeof(value));
	return value;
}

static const char *function_at(const struct so_file *e, uint64_t address)
{
	for (uint64_t i = 1; i < e->symbols.count; i++) {
		Elf64_Sym symbol = so_symbol(e, &e->symbols, i);

		if (symbol.st_value == address && ELF64_ST_TYPE(symbol.st_info) == STT_FUNC)
			return so_name(e, &e->symbol_names, symbol.st_name);
	}
	return "a function without a name";
}

/* Lists the functions of an array but the start-up code's own. */
static void list_entries(const struct so_file *e, int64_t tag, int64_t size_tag, const char *startup,
	struct lint_list *list)
{
	uint64_t array, size;

	if (!so_find_dynamic(e, tag, &array) || !so_find_dynamic(e, size_tag, &size))
		return;
	if (e->symbols.count == 0) {
		for (uint64_t i = 1; i < size / sizeof(uint64_t) && i < ENTRIES_MAX; i++)
			lint_list_add(list, "a function without a name");
		return;
	}
	for (uint64_t i = 0; i < size / sizeof(uint64_t) && i < ENTRIES_MAX; i++) {
		const char *name = function_at(e, entry_of(e, array + i * sizeof(uint64_t)));

		if (strcmp(name, startup) != 0 && !lint_is_sanitizer(name))
			lint_list_add(list, name);
	}
}

/* Before there were arrays, the functions stood between two words in sections of their own. */
static bool has_old_sections(const struct so_file *e)
{
	for (uint64_t i = 1; i < e->sections.count; i++) {
		const char *name = so_section_name(e, i);

		if ((strcmp(name, ".ctors") == 0 || strcmp(name, ".dtors") == 0) &&
			so_section(e, i).sh_size > 2 * sizeof(uint64_t))
			return true;
	}
	return false;
}

void lint_constructors(const struct so_file *e, struct lint *out)
{
	struct lint_list before = {0}, behind = {0};

	list_entries(e, DT_INIT_ARRAY, DT_INIT_ARRAYSZ, "frame_dummy", &before);
	list_entries(e, DT_FINI_ARRAY, DT_FINI_ARRAYSZ, "__do_global_dtors_aux", &behind);
	if (has_old_sections(e))
		lint_list_add(&before, "those in .ctors or .dtors");
	if (before.count > 0)
		lint_warn(out, "do it in create: the host has checked nothing yet when they run", "has constructors: %s",
			lint_list_end(&before));
	if (behind.count > 0)
		lint_warn(out, "do it in destroy: loaded code stays until the process ends", "has destructors: %s",
			lint_list_end(&behind));
}
