/* strategy.hpp: a strategy in C++20: a plain struct whose member functions are the callbacks.
 *
 *	struct mm {
 *		aq_market market;
 *		aq_qty size;
 *		void book(aq_ctx *q, aq_market m);
 *	};
 *	AQ_STRATEGY(mm, .summary = "...", .options = options, .book = aq::book_<mm, &mm::book>);
 *
 * An exception ends in the callback that it leaves: the instance fails with its text, as aq_host.fail says; in check and
 * load the call is refused with it, and in save without a text, for which that call has no place. The struct has no constructors and no defaults, since it is zeroed memory
 * that the host fills and a reload replaces; so it has no members that own memory. What owns memory stands behind a
 * pointer that ready makes and stop deletes, and save writes what a reload must keep.
 *
 * Designators keep the order of struct aq_strategy (strategy.h). Everything else is as in C.
 */
#ifndef AIOQUANT_STRATEGY_HPP
#define AIOQUANT_STRATEGY_HPP

#include "strategy.h"

#if __cplusplus >= 202002L
#include <cstdio>
#include <exception>

#pragma GCC visibility push(hidden)

namespace aq {

namespace detail {

/* "book: what it says" */
inline void describe(char *out, std::size_t size, const char *where, const char *what)
{
	std::snprintf(out, size, "%s: %s", where, what);
}

/* Runs a callback. What it throws goes to `tell` as a text. */
template <class Call, class Tell> void guard(const char *where, Call call, Tell tell) noexcept
{
	char text[256];
	try {
		call();
	} catch (const std::exception &e) {
		describe(text, sizeof(text), where, e.what());
		tell(text);
	} catch (...) {
		describe(text, sizeof(text), where, "something was thrown that is no std::exception");
		tell(text);
	}
}

template <class Call> void callback(const char *where, struct aq_ctx *q, Call call) noexcept
{
	guard(where, call, [q](const char *text) {
		const struct aq_host *host = aq_host_of(q);
		(host->fail)(host->owner, text); /* cmocka has a macro of that name */
	});
}

/* Calls that may refuse. */
template <class Call> int32_t answer(const char *where, struct aq_err *err, Call call) noexcept
{
	int32_t status = AQ_EINVAL;
	guard(where, [&] { status = call(); }, [err](const char *text) {
		if (err == nullptr)
			return;
		err->code = AQ_EINVAL;
		std::snprintf(err->text, sizeof(err->text), "%s", text);
	});
	return status;
}

} // namespace detail

template <class S, void (S::*F)(struct aq_ctx *)> void ready_(void *self, struct aq_ctx *q)
{
	detail::callback("ready", q, [=] { (static_cast<S *>(self)->*F)(q); });
}

template <class S, void (S::*F)(struct aq_ctx *, struct aq_market)>
void book_(void *self, struct aq_ctx *q, struct aq_market m)
{
	detail::callback("book", q, [=] { (static_cast<S *>(self)->*F)(q, m); });
}

template <class S, void (S::*F)(struct aq_ctx *, struct aq_market, const struct aq_trade &)>
void trade_(void *self, struct aq_ctx *q, struct aq_market m, const struct aq_trade *t)
{
	detail::callback("trade", q, [=] { (static_cast<S *>(self)->*F)(q, m, *t); });
}

template <class S, void (S::*F)(struct aq_ctx *, struct aq_market, const struct aq_ticker &)>
void ticker_(void *self, struct aq_ctx *q, struct aq_market m, const struct aq_ticker *t)
{
	detail::callback("ticker", q, [=] { (static_cast<S *>(self)->*F)(q, m, *t); });
}

template <class S, void (S::*F)(struct aq_ctx *, struct aq_market, const struct aq_funding &)>
void funding_(void *self, struct aq_ctx *q, struct aq_market m, const struct aq_funding *f)
{
	detail::callback("funding", q, [=] { (static_cast<S *>(self)->*F)(q, m, *f); });
}

template <class S, void (S::*F)(struct aq_ctx *, struct aq_market, const struct aq_kline &, int)>
void kline_(void *self, struct aq_ctx *q, struct aq_market m, const struct aq_kline *k, int past)
{
	detail::callback("kline", q, [=] { (static_cast<S *>(self)->*F)(q, m, *k, past); });
}

template <class S, void (S::*F)(struct aq_ctx *, struct aq_market, const struct aq_history &)>
void history_(void *self, struct aq_ctx *q, struct aq_market m, const struct aq_history *h)
{
	detail::callback("history", q, [=] { (static_cast<S *>(self)->*F)(q, m, *h); });
}

template <class S, void (S::*F)(struct aq_ctx *, int64_t)> void heartbeat_(void *self, struct aq_ctx *q, int64_t beat)
{
	detail::callback("heartbeat", q, [=] { (static_cast<S *>(self)->*F)(q, beat); });
}

template <class S, void (S::*F)(struct aq_ctx *, const struct aq_fill &)>
void fill_(void *self, struct aq_ctx *q, const struct aq_fill *f)
{
	detail::callback("fill", q, [=] { (static_cast<S *>(self)->*F)(q, *f); });
}

template <class S, void (S::*F)(struct aq_ctx *, const struct aq_order_change &)>
void order_(void *self, struct aq_ctx *q, const struct aq_order_change *o)
{
	detail::callback("order", q, [=] { (static_cast<S *>(self)->*F)(q, *o); });
}

template <class S, void (S::*F)(struct aq_ctx *, const struct aq_position &)>
void position_(void *self, struct aq_ctx *q, const struct aq_position *p)
{
	detail::callback("position", q, [=] { (static_cast<S *>(self)->*F)(q, *p); });
}

template <class S, void (S::*F)(struct aq_ctx *, uint64_t)> void timer_(void *self, struct aq_ctx *q, uint64_t tag)
{
	detail::callback("timer", q, [=] { (static_cast<S *>(self)->*F)(q, tag); });
}

template <class S, void (S::*F)(struct aq_ctx *)> void param_(void *self, struct aq_ctx *q)
{
	detail::callback("param", q, [=] { (static_cast<S *>(self)->*F)(q); });
}

template <class S, void (S::*F)(struct aq_ctx *, const struct aq_trouble &, struct aq_market)>
void trouble_(void *self, struct aq_ctx *q, const struct aq_trouble *t, struct aq_market m)
{
	detail::callback("trouble", q, [=] { (static_cast<S *>(self)->*F)(q, *t, m); });
}

template <class S, void (S::*F)(struct aq_ctx *, uint64_t, struct aq_bson)>
void row_(void *self, struct aq_ctx *q, uint64_t tag, struct aq_bson row)
{
	detail::callback("row", q, [=] { (static_cast<S *>(self)->*F)(q, tag, row); });
}

template <class S, void (S::*F)(struct aq_ctx *, uint64_t, const struct aq_frame_reader &)>
void frame_(void *self, struct aq_ctx *q, uint64_t tag, const struct aq_frame_reader *frame)
{
	detail::callback("frame", q, [=] { (static_cast<S *>(self)->*F)(q, tag, *frame); });
}

template <class S, void (S::*F)(struct aq_ctx *, uint64_t, const struct aq_answer &)>
void answer_(void *self, struct aq_ctx *q, uint64_t tag, const struct aq_answer *a)
{
	detail::callback("answer", q, [=] { (static_cast<S *>(self)->*F)(q, tag, *a); });
}

template <class S, void (S::*F)(struct aq_ctx *, uint32_t)> void room_(void *self, struct aq_ctx *q, uint32_t store)
{
	detail::callback("room", q, [=] { (static_cast<S *>(self)->*F)(q, store); });
}

template <class S, void (S::*F)(struct aq_ctx *, const struct aq_store_state &)>
void store_state_(void *self, struct aq_ctx *q, const struct aq_store_state *s)
{
	detail::callback("store_state", q, [=] { (static_cast<S *>(self)->*F)(q, *s); });
}

template <class S, void (S::*F)(struct aq_ctx *)> void stop_(void *self, struct aq_ctx *q)
{
	detail::callback("stop", q, [=] { (static_cast<S *>(self)->*F)(q); });
}

template <class S, int32_t (S::*F)(struct aq_err *) const> int32_t check_(const void *self, struct aq_err *err)
{
	return detail::answer("check", err, [=] { return (static_cast<const S *>(self)->*F)(err); });
}

template <class S, int32_t (S::*F)(const struct aq_writer &) const>
int32_t save_(const void *self, const struct aq_writer *out)
{
	return detail::answer("save", nullptr, [=] { return (static_cast<const S *>(self)->*F)(*out); });
}

template <class S, int32_t (S::*F)(const struct aq_reader &, struct aq_err *)>
int32_t load_(void *self, const struct aq_reader *in, struct aq_err *err)
{
	return detail::answer("load", err, [=] { return (static_cast<S *>(self)->*F)(*in, err); });
}

} // namespace aq

#pragma GCC visibility pop
#else
#error "strategy.hpp needs -std=c++20"
#endif

#endif
