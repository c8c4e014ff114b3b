/* follow_notes.c: see follow_notes.h. */
#include "host/follow_notes.h"

#include "base/err.h"
#include "io/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static struct notes {
	int fd; /* 0 = not open */
	int64_t watch;
	void (*line)(void *context, const char *text);
	void *context;
	char text[256]; /* of a line that has begun */
	size_t used;
} notes;

static void take(char c)
{
	if (c != '\n')
		notes.text[notes.used++] = c;
	if (c != '\n' && notes.used < sizeof(notes.text) - 1)
		return;
	notes.text[notes.used] = '\0';
	notes.used = 0;
	notes.line(notes.context, notes.text);
}

static void on_ready(void *context, int events)
{
	char bytes[512];
	ssize_t got = read(notes.fd, bytes, sizeof(bytes));

	for (ssize_t i = 0; i < got; i++)
		take(bytes[i]);
}

int notes_open(struct loop *loop, const char *path, void (*line)(void *context, const char *text), void *context,
	struct aq_err *err)
{
	/* For writing too: it stays open when its writers come and go. */
	int fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return err_set(err, AQ_ENOENT, "--notes %s: %s", path, strerror(errno));
	notes = (struct notes){.fd = fd, .line = line, .context = context};
	notes.watch = loop_watch(loop, fd, LOOP_READ, on_ready, NULL);
	return AQ_OK;
}

void notes_close(struct loop *loop)
{
	if (notes.fd == 0)
		return;
	loop_unwatch(loop, notes.watch);
	close(notes.fd);
	notes.fd = 0;
}
