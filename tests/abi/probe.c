/* probe.c: one exported pointer to each public struct, so that abidiff sees them all. A struct that is only reached through
 * a function pointer of another one would be passed over. Compiled to a library, never run. */
#include <aioquant/bus.h>
#include <aioquant/feed.h>
#include <aioquant/market.h>
#include <aioquant/orders.h>
#include <aioquant/service.h>
#include <aioquant/store.h>
#include <aioquant/tell.h>

#define PROBE(type) \
	AQ_EXPORT const struct type *probe_##type; \
	const struct type *probe_##type
PROBE(aq_err);
PROBE(aq_amt);
PROBE(aq_level);
PROBE(aq_instrument);
PROBE(aq_top);
PROBE(aq_order);
PROBE(aq_fill);
PROBE(aq_position);
PROBE(aq_balance);
PROBE(aq_fees);
PROBE(aq_event);
PROBE(aq_trouble);
PROBE(aq_book);
PROBE(aq_ticker);
PROBE(aq_trade);
PROBE(aq_funding);
PROBE(aq_kline);
PROBE(aq_history);
PROBE(aq_past);
PROBE(aq_book_update);
PROBE(aq_venue);
PROBE(aq_account);
PROBE(aq_order_update);
PROBE(aq_cashflow);
PROBE(aq_order_change);
PROBE(aq_net_data);
PROBE(aq_host);
PROBE(aq_market);
PROBE(aq_option);
PROBE(aq_keep);
PROBE(aq_writer);
PROBE(aq_reader);
PROBE(aq_plugin);
PROBE(aq_market_api);
PROBE(aq_place);
PROBE(aq_amend);
PROBE(aq_orders_api);
PROBE(aq_tell_api);
PROBE(aq_feed_api);
PROBE(aq_net_api);
PROBE(aq_replay_api);
PROBE(aq_store_call);
PROBE(aq_store_chunk);
PROBE(aq_frame);
PROBE(aq_column);
PROBE(aq_store_rows);
PROBE(aq_store_end);
PROBE(aq_store_error);
PROBE(aq_store_state);
PROBE(aq_store_fd);
PROBE(aq_store_api);
PROBE(aq_store_ops);
PROBE(aq_store_provider_api);
PROBE(aq_bus_message);
PROBE(aq_bus_failure);
PROBE(aq_bus_state);
PROBE(aq_bus_api);
PROBE(aq_bus_ops);
PROBE(aq_bus_provider_api);
PROBE(aq_view_host);
PROBE(aq_view_instance);
PROBE(aq_view_api);
PROBE(aq_alarm);
PROBE(aq_control_command);
PROBE(aq_control_result);
PROBE(aq_control_api);
PROBE(aq_web_route);
PROBE(aq_web_request);
PROBE(aq_web_answer);
PROBE(aq_web_api);
PROBE(aq_journal_record);
PROBE(aq_journal_api);
PROBE(aq_store_line);
PROBE(aq_view_account);
PROBE(aq_view_position);
PROBE(aq_journal_fill);
PROBE(aq_journal_cashflow);
PROBE(aq_journal_operator);
PROBE(aq_spool);
PROBE(aq_spool_record);
PROBE(aq_spool_state);
PROBE(aq_spool_api);
