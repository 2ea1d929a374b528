/* Proves that an order ends only when all that filled of it has been seen, whichever report says so first, and counts in the worst case until then (F05 F12 R1). */
#include "tests/unit/suite.h"
#include "tests/unit/trade/cases.h"

/* The spot leg's order, 10,010 of it, working; the other leg is filled. */
static struct order *resting(struct rig *r)
{
	rig_plan(r, SPOT, FATE_REST, FATE_FILL);
	struct proposal pr = rig_proposal(INTENT_OPEN, CASE_LOTS);
	pr.tif = TIF_GTC;
	r->d.instance[0].limits.leg_timeout_ns = r->d.instance[0].limits.pair_timeout_ns =
		3600 * RIG_SECOND;
	struct pair *p = exec_propose(&r->d, 0, &pr);
	ck_assert_ptr_nonnull(p);
	rig_pump(r);
	uint32_t at = p->first_order;
	for (struct order *o; (o = blotter_each_of(&r->d.blotter, &at));)
		if (o->leg == SPOT)
			return o;
	ck_abort_msg("it has no order");
}

static struct exec_report about(const struct order *o, enum exec_kind kind)
{
	return (struct exec_report){ .kind = (uint8_t)kind,
				     .side = o->side,
				     .venue = o->venue,
				     .account = o->account,
				     .instrument = o->instrument,
				     .order = o->id,
				     .px = o->px,
				     .qty = o->qty };
}

static int64_t counted(struct rig *r, const struct order *o)
{
	uint32_t at = exposure_slot(&r->d.exposure, o->account, o->instrument);
	return r->d.exposure.slot[at].open_qty[o->side];
}

/* It filled in part and was cancelled; the fill's report is late, or lost: asking brings it. */
START_TEST(an_end_ahead_of_its_fills)
{
	struct rig *r = rig_new();
	struct order *o = resting(r);
	struct fake_order *there = fake_last(r, SPOT);
	fake_fill(r, SPOT, there, 5000, false);
	fake_end(r, SPOT, there);
	struct exec_report end = about(o, EXEC_CANCELLED);
	end.has_cum = true;
	end.cum = 5000;
	r->venue[SPOT].mute_query = true;
	router_on_exec(&r->d, &end);
	ck_assert_int_eq(o->state, ORDER_UNKNOWN);
	ck_assert_int_eq(counted(r, o), o->qty);
	ck_assert_uint_eq(r->venue[SPOT].queries, 1);
	r->venue[SPOT].mute_query = false;
	rig_run(r, 10 * RIG_SECOND);
	ck_assert_int_eq(o->cum, 5000);
	ck_assert_int_eq(o->state, ORDER_CANCELLED);
	ck_assert_int_eq(counted(r, o), 0);
	rig_audit(r);
	rig_free(r);
}
END_TEST

/* An answer may count more than has been told, or call whole what is not whole to us. */
START_TEST(an_answer_ahead_of_its_fills)
{
	static const struct {
		enum order_state status;
		bool has_cum;
		int64_t cum;
	} row[] = { { ORDER_FILLED, false, 0 },
		    { ORDER_FILLED, true, 10010 },
		    { ORDER_CANCELLED, true, 5000 },
		    { ORDER_REJECTED, true, 1 } };
	for (unsigned k = 0; k < sizeof row / sizeof *row; k++) {
		struct rig *r = rig_new();
		struct order *o = resting(r);
		router_lost(&r->d, o, "asked", 0);
		r->venue[SPOT].n_out = 0; /* what it would answer itself */
		struct exec_report x = about(o, EXEC_STATUS);
		x.status = (uint8_t)row[k].status;
		x.has_cum = row[k].has_cum;
		x.cum = row[k].cum;
		router_on_exec(&r->d, &x);
		ck_assert_int_eq(o->state, ORDER_UNKNOWN);
		ck_assert_int_eq(counted(r, o), o->qty);
		rig_free(r);
	}
}
END_TEST

/* From its intent to its end, whatever is known of it. */
START_TEST(it_counts_while_it_may_fill)
{
	struct rig *r = rig_new();
	struct order *o = resting(r);
	struct exec_report x = about(o, EXEC_CANCEL_REJECTED);
	ck_assert_int_eq(counted(r, o), o->qty);
	r->venue[SPOT].mute_query = true;
	router_on_exec(&r->d, &x); /* F08 */
	ck_assert_int_eq(o->state, ORDER_UNKNOWN);
	ck_assert_int_eq(counted(r, o), o->qty);
	x = about(o, EXEC_NOT_FOUND);
	router_on_exec(&r->d, &x);
	ck_assert_int_eq(counted(r, o), 0);
	rig_free(r);
}
END_TEST

SUITE("router_report", an_end_ahead_of_its_fills, an_answer_ahead_of_its_fills,
      it_counts_while_it_may_fill)
