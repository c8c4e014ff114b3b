/* test_strategy_cpp.cpp: a strategy in C++: its members are called, and what they throw ends there. */
#include <csetjmp>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <stdexcept>

extern "C" {
#include <cmocka.h>
}
#include <mock.h>

#include <aioquant/strategy.hpp>

enum place { NOWHERE, READY, BOOK, TRADE, TICKER, FUNDING, KLINE, HISTORY, HEARTBEAT, FILL, ORDER, POSITION, TIMER, PARAM,
	TROUBLE, ROW, FRAME, ANSWER, ROOM, STORE_STATE, STOP, PLACES };

static_assert((offsetof(aq_strategy, save) - offsetof(aq_strategy, ready)) / sizeof(void *) == PLACES - 1,
	"each callback has a wrapper, and is tried here");

struct thrower {
	aq_market market;
	uint8_t where; /* it throws there */
	uint8_t no_exception; /* what it throws is none */
	uint8_t calls[PLACES];

	void at(place here)
	{
		calls[here]++;
		if (where != here)
			return;
		if (no_exception)
			throw 7;
		throw std::runtime_error("has had enough");
	}

	void ready(aq_ctx *)
	{
		at(READY);
	}
	void book(aq_ctx *, aq_market)
	{
		at(BOOK);
	}
	void trade(aq_ctx *, aq_market, const struct aq_trade &)
	{
		at(TRADE);
	}
	void ticker(aq_ctx *, aq_market, const struct aq_ticker &)
	{
		at(TICKER);
	}
	void funding(aq_ctx *, aq_market, const struct aq_funding &)
	{
		at(FUNDING);
	}
	void kline(aq_ctx *, aq_market, const aq_kline &, int)
	{
		at(KLINE);
	}
	void history(aq_ctx *, aq_market, const struct aq_history &)
	{
		at(HISTORY);
	}
	void heartbeat(aq_ctx *, int64_t)
	{
		at(HEARTBEAT);
	}
	void fill(aq_ctx *, const aq_fill &)
	{
		at(FILL);
	}
	void order(aq_ctx *, const aq_order_change &)
	{
		at(ORDER);
	}
	void position(aq_ctx *, const struct aq_position &)
	{
		at(POSITION);
	}
	void timer(aq_ctx *, uint64_t)
	{
		at(TIMER);
	}
	void param(aq_ctx *)
	{
		at(PARAM);
	}
	void trouble(aq_ctx *, const aq_trouble &, aq_market)
	{
		at(TROUBLE);
	}
	void row(aq_ctx *, uint64_t, aq_bson)
	{
		at(ROW);
	}
	void frame(aq_ctx *, uint64_t, const aq_frame_reader &)
	{
		at(FRAME);
	}
	void answer(aq_ctx *, uint64_t, const aq_answer &)
	{
		at(ANSWER);
	}
	void room(aq_ctx *, uint32_t)
	{
		at(ROOM);
	}
	void store_state(aq_ctx *, const aq_store_state &)
	{
		at(STORE_STATE);
	}
	void stop(aq_ctx *)
	{
		at(STOP);
	}
	int32_t check(aq_err *) const
	{
		throw std::out_of_range("not so");
	}
	int32_t save(const aq_writer &out) const
	{
		if (where == STOP)
			throw std::out_of_range("no room");
		return out.write(out.sink, "x", 1);
	}
	int32_t load(const aq_reader &, aq_err *)
	{
		throw std::out_of_range("no sense");
	}
};

static const aq_option options[] = {
	AQ_MARKET(thrower, market, AQ_BOOK, "a market"),
	AQ_END
};

AQ_STRATEGY(thrower, .summary = "throws where it is told", .options = options,
	.check = aq::check_<thrower, &thrower::check>, .ready = aq::ready_<thrower, &thrower::ready>,
	.book = aq::book_<thrower, &thrower::book>, .trade = aq::trade_<thrower, &thrower::trade>,
	.ticker = aq::ticker_<thrower, &thrower::ticker>, .funding = aq::funding_<thrower, &thrower::funding>,
	.kline = aq::kline_<thrower, &thrower::kline>, .history = aq::history_<thrower, &thrower::history>,
	.heartbeat = aq::heartbeat_<thrower, &thrower::heartbeat>, .fill = aq::fill_<thrower, &thrower::fill>,
	.order = aq::order_<thrower, &thrower::order>, .position = aq::position_<thrower, &thrower::position>,
	.timer = aq::timer_<thrower, &thrower::timer>, .param = aq::param_<thrower, &thrower::param>,
	.trouble = aq::trouble_<thrower, &thrower::trouble>, .row = aq::row_<thrower, &thrower::row>,
	.frame = aq::frame_<thrower, &thrower::frame>, .answer = aq::answer_<thrower, &thrower::answer>,
	.room = aq::room_<thrower, &thrower::room>, .store_state = aq::store_state_<thrower, &thrower::store_state>,
	.stop = aq::stop_<thrower, &thrower::stop>,
	.save = aq::save_<thrower, &thrower::save>, .load = aq::load_<thrower, &thrower::load>);

static const struct aq_plugin *plugin()
{
	return reinterpret_cast<const struct aq_plugin *>(&aq_plugin_1);
}

static thrower *self_of(struct aq_mock *k)
{
	return static_cast<thrower *>(k->self);
}

static struct aq_mock *created(uint8_t where)
{
	struct aq_mock *k = aq_mock_new(plugin());
	aq_market m = aq_mock_market(k, "BTC/USDT", 2, 5);
	assert_int_equal(aq_mock_create(k), AQ_OK);
	aq_mock_option(k, "market", &m, sizeof(m));
	self_of(k)->where = where;
	return k;
}

