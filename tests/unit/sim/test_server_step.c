/* Proves that venues and a host in lockstep on one clock page run faster than the market, and that two runs see the same frames at the same virtual times. */
#include "core/io/env_live.h"
#include "tests/unit/sim/server_fixture.h"
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#define LENGTH (10 * SECOND)

static void adapt(struct venue_setup *u)
{
	u->has_start = true;
	u->generator.start_ns = 1767225600 * SECOND;
	u->duration_ns = LENGTH;
	u->venue[0].port = u->venue[1].port = 0;
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(knobs_set(&u->venue[i].knobs, "delay.feed", "uniform:200us:3ms"),
				 0);
}

static void run_venue(const struct venue_setup *u, const char *page, int out)
{
	static struct server s;
	struct clock_page *clock;
	struct env *e;
	uint16_t ports[2] = { 0 };
	if (clock_page_create(page, 0, &clock) != 0)
		_exit(1);
	const struct env_live_opt o = { .clock = clock, .signals = true };
	if (env_live_open(&o, &e) != 0 || server_open(&s, u, e, clock) != 0)
		_exit(1);
	clock_page_set_step(clock);
	ports[0] = s.venue[0].port;
	ports[1] = s.venue[1].port;
	(void)!write(out, ports, sizeof ports);
	for (struct env_command c; !env_command(e, &c);) {
		if (server_turn(&s) != 0)
			break;
		env_flush(e);
		env_poll(e, server_next(&s));
	}
	_exit(0);
}

static uint64_t mix(uint64_t h, const void *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		h = (h ^ ((const uint8_t *)p)[i]) * 0x100000001b3ull;
	return h;
}

struct listener {
	struct client c;
	struct env *env;
	int64_t first_ns, last_ns;
	uint64_t digest;
	int n;
};

static void on_frame(void *owner, struct ws *ws, const char *p, size_t n, int64_t recv_ns)
{
	(void)ws;
	struct listener *l = owner;
	if (l->n++ == 0)
		l->first_ns = recv_ns;
	l->last_ns = recv_ns;
	int64_t rel = recv_ns - l->first_ns;
	l->digest = mix(mix(l->digest, &rel, sizeof rel), p, n);
}

static void on_open(void *owner, struct ws *ws)
{
	(void)ws;
	((struct listener *)owner)->c.open = true;
}

struct outcome_of_run {
	uint64_t digest[2];
	int frames[2];
	int64_t virtual_ns, real_ns;
};

static int64_t real_now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * SECOND + t.tv_nsec;
}

static void listen_to(struct env *host, const char *page, const uint16_t ports[2],
		      struct outcome_of_run *out)
{
	static const struct ws_handler handler = { .on_open = on_open, .on_text = on_frame };
	static const char *const paths[] = {
		"/stream?streams=btcusdt@bookTicker/btcusdt@depth@100ms/btcusdt@trade",
		"/public/stream?streams=btcusdt@bookTicker/btcusdt@depth@0ms"
	};
	struct listener l[2] = { { .digest = 1 }, { .digest = 1 } };
	(void)page;
	for (int i = 0; i < 2; i++) {
		struct env_peer p = { .port = ports[i] };
		strcpy(p.host, "127.0.0.1");
		ck_assert_int_eq(ws_init(&l[i].c.ws, host, NULL, &handler, &l[i]), 0);
		ck_assert_int_eq(ws_client_start(&l[i].c.ws, &p, paths[i], NULL), 0);
	}
	struct env_now start, now;
	env_now(host, &start);
	int64_t real = real_now();
	for (env_now(host, &now);
	     now.mono_ns - start.mono_ns < LENGTH && real_now() - real < 60 * SECOND;
	     env_now(host, &now)) {
		env_flush(host);
		env_poll(host, now.mono_ns + 100 * MS);
	}
	out->virtual_ns = now.mono_ns - start.mono_ns;
	out->real_ns = real_now() - real;
	for (int i = 0; i < 2; i++) {
		out->digest[i] = l[i].digest;
		out->frames[i] = l[i].n;
		ws_free(&l[i].c.ws);
	}
}

static void run_once(struct outcome_of_run *out)
{
	struct server_fixture *x = calloc(1, sizeof *x);
	char page[96];
	uint16_t ports[2] = { 0 };
	int fd[2];
	strcpy(x->dir, "/tmp/tandem-venue-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(x->dir));
	fixture_setup(&x->setup, x->dir);
	adapt(&x->setup);
	snprintf(page, sizeof page, "%s/clock", x->dir);
	ck_assert_int_eq(pipe(fd), 0);
	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0)
		run_venue(&x->setup, page, fd[1]);
	ck_assert_int_eq(read(fd[0], ports, sizeof ports), sizeof ports);
	const struct env_live_opt o = { .clock_path = page };
	ck_assert_int_eq(env_live_open(&o, &x->host), 0);
	listen_to(x->host, page, ports, out);
	x->host->ops->free(x->host);
	kill(pid, SIGTERM);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	close(fd[0]);
	close(fd[1]);
	nftw(x->dir, fixture_remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(x);
}

START_TEST(test_lockstep)
{
	struct outcome_of_run a, b;
	run_once(&a);
	run_once(&b);
	ck_assert_int_ge(a.virtual_ns, LENGTH);
	ck_assert_msg(a.real_ns < LENGTH, "%.1f s of market took %.1f s",
		      (double)a.virtual_ns / 1e9, (double)a.real_ns / 1e9);
	ck_assert_int_gt(a.frames[0], 500);
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(a.frames[i], b.frames[i]);
		ck_assert_uint_eq(a.digest[i], b.digest[i]);
	}
}
END_TEST

SUITE("server_step", test_lockstep)
