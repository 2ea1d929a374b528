/* Proves that lots of two days, which are closed by an order each, are one leg to whatever sends, prices and follows it: they wait, leave, rest, move and end together, and a restart knows it. */
#include "core/trade/exec_parts.h"
#include "tests/unit/suite.h"
#include "tests/unit/trade/rig.h"

/* A pair of 100 lots that is held, a third of its perpetuals since yesterday, at an exchange that wants them closed apart. */
static struct rig *holding(void)
{
	struct rig *r = rig_new();
	r->d.instrument[PERP].caps.offsets = 1u << OFFSET_OPEN | 1u << OFFSET_CLOSE |
					     1u << OFFSET_CLOSE_TODAY |
					     1u << OFFSET_CLOSE_YESTERDAY;
	rig_plan(r, SPOT, FATE_FILL, FATE_FILL);
	rig_plan(r, PERP, FATE_FILL, FATE_FILL);
	struct pair *p = rig_propose(r, INTENT_OPEN, 100);
	rig_finish(r, p, 5 * RIG_SECOND);
	ck_assert_int_eq(p->state, PAIR_HEDGED);
	struct position *row = r->d.instance[0].row[PERP];
	ck_assert_int_eq(row->qty[SIDE_SELL][0], 100);
	row->qty[SIDE_SELL][1] = 33;
	row->qty[SIDE_SELL][0] = 67;
	return r;
}

static struct pair *close_it(struct rig *r, enum pair_style style, enum pair_align align,
			     unsigned first, enum tif tif)
{
	struct proposal pr = rig_proposal(INTENT_CLOSE, 100);
	pr.style = (uint8_t)style;
	pr.align = (uint8_t)align;
	pr.first = (uint8_t)first;
	pr.tif = (uint8_t)tif;
	struct pair *p = exec_propose(&r->d, 0, &pr);
	ck_assert_ptr_nonnull(p);
	return p;
}

static void expect_closed(struct rig *r, struct pair *p)
{
	rig_finish(r, p, 20 * RIG_SECOND);
	ck_assert_int_eq(p->state, PAIR_HEDGED);
	ck_assert_int_eq(fake_net_qty(r, PERP), 0);
	ck_assert_uint_eq(rig_count(r, FACT_RESCUE), 0);
	rig_audit(r);
	rig_free(r);
}

START_TEST(they_leave_together_later)
{
	struct rig *r = holding();
	r->d.venue[SPOT].answer_ns = 50 * RIG_MS;
	r->d.venue[PERP].answer_ns = 10 * RIG_MS; /* 20 ms later */
	uint32_t before = r->venue[PERP].places;
	struct pair *p = close_it(r, STYLE_BOTH, ALIGN_ARRIVE, SPOT, TIF_IOC);
	rig_run(r, 10 * RIG_MS);
	ck_assert_uint_eq(r->venue[PERP].places, before);
	rig_run(r, 10 * RIG_MS);
	ck_assert_uint_eq(r->venue[PERP].places, before + 2);
	expect_closed(r, p);
}
END_TEST

START_TEST(they_are_withdrawn_together)
{
	struct rig *r = holding();
	r->d.venue[SPOT].answer_ns = 50 * RIG_MS;
	r->d.venue[PERP].answer_ns = 10 * RIG_MS;
	uint32_t before = r->venue[PERP].places;
	rig_plan(r, SPOT, FATE_NONE, FATE_FILL);
	struct pair *p = close_it(r, STYLE_BOTH, ALIGN_ARRIVE, SPOT, TIF_IOC);
	rig_finish(r, p, 5 * RIG_SECOND);
	ck_assert_int_eq(p->state, PAIR_FLAT);
	ck_assert_uint_eq(r->venue[PERP].places, before);
	ck_assert_uint_eq(rig_count(r, FACT_WITHDRAWN), 2);
	ck_assert_uint_eq(pair_open_orders(p), 0);
	rig_audit(r);
	rig_free(r);
}
END_TEST

/* The certain leg goes when the less certain one has all of it, not one of its days. */
START_TEST(one_of_two_is_not_the_whole)
{
	struct rig *r = holding();
	rig_plan(r, PERP, FATE_FILL, FATE_SILENT_FILL);
	uint32_t before = r->venue[SPOT].places;
	struct pair *p = close_it(r, STYLE_BOTH, ALIGN_LESS_CERTAIN, PERP, TIF_IOC);
	rig_pump(r);
	ck_assert_int_eq(fake_net_qty(r, PERP), 0);
	ck_assert_int_eq(p->leg[PERP].cum_qty, 67);
	ck_assert_uint_eq(r->venue[SPOT].places, before);
	expect_closed(r, p);
}
END_TEST

