/* error.c: see error.h. */
#include "sql/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A text that was cut does not end within a character. */
static void cut_clean(char *text)
{
	size_t end = strlen(text), at = end;
	unsigned wanted;

	while (at > 0 && end - at < 4 && ((unsigned char)text[at - 1] & 0xc0) == 0x80)
		at--;
	if (at == 0 || (unsigned char)text[at - 1] < 0xc0)
		return;
	wanted = (unsigned char)text[at - 1] >= 0xf0 ? 3 : (unsigned char)text[at - 1] >= 0xe0 ? 2 : 1;
	if (end - at < wanted)
		text[at - 1] = '\0';
}

int sql_fail(struct sql_error *err, enum aq_store_fault fault, const char *format, ...)
{
	va_list args;

	*err = (struct sql_error){.fault = (uint8_t)fault};
	va_start(args, format);
	vsnprintf(err->text, sizeof(err->text), format, args);
	va_end(args);
	for (char *c = err->text; *c != '\0'; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	cut_clean(err->text);
	return -1;
}

int sql_no_memory(struct sql_error *err)
{
	return sql_fail(err, AQ_STORE_REFUSED, "out of memory");
}
