/* report_sum.c: see report_sum.h. */
#include "host/report_sum.h"

#include "base/check.h"

#include <decimal.h>
#include <stdlib.h>
#include <string.h>

#define POSITIONS_MAX 16384
#define ACCOUNTS_MAX 1024

/* Of one strategy on one market with one account, as it was last seen. */
struct position {
	struct report_key key;
	struct aq_amt realised, unrealised;
	uint32_t row; /* that it belongs to */
};

struct account {
	struct report_account a;
	int64_t first_ns;   /* its first sample; 0 = none */
	struct aq_amt gain; /* profit, less fees, and cash flows, transfers too */
};

struct report_sum {
	unsigned by;
	int64_t from_ns, to_ns;
	int64_t sample_ns; /* of the sample that is not settled; 0 = none */
	struct map position_of, row_of;
	struct position *positions;
	struct report_row *rows;
	struct account *accounts;
	struct report_account *told;
	uint32_t position_count, row_count, account_count;
	bool full;
};

struct report_sum *report_sum_new(unsigned by, int64_t from_ns, int64_t to_ns)
{
	struct report_sum *r = calloc(1, sizeof(*r));

	CHECK(r != NULL);
	r->by = by;
	r->from_ns = from_ns;
	r->to_ns = to_ns;
	map_init(&r->position_of, POSITIONS_MAX);
	map_init(&r->row_of, POSITIONS_MAX);
	r->positions = calloc(POSITIONS_MAX, sizeof(*r->positions));
	r->rows = calloc(POSITIONS_MAX, sizeof(*r->rows));
	r->accounts = calloc(ACCOUNTS_MAX, sizeof(*r->accounts));
	r->told = calloc(ACCOUNTS_MAX, sizeof(*r->told));
	CHECK(r->positions != NULL && r->rows != NULL && r->accounts != NULL && r->told != NULL);
	return r;
}

void report_sum_free(struct report_sum *r)
{
	if (r == NULL)
		return;
	map_finish(&r->position_of);
	map_finish(&r->row_of);
	free(r->positions);
	free(r->rows);
	free(r->accounts);
	free(r->told);
	free(r);
}

/* ---- rows ---- */

static uint64_t hash_text(uint64_t hash, const char *text)
{
	for (; *text != '\0'; text++)
		hash = map_hash(hash, (uint8_t)*text);
	return map_hash(hash, 256);
}

static uint64_t hash_key(const struct report_key *k)
{
	return hash_text(hash_text(hash_text(1, k->strategy), k->account), k->market);
}

static bool same_key(const struct report_key *a, const struct report_key *b)
{
	return strcmp(a->strategy, b->strategy) == 0 && strcmp(a->account, b->account) == 0 &&
	       strcmp(a->market, b->market) == 0;
}

/* Two keys that hash alike stand one behind the other. */
static uint64_t next_hash(uint64_t hash)
{
	return map_hash(hash, 7);
}

/* What the report does not tell apart is the same. */
static struct report_key reduced(const struct report_sum *r, const struct report_key *key)
{
	struct report_key out = *key;

	if ((r->by & REPORT_STRATEGY) == 0)
		out.strategy[0] = '\0';
	if ((r->by & REPORT_ACCOUNT) == 0)
		out.account[0] = '\0';
	if ((r->by & REPORT_MARKET) == 0)
		out.market[0] = '\0';
	return out;
}

static uint32_t row_of(struct report_sum *r, const struct report_key *whole)
{
	struct report_key key = reduced(r, whole);
	uint64_t hash = hash_key(&key);
	uint32_t at;

	while ((at = map_find(&r->row_of, hash)) != MAP_NONE && !same_key(&r->rows[at].key, &key))
		hash = next_hash(hash);
	if (at != MAP_NONE)
		return at;
	if (r->row_count == POSITIONS_MAX || map_put(&r->row_of, hash, r->row_count) != 0) {
		r->full = true;
		return 0;
	}
	r->rows[r->row_count] = (struct report_row){.key = key, .is_valued = true};
	return r->row_count++;
}

