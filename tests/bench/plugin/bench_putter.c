/* bench_putter.c: a strategy that puts a row into a store at every change of a book, whether the store takes it or
 * not: one that has no room is asked again and again. */
#include "bench_putter.h"

#include "../rows.h"

#include <aioquant/plugin.h>
#include <aioquant/stores.h>

#include <stdio.h>
#include <stdlib.h>

struct putter {
	struct bench_putter told; /* first: the program reads it */
	const struct aq_host *host;
	const struct aq_store_api *api;
};

static const struct aq_option options[] = {
	{.name = "market",
		.type = AQ_OPT_MARKET,
		.size = sizeof(struct aq_market),
		.offset = offsetof(struct putter, told.market),
		.flags = AQ_REQUIRED | AQ_BOOK,
		.help = "whose book"},
	{.name = "store",
		.type = AQ_OPT_STORE,
		.size = sizeof(uint32_t),
		.offset = offsetof(struct putter, told.store),
		.flags = AQ_REQUIRED,
		.help = "where the rows go"},
	{.name = NULL},
};

/* The call's id, or a negative status. */
static int64_t ask(struct putter *p, uint8_t op, uint8_t part, const void *document, int32_t length)
{
	struct aq_store_call c = {.size = sizeof(c), .store = p->told.store, .op = op, .tag = op, .collection = "rows"};
	struct aq_store_chunk chunk = {.size = sizeof(chunk), .part = part, .length = (uint32_t)length};
	int64_t call = length < 0 ? length : p->api->begin(p->host->owner, &c);
	int32_t status = call < 0 ? (int32_t)call : p->api->append(p->host->owner, call, &chunk, document);

	if (status >= 0)
		status = p->api->end(p->host->owner, call, 0);
	if (status < 0 && call > 0)
		p->api->forget(p->host->owner, call);
	return status < 0 ? status : call;
}

static int64_t put(struct putter *p)
{
	struct row r = row_of((uint32_t)p->told.put);
	uint8_t document[256];
	int64_t call = ask(p, AQ_STORE_INSERT, AQ_PART_ROWS, document,
		aq_doc_of(document, sizeof(document), "{time: %ld, price: %.*ld, symbol: %s}", r.time_ns, ROW_DIGITS,
			r.decimals[ROW_CLOSE], r.symbol));

	p->told.put += call > 0;
	p->told.full += call == AQ_EAGAIN;
	return call;
}

static void book_event(struct putter *p)
{
	if (p->told.fill)
		while (put(p) > 0)
			;
	p->told.fill = 0;
	put(p);
}

static void on_event(void *self, const struct aq_event *event)
{
	struct putter *p = self;

	if (event->type == AQ_EV_STORE_END)
		p->told.done++;
	else if (event->type == AQ_EV_STORE_ERROR)
		p->told.failed++;
	else if (event->type == AQ_EV_BOOK)
		book_event(p);
}

static int32_t create(const struct aq_host *host, void **self, struct aq_err *err)
{
	struct putter *p = calloc(1, sizeof(*p));

	(void)err;
	if (p == NULL)
		return AQ_ESPACE;
	p->host = host;
	*self = p;
	return AQ_OK;
}

static int32_t start(void *self, struct aq_err *err)
{
	struct putter *p = self;
	uint8_t schema[1024];

	(void)err;
	p->api = p->host->extension(p->host->owner, AQ_STORE_EXT);
	if (p->api == NULL)
		return AQ_ENOSYS;
	ask(p, AQ_STORE_CREATE, AQ_PART_SCHEMA, schema,
		aq_doc_of(schema, sizeof(schema), "{fields: [{name: time, type: timestamp}, {name: price, type: decimal, precision: 28, "
			"digits: 8}, {name: symbol, type: text, size: 40}]}"));
	return AQ_OK;
}

AQ_PLUGIN(.kind = AQ_STRATEGY, .name = "bench_putter", .version = "1", .summary = "puts rows, come what may",
	.options = options, .create = create, .start = start, .destroy = free, .on_event = on_event);
