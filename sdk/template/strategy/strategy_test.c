/* strategy_test.c: replays a recorded minute through the strategy; prints its orders and fills. */
#include <aioquant/test.h>

enum { BID = 1 };

int main(void)
{
	struct aq_test *t = aq_test_run("minimal.so", "btcusdt_20240808.gz", "venue.start=2024-08-08T23:58:00Z",
		"venue.end=2024-08-08T23:59:00Z", "minimal.distance=1bps", "minimal.size=0.001 BTC");

	aq_test_print(t, stdout);
	AQ_TEST(t, t->order_count > 0);
	AQ_TEST(t, t->fill_count > 0);
	AQ_TEST(t, t->denied == 0);
	AQ_TEST(t, t->max_position <= aq_test_qty(t, "0.1"));
	for (uint32_t i = 0; i < t->fill_count; i++)
		AQ_TEST(t, t->fills[i].tag == BID && t->fills[i].side == AQ_BUY);
	return aq_test_end(t);
}
