/* Proves that a leg that follows takes whole lots, never more than the first one has filled (F04), and that none rests on quotes that are too old (F29). */
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

START_TEST(it_rests_on_fresh_quotes_only)
{
	struct rig *r = rig_new();
	rig_plan(r, SPOT, FATE_REST, FATE_REST);
	propose_as(r, STYLE_PASSIVE, ALIGN_DEFAULT, SPOT);
	r->d.instance[0].gate.max_age_ns = 500 * RIG_MS;
	rig_run(r, 400 * RIG_MS);
	ck_assert_uint_eq(r->venue[SPOT].cancels, 0);
	r->d.feed[PERP].top.valid_ns -= 5 * RIG_SECOND;
	r->d.venue[PERP].line.beat_ns = r->d.now.mono_ns - 501 * RIG_MS;
	rig_pump(r);
	ck_assert_uint_eq(r->venue[SPOT].cancels, 1);
	ended_by(r, gate_text(GATE_AGE));
	ck_assert_uint_eq(r->venue[SPOT].places, 1);
	ck_assert_uint_eq(r->venue[PERP].places, 0);
	ck_assert_uint_eq(r->d.stat.in_flight, 0);
	rig_free(r);
}
END_TEST

SUITE("follow", whole_lots_of_a_coarser_leg, it_rests_on_fresh_quotes_only)
