/* Proves that the checker hears each wrong: a sound history is fine, and with one thing made wrong the invariant that it breaks is named. */
#include "core/base/log.h"
#include "core/trade/desk.h"
#include "core/trade/rescue.h"
#include "core/trade/router.h"
#include "tests/sim/history.h"
#include <check.h>
#include <stdio.h>
#include <string.h>

static int only_broken(void)
{
	uint32_t n;
	const struct checker_violation *v = checker_violations(history_checker, &n);
	return n ? v[0].invariant : 0;
}

static void i1_rests_uneven(void)
{
	history_both_sent();
	history_traded(BUY, 7);
	history_event(EVENT_CANCELED, SELL, 0, 0);
	struct fact f = history_of(FACT_CANCELLED, SELL);
	f.state = ORDER_CANCELLED;
	history_hear(f);
	history_pair(PAIR_SENT, PAIR_HEDGED);
}

static void i2_too_much_in_the_worst_case(void)
{
	history_proposed(1000, PX + 1000000);
	history_intend(BUY, 4 * LOT);
}

static void i3_id_twice(void)
{
	history_sound();
	history_intend(BUY, LOT);
}

static void i3_sent_twice(void)
{
	history_both_sent();
	history_send(BUY);
}

static void i3_refused_but_there(void)
{
	history_proposed(1000, PX + 1000000);
	history_intend(BUY, LOT);
	history_intend(SELL, LOT);
	history_send(BUY);
	struct fact f = history_of(FACT_REJECTED, BUY);
	f.state = ORDER_REJECTED;
	history_hear(f);
	history_event(EVENT_NEW, BUY, 0, 0);
}

static void i4_never_traded(void)
{
	history_both_sent();
	history_fill(BUY, 7, LOT, LOT);
}

static void i4_booked_twice(void)
{
	history_both_sent();
	history_traded(BUY, 7);
	history_fill(BUY, 7, LOT, 2 * LOT);
}

static void i4_wrong_sum(void)
{
	history_both_sent();
	history_event(EVENT_TRADE, BUY, 7, LOT);
	history_fill(BUY, 7, LOT, LOT + 1);
}

static void i4_never_booked(void)
{
	history_sound();
	history_event(EVENT_TRADE, BUY, 9, LOT);
	checker_end(history_checker, history_ns);
}

static void i5_back_to_life(void)
{
	history_sound();
	struct fact f = history_of(FACT_ACK, BUY);
	f.state = ORDER_LIVE;
	history_hear(f);
}

static void i6_no_intent(void)
{
	history_proposed(1000, PX + 1000000);
	history_event(EVENT_NEW, BUY, 0, 0);
}

static void i6_another_size(void)
{
	history_proposed(1000, PX + 1000000);
	history_intend(BUY, LOT / 2);
	history_event(EVENT_NEW, BUY, 0, 0);
}

static void i7_a_receipt_is_missing(void)
{
	history_sound();
	history_seq++;
	history_pair(PAIR_HEDGED, PAIR_HEDGED);
}

static void i7_cause_after_it(void)
{
	struct fact f = history_of(FACT_LOG, 0);
	f.cause = 99;
	history_hear(f);
}

static void i8_held_without_cause(void)
{
	struct fact f = history_of(FACT_PAIR, 0);
	history_both_sent();
	f.num[0] = PAIR_SENT;
	f.num[1] = PAIR_HELD;
	f.num[4] = 2;
	f.num[6] = HELD_VENUE_DOWN;
	f.state = PAIR_HELD;
	history_hear(f);
}

static void i8_never_ends(void)
{
	history_both_sent();
	checker_end(history_checker, history_ns);
}

static void i9_stale(void)
{
	history_proposed(2000000000, PX + 1000000);
}

static void i9_crossed(void)
{
	history_proposed(1000, PX - 1000000);
}

static void i10_after_a_kill(void)
{
	struct fact f = history_of(FACT_OPERATOR, 0);
	history_proposed(1000, PX + 1000000);
	history_intend(BUY, LOT);
	f.pair = 0;
	f.num[1] = 1;
	f.state = RISK_HALTED;
	history_hear(f);
	history_send(BUY);
}

static void i12_time_goes_back(void)
{
	history_sound();
	struct fact f = history_of(FACT_LOG, 0);
	f.mono_ns = history_ns - 5000;
	history_hear(f);
}

static void i13_too_many_messages(void)
{
	history_both_sent();
	for (int i = 0; i < 10; i++) {
		struct fact f = history_of(FACT_QUERY, BUY);
		f.state = ORDER_SENT;
		history_hear(f);
	}
}

