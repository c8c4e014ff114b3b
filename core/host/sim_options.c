/* sim_options.c: INI sections -> struct sim_venue_options. */
#include "host/sim_options.h"

#include "base/check.h"
#include "base/err.h"
#include "host/time_text.h"

#include <decimal.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Everything that was allocated, to be freed together. */
struct memory {
	char **captures;
	uint32_t capture_count;
	struct sim_stored *stored;
	uint32_t stored_count;
	struct sim_venue_account *accounts;
	struct sim_venue_balance **balances; /* per account */
	uint32_t account_count;
	struct sim_venue_cash *cash;
	uint32_t cash_count;
};

struct reader {
	struct memory *memory;
	const struct config *config;
	const struct config_section *section;
	const struct config_entry *entry;
	struct config_errors *errors;
	int faults;
};

static void *more(void *array, uint32_t count, size_t size)
{
	void *larger = realloc(array, (count + 1u) * size);

	CHECK(larger != NULL);
	memset((char *)larger + count * size, 0, size);
	return larger;
}

static void fault(struct reader *r, const struct aq_err *err)
{
	config_error_value(r->errors, r->section, r->entry, "%s", err->text);
	r->faults++;
}

/* --- values --- */

/* 2024-08-08T16:00:00[.fraction]Z */
static bool calendar(const char *text, int64_t *ns)
{
	size_t length = strlen(text);

	return length >= 20 && text[10] == 'T' && text[16] == ':' && text[length - 1] == 'Z' && time_text_parse(text, length, ns);
}

int sim_options_time(const char *text, int64_t *ns, struct aq_err *err)
{
	bool plain = text[0] != '\0' && strspn(text, "0123456789") == strlen(text);

	if (plain ? aq_dec_parse(text, strlen(text), 0, ns) == AQ_OK : calendar(text, ns))
		return AQ_OK;
	return err_set(
		err, AQ_EFORMAT, "\"%.40s\" is no time. Write 2024-08-08T16:00:00Z or nanoseconds since 1970.", text);
}

const char *sim_options_time_text(int64_t ns, char out[SIM_TIME_TEXT])
{
	int64_t below = ns % 1000000000, seconds = ns / 1000000000 - (below < 0);
	time_t at = (time_t)seconds;
	struct tm utc;
	size_t length;

	below += below < 0 ? 1000000000 : 0;
	if (gmtime_r(&at, &utc) == NULL || strftime(out, 24, "%Y-%m-%dT%H:%M:%S", &utc) == 0) {
		snprintf(out, SIM_TIME_TEXT, "%lld", (long long)ns);
		return out;
	}
	length = strlen(out);
	if (below != 0)
		length += (size_t)snprintf(out + length, SIM_TIME_TEXT - length, ".%09lld", (long long)below);
	while (below != 0 && out[length - 1] == '0')
		length--;
	memcpy(out + length, "Z", 2);
	return out;
}

/* The next of several words of a value; false when there is none or it is too long. */
static bool next_word(const char **at, char *out, size_t size)
{
	*at += strspn(*at, " \t");
	size_t length = strcspn(*at, " \t");

	if (length == 0 || length >= size)
		return false;
	memcpy(out, *at, length);
	out[length] = '\0';
	*at += length;
	return true;
}

/* Calls `take` with each item of a comma-separated value. */
static void each_item(struct reader *r, void (*take)(struct reader *r, const char *item))
{
	const char *at = r->entry->value, *found;
	char item[1024];
	struct aq_err err;
	size_t length;

	while (config_next_item(&at, &found, &length)) {
		if (length == 0 || length >= sizeof(item)) {
			err_set(&err, AQ_EFORMAT, "an item of the list is %s.", length == 0 ? "empty" : "too long");
			fault(r, &err);
			return;
		}
		snprintf(item, sizeof(item), "%.*s", (int)length, found);
		take(r, item);
	}
}

