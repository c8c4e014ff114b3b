/* test_record.c: what a host's journal says of one strategy, as journal_state prints it, and the host's own sum. */
#include "test_run.h"

#include <aioquant/event.h>
#include <decimal.h>
#include <stdlib.h>
#include <string.h>

#define TAG_OF_AUTHOR ((UINT64_C(1) << 48) - 1) /* the SDK's bits lie above */

/* The value of " NAME=" in a line; false when it has none. */
static bool field(const char *line, const char *name, char *out, size_t size)
{
	char key[32];
	const char *at;
	size_t length;
	snprintf(key, sizeof(key), " %s=", name);
	at = strstr(line, key);
	if (at == NULL)
		return false;
	at += strlen(key);
	length = strcspn(at, " ");
	if (length >= size)
		return false;
	memcpy(out, at, length);
	out[length] = '\0';
	return true;
}

static int64_t number(const char *line, const char *name, unsigned digits)
{
	char text[64];
	int64_t value = AQ_NONE;
	if (field(line, name, text, sizeof(text)))
		aq_dec_parse(text, strlen(text), digits, &value);
	return value;
}

static struct aq_amt amount(const char *line, const char *name)
{
	struct aq_amt value = aq_amt_zero();
	char text[64];
	if (field(line, name, text, sizeof(text)))
		aq_amt_parse(text, strlen(text), &value);
	return value;
}

/* Which word it is, from 1; 0 for none of them. */
static uint8_t word(const char *line, const char *name, const char *const *words, uint8_t count)
{
	char text[32];
	for (uint8_t i = 1; field(line, name, text, sizeof(text)) && i < count; i++)
		if (words[i] != NULL && strcmp(text, words[i]) == 0)
			return i;
	return 0;
}
#define WORD(line, name, words) word(line, name, words, (uint8_t)(sizeof(words) / sizeof(*(words))))

static const char *const sides[] = {[AQ_BUY] = "buy", [AQ_SELL] = "sell"};
static const char *const liquidities[] = {[AQ_MAKER] = "maker", [AQ_TAKER] = "taker"};
static const char *const states[] = {[AQ_CREATED] = "created", [AQ_DENIED] = "denied", [AQ_SENT] = "sent",
	[AQ_UNTRIGGERED] = "untriggered", [AQ_OPEN] = "open", [AQ_FILLED] = "filled", [AQ_CANCELLED] = "cancelled",
	[AQ_REJECTED] = "rejected", [AQ_EXPIRED] = "expired"};

/* ---- lines ---- */

static void *more(void *array, uint32_t count, size_t size)
{
	void *longer = (count & (count - 1)) != 0 ? array : realloc(array, (count > 0 ? 2u * count : 1u) * size);
	if (longer == NULL)
		abort();
	memset((char *)longer + count * size, 0, size);
	return longer;
}

static void take_order(struct aq_test *t, const char *line)
{
	struct aq_test_order *o;
	t->orders = more(t->orders, t->order_count, sizeof(*t->orders));
	o = &t->orders[t->order_count++];
	*o = (struct aq_test_order){.id = (uint64_t)number(line, "id", 0), .price = number(line, "price", t->px_digits),
		.qty = number(line, "qty", t->qty_digits), .filled = number(line, "filled", t->qty_digits),
		.placed_ns = number(line, "placed_ns", 0), .ended_ns = number(line, "ended_ns", 0),
		.code = (uint16_t)number(line, "code", 0), .side = WORD(line, "side", sides),
		.state = WORD(line, "state", states)};
	o->tag = (uint64_t)number(line, "tag", 0) & TAG_OF_AUTHOR;
}

static void take_denied(struct aq_test *t, const char *line)
{
	t->denied += number(line, "code", 0) != AQ_DENY_RECONCILING;
	if (number(line, "request", 0) == AQ_REQ_PLACE) /* such an order has no line of its own */
		take_order(t, line);
}

