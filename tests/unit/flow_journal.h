/* flow_journal.h: a rig whose facts go through a real journal, on a disk in memory. */
#ifndef AQ_TESTS_FLOW_JOURNAL_H
#define AQ_TESTS_FLOW_JOURNAL_H

#include "flow_rig.h"
#include "memory_files.h"

#include "flow/record.h"

#define RIG_SEGMENT (1 << 16)

static inline struct journal *rig_journal(struct memory *disk)
{
	struct journal_options options = {.folder = "j", .grade = JOURNAL_PAGE, .segment_size = RIG_SEGMENT};
	struct journal_files files = memory_files(disk);
	struct aq_err err = {0};
	struct journal *j;

	if (journal_open(&j, &options, &files, &err) != AQ_OK)
		fail_msg("%s", err.text);
	return j;
}

/* In the place of rig_new; its journal is closed by whoever frees it. */
static inline void rig_new_journalled(struct rig *r, struct memory *disk)
{
	struct flow_options options = rig_options();

	r->events = calloc(RIG_EVENTS, sizeof(*r->events));
	flow_init(&r->f, &options);
	r->f.journal = rig_journal(disk);
	rig_bind(r);
	rig_make_ready(r);
}

/* As a host does: from the journal's files alone. */
static inline void rig_recover(struct rig *r, struct memory *disk)
{
	struct flow_options options = r->f.options;
	struct aq_err err = {0};
	uint64_t cut = 0;

	journal_close(r->f.journal);
	flow_finish(&r->f);
	flow_init(&r->f, &options);
	r->f.journal = rig_journal(disk);
	assert_int_equal(record_recover(&r->f, &cut, &err), AQ_OK);
	rig_bind(r);
	rig_clear(r);
}

#endif
