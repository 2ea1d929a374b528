/* Proves that the way out of a broken pair is the cheapest one: random books, fills, fees and limits, against a model that walks the books unit by unit in floating point. */
#include "core/base/rng.h"
#include "tests/unit/suite.h"
#include "tests/unit/trade/rig.h"
#include <math.h>
#include <string.h>

enum { WORLDS = 2000, LEVELS = 8 };

struct world {
	struct level level[RIG_LEGS][side_max][LEVELS];
	int64_t filled[RIG_LEGS];
	double paid[RIG_LEGS]; /* for one */
};

static void random_books(struct rig *r, struct rng *g, struct world *w)
{
	static const int64_t middle[] = { 6000000, 600010 };
	for (unsigned l = 0; l < RIG_LEGS; l++) {
		struct depth d = { .last_seq = ++r->seq, .recv_ns = r->d.now.mono_ns };
		int64_t bid = middle[l] + (int64_t)rng_below(g, 161) - 80;
		int64_t ask = bid + 1 + (int64_t)rng_below(g, 20);
		for (int k = 0; k < LEVELS; k++) {
			int64_t gap = 1 + (int64_t)rng_below(g, 10);
			int64_t most = l == SPOT ? 6000 : 60;
			w->level[l][SIDE_BUY][k] =
				(struct level){ bid, 1 + (int64_t)rng_below(g, (uint32_t)most) };
			w->level[l][SIDE_SELL][k] =
				(struct level){ ask, 1 + (int64_t)rng_below(g, (uint32_t)most) };
			bid -= gap;
			ask += gap;
		}
		for (int s = 0; s < side_max; s++) {
			d.level[s] = w->level[l][s];
			d.n[s] = LEVELS;
		}
		feed_snapshot(&r->d.feed[l], &d);
	}
}

/* A pair that wanted 0.1 BTC, and of which each leg has filled something; made by hand, so that no executor has looked at it. */
static struct pair some_pair(struct rng *g, struct world *w, const struct strat_limits *limits)
{
	static const int64_t ref[] = { 6000001, 600010 }, want[] = { 10000, 100 };
	struct pair p = { .id = 1,
			  .state = PAIR_BROKEN,
			  .style = STYLE_BOTH,
			  .tif = rng_chance(g, 500000) ? TIF_IOC : TIF_GTC,
			  .fair_from = rng_chance(g, 500000) ? FAIR_STATED : FAIR_PRESUMED,
			  .n_legs = RIG_LEGS,
			  .target_base_e8 = 100 * RIG_LOT_E8 };
	int64_t all = 1 + (int64_t)rng_below(g, 100), part = (int64_t)rng_below(g, (uint32_t)all);
	bool spot_leads = rng_chance(g, 500000);
	w->filled[SPOT] = (spot_leads ? all : part) * 100;
	w->filled[PERP] = -(spot_leads ? part : all);
	if (p.fair_from == FAIR_STATED)
		p.fair = (double)rng_below(g, 200) - 150;
	for (unsigned l = 0; l < RIG_LEGS; l++) {
		int64_t paid = ref[l] + (int64_t)rng_below(g, 41) - 20;
		w->paid[l] = (double)paid / (l == SPOT ? 1e2 : 1e1);
		p.leg[l] = (struct pair_leg){
			.instrument = l,
			.account = (uint16_t)l,
			.venue = (uint16_t)l,
			.side = l == SPOT ? SIDE_BUY : SIDE_SELL,
			.ratio_num = 1,
			.ratio_den = 1,
			.want_qty = want[l],
			.ref_px = ref[l],
			.limit_px = ref[l] + (l == SPOT ? 1 : -1) * limits->max_slip_tick,
			.cum_qty = w->filled[l],
			.cum_value_e8 = w->filled[l] * paid * (l == SPOT ? 10 : 10000)
		};
	}
	return p;
}

/* Money of one quantity of a leg at a price. */
static double worth(unsigned leg, double qty, double px)
{
	return leg == SPOT ? qty / 1e5 * px / 1e2 : qty / 1e3 * px / 1e1;
}

struct priced {
	bool can, within; /* at the average: the slip limit of the decision */
	double cost;
	int64_t filled;
};

