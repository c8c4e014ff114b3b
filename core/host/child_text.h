/* child_text.h: what another process of this program says. */
#ifndef AQ_HOST_CHILD_TEXT_H
#define AQ_HOST_CHILD_TEXT_H

#include <aioquant/abi.h>
#include <stdatomic.h>
#include <stdint.h>

/* Runs this program anew with these arguments (ended by NULL), and waits until it has ended, or so much time has passed, or
 * *stop is set; then it is killed, with all that it has started. What it says on both streams goes to `out`,
 * NUL-terminated, as text that holds no control characters but newlines; what has no room is left out. Returns its exit
 * status, or a negative status with a reason. [any] */
int child_text(const char *const *arguments, int64_t timeout_ns, const atomic_bool *stop, char *out, uint32_t size,
	struct aq_err *err);

#endif
