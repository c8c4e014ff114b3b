/* log_file.h: where lines go: stderr, or a file that is renamed at a size, opened anew, and left for stderr while it cannot
 * be written. [writer], but what says otherwise. */
#ifndef AQ_BASE_LOG_FILE_H
#define AQ_BASE_LOG_FILE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct log_file {
	char path[4096]; /* empty = stderr */
	atomic_int fd;   /* the same number from open to close, whatever file it is; 0 = stderr */
	int64_t size;    /* of the file */
	int64_t rotate, keep_ns;
	int64_t retry_ns;  /* monotonic clock: next try after an error */
	int64_t expire_ns; /* next look for old files */
	int error;       /* errno of the last write; 0 = the file takes lines */
	bool cut;        /* the file ends within a line */
};

/* 0, or -1 and errno. Of a file that is no regular one nothing is renamed. */
int log_file_open(struct log_file *f, const char *path, int64_t rotate, int64_t keep_ns);
void log_file_close(struct log_file *f);
/* Whole lines. What the file does not take goes to stderr. Returns how many lines went nowhere. f->error tells whether the
 * file has them. */
uint64_t log_file_write(struct log_file *f, const char *lines, size_t length, int64_t now_ns);
/* 0, or -1 and errno: then all goes on in the file that is open. */
int log_file_reopen(struct log_file *f);

/* These are async-signal-safe. [any] */
int log_file_fd(const struct log_file *f);
/* False: nobody reads what is a pipe, and has not done so for a second. */
bool log_file_takes(int fd);
/* As much as can be written. Returns its length. */
size_t log_file_put(int fd, const char *bytes, size_t length);

/* ---- log_rotate.c ---- */

/* The file has reached its size. */
bool log_file_is_full(const struct log_file *f, int64_t now_ns);
/* Renames it to PATH.YYYYmmdd-HHMMSS, with .N behind if there is one, and begins a new one. 0, or -1 and errno: it is tried
 * again later. */
int log_file_rotate(struct log_file *f, int64_t wall_ns, int64_t now_ns);
/* Deletes those of its renamed files that are too old by their names; once an hour, whenever it is called. */
void log_file_expire(struct log_file *f, int64_t wall_ns, int64_t now_ns);

#endif
