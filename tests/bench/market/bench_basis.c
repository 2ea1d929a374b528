/* What a basis of two legs and one reference costs when one of them has changed: by itself, with a band, and for a wanted size; beside a plain C loop that works the same numbers out from the same quotes. */
#include "core/base/rng.h"
#include "core/market/basis.h"
#include "tests/bench/bench.h"
#include <math.h>

#define EVENTS 8192
#define LEVELS 20

struct event {
	int which; /* 0, 1: a leg; 2: the reference */
	int64_t px[side_max], qty[side_max];
};

struct desk_of {
	struct instrument in[3];
	struct top top[3];
	struct book book[2];
	struct band band;
	struct basis_spec spec;
	struct basis b;
};

static struct event event[EVENTS];

static void walk(void)
{
	struct rng r;
	int64_t mid[3] = { 48000000, 265000000,
			   720000 }; /* 480 CNH/g, 2,650 USD/ozt, 7.2 CNH/USD */
	static const int64_t half[3] = { 1000, 5000, 5 }, step[3] = { 2000, 10000, 10 };
	rng_seed(&r, 3);
	for (int i = 0; i < EVENTS; i++) {
		struct event *e = &event[i];
		int w = (int)rng_below(&r, 20);
		e->which = w == 0 ? 2 : w & 1; /* a currency moves less often */
		mid[e->which] += ((int64_t)rng_below(&r, 3) - 1) * step[e->which];
		e->px[SIDE_BUY] = mid[e->which] - half[e->which];
		e->px[SIDE_SELL] = mid[e->which] + half[e->which];
		e->qty[SIDE_BUY] = 1000 + (int64_t)rng_below(&r, 9000);
		e->qty[SIDE_SELL] = 1000 + (int64_t)rng_below(&r, 9000);
	}
}

static void die(const char *what)
{
	fprintf(stderr, "bench_basis: %s\n", what);
	exit(1);
}

static void set_up(struct desk_of *d)
{
	memset(d, 0, sizeof *d);
	struct rule rule = { .tick = 1, .lot = 1, .fee = { .taker_e8 = 20000 } };
	for (int i = 0; i < 3; i++) {
		d->in[i] = (struct instrument){ .px_dp = 5,
						.qty_dp = 3,
						.expo = { EXPO_LINEAR, 1, 1 } };
		d->top[i].state = BOOK_LIVE;
		d->top[i].valid_ns = 1;
		if (instrument_add_rule(&d->in[i], &rule))
			die("no rule");
	}
	struct basis_spec *s = &d->spec;
	s->n_legs = 2;
	s->n_refs = 1;
	s->lot_base_e8 = 100000000;
	for (int i = 0; i < 2; i++) {
		s->leg[i] = &d->in[i];
		s->leg_top[i] = &d->top[i];
		s->conv[i].k = 1;
		if (book_init(&d->book[i], 64))
			die("no book");
	}
	s->conv[0] = (struct basis_conv){ .k = 31.1034768, .power = { -1 } };
	s->ref[0] = &d->in[2];
	s->ref_top[0] = &d->top[2];
	for (int i = 0; i < 64; i++) /* every price is known once */
		for (int w = 0; w < 3; w++)
			if (event[i].which == w)
				for (int side = 0; side < side_max; side++) {
					d->top[w].q.px[side] = event[i].px[side];
					d->top[w].q.qty[side] = event[i].qty[side];
				}
}

static inline void take(struct desk_of *d, const struct event *e)
{
	struct quote *q = &d->top[e->which].q;
	for (int side = 0; side < side_max; side++) {
		q->px[side] = e->px[side];
		q->qty[side] = e->qty[side];
	}
}

static void fill_book(struct desk_of *d, int l)
{
	const struct quote *q = &d->top[l].q;
	book_clear(&d->book[l]);
	for (int64_t k = LEVELS; k-- > 0;) {
		book_set(&d->book[l], SIDE_BUY, q->px[SIDE_BUY] - k * 1000, 1500);
		book_set(&d->book[l], SIDE_SELL, q->px[SIDE_SELL] + k * 1000, 1500);
	}
}

static double ours(struct desk_of *d, int times)
{
	int64_t from = bench_ns();
	for (int t = 0; t < times; t++)
		for (int i = 0; i < EVENTS; i++) {
			take(d, &event[i]);
			basis_eval(&d->spec, (int64_t)(t * EVENTS + i) * 1000, 1, &d->b);
			bench_keep((int64_t)d->b.dir[SIDE_SELL].net);
		}
	return (double)(bench_ns() - from) / times / EVENTS;
}

