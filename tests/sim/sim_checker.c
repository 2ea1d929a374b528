/* Proves that the checker hears each wrong: a sound history is fine, and with one thing made wrong the invariant that it breaks is named. */
#include "core/base/log.h"
#include "core/trade/desk.h"
#include "core/trade/rescue.h"
#include "core/trade/router.h"
#include "tests/sim/checker.h"
#include <check.h>
#include <stdio.h>
#include <string.h>

#define PAIR  0x100
#define BUY   0x101
#define SELL  0x102
#define LOT   1000000 /* 0.01 of the base, at 8 decimals */
#define PX    6180000000000
#define NAMES 1

static struct checker *c;
static struct instrument instrument[2];
static uint64_t seq;
static int64_t now_ns;

static void venue(unsigned v, enum venue_state to);

static void begin(void)
{
	struct checker_terms t = { .instrument = instrument,
				   .n_instruments = 2,
				   .n_venues = 2,
				   .n_accounts = 2,
				   .n_instances = 1,
				   .instrument_of = { { 1 }, { 2 } },
				   .account_of = { { 1 }, { 2 } },
				   .group_of = { 0, 1, 1 },
				   .max_imbalance_base_e8 = 3 * LOT,
				   .max_age_ns = 1000000000,
				   .messages = { 20, 20 },
				   .cheapest = { false, true },
				   .lot_base_e8 = { LOT, LOT },
				   .max_position_base_e8 = 3 * LOT,
				   .answer_ns = 60000000,
				   .messages_per_s = { 10, 10 },
				   .reserve_pct = { 20, 20 } };
	for (unsigned i = 0; i < 2; i++) {
		instrument[i] = (struct instrument){ .venue = (uint16_t)i,
						     .px_dp = 8,
						     .qty_dp = 8,
						     .base = 1,
						     .quote = 2,
						     .settle = 2,
						     .expo = { i ? EXPO_LINEAR : EXPO_SPOT, 1, 1 },
						     .n_rules = 1 };
		instrument[i].rule[0] =
			(struct rule){ .tick = 1000000, .lot = 1000, .min_qty = 1000 };
	}
	checker_begin(c, &t);
	seq = 0;
	now_ns = 1000000000;
	venue(0, VENUE_UP);
	venue(1, VENUE_UP);
}

static void hear(struct fact f)
{
	f.seq = f.seq ? f.seq : ++seq;
	f.mono_ns = f.mono_ns ? f.mono_ns : (now_ns += 1000);
	checker_fact(c, &f);
}

static struct fact of(enum fact_kind k, uint64_t order)
{
	struct fact f;
	fact_init(&f, k);
	f.instance = NAMES;
	f.pair = PAIR;
	f.order = order;
	f.leg = order == SELL;
	f.side = order == SELL ? SIDE_SELL : SIDE_BUY;
	f.instrument = order == SELL ? 2 : 1;
	f.account = f.instrument;
	f.px = PX;
	f.qty = LOT;
	return f;
}

static void pair(enum pair_state from, enum pair_state to)
{
	struct fact f = of(FACT_PAIR, 0);
	f.state = (uint8_t)to;
	f.num[0] = from;
	f.num[1] = to;
	f.num[4] = 2;
	hear(f);
}

static void venue(unsigned v, enum venue_state to)
{
	struct fact f;
	fact_init(&f, FACT_VENUE);
	f.venue = v + 1;
	f.num[1] = to;
	hear(f);
}

static void quotes(int64_t age_ns, int64_t ask)
{
	for (unsigned i = 1; i <= 2; i++) {
		struct fact f = of(FACT_QUOTE, 0);
		f.instrument = i;
		f.num[0] = PX;
		f.num[1] = f.num[3] = LOT;
		f.num[2] = ask;
		f.num[6] = age_ns;
		f.num[7] = BOOK_LIVE;
		hear(f);
	}
}

static void proposed(int64_t age_ns, int64_t ask)
{
	quotes(age_ns, ask);
	pair(PAIR_PROPOSED, PAIR_PROPOSED);
	for (uint64_t o = BUY; o <= SELL; o++) {
		struct fact f = of(FACT_LEG, o);
		f.order = 0;
		f.num[2] = LOT;
		f.num[4] = PX;
		hear(f);
	}
	pair(PAIR_PROPOSED, PAIR_CHECKED);
}

static void intend(uint64_t order, int64_t qty)
{
	struct fact f = of(FACT_ORDER, order);
	f.state = ORDER_NEW;
	f.qty = qty;
	hear(f);
}

