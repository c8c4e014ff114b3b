/* follow_screen.c: see follow_screen.h. Cursor movements that every terminal since the VT100 knows. */
#include "host/follow_screen.h"

#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#define BEGIN "\033[?1049h\033[?25l\033[2J" /* a screen of its own, no cursor, empty */
#define END "\033[?25h\033[?1049l"

static const int crashes[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
#define CRASHES (int)(sizeof(crashes) / sizeof(*crashes))

/* A process has one terminal. */
static struct screen {
	int fd; /* a descriptor of our own: others that share the terminal shall not find it non-blocking */
	struct loop *loop;
	int64_t watch;
	struct termios before;
	volatile sig_atomic_t open;
	int rows, columns;
	struct sigaction crash[CRASHES];
	void (*key)(void *context, char c);
	void *context;
} screen;

/* ---- pages ---- */

void page_line(struct page *p, const char *format, ...)
{
	va_list args;
	char *line;

	if (p->count == PAGE_LINES)
		return;
	line = p->lines[p->count++];
	va_start(args, format);
	vsnprintf(line, sizeof(p->lines[0]), format, args);
	va_end(args);
	for (; *line != '\0'; line++)
		*line = *line < ' ' || *line > '~' ? '?' : *line;
}

/* ---- the terminal ---- */

static bool is_good(void)
{
	const char *term = getenv("TERM");

	return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && term != NULL && *term != '\0' && strcmp(term, "dumb") != 0;
}

/* Whole or not at all; a terminal that does not read is passed over. */
static bool put(const char *bytes, size_t length)
{
	return write(screen.fd, bytes, length) == (ssize_t)length;
}

/* Only calls that a signal handler may make. */
static void restore(void)
{
	if (!screen.open)
		return;
	screen.open = 0;
	put(END, sizeof(END) - 1);
	tcsetattr(STDIN_FILENO, TCSANOW, &screen.before);
}

/* The terminal first, then whoever waited for this signal before. */
static void on_crash(int number, siginfo_t *info, void *machine)
{
	const struct sigaction *before = screen.crash;

	restore();
	for (int i = 0; i < CRASHES; i++)
		if (crashes[i] == number)
			before = &screen.crash[i];
	if ((before->sa_flags & SA_SIGINFO) != 0) {
		before->sa_sigaction(number, info, machine);
	} else if (before->sa_handler != SIG_DFL && before->sa_handler != SIG_IGN) {
		before->sa_handler(number);
	} else {
		signal(number, SIG_DFL);
		raise(number); /* comes when this handler has returned */
	}
}

static void watch_crashes(void)
{
	struct sigaction mine = {.sa_sigaction = on_crash, .sa_flags = SA_SIGINFO | SA_ONSTACK};

	sigemptyset(&mine.sa_mask);
	for (int i = 0; i < CRASHES; i++)
		sigaction(crashes[i], &mine, &screen.crash[i]);
}

/* Keys come one by one and unseen. Ctrl-C stays; what would stop the process with the screen in disorder does not. */
static void take_keys(void)
{
	struct termios t = screen.before;

	t.c_lflag &= (tcflag_t) ~(ICANON | ECHO);
	t.c_cc[VMIN] = 0;
	t.c_cc[VTIME] = 0;
	t.c_cc[VSUSP] = t.c_cc[VQUIT] = _POSIX_VDISABLE;
	tcsetattr(STDIN_FILENO, TCSANOW, &t);
}

static void on_keys(void *context, int events)
{
	char keys[64];
	ssize_t got = read(STDIN_FILENO, keys, sizeof(keys));

	if (got <= 0) /* the terminal has gone: it would be ready for ever */
		loop_unwatch(screen.loop, screen.watch);
	for (ssize_t i = 0; i < got; i++)
		screen.key(screen.context, keys[i]);
}

bool screen_open(struct loop *loop, void (*key)(void *context, char c), void *context)
{
	const char *name = is_good() ? ttyname(STDOUT_FILENO) : NULL;

	if (name == NULL || tcgetattr(STDIN_FILENO, &screen.before) != 0)
		return false;
	screen.fd = open(name, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (screen.fd < 0)
		return false;
	screen.loop = loop;
	screen.key = key;
	screen.context = context;
	screen.rows = screen.columns = 0;
	screen.open = 1;
	atexit(restore);
	watch_crashes();
	take_keys();
	put(BEGIN, sizeof(BEGIN) - 1);
	screen.watch = loop_watch(loop, STDIN_FILENO, LOOP_READ, on_keys, NULL);
	return true;
}

/* The size may have changed: what another size has left behind goes. */
static int begin_page(char *out, size_t size)
{
	struct winsize now = {0};
	int used;

	if (ioctl(screen.fd, TIOCGWINSZ, &now) != 0 || now.ws_row == 0 || now.ws_col == 0)
		now = (struct winsize){.ws_row = PAGE_LINES, .ws_col = PAGE_COLUMNS};
	used = snprintf(out, size, "%s", now.ws_row != screen.rows || now.ws_col != screen.columns ? "\033[2J" : "");
	screen.rows = now.ws_row;
	screen.columns = now.ws_col;
	return used;
}

void screen_draw(const struct page *p)
{
	char out[PAGE_LINES * (PAGE_COLUMNS + 32) + 64];
	int used, i;

	if (!screen.open)
		return;
	used = begin_page(out, sizeof(out));
	for (i = 0; i < p->count && i < screen.rows; i++)
		used += snprintf(out + used, sizeof(out) - (size_t)used, "\033[%d;1H\033[2K%.*s", i + 1, screen.columns,
			p->lines[i]);
	if (i < screen.rows)
		used += snprintf(out + used, sizeof(out) - (size_t)used, "\033[%d;1H\033[J", i + 1);
	if (!put(out, (size_t)used))
		screen.rows = 0; /* drawn anew as a whole */
}

void screen_close(void)
{
	if (!screen.open)
		return;
	loop_unwatch(screen.loop, screen.watch);
	restore();
	for (int i = 0; i < CRASHES; i++)
		sigaction(crashes[i], &screen.crash[i], NULL);
	close(screen.fd);
}
