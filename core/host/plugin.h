/* plugin.h: a library of the disk as code in this process. What was loaded stays mapped for ever; each load is of a fresh
 * private copy, named by number and hash, so that a build may overwrite the original at any time. */
#ifndef AQ_HOST_PLUGIN_H
#define AQ_HOST_PLUGIN_H

#include <aioquant/plugin.h>
#include <stdint.h>

#define PLUGIN_HASH_TEXT 13 /* 12 hex digits and NUL */

struct plugin {
	struct aq_plugin table;  /* zero where the file's is shorter */
	char path[512];          /* the original */
	char copy[512];          /* the private copy */
	char hash[PLUGIN_HASH_TEXT];
	uint32_t number;
	void *handle;
};

/* The file of a plugin: `name` with a slash is a path, else NAME.so in the folders (separated by newline). AQ_ENOENT. */
int plugin_find(const char *name, const char *folders, char *out, size_t size, struct aq_err *err);
/* SHA-256 of a file, 12 digits of it. [any] */
int plugin_hash(const char *path, char out[PLUGIN_HASH_TEXT], struct aq_err *err);
/* Copies `path` to FOLDER/INSTANCE.NUMBER.HASH.so; fails when the file changed meanwhile. [any] */
int plugin_copy(const char *path, const char *folder, const char *instance, uint32_t number, struct plugin **out,
	struct aq_err *err);
/* dlopen of the copy, which the lint has passed, head check, table. `kind` 0 = any. [any] */
int plugin_open(struct plugin *p, uint32_t kind, struct aq_err *err);
/* The same with a file as it lies there: for a process that ends soon, and into a zeroed struct. */
int plugin_open_file(struct plugin *p, const char *path, uint32_t kind, struct aq_err *err);
/* Frees the struct and removes the copy from the disk; the code stays mapped. */
void plugin_free(struct plugin *p);
const char *plugin_kind_name(uint32_t kind);

#endif