/* Takes one unit after the other off the best level that is left, while the limit allows. */
static struct priced walk(const struct rig *r, const struct world *w, unsigned leg, enum side side,
			  int64_t qty, int64_t limit)
{
	static const double ref[] = { 6000001, 600010 };
	struct priced out = { .can = true };
	double paid = 0;
	int64_t level = 0, left = w->level[leg][side ^ 1][0].qty;
	for (; out.filled < qty && level < LEVELS; out.filled++, left--) {
		while (left == 0 && ++level < LEVELS)
			left = w->level[leg][side ^ 1][level].qty;
		if (level == LEVELS)
			break;
		int64_t px = w->level[leg][side ^ 1][level].px;
		if (side == SIDE_BUY ? px > limit : px < limit)
			break;
		paid += worth(leg, 1, (double)px);
	}
	out.can = out.filled > 0;
	if (!out.can)
		return out;
	double average =
		(paid + worth(leg, (double)(qty - out.filled), (double)limit)) /
		(double)qty; /* what the book does not show may cost as much as the limit */
	double of_decision = worth(leg, 1, ref[leg]) +
			     (side == SIDE_BUY ? 1 : -1) *
				     worth(leg, 1, (double)r->d.instance[0].limits.max_slip_tick);
	out.within = side == SIDE_BUY ? average < of_decision + worth(leg, 1, 1)
				      : average > of_decision - worth(leg, 1, 1);
	double all = average * (double)qty, want = worth(leg, (double)qty, ref[leg]);
	out.cost = side == SIDE_BUY ? all - want : want - all;
	out.cost += all * (double)r->in[leg].rule[0].fee.taker_e8 / 1e8;
	return out;
}

static double fees_of_one(const struct rig *r)
{
	return 60000.01 * (double)r->in[SPOT].rule[0].fee.taker_e8 / 1e8 +
	       60001.0 * (double)r->in[PERP].rule[0].fee.taker_e8 / 1e8;
}

/* What one of the pair was to earn before fees. */
static double edge_of_one(const struct pair *p)
{
	double edge = 60001.0 - 60000.01 - p->fair;
	return p->fair_from == FAIR_STATED || edge > 0 ? edge : 0;
}

/* Completing: the slip limit, or as far as the pair keeps its edge and unwinding would go. */
static int64_t complete_to(const struct rig *r, const struct world *w, const struct pair *p,
			   unsigned leg)
{
	const struct strat_limits *l = &r->d.instance[0].limits;
	int64_t ref = leg == SPOT ? 6000001 : 600010, towards = leg == SPOT ? 1 : -1;
	int64_t least = l->max_slip_tick, most = l->max_unwind_slip_tick;
	if (p->fair_from != FAIR_STATED)
		return ref + towards * least;
	double left = edge_of_one(p) - fees_of_one(r);
	double keep = fees_of_one(r) + (left > 0 ? left : 0) * r->ci[0].rescue.keep_edge_ppm / 1e6;
	double px = leg == SPOT ? (w->paid[PERP] - p->fair - keep) * 1e2
				: (w->paid[SPOT] + p->fair + keep) * 1e1;
	int64_t room = (int64_t)floor((double)towards * (px - (double)ref) + 1e-6);
	room = room < most ? room : most;
	return ref + towards * (room > least ? room : least);
}

/* Which leg each way trades, so much, and at which limit. */
static struct priced way(const struct rig *r, const struct world *w, const struct pair *p,
			 bool completing)
{
	int64_t lag = w->filled[SPOT] / 100 + w->filled[PERP]; /* lots that spot is ahead */
	unsigned ahead = lag > 0 ? SPOT : PERP, leg = completing ? ahead ^ 1u : ahead;
	enum side own = leg == SPOT ? SIDE_BUY : SIDE_SELL, side = completing ? own : own ^ 1;
	int64_t lots = lag < 0 ? -lag : lag,
		lead = ahead == SPOT ? w->filled[SPOT] / 100 : -w->filled[PERP];
	int64_t slip = r->d.instance[0].limits.max_unwind_slip_tick;
	int64_t from = w->level[leg][side ^ 1][0].px;
	int64_t limit = completing	   ? complete_to(r, w, p, leg)
			: side == SIDE_BUY ? from + slip
					   : from - slip;
	int64_t unit = leg == SPOT ? 100 : 1;
	struct priced out = walk(r, w, leg, side, lots * unit, limit);
	if (!completing)
		out.cost += edge_of_one(p) * 0.1 * (double)lots / 100;
	if (completing && out.can && p->tif == TIF_IOC && lead < 100) { /* all that was wanted? */
		unsigned other = leg ^ 1u;
		int64_t more = (100 - lead) * (other == SPOT ? 100 : 1);
		int64_t all = (lots + 100 - lead) * unit;
		struct priced a = walk(r, w, leg, side, all, limit);
		struct priced b = walk(r, w, other, side ^ 1, more, complete_to(r, w, p, other));
		double cost = a.cost + b.cost - edge_of_one(p) * 0.1 * (double)(100 - lead) / 100;
		bool can = a.can && b.can && a.filled == all && b.filled == more && a.within &&
			   b.within;
		if (can && cost < out.cost)
			out.cost = cost;
	}
	out.can = out.can && (r->ci[0].rescue_budget_e8 == 0 ||
			      out.cost * 1e8 <= (double)r->ci[0].rescue_budget_e8);
	return out;
}