static void read_duration(struct reader *r, int64_t *out)
{
	struct aq_err err;

	if (config_duration(r->entry->value, out, &err) != AQ_OK)
		fault(r, &err);
}

static void read_time(struct reader *r, int64_t *out)
{
	struct aq_err err;

	if (sim_options_time(r->entry->value, out, &err) != AQ_OK)
		fault(r, &err);
}

static void read_ratio(struct reader *r, struct aq_amt *out)
{
	struct aq_err err;

	if (config_ratio_amt(r->entry->value, out, &err) != AQ_OK)
		fault(r, &err);
}

/* --- [exchange:NAME] --- */

static void keep_capture(struct memory *m, const char *path)
{
	m->captures = more(m->captures, m->capture_count, sizeof(*m->captures));
	m->captures[m->capture_count] = strdup(path);
	CHECK(m->captures[m->capture_count] != NULL);
	m->capture_count++;
}

static int check_stored(const struct reader *r, const struct sim_stored *s, struct aq_err *err)
{
	const struct memory *m = r->memory;

	if (config_find(r->config, "storage", s->store) == NULL)
		return err_set(err, AQ_ENOENT, "no section [storage:%s].", s->store);
	for (uint32_t i = 0; i < m->stored_count; i++)
		if (strcmp(m->stored[i].instrument.symbol, s->instrument.symbol) == 0)
			return err_set(err, AQ_EINVAL, "%s is given twice. Give the other one an exchange section of its own.",
				s->instrument.symbol);
	return AQ_OK;
}

static void add_stored(struct reader *r, const char *item)
{
	struct memory *m = r->memory;
	struct sim_stored s;
	struct aq_err err;

	if (sim_stored_read(item, &s, &err) != AQ_OK || check_stored(r, &s, &err) != AQ_OK) {
		fault(r, &err);
		return;
	}
	m->stored = more(m->stored, m->stored_count, sizeof(s));
	m->stored[m->stored_count++] = s;
	m->stored[m->stored_count - 1].instrument.id = m->stored_count;
}

static void add_capture(struct reader *r, const char *item)
{
	char path[PATH_MAX];
	struct aq_err err;

	if (sim_stored_is(item)) {
		add_stored(r, item);
	} else if (config_path(r->entry, item, path, sizeof(path))) {
		keep_capture(r->memory, path);
	} else {
		err_set(&err, AQ_EFORMAT, "with its folder the path of the capture is too long.");
		fault(r, &err);
	}
}

/* What a store has may be without an end. */
static void check_range(struct reader *r, const struct sim_venue_options *v)
{
	static const char *const keys[] = {"start", "end"};

	if (r->memory->stored_count == 0)
		return;
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		if (config_get(r->section, keys[i]) != NULL)
			continue;
		config_error_section(r->errors, r->section, keys[i],
			"must be given: which part of the store is played. Write %s = 2024-08-08T16:00:00Z.", keys[i]);
		r->faults++;
	}
	if (r->faults == 0 && v->start_ns >= v->end_ns) {
		config_error_section(r->errors, r->section, "end", "must be later than start.");
		r->faults++;
	}
	if (r->memory->capture_count > 0) {
		config_error_section(r->errors, r->section, "capture",
			"has files and stores. Give the stores an exchange section of their own.");
		r->faults++;
	}
}

static void add_funding(struct reader *r, const char *item)
{
	struct sim_venue_cash cash = {.kind = AQ_CASH_FUNDING};
	const char *at = item;
	char when[64], rate[64];
	struct aq_err err;

	if (!next_word(&at, when, sizeof(when)) || !next_word(&at, cash.symbol, sizeof(cash.symbol)) ||
		!next_word(&at, rate, sizeof(rate)) || at[strspn(at, " \t")] != '\0') {
		err_set(&err, AQ_EFORMAT,
			"a time, a symbol and a rate are needed. Write 2024-08-08T16:00:00Z BTC/USDT:USDT 0.01%%.");
		fault(r, &err);
		return;
	}
	bool minus = rate[0] == '-';
	if (sim_options_time(when, &cash.at_ns, &err) != AQ_OK ||
		config_ratio_amt(rate + minus, &cash.amount, &err) != AQ_OK) {
		fault(r, &err);
		return;
	}
	if (minus)
		cash.amount = aq_amt_neg(cash.amount);
	r->memory->cash = more(r->memory->cash, r->memory->cash_count, sizeof(cash));
	r->memory->cash[r->memory->cash_count++] = cash;
}

