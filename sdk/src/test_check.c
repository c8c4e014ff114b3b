/* test_check.c: what a unit test does with the result of a replay. */
#include <aioquant/test.h>

#include <decimal.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct text {
	char at[48];
};

static struct text scaled(int64_t value, unsigned digits)
{
	struct text text;
	aq_dec_print(value, digits, 0, text.at);
	return text;
}

/* 23:54:25.123 */
static struct text clock_of(int64_t time_ns)
{
	time_t second = (time_t)(time_ns / 1000000000);
	struct text text;
	struct tm tm;
	size_t length = strftime(text.at, sizeof(text.at), "%H:%M:%S", gmtime_r(&second, &tm));
	snprintf(text.at + length, sizeof(text.at) - length, ".%03d", (int)(time_ns / 1000000 % 1000));
	return text;
}

static const char *side_of(uint8_t side)
{
	return side == AQ_BUY ? "buy" : "sell";
}

static const char *state_of(uint8_t state)
{
	static const char *const states[] = {"?", "created", "denied", "sent", "untriggered", "open", "filled", "cancelled",
		"rejected", "expired"};
	return states[state < sizeof(states) / sizeof(*states) ? state : 0];
}

static void print_order(const struct aq_test *t, const struct aq_test_order *o, FILE *out)
{
	fprintf(out, "%s  order  tag %" PRIu64 "  %-4s %s at %s  %s", clock_of(o->placed_ns).at, o->tag, side_of(o->side),
		scaled(o->qty, t->qty_digits).at, scaled(o->price, t->px_digits).at, state_of(o->state));
	if (o->filled > 0 && o->filled < o->qty)
		fprintf(out, ", %s filled", scaled(o->filled, t->qty_digits).at);
	if (o->code != 0)
		fprintf(out, ", code %u", o->code);
	fputc('\n', out);
}

static void print_fill(const struct aq_test *t, const struct aq_test_fill *f, FILE *out)
{
	fprintf(out, "%s  fill   tag %" PRIu64 "  %-4s %s at %s  position %s\n", clock_of(f->time_ns).at, f->tag,
		side_of(f->side), scaled(f->qty, t->qty_digits).at, scaled(f->price, t->px_digits).at,
		scaled(f->position, t->qty_digits).at);
}

void aq_test_print(const struct aq_test *t, FILE *out)
{
	char profit[48];
	uint32_t order = 0, fill = 0;
	while (order < t->order_count || fill < t->fill_count) {
		if (fill == t->fill_count ||
			(order < t->order_count && t->orders[order].placed_ns <= t->fills[fill].time_ns))
			print_order(t, &t->orders[order++], out);
		else
			print_fill(t, &t->fills[fill++], out);
	}
	aq_amt_print_short(t->profit, 2, 2, profit);
	fprintf(out, "%s %s: %u orders, %u fills, %u denied, position %s, at most %s, profit %s\n", t->plugin, t->symbol,
		t->order_count, t->fill_count, t->denied, scaled(t->position, t->qty_digits).at,
		scaled(t->max_position, t->qty_digits).at, profit);
}

void aq_test_check(struct aq_test *t, int holds, const char *file, int line, const char *condition)
{
	if (holds)
		return;
	fprintf(stderr, "%s:%d: is not so: %s\n", file, line, condition);
	t->wrong++;
}

static int64_t parse(const char *text, unsigned digits)
{
	int64_t value = AQ_NONE;
	return aq_dec_parse(text, strlen(text), digits, &value) == AQ_OK ? value : AQ_NONE;
}

aq_px aq_test_px(const struct aq_test *t, const char *text)
{
	return parse(text, t->px_digits);
}

aq_qty aq_test_qty(const struct aq_test *t, const char *text)
{
	return parse(text, t->qty_digits);
}

int aq_test_end(struct aq_test *t)
{
	int status = t->error[0] != '\0' || t->wrong > 0;
	if (t->error[0] != '\0')
		fprintf(stderr, "%s\n", t->error);
	free(t->orders);
	free(t->fills);
	free(t->log);
	free(t);
	return status;
}