/* Nothing kept, nothing checked: the numbers and no more. */
struct plain {
	double bid[3], ask[3], spread, spread_bp, ratio, gross[side_max], net[side_max],
		bp[side_max], net_bp[side_max], lots[side_max], age_ms, skew_ms;
};

static __attribute__((noinline)) void in_plain_c(const struct desk_of *d, int64_t now_ns,
						 struct plain *p)
{
	double bid_lots[2], ask_lots[2];
	for (int i = 0; i < 3; i++) {
		p->bid[i] = (double)d->top[i].q.px[SIDE_BUY] / 1e5;
		p->ask[i] = (double)d->top[i].q.px[SIDE_SELL] / 1e5;
	}
	double f = 31.1034768 / ((p->bid[2] + p->ask[2]) / 2);
	double b0 = p->bid[0] * f, a0 = p->ask[0] * f, b1 = p->bid[1], a1 = p->ask[1];
	double m0 = (b0 + a0) / 2, m1 = (b1 + a1) / 2;
	p->spread = m0 - m1;
	p->spread_bp = p->spread / m1 * 1e4;
	p->ratio = m0 / m1;
	p->gross[SIDE_SELL] = b0 - a1;
	p->gross[SIDE_BUY] = a0 - b1;
	p->net[SIDE_SELL] = b0 * (1 - 0.0002) - a1 * (1 + 0.0002);
	p->net[SIDE_BUY] = a0 * (1 + 0.0002) - b1 * (1 - 0.0002);
	for (int i = 0; i < 2; i++) {
		bid_lots[i] = (double)(d->top[i].q.qty[SIDE_BUY] / 1000);
		ask_lots[i] = (double)(d->top[i].q.qty[SIDE_SELL] / 1000);
	}
	p->lots[SIDE_SELL] = bid_lots[0] < ask_lots[1] ? bid_lots[0] : ask_lots[1];
	p->lots[SIDE_BUY] = ask_lots[0] < bid_lots[1] ? ask_lots[0] : bid_lots[1];
	for (int i = 0; i < side_max; i++) {
		p->bp[i] = p->gross[i] / m1 * 1e4;
		p->net_bp[i] = p->net[i] / m1 * 1e4;
	}
	p->age_ms = (double)(now_ns - d->top[0].valid_ns) / 1e6;
	p->skew_ms = (double)(d->top[1].valid_ns - d->top[0].valid_ns) / 1e6;
}

static double plain(struct desk_of *d, int times, struct plain *p)
{
	int64_t from = bench_ns();
	for (int t = 0; t < times; t++)
		for (int i = 0; i < EVENTS; i++) {
			take(d, &event[i]);
			in_plain_c(d, (int64_t)(t * EVENTS + i) * 1000, p);
			bench_keep((int64_t)p->net[SIDE_SELL]);
		}
	return (double)(bench_ns() - from) / times / EVENTS;
}

int main(int argc, char **argv)
{
	static struct desk_of base, banded, wanted, other;
	static struct bench_rounds rounds[3];
	static const char *const figure[] = { "two legs, one reference",
					      "with a band of 1,000 samples",
					      "with 10 pair lots wanted, of 20 levels" };
	struct desk_of *const of[] = { &base, &banded, &wanted };
	struct plain p = { 0 };
	int times = bench_quick(argc, argv) ? 2 : 60;
	walk();
	set_up(&base);
	set_up(&banded);
	set_up(&wanted);
	set_up(&other);
	if (band_init(&banded.band, 1000 * 100000LL, 100000))
		die("no band");
	banded.spec.band = &banded.band;
	wanted.spec.want_lots = 10;
	for (int l = 0; l < 2; l++) {
		fill_book(&wanted, l);
		wanted.spec.leg_book[l] = &wanted.book[l];
	}
	for (int round = 0; round < 7; round++)
		for (int k = 0; k < 3; k++) {
			double mine = ours(of[k], times);
			bench_round(&rounds[k], mine, plain(&other, times, &p));
		}
	/* The same numbers, or the comparison says nothing. */
	if (fabs(p.net[SIDE_SELL] - base.b.dir[SIDE_SELL].net) > 1e-6 ||
	    fabs(p.spread_bp - base.b.spread_bp) > 1e-6)
		die("the plain loop and the basis differ");
	for (int k = 0; k < 3; k++) {
		struct bench_line l;
		struct json_out *j = bench_open(&l, "basis", figure[k]);
		bench_put_rounds(j, &rounds[k], "ns", "plain_c");
		bench_tell(&l);
	}
	return 0;
}
