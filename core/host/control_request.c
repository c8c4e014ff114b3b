#include "host/control_request.h"

#include "base/err.h"
#include "base/utf8.h"

#include <string.h>

#define WIDTH_MAX 10000
#define SKIP_MAX 100000000

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Control characters and bytes that are no UTF-8 would come back in tables and logs. */
static bool is_text(const unsigned char *at, size_t length)
{
	for (size_t step; length > 0; at += step, length -= step) {
		size_t left = length;

#ifdef AQ_PLANT
		left += *at >= 0xc2; /* an over-read on purpose: tests/fuzz must find it */
#endif
		step = *at == '\t' ? 1 : utf8_visible(at, left);
		if (step == 0)
			return false;
	}
	return true;
}

static int number(const char *flag, const char *text, uint32_t most, uint32_t *out, struct aq_err *err)
{
	size_t digits = strspn(text, "0123456789");
	uint64_t value = 0;

	for (size_t i = 0; i < digits && i < 10; i++)
		value = value * 10 + (uint64_t)(text[i] - '0');
	if (digits == 0 || digits > 9 || text[digits] != '\0' || value > most)
		return err_set(err, AQ_EFORMAT, "%s takes a whole number up to %u", flag, most);
	*out = (uint32_t)value;
	return AQ_OK;
}

static int text(const char *flag, const char *value, const char **out, struct aq_err *err)
{
	if (value[0] == '\0')
		return err_set(err, AQ_EFORMAT, "%s is missing its value", flag);
	*out = value;
	return AQ_OK;
}

/* Those that have a value. AQ_ENOENT: it is none of them. */
static int take_valued(struct control_request *r, const char *name, size_t length, const char *value, struct aq_err *err)
{
	if (length == 7 && memcmp(name, "--width", 7) == 0)
		return number("--width=N", value, WIDTH_MAX, &r->width, err);
	if (length == 6 && memcmp(name, "--skip", 6) == 0)
		return number("--skip=N", value, SKIP_MAX, &r->skip, err);
	if (length == 7 && memcmp(name, "--limit", 7) == 0)
		return number("--limit=N", value, SKIP_MAX, &r->limit, err) == 0 && r->limit == 0
			? err_set(err, AQ_EFORMAT, "--limit=N takes a number from 1 on") : err->code;
	if (length == 8 && memcmp(name, "--fields", 8) == 0)
		return text("--fields", value, &r->fields, err);
	if (length == 6 && memcmp(name, "--sort", 6) == 0)
		return text("--sort", value, &r->sort, err);
	if (length == 7 && memcmp(name, "--month", 7) == 0)
		return text("--month", value, &r->month, err);
	if (length == 4 && memcmp(name, "--by", 4) == 0)
		return text("--by", value, &r->by, err);
	return AQ_ENOENT;
}

static bool has_value(const char *word)
{
	struct control_request unused;
	struct aq_err err = {0};

	return strchr(word, '=') == NULL && take_valued(&unused, word, strlen(word), "1", &err) != AQ_ENOENT;
}

static int take_flag(struct control_request *r, const char *word, struct aq_err *err)
{
	const char *value = strchr(word, '=');
	int rc = value != NULL ? take_valued(r, word, (size_t)(value - word), value + 1, err) : AQ_ENOENT;

	if (rc != AQ_ENOENT)
		return rc;
	if (strcmp(word, "--json") == 0)
		r->json = true;
	else if (strcmp(word, "--plan") == 0)
		r->plan = true;
	else if (strcmp(word, "--fresh") == 0)
		r->fresh = true;
	else if (strcmp(word, "--reset") == 0)
		r->reset = true;
	else if (strcmp(word, "--save") == 0)
		r->save = true;
	else if (strcmp(word, "--csv") == 0)
		r->csv = true;
	else if (strcmp(word, "--rows") == 0)
		r->rows = true;
	else
		return err_set(err, AQ_EFORMAT,
			"unknown flag %.40s: there are --json, --plan, --fresh, --reset, --save, --csv, --rows, --width=N, --skip=N, "
			"--limit=N, --fields=A,B, --sort=A,-B, --month=YEAR-MONTH, --by=A,B", word);
	return AQ_OK;
}

/* Goes on behind a mistake, so that `json` is known whatever else is wrong. */
static void take_word(struct control_request *r, const char *word, struct aq_err *err)
{
	struct aq_err flag = {0};

	if (strncmp(word, "--", 2) == 0) {
		if (take_flag(r, word, &flag) != 0 && err->code == 0)
			*err = flag;
	} else if (r->count < CONTROL_WORDS_MAX) {
		r->words[r->count++] = word;
	} else if (err->code == 0) {
		err_set(err, AQ_EFORMAT, "more than %d words", CONTROL_WORDS_MAX);
	}
}

/* The next word of the line, ended by NUL; NULL when there is none. */
static char *next_word(char **at)
{
	char *word;

	*at += strspn(*at, " \t");
	word = *at;
	while (**at != '\0' && !is_blank(**at))
		++*at;
	if (**at != '\0')
		*(*at)++ = '\0';
	return *word != '\0' ? word : NULL;
}

/* A flag whose value is the next word takes that, too. */
static void take_pair(struct control_request *r, const char *flag, const char *value, struct aq_err *err)
{
	struct aq_err wrong = {0};
	int rc = value != NULL ? take_valued(r, flag, strlen(flag), value, &wrong)
		: err_set(&wrong, AQ_EFORMAT, "%.40s is missing its value", flag);

	if (rc != 0 && err->code == 0)
		*err = wrong;
}

static void take_words(struct control_request *r, struct aq_err *err)
{
	char *at = r->text, *word;

	while ((word = next_word(&at)) != NULL) {
		if (strcmp(word, "--") == 0 && at[strspn(at, " \t")] != '\0') {
			r->rest = at + strspn(at, " \t");
			return;
		}
		if (has_value(word))
			take_pair(r, word, next_word(&at), err);
		else
			take_word(r, word, err);
	}
}

int control_request_parse(struct control_request *r, const char *line, size_t length, struct aq_err *err)
{
	memset(r, 0, sizeof(*r));
	*err = (struct aq_err){0};
	if (length > 0 && line[length - 1] == '\r')
		length--;
	if (length >= CONTROL_REQUEST_MAX)
		return err_set(err, AQ_EFORMAT, "a request is one line of at most %u bytes", CONTROL_REQUEST_MAX);
	if (!is_text((const unsigned char *)line, length))
		return err_set(err, AQ_EFORMAT, "a request is one line of text: verb, arguments, flags");
	memcpy(r->text, line, length);
	take_words(r, err);
	if (err->code == 0 && r->count == 0)
		return err_set(err, AQ_EFORMAT, "a verb is missing: send `help` for a list");
	return err->code;
}

void control_request_copy(struct control_request *to, const struct control_request *from)
{
	*to = *from;
	for (int i = 0; i < from->count; i++)
		to->words[i] = to->text + (from->words[i] - from->text);
	to->fields = from->fields != NULL ? to->text + (from->fields - from->text) : NULL;
	to->sort = from->sort != NULL ? to->text + (from->sort - from->text) : NULL;
	to->month = from->month != NULL ? to->text + (from->month - from->text) : NULL;
	to->by = from->by != NULL ? to->text + (from->by - from->text) : NULL;
	to->rest = from->rest != NULL ? to->text + (from->rest - from->text) : NULL;
}