START_TEST(test_cheapest)
{
	struct rng g;
	rng_seed(&g, 20261122);
	struct rig *r = rig_new();
	unsigned chosen[rescue_way_max] = { 0 }, filled_up = 0, beyond = 0;
	r->in[SPOT].rule[0].fee.in = FEE_IN_QUOTE; /* the fee in the base is test_rescue's */
	r->in[SPOT].rule[0].min_notional_e8 = 0;
	for (int n = 0; n < WORLDS; n++) {
		struct world w;
		random_books(r, &g, &w);
		for (unsigned l = 0; l < RIG_LEGS; l++)
			r->in[l].rule[0].fee.taker_e8 = (int64_t)rng_below(&g, 100000);
		r->d.instance[0].limits.max_slip_tick = 20 + (int)rng_below(&g, 200);
		r->d.instance[0].limits.max_unwind_slip_tick = 5 + (int)rng_below(&g, 100);
		r->ci[0].rescue_budget_e8 =
			rng_chance(&g, 300000) ? 1 + (int64_t)rng_below(&g, 200000000) : 0;
		r->ci[0].rescue.keep_edge_ppm = rng_chance(&g, 500000) ? 0 : 500000;
		struct pair p = some_pair(&g, &w, &r->d.instance[0].limits);
		struct rescue_plan plan;
		rescue_plan(&r->d, &p, &plan);
		struct priced cross = way(r, &w, &p, true), unwind = way(r, &w, &p, false);
		enum rescue_way want = cross.can && (!unwind.can || cross.cost <= unwind.cost)
					       ? RESCUE_COMPLETE
				       : unwind.can ? RESCUE_UNWIND
						    : RESCUE_WAIT;
		bool close =
			fabs(cross.cost - unwind.cost) < 1e-3; /* within what rounding may decide */
		double budget = (double)r->ci[0].rescue_budget_e8 / 1e8;
		close |= budget > 0 &&
			 (fabs(cross.cost - budget) < 1e-3 || fabs(unwind.cost - budget) < 1e-3);
		EXPECT_MSG(
			plan.way == want || close,
			"world %d: %s instead of %s; cross %s %.8f (%.8f), unwind %s %.8f (%.8f)",
			n, rescue_way_name(plan.way), rescue_way_name(want),
			cross.can ? "can" : "cannot", cross.cost,
			(double)plan.out[RESCUE_COMPLETE].cost_e8 / 1e8,
			unwind.can ? "can" : "cannot", unwind.cost,
			(double)plan.out[RESCUE_UNWIND].cost_e8 / 1e8);
		if (cross.can && cross.cost < 1e8)
			EXPECT_MSG(fabs(cross.cost -
					(double)plan.out[RESCUE_COMPLETE].cost_e8 / 1e8) < 2e-2,
				   "world %d: crossing costs %.8f, not %.8f", n, cross.cost,
				   (double)plan.out[RESCUE_COMPLETE].cost_e8 / 1e8);
		chosen[plan.way]++;
		for (unsigned l = 0; plan.way == RESCUE_COMPLETE && l < RIG_LEGS; l++) {
			const struct rescue_trade *t = &plan.out[RESCUE_COMPLETE].trade[l];
			filled_up += t->opens;
			beyond += t->qty && (l == SPOT ? t->px > p.leg[l].limit_px
						       : t->px < p.leg[l].limit_px);
		}
	}
	/* None of them was never the answer. */
	EXPECT(chosen[RESCUE_COMPLETE] > 30 && chosen[RESCUE_UNWIND] > 30 &&
	       chosen[RESCUE_WAIT] > 10 && filled_up > 30 && beyond > 30);
	rig_free(r);
}
END_TEST

SUITE("prop_rescue", test_cheapest)
