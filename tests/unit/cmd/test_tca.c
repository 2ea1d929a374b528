/* Proves what a pair's execution cost: by prices worked out by hand, for both sides, for pairs that were completed and unwound, over restarts, and with more pairs than are
 * remembered at once. */
#include "core/cmd/tca_sum.h"
#include "core/trade/pair.h"
#include "tests/unit/suite.h"
#include <math.h>
#include <string.h>

#define E8  100000000LL
#define MAX 5000

static struct tca t;
static struct tca_pair out[MAX];
static uint32_t n_out;
static uint64_t seq;
static int64_t now_ns;

static int keep(void *arg, const struct tca_pair *p)
{
	(void)arg;
	ck_assert_uint_lt(n_out, MAX);
	out[n_out++] = *p;
	return 0;
}

static void begin(void)
{
	n_out = 0;
	seq = 0;
	now_ns = 1000000000;
	ck_assert_int_eq(tca_open(&t, keep, NULL), 0);
}

static struct fact fact(enum fact_kind kind, uint64_t pair, uint64_t cause)
{
	struct fact f = { .seq = ++seq,
			  .kind = (uint16_t)kind,
			  .pair = pair,
			  .cause = cause,
			  .mono_ns = now_ns,
			  .utc_ns = now_ns,
			  .instance = 1,
			  .script = 2,
			  .leg = 0xff,
			  .side = FACT_NO_SIDE };
	return f;
}

static uint64_t take(struct fact f)
{
	ck_assert_int_eq(tca_take(&t, &f), 0);
	return f.seq;
}

static void pair_moves(uint64_t id, enum pair_state from, enum pair_state to)
{
	struct fact f = fact(FACT_PAIR, id, 0);
	f.state = (uint8_t)to;
	f.num[0] = from;
	f.num[1] = to;
	take(f);
}

/* Decided at 1 s on a quote that came 40 us before. Leg 0 buys 2 at 100.00, leg 1 sells 2 at 103.0; ticks 0.01 and 0.5. */
static void propose(uint64_t id)
{
	struct fact f = fact(FACT_QUOTE, 0, 0);
	f.num[5] = now_ns - 40000;
	f = (take(f), fact(FACT_DECISION, 0, f.seq));
	f.num[2] = 1500000000;
	f.num[3] = 2500000000;
	f = (take(f), fact(FACT_PAIR, id, f.seq));
	f.state = PAIR_PROPOSED;
	f.num[5] = INTENT_OPEN;
	take(f);
	for (uint8_t l = 0; l < 2; l++) {
		f = fact(FACT_LEG, id, seq);
		f.leg = l;
		f.instrument = 10u + l;
		f.side = l ? SIDE_SELL : SIDE_BUY;
		f.px_dp = l ? 1 : 2;
		f.num[2] = 2;
		f.num[4] = l ? 1030 : 10000;
		take(f);
	}
}

static void order(uint64_t id, uint8_t leg, uint64_t order, bool rescue, int64_t book_px)
{
	struct fact f = fact(FACT_ORDER, id, 0);
	f.leg = leg;
	f.order = order;
	f.num[2] = rescue;
	f.num[5] = book_px;
	f.num[7] = 5;
	take(f);
	f = fact(FACT_SENT, id, 0);
	f.leg = leg;
	f.order = order;
	take(f);
}

/* value: money at the price; fee 0.1 % of it. */
static void fill(uint64_t id, uint8_t leg, uint64_t order, uint8_t side, int64_t px, int64_t qty,
		 int64_t value_e8)
{
	struct fact f = fact(FACT_FILL, id, 0);
	f.leg = leg;
	f.order = order;
	f.side = side;
	f.px = px;
	f.qty = qty;
	f.num[6] = value_e8;
	f.num[7] = value_e8 / 1000;
	take(f);
}

static void ticks(void)
{
	for (uint32_t l = 0; l < 2; l++) {
		struct fact f = fact(FACT_RULE, 0, 0);
		f.instrument = 10 + l;
		f.num[1] = l ? 5 : 1;
		take(f);
	}
}

