/* Proves that the outcome benchmark is fair: one luck for all, money as in the venues' ledgers, nothing taken twice, and times and costs that were worked out by hand. */
#include "tests/bench/outcome/executors.h"
#include "tests/bench/outcome/score.h"
#include "tests/unit/suite.h"
#include <stdio.h>
#include <string.h>

#define MS	  1000000LL
#define SECOND_NS 1000000000LL
#define BEGIN_NS  (1000 * SECOND_NS)

/* A market made by hand: prices of whole ticks, two decimals; a trigger is for 10 units. */
static void by_hand(struct tape *t)
{
	*t = (struct tape){ .name = "by hand",
			    .px_dp = 2,
			    .qty_dp = 0,
			    .tick = 1,
			    .lot = 1,
			    .qty = 10,
			    .open_px = 5 };
	for (int m = 0; m < TAPE_MARKETS; m++) {
		snprintf(t->market[m].name, sizeof t->market[m].name, "M%d", m);
		t->market[m].tick = t->market[m].lot = 1;
	}
}

static void quote(struct tape *t, unsigned market, int64_t at_ms, int64_t bid, int64_t ask,
		  int64_t qty)
{
	struct source_event e = { .time_ns = BEGIN_NS + at_ms * MS, .kind = SOURCE_QUOTE };
	e.quote = (struct quote){ .px = { bid, ask },
				  .qty = { qty, qty },
				  .seq = (int64_t)t->market[market].n + 1 };
	ck_assert_int_eq(tape_add(t, market, &e), 0);
}

/* Long enough for what began to be over. */
static void tail(struct tape *t, int64_t at_ms)
{
	for (unsigned m = 0; m < TAPE_MARKETS; m++)
		quote(t, m, at_ms + 60000, 1000, 1001, 1000);
}

/* Both at 1000/1001, and three times the first is 10 dearer for a while. */
static void three_waves(struct tape *t)
{
	by_hand(t);
	for (unsigned m = 0; m < TAPE_MARKETS; m++)
		quote(t, m, 0, 1000, 1001, 1000);
	for (int k = 0; k < 3; k++) {
		quote(t, 0, 5000 + 5000 * k, 1011, 1012, 1000 + k);
		quote(t, 0, 6500 + 5000 * k, 1000, 1001, 1000 + k);
	}
	tail(t, 20000);
}

static void run(struct lane *l, const struct lane_config *c, enum executor_id id, int64_t pay_up)
{
	struct executor *x = executor_new(id);
	ck_assert_ptr_nonnull(x);
	x->pay_up_tick = pay_up;
	x->interval_ns = 100 * MS;
	ck_assert_int_eq(lane_run(l, c, x), 0);
	x->ops->free(x);
}

static struct lane_config delays(const struct tape *t, int64_t one_way_ns)
{
	struct lane_config c = { .tape = t, .seed = 7 };
	for (int m = 0; m < TAPE_MARKETS; m++)
		c.in_ns[m] = c.out_ns[m] = c.feed_ns[m] = one_way_ns;
	return c;
}

START_TEST(without_delay_and_faults_all_capture_the_same)
{
	struct tape t;
	three_waves(&t);
	struct lane_config c = delays(&t, 0);
	for (unsigned id = 0; id < executor_max; id++) {
		struct lane l;
		run(&l, &c, (enum executor_id)id, 0);
		ck_assert_uint_eq(l.n_triggers, 3);
		for (uint32_t i = 0; i < l.n_triggers; i++) {
			const struct lane_trigger *g = &l.trigger[i];
			if (id == EXECUTOR_HANDS)
				continue; /* his hands are slow however fast the wire is */
			ck_assert_msg(score_captured(&l, g), "%s lost trigger %u",
				      executor_name((enum executor_id)id), i);
			ck_assert_int_eq(score_net_e8(&l, g), lane_money_e8(&l, 10, 10));
			ck_assert(score_slip_tick(&l, g) == 0);
			ck_assert_int_eq(g->naked_ns, 0);
			ck_assert_uint_eq(g->messages, 2);
		}
		lane_free(&l);
	}
	tape_free(&t);
}
END_TEST

