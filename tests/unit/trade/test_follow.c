/* Proves that a leg that follows takes whole lots, never more than the first one has filled (F04). */
#include "tests/unit/suite.h"
#include "tests/unit/trade/cases.h"

/* The perpetual trades in tens here, 10 of its units to a lot. */
START_TEST(whole_lots_of_a_coarser_leg)
{
	static const struct {
		int64_t fill, follows; /* more of the first leg; of the other in all */
	} step[] = { { 900, 0 }, { 200, -10 }, { 4400, -50 }, { 500, -50 }, { 4010, -100 } };
	struct rig *r = rig_new();
	r->in[PERP].rule[0].lot = 10;
	rig_plan(r, SPOT, FATE_REST, FATE_FILL);
	struct proposal pr = rig_proposal(INTENT_OPEN, CASE_LOTS);
	pr.style = STYLE_LEGGED;
	pr.first = SPOT;
	pr.tif = TIF_GTC;
	struct pair *p = exec_propose(&r->d, 0, &pr);
	ck_assert_ptr_nonnull(p);
	rig_pump(r);
	for (unsigned k = 0; k < sizeof step / sizeof *step; k++) {
		fake_fill(r, SPOT, fake_last(r, SPOT), step[k].fill, true);
		rig_pump(r);
		ck_assert_int_eq(fake_net_qty(r, PERP), step[k].follows);
	}
	expect_end(r, p, PAIR_HEDGED);
	ck_assert_uint_eq(rig_count(r, FACT_RESCUE), 0);
	rig_free(r);
}
END_TEST

SUITE("follow", whole_lots_of_a_coarser_leg)
