/* test_sim_process.c: the venue in a process of its own, over a socket: lockstep, lost hosts, its record, load. */
#include "sim_help.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>

#define PATIENCE_MS 20000

struct process {
	char folder[64];
	char ini[96], capture[96], socket[96], record[96], address[112];
	pid_t pid;
	int out; /* its stdout */
	int line;
	uint64_t held[(1 << 16) / 8]; /* begins with a frame */
	uint32_t length;
	struct said said;
	int64_t now_ns;
};

static void write_file(const char *path, const void *bytes, size_t length)
{
	FILE *f = fopen(path, "we");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, length, f), length);
	fclose(f);
}

static void prepare(struct process *p, const struct tape *t)
{
	static const char text[] = "[exchange:sim]\nplugin = sim\ncapture = day.aqc\nentry_latency = 1ms\n"
				   "[account:a]\nexchange = sim\nbalance = 100000 USDT, 10 BTC\n";
	memset(p, 0, sizeof *p);
	snprintf(p->folder, sizeof p->folder, "/tmp/aq_venue_XXXXXX");
	assert_non_null(mkdtemp(p->folder));
	snprintf(p->ini, sizeof p->ini, "%s/sim.ini", p->folder);
	snprintf(p->capture, sizeof p->capture, "%s/day.aqc", p->folder);
	snprintf(p->socket, sizeof p->socket, "%s/venue", p->folder);
	snprintf(p->record, sizeof p->record, "%s/record", p->folder);
	snprintf(p->address, sizeof p->address, "unix:%s", p->socket);
	write_file(p->ini, text, sizeof text - 1);
	write_file(p->capture, t->bytes, t->length);
}

/* A program with `out` as stdout and stderr, which ends when this one does. */
static pid_t start_program(const char *const *arguments, int out)
{
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid > 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(out, 1);
	dup2(out, 2);
	execv(arguments[0], (char *const *)(uintptr_t)arguments);
	_exit(127);
}

/* Extra options as up to four words. Waits until it listens. */
static void spawn(struct process *p, const char *const extra[4])
{
	int ends[2];
	const char *arguments[16] = {
		AQ_BINARY_DIR "/bin/venue", "-q", "-c", p->ini, "--listen", p->address, "--record", p->record};
	for (int i = 0; i < 4; i++)
		arguments[8 + i] = extra[i];
	assert_int_equal(pipe(ends), 0);
	p->pid = start_program(arguments, ends[1]);
	close(ends[1]);
	p->out = ends[0];
	char line[256];
	assert_true(read(p->out, line, sizeof line) > 0);
}

static void reach(struct process *p)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	snprintf(address.sun_path, sizeof address.sun_path, "%s", p->socket);
	p->line = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(p->line, (struct sockaddr *)&address, sizeof address), 0);
	p->length = 0;
}

static void leave(struct process *p)
{
	close(p->line);
	p->line = -1;
}

static void send_bytes(struct process *p, const void *bytes, size_t length)
{
	assert_int_equal(send(p->line, bytes, length, MSG_NOSIGNAL), length);
}

static void say_hello(struct process *p)
{
	struct {
		struct sim_frame frame;
		struct sim_hello hello;
		char names[1][48];
	} h = {.frame = {.size = sizeof h, .type = SIM_HELLO, .time_ns = p->now_ns},
		.hello = {.version = SIM_VERSION, .accounts = 1},
		.names = {"a"}};
	send_bytes(p, &h, sizeof h);
}

static void say_subscribe(struct process *p, uint32_t mask)
{
	struct {
		struct sim_frame frame;
		struct sim_subscribe body;
	} f = {.frame = {.size = sizeof f, .type = SIM_SUBSCRIBE, .market = 1, .time_ns = p->now_ns},
		.body = {.mask = mask}};
	send_bytes(p, &f, sizeof f);
}

static void say_order(struct process *p, uint16_t type, uint64_t id, double price, double qty)
{
	struct {
		struct sim_frame frame;
		struct sim_request body;
	} f = {.frame = {.size = sizeof f, .type = type, .market = 1, .time_ns = p->now_ns},
		.body = {.account = 1,
			.order = id,
			.side = AQ_SELL,
			.type = AQ_LIMIT,
			.price = (aq_px)(price * 100 + 0.5),
			.qty = (aq_qty)(qty * 1000 + 0.5)}};
	send_bytes(p, &f, sizeof f);
}

