/* Proves, on random worlds, that a pair of any style ends hedged or flat: whatever its orders meet, the market does and the operator says; that what follows never runs ahead of what filled, and that
 * nothing opens after a kill. */
#include "core/base/rng.h"
#include "tests/unit/suite.h"
#include "tests/unit/trade/rig.h"

#define SEEDS 400
#define STEPS 30

static struct rng g;

static unsigned below(unsigned n)
{
	return (unsigned)rng_below(&g, n);
}

static enum fate any_fate(void)
{
	static const enum fate kind[] = { FATE_FILL,	    FATE_FILL,	      FATE_FILL,
					  FATE_PART,	    FATE_NONE,	      FATE_REJECT,
					  FATE_REST,	    FATE_REST_PART,   FATE_FILL_FIRST,
					  FATE_SILENT_FILL, FATE_SILENT_PART, FATE_SILENT_REST,
					  FATE_LOST,	    FATE_TWICE,	      FATE_REFUSE };
	return kind[below(sizeof kind / sizeof *kind)];
}

static void plan_fates(struct rig *r)
{
	for (unsigned l = 0; l < RIG_LEGS; l++) {
		struct fake_venue *f = &r->venue[l];
		for (f->n_plan = 0; f->n_plan < 4; f->n_plan++)
			f->plan[f->n_plan] = any_fate();
		f->at_plan = 0;
		f->then = FATE_FILL;
	}
}

static void move_books(struct rig *r)
{
	int64_t by = (int64_t)below(200) - 100;
	rig_book(r, PERP, 601000 + by, 601001 + by, 50 + below(500));
	rig_book(r, SPOT, 6000000 + 10 * by, 6000001 + 10 * by, 5000 + below(50000));
}

/* What works at a venue fills in part, whole, or is taken away. */
static void something_fills(struct rig *r)
{
	unsigned l = below(RIG_LEGS);
	struct fake_venue *f = &r->venue[l];
	for (uint32_t i = 0; i < f->n_orders; i++) {
		struct fake_order *o = &f->order[i];
		if (!o->works || f->v.state != VENUE_UP)
			continue;
		int64_t left = o->qty - o->cum, qty = 1 + below((unsigned)left);
		if (below(4))
			fake_fill(r, l, o, below(2) ? left : qty, true);
		else {
			fake_end(r, l, o);
			fake_report(r, l, o, EXEC_CANCELLED);
		}
		return;
	}
}

static bool killed;

static void happen(struct rig *r, struct pair *p)
{
	switch (below(12)) {
	case 0:
	case 1:
		move_books(r);
		break;
	case 2:
	case 3:
	case 4:
		something_fills(r);
		break;
	case 5:
		if (below(6) == 0) {
			risk_set_state(&r->d, RISK_HALTED, "chance", "a drill");
			killed = true;
		}
		break;
	case 6:
		if (below(4) == 0)
			exec_cancel(&r->d, p, 0);
		break;
	case 7:
		r->venue[below(RIG_LEGS)].cancel_races = below(2);
		break;
	case 8:
		r->venue[below(RIG_LEGS)].mute_cancel = below(3) == 0;
		break;
	case 9:
		if (below(5) == 0)
			rig_venue(r, below(RIG_LEGS), false);
		break;
	default:
		break;
	}
	rig_run(r, 10 * RIG_MS * (1 + below(20)));
}

static void heal(struct rig *r)
{
	for (unsigned l = 0; l < RIG_LEGS; l++) {
		struct fake_venue *f = &r->venue[l];
		f->cancel_races = f->mute_cancel = f->mute_query = false;
		f->at_plan = f->n_plan;
		f->then = FATE_FILL;
		if (f->v.state != VENUE_UP)
			rig_venue(r, l, true);
	}
	rig_prices(r, 6000000, 6000001, 601000, 601001);
}

/* Facts in the order of their writing: hedges never run ahead of the first leg's fills, and after a kill nothing opens. */
static void check_story(const struct rig *r, const struct pair *p, unsigned seed)
{
	int64_t first_filled = 0, asked = 0;
	bool rescued = false, halted = false;
	unsigned lead = p->first, other = p->first ^ 1;
	for (uint32_t i = 0; i < r->journal.n; i++) {
		const struct fact *f = &r->journal.fact[i];
		halted |= f->kind == FACT_OPERATOR && f->num[1] && f->state == RISK_HALTED;
		rescued |= f->kind == FACT_RESCUE || f->kind == FACT_BUST;
		if (f->kind == FACT_FILL && f->leg == lead)
			first_filled += f->qty;
		EXPECT_MSG(!halted || f->kind != FACT_SENT ||
				   blotter_find(&((struct rig *)(uintptr_t)r)->d.blotter, f->order)
					   ->rescue,
			   "seed %u: an opening order was sent after a kill", seed);
		if (rescued || p->style == STYLE_BOTH || f->kind != FACT_ORDER || f->leg != other ||
		    f->num[2] != ORDER_HEDGES)
			continue;
		asked += f->qty;
		EXPECT_MSG((__int128)asked * p->leg[lead].want_qty <=
				   (__int128)first_filled * p->leg[other].want_qty,
			   "seed %u: %lld were sent on fills of %lld", seed, (long long)asked,
			   (long long)first_filled);
	}
}

static void play(unsigned seed)
{
	struct rig *r = rig_new();
	rng_seed(&g, seed);
	killed = false;
	plan_fates(r);
	struct proposal pr = rig_proposal(INTENT_OPEN, 100);
	pr.style = (uint8_t)(STYLE_BOTH + below(3));
	pr.align = (uint8_t)(ALIGN_SEND + below(3));
	pr.first = (uint8_t)below(RIG_LEGS);
	pr.tif = below(2) ? TIF_IOC : TIF_GTC;
	r->d.venue[SPOT].answer_ns = (1 + below(60)) * RIG_MS;
	r->d.venue[PERP].answer_ns = (1 + below(60)) * RIG_MS;
	r->ci[0].execution.rest_ns = (1 + below(40)) * 100 * RIG_MS;
	struct pair *p = exec_propose(&r->d, 0, &pr);
	ck_assert_ptr_nonnull(p);
	for (unsigned k = 0; k < STEPS; k++)
		happen(r, p);
	heal(r);
	for (int k = 0; k < 300 && (!pair_over((enum pair_state)p->state) || p->dirty); k++)
		rig_run(r, 100 * RIG_MS);
	EXPECT_MSG(pair_over((enum pair_state)p->state), "seed %u: %s, %s", seed,
		   pair_state_name((enum pair_state)p->state),
		   held_cause_name((enum held_cause)p->held_cause));
	EXPECT_MSG(r->d.pairs.n_resting == 0, "seed %u: still in the list of resting ones", seed);
	rig_audit(r);
	int64_t left = rig_truth_base_e8(r), tolerance = rescue_tolerance_base_e8(&r->d, p);
	EXPECT_MSG(left <= tolerance && left >= -tolerance, "seed %u: %lld are left", seed,
		   (long long)left);
	check_story(r, p, seed);
	rig_free(r);
}

START_TEST(test_random_worlds)
{
	for (unsigned seed = 1; seed <= SEEDS; seed++)
		play(seed);
}
END_TEST

SUITE("styles", test_random_worlds)
