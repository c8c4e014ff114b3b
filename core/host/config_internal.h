/* config_internal.h: what the files of config share. Not for others, except config_parse_stream for tests and fuzzing.
 */
#ifndef AQ_HOST_CONFIG_INTERNAL_H
#define AQ_HOST_CONFIG_INTERNAL_H

#include "host/config.h"

#define CONFIG_LINE_MAX 8192
#define CONFIG_SECTION_MAX 40 /* libinih cuts section names at 49 without a word */

/* Parses an open stream as the file `name`, without `include`. As config_load otherwise. */
struct config *config_parse_stream(
	FILE *in, const char *name, const char *const *overrides, int override_count, struct config_errors *e);

/* --- the tree --- */
struct config *config_create(void);
/* A copy that lives as long as the tree. */
const char *config_keep(struct config *c, const char *text, size_t length);
/* Index of the new section; strings are kept by the caller with config_keep. */
int config_add_section(struct config *c, const struct config_section *section);
void config_add_entry(struct config_section *s, const struct config_entry *entry);
void config_drop_entry(struct config_section *s, int index);
/* All lines of it. */
void config_drop_key(struct config_section *s, const char *key);

/* --- errors --- */
/* Errors are sorted by the order in which files are announced here. */
void config_errors_file(struct config_errors *e, const char *file);
/* A key whose value must not reach a log, for all that is known without its option. */
bool config_sounds_secret(const char *key);

/* --- text --- */
/* NULL, or what is wrong: control characters, no UTF-8. */
const char *config_text_fault(const char *text, size_t length);
bool config_key_valid(const char *text, size_t length);
/* What is wrong with the text between the brackets, NULL if nothing. */
const char *config_section_fault(const char *text);
/* Something that was meant to be a comment stands behind the value, or in its place. */
bool config_has_comment(const char *value);
/* A value as it is written: replaces ${NAME} and $$, refuses comments, takes blanks off its ends. `out` holds
 * CONFIG_LINE_MAX + 1 bytes. 0 or AQ_EFORMAT. */
int config_expand(const char *value, char *out, struct aq_err *err);

/* --- lines --- */
/* Where a file stands while it is read. */
struct config_source {
	struct config *config;
	struct config_errors *errors;
	FILE *in;
	const char *name;            /* kept by the config */
	const char *directory;       /* of the file; NULL: nothing can be included */
	struct config_source *outer; /* the file that includes this one */
	int depth;
	int line;
	int section; /* index, -1 before the first */
	bool skip;   /* behind a section line that could not be taken */
	int error;   /* errno of reading */
	char text[CONFIG_LINE_MAX + 2];
};
/* Reads the stream of a source to its end. */
void config_read(struct config_source *source);
/* Reads the files that a pattern names. */
void config_include(struct config_source *source, const char *pattern);

/* --- values --- */
/* A number and a unit: "0.01 BTC". False when there is no number. */
struct config_number {
	const char *text;
	size_t length;
	const char *unit; /* "" = none */
};
bool config_number(const char *text, struct config_number *out);
/* 0, AQ_EFORMAT, or 1: right in its form, but the instrument (NULL) or a price is not known yet. */
int config_quantity(const char *text, const struct aq_instrument *instrument, const struct config_resolver *resolver,
	aq_qty *out, struct aq_err *err);
int config_price(const char *text, const struct aq_instrument *instrument, aq_px *out, struct aq_err *err);

/* --- secrets --- */
/* The first line of the file that an entry names, which its owner can read and nobody else. `out` holds `size` bytes, NUL
 * included. False: the error has been told. */
bool config_secret_read(const struct config_section *s, const struct config_entry *entry, char *out, size_t size,
	struct config_errors *e);

#endif
