/* Proves how a pair's legs are chosen to go out: which one first and why, by how much the others wait, at which price one rests; and that three legs follow in ratio. */
#include "core/trade/feasible.h"
#include "core/trade/peg.h"
#include "core/trade/plan.h"
#include "tests/unit/suite.h"
#include "tests/unit/trade/rig.h"
#include <math.h>
#include <string.h>

static struct proposal asked(enum pair_style style, enum pair_align align, uint8_t first)
{
	struct proposal pr = rig_proposal(INTENT_OPEN, 100);
	pr.style = (uint8_t)style;
	pr.align = (uint8_t)align;
	pr.first = first;
	return pr;
}

static struct pair *propose(struct rig *r, enum pair_style style, enum pair_align align,
			    uint8_t first)
{
	struct proposal pr = asked(style, align, first);
	return exec_propose(&r->d, 0, &pr);
}

static const char *words(struct rig *r)
{
	const struct fact *f = rig_latest(r, FACT_PLAN);
	ck_assert_ptr_nonnull(f);
	return f->text;
}

static void first_is(struct rig *r, unsigned leg, const char *why)
{
	struct proposal pr = asked(STYLE_LEGGED, ALIGN_DEFAULT, LEG_ANY);
	struct pair *p = exec_propose(&r->d, 0, &pr);
	ck_assert_ptr_nonnull(p);
	ck_assert_uint_eq(p->first, leg);
	ck_assert_msg(strstr(words(r), why), "%s", words(r));
	rig_finish(r, p, RIG_SECOND);
	ck_assert_int_eq(p->state, PAIR_HEDGED);
}

START_TEST(test_less_certain_leg)
{
	struct rig *r = rig_new();
	first_is(r, PERP, "its lot is the coarser");
	r->cv[SPOT].messages_per_s = 100;
	first_is(r, SPOT, "fewer messages are left");
	r->cv[PERP].messages_per_s = 50;
	first_is(r, PERP, "fewer messages are left");
	rig_book(r, SPOT, 6000000, 6000001,
		 2000); /* 0.02 a level, ten of them: twice what is wanted */
	first_is(r, SPOT, "its book is the thinner");
	r->ci[0].execution.first = PERP;
	first_is(r, PERP, "as configured");
	ck_assert_str_eq(words(r),
			 "PERP.BTCUSDT first (as configured); the others follow what it fills");
	rig_free(r);
}
END_TEST

/* What is even is closed at a venue that has just refused before the other one hears of it; an order that it takes ends the doubt. */
START_TEST(test_a_close_asks_the_refusing_venue_first)
{
	for (unsigned leg = 0; leg < RIG_LEGS; leg++) {
		struct rig *r = rig_new();
		rig_finish(r, rig_propose(r, INTENT_OPEN, 100), RIG_SECOND);
		rig_plan(r, leg, FATE_REJECT, FATE_REJECT);
		rig_finish(r, rig_propose(r, INTENT_OPEN, 10), RIG_SECOND);
		ck_assert_int_eq(r->d.venue[leg].refused_ns != 0, 1);
		ck_assert_int_eq(r->d.venue[leg ^ 1].refused_ns, 0);
		r->ci[0].execution.first =
			(uint8_t)(leg ^ 1); /* the doubt is news, the configuration is not */
		unsigned other = r->venue[leg ^ 1].places;
		struct pair *p = rig_propose(r, INTENT_CLOSE, 100);
		ck_assert_msg(strstr(words(r), "first (its venue has just refused)"), "%s",
			      words(r));
		rig_finish(r, p, RIG_SECOND);
		ck_assert_int_eq(p->state, PAIR_FLAT);
		ck_assert_uint_eq(r->venue[leg ^ 1].places, other);
		r->venue[leg].then = FATE_FILL;
		p = rig_propose(r, INTENT_CLOSE, 50);
		rig_finish(r, p, RIG_SECOND);
		ck_assert_int_eq(p->state, PAIR_HEDGED);
		ck_assert_int_eq(fake_net_qty(r, PERP), -50);
		ck_assert_int_eq(rig_propose(r, INTENT_CLOSE, 50)->align, ALIGN_SEND);
		rig_free(r);
	}
}
END_TEST

START_TEST(test_default_needs_no_plan)
{
	struct rig *r = rig_new();
	struct pair *p = rig_propose(r, INTENT_OPEN, 100);
	ck_assert_int_eq(p->style, STYLE_BOTH);
	ck_assert_int_eq(p->align, ALIGN_SEND);
	ck_assert_uint_eq(rig_count(r, FACT_PLAN), 0);
	rig_finish(r, p, RIG_SECOND);
	r->ci[0].execution.style = STYLE_PASSIVE; /* what is configured is a default */
	struct pair *q = propose(r, STYLE_BOTH, ALIGN_DEFAULT, LEG_ANY);
	ck_assert_int_eq(q->style, STYLE_BOTH);
	rig_finish(r, q, RIG_SECOND);
	ck_assert_int_eq(rig_propose(r, INTENT_OPEN, 100)->style, STYLE_PASSIVE);
	rig_free(r);
}
END_TEST

