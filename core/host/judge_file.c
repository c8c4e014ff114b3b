#include "host/judge_file.h"

#include "host/host.h"
#include "host/replay.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void line(void *context, const char *text)
{
	fprintf(context, "%s\n", text);
}

int judge_file_write(struct host *h, const char *path)
{
	FILE *out = fopen(path, "w");
	bool ok = out != NULL;

	for (uint32_t id = 1; ok && id < INSTANCES_MAX; id++)
		if (h->instances[id] != NULL && h->instances[id]->kind == AQ_EXCHANGE)
			replay_judge(h, id, line, out);
	ok = ok && fclose(out) == 0;
	if (!ok)
		fprintf(stderr, "aioquantd: %s: %s\n", path, strerror(errno));
	return ok ? 0 : -1;
}