START_TEST(a_pair_by_hand)
{
	int64_t h;
	double bp;
	begin();
	ticks();
	propose(7);
	order(7, 0, 70, false, 10001);
	order(7, 1, 71, false, 1030);
	now_ns += 300000;
	fill(7, 0, 70, SIDE_BUY, 10002, 1, 10002 * E8 / 100);
	now_ns += 50000;
	fill(7, 0, 70, SIDE_BUY, 10004, 1, 10004 * E8 / 100);
	now_ns += 150000;
	fill(7, 1, 71, SIDE_SELL, 1025, 2, 2 * 1025 * E8 / 10);
	pair_moves(7, PAIR_SENT, PAIR_HEDGED);
	ck_assert_int_eq(tca_end(&t), 0);
	ck_assert_uint_eq(n_out, 1);
	const struct tca_pair *p = &out[0];
	ck_assert(p->state == PAIR_HEDGED && p->ended && !p->broke && p->priced && p->n_legs == 2 &&
		  p->money == 5);
	/* 2 and 4 cents worse, and 2 * 0.5 worse. */
	ck_assert_int_eq(p->leg[0].slip_e8, 6 * E8 / 100);
	ck_assert_int_eq(p->leg[1].slip_e8, E8);
	ck_assert_int_eq(p->slip_e8, 106 * E8 / 100);
	ck_assert_int_eq(p->value_e8, (10002 + 10004) * E8 / 100 + 205 * E8);
	ck_assert_int_eq(p->fee_e8, p->value_e8 / 1000);
	ck_assert(tca_cost_bp(p, &bp) && fabs(bp - 1e4 * (1.06 + .40506) / 405.06) < 1e-9);
	ck_assert(tca_slip_ticks(&p->leg[0], &h) && h == 300);
	ck_assert(tca_slip_ticks(&p->leg[1], &h) && h == 100);
	ck_assert_int_eq(tca_average_px(&p->leg[0]), 10003);
	ck_assert_int_eq(p->leg[0].arrival_px, 10001);
	/* Leg 0 buys: the direction that the decision's second basis is of. */
	ck_assert_int_eq(p->basis_bp_nano, 2500000000);
	ck_assert_int_eq(p->step_ns[TCA_WIRE_TO_DECISION], 40000);
	ck_assert_int_eq(p->step_ns[TCA_DECISION_TO_SENT], 0);
	ck_assert_int_eq(p->step_ns[TCA_SENT_TO_FILL], 500000);
	ck_assert_int_eq(p->step_ns[TCA_LEG_GAP], 200000);
	ck_assert_int_eq(p->step_ns[TCA_WHOLE], 540000);
	ck_assert_int_eq(p->step_ns[TCA_SENT_TO_ACK], TCA_UNKNOWN);
	ck_assert_int_eq(p->step_ns[TCA_RESCUE], TCA_UNKNOWN);
	tca_close(&t);
}
END_TEST

START_TEST(completed_and_unwound)
{
	begin();
	ticks();
	for (uint64_t id = 1; id <= 2; id++) {
		propose(id);
		order(id, 0, 10 * id, false, 10000);
		fill(id, 0, 10 * id, SIDE_BUY, 10000, 2, 200 * E8);
		pair_moves(id, PAIR_SENT, PAIR_BROKEN);
		now_ns += 1000;
		order(id, id == 1, 10 * id + 1, true, 0);
		if (id == 1) /* the other leg, a full unit below the decision */
			fill(id, 1, 11, SIDE_SELL, 1020, 2, 204 * E8);
		else /* back at 99.50 */
			fill(id, 0, 21, SIDE_SELL, 9950, 2, 199 * E8);
		now_ns += 2000;
		pair_moves(id, id == 1 ? PAIR_COMPLETING : PAIR_UNWINDING,
			   id == 1 ? PAIR_HEDGED : PAIR_FLAT);
	}
	ck_assert_int_eq(tca_end(&t), 0);
	ck_assert_uint_eq(n_out, 2);
	ck_assert(out[0].completed && !out[0].unwound && out[1].unwound && !out[1].completed);
	ck_assert_int_eq(out[0].slip_e8, 0);
	ck_assert_int_eq(out[0].chase_e8, 2 * E8);
	ck_assert_int_eq(out[0].unwind_e8, 0);
	ck_assert_int_eq(out[1].chase_e8, 0);
	ck_assert_int_eq(out[1].unwind_e8, E8);
	ck_assert_int_eq(out[1].leg[0].qty, 2);
	ck_assert_int_eq(out[1].leg[0].back_qty, 2);
	ck_assert_int_eq(out[0].step_ns[TCA_RESCUE], 3000);
	/* What opens it has moved; what takes it back has not moved more. */
	ck_assert_int_eq(out[1].value_e8, 200 * E8);
	tca_close(&t);
}
END_TEST

