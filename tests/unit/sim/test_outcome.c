/* Proves that every outcome has its name, number, words and class on both kinds of market, and that limits hold to the unit. */
#include "adapters/sim/outcome.h"
#include "tests/unit/suite.h"
#include <string.h>

START_TEST(every_outcome_can_be_said)
{
	ck_assert_int_eq(outcome_code(OUT_OK, MARKET_SPOT), 0);
	for (enum outcome o = OUT_OK + 1; o < outcome_max; o++)
		for (enum market_kind kind = 0; kind < market_kind_max; kind++) {
			ck_assert_int_lt(outcome_code(o, kind), -999);
			ck_assert_uint_gt(strlen(outcome_text(o, kind)), 5);
			ck_assert_uint_gt(strlen(outcome_name(o)), 2);
			ck_assert_int_lt(outcome_class(o), reject_class_max);
		}
	ck_assert_str_eq(outcome_name(outcome_max), "?");
	/* Those that the core acts on. */
	ck_assert_int_eq(outcome_code(OUT_MONEY, MARKET_SPOT), -2010);
	ck_assert_int_eq(outcome_code(OUT_MARGIN, MARKET_FUTURES), -2019);
	ck_assert_int_eq(outcome_class(OUT_MARGIN), REJECT_MONEY);
	ck_assert_int_eq(outcome_class(OUT_BUSY), REJECT_TRANSIENT);
	ck_assert_int_eq(outcome_class(OUT_UNKNOWN_ORDER), REJECT_GONE);
	ck_assert_int_eq(outcome_class(OUT_HALTED), REJECT_CLOSED);
}
END_TEST

START_TEST(limits_hold_to_the_unit)
{
	struct instrument i = { .px_dp = 2,
				.qty_dp = 0,
				.expo = { EXPO_LINEAR, 1, 1 },
				.caps = { .types = 1 << ORD_LIMIT | 1 << ORD_MARKET,
					  .tifs = 1 << TIF_GTC } };
	struct rule r = { .tick = 5,
			  .lot = 2,
			  .min_qty = 4,
			  .max_qty = 100,
			  .min_notional_e8 = 50 * 100000000ll,
			  .band_lo = 900,
			  .band_hi = 2000,
			  .band_up_ppm = 100000,
			  .band_down_ppm = 200000 };
	static const struct {
		uint8_t side, type;
		int64_t px, qty, ref;
		enum outcome want;
	} cases[] = {
		{ SIDE_BUY, ORD_LIMIT, 1000, 6, 0, OUT_OK },
		{ SIDE_BUY, ORD_LIMIT, 1001, 6, 0, OUT_TICK },
		{ SIDE_BUY, ORD_LIMIT, -1000, 6, 0, OUT_TICK },
		{ SIDE_BUY, ORD_LIMIT, 1000, 7, 0, OUT_LOT },
		{ SIDE_BUY, ORD_LIMIT, 2000, 2, 0, OUT_MIN_QTY },
		{ SIDE_BUY, ORD_LIMIT, 1000, 102, 0, OUT_MAX_QTY },
		{ SIDE_BUY, ORD_LIMIT, 1000, 100, 0, OUT_OK },
		{ SIDE_BUY, ORD_LIMIT, 1000, INT64_MAX, 0, OUT_MAX_QTY },
		{ SIDE_BUY, ORD_LIMIT, 1250, 4, 0, OUT_OK },
		{ SIDE_BUY, ORD_LIMIT, 1245, 4, 0, OUT_NOTIONAL },
		{ SIDE_BUY, ORD_LIMIT, 900, 6, 0, OUT_OK },
		{ SIDE_BUY, ORD_LIMIT, 895, 6, 0, OUT_BAND },
		{ SIDE_SELL, ORD_LIMIT, 2005, 6, 0, OUT_BAND },
		{ SIDE_BUY, ORD_LIMIT, 1100, 6, 1000, OUT_OK },
		{ SIDE_BUY, ORD_LIMIT, 1105, 6, 1000, OUT_PERCENT },
		{ SIDE_SELL, ORD_LIMIT, 1105, 6, 1000, OUT_OK },
		{ SIDE_SELL, ORD_LIMIT, 960, 6, 1200, OUT_OK },
		{ SIDE_SELL, ORD_LIMIT, 955, 6, 1200, OUT_PERCENT },
		{ SIDE_BUY, ORD_MARKET, 0, 4, 1249, OUT_NOTIONAL },
		{ SIDE_BUY, ORD_MARKET, 0, 4, 1250, OUT_OK },
		{ SIDE_BUY, ORD_POST_ONLY, 1000, 6, 0, OUT_UNSUPPORTED },
		{ 2, ORD_LIMIT, 1000, 6, 0, OUT_UNSUPPORTED },
		{ SIDE_BUY, 9, 1000, 6, 0, OUT_UNSUPPORTED },
	};
	for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
		enum outcome got = outcome_check(&i, &r, cases[k].side, cases[k].type, TIF_GTC,
						 cases[k].px, cases[k].qty, cases[k].ref);
		ck_assert_msg(got == cases[k].want, "case %zu: %s, not %s", k, outcome_name(got),
			      outcome_name(cases[k].want));
	}
	ck_assert_int_eq(outcome_check(&i, &r, SIDE_BUY, ORD_LIMIT, TIF_IOC, 1000, 6, 0),
			 OUT_UNSUPPORTED);
}
END_TEST

SUITE("outcome", every_outcome_can_be_said, limits_hold_to_the_unit)
