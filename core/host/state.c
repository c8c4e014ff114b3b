/* state.c: see state.h. */
#include "host/state.h"

#include "base/err.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include <zlib.h>

#define STATE_MAGIC 0x31535141u /* AQS1 */

struct state_head {
	uint32_t magic, schema, size, crc;
	uint64_t fills;
};

static int make_folder(const char *path, struct aq_err *err)
{
	struct stat st;

	if (mkdir(path, 0700) == 0)
		return AQ_OK;
	if (errno == EEXIST && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return AQ_OK;
	return err_set(err, AQ_ENOENT, "state_dir: %s cannot be made: %s", path, strerror(errno));
}

static void remove_copies(const char *folder)
{
	char path[600];
	struct dirent *each;
	DIR *d;

	snprintf(path, sizeof(path), "%s/plugins", folder);
	d = opendir(path);
	while (d != NULL && (each = readdir(d)) != NULL)
		if (each->d_name[0] != '.')
			unlinkat(dirfd(d), each->d_name, 0);
	if (d != NULL)
		closedir(d);
}

int state_check(const char *folder, struct aq_err *err)
{
	struct statvfs fs;

	if (statvfs(folder, &fs) != 0 || (fs.f_flag & ST_NOEXEC) == 0)
		return AQ_OK;
	return err_set(err, AQ_EINVAL, "state_dir %s is mounted noexec, and copies of the plugins are loaded from it: "
		"remount it with exec, or set [host] state_dir to a folder elsewhere", folder);
}

int state_open(const char *folder, struct aq_err *err)
{
	static const char *const parts[] = {"", "/journal", "/saved", "/plugins", "/operator", "/back", "/back/saved"};
	char path[512];
	int fd, rc = 0;

	for (size_t i = 0; rc == 0 && i < sizeof(parts) / sizeof(*parts); i++) {
		snprintf(path, sizeof(path), "%s%s", folder, parts[i]);
		rc = make_folder(path, err);
	}
	if (rc == 0)
		rc = state_check(path, err); /* the folder of the copies, the last one */
	if (rc != 0)
		return rc;
	snprintf(path, sizeof(path), "%s/lock", folder);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_set(err, AQ_ENOENT, "%s: %s", path, strerror(errno));
	if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
		remove_copies(folder);
		return fd;
	}
	close(fd);
	return err_set(err, AQ_ESTATE, "state_dir %s is used by another process: stop that one, or give this one its own", folder);
}

static void path_of(const char *folder, const char *instance, const char *end, char *out, size_t size)
{
	snprintf(out, size, "%s/saved/%s%s", folder, instance, end);
}

int state_write(const char *folder, const char *instance, const struct blob *blob)
{
	struct state_head head = {.magic = STATE_MAGIC, .schema = blob->schema, .size = blob->size, .fills = blob->fills};
	char path[512], draft[512];
	int fd;
	bool ok;

	path_of(folder, instance, ".state", path, sizeof(path));
	path_of(folder, instance, ".draft", draft, sizeof(draft));
	head.crc = (uint32_t)crc32(0, blob->bytes, blob->size);
	fd = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return AQ_ENOENT;
	ok = write(fd, &head, sizeof(head)) == (ssize_t)sizeof(head) &&
		write(fd, blob->bytes, blob->size) == (ssize_t)blob->size;
	ok = close(fd) == 0 && ok;
	return ok && rename(draft, path) == 0 ? AQ_OK : AQ_ENOENT;
}

void state_remove(const char *folder, const char *instance)
{
	char path[512];

	path_of(folder, instance, ".state", path, sizeof(path));
	unlink(path);
}

static int read_body(int fd, struct blob *out)
{
	struct state_head head;

	if (read(fd, &head, sizeof(head)) != (ssize_t)sizeof(head) || head.magic != STATE_MAGIC || head.size > BLOB_MAX)
		return AQ_EFORMAT;
	*out = (struct blob){.size = head.size, .schema = head.schema, .fills = head.fills, .there = true};
	out->bytes = malloc(head.size + 1);
	if (out->bytes == NULL || read(fd, out->bytes, head.size) != (ssize_t)head.size ||
		(uint32_t)crc32(0, out->bytes, head.size) != head.crc)
		return AQ_EFORMAT;
	return AQ_OK;
}

int state_read(const char *folder, const char *instance, struct blob *out)
{
	char path[512];
	int fd, rc;

	*out = (struct blob){0};
	path_of(folder, instance, ".state", path, sizeof(path));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return AQ_ENOENT;
	rc = read_body(fd, out);
	close(fd);
	if (rc != 0)
		blob_free(out);
	return rc;
}
