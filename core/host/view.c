/* view.c: see view.h. */
#include "host/view.h"

#include "flow/ledger.h"
#include "flow/market.h"
#include "host/control_status.h"
#include "host/host.h"
#include "host/order_text.h"
#include "host/order_words.h"

#include <decimal.h>
#include <stdio.h>
#include <string.h>

/* ---- accounts ---- */

static void account_row(const struct flow *f, uint32_t id, struct aq_view_account *out)
{
	*out = (struct aq_view_account){.size = sizeof(*out), .id = id, .ready = f->accounts[id].ready};
	out->is_valued = status_equity(f, id, &out->equity);
	snprintf(out->name, sizeof(out->name), "%s", flow_account_name(f, id));
}

static int64_t accounts(const struct flow *f, uint32_t first, struct aq_view_account *out, uint32_t rows)
{
	uint32_t count = 0;

	for (uint32_t id = 1; id <= names_count(&f->names, NAME_ACCOUNT) && count < rows; id++) {
		if (f->accounts[id].exchange == 0)
			continue;
		if (first > 0)
			first--;
		else
			account_row(f, id, &out[count++]);
	}
	return count;
}

/* ---- positions ---- */

/* The sides of a hedging account are told as one: with the one that the ledger had first. */
static bool is_first_of_its_kind(const struct flow *f, uint32_t at)
{
	const struct aq_position *p = &f->ledger.rows[at].p;

	if (p->instance == AQ_ALL)
		return false;
	for (uint32_t i = f->instances[p->instance].rows; i != FLOW_NIL; i = f->ledger.rows[i].next) {
		const struct aq_position *other = &f->ledger.rows[i].p;

		if (i < at && other->account == p->account && other->instrument == p->instrument)
			return false;
	}
	return true;
}

static void position_row(const struct flow *f, const struct aq_position *p, struct aq_view_position *out)
{
	const char *settle = market_find(f, p->instrument)->instrument.settle;

	*out = (struct aq_view_position){.size = sizeof(*out)};
	ledger_position(f, p->account, p->instrument, p->instance, &out->position);
	out->is_valued = market_convert(f, settle, out->position.realised, &out->realised) == 0 &&
			 market_convert(f, settle, out->position.unrealised, &out->unrealised) == 0 &&
			 (out->position.qty == 0 || market_find(f, p->instrument)->middle2 != 0);
}

static int64_t positions(const struct flow *f, uint32_t first, struct aq_view_position *out, uint32_t rows)
{
	uint32_t count = 0;

	for (uint32_t at = 0; at < f->ledger.count && count < rows; at++) {
		if (!is_first_of_its_kind(f, at))
			continue;
		if (first > 0)
			first--;
		else
			position_row(f, &f->ledger.rows[at].p, &out[count++]);
	}
	return count;
}

/* ---- all ---- */

int64_t view_rows(struct host *h, uint32_t table, uint32_t first, void *out, uint32_t row_size, uint32_t rows)
{
	if (table == AQ_VIEW_ACCOUNTS)
		return row_size == sizeof(struct aq_view_account) ? accounts(&h->flow, first, out, rows) : AQ_EINVAL;
	if (table == AQ_VIEW_POSITIONS)
		return row_size == sizeof(struct aq_view_position) ? positions(&h->flow, first, out, rows) : AQ_EINVAL;
	return AQ_ENOENT;
}

int64_t view_name(struct host *h, uint32_t kind, uint64_t id, char *out, uint32_t size)
{
	char order[ORDER_TEXT_SIZE];
	const char *text = NULL;

	if (kind == AQ_NAME_INSTANCE && id == 0)
		text = "external";
	else if (kind == AQ_NAME_INSTANCE && id <= names_count(&h->flow.names, NAME_INSTANCE))
		text = flow_instance_name(&h->flow, (uint32_t)id);
	else if (kind == AQ_NAME_ACCOUNT && id != 0 && id <= names_count(&h->flow.names, NAME_ACCOUNT))
		text = flow_account_name(&h->flow, (uint32_t)id);
	else if (kind == AQ_NAME_ORDER && id != 0)
		text = order_text(id, order);
	else if (kind == AQ_NAME_CODE && id != 0 && id <= UINT16_MAX)
		text = order_code_words((uint16_t)id);
	else if (kind == AQ_NAME_CURRENCY && id == 0)
		text = h->flow.options.report_currency;
	else if (kind == AQ_NAME_HOST && id == 0)
		text = h->options.server_id;
	if (text == NULL)
		return AQ_ENOENT;
	if (strlen(text) >= size)
		return AQ_ESPACE;
	snprintf(out, size, "%s", text);
	return (int64_t)strlen(text);
}
