/* little.h: numbers whose bytes lie with the lowest first, at any address. */
#ifndef AQ_LITTLE_H
#define AQ_LITTLE_H

#include <stdint.h>

static inline uint32_t aq_little32(const uint8_t *at)
{
	return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static inline uint64_t aq_little64(const uint8_t *at)
{
	return aq_little32(at) | (uint64_t)aq_little32(at + 4) << 32;
}

static inline void aq_put_little32(uint8_t *at, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> 8 * i);
}

static inline void aq_put_little64(uint8_t *at, uint64_t value)
{
	aq_put_little32(at, (uint32_t)value);
	aq_put_little32(at + 4, (uint32_t)(value >> 32));
}

#endif
