/* Proves every limit of the gate by the one step that crosses it, and that what reduces risk passes where what adds it is barred (R5). */
#include "tests/unit/suite.h"
#include "tests/unit/trade/rig.h"
#include <math.h>
#include <string.h>

static void refused_by(struct rig *r, enum risk_limit l)
{
	rig_run(r, RIG_SECOND + 10 * RIG_MS); /* a refusal is news again */
	unsigned before = rig_count(r, FACT_RISK);
	ck_assert_ptr_null(rig_propose(r, INTENT_OPEN, 100));
	ck_assert_uint_eq(rig_count(r, FACT_RISK), before + 1);
	ck_assert_str_eq(risk_limit_name((enum risk_limit)rig_latest(r, FACT_RISK)->num[0]),
			 risk_limit_name(l));
	ck_assert_uint_eq(r->venue[SPOT].places + r->venue[PERP].places, 0);
}

static void passes(struct rig *r)
{
	struct pair *p = rig_propose(r, INTENT_OPEN, 100);
	ck_assert_ptr_nonnull(p);
	rig_finish(r, p, RIG_SECOND);
	ck_assert_int_eq(p->state, PAIR_HEDGED);
	rig_free(r);
}

START_TEST(test_host_gates)
{
	struct rig *r = rig_new();
	risk_set_state(&r->d, RISK_HALTED, "me", "a drill");
	refused_by(r, RISK_LIMIT_KILL);
	risk_set_state(&r->d, RISK_ACTIVE, "me", "over");
	r->journal.trouble = true;
	refused_by(r, RISK_LIMIT_JOURNAL);
	r->journal.trouble = false;
	r->d.stopping = true;
	refused_by(r, RISK_LIMIT_STOPPING);
	r->d.stopping = false;
	r->d.recovering = true;
	refused_by(r, RISK_LIMIT_RECOVERING);
	r->d.recovering = false;
	r->d.instance[0].paused = true;
	refused_by(r, RISK_LIMIT_KILL);
	r->d.instance[0].paused = false;
	passes(r);
}
END_TEST

START_TEST(test_market_gates)
{
	struct rig *r = rig_new();
	r->venue[PERP].v.state = VENUE_RECONCILING;
	refused_by(r, RISK_LIMIT_VENUE);
	r->venue[PERP].v.state = VENUE_UP;
	r->d.venue[PERP].reconciled = false;
	refused_by(r, RISK_LIMIT_VENUE);
	r->d.venue[PERP].reconciled = true;
	r->d.feed[PERP].top.state = BOOK_CROSSED;
	refused_by(r, RISK_LIMIT_BOOK);
	r->d.feed[PERP].top.state = BOOK_LIVE;
	r->d.instance[0].gate.max_age_ns = 500 * RIG_MS;
	rig_run(r, RIG_SECOND + 10 * RIG_MS);
	r->d.feed[SPOT].top.valid_ns -= 5 * RIG_SECOND;
	r->d.venue[SPOT].line.beat_ns = r->d.now.mono_ns - 501 * RIG_MS;
	ck_assert_ptr_null(rig_propose(r, INTENT_OPEN, 100));
	ck_assert_int_eq(rig_latest(r, FACT_RISK)->num[0], RISK_LIMIT_AGE);
	r->d.instance[0].gate.max_age_ns = 0;
	r->d.instance[0].gate.max_skew_ns = 500 * RIG_MS;
	ck_assert_ptr_null(rig_propose(r, INTENT_OPEN, 100));
	ck_assert_int_eq(rig_latest(r, FACT_RISK)->num[0], RISK_LIMIT_SKEW);
	r->d.instance[0].gate.max_skew_ns = 501 * RIG_MS;
	passes(r);
}
END_TEST

START_TEST(test_clock_gates)
{
	struct rig *r = rig_new();
	r->d.instance[0].gate.max_clock_bound_ns = RIG_MS;
	r->d.feed[SPOT].top.bound_ns = RIG_MS + 1;
	ck_assert_ptr_null(rig_propose(r, INTENT_OPEN, 100));
	ck_assert_int_eq(rig_latest(r, FACT_RISK)->num[0], RISK_LIMIT_CLOCK);
	r->d.feed[SPOT].top.bound_ns = RIG_MS;
	r->d.instance[0].gate.max_utc_bound_ns = RIG_MS;
	r->d.host_clock_bound_ns = RIG_MS + 1;
	ck_assert_ptr_null(rig_propose(r, INTENT_OPEN, 100));
	ck_assert_int_eq(rig_latest(r, FACT_RISK)->num[0], RISK_LIMIT_UTC);
	r->d.host_clock_bound_ns = RIG_MS;
	passes(r);
}
END_TEST