static void say_done(struct process *p, int64_t next_timer_ns)
{
	struct {
		struct sim_frame frame;
		struct sim_done body;
	} f = {.frame = {.size = sizeof f, .type = SIM_DONE, .time_ns = p->now_ns},
		.body = {.next_timer_ns = next_timer_ns}};
	send_bytes(p, &f, sizeof f);
}

/* False when the venue has closed, or nothing has come for `wait_ms`. */
static bool more(struct process *p, int wait_ms)
{
	struct pollfd poll_line = {.fd = p->line, .events = POLLIN};
	if (poll(&poll_line, 1, wait_ms) != 1)
		return false;
	uint8_t *held = (uint8_t *)p->held;
	ssize_t n = read(p->line, held + p->length, sizeof p->held - p->length);
	if (n <= 0)
		return false;
	p->length += (uint32_t)n;
	uint32_t at = 0;
	for (;;) {
		const struct sim_frame *f = (const struct sim_frame *)(const void *)(held + at);
		if (p->length - at < sizeof *f || p->length - at < f->size)
			break;
		stage_hear(&p->said, f);
		at += f->size;
	}
	memmove(held, held + at, p->length - at);
	p->length -= at;
	return true;
}

/* True when the venue has closed; false when it has not, after all patience. */
static bool is_closed(struct process *p)
{
	struct pollfd poll_line = {.fd = p->line, .events = POLLIN};
	uint8_t rest[4096];
	ssize_t n = 1;
	while (n > 0 && poll(&poll_line, 1, PATIENCE_MS) == 1)
		n = read(p->line, rest, sizeof rest);
	return n <= 0;
}

/* The next frame, of whatever type. */
static const struct sim_frame *next_frame(struct process *p)
{
	while (p->said.read == p->said.count)
		if (!more(p, PATIENCE_MS))
			fail_msg("the venue says nothing more");
	const struct sim_frame *f = p->said.frames[p->said.read++];
	p->now_ns = f->time_ns > p->now_ns ? f->time_ns : p->now_ns;
	return f;
}

/* All of a moment, up to its TICK; returns how many frames of a type it had. */
static uint32_t moment(struct process *p, uint16_t type)
{
	uint32_t n = 0;
	for (;;) {
		const struct sim_frame *f = next_frame(p);
		n += f->type == type;
		if (f->type == SIM_TICK)
			return n;
	}
}

static void forget_said(struct process *p)
{
	for (uint32_t i = 0; i < p->said.count; i++)
		free(p->said.frames[i]);
	p->said.count = p->said.read = 0;
}

