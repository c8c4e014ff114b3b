#include <binance_usdm/decode.h>

static int delta(struct binance_wire *w)
{
	uint64_t follows, reaches;
	if (binance_wire_uint(w->pu, &follows) < 0 || binance_wire_uint(w->u, &reaches) < 0)
		return AQ_EFORMAT;
	return binance_wire_delta(w, follows, reaches);
}

static int trade(struct binance_wire *w)
{
	if (w->X.text != NULL && !aq_json_is(w->X, "MARKET"))
		return 0;
	return binance_wire_trade(w, w->t);
}

/* In this message alone T is the next funding time. The rate is empty for contracts without funding. */
static int funding(struct binance_wire *w)
{
	struct aq_funding funding = {0}, *body;
	if (w->s.text == NULL || w->p.text == NULL || w->r.text == NULL ||
		binance_wire_time(w->T, &funding.next_ns) < 0 ||
		aq_dec_parse(w->p.text, w->p.length, BINANCE_PX_DIGITS, &funding.mark) < 0 || funding.mark <= 0)
		return AQ_EFORMAT;
	if (w->i.text == NULL || aq_dec_parse(w->i.text, w->i.length, BINANCE_PX_DIGITS, &funding.index) < 0 || funding.index <= 0)
		funding.index = AQ_NONE;
	if (w->r.length == 0)
		return 0;
	if (aq_amt_parse(w->r.text, w->r.length, &funding.rate) < 0)
		return AQ_EFORMAT;
	body = binance_wire_record(w, AQ_EV_FUNDING, sizeof(*body));
	if (body == NULL)
		return AQ_ESPACE;
	*body = funding;
	binance_wire_time(w->E, &w->out->venue_ns);
	return (int)w->out->size;
}

int binance_usdm_decode(
	const char *text, size_t length, struct aq_event *out, size_t room, struct binance_message *message)
{
	struct binance_wire w;
	int status = binance_wire_read(&w, text, length, out, room);
	if (status < 0)
		return status;
	binance_wire_describe(&w, message);
	if (w.e.text == NULL)
		return w.last_update.text != NULL ? binance_wire_snapshot(&w) : 0;
	if (aq_json_is(w.e, "depthUpdate"))
		return delta(&w);
	if (aq_json_is(w.e, "bookTicker"))
		return binance_wire_ticker(&w);
	if (aq_json_is(w.e, "trade"))
		return trade(&w);
	if (aq_json_is(w.e, "aggTrade"))
		return binance_wire_trade(&w, w.a);
	if (aq_json_is(w.e, "markPriceUpdate"))
		return funding(&w);
	return 0;
}
