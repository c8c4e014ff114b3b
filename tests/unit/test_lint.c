/* The lint: plugins of this build pass it, and no file makes it read outside of the file: a real plugin with bytes changed,
 * cut off, or with numbers in its tables that point anywhere. Each one is read from a block of exactly its size, so that the
 * address sanitizer sees one byte too many. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "rounds.h"

#include "host/so_file.h"
#include "host/lint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PLUGIN AQ_BINARY_DIR "/plugins/example.so"

static char path[] = "/tmp/test_lint.XXXXXX";
static struct so_file original;

static int set_up(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	if (fd < 0 || close(fd) != 0 || so_open(&original, PLUGIN) != 0)
		return -1;
	so_index(&original);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	so_close(&original);
	return unlink(path);
}

static uint32_t next_random(uint64_t *seed)
{
	*seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(*seed >> 33);
}

static void write_file(const void *bytes, size_t size)
{
	FILE *out = fopen(path, "wb");

	assert_non_null(out);
	assert_int_equal(fwrite(bytes, 1, size, out), size);
	assert_int_equal(fclose(out), 0);
}

static void judge(const void *bytes, size_t size, struct lint *l)
{
	write_file(bytes, size);
	lint_file(path, l);
	assert_in_range(l->count, 0, LINT_FINDINGS);
	for (int i = 0; i < l->count; i++) {
		assert_true(l->findings[i].what[0] != '\0' && l->findings[i].remedy[0] != '\0');
		assert_true(i == 0 || l->findings[i - 1].refused || !l->findings[i].refused);
	}
}

static void plugin_passes(void **state)
{
	struct aq_err err = {0};
	struct lint l;

	(void)state;
	judge(original.bytes, original.size, &l);
	lint_print(&l, PLUGIN, false, stderr);
	assert_int_equal(l.count, 0);
	assert_int_equal(lint_error(&l, PLUGIN, &err), AQ_OK);
}

static void refusal_is_an_error(void **state)
{
	struct aq_err err = {0};
	struct lint l;

	(void)state;
	judge("#!/bin/sh\n", 10, &l);
	assert_int_equal(l.count, 1);
	assert_true(lint_refused(&l));
	assert_int_equal(lint_error(&l, "mm.so", &err), AQ_EFORMAT);
	assert_string_equal(err.text,
		"mm.so is no shared library (ELF, 64 bit): build it on a machine of this kind with cc -shared -fPIC");
}

/* Whatever is cut off, it is refused or not needed to load it. */
static void every_length(void **state)
{
	uint64_t end = so_end(&original);
	struct lint l;

	(void)state;
	for (size_t size = 0; size < original.size; size += size < 4096 ? 13 : 977) {
		judge(original.bytes, size, &l);
		assert_true(size >= end || lint_refused(&l));
	}
}

/* ---- mutations ---- */

static void change_byte(uint8_t *bytes, size_t from, size_t size, uint64_t *seed)
{
	bytes[from + next_random(seed) % size] = (uint8_t)next_random(seed);
}

/* A whole number: large, small, or near the size of the file. */
static void change_number(uint8_t *bytes, size_t from, size_t size, size_t file_size, uint64_t *seed)
{
	const uint64_t values[] = {0, 1, UINT64_MAX, UINT64_MAX - 7, INT64_MAX, file_size, file_size - 1, file_size - 8,
		next_random(seed), next_random(seed) % (file_size + 64), (uint64_t)next_random(seed) << 32};
	size_t width = (size_t)1 << (1 + next_random(seed) % 3), at = from + next_random(seed) % size / width * width;

	if (at + width <= file_size)
		memcpy(bytes + at, &values[next_random(seed) % (sizeof(values) / sizeof(*values))], width);
}

/* The tables are a small part of the file, and are hit as often as all the rest. */
static void mutate(uint8_t *bytes, size_t size, uint64_t *seed)
{
	const struct {
		uint64_t from, size;
	} parts[] = {{0, sizeof(Elf64_Ehdr)}, {original.segments.at, original.segments.count * sizeof(Elf64_Phdr)},
		{original.sections.at, original.sections.count * sizeof(Elf64_Shdr)},
		{original.dynamic.at, original.dynamic.count * sizeof(Elf64_Dyn)},
		{original.imports.at, original.imports.count * sizeof(Elf64_Sym)},
		{original.symbols.at, original.symbols.count * sizeof(Elf64_Sym)},
		{original.rela.at, original.rela.count * sizeof(Elf64_Rela)},
		{original.dynamic_names.at, original.dynamic_names.size}, {0, size}};

	for (uint32_t i = 1 + next_random(seed) % 8; i > 0; i--) {
		size_t part = next_random(seed) % (sizeof(parts) / sizeof(*parts));

		assert_true(parts[part].size > 0);
		if (next_random(seed) % 2 == 0)
			change_byte(bytes, parts[part].from, parts[part].size, seed);
		else
			change_number(bytes, parts[part].from, parts[part].size, size, seed);
	}
}

static void mutations(void **state)
{
	long rounds = rounds_of("AQ_LINT_ROUNDS", 1000), refused = 0;
	uint8_t *bytes = malloc(original.size);
	uint64_t seed = 1;
	struct lint l;

	(void)state;
	assert_non_null(bytes);
	for (long i = 0; i < rounds; i++) {
		memcpy(bytes, original.bytes, original.size);
		mutate(bytes, original.size, &seed);
		judge(bytes, next_random(&seed) % 16 == 0 ? next_random(&seed) % original.size : original.size, &l);
		refused += lint_refused(&l);
	}
	free(bytes);
	assert_true(rounds < 100 || (refused > 0 && refused < rounds)); /* what was changed counts, and not alone */
}

/* ---- who may write ---- */

static void others_that_may_write(void **state)
{
	struct lint l = {0};

	(void)state;
	assert_int_equal(chmod(path, 0644), 0);
	lint_owner(path, &l); /* /tmp is sticky */
	assert_int_equal(l.count, 0);
	assert_int_equal(chmod(path, 0664), 0);
	lint_owner(path, &l);
	assert_int_equal(l.count, 1);
	assert_true(lint_refused(&l));
	assert_non_null(strstr(l.findings[0].remedy, "chmod go-w /tmp/test_lint."));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(plugin_passes), cmocka_unit_test(refusal_is_an_error),
		cmocka_unit_test(every_length), cmocka_unit_test(mutations), cmocka_unit_test(others_that_may_write)};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
