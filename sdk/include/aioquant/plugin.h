/* plugin.h: the one symbol of a plugin, its options, its saved state. */
#ifndef AIOQUANT_PLUGIN_H
#define AIOQUANT_PLUGIN_H

#include "host.h"

enum aq_option_type {
	AQ_OPT_STRING = 1,   /* char[n], NUL-terminated */
	AQ_OPT_INT = 2,      /* int64_t */
	AQ_OPT_DECIMAL = 3,  /* struct aq_amt, 10^-18 */
	AQ_OPT_BOOL = 4,     /* uint8_t, yes/no */
	AQ_OPT_DURATION = 5, /* int64_t ns: 500ms, 2s, 15m */
	AQ_OPT_SIZE = 6,     /* int64_t bytes: 64MB */
	AQ_OPT_ENUM = 7,     /* uint8_t, index in `values` from 1 */
	AQ_OPT_LIST = 8,     /* char[n], items separated by newline */
	AQ_OPT_MARKET = 9,   /* struct aq_market */
	AQ_OPT_ACCOUNT = 10, /* uint32_t id */
	AQ_OPT_PRICE = 11,   /* aq_px of the market named in `of` */
	AQ_OPT_QUANTITY = 12,/* aq_qty of the market named in `of`: 0.01 BTC, 600 USDT, 5 contracts */
	AQ_OPT_RATIO = 13,   /* double: 4bps, 0.04%, 0.0004 */
	AQ_OPT_STORE = 14,   /* uint32_t id */
	AQ_OPT_BUS = 15,     /* uint32_t id */
	AQ_OPT_STORE_LINE = 16 /* struct aq_store_line */
};

#define AQ_REQUIRED 1u /* must be given */
#define AQ_SECRET 2u   /* only as NAME_file */
#define AQ_LIVE 4u     /* may change while the instance runs */
#define AQ_PATH 8u     /* of a string: a file or folder, relative to that of the file in which the value stands */
/* Of a market option: subscribed by the host before the download. Same bits as AQ_SUB_*. */
#define AQ_BOOK 0x100u
#define AQ_TRADES 0x200u
#define AQ_TICKER 0x400u
#define AQ_FUNDING 0x800u
/* Books and tickers as they stand when the instance has time for them: those in between are counted, not delivered. */
#define AQ_LATEST 0x1000u

/* A market as an option or a call resolves it: something tradable (ACCOUNT:SYMBOL) or data only (EXCHANGE:SYMBOL). */
struct aq_market {
	uint32_t instrument;
	uint32_t account; /* 0 = data only */
};

/* The name of a store and what else the line says, which the plugin's check judges: main every 1m keep 30d. */
struct aq_store_line {
	uint32_t store;  /* id; 0 = not given */
	char words[124]; /* behind the name, with one blank between two */
};

struct aq_option {
	const char *name;     /* [a-z][a-z0-9_]* */
	uint16_t type;        /* enum aq_option_type */
	uint16_t size;        /* bytes of the field */
	uint32_t flags;       /* AQ_REQUIRED, AQ_SECRET, AQ_LIVE, and for markets the data */
	uint32_t offset;      /* of the field in the instance, which create has allocated */
	uint32_t reserved;
	const char *fallback; /* default as it would be written, NULL = none (zeroes) */
	const char *min, *max;/* as they would be written, NULL = none */
	const char *of;       /* prices and quantities: the market option they belong to, NULL = the first */
	const char *values;   /* enum: "one|two|three" */
	const char *help;     /* one line */
};

/* A field of the instance that survives reload and restart. */
enum aq_keep_type { AQ_KEEP_BYTES = 1, AQ_KEEP_PRICE = 2, AQ_KEEP_QUANTITY = 3 };
struct aq_keep {
	const char *name; /* stored; a field is found again by it */
	uint32_t offset, size;
	uint16_t type;    /* enum aq_keep_type: prices and quantities are rescaled when digits change */
	uint16_t reserved;
	uint32_t reserved2;
};

/* Where save writes. Returns AQ_ESPACE when the blob would pass 1 MiB. [loop] */
struct aq_writer {
	uint32_t size;
	uint32_t reserved;
	void *sink;
	int32_t (*write)(void *sink, const void *bytes, uint32_t length);
};

/* What load reads: the whole blob, borrowed. */
struct aq_reader {
	uint32_t size;
	uint32_t schema; /* that save wrote */
	const void *bytes;
	uint64_t length;
};

/* The object behind `aq_plugin_1`. The first 16 bytes are frozen for ever. */
struct aq_plugin {
	uint32_t magic;      /* AQ_MAGIC */
	uint16_t abi_major;
	uint16_t abi_minor;
	uint32_t size;       /* sizeof(struct aq_plugin) when it was built */
	uint32_t kind;       /* enum aq_kind */

	const char *name;    /* [a-z][a-z0-9_]* */
	const char *version;
	const char *summary; /* one line */
	const struct aq_option *options; /* ends with name NULL; NULL = none */
	uint32_t state_schema; /* that save writes; 0 = no state */
	uint32_t state_oldest; /* the oldest that load accepts */

	/* Allocates the instance. The host then fills the options at their offsets in *self. Only allocates and looks. [loop] */
	int32_t (*create)(const struct aq_host *host, void **self, struct aq_err *err);
	/* Optional. Looks at a complete set of options before it takes effect. At a live change the host has put the new values
	 * into their fields for this call only; they come for good with AQ_EV_CONF. [loop] */
	int32_t (*check)(const void *self, struct aq_err *err);
	/* Optional. Effects are allowed from here on. [loop] */
	int32_t (*start)(void *self, struct aq_err *err);
	/* Optional. Cannot fail; no calls afterwards. [loop] */
	void (*stop)(void *self);
	/* Frees. Accepts NULL. [loop] */
	void (*destroy)(void *self);
	/* Optional. Writes what a later load needs; must leave `self` as it was, under 1 ms. [loop] */
	int32_t (*save)(const void *self, const struct aq_writer *out);
	/* Optional. After create and before start. May refuse. [loop] */
	int32_t (*load)(void *self, const struct aq_reader *in, struct aq_err *err);
	/* [loop] */
	void (*on_event)(void *self, const struct aq_event *event);
	/* Per-kind table: NULL for strategy and exchange, struct aq_store_ops, struct aq_bus_ops, or NULL for service. */
	const void *ops;
};

/* Defines the symbol: AQ_PLUGIN(.kind = AQ_STRATEGY, .name = "x", ...). */
#define AQ_PLUGIN(...) \
	AQ_EXPORT const struct aq_plugin aq_plugin_1 = {.magic = AQ_MAGIC, .abi_major = AQ_ABI_MAJOR, \
		.abi_minor = AQ_ABI_MINOR, .size = sizeof(struct aq_plugin), __VA_ARGS__}

#endif
