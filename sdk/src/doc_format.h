/* doc_format.h: templates of documents (stores.h). */
#ifndef AQ_DOC_FORMAT_H
#define AQ_DOC_FORMAT_H

#include <aioquant/bson.h>

#include <stdarg.h>

/* What is left of a template, and of the values for it. */
struct aq_template {
	const char *at;
	va_list values;
	bool plain;         /* there are no values: % is a character as any other of a text */
	const char *wrong;  /* where it is no document, when it is none */
	const char *wanted; /* and what would have been right there */
};

/* The next document of the template. Returns its length; 0: the template has ended; AQ_EFORMAT, AQ_ESPACE, and what else
 * aq_doc_end says. */
int32_t aq_template_next(struct aq_template *t, void *buffer, size_t room);
/* Nothing but blanks is left. */
bool aq_template_has_ended(struct aq_template *t);
/* A text that is a template of one document without values. */
int32_t aq_template_plain(const char *text, void *buffer, size_t room);
/* What a person wrote, as one document. AQ_EFORMAT: *wrong is where it is none, or NULL (a text that is no UTF-8, a number with
 * more than 34 digits), and *wanted says what would be right there. */
int32_t aq_template_written(const char *text, void *buffer, size_t room, const char **wrong, const char **wanted);

#endif
