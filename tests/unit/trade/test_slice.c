/* Proves that a pair is cut into the fewest parts that its largest orders allow, that its legs stand even after each, and what the gate and the message budget make of them. */
#include "core/trade/slice.h"
#include "tests/unit/suite.h"
#include "tests/unit/trade/rig.h"

/* As rig_propose, but the limits stay as an operator has set them. */
static struct pair *propose(struct rig *r)
{
	struct proposal pr = rig_proposal(INTENT_OPEN, 100);
	return exec_propose(&r->d, 0, &pr);
}

static struct pair wanted(int64_t spot, int64_t perp)
{
	struct pair p = { .n_legs = RIG_LEGS, .style = STYLE_BOTH, .target_base_e8 = 1 };
	const int64_t want[] = { spot, perp }, px[] = { 6000000, 600000 };
	for (unsigned l = 0; l < RIG_LEGS; l++)
		p.leg[l] = (struct pair_leg){ .instrument = l,
					      .side = l == SPOT ? SIDE_BUY : SIDE_SELL,
					      .want_qty = want[l],
					      .ref_px = px[l],
					      .limit_px = px[l] };
	return p;
}

/* Takes all parts one after the other; returns their number. */
static unsigned take_all(struct rig *r, struct pair *p, const int64_t most[RIG_LEGS])
{
	int64_t qty[LEG_MAX];
	unsigned n = 0, said = slice_next(&r->d, p, qty);
	for (unsigned left; (left = slice_next(&r->d, p, qty)); n++) {
		ck_assert_uint_eq(left, said - n);
		for (unsigned l = 0; l < RIG_LEGS; l++) {
			ck_assert_int_gt(qty[l], 0);
			ck_assert_int_le(qty[l], most[l]);
			ck_assert_int_eq(qty[l] % r->in[l].rule[0].lot, 0);
			p->leg[l].cum_qty += l == SPOT ? qty[l] : -qty[l];
		}
		/* Even within half a lot of the finer leg: in units of wanted times wanted. */
		__int128 off = (__int128)slice_filled(&p->leg[SPOT]) * p->leg[PERP].want_qty -
			       (__int128)slice_filled(&p->leg[PERP]) * p->leg[SPOT].want_qty;
		off = off < 0 ? -off : off;
		ck_assert(2 * off <= (__int128)r->in[SPOT].rule[0].lot * p->leg[PERP].want_qty);
	}
	for (unsigned l = 0; l < RIG_LEGS; l++)
		ck_assert_int_eq(slice_filled(&p->leg[l]), p->leg[l].want_qty);
	return n;
}

START_TEST(test_cut)
{
	static const struct {
		int64_t spot, perp, most_spot, most_perp;
		unsigned parts;
	} row[] = {
		{ 10000, 100, 0, 0, 1 },      { 10000, 100, 10000, 100, 1 },
		{ 10000, 100, 0, 99, 2 },     { 10000, 100, 0, 30, 4 },
		{ 10000, 100, 3333, 0, 4 },   { 10000, 100, 2500, 26, 4 },
		{ 10000, 3, 4000, 0, 3 },     { 10013, 7, 0, 2, 4 },
		{ 640000, 6400, 0, 100, 64 },
	};
	for (unsigned k = 0; k < sizeof row / sizeof *row; k++) {
		struct rig *r = rig_new();
		r->in[SPOT].rule[0].max_qty = row[k].most_spot;
		r->in[PERP].rule[0].max_qty = row[k].most_perp;
		struct pair p = wanted(row[k].spot, row[k].perp);
		const int64_t most[] = { row[k].most_spot ? row[k].most_spot : INT64_MAX,
					 row[k].most_perp ? row[k].most_perp : INT64_MAX };
		ck_assert_uint_eq(take_all(r, &p, most), row[k].parts);
		rig_free(r);
	}
}
END_TEST

START_TEST(test_cannot_be_cut)
{
	struct rig *r = rig_new();
	int64_t qty[LEG_MAX];
	struct pair p = wanted(10000, 1); /* one lot of the other leg */
	r->in[SPOT].rule[0].max_qty = 9999;
	ck_assert_uint_eq(slice_next(&r->d, &p, qty), 0);
	slice_choose(&r->d, &p);
	ck_assert_uint_eq(p.slices, 1);
	ck_assert_int_eq(p.leg[SPOT].order_qty, 10000); /* for the gate to refuse */
	p = wanted(65 * 1000, 6500);
	r->in[SPOT].rule[0].max_qty = 1000; /* more parts than a pair may have */
	ck_assert_uint_eq(slice_next(&r->d, &p, qty), 0);
	rig_free(r);
}
END_TEST

