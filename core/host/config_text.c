/* config_text.c: what characters, names and values may be; the environment in values; names that are alike. */
#include "host/config_internal.h"

#include "base/err.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

const char *config_text_fault(const char *text, size_t length)
{
	const unsigned char *at = (const unsigned char *)text;

	for (size_t i = 0; i < length;) {
		size_t step = utf8_length(at + i, length - i);

		if (step == 0)
			return "the text is not UTF-8.";
		if ((at[i] < 0x20 && at[i] != '\t') || at[i] == 0x7f)
			return "a control character stands in the line. Remove it.";
		i += step;
	}
	return NULL;
}

static bool lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

bool config_key_valid(const char *text, size_t length)
{
	if (length == 0 || !lower(text[0]))
		return false;
	for (size_t i = 1; i < length; i++)
		if (!lower(text[i]) && !digit(text[i]) && text[i] != '_' && text[i] != '.')
			return false;
	return true;
}

/* Without points, since an override separates section and key by one. */
static bool name_valid(const char *text)
{
	if (text[0] == '\0' || text[0] == '-')
		return false;
	for (; *text != '\0'; text++)
		if (!lower(*text) && !(*text >= 'A' && *text <= 'Z') && !digit(*text) && *text != '_' && *text != '-')
			return false;
	return true;
}

/* What people call the process, the share of others, and who closes that share on an operator's word. */
static bool name_taken(const char *text)
{
	return strcmp(text, "host") == 0 || strcmp(text, "external") == 0 || strcmp(text, "operator") == 0;
}

const char *config_section_fault(const char *text)
{
	const char *colon = strchr(text, ':');
	size_t kind = colon != NULL ? (size_t)(colon - text) : strlen(text);

	if (strlen(text) > CONFIG_SECTION_MAX)
		return "a section name has at most 40 characters.";
	if (!config_key_valid(text, kind) || memchr(text, '.', kind) != NULL ||
		(colon != NULL && !name_valid(colon + 1)))
		return "write [kind] or [kind:name], the kind in a-z, 0-9 and _, the name in letters, digits, _ and -.";
	if (colon != NULL && name_taken(colon + 1))
		return "host, external and operator are names of the host's own: choose another.";
	return NULL;
}

static bool blank(char c)
{
	return c == ' ' || c == '\t';
}

bool config_has_comment(const char *value)
{
	for (const char *at = value; *at != '\0'; at++) {
		if (*at != ';' && *at != '#')
			continue;
		/* "#alerts" is a value, "# alerts" is not; "a;b" is a value, "a ;b" is not. */
		if (at == value ? blank(at[1]) || at[1] == '\0' : blank(at[-1]))
			return true;
	}
	return false;
}

/* Reads the name behind "${". Returns what follows the closing brace, NULL after an error. */
static const char *variable(const char *at, const char **text, struct aq_err *err)
{
	size_t length = strspn(at, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");
	char name[128];

	if (length == 0 || length >= sizeof(name) || at[length] != '}') {
		err_set(err, AQ_EFORMAT, "write ${NAME} for the environment's NAME.");
		return NULL;
	}
	memcpy(name, at, length);
	name[length] = '\0';
	*text = getenv(name);
	if (*text == NULL) {
		err_set(err, AQ_EFORMAT, "the environment has no %s.", name);
		return NULL;
	}
	return at + length + 1;
}

static int replace_variables(const char *value, char *out, struct aq_err *err)
{
	size_t used = 0;

	while (*value != '\0') {
		const char *text = value;
		size_t length = strcspn(value, "$");

		if (length > 0) {
			value += length;
		} else if (value[1] == '$') {
			length = 1;
			value += 2;
		} else if (value[1] == '{') {
			value = variable(value + 2, &text, err);
			if (value == NULL)
				return AQ_EFORMAT;
			length = strlen(text);
		} else {
			return err_set(
				err, AQ_EFORMAT, "write $$ for a dollar and ${NAME} for the environment's NAME.");
		}
		if (length > CONFIG_LINE_MAX - used)
			return err_set(err, AQ_EFORMAT, "with the environment in place the value passes %d characters.",
				CONFIG_LINE_MAX);
		memcpy(out + used, text, length);
		used += length;
	}
	out[used] = '\0';
	return AQ_OK;
}

int config_expand(const char *value, char *out, struct aq_err *err)
{
	size_t length, start;
	int result = AQ_OK;

	if (config_has_comment(value))
		return err_set(err, AQ_EFORMAT, "a comment cannot stand behind a value. Give it its own line.");
	result = replace_variables(value, out, err);
	if (result != AQ_OK)
		return result;
	length = strlen(out);
	if (config_text_fault(out, length) != NULL)
		return err_set(err, AQ_EFORMAT, "%s", config_text_fault(out, length));
	while (length > 0 && blank(out[length - 1]))
		length--;
	out[length] = '\0';
	start = strspn(out, " \t");
	memmove(out, out + start, length - start + 1);
	if (config_has_comment(out)) /* a file that says what is printed by -T would be refused */
		return err_set(err, AQ_EFORMAT, "the environment brings what looks like a comment.");
	return AQ_OK;
}

bool config_next_item(const char **at, const char **item, size_t *length)
{
	if (*at == NULL)
		return false;
	*item = *at + strspn(*at, " \t");
	*length = strcspn(*item, ",");
	*at = (*item)[*length] == ',' ? *item + *length + 1 : NULL;
	while (*length > 0 && blank((*item)[*length - 1]))
		(*length)--;
	return true;
}

#define NEAR_MAX 64 /* longer names are like nothing */

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* How many letters to insert, remove, replace or swap with their neighbour. */
static size_t distance(const char *a, const char *b)
{
	size_t rows[3][NEAR_MAX + 1], n = strlen(a), m = strlen(b);
	size_t *before = rows[0], *last = rows[1], *row = rows[2], *spare;

	if (n > NEAR_MAX || m > NEAR_MAX)
		return SIZE_MAX;
	for (size_t j = 0; j <= m; j++)
		before[j] = last[j] = j;
	for (size_t i = 1; i <= n; i++) {
		row[0] = i;
		for (size_t j = 1; j <= m; j++) {
			row[j] = least(least(last[j], row[j - 1]) + 1, last[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = least(row[j], before[j - 2] + 1);
		}
		spare = before;
		before = last;
		last = row;
		row = spare;
	}
	return last[m];
}

const char *config_nearer(const char *text, const char *best, const char *name)
{
	size_t far = distance(text, name);

	if (far > 1 && far > strlen(text) / 2)
		return best;
	return best == NULL || far < distance(text, best) ? name : best;
}

const char *config_nearest(const char *name, char out[CONFIG_NEAREST_SIZE])
{
	out[0] = '\0';
	if (name != NULL && name[0] != '\0')
		snprintf(out, CONFIG_NEAREST_SIZE, " Nearest: %s.", name);
	return out;
}
