/* operator_files.c: the folder in which a file is a word to the host, and SIGUSR2. */
#include "host/operator.h"

#include "base/check.h"
#include "base/err.h"
#include "base/log.h"
#include "host/host.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#define FOLDER "operator"
#define ASIDE ".refused" /* behind the name of what is no word */
#define SIGNAL_NAME "SIGUSR2"
#define KEPT '+'          /* behind the name of what was carried out and could not be journalled: the next start does it again */

static const struct word {
	const char *verb;
	uint8_t state;
} words[] = {
	{"halt", STANDING_HALT},
	{"pause", STANDING_PAUSE},
	{"close-only", STANDING_CLOSE_ONLY},
	{"flatten", STANDING_FLATTEN},
	{"resume", STANDING_RUN},
};

static void folder_of(const struct host *h, char *out, size_t size)
{
	snprintf(out, size, "%s/" FOLDER, h->options.state_dir);
}

static const struct word *word_of(const char *name)
{
	size_t length = strcspn(name, ".+");

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strlen(words[i].verb) == length && strncmp(words[i].verb, name, length) == 0)
			return &words[i];
	return NULL;
}

/* Its first line. */
static void read_why(int fd, char *out, size_t size)
{
	ssize_t got = read(fd, out, size - 1);

	out[got > 0 ? got : 0] = '\0';
	out[strcspn(out, "\r\n")] = '\0';
	for (char *at = out; *at != '\0'; at++)
		*at = (unsigned char)*at < 0x20 ? ' ' : *at;
}

/* Whom it is about. */
static void name_of(const char *name, char of[NAME_MAX + 1])
{
	const char *dot = strchr(name, '.');

	snprintf(of, NAME_MAX + 1, "%s", dot != NULL ? dot + 1 : "host");
	of[strcspn(of, "+")] = '\0';
}

/* Set aside, so that a person finds what became of it. */
static void refuse(const char *path, const char *why)
{
	char aside[1200];

	snprintf(aside, sizeof(aside), "%s" ASIDE, path);
	if (rename(path, aside) != 0)
		unlink(path);
	log_line(AQ_LOG_ERROR, "operator", "%s: %s. It is renamed to " ASIDE, path, why);
}

/* Who and why. Whoever may put a file into the folder may speak, also when we may not read what he wrote. False: no file. */
static bool read_file(const char *path, struct fact_standing *fact)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat st = {0};
	bool is_file;

	if (fd < 0)
		is_file = errno == EACCES && lstat(path, &st) == 0 && S_ISREG(st.st_mode);
	else
		is_file = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
	fact->uid = st.st_uid;
	if (is_file && fd >= 0)
		read_why(fd, fact->why, sizeof(fact->why));
	if (fd >= 0)
		close(fd);
	return is_file;
}

static bool any_kept; /* of this process: a start does what others have left */

/* What the journal did not take is the next start's to do. */
static void keep(const char *path)
{
	char kept[1200];

	any_kept = true;
	snprintf(kept, sizeof(kept), "%s%c", path, KEPT);
	rename(path, kept);
}

static bool is_kept(const char *name)
{
	size_t length = strlen(name);

	return length > 0 && name[length - 1] == KEPT;
}

/* A signal's file says so itself. */
static void name_signal(struct fact_standing *fact)
{
	if (strcmp(fact->why, SIGNAL_NAME) != 0)
		return;
	snprintf(fact->who, sizeof(fact->who), SIGNAL_NAME);
	fact->why[0] = '\0';
}

static void carry_out(struct host *h, const char *folder, const char *name)
{
	const struct word *w = word_of(name);
	struct fact_standing fact = {.who = "file"};
	struct operator_target t;
	struct aq_err err = {0};
	char path[1100], of[NAME_MAX + 1];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	name_of(name, of);
	if (w == NULL || !read_file(path, &fact) || operator_target_find(h, of, &t, &err) != 0) {
		refuse(path, err.text[0] != '\0' ? err.text : "a file here is named halt, pause, close-only, flatten or resume, then "
							       ".NAME");
	} else if (!operator_may(&t, w->state)) {
		refuse(path, "it is about an instance in quarantine: aqctl release ends that");
	} else {
		fact.state = w->state;
		name_signal(&fact);
		if (operator_stand(h, &t, &fact) == 0)
			unlink(path);
		else if (is_kept(name))
			any_kept = true;
		else
			keep(path);
	}
}

/* ---- all of them ---- */

struct found {
	char name[NAME_MAX + 1];
	struct timespec changed;
};

static bool is_taken(const char *name, bool kept_too)
{
	size_t length = strlen(name);

	return name[0] != '.' && (kept_too || !is_kept(name)) && (length < sizeof(ASIDE) || strcmp(name + length - strlen(ASIDE), ASIDE) != 0);
}

