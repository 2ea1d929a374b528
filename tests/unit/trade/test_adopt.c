/* Proves that a pair takes over what an operator traded by hand at the venue: no more than it lacks, with its price, once, and again after a restart. */
#include "core/base/err.h"
#include "tests/unit/suite.h"
#include "tests/unit/trade/rig.h"
#include <string.h>

/* The perpetual was rejected and the policy holds the pair. */
static struct pair *held(struct rig *r)
{
	r->d.instance[0].limits.on_leg_fail = LEG_FAIL_HOLD;
	rig_plan(r, PERP, FATE_REJECT, FATE_FILL);
	struct pair *p = rig_propose(r, INTENT_OPEN, 100);
	rig_finish(r, p, RIG_SECOND);
	ck_assert_int_eq(p->state, PAIR_HELD);
	return p;
}

/* Somebody sells or buys by hand; the host hears of the fill. */
static void by_hand(struct rig *r, unsigned leg, enum side side, int64_t qty)
{
	struct fake_venue *f = &r->venue[leg];
	struct fake_order *o = &f->order[f->n_orders++];
	*o = (struct fake_order){
		.instrument = leg, .side = (uint8_t)side, .qty = qty, .seen_at = r->journal.n
	};
	fake_fill(r, leg, o, qty, true);
	rig_pump(r);
}

static int adopt(struct rig *r, struct pair *p)
{
	return exec_resolve(&r->d, p, RESOLVE_ADOPT, "ann/1", "sold by hand");
}

static int64_t nobodys(struct rig *r, unsigned leg)
{
	return position_net(positions_at(&r->d.positions, (uint16_t)leg, leg, POSITION_NOBODY));
}

START_TEST(test_nothing_to_adopt)
{
	struct rig *r = rig_new();
	struct pair *p = held(r);
	uint32_t facts = r->journal.n;
	ck_assert_int_eq(adopt(r, p), -ERR_STATE);
	ck_assert_ptr_nonnull(strstr(err_text(), "by hand"));
	ck_assert_uint_eq(r->journal.n, facts);
	by_hand(r, PERP, SIDE_BUY, 50); /* the wrong way */
	ck_assert_int_eq(adopt(r, p), -ERR_STATE);
	ck_assert_int_eq(p->state, PAIR_HELD);
	rig_free(r);
}
END_TEST

START_TEST(test_no_more_than_it_lacks)
{
	struct rig *r = rig_new();
	struct pair *p = held(r);
	by_hand(r, PERP, SIDE_SELL, 130);
	ck_assert_int_eq(adopt(r, p), 0);
	ck_assert_int_eq(p->state, PAIR_HEDGED);
	ck_assert_int_eq(p->leg[PERP].cum_qty, -100);
	ck_assert_int_eq(position_net(r->d.instance[0].row[PERP]), -100);
	ck_assert_int_eq(nobodys(r, PERP), -30);
	/* sold at the bid of 60,100.0 */
	ck_assert_int_eq(r->d.instance[0].row[PERP]->cash_e8, 601000000000);
	const struct fact *f = rig_latest(r, FACT_TRANSFER);
	ck_assert_int_eq(f->px, 601000);
	ck_assert_int_eq(f->qty, 100);
	ck_assert_int_eq(f->num[2], -30);
	rig_audit(r);
	for (uint32_t cut = 0; cut <= r->journal.n;
	     cut++) { /* and so in the next life, wherever this one ended */
		struct rig *again = rig_reborn(r, cut, true);
		rig_recover(again);
		for (unsigned l = 0; l < RIG_LEGS; l++)
			rig_venue(again, l, true);
		EXPECT_MSG(positions_total(&again->d.positions, PERP, PERP) ==
				   fake_net_qty(again, PERP),
			   "cut at %u", cut);
		if (cut == r->journal.n)
			ck_assert_int_eq(nobodys(again, PERP), -30);
		rig_free(again);
	}
	rig_free(r);
}
END_TEST

/* Part of it: the rest goes by the policy. */
START_TEST(test_a_part)
{
	struct rig *r = rig_new();
	struct pair *p = held(r);
	by_hand(r, PERP, SIDE_SELL, 40);
	ck_assert_int_eq(adopt(r, p), 0);
	ck_assert_int_eq(p->state, PAIR_HELD);
	ck_assert_int_eq(p->leg[PERP].cum_qty, -40);
	r->d.instance[0].limits.on_leg_fail = LEG_FAIL_CHEAPEST;
	rig_run(r, 2 * RIG_SECOND);
	ck_assert_int_eq(p->state, PAIR_HEDGED);
	ck_assert_int_eq(fake_net_qty(r, PERP), -100);
	rig_audit(r);
	rig_free(r);
}
END_TEST

/* Taken back by hand instead: the leading leg is what he traded. */
START_TEST(test_unwound_by_hand)
{
	struct rig *r = rig_new();
	struct pair *p = held(r);
	by_hand(r, SPOT, SIDE_SELL, 10000);
	ck_assert_int_eq(adopt(r, p), 0);
	ck_assert_int_eq(p->state, PAIR_FLAT);
	ck_assert_int_eq(nobodys(r, SPOT), 0);
	rig_audit(r);
	rig_free(r);
}
END_TEST

/* An order that its venue never answers for can be given up, with a reason and after a minute; what it filled after all is late news. */
START_TEST(test_written_off)
{
	struct rig *r = rig_new();
	rig_plan(r, SPOT, FATE_SILENT_FILL, FATE_FILL);
	r->venue[SPOT].mute_query = true;
	struct pair *p = rig_propose(r, INTENT_OPEN, 100);
	rig_run(r, 20 * RIG_SECOND);
	ck_assert_int_eq(p->state, PAIR_HELD);
	ck_assert_int_eq(exec_resolve(&r->d, p, RESOLVE_ACCEPT, "ann", "gone"), -ERR_STATE);
	ck_assert_int_eq(adopt(r, p), -ERR_STATE);
	rig_run(r, 41 * RIG_SECOND);
	ck_assert_int_eq(exec_resolve(&r->d, p, RESOLVE_ACCEPT, "ann", ""), -ERR_STATE);
	ck_assert_int_eq(exec_resolve(&r->d, p, RESOLVE_ACCEPT, "ann", "gone for good"), 0);
	ck_assert_int_eq(p->state, PAIR_HEDGED);
	ck_assert_ptr_nonnull(strstr(rig_latest(r, FACT_CANCELLED)->text, "gone for good"));
	ck_assert_int_eq(r->d.instance[0].round.carried_base_e8, -10000000);
	rig_run(r, 5 * RIG_SECOND);
	ck_assert_int_eq(p->state, PAIR_HEDGED);
	fake_replay(r, SPOT); /* the venue is back after all, and had filled it */
	rig_run(r, 5 * RIG_SECOND);
	ck_assert_int_eq(p->state, PAIR_HEDGED);
	ck_assert_int_eq(p->told, RESOLVE_NONE);
	ck_assert_int_eq(r->d.instance[0].round.carried_base_e8, 0);
	int64_t left = rig_truth_base_e8(r);
	ck_assert_int_le(left < 0 ? -left : left, rescue_tolerance_base_e8(&r->d, p));
	rig_audit(r);
	rig_free(r);
}
END_TEST

SUITE("adopt", test_nothing_to_adopt, test_no_more_than_it_lacks, test_a_part, test_unwound_by_hand,
      test_written_off)
