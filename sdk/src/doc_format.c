/* doc_format.c: see doc_format.h. Values are written as they come: nothing of them is read as a part of the template. */
#include "doc_format.h"

#include <aioquant/stores.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct writing {
	struct aq_template *t;
	struct aq_doc d;
	bool wrong;     /* the template is no document */
	uint32_t depth; /* of documents and arrays in the outermost */
};

static void value(struct writing *w, const char *name);

static void skip_blanks(struct aq_template *t)
{
	while (*t->at == ' ' || *t->at == '\t' || *t->at == '\n')
		t->at++;
}

/* True when it stood there. */
static bool take(struct writing *w, char c)
{
	skip_blanks(w->t);
	if (*w->t->at != c)
		return false;
	w->t->at++;
	return true;
}

/* The first place counts. */
static void refuse(struct writing *w, const char *at, const char *wanted)
{
	if (w->wrong)
		return;
	w->wrong = true;
	w->t->wrong = at;
	w->t->wanted = wanted;
}

static void need(struct writing *w, char c, const char *wanted)
{
	if (!take(w, c))
		refuse(w, w->t->at, wanted);
}

/* ---- names ---- */

static bool is_of_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$' || c == '.' ||
	       c == '-' || c == '+';
}

/* Up to the quote that ends it. A conversion in there would be taken for text, and its value for that of the next one. */
static const char *quoted(struct writing *w, uint32_t *length)
{
	char quote = *w->t->at++;
	const char *begin = w->t->at, *end = strchr(begin, quote);

	if (end == NULL) {
		refuse(w, begin - 1, quote == '"' ? "a text that a \" ends, too" : "a text that a ' ends, too");
		end = begin;
	}
	*length = (uint32_t)(end - begin);
	if (!w->t->plain && memchr(begin, '%', *length) != NULL)
		refuse(w, memchr(begin, '%', *length), "a text without %");
	w->t->at = end + (*end != '\0');
	return begin;
}

static const char *word(struct writing *w, uint32_t *length)
{
	const char *begin = w->t->at;

	while (is_of_word(*w->t->at))
		w->t->at++;
	*length = (uint32_t)(w->t->at - begin);
	return begin;
}

static bool is_quote(char c)
{
	return c == '\'' || c == '"';
}

static void read_name(struct writing *w, char out[256])
{
	const char *text;
	uint32_t length;

	const char *begin;

	skip_blanks(w->t);
	begin = w->t->at;
	if (!w->t->plain && strncmp(begin, "%s", 2) == 0) {
		w->t->at += 2;
		text = va_arg(w->t->values, const char *);
		text = text != NULL ? text : "";
		length = (uint32_t)strnlen(text, 256);
	} else {
		text = is_quote(*w->t->at) ? quoted(w, &length) : word(w, &length);
	}
	if (length == 0 || length > 255)
		refuse(w, begin, "a name of at most 255 bytes");
	length = w->wrong ? 0 : length;
	memcpy(out, text, length);
	out[length] = '\0';
}

/* ---- values that the caller gives ---- */

static void text_value(struct writing *w, const char *name, const char *text, size_t length)
{
	if (text == NULL)
		aq_doc_null(&w->d, name);
	else
		aq_doc_text_of(&w->d, name, text, length);
}

static void given_text(struct writing *w, const char *name, bool has_length)
{
	int length = has_length ? va_arg(w->t->values, int) : -1;
	const char *text = va_arg(w->t->values, const char *);

	text_value(w, name, text, text == NULL ? 0 : length >= 0 ? strnlen(text, (size_t)length) : strlen(text));
}

static void given_unsigned(struct writing *w, const char *name, uint64_t value)
{
	w->wrong |= value > INT64_MAX;
	aq_doc_int64(&w->d, name, (int64_t)value);
}