START_TEST(what_is_not_known_is_not_counted)
{
	double bp;
	int64_t h;
	begin(); /* no ticks */
	propose(1);
	order(1, 0, 10, false, 0);
	fill(1, 0, 10, SIDE_BUY, 10010, 2, 200 * E8);
	struct fact f = fact(FACT_SESSION_OPEN, 0, 0);
	take(f);
	now_ns -= 900000000; /* another clock */
	pair_moves(1, PAIR_SENT, PAIR_HEDGED);
	propose(2);
	f = fact(FACT_FILL, 2, 0); /* no rate */
	f.leg = 0;
	f.side = SIDE_BUY;
	f.px = 10010;
	f.qty = 2;
	take(f);
	propose(3); /* nothing came of it */
	ck_assert_int_eq(tca_end(&t), 0);
	ck_assert_uint_eq(n_out, 3);
	ck_assert(out[0].resumed && out[0].step_ns[TCA_WHOLE] == TCA_UNKNOWN);
	ck_assert(!tca_slip_ticks(&out[0].leg[0], &h));
	ck_assert(!out[1].priced && !tca_cost_bp(&out[1], &bp));
	ck_assert(!out[2].ended && !tca_cost_bp(&out[2], &bp) &&
		  tca_average_px(&out[2].leg[0]) == 0);
	tca_close(&t);
}
END_TEST

START_TEST(more_pairs_than_are_remembered)
{
	struct tca_sum s = { 0 };
	begin();
	ticks();
	for (uint64_t id = 1; id <= TCA_KEPT + 500; id++) {
		propose(id);
		order(id, 0, id << 8, false, 10000);
		fill(id, 0, id << 8, SIDE_BUY, 10000 + (id % 2 ? 1 : 0), 2, 200 * E8);
		if (id != 3) /* stays open */
			pair_moves(id, PAIR_SENT, PAIR_HEDGED);
		now_ns += 1000;
	}
	ck_assert_uint_gt(n_out, 0);
	ck_assert_int_eq(tca_end(&t), 0);
	ck_assert_uint_eq(n_out, TCA_KEPT + 500);
	ck_assert_uint_eq(t.dropped, 0);
	for (uint32_t i = 0; i < n_out; i++)
		ck_assert_int_eq(tca_sum_add(&s, &out[i]), 0);
	ck_assert_uint_eq(s.n, 1);
	ck_assert(s.of[0]->pairs == TCA_KEPT + 500 && s.of[0]->open == 1 &&
		  s.of[0]->hedged == TCA_KEPT + 499);
	ck_assert_uint_eq(s.of[0]->leg[0].fills, TCA_KEPT + 500);
	ck_assert_double_eq_tol(tca_sum_cost_bp(s.of[0], 0), 10, 1e-6); /* its fee only */
	ck_assert_double_gt(tca_sum_cost_bp(s.of[0], 1), 10.9);
	ck_assert_double_eq_tol(s.of[0]->leg[0].ticks / s.of[0]->leg[0].ticks_of, .5, .001);
	tca_sum_free(&s);
	tca_close(&t);
}
END_TEST

START_TEST(an_execution_taken_back)
{
	begin();
	ticks();
	propose(1);
	order(1, 0, 10, false, 10000);
	fill(1, 0, 10, SIDE_BUY, 10000, 2, 200 * E8);
	struct fact f = fact(FACT_BUST, 1, 0);
	f.leg = 0;
	f.side = SIDE_BUY;
	f.px = 10000;
	f.qty = 2;
	take(f);
	ck_assert_int_eq(tca_end(&t), 0);
	ck_assert(out[0].leg[0].qty == 0 && out[0].leg[0].value == 0 && !out[0].priced);
	tca_close(&t);
}
END_TEST

SUITE("tca", a_pair_by_hand, completed_and_unwound, what_is_not_known_is_not_counted,
      more_pairs_than_are_remembered, an_execution_taken_back)
