/* Proves that faults and delays come as often and as large as asked, alike for the same seed, each from a stream of its own, and
 * that settings are read from text or refused in words. */
#include "adapters/sim/draw.h"
#include "adapters/sim/knobs.h"
#include "core/base/err.h"
#include "tests/unit/suite.h"
#include <string.h>

static struct knobs_config config;
static struct knobs knobs;

static void begin(uint64_t seed)
{
	ck_assert_msg(knobs_init(&knobs, &config, seed, 1000) == 0, "%s", err_text());
}

static void set(const char *name, const char *value)
{
	ck_assert_msg(knobs_set(&config, name, value) == 0, "%s", err_text());
}

START_TEST(faults_strike_as_often_as_asked)
{
	knobs_config_init(&config);
	begin(1);
	for (int i = 0; i < 1000; i++)
		for (enum fault f = 0; f < fault_max; f++)
			ck_assert(!knobs_hit(&knobs, f));
	for (enum fault f = 0; f < fault_max; f++)
		config.ppm[f] = 20000;
	begin(1);
	for (int i = 0; i < 50000; i++)
		for (enum fault f = 0; f < fault_max; f++)
			knobs_hit(&knobs, f);
	for (enum fault f = 0; f < fault_max; f++) {
		ck_assert_uint_gt(knobs.hits[f], 850);
		ck_assert_uint_lt(knobs.hits[f], 1150);
	}
}
END_TEST

START_TEST(one_knob_does_not_move_the_others)
{
	knobs_config_init(&config);
	config.ppm[FAULT_REJECT] = 300000;
	begin(7);
	uint64_t alone = 0, beside = 0;
	for (int i = 0; i < 60; i++)
		alone = alone << 1 | knobs_hit(&knobs, FAULT_REJECT);
	config.ppm[FAULT_DROP_OUT] = 500000;
	set("delay.out", "uniform:1ms:2ms");
	begin(7);
	for (int i = 0; i < 60; i++) {
		knobs_hit(&knobs, FAULT_DROP_OUT);
		knobs_delay(&knobs, PATH_OUT, 0);
		beside = beside << 1 | knobs_hit(&knobs, FAULT_REJECT);
	}
	ck_assert_uint_eq(alone, beside);
	begin(8);
	for (int i = 0; i < 60; i++)
		beside = beside << 1 | knobs_hit(&knobs, FAULT_REJECT);
	ck_assert_uint_ne(alone, beside);
}
END_TEST

/* Least, mean and most of many draws. */
struct spread {
	int64_t least, mean, most;
};

static struct spread spread(const char *value)
{
	knobs_config_init(&config);
	set("delay.feed", value);
	begin(3);
	struct spread s = { INT64_MAX, 0, 0 };
	for (int i = 0; i < 20000; i++) {
		int64_t d = knobs_delay(&knobs, PATH_FEED, (int64_t)i * 1000000);
		s.least = d < s.least ? d : s.least;
		s.most = d > s.most ? d : s.most;
		s.mean += d / 20000;
	}
	return s;
}

static void within(int64_t v, int64_t lo, int64_t hi)
{
	ck_assert_int_ge(v, lo);
	ck_assert_int_le(v, hi);
}

START_TEST(delays_have_their_shapes)
{
	struct spread s = spread("fixed:250us");
	within(s.least, 250000, 250000);
	within(s.most, 250000, 250000);
	s = spread("uniform:1ms:3ms");
	within(s.least, 1000000, 1010000);
	within(s.mean, 1980000, 2020000);
	within(s.most, 2990000, 3000000);
	s = spread("exponential:1ms:2ms");
	within(s.least, 1000000, 1010000);
	within(s.mean, 2900000, 3100000);
	within(s.most, 12000000, 87000000);
	s = spread("exponential:1ms:2ms:5ms");
	within(s.most, 5000000, 5000000);
	s = spread("lognormal:1ms:2ms");
	within(s.least, 1300000, 1600000);
	within(s.mean, 3200000, 3600000); /* median 2 ms, sigma 0.6: mean 2.39 */
	within(s.most, 9000000, 20000000);
	s = spread("burst:1ms:20ms:30ms:1%:10ms");
	within(s.least, 1000000, 1000000);
	within(s.mean, 2000000, 5000000);
	within(s.most, 29900000, 30000000);
}
END_TEST

START_TEST(draws_have_their_moments)
{
	struct rng r;
	rng_seed(&r, 5);
	int64_t sum = 0, squares = 0;
	for (int i = 0; i < 100000; i++) {
		int64_t n = draw_normal(&r);
		sum += n;
		squares += n * n / 65536;
	}
	within(sum / 100000, -700, 700);
	within(squares / 100000, 64500, 66500);
	static const struct quantiles q = { { 0, 5, 25, 50, 75, 95, 99, 100 } };
	int64_t below[8] = { 0 };
	for (int i = 0; i < 100000; i++) {
		int64_t v = draw_quantile(&r, &q);
		for (int k = 0; k < 8; k++)
			below[k] += v < q.at[k];
	}
	for (int k = 0; k < 8; k++)
		within(below[k], q.at[k] * 1000 - 700, q.at[k] * 1000 + 700);
}
END_TEST

START_TEST(the_venues_clock_is_off_as_asked)
{
	knobs_config_init(&config);
	set("clock.offset", "-1.27s");
	set("clock.drift", "4ppm");
	begin(1);
	ck_assert_int_eq(knobs_clock(&knobs, 1000), 1000 - 1270000000);
	ck_assert_int_eq(knobs_clock(&knobs, 1000 + 1000000000), 1000 - 270000000 + 4000);
}
END_TEST