static void i15_with_itself(void)
{
	history_both_sent();
	history_event(EVENT_TRADE, BUY, 7, LOT);
	struct exchange_event e = { .kind = EVENT_TRADE };
	e.order = (struct exchange_order){ .id = SELL, .side = SIDE_SELL, .qty = LOT, .px = PX };
	snprintf(e.order.client, sizeof e.order.client, "TDM%016llx", (unsigned long long)SELL);
	e.trade = (struct exchange_trade){
		.trade = 7, .order = SELL, .side = SIDE_SELL, .px = PX, .qty = LOT
	};
	checker_event(history_checker, 0, &e);
}

static void i1_a_leg_is_traded_twice(void)
{
	history_both_sent();
	history_traded(BUY, 7);
	struct fact f = history_of(FACT_ORDER, BUY + 16);
	f.state = ORDER_NEW;
	f.num[2] = ORDER_RESCUES;
	history_hear(f);
}

static void i1_unwound_on_the_wrong_side(void)
{
	history_both_sent();
	history_traded(SELL, 8);
	struct fact f = history_of(FACT_ORDER, SELL + 16);
	f.leg = 1;
	f.instrument = f.account = 2;
	f.side = SIDE_SELL;
	f.state = ORDER_NEW;
	f.num[2] = ORDER_RESCUES;
	history_hear(f);
}

static void i1_follows_ahead_of_its_first(void)
{
	history_proposed(1000, PX + 1000000);
	struct fact f = history_of(FACT_PLAN, 0);
	f.num[0] = STYLE_LEGGED;
	history_hear(f);
	history_intend(BUY, LOT);
	history_send(BUY);
	history_event(EVENT_NEW, BUY, 0, 0);
	history_event(EVENT_TRADE, BUY, 7, LOT / 2);
	history_fill(BUY, 7, LOT / 2, LOT / 2);
	f = history_of(FACT_ORDER, SELL);
	f.state = ORDER_NEW;
	f.num[2] = ORDER_HEDGES;
	history_hear(f);
}

static void i2_opens_in_a_fenced_contract(void)
{
	struct fact f = history_of(FACT_FENCE, 0);
	f.pair = 0;
	f.num[0] = 2;
	f.num[1] = 1;
	history_hear(f);
	history_both_sent();
}

static void i2_opens_before_the_past_is_booked(void)
{
	history_both_sent();
	history_traded(BUY, 7);
	history_event(EVENT_TRADE, SELL, 8, LOT);
	history_ns += 200000000;
	history_venue(1, VENUE_UP);
	struct fact f = history_of(FACT_ORDER, BUY + 16);
	f.state = ORDER_NEW;
	f.qty = 1;
	history_hear(f);
}

static void i2_opens_at_a_venue_that_is_down(void)
{
	history_venue(1, VENUE_DOWN);
	history_proposed(1000, PX + 1000000);
	history_intend(BUY, LOT);
}

static void i2_more_than_the_account_may_hold(void)
{
	history_proposed(1000, PX + 1000000);
	struct fact f = history_of(FACT_LEG, BUY);
	f.order = 0;
	f.num[2] = 4 * LOT;
	f.num[4] = PX;
	history_hear(f);
	history_intend(BUY, 4 * LOT);
}

static void i4_position_written_down_wrongly(void)
{
	history_sound();
	struct fact f = history_of(FACT_POSITION, 0);
	f.pair = 0;
	f.num[0] = 2 * LOT;
	history_hear(f);
}

static void i4_the_books_differ_in_the_end(void)
{
	history_sound();
	struct exchange_event e = { .kind = EVENT_TRADE };
	snprintf(e.order.client, sizeof e.order.client, "somebody");
	e.trade = (struct exchange_trade){ .trade = 9, .order = 9, .px = PX, .qty = LOT };
	checker_event(history_checker, 0, &e);
	checker_had_time(history_checker);
	checker_end(history_checker, history_ns);
}

static void i5_ended_though_it_works(void)
{
	history_both_sent();
	struct fact f = history_of(FACT_REJECTED, BUY);
	f.state = ORDER_REJECTED;
	history_hear(f);
}

static void i6_a_leg_without_its_intent(void)
{
	history_proposed(1000, PX + 1000000);
	history_intend(BUY, LOT);
	history_send(BUY);
}

static void i13_cancelled_again_at_once(void)
{
	history_both_sent();
	for (int k = 0; k < 2; k++) {
		struct fact f = history_of(FACT_CANCEL, BUY);
		f.state = ORDER_CANCELLING;
		history_hear(f);
	}
}

static void r4_the_dearer_way(void)
{
	history_both_sent();
	history_traded(BUY, 7);
	history_pair(PAIR_SENT, PAIR_BROKEN);
	struct fact f = history_of(FACT_RESCUE, 0);
	f.num[7] = RESCUE_UNWIND;
	history_hear(f);
	for (int w = RESCUE_COMPLETE; w <= RESCUE_UNWIND; w++) {
		f = history_of(FACT_COST, 0);
		f.num[0] = w;
		f.num[5] = w;
		history_hear(f);
	}
}

