/* Proves what an order adds to the exposure as it opens, fills, is unknown and ends, with the numbers of the rig's pair; and that long and short are summed over owners. */
#include "tests/unit/suite.h"
#include "tests/unit/trade/rig.h"

START_TEST(as_a_pair_lives)
{
	struct rig *r = rig_new();
	const struct exposure *x = &r->d.exposure;
	rig_plan(r, PERP, FATE_LOST, FATE_FILL);
	rig_plan(r, SPOT, FATE_REST_PART, FATE_FILL);
	ck_assert_ptr_nonnull(rig_propose(r, INTENT_OPEN, 100));
	uint32_t spot = exposure_slot(&r->d.exposure, SPOT, SPOT),
		 perp = exposure_slot(&r->d.exposure, PERP, PERP);
	ck_assert_int_eq(x->slot[perp].open_qty[SIDE_SELL], 100);
	ck_assert_int_eq(x->slot[perp].open_qty[SIDE_BUY], 0);
	ck_assert_int_eq(x->base_e8[0][SIDE_SELL], 10000000);
	int64_t whole = x->slot[spot].open_qty[SIDE_BUY];
	ck_assert_int_gt(whole, 0);
	rig_pump(r); /* half of it fills */
	ck_assert_int_lt(x->slot[spot].open_qty[SIDE_BUY], whole);
	ck_assert_int_gt(x->slot[spot].open_qty[SIDE_BUY], 0);
	ck_assert_int_eq(x->slot[perp].open_qty[SIDE_SELL], 100); /* nobody knows: it counts (R1) */
	rig_run(r, 20 * RIG_SECOND);
	ck_assert_uint_eq(x->slot[spot].n[SIDE_BUY], 0);
	ck_assert_int_eq(x->slot[spot].open_qty[SIDE_BUY], 0);
	ck_assert_int_eq(x->slot[perp].open_qty[SIDE_SELL], 0);
	ck_assert_int_eq(x->base_e8[0][SIDE_SELL], 0);
	ck_assert_int_eq(x->base_e8[0][SIDE_BUY], 0);
	rig_free(r);
}
END_TEST

START_TEST(a_pair_that_never_left_adds_nothing)
{
	struct rig *r = rig_new();
	r->cfg.store.durability_power = true;
	struct pair *p = rig_propose(r, INTENT_OPEN, 100);
	ck_assert_int_eq(p->state, PAIR_CHECKED);
	ck_assert_int_gt(r->d.exposure.base_e8[0][SIDE_SELL], 0);
	exec_cancel(&r->d, p, 0);
	ck_assert_int_eq(r->d.exposure.base_e8[0][SIDE_SELL], 0);
	ck_assert_int_eq(r->d.exposure.base_e8[0][SIDE_BUY], 0);
	rig_free(r);
}
END_TEST

START_TEST(held_by_all_owners)
{
	struct rig *r = rig_new();
	int64_t held[side_max];
	uint32_t slot = exposure_slot(&r->d.exposure, PERP, PERP);
	position_fill(r->d.instance[0].row[PERP], SIDE_BUY, OFFSET_NONE, 30, 0);
	exposure_held(&r->d.exposure, slot, &r->d.positions, held);
	ck_assert_int_eq(held[SIDE_BUY], 30);
	position_fill(positions_at(&r->d.positions, PERP, PERP, POSITION_NOBODY), SIDE_SELL,
		      OFFSET_NONE, 12, 0);
	exposure_held(&r->d.exposure, slot, &r->d.positions, held);
	ck_assert_int_eq(held[SIDE_BUY], 30);
	ck_assert_int_eq(held[SIDE_SELL], 12);
	rig_free(r);
}
END_TEST

SUITE("exposure", as_a_pair_lives, a_pair_that_never_left_adds_nothing, held_by_all_owners)
