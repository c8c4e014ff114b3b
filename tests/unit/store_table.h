/* store_table.h: what the plugin's own table refuses, whoever calls it: the host alone keeps to its rules. */
#ifndef STORE_TABLE_H
#define STORE_TABLE_H

static void calls_against_the_rules(void **state)
{
	struct aq_store_call what = {.size = sizeof(what), .op = 99, .collection = "x"};
	struct aq_store_chunk chunk = {.size = sizeof(chunk), .part = AQ_PART_FILTER, .length = 5};
	static const uint8_t empty[5] = {5};
	struct rig r;

	(void)state;
	with_ticks(&r);
	assert_int_equal(r.ops->begin(r.k->self, 900, &what), AQ_ENOSYS);
	what.op = AQ_STORE_FIND;
	assert_int_equal(r.ops->begin(r.k->self, 0, &what), AQ_EINVAL);
	assert_int_equal(r.ops->append(r.k->self, 900, &chunk, empty), AQ_ENOENT);
	assert_int_equal(r.ops->end(r.k->self, 900), AQ_ENOENT);
	assert_int_equal(r.ops->begin(r.k->self, 900, &what), AQ_OK);
	assert_int_equal(r.ops->begin(r.k->self, 900, &what), AQ_EINVAL);
	chunk.part = AQ_PART_SORT;
	assert_int_equal(r.ops->append(r.k->self, 900, &chunk, empty), AQ_OK);
	chunk.part = AQ_PART_FILTER;
	assert_int_equal(r.ops->append(r.k->self, 900, &chunk, empty), AQ_EINVAL);
	r.ops->forget(r.k->self, 900);
	r.ops->forget(r.k->self, 900);
	r.ops->more(r.k->self, 900, 1);
	refused(&r, AQ_STORE_REFUSED, "flag", (struct ask){.op = AQ_STORE_COUNT, .collection = "ticks", .flags = 1u << 20});
	refused(&r, AQ_STORE_REFUSED, "does not end", (struct ask){.op = AQ_STORE_COUNT, .collection =
		"0123456789012345678901234567890123456789012345678901234567890123"});
	rig_free(&r);
}

#endif
