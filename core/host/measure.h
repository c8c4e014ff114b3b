/* measure.h: what a reload costs those who trade: the longest time between two events that strategies got, while it was
 * under way and in a quiet stretch of the same length behind it. For tests and benchmarks: `aioquantd --measure FILE`. */
#ifndef AQ_HOST_MEASURE_H
#define AQ_HOST_MEASURE_H

#include "host/reload.h"

#include <stdint.h>

struct loop;
struct measure;

/* Lines are added to the file; ns:
 *   reload length= gap= busy= begun= planned= staged= frozen= NAME=outcome...
 *   quiet length= gap= busy=
 * busy: the longest time between two events less the time that the loop waited for something to happen: the silence of the
 * venue is not the host's. begun, planned and staged: how long the loop was busy with the longest piece of each part that
 * is its own. NULL and errno when the file cannot be opened. The loop must not turn any more after measure_close. */
struct measure *measure_open(const char *path, struct loop *loop);
void measure_close(struct measure *m);
/* An event is about to go to a strategy. */
void measure_dispatch(struct measure *m);

/* All of these accept NULL, which does nothing. */
enum measure_part { MEASURE_BEGUN = 0, MEASURE_PLANNED = 1, MEASURE_STAGED = 2, MEASURE_PARTS = 3 };
void measure_reload_begin(struct measure *m);
void measure_part_begin(struct measure *m, enum measure_part part);
void measure_part_end(struct measure *m, enum measure_part part);
/* The reload lasts until the next event after this. */
void measure_reload_end(struct measure *m, const struct reload_result *results, int count);

#endif
