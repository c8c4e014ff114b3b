/* fuzz_ini.c: any bytes as the files of a configuration, what it includes and what overrides it; each of its sections
 * by a table with every type of option, and the whole as the host reads it. The parts of the input are separated by the
 * byte 0x1c: the file itself, a.ini, b.ini, a secret, overrides. Nothing outside these can be opened. */
#include "host/config_internal.h"

#include "host/host.h"
#include "host/options.h"
#include "host/sim_options.h"

#include "base/err.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <glob.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define PART 0x1c
#define OVERRIDES 4

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* ---- files in memory, in place of those of the system while the input is read (the linker's --wrap) ---- */

static struct file {
	const char *path;
	mode_t mode;
	int fd;
} files[] = {
	{"fuzz/main.ini", 0644, -1}, {"fuzz/a.ini", 0644, -1}, {"fuzz/b.ini", 0602, -1}, {"fuzz/secret", 0600, -1}};

#define FILES (sizeof(files) / sizeof(*files))
#define DEVICE "fuzz/device.ini" /* no regular file */
#define GONE "fuzz/gone.ini"     /* was there a moment ago */
#define ABSENT "fuzz/absent.ini" /* was never there */
#define DENIED "fuzz/denied/"    /* a folder that cannot be read */

static bool inside; /* reading the input: else the fuzzer itself opens something */

int __wrap_open(const char *path, int flags, ...);
int __real_open(const char *path, int flags, ...);
FILE *__wrap_fopen(const char *path, const char *mode);
FILE *__real_fopen(const char *path, const char *mode);
int __wrap_glob(const char *pattern, int flags, int (*failed)(const char *, int), glob_t *found);
int __real_glob(const char *pattern, int flags, int (*failed)(const char *, int), glob_t *found);
void __wrap_globfree(glob_t *found);
void __real_globfree(glob_t *found);

int __wrap_open(const char *path, int flags, ...)
{
	char real[64];
	va_list args;
	mode_t mode;

	va_start(args, flags);
	mode = flags & O_CREAT ? va_arg(args, mode_t) : 0;
	va_end(args);
	if (!inside)
		return __real_open(path, flags, mode);
	while (strncmp(path, "fuzz/fuzz/", 10) == 0) /* "fuzz/x" is the file x whether the folder is put before it or not */
		path += 5;
	if (strcmp(path, DEVICE) == 0)
		return __real_open("/dev/null", flags);
	for (size_t i = 0; i < FILES; i++)
		if (strcmp(path, files[i].path) == 0) {
			snprintf(real, sizeof(real), "/proc/self/fd/%d", files[i].fd);
			return __real_open(real, flags);
		}
	errno = ENOENT;
	return -1;
}

FILE *__wrap_fopen(const char *path, const char *mode)
{
	int fd;

	if (!inside)
		return __real_fopen(path, mode);
	fd = __wrap_open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? NULL : fdopen(fd, "r");
}

int __wrap_glob(const char *pattern, int flags, int (*failed)(const char *, int), glob_t *found)
{
	const char *paths[FILES + 2] = {[FILES] = DEVICE, [FILES + 1] = GONE};

	if (!inside)
		return __real_glob(pattern, flags, failed, found);
	for (size_t i = 0; i < FILES; i++)
		paths[i] = files[i].path;
	if (strncmp(pattern, DENIED, strlen(DENIED)) == 0)
		return GLOB_ABORTED;
	found->gl_pathv = calloc(FILES + 2, sizeof(*found->gl_pathv));
	for (size_t i = 0; found->gl_pathv != NULL && i < FILES + 2; i++)
		if (fnmatch(pattern, paths[i], FNM_PATHNAME | FNM_PERIOD) == 0)
			found->gl_pathv[found->gl_pathc++] = (char *)paths[i];
	return found->gl_pathc > 0 ? 0 : GLOB_NOMATCH;
}

void __wrap_globfree(glob_t *found)
{
	if (inside)
		free(found->gl_pathv);
	else
		__real_globfree(found);
}

static void file_write(struct file *f, const uint8_t *data, size_t size)
{
	if (f->fd < 0 && ((f->fd = memfd_create(f->path, MFD_CLOEXEC)) < 0 || fchmod(f->fd, f->mode) != 0))
		abort();
	if (ftruncate(f->fd, 0) != 0 || pwrite(f->fd, data, size, 0) != (ssize_t)size)
		abort();
}

/* ---- tables ---- */

struct fields {
	char text[16], password[12];
	int64_t count, every, cache;
	struct aq_amt factor;
	uint8_t flag, mode;
	char names[32];
	struct aq_market market, other;
	uint32_t account, store, bus;
	struct aq_store_line line;
	char file[24];
	aq_px floor;
	aq_qty size;
	double spread;
};

#define FIELD(field) .size = sizeof(((struct fields *)0)->field), .offset = offsetof(struct fields, field)

static const struct aq_option options[] = {
	{.name = "text", .type = AQ_OPT_STRING, FIELD(text), .flags = AQ_LIVE},
	{.name = "password", .type = AQ_OPT_STRING, FIELD(password), .flags = AQ_SECRET},
	{.name = "count", .type = AQ_OPT_INT, FIELD(count), .min = "-5", .max = "10"},
	{.name = "every", .type = AQ_OPT_DURATION, FIELD(every), .min = "1ms"},
	{.name = "cache", .type = AQ_OPT_SIZE, FIELD(cache), .max = "1GB"},
	{.name = "factor", .type = AQ_OPT_DECIMAL, FIELD(factor), .max = "2"},
	{.name = "flag", .type = AQ_OPT_BOOL, FIELD(flag)},
	{.name = "mode", .type = AQ_OPT_ENUM, FIELD(mode), .values = "slow|fast|faster"},
	{.name = "names", .type = AQ_OPT_LIST, FIELD(names)},
	{.name = "market", .type = AQ_OPT_MARKET, FIELD(market), .flags = AQ_REQUIRED},
	{.name = "other", .type = AQ_OPT_MARKET, FIELD(other)},
	{.name = "account", .type = AQ_OPT_ACCOUNT, FIELD(account)},
	{.name = "store", .type = AQ_OPT_STORE, FIELD(store)},
	{.name = "bus", .type = AQ_OPT_BUS, FIELD(bus)},
	{.name = "line", .type = AQ_OPT_STORE_LINE, FIELD(line)},
	{.name = "file", .type = AQ_OPT_STRING, FIELD(file), .flags = AQ_PATH},
	{.name = "floor", .type = AQ_OPT_PRICE, FIELD(floor), .min = "0", .of = "other"},
	{.name = "size", .type = AQ_OPT_QUANTITY, FIELD(size), .max = "5 contracts"},
	{.name = "spread", .type = AQ_OPT_RATIO, FIELD(spread), .max = "5%"},
	{.name = NULL},
};
/* What a plugin's author may get wrong. */
static const struct aq_option broken[] = {
	{.name = "count", .type = AQ_OPT_INT, .size = 3},
	{.name = "every", .type = AQ_OPT_DURATION, FIELD(every), .flags = AQ_SECRET},
	{.name = "No Name", .type = AQ_OPT_DURATION, FIELD(every)},
	{.name = "floor", .type = AQ_OPT_PRICE, FIELD(floor), .of = "nothing"},
	{.name = "mode", .type = AQ_OPT_ENUM, FIELD(mode)},
	{.name = "flag", .type = 99, .size = 1},
	{.name = "cache", .type = AQ_OPT_SIZE, FIELD(cache), .fallback = "many"},
	{.name = "names", .type = AQ_OPT_LIST, FIELD(names), .fallback = "one,,two"},
	{.name = NULL},
};
static const char *const known[] = {"plugin", "limit.position+", "limit.*", NULL};

static int resolve_market(void *context, const char *text, struct aq_market *out, struct aq_err *err)
{
	if (strchr(text, '?') != NULL)
		return AQ_ENOENT;
	*out = (struct aq_market){strstr(text, "USD:BTC") != NULL ? 2 : 1, 1};
	return AQ_OK;
}

static int resolve_instrument(void *context, uint32_t id, struct aq_instrument *out)
{
	*out = (struct aq_instrument){.id = id,
		.kind = id == 1 ? AQ_LINEAR : AQ_INVERSE,
		.px_digits = 2,
		.qty_digits = 3,
		.qty_unit = id == 1 ? AQ_UNIT_BASE : AQ_UNIT_QUOTE,
		.tick = 1,
		.lot = 5,
		.contract_size = {10000000000000000u, 0},
		.base = "BTC",
		.quote = "USDT",
		.symbol = "BTC/USDT"};
	return AQ_OK;
}

static int resolve_middle(void *context, uint32_t id, aq_px *out)
{
	*out = 6000000;
	return AQ_OK;
}

static int resolve_account(void *context, const char *text, uint32_t *out, struct aq_err *err)
{
	*out = 7;
	return text[0] == 'm' ? AQ_OK : AQ_ENOENT;
}

static int resolve_section(void *context, const char *kind, const char *name, uint32_t *out, struct aq_err *err)
{
	*out = kind[0] == 's' ? 1 : 2;
	return name[0] == 'm' ? AQ_OK : err_set(err, AQ_ENOENT, "there is no [%s:%s].", kind, name);
}

/* ---- judgement ---- */

/* What was taken must be what the grammar allows. */
static void check(const struct config *c)
{
	for (int i = 0; i < c->count; i++) {
		const struct config_section *s = &c->sections[i];
		char label[CONFIG_LABEL_SIZE];

		if (config_section_fault(config_label(s, label)) != NULL || s->line <= 0 || !config_section_equal(s, s))
			abort();
		for (int k = 0; k < s->count; k++) {
			const struct config_entry *entry = &s->entries[k];

			if (!config_key_valid(entry->key, strlen(entry->key)) ||
				strlen(entry->value) > CONFIG_LINE_MAX ||
				config_text_fault(entry->value, strlen(entry->value)) != NULL ||
				config_get(s, entry->key) == NULL)
				abort();
		}
	}
}

static void fill_sections(const struct config *c, struct config_errors *e)
{
	static const struct config_resolver resolver = {.market = resolve_market,
		.instrument = resolve_instrument,
		.account = resolve_account,
		.middle = resolve_middle,
		.section = resolve_section};

	for (int i = 0; i < c->count; i++) {
		const struct config_section *s = &c->sections[i], *before = &c->sections[i > 0 ? i - 1 : 0];
		struct fields fields;
		const char *key = NULL;
		int pending = 0;

		config_fill(s, options, known, &fields, &resolver, e, NULL);
		if (i == 0) { /* once: to look for the nearest of many keys takes its time */
			config_fill(s, options, known, NULL, NULL, e, &pending);
			config_fill(s, broken, NULL, &fields, NULL, e, NULL);
		}
		if (!config_differs_live(before, s, options, &key) && key == NULL)
			abort();
		config_section_equal(before, s);
	}
}

static void read_venue(const struct config *c, const struct config_section *exchange, struct config_errors *e)
{
	char text[SIM_TIME_TEXT];
	struct sim_options sim;
	struct aq_err err;
	int64_t start_ns;

	if (sim_options_read(&sim, c, exchange, e) == 0 && config_get(exchange, "start") != NULL)
		if (sim_options_time(sim_options_time_text(sim.venue.start_ns, text), &start_ns, &err) != AQ_OK ||
			start_ns != sim.venue.start_ns)
			abort();
	if (sim.stored_count > 0)
		sim_options_capture(&sim, "fuzz/stored.aqc");
	sim_options_free(&sim);
}

static void read_as_host(const struct config *c, struct config_errors *e)
{
	struct host_options o;

	options_fill(c, &o, e);
	options_check_accounts(c, e);
	options_check_limits(c, &o, e);
	for (int i = 0; i < c->count; i++)
		if (strcmp(c->sections[i].kind, "exchange") == 0)
			read_venue(c, &c->sections[i], e);
	sim_options_check(c, e);
}

/* ---- the input ---- */

/* Writes the next part to a file; returns what is behind it. */
static const uint8_t *take_part(struct file *f, const uint8_t *at, const uint8_t *end)
{
	const uint8_t *stop = at < end ? memchr(at, PART, (size_t)(end - at)) : NULL;

	file_write(f, at, (size_t)((stop != NULL ? stop : end) - at));
	return stop != NULL ? stop + 1 : end;
}

/* The lines of what is left. */
static int take_overrides(char *text, const char *out[OVERRIDES])
{
	int count = 0;

	for (char *line = strtok(text, "\n"); line != NULL && count < OVERRIDES; line = strtok(NULL, "\n"))
		out[count++] = line;
	return count;
}

/* The same without files. */
static void read_stream(const uint8_t *data, size_t size, struct config_errors *e)
{
	FILE *in = size > 0 ? fmemopen((void *)data, size, "r") : NULL;
	struct config *c;

	if (in == NULL)
		return;
	c = config_parse_stream(in, "stream.ini", NULL, 0, e);
	check(c);
	config_destroy(c);
	fclose(in);
}

static void set_environment(void)
{
	char many[CONFIG_LINE_MAX / 2];

	memset(many, 'x', sizeof(many));
	many[sizeof(many) - 1] = '\0';
	setenv("WORD", "word", 0);
	setenv("MANY", many, 0);
	setenv("ODD", "\x01", 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *at = data, *end = data + size;
	const char *overrides[OVERRIDES];
	struct config_errors *e = config_errors_create();
	struct config *c;
	char *text;
	int count;

	set_environment();
	for (size_t i = 0; i < FILES; i++)
		at = take_part(&files[i], at, end);
	text = strndup((const char *)at, (size_t)(end - at));
	count = take_overrides(text, overrides);
	inside = true;
	c = config_load(files[0].path, overrides, count, e);
	if (c == NULL || config_load(ABSENT, NULL, 0, e) != NULL) /* nothing else is a file */
		abort();
	check(c);
	fill_sections(c, e);
	read_as_host(c, e);
	read_stream(data, size, e);
	inside = false;
	for (int i = 0; i < config_errors_count(e); i++)
		if (config_errors_text(e, i)[0] == '\0')
			abort();
	config_destroy(c);
	config_errors_destroy(e);
	free(text);
	return 0;
}
