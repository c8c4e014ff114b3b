/* journal_crc.c: the SSE4.2 instruction where the processor has it, else eight tables, a word a step. */
#include "flow/journal_crc.h"

#include <pthread.h>
#include <string.h>

#define POLYNOMIAL 0x82f63b78u /* 0x1edc6f41 with its bits reversed */

static uint32_t tables[8][256];
static pthread_once_t tables_once = PTHREAD_ONCE_INIT;

static void fill_tables(void)
{
	for (uint32_t n = 0; n < 256; n++) {
		uint32_t c = n;

		for (int bit = 0; bit < 8; bit++)
			c = c & 1 ? c >> 1 ^ POLYNOMIAL : c >> 1;
		tables[0][n] = c;
	}
	for (int t = 1; t < 8; t++)
		for (uint32_t n = 0; n < 256; n++)
			tables[t][n] = tables[t - 1][n] >> 8 ^ tables[0][tables[t - 1][n] & 0xff];
}

static uint32_t step(uint32_t crc, uint64_t word)
{
	word ^= crc;
	crc = 0;
	for (int byte = 0; byte < 8; byte++)
		crc ^= tables[7 - byte][word >> 8 * byte & 0xff];
	return crc;
}

static uint32_t crc_portable(uint32_t seed, uint64_t first, const void *at, size_t words)
{
	const unsigned char *p = at;
	uint32_t crc = step(~seed, first);
	uint64_t word;

	for (size_t i = 0; i < words; i++) {
		memcpy(&word, p + 8 * i, sizeof(word));
		crc = step(crc, word);
	}
	return ~crc;
}

journal_crc_fn *journal_crc_portable(void)
{
	pthread_once(&tables_once, fill_tables);
	return crc_portable;
}

#ifdef __x86_64__
__attribute__((target("sse4.2"))) static uint32_t crc_sse42(uint32_t seed, uint64_t first, const void *at, size_t words)
{
	const unsigned char *p = at;
	uint64_t crc = __builtin_ia32_crc32di(~seed, first);
	uint64_t word;

	for (size_t i = 0; i < words; i++) {
		memcpy(&word, p + 8 * i, sizeof(word));
		crc = __builtin_ia32_crc32di(crc, word);
	}
	return ~(uint32_t)crc;
}

journal_crc_fn *journal_crc(void)
{
	return __builtin_cpu_supports("sse4.2") ? crc_sse42 : journal_crc_portable();
}
#else
journal_crc_fn *journal_crc(void)
{
	return journal_crc_portable();
}
#endif
