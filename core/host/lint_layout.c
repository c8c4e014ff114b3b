/* lint_layout.c: what a library shows, and how it wants to be mapped. */
#include "host/lint_internal.h"

#include <aioquant/plugin.h>
#include <string.h>

#define ENTRY "aq_plugin_1"
#define HEAD_SIZE 16 /* of the plugin's table, frozen */

/* ---- exports ---- */

bool lint_is_export(const Elf64_Sym *symbol)
{
	unsigned seen = ELF64_ST_VISIBILITY(symbol->st_other);

	/* SHN_ABS: the name of a version, no object. */
	return symbol->st_shndx != SHN_UNDEF && symbol->st_shndx != SHN_ABS && ELF64_ST_BIND(symbol->st_info) != STB_LOCAL &&
		(seen == STV_DEFAULT || seen == STV_PROTECTED);
}

bool lint_is_sanitizer(const char *name)
{
	static const char *const prefixes[] = {"__asan_", "__odr_asan", "__ubsan_", "__tsan_", "__lsan_", "__msan_",
		"__hwasan_", "__sanitizer_", "__sancov_", "__interceptor_", "_sub_I_00099_", "_sub_D_00099_", "asan.module_",
		"tsan.module_", "sancov.module_"};

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++)
		if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
			return true;
	return false;
}

/* Older linkers export the bounds of the file's parts. */
static bool is_linkers(const char *name)
{
	static const char *const names[] = {"_init", "_fini", "_edata", "_end", "__bss_start"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

/* The head holds no addresses, so that it stands in the file as it will be loaded. */
static uint32_t kind_at(const struct so_file *e, uint64_t address)
{
	uint32_t magic, kind;
	uint64_t at;

	if (!so_offset(e, address, HEAD_SIZE, &at) || !so_read(e, at, &magic, sizeof(magic)) || magic != AQ_MAGIC ||
		!so_read(e, at + offsetof(struct aq_plugin, kind), &kind, sizeof(kind)))
		return AQ_KIND_UNKNOWN;
	return kind;
}

uint32_t lint_kind(const struct so_file *e)
{
	for (uint64_t i = 1; i < e->imports.count; i++) {
		Elf64_Sym symbol = so_symbol(e, &e->imports, i);

		if (lint_is_export(&symbol) && strcmp(so_name(e, &e->dynamic_names, symbol.st_name), ENTRY) == 0)
			return kind_at(e, symbol.st_value);
	}
	return AQ_KIND_UNKNOWN;
}

static void check_entry(const struct so_file *e, const Elf64_Sym *symbol, struct lint *out)
{
	uint64_t at;

	if (ELF64_ST_TYPE(symbol->st_info) != STT_OBJECT || symbol->st_size < HEAD_SIZE ||
		!so_offset(e, symbol->st_value, symbol->st_size, &at))
		lint_refuse(out, "define it with AQ_STRATEGY or AQ_PLUGIN",
			"has a symbol " ENTRY " that is no plugin table");
}

void lint_exports(const struct so_file *e, struct lint *out)
{
	struct lint_list strong = {0}, weak = {0};
	bool found = false;

	for (uint64_t i = 1; i < e->imports.count; i++) {
		Elf64_Sym symbol = so_symbol(e, &e->imports, i);
		const char *name = so_name(e, &e->dynamic_names, symbol.st_name);

		if (!lint_is_export(&symbol) || lint_is_sanitizer(name) || is_linkers(name))
			continue;
		if (strcmp(name, ENTRY) == 0 && !found) {
			check_entry(e, &symbol, out);
			found = true;
		} else if (ELF64_ST_BIND(symbol.st_info) == STB_GLOBAL) {
			lint_list_add(&strong, name);
		} else if (ELF64_ST_BIND(symbol.st_info) == STB_WEAK) {
			lint_list_add(&weak, name); /* templates of the C++ library are seen whatever the compiler is told */
		}
	}
	if (!found)
		lint_refuse(out, "AQ_STRATEGY or AQ_PLUGIN makes it", "has no symbol " ENTRY ": it is no plugin");
	if (strong.count > 0)
		lint_refuse(out, "make the rest static, or build with -fvisibility=hidden",
			"exports %s, and must export " ENTRY " alone", lint_list_end(&strong));
	if (weak.count > 0)
		lint_warn(out, "link with -Wl,--version-script=plugin.map of the SDK", "exports %s besides " ENTRY,
			lint_list_end(&weak));
}

/* ---- segments ---- */

static bool has_flag(const struct so_file *e, int64_t tag, uint64_t flag)
{
	uint64_t value;

	return so_find_dynamic(e, tag, &value) && (value & flag) != 0;
}

static bool is_static_tls(uint32_t relocation)
{
#if defined(__aarch64__)
	return relocation == R_AARCH64_TLS_TPREL;
#else
	return relocation == R_X86_64_TPOFF64 || relocation == R_X86_64_TPOFF32;
#endif
}

static bool has_static_tls(const struct so_file *e)
{
	for (uint64_t i = 0; i < e->rela.count; i++)
		if (is_static_tls((uint32_t)ELF64_R_TYPE(so_rela(e, i).r_info)))
			return true;
	return has_flag(e, DT_FLAGS, DF_STATIC_TLS);
}

static void check_segments(const struct so_file *e, struct lint *out)
{
	Elf64_Phdr part;

	if (!so_find_segment(e, PT_GNU_STACK, &part) || (part.p_flags & PF_X) != 0)
		lint_refuse(out, "link with -Wl,-z,noexecstack", "wants an executable stack");
	if (!so_find_segment(e, PT_DYNAMIC, &part))
		lint_refuse(out, "build it with cc -shared -fPIC", "has nothing in it for the dynamic linker");
	else if (has_flag(e, DT_FLAGS_1, DF_1_PIE))
		lint_refuse(out, "build it with cc -shared -fPIC", "is a program, no library");
}

void lint_layout(const struct so_file *e, struct lint *out)
{
	uint64_t value;

	check_segments(e, out);
	if (so_find_dynamic(e, DT_TEXTREL, &value) || has_flag(e, DT_FLAGS, DF_TEXTREL))
		lint_refuse(out, "build with -fPIC", "has text relocations: its code would have to be written to");
	if (has_static_tls(e))
		lint_refuse(out, "build with -ftls-model=global-dynamic",
			"has static TLS, of which a running process has little left");
	if (!so_find_dynamic(e, DT_BIND_NOW, &value) && !has_flag(e, DT_FLAGS, DF_BIND_NOW) &&
		!has_flag(e, DT_FLAGS_1, DF_1_NOW))
		lint_warn(out, "link with -Wl,-z,now", "has lazy binding, which leaves its jump table writable");
}