static size_t find_all(const char *folder, bool kept_too, struct found **out)
{
	DIR *d = opendir(folder);
	struct dirent *each;
	size_t count = 0;

	*out = NULL;
	while (d != NULL && (each = readdir(d)) != NULL) {
		struct stat st = {0};

		if (!is_taken(each->d_name, kept_too) || fstatat(dirfd(d), each->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
			continue;
		*out = realloc(*out, (count + 1) * sizeof(**out));
		CHECK(*out != NULL);
		(*out)[count].changed = st.st_mtim;
		snprintf((*out)[count++].name, sizeof((*out)->name), "%s", each->d_name);
	}
	if (d != NULL)
		closedir(d);
	return count;
}

static int by_age(const void *a, const void *b)
{
	const struct timespec *x = &((const struct found *)a)->changed, *y = &((const struct found *)b)->changed;

	if (x->tv_sec != y->tv_sec)
		return x->tv_sec < y->tv_sec ? -1 : 1;
	return x->tv_nsec < y->tv_nsec ? -1 : x->tv_nsec > y->tv_nsec;
}

/* The oldest first: of a halt and a resume the later one counts. */
void operator_look(struct host *h, bool at_start)
{
	struct found *found;
	char folder[600];
	size_t count;

	folder_of(h, folder, sizeof(folder));
	count = find_all(folder, at_start, &found);
	if (count > 1)
		qsort(found, count, sizeof(*found), by_age);
	for (size_t i = 0; i < count; i++)
		carry_out(h, folder, found[i].name);
	free(found);
}

/* True when it is about the target; `name` as it stands in the folder. */
static bool is_kept_of(struct host *h, const char *name, const struct operator_target *t)
{
	char of[NAME_MAX + 1];
	struct operator_target other;
	struct aq_err err;

	if (!is_kept(name) || word_of(name) == NULL)
		return false;
	name_of(name, of);
	return operator_target_find(h, of, &other, &err) == 0 && other.scope == t->scope && other.id == t->id;
}

void operator_forget_kept(struct host *h, const struct operator_target *t)
{
	struct found *found;
	char folder[600], path[1100];
	size_t count;

	if (!any_kept)
		return;
	folder_of(h, folder, sizeof(folder));
	count = find_all(folder, true, &found);
	for (size_t i = 0; i < count; i++)
		if (is_kept_of(h, found[i].name, t)) {
			snprintf(path, sizeof(path), "%s/%s", folder, found[i].name);
			unlink(path);
		}
	free(found);
}

static void changed(void *context, int events)
{
	struct host *h = context;
	char bytes[4096];

	(void)events;
	while (read(h->operator_fd, bytes, sizeof(bytes)) > 0)
		;
	operator_look(h, false);
}

/* What the handler needs. The file is the word itself: it is there for the next start, too, whatever becomes of this
 * process. The loop need not see it come when it is as fast as the handler. */
static struct {
	char path[620];
	struct loop *loop;
	atomic_bool wanted, left;
} signalled;

static void on_signal(int number)
{
	static const char why[] = SIGNAL_NAME "\n";
	int before = errno, fd = open(signalled.path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	(void)number;
	if (fd >= 0) {
		(void)!write(fd, why, sizeof(why) - 1);
		close(fd);
		atomic_store(&signalled.left, true);
	}
	atomic_store(&signalled.wanted, true);
	loop_wake(signalled.loop);
	errno = before;
}

void operator_take_signal(struct host *h)
{
	struct fact_standing fact = {.state = STANDING_HALT, .who = SIGNAL_NAME, .uid = (uint32_t)getuid()};
	struct operator_target t;
	struct aq_err err;

	if (!atomic_exchange(&signalled.wanted, false))
		return;
	if (atomic_exchange(&signalled.left, false))
		operator_look(h, false); /* in its place among the other words */
	else if (operator_target_find(h, "host", &t, &err) == 0)
		operator_stand(h, &t, &fact);
}

int operator_open(struct host *h, struct aq_err *err)
{
	char folder[600];

	folder_of(h, folder, sizeof(folder));
	h->operator_fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (h->operator_fd < 0 || inotify_add_watch(h->operator_fd, folder, IN_CLOSE_WRITE | IN_MOVED_TO) < 0)
		return err_set(err, AQ_ENOSYS, "%s cannot be watched: %s", folder, strerror(errno));
	h->operator_watch = loop_watch(h->loop, h->operator_fd, LOOP_READ, changed, h);
	snprintf(signalled.path, sizeof(signalled.path), "%s/halt", folder);
	signalled.loop = h->loop;
	sigaction(SIGUSR2, &(struct sigaction){.sa_handler = on_signal, .sa_flags = SA_RESTART}, NULL);
	return AQ_OK;
}

void operator_close(struct host *h)
{
	signal(SIGUSR2, SIG_IGN); /* it comes too late */
	if (h->operator_watch != 0)
		loop_unwatch(h->loop, h->operator_watch);
	if (h->operator_fd > 0)
		close(h->operator_fd);
	h->operator_watch = 0;
	h->operator_fd = 0;
}
