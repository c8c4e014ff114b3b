/* thread.h: threads beside the trading loop. Signals are the loop's; but what a thread itself does wrong must reach the
 * handler, or the process ends without a word. */
#ifndef AQ_BASE_THREAD_H
#define AQ_BASE_THREAD_H

#include <pthread.h>

/* Starts one that takes no signal but SIGSEGV, SIGBUS, SIGILL, SIGFPE and SIGABRT. 0 or the error number. */
int thread_start(pthread_t *thread, void *(*run)(void *context), void *context);

#endif