/* NULL: there are too many. */
static struct position *position_of(struct report_sum *r, const struct report_key *key, bool *is_new)
{
	uint64_t hash = hash_key(key);
	uint32_t at;

	while ((at = map_find(&r->position_of, hash)) != MAP_NONE && !same_key(&r->positions[at].key, key))
		hash = next_hash(hash);
	*is_new = at == MAP_NONE;
	if (at != MAP_NONE)
		return &r->positions[at];
	if (r->position_count == POSITIONS_MAX || map_put(&r->position_of, hash, r->position_count) != 0) {
		r->full = true;
		return NULL;
	}
	at = r->position_count++;
	r->positions[at] = (struct position){.key = *key, .row = row_of(r, key)};
	return &r->positions[at];
}

static struct account *account_of(struct report_sum *r, const char *name)
{
	struct account *a = r->accounts;

	while (a < r->accounts + r->account_count && strcmp(a->a.name, name) != 0)
		a++;
	if (a == r->accounts + ACCOUNTS_MAX) {
		r->full = true;
		return a - 1;
	}
	if (a == r->accounts + r->account_count) {
		*a = (struct account){.a = {.is_valued = true}};
		strncpy(a->a.name, name, sizeof(a->a.name) - 1);
		r->account_count++;
	}
	return a;
}

/* A sum that does not fit is left as it was: 20 digits before the point are more than there is money. */
static void add(struct aq_amt *sum, struct aq_amt part)
{
	aq_amt_add(*sum, part, sum);
}

static void subtract(struct aq_amt *sum, struct aq_amt part)
{
	aq_amt_sub(*sum, part, sum);
}

/* ---- samples ---- */

static void total_of(struct report_row *row)
{
	row->total = row->realised;
	add(&row->total, row->unrealised);
	subtract(&row->total, row->fees);
	add(&row->total, row->funding);
	add(&row->total, row->interest);
	add(&row->total, row->other);
}

/* All rows of a sample have come. */
static void settle(struct report_sum *r)
{
	for (uint32_t i = 0; i < r->row_count; i++) {
		struct report_row *row = &r->rows[i];
		struct aq_amt below;

		total_of(row);
		if (aq_amt_cmp(row->total, row->peak) > 0)
			row->peak = row->total;
		if (aq_amt_sub(row->peak, row->total, &below) == 0 && aq_amt_cmp(below, row->drawdown) > 0)
			row->drawdown = below;
	}
}

/* What comes later is no part of the sample before. */
static void pass_time(struct report_sum *r, int64_t time_ns)
{
	if (r->sample_ns == 0 || time_ns <= r->sample_ns)
		return;
	if (r->sample_ns >= r->from_ns)
		settle(r);
	r->sample_ns = 0;
}

static void begin_sample(struct report_sum *r, int64_t time_ns)
{
	pass_time(r, time_ns);
	r->sample_ns = time_ns;
}

static void note_first(struct account *a, int64_t time_ns)
{
	if (a->first_ns == 0)
		a->first_ns = time_ns;
}

static void change(struct aq_amt *row, struct aq_amt *account, struct aq_amt from, struct aq_amt to)
{
	struct aq_amt by;

	if (aq_amt_sub(to, from, &by) != 0)
		return;
	add(row, by);
	add(account, by);
}

/* What is there at an account's first sample may be older than that; what comes later is new. */
void report_sum_position(struct report_sum *r, int64_t time_ns, const struct report_position *p)
{
	struct account *a = account_of(r, p->key.account);
	struct position *at;
	struct report_row *row;
	bool is_new, is_old;

	if (time_ns >= r->to_ns)
		return;
	begin_sample(r, time_ns);
	note_first(a, time_ns);
	at = position_of(r, &p->key, &is_new);
	if (at == NULL)
		return;
	row = &r->rows[at->row];
	if (!p->is_valued) { /* the next sample tells it */
		a->a.is_valued = row->is_valued = row->is_valued && time_ns < r->from_ns;
		return;
	}
	is_old = time_ns < r->from_ns || (is_new && a->first_ns == time_ns);
	if (!is_old) {
		change(&row->realised, &a->gain, at->realised, p->realised);
		change(&row->unrealised, &a->gain, at->unrealised, p->unrealised);
	}
	at->realised = p->realised;
	at->unrealised = p->unrealised;
}