static void nonsense(struct rig *r, const struct proposal *pr)
{
	rig_run(r, RIG_SECOND + 10 * RIG_MS);
	ck_assert_ptr_null(exec_propose(&r->d, 0, pr));
	ck_assert_int_eq(rig_latest(r, FACT_RISK)->num[0], RISK_LIMIT_PROPOSAL);
}

START_TEST(test_nonsense)
{
	struct rig *r = rig_new();
	struct proposal pr = asked(pair_style_max, ALIGN_DEFAULT, LEG_ANY);
	nonsense(r, &pr);
	pr = asked(STYLE_BOTH, pair_align_max, LEG_ANY);
	nonsense(r, &pr);
	pr = asked(STYLE_LEGGED, ALIGN_DEFAULT, 2); /* there is no such leg */
	nonsense(r, &pr);
	pr = asked(STYLE_LEGGED, ALIGN_DEFAULT, SPOT);
	pr.has_basis = true; /* of a resting leg only */
	nonsense(r, &pr);
	pr = asked(STYLE_PASSIVE, ALIGN_DEFAULT, SPOT);
	pr.has_basis = true;
	pr.basis = NAN;
	nonsense(r, &pr);
	pr.has_basis = false;
	r->in[SPOT].caps.tifs = 1u << TIF_IOC; /* nothing rests there */
	nonsense(r, &pr);
	ck_assert_uint_eq(r->venue[SPOT].places, 0);
	rig_free(r);
}
END_TEST

/* The best kind of order that its venue has. */
START_TEST(test_resting_order)
{
	struct rig *r = rig_new();
	r->venue[SPOT].then = FATE_REST;
	r->in[SPOT].caps.types = 1u << ORD_LIMIT | 1u << ORD_POST_ONLY;
	r->in[SPOT].caps.tifs = 1u << TIF_DAY | 1u << TIF_IOC;
	ck_assert_ptr_nonnull(propose(r, STYLE_PASSIVE, ALIGN_DEFAULT, SPOT));
	const struct fact *f = rig_latest(r, FACT_ORDER);
	ck_assert_int_eq(f->num[0], ORD_POST_ONLY);
	ck_assert_int_eq(f->num[1], TIF_DAY);
	rig_free(r);
}
END_TEST

/* Through the other side of its own book no price rests, and none is beyond the script's limit. */
START_TEST(test_resting_price)
{
	struct rig *r = rig_new();
	r->venue[SPOT].then = FATE_REST;
	struct proposal pr = asked(STYLE_PASSIVE, ALIGN_DEFAULT, SPOT);
	pr.has_basis = true;
	pr.basis = -150; /* spot bought 150 below what the perpetual is sold for: 59,950.00 */
	struct pair *p = exec_propose(&r->d, 0, &pr);
	ck_assert_ptr_nonnull(p);
	ck_assert_int_eq(p->leg[SPOT].ref_px, 5995000);
	ck_assert_int_eq(rig_latest(r, FACT_ORDER)->px, 5995000);
	p->edge = 50.004; /* 60,049.996: through the ask */
	int64_t px;
	ck_assert(peg_px(&r->d, p, &px));
	ck_assert_int_eq(px, 6000000);
	p->edge = 150.004; /* 59,949.996: down to the tick, never a worse price */
	ck_assert(peg_px(&r->d, p, &px));
	ck_assert_int_eq(px, 5994999);
	p->leg[SPOT].limit_px = 5990000;
	ck_assert(peg_px(&r->d, p, &px));
	ck_assert_int_eq(px, 5990000);
	r->in[SPOT].rule[0].band_lo = 5990001;
	ck_assert(!peg_px(&r->d, p, &px));
	r->in[SPOT].rule[0].band_lo = 0;
	feed_bad(&r->d.feed[PERP], r->d.now.mono_ns);
	ck_assert(!peg_px(&r->d, p, &px));
	rig_free(r);
}
END_TEST

/* What is hedged is walked for its size, and a conversion counts: 7.2 CNY for a dollar. */
START_TEST(test_edge)
{
	struct rig *r = rig_new();
	r->venue[SPOT].then = FATE_REST;
	struct pair *p = propose(r, STYLE_PASSIVE, ALIGN_DEFAULT, SPOT);
	ck_assert_ptr_nonnull(p);
	double edge;
	ck_assert(peg_edge(&r->d, p, 6000000, &edge));
	ck_assert(fabs(edge - 100) < 1e-6);
	rig_book(r, PERP, 601000, 601001, 50); /* two levels for 100 */
	ck_assert(peg_edge(&r->d, p, 6000000, &edge));
	ck_assert(fabs(edge - 99.95) < 1e-6);
	r->d.instance[0].spec.conv[SPOT].k = 7.2;
	r->d.instance[0].spec.conv[PERP].k = 7.2;
	ck_assert(peg_edge(&r->d, p, 6000000, &edge));
	ck_assert(fabs(edge - 99.95 * 7.2) < 1e-6);
	rig_free(r);
}
END_TEST

