/* plugin.c: see plugin.h. */
#include "host/plugin.h"

#include "base/err.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *plugin_kind_name(uint32_t kind)
{
	static const char *const names[] = {"unknown", "strategy", "exchange", "storage", "bus", "service"};

	return kind < sizeof(names) / sizeof(*names) ? names[kind] : "unknown";
}

int plugin_find(const char *name, const char *folders, char *out, size_t size, struct aq_err *err)
{
	const char *at = folders;
	char list[256];

	if (strchr(name, '/') != NULL) {
		snprintf(out, size, "%s", name);
		return access(out, R_OK) == 0 ? AQ_OK : err_set(err, AQ_ENOENT, "%s: %s", name, strerror(errno));
	}
	while (*at != '\0') {
		size_t length = strcspn(at, "\n");

		snprintf(out, size, "%.*s/%s.so", (int)length, at, name);
		if (access(out, R_OK) == 0)
			return AQ_OK;
		at += length + (at[length] == '\n');
	}
	snprintf(list, sizeof(list), "%s", folders);
	for (char *end = list; (end = strchr(end, '\n')) != NULL;)
		*end = ',';
	return err_set(err, AQ_ENOENT, "no %s.so in plugin_path (%s)", name, list);
}

static int open_source(const char *path, struct aq_err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		err_set(err, AQ_ENOENT, "%s: %s", path, strerror(errno));
	return fd;
}

static void hash_text(const uint8_t *digest, char out[PLUGIN_HASH_TEXT])
{
	for (int i = 0; i < 6; i++)
		snprintf(out + 2 * i, 3, "%02x", digest[i]);
}

/* Reads all of `from`, hashes it, and writes it to `to` if that is a descriptor. */
static int hash_and_copy(int from, int to, char out[PLUGIN_HASH_TEXT])
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	uint8_t bytes[1 << 16], digest[EVP_MAX_MD_SIZE];
	ssize_t got = -1;
	bool ok = md != NULL && EVP_DigestInit_ex(md, EVP_sha256(), NULL) == 1;

	while (ok && (got = read(from, bytes, sizeof(bytes))) > 0) {
		ok = EVP_DigestUpdate(md, bytes, (size_t)got) == 1;
		ok = ok && (to < 0 || write(to, bytes, (size_t)got) == got);
	}
	ok = ok && got == 0 && EVP_DigestFinal_ex(md, digest, NULL) == 1;
	EVP_MD_CTX_free(md);
	if (ok)
		hash_text(digest, out);
	return ok ? 0 : -1;
}

int plugin_hash(const char *path, char out[PLUGIN_HASH_TEXT], struct aq_err *err)
{
	int fd = open_source(path, err), rc;

	if (fd < 0)
		return AQ_ENOENT;
	rc = hash_and_copy(fd, -1, out);
	close(fd);
	return rc == 0 ? AQ_OK : err_set(err, AQ_ENOENT, "%s cannot be read", path);
}

/* To a name without the hash first; it gets its own when the bytes are known. */
static int copy_bytes(struct plugin *p, const char *folder, const char *instance, struct aq_err *err)
{
	char draft[sizeof(p->copy)];
	int from = open_source(p->path, err), to, rc;

	if (from < 0)
		return AQ_ENOENT;
	snprintf(draft, sizeof(draft), "%s/%s.%u.draft", folder, instance, p->number);
	unlink(draft);
	to = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0500);
	rc = to < 0 ? -1 : hash_and_copy(from, to, p->hash);
	close(from);
	if (to >= 0 && close(to) != 0)
		rc = -1;
	snprintf(p->copy, sizeof(p->copy), "%s/%s.%u.%s.so", folder, instance, p->number, p->hash);
	if (rc == 0 && rename(draft, p->copy) == 0)
		return AQ_OK;
	err_set(err, AQ_ENOENT, "%s cannot be copied to %s: %s", p->path, draft, strerror(errno));
	unlink(draft);
	return AQ_ENOENT;
}

int plugin_copy(const char *path, const char *folder, const char *instance, uint32_t number, struct plugin **out,
	struct aq_err *err)
{
	struct plugin *p = calloc(1, sizeof(*p));
	char again[PLUGIN_HASH_TEXT] = "";
	int rc;

