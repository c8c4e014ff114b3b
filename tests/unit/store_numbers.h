/* store_numbers.h: a collection `n` of numbers, changed in transactions; behind the help of a back end. */
#ifndef STORE_NUMBERS_H
#define STORE_NUMBERS_H

#define NUMBERS "{\"fields\":[{\"name\":\"id\",\"type\":\"int64\",\"key\":true},{\"name\":\"v\",\"type\":\"int64\"}]}"

static uint64_t begin_transaction(struct rig *r)
{
	works(r, (struct ask){.op = AQ_STORE_BEGIN});
	assert_int_not_equal(said.end.transaction, 0);
	assert_int_equal(said.end.transaction, said.end.call);
	return said.end.transaction;
}

static struct ask insert_in(uint64_t transaction, const char *rows)
{
	return (struct ask){.op = AQ_STORE_INSERT, .collection = "n", .rows = rows, .transaction = transaction};
}

static uint64_t count_in(struct rig *r, uint64_t transaction)
{
	works(r, (struct ask){.op = AQ_STORE_COUNT, .collection = "n", .transaction = transaction});
	return said.end.matched;
}

#endif