START_TEST(delays_are_what_they_were_set_to)
{
	struct tape t;
	three_waves(&t);
	struct lane_config c = delays(&t, 5 * MS);
	struct lane l;
	run(&l, &c, EXECUTOR_LEGGED, 0);
	ck_assert_int_eq(l.trigger[0].at_ns, BEGIN_NS + 5005 * MS);
	ck_assert_int_eq(l.trigger[0].naked_ns, 10 * MS); /* the report back, the order in */
	ck_assert(l.trigger[0].late);
	ck_assert_int_eq(l.trigger[0].naked_qty_ns_e9, 0); /* 10 units, 10 ms: 0.1 unit seconds */
	lane_free(&l);
	run(&l, &c, EXECUTOR_OURS, 0);
	ck_assert_int_eq(l.trigger[0].naked_ns, 0);
	ck_assert(!l.trigger[0].late);
	lane_free(&l);
	run(&l, &c, EXECUTOR_HANDS, 0);
	ck_assert_int_ge(l.trigger[0].naked_ns, 295 * MS);
	ck_assert_int_le(l.trigger[0].naked_ns, 1005 * MS);
	lane_free(&l);
	tape_free(&t);
}
END_TEST

/* The wave lasts 3 ms, the way 5 ms: it is gone at arrival. The second market stands, so that leg fills for those who do not know. */
START_TEST(the_oracle_knows_and_the_others_pay)
{
	struct tape t;
	struct lane l;
	by_hand(&t);
	for (unsigned m = 0; m < TAPE_MARKETS; m++)
		quote(&t, m, 0, 1000, 1001, 1000);
	quote(&t, 0, 5000, 1011, 1012, 1000);
	quote(&t, 0, 5003, 1000, 1001, 1000);
	tail(&t, 10000);
	struct lane_config c = delays(&t, 5 * MS);
	run(&l, &c, EXECUTOR_ORACLE, 0);
	ck_assert_uint_eq(l.n_triggers, 1);
	ck_assert(!l.trigger[0].traded);
	lane_free(&l);
	/* Bought at 1001 and taken back at 1000: ten units, one tick. */
	run(&l, &c, EXECUTOR_OURS, 5);
	ck_assert(l.trigger[0].traded && !l.trigger[0].forced);
	ck_assert_int_eq(l.trigger[0].net_qty[0], 0);
	ck_assert_int_eq(l.trigger[0].net_qty[1], 0);
	ck_assert_int_eq(score_net_e8(&l, &l.trigger[0]), -lane_money_e8(&l, 10, 1));
	ck_assert(score_slip_tick(&l, &l.trigger[0]) == 1);
	ck_assert_int_eq(l.trigger[0].naked_ns, 10 * MS);
	lane_free(&l);
	run(&l, &c, EXECUTOR_BOTH, 5);
	ck_assert(l.trigger[0].forced);
	ck_assert_int_eq(l.trigger[0].naked_ns, 30 * SECOND_NS - 5 * MS);
	ck_assert_int_eq(score_net_e8(&l, &l.trigger[0]), -lane_money_e8(&l, 10, 1));
	lane_free(&l);
	tape_free(&t);
}
END_TEST

/* The size at the best price is one trigger's. Until the feed shows new size there, the second has nothing. */
START_TEST(liquidity_taken_stays_taken)
{
	struct tape t;
	by_hand(&t);
	for (unsigned m = 0; m < TAPE_MARKETS; m++)
		quote(&t, m, 0, 1000, 1001, 1000);
	quote(&t, 1, 4000, 1000, 1001, 10);
	quote(&t, 0, 5000, 1011, 1012, 1000);
	quote(&t, 0, 6900, 1000, 1001, 1000);
	quote(&t, 0, 7000, 1011, 1013, 1000); /* another trigger, the second market as it was */
	quote(&t, 0, 7900, 1000, 1001, 1000);
	quote(&t, 1, 8000, 1000, 1001, 20); /* ten more: a third */
	quote(&t, 0, 8100, 1011, 1013, 1000);
	quote(&t, 0, 8500, 1000, 1001, 1000);
	tail(&t, 10000);
	struct lane_config c = delays(&t, MS / 2);
	for (unsigned id = 0; id < executor_max; id++) {
		struct lane l;
		run(&l, &c, (enum executor_id)id, 0);
		ck_assert_uint_eq(l.n_triggers, 3);
		ck_assert_int_eq(l.trigger[0].net_qty[1], 10);
		ck_assert_msg(l.trigger[1].net_qty[1] == 0 || l.trigger[1].forced ||
				      l.trigger[1].at_ns + 500 * MS < l.trigger[1].naked_since_ns,
			      "%s took what was taken", executor_name((enum executor_id)id));
		if (id == EXECUTOR_ORACLE || id == EXECUTOR_BOTH) {
			ck_assert_int_eq(l.trigger[1].net_qty[1], 0);
			ck_assert_int_eq(l.trigger[2].net_qty[1], 10);
		}
		int64_t bought = 0;
		for (uint32_t i = 0; i < l.n_triggers; i++)
			bought += l.trigger[i].net_qty[1];
		ck_assert_int_le(bought, 20);
		lane_free(&l);
	}
	tape_free(&t);
}
END_TEST

