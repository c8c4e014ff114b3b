/* journal_files.c: the journal's file functions on Linux. */
#include "host/journal_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23 /* since Linux 5.14, not yet in this libc's headers */
#endif

static int files_open(void *context, const char *path, int flags, mode_t mode)
{
	return open(path, flags, mode);
}

static int files_close(void *context, int fd)
{
	return close(fd);
}

static int files_allocate(void *context, int fd, off_t length)
{
	int rc;

	do {
		rc = posix_fallocate(fd, 0, length);
	} while (rc == EINTR);
	return rc;
}

/* Without read-ahead, a file that will be written gets pages of the least size: the kernel writes a page out whole, and
 * a sync of one record must not write what read-ahead has made one large page. */
static void *files_map(void *context, int fd, size_t length)
{
	int flags = fcntl(fd, F_GETFL);
	int protection = (flags & O_ACCMODE) == O_RDONLY ? PROT_READ : PROT_READ | PROT_WRITE;
	void *at = mmap(NULL, length, protection, MAP_SHARED, fd, 0);

	if (at == MAP_FAILED)
		return NULL;
	if (protection & PROT_WRITE)
		madvise(at, length, MADV_RANDOM);
	return at;
}

static int files_unmap(void *context, void *at, size_t length)
{
	return munmap(at, length);
}

/* msync of a shared mapping is fdatasync of that range. It wants an address at a page. */
static int files_sync(void *context, int fd, void *at, size_t length)
{
	size_t inside = (uintptr_t)at % (size_t)sysconf(_SC_PAGESIZE);

	return msync((char *)at - inside, length + inside, MS_SYNC);
}

static int files_sync_folder(void *context, const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc, reason;

	if (fd < 0)
		return -1;
	rc = fsync(fd);
	reason = errno;
	close(fd);
	errno = reason;
	return rc;
}

static int files_rename(void *context, const char *from, const char *to)
{
	return rename(from, to);
}

static int files_unlink(void *context, const char *path)
{
	return unlink(path);
}

static int64_t files_free_bytes(void *context, const char *path)
{
	struct statvfs fs;

	if (statvfs(path, &fs) != 0)
		return -1;
	return (int64_t)(fs.f_bavail * fs.f_frsize);
}

static int64_t files_size(void *context, int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 ? st.st_size : -1;
}

static int files_make_folder(void *context, const char *path)
{
	struct stat st;

	if (mkdir(path, 0700) == 0 || (errno == EEXIST && stat(path, &st) == 0 && S_ISDIR(st.st_mode)))
		return 0;
	return -1;
}

static int files_lock(void *context, int fd)
{
	return flock(fd, LOCK_EX | LOCK_NB);
}

static int files_list(void *context, const char *folder, void (*each)(void *to, const char *name), void *to)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;

	if (dir == NULL)
		return -1;
	while ((entry = readdir(dir)) != NULL)
		each(to, entry->d_name);
	closedir(dir);
	return 0;
}

/* Before Linux 5.14: adds zero to a word of each page, which changes nothing even while another thread writes there. */
static void touch_by_hand(char *at, size_t length)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	for (size_t i = 0; i < length; i += page)
		__atomic_fetch_add((uint64_t *)(void *)(at + i), 0, __ATOMIC_RELAXED);
}

static int files_touch(void *context, void *at, size_t length)
{
	size_t inside = (uintptr_t)at % (size_t)sysconf(_SC_PAGESIZE);

	if (madvise((char *)at - inside, length + inside, MADV_POPULATE_WRITE) == 0)
		return 0;
	if (errno != EINVAL)
		return -1;
	touch_by_hand(at, length);
	return 0;
}

static void files_wait(void *context, const uint32_t *word, uint32_t value, int64_t ns)
{
	struct timespec ts = {.tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000};

	syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, ns < 0 ? NULL : &ts, NULL, 0);
}

static void files_wake(void *context, const uint32_t *word)
{
	syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT32_MAX, NULL, NULL, 0);
}

const struct journal_files *journal_files_system(void)
{
	static const struct journal_files files = {.open = files_open,
		.close = files_close,
		.allocate = files_allocate,
		.map = files_map,
		.unmap = files_unmap,
		.sync = files_sync,
		.sync_folder = files_sync_folder,
		.rename = files_rename,
		.unlink = files_unlink,
		.free_bytes = files_free_bytes,
		.size = files_size,
		.make_folder = files_make_folder,
		.lock = files_lock,
		.list = files_list,
		.touch = files_touch,
		.wait = files_wait,
		.wake = files_wake};

	return &files;
}
