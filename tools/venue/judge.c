/* judge.c: see judge.h. */
#include "venue/judge.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void put_line(void *context, const char *text)
{
	FILE *out = context;

	fputs(text, out);
	fputc('\n', out);
}

static int failed(const char *path, FILE *out)
{
	fprintf(stderr, "venue: %s: %s\n", path, strerror(errno));
	if (out != NULL)
		fclose(out);
	return -1;
}

int judge_write(const struct sim_venue *v, const char *path)
{
	char part[4096];
	FILE *out;

	snprintf(part, sizeof(part), "%s.part", path);
	out = fopen(part, "we");
	if (out == NULL)
		return failed(part, NULL);
	sim_venue_write_record(v, put_line, out);
	if (fflush(out) != 0 || fsync(fileno(out)) != 0)
		return failed(part, out);
	fclose(out);
	return rename(part, path) == 0 ? 0 : failed(path, NULL);
}
