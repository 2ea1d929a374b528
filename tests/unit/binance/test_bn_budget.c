/* Proves that the message budget never lets more out than it may, keeps its reserve for what is urgent, and heeds pauses. */
#include "adapters/binance/bn_budget.h"
#include "core/base/err.h"
#include "core/base/rng.h"
#include "tests/unit/suite.h"

#define SECOND_NS 1000000000ll

START_TEST(starts_full_and_keeps_the_reserve)
{
	struct bn_budget b;
	bn_budget_init(&b, 10, 30, 0);
	for (int i = 0; i < 7; i++)
		ck_assert_int_eq(bn_budget_take(&b, BN_OPENING, 0), 0);
	ck_assert_int_eq(bn_budget_take(&b, BN_OPENING, 0), -ERR_LIMIT);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(bn_budget_take(&b, BN_URGENT, 0), 0);
	ck_assert_int_eq(bn_budget_take(&b, BN_URGENT, 0), -ERR_LIMIT);
	/* A tenth of a second is one message: urgent ones may have it, others not. */
	ck_assert_int_eq(bn_budget_take(&b, BN_OPENING, SECOND_NS / 10), -ERR_LIMIT);
	ck_assert_int_eq(bn_budget_take(&b, BN_URGENT, SECOND_NS / 10), 0);
}
END_TEST

START_TEST(never_more_than_allowed_in_any_second)
{
	enum { RATE = 7, N = 20000 };
	struct bn_budget b;
	struct rng r;
	static int64_t sent[N];
	unsigned n = 0;
	int64_t now = 0;
	rng_seed(&r, 3);
	bn_budget_init(&b, RATE, 20, 0);
	for (int i = 0; i < N; i++) {
		now += rng_range(&r, 0, SECOND_NS / 5);
		if (!bn_budget_take(&b, rng_chance(&r, 500000) ? BN_URGENT : BN_OPENING, now))
			sent[n++] = now;
	}
	ck_assert_uint_gt(n, 1000);
	/* What a bucket promises: at most a full one and what flows in meanwhile. */
	for (unsigned i = 0; i + 2 * RATE < n; i++)
		EXPECT(sent[i + 2 * RATE] - sent[i] >= SECOND_NS);
}
END_TEST

START_TEST(pauses)
{
	struct bn_budget b;
	bn_budget_init(&b, 0, 0, 0);
	for (int i = 0; i < 1000; i++)
		ck_assert_int_eq(bn_budget_take(&b, BN_OPENING, 0), 0);
	bn_budget_pause(&b, 100, false);
	ck_assert_int_eq(bn_budget_take(&b, BN_OPENING, 99), -ERR_LIMIT);
	ck_assert_int_eq(bn_budget_take(&b, BN_URGENT, 99), 0);
	bn_budget_pause(&b, 200, true);
	bn_budget_pause(&b, 50, true); /* never shorter */
	ck_assert_int_eq(bn_budget_take(&b, BN_URGENT, 199), -ERR_LIMIT);
	ck_assert_int_eq(bn_budget_take(&b, BN_OPENING, 200), 0);
}
END_TEST

START_TEST(time_that_stands_or_goes_back_gives_nothing)
{
	struct bn_budget b;
	bn_budget_init(&b, 1, 0, SECOND_NS);
	ck_assert_int_eq(bn_budget_take(&b, BN_URGENT, SECOND_NS), 0);
	ck_assert_int_eq(bn_budget_take(&b, BN_URGENT, 0), -ERR_LIMIT);
	ck_assert_int_eq(bn_budget_take(&b, BN_URGENT, 2 * SECOND_NS), 0);
	ck_assert_int_eq(bn_budget_take(&b, BN_URGENT, INT64_MAX), 0);
}
END_TEST

SUITE("bn_budget", starts_full_and_keeps_the_reserve, never_more_than_allowed_in_any_second, pauses,
      time_that_stands_or_goes_back_gives_nothing)
