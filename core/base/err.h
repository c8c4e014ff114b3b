/* err.h: fills struct aq_err. */
#ifndef AQ_BASE_ERR_H
#define AQ_BASE_ERR_H

#include <aioquant/abi.h>

/* Sets code and text; returns code, so that `return err_set(...)` reads well. `err` may be NULL. */
int err_set(struct aq_err *err, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Puts "prefix: " before the text that is there. */
int err_prefix(struct aq_err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
