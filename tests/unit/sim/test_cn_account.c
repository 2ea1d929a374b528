/* Proves the counter's money: margin by rate, profit against opening or settlement, fees by the age of the lots, losses that bind and gains that wait, and the
 * day's settlement in cash. */
#include "adapters/sim/cn_account.h"
#include "tests/unit/suite.h"

#define E8 100000000ll

static struct instrument instrument[2];
static struct rule rule;
static const uint8_t house[2] = { CN_SHFE, CN_DCE };
static struct cn_view view;
static struct cn_account it;

static void begin(void)
{
	rule = (struct rule){ .tick = 1,
			      .lot = 1,
			      .margin_e8 = 10000000,
			      .fee = { .per_lot_e8 = 2 * E8,
				       .close_today_e8 = -1,
				       .close_today_per_lot_e8 = 5 * E8 } };
	for (int i = 0; i < 2; i++)
		instrument[i] = (struct instrument){ .quote = 1, .expo = { EXPO_LINEAR, 10, 1 } };
	view = (struct cn_view){ .instrument = instrument,
				 .house = house,
				 .n = 2,
				 .rule = { &rule, &rule },
				 .settle_px = { 1000, 1000 },
				 .mark_px = { 1000, 1000 } };
	it = (struct cn_account){ .view = &view, .balance_e8 = 100000 * E8 };
}

static struct cn_fill fill(uint16_t i, enum side side, enum offset offset, int64_t qty, int64_t px)
{
	struct cn_fill f;
	if (offset != OFFSET_OPEN) {
		struct cn_position *p = &it.position[i][side ^ 1];
		bool splits = cn_house_rule[house[i]].splits_close;
		ck_assert_int_eq(cn_position_freeze(p, cn_from(splits, offset), qty), CN_OK);
	}
	cn_account_fill(&it, i, side, offset, qty, px, &f);
	return f;
}

START_TEST(opening_needs_margin_and_fee)
{
	begin();
	ck_assert_int_eq(cn_account_need_e8(&it, 0, SIDE_BUY, 3, 1000), (3000 + 6) * E8);
	ck_assert_int_eq(cn_account_need_e8(&it, 0, SIDE_BUY, INT64_MAX, 1000), INT64_MAX);
	fill(0, SIDE_BUY, OFFSET_OPEN, 3, 1000);
	ck_assert_int_eq(cn_account_margin_e8(&it, 0, SIDE_BUY), 3000 * E8);
	ck_assert_int_eq(cn_account_available_e8(&it), (100000 - 3000 - 6) * E8);
	it.locked_e8 = 500 * E8;
	ck_assert_int_eq(cn_account_available_e8(&it), (100000 - 3000 - 6 - 500) * E8);
}
END_TEST

START_TEST(losses_bind_and_gains_wait)
{
	begin();
	fill(0, SIDE_SELL, OFFSET_OPEN, 2, 1000);
	int64_t before = cn_account_available_e8(&it);
	view.mark_px[0] = 1030;
	ck_assert_int_eq(cn_account_open_profit_e8(&it, 0, SIDE_SELL), -600 * E8);
	ck_assert_int_eq(cn_account_available_e8(&it), before - 600 * E8);
	view.mark_px[0] = 900;
	ck_assert_int_eq(cn_account_available_e8(&it), before);
}
END_TEST

START_TEST(fees_go_by_the_age_of_the_lots)
{
	begin();
	const int64_t px[CN_INSTRUMENTS] = { 1000, 1000 };
	fill(1, SIDE_BUY, OFFSET_OPEN, 3, 1000);
	cn_account_settle(&it, px);
	fill(1, SIDE_BUY, OFFSET_OPEN, 3, 1010);
	struct cn_fill f = fill(1, SIDE_SELL, OFFSET_CLOSE, 4, 1020);
	ck_assert_int_eq(f.yesterday, 3);
	ck_assert_int_eq(f.today, 1);
	ck_assert_int_eq(f.fee_e8, (3 * 2 + 1 * 5) * E8);
	ck_assert_int_eq(f.profit_e8, (3 * 200 + 1 * 100) * E8);
}
END_TEST

START_TEST(the_day_is_settled_in_cash)
{
	begin();
	fill(0, SIDE_BUY, OFFSET_OPEN, 2, 1000);
	fill(0, SIDE_SELL, OFFSET_OPEN, 1, 1010);
	const int64_t px[CN_INSTRUMENTS] = { 1020, 1000 };
	cn_account_settle(&it, px);
	view.settle_px[0] = view.mark_px[0] = 1020;
	ck_assert_int_eq(it.profit_e8, (2 * 200 - 100) * E8);
	ck_assert_int_eq(it.balance_e8, (100000 + 300 - 6) * E8);
	ck_assert_int_eq(it.position[0][SIDE_BUY].yesterday, 2);
	ck_assert_int_eq(it.position[0][SIDE_SELL].yesterday, 1);
	ck_assert_int_eq(cn_account_open_profit_e8(&it, 0, SIDE_BUY), 0);
	ck_assert_int_eq(cn_account_margin_e8(&it, 0, SIDE_BUY), 2040 * E8);
	struct cn_fill f = fill(0, SIDE_SELL, OFFSET_CLOSE, 2, 1015);
	ck_assert_int_eq(f.profit_e8,
			 -100 * E8); /* against the settlement, not what it was bought at */
	ck_assert_int_eq(f.fee_e8, 4 * E8);
}
END_TEST

SUITE("cn_account", opening_needs_margin_and_fee, losses_bind_and_gains_wait,
      fees_go_by_the_age_of_the_lots, the_day_is_settled_in_cash)