/* `longs`: how many l there were. */
static void given_number(struct writing *w, const char *name, char kind, int longs)
{
	if (kind == 'd')
		aq_doc_int64(&w->d, name, longs == 0 ? va_arg(w->t->values, int) :
			longs == 1 ? va_arg(w->t->values, long) : va_arg(w->t->values, long long));
	else
		given_unsigned(w, name, longs == 0 ? va_arg(w->t->values, unsigned) :
			longs == 1 ? va_arg(w->t->values, unsigned long) : va_arg(w->t->values, unsigned long long));
}

static void given_decimal(struct writing *w, const char *name, int longs)
{
	int digits = va_arg(w->t->values, int);
	int64_t number = longs == 1 ? va_arg(w->t->values, long) : va_arg(w->t->values, long long);

	w->wrong |= digits < 0;
	aq_doc_px(&w->d, name, number, digits < 0 ? 0 : (unsigned)digits);
}

static bool take_text(struct writing *w, const char *text)
{
	size_t length = strlen(text);

	if (strncmp(w->t->at, text, length) != 0)
		return false;
	w->t->at += length;
	return true;
}

static void given(struct writing *w, const char *name)
{
	bool starred = take_text(w, "%.*") || (w->t->at++, false);
	int longs = 0;

	if (take_text(w, "hhu") && !starred) {
		aq_doc_bool(&w->d, name, va_arg(w->t->values, int) != 0);
		return;
	}
	while (*w->t->at == 'l' && longs < 2) {
		w->t->at++;
		longs++;
	}
	if (*w->t->at == 's' && longs == 0)
		given_text(w, name, starred);
	else if (*w->t->at == 'd' && starred && longs > 0)
		given_decimal(w, name, longs);
	else if ((*w->t->at == 'd' || *w->t->at == 'u') && !starred)
		given_number(w, name, *w->t->at, longs);
	else if (*w->t->at != '\0' && strchr("feg", *w->t->at) != NULL && longs == 0 && !starred)
		aq_doc_double(&w->d, name, va_arg(w->t->values, double));
	else
		w->wrong = true;
	w->t->at += *w->t->at != '\0';
}

/* ---- values of the template ---- */

static bool is_word(const char *text, uint32_t length, const char *word)
{
	return length == strlen(word) && memcmp(text, word, length) == 0;
}

static void whole_number(struct writing *w, const char *name, const char *text, uint32_t length)
{
	char copy[24], *end;
	long long number;

	if (length >= sizeof(copy)) {
		refuse(w, text, "a whole number of 64 bits, or one with a point");
		return;
	}
	memcpy(copy, text, length);
	copy[length] = '\0';
	errno = 0;
	number = strtoll(copy, &end, 10);
	if (*end != '\0' || errno != 0)
		refuse(w, text, "a whole number of 64 bits, or one with a point");
	aq_doc_int64(&w->d, name, number);
}

static void decimal(struct writing *w, const char *name, const char *text, uint32_t length)
{
	bool right = w->d.status == AQ_OK;

	aq_doc_decimal_text(&w->d, name, text, length);
	if (right && w->d.status == AQ_EFORMAT)
		refuse(w, text, "a number, 61837.63");
}

static void literal(struct writing *w, const char *name)
{
	uint32_t length;
	const char *text = word(w, &length);
	bool number = length > 0 && strchr("+-.0123456789", text[0]) != NULL;

	if (is_word(text, length, "true") || is_word(text, length, "false"))
		aq_doc_bool(&w->d, name, text[0] == 't');
	else if (is_word(text, length, "null"))
		aq_doc_null(&w->d, name);
	else if (number && memchr(text, '.', length) != NULL)
		decimal(w, name, text, length);
	else if (number)
		whole_number(w, name, text, length);
	else if (length > 0)
		aq_doc_text_of(&w->d, name, text, length);
	else
		refuse(w, text, "a value: a number, 'text', true, false, null, {...} or [...]");
}

/* ---- documents ---- */

static void members(struct writing *w, char end, bool named)
{
	if (take(w, end))
		return;
	do {
		char name[256];

		if (named) {
			read_name(w, name);
			need(w, ':', "a colon behind the name");
		}
		if (!w->wrong)
			value(w, named ? name : NULL);
	} while (!w->wrong && take(w, ','));
	need(w, end, end == '}' ? "a comma or }" : "a comma or ]");
}