static void send(uint64_t order)
{
	struct fact f = of(FACT_SENT, order);
	f.state = ORDER_SENT;
	snprintf(f.exec, sizeof f.exec, "TDM%016llx", (unsigned long long)order);
	hear(f);
}

static void event(enum exchange_event_kind k, uint64_t order, uint64_t trade, int64_t qty)
{
	struct exchange_event e = { .kind = (uint8_t)k };
	unsigned venue = order == SELL;
	e.order = (struct exchange_order){
		.id = order, .side = (uint8_t)(order == SELL), .qty = LOT, .px = PX
	};
	snprintf(e.order.client, sizeof e.order.client, "TDM%016llx", (unsigned long long)order);
	e.trade = (struct exchange_trade){ .trade = trade,
					   .order = order,
					   .side = e.order.side,
					   .px = PX,
					   .qty = qty,
					   .fee_asset = 2 };
	checker_event(c, venue, &e);
}

static void fill(uint64_t order, uint64_t trade, int64_t qty, int64_t cum)
{
	struct fact f = of(FACT_FILL, order);
	f.state = cum >= LOT ? ORDER_FILLED : ORDER_LIVE;
	f.qty = qty;
	f.num[0] = cum;
	snprintf(f.venue_order, sizeof f.venue_order, "%llu", (unsigned long long)order);
	snprintf(f.exec, sizeof f.exec, "%llu", (unsigned long long)trade);
	hear(f);
}

static void both_sent(void)
{
	proposed(1000, PX + 1000000);
	intend(BUY, LOT);
	intend(SELL, LOT);
	send(BUY);
	send(SELL);
	pair(PAIR_CHECKED, PAIR_SENT);
	event(EVENT_NEW, BUY, 0, 0);
	event(EVENT_NEW, SELL, 0, 0);
}

static void traded(uint64_t order, uint64_t trade)
{
	event(EVENT_TRADE, order, trade, LOT);
	fill(order, trade, LOT, LOT);
}

static void sound(void)
{
	both_sent();
	traded(BUY, 7);
	traded(SELL, 8);
	pair(PAIR_SENT, PAIR_HEDGED);
}

static int only_broken(void)
{
	uint32_t n;
	const struct checker_violation *v = checker_violations(c, &n);
	return n ? v[0].invariant : 0;
}

static void i1_rests_uneven(void)
{
	both_sent();
	traded(BUY, 7);
	event(EVENT_CANCELED, SELL, 0, 0);
	struct fact f = of(FACT_CANCELLED, SELL);
	f.state = ORDER_CANCELLED;
	hear(f);
	pair(PAIR_SENT, PAIR_HEDGED);
}

static void i2_too_much_in_the_worst_case(void)
{
	proposed(1000, PX + 1000000);
	intend(BUY, 4 * LOT);
}

static void i3_id_twice(void)
{
	sound();
	intend(BUY, LOT);
}

static void i3_sent_twice(void)
{
	both_sent();
	send(BUY);
}

static void i3_refused_but_there(void)
{
	proposed(1000, PX + 1000000);
	intend(BUY, LOT);
	intend(SELL, LOT);
	send(BUY);
	struct fact f = of(FACT_REJECTED, BUY);
	f.state = ORDER_REJECTED;
	hear(f);
	event(EVENT_NEW, BUY, 0, 0);
}

static void i4_never_traded(void)
{
	both_sent();
	fill(BUY, 7, LOT, LOT);
}

static void i4_booked_twice(void)
{
	both_sent();
	traded(BUY, 7);
	fill(BUY, 7, LOT, 2 * LOT);
}

static void i4_wrong_sum(void)
{
	both_sent();
	event(EVENT_TRADE, BUY, 7, LOT);
	fill(BUY, 7, LOT, LOT + 1);
}

static void i4_never_booked(void)
{
	sound();
	event(EVENT_TRADE, BUY, 9, LOT);
	checker_end(c, now_ns);
}

static void i5_back_to_life(void)
{
	sound();
	struct fact f = of(FACT_ACK, BUY);
	f.state = ORDER_LIVE;
	hear(f);
}

static void i6_no_intent(void)
{
	proposed(1000, PX + 1000000);
	event(EVENT_NEW, BUY, 0, 0);
}

static void i6_another_size(void)
{
	proposed(1000, PX + 1000000);
	intend(BUY, LOT / 2);
	event(EVENT_NEW, BUY, 0, 0);
}

