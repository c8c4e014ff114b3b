/* doc_format.h: templates of documents (stores.h). */
#ifndef AQ_DOC_FORMAT_H
#define AQ_DOC_FORMAT_H

#include <aioquant/bson.h>

#include <stdarg.h>

/* What is left of a template, and of the values for it. */
struct aq_template {
	const char *at;
	va_list values;
};

/* The next document of the template. Returns its length; 0: the template has ended; AQ_EFORMAT, AQ_ESPACE, and what else
 * aq_doc_end says. */
int32_t aq_template_next(struct aq_template *t, void *buffer, size_t room);
/* Nothing but blanks is left. */
bool aq_template_has_ended(struct aq_template *t);
/* A text that is a template of one document without values. */
int32_t aq_template_plain(const char *text, void *buffer, size_t room);

#endif