	*out = NULL;
	if (p == NULL)
		return err_set(err, AQ_ENOSYS, "out of memory");
	snprintf(p->path, sizeof(p->path), "%s", path);
	p->number = number;
	rc = copy_bytes(p, folder, instance, err);
	if (rc == 0)
		rc = plugin_hash(path, again, err);
	if (rc == 0 && strcmp(again, p->hash) != 0)
		rc = err_set(err, AQ_EFORMAT, "%s changed while it was copied: it is being written; try again", path);
	if (rc != 0) {
		plugin_free(p);
		return rc;
	}
	*out = p;
	return AQ_OK;
}

static int check_head(const struct plugin *p, const struct aq_plugin *t, uint32_t kind, struct aq_err *err)
{
	if (t->magic != AQ_MAGIC)
		return err_set(err, AQ_EFORMAT, "%s: aq_plugin_1 is no plugin table", p->path);
	if (t->abi_major != AQ_ABI_MAJOR || t->abi_minor != AQ_ABI_MINOR)
		return err_set(err, AQ_EVERSION, "%s was built for ABI %u.%u, this host has %u.%u: build it again with this SDK",
			p->path, t->abi_major, t->abi_minor, AQ_ABI_MAJOR, AQ_ABI_MINOR);
	if (t->size < 16 || t->size > sizeof(*t))
		return err_set(err, AQ_EVERSION, "%s: its plugin table has %u bytes, this host knows %zu", p->path, t->size,
			sizeof(*t));
	if (kind != 0 && t->kind != kind)
		return err_set(err, AQ_EINVAL, "%s is a plugin of kind %s, wanted is %s", p->path, plugin_kind_name(t->kind),
			plugin_kind_name(kind));
	return AQ_OK;
}

/* Reads a byte of each page of a library, so that its first events do not wait for them. What stands there may be a
 * sanitizer's. */
__attribute__((no_sanitize("address", "thread")))
static int touch_pages(struct dl_phdr_info *info, size_t size, void *context)
{
	const char *name = context;
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	if (info->dlpi_name == NULL || strcmp(info->dlpi_name, name) != 0)
		return 0;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *part = &info->dlpi_phdr[i];
		const volatile char *bytes = (const volatile char *)(info->dlpi_addr + part->p_vaddr);

		for (size_t at = 0; part->p_type == PT_LOAD && (part->p_flags & PF_R) != 0 && at < part->p_memsz; at += page)
			(void)bytes[at];
	}
	return 1;
}

int plugin_open(struct plugin *p, uint32_t kind, struct aq_err *err)
{
	const struct aq_plugin *t;
	int rc;

	p->handle = dlopen(p->copy, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	if (p->handle == NULL)
		return err_set(err, AQ_EFORMAT, "%s cannot be loaded: %s", p->path, dlerror());
	dl_iterate_phdr(touch_pages, p->copy);
	t = dlsym(p->handle, "aq_plugin_1");
	if (t == NULL)
		return err_set(err, AQ_EFORMAT, "%s has no symbol aq_plugin_1: it is no plugin (AQ_PLUGIN or AQ_STRATEGY makes it)",
			p->path);
	rc = check_head(p, t, kind, err);
	if (rc != 0)
		return rc;
	memcpy(&p->table, t, t->size);
	if (p->table.name == NULL || p->table.create == NULL || p->table.on_event == NULL || p->table.destroy == NULL)
		return err_set(err, AQ_EINVAL, "%s lacks its name, create, on_event or destroy", p->path);
	return AQ_OK;
}

int plugin_open_file(struct plugin *p, const char *path, uint32_t kind, struct aq_err *err)
{
	char *real = realpath(path, NULL);

	snprintf(p->path, sizeof(p->path), "%s", path);
	snprintf(p->copy, sizeof(p->copy), "%s", real != NULL ? real : path);
	free(real);
	return plugin_open(p, kind, err);
}

void plugin_free(struct plugin *p)
{
	if (p == NULL)
		return;
	if (p->copy[0] != '\0')
		unlink(p->copy);
	free(p);
}