static void i7_a_receipt_is_missing(void)
{
	sound();
	seq++;
	pair(PAIR_HEDGED, PAIR_HEDGED);
}

static void i7_cause_after_it(void)
{
	struct fact f = of(FACT_LOG, 0);
	f.cause = 99;
	hear(f);
}

static void i8_held_without_cause(void)
{
	struct fact f = of(FACT_PAIR, 0);
	both_sent();
	f.num[0] = PAIR_SENT;
	f.num[1] = PAIR_HELD;
	f.num[4] = 2;
	f.num[6] = HELD_VENUE_DOWN;
	f.state = PAIR_HELD;
	hear(f);
}

static void i8_never_ends(void)
{
	both_sent();
	checker_end(c, now_ns);
}

static void i9_stale(void)
{
	proposed(2000000000, PX + 1000000);
}

static void i9_crossed(void)
{
	proposed(1000, PX - 1000000);
}

static void i10_after_a_kill(void)
{
	struct fact f = of(FACT_OPERATOR, 0);
	proposed(1000, PX + 1000000);
	intend(BUY, LOT);
	f.pair = 0;
	f.num[1] = 1;
	f.state = RISK_HALTED;
	hear(f);
	send(BUY);
}

static void i12_time_goes_back(void)
{
	sound();
	struct fact f = of(FACT_LOG, 0);
	f.mono_ns = now_ns - 5000;
	hear(f);
}

static void i13_too_many_messages(void)
{
	both_sent();
	for (int i = 0; i < 10; i++) {
		struct fact f = of(FACT_QUERY, BUY);
		f.state = ORDER_SENT;
		hear(f);
	}
}

static void i15_with_itself(void)
{
	both_sent();
	event(EVENT_TRADE, BUY, 7, LOT);
	struct exchange_event e = { .kind = EVENT_TRADE };
	e.order = (struct exchange_order){ .id = SELL, .side = SIDE_SELL, .qty = LOT, .px = PX };
	snprintf(e.order.client, sizeof e.order.client, "TDM%016llx", (unsigned long long)SELL);
	e.trade = (struct exchange_trade){
		.trade = 7, .order = SELL, .side = SIDE_SELL, .px = PX, .qty = LOT
	};
	checker_event(c, 0, &e);
}

static void i1_a_leg_is_traded_twice(void)
{
	both_sent();
	traded(BUY, 7);
	struct fact f = of(FACT_ORDER, BUY + 16);
	f.state = ORDER_NEW;
	f.num[2] = ORDER_RESCUES;
	hear(f);
}

static void i1_unwound_on_the_wrong_side(void)
{
	both_sent();
	traded(SELL, 8);
	struct fact f = of(FACT_ORDER, SELL + 16);
	f.leg = 1;
	f.instrument = f.account = 2;
	f.side = SIDE_SELL;
	f.state = ORDER_NEW;
	f.num[2] = ORDER_RESCUES;
	hear(f);
}

static void i1_follows_ahead_of_its_first(void)
{
	proposed(1000, PX + 1000000);
	struct fact f = of(FACT_PLAN, 0);
	f.num[0] = STYLE_LEGGED;
	hear(f);
	intend(BUY, LOT);
	send(BUY);
	event(EVENT_NEW, BUY, 0, 0);
	event(EVENT_TRADE, BUY, 7, LOT / 2);
	fill(BUY, 7, LOT / 2, LOT / 2);
	f = of(FACT_ORDER, SELL);
	f.state = ORDER_NEW;
	f.num[2] = ORDER_HEDGES;
	hear(f);
}

static void i2_opens_in_a_fenced_contract(void)
{
	struct fact f = of(FACT_FENCE, 0);
	f.pair = 0;
	f.num[0] = 2;
	f.num[1] = 1;
	hear(f);
	both_sent();
}

static void i2_opens_before_the_past_is_booked(void)
{
	both_sent();
	traded(BUY, 7);
	event(EVENT_TRADE, SELL, 8, LOT);
	now_ns += 200000000;
	venue(1, VENUE_UP);
	struct fact f = of(FACT_ORDER, BUY + 16);
	f.state = ORDER_NEW;
	f.qty = 1;
	hear(f);
}

static void i2_opens_at_a_venue_that_is_down(void)
{
	venue(1, VENUE_DOWN);
	proposed(1000, PX + 1000000);
	intend(BUY, LOT);
}

