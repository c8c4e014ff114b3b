/* filler.c: a strategy that fills two tables of a store, one with values that are hard to write as text, one with many rows. */
#include <aioquant/strategy.h>

#include <string.h>

enum { TAG_ODD = 1, TAG_ODD_ROW, TAG_MANY, TAG_MANY_ROWS };

struct filler {
	uint32_t store;
	int64_t rows;    /* of `many` */
	int64_t odd, n;  /* that were put */
	int64_t waiting; /* answers to the odd ones */
};

static const struct aq_option options[] = {
	AQ_STORE(filler, store, AQ_REQUIRED, "where the rows go"),
	AQ_INT(filler, rows, 0, "1000", "1", NULL, "rows of the table many"),
	AQ_END};

#define ODD_SCHEMA \
	"{fields: [{name: id, type: int64, key: true}, {name: time, type: timestamp}, " \
	"{name: price, type: decimal, precision: 34, digits: 18}, {name: whole, type: decimal, precision: 34, digits: 0}, " \
	"{name: note, type: text}, {name: data, type: bytes}, {name: ok, type: bool}, {name: ratio, type: double}, " \
	"{name: 'a, \"b\"', type: text}], comment: 'odd, all of it'}"
#define MANY_SCHEMA \
	"{fields: [{name: n, type: int64, key: true}, {name: time, type: timestamp}, " \
	"{name: price, type: decimal, precision: 28, digits: 8}, {name: note, type: text}]}"

static void ready(void *self, struct aq_ctx *q)
{
	struct filler *s = self;

	aq_create(q, s->store, "odd", TAG_ODD, ODD_SCHEMA);
}

/* ---- the odd ones ---- */

struct odd {
	int64_t time_ns;
	const char *price, *whole; /* NULL = null */
	const char *note;
	uint32_t note_length, data_length;
	const char *data;
	double ratio;
};

#define TEXT(text) text, sizeof(text) - 1
static const struct odd odds[] = {
	{0, "0", "0", TEXT(""), 0, "", 0},
	{INT64_C(1723161320123456789), "61837.63", "9999999999999999999999999999999999", TEXT("a,b"), 3, "\x00\xff\x10", 0.1},
	{-1, "-0.000000000000000001", "-9999999999999999999999999999999999", TEXT("say \"no\", 'yes'"), 1, "\"", -1e-300},
	{INT64_MAX, "9999999999999999.999999999999999999", "1", TEXT("line\none\r\ntwo\n"), 2, "\r\n", 1.7976931348623157e308},
	{-INT64_MAX, "-9999999999999999.999999999999999999", "-1", TEXT("nul\0in it\0"), 1, "\0", 5e-324},
	{INT64_C(1723161320000000000), "0.1", "10000000000", TEXT("\xf0\x9f\x98\x80 caf\xc3\xa9 \xe2\x82\xac"), 4, "\xf0\x9f\x98\x80", 3},
	{INT64_C(1723161320500000000), NULL, NULL, NULL, 0, 0, NULL, 0},
	{1, "1.5", "5", TEXT("; DROP TABLE odd; -- \\ \t =1+1 {a: 1} %s"), 5, "\\,;\t%", 0.30000000000000004},
};
#define ODDS ((int64_t)(sizeof(odds) / sizeof(*odds)))

static void decimal_or_null(struct aq_doc *d, const char *name, const char *text)
{
	if (text != NULL)
		aq_doc_decimal_text(d, name, text, strlen(text));
	else
		aq_doc_null(d, name);
}

static void put_odd(struct filler *s, struct aq_ctx *q)
{
	const struct odd *o = &odds[s->odd];
	uint8_t bytes[1024];
	struct aq_doc d;

	aq_doc_begin(&d, bytes, sizeof(bytes));
	aq_doc_int64(&d, "id", s->odd++);
	aq_doc_time(&d, "time", o->time_ns);
	decimal_or_null(&d, "price", o->price);
	decimal_or_null(&d, "whole", o->whole);
	if (o->note != NULL) { /* else what is missing is null */
		aq_doc_text_of(&d, "note", o->note, o->note_length);
		aq_doc_bytes(&d, "data", o->data, o->data_length);
		aq_doc_bool(&d, "ok", s->odd % 2 == 0);
		aq_doc_double(&d, "ratio", o->ratio);
		aq_doc_text(&d, "a, \"b\"", "it's");
	}
	aq_put_rows(q, &(struct aq_query){.store = s->store, .collection = "odd", .tag = TAG_ODD_ROW}, bytes,
		(uint32_t)aq_doc_end(&d));
}

/* ---- the many ---- */

static int32_t put_row(uint8_t *to, size_t room, int64_t n)
{
	return aq_doc_of(to, room, "{n: %lld, time: %lld, price: %.*lld, note: %s}", (long long)n, 1723161320000000000ll + n * 1000, 8,
		(long long)n * 12345, n % 10 == 0 ? "every \"tenth\", or so" : "plain");
}

static void put_many(struct filler *s, struct aq_ctx *q)
{
	static const uint32_t most = AQ_STORE_CHUNK - 512;
	uint8_t bytes[AQ_STORE_CHUNK];
	uint32_t used = 0;

	while (s->n < s->rows && used < most)
		used += (uint32_t)put_row(bytes + used, sizeof(bytes) - used, ++s->n);
	if (used > 0)
		aq_put_rows(q, &(struct aq_query){.store = s->store, .collection = "many", .tag = TAG_MANY_ROWS}, bytes, used);
	else
		aq_info(q, "filled with %lld rows", (long long)s->n);
}

static void answer(void *self, struct aq_ctx *q, uint64_t tag, const struct aq_answer *a)
{
	struct filler *s = self;

	if (a->fault != 0)
		aq_info(q, "call %llu failed: fault %u code %d: %s", (unsigned long long)tag, a->fault, (int)a->code, a->text);
	else if (tag <= TAG_ODD_ROW && s->odd < ODDS)
		put_odd(s, q);
	else if (tag <= TAG_ODD_ROW)
		aq_create(q, s->store, "many", TAG_MANY, MANY_SCHEMA);
	else
		put_many(s, q);
}

AQ_STRATEGY(filler, .summary = "fills tables of a store", .options = options, .ready = ready, .answer = answer);