static void read_warmup(struct reader *r, int64_t *out)
{
	struct aq_err err;

	read_duration(r, out);
	if (config_get(r->section, "start") == NULL)
		return;
	err_set(&err, AQ_EINVAL, "start says already where the replay begins. Write one of the two.");
	fault(r, &err);
}

static void read_exchange(struct reader *r, struct sim_venue_options *v)
{
	for (int i = 0; i < r->section->count; i++) {
		r->entry = &r->section->entries[i];
		if (strcmp(r->entry->key, "capture") == 0)
			each_item(r, add_capture);
		else if (strcmp(r->entry->key, "feed_latency") == 0)
			read_duration(r, &v->feed_ns);
		else if (strcmp(r->entry->key, "entry_latency") == 0)
			read_duration(r, &v->entry_ns);
		else if (strcmp(r->entry->key, "response_latency") == 0)
			read_duration(r, &v->response_ns);
		else if (strcmp(r->entry->key, "start") == 0)
			read_time(r, &v->start_ns);
		else if (strcmp(r->entry->key, "end") == 0)
			read_time(r, &v->end_ns);
		else if (strcmp(r->entry->key, "warmup") == 0)
			read_warmup(r, &v->warmup_ns);
		else if (strcmp(r->entry->key, "funding") == 0)
			each_item(r, add_funding);
	}
	check_range(r, v);
}

/* --- [account:NAME] --- */

static struct sim_venue_account *account_in_hand(struct reader *r)
{
	return &r->memory->accounts[r->memory->account_count - 1];
}

static void add_balance(struct reader *r, const char *item)
{
	struct sim_venue_account *a = account_in_hand(r);
	struct sim_venue_balance **list = &r->memory->balances[r->memory->account_count - 1];
	struct sim_venue_balance balance = {0};
	struct aq_err err;

	if (config_money(item, &balance.amount, balance.asset, sizeof(balance.asset), &err) != AQ_OK) {
		fault(r, &err);
		return;
	}
	*list = more(*list, a->balance_count, sizeof(**list));
	(*list)[a->balance_count++] = balance;
	a->balances = *list;
}

static void add_transfer(struct reader *r, const char *item)
{
	struct sim_venue_cash cash = {.kind = AQ_CASH_TRANSFER, .account = r->memory->account_count - 1};
	const char *at = item;
	char when[64];
	struct aq_err err;

	if (!next_word(&at, when, sizeof(when))) {
		err_set(&err, AQ_EFORMAT,
			"a time, an amount and its asset are needed. Write 2024-08-08T16:00:00Z 500 USDT.");
		fault(r, &err);
		return;
	}
	at += strspn(at, " \t");
	if (sim_options_time(when, &cash.at_ns, &err) != AQ_OK ||
		config_money(at, &cash.amount, cash.asset, sizeof(cash.asset), &err) != AQ_OK) {
		fault(r, &err);
		return;
	}
	r->memory->cash = more(r->memory->cash, r->memory->cash_count, sizeof(cash));
	r->memory->cash[r->memory->cash_count++] = cash;
}

static void read_mode(struct reader *r, struct sim_venue_account *a)
{
	struct aq_err err;

	a->hedging = strcmp(r->entry->value, "hedging") == 0;
	if (a->hedging || strcmp(r->entry->value, "netting") == 0)
		return;
	err_set(&err, AQ_EFORMAT, "write netting or hedging.");
	fault(r, &err);
}