static void take_fill(struct aq_test *t, const char *line)
{
	struct aq_test_fill *f;
	t->fills = more(t->fills, t->fill_count, sizeof(*t->fills));
	f = &t->fills[t->fill_count++];
	*f = (struct aq_test_fill){.order = (uint64_t)number(line, "order", 0), .price = number(line, "price", t->px_digits),
		.qty = number(line, "qty", t->qty_digits), .fee = amount(line, "fee"), .time_ns = number(line, "time_ns", 0),
		.side = WORD(line, "side", sides), .liquidity = WORD(line, "liquidity", liquidities)};
	field(line, "fee_asset", f->fee_asset, sizeof(f->fee_asset));
}

static void take_row(struct aq_test *t, const char *line)
{
	t->position = number(line, "qty", t->qty_digits);
	t->realised = amount(line, "realised");
}

/* Lines of the strategy in the recording's instrument. */
static void take_line(struct aq_test *t, const char *line)
{
	static const struct {
		const char *kind;
		void (*take)(struct aq_test *t, const char *line);
	} kinds[] = {{"order ", take_order}, {"denied ", take_denied}, {"fill ", take_fill}, {"row ", take_row}};
	char owner[64], symbol[64];
	if (!field(line, "instance", owner, sizeof(owner)) || strcmp(owner, t->plugin) != 0 ||
		!field(line, "symbol", symbol, sizeof(symbol)) || strcmp(symbol, t->symbol) != 0)
		return;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (strncmp(line, kinds[i].kind, strlen(kinds[i].kind)) == 0)
			kinds[i].take(t, line);
}

static void each_line(struct aq_test *t, char *text)
{
	char *rest = NULL;
	for (char *line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest))
		take_line(t, line);
}

/* ---- what follows from them ---- */

/* Ids of one process rise. */
static int by_id(const void *a, const void *b)
{
	const struct aq_test_order *x = a, *y = b;
	return x->id < y->id ? -1 : x->id > y->id;
}

static void complete_fills(struct aq_test *t)
{
	aq_qty position = 0, size;
	for (uint32_t i = 0; i < t->fill_count; i++) {
		struct aq_test_fill *f = &t->fills[i];
		struct aq_test_order key = {.id = f->order};
		const struct aq_test_order *o = bsearch(&key, t->orders, t->order_count, sizeof(key), by_id);

		f->tag = o != NULL ? o->tag : 0;
		position += f->side == AQ_BUY ? f->qty : -f->qty;
		f->position = position;
		size = position < 0 ? -position : position;
		t->max_position = size > t->max_position ? size : t->max_position;
	}
}

/* A strategy that was not started, or that gave up: the host has gone on without it. */
static int check_log(struct aq_test *t)
{
	static const char *const marks[] = {"REFUSED", "taken out"};
	char text[80];
	for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++) {
		const char *at;
		snprintf(text, sizeof(text), "%s: %s: ", t->plugin, marks[i]);
		at = strstr(t->log, text);
		if (at != NULL)
			return aq_test_fail(t, "%.*s", (int)strcspn(at, "\n"), at);
	}
	return 0;
}

/* The file of the run's folder, never NULL. */
static char *said(const struct aq_test_run *r, const char *name)
{
	char path[PATH_MAX];
	char *text;
	aq_test_path(r, name, path);
	text = aq_test_read(path);
	if (text == NULL)
		text = calloc(1, 1);
	if (text == NULL)
		abort();
	return text;
}

int aq_test_record(struct aq_test_run *r)
{
	char program[PATH_MAX], journal[PATH_MAX];
	const char *arguments[] = {program, journal, NULL};
	struct aq_test *t = r->t;
	char *text;
	snprintf(program, sizeof(program), "%.*s/journal_state", PATH_MAX - 16, r->bin);
	aq_test_path(r, "state/journal", journal);
	if (aq_test_execute(r, arguments, "record") != 0)
		return -1;
	text = said(r, "record");
	each_line(t, text);
	free(text);
	if (t->order_count > 0)
		qsort(t->orders, t->order_count, sizeof(*t->orders), by_id);
	complete_fills(t);
	text = said(r, "said");
	t->profit = amount(text, "pnl");
	free(text);
	t->log = said(r, "host.log");
	return check_log(t);
}
