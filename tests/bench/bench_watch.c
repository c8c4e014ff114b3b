/* bench_watch.c: from saving a strategy's source to its new code in the market, as tools/demo --watch does it, beside the
 * bare compilation of the same file by the same command. The new code has taken the orders over when the demo says so. */
#include "bench.h"

#include "base/check.h"

#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PASSES 5
#define LINE 4096

extern char **environ;

static char source[320];

/* Another file at each pass, which replaces the one before as an editor does it. */
static void save(int pass)
{
	char command[2048];

	snprintf(command, sizeof(command),
		"{ echo '/* %d */'; sed 's|s->spread / 2|s->spread / 2 * (1 + %d * 0.2)|' "
		"'%s/plugins/strategy/example/example.c'; } >'%s.part' && mv '%s.part' '%s'",
		pass, pass, AQ_SOURCE_DIR, source, source, source);
	CHECK(system(command) == 0);
}

static int64_t compile_bare(void)
{
	char command[2048];
	int64_t begin;

	snprintf(command, sizeof(command),
		"bash -c \"top='%s' bin='%s/bin' folder='%s'; . '%s/tools/demo_plugin.sh'; compile '%s' '%s/bare.so'\"",
		AQ_SOURCE_DIR, AQ_BINARY_DIR, bench_folder(), AQ_SOURCE_DIR, source, bench_folder());
	begin = bench_now_ns();
	CHECK(system(command) == 0);
	return bench_now_ns() - begin;
}

/* Its lines come through the pipe; without a terminal it draws nothing. */
static pid_t start_demo(FILE **lines)
{
	char script[] = AQ_SOURCE_DIR "/tools/demo", watch[] = "--watch", plugin[] = "--plugin", set[] = "--set";
	char spread[] = "mm.spread=1bps";
	char *const arguments[] = {script, watch, plugin, source, set, spread, NULL};
	posix_spawn_file_actions_t actions;
	int ends[2];
	pid_t pid;

	setenv("AQ_BIN", AQ_BINARY_DIR "/bin", 1);
	setenv("AQ_PLUGINS", AQ_BINARY_DIR "/plugins", 1);
	CHECK(pipe(ends) == 0);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
	posix_spawn_file_actions_addclose(&actions, ends[0]);
	CHECK(posix_spawn(&pid, script, &actions, NULL, arguments, environ) == 0);
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	*lines = fdopen(ends[0], "r");
	CHECK(*lines != NULL);
	return pid;
}

static void wait_for(FILE *lines, const char *text)
{
	char line[LINE];

	while (fgets(line, sizeof(line), lines) != NULL) {
		if (strstr(line, text) != NULL)
			return;
		if (strstr(line, "REFUSED") != NULL || strstr(line, "does not compile") != NULL)
			break;
	}
	fprintf(stderr, "bench_watch: the demo does not say \"%s\"; its last line: %s\n", text, line);
	exit(1);
}

int bench_main(void)
{
	int64_t reloads[PASSES], compilations[PASSES];
	char folder[300], said[64];
	FILE *lines;
	pid_t demo;

	snprintf(source, sizeof(source), "%s/watched.c", bench_folder());
	snprintf(folder, sizeof(folder), "%s/demo", bench_folder());
	setenv("AQ_DEMO", folder, 1);
	save(0);
	demo = start_demo(&lines);
	wait_for(lines, " quotes ");
	for (int i = 0; i < PASSES; i++) {
		int64_t begin;

		snprintf(said, sizeof(said), "new code, generation %d,", i + 2);
		save(i + 1);
		begin = bench_now_ns();
		wait_for(lines, said);
		reloads[i] = bench_now_ns() - begin;
		compilations[i] = compile_bare();
	}
	kill(demo, SIGTERM);
	wait_for(lines, "demo: events=");
	waitpid(demo, NULL, 0);
	fclose(lines);
	bench_line("reload_watch_s", bench_quantile(reloads, PASSES, 0.5) / 1e9, "s", "bare compilation",
		bench_quantile(compilations, PASSES, 0.5) / 1e9);
	return 0;
}