START_TEST(the_venues_clock_jumps)
{
	knobs_config_init(&config);
	set("clock.offset", "3ms");
	set("plan", "clock@5s:1h");
	set("plan", "clock@7s:-80ms");
	begin(1);
	struct plan_event e;
	ck_assert(knobs_plan_pop(&knobs, 5000001000, &e));
	ck_assert_str_eq(plan_kind_name(e.kind), "clock");
	knobs_clock_step(&knobs, e.for_ns);
	ck_assert_int_eq(knobs_clock_offset(&knobs, 0), 3600003000000);
	ck_assert(knobs_plan_pop(&knobs, 7000001000, &e));
	knobs_clock_step(&knobs, e.for_ns);
	ck_assert_int_eq(knobs_clock_offset(&knobs, 0), 3599923000000);
}
END_TEST

START_TEST(stamps_have_their_grain)
{
	knobs_config_init(&config);
	set("clock.grain", "1ms");
	set("clock.offset", "-2500us");
	begin(1);
	ck_assert_int_eq(knobs_clock(&knobs, 5000000), 2000000);
	ck_assert_int_eq(knobs_clock(&knobs, 5499999), 2000000);
	ck_assert_int_eq(knobs_clock(&knobs, 5500000), 3000000);
	ck_assert_int_eq(knobs_clock(&knobs, 1000000), -2000000);
	ck_assert_int_eq(knobs_clock_offset(&knobs, 5000000), -2500000);
}
END_TEST

START_TEST(plans_come_in_their_time)
{
	knobs_config_init(&config);
	set("plan", "freeze@3s:500ms");
	set("plan", "disconnect@1.5s");
	begin(1);
	struct plan_event e;
	ck_assert_int_eq(knobs_plan_ns(&knobs), 1500001000);
	ck_assert(!knobs_plan_pop(&knobs, 1500000999, &e));
	ck_assert(knobs_plan_pop(&knobs, 1500001000, &e));
	ck_assert_str_eq(plan_kind_name(e.kind), "disconnect");
	ck_assert(!knobs_plan_pop(&knobs, 3000000999, &e));
	ck_assert(knobs_plan_pop(&knobs, 9000000000, &e));
	ck_assert_int_eq(e.for_ns, 500000000);
	ck_assert_int_eq(knobs_plan_ns(&knobs), INT64_MAX);
}
END_TEST

START_TEST(settings_are_read_or_refused_in_words)
{
	knobs_config_init(&config);
	for (enum fault f = 0; f < fault_max; f++) {
		set(fault_name(f), "0.5%");
		ck_assert_uint_eq(config.ppm[f], 5000);
	}
	set("reject", "200ppm");
	ck_assert_uint_eq(config.ppm[FAULT_REJECT], 200);
	set("partial.size", "10%:20%");
	ck_assert_uint_eq(config.partial_ppm_hi, 200000);
	set("plan", "mute.USDCNH@5s");
	set("plan", "mute@1m:2s");
	set("plan", "feed_freeze@3s:2s");
	ck_assert_str_eq(config.plan[0].symbol, "USDCNH");
	ck_assert_int_eq(config.plan[0].for_ns, 0);
	ck_assert_str_eq(config.plan[1].symbol, "");
	ck_assert_int_eq(config.plan[1].at_ns, 60000000000);
	ck_assert_str_eq(plan_kind_name(config.plan[2].kind), "feed_freeze");
	set("freeze.for", "2s");
	ck_assert_int_eq(config.freeze_ns, 2000000000);
	static const char *const bad[][2] = {
		{ "rejects", "1%" },
		{ "reject", "" },
		{ "reject", "1" },
		{ "reject", "101%" },
		{ "reject", "-1%" },
		{ "delay.feed", "1ms" },
		{ "delay.feed", "fixed" },
		{ "delay.feed", "uniform:1ms" },
		{ "delay.feed", "fixed:1parsec" },
		{ "delay.up", "fixed:1ms" },
		{ "plan", "disconnect" },
		{ "plan", "explode@1s" },
		{ "plan", "freeze@1s:2s:3s" },
		{ "plan", "freeze@-1s" },
		{ "plan", "mute" },
		{ "plan", "mute.@1s" },
		{ "plan", "mute@1s:-1s" },
		{ "plan", "mute.ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@1s" },
		{ "plan", "freeze.BTCUSDT@1s:1s" },
		{ "plan", "clock@1s" },
		{ "plan", "clock@1s:9999999h" },
		{ "clock.grain", "ms" },
		{ "clock.drift", "1s" },
		{ "partial.size", "10%" },
		{ "burst", "1ms" },
		{ "delay.in", "burst:1ms:2ms:3ms:1%" },
	};
	struct knobs_config before = config;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		ck_assert_msg(knobs_set(&config, bad[i][0], bad[i][1]) == -ERR_CONFIG, "%s %s",
			      bad[i][0], bad[i][1]);
		ck_assert_ptr_nonnull(strstr(err_text(), bad[i][0]));
		ck_assert_mem_eq(&before, &config, sizeof config);
	}
	set("delay.feed", "uniform:3ms:1ms");
	ck_assert_int_eq(knobs_init(&knobs, &config, 1, 0), -ERR_CONFIG);
	config = before;
	config.ppm[0] = 1000001;
	ck_assert_int_eq(knobs_init(&knobs, &config, 1, 0), -ERR_CONFIG);
}
END_TEST

SUITE("knobs", faults_strike_as_often_as_asked, one_knob_does_not_move_the_others,
      delays_have_their_shapes, draws_have_their_moments, the_venues_clock_is_off_as_asked,
      the_venues_clock_jumps, stamps_have_their_grain, plans_come_in_their_time,
      settings_are_read_or_refused_in_words)
