/* mock_service.c: journal, spools and views of the host in memory: the test says what is in them, or reads what a
 * service has put there. Readers stay over a reload, and go back to what they have acknowledged when they are opened
 * again. */
#include "mock_service.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct aq_market nowhere;

static void wrong(const char *why)
{
	fprintf(stderr, "mock: %s\n", why);
	abort();
}

static bool is_name(const char *name)
{
	size_t length = strnlen(name, 16);

	return length > 0 && length < 16 && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == length;
}

static struct aq_mock_kept *keep(
	struct aq_mock_kept *list, uint32_t *count, int64_t time_ns, uint32_t kind, const void *bytes, uint32_t length)
{
	struct aq_mock_kept *r = &list[*count];

	if (*count == AQ_MOCK_KEPT)
		wrong("more records than fit");
	*r = (struct aq_mock_kept){.time_ns = time_ns, .kind = kind, .length = length, .bytes = malloc(length + 1u)};
	if (r->bytes == NULL)
		wrong("out of memory");
	memcpy(r->bytes, bytes, length);
	*count += 1;
	return r;
}

/* ---- opening ---- */

static struct aq_mock_tap *by_name(struct aq_mock *k, bool is_spool, const char *name)
{
	struct aq_mock_tap *t = k->taps;

	while (t < k->taps + k->tap_count && (t->is_spool != is_spool || strcmp(t->name, name) != 0))
		t++;
	if (t == k->taps + AQ_MOCK_TAPS)
		wrong("more readers and spools than fit");
	return t;
}

static struct aq_mock_tap *by_tag(struct aq_mock *k, bool is_spool, uint64_t tag)
{
	for (uint32_t i = 0; i < k->tap_count; i++)
		if (k->taps[i].is_spool == is_spool && k->taps[i].tag == tag)
			return &k->taps[i];
	return NULL;
}

struct aq_mock_tap *aq_mock_opened(struct aq_mock *k, const char *name, bool is_spool)
{
	struct aq_mock_tap *t = by_name(k, is_spool, name);

	return t < k->taps + k->tap_count ? t : NULL;
}

static int32_t open_tap(struct aq_mock *k, bool is_spool, const char *name, uint64_t tag, uint32_t kinds)
{
	struct aq_mock_tap *t;

	if (!k->started)
		return AQ_ESTATE;
	if (!is_name(name))
		return AQ_EINVAL;
	t = by_name(k, is_spool, name);
	if (t == k->taps + k->tap_count) {
		k->tap_count++;
		snprintf(t->name, sizeof(t->name), "%s", name);
		t->is_spool = is_spool;
	}
	t->tag = tag;
	t->kinds = kinds;
	t->wanted = 0;
	t->at = t->read = t->acknowledged;
	return AQ_OK;
}

static int32_t journal_open(void *owner, const char *reader, uint32_t kinds, uint64_t tag)
{
	return open_tap(owner, false, reader, tag, kinds);
}

static int32_t spool_open(void *owner, const struct aq_spool *s)
{
	if (s->size != sizeof(*s) || s->limit < 512 << 10)
		return AQ_EINVAL;
	return open_tap(owner, true, s->name, s->tag, 0);
}

/* ---- reading ---- */

static int32_t want(struct aq_mock *k, bool is_spool, uint64_t tag, uint32_t records)
{
	struct aq_mock_tap *t = by_tag(k, is_spool, tag);

	if (t == NULL)
		return AQ_ENOENT;
	t->wanted += records;
	return AQ_OK;
}

static int32_t journal_read(void *owner, uint64_t tag, uint32_t records)
{
	return want(owner, false, tag, records);
}

static int32_t spool_read(void *owner, uint64_t tag, uint32_t records)
{
	return want(owner, true, tag, records);
}

