/* config_help.c: an option table for people. */
#include "host/config_option.h"

#include <string.h>

static const char *kind_name(uint32_t kind)
{
	static const char *const names[] = {"plugin", "strategy", "exchange", "storage", "bus", "service"};

	return names[kind < sizeof(names) / sizeof(names[0]) ? kind : 0];
}

/* How a value of this option is written. */
static const char *written(const struct aq_option *option)
{
	switch ((enum aq_option_type)option->type) {
	case AQ_OPT_STRING:
		return (option->flags & AQ_SECRET) != 0 ? "a file" : "text";
	case AQ_OPT_INT:
		return "12";
	case AQ_OPT_DECIMAL:
		return "12.5";
	case AQ_OPT_BOOL:
		return "yes, no";
	case AQ_OPT_DURATION:
		return "500ms, 2s, 15m";
	case AQ_OPT_SIZE:
		return "10KB, 64MB";
	case AQ_OPT_ENUM:
		return option->values != NULL ? option->values : "";
	case AQ_OPT_LIST:
		return "one, two";
	case AQ_OPT_MARKET:
		return "ACCOUNT:SYMBOL";
	case AQ_OPT_ACCOUNT:
		return "ACCOUNT";
	case AQ_OPT_PRICE:
		return "61000.5";
	case AQ_OPT_QUANTITY:
		return "0.01 BTC, 600 USDT";
	case AQ_OPT_RATIO:
		return "4bps, 0.04%";
	case AQ_OPT_STORE:
		return "a storage";
	case AQ_OPT_BUS:
		return "a bus";
	}
	return "";
}

/* "4bps, 0.1bps to 5%" or "required, at least 0". */
static void allowed(const struct aq_option *option, char *out, size_t size)
{
	const char *first = (option->flags & AQ_REQUIRED) != 0 ? "required" : option->fallback;
	const char *comma = first != NULL ? ", " : "";

	if (first == NULL)
		first = "";
	if (option->min != NULL && option->max != NULL)
		snprintf(out, size, "%s%s%s to %s", first, comma, option->min, option->max);
	else if (option->min != NULL)
		snprintf(out, size, "%s%sat least %s", first, comma, option->min);
	else if (option->max != NULL)
		snprintf(out, size, "%s%sat most %s", first, comma, option->max);
	else
		snprintf(out, size, "%s", first);
}

static int wider(int width, const char *text)
{
	return (int)strlen(text) > width ? (int)strlen(text) : width;
}

void config_help(const struct aq_plugin *plugin, FILE *out)
{
	static const struct aq_option none = {0};
	const struct aq_option *options = plugin->options != NULL ? plugin->options : &none;
	int names = 6, forms = 7, limits = 7;
	char key[128], range[256];

	fprintf(out, "%s %s (%s): %s\n", plugin->name, plugin->version != NULL ? plugin->version : "",
		kind_name(plugin->kind), plugin->summary != NULL ? plugin->summary : "");
	if (options->name == NULL) {
		fprintf(out, "It has no options.\n");
		return;
	}
	for (const struct aq_option *o = options; o->name != NULL; o++) {
		allowed(o, range, sizeof(range));
		names = wider(names, config_option_key(o, key, sizeof(key)));
		forms = wider(forms, written(o));
		limits = wider(limits, range);
	}
	fprintf(out, "\n%-*s  %-*s  %-*s  %s\n", names, "OPTION", forms, "WRITTEN", limits, "DEFAULT", "MEANING");
	for (const struct aq_option *o = options; o->name != NULL; o++) {
		allowed(o, range, sizeof(range));
		fprintf(out, "%-*s  %-*s  %-*s  %s%s\n", names, config_option_key(o, key, sizeof(key)), forms,
			written(o), limits, range, o->help != NULL ? o->help : "",
			(o->flags & AQ_LIVE) != 0 ? " (live)" : "");
	}
}
