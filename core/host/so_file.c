/* so_file.c: see so_file.h. */
#include "host/so_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- bytes ---- */

static int read_all(struct so_file *e, int fd)
{
	struct stat st;
	ssize_t got = 1;

	if (fstat(fd, &st) != 0)
		return errno;
	if (!S_ISREG(st.st_mode))
		return S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
	if (st.st_size > (off_t)ELF_FILE_MAX)
		return EFBIG;
	e->bytes = malloc((size_t)st.st_size + (st.st_size == 0)); /* no more: a sanitizer sees one byte too many */
	if (e->bytes == NULL)
		return ENOMEM;
	while (e->size < (size_t)st.st_size && (got = read(fd, e->bytes + e->size, (size_t)st.st_size - e->size)) > 0)
		e->size += (size_t)got;
	return got < 0 ? errno : 0;
}

int so_open(struct so_file *e, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), rc; /* a fifo must not hold us */

	*e = (struct so_file){0};
	if (fd < 0)
		return errno;
	rc = read_all(e, fd);
	close(fd);
	return rc;
}

void so_close(struct so_file *e)
{
	free(e->bytes);
	*e = (struct so_file){0};
}

static bool within(const struct so_file *e, uint64_t at, uint64_t size)
{
	return at <= e->size && size <= e->size - at;
}

bool so_read(const struct so_file *e, uint64_t at, void *out, size_t size)
{
	if (!within(e, at, size))
		return false;
	memcpy(out, e->bytes + at, size);
	return true;
}

/* As many of `count` entries as lie in the file. */
static struct so_table table_at(const struct so_file *e, uint64_t at, uint64_t count, size_t size)
{
	if (at > e->size)
		return (struct so_table){0};
	return (struct so_table){.at = at, .count = count < (e->size - at) / size ? count : (e->size - at) / size};
}

static struct so_names names_at(const struct so_file *e, uint64_t at, uint64_t size)
{
	return within(e, at, size) ? (struct so_names){.at = at, .size = size} : (struct so_names){0};
}

const char *so_name(const struct so_file *e, const struct so_names *names, uint64_t offset)
{
	const char *name;

	if (offset >= names->size)
		return "";
	name = (const char *)e->bytes + names->at + offset;
	return memchr(name, '\0', names->size - offset) != NULL ? name : "";
}

/* ---- entries ---- */

Elf64_Phdr so_segment(const struct so_file *e, uint64_t index)
{
	Elf64_Phdr out = {0};

	so_read(e, e->segments.at + index * sizeof(out), &out, sizeof(out));
	return out;
}

Elf64_Shdr so_section(const struct so_file *e, uint64_t index)
{
	Elf64_Shdr out = {0};

	so_read(e, e->sections.at + index * sizeof(out), &out, sizeof(out));
	return out;
}

Elf64_Dyn so_dynamic(const struct so_file *e, uint64_t index)
{
	Elf64_Dyn out = {0};

	so_read(e, e->dynamic.at + index * sizeof(out), &out, sizeof(out));
	return out;
}

Elf64_Sym so_symbol(const struct so_file *e, const struct so_table *table, uint64_t index)
{
	Elf64_Sym out = {0};

	so_read(e, table->at + index * sizeof(out), &out, sizeof(out));
	return out;
}

Elf64_Rela so_rela(const struct so_file *e, uint64_t index)
{
	Elf64_Rela out = {0};

	so_read(e, e->rela.at + index * sizeof(out), &out, sizeof(out));
	return out;
}

const char *so_section_name(const struct so_file *e, uint64_t index)
{
	return so_name(e, &e->section_names, so_section(e, index).sh_name);
}

bool so_find_segment(const struct so_file *e, uint32_t type, Elf64_Phdr *out)
{
	for (uint64_t i = 0; i < e->segments.count; i++) {
		*out = so_segment(e, i);
		if (out->p_type == type)
			return true;
	}
	return false;
}

bool so_find_dynamic(const struct so_file *e, int64_t tag, uint64_t *out)
{
	for (uint64_t i = 0; i < e->dynamic.count; i++) {
		Elf64_Dyn entry = so_dynamic(e, i);

		*out = entry.d_un.d_val;
		if (entry.d_tag == tag)
			return true;
	}
	return false;
}

bool so_offset(const struct so_file *e, uint64_t address, uint64_t size, uint64_t *out)
{
	for (uint64_t i = 0; i < e->segments.count; i++) {
		Elf64_Phdr part = so_segment(e, i);

		if (part.p_type != PT_LOAD || address < part.p_vaddr || address - part.p_vaddr > part.p_filesz ||
			size > part.p_filesz - (address - part.p_vaddr))
			continue;
		*out = part.p_offset + (address - part.p_vaddr);
		return within(e, *out, size);
	}
	return false;
}

/* ---- the whole ---- */

