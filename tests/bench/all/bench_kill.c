/* How long a kill takes: from the command to the last byte of the cancels of 1,000 orders at four venues, order by order and by the contract, beside a bare thread that writes as many ready-made ones. */
#include "core/base/err.h"
#include "core/base/log.h"
#include "core/io/env_live.h"
#include "core/io/ws_frame.h"
#include "tests/bench/all/host_rig.h"
#include "tests/bench/bench.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <ftw.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>

#define CORE_HOST   1 /* and the bare thread's: they take turns */
#define CORE_FEEDER 2
#define CORES	    4
#define MID_CENT    6000000
#define EACH	    RIG_RESTING /* orders of a venue: a leg of each pair of its script */
#define ALL	    (RIG_VENUES * EACH)
#define PATIENCE_NS 20000000000

/* What came in on one socket. */
struct drain {
	size_t n, seen; /* bytes; those of whole frames */
	unsigned frames;
	uint8_t p[EACH * 640];
};

struct bare {
	pthread_t thread;
	int core, far[RIG_VENUES], near[RIG_VENUES]; /* ours to write, the feeder's to read */
	uint8_t frame[MINI_FRAME];
	size_t n;
	_Atomic unsigned each; /* frames to each socket, at once; 0: nothing to do */
	_Atomic bool ending;
};

struct bench {
	char dir[64];
	struct mini mini[2];
	struct rig rig;
	struct mini_order order[RIG_VENUES][EACH];
	unsigned n[RIG_VENUES];
	struct drain in[RIG_VENUES];
};

static bool pinned;

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "bench_kill: %s: %s\n", what, err_text());
	exit(1);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

static struct mini *mini_of(struct bench *b, unsigned v)
{
	return &b->mini[v / mini_market_max];
}

static enum mini_market market_of(unsigned v)
{
	return (enum mini_market)(v % mini_market_max);
}

static struct mini_conn *api_of(struct bench *b, unsigned v)
{
	return mini_of(b, v)->api[market_of(v)];
}

/* ---- orders that rest ---- */

static void quote_all(struct bench *b)
{
	uint8_t frame[512];
	for (unsigned v = 0; v < RIG_VENUES; v++) {
		struct mini *m = mini_of(b, v);
		size_t n =
			mini_quote(m, market_of(v), 0, MID_CENT + (int64_t)(m->quotes % 9), frame);
		mini_send(m->stream[market_of(v)], frame, n);
	}
}

static unsigned take_orders(struct bench *b)
{
	unsigned n = 0;
	for (unsigned v = 0; v < RIG_VENUES; v++) {
		while (b->n[v] < EACH && mini_take(api_of(b, v), &b->order[v][b->n[v]])) {
			struct mini_order *o = &b->order[v][b->n[v]++];
			mini_read_order(o);
			mini_ack(mini_of(b, v), market_of(v), o);
		}
		n += b->n[v];
	}
	return n;
}

static void fill_up(struct bench *b)
{
	int64_t from = bench_ns(), quoted = 0;
	memset(b->n, 0, sizeof b->n);
	while (take_orders(b) < ALL || atomic_load(&b->rig.open) < ALL) {
		if (bench_ns() - from > PATIENCE_NS)
			die("the orders do not rest");
		if (bench_ns() - quoted < 200000)
			continue;
		quoted = bench_ns();
		quote_all(b);
	}
}

/* ---- the kill ---- */

static void command(struct bench *b, enum env_command_kind kind, const char *why)
{
	struct env_command c = { .kind = kind, .who = "bench", .scope = "all" };
	snprintf(c.why, sizeof c.why, "%s", why);
	if (env_live_push(b->rig.env, &c))
		die("the command is not taken");
}

static void drain(int fd, struct drain *in)
{
	struct ws_frame f;
	ssize_t k = recv(fd, in->p + in->n, sizeof in->p - in->n, MSG_DONTWAIT);
	in->n += k > 0 ? (size_t)k : 0;
	for (int head; (head = ws_frame_read(&f, in->p + in->seen, in->n - in->seen)) > 0 &&
		       in->n - in->seen >= (size_t)head + f.n;
	     in->frames++)
		in->seen += (size_t)head + (size_t)f.n;
}

/* Reads until each socket has had so many frames; when the last of them was whole. */
static int64_t drain_all(struct drain *in, const int fd[RIG_VENUES], unsigned each)
{
	int64_t until = bench_ns() + PATIENCE_NS;
	unsigned done = 0;
	while (done < RIG_VENUES) {
		done = 0;
		for (unsigned v = 0; v < RIG_VENUES; v++) {
			if (in[v].frames < each)
				drain(fd[v], &in[v]);
			done += in[v].frames >= each;
		}
		if (bench_ns() > until)
			die("cancels are missing");
	}
	return bench_ns();
}

static void forget_bytes(struct drain *in)
{
	for (unsigned v = 0; v < RIG_VENUES; v++)
		in[v].n = in[v].seen = in[v].frames = 0;
}