/* The position of a fact, and the number of a record, is its place from 1 on. */
static int32_t journal_acknowledge(void *owner, uint64_t tag, uint64_t next)
{
	struct aq_mock_tap *t = by_tag(owner, false, tag);

	if (t == NULL)
		return AQ_ENOENT;
	if (next == 0 || next - 1 > t->read)
		return AQ_EINVAL;
	t->acknowledged = next - 1 > t->acknowledged ? next - 1 : t->acknowledged;
	return AQ_OK;
}

static int32_t spool_acknowledge(void *owner, uint64_t tag, uint64_t number)
{
	struct aq_mock_tap *t = by_tag(owner, true, tag);

	if (t == NULL)
		return AQ_ENOENT;
	if (number > t->count)
		return AQ_EINVAL;
	t->acknowledged = number > t->acknowledged ? number : t->acknowledged;
	t->read = t->acknowledged > t->read ? t->acknowledged : t->read;
	return AQ_OK;
}

static int64_t spool_append(void *owner, uint64_t tag, const void *bytes, uint32_t length)
{
	struct aq_mock *k = owner;
	struct aq_mock_tap *t = by_tag(k, true, tag);

	if (t == NULL)
		return AQ_ENOENT;
	if (length > 32u << 10)
		return AQ_EINVAL;
	keep(t->records, &t->count, k->now_ns, 0, bytes, length);
	return t->count;
}

static int32_t spool_state(void *owner, uint64_t tag, struct aq_spool_state *out)
{
	const struct aq_mock_tap *t = by_tag(owner, true, tag);

	if (t == NULL)
		return AQ_ENOENT;
	if (out->size != sizeof(*out))
		return AQ_EINVAL;
	*out = (struct aq_spool_state){.size = sizeof(*out), .last = t->count, .acknowledged = t->acknowledged};
	return AQ_OK;
}

void aq_mock_spool_drop(struct aq_mock *k, const char *name, uint64_t to)
{
	struct aq_mock_tap *t = aq_mock_opened(k, name, true);

	if (t == NULL || to > t->count)
		wrong("no such spool, or it has not so many records");
	t->at = to > t->at ? to : t->at;
	t->dropped = to > t->dropped ? to : t->dropped;
}

/* ---- telling ---- */

static void tell_bytes(struct aq_mock *k, struct aq_mock_tap *t, uint16_t type, const void *head, size_t head_size,
	const struct aq_mock_kept *r)
{
	uint8_t *body = malloc(head_size + r->length);

	if (body == NULL)
		wrong("out of memory");
	memcpy(body, head, head_size);
	memcpy(body + head_size, r->bytes, r->length);
	aq_mock_event(k, type, nowhere, t->tag, body, head_size + r->length);
	free(body);
	t->wanted--;
}

static bool tell_spool(struct aq_mock *k, struct aq_mock_tap *t)
{
	struct aq_spool_record head = {0};

	t->at = t->at < t->dropped ? t->dropped : t->at;
	if (t->at >= t->count)
		return false;
	head = (struct aq_spool_record){.number = t->at + 1,
		.previous = t->read,
		.time_ns = t->records[t->at].time_ns,
		.more = t->at + 1 < t->count,
		.length = t->records[t->at].length};
	t->read = ++t->at;
	tell_bytes(k, t, AQ_EV_SPOOL, &head, sizeof(head), &t->records[head.number - 1]);
	return true;
}

static bool tell_fact(struct aq_mock *k, struct aq_mock_tap *t)
{
	const struct aq_mock_kept *r;
	struct aq_journal_record head = {0};

	while (t->at < k->fact_count && (t->kinds & 1u << k->facts[t->at].kind) == 0)
		t->at++;
	if (t->at >= k->fact_count)
		return false;
	r = &k->facts[t->at];
	t->read = ++t->at;
	head = (struct aq_journal_record){.position = t->at,
		.next = t->at + 1,
		.time_ns = r->time_ns,
		.kind = (uint8_t)r->kind,
		.more = t->at < k->fact_count,
		.length = r->length};
	tell_bytes(k, t, AQ_EV_JOURNAL, &head, sizeof(head), r);
	return true;
}

