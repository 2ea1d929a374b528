/* Proves what only a whole pair shows before its first leg is sent: price limits of the day, money of all legs and of what is in flight, messages, and a way back. */
#include "core/trade/feasible.h"
#include "tests/unit/suite.h"
#include "tests/unit/trade/rig.h"

static void refused_by(struct rig *r, enum risk_limit l, unsigned leg)
{
	rig_run(r, RIG_SECOND + 10 * RIG_MS); /* a refusal is news again */
	unsigned before = r->venue[SPOT].places + r->venue[PERP].places;
	ck_assert_ptr_null(rig_propose(r, INTENT_OPEN, 100));
	const struct fact *f = rig_latest(r, FACT_RISK);
	ck_assert_str_eq(risk_limit_name((enum risk_limit)f->num[0]), risk_limit_name(l));
	ck_assert_uint_eq(f->leg, leg);
	ck_assert_uint_eq(r->venue[SPOT].places + r->venue[PERP].places, before);
}

static void passes(struct rig *r)
{
	struct pair *p = rig_propose(r, INTENT_OPEN, 100);
	ck_assert_ptr_nonnull(p);
	rig_finish(r, p, RIG_SECOND);
	ck_assert_int_eq(p->state, PAIR_HEDGED);
}

/* F34: for the order and for its unwind, whichever limit it is. */
START_TEST(test_price_limits)
{
	struct rig *r = rig_new();
	r->ci[0].execution.band_distance_tick = 100;
	struct rule *spot = &r->in[SPOT].rule[0], *perp = &r->in[PERP].rule[0];
	spot->band_hi = 6000001 + 100;
	passes(r);
	spot->band_hi = 6000001 + 99;
	r->d.instance[0].limits.max_slip_tick = 10;
	refused_by(r, RISK_LIMIT_BAND_DISTANCE, SPOT);
	spot->band_hi = 0;
	spot->band_lo = 6000000 - 99;
	refused_by(r, RISK_LIMIT_BAND_DISTANCE, SPOT);
	spot->band_lo = 0;
	perp->band_hi = 601001 + 99;
	refused_by(r, RISK_LIMIT_BAND_DISTANCE, PERP);
	r->ci[0].execution.band_distance_tick = 0;
	passes(r);
	rig_free(r);
}
END_TEST

START_TEST(test_way_back)
{
	struct rig *r = rig_new();
	rig_book(r, SPOT, 6000000, 6000001, 1000); /* ten levels of 0.01: all of 0.1, not 0.1001 */
	refused_by(r, RISK_LIMIT_WAY_BACK, SPOT);
	ck_assert_int_eq(rig_latest(r, FACT_RISK)->num[1], 10000);
	rig_book(r, SPOT, 6000000, 6000001, 1001);
	passes(r);
	r->d.instance[0].limits.max_unwind_slip_tick = 8; /* nine levels are within it */
	refused_by(r, RISK_LIMIT_WAY_BACK, SPOT);
	rig_book(r, SPOT, 6000000, 6000001, 500000);
	r->d.feed[PERP].top.q.qty[SIDE_SELL] = 0; /* nobody sells the perpetual back */
	ck_assert_ptr_null(rig_propose(r, INTENT_OPEN, 100));
	rig_free(r);
}
END_TEST

/* Both legs on one account, and pairs on their way: each by itself would pass (F50). */
START_TEST(test_money_of_all)
{
	struct rig *r = rig_new();
	r->ci[0].account[PERP] = SPOT;
	ck_assert_int_eq(desk_bind_instance(&r->d, 0, NULL), 0);
	struct desk_balance *b = desk_balance(&r->d, SPOT, r->in[SPOT].quote, true);
	/* 0.1001 at 60,001.01, and a tenth of 0.1 at 60,090.0 */
	const int64_t spot = 600610110100, perp = 60090000000;
	b->free_e8 = spot + perp - 1;
	refused_by(r, RISK_LIMIT_BALANCE, SPOT);
	ck_assert_int_eq(rig_latest(r, FACT_RISK)->num[2], spot + perp);
	b->free_e8 = spot + perp;
	rig_plan(r, SPOT, FATE_REST, FATE_FILL);
	struct pair *p = rig_propose(r, INTENT_OPEN, 100);
	ck_assert_ptr_nonnull(p);
	b->free_e8 =
		2 * spot + 2 * perp - 1; /* neither leg has filled: all of it is still reserved */
	ck_assert_ptr_null(rig_propose(r, INTENT_OPEN, 100));
	ck_assert_int_eq(rig_latest(r, FACT_RISK)->num[0], RISK_LIMIT_BALANCE);
	b->free_e8++;
	ck_assert_ptr_nonnull(rig_propose(r, INTENT_OPEN, 100));
	rig_free(r);
}
END_TEST

/* A resting leg is cancelled and priced again, and what follows goes out in parts: that wants more messages. */
START_TEST(test_messages)
{
	struct rig *r = rig_new();
	struct proposal pr = rig_proposal(INTENT_OPEN, 100);
	r->cv[SPOT].messages_per_s = 3;
	pr.style = STYLE_PASSIVE;
	pr.first = SPOT;
	ck_assert_ptr_null(exec_propose(&r->d, 0, &pr));
	ck_assert_int_eq(rig_latest(r, FACT_RISK)->num[0], RISK_LIMIT_RATE);
	r->cv[SPOT].messages_per_s = 4;
	r->venue[SPOT].then = FATE_REST;
	ck_assert_ptr_nonnull(exec_propose(&r->d, 0, &pr));
	rig_free(r);
}
END_TEST

SUITE("feasible", test_price_limits, test_way_back, test_money_of_all, test_messages)