static void read_leverage(struct reader *r, struct sim_venue_account *a)
{
	int64_t leverage = 0;
	struct aq_err err;

	if (aq_dec_parse(r->entry->value, strlen(r->entry->value), 0, &leverage) == AQ_OK && leverage >= 1 &&
		leverage <= 1000) {
		a->leverage = (uint32_t)leverage;
		return;
	}
	err_set(&err, AQ_EFORMAT, "write a whole number from 1 to 1000.");
	fault(r, &err);
}

static void read_account(struct reader *r)
{
	struct memory *m = r->memory;

	m->accounts = more(m->accounts, m->account_count, sizeof(*m->accounts));
	m->balances = more(m->balances, m->account_count, sizeof(*m->balances));
	struct sim_venue_account *a = &m->accounts[m->account_count++];
	snprintf(a->name, sizeof(a->name), "%s", r->section->name);
	for (int i = 0; i < r->section->count; i++) {
		r->entry = &r->section->entries[i];
		if (strcmp(r->entry->key, "balance") == 0)
			each_item(r, add_balance);
		else if (strcmp(r->entry->key, "fee_maker") == 0)
			read_ratio(r, &a->fee_maker);
		else if (strcmp(r->entry->key, "fee_taker") == 0)
			read_ratio(r, &a->fee_taker);
		else if (strcmp(r->entry->key, "position_mode") == 0)
			read_mode(r, a);
		else if (strcmp(r->entry->key, "leverage") == 0)
			read_leverage(r, a);
		else if (strcmp(r->entry->key, "transfer") == 0)
			each_item(r, add_transfer);
	}
}

static bool is_account_of(const struct config_section *s, const struct config_section *exchange)
{
	const struct config_entry *e = strcmp(s->kind, "account") == 0 ? config_get(s, "exchange") : NULL;

	return e != NULL && strcmp(e->value, exchange->name) == 0;
}

int sim_options_read(
	struct sim_options *out, const struct config *c, const struct config_section *exchange, struct config_errors *e)
{
	struct memory *m = calloc(1, sizeof(*m));
	struct reader r = {.memory = m, .config = c, .section = exchange, .errors = e};

	CHECK(m != NULL);
	memset(out, 0, sizeof(*out));
	out->memory = m;
	read_exchange(&r, &out->venue);
	for (int i = 0; i < c->count; i++) {
		r.section = &c->sections[i];
		if (is_account_of(r.section, exchange))
			read_account(&r);
	}
	out->venue.captures = (const char *const *)m->captures;
	out->venue.capture_count = m->capture_count;
	out->stored = m->stored;
	out->stored_count = m->stored_count;
	out->venue.accounts = m->accounts;
	out->venue.account_count = m->account_count;
	out->venue.cash = m->cash;
	out->venue.cash_count = m->cash_count;
	return r.faults;
}

void sim_options_free(struct sim_options *o)
{
	struct memory *m = o->memory;

	if (m == NULL)
		return;
	for (uint32_t i = 0; i < m->capture_count; i++)
		free(m->captures[i]);
	for (uint32_t i = 0; i < m->account_count; i++)
		free(m->balances[i]);
	free(m->captures);
	free(m->stored);
	free(m->accounts);
	free(m->balances);
	free(m->cash);
	free(m);
	memset(o, 0, sizeof(*o));
}

void sim_options_capture(struct sim_options *o, const char *path)
{
	struct memory *m = o->memory;

	keep_capture(m, path);
	o->venue.captures = (const char *const *)m->captures;
	o->venue.capture_count = m->capture_count;
}

int sim_options_check(const struct config *c, struct config_errors *e)
{
	struct sim_options o;
	int faults = 0;

	for (int i = 0; i < c->count; i++) {
		if (strcmp(c->sections[i].kind, "exchange") != 0)
			continue;
		faults += sim_options_read(&o, c, &c->sections[i], e);
		sim_options_free(&o);
	}
	return faults;
}
