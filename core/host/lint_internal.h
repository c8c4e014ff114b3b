/* lint_internal.h: what the files of the lint share. Not for others. */
#ifndef AQ_HOST_LINT_INTERNAL_H
#define AQ_HOST_LINT_INTERNAL_H

#include "host/so_file.h"
#include "host/lint.h"

/* A list of names that says how many more there are when they get too many. What a file calls its symbols is shown without
 * control characters. */
struct lint_list {
	char text[200];
	int count, left_out;
};
void lint_list_add(struct lint_list *list, const char *name);
/* The same with the size of what has the name. */
void lint_list_add_sized(struct lint_list *list, const char *name, uint64_t size);
/* The list as text; it takes no more names. */
const char *lint_list_end(struct lint_list *list);

/* Ahead of all warnings. */
void lint_refuse(struct lint *l, const char *remedy, const char *format, ...) __attribute__((format(printf, 3, 4)));
void lint_warn(struct lint *l, const char *remedy, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Defined here, and seen by others. */
bool lint_is_export(const Elf64_Sym *symbol);
/* enum aq_kind as the plugin's table has it in the file; 0 when it has none. */
uint32_t lint_kind(const struct so_file *e);
/* What a sanitizer has added. */
bool lint_is_sanitizer(const char *name);

/* The checks. Each is given a file whose tables are found. */
void lint_exports(const struct so_file *e, struct lint *out);
void lint_layout(const struct so_file *e, struct lint *out);
void lint_libraries(const struct so_file *e, struct lint *out);
void lint_globals(const struct so_file *e, struct lint *out);
void lint_constructors(const struct so_file *e, struct lint *out);
void lint_imports(const struct so_file *e, struct lint *out);

#endif
