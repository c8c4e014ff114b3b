#include <replay/csv.h>

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static void trim(struct csv_field *f)
{
	while (f->length > 0 && is_blank(f->text[0])) {
		f->text++;
		f->length--;
	}
	while (f->length > 0 && is_blank(f->text[f->length - 1]))
		f->length--;
}

/* No value of ours holds a comma or a quote, so quotes stand around a whole field or nowhere. */
static const char *unquote(struct csv_field *f)
{
	trim(f);
	if (memchr(f->text, '"', f->length) == NULL)
		return NULL;
	if (f->length < 2 || f->text[0] != '"' || f->text[f->length - 1] != '"' ||
		memchr(f->text + 1, '"', f->length - 2) != NULL)
		return "quotes must stand around a whole field";
	f->text++;
	f->length -= 2;
	trim(f);
	return NULL;
}

const char *csv_split(const char *text, size_t length, struct csv_line *out)
{
	const char *end = text + length, *fault = NULL;
	out->count = 0;
	if (length > CSV_LINE_MAX)
		return "a line has at most 4096 characters";
	if (memchr(text, 0, length) != NULL)
		return "a line is text and has no NUL byte";
	for (const char *at = text; fault == NULL; at++) {
		const char *comma = memchr(at, ',', (size_t)(end - at));
		const char *stop = comma != NULL ? comma : end;
		if (out->count == CSV_FIELDS_MAX)
			return "a line has at most 64 fields";
		out->field[out->count] = (struct csv_field){.text = at, .length = (size_t)(stop - at)};
		fault = unquote(&out->field[out->count++]);
		if (comma == NULL)
			break;
		at = comma;
	}
	return fault;
}

bool csv_is(struct csv_field field, const char *text)
{
	return field.length == strlen(text) && strncasecmp(field.text, text, field.length) == 0;
}

const char *csv_show(struct csv_field field, char out[CSV_SHOWN])
{
	size_t count = field.length < CSV_SHOWN ? field.length : CSV_SHOWN - 4;
	for (size_t i = 0; i < count; i++)
		out[i] = field.text[i] >= ' ' && field.text[i] <= '~' ? field.text[i] : '?';
	snprintf(out + count, CSV_SHOWN - count, "%s", count < field.length ? "..." : "");
	return out;
}

const char *csv_side(struct csv_field field, bool maker, uint8_t *out)
{
	if (maker) {
		bool yes = csv_is(field, "true") || csv_is(field, "1");
		if (!yes && !csv_is(field, "false") && !csv_is(field, "0"))
			return "true or false";
		*out = yes ? AQ_SELL : AQ_BUY;
		return NULL;
	}
	bool buy = csv_is(field, "buy") || csv_is(field, "b");
	if (!buy && !csv_is(field, "sell") && !csv_is(field, "s"))
		return "buy or sell";
	*out = buy ? AQ_BUY : AQ_SELL;
	return NULL;
}

const char *csv_count(struct csv_field field, uint64_t *out)
{
	static const char *const allowed = "a whole number of at most 19 digits";
	uint64_t value = 0;
	if (field.length == 0 || field.length > 19)
		return allowed;
	for (size_t i = 0; i < field.length; i++) {
		if (field.text[i] < '0' || field.text[i] > '9')
			return allowed;
		value = value * 10 + (uint64_t)(field.text[i] - '0');
	}
	*out = value;
	return NULL;
}
