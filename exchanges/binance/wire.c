#include <binance/wire.h>

static bool fail(struct binance_wire *w, struct aq_json *j, int status)
{
	if (w->status == AQ_OK)
		w->status = status;
	return aq_json_fail(j);
}

/* Appends one side to the levels; the array comes next. */
static bool read_side(struct binance_wire *w, struct aq_json *j, uint32_t *count)
{
	struct aq_level *levels = w->levels + w->bids + w->asks;
	uint32_t room = w->room - w->bids - w->asks, n = 0;
	if (!aq_json_array(j))
		return false;
	while (aq_json_next(j)) {
		if (n == room)
			return fail(w, j, AQ_ESPACE);
		if (!aq_json_pair(j, BINANCE_PX_DIGITS, BINANCE_QTY_DIGITS, &levels[n].price, &levels[n].qty) ||
			levels[n].price <= 0 || levels[n].qty < 0)
			return fail(w, j, AQ_EFORMAT);
		n++;
	}
	*count = n;
	return j->fault == NULL;
}

static bool read_bids(struct binance_wire *w, struct aq_json *j)
{
	if (w->has_bids)
		return fail(w, j, AQ_EFORMAT);
	w->has_bids = true;
	return read_side(w, j, &w->bids);
}

/* Levels of a record are bids then asks, so asks that come first wait. */
static bool read_asks(struct binance_wire *w, struct aq_json *j)
{
	if (w->has_asks)
		return fail(w, j, AQ_EFORMAT);
	w->has_asks = true;
	return w->has_bids ? read_side(w, j, &w->asks) : aq_json_raw(j, &w->waiting_asks);
}

static bool read_waiting_asks(struct binance_wire *w)
{
	struct aq_json j;
	aq_json_init(&j, w->waiting_asks.text, w->waiting_asks.length);
	return read_side(w, &j, &w->asks);
}

/* A string or a number; anything else is passed, since the same name means other things in other messages. */
static void read_field(struct aq_json *j, struct aq_slice *out)
{
	enum aq_json_type type = aq_json_peek(j);
	if (type == AQ_JSON_STRING || type == AQ_JSON_NUMBER)
		aq_json_text(j, out);
}

static void read_flag(struct aq_json *j, uint8_t *out)
{
	bool yes;
	if (aq_json_peek(j) == AQ_JSON_BOOL && aq_json_bool(j, &yes))
		*out = yes ? 2 : 1;
}

static struct aq_slice *field_of(struct binance_wire *w, char name)
{
	switch (name) {
	case 'e':
		return &w->e;
	case 's':
		return &w->s;
	case 'E':
		return &w->E;
	case 'T':
		return &w->T;
	case 'U':
		return &w->U;
	case 'u':
		return &w->u;
	case 't':
		return &w->t;
	case 'p':
		return &w->p;
	case 'q':
		return &w->q;
	case 'b':
		return &w->b;
	case 'B':
		return &w->B;
	case 'a':
		return &w->a;
	case 'A':
		return &w->A;
	case 'r':
		return &w->r;
	case 'i':
		return &w->i;
	case 'X':
		return &w->X;
	default:
		return NULL;
	}
}

static void read_letter(struct binance_wire *w, struct aq_json *j, char name)
{
	struct aq_slice *field = field_of(w, name);
	if (name == 'm')
		read_flag(j, &w->maker_buys);
	else if (name == 'b' && aq_json_peek(j) == AQ_JSON_ARRAY)
		read_bids(w, j);
	else if (name == 'a' && aq_json_peek(j) == AQ_JSON_ARRAY)
		read_asks(w, j);
	else if (field != NULL)
		read_field(j, field);
}

static void read_word(struct binance_wire *w, struct aq_json *j, struct aq_slice key)
{
	if (aq_json_is(key, "pu"))
		read_field(j, &w->pu);
	else if (aq_json_is(key, "lastUpdateId"))
		read_field(j, &w->last_update);
	else if (aq_json_is(key, "bids") && aq_json_peek(j) == AQ_JSON_ARRAY)
		read_bids(w, j);
	else if (aq_json_is(key, "asks") && aq_json_peek(j) == AQ_JSON_ARRAY)
		read_asks(w, j);
	else if (aq_json_is(key, "stream"))
		read_field(j, &w->stream);
}

/* The fields of a message, in its envelope or bare. */
static void read_fields(struct binance_wire *w, struct aq_json *j)
{
	struct aq_slice key;
	uint32_t outer = j->depth;
	if (!aq_json_object(j))
		return;
	while (aq_json_key(j, &key)) {
		if (key.length == 1)
			read_letter(w, j, *key.text);
		else if (outer == 0 && aq_json_is(key, "data") && aq_json_peek(j) == AQ_JSON_OBJECT)
			read_fields(w, j);
		else
			read_word(w, j, key);
	}
}

int binance_wire_read(struct binance_wire *w, const char *text, size_t length, struct aq_event *out, size_t room)
{
	struct aq_json j;
	size_t head = sizeof(struct aq_event) + sizeof(struct aq_book_update);
	if (room > AQ_EVENT_MAX)
		room = AQ_EVENT_MAX;
	if (room < head)
		return AQ_ESPACE;
	*w = (struct binance_wire){
		.out = out, .space = (uint32_t)room, .room = (uint32_t)((room - head) / sizeof(struct aq_level))};
	w->levels = (struct aq_level *)(void *)((struct aq_book_update *)(void *)(out + 1) + 1);
	aq_json_init(&j, text, length);
	if (aq_json_peek(&j) == AQ_JSON_ARRAY)
		aq_json_skip(&j); /* an answer or a stream that is nothing to us */
	else
		read_fields(w, &j);
	if (!aq_json_done(&j))
		return w->status < 0 ? w->status : AQ_EFORMAT;
	if (w->waiting_asks.text != NULL && !read_waiting_asks(w))
		return w->status < 0 ? w->status : AQ_EFORMAT;
	return AQ_OK;
}

