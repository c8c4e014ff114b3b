#include <binance/decode.h>

static int delta(struct binance_wire *w)
{
	uint64_t first, last;
	if (binance_wire_uint(w->U, &first) < 0 || binance_wire_uint(w->u, &last) < 0 || first == 0)
		return AQ_EFORMAT;
	return binance_wire_delta(w, first - 1, last);
}

/* A best-price message has no name of its own; nothing else has these five fields and no `e`. */
static int unnamed(struct binance_wire *w)
{
	if (w->last_update.text != NULL)
		return binance_wire_snapshot(w);
	if (w->u.text != NULL && w->b.text != NULL && w->B.text != NULL && w->a.text != NULL && w->A.text != NULL)
		return binance_wire_ticker(w);
	return 0;
}

int binance_decode(const char *text, size_t length, struct aq_event *out, size_t room, struct binance_message *message)
{
	struct binance_wire w;
	int status = binance_wire_read(&w, text, length, out, room);
	if (status < 0)
		return status;
	binance_wire_describe(&w, message);
	if (w.e.text == NULL)
		return unnamed(&w);
	if (aq_json_is(w.e, "depthUpdate"))
		return delta(&w);
	if (aq_json_is(w.e, "trade"))
		return binance_wire_trade(&w, w.t);
	if (aq_json_is(w.e, "aggTrade"))
		return binance_wire_trade(&w, w.a);
	return 0;
}
