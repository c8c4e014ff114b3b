/* so_version.c: see so_version.h. */
#include "host/so_version.h"

#define LIBRARIES_MAX 64
#define VERSIONS_MAX 256 /* of one library */
#define NUMBER_BITS 0x7fffu

/* 0 and 1 stand for no version. */
static uint16_t number_of(const struct so_file *e, uint64_t index)
{
	uint64_t address, at;
	uint16_t number = 0;

	if (so_find_dynamic(e, DT_VERSYM, &address) &&
		so_offset(e, address + index * sizeof(number), sizeof(number), &at))
		so_read(e, at, &number, sizeof(number));
	return number & NUMBER_BITS;
}

/* Among the versions that are wanted of one library. */
static const char *find_in(const struct so_file *e, uint64_t at, uint16_t number)
{
	Elf64_Vernaux version;

	for (int i = 0; i < VERSIONS_MAX && so_read(e, at, &version, sizeof(version)); i++) {
		if (version.vna_other == number)
			return so_name(e, &e->dynamic_names, version.vna_name);
		if (version.vna_next == 0)
			return NULL;
		at += version.vna_next;
	}
	return NULL;
}

const char *so_version(const struct so_file *e, uint64_t index)
{
	uint16_t number = number_of(e, index);
	uint64_t address, at;
	Elf64_Verneed library;
	const char *found = NULL;

	if (number < 2 || !so_find_dynamic(e, DT_VERNEED, &address) || !so_offset(e, address, sizeof(library), &at))
		return NULL;
	for (int i = 0; found == NULL && i < LIBRARIES_MAX && so_read(e, at, &library, sizeof(library)); i++) {
		found = find_in(e, at + library.vn_aux, number);
		if (library.vn_next == 0)
			break;
		at += library.vn_next;
	}
	return found;
}