const char *so_is_library(const struct so_file *e)
{
	Elf64_Ehdr head;

	if (!so_read(e, 0, &head, sizeof(head)) || memcmp(head.e_ident, ELFMAG, SELFMAG) != 0 ||
		head.e_ident[EI_CLASS] != ELFCLASS64)
		return "is no shared library (ELF, 64 bit)";
	if (head.e_ident[EI_DATA] != ELFDATA2LSB || head.e_machine != ELF_MACHINE)
		return "is a library for another machine, this one is " ELF_MACHINE_NAME;
	if (head.e_type != ET_DYN || head.e_phentsize != sizeof(Elf64_Phdr))
		return "is no shared library but another kind of ELF file";
	return NULL;
}

uint64_t so_end(const struct so_file *e)
{
	uint64_t end = e->head.e_phoff + (uint64_t)e->head.e_phnum * sizeof(Elf64_Phdr);

	for (uint64_t i = 0; i < e->segments.count; i++) {
		Elf64_Phdr part = so_segment(e, i);
		uint64_t last = part.p_offset + part.p_filesz;

		if (part.p_type == PT_LOAD && last < part.p_offset)
			return UINT64_MAX;
		if (part.p_type == PT_LOAD && last > end)
			end = last;
	}
	return end;
}

/* ld.so is told no number of symbols; the hash tables know it. */
static uint64_t count_by_gnu_hash(const struct so_file *e, uint64_t at)
{
	uint32_t head[4], value, last = 0;
	uint64_t buckets, chains;

	if (!so_read(e, at, head, sizeof(head)))
		return 0;
	buckets = at + sizeof(head) + (uint64_t)head[2] * sizeof(uint64_t);
	chains = buckets + (uint64_t)head[0] * sizeof(uint32_t);
	for (uint32_t i = 0; i < head[0] && so_read(e, buckets + (uint64_t)i * sizeof(value), &value, sizeof(value)); i++)
		last = value > last ? value : last;
	if (last < head[1])
		return head[1];
	while (so_read(e, chains + ((uint64_t)last - head[1]) * sizeof(value), &value, sizeof(value)) && (value & 1) == 0)
		last++;
	return (uint64_t)last + 1;
}

static uint64_t count_of_imports(const struct so_file *e)
{
	uint64_t address, at;
	uint32_t head[2];

	if (so_find_dynamic(e, DT_HASH, &address) && so_offset(e, address, sizeof(head), &at) &&
		so_read(e, at, head, sizeof(head)))
		return head[1];
	if (so_find_dynamic(e, DT_GNU_HASH, &address) && so_offset(e, address, 4 * sizeof(uint32_t), &at))
		return count_by_gnu_hash(e, at);
	return 0;
}

/* What two dynamic entries give the address and the size of. */
static struct so_names part_of(const struct so_file *e, int64_t tag, int64_t size_tag)
{
	uint64_t address, size, at;

	if (!so_find_dynamic(e, tag, &address) || !so_find_dynamic(e, size_tag, &size) ||
		!so_offset(e, address, size, &at))
		return (struct so_names){0};
	return names_at(e, at, size);
}

static void index_dynamic(struct so_file *e)
{
	struct so_names rela;
	uint64_t address, at;
	Elf64_Phdr part;

	if (!so_find_segment(e, PT_DYNAMIC, &part))
		return;
	e->dynamic = table_at(e, part.p_offset, part.p_filesz / sizeof(Elf64_Dyn), sizeof(Elf64_Dyn));
	for (uint64_t i = 0; i < e->dynamic.count; i++)
		if (so_dynamic(e, i).d_tag == DT_NULL)
			e->dynamic.count = i;
	e->dynamic_names = part_of(e, DT_STRTAB, DT_STRSZ);
	rela = part_of(e, DT_RELA, DT_RELASZ);
	e->rela = table_at(e, rela.at, rela.size / sizeof(Elf64_Rela), sizeof(Elf64_Rela));
	if (so_find_dynamic(e, DT_SYMTAB, &address) && so_offset(e, address, sizeof(Elf64_Sym), &at))
		e->imports = table_at(e, at, count_of_imports(e), sizeof(Elf64_Sym));
}

static void index_sections(struct so_file *e)
{
	if (e->head.e_shentsize != sizeof(Elf64_Shdr) || e->head.e_shoff == 0)
		return;
	e->sections = table_at(e, e->head.e_shoff, e->head.e_shnum, sizeof(Elf64_Shdr));
	if (e->head.e_shstrndx < e->sections.count) {
		Elf64_Shdr names = so_section(e, e->head.e_shstrndx);

		e->section_names = names_at(e, names.sh_offset, names.sh_size);
	}
	for (uint64_t i = 0; i < e->sections.count; i++) {
		Elf64_Shdr section = so_section(e, i), names;

		if (section.sh_type != SHT_SYMTAB || section.sh_link >= e->sections.count)
			continue;
		names = so_section(e, section.sh_link);
		e->symbols = table_at(e, section.sh_offset, section.sh_size / sizeof(Elf64_Sym), sizeof(Elf64_Sym));
		e->symbol_names = names_at(e, names.sh_offset, names.sh_size);
	}
}

void so_index(struct so_file *e)
{
	so_read(e, 0, &e->head, sizeof(e->head));
	e->segments = table_at(e, e->head.e_phoff, e->head.e_phnum, sizeof(Elf64_Phdr));
	index_dynamic(e);
	index_sections(e);
}