START_TEST(a_resting_leg_moves_as_one)
{
	struct rig *r = holding();
	struct fake_venue *f = &r->venue[PERP];
	uint32_t before = f->places;
	r->ci[0].execution.rest_ns = 10 * RIG_SECOND;
	rig_plan(r, PERP, FATE_REST, FATE_REST);
	struct pair *p = close_it(r, STYLE_PASSIVE, ALIGN_DEFAULT, PERP, TIF_IOC);
	rig_pump(r);
	ck_assert_uint_eq(f->places, before + 2);
	rig_run(r, 3 * RIG_SECOND); /* longer than an answer may take */
	ck_assert_uint_eq(f->cancels, 0);
	rig_book(r, SPOT, 5999000, 5999001, 500000); /* its price has become too good */
	rig_run(r, 10 * RIG_MS);
	ck_assert_uint_eq(f->cancels, 2);
	ck_assert_uint_eq(f->places, before + 4);
	struct fake_order *today = &f->order[f->n_orders - 2], *early = &f->order[f->n_orders - 1];
	ck_assert(today->qty == 67 && early->qty == 33 && today->px == early->px);
	/* The order that the other left with fills: what is left still moves. */
	fake_fill(r, PERP, today, 67, true);
	rig_pump(r);
	ck_assert_uint_eq(f->cancels, 2);
	rig_run(r, RIG_SECOND);
	rig_book(r, SPOT, 5998000, 5998001, 500000);
	rig_run(r, 10 * RIG_MS);
	ck_assert_uint_eq(f->cancels, 3);
	ck_assert_uint_eq(f->places, before + 5);
	fake_fill(r, PERP, fake_last(r, PERP), 33, true);
	expect_closed(r, p);
}
END_TEST

START_TEST(one_refused_is_the_leg_refused)
{
	struct rig *r = holding();
	rig_plan(r, PERP, FATE_REST, FATE_REJECT);
	r->in[PERP].caps.types = 0;
	r->d.instrument[PERP].caps.types = 1u << ORD_LIMIT;
	struct pair *p = close_it(r, STYLE_PASSIVE, ALIGN_DEFAULT, PERP, TIF_IOC);
	rig_run(r, 20 * RIG_MS);
	ck_assert_uint_eq(r->venue[PERP].cancels, 1); /* of the one that rests */
	rig_finish(r, p, 5 * RIG_SECOND);
	ck_assert_int_eq(p->state, PAIR_FLAT);
	rig_free(r);
}
END_TEST

START_TEST(a_leg_that_is_asked_to_end_ends_whole)
{
	struct rig *r = holding();
	rig_plan(r, PERP, FATE_REST, FATE_REST);
	struct pair *p = close_it(r, STYLE_LEGGED, ALIGN_DEFAULT, PERP, TIF_GTC);
	rig_pump(r);
	ck_assert_uint_eq(pair_open_orders(p), 2);
	exec_cancel(&r->d, p, 0);
	rig_run(r, 20 * RIG_MS);
	ck_assert_uint_eq(r->venue[PERP].cancels, 2);
	rig_finish(r, p, 5 * RIG_SECOND);
	ck_assert_int_eq(p->state, PAIR_FLAT);
	rig_audit(r);
	rig_free(r);
}
END_TEST

static const struct order *newest_of(struct rig *r, const struct pair *p, unsigned leg)
{
	uint32_t at = p->first_order;
	for (const struct order *o; (o = blotter_each_of(&r->d.blotter, &at));)
		if (o->leg == leg)
			return o;
	return NULL;
}

START_TEST(a_restart_knows_them)
{
	struct rig *r = holding();
	rig_plan(r, PERP, FATE_REST, FATE_REST);
	struct pair *p = close_it(r, STYLE_LEGGED, ALIGN_DEFAULT, PERP, TIF_GTC);
	rig_pump(r);
	uint64_t parent = newest_of(r, p, PERP)->parent, id = p->id;
	ck_assert_uint_ne(parent, 0);
	struct rig *again = rig_reborn(r, r->journal.n, true);
	rig_recover(again);
	p = pairs_find(&again->d.pairs, id);
	ck_assert_ptr_nonnull(p);
	ck_assert_uint_eq(newest_of(again, p, PERP)->parent, parent);
	ck_assert_uint_eq(exec_first_order(&again->d, p)->id, parent);
	rig_free(again);
	rig_free(r);
}
END_TEST

SUITE("siblings", they_leave_together_later, they_are_withdrawn_together,
      one_of_two_is_not_the_whole, a_resting_leg_moves_as_one, one_refused_is_the_leg_refused,
      a_leg_that_is_asked_to_end_ends_whole, a_restart_knows_them)
