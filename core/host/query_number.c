/* query_number.c: numbers and times of rows as text, exact. */
#include "host/query_text.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SECOND INT64_C(1000000000)
#define ZEROS_MAX 60

uint8_t query_type_of(const char *word)
{
	static const char *const words[] = {[QUERY_INT64] = "int64",
		[QUERY_DOUBLE] = "double",
		[QUERY_DECIMAL] = "decimal",
		[QUERY_TEXT] = "text",
		[QUERY_BYTES] = "bytes",
		[QUERY_BOOL] = "bool",
		[QUERY_TIME] = "timestamp"};

	for (uint8_t i = QUERY_INT64; i <= QUERY_TIME; i++)
		if (strcmp(words[i], word) == 0)
			return i;
	return 0;
}

/* ---- times ---- */

void query_time_text(int64_t ns, unsigned digits, char between, char out[QUERY_NUMBER_SIZE])
{
	int64_t fraction = ns % SECOND < 0 ? ns % SECOND + SECOND : ns % SECOND;
	time_t second = (time_t)(ns / SECOND - (ns % SECOND < 0));
	struct tm tm = {0};
	char part[16];

	gmtime_r(&second, &tm);
	snprintf(part, sizeof(part), ".%09d", (int)fraction);
	part[digits > 0 ? digits + 1 : 0] = '\0';
	snprintf(out, QUERY_NUMBER_SIZE, "%04d-%02d-%02d%c%02d:%02d:%02d%s%s", tm.tm_year + 1900, tm.tm_mon + 1,
		tm.tm_mday, between, tm.tm_hour, tm.tm_min, tm.tm_sec, part, between == 'T' ? "Z" : "");
}

/* ---- numbers ---- */

/* -d.dddE+x as digits and where the point is. */
static void without_exponent(const char *text, const char *e, char out[QUERY_NUMBER_SIZE])
{
	char digits[64];
	int count = 0, point = -1, exponent = (int)strtol(e + 1, NULL, 10), used = 0;
	const char *at = text + (*text == '-');

	for (; at < e && count < 60; at++)
		if (*at == '.')
			point = count;
		else
			digits[count++] = *at;
	point = (point < 0 ? count : point) + exponent;
	if (*text == '-')
		out[used++] = '-';
	if (point <= 0)
		out[used++] = '0';
	for (int i = 0; i < point; i++)
		out[used++] = i < count ? digits[i] : '0';
	if (point < count)
		out[used++] = '.';
	for (int i = point; i < count; i++)
		out[used++] = i < 0 ? '0' : digits[i];
	out[used] = '\0';
}

void query_decimal_text(struct aq_value v, char out[QUERY_NUMBER_SIZE])
{
	char text[AQ_VALUE_NUMBER_TEXT] = "";
	const char *e;

	aq_value_number_text(v, text);
	e = strchr(text, 'E');
	if (e != NULL && labs(strtol(e + 1, NULL, 10)) <= ZEROS_MAX)
		without_exponent(text, e, out);
	else
		snprintf(out, QUERY_NUMBER_SIZE, "%s", text);
}

void query_double_text(double value, char out[QUERY_NUMBER_SIZE])
{
	if (isnan(value) || isinf(value)) {
		snprintf(out, QUERY_NUMBER_SIZE, "%s", isnan(value) ? "NaN" : value < 0 ? "-Infinity" : "Infinity");
		return;
	}
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(out, QUERY_NUMBER_SIZE, "%.*g", digits, value);
		if (strtod(out, NULL) == value)
			return;
	}
}

bool query_plain_text(struct aq_value v, uint8_t type, char out[QUERY_NUMBER_SIZE])
{
	int64_t number;
	double real;
	bool yes;

	if (v.type == AQ_VALUE_DATE || (type == QUERY_TIME && v.type == AQ_VALUE_INT64)) {
		if (aq_value_time(v, &number) != AQ_OK)
			return false;
		query_time_text(number, 9, 'T', out);
	} else if (v.type == AQ_VALUE_DECIMAL128) {
		query_decimal_text(v, out);
	} else if (v.type == AQ_VALUE_BOOL && aq_value_bool(v, &yes) == AQ_OK) {
		snprintf(out, QUERY_NUMBER_SIZE, "%s", yes ? "true" : "false");
	} else if (v.type == AQ_VALUE_DOUBLE && aq_value_double(v, &real) == AQ_OK) {
		query_double_text(real, out);
	} else if ((v.type == AQ_VALUE_INT64 || v.type == AQ_VALUE_INT32) && aq_value_int64(v, &number) == AQ_OK) {
		snprintf(out, QUERY_NUMBER_SIZE, "%" PRId64, number);
	} else {
		return false;
	}
	return true;
}
