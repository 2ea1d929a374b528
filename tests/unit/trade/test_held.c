/* Proves that a pair that is held is looked at again by itself, and ends once what held it is over (R6). */
#include "tests/unit/suite.h"
#include "tests/unit/trade/cases.h"

START_TEST(looked_at_again)
{
	struct rig *r = rig_new();
	r->d.instance[0].limits.on_leg_fail = LEG_FAIL_COMPLETE;
	rig_plan(r, PERP, FATE_REJECT, FATE_FILL);
	struct proposal pr = rig_proposal(INTENT_OPEN, CASE_LOTS);
	struct pair *p = exec_propose(&r->d, 0, &pr);
	ck_assert_ptr_nonnull(p);
	rig_book(r, PERP, 590000, 590001, 5000); /* far beyond the slip limit */
	rig_run(r, 20 * RIG_SECOND);
	expect_state(p, PAIR_HELD);
	ck_assert_int_eq(p->held_cause, HELD_PRICE);
	rig_book(r, PERP, 601000, 601001, 5000);
	rig_run(r, 3 * RIG_SECOND); /* nobody tells it */
	expect_state(p, PAIR_HEDGED);
	rig_audit(r);
	rig_free(r);
}
END_TEST

SUITE("held", looked_at_again)
