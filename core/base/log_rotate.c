/* log_rotate.c: files of the log that have had their time; see log_file.h. */
#include "base/log_file.h"

#include "base/log_format.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define RETRY_NS INT64_C(1000000000)
#define HOUR_NS INT64_C(3600000000000)
#define STAMP "%04d%02d%02d-%02d%02d%02d"
#define STAMP_LENGTH 15
#define NAMES_MAX 1000 /* within one second */
#define NAME_SIZE 4224

bool log_file_is_full(const struct log_file *f, int64_t now_ns)
{
	return f->rotate > 0 && f->size >= f->rotate && f->error == 0 && now_ns >= f->retry_ns;
}

/* A name that nothing has. */
static int free_name(const struct log_file *f, int64_t wall_ns, char out[NAME_SIZE])
{
	int t[6], length;

	log_civil_time(wall_ns / 1000000000, t);
	length = snprintf(out, NAME_SIZE, "%s." STAMP, f->path, t[0], t[1], t[2], t[3], t[4], t[5]);
	for (int n = 1; faccessat(AT_FDCWD, out, F_OK, AT_SYMLINK_NOFOLLOW) == 0; n++) {
		if (n == NAMES_MAX)
			return errno = EEXIST, -1;
		snprintf(out + length, NAME_SIZE - (size_t)length, ".%d", n);
	}
	return 0;
}

int log_file_rotate(struct log_file *f, int64_t wall_ns, int64_t now_ns)
{
	char name[NAME_SIZE];

	/* ENOENT: somebody has moved the file away already. */
	if (free_name(f, wall_ns, name) == 0 && (rename(f->path, name) == 0 || errno == ENOENT) && log_file_reopen(f) == 0) {
		f->expire_ns = 0;
		return 0;
	}
	f->retry_ns = now_ns + RETRY_NS;
	return -1;
}

/* STAMP, and .N or nothing. Returns its time in seconds, or -1. */
static int64_t stamp_time(const char *text)
{
	struct tm tm = {0};
	const char *end = text + STAMP_LENGTH;

	if (strlen(text) < STAMP_LENGTH || strptime(text, "%Y%m%d-%H%M%S", &tm) != end)
		return -1;
	if (*end == '.' && isdigit((unsigned char)end[1]))
		for (end++; isdigit((unsigned char)*end);)
			end++;
	return *end == '\0' ? (int64_t)timegm(&tm) : -1;
}

static void remove_old(const struct log_file *f, const char *folder, int64_t before_s)
{
	const char *slash = strrchr(f->path, '/'), *base = slash != NULL ? slash + 1 : f->path;
	size_t length = strlen(base);
	DIR *dir = opendir(folder);
	const struct dirent *entry;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		const char *name = entry->d_name;
		int64_t time_s;

		if (strncmp(name, base, length) != 0 || name[length] != '.')
			continue;
		time_s = stamp_time(name + length + 1);
		if (time_s >= 0 && time_s < before_s)
			unlinkat(dirfd(dir), name, 0);
	}
	if (dir != NULL)
		closedir(dir);
}

void log_file_expire(struct log_file *f, int64_t wall_ns, int64_t now_ns)
{
	const char *slash = strrchr(f->path, '/');
	char folder[sizeof(f->path)];

	if (f->keep_ns <= 0 || now_ns < f->expire_ns)
		return;
	f->expire_ns = now_ns + HOUR_NS;
	snprintf(folder, sizeof(folder), "%.*s", slash != NULL ? (int)(slash - f->path) + 1 : 1, slash != NULL ? f->path : ".");
	remove_old(f, folder, (wall_ns - f->keep_ns) / 1000000000);
}
