/* fuzz_control.c: any bytes as a request, as the head of an answer, as an order id, and as the cells of an answer. */
#include "host/control_request.h"
#include "host/control_result.h"
#include "host/order_text.h"

#include "aqctl/head.c"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char body[RESULT_BODY_MAX];

/* Words are pieces of the line, without blanks, and no flag is among them. */
static void check_words(const struct control_request *r, const struct aq_err *err)
{
	if (r->count < 0 || r->count > CONTROL_WORDS_MAX || (err->code == 0 && r->count == 0))
		abort();
	for (int i = 0; i < r->count; i++)
		if (r->words[i] < r->text || r->words[i] >= r->text + CONTROL_REQUEST_MAX || r->words[i][0] == '\0' ||
			strpbrk(r->words[i], " \t\n") != NULL || strncmp(r->words[i], "--", 2) == 0)
			abort();
}

static void check_body(uint32_t length)
{
	if (length == 0 || length > RESULT_BODY_MAX || body[length - 1] != '\n')
		abort();
	for (uint32_t i = 0; i < length; i++)
		if (((unsigned char)body[i] < 0x20 && body[i] != '\n') || body[i] == 0x7f)
			abort();
}

static void check_answer(const char *text, uint32_t width)
{
	static const struct column columns[] = {{"a", "A", COLUMN_TEXT}, {"b", "B", COLUMN_RIGHT}, {0}};
	struct result r;

	result_init(&r, "fuzz", 0);
	for (int style = TABLE_GRID; style <= TABLE_LINE; style++) {
		result_table(&r, "t", (enum table_style)style, columns);
		for (int i = 0; i < 3 && result_row(&r); i++) {
			result_cell(&r, "%s", text);
			result_cell(&r, "%d", i);
		}
	}
	result_problem(&r, 0, "%s", text);
	result_hint(&r, "%s", text);
	check_body(result_text(&r, width, body));
	check_body(result_json(&r, body));
	result_fail(&r, CONTROL_FAILED, "%s", text);
	check_body(result_json(&r, body));
	result_finish(&r);
}

static void check_id(const char *text)
{
	char back[ORDER_TEXT_SIZE];
	uint64_t id = 0, again = 0;

	if (order_text_parse(text, &id) != 0)
		return;
	if (order_text_parse(order_text(id, back), &again) != 0 || again != id)
		abort();
}

/* What is taken is what it would be written as; the other way round, but for zeros ahead of the numbers. */
static void check_head(const char *line, size_t length)
{
	char back[CONTROL_HEAD_MAX];
	size_t size = 0, again = 0;
	int code = 0, code_again = 0;

	if (!head_parse(line, length, &code, &size))
		return;
	if (code == HEAD_PIECE)
		length = (size_t)snprintf(back, sizeof(back), CONTROL_PROTOCOL " + %zu", size);
	else
		length = (size_t)snprintf(back, sizeof(back), CONTROL_PROTOCOL " %d %zu", code, size);
	if (code < HEAD_PIECE || code > CODE_MAX || size > HEAD_BODY_MAX || !head_parse(back, length, &code_again, &again) ||
		code_again != code || again != size)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct control_request *r = malloc(sizeof(*r));
	char *line = malloc(size + (size == 0)), *text; /* the line alone: the sanitizer sees any byte too many */
	struct aq_err err;

	if (r == NULL || line == NULL)
		abort();
	if (size > 0)
		memcpy(line, data, size);
	text = strndup(line, size);
	if (text == NULL || control_request_parse(r, line, size, &err) != err.code)
		abort();
	check_words(r, &err);
	check_head(line, size);
	check_answer(text, r->width);
	check_id(text);
	free(text);
	free(line);
	free(r);
	return 0;
}