/* What the triggers add up to is what the venues' own ledgers hold, whatever went wrong. */
START_TEST(money_is_as_in_the_ledgers)
{
	struct tape t;
	ck_assert_int_eq(tape_generate(&t, 3, 120), 0);
	struct lane_config c = delays(&t, 5 * MS);
	c.reject_ppm = c.partial_ppm = 200000;
	c.jitter_pct = 10;
	for (unsigned id = 0; id < executor_max; id++) {
		struct lane l;
		int64_t cash = 0, base[TAPE_MARKETS] = { 0 };
		run(&l, &c, (enum executor_id)id, 20);
		ck_assert_uint_gt(l.n_triggers, 5);
		for (uint32_t i = 0; i < l.n_triggers; i++) {
			cash += l.trigger[i].cash_e8 - l.trigger[i].fees_e8;
			ck_assert_int_eq(lane_open_qty(&l, &l.trigger[i]), 0);
			for (unsigned m = 0; m < TAPE_MARKETS; m++)
				base[m] += l.trigger[i].net_qty[m];
		}
		ck_assert_int_eq(cash, lane_ledger_e8(&l, 0, false) + lane_ledger_e8(&l, 1, false));
		for (unsigned m = 0; m < TAPE_MARKETS; m++)
			ck_assert_int_eq(base[m] * 1000, lane_ledger_e8(&l, m, true));
		lane_free(&l);
	}
	tape_free(&t);
}
END_TEST

/* The first orders of both at once and of ours are the same orders: the same ones are refused. */
START_TEST(luck_is_the_same_for_all)
{
	struct tape t;
	struct lane a, b;
	ck_assert_int_eq(tape_generate(&t, 4, 120), 0);
	struct lane_config c = delays(&t, MS);
	c.reject_ppm = 300000;
	run(&a, &c, EXECUTOR_BOTH, 0);
	run(&b, &c, EXECUTOR_OURS, 5);
	ck_assert_uint_eq(a.n_triggers, b.n_triggers);
	unsigned refused = 0, seen = 0;
	for (uint32_t i = 0; i < a.n_orders; i++)
		for (uint32_t k = 0; k < b.n_orders; k++) {
			const struct lane_order *x = &a.order[i], *y = &b.order[k];
			if (x->sure || y->sure || x->trigger != y->trigger || x->leg != y->leg ||
			    x->nth || y->nth)
				continue;
			ck_assert_int_eq(x->venue_id == 0, y->venue_id == 0);
			refused += x->venue_id == 0;
			seen++;
		}
	ck_assert_uint_eq(seen, 2 * a.n_triggers);
	ck_assert_uint_gt(refused, 0);
	ck_assert_uint_lt(refused, seen);
	lane_free(&a);
	lane_free(&b);
	tape_free(&t);
}
END_TEST

/* The same seed, the same figures. */
START_TEST(a_run_repeats_itself)
{
	struct tape t;
	struct lane l[2];
	ck_assert_int_eq(tape_generate(&t, 5, 60), 0);
	struct lane_config c = delays(&t, 20 * MS);
	c.reject_ppm = c.partial_ppm = 100000;
	for (int k = 0; k < 2; k++)
		run(&l[k], &c, EXECUTOR_OURS, 50);
	struct score a = score_of(&l[0], &l[0]), b = score_of(&l[1], &l[1]);
	ck_assert_int_eq(memcmp(&a, &b, sizeof a), 0);
	lane_free(&l[0]);
	lane_free(&l[1]);
	tape_free(&t);
}
END_TEST

SUITE("lane", without_delay_and_faults_all_capture_the_same, delays_are_what_they_were_set_to,
      the_oracle_knows_and_the_others_pay, liquidity_taken_stays_taken, money_is_as_in_the_ledgers,
      luck_is_the_same_for_all, a_run_repeats_itself)
