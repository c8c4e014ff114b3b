/* check.h: assertions for our own mistakes. They stay on in every build. */
#ifndef AQ_BASE_CHECK_H
#define AQ_BASE_CHECK_H

/* Prints file, line and expression, then aborts. */
_Noreturn void check_failed(const char *file, int line, const char *what);

#define CHECK(condition) ((condition) ? (void)0 : check_failed(__FILE__, __LINE__, #condition))

#endif