/* What a store says: a row, a frame, an end, room, a state. */
static void send_answers(struct aq_mock *k, aq_market m)
{
	const uint8_t empty[8] = {5, 0, 0, 0, 0};
	struct {
		aq_store_rows rows;
		uint8_t bytes[248];
	} row = {}, frame = {};
	struct aq_frame_writer writer;
	const aq_store_end end = {};
	const aq_store_state state = {};
	row.rows.rows = 1;
	row.rows.length = 5;
	memcpy(row.bytes, empty, sizeof(empty));
	frame.rows.frame = 1;
	aq_frame_begin(&writer, frame.bytes, sizeof(frame.bytes), sizeof(frame.bytes));
	aq_frame_column(&writer, "n", AQ_COL_INT64);
	frame.rows.length = (uint32_t)aq_frame_end(&writer);
	aq_mock_event(k, AQ_EV_STORE_ROWS, m, 1, &row, sizeof(row));
	aq_mock_event(k, AQ_EV_STORE_ROWS, m, 1, &frame, sizeof(frame));
	aq_mock_event(k, AQ_EV_STORE_END, m, 1, &end, sizeof(end));
	aq_mock_event(k, AQ_EV_STORE_ROOM, m, 1, nullptr, 0);
	aq_mock_event(k, AQ_EV_STORE_STATE, m, 1, &state, sizeof(state));
}

/* An event of each kind that has a callback. */
static void send_all(struct aq_mock *k)
{
	aq_market m = self_of(k)->market;
	const struct aq_trade trade = {};
	const struct aq_ticker ticker = {};
	const struct aq_funding funding = {};
	const aq_kline kline = {};
	const struct aq_history history = {};
	aq_fill fill = {};
	aq_order_change change = {};
	struct aq_position position = {};
	fill.instrument = change.order.instrument = m.instrument;
	fill.account = change.order.account = m.account;
	aq_mock_event(k, AQ_EV_TRADE, m, 0, &trade, sizeof(trade));
	aq_mock_event(k, AQ_EV_TICKER, m, 0, &ticker, sizeof(ticker));
	aq_mock_event(k, AQ_EV_FUNDING, m, 0, &funding, sizeof(funding));
	aq_mock_event(k, AQ_EV_KLINE, m, 0, &kline, sizeof(kline));
	aq_mock_event(k, AQ_EV_HISTORY, m, 0, &history, sizeof(history));
	aq_mock_event(k, AQ_EV_FILL, m, 0, &fill, sizeof(fill));
	aq_mock_event(k, AQ_EV_ORDER, m, 0, &change, sizeof(change));
	aq_mock_event(k, AQ_EV_POSITION, m, 0, &position, sizeof(position));
	aq_mock_event(k, AQ_EV_TIMER, m, 5, nullptr, 0);
	aq_mock_event(k, AQ_EV_CONF, m, 0, nullptr, 0);
	aq_mock_trouble(k, m, AQ_TROUBLE_STALE, false);
	send_answers(k, m);
	aq_mock_run(k);
	aq_mock_time(k, k->now_ns + INT64_C(1000000000)); /* the heartbeat's */
	aq_mock_run(k);
	k->plugin->stop(k->self);
	k->started = false;
}

static void test_members_are_called(void **)
{
	struct aq_mock *k = created(NOWHERE);
	assert_int_equal(aq_mock_start(k), AQ_OK);
	send_all(k);
	for (int here = READY; here < PLACES; here++)
		assert_true(self_of(k)->calls[here] > 0);
	assert_string_equal(k->failed, "");
	aq_mock_free(k);
}

static void test_what_is_thrown_fails_the_instance(void **)
{
	static const char *const said[PLACES] = {"", "ready: has had enough", "book: has had enough",
		"trade: has had enough", "ticker: has had enough", "funding: has had enough", "kline: has had enough",
		"history: has had enough", "heartbeat: has had enough", "fill: has had enough",
		"order: has had enough", "position: has had enough", "timer: has had enough", "param: has had enough",
		"trouble: has had enough", "row: has had enough", "frame: has had enough", "answer: has had enough",
		"room: has had enough", "store_state: has had enough", "stop: has had enough"};
	for (uint8_t here = READY; here < PLACES; here++) {
		struct aq_mock *k = created(here);
		assert_int_equal(aq_mock_start(k), AQ_OK);
		send_all(k);
		assert_string_equal(k->failed, said[here]);
		aq_mock_free(k);
	}
}

static void test_what_is_no_exception(void **)
{
	struct aq_mock *k = created(BOOK);
	self_of(k)->no_exception = 1;
	assert_int_equal(aq_mock_start(k), AQ_OK);
	assert_string_equal(k->failed, "book: something was thrown that is no std::exception");
	aq_mock_free(k);
}

static void test_check_save_and_load_refuse(void **)
{
	struct aq_mock *k = created(NOWHERE);
	struct aq_err err = {};
	assert_int_equal(k->plugin->check(k->self, &err), AQ_EINVAL);
	assert_string_equal(err.text, "check: not so");
	assert_int_equal(aq_mock_save(k), AQ_OK);
	assert_int_equal(aq_mock_load(k, k->blob, k->blob_length), AQ_EINVAL);
	assert_string_equal(k->err.text, "load: no sense");
	self_of(k)->where = STOP;
	assert_int_equal(aq_mock_save(k), AQ_EINVAL);
	aq_mock_free(k);
}

int main()
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_members_are_called),
		cmocka_unit_test(test_what_is_thrown_fails_the_instance),
		cmocka_unit_test(test_what_is_no_exception),
		cmocka_unit_test(test_check_save_and_load_refuse),
	};
	return cmocka_run_group_tests(tests, nullptr, nullptr);
}
