/* Proves what a pair, a profit and a way out are worth in another currency: through stated rates, references and spot legs, along and back, and never through a price that is not there. */
#include "core/base/dec.h"
#include "core/trade/edge.h"
#include "core/trade/money.h"
#include "core/trade/peg.h"
#include "tests/unit/suite.h"
#include "tests/unit/trade/rig.h"
#include <math.h>
#include <string.h>

#define E8 100000000LL

/* A reference: the spot instrument once more, by the power that its price enters with. */
static void refer(struct rig *r, int power)
{
	struct basis_spec *s = &r->d.instance[0].spec;
	s->n_refs = 1;
	s->ref[0] = &r->in[SPOT];
	s->ref_top[0] = &r->d.feed[SPOT].top;
	for (unsigned l = 0; l < RIG_LEGS; l++)
		s->conv[l].power[0] = (int8_t)power;
}

START_TEST(a_reference_times_a_price_or_under_it)
{
	struct rig *r = rig_new();
	struct proposal pr = rig_proposal(INTENT_OPEN, 100);
	struct pair *p = exec_propose(&r->d, 0, &pr);
	ck_assert_ptr_nonnull(p);
	double plain, with;
	const double mid = 60000.005;
	rig_prices(r, 6000000, 6000001, 601000, 601001);
	ck_assert(peg_weight(&r->d, p, &p->leg[PERP], &plain));
	refer(r, 1);
	ck_assert(peg_weight(&r->d, p, &p->leg[PERP], &with));
	ck_assert(fabs(with / plain - mid) < 1e-6);
	refer(r, 2);
	ck_assert(peg_weight(&r->d, p, &p->leg[PERP], &with));
	ck_assert(fabs(with / plain - mid * mid) < 1e-3);
	refer(r, -1);
	ck_assert(peg_weight(&r->d, p, &p->leg[PERP], &with));
	ck_assert(fabs(with / plain * mid - 1) < 1e-12);
	/* a side of the reference is empty: nothing is known, though a price still stands there */
	for (int side = 0; side < side_max; side++) {
		int64_t *qty = &r->d.feed[SPOT].top.q.qty[side], was = *qty;
		*qty = 0;
		ck_assert(!peg_weight(&r->d, p, &p->leg[PERP], &with));
		*qty = was;
	}
	int64_t px[side_max], *q = r->d.feed[SPOT].top.q.px;
	memcpy(px, q, sizeof px);
	q[SIDE_BUY] = q[SIDE_SELL] = 0;
	ck_assert(!peg_weight(&r->d, p, &p->leg[PERP], &with));
	refer(r, 0); /* it plays no part: what it stands at does not matter */
	ck_assert(peg_weight(&r->d, p, &p->leg[PERP], &with));
	ck_assert(fabs(with - plain) < 1e-12);
	memcpy(q, px, sizeof px);
	rig_free(r);
}
END_TEST

/* Without a price of a reference nothing rests, no edge is known, and no limit comes of it. */
START_TEST(no_reference_no_edge)
{
	struct rig *r = rig_new();
	r->venue[SPOT].then = FATE_REST;
	struct proposal pr = rig_proposal(INTENT_OPEN, 100);
	pr.style = STYLE_PASSIVE;
	pr.first = SPOT;
	struct pair *p = exec_propose(&r->d, 0, &pr);
	ck_assert_ptr_nonnull(p);
	double edge;
	int64_t px, e8 = 7;
	ck_assert(peg_edge(&r->d, p, 6000000, &edge));
	ck_assert(edge_limit_px(&r->d, p, PERP, 0, &px) == false); /* presumed, not stated */
	p->fair_from = FAIR_STATED;
	ck_assert(edge_limit_px(&r->d, p, PERP, 0, &px));
	ck_assert(edge_expected_e8(&r->d, p, 1000000, &e8));
	ck_assert_int_gt(e8, 0);
	refer(r, 1);
	r->d.feed[SPOT].top.q.qty[SIDE_BUY] = 0;
	ck_assert(!peg_edge(&r->d, p, 6000000, &edge));
	ck_assert(!peg_px(&r->d, p, &px));
	ck_assert(!edge_limit_px(&r->d, p, PERP, 0, &px));
	ck_assert(edge_expected_e8(&r->d, p, 1000000, &e8));
	ck_assert_int_eq(e8, 0); /* not known is not counted */
	rig_free(r);
}
END_TEST

