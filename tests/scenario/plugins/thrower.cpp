// thrower.cpp: a strategy that throws out of its callback, which nobody catches, once it finds the file of its option.
#include <aioquant/strategy.h>

#include <stdexcept>
#include <unistd.h>

struct thrower {
	struct aq_market market;
	char trigger[200];
	aq_qty size;
	int64_t books;
};

static const struct aq_option options[] = {
	AQ_MARKET(thrower, market, AQ_BOOK, "what to look at"),
	AQ_STRING(thrower, trigger, 0, "crash.now", "file that makes it throw; it is removed first"),
	AQ_QTY(thrower, size, 0, NULL, "as crasher has it"),
	AQ_END
};

static void book(void *self, struct aq_ctx *, struct aq_market)
{
	auto *s = static_cast<thrower *>(self);

	if (++s->books > 20 && unlink(s->trigger) == 0)
		throw std::runtime_error("nobody catches this"); // LINE exception
}

AQ_STRATEGY(thrower, .summary = "throws when it is told to", .options = options, .book = book);
