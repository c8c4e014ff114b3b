/* library_find.c: see library_find.h. The order is that of ld.so: the folders of the file, those of the environment, the
 * machine's cache, the folders that every machine has. */
#include "host/library_find.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CACHE "/etc/ld.so.cache"
#define CACHE_MAGIC "glibc-ld.so.cache1.1"

struct cache_head {
	char magic[20];
	uint32_t count, strings_size, reserved[5];
};

struct cache_entry {
	int32_t flags;
	uint32_t name, path; /* offsets from the head */
	uint32_t reserved;
	uint64_t hardware;
};

static const char usual_folders[] = "/lib/" ELF_FOLDER ":/usr/lib/" ELF_FOLDER ":/lib64:/usr/lib64:/lib:/usr/lib";

static bool try_file(const char *path, struct so_file *out)
{
	if (so_open(out, path) == 0 && so_is_library(out) == NULL) {
		so_index(out);
		return true;
	}
	so_close(out);
	return false;
}

static bool try_folders(const char *folders, const char *name, struct so_file *out)
{
	char path[1024];
	size_t length;

	for (const char *at = folders; *at != '\0'; at += length + (at[length] != '\0')) {
		length = strcspn(at, ":;");
		if (length == 0 || *at == '$' || length + strlen(name) + 2 > sizeof(path))
			continue;
		snprintf(path, sizeof(path), "%.*s/%s", (int)length, at, name);
		if (try_file(path, out))
			return true;
	}
	return false;
}

static bool try_own_folders(const struct so_file *needed_by, int64_t tag, const char *name, struct so_file *out)
{
	uint64_t value;

	return so_find_dynamic(needed_by, tag, &value) &&
		try_folders(so_name(needed_by, &needed_by->dynamic_names, value), name, out);
}

/* Where the format begins: an older one may stand before it. */
static bool cache_begin(const struct so_file *cache, uint64_t *out)
{
	const uint8_t *found = memmem(cache->bytes, cache->size, CACHE_MAGIC, sizeof(CACHE_MAGIC) - 1);

	*out = found != NULL ? (uint64_t)(found - cache->bytes) : 0;
	return found != NULL;
}

static bool look_in_cache(const struct so_file *cache, const char *name, struct so_file *out)
{
	struct cache_head head;
	struct cache_entry entry;
	struct so_names strings;
	uint64_t begin;

	if (!cache_begin(cache, &begin) || !so_read(cache, begin, &head, sizeof(head)))
		return false;
	strings = (struct so_names){.at = begin, .size = cache->size - begin};
	for (uint64_t i = 0; i < head.count; i++) {
		if (!so_read(cache, begin + sizeof(head) + i * sizeof(entry), &entry, sizeof(entry)))
			return false;
		if (strcmp(so_name(cache, &strings, entry.name), name) == 0 &&
			try_file(so_name(cache, &strings, entry.path), out))
			return true;
	}
	return false;
}

static bool try_cache(const char *name, struct so_file *out)
{
	struct so_file cache;
	bool found = so_open(&cache, CACHE) == 0 && look_in_cache(&cache, name, out);

	so_close(&cache);
	return found;
}

bool library_find(const struct so_file *needed_by, const char *name, struct so_file *out)
{
	const char *environment = getenv("LD_LIBRARY_PATH");

	*out = (struct so_file){0};
	if (strchr(name, '/') != NULL)
		return try_file(name, out);
	return try_own_folders(needed_by, DT_RPATH, name, out) ||
		(environment != NULL && try_folders(environment, name, out)) ||
		try_own_folders(needed_by, DT_RUNPATH, name, out) || try_cache(name, out) ||
		try_folders(usual_folders, name, out);
}
