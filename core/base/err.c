#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int err_set(struct aq_err *err, int code, const char *format, ...)
{
	va_list args;

	if (err == NULL)
		return code;
	err->code = code;
	va_start(args, format);
	vsnprintf(err->text, sizeof(err->text), format, args);
	va_end(args);
	return code;
}

int err_prefix(struct aq_err *err, const char *format, ...)
{
	char text[sizeof(err->text)];
	size_t used;
	va_list args;

	if (err == NULL)
		return AQ_EINVAL;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	used = strlen(text);
	snprintf(text + used, sizeof(text) - used, ": %.*s", (int)(sizeof(text) - used), err->text); /* cut when too long */
	memcpy(err->text, text, sizeof(text));
	return err->code;
}