void report_sum_equity(struct report_sum *r, int64_t time_ns, const char *account, struct aq_amt equity, bool is_valued)
{
	struct account *a = account_of(r, account);

	if (time_ns >= r->to_ns)
		return;
	begin_sample(r, time_ns);
	note_first(a, time_ns);
	if (!is_valued)
		return;
	if (time_ns < r->from_ns || !a->a.has_begin)
		a->a.begin = equity;
	a->a.has_begin = true;
	a->a.end = equity;
}

/* ---- what happens between ---- */

static bool is_within(const struct report_sum *r, int64_t time_ns)
{
	return time_ns >= r->from_ns && time_ns < r->to_ns;
}

void report_sum_fill(struct report_sum *r, int64_t time_ns, const struct report_fill *fill)
{
	struct report_row *row;
	struct account *a;

	if (!is_within(r, time_ns))
		return;
	pass_time(r, time_ns);
	row = &r->rows[row_of(r, &fill->key)];
	a = account_of(r, fill->key.account);
	row->fills++;
	row->maker_fills += fill->is_maker;
	row->is_valued = row->is_valued && fill->is_valued;
	a->a.is_valued = a->a.is_valued && fill->is_valued;
	if (!fill->is_valued)
		return;
	add(&row->turnover, fill->turnover);
	if (fill->is_maker)
		add(&row->maker_turnover, fill->turnover);
	add(&row->fees, fill->fee);
	subtract(&a->gain, fill->fee);
}

void report_sum_cash(struct report_sum *r, int64_t time_ns, const struct report_cash *cash)
{
	struct report_key key = {.strategy = "-", .market = "-"};
	struct account *a;
	struct report_row *row;

	if (!is_within(r, time_ns))
		return;
	pass_time(r, time_ns);
	a = account_of(r, cash->account);
	a->a.is_valued = a->a.is_valued && cash->is_valued;
	if (cash->is_valued)
		add(&a->gain, cash->value);
	if (strcmp(cash->kind, "transfer") == 0) {
		if (cash->is_valued)
			add(&a->a.transfers, cash->value);
		return;
	}
	strncpy(key.account, cash->account, sizeof(key.account) - 1);
	row = &r->rows[row_of(r, &key)];
	row->is_valued = row->is_valued && cash->is_valued;
	if (cash->is_valued)
		add(strcmp(cash->kind, "funding") == 0        ? &row->funding
			: strcmp(cash->kind, "interest") == 0 ? &row->interest
							      : &row->other,
			cash->value);
}

/* ---- the end ---- */

static int by_key(const void *a, const void *b)
{
	const struct report_key *x = &((const struct report_row *)a)->key, *y = &((const struct report_row *)b)->key;
	int order = strcmp(x->strategy, y->strategy);

	order = order != 0 ? order : strcmp(x->account, y->account);
	return order != 0 ? order : strcmp(x->market, y->market);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct report_account *)a)->name, ((const struct report_account *)b)->name);
}

void report_sum_end(struct report_sum *r)
{
	pass_time(r, INT64_MAX);
	for (uint32_t i = 0; i < r->row_count; i++)
		total_of(&r->rows[i]);
	for (uint32_t i = 0; i < r->account_count; i++) {
		r->told[i] = r->accounts[i].a;
		r->told[i].explained = r->accounts[i].gain;
	}
	qsort(r->rows, r->row_count, sizeof(*r->rows), by_key);
	qsort(r->told, r->account_count, sizeof(*r->told), by_name);
}

bool report_sum_is_full(const struct report_sum *r)
{
	return r->full;
}

uint32_t report_sum_rows(const struct report_sum *r, const struct report_row **rows)
{
	*rows = r->rows;
	return r->row_count;
}

uint32_t report_sum_accounts(const struct report_sum *r, const struct report_account **accounts)
{
	*accounts = r->told;
	return r->account_count;
}
