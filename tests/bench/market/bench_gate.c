/* What one judgement of the gate costs for two legs and one reference when nothing is wrong, and when the last row decides, beside a plain C loop over the same numbers that compares ages and
 * states, knows no model of a feed, no session and no bound, and names nothing. */
#include "core/base/rng.h"
#include "core/market/gate.h"
#include "tests/bench/bench.h"

#define EVENTS 8192
#define MS     1000000LL
#define SEC    1000000000LL

struct scene {
	struct instrument in[3];
	struct top top[3];
	struct feed_line line[3];
	struct calendar_now session[2];
	struct basis_spec spec;
	struct gate_limits limits;
	struct gate_now now;
};

static struct {
	int which;
	int64_t at_ns, delay_ns;
} event[EVENTS];

static void set_up(struct scene *s)
{
	static const uint8_t model[] = { FEED_SEQUENCED, FEED_CONFLATED, FEED_ON_CHANGE };
	memset(s, 0, sizeof *s);
	s->spec.n_legs = 2;
	s->spec.n_refs = 1;
	for (int i = 0; i < 3; i++) {
		s->line[i] = (struct feed_line){ SEC, SEC };
		s->top[i] = (struct top){ .q = { .px = { 100, 101 }, .qty = { 5, 5 } },
					  .valid_ns = SEC,
					  .bound_ns = 100000,
					  .cadence_ns = MS,
					  .line = &s->line[i],
					  .model = model[i],
					  .state = BOOK_LIVE };
		if (i < 2) {
			s->session[i] = (struct calendar_now){ .phase = PHASE_CONTINUOUS,
							       .closes_utc_ns = INT64_MAX };
			s->now.leg_session[i] = &s->session[i];
			s->spec.leg[i] = &s->in[i];
			s->spec.leg_top[i] = &s->top[i];
		}
	}
	s->spec.ref[0] = &s->in[2];
	s->spec.ref_top[0] = &s->top[2];
	s->limits = (struct gate_limits){ .max_age_ns = 2 * SEC,
					  .max_skew_ns = SEC,
					  .max_clock_bound_ns = 5 * MS,
					  .max_utc_bound_ns = SEC,
					  .close_margin_ns = SEC };
	s->now.utc_bound_ns = MS;
}

static void make_events(void)
{
	struct rng r;
	rng_seed(&r, 5);
	for (int i = 0; i < EVENTS; i++) {
		event[i].which = (int)rng_below(&r, 3);
		event[i].at_ns = SEC + i * 100000LL;
		event[i].delay_ns = rng_range(&r, 0, MS);
	}
}

static inline void take(struct scene *s, int i)
{
	int w = event[i].which;
	s->top[w].valid_ns = event[i].at_ns - event[i].delay_ns;
	s->line[w].data_ns = s->line[w].beat_ns = event[i].at_ns;
	s->now.mono_ns = s->now.utc_ns = event[i].at_ns;
}

static double ours(struct scene *s, int times, enum gate want)
{
	int64_t other = 0, from = bench_ns();
	for (int t = 0; t < times; t++)
		for (int i = 0; i < EVENTS; i++) {
			take(s, i);
			other += gate_judge(&s->spec, &s->limits, &s->now).gate != want;
		}
	double ns = (double)(bench_ns() - from) / times / EVENTS;
	if (other) {
		fprintf(stderr, "bench_gate: %lld other verdicts\n", (long long)other);
		exit(1);
	}
	return ns;
}

/* What has to be moved to feed either. */
static double moving(struct scene *s, int times)
{
	int64_t from = bench_ns();
	for (int t = 0; t < times; t++)
		for (int i = 0; i < EVENTS; i++) {
			take(s, i);
			bench_keep((int64_t)(uintptr_t)s);
		}
	return (double)(bench_ns() - from) / times / EVENTS;
}

static double plain(struct scene *s, int times)
{
	int64_t from = bench_ns();
	for (int t = 0; t < times; t++)
		for (int i = 0; i < EVENTS; i++) {
			take(s, i);
			bench_keep((int64_t)(uintptr_t)s);
			int64_t oldest = INT64_MAX, lo = INT64_MAX, hi = INT64_MIN;
			bool live = true;
			for (int k = 0; k < 3; k++) {
				int64_t v = s->top[k].valid_ns;
				live &= s->top[k].state == BOOK_LIVE;
				oldest = v < oldest ? v : oldest;
				if (k == 2)
					break;
				lo = v < lo ? v : lo;
				hi = v > hi ? v : hi;
			}
			bench_keep(live && s->now.mono_ns - oldest <= s->limits.max_age_ns &&
				   hi - lo <= s->limits.max_skew_ns);
		}
	return (double)(bench_ns() - from) / times / EVENTS;
}

static void measure(struct scene *s, const char *figure, enum gate want, int rounds, int times)
{
	struct bench_rounds r = { 0 };
	double moved[BENCH_ROUNDS];
	for (int i = 0; i < rounds; i++) {
		double p = plain(s, times), o = ours(s, times, want);
		moved[i] = moving(s, times);
		bench_round(&r, o, p);
	}
	struct bench_line line;
	struct json_out *j = bench_open(&line, "gate", figure);
	bench_put_rounds(j, &r, "ns", "plain");
	bench_num(j, "moving_ns", bench_quantile(moved, (size_t)rounds, 0.5));
	bench_tell(&line);
}

int main(int argc, char **argv)
{
	bool quick = bench_quick(argc, argv);
	int rounds = quick ? 3 : 15, times = quick ? 2 : 60;
	static struct scene s;
	make_events();
	set_up(&s);
	measure(&s, "open, 2 legs and 1 reference", GATE_OPEN, rounds, times);
	s.top[2].q.px[SIDE_BUY] = s.top[2].q.px[SIDE_SELL] = 0;
	measure(&s, "closed by the last row", GATE_VALUE, rounds, times);
	return 0;
}