void binance_wire_describe(const struct binance_wire *w, struct binance_message *message)
{
	*message = (struct binance_message){.stream = w->stream, .symbol = w->s};
	binance_wire_time(w->E, &message->sent_ns);
}

int binance_wire_uint(struct aq_slice field, uint64_t *out)
{
	int64_t value;
	if (field.text == NULL || aq_dec_parse(field.text, field.length, 0, &value) < 0 || value < 0)
		return AQ_EFORMAT;
	*out = (uint64_t)value;
	return AQ_OK;
}

int binance_wire_time(struct aq_slice field, int64_t *out_ns)
{
	uint64_t value;
	if (binance_wire_uint(field, &value) < 0 || value > INT64_MAX / 1000)
		return AQ_EFORMAT;
	*out_ns = (int64_t)value * (value > INT64_MAX / 1000000 ? 1000 : 1000000);
	return AQ_OK;
}

void *binance_wire_record(struct binance_wire *w, uint16_t type, size_t body)
{
	size_t size = sizeof(struct aq_event) + body;
	if (size > w->space)
		return NULL;
	*w->out = (struct aq_event){.size = (uint32_t)size, .type = type};
	return w->out + 1;
}

/* When it happened in the matching engine, else when it was sent, else 0. */
static int64_t happened(const struct binance_wire *w)
{
	int64_t time_ns = 0;
	if (binance_wire_time(w->T, &time_ns) < 0)
		binance_wire_time(w->E, &time_ns);
	return time_ns;
}

static int book(struct binance_wire *w, const struct aq_book_update *update)
{
	size_t levels = (size_t)(w->bids + w->asks) * sizeof(struct aq_level);
	struct aq_book_update *body = binance_wire_record(w, AQ_EV_BOOK_UPDATE, sizeof(*body) + levels);
	if (body == NULL)
		return AQ_ESPACE;
	*body = *update;
	body->bids = w->bids;
	body->asks = w->asks;
	w->out->venue_ns = happened(w);
	return (int)w->out->size;
}

int binance_wire_snapshot(struct binance_wire *w)
{
	struct aq_book_update update = {.snapshot = 1};
	if (!w->has_bids || !w->has_asks || binance_wire_uint(w->last_update, &update.reaches) < 0)
		return AQ_EFORMAT;
	return book(w, &update);
}

int binance_wire_delta(struct binance_wire *w, uint64_t follows, uint64_t reaches)
{
	struct aq_book_update update = {.follows = follows, .reaches = reaches, .overlap = 1};
	if (!w->has_bids || !w->has_asks || w->s.text == NULL || follows >= reaches)
		return AQ_EFORMAT;
	return book(w, &update);
}

/* An empty side has price and quantity 0. */
static int top_side(struct aq_slice price, struct aq_slice qty, aq_px *out_price, aq_qty *out_qty)
{
	if (price.text == NULL || qty.text == NULL ||
		aq_dec_parse(price.text, price.length, BINANCE_PX_DIGITS, out_price) < 0 ||
		aq_dec_parse(qty.text, qty.length, BINANCE_QTY_DIGITS, out_qty) < 0 || *out_price < 0 || *out_qty < 0)
		return AQ_EFORMAT;
	if (*out_price == 0)
		*out_price = AQ_NONE;
	return AQ_OK;
}

int binance_wire_ticker(struct binance_wire *w)
{
	struct aq_ticker ticker = {0}, *body;
	if (w->s.text == NULL || binance_wire_uint(w->u, &ticker.update) < 0 ||
		top_side(w->b, w->B, &ticker.bid, &ticker.bid_qty) < 0 ||
		top_side(w->a, w->A, &ticker.ask, &ticker.ask_qty) < 0)
		return AQ_EFORMAT;
	body = binance_wire_record(w, AQ_EV_TICKER, sizeof(*body));
	if (body == NULL)
		return AQ_ESPACE;
	*body = ticker;
	w->out->venue_ns = happened(w);
	return (int)w->out->size;
}

int binance_wire_trade(struct binance_wire *w, struct aq_slice id)
{
	struct aq_trade trade = {.taker = w->maker_buys == 2 ? AQ_SELL : AQ_BUY}, *body;
	if (w->s.text == NULL || w->maker_buys == 0 || binance_wire_uint(id, &trade.id) < 0 || w->p.text == NULL ||
		w->q.text == NULL || aq_dec_parse(w->p.text, w->p.length, BINANCE_PX_DIGITS, &trade.price) < 0 ||
		aq_dec_parse(w->q.text, w->q.length, BINANCE_QTY_DIGITS, &trade.qty) < 0 || trade.price <= 0 ||
		trade.qty <= 0)
		return AQ_EFORMAT;
	body = binance_wire_record(w, AQ_EV_TRADE, sizeof(*body));
	if (body == NULL)
		return AQ_ESPACE;
	*body = trade;
	w->out->venue_ns = happened(w);
	return (int)w->out->size;
}
