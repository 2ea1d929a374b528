/* What it costs to place an event and to learn from a stamp, beside a bare subtraction and minimum; and how far the offset is off between two peers on one clock, beside the classical filter. */
#include "core/base/err.h"
#include "core/base/rng.h"
#include "core/market/tsync.h"
#include "tests/bench/bench.h"
#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>

#define MS  INT64_C(1000000)
#define UTC INT64_C(1723161254000000000)

enum { STAMPS = 1 << 15, BEST_OF = 64 };

struct tape {
	int64_t venue[STAMPS], recv[STAMPS];
};

static void die(const char *what)
{
	fprintf(stderr, "bench_tsync: %s: %s\n", what, errno ? strerror(errno) : err_text());
	exit(1);
}

/* A venue that loses 20 ppm, 1 ms between messages, half of them late. */
static void record(struct tape *a, int64_t from_ns)
{
	struct rng r;
	rng_seed(&r, 11);
	for (int i = 0; i < STAMPS; i++) {
		int64_t made = from_ns + i * MS;
		a->venue[i] = made + UTC - (made - from_ns) / 50000;
		a->recv[i] = made + 100000 + rng_range(&r, 0, 400000);
	}
}

/* ---------------------------------------------------------------- cost */

static double bare(const struct tape *a)
{
	int64_t least = INT64_MAX, began = bench_ns();
	for (int i = 0; i < STAMPS; i++) {
		int64_t delay = a->recv[i] - a->venue[i];
		least = delay < least ? delay : least;
		bench_keep(least);
	}
	return (double)(bench_ns() - began) / STAMPS;
}

static double stamps(struct tsync *t, int source, const struct tape *a)
{
	int64_t began = bench_ns();
	for (int i = 0; i < STAMPS; i++)
		bench_keep(tsync_stamp(t, source, a->venue[i], a->recv[i]));
	return (double)(bench_ns() - began) / STAMPS;
}

static double places(const struct tsync *t, const struct tape *a)
{
	int64_t began = bench_ns(), bound, sum = 0;
	/* The newest seconds: a host places what has just come. */
	for (int i = 0; i < STAMPS; i++) {
		int k = STAMPS - 1 - (i & 1023);
		sum += tsync_place(t, a->venue[k], a->recv[STAMPS - 1] + (i & 1023), &bound) +
		       bound;
		bench_keep(sum);
	}
	return (double)(bench_ns() - began) / STAMPS;
}

static void cost(unsigned rounds, bool stated)
{
	static struct tape a;
	struct bench_rounds stamp = { 0 }, place = { 0 };
	struct tsync_config c = { .max_min_delay_ns = stated ? 200000 : 0 };
	struct tsync *t;
	struct bench_line l;
	if (tsync_open(&c, &t))
		die("open");
	int pairs = tsync_source(t, TSYNC_PAIRS), stream = tsync_source(t, TSYNC_STREAM);
	for (unsigned i = 0; i < rounds; i++) {
		int64_t from = 1000 * MS + (int64_t)i * STAMPS * MS;
		record(&a, from);
		tsync_pair(t, pairs, from, UTC + from, UTC + from, from + MS);
		double floor = bare(&a);
		bench_round(&stamp, stamps(t, stream, &a), floor);
		bench_round(&place, places(t, &a), floor);
	}
	tsync_free(t);
	struct json_out *j = bench_open(&l, "tsync", stated ? "stamp, stated" : "stamp, open");
	bench_put_rounds(j, &stamp, "ns", "bare");
	bench_tell(&l);
	j = bench_open(&l, "tsync", stated ? "place, stated" : "place, open");
	bench_put_rounds(j, &place, "ns", "bare");
	bench_tell(&l);
}

/* ---------------------------------------------------------------- live peers on one clock: the true offset is 0 */

struct peer {
	int fd, cpu;
	atomic_bool stop;
};

