/* Proves that the domestic exchanges' rules are told apart: which orders they take in which phase, the day's limits from the settlement price, and the words
 * of every refusal. */
#include "adapters/sim/cn_rules.h"
#include "tests/unit/suite.h"
#include <string.h>

static const struct rule rule = { .tick = 2,
				  .lot = 1,
				  .min_qty = 1,
				  .max_qty = 100,
				  .band_up_ppm = 70000,
				  .band_down_ppm = 70000 };

static enum cn_refusal ask(struct cn_asked q, enum cn_house house, enum phase phase)
{
	struct cn_band b = cn_band(&rule, 1001);
	return cn_check(&q, house, &rule, &b, phase);
}

static struct cn_asked good(void)
{
	return (struct cn_asked){ .tif = TIF_DAY, .offset = OFFSET_OPEN, .px = 1000, .qty = 1 };
}

START_TEST(limits_lie_inside_the_rate_and_on_the_tick)
{
	struct cn_band b = cn_band(&rule, 1001); /* 930.93 and 1071.07 */
	ck_assert_int_eq(b.lo, 932);
	ck_assert_int_eq(b.hi, 1070);
	struct rule said = rule;
	said.band_lo = 900;
	said.band_hi = 1100;
	b = cn_band(&said, 1001);
	ck_assert_int_eq(b.lo, 900);
	ck_assert_int_eq(b.hi, 1100);
	said = (struct rule){ .tick = 1, .lot = 1 };
	b = cn_band(&said, 1001);
	ck_assert(b.lo == INT64_MIN && b.hi == INT64_MAX);
}
END_TEST

START_TEST(prices_and_quantities_are_checked)
{
	struct cn_asked q = good();
	ck_assert_int_eq(ask(q, CN_SHFE, PHASE_CONTINUOUS), CN_OK);
	q.px = 1070;
	ck_assert_int_eq(ask(q, CN_SHFE, PHASE_CONTINUOUS), CN_OK);
	q.px = 1072;
	ck_assert_int_eq(ask(q, CN_SHFE, PHASE_CONTINUOUS), CN_ABOVE_LIMIT);
	q.px = 930;
	ck_assert_int_eq(ask(q, CN_SHFE, PHASE_CONTINUOUS), CN_BELOW_LIMIT);
	q.px = 1001;
	ck_assert_int_eq(ask(q, CN_SHFE, PHASE_CONTINUOUS), CN_TICK);
	q = good();
	q.qty = 101;
	ck_assert_int_eq(ask(q, CN_SHFE, PHASE_CONTINUOUS), CN_QTY);
	q.qty = 0;
	ck_assert_int_eq(ask(q, CN_SHFE, PHASE_CONTINUOUS), CN_FIELD);
	q = good();
	q.px = -2;
	ck_assert_int_eq(ask(q, CN_SHFE, PHASE_CONTINUOUS), CN_FIELD);
	q = good();
	q.offset = OFFSET_NONE;
	ck_assert_int_eq(ask(q, CN_SHFE, PHASE_CONTINUOUS), CN_FIELD);
	q = good();
	q.side = side_max;
	ck_assert_int_eq(ask(q, CN_SHFE, PHASE_CONTINUOUS), CN_FIELD);
}
END_TEST

START_TEST(no_market_orders_and_no_fok_at_czce)
{
	for (enum cn_house h = 0; h < cn_house_max; h++) {
		struct cn_asked q = good();
		q.type = ORD_MARKET;
		ck_assert_int_eq(ask(q, h, PHASE_CONTINUOUS), CN_UNSUPPORTED);
		q = good();
		q.tif = TIF_GTC;
		ck_assert_int_eq(ask(q, h, PHASE_CONTINUOUS), CN_UNSUPPORTED);
		q.tif = TIF_IOC;
		ck_assert_int_eq(ask(q, h, PHASE_CONTINUOUS), CN_OK);
		q.tif = TIF_FOK;
		ck_assert_int_eq(ask(q, h, PHASE_CONTINUOUS),
				 h == CN_CZCE ? CN_UNSUPPORTED : CN_OK);
	}
}
END_TEST

START_TEST(phases_take_what_they_take)
{
	for (enum phase p = 0; p < phase_max; p++) {
		struct cn_asked q = good();
		bool trades = p == PHASE_CONTINUOUS;
		ck_assert_int_eq(ask(q, CN_DCE, p),
				 trades || p == PHASE_AUCTION ? CN_OK : CN_PHASE);
		q.tif = TIF_IOC;
		ck_assert_int_eq(ask(q, CN_DCE, p), trades ? CN_OK : CN_PHASE);
		q.tif = TIF_FOK;
		ck_assert_int_eq(ask(q, CN_DCE, p), trades ? CN_OK : CN_PHASE);
	}
}
END_TEST

START_TEST(refusals_have_the_counters_words)
{
	static const struct {
		enum cn_refusal r;
		int32_t code;
	} codes[] = { { CN_DUPLICATE, 22 },	  { CN_DONE, 26 },	  { CN_OVER_CLOSE, 30 },
		      { CN_MONEY, 31 },		  { CN_UNCONFIRMED, 42 }, { CN_TODAY_SHORT, 50 },
		      { CN_YESTERDAY_SHORT, 51 }, { CN_FLOW, -3 },	  { CN_PHASE, 0 } };
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
		ck_assert_int_eq(cn_refusal_code(codes[i].r), codes[i].code);
	for (enum cn_refusal r = CN_OK + 1; r < cn_refusal_max; r++) {
		ck_assert(*cn_refusal_text(r) && *cn_refusal_name(r));
		ck_assert(cn_refusal_by_exchange(r) == (cn_refusal_code(r) == 0));
		for (enum cn_refusal s = CN_OK; s < r; s++)
			ck_assert_str_ne(cn_refusal_name(r), cn_refusal_name(s));
	}
	ck_assert_str_eq(cn_refusal_text(CN_MONEY), "CTP:资金不足");
	ck_assert_int_eq(cn_refusal_class(CN_MONEY), REJECT_MONEY);
	ck_assert_int_eq(cn_refusal_class(CN_PHASE), REJECT_CLOSED);
	ck_assert_str_eq(cn_refusal_text(cn_refusal_max), "?");
}
END_TEST

SUITE("cn_rules", limits_lie_inside_the_rate_and_on_the_tick, prices_and_quantities_are_checked,
      no_market_orders_and_no_fok_at_czce, phases_take_what_they_take,
      refusals_have_the_counters_words)
