/* offsets.c: where each field of each public struct lies. A line that no longer holds is a change of the ABI: while it is
 * a draft, tools/check/abi.sh reports it; after the freeze only additions at the end are allowed. Compiled, never run. */
#include <aioquant/bus.h>
#include <aioquant/feed.h>
#include <aioquant/market.h>
#include <aioquant/orders.h>
#include <aioquant/service.h>
#include <aioquant/store.h>
#include <aioquant/tell.h>

#define SIZE(type, bytes) _Static_assert(sizeof(struct type) == (bytes), "size of " #type " was " #bytes)
#define AT(type, field, offset) \
	_Static_assert(offsetof(struct type, field) == (offset), "offset of " #type "." #field " was " #offset)

/* abi.h */
SIZE(aq_err, 512);
AT(aq_err, code, 0); AT(aq_err, text, 4);

/* types.h */
SIZE(aq_amt, 16);
AT(aq_amt, lo, 0); AT(aq_amt, hi, 8);
SIZE(aq_level, 16);
AT(aq_level, price, 0); AT(aq_level, qty, 8);
SIZE(aq_instrument, 232);
AT(aq_instrument, size, 0); AT(aq_instrument, id, 4); AT(aq_instrument, revision, 8); AT(aq_instrument, exchange, 12);
AT(aq_instrument, kind, 16); AT(aq_instrument, px_digits, 17); AT(aq_instrument, qty_digits, 18);
AT(aq_instrument, qty_unit, 19); AT(aq_instrument, state, 20); AT(aq_instrument, reserved, 21);
AT(aq_instrument, tick, 24); AT(aq_instrument, lot, 32); AT(aq_instrument, min_qty, 40);
AT(aq_instrument, max_qty, 48); AT(aq_instrument, min_notional, 56); AT(aq_instrument, contract_size, 72);
AT(aq_instrument, base, 88); AT(aq_instrument, quote, 104); AT(aq_instrument, settle, 120);
AT(aq_instrument, symbol, 136); AT(aq_instrument, venue_symbol, 184);
SIZE(aq_top, 64);
AT(aq_top, seq, 0); AT(aq_top, venue_ns, 8); AT(aq_top, arrival_ns, 16); AT(aq_top, bid, 24); AT(aq_top, ask, 32);
AT(aq_top, bid_qty, 40); AT(aq_top, ask_qty, 48); AT(aq_top, valid, 56); AT(aq_top, why, 57);
AT(aq_top, reserved, 58);
SIZE(aq_order, 256);
AT(aq_order, size, 0); AT(aq_order, account, 4); AT(aq_order, instrument, 8); AT(aq_order, instance, 12);
AT(aq_order, id, 16); AT(aq_order, tag, 24); AT(aq_order, side, 32); AT(aq_order, position_side, 33);
AT(aq_order, intention, 34); AT(aq_order, type, 35); AT(aq_order, tif, 36); AT(aq_order, post_only, 37);
AT(aq_order, reduce_only, 38); AT(aq_order, self_trade, 39); AT(aq_order, margin_mode, 40);
AT(aq_order, trigger_source, 41); AT(aq_order, state, 42); AT(aq_order, place, 43); AT(aq_order, cancel, 44);
AT(aq_order, amend, 45); AT(aq_order, code, 46); AT(aq_order, price, 48); AT(aq_order, qty, 56);
AT(aq_order, filled, 64); AT(aq_order, ahead, 72); AT(aq_order, display_qty, 80); AT(aq_order, trigger, 88);
AT(aq_order, trail, 96); AT(aq_order, amend_price, 104); AT(aq_order, amend_qty, 112); AT(aq_order, quote_qty, 120);
AT(aq_order, value, 136); AT(aq_order, created_ns, 152); AT(aq_order, updated_ns, 160); AT(aq_order, expiry_ns, 168);
AT(aq_order, deadline_ns, 176); AT(aq_order, cancel_tag, 184); AT(aq_order, amend_tag, 192);
AT(aq_order, parent, 200); AT(aq_order, list, 208); AT(aq_order, venue_id, 216);
SIZE(aq_fill, 168);
AT(aq_fill, size, 0); AT(aq_fill, account, 4); AT(aq_fill, instrument, 8); AT(aq_fill, instance, 12);
AT(aq_fill, order, 16); AT(aq_fill, tag, 24); AT(aq_fill, price, 32); AT(aq_fill, qty, 40);
AT(aq_fill, cumulative, 48); AT(aq_fill, ahead, 56); AT(aq_fill, fee, 64); AT(aq_fill, realised, 80);
AT(aq_fill, venue_ns, 96); AT(aq_fill, side, 104); AT(aq_fill, position_side, 105); AT(aq_fill, liquidity, 106);
AT(aq_fill, margin_mode, 107); AT(aq_fill, reserved, 108); AT(aq_fill, fee_asset, 112); AT(aq_fill, trade_id, 128);
SIZE(aq_position, 120);
AT(aq_position, size, 0); AT(aq_position, account, 4); AT(aq_position, instrument, 8); AT(aq_position, instance, 12);
AT(aq_position, position_side, 16); AT(aq_position, margin_mode, 17); AT(aq_position, reserved, 18);
AT(aq_position, qty, 24); AT(aq_position, avg_price, 32); AT(aq_position, cost, 40); AT(aq_position, realised, 56);
AT(aq_position, unrealised, 72); AT(aq_position, bought, 88); AT(aq_position, sold, 104);
SIZE(aq_balance, 56);
AT(aq_balance, size, 0); AT(aq_balance, account, 4); AT(aq_balance, asset, 8); AT(aq_balance, total, 24);
AT(aq_balance, locked, 40);
SIZE(aq_fees, 32);
AT(aq_fees, maker, 0); AT(aq_fees, taker, 16);

/* event.h */
SIZE(aq_event, 48);
AT(aq_event, size, 0); AT(aq_event, type, 4); AT(aq_event, flags, 6); AT(aq_event, instrument, 8);
AT(aq_event, account, 12); AT(aq_event, seq, 16); AT(aq_event, tag, 24); AT(aq_event, time_ns, 32);
AT(aq_event, venue_ns, 40);
SIZE(aq_trouble, 16);
AT(aq_trouble, what, 0); AT(aq_trouble, over, 2); AT(aq_trouble, reserved, 3); AT(aq_trouble, count, 8);
SIZE(aq_book, 72);
AT(aq_book, top, 0); AT(aq_book, replaced, 64);
SIZE(aq_ticker, 48);
AT(aq_ticker, update, 0); AT(aq_ticker, bid, 8); AT(aq_ticker, ask, 16); AT(aq_ticker, bid_qty, 24);
AT(aq_ticker, ask_qty, 32); AT(aq_ticker, replaced, 40);
SIZE(aq_trade, 32);
AT(aq_trade, id, 0); AT(aq_trade, price, 8); AT(aq_trade, qty, 16); AT(aq_trade, taker, 24);
AT(aq_trade, reserved, 25);
SIZE(aq_funding, 40);
AT(aq_funding, rate, 0); AT(aq_funding, mark, 16); AT(aq_funding, next_ns, 24);
AT(aq_funding, index, 32);
SIZE(aq_kline, 128);
AT(aq_kline, open_ns, 0); AT(aq_kline, end_ns, 8); AT(aq_kline, open, 16); AT(aq_kline, high, 24); AT(aq_kline, low, 32);
AT(aq_kline, close, 40); AT(aq_kline, qty, 48); AT(aq_kline, taker_buy_qty, 56); AT(aq_kline, value, 64);
AT(aq_kline, taker_buy_value, 80); AT(aq_kline, trades, 96); AT(aq_kline, first_trade, 104); AT(aq_kline, last_trade, 112);
AT(aq_kline, empty, 120); AT(aq_kline, interval, 124); AT(aq_kline, closed, 125); AT(aq_kline, partial, 126);
AT(aq_kline, reserved, 127);
SIZE(aq_history, 24);
AT(aq_history, interval, 0); AT(aq_history, reserved, 1); AT(aq_history, count, 4); AT(aq_history, since_ns, 8);
AT(aq_history, request, 16);
SIZE(aq_past, 24);
AT(aq_past, since_ns, 0); AT(aq_past, count, 8); AT(aq_past, reserved, 12); AT(aq_past, request, 16);
SIZE(aq_book_update, 32);
AT(aq_book_update, follows, 0); AT(aq_book_update, reaches, 8); AT(aq_book_update, bids, 16);
AT(aq_book_update, asks, 20); AT(aq_book_update, snapshot, 24); AT(aq_book_update, overlap, 25);
AT(aq_book_update, reserved, 26);
SIZE(aq_venue, 128);
AT(aq_venue, up, 0); AT(aq_venue, reserved, 1); AT(aq_venue, text, 8);
SIZE(aq_account, 328);
AT(aq_account, size, 0); AT(aq_account, id, 4); AT(aq_account, hedging, 8); AT(aq_account, margin_mode, 9);
AT(aq_account, reserved, 10); AT(aq_account, since_ns, 16); AT(aq_account, name, 24); AT(aq_account, key_file, 72);
SIZE(aq_order_update, 176);
AT(aq_order_update, size, 0); AT(aq_order_update, update, 4); AT(aq_order_update, answers, 5);
AT(aq_order_update, code, 6); AT(aq_order_update, order, 8); AT(aq_order_update, price, 16);
AT(aq_order_update, qty, 24); AT(aq_order_update, filled, 32); AT(aq_order_update, ahead, 40);
AT(aq_order_update, side, 48); AT(aq_order_update, type, 49); AT(aq_order_update, tif, 50);
AT(aq_order_update, position_side, 51); AT(aq_order_update, post_only, 52); AT(aq_order_update, reduce_only, 53);
AT(aq_order_update, reserved, 54); AT(aq_order_update, venue_id, 56); AT(aq_order_update, text, 96);
SIZE(aq_cashflow, 80);
AT(aq_cashflow, size, 0); AT(aq_cashflow, kind, 4); AT(aq_cashflow, reserved, 5); AT(aq_cashflow, amount, 8);
AT(aq_cashflow, asset, 24); AT(aq_cashflow, id, 40);
SIZE(aq_order_change, 392);
AT(aq_order_change, order, 0); AT(aq_order_change, update, 256); AT(aq_order_change, request, 257);
AT(aq_order_change, code, 258); AT(aq_order_change, reserved, 260); AT(aq_order_change, limit, 264);
AT(aq_order_change, value, 280); AT(aq_order_change, headroom, 296); AT(aq_order_change, text, 312);
SIZE(aq_net_data, 8);
AT(aq_net_data, length, 0); AT(aq_net_data, reserved, 4);

/* host.h */
SIZE(aq_host, 96);
AT(aq_host, size, 0); AT(aq_host, abi_major, 4); AT(aq_host, abi_minor, 6); AT(aq_host, owner, 8);
AT(aq_host, log, 16); AT(aq_host, now, 24); AT(aq_host, timer_set, 32); AT(aq_host, timer_clear, 40);
AT(aq_host, post, 48); AT(aq_host, wake, 56); AT(aq_host, conf_get, 64); AT(aq_host, random, 72);
AT(aq_host, fail, 80); AT(aq_host, extension, 88);

/* plugin.h */
SIZE(aq_store_line, 128);
AT(aq_store_line, store, 0); AT(aq_store_line, words, 4);
SIZE(aq_market, 8);
AT(aq_market, instrument, 0); AT(aq_market, account, 4);
SIZE(aq_option, 72);
AT(aq_option, name, 0); AT(aq_option, type, 8); AT(aq_option, size, 10); AT(aq_option, flags, 12);
AT(aq_option, offset, 16); AT(aq_option, reserved, 20); AT(aq_option, fallback, 24); AT(aq_option, min, 32);
AT(aq_option, max, 40); AT(aq_option, of, 48); AT(aq_option, values, 56); AT(aq_option, help, 64);
SIZE(aq_keep, 24);
AT(aq_keep, name, 0); AT(aq_keep, offset, 8); AT(aq_keep, size, 12); AT(aq_keep, type, 16); AT(aq_keep, reserved, 18);
AT(aq_keep, reserved2, 20);
SIZE(aq_writer, 24);
AT(aq_writer, size, 0); AT(aq_writer, reserved, 4); AT(aq_writer, sink, 8); AT(aq_writer, write, 16);
SIZE(aq_reader, 24);
AT(aq_reader, size, 0); AT(aq_reader, schema, 4); AT(aq_reader, bytes, 8); AT(aq_reader, length, 16);
SIZE(aq_plugin, 128);
AT(aq_plugin, magic, 0); AT(aq_plugin, abi_major, 4); AT(aq_plugin, abi_minor, 6); AT(aq_plugin, size, 8);
AT(aq_plugin, kind, 12); AT(aq_plugin, name, 16); AT(aq_plugin, version, 24); AT(aq_plugin, summary, 32);
AT(aq_plugin, options, 40); AT(aq_plugin, state_schema, 48); AT(aq_plugin, state_oldest, 52);
AT(aq_plugin, create, 56); AT(aq_plugin, check, 64); AT(aq_plugin, start, 72); AT(aq_plugin, stop, 80);
AT(aq_plugin, destroy, 88); AT(aq_plugin, save, 96); AT(aq_plugin, load, 104); AT(aq_plugin, on_event, 112);
AT(aq_plugin, ops, 120);

/* market.h */
SIZE(aq_market_api, 72);
AT(aq_market_api, size, 0); AT(aq_market_api, reserved, 4); AT(aq_market_api, subscribe, 8);
AT(aq_market_api, unsubscribe, 16); AT(aq_market_api, resolve, 24); AT(aq_market_api, instrument, 32);
AT(aq_market_api, top, 40); AT(aq_market_api, levels, 48); AT(aq_market_api, last_trade, 56); AT(aq_market_api, history, 64);

/* orders.h */
SIZE(aq_place, 112);
AT(aq_place, size, 0); AT(aq_place, account, 4); AT(aq_place, instrument, 8); AT(aq_place, side, 12);
AT(aq_place, intention, 13); AT(aq_place, type, 14); AT(aq_place, tif, 15); AT(aq_place, tag, 16);
AT(aq_place, price, 24); AT(aq_place, qty, 32); AT(aq_place, trigger, 40); AT(aq_place, display_qty, 48);
AT(aq_place, quote_qty, 56); AT(aq_place, expiry_ns, 72); AT(aq_place, deadline_ns, 80);
AT(aq_place, position_side, 88); AT(aq_place, margin_mode, 89); AT(aq_place, post_only, 90);
AT(aq_place, reduce_only, 91); AT(aq_place, self_trade, 92); AT(aq_place, trigger_source, 93);
AT(aq_place, reserved, 94); AT(aq_place, parent, 96); AT(aq_place, list, 104);
SIZE(aq_amend, 48);
AT(aq_amend, size, 0); AT(aq_amend, reserved, 4); AT(aq_amend, order, 8); AT(aq_amend, tag, 16);
AT(aq_amend, price, 24); AT(aq_amend, qty, 32); AT(aq_amend, call_tag, 40);
SIZE(aq_orders_api, 88);
AT(aq_orders_api, size, 0); AT(aq_orders_api, reserved, 4); AT(aq_orders_api, place, 8);
AT(aq_orders_api, place_batch, 16); AT(aq_orders_api, cancel, 24); AT(aq_orders_api, cancel_all, 32);
AT(aq_orders_api, amend, 40); AT(aq_orders_api, order, 48); AT(aq_orders_api, open_orders, 56);
AT(aq_orders_api, position, 64); AT(aq_orders_api, balance, 72); AT(aq_orders_api, fees, 80);

/* tell.h */
SIZE(aq_tell_api, 24);
AT(aq_tell_api, size, 0); AT(aq_tell_api, reserved, 4); AT(aq_tell_api, why, 8); AT(aq_tell_api, gauge, 16);

/* feed.h */
SIZE(aq_feed_api, 32);
AT(aq_feed_api, size, 0); AT(aq_feed_api, reserved, 4); AT(aq_feed_api, instrument, 8); AT(aq_feed_api, emit, 16);
AT(aq_feed_api, clock, 24);
SIZE(aq_net_api, 32);
AT(aq_net_api, size, 0); AT(aq_net_api, reserved, 4); AT(aq_net_api, open, 8); AT(aq_net_api, send, 16);
AT(aq_net_api, close, 24);
SIZE(aq_replay_api, 16);
AT(aq_replay_api, size, 0); AT(aq_replay_api, reserved, 4); AT(aq_replay_api, send, 8);

/* store.h */
SIZE(aq_store_call, 120);
AT(aq_store_call, size, 0); AT(aq_store_call, store, 4); AT(aq_store_call, op, 8); AT(aq_store_call, reserved, 9);
AT(aq_store_call, flags, 12); AT(aq_store_call, tag, 16); AT(aq_store_call, transaction, 24);
AT(aq_store_call, skip, 32); AT(aq_store_call, limit, 40); AT(aq_store_call, deadline_ns, 48);
AT(aq_store_call, collection, 56);
SIZE(aq_store_chunk, 16);
AT(aq_store_chunk, size, 0); AT(aq_store_chunk, part, 4); AT(aq_store_chunk, reserved, 5);
AT(aq_store_chunk, length, 8); AT(aq_store_chunk, reserved2, 12);
SIZE(aq_frame, 8);
AT(aq_frame, rows, 0); AT(aq_frame, columns, 4);
SIZE(aq_column, 72);
AT(aq_column, name, 0); AT(aq_column, type, 64); AT(aq_column, digits, 65); AT(aq_column, nulls, 66);
AT(aq_column, reserved, 67); AT(aq_column, length, 68);
SIZE(aq_store_rows, 24);
AT(aq_store_rows, call, 0); AT(aq_store_rows, rows, 8); AT(aq_store_rows, length, 12); AT(aq_store_rows, frame, 16);
AT(aq_store_rows, last, 17); AT(aq_store_rows, more, 18); AT(aq_store_rows, reserved, 19);
SIZE(aq_store_end, 40);
AT(aq_store_end, call, 0); AT(aq_store_end, matched, 8); AT(aq_store_end, changed, 16);
AT(aq_store_end, transaction, 24); AT(aq_store_end, insert_id, 32);
SIZE(aq_store_error, 256);
AT(aq_store_error, call, 0); AT(aq_store_error, code, 8); AT(aq_store_error, fault, 12);
AT(aq_store_error, reserved, 13); AT(aq_store_error, text, 16);
SIZE(aq_store_state, 136);
AT(aq_store_state, store, 0); AT(aq_store_state, up, 4); AT(aq_store_state, reserved, 5);
AT(aq_store_state, waiting, 8); AT(aq_store_state, text, 16);
SIZE(aq_store_api, 48);
AT(aq_store_api, size, 0); AT(aq_store_api, reserved, 4); AT(aq_store_api, begin, 8); AT(aq_store_api, append, 16);
AT(aq_store_api, end, 24); AT(aq_store_api, more, 32); AT(aq_store_api, forget, 40);
SIZE(aq_store_ops, 48);
AT(aq_store_ops, size, 0); AT(aq_store_ops, reserved, 4); AT(aq_store_ops, begin, 8); AT(aq_store_ops, append, 16);
AT(aq_store_ops, end, 24); AT(aq_store_ops, more, 32); AT(aq_store_ops, forget, 40);
SIZE(aq_store_provider_api, 56);
AT(aq_store_provider_api, size, 0); AT(aq_store_provider_api, reserved, 4); AT(aq_store_provider_api, rows, 8);
AT(aq_store_provider_api, done, 16); AT(aq_store_provider_api, failed, 24); AT(aq_store_provider_api, state, 32);
AT(aq_store_provider_api, watch, 40); AT(aq_store_provider_api, unwatch, 48);
SIZE(aq_store_fd, 8);
AT(aq_store_fd, events, 0); AT(aq_store_fd, reserved, 4);

/* bus.h */
SIZE(aq_bus_message, 232);
AT(aq_bus_message, size, 0); AT(aq_bus_message, bus, 4); AT(aq_bus_message, cls, 8); AT(aq_bus_message, form, 9);
AT(aq_bus_message, reserved, 10); AT(aq_bus_message, length, 12); AT(aq_bus_message, tag, 16);
AT(aq_bus_message, number, 24); AT(aq_bus_message, request, 32); AT(aq_bus_message, deadline_ns, 40);
AT(aq_bus_message, sent_ns, 48); AT(aq_bus_message, topic, 56); AT(aq_bus_message, sender, 184);
SIZE(aq_bus_failure, 128);
AT(aq_bus_failure, fault, 0); AT(aq_bus_failure, reserved, 1); AT(aq_bus_failure, text, 8);
SIZE(aq_bus_state, 144);
AT(aq_bus_state, bus, 0); AT(aq_bus_state, up, 4); AT(aq_bus_state, reserved, 5); AT(aq_bus_state, waiting, 8);
AT(aq_bus_state, dropped, 16); AT(aq_bus_state, text, 24);
SIZE(aq_bus_api, 48);
AT(aq_bus_api, size, 0); AT(aq_bus_api, reserved, 4); AT(aq_bus_api, publish, 8); AT(aq_bus_api, subscribe, 16);
AT(aq_bus_api, unsubscribe, 24); AT(aq_bus_api, request, 32); AT(aq_bus_api, reply, 40);
SIZE(aq_bus_ops, 40);
AT(aq_bus_ops, size, 0); AT(aq_bus_ops, reserved, 4); AT(aq_bus_ops, publish, 8); AT(aq_bus_ops, subscribe, 16);
AT(aq_bus_ops, unsubscribe, 24); AT(aq_bus_ops, reply, 32);
SIZE(aq_bus_provider_api, 48);
AT(aq_bus_provider_api, size, 0); AT(aq_bus_provider_api, reserved, 4); AT(aq_bus_provider_api, arrived, 8);
AT(aq_bus_provider_api, confirmed, 16); AT(aq_bus_provider_api, failed, 24); AT(aq_bus_provider_api, replied, 32);
AT(aq_bus_provider_api, state, 40);

/* service.h */
SIZE(aq_view_host, 120);
AT(aq_view_host, size, 0); AT(aq_view_host, mode, 4); AT(aq_view_host, operator_state, 5);
AT(aq_view_host, reserved, 6); AT(aq_view_host, started_ns, 8); AT(aq_view_host, journal_bytes, 16);
AT(aq_view_host, disk_free_bytes, 24); AT(aq_view_host, overrides, 32); AT(aq_view_host, errors, 36);
AT(aq_view_host, server_id, 40); AT(aq_view_host, version, 88);
SIZE(aq_view_instance, 184);
AT(aq_view_instance, size, 0); AT(aq_view_instance, id, 4); AT(aq_view_instance, kind, 8);
AT(aq_view_instance, operator_state, 9); AT(aq_view_instance, reserved, 10); AT(aq_view_instance, generation, 12);
AT(aq_view_instance, events, 16); AT(aq_view_instance, denied, 24); AT(aq_view_instance, queue_ns, 32);
AT(aq_view_instance, name, 40); AT(aq_view_instance, plugin, 88); AT(aq_view_instance, hash, 136);
AT(aq_view_instance, state, 152);
SIZE(aq_view_account, 80);
AT(aq_view_account, size, 0); AT(aq_view_account, id, 4); AT(aq_view_account, ready, 8);
AT(aq_view_account, is_valued, 9); AT(aq_view_account, reserved, 10); AT(aq_view_account, equity, 16);
AT(aq_view_account, name, 32);
SIZE(aq_view_position, 160);
AT(aq_view_position, size, 0); AT(aq_view_position, is_valued, 4); AT(aq_view_position, reserved, 5);
AT(aq_view_position, position, 8); AT(aq_view_position, realised, 128); AT(aq_view_position, unrealised, 144);
SIZE(aq_view_api, 24);
AT(aq_view_api, size, 0); AT(aq_view_api, reserved, 4); AT(aq_view_api, rows, 8); AT(aq_view_api, watch, 16);
SIZE(aq_alarm, 320);
AT(aq_alarm, kind, 0); AT(aq_alarm, over, 2); AT(aq_alarm, level, 3); AT(aq_alarm, reserved, 4);
AT(aq_alarm, since_ns, 8); AT(aq_alarm, subject, 16); AT(aq_alarm, text, 80);
SIZE(aq_control_command, 344);
AT(aq_control_command, size, 0); AT(aq_control_command, json, 4); AT(aq_control_command, reserved, 5);
AT(aq_control_command, tag, 8); AT(aq_control_command, deadline_ns, 16); AT(aq_control_command, who, 24);
AT(aq_control_command, text, 88);
SIZE(aq_control_result, 16);
AT(aq_control_result, code, 0); AT(aq_control_result, length, 4); AT(aq_control_result, more, 8);
AT(aq_control_result, reserved, 9);
SIZE(aq_control_api, 16);
AT(aq_control_api, size, 0); AT(aq_control_api, reserved, 4); AT(aq_control_api, run, 8);
SIZE(aq_web_route, 144);
AT(aq_web_route, size, 0); AT(aq_web_route, socket, 4); AT(aq_web_route, open, 5); AT(aq_web_route, reserved, 6);
AT(aq_web_route, tag, 8); AT(aq_web_route, method, 16); AT(aq_web_route, path, 24);
SIZE(aq_web_request, 560);
AT(aq_web_request, request, 0); AT(aq_web_request, length, 8); AT(aq_web_request, role, 12);
AT(aq_web_request, reserved, 13); AT(aq_web_request, who, 16); AT(aq_web_request, path, 80);
AT(aq_web_request, query, 320);
SIZE(aq_web_answer, 80);
AT(aq_web_answer, size, 0); AT(aq_web_answer, status, 4); AT(aq_web_answer, more, 6); AT(aq_web_answer, reserved, 7);
AT(aq_web_answer, request, 8); AT(aq_web_answer, type, 16);
SIZE(aq_web_api, 32);
AT(aq_web_api, size, 0); AT(aq_web_api, reserved, 4); AT(aq_web_api, route, 8); AT(aq_web_api, answer, 16);
AT(aq_web_api, send, 24);
SIZE(aq_journal_record, 32);
AT(aq_journal_record, position, 0); AT(aq_journal_record, next, 8); AT(aq_journal_record, time_ns, 16);
AT(aq_journal_record, kind, 24); AT(aq_journal_record, more, 25); AT(aq_journal_record, reserved, 26);
AT(aq_journal_record, length, 28);
SIZE(aq_journal_fill, 248);
AT(aq_journal_fill, fill, 0); AT(aq_journal_fill, number, 168); AT(aq_journal_fill, notional, 176);
AT(aq_journal_fill, notional_value, 192); AT(aq_journal_fill, fee_value, 208); AT(aq_journal_fill, realised_value, 224);
AT(aq_journal_fill, is_valued, 240); AT(aq_journal_fill, reserved, 241);
SIZE(aq_journal_cashflow, 112);
AT(aq_journal_cashflow, account, 0); AT(aq_journal_cashflow, is_valued, 4); AT(aq_journal_cashflow, reserved, 5);
AT(aq_journal_cashflow, venue_ns, 8); AT(aq_journal_cashflow, flow, 16); AT(aq_journal_cashflow, value, 96);
SIZE(aq_journal_operator, 456);
AT(aq_journal_operator, uid, 0); AT(aq_journal_operator, reserved, 4); AT(aq_journal_operator, who, 8);
AT(aq_journal_operator, subject, 48); AT(aq_journal_operator, what, 96);
SIZE(aq_journal_api, 40);
AT(aq_journal_api, size, 0); AT(aq_journal_api, reserved, 4); AT(aq_journal_api, open, 8); AT(aq_journal_api, read, 16);
AT(aq_journal_api, acknowledge, 24); AT(aq_journal_api, name, 32);
SIZE(aq_spool, 296);
AT(aq_spool, size, 0); AT(aq_spool, reserved, 4); AT(aq_spool, tag, 8); AT(aq_spool, limit, 16); AT(aq_spool, name, 24);
AT(aq_spool, folder, 40);
SIZE(aq_spool_record, 32);
AT(aq_spool_record, number, 0); AT(aq_spool_record, previous, 8); AT(aq_spool_record, time_ns, 16);
AT(aq_spool_record, more, 24); AT(aq_spool_record, reserved, 25); AT(aq_spool_record, length, 28);
SIZE(aq_spool_state, 40);
AT(aq_spool_state, size, 0); AT(aq_spool_state, reserved, 4); AT(aq_spool_state, last, 8);
AT(aq_spool_state, acknowledged, 16); AT(aq_spool_state, bytes, 24); AT(aq_spool_state, dropped, 32);
SIZE(aq_spool_api, 48);
AT(aq_spool_api, size, 0); AT(aq_spool_api, reserved, 4); AT(aq_spool_api, open, 8); AT(aq_spool_api, append, 16);
AT(aq_spool_api, read, 24); AT(aq_spool_api, acknowledge, 32); AT(aq_spool_api, state, 40);
