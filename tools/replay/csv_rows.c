#include <replay/csv_rows.h>

#include <base/err.h>
#include <replay/csv_values.h>
#include <replay/lines.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct csv_rows {
	struct csv_options options;
	size_t next; /* file to be opened */
	const char *path;
	struct lines *lines; /* NULL: none is open */
	bool broken;         /* of the open file nothing more can be read */
	struct replay_name name;
	struct csv_form form;
	struct csv_values values;
	struct csv_line line;
	bool line_waits; /* the first line of a file is one of its data */
	char symbol[CSV_SHOWN]; /* of the column, if there is one: the first that was seen */
	char where[560];
	uint64_t done, all; /* bytes of the files that are closed; of all */
};

static const char *where(void *self)
{
	struct csv_rows *r = self;
	snprintf(r->where, sizeof(r->where), "%s:%llu", r->path,
		(unsigned long long)(r->lines != NULL ? lines_number(r->lines) : 0));
	return r->where;
}

/* ---- lines ---- */

static void skip_mark(const char **text, size_t *length)
{
	if (*length >= 3 && memcmp(*text, "\xef\xbb\xbf", 3) == 0) {
		*text += 3;
		*length -= 3;
	}
}

static bool is_empty(const struct csv_line *line)
{
	return line->count == 1 && line->field[0].length == 0;
}

/* The next line that is not empty, as fields. Returns as `next` of rows.h. */
static int next_line(struct csv_rows *r, struct aq_err *err)
{
	const char *text, *fault;
	size_t length;
	int status;
	if (r->line_waits) {
		r->line_waits = false;
		return ROWS_ROW;
	}
	while ((status = r->broken ? 0 : lines_next(r->lines, &text, &length, err)) == 1) {
		if (lines_number(r->lines) == 1)
			skip_mark(&text, &length);
		fault = csv_split(text, length, &r->line);
		if (fault != NULL) {
			err_set(err, AQ_EFORMAT, "%s: this is no line of CSV: %s", where(r), fault);
			return ROWS_BAD;
		}
		if (!is_empty(&r->line))
			return ROWS_ROW;
	}
	r->broken = r->broken || status < 0;
	return status == AQ_EFORMAT ? ROWS_CUT : status;
}

/* ---- files ---- */

static int check_same(const struct csv_rows *r, const struct csv_form *before, uint8_t interval, struct aq_err *err)
{
	if (r->form.klines != before->klines)
		return err_set(err, AQ_EINVAL, "%s: these are %s, and %s stand in the files before it", r->path,
			r->form.klines ? "candles" : "trades", before->klines ? "candles" : "trades");
	if (r->name.interval != 0 && interval != 0 && r->options.interval == 0 && r->name.interval != interval)
		return err_set(err, AQ_EINVAL, "%s: its candles are longer or shorter than those of the files before it",
			r->path);
	return AQ_OK;
}

static int find_form(struct csv_rows *r, struct aq_err *err)
{
	int status = next_line(r, err);
	if (status == ROWS_END)
		return err_set(err, AQ_EFORMAT, "%s: is empty", r->path);
	if (status == ROWS_BAD || status == ROWS_CUT)
		return AQ_EFORMAT;
	if (status < 0)
		return status;
	replay_name_read(r->path, lines_inner(r->lines), &r->name);
	status = csv_form_find(&r->line, &r->name, r->options.columns, where(r), &r->form, err);
	r->line_waits = !r->form.header;
	return status;
}

static int open_next(struct csv_rows *r, struct aq_err *err)
{
	struct csv_form before = r->form;
	uint8_t interval = r->values.interval;
	bool first = r->next == 0;
	r->path = r->options.in[r->next++];
	r->broken = false;
	r->lines = lines_open(r->path, err);
	int status = r->lines == NULL ? err->code : find_form(r, err);
	if (status == AQ_OK && !first)
		status = check_same(r, &before, interval, err);
	r->values.form = &r->form;
	r->values.day_ns = r->name.day_ns;
	if (first)
		r->values.interval = r->options.interval != 0 ? r->options.interval : r->name.interval;
	return status;
}

static void close_file(struct csv_rows *r)
{
	r->done += r->lines != NULL ? lines_offset(r->lines) : 0;
	lines_close(r->lines);
	r->lines = NULL;
}

struct csv_rows *csv_rows_open(const struct csv_options *options, struct aq_err *err)
{
	struct csv_rows *r = calloc(1, sizeof(*r));
	if (r == NULL) {
		err_set(err, AQ_EAGAIN, "out of memory");
		return NULL;
	}
	r->options = *options;
	r->all = replay_size(options->in, options->files);
	if (open_next(r, err) < 0) {
		csv_rows_close(r);
		return NULL;
	}
	return r;
}

void csv_rows_close(struct csv_rows *r)
{
	if (r == NULL)
		return;
	lines_close(r->lines);
	free(r);
}

/* ---- rows ---- */

/* A file of several instruments would be a mixture of them. */
static bool is_other_symbol(struct csv_rows *r, char shown[CSV_SHOWN])
{
	int at = r->form.at[CSV_SYMBOL];
	if (at < 0 || r->line.count != r->form.fields)
		return false;
	csv_show(r->line.field[at], shown);
	if (r->symbol[0] == '\0')
		snprintf(r->symbol, sizeof(r->symbol), "%s", shown);
	return strcmp(r->symbol, shown) != 0;
}

static int read_row(struct csv_rows *r, struct replay_row *out, struct aq_err *err)
{
	char shown[CSV_SHOWN];
	out->number = lines_number(r->lines);
	r->values.where = where(r);
	if (is_other_symbol(r, shown)) {
		err_set(err, AQ_EFORMAT, "%s: the symbol is \"%s\"; it must be \"%s\", as before: a capture is of one",
			r->values.where, shown, r->symbol);
		return ROWS_BAD;
	}
	int status = csv_values_read(&r->values, &r->line, out, err);
	if (status == AQ_EFORMAT)
		return ROWS_BAD;
	return status < 0 ? status : ROWS_ROW;
}

static int next(void *self, struct replay_row *out, struct aq_err *err)
{
	struct csv_rows *r = self;
	for (;;) {
		int status = next_line(r, err);
		if (status == ROWS_ROW)
			return read_row(r, out, err);
		if (status != ROWS_END)
			return status;
		if (r->next == r->options.files)
			return ROWS_END;
		close_file(r);
		status = open_next(r, err);
		if (status < 0)
			return status;
	}
}

static void progress(void *self, uint64_t *done, uint64_t *all)
{
	const struct csv_rows *r = self;
	*done = r->done + (r->lines != NULL ? lines_offset(r->lines) : 0);
	*all = r->all;
}

struct csv_facts csv_rows_facts(const struct csv_rows *r)
{
	return (struct csv_facts){.klines = r->form.klines,
		.binance = r->form.binance,
		.interval = r->values.interval,
		.symbol = r->name.symbol[0] != '\0' ? r->name.symbol : NULL,
		.venue = r->name.venue};
}

void csv_rows_digits(struct csv_rows *r, unsigned px_digits, unsigned qty_digits)
{
	r->values.px_digits = px_digits;
	r->values.qty_digits = qty_digits;
}

struct replay_rows csv_rows_source(struct csv_rows *r)
{
	return (struct replay_rows){.self = r, .next = next, .where = where, .progress = progress};
}