/* F48: a stale or missing reference bars the pair, its skew does not count. */
START_TEST(test_reference_gates)
{
	struct rig *r = rig_new();
	r->ci[0].n_refs = 1;
	r->ci[0].ref[0] = PERP;
	r->ci[0].n_legs = 2;
	r->d.feed[PERP].top.state = BOOK_GAP;
	refused_by(r, RISK_LIMIT_BOOK);
	r->d.feed[PERP].top.state = BOOK_LIVE;
	passes(r);
}
END_TEST

START_TEST(test_size_gates)
{
	struct rig *r = rig_new();
	struct rule *perp = &r->in[PERP].rule[0];
	perp->min_qty = 101;
	refused_by(r, RISK_LIMIT_LOT);
	perp->min_qty = 1;
	perp->lot = 100; /* one lot of it: what is larger than an order may be, and cannot be cut */
	r->in[SPOT].rule[0].max_qty = 9999;
	refused_by(r, RISK_LIMIT_LOT);
	r->in[SPOT].rule[0].max_qty = 0;
	perp->lot = 1;
	perp->min_notional_e8 = 600990000001; /* sold at 60,099 at worst */
	refused_by(r, RISK_LIMIT_LOT);
	perp->min_notional_e8 = 0;
	perp->band_lo = 600901;
	refused_by(r, RISK_LIMIT_BAND);
	perp->band_lo = 0;
	r->cfg.risk.max_order_notional_e8 = 600000000000;
	refused_by(r, RISK_LIMIT_ORDER_NOTIONAL);
	r->cfg.risk.max_order_notional_e8 = 0;
	r->cfg.risk.collar_ppm = 10; /* 100 ticks of 0.1 are 166 ppm */
	refused_by(r, RISK_LIMIT_COLLAR);
	r->cfg.risk.collar_ppm = 200;
	r->cfg.risk.max_imbalance_base_e8 = 9999999;
	refused_by(r, RISK_LIMIT_IMBALANCE);
	r->cfg.risk.max_imbalance_base_e8 = 10010000;
	r->ci[0].max_pos_lots = 99;
	refused_by(r, RISK_LIMIT_POSITION_LOTS);
	r->ci[0].max_pos_lots = 100;
	r->cfg.risk.max_position_base_e8 = 9999999;
	refused_by(r, RISK_LIMIT_POSITION_BASE);
	r->cfg.risk.max_position_base_e8 = 10010000;
	r->cfg.risk.max_position_notional_e8 = 600000000000;
	refused_by(r, RISK_LIMIT_POSITION_NOTIONAL);
	r->cfg.risk.max_position_notional_e8 = 700000000000;
	passes(r);
}
END_TEST

START_TEST(test_money_and_message_gates)
{
	struct rig *r = rig_new();
	struct desk_balance *b = desk_balance(&r->d, SPOT, r->in[SPOT].quote, true);
	b->free_e8 = 600000000000;
	refused_by(r, RISK_LIMIT_BALANCE);
	b->free_e8 = 700000000000;
	b = desk_balance(&r->d, PERP, r->in[PERP].settle, true);
	b->free_e8 = 60000000000; /* a tenth of 6,009.9 is the margin */
	refused_by(r, RISK_LIMIT_BALANCE);
	b->free_e8 = 70000000000;
	r->cv[SPOT].messages_per_s = 2;
	r->cv[SPOT].reserve_pct = 20; /* 2 of it are free: order and unwind need them */
	r->cv[SPOT].messages_per_s = 1;
	refused_by(r, RISK_LIMIT_RATE);
	r->cv[SPOT].messages_per_s = 5;
	r->cfg.risk.max_pairs_in_flight = 1;
	r->d.stat.in_flight = 1;
	refused_by(r, RISK_LIMIT_IN_FLIGHT);
	r->d.stat.in_flight = 0;
	r->cfg.risk.max_rejects_per_min = 1;
	risk_count_reject(&r->d, 0);
	refused_by(r, RISK_LIMIT_REJECTS);
	rig_run(r, 61 * RIG_SECOND);
	passes(r);
}
END_TEST

/* Both legs at one venue: its budget must hold both and their unwinds. */
START_TEST(test_rate_of_one_venue)
{
	struct rig *r = rig_new();
	r->in[PERP].venue = SPOT;
	r->cv[SPOT].messages_per_s = 3;
	refused_by(r, RISK_LIMIT_RATE);
	rig_free(r);
}
END_TEST

