/* crash_file.h: the file that a fatal signal leaves: lines of text, then a copy of /proc/self/maps. */
#ifndef AQ_HOST_CRASH_FILE_H
#define AQ_HOST_CRASH_FILE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define CRASH_MAGIC "aioquant-crash/1"
#define CRASH_FRAMES 48

struct crash {
	int signal;
	int verdict;          /* enum guard_verdict */
	uint64_t address;     /* of a fault in memory */
	int64_t time_ns;      /* wall clock */
	char instance[48];    /* empty: none ran */
	char call[24], event[24];
	char library[512], path[512];
	char hash[16];
	uint32_t generation;
	int64_t reloaded_ns;  /* 0 = not since that start */
	uint64_t frames[CRASH_FRAMES];
	int count;
	long maps_at;         /* where the copy of the maps begins in the file */
	char where[256];      /* added by the child: function, file and line */
};

/* False when the file is not there or is none. `in` (if not NULL) is left open for the maps. */
bool crash_read(const char *path, struct crash *out, FILE **in);
/* "SIGSEGV", and what the guard has found. */
const char *crash_reason(const struct crash *c);

#endif