static int udp(struct sockaddr_in *at)
{
	socklen_t n = sizeof *at;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	*at = (struct sockaddr_in){ .sin_family = AF_INET,
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	if (fd < 0 || bind(fd, (struct sockaddr *)at, n) ||
	    getsockname(fd, (struct sockaddr *)at, &n))
		die("socket");
	return fd;
}

static void *answer(void *arg)
{
	struct peer *p = arg;
	int64_t m[2];
	bench_pin(p->cpu);
	while (!atomic_load_explicit(&p->stop, memory_order_relaxed)) {
		if (recv(p->fd, m, sizeof m, 0) != sizeof m)
			continue;
		m[0] = bench_ns();
		m[1] = bench_ns();
		(void)send(p->fd, m, sizeof m, 0);
	}
	return NULL;
}

struct stamps {
	int64_t sent, there, left, back;
};

static bool exchange(int fd, struct stamps *s)
{
	int64_t m[2] = { 0, 0 };
	s->sent = bench_ns();
	if (send(fd, m, sizeof m, 0) != sizeof m)
		return false;
	do {
		s->back = bench_ns();
		if (s->back - s->sent > 1000 * MS)
			return false;
	} while (recv(fd, m, sizeof m, 0) != sizeof m);
	s->back = bench_ns();
	s->there = m[0];
	s->left = m[1];
	return true;
}

/* Errors of both at the same moments: after every 64 exchanges. Returns how many. */
static unsigned measure(int fd, struct tsync *t, int source, unsigned exchanges, double *ours,
			double *classic, uint64_t *outside)
{
	struct stamps best = { 0 };
	int64_t best_trip = INT64_MAX;
	unsigned n = 0;
	for (unsigned i = 0; i < exchanges; i++) {
		struct stamps s;
		if (!exchange(fd, &s))
			die("a peer on loopback did not answer");
		tsync_pair(t, source, s.sent, s.there, s.left, s.back);
		int64_t trip = s.back - s.sent - (s.left - s.there);
		if (trip < best_trip) {
			best_trip = trip;
			best = s;
		}
		if ((i + 1) % BEST_OF)
			continue;
		struct tsync_estimate e;
		tsync_read(t, s.back, &e);
		ours[n] = (double)llabs(e.offset_ns);
		classic[n++] = (double)llabs((best.there - best.sent + best.left - best.back) / 2);
		*outside += e.lo_ns > 0 || e.hi_ns < 0;
		best_trip = INT64_MAX;
	}
	return n;
}

static void live(unsigned rounds, unsigned exchanges)
{
	struct sockaddr_in a, b;
	struct peer p = { .fd = udp(&a), .cpu = 1 };
	int fd = udp(&b);
	if (connect(p.fd, (struct sockaddr *)&b, sizeof b) ||
	    connect(fd, (struct sockaddr *)&a, sizeof a))
		die("connect");
	pthread_t thread;
	if (pthread_create(&thread, NULL, answer, &p))
		die("thread");
	bool pinned = bench_cores() >= 4 && bench_pin(2);
	struct bench_rounds p50 = { 0 }, p99 = { 0 };
	double *ours = malloc(exchanges * sizeof *ours),
	       *classic = malloc(exchanges * sizeof *classic);
	uint64_t outside = 0;
	unsigned n = 0;
	struct tsync_config c = { .grain_ns = 1 };
	struct tsync *t;
	if (tsync_open(&c, &t) || !ours || !classic)
		die("open");
	int source = tsync_source(t, TSYNC_PAIRS);
	measure(fd, t, source, 2000, ours, classic, &outside); /* warm */
	outside = 0;
	for (unsigned i = 0; i < rounds; i++) {
		n = measure(fd, t, source, exchanges, ours, classic, &outside);
		bench_round(&p50, bench_quantile(ours, n, 0.5), bench_quantile(classic, n, 0.5));
		bench_round(&p99, bench_quantile(ours, n, 0.99), bench_quantile(classic, n, 0.99));
	}
	struct tsync_estimate e;
	tsync_read(t, bench_ns(), &e);
	atomic_store(&p.stop, true);
	pthread_join(thread, NULL);
	struct bench_line l;
	struct json_out *j = bench_open(&l, "tsync", "live offset error p50");
	bench_put_rounds(j, &p50, "ns", "best_of_64");
	bench_tell(&l);
	j = bench_open(&l, "tsync", "live offset error p99");
	bench_put_rounds(j, &p99, "ns", "best_of_64");
	json_bool(j, "pinned", pinned);
	json_uint(j, "width_ns", (uint64_t)(e.hi_ns - e.lo_ns));
	json_uint(j, "outside", outside);
	json_uint(j, "judged", (uint64_t)n * rounds);
	bench_tell(&l);
	tsync_free(t);
	free(ours);
	free(classic);
}

int main(int argc, char **argv)
{
	bool quick = bench_quick(argc, argv);
	cost(quick ? 3 : 15, false);
	cost(quick ? 3 : 15, true);
	live(quick ? 3 : 9, quick ? 6400 : 32000);
	return 0;
}