static void nested(struct writing *w, const char *name, char end)
{
	if (++w->depth == AQ_BSON_DEPTH) { /* the outermost is not counted; the document may have stopped counting */
		refuse(w, w->t->at, "less documents in each other");
		return;
	}
	if (end == '}')
		aq_doc_open(&w->d, name);
	else
		aq_doc_open_array(&w->d, name);
	members(w, end, end == '}');
	aq_doc_close(&w->d);
	w->depth--;
}

static void value(struct writing *w, const char *name)
{
	const char *text;
	uint32_t length;

	if (take(w, '{'))
		nested(w, name, '}');
	else if (take(w, '['))
		nested(w, name, ']');
	else if (*w->t->at == '%' && !w->t->plain)
		given(w, name);
	else if (is_quote(*w->t->at)) {
		text = quoted(w, &length);
		aq_doc_text_of(&w->d, name, text, length);
	} else {
		literal(w, name);
	}
}

/* [1, 2] as a whole is {"0": 1, "1": 2}: what parameters are written as. */
static void outermost_array(struct writing *w)
{
	unsigned count = 0;

	if (take(w, ']'))
		return;
	do {
		char name[12];

		snprintf(name, sizeof(name), "%u", count++);
		value(w, name);
	} while (!w->wrong && take(w, ','));
	need(w, ']', "a comma or ]");
}

bool aq_template_has_ended(struct aq_template *t)
{
	skip_blanks(t);
	return *t->at == '\0';
}

int32_t aq_template_next(struct aq_template *t, void *buffer, size_t room)
{
	struct writing w = {.t = t};
	int32_t length;

	if (aq_template_has_ended(t))
		return 0;
	aq_doc_begin(&w.d, buffer, room);
	if (take(&w, '{'))
		members(&w, '}', true);
	else if (take(&w, '['))
		outermost_array(&w);
	else
		refuse(&w, t->at, "a {");
	length = aq_doc_end(&w.d);
	return w.wrong ? AQ_EFORMAT : length;
}

/* The one document of a template. */
static int32_t whole(void *buffer, size_t room, struct aq_template *t)
{
	int32_t length = aq_template_next(t, buffer, room);

	return length == 0 || (length > 0 && !aq_template_has_ended(t)) ? AQ_EFORMAT : length;
}

int32_t aq_doc_of(void *buffer, size_t room, const char *format, ...)
{
	struct aq_template t = {.at = format};
	int32_t length;

	va_start(t.values, format);
	length = whole(buffer, room, &t);
	va_end(t.values);
	return length;
}

static int32_t without_values(void *buffer, size_t room, const char *text, ...)
{
	struct aq_template t = {.at = text};
	int32_t length;

	va_start(t.values, text);
	length = whole(buffer, room, &t);
	va_end(t.values);
	return length;
}

static int32_t written(void *buffer, size_t room, struct aq_template *t, ...)
{
	int32_t length;

	va_start(t->values, t);
	length = whole(buffer, room, t);
	va_end(t->values);
	return length;
}

int32_t aq_template_written(const char *text, void *buffer, size_t room, const char **wrong, const char **wanted)
{
	struct aq_template t = {.at = text, .plain = true, .wanted = "nothing behind the document"};
	int32_t length;

	if (aq_template_has_ended(&t)) {
		t.wrong = t.at;
		t.wanted = "a {";
		length = AQ_EFORMAT;
	} else {
		length = written(buffer, room, &t);
	}

	if (length == AQ_EFORMAT && t.wrong == NULL && *t.at != '\0')
		t.wrong = t.at;
	*wrong = t.wrong;
	*wanted = t.wanted;
	return length;
}

int32_t aq_template_plain(const char *text, void *buffer, size_t room)
{
	return strchr(text, '%') != NULL ? AQ_EFORMAT : without_values(buffer, room, text);
}
