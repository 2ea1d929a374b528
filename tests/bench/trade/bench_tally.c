/* What the exchanges' limits cost: whether a pair of two legs may open, every counter bounded, and counting an order that was sent; beside a plain loop that compares as many numbers. */
#include "core/ops/config.h"
#include "core/trade/desk.h"
#include "core/trade/scribe.h"
#include "tests/bench/bench.h"

enum { LEGS = 2, TIMES = 20000 };

static struct {
	struct config cfg;
	struct config_venue cv[1];
	struct config_account ca[1];
	struct instrument in[LEGS];
	struct config_exchange_rule rule[1];
	struct desk d;
	struct pair pair;
	volatile int64_t count[LEGS][tally_kind_max], bound[tally_kind_max];
} b;

static void set_up(void)
{
	static const struct desk_sizes sizes = { 4, 2, 4, 4, 4 };
	b.rule[0] = (struct config_exchange_rule){ .exchange = "X",
						   .instrument = UINT32_MAX,
						   .burst_messages = 10,
						   .warn_pct = 70,
						   .block_pct = 90 };
	for (unsigned k = 0; k < tally_kind_max; k++) {
		b.rule[0].limit[k] = INT64_MAX / 200;
		b.bound[k] = INT64_MAX / 2;
	}
	b.cfg = (struct config){ .n_venues = 1,
				 .n_accounts = 1,
				 .n_instruments = LEGS,
				 .venue = b.cv,
				 .account = b.ca,
				 .instrument = b.in,
				 .n_exchange_rules = 1,
				 .exchange_rule = b.rule };
	b.pair = (struct pair){ .n_legs = LEGS, .intent = INTENT_OPEN };
	for (unsigned l = 0; l < LEGS; l++) {
		b.in[l] = (struct instrument){ .name_id = 7 + l,
					       .calendar = CALENDAR_NONE,
					       .exchange = "X" };
		b.pair.leg[l] = (struct pair_leg){ .instrument = l, .want_qty = 1 };
	}
	b.d = (struct desk){ .cfg = &b.cfg, .instrument = b.in, .now = { 1, 1767225600000000000 } };
	if (desk_init(&b.d, &sizes))
		abort();
	b.d.names.account[0] = 5;
}

static double gate_ns(void)
{
	struct tally_hit hit;
	int64_t from = bench_ns(), may = 0;
	for (int i = 0; i < TIMES; i++) {
		b.d.now.utc_ns += 1000;
		may += tally_gate(&b.d, &b.pair, &hit);
	}
	bench_keep(may);
	return (double)(bench_ns() - from) / TIMES;
}

static double count_ns(void)
{
	struct fact f;
	fact_init(&f, FACT_SENT);
	f.account = 5;
	f.instrument = 7;
	int64_t from = bench_ns();
	for (int i = 0; i < TIMES; i++) {
		f.utc_ns = b.d.now.utc_ns += 1000000;
		tally_fact(&b.d, &f);
	}
	return (double)(bench_ns() - from) / TIMES;
}

static double loop_ns(void)
{
	int64_t from = bench_ns(), may = 0;
	for (int i = 0; i < TIMES; i++)
		for (unsigned l = 0; l < LEGS; l++)
			for (unsigned k = 0; k < tally_kind_max; k++)
				may += b.count[l][k] + 1 <= b.bound[k];
	bench_keep(may);
	return (double)(bench_ns() - from) / TIMES;
}

int main(int argc, char **argv)
{
	const int rounds = bench_quick(argc, argv) ? 3 : 40;
	static struct bench_rounds gate, count;
	struct bench_line l;
	set_up();
	for (int r = 0; r < rounds; r++) {
		double loop = loop_ns();
		bench_round(&gate, gate_ns(), loop);
		bench_round(&count, count_ns(), loop);
	}
	bench_put_rounds(bench_open(&l, "tally", "gate"), &gate, "ns", "loop");
	bench_tell(&l);
	bench_put_rounds(bench_open(&l, "tally", "count_an_order"), &count, "ns", "loop");
	bench_tell(&l);
	desk_free(&b.d);
	return 0;
}
