/* Proves that no stamps, however absurd or out of order, make tsync overflow, loop, or state an interval upside down or a place after its arrival. */
#include "core/base/must.h"
#include "core/market/tsync.h"
#include <string.h>

struct input {
	const uint8_t *p;
	size_t n;
	int64_t host, venue; /* as if two sane clocks ran beside the noise */
};

static uint8_t take(struct input *in)
{
	if (in->n == 0)
		return 0;
	in->n--;
	return *in->p++;
}

static int64_t take_wild(struct input *in)
{
	uint64_t v = 0;
	for (int i = 0; i < 8; i++)
		v = v << 8 | take(in);
	return (int64_t)v;
}

static int64_t plus(int64_t a, int64_t b)
{
	int64_t sum;
	return __builtin_add_overflow(a, b, &sum) ? a : sum;
}

/* Near a base, far from it, at the ends of what there is, or anything. */
static int64_t take_time(struct input *in, int64_t base)
{
	static const int64_t ends[] = { INT64_MIN,
					INT64_MIN + 1,
					-1,
					0,
					1,
					INT64_MAX - 1,
					INT64_MAX,
					INT64_C(1) << 62,
					-(INT64_C(1) << 62),
					INT64_C(1) << 61 };
	uint8_t how = take(in);
	int64_t near = (int8_t)take(in);
	switch (how % 8) {
	case 0:
		return ends[(how / 8) % (sizeof ends / sizeof *ends)];
	case 1:
		return take_wild(in);
	case 2:
		return plus(base, near * INT64_C(3600000000000));
	case 3:
		return plus(base, near * 1000000000);
	case 4:
		return base / 1000000000 * 1000000000;
	default:
		return plus(base, near * 10000);
	}
}

static void look(const struct tsync *t, int64_t at, int64_t venue, int64_t recv)
{
	struct tsync_estimate e;
	int64_t bound;
	tsync_read(t, at, &e);
	must(e.lo_ns <= e.hi_ns && e.open < tsync_open_max && e.refused <= e.samples);
	must(e.open != TSYNC_CLOSED ||
	     (e.lo_ns <= e.offset_ns && e.offset_ns <= e.hi_ns && e.bound_ns >= 0));
	must((e.open == TSYNC_CLOSED) == (e.bound_ns != INT64_MAX));
	must(tsync_place(t, venue, recv, &bound) <= recv && bound >= 0);
}

static void act(struct tsync *t, struct input *in)
{
	uint8_t what = take(in);
	in->host = plus(in->host, (int64_t)take(in) << (what & 31));
	in->venue = plus(in->venue, (int64_t)take(in) << (what & 31));
	int64_t recv = take_time(in, in->host), venue = take_time(in, in->venue);
	if (what >= 250)
		tsync_host_step(t, take_time(in, 0));
	else if (what & 1)
		tsync_stamp(t, 2 + (what >> 1 & 1), venue, recv);
	else
		tsync_pair(t, what >> 1 & 1, take_time(in, plus(recv, -400000)), venue,
			   take_time(in, venue), recv);
	look(t, take_time(in, in->host), take_time(in, in->venue), take_time(in, in->host));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct input in = { data, n, INT64_C(1) << 50, INT64_C(1) << 60 };
	uint8_t how = take(&in);
	struct tsync_config c = { .max_min_delay_ns = how & 1 ? 500000 : 0,
				  .grain_ns = how & 2 ? 1000000 : 0,
				  .max_drift_ppb = how & 4 ? 3000000 : 0 };
	struct tsync *t;
	must(tsync_open(&c, &t) == 0);
	for (int i = 0; i < TSYNC_SOURCES; i++)
		must(tsync_source(t, i < 2 ? TSYNC_PAIRS : TSYNC_STREAM) == i);
	while (in.n)
		act(t, &in);
	tsync_free(t);
	return 0;
}
