/* What it costs to ask a calendar of forty years which phase and trading day a moment is in: as a host asks, moment after moment, and at random. Beside a bare
 * branching binary search of the same moments. */
#include "core/base/date.h"
#include "core/base/err.h"
#include "core/base/rng.h"
#include "core/market/calendar.h"
#include "tests/bench/bench.h"

enum { MOMENTS = 1 << 16, ROUNDS = 9 };

#define SECOND_NS 1000000000ll
#define H(h, m)	  ((h)*3600 + (m)*60)
#define WEEK	  0x1f

static struct calendar gold = {
	.name = "gold",
	.zone = "Asia/Shanghai",
	.n_sessions = 6,
	.session = { { H(20, 55), H(21, 0), WEEK, PHASE_AUCTION, true },
		     { H(21, 0), H(26, 30), WEEK, PHASE_CONTINUOUS, true },
		     { H(8, 55), H(9, 0), WEEK, PHASE_AUCTION, false },
		     { H(9, 0), H(10, 15), WEEK, PHASE_CONTINUOUS, false },
		     { H(10, 30), H(11, 30), WEEK, PHASE_CONTINUOUS, false },
		     { H(13, 30), H(15, 0), WEEK, PHASE_CONTINUOUS, false } },
};
static int64_t moment[2][MOMENTS], ends[1 << 17];

static double ours(const int64_t *at, int times)
{
	int64_t from = bench_ns();
	for (int t = 0; t < times; t++)
		for (int i = 0; i < MOMENTS; i++) {
			struct calendar_now now;
			calendar_at(&gold, at[i], &now);
			bench_keep(now.until_utc_ns + now.phase);
		}
	return (double)(bench_ns() - from) / times / MOMENTS;
}

static double plain(const int64_t *at, int times)
{
	int64_t from = bench_ns();
	for (int t = 0; t < times; t++)
		for (int i = 0; i < MOMENTS; i++) {
			uint32_t lo = 0, hi = gold.n_spans;
			while (lo < hi) {
				uint32_t mid = lo + (hi - lo) / 2;
				if (ends[mid] <= at[i])
					lo = mid + 1;
				else
					hi = mid;
			}
			bench_keep(lo);
		}
	return (double)(bench_ns() - from) / times / MOMENTS;
}

int main(int argc, char **argv)
{
	static const char *const figure[] = { "moment after moment", "at random" };
	struct bench_rounds rounds[2] = { { .n = 0 } };
	struct rng r;
	int64_t from = date_days(20000101) * DATE_DAY_S * SECOND_NS,
		to = date_days(20400101) * DATE_DAY_S * SECOND_NS;
	int times = bench_quick(argc, argv) ? 1 : 20;
	if (calendar_build(&gold, from, to)) {
		fprintf(stderr, "bench_calendar: %s\n", err_text());
		return 1;
	}
	rng_seed(&r, 1);
	for (uint32_t i = 0; i < gold.n_spans; i++)
		ends[i] = gold.span[i].to_utc_ns;
	for (int i = 0; i < MOMENTS; i++) {
		moment[0][i] = from + (to - from) / 2 + i * SECOND_NS;
		moment[1][i] = rng_range(&r, from, to);
	}
	for (int round = 0; round < ROUNDS; round++)
		for (int k = 0; k < 2; k++) {
			double mine = ours(moment[k], times);
			bench_round(&rounds[k], mine, plain(moment[k], times));
		}
	for (int k = 0; k < 2; k++) {
		struct bench_line l;
		struct json_out *j = bench_open(&l, "calendar_at", figure[k]);
		bench_put_rounds(j, &rounds[k], "ns", "plain_search");
		json_uint(j, "spans", gold.n_spans);
		bench_tell(&l);
	}
	calendar_free(&gold);
	return 0;
}
