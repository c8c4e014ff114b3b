/* config.h: the INI files of a deployment as an immutable tree, and options as values.
 *
 * Errors are collected, all of a file at once, each "FILE:LINE  [section] key: what is wrong. What to do." An invalid
 * file changes nothing. libinih only tokenises.
 */
#ifndef AQ_HOST_CONFIG_H
#define AQ_HOST_CONFIG_H

#include <aioquant/plugin.h>
#include <stdbool.h>
#include <stdio.h>

/* key = value at FILE:LINE. */
struct config_entry {
	const char *key;
	const char *value;
	const char *file;
	int line;
};

/* [kind] or [kind:name]. */
struct config_section {
	const char *kind;
	const char *name; /* "" for [kind] */
	const char *file;
	int line;
	struct config_entry *entries; /* in the order of the file, inherited ones (like = NAME) last */
	int count;
	bool incomplete; /* a line of it could not be taken and has been reported: that a key is missing is no news */
};

struct config {
	struct config_section *sections; /* in the order of the files */
	int count;
	void *memory;
};

/* Collects messages; prints them sorted as they stand in the files. */
struct config_errors;
struct config_errors *config_errors_create(void);
void config_errors_destroy(struct config_errors *e);
void config_error(struct config_errors *e, const char *file, int line, const char *section, const char *key,
	const char *format, ...) __attribute__((format(printf, 6, 7)));
