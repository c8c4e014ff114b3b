/* crash_explain.c: from addresses to functions, files and lines, in a process of its own: what has crashed may hold any
 * lock. Without libdw only libraries and offsets are told. */
#include "host/crash.h"

#include "base/log.h"
#include "host/crash_file.h"

#include <stdlib.h>
#include <string.h>

#ifdef AQ_LIBDW
#include <elfutils/libdwfl.h>
#endif

struct place {
	char library[512], function[128], file[256];
	int line;
};

#ifdef AQ_LIBDW

static Dwfl *session;

static void session_open(FILE *in)
{
	static const Dwfl_Callbacks callbacks = {
		.find_elf = dwfl_linux_proc_find_elf, .find_debuginfo = dwfl_standard_find_debuginfo};

	unsetenv("DEBUGINFOD_URLS"); /* nobody is asked over the network */
	session = dwfl_begin(&callbacks);
	if (session == NULL)
		return;
	dwfl_report_begin(session);
	dwfl_linux_proc_maps_report(session, in);
	dwfl_report_end(session, NULL, NULL);
}

static void session_close(void)
{
	if (session != NULL)
		dwfl_end(session);
}

/* clang writes no index of addresses, by which dwfl finds a unit: each is asked. */
static const char *line_of_units(Dwfl_Module *module, uint64_t address, int *line)
{
	Dwarf_Die *unit = NULL;
	Dwarf_Addr bias;

	while ((unit = dwfl_module_nextcu(module, unit, &bias)) != NULL) {
		Dwarf_Line *found = dwarf_haspc(unit, address - bias) > 0 ? dwarf_getsrc_die(unit, address - bias) : NULL;

		if (found != NULL && dwarf_lineno(found, line) == 0)
			return dwarf_linesrc(found, NULL, NULL);
	}
	return NULL;
}

static void find_place(uint64_t address, struct place *out)
{
	Dwfl_Module *module = session != NULL ? dwfl_addrmodule(session, address) : NULL;
	const char *text = module != NULL ? dwfl_module_info(module, NULL, NULL, NULL, NULL, NULL, NULL, NULL) : NULL;
	Dwfl_Line *line = module != NULL ? dwfl_module_getsrc(module, address) : NULL;

	*out = (struct place){0};
	snprintf(out->library, sizeof(out->library), "%s", text != NULL ? text : "?");
	text = module != NULL ? dwfl_module_addrname(module, address) : NULL;
	snprintf(out->function, sizeof(out->function), "%s", text != NULL ? text : "?");
	if (line != NULL)
		text = dwfl_lineinfo(line, NULL, &out->line, NULL, NULL, NULL);
	else
		text = module != NULL ? line_of_units(module, address, &out->line) : NULL;
	snprintf(out->file, sizeof(out->file), "%s", text != NULL ? text : "");
}

#else

static void session_open(FILE *in)
{
	(void)in;
}

static void session_close(void)
{
}

static void find_place(uint64_t address, struct place *out)
{
	*out = (struct place){.library = "?", .function = "?"};
	(void)address;
}

#endif

static void print_place(const struct place *p, uint64_t address, char *out, size_t size)
{
	if (p->file[0] != '\0')
		snprintf(out, size, "%s at %s:%d", p->function, p->file, p->line);
	else if (strcmp(p->function, "?") != 0)
		snprintf(out, size, "%.120s in %.440s", p->function, p->library); /* a bound that the compiler can see */
	else
		snprintf(out, size, "0x%llx in %s", (unsigned long long)address, p->library);
}

/* For the next start, and for people: behind the head of the file, ahead of what it does not need any more. */
static void add_where(const char *file, const char *where)
{
	char path[700];
	FILE *out;

	snprintf(path, sizeof(path), "%s.where", file);
	out = fopen(path, "we");
	if (out == NULL)
		return;
	fprintf(out, "%s\n", where);
	fclose(out);
}

static void tell_head(const struct crash *c, const char *where)
{
	if (c->instance[0] == '\0')
		log_line(AQ_LOG_ERROR, "crash", "%s, in no callback of an instance: %s", crash_reason(c), where);
	else
		log_line(AQ_LOG_ERROR, "crash", "%s: %s in its %s%s%s%s: %s (generation %u, code %s)", c->instance,
			crash_reason(c), c->call, c->event[0] != '\0' ? " (" : "", c->event, c->event[0] != '\0' ? ")" : "",
			where, c->generation, c->hash);
}

/* The innermost frame in the culprit's library; without one the innermost that is known. */
static void find_where(const struct crash *c, char *out, size_t size)
{
	struct place p;
	bool found = false;

	snprintf(out, size, "?");
	for (int i = 0; i < c->count; i++) {
		find_place(c->frames[i], &p);
		if (c->library[0] != '\0' ? strcmp(p.library, c->library) == 0 : p.file[0] != '\0') {
			print_place(&p, c->frames[i], out, size);
			return;
		}
		if (!found && strcmp(p.function, "?") != 0) {
			print_place(&p, c->frames[i], out, size);
			found = true;
		}
	}
}

/* Behind the place of the fault, which comes first, stand the handler's own frames, then the same place again. */
static int first_caller(const struct crash *c)
{
	for (int i = 1; i < c->count; i++)
		if (c->frames[i] == c->frames[0] - 1)
			return i + 1;
	return 1;
}

static void tell_frames(const struct crash *c)
{
	char text[600];
	struct place p;

	for (int i = 0; i < c->count; i = i == 0 ? first_caller(c) : i + 1) {
		find_place(c->frames[i], &p);
		print_place(&p, c->frames[i], text, sizeof(text));
		log_line(AQ_LOG_ERROR, "crash", "  %s", text);
	}
}

static void tell(const struct crash *c, const char *where)
{
	tell_head(c, where);
	tell_frames(c);
}

static void make_absolute(char *path, size_t size)
{
	char *real = path[0] != '\0' ? realpath(path, NULL) : NULL;

	if (real != NULL)
		snprintf(path, size, "%s", real);
	free(real);
}

static void tell_in(const char *log, int format, const struct crash *c, const char *where)
{
	const struct log_options options = {.path = log, .level = AQ_LOG_INFO, .format = format};

	if (log_open(&options) != 0)
		return;
	tell(c, where);
	log_close();
}

int crash_explain(const char *file, const char *log, int format)
{
	char where[600];
	struct crash c;
	FILE *in = NULL;

	if (!crash_read(file, &c, &in))
		return 1;
	make_absolute(c.library, sizeof(c.library)); /* as the maps have it */
	session_open(in);
	find_where(&c, where, sizeof(where));
	add_where(file, where);
	if (log[0] != '\0')
		tell_in(log, format, &c, where);
	tell_in(NULL, 0, &c, where);
	session_close();
	fclose(in);
	return 0;
}

static void drop_folders(char *where)
{
	char *slash = strrchr(where, '/'), *begin = slash;

	if (slash == NULL)
		return;
	while (begin > where && begin[-1] != ' ')
		begin--;
	memmove(begin, slash + 1, strlen(slash));
}

int crash_locate(const char *file)
{
	char where[600];
	struct crash c;
	FILE *in = NULL;

	if (!crash_read(file, &c, &in))
		return 1;
	make_absolute(c.library, sizeof(c.library));
	session_open(in);
	find_where(&c, where, sizeof(where));
	session_close();
	fclose(in);
	drop_folders(where);
	fprintf(stderr, "%s, %s\n", where, crash_reason(&c));
	return 0;
}
