/* judge_file.h: the record of the venues inside a replay, for whoever compares (exchanges/sim/venue/records.h). */
#ifndef AQ_HOST_JUDGE_FILE_H
#define AQ_HOST_JUDGE_FILE_H

struct host;

/* 0, or -1 with the reason on standard error. */
int judge_file_write(struct host *h, const char *path);

#endif