bool aq_mock_service_tell(struct aq_mock *k)
{
	for (uint32_t i = 0; i < k->tap_count; i++) {
		struct aq_mock_tap *t = &k->taps[i];

		if (t->wanted > 0 && (t->is_spool ? tell_spool(k, t) : tell_fact(k, t)))
			return true;
	}
	return false;
}

/* ---- names and views ---- */

static int32_t journal_name(void *owner, uint32_t kind, uint64_t id, char *out, uint32_t size)
{
	static const char *const words[] = {[AQ_NAME_INSTANCE] = "instance-",
		[AQ_NAME_ACCOUNT] = "account-",
		[AQ_NAME_ORDER] = "order-",
		[AQ_NAME_CODE] = "code ",
		[AQ_NAME_CURRENCY] = "USDT",
		[AQ_NAME_HOST] = "mock"};
	char text[64];

	if (kind < AQ_NAME_INSTANCE || kind > AQ_NAME_HOST)
		return AQ_ENOENT;
	if (kind == AQ_NAME_INSTANCE && id == 0)
		snprintf(text, sizeof(text), "external");
	else if (kind == AQ_NAME_CURRENCY || kind == AQ_NAME_HOST)
		snprintf(text, sizeof(text), "%s", words[kind]);
	else
		snprintf(text, sizeof(text), "%s%llu", words[kind], (unsigned long long)id);
	if (strlen(text) >= size)
		return AQ_ESPACE;
	snprintf(out, size, "%s", text);
	return (int32_t)strlen(text);
}

static int32_t copy_rows(const void *rows, uint32_t count, uint32_t first, void *out, size_t row_size, uint32_t most)
{
	uint32_t left = first < count ? count - first : 0;

	left = left < most ? left : most;
	memcpy(out, (const uint8_t *)rows + first * row_size, left * row_size);
	return (int32_t)left;
}

static int32_t view_rows(void *owner, uint32_t table, uint32_t first, void *out, uint32_t row_size, uint32_t rows)
{
	struct aq_mock *k = owner;

	if (table == AQ_VIEW_ACCOUNTS && row_size == sizeof(k->view_accounts[0]))
		return copy_rows(k->view_accounts, k->view_account_count, first, out, row_size, rows);
	if (table == AQ_VIEW_POSITIONS && row_size == sizeof(k->view_positions[0]))
		return copy_rows(k->view_positions, k->view_position_count, first, out, row_size, rows);
	return table == AQ_VIEW_ACCOUNTS || table == AQ_VIEW_POSITIONS ? AQ_EINVAL : AQ_ENOENT;
}

static int32_t view_watch(void *owner, uint32_t tables, int64_t every_ns)
{
	(void)owner, (void)tables, (void)every_ns;
	return AQ_ENOSYS;
}

const struct aq_view_api aq_mock_view_api = {.size = sizeof(aq_mock_view_api), .rows = view_rows, .watch = view_watch};
const struct aq_journal_api aq_mock_journal_api = {.size = sizeof(aq_mock_journal_api),
	.open = journal_open,
	.read = journal_read,
	.acknowledge = journal_acknowledge,
	.name = journal_name};
const struct aq_spool_api aq_mock_spool_api = {.size = sizeof(aq_mock_spool_api),
	.open = spool_open,
	.append = spool_append,
	.read = spool_read,
	.acknowledge = spool_acknowledge,
	.state = spool_state};

/* ---- the test's side ---- */

void aq_mock_fact(struct aq_mock *k, enum aq_journal_kind kind, const void *body, size_t size)
{
	keep(k->facts, &k->fact_count, k->now_ns, kind, body, (uint32_t)size);
}

static void free_kept(struct aq_mock_kept *list, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		free(list[i].bytes);
}

void aq_mock_service_free(struct aq_mock *k)
{
	free_kept(k->facts, k->fact_count);
	for (uint32_t i = 0; i < k->tap_count; i++)
		free_kept(k->taps[i].records, k->taps[i].count);
}