static const struct mini_order *order_of(const struct bench *b, unsigned v, const char *client)
{
	for (unsigned i = 0; i < EACH; i++)
		if (strcmp(b->order[v][i].client, client) == 0)
			return &b->order[v][i];
	die("a cancel of no order");
}

static void answer_cancels(struct bench *b)
{
	for (unsigned v = 0; v < RIG_VENUES; v++)
		for (size_t at = 0; at < b->in[v].seen;) {
			struct mini_order c;
			struct ws_frame f;
			int head = ws_frame_read(&f, b->in[v].p + at, b->in[v].seen - at);
			c.n = (size_t)head + (size_t)f.n;
			memcpy(c.frame, b->in[v].p + at, c.n);
			at += c.n;
			if (!mini_read_cancel(&c))
				die("not a cancel");
			mini_cancelled(mini_of(b, v), market_of(v), order_of(b, v, c.client),
				       c.request);
		}
}

static void answer_sweeps(struct bench *b)
{
	uint8_t report[MINI_FRAME + WS_HEAD_MAX];
	for (unsigned v = 0; v < RIG_VENUES; v++)
		for (unsigned i = 0; i < EACH; i++) {
			struct mini *m = mini_of(b, v);
			size_t n = mini_report(m, market_of(v), &b->order[v][i], false, report);
			mini_send(market_of(v) == MINI_SPOT ? api_of(b, v) : m->user, report, n);
		}
}

static int64_t last_sweep(const struct bench *b)
{
	int64_t last = 0;
	for (unsigned v = 0; v < RIG_VENUES; v++) {
		int64_t at = b->mini[v / mini_market_max].swept_ns[market_of(v)];
		if (at == 0)
			return 0;
		last = at > last ? at : last;
	}
	return last;
}

static int64_t swept(struct bench *b)
{
	int64_t until = bench_ns() + PATIENCE_NS;
	while (!last_sweep(b)) {
		mini_serve(&b->mini[0]);
		mini_serve(&b->mini[1]);
		if (bench_ns() > until)
			die("a venue was not swept");
	}
	return last_sweep(b);
}

/* By socket where the venue takes it there, by REST where it does not. */
static struct {
	unsigned n;
	double ms[mini_market_max][BENCH_ROUNDS];
} part;

static void put_parts(const struct bench *b, int64_t at)
{
	for (unsigned k = 0; k < mini_market_max && part.n < BENCH_ROUNDS; k++) {
		int64_t one = b->mini[0].swept_ns[k], other = b->mini[1].swept_ns[k];
		part.ms[k][part.n] = (double)((one > other ? one : other) - at) / 1e6;
	}
	part.n += part.n < BENCH_ROUNDS;
}

/* From the command to the last cancel's last byte; then everything is answered, and the host opens again. */
static double kill_all(struct bench *b, bool mass)
{
	int fd[RIG_VENUES];
	uint64_t ended = atomic_load(&b->rig.ended);
	for (unsigned v = 0; v < RIG_VENUES; v++) {
		fd[v] = api_of(b, v)->fd;
		b->mini[v / mini_market_max].swept_ns[market_of(v)] = 0;
	}
	forget_bytes(b->in);
	int64_t at = bench_ns();
	command(b, CMD_KILL, "a drill");
	int64_t took = (mass ? swept(b) : drain_all(b->in, fd, EACH)) - at;
	if (mass) {
		put_parts(b, at);
		answer_sweeps(b);
	} else {
		answer_cancels(b);
	}
	for (int64_t until = bench_ns() + PATIENCE_NS;
	     atomic_load(&b->rig.ended) < ended + ALL / 2;) {
		mini_serve(&b->mini[0]);
		mini_serve(&b->mini[1]);
		if (bench_ns() > until)
			die("the pairs did not end");
	}
	command(b, CMD_RESUME, "the drill is over");
	return (double)took / 1e6;
}

/* ---- the bare thread ---- */

static void put(int fd, const uint8_t *p, size_t n)
{
	while (n > 0) {
		ssize_t k = send(fd, p, n, MSG_NOSIGNAL);
		if (k <= 0)
			die("the bare thread cannot write");
		p += k;
		n -= (size_t)k;
	}
}

static void *bare_thread(void *arg)
{
	static uint8_t many[EACH * MINI_FRAME];
	struct bare *b = arg;
	if (b->core >= 0)
		bench_pin(b->core);
	for (unsigned i = 0; i < EACH; i++)
		memcpy(many + i * b->n, b->frame, b->n);
	while (!atomic_load(&b->ending)) {
		unsigned each = atomic_load_explicit(&b->each, memory_order_acquire);
		for (unsigned v = 0; each && v < RIG_VENUES; v++)
			put(b->far[v], many, each * b->n);
		if (each)
			atomic_store(&b->each, 0);
	}
	return NULL;
}

