/* config_secret.c: files that hold what must not stand in a configuration. */
#include "host/config_internal.h"

#include "base/err.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int judge(const struct stat *info, struct aq_err *err)
{
	if (!S_ISREG(info->st_mode))
		return err_set(err, AQ_EFORMAT, "is no regular file.");
	if ((info->st_mode & (S_IRWXG | S_IRWXO)) == 0)
		return AQ_OK;
	return err_set(err, AQ_EFORMAT, "is %s by %s. chmod 600.",
		(info->st_mode & (S_IRGRP | S_IROTH)) != 0 ? "readable" : "writable",
		(info->st_mode & S_IRWXO) != 0 ? "others" : "group");
}

/* A descriptor of a file that only its owner can read, or AQ_EFORMAT. */
static int open_secret(const struct config_entry *entry, struct aq_err *err)
{
	char path[PATH_MAX];
	struct stat info;
	int fd, result;

	if (!config_path(entry, entry->value, path, sizeof(path)))
		return err_set(err, AQ_EFORMAT, "is too long for a path.");
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 || fstat(fd, &info) != 0)
		result = err_set(err, AQ_EFORMAT, "cannot be read: %s.", strerror(errno));
	else
		result = judge(&info, err);
	if (result == AQ_OK)
		return fd;
	if (fd >= 0)
		close(fd);
	return result;
}

static void tell(struct config_errors *e, const struct config_section *s, const struct config_entry *entry,
	const struct aq_err *err)
{
	char label[CONFIG_LABEL_SIZE];

	config_error(e, entry->file, entry->line, config_label(s, label), NULL, "%s %s %s", entry->key, entry->value,
		err->text);
}

void config_check_secret(const struct config_section *s, const struct config_entry *entry, struct config_errors *e)
{
	struct aq_err err;
	int fd = open_secret(entry, &err);

	if (fd >= 0)
		close(fd);
	else
		tell(e, s, entry, &err);
}

static int read_line(int fd, char *out, size_t size, struct aq_err *err)
{
	ssize_t got = read(fd, out, size);

	if (got < 0)
		return err_set(err, AQ_EFORMAT, "cannot be read: %s.", strerror(errno));
	for (ssize_t i = 0; i < got; i++)
		if (out[i] == '\n' || out[i] == '\r' || out[i] == '\0')
			got = i;
	if (got == 0)
		return err_set(err, AQ_EFORMAT, "has an empty first line.");
	if ((size_t)got == size)
		return err_set(err, AQ_EFORMAT, "has a first line that is too long.");
	out[got] = '\0';
	return AQ_OK;
}

bool config_secret_read(const struct config_section *s, const struct config_entry *entry, char *out, size_t size,
	struct config_errors *e)
{
	struct aq_err err;
	int fd = open_secret(entry, &err);
	int result = fd < 0 ? fd : read_line(fd, out, size, &err);

	if (fd >= 0)
		close(fd);
	if (result != AQ_OK)
		tell(e, s, entry, &err);
	return result == AQ_OK;
}