/* The price at which a leg rests stays inside the day's limits, on either side. */
START_TEST(no_price_beyond_the_days_limits)
{
	struct rig *r = rig_new();
	r->venue[SPOT].then = FATE_REST;
	struct proposal pr = rig_proposal(INTENT_OPEN, 100);
	pr.style = STYLE_PASSIVE;
	pr.first = SPOT;
	struct pair *p = exec_propose(&r->d, 0, &pr);
	ck_assert_ptr_nonnull(p);
	int64_t px, is;
	struct rule *rule = &r->in[SPOT].rule[0];
	ck_assert(peg_px(&r->d, p, &is));
	rule->band_lo = rule->band_hi = is;
	ck_assert(peg_px(&r->d, p, &px));
	rule->band_hi = is - 1;
	ck_assert(!peg_px(&r->d, p, &px));
	rule->band_hi = 0;
	rule->band_lo = is + 1;
	ck_assert(!peg_px(&r->d, p, &px));
	rule->band_lo = 0;
	p->leg[SPOT].limit_px = -5; /* a bid below nothing: only where prices may be negative */
	ck_assert(!peg_px(&r->d, p, &px));
	r->in[SPOT].px_may_be_negative = true;
	ck_assert(peg_px(&r->d, p, &px));
	ck_assert_int_eq(px, -5);
	p->edge = 1e300; /* no price that a venue could write */
	ck_assert(!peg_px(&r->d, p, &px));
	rig_free(r);
}
END_TEST

/* A basis says what a pair's price is only where all its legs stand on both sides of it. */
START_TEST(a_basis_speaks_of_the_whole_pair)
{
	struct rig *r = rig_new();
	struct proposal pr = rig_proposal(INTENT_OPEN, 100);
	struct pair *p = exec_propose(&r->d, 0, &pr);
	double edge;
	ck_assert(peg_of_basis(&r->d, p, 3, &edge));
	ck_assert(edge == -3); /* the leading leg is bought */
	p->leg[SPOT].side = SIDE_SELL;
	p->leg[PERP].side = SIDE_BUY;
	ck_assert(peg_of_basis(&r->d, p, 3, &edge));
	ck_assert(edge == 3);
	p->leg[PERP].side = SIDE_SELL;
	ck_assert(!peg_of_basis(&r->d, p, 3, &edge));
	p->leg[PERP].side = SIDE_BUY;
	p->n_legs = 1;
	ck_assert(!peg_of_basis(&r->d, p, 3, &edge));
	p->n_legs = RIG_LEGS;
	p->leg[SPOT].instrument = p->leg[PERP].instrument; /* without the leading leg */
	p->leg[SPOT].account = p->leg[PERP].account;
	ck_assert(!peg_of_basis(&r->d, p, 3, &edge));
	rig_free(r);
}
END_TEST

/* One rate where there is one, else two; stated ones before what the market says. */
START_TEST(money_through_rates)
{
	struct rig *r = rig_new();
	asset_id usdt = r->in[SPOT].quote, btc = r->in[SPOT].base;
	asset_id cny = asset_intern(&r->cfg.assets, "CNY"),
		 eur = asset_intern(&r->cfg.assets, "EUR");
	int64_t a = 2 * E8;
	ck_assert(money_convert(&r->d, 0, btc, usdt, &a)); /* the spot leg */
	ck_assert_int_eq(a, 2 * 60000 * E8);
	ck_assert(money_convert(&r->d, 0, usdt, btc, &a)); /* and back */
	ck_assert_int_eq(a, 2 * E8);
	ck_assert(!money_convert(&r->d, 0, btc, cny, &a));
	ck_assert_int_eq(a, 2 * E8); /* untouched */
	struct config_rate *rate = r->ci[0].rescue.rate;
	rate[0] = (struct config_rate){ .of = usdt, .in = cny, .num = 72, .den = 10 };
	r->ci[0].rescue.n_rates = 1;
	ck_assert(money_convert(&r->d, 0, btc, cny, &a)); /* by two */
	ck_assert_int_eq(a, 864000 * E8);
	a = 72 * E8;
	ck_assert(money_convert(&r->d, 0, cny, usdt, &a));
	ck_assert_int_eq(a, 10 * E8);
	ck_assert(!money_convert(&r->d, 0, cny, eur, &a));
	a = 5;
	ck_assert(money_convert(&r->d, 0, eur, eur, &a));
	ck_assert_int_eq(a, 5);
	/* as a reference: the perpetual prices BTC too, an inverse one and one in other units say nothing */
	r->ci[0].rescue.n_rates = 0;
	r->in[SPOT].expo.kind = EXPO_LINEAR;
	ck_assert(!money_convert(&r->d, 0, btc, usdt, &a));
	r->ci[0].n_refs = 1;
	r->ci[0].ref[0] = PERP;
	a = E8;
	ck_assert(money_convert(&r->d, 0, btc, usdt, &a));
	ck_assert_int_eq(a, 60100 * E8);
	strcpy(r->in[PERP].px_unit, "cent");
	ck_assert(!money_convert(&r->d, 0, btc, usdt, &a));
	r->in[PERP].px_unit[0] = '\0';
	r->in[PERP].expo.kind = EXPO_INVERSE;
	ck_assert(!money_convert(&r->d, 0, btc, usdt, &a));
	r->ci[0].n_refs = 0;
	rig_free(r);
}
END_TEST