static void r5_a_rescue_that_a_kill_bars(void)
{
	history_both_sent();
	history_traded(BUY, 7);
	history_pair(PAIR_SENT, PAIR_BROKEN);
	history_pair(PAIR_BROKEN, PAIR_COMPLETING);
	struct fact f = history_of(FACT_RISK, 0);
	f.num[0] = RISK_LIMIT_KILL;
	history_hear(f);
}

static void r6_held_in_silence(void)
{
	history_both_sent();
	history_traded(BUY, 7);
	checker_trouble(history_checker, 1, TROUBLE_LINK, history_ns + 1000000000);
	struct fact f = history_of(FACT_PAIR, 0);
	f.num[0] = PAIR_SENT;
	f.num[1] = PAIR_HELD;
	f.num[2] = f.num[3] = LOT;
	f.num[4] = 2;
	f.num[6] = HELD_VENUE_DOWN;
	f.turn = 1;
	history_hear(f);
	f = history_of(FACT_LOG, 0);
	f.turn = 2;
	history_hear(f);
}

static const struct wrong {
	int invariant;
	void (*history)(void);
} wrongs[] = {
	{ 1, i1_rests_uneven },
	{ 2, i2_too_much_in_the_worst_case },
	{ 3, i3_id_twice },
	{ 3, i3_sent_twice },
	{ 3, i3_refused_but_there },
	{ 4, i4_never_traded },
	{ 4, i4_booked_twice },
	{ 4, i4_wrong_sum },
	{ 4, i4_never_booked },
	{ 5, i5_back_to_life },
	{ 6, i6_no_intent },
	{ 6, i6_another_size },
	{ 7, i7_a_receipt_is_missing },
	{ 7, i7_cause_after_it },
	{ 8, i8_held_without_cause },
	{ 8, i8_never_ends },
	{ 9, i9_stale },
	{ 9, i9_crossed },
	{ 10, i10_after_a_kill },
	{ 12, i12_time_goes_back },
	{ 13, i13_too_many_messages },
	{ 15, i15_with_itself },
	{ 1, i1_a_leg_is_traded_twice },
	{ 1, i1_unwound_on_the_wrong_side },
	{ 1, i1_follows_ahead_of_its_first },
	{ 2, i2_opens_in_a_fenced_contract },
	{ 2, i2_opens_before_the_past_is_booked },
	{ 2, i2_opens_at_a_venue_that_is_down },
	{ 2, i2_more_than_the_account_may_hold },
	{ 4, i4_position_written_down_wrongly },
	{ 4, i4_the_books_differ_in_the_end },
	{ 5, i5_ended_though_it_works },
	{ 6, i6_a_leg_without_its_intent },
	{ 13, i13_cancelled_again_at_once },
	{ CHECKER_RULE + 4, r4_the_dearer_way },
	{ CHECKER_RULE + 5, r5_a_rescue_that_a_kill_bars },
	{ CHECKER_RULE + 6, r6_held_in_silence },
};

START_TEST(a_sound_history_is_fine)
{
	history_begin();
	history_sound();
	checker_end(history_checker, history_ns);
	ck_assert_int_eq(only_broken(), 0);
	ck_assert_uint_eq(checker_counts(history_checker)->hedged, 1);
	ck_assert_uint_eq(checker_counts(history_checker)->pairs, 1);
}
END_TEST

START_TEST(each_wrong_is_heard)
{
	history_begin();
	wrongs[_i].history();
	ck_assert_int_eq(only_broken(), wrongs[_i].invariant);
}
END_TEST

/* The same held pair is legal while its venue is in trouble, and not a moment longer. */
START_TEST(trouble_excuses_as_long_as_it_lasts)
{
	history_begin();
	checker_trouble(history_checker, 1, TROUBLE_LINK, history_ns + 1000000);
	i8_held_without_cause();
	ck_assert_int_eq(only_broken(), 0);
	checker_end(history_checker, history_ns + 2000000);
	ck_assert_int_eq(only_broken(), 8);
}
END_TEST

int main(void)
{
	log_set_level(LOG_ERROR);
	Suite *s = suite_create("checker");
	TCase *t = tcase_create("histories");
	if (checker_open(&history_checker))
		return 1;
	tcase_add_test(t, a_sound_history_is_fine);
	tcase_add_loop_test(t, each_wrong_is_heard, 0, (int)(sizeof wrongs / sizeof *wrongs));
	tcase_add_test(t, trouble_excuses_as_long_as_it_lasts);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	checker_free(history_checker);
	return failed != 0;
}