START_TEST(test_ways)
{
	struct rig *r = rig_new();
	ck_assert_int_eq(plan_way_ns(&r->d, SPOT), 0);
	struct pair *p =
		rig_propose(r, INTENT_OPEN, 100); /* answered within the step: nothing took time */
	rig_finish(r, p, RIG_SECOND);
	r->d.venue[SPOT].answer_ns = 8 * RIG_MS;
	r->d.venue[PERP].answer_ns = 300 * RIG_MS;
	ck_assert_int_eq(plan_way_ns(&r->d, SPOT), 4 * RIG_MS);
	p = propose(r, STYLE_BOTH, ALIGN_ARRIVE, LEG_ANY);
	ck_assert_int_eq(p->leg[PERP].wait_ns, 0);
	ck_assert_int_eq(p->leg[SPOT].wait_ns, PLAN_STAGGER_NS); /* 146 ms apart: bounded */
	rig_finish(r, p, RIG_SECOND);
	ck_assert_int_eq(p->state, PAIR_HEDGED);
	r->ci[0].execution.max_stagger_ns = 200 * RIG_MS;
	r->d.venue[SPOT].answer_ns = 8 * RIG_MS; /* the rig answers in no time, which was learnt */
	r->d.venue[PERP].answer_ns = 300 * RIG_MS;
	p = propose(r, STYLE_BOTH, ALIGN_ARRIVE, LEG_ANY);
	ck_assert_int_eq(p->leg[SPOT].wait_ns, 146 * RIG_MS);
	ck_assert_str_eq(
		words(r),
		"to arrive together: PERP.BTCUSDT, the farthest, at once, the nearest 146.000 ms later");
	rig_finish(r, p, RIG_SECOND);
	r->d.venue[SPOT].answer_ns = 8 * RIG_MS;
	p = propose(r, STYLE_BOTH, ALIGN_LESS_CERTAIN, SPOT);
	ck_assert_int_eq(p->leg[PERP].wait_ns, 16 * RIG_MS); /* twice what an answer takes */
	rig_free(r);
}
END_TEST

/* A running mean of what answers took, of orders that were answered in this life. */
START_TEST(test_answers_are_learnt)
{
	struct rig *r = rig_new();
	rig_plan(r, SPOT, FATE_REST, FATE_FILL);
	struct pair *p = rig_propose(r, INTENT_OPEN, 100);
	r->d.now.mono_ns += 8 * RIG_MS;
	rig_pump(r);
	ck_assert_int_eq(r->d.venue[SPOT].answer_ns, 8 * RIG_MS);
	rig_finish(r, p, 20 * RIG_SECOND);
	r->d.venue[SPOT].answer_ns = 8 * RIG_MS;
	rig_propose(r, INTENT_OPEN, 100);
	r->d.now.mono_ns += 16 * RIG_MS;
	rig_pump(r);
	ck_assert_int_eq(r->d.venue[SPOT].answer_ns, 9 * RIG_MS);
	rig_free(r);
}
END_TEST

/* F42: an event that is handed on twice proposes once; what was refused may be asked again. */
START_TEST(test_one_event_one_pair)
{
	struct rig *r = rig_new();
	struct proposal pr = rig_proposal(INTENT_OPEN, 100);
	pr.event = 77;
	r->d.stopping = true;
	ck_assert_ptr_null(exec_propose(&r->d, 0, &pr));
	r->d.stopping = false;
	ck_assert_ptr_nonnull(exec_propose(&r->d, 0, &pr));
	ck_assert_ptr_null(exec_propose(&r->d, 0, &pr));
	ck_assert_int_eq(rig_latest(r, FACT_RISK)->num[0], RISK_LIMIT_DUPLICATE);
	pr.n = 1; /* another proposal of that call */
	ck_assert_ptr_nonnull(exec_propose(&r->d, 0, &pr));
	pr.n = 0;
	pr.event = 78;
	ck_assert_ptr_nonnull(exec_propose(&r->d, 0, &pr));
	rig_free(r);
}
END_TEST

SUITE("plan", test_a_close_asks_the_refusing_venue_first, test_less_certain_leg,
      test_default_needs_no_plan, test_nonsense, test_resting_order, test_resting_price, test_edge,
      test_ways, test_answers_are_learnt, test_one_event_one_pair)
