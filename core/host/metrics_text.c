#include "host/metrics_text.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define END_ROOM 512u /* for what metrics_end writes */

static bool put(struct metrics *m, const char *bytes, size_t length)
{
	if (length > m->most - m->used)
		return false;
	memcpy(m->bytes + m->used, bytes, length);
	m->used += (uint32_t)length;
	return true;
}

static bool put_text(struct metrics *m, const char *text)
{
	return put(m, text, strlen(text));
}

/* Help texts and label values; those may hold what a user has named. */
static bool put_escaped(struct metrics *m, const char *text)
{
	bool fits = true;

	for (; fits && *text != '\0'; text++)
		fits = *text == '\n' ? put_text(m, "\\n") :
			(*text != '"' && *text != '\\') || put_text(m, "\\") ? put(m, text, 1) : false;
	return fits;
}

static bool put_labels(struct metrics *m, const struct metric_label *labels)
{
	bool fits = true;

	for (const struct metric_label *l = labels; fits && l != NULL && l->name != NULL; l++)
		fits = put_text(m, l == labels ? "{" : ",") && put_text(m, l->name) && put_text(m, "=\"") &&
			put_escaped(m, l->value) && put_text(m, "\"");
	return fits && (labels == NULL || labels->name == NULL || put_text(m, "}"));
}

void metrics_begin(struct metrics *m, char *bytes, uint32_t most)
{
	*m = (struct metrics){.bytes = bytes, .most = most - END_ROOM};
}

static bool put_descriptor(struct metrics *m, const char *word, const char *name, const char *text)
{
	return put_text(m, "# ") && put_text(m, word) && put_text(m, " ") && put_text(m, name) && put_text(m, " ") &&
		put_escaped(m, text) && put_text(m, "\n");
}

void metrics_family(struct metrics *m, const char *name, enum metric_type type, const char *unit, const char *help)
{
	static const char *const types[] = {"gauge", "counter", "info", "stateset", "histogram"};
	uint32_t mark = m->used;

	m->family = name;
	m->type = type;
	if (!put_descriptor(m, "TYPE", name, types[type]) || (unit != NULL && !put_descriptor(m, "UNIT", name, unit)) ||
		!put_descriptor(m, "HELP", name, help))
		m->used = m->most = mark; /* its samples, which may be shorter, have no room either */
}

__attribute__((format(printf, 4, 0))) static void sample(
	struct metrics *m, const char *suffix, const struct metric_label *labels, const char *format, va_list args)
{
	uint32_t mark = m->used;
	char value[96];

	vsnprintf(value, sizeof(value), format, args);
	if (put_text(m, m->family) && put_text(m, suffix) && put_labels(m, labels) && put_text(m, " ") &&
		put_text(m, value) && put_text(m, "\n"))
		return;
	m->used = mark;
	m->most = mark; /* what would follow a gap says nothing */
	m->left++;
}

void metrics_add(struct metrics *m, const struct metric_label *labels, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	sample(m, m->type == METRIC_COUNTER ? "_total" : m->type == METRIC_INFO ? "_info" : "", labels, format, args);
	va_end(args);
}

void metrics_part(struct metrics *m, const char *suffix, const struct metric_label *labels, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	sample(m, suffix, labels, format, args);
	va_end(args);
}

uint32_t metrics_end(struct metrics *m)
{
	m->most = m->used + END_ROOM;
	metrics_family(m, "aioquant_samples_left_out", METRIC_GAUGE, NULL, "samples that had no room in this answer");
	metrics_add(m, NULL, "%u", m->left);
	put_text(m, "# EOF\n");
	return m->used;
}