static int ended(struct process *p)
{
	int status = 0;
	assert_int_equal(waitpid(p->pid, &status, 0), p->pid);
	close(p->out);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void clean(struct process *p)
{
	forget_said(p);
	unlink(p->ini);
	unlink(p->capture);
	unlink(p->record);
	unlink(p->socket);
	rmdir(p->folder);
}

static void read_text(const char *path, char *out, size_t size)
{
	FILE *f = fopen(path, "re");
	assert_non_null(f);
	out[fread(out, 1, size - 1, f)] = 0;
	fclose(f);
}

static void day(struct tape *t)
{
	tape_begin(t, 1);
	tape_instrument(t, AQ_SPOT, "BTC/USDT");
	SNAPSHOT(t, 1, 0, 1, 1, 99, 2, 101, 3);
	tape_trade(t, 1, MS(10), 101, 1, AQ_BUY);
	tape_trade(t, 1, MS(10), 101, 1, AQ_BUY);
	tape_trade(t, 1, MS(20), 101, 1, AQ_BUY);
	tape_trade(t, 1, MS(2000), 104, 1, AQ_BUY);
	tape_ticker(t, 1, MS(30000), 99, 101);
}

/* A venue process that plays the day. */
static void open_day(struct process *p, const char *const extra[4])
{
	struct tape t;
	day(&t);
	prepare(p, &t);
	spawn(p, extra);
}

static void moments_wait_for_the_host(void **state)
{
	struct process p;
	open_day(&p, (const char *const[4]){NULL});
	reach(&p);
	say_hello(&p);
	const struct sim_frame *f = next_frame(&p);
	assert_int_equal(f->type, SIM_WELCOME);
	assert_int_equal(SIM_BODY(sim_welcome, f)->owns_clock, 1);
	assert_int_equal(SIM_BODY(sim_welcome, f)->now_ns, MS(0));
	assert_int_equal(moment(&p, SIM_INSTRUMENT), 1);
	say_subscribe(&p, AQ_SUB_TRADES);
	assert_false(more(&p, 50)); /* nothing without DONE */
	say_done(&p, MS(7));
	assert_int_equal(next_frame(&p)->type, SIM_TICK); /* our timer, alone */
	assert_int_equal(p.now_ns, MS(7));
	say_done(&p, INT64_MAX);
	assert_int_equal(moment(&p, SIM_TRADE), 2);
	assert_int_equal(p.now_ns, MS(10));
	say_done(&p, MS(20));
	assert_int_equal(moment(&p, SIM_TRADE), 1); /* a timer and a frame at once */
	assert_int_equal(p.now_ns, MS(20));
	say_done(&p, INT64_MAX);
	assert_int_equal(moment(&p, SIM_TRADE), 1);
	say_done(&p, INT64_MAX);
	assert_int_equal(moment(&p, SIM_END), 1);
	assert_int_equal(p.now_ns, MS(30000));
	say_order(&p, SIM_PLACE, 5, 103, 1);
	say_done(&p, MS(30005));
	assert_int_equal(moment(&p, SIM_ORDER), 1); /* at 1 ms */
	say_done(&p, MS(30005));
	assert_int_equal(moment(&p, SIM_ORDER), 0);
	assert_int_equal(p.now_ns, MS(30005));
	say_done(&p, MS(50000)); /* far behind the end: not served */
	assert_false(more(&p, 50));
	leave(&p);
	assert_int_equal(ended(&p), 0); /* the capture has ended and the host has gone */
	char text[4096];
	read_text(p.record, text, sizeof text);
	assert_non_null(strstr(text, "id=5 "));
	assert_non_null(strstr(text, "end events="));
	clean(&p);
}

static void a_lost_host_finds_its_orders_again(void **state)
{
	struct process p;
	open_day(&p, (const char *const[4]){"--down-max", "0s"});
	reach(&p);
	say_hello(&p);
	moment(&p, SIM_INSTRUMENT);
	say_order(&p, SIM_PLACE, 5, 103, 1);
	say_done(&p, INT64_MAX);
	assert_int_equal(moment(&p, SIM_ORDER), 1);
	uint64_t held = p.said.frames[p.said.count - 2]->seq;
	leave(&p);
	reach(&p);
	say_hello(&p);
	const struct sim_frame *f = next_frame(&p);
	assert_int_equal(f->type, SIM_WELCOME);
	assert_int_equal(SIM_BODY(sim_welcome, f)->resumed, 0);
	moment(&p, SIM_INSTRUMENT);
	say_order(&p, SIM_QUERY, 5, 0, 0);
	say_done(&p, INT64_MAX);
	while ((f = next_frame(&p))->type != SIM_ORDER)
		assert_int_not_equal(f->type, SIM_END);
	assert_int_equal(SIM_BODY(sim_order, f)->update.update, AQ_UP_OPEN);
	assert_int_equal(SIM_BODY(sim_order, f)->update.answers, AQ_REQ_LOOKUP);
	assert_true(f->seq > held);
	kill(p.pid, SIGUSR1);
	for (int i = 0; i < PATIENCE_MS && access(p.record, R_OK) != 0; i++)
		poll(NULL, 0, 1);
	assert_int_equal(access(p.record, R_OK), 0);
	unlink(p.record);
	kill(p.pid, SIGTERM);
	assert_int_equal(ended(&p), 0);
	assert_int_equal(access(p.record, R_OK), 0);
	leave(&p);
	clean(&p);
}

static void one_host_at_a_time(void **state)
{
	struct process p;
	open_day(&p, (const char *const[4]){NULL});
	reach(&p);
	say_hello(&p);
	moment(&p, SIM_WELCOME);
	struct process second = p, third = p;
	memset(&second.said, 0, sizeof second.said);
	memset(&third.said, 0, sizeof third.said);
	reach(&second);
	say_hello(&second);
	reach(&third);
	assert_false(more(&third, PATIENCE_MS)); /* turned away */
	assert_false(more(&second, 0));
	leave(&p);
	assert_int_equal(moment(&second, SIM_WELCOME), 1); /* its turn */
	kill(p.pid, SIGTERM);
	assert_int_equal(ended(&p), 0);
	leave(&second);
	leave(&third);
	forget_said(&second);
	clean(&p);
}

static void say_move(struct process *p)
{
	struct sim_frame move = {.size = sizeof move, .type = SIM_MOVE, .time_ns = p->now_ns};
	send_bytes(p, &move, sizeof move);
}

/* Another connection of the same host. */
static struct process second_line(const struct process *p)
{
	struct process second = *p;
	memset(&second.said, 0, sizeof second.said);
	reach(&second);
	return second;
}

/* Each frame once, in order, on one of two connections; what is said on the first is read before the second's. */
static void a_host_moves(void **state)
{
	struct process p;
	open_day(&p, (const char *const[4]){NULL});
	reach(&p);
	say_hello(&p);
	moment(&p, SIM_WELCOME);
	say_subscribe(&p, AQ_SUB_TRADES);
	say_done(&p, INT64_MAX);
	assert_int_equal(moment(&p, SIM_TRADE), 2);
	struct process second = second_line(&p);
	say_move(&second);
	assert_int_equal(next_frame(&p)->type, SIM_MOVED);
	say_hello(&second);
	say_order(&second, SIM_CANCEL, 5, 0, 0);
	assert_false(more(&second, 50)); /* not read, and nothing said, before the first is closed */
	say_order(&p, SIM_PLACE, 5, 103, 1);
	say_done(&p, INT64_MAX);
	assert_false(more(&second, 50));
	assert_false(more(&p, 0));
	leave(&p);
	const struct sim_frame *f = next_frame(&second);
	while (f->type != SIM_ORDER) /* the order comes to rest at its time, said by the second */
		f = next_frame(&second);
	assert_int_equal(SIM_BODY(sim_order, f)->update.update, AQ_UP_OPEN);
	uint32_t trades = moment(&second, SIM_TRADE);
	say_done(&second, INT64_MAX);
	while ((f = next_frame(&second))->type != SIM_WELCOME && trades < 9)
		trades += f->type == SIM_TRADE;
	assert_int_equal(SIM_BODY(sim_welcome, f)->resumed, 1);
	while ((f = next_frame(&second))->type != SIM_ORDER)
		assert_int_not_equal(f->type, SIM_END);
	assert_int_equal(SIM_BODY(sim_order, f)->update.update, AQ_UP_CANCELLED);
	kill(p.pid, SIGTERM);
	assert_int_equal(ended(&p), 0);
	leave(&second);
	forget_said(&second);
	clean(&p);
}

/* Nobody is there, nobody has been greeted, a second one who moves. */
static void a_move_of_nobody_is_refused(void **state)
{
	struct process p;
	open_day(&p, (const char *const[4]){NULL});
	reach(&p);
	say_move(&p);
	assert_true(is_closed(&p));
	leave(&p);
	reach(&p);
	say_hello(&p);
	moment(&p, SIM_WELCOME);
	say_move(&p); /* on its own connection */
	assert_true(is_closed(&p));
	leave(&p);
	kill(p.pid, SIGTERM);
	assert_int_equal(ended(&p), 0);
	clean(&p);
}

/* Who loses the one loses the other: it cannot be known how much of either arrived. */
static void a_broken_move_ends_both(void **state)
{
	struct process p;
	open_day(&p, (const char *const[4]){"--down-max", "0s"});
	reach(&p);
	say_hello(&p);
	moment(&p, SIM_WELCOME);
	struct process second = second_line(&p);
	say_move(&second);
	assert_int_equal(next_frame(&p)->type, SIM_MOVED);
	leave(&second);
	assert_true(is_closed(&p));
	leave(&p);
	reach(&p);
	say_hello(&p);
	const struct sim_frame *f = next_frame(&p);
	assert_int_equal(SIM_BODY(sim_welcome, f)->resumed, 0);
	kill(p.pid, SIGTERM);
	assert_int_equal(ended(&p), 0);
	leave(&p);
	clean(&p);
}

/* The capture goes on for a chosen time while the host is away: with the same seed the same. */
static int64_t time_after_loss(const char *seed)
{
	struct process p;
	open_day(&p, (const char *const[4]){"--seed", seed});
	reach(&p);
	say_hello(&p);
	moment(&p, SIM_INSTRUMENT);
	leave(&p);
	reach(&p);
	say_hello(&p);
	int64_t now = SIM_BODY(sim_welcome, next_frame(&p))->now_ns;
	assert_in_range(now, MS(0), MS(5000));
	kill(p.pid, SIGTERM);
	assert_int_equal(ended(&p), 0);
	leave(&p);
	clean(&p);
	return now;
}

static void a_loss_takes_seeded_time(void **state)
{
	int64_t one = time_after_loss("1");
	assert_int_equal(time_after_loss("1"), one);
	assert_int_not_equal(time_after_loss("2"), one);
}

static void garbage_is_cut_off(void **state)
{
	struct process p;
	uint8_t garbage[100];
	open_day(&p, (const char *const[4]){NULL});
	memset(garbage, 0x55, sizeof garbage);
	reach(&p);
	send_bytes(&p, garbage, sizeof garbage);
	assert_false(more(&p, PATIENCE_MS)); /* closed */
	leave(&p);
	reach(&p);
	say_done(&p, 0);
	say_subscribe(&p, AQ_SUB_TRADES);
	assert_false(more(&p, PATIENCE_MS)); /* before hello */
	leave(&p);
	reach(&p);
	say_hello(&p);
	assert_int_equal(moment(&p, SIM_WELCOME), 1); /* a good host is served as ever */
	kill(p.pid, SIGTERM);
	assert_int_equal(ended(&p), 0);
	leave(&p);
	clean(&p);
}

static void load_comes_by_the_wall_clock(void **state)
{
	struct process p;
	struct timespec wall;
	open_day(&p, (const char *const[4]){"--rate", "2000", "--count", "600"});
	clock_gettime(CLOCK_REALTIME, &wall);
	int64_t begin = (int64_t)wall.tv_sec * 1000000000 + wall.tv_nsec;
	reach(&p);
	say_hello(&p);
	const struct sim_frame *f = next_frame(&p);
	assert_int_equal(SIM_BODY(sim_welcome, f)->owns_clock, 0);
	say_subscribe(&p, AQ_SUB_TRADES | AQ_SUB_TICKER | AQ_SUB_BOOK);
	uint32_t market = 0, snapshots = 0;
	int64_t first = 0, last = 0;
	uint64_t trade = 0;
	while ((f = next_frame(&p))->type != SIM_END) {
		if (f->type == SIM_BOOK)
			snapshots += SIM_BODY(aq_book_update, f)->snapshot;
		if (f->type == SIM_TRADE)
			assert_int_equal(SIM_BODY(aq_trade, f)->id, ++trade);
		if (f->type < SIM_BOOK || f->type > SIM_KLINE)
			continue;
		market++;
		first = first == 0 ? f->time_ns : first;
		assert_true(f->time_ns >= last);
		last = f->time_ns;
	}
	assert_int_equal(market, 600);
	assert_int_equal(snapshots, 100);
	assert_int_equal(trade, 400);
	assert_true(first > begin);
	assert_int_equal(last - first, INT64_C(599) * 500000); /* evenly, whatever the scheduler did */
	clock_gettime(CLOCK_REALTIME, &wall);
	assert_true((int64_t)wall.tv_sec * 1000000000 + wall.tv_nsec >= last); /* none came before its time */
	leave(&p);
	assert_int_equal(ended(&p), 0);
	clean(&p);
}

static void wrong_usage_is_said(void **state)
{
	const char *none[] = {AQ_BINARY_DIR "/bin/venue", NULL};
	const char *missing[] = {AQ_BINARY_DIR "/bin/venue", "-c", "/nowhere.ini", "--listen", "unix:/nowhere/x", NULL};
	const char *const *cases[] = {none, missing};
	const int codes[] = {2, 1};
	int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
	assert_true(nowhere >= 0);
	for (int i = 0; i < 2; i++) {
		int status;
		pid_t pid = start_program(cases[i], nowhere);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), codes[i]);
	}
	close(nowhere);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(moments_wait_for_the_host),
		cmocka_unit_test(a_lost_host_finds_its_orders_again),
		cmocka_unit_test(one_host_at_a_time),
		cmocka_unit_test(a_host_moves),
		cmocka_unit_test(a_move_of_nobody_is_refused),
		cmocka_unit_test(a_broken_move_ends_both),
		cmocka_unit_test(a_loss_takes_seeded_time),
		cmocka_unit_test(garbage_is_cut_off),
		cmocka_unit_test(load_comes_by_the_wall_clock),
		cmocka_unit_test(wrong_usage_is_said),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