static void i2_more_than_the_account_may_hold(void)
{
	proposed(1000, PX + 1000000);
	struct fact f = of(FACT_LEG, BUY);
	f.order = 0;
	f.num[2] = 4 * LOT;
	f.num[4] = PX;
	hear(f);
	intend(BUY, 4 * LOT);
}

static void i4_position_written_down_wrongly(void)
{
	sound();
	struct fact f = of(FACT_POSITION, 0);
	f.pair = 0;
	f.num[0] = 2 * LOT;
	hear(f);
}

static void i4_the_books_differ_in_the_end(void)
{
	sound();
	struct exchange_event e = { .kind = EVENT_TRADE };
	snprintf(e.order.client, sizeof e.order.client, "somebody");
	e.trade = (struct exchange_trade){ .trade = 9, .order = 9, .px = PX, .qty = LOT };
	checker_event(c, 0, &e);
	checker_had_time(c);
	checker_end(c, now_ns);
}

static void i5_ended_though_it_works(void)
{
	both_sent();
	struct fact f = of(FACT_REJECTED, BUY);
	f.state = ORDER_REJECTED;
	hear(f);
}

static void i6_a_leg_without_its_intent(void)
{
	proposed(1000, PX + 1000000);
	intend(BUY, LOT);
	send(BUY);
}

static void i13_cancelled_again_at_once(void)
{
	both_sent();
	for (int k = 0; k < 2; k++) {
		struct fact f = of(FACT_CANCEL, BUY);
		f.state = ORDER_CANCELLING;
		hear(f);
	}
}

static void r4_the_dearer_way(void)
{
	both_sent();
	traded(BUY, 7);
	pair(PAIR_SENT, PAIR_BROKEN);
	struct fact f = of(FACT_RESCUE, 0);
	f.num[7] = RESCUE_UNWIND;
	hear(f);
	for (int w = RESCUE_COMPLETE; w <= RESCUE_UNWIND; w++) {
		f = of(FACT_COST, 0);
		f.num[0] = w;
		f.num[5] = w;
		hear(f);
	}
}

static void r5_a_rescue_that_a_kill_bars(void)
{
	both_sent();
	traded(BUY, 7);
	pair(PAIR_SENT, PAIR_BROKEN);
	pair(PAIR_BROKEN, PAIR_COMPLETING);
	struct fact f = of(FACT_RISK, 0);
	f.num[0] = RISK_LIMIT_KILL;
	hear(f);
}

static void r6_held_in_silence(void)
{
	both_sent();
	traded(BUY, 7);
	checker_trouble(c, 1, TROUBLE_LINK, now_ns + 1000000000);
	struct fact f = of(FACT_PAIR, 0);
	f.num[0] = PAIR_SENT;
	f.num[1] = PAIR_HELD;
	f.num[4] = 2;
	f.num[6] = HELD_VENUE_DOWN;
	f.turn = 1;
	hear(f);
	f = of(FACT_LOG, 0);
	f.turn = 2;
	hear(f);
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
	begin();
	sound();
	checker_end(c, now_ns);
	ck_assert_int_eq(only_broken(), 0);
	ck_assert_uint_eq(checker_counts(c)->hedged, 1);
	ck_assert_uint_eq(checker_counts(c)->pairs, 1);
}
END_TEST

START_TEST(each_wrong_is_heard)
{
	begin();
	wrongs[_i].history();
	ck_assert_int_eq(only_broken(), wrongs[_i].invariant);
}
END_TEST

/* The same held pair is legal while its venue is in trouble, and not a moment longer. */
START_TEST(trouble_excuses_as_long_as_it_lasts)
{
	begin();
	checker_trouble(c, 1, TROUBLE_LINK, now_ns + 1000000);
	i8_held_without_cause();
	ck_assert_int_eq(only_broken(), 0);
	checker_end(c, now_ns + 2000000);
	ck_assert_int_eq(only_broken(), 8);
}
END_TEST

int main(void)
{
	log_set_level(LOG_ERROR);
	Suite *s = suite_create("checker");
	TCase *t = tcase_create("histories");
	if (checker_open(&c))
		return 1;
	tcase_add_test(t, a_sound_history_is_fine);
	tcase_add_loop_test(t, each_wrong_is_heard, 0, (int)(sizeof wrongs / sizeof *wrongs));
	tcase_add_test(t, trouble_excuses_as_long_as_it_lasts);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	checker_free(c);
	return failed != 0;
}