static void tcp_pair(int *far, int *near)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof a;
	int l = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
	*far = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (l < 0 || *far < 0 || bind(l, (struct sockaddr *)&a, n) || listen(l, 1) ||
	    getsockname(l, (struct sockaddr *)&a, &n) || connect(*far, (struct sockaddr *)&a, n) ||
	    (*near = accept(l, NULL, NULL)) < 0)
		die("sockets of the bare thread");
	setsockopt(*far, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	close(l);
}

static void bare_open(struct bare *b, const struct mini_order *like, int core)
{
	memset(b, 0, sizeof *b);
	b->core = core;
	b->n = like->n;
	memcpy(b->frame, like->frame, like->n);
	for (unsigned v = 0; v < RIG_VENUES; v++)
		tcp_pair(&b->far[v], &b->near[v]);
	if (pthread_create(&b->thread, NULL, bare_thread, b))
		die("the bare thread");
}

static void bare_close(struct bare *b)
{
	atomic_store(&b->ending, true);
	pthread_join(b->thread, NULL);
	for (unsigned v = 0; v < RIG_VENUES; v++) {
		close(b->far[v]);
		close(b->near[v]);
	}
}

static double floor_of(struct bench *b, const struct mini_order *like, unsigned each)
{
	struct bare bare;
	bare_open(&bare, like, pinned ? CORE_HOST : -1);
	double ms[9];
	for (unsigned i = 0; i < 9; i++) {
		forget_bytes(b->in);
		int64_t from = bench_ns() + 200000;
		while (bench_ns() < from)
			;
		int64_t at = bench_ns();
		atomic_store_explicit(&bare.each, each, memory_order_release);
		ms[i] = (double)(drain_all(b->in, bare.near, each) - at) / 1e6;
		while (atomic_load(&bare.each))
			;
	}
	bare_close(&bare);
	return bench_quantile(ms, 9, 0.5);
}

/* The first one that came, for the bare thread to repeat. */
static void first_cancel(const struct bench *b, struct mini_order *out)
{
	struct ws_frame f;
	int head = ws_frame_read(&f, b->in[0].p, b->in[0].seen);
	out->n = (size_t)head + (size_t)f.n;
	memcpy(out->frame, b->in[0].p, out->n);
}

/* ---- */

static void host_up(struct bench *b, bool mass)
{
	strcpy(b->dir, "/tmp/tandem-kill-XXXXXX");
	if (!mkdtemp(b->dir))
		die(b->dir);
	mini_open(&b->mini[0], false, b->dir);
	mini_open(&b->mini[1], false, b->dir);
	struct rig_options o = { .dir = b->dir,
				 .ed25519 = true,
				 .resting = true,
				 .no_mass_cancel = !mass,
				 .core = pinned ? CORE_HOST : -1,
				 .feeder_core = CORE_FEEDER };
	rig_open(&b->rig, &o, b->mini);
	rig_start(&b->rig, b->mini);
	pinned = pinned && b->rig.pinned;
}

static void kills(bool mass, unsigned rounds)
{
	static struct bench b;
	static struct bench_rounds r;
	struct bench_line l;
	double worst = 0;
	memset(&r, 0, sizeof r);
	host_up(&b, mass);
	fill_up(&b);
	kill_all(&b, mass); /* the first one is warm-up */
	for (unsigned i = 0; i < rounds; i++) {
		fill_up(&b);
		double ms = kill_all(&b, mass);
		worst = ms > worst ? ms : worst;
		rig_park(&b.rig);
		struct mini_order like = b.order[0][0];
		if (!mass)
			first_cancel(&b, &like);
		bench_round(&r, ms, floor_of(&b, &like, mass ? 1 : EACH));
		rig_run(&b.rig);
	}
	struct json_out *j = bench_open(&l, "kill", "command_to_last_cancel_byte");
	json_str(j, "way", mass ? "by_contract" : "order_by_order");
	bench_put_rounds(j, &r, "ms", "bare_thread");
	bench_num(j, "ms_worst", worst);
	if (mass) {
		bench_num(j, "by_socket_ms", bench_quantile(part.ms[MINI_SPOT], part.n, 0.5));
		bench_num(j, "by_rest_ms", bench_quantile(part.ms[MINI_USDM], part.n, 0.5));
	}
	json_uint(j, "orders", ALL);
	json_uint(j, "venues", RIG_VENUES);
	json_bool(j, "pinned", pinned);
	bench_tell(&l);
	rig_close(&b.rig);
	mini_close(&b.mini[0]);
	mini_close(&b.mini[1]);
	nftw(b.dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

int main(int argc, char **argv)
{
	unsigned rounds = bench_quick(argc, argv) ? 3 : 21;
	log_set_level(LOG_ERROR);
	pinned = bench_cores() >= CORES && bench_pin(CORE_FEEDER);
	if (!pinned)
		fprintf(stderr,
			"bench_kill: fewer than %d cores to pin to: threads share them, and the figures are larger\n",
			CORES);
	kills(false, rounds);
	kills(true, rounds);
	return 0;
}
