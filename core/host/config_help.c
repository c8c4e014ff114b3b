/* config_help.c: an option table for people. */
#include "host/config_option.h"

#include <string.h>

static const char *kind_name(uint32_t kind)
{
	static const char *const names[] = {"plugin", "strategy", "exchange", "storage", "bus", "service"};

	return names[kind < sizeof(names) / sizeof(names[0]) ? kind : 0];
}

struct type {
	const char *name;
	const char *written; /* how such values are written; NULL: the range says it */
};

static const struct type *type_of(const struct aq_option *option)
{
	static const struct type types[] = {
		[0] = {"?", NULL}, [AQ_OPT_STRING] = {"text", NULL}, [AQ_OPT_INT] = {"int", "12"},
		[AQ_OPT_DECIMAL] = {"decimal", "12.5"}, [AQ_OPT_BOOL] = {"bool", "yes or no"},
		[AQ_OPT_DURATION] = {"duration", "500ms, 2s, 15m"}, [AQ_OPT_SIZE] = {"size", "10KB, 64MB"},
		[AQ_OPT_ENUM] = {"enum", NULL}, [AQ_OPT_LIST] = {"list", "one, two"},
		[AQ_OPT_MARKET] = {"market", "ACCOUNT:SYMBOL, or EXCHANGE:SYMBOL for data alone"},
		[AQ_OPT_ACCOUNT] = {"account", "NAME of a section [account:NAME]"}, [AQ_OPT_PRICE] = {"price", "61000.5"},
		[AQ_OPT_QUANTITY] = {"quantity", "0.01 BTC, 600 USDT, 5 contracts"},
		[AQ_OPT_RATIO] = {"ratio", "4bps, 0.04%, 0.0004"},
		[AQ_OPT_STORE] = {"store", "NAME of a section [storage:NAME]"},
		[AQ_OPT_BUS] = {"bus", "NAME of a section [bus:NAME]"},
		[AQ_OPT_STORE_LINE] = {"store", "NAME of a section [storage:NAME], and how"},
	};
	static const struct type file = {"file", "PATH of a file whose first line is the value"};

	if ((option->flags & AQ_SECRET) != 0)
		return &file;
	return &types[option->type < sizeof(types) / sizeof(types[0]) ? option->type : 0];
}

/* ---- the table ---- */

enum { COLUMN_NAME, COLUMN_TYPE, COLUMN_DEFAULT, COLUMN_RANGE, COLUMN_FLAGS, COLUMN_HELP, COLUMNS };

struct row {
	char cells[COLUMNS][256];
};

/* The words of an enum, or the bounds. */
static void range(const struct aq_option *o, char *out, size_t size)
{
	size_t used = 0;

	if (o->type == AQ_OPT_ENUM && o->values != NULL) {
		for (const char *at = o->values; *at != '\0' && used + 3 < size; at++) {
			out[used++] = *at == '|' ? ',' : *at;
			if (*at == '|')
				out[used++] = ' ';
		}
		out[used] = '\0';
	} else if (o->values != NULL) { /* of a text: how one is written */
		snprintf(out, size, "%s", o->values);
	} else if (o->min != NULL && o->max != NULL) {
		snprintf(out, size, "%s to %s", o->min, o->max);
	} else if (o->min != NULL) {
		snprintf(out, size, "at least %s", o->min);
	} else if (o->max != NULL) {
		snprintf(out, size, "at most %s", o->max);
	}
}

static void flags(const struct aq_option *o, char *out, size_t size)
{
	static const struct {
		uint32_t flag;
		const char *name;
	} names[] = {{AQ_REQUIRED, "required"}, {AQ_LIVE, "live"}, {AQ_SECRET, "secret"}};
	size_t used = 0;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if ((o->flags & names[i].flag) != 0)
			used += (size_t)snprintf(out + used, size - used, "%s%s", used > 0 ? ", " : "", names[i].name);
}

static struct row row_of(const struct aq_option *o)
{
	struct row r = {0};

	config_option_key(o, r.cells[COLUMN_NAME], sizeof(r.cells[0]));
	snprintf(r.cells[COLUMN_TYPE], sizeof(r.cells[0]), "%s", type_of(o)->name);
	snprintf(r.cells[COLUMN_DEFAULT], sizeof(r.cells[0]), "%s", o->fallback != NULL ? o->fallback : "");
	range(o, r.cells[COLUMN_RANGE], sizeof(r.cells[0]));
	flags(o, r.cells[COLUMN_FLAGS], sizeof(r.cells[0]));
	snprintf(r.cells[COLUMN_HELP], sizeof(r.cells[0]), "%s", o->help != NULL ? o->help : "");
	return r;
}

static void widen(const struct row *r, int widths[COLUMNS])
{
	for (int i = 0; i < COLUMNS; i++)
		if ((int)strlen(r->cells[i]) > widths[i])
			widths[i] = (int)strlen(r->cells[i]);
}

/* Nothing in a cell is a dash, so that the columns are seen. */
static void print_row(const struct row *r, const int widths[COLUMNS], FILE *out)
{
	for (int i = 0; i < COLUMN_HELP; i++)
		fprintf(out, "%-*s  ", widths[i], r->cells[i][0] != '\0' ? r->cells[i] : "-");
	fprintf(out, "%s\n", r->cells[COLUMN_HELP]);
}

static bool is_first_of_type(const struct aq_option *options, const struct aq_option *o)
{
	while (options < o && type_of(options) != type_of(o))
		options++;
	return options == o;
}

static void print_types(const struct aq_option *options, FILE *out)
{
	int width = 0;

	for (const struct aq_option *o = options; o->name != NULL; o++)
		if (type_of(o)->written != NULL && (int)strlen(type_of(o)->name) > width)
			width = (int)strlen(type_of(o)->name);
	if (width > 0)
		fprintf(out, "\nValues are written:\n");
	for (const struct aq_option *o = options; o->name != NULL; o++)
		if (type_of(o)->written != NULL && is_first_of_type(options, o))
			fprintf(out, "  %-*s  %s\n", width, type_of(o)->name, type_of(o)->written);
}

static void print_live(const struct aq_option *options, FILE *out)
{
	while (options->name != NULL && (options->flags & AQ_LIVE) == 0)
		options++;
	if (options->name != NULL)
		fputs("\nLive options can change while the instance runs: aqctl set NAME KEY=VALUE, or a reload.\n", out);
}

void config_help_table(const struct aq_option *options, FILE *out)
{
	static const struct row heads = {{"OPTION", "TYPE", "DEFAULT", "RANGE", "FLAGS", "MEANING"}};
	int widths[COLUMNS] = {0};

	widen(&heads, widths);
	for (const struct aq_option *o = options; o->name != NULL; o++) {
		struct row r = row_of(o);

		widen(&r, widths);
	}
	print_row(&heads, widths, out);
	for (const struct aq_option *o = options; o->name != NULL; o++) {
		struct row r = row_of(o);

		print_row(&r, widths, out);
	}
	print_types(options, out);
	print_live(options, out);
}

void config_help(const struct aq_plugin *plugin, FILE *out)
{
	fprintf(out, "%s %s (%s): %s\n", plugin->name, plugin->version != NULL ? plugin->version : "",
		kind_name(plugin->kind), plugin->summary != NULL ? plugin->summary : "");
	if (plugin->options == NULL || plugin->options->name == NULL) {
		fprintf(out, "It has no options.\n");
		return;
	}
	fprintf(out, "\n");
	config_help_table(plugin->options, out);
}
