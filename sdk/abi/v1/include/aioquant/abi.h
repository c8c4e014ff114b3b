/* abi.h: the part of the ABI that every plugin shares: magic, versions, kinds, status codes, errors.
 *
 * A plugin is a shared object that exports exactly one symbol, the data object `aq_plugin_1` (plugin.h). It gets a table
 * of host functions (host.h) and asks that for named extensions. The host never exports symbols of its own.
 *
 * Rules that hold for every header in this folder
 * - Ownership: a const pointer is borrowed until the call returns. Whoever allocates frees. Strings are UTF-8 and end
 *   with NUL unless a length is given.
 * - Threads: `[loop]` = the instance's own loop, where all its callbacks run, never two at once; `[any]` = any thread.
 * - Phases: create and check may only allocate and look; calls that cause effects answer AQ_ESTATE before start.
 * - A call returns >= 0, or an error that only the caller's mistake can cause. All else, a denial of the risk gate
 *   included, comes later as an event.
 * - A struct given to the host begins with its size, set by the caller. Size 0 is AQ_EINVAL; so are non-zero bytes that
 *   the host does not know. They are never ignored.
 * - Time is int64 nanoseconds UTC, suffix _ns.
 *
 * Status: draft. Until version 1 is frozen the host accepts only plugins built with the same major and minor, and
 * extensions are named aq.draft.NAME/N. Only the entry symbol and the 16-byte head of struct aq_plugin are frozen.
 *
 * Change list (newest first)
 * 1.2  adapters may emit AQ_EV_KLINE: closed candles of the venue's own.
 * 1.2  service.h: services are offered: aq.draft.view/2, aq.draft.journal/2, aq.draft.spool/1, AQ_EV_STOPPING; AQ_OPT_STORE_LINE; AQ_PATH;
 *      market.subscribe with AQ_ALL.
 * 1.2  store.h: aq.draft.store/2 and aq.draft.store_provider/2; what has changed stands there.
 * 1.2  candles and history (aq_kline, AQ_EV_KLINE, AQ_EV_HISTORY, AQ_EV_PAST, market.history), AQ_LATEST,
 *      aq_ticker.replaced, aq_funding.index, the extension aq.draft.tell/1 (tell.h), the troubles STOPPED and
 *      CLOSE_ONLY, AQ_DENY_CLOSE_ONLY.
 * 1.1  first draft: strategy, exchange; drafts of storage, bus, service.
 */
#ifndef AIOQUANT_ABI_H
#define AIOQUANT_ABI_H

#include <stddef.h>
#include <stdint.h>

#define AQ_MAGIC 0x31505141u /* "AQP1" in memory */
#define AQ_ABI_MAJOR 1
#define AQ_ABI_MINOR 2

/* What a plugin is. Kept in the frozen head. */
enum aq_kind { AQ_KIND_UNKNOWN = 0, AQ_STRATEGY = 1, AQ_EXCHANGE = 2, AQ_STORAGE = 3, AQ_BUS = 4, AQ_SERVICE = 5 };

/* Status codes of calls. Negative, never errno. */
enum aq_status {
	AQ_OK = 0,
	AQ_EINVAL = -1,    /* an argument is wrong, or a struct has bytes the host does not know */
	AQ_ESTATE = -2,    /* not in this phase: before start, after stop, or during save */
	AQ_EAGAIN = -3,    /* a queue is full; try again after the next event */
	AQ_ENOENT = -4,    /* no such instrument, order, timer, option, connection */
	AQ_ENOSYS = -5,    /* this host or this section does not offer that */
	AQ_EOVERFLOW = -6, /* a number does not fit */
	AQ_EFORMAT = -7,   /* bytes that cannot be read */
	AQ_ESPACE = -8,    /* the caller's buffer is too small */
	AQ_EVERSION = -9   /* state of a version that is not accepted */
};

/* Filled once, at the deepest point that knows the reason; prefixed on the way up. */
struct aq_err {
	int32_t code;   /* enum aq_status */
	char text[508]; /* one line, no newline at the end */
};

/* Log levels of aq_host.log. */
enum aq_level_of_log { AQ_LOG_DEBUG = 1, AQ_LOG_INFO = 2, AQ_LOG_WARN = 3, AQ_LOG_ERROR = 4 };

#ifdef __cplusplus
#define AQ_EXPORT extern "C" __attribute__((visibility("default")))
#else
#define AQ_EXPORT __attribute__((visibility("default")))
#endif

#endif