START_TEST(test_limits_slice)
{
	struct rig *r = rig_new();
	struct risk_scope all = { .scope = SCOPE_GLOBAL };
	enum risk_limit by;
	uint16_t row;
	struct pair p = wanted(10000, 100);
	ck_assert_int_eq(slice_most_qty(&r->d, &p, PERP, &by, &row), INT64_MAX);
	r->in[PERP].rule[0].max_qty = 70;
	ck_assert_int_eq(slice_most_qty(&r->d, &p, PERP, &by, &row), 70);
	ck_assert_int_eq(by, RISK_LIMIT_LOT);
	ck_assert_int_eq(risk_set_limit(&r->d, RISK_LIMIT_SLICE_BASE, &all, 5050000, "op", ""), 0);
	ck_assert_int_eq(slice_most_qty(&r->d, &p, PERP, &by, &row), 50); /* whole lots */
	ck_assert_int_eq(by, RISK_LIMIT_SLICE_BASE);
	ck_assert_uint_ne(row, 0);
	/* 2,400 at 60,000: 40 lots of 0.001 */
	ck_assert_int_eq(
		risk_set_limit(&r->d, RISK_LIMIT_SLICE_NOTIONAL, &all, 240000000000, "op", ""), 0);
	ck_assert_int_eq(slice_most_qty(&r->d, &p, PERP, &by, &row), 40);
	ck_assert_int_eq(by, RISK_LIMIT_SLICE_NOTIONAL);
	ck_assert_int_eq(slice_most_qty(&r->d, &p, SPOT, &by, &row), 4000);
	struct pair *q = propose(r);
	ck_assert_ptr_nonnull(q);
	ck_assert_uint_eq(q->slices, 3);
	rig_finish(r, q, RIG_SECOND);
	ck_assert_int_eq(q->state, PAIR_HEDGED);
	ck_assert_int_eq(fake_net_qty(r, PERP), -100);
	rig_free(r);
}
END_TEST

/* The perpetual's only lot is larger than a slice. */
START_TEST(test_refused_by_its_row)
{
	static const struct {
		enum risk_limit limit;
		int64_t most;
	} row[] = { { RISK_LIMIT_SLICE_BASE, 9999999 },
		    { RISK_LIMIT_SLICE_NOTIONAL, 600000000000 } };
	for (unsigned k = 0; k < 2; k++) {
		struct rig *r = rig_new();
		struct risk_scope all = { .scope = SCOPE_GLOBAL };
		r->in[PERP].rule[0].lot = 100;
		ck_assert_int_eq(risk_set_limit(&r->d, row[k].limit, &all, row[k].most, "op", ""),
				 0);
		ck_assert_ptr_null(propose(r));
		ck_assert_int_eq(rig_latest(r, FACT_RISK)->num[0], row[k].limit);
		rig_free(r);
	}
}
END_TEST

/* Four slices and the unwind of one, at each venue; and a place for every order. */
START_TEST(test_messages_and_room)
{
	struct rig *r = rig_new();
	r->in[PERP].rule[0].max_qty = 30;
	r->cv[PERP].messages_per_s = 4;
	ck_assert_ptr_null(propose(r));
	const struct fact *f = rig_latest(r, FACT_RISK);
	ck_assert_int_eq(f->num[0], RISK_LIMIT_RATE);
	ck_assert_int_eq(f->num[1], 5);
	r->cv[PERP].messages_per_s = 0;
	r->in[PERP].rule[0].max_qty = 2; /* fifty slices of two legs: the rig has 64 places */
	rig_run(r, 2 * RIG_SECOND);
	ck_assert_ptr_null(propose(r));
	f = rig_latest(r, FACT_RISK);
	ck_assert_int_eq(f->num[0], RISK_LIMIT_ROOM);
	ck_assert_int_eq(f->num[2], 106);
	rig_free(r);
}
END_TEST

/* No more than a slice is ever without its other leg, so no more of it counts. */
START_TEST(test_worst_case)
{
	struct rig *r = rig_new();
	struct risk_scope all = { .scope = SCOPE_GLOBAL };
	r->in[PERP].rule[0].max_qty = 25;
	ck_assert_int_eq(risk_set_limit(&r->d, RISK_LIMIT_IMBALANCE, &all, 2500000, "op", ""), 0);
	ck_assert_ptr_null(propose(r)); /* the fee's part of the spot */
	ck_assert_int_eq(rig_latest(r, FACT_RISK)->num[0], RISK_LIMIT_IMBALANCE);
	ck_assert_int_eq(risk_set_limit(&r->d, RISK_LIMIT_IMBALANCE, &all, 2510000, "op", "fees"),
			 0);
	rig_run(r, 2 * RIG_SECOND);
	rig_book(r, SPOT, 6000000, 6000001, 252); /* ten levels: no more than one slice goes back */
	struct pair *p = propose(r);
	ck_assert_ptr_nonnull(p);
	rig_finish(r, p, 20 * RIG_SECOND);
	ck_assert_int_eq(p->state, PAIR_HEDGED);
	ck_assert_int_le(fake_net_qty(r, PERP), -25);
	rig_free(r);
}
END_TEST

SUITE("slice", test_cut, test_cannot_be_cut, test_limits_slice, test_refused_by_its_row,
      test_messages_and_room, test_worst_case)
