/* journal_crc.h: CRC-32C (Castagnoli) over 8-byte words. */
#ifndef AQ_FLOW_JOURNAL_CRC_H
#define AQ_FLOW_JOURNAL_CRC_H

#include <stddef.h>
#include <stdint.h>

/* The standard CRC-32C, continued from `seed` (0 = from the start), over the 8 bytes of `first` and then `words` * 8
 * bytes at `at`, which need not be aligned. */
typedef uint32_t journal_crc_fn(uint32_t seed, uint64_t first, const void *at, size_t words);

/* The fastest one for this processor. [any] */
journal_crc_fn *journal_crc(void);
/* The one for any processor, which tests hold against the other. [any] */
journal_crc_fn *journal_crc_portable(void);

#endif