/* I13: rescues may use the reserve, openings may not. */
START_TEST(test_reserve)
{
	struct rig *r = rig_new();
	r->cv[PERP].messages_per_s = 10;
	r->cv[PERP].reserve_pct = 20;
	ck_assert(risk_message_room(&r->d, PERP, 8, false));
	ck_assert(!risk_message_room(&r->d, PERP, 9, false));
	for (int i = 0; i < 8; i++)
		risk_count_message(&r->d, PERP);
	ck_assert(!risk_message_room(&r->d, PERP, 1, false));
	ck_assert(risk_message_room(&r->d, PERP, 2, true));
	ck_assert(!risk_message_room(&r->d, PERP, 3, true));
	r->d.now.mono_ns += RIG_SECOND;
	ck_assert(risk_message_room(&r->d, PERP, 8, false));
	rig_free(r);
}
END_TEST

/* F43: too many orders bar what opens, too many requests bar everything. */
START_TEST(test_a_venue_asks_for_a_pause)
{
	struct rig *r = rig_new();
	r->d.venue[PERP].opening_barred_until_ns = r->d.now.mono_ns + 100 * RIG_SECOND;
	ck_assert(!risk_message_room(&r->d, PERP, 1, false));
	ck_assert(risk_message_room(&r->d, PERP, 1, true));
	refused_by(r, RISK_LIMIT_RATE);
	r->d.venue[PERP].barred_until_ns = r->d.now.mono_ns + 100 * RIG_SECOND;
	ck_assert(!risk_message_room(&r->d, PERP, 1, true));
	r->d.venue[PERP].opening_barred_until_ns = r->d.venue[PERP].barred_until_ns = 1;
	passes(r);
}
END_TEST

/* Open orders count as filled (R1): the second pair sees the first one's worst case. */
START_TEST(test_unknown_counts)
{
	struct rig *r = rig_new();
	r->cfg.risk.max_position_base_e8 = 15000000; /* 0.15 */
	rig_plan(r, SPOT, FATE_LOST, FATE_FILL);
	rig_plan(r, PERP, FATE_LOST,
		 FATE_FILL); /* nothing is held yet: only what may fill counts */
	ck_assert_ptr_nonnull(rig_propose(r, INTENT_OPEN, 100));
	rig_run(r, 10 * RIG_MS);
	ck_assert_ptr_null(rig_propose(r, INTENT_OPEN, 100));
	ck_assert_int_eq(rig_latest(r, FACT_RISK)->num[0], RISK_LIMIT_POSITION_BASE);
	rig_free(r);
}
END_TEST

/* A close that the script only calls so is judged, and kept, as an open. */
START_TEST(test_false_close)
{
	struct rig *r = rig_new();
	r->ci[0].max_pos_lots = 10;
	rig_run(r, RIG_SECOND);
	ck_assert_ptr_null(rig_propose(r, INTENT_CLOSE, 100));
	ck_assert_int_eq(rig_latest(r, FACT_RISK)->num[0], RISK_LIMIT_POSITION_LOTS);
	r->ci[0].max_pos_lots = 0;
	struct pair *p = rig_propose(r, INTENT_CLOSE, 100);
	ck_assert_ptr_nonnull(p);
	ck_assert_int_eq(p->intent, INTENT_OPEN);
	rig_free(r);
}
END_TEST

/* F57: what makes no sense is refused, whole. */
START_TEST(test_nonsense)
{
	struct rig *r = rig_new();
	struct proposal good = rig_proposal(INTENT_OPEN, 100), bad[14];
	for (unsigned i = 0; i < 14; i++)
		bad[i] = good;
	bad[0].lots = (double)NAN;
	bad[1].lots = (double)INFINITY;
	bad[2].lots = -1;
	bad[3].lots = 0.99; /* rounds down to none */
	bad[4].lots = 1e18;
	bad[5].leg[1] = SPOT; /* a leg twice */
	bad[6].leg[1] = 4;
	bad[7].leg[1] = 255;
	bad[8].side[1] = SIDE_BUY; /* nothing hedges it */
	bad[9].side[1] = 7;
	bad[10].n_legs = 1;
	bad[11].n_legs = 255;
	bad[12].limit_px[0] = (double)NAN;
	bad[13].intent = 9;
	for (unsigned i = 0; i < 14; i++) {
		rig_run(r, RIG_SECOND + 10 * RIG_MS);
		EXPECT_MSG(!exec_propose(&r->d, 0, &bad[i]), "proposal %u went through", i);
		EXPECT_MSG(rig_latest(r, FACT_RISK)->num[0] == RISK_LIMIT_PROPOSAL, "proposal %u",
			   i);
	}
	r->d.feed[SPOT].top.q.qty[SIDE_SELL] = 0; /* nobody offers */
	rig_run(r, RIG_SECOND + 10 * RIG_MS);
	ck_assert_ptr_null(exec_propose(&r->d, 0, &good));
	ck_assert_uint_eq(r->venue[SPOT].places + r->venue[PERP].places, 0);
	rig_free(r);
}
END_TEST