/* Cash and what is held at its mark, less fees in whatever coin has a price here; of an account, an instance, or all. */
START_TEST(profit)
{
	struct rig *r = rig_new();
	struct desk *d = &r->d;
	asset_id btc = r->in[SPOT].base, usdt = r->in[SPOT].quote, bnb = 3;
	int64_t net;
	ck_assert(risk_profit_e8(d, UINT32_MAX, UINT32_MAX, &net));
	ck_assert_int_eq(net, 0); /* nothing was traded */
	rig_finish(r, rig_propose(r, INTENT_OPEN, 100), RIG_SECOND);
	rig_prices(r, 6100000, 6100002, 601000, 601001); /* spot a thousand dearer */
	struct position *spot = positions_at(&d->positions, SPOT, SPOT, 0);
	struct position *perp = positions_at(&d->positions, PERP, PERP, 0);
	memset(spot->fee, 0, sizeof spot->fee);
	memset(perp->fee, 0, sizeof perp->fee);
	int64_t by_spot, by_perp, all;
	ck_assert(risk_profit_e8(d, SPOT, UINT32_MAX, &by_spot));
	ck_assert(risk_profit_e8(d, PERP, UINT32_MAX, &by_perp));
	ck_assert(risk_profit_e8(d, UINT32_MAX, 0, &all));
	ck_assert_int_eq(all, by_spot + by_perp);
	ck_assert_int_gt(by_spot, 95 * E8); /* 0.1001 BTC */
	ck_assert_int_lt(by_spot, 105 * E8);
	ck_assert(risk_profit_e8(d, UINT32_MAX, 1, &net));
	ck_assert_int_eq(net, 0); /* another instance's */
	spot->fee[0].asset = btc;
	spot->fee[0].paid_e8 = E8 / 1000;
	perp->fee[0].asset = usdt;
	perp->fee[0].paid_e8 = 2 * E8;
	perp->fee[1].asset = bnb; /* nothing prices it here: left out */
	perp->fee[1].paid_e8 = 9 * E8;
	ck_assert(risk_profit_e8(d, UINT32_MAX, UINT32_MAX, &net));
	ck_assert_int_eq(net, all - 61 * E8 - E8 / 100000 - 2 * E8);
	/* what is held without a price: nobody can say */
	d->feed[PERP].top.q = (struct quote){ 0 };
	d->feed[PERP].mid_px = 0;
	ck_assert(!risk_profit_e8(d, UINT32_MAX, UINT32_MAX, &net));
	ck_assert(risk_profit_e8(d, SPOT, UINT32_MAX, &net));
	r->in[PERP].expo.kind = EXPO_INVERSE; /* earns its base: not in it */
	ck_assert(risk_profit_e8(d, UINT32_MAX, UINT32_MAX, &net));
	rig_free(r);
}
END_TEST

SUITE("worth", a_reference_times_a_price_or_under_it, no_reference_no_edge,
      no_price_beyond_the_days_limits, a_basis_speaks_of_the_whole_pair, money_through_rates,
      profit)
