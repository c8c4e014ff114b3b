/* commands.h: what `replay` is asked to do, and how it ends. */
#ifndef REPLAY_COMMANDS_H
#define REPLAY_COMMANDS_H

enum exit_code { DONE = 0, FAILED = 1, USAGE = 2, PARTLY = 5 };

/* Says what is wrong with the command line; returns USAGE. */
int usage(const char *problem, const char *what);
/* `replay import`; args[0] is "import". */
int import_main(int count, char **args);

#endif
