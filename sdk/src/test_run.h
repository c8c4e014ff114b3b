/* test_run.h: the parts of aq_test_run (test.h): where things lie, programs that run, what the journal says. Private to
 * test_*.c. */
#ifndef AQ_TEST_RUN_H
#define AQ_TEST_RUN_H

#include <aioquant/test.h>

#include <limits.h>
#include <stdbool.h>

#define AQ_TEST_SETTINGS 64

struct aq_test_run {
	struct aq_test *t;
	const char *settings[AQ_TEST_SETTINGS]; /* SECTION.KEY=VALUE, for the host */
	uint32_t setting_count;
	char venue[32], venue_symbol[32];       /* what an import is told */
	char bin[PATH_MAX], plugins[PATH_MAX];  /* folders of the SDK */
	char folder[PATH_MAX];                  /* of this run; empty = none */
	char plugin[PATH_MAX], capture[PATH_MAX];
	char base[16], quote[16];
};

/* test_process.c */
/* Where the SDK is: a variable of the environment, else pkg-config's of aioquant. False when there is none. */
bool aq_test_sdk(const char *environment, const char *variable, char out[PATH_MAX]);
/* Sets the test's error and returns -1. */
int aq_test_fail(struct aq_test *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A file of the run's folder. */
void aq_test_path(const struct aq_test_run *r, const char *name, char out[PATH_MAX]);
/* All of it, NUL-terminated, to be freed; NULL if it cannot be read. */
char *aq_test_read(const char *path);
/* Runs a program of the SDK, what it says goes to a file of the folder. 0, or -1 with the error and its last words. */
int aq_test_execute(struct aq_test_run *r, const char *const *arguments, const char *output);

/* test_capture.c: finds the recording, imports it where it is none that the venue reads, and learns its instrument. */
int aq_test_capture(struct aq_test_run *r, const char *recording);
/* test_record.c: fills the result from what journal_state and the host said. */
int aq_test_record(struct aq_test_run *r);

#endif
