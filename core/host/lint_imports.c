/* lint_imports.c: functions that hold up the trading loop, or make a replay differ from what was, and what the host has in
 * their place. */
#include "host/lint_internal.h"

#include <string.h>

struct group {
	const char *what;
	const char *remedy;
	const char *names; /* with blanks around each; the end * stands for any rest */
};

/* A store may use them: it is on a thread of its own, and so are its server's connections. */
static const char sockets[] = " socket socketpair connect bind listen accept accept4 send sendto sendmsg sendmmsg recv recvfrom "
	"recvmsg recvmmsg shutdown getaddrinfo gethostbyname gethostbyname_r ";

static const struct group groups[] = {
	{"waits with",
		"use aq_after, aq_every or a timer of the host: the trading loop waits, too, and with it every strategy",
		" sleep usleep nanosleep clock_nanosleep thrd_sleep select pselect poll ppoll epoll_wait epoll_pwait "
		"pause sigwait sigwaitinfo sigtimedwait sigsuspend wait waitpid waitid flock lockf pthread_join "
		"pthread_cond_wait pthread_cond_timedwait pthread_barrier_wait sem_wait sem_timedwait thrd_join "
		"cnd_wait cnd_timedwait _ZNSt6thread4joinEv _ZNSt18condition_variable4wait* "},
	{"asks the machine for the time with", "use aq_now or now of the host: a replay has the time of its events",
		" time gettimeofday clock_gettime clock ftime times timespec_get localtime localtime_r mktime "
		"_ZNSt6chrono* "},
	{"takes random numbers from", "use random of the host: it is seeded, and the same in every replay",
		" rand rand_r srand random random_r srandom srandom_r initstate drand48 erand48 lrand48 nrand48 "
		"mrand48 jrand48 srand48 getrandom getentropy arc4random arc4random_uniform arc4random_buf "
		"_ZNSt13random_device* "},
	{"opens or uses sockets with", "use the extensions of the host, an exchange aq.net: connections belong to the host",
		sockets},
	{"uses files with",
		"keep state with AQ_KEEP, or save and load: a file holds up the trading loop, and no replay has it",
		" open openat creat fopen freopen fdopen tmpfile mkstemp read pread readv write pwrite writev fread "
		"fgets fgetc getc getline fscanf fsync fdatasync opendir _ZNSt14basic_ifstream* "
		"_ZNSt14basic_ofstream* _ZNSt13basic_fstream* _ZNSt13basic_filebuf* "},
	{"prints with", "use aq_info, aq_warn or log of the host: standard output is not read",
		" printf vprintf fprintf vfprintf dprintf vdprintf puts fputs putchar putc fputc fwrite perror "
		"psignal syslog vsyslog _ZSt4cout _ZSt4cerr _ZSt4clog "},
	{"starts programs with", "do it in a process of its own: a child would hold the host's sockets and files",
		" system popen fork vfork clone posix_spawn posix_spawnp execl execle execlp execv execve execvp "
		"execvpe fexecve "},
	{"changes or sends signals with", "use a timer or post of the host: signals are the host's",
		" signal sigaction bsd_signal sysv_signal sigaltstack sigprocmask pthread_sigmask raise kill tgkill "
		"pthread_kill alarm setitimer timer_create timer_settime "},
	{"ends the process with", "use fail of the host: it takes out this instance alone",
		" exit _exit _Exit quick_exit abort assert_fail terminate _ZSt9terminatev "},
	{"runs code at the end of the process with", "do it in destroy: the instance is gone by then",
		" atexit on_exit at_quick_exit cxa_atexit cxa_thread_atexit cxa_thread_atexit_impl "},
	{"starts threads with",
		"use timers and post of the host: an instance lives on one loop, and a replay runs on one thread",
		" pthread_create thrd_create _ZNSt6thread15_M_start_thread* "},
};

/* __printf_chk, fopen64 and __open_2 are other names of the same. */
static size_t plain(const char *name, const char **out)
{
	static const char *const ends[] = {"_chk", "_2", "64"};
	size_t length;

	*out = name[0] == '_' && name[1] == '_' ? name + 2 : name;
	length = strlen(*out);
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		size_t end = strlen(ends[i]);

		if (length > end && memcmp(*out + length - end, ends[i], end) == 0)
			length -= end;
	}
	return length;
}

static bool is_in(const char *names, const char *name, size_t length)
{
	for (const char *at = names + strspn(names, " "); *at != '\0'; at += strspn(at, " ")) {
		size_t size = strcspn(at, " ");
		bool prefix = at[size - 1] == '*';

		size -= prefix;
		if ((length == size || (prefix && length > size)) && memcmp(at, name, size) == 0)
			return true;
		at += size + prefix;
	}
	return false;
}

static const struct group *group_of(const char *name)
{
	const char *short_name;
	size_t length = plain(name, &short_name);

	for (size_t i = 0; i < sizeof(groups) / sizeof(*groups); i++)
		if (is_in(groups[i].names, short_name, length) || is_in(groups[i].names, name, strlen(name)))
			return &groups[i];
	return NULL;
}

void lint_imports(const struct so_file *e, struct lint *out)
{
	struct lint_list lists[sizeof(groups) / sizeof(*groups)] = {0};
	bool is_store = lint_kind(e) == AQ_STORAGE;

	for (uint64_t i = 1; i < e->imports.count; i++) {
		Elf64_Sym symbol = so_symbol(e, &e->imports, i);
		const char *name = so_name(e, &e->dynamic_names, symbol.st_name);
		const struct group *group = symbol.st_shndx == SHN_UNDEF ? group_of(name) : NULL;

		if (group != NULL && !(group->names == sockets && is_store))
			lint_list_add(&lists[group - groups], name);
	}
	for (size_t i = 0; i < sizeof(groups) / sizeof(*groups); i++)
		if (lists[i].count > 0)
			lint_warn(out, groups[i].remedy, "%s %s", groups[i].what, lint_list_end(&lists[i]));
}
