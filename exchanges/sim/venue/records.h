/* records.h: the judge's record, as sim_venue_write_record gives it.
 *
 * One line each, words separated by one blank, fields `name=value` in this order; no value holds a blank. Prices and
 * quantities are decimals without trailing zeros, `-` = none. Amounts are exact to 10^-18. Times are ns UTC. Orders and
 * fills in the order in which the venue saw them.
 *
 * order account= id= venue_id= symbol= side=buy|sell type=limit|market tif=gtc|ioc|fok|gtd position_side=net|long|short
 *       post_only=0|1 reduce_only=0|1 price= qty= filled= state=open|filled|cancelled|rejected|expired code= value=
 *       placed_ns= ended_ns=            qty: `-` for an order by amount that was never filled; ended_ns: 0 = still open
 * fill account= order= trade= symbol= side= position_side= price= qty= cumulative= ahead= fee= fee_asset=
 *       liquidity=maker|taker realised= time_ns=         realised: settle asset (spot: quote), without the fee
 * balance account= asset= total= locked=
 * position account= symbol= side=net|long|short qty= cost= realised=
 *       of spot, too: what its fills add up to, fees left out. Average-cost method, see state.h
 * cashflow account= id= kind=funding|transfer asset= amount= time_ns=
 * end events= orders= fills= overflow=0|1        events: the latest event number
 */
#ifndef SIM_VENUE_RECORDS_H
#define SIM_VENUE_RECORDS_H

#include "sim/venue/venue.h"

#define SIM_RECORD_LINE 1024

#endif
