/* so_file.h: a library's file as bytes: what ld.so would read of it, and the names of its sections and symbols. Files of
 * strangers: every offset is checked, and what lies outside of the file is as if it were not there. */
#ifndef AQ_HOST_SO_FILE_H
#define AQ_HOST_SO_FILE_H

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ELF_FILE_MAX (512u << 20) /* larger files are no plugins */

#if defined(__aarch64__)
#define ELF_MACHINE EM_AARCH64
#define ELF_MACHINE_NAME "aarch64"
#define ELF_FOLDER "aarch64-linux-gnu" /* of its libraries */
#else
#define ELF_MACHINE EM_X86_64
#define ELF_MACHINE_NAME "x86-64"
#define ELF_FOLDER "x86_64-linux-gnu"
#endif

/* A table of the file; zero when it has none. */
struct so_table {
	uint64_t at;    /* offset */
	uint64_t count; /* entries; all of them lie in the file */
};

struct so_names {
	uint64_t at, size;
};

struct so_file {
	uint8_t *bytes; /* malloc */
	size_t size;
	Elf64_Ehdr head;
	struct so_table segments, sections, dynamic;
	struct so_names section_names, dynamic_names, symbol_names;
	struct so_table imports; /* .dynsym: what it takes and gives */
	struct so_table symbols; /* .symtab; empty when the file is stripped */
	struct so_table rela;    /* of data, without those of the procedure linkage table */
};

/* Reads all of it. 0, or errno; EFBIG when it passes ELF_FILE_MAX. so_close in any case. */
int so_open(struct so_file *e, const char *path);
void so_close(struct so_file *e);
/* Finds the tables of a file that so_is_library accepts. */
void so_index(struct so_file *e);
/* NULL, or why it is no library of this machine. */
const char *so_is_library(const struct so_file *e);
/* Where the file must end at the earliest. */
uint64_t so_end(const struct so_file *e);

/* Copies `size` bytes; false when they are not all in the file. */
bool so_read(const struct so_file *e, uint64_t at, void *out, size_t size);
/* An entry of a table whose index is below its count. */
Elf64_Phdr so_segment(const struct so_file *e, uint64_t index);
Elf64_Shdr so_section(const struct so_file *e, uint64_t index);
Elf64_Dyn so_dynamic(const struct so_file *e, uint64_t index);
Elf64_Sym so_symbol(const struct so_file *e, const struct so_table *table, uint64_t index);
Elf64_Rela so_rela(const struct so_file *e, uint64_t index);
/* A name that ends inside of its table, else "". */
const char *so_name(const struct so_file *e, const struct so_names *names, uint64_t offset);
const char *so_section_name(const struct so_file *e, uint64_t index);
/* The segment of this type. False when there is none. */
bool so_find_segment(const struct so_file *e, uint32_t type, Elf64_Phdr *out);
/* The value of a dynamic entry. False when there is none. */
bool so_find_dynamic(const struct so_file *e, int64_t tag, uint64_t *out);
/* Offset in the file of `size` bytes at an address. False when a segment does not hold them. */
bool so_offset(const struct so_file *e, uint64_t address, uint64_t size, uint64_t *out);

#endif
