/* crash_file.c: see crash_file.h. */
#include "host/crash_file.h"

#include "host/guard.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

static void take_text(const char *value, char *out, size_t size)
{
	snprintf(out, size, "%s", value);
}

static void take_line(struct crash *c, const char *key, const char *value)
{
	if (strcmp(key, "signal") == 0)
		c->signal = (int)strtol(value, NULL, 10);
	else if (strcmp(key, "verdict") == 0)
		c->verdict = (int)strtol(value, NULL, 10);
	else if (strcmp(key, "address") == 0)
		c->address = strtoull(value, NULL, 16);
	else if (strcmp(key, "time") == 0)
		c->time_ns = strtoll(value, NULL, 10);
	else if (strcmp(key, "instance") == 0)
		take_text(value, c->instance, sizeof(c->instance));
	else if (strcmp(key, "call") == 0)
		take_text(value, c->call, sizeof(c->call));
	else if (strcmp(key, "event") == 0)
		take_text(value, c->event, sizeof(c->event));
	else if (strcmp(key, "library") == 0)
		take_text(value, c->library, sizeof(c->library));
	else if (strcmp(key, "path") == 0)
		take_text(value, c->path, sizeof(c->path));
	else if (strcmp(key, "hash") == 0)
		take_text(value, c->hash, sizeof(c->hash));
	else if (strcmp(key, "where") == 0)
		take_text(value, c->where, sizeof(c->where));
	else if (strcmp(key, "generation") == 0)
		c->generation = (uint32_t)strtoul(value, NULL, 10);
	else if (strcmp(key, "reloaded") == 0)
		c->reloaded_ns = strtoll(value, NULL, 10);
	else if (strcmp(key, "frame") == 0 && c->count < CRASH_FRAMES)
		c->frames[c->count++] = strtoull(value, NULL, 16);
}

bool crash_read(const char *path, struct crash *out, FILE **in)
{
	FILE *f = fopen(path, "re");
	char line[1200];
	bool whole = false;

	*out = (struct crash){0};
	if (f == NULL)
		return false;
	whole = fgets(line, sizeof(line), f) != NULL && strcmp(line, CRASH_MAGIC "\n") == 0;
	while (whole && fgets(line, sizeof(line), f) != NULL && strcmp(line, "maps\n") != 0) {
		char *blank = strchr(line, ' ');

		line[strcspn(line, "\n")] = '\0';
		if (blank == NULL)
			continue;
		*blank = '\0';
		take_line(out, line, blank + 1);
	}
	out->maps_at = ftell(f);
	if (in != NULL && whole)
		*in = f;
	else
		fclose(f);
	return whole;
}

const char *crash_reason(const struct crash *c)
{
	if (c->verdict == GUARD_HANGS)
		return "it did not end within callback_kill";
	if (c->verdict == GUARD_MEMORY)
		return "the process used more than memory_max";
	switch (c->signal) {
	case SIGSEGV:
		return "SIGSEGV: memory that is not there";
	case SIGBUS:
		return "SIGBUS: memory that cannot be read";
	case SIGFPE:
		return "SIGFPE: a division by zero, or its like";
	case SIGILL:
		return "SIGILL: no instruction of this processor";
	case SIGABRT:
		return "SIGABRT: an assertion, or an exception that nobody caught";
	default:
		return "a fatal signal";
	}
}