/* About a section as a whole, or a key that it does not have (NULL: none): at the section's line. */
void config_error_section(struct config_errors *e, const struct config_section *s, const char *key, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* "FILE:LINE  [section] key = value: text"; without the value where it is empty or the key sounds like a secret. */
void config_error_value(struct config_errors *e, const struct config_section *s, const struct config_entry *entry,
	const char *format, ...) __attribute__((format(printf, 4, 5)));
int config_errors_count(const struct config_errors *e);
const char *config_errors_text(const struct config_errors *e, int index);
void config_errors_print(const struct config_errors *e, FILE *out);

/* Reads a file and what it includes. NULL when the file cannot be opened. Lines that cannot be taken are in `e` and
 * missing in the tree: it is returned all the same, so that config_fill can add what else is wrong, and must not be
 * used for anything else once config_errors_count(e) > 0.
 *
 * `include = PATTERN` stands before the first section; it is meant from the folder of the file, and what it matches is read
 * in the order of the names. A pattern may match nothing, so that an empty conf.d is no error; a file without * ? [ must
 * be there, and so must the folder of a pattern.
 *
 * `like = NAME` is resolved, ${NAME} is replaced from the environment. Overrides ("mm.spread=2bps", "host.mode=paper",
 * "strategy:mm.spread=2bps") replace or add a key of the section whose name (or kind, for [kind]) stands before the
 * first point; they take effect before `like`. */
struct config *config_load(const char *path, const char *const *overrides, int override_count, struct config_errors *e);
/* What an operator has set in a running host, in a tree that is whole: a key of exactly the section "kind:name", in place of
 * all its lines, the value as it is. False when there is no such section. */
bool config_set(struct config *c, const char *label, const char *key, const char *value);
/* The file that such an entry names as its own. */
#define CONFIG_SET_FILE "aqctl set"
void config_destroy(struct config *c);

const struct config_section *config_find(const struct config *c, const char *kind, const char *name);
/* The last value of a key, NULL if there is none. */
const struct config_entry *config_get(const struct config_section *s, const char *key);
#define CONFIG_LABEL_SIZE 96 /* of kind:name, any that passed and any that an override asks for */
/* "kind" or "kind:name" into `out`, which it returns. */
const char *config_label(const struct config_section *s, char out[CONFIG_LABEL_SIZE]);
/* A relative path of an entry is meant from the folder of the file that it stands in. False when it does not fit. */
bool config_path(const struct config_entry *entry, const char *path, char *out, size_t size);
/* Whether a key has the same values in the same order in both; each of its lines is one. */
bool config_values_equal(const struct config_section *a, const struct config_section *b, const char *key);
/* Same keys, each with the same values in the same order (files, lines and the order of the keys do not count). */
bool config_section_equal(const struct config_section *a, const struct config_section *b);
/* Whether two versions of a section differ in options with AQ_LIVE only, or not at all. Else *key (if not NULL) is one
 * that differs and cannot change while the instance runs; it lives as long as the sections. */
bool config_differs_live(const struct config_section *a, const struct config_section *b,
	const struct aq_option *options, const char **key);

/* What the host knows and the parser does not. Each returns 0 or a negative status with a reason in err. A function
 * that is NULL, or no resolver at all, leaves such options checked for their form only and their fields zero. */
struct config_resolver {
	void *context;
	int (*market)(void *context, const char *text, struct aq_market *out, struct aq_err *err);
	int (*instrument)(void *context, uint32_t id, struct aq_instrument *out);
	int (*account)(void *context, const char *text, uint32_t *out, struct aq_err *err);
	/* Middle of the first valid book, for quantities in quote currency; AQ_ENOENT = not yet. */
	int (*middle)(void *context, uint32_t instrument, aq_px *out);
	/* The store or bus of this name; `kind` is "storage" or "bus". */
	int (*section)(void *context, const char *kind, const char *name, uint32_t *out, struct aq_err *err);
};

/* Fills the fields of *self from a section by a plugin's table: defaults, units, min and max, required, unknown keys
 * with the nearest known one, keys given twice. `known` (ends with NULL, or NULL) are keys that the host itself takes
 * from such a section: "plugin"; "limit.*" = all that begin so; "limit.position+" = may be given several times; the
 * first that fits decides. An option with AQ_SECRET is given as NAME_file; its field gets the first line of that file.
 * With self NULL it only checks. A field without value and default becomes zero. A price or quantity whose instrument
 * is not known, or that needs a book's middle which is not there yet, is counted in *pending (if not NULL) and left 0.
 * Returns the number of errors. */
int config_fill(const struct config_section *s, const struct aq_option *options, const char *const *known, void *self,
	const struct config_resolver *resolver, struct config_errors *e, int *pending);
/* The size in bytes of a field by its option. */
size_t config_field_size(const struct aq_option *option);

/* An entry that names a file with a secret: it must be readable by its owner and nobody else. */
void config_check_secret(const struct config_section *s, const struct config_entry *entry, struct config_errors *e);

/* Values with units, for the host's own tables and for tests. 0 or AQ_EFORMAT with a message that says what is allowed.
 * Durations and sizes are exact and not negative; 1KB is 1024 B. A blank may stand before a unit, 0 needs none. */
int config_duration(const char *text, int64_t *ns, struct aq_err *err);           /* 500ms 2s 15m 1h 7d 10us 50ns */
int config_size(const char *text, int64_t *bytes, struct aq_err *err);            /* 64MB 4GB 10KB 1024 B */
int config_ratio(const char *text, double *ratio, struct aq_err *err);            /* 4bps 0.04% 0.0004 */
int config_ratio_amt(const char *text, struct aq_amt *ratio, struct aq_err *err); /* the same, exact */
int config_money(
	const char *text, struct aq_amt *amount, char *currency, size_t size, struct aq_err *err); /* 600 USDT */
int config_bool(const char *text, bool *out, struct aq_err *err); /* yes no on off true false */

/* The next item of a comma-separated value, without the blanks around it; it may be empty. *at is the value before the
 * first call and NULL behind the last item; then it returns false. */
bool config_next_item(const char **at, const char **item, size_t *length);
/* The name most like `text` as long as it is like it at all, else `best`. Called for each of several names. */
const char *config_nearer(const char *text, const char *best, const char *name);
#define CONFIG_NEAREST_SIZE 96
/* " Nearest: NAME." or, without a name, nothing: into `out`, which it returns. */
const char *config_nearest(const char *name, char out[CONFIG_NEAREST_SIZE]);

/* Prints a section as an INI file has it: each value below a comment with its file and line, then the defaults of what is
 * not given. A value that must not reach a log is left out. `options` may be NULL. */
void config_print_section(const struct config_section *s, const struct aq_option *options, FILE *out);
void config_print_default(const char *key, const char *value, FILE *out);

/* Prints a plugin's option table (for --help PLUGIN). */
void config_help(const struct aq_plugin *plugin, FILE *out);
/* A table of options alone. */
void config_help_table(const struct aq_option *options, FILE *out);

#endif