/* A limit is rounded to the better side of what was asked, never to the worse. */
START_TEST(test_limits_are_never_worse)
{
	struct rig *r = rig_new();
	struct proposal p = rig_proposal(INTENT_OPEN, 100);
	p.limit_px[SPOT] = 60000.019; /* buys: 60,000.01 */
	p.limit_px[PERP] = 60099.91;  /* sells: 60,100.0 */
	struct pair *x = exec_propose(&r->d, 0, &p);
	ck_assert_ptr_nonnull(x);
	ck_assert_int_eq(x->leg[SPOT].limit_px, 6000001);
	ck_assert_int_eq(x->leg[PERP].limit_px, 601000);
	rig_free(r);
}
END_TEST

/* Refusals that repeat within a second are one receipt with a count. */
START_TEST(test_flood_is_one_receipt)
{
	struct rig *r = rig_new();
	r->d.stopping = true;
	for (int i = 0; i < 1000; i++)
		ck_assert_ptr_null(rig_propose(r, INTENT_OPEN, 100));
	ck_assert_uint_eq(rig_count(r, FACT_RISK), 1);
	rig_run(r, RIG_SECOND);
	ck_assert_ptr_null(rig_propose(r, INTENT_OPEN, 100));
	ck_assert_uint_eq(rig_count(r, FACT_RISK), 2);
	ck_assert_int_eq(rig_latest(r, FACT_RISK)->num[3], 1000);
	ck_assert_uint_eq(r->d.stat.risk_hits, 1001);
	rig_free(r);
}
END_TEST

/* Each limit has its own count, and what was only counted is told in the end. */
START_TEST(test_floods_are_counted_apart)
{
	static const enum risk_limit limit[] = { RISK_LIMIT_AGE, RISK_LIMIT_RATE };
	struct rig *r = rig_new();
	for (int i = 0; i < 10; i++)
		for (unsigned k = 0; k < 2 && (k == 0 || i < 4); k++)
			if (risk_is_news(&r->d, 0, limit[k]))
				risk_refused(&r->d, 0, 0,
					     (struct risk_verdict){ limit[k], 7, 5, 0xff, 0 }, 0);
	ck_assert_uint_eq(rig_count(r, FACT_RISK), 2);
	risk_tell_rest(&r->d, 0, false); /* not yet */
	ck_assert_uint_eq(rig_count(r, FACT_RISK), 2);
	r->d.now.mono_ns += RIG_SECOND;
	risk_tell_rest(&r->d, 0, false);
	ck_assert_uint_eq(rig_count(r, FACT_RISK), 4);
	const struct fact *f = rig_latest(r, FACT_RISK);
	ck_assert(f->num[0] == RISK_LIMIT_RATE && f->num[1] == 7 && f->num[2] == 5);
	ck_assert_int_eq(f->num[3], 3);
	risk_tell_rest(&r->d, 0, true);
	ck_assert_uint_eq(rig_count(r, FACT_RISK), 4);
	rig_free(r);
}
END_TEST

START_TEST(test_names)
{
	for (unsigned l = 1; l < risk_limit_max; l++) {
		ck_assert(strlen(risk_limit_name((enum risk_limit)l)) > 2);
		ck_assert(strlen(risk_limit_text((enum risk_limit)l)) > 10);
	}
	ck_assert_str_eq(risk_state_name(RISK_REDUCING), "REDUCING");
	ck_assert_str_eq(risk_limit_name(risk_limit_max), "?");
}
END_TEST

SUITE("risk", test_host_gates, test_market_gates, test_reference_gates, test_clock_gates,
      test_size_gates, test_money_and_message_gates, test_rate_of_one_venue, test_reserve,
      test_a_venue_asks_for_a_pause, test_unknown_counts, test_false_close, test_nonsense,
      test_limits_are_never_worse, test_flood_is_one_receipt, test_floods_are_counted_apart,
      test_names)
