/* test_run.c: one replay by the real host, in a folder of its own: see test.h. */
#include "test_run.h"

#include <dlfcn.h>
#include <errno.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- where it runs ---- */

static int find_sdk(struct aq_test_run *r)
{
	if (aq_test_sdk("AQ_BIN", "bindir", r->bin) && aq_test_sdk("AQ_PLUGINS", "plugindir", r->plugins))
		return 0;
	return aq_test_fail(r->t, "no aioquantd: set PKG_CONFIG_PATH to the folder of aioquant.pc, or AQ_BIN to that of "
		"aioquantd and AQ_PLUGINS to that of sim.so");
}

static int make_folder(struct aq_test_run *r)
{
	const char *above = getenv("TMPDIR");
	snprintf(r->folder, sizeof(r->folder), "%s/aq_test.XXXXXX", above != NULL && above[0] != '\0' ? above : "/tmp");
	if (mkdtemp(r->folder) != NULL)
		return 0;
	aq_test_fail(r->t, "%s: %s", r->folder, strerror(errno));
	r->folder[0] = '\0';
	return -1;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

/* ---- the plugin ---- */

static int name_it(struct aq_test_run *r, const char *plugin)
{
	const char *slash = strrchr(plugin, '/'), *name = slash != NULL ? slash + 1 : plugin;
	size_t length = strlen(name);
	if (realpath(plugin, r->plugin) == NULL)
		return aq_test_fail(r->t, "%s: %s", plugin, strerror(errno));
	if (length < 4 || length >= sizeof(r->t->plugin) || strcmp(name + length - 3, ".so") != 0)
		return aq_test_fail(r->t, "%s: a plugin's file is called NAME.so", plugin);
	memcpy(r->t->plugin, name, length - 3);
	return 0;
}

static bool is_set(const struct aq_test_run *r, const char *option)
{
	char key[128];
	snprintf(key, sizeof(key), "%s.%s=", r->t->plugin, option);
	for (uint32_t i = 0; i < r->setting_count; i++)
		if (strncmp(r->settings[i], key, strlen(key)) == 0)
			return true;
	return false;
}

/* NULL, and why. It stays mapped. */
static const struct aq_plugin *open_plugin(const char *path, char *why, size_t size)
{
	char real[PATH_MAX];
	void *library = realpath(path, real) != NULL ? dlopen(real, RTLD_NOW | RTLD_LOCAL) : NULL;
	const struct aq_plugin *p = library != NULL ? dlsym(library, "aq_plugin_1") : NULL;
	if (p == NULL)
		snprintf(why, size, "%s is no plugin: %s", path, access(path, R_OK) != 0 ? strerror(errno) : dlerror());
	return p;
}

const struct aq_plugin *aq_test_open(const char *plugin)
{
	char why[512];
	const struct aq_plugin *p = open_plugin(plugin, why, sizeof(why));
	if (p != NULL)
		return p;
	fprintf(stderr, "%s\n", why);
	exit(1);
}

/* Each required market that no setting gives. */
static int write_markets(struct aq_test_run *r, FILE *ini)
{
	char why[512];
	const struct aq_plugin *p = open_plugin(r->plugin, why, sizeof(why));
	if (p == NULL)
		return aq_test_fail(r->t, "%s", why);
	if (p->kind != AQ_STRATEGY)
		return aq_test_fail(r->t, "%s is no strategy", r->plugin);
	for (const struct aq_option *o = p->options; o != NULL && o->name != NULL; o++)
		if (o->type == AQ_OPT_MARKET && (o->flags & AQ_REQUIRED) != 0 && !is_set(r, o->name))
			fprintf(ini, "%s = test:%s\n", o->name, r->t->symbol);
	return 0;
}

/* ---- the run ---- */

static void write_sections(const struct aq_test_run *r, FILE *ini)
{
	fprintf(ini, "[host]\nserver_id = test\nmode = paper\nspeed = max\nstate_dir = state\nprobe_timeout = 1m\n"
		"plugin_path = %s\nreport_currency = %s\n\n[log]\nfile = host.log\nformat = text\n\n", r->plugins, r->quote);
	fprintf(ini, "[exchange:venue]\nplugin = sim\ncapture = %s\nfeed_latency = 1ms\nentry_latency = 2ms\n"
		"response_latency = 2ms\n\n", r->capture);
	fprintf(ini, "[account:test]\nexchange = venue\nbalance = 1000000 %s, 10 %s\nfee_maker = 0bps\nfee_taker = 5bps\n\n",
		r->quote, r->base);
	fprintf(ini, "[strategy:%s]\nplugin = %s\n", r->t->plugin, r->plugin);
}

static int write_configuration(struct aq_test_run *r, const char *path)
{
	FILE *ini = fopen(path, "w");
	int rc;
	if (ini == NULL)
		return aq_test_fail(r->t, "%s: %s", path, strerror(errno));
	write_sections(r, ini);
	rc = write_markets(r, ini);
	if (fclose(ini) != 0 && rc == 0)
		rc = aq_test_fail(r->t, "%s: %s", path, strerror(errno));
	return rc;
}

static int run_host(struct aq_test_run *r)
{
	char ini[PATH_MAX], program[PATH_MAX];
	const char *arguments[6 + 2 * AQ_TEST_SETTINGS] = {program, "-c", ini, "--follow", r->t->plugin};
	uint32_t count = 5;
	aq_test_path(r, "test.ini", ini);
	snprintf(program, sizeof(program), "%.*s/aioquantd", PATH_MAX - 16, r->bin);
	for (uint32_t i = 0; i < r->setting_count; i++) {
		arguments[count++] = "--set";
		arguments[count++] = r->settings[i];
	}
	return write_configuration(r, ini) == 0 ? aq_test_execute(r, arguments, "said") : -1;
}

/* "import.KEY=" is for the import, all else for the host. */
static int take_setting(struct aq_test_run *r, const char *text)
{
	if (strncmp(text, "import.venue=", 13) == 0)
		snprintf(r->venue, sizeof(r->venue), "%s", text + 13);
	else if (strncmp(text, "import.symbol=", 14) == 0)
		snprintf(r->venue_symbol, sizeof(r->venue_symbol), "%s", text + 14);
	else if (strchr(text, '=') == NULL || strchr(text, '.') == NULL)
		return aq_test_fail(r->t, "\"%s\" is no setting: write SECTION.KEY=VALUE, e.g. %s.size=0.01 BTC", text,
			r->t->plugin);
	else if (r->setting_count == AQ_TEST_SETTINGS)
		return aq_test_fail(r->t, "more than %d settings", AQ_TEST_SETTINGS);
	else
		r->settings[r->setting_count++] = text;
	return 0;
}

struct aq_test *aq_test_run_settings(const char *plugin, const char *recording, ...)
{
	struct aq_test_run *r = calloc(1, sizeof(*r));
	struct aq_test *t = calloc(1, sizeof(*t));
	const char *setting;
	va_list settings;
	int rc;
	if (r == NULL || t == NULL)
		abort();
	r->t = t;
	rc = name_it(r, plugin);
	va_start(settings, recording);
	while (rc == 0 && (setting = va_arg(settings, const char *)) != NULL)
		rc = take_setting(r, setting);
	va_end(settings);
	if (rc == 0 && find_sdk(r) == 0 && make_folder(r) == 0 && aq_test_capture(r, recording) == 0 && run_host(r) == 0)
		aq_test_record(r);
	if (r->folder[0] != '\0')
		nftw(r->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(r);
	return t;
}
