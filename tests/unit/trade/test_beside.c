/* Proves what happens beside the trades: money that a person moves, cancels at a price limit as the exchange counts them, counters that a checkpoint carries, and what a script may not ask for. */
#include "tests/unit/suite.h"
#include "tests/unit/trade/rig.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

#define E8 100000000LL

/* One whole round of questions to the spot venue, in which its account is said to hold so much money. */
static void round_of(struct rig *r, int64_t free_e8, int64_t locked_e8)
{
	asset_id usdt = r->in[SPOT].quote;
	reconcile_begin(&r->d, SPOT);
	rig_run(r, 10 * RIG_MS);
	reconcile_balance(&r->d, SPOT, usdt, free_e8, locked_e8);
	reconcile_answered(&r->d, SPOT, true);
	rig_run(r, RIG_SECOND);
}

static unsigned told(const struct rig *r, enum reconcile_act act)
{
	unsigned n = 0;
	for (uint32_t i = 0; i < r->journal.n; i++)
		n += r->journal.fact[i].kind == FACT_RECONCILE && r->journal.fact[i].state == act;
	return n;
}

/* F70: money that comes or goes by hand is seen twice, told once, and from then on part of the baseline; nothing is fenced. */
START_TEST(money_moved_by_hand)
{
	struct rig *r = rig_new();
	asset_id usdt = r->in[SPOT].quote;
	round_of(r, 900 * E8, 100 * E8);
	const struct desk_balance *b = desk_balance(&r->d, SPOT, usdt, false);
	ck_assert_ptr_nonnull(b);
	ck_assert_int_eq(b->baseline_e8, 1000 * E8);
	round_of(r, 1000 * E8 + 1, 0); /* dust, and what was locked is free */
	round_of(r, 1000 * E8 - 1, 0);
	ck_assert_uint_eq(told(r, RECONCILE_MOVED), 0);
	round_of(r, 700 * E8, 0);
	ck_assert_uint_eq(told(r, RECONCILE_MOVED), 0); /* once is not believed */
	round_of(r, 600 * E8, 0);			/* nor is another number */
	ck_assert_uint_eq(told(r, RECONCILE_MOVED), 0);
	round_of(r, 600 * E8, 0);
	ck_assert_uint_eq(told(r, RECONCILE_MOVED), 1);
	ck_assert_int_eq(b->baseline_e8, 600 * E8);
	const struct fact *f = rig_latest(r, FACT_RECONCILE);
	ck_assert_uint_eq(f->fee_asset, r->d.names.asset[usdt]);
	ck_assert_int_eq(f->num[5], 600 * E8);
	round_of(r, 600 * E8, 0);
	round_of(r, 1600 * E8, 0); /* gone again before it was seen twice: nothing of it is kept */
	round_of(r, 600 * E8, 0);
	round_of(r, 1600 * E8, 0);
	ck_assert_uint_eq(told(r, RECONCILE_MOVED), 1);
	ck_assert_ptr_null(fence_at(&r->d, SPOT, SPOT));
	/* the baseline outlives the host */
	checkpoint_write(&r->d);
	struct rig *again = rig_reborn(r, r->journal.n, true);
	rig_recover(again);
	ck_assert_int_eq(desk_balance(&again->d, SPOT, usdt, false)->baseline_e8, 600 * E8);
	rig_free(again);
	rig_free(r);
}
END_TEST

static struct config_exchange_rule rule[1];

static void count(struct rig *r)
{
	strcpy(r->in[PERP].exchange, "SHFE");
	rule[0] = (struct config_exchange_rule){ .exchange = "SHFE",
						 .instrument = UINT32_MAX,
						 .from = 20251009,
						 .verified = 20260115,
						 .large_cancel_lots = 300,
						 .burst_messages = 10 };
	r->cfg.exchange_rule = rule;
	r->cfg.n_exchange_rules = 1;
	tally_free(&r->d.tally);
	ck_assert_int_eq(tally_init(&r->d.tally, &r->cfg), 0);
}

static int64_t used(const struct rig *r, enum tally_kind k)
{
	struct tally_use u;
	tally_use(&r->d, k, PERP, PERP, &u);
	return u.used;
}

static void cancelled(struct rig *r, int64_t qty, enum tif tif, bool asked)
{
	struct order o = { .id = 77,
			   .instrument = PERP,
			   .account = PERP,
			   .venue = PERP,
			   .instance = POSITION_NOBODY,
			   .tif = (uint8_t)tif,
			   .qty = qty,
			   .cancel_asked = asked };
	struct fact f;
	scribe_order(&r->d, &f, FACT_CANCELLED, &o, 0);
	f.num[5] = asked;
	tally_note(&r->d, &o, &f);
	scribe_put(&r->d, &f);
}

/* A contract stands at its limit when the best price has reached it on the side that can go no further. */
START_TEST(cancels_at_the_price_limit)
{
	static const struct {
		int64_t lo, hi;
		bool bid, ask; /* is there one? */
		bool at_limit;
	} row[] = {
		{ 0, 0, true, true, false },
		{ 601000 - 50, 601000 + 50, true, true, false },
		{ 0, 601000, true, true, true },
		{ 0, 601001, true, true, false },
		{ 0, 601000, false, true, false },
		{ 601001, 0, true, true, true },
		{ 601000, 0, true, true, false },
		{ 601001, 0, true, false, false },
		{ 601001, 601000, true, true, true },
	};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct rig *r = rig_new();
		count(r);
		r->in[PERP].rule[0].band_lo = row[i].lo;
		r->in[PERP].rule[0].band_hi = row[i].hi;
		struct quote *q = &r->d.feed[PERP].top.q;
		q->qty[SIDE_BUY] = row[i].bid ? q->qty[SIDE_BUY] : 0;
		q->qty[SIDE_SELL] = row[i].ask ? q->qty[SIDE_SELL] : 0;
		cancelled(r, 5, TIF_GTC, true);
		ck_assert_msg(used(r, TALLY_LIMIT_CANCELS) == row[i].at_limit, "row %zu", i);
		ck_assert_int_eq(used(r, TALLY_CANCELS), 1);
		rig_free(r);
	}
}
END_TEST

/* Large is what the rule says, in whole lots; what nobody asked for is no cancel; an immediate order's rest is one where the exchange counts it. */
START_TEST(what_is_a_cancel)
{
	struct rig *r = rig_new();
	count(r);
	r->in[PERP].qty_dp = 0;
	cancelled(r, 299, TIF_GTC, true);
	ck_assert_int_eq(used(r, TALLY_LARGE_CANCELS), 0);
	cancelled(r, 300, TIF_GTC, true);
	ck_assert_int_eq(used(r, TALLY_LARGE_CANCELS), 1);
	cancelled(r, 300, TIF_GTC, false);
	cancelled(r, 300, TIF_IOC, false);
	ck_assert_int_eq(used(r, TALLY_CANCELS), 2);
	rule[0].count_fak = true;
	cancelled(r, 300, TIF_IOC, false);
	cancelled(r, 300, TIF_FOK, false);
	cancelled(r, 300, TIF_DAY, false);
	ck_assert_int_eq(used(r, TALLY_CANCELS), 4);
	ck_assert_int_eq(used(r, TALLY_LARGE_CANCELS), 3);
	rule[0].large_cancel_lots = 0; /* the exchange knows no large ones */
	cancelled(r, 30000, TIF_GTC, true);
	ck_assert_int_eq(used(r, TALLY_LARGE_CANCELS), 3);
	rig_free(r);
}
END_TEST

/* Sums of a checkpoint count once, for their own day; those that stand outside of one do not, and neither does a contract that is gone. */
START_TEST(counters_of_a_checkpoint)
{
	struct rig *r = rig_new();
	count(r);
	cancelled(r, 5, TIF_GTC, true);
	struct fact f;
	tally_write(&r->d);
	const struct fact *sum = rig_latest(r, FACT_TALLY);
	ck_assert_ptr_nonnull(sum);
	f = *sum;
	ck_assert_int_eq(f.num[2], 1);
	tally_recall(&r->d, &f, false);
	ck_assert_int_eq(used(r, TALLY_CANCELS), 1);
	tally_recall(&r->d, &f, true);
	ck_assert_int_eq(used(r, TALLY_CANCELS), 2);
	f.num[0]--; /* of the day before */
	tally_recall(&r->d, &f, true);
	ck_assert_int_eq(used(r, TALLY_CANCELS), 2);
	f.num[0]++;
	f.instrument = 999;
	tally_recall(&r->d, &f, true);
	f.instrument = 0;
	tally_recall(&r->d, &f, true);
	f.instrument = r->in[PERP].name_id;
	f.account = 0;
	tally_recall(&r->d, &f, true);
	f.account = 999;
	tally_recall(&r->d, &f, true);
	ck_assert_int_eq(used(r, TALLY_CANCELS), 2);
	rig_free(r);
}
END_TEST

/* What a script may not ask for, number by number; each is refused as nonsense, and nothing leaves. */
START_TEST(no_such_proposal)
{
	struct rig *r = rig_new();
	struct proposal bad[9];
	for (unsigned i = 0; i < 9; i++)
		bad[i] = rig_proposal(INTENT_OPEN, 100);
	bad[0].tif = tif_max;
	bad[1].style = pair_style_max;
	bad[2].align = pair_align_max;
	bad[3].has_basis = true;
	bad[3].basis = (double)NAN;
	bad[4].has_fair = true;
	bad[4].fair = (double)INFINITY;
	bad[5].limit_px[PERP] = -1;
	bad[6].limit_px[PERP] = 1e300;
	bad[7].limit_px[SPOT] = (double)INFINITY;
	bad[8].has_basis = true; /* a basis is asked of a pair that rests, and this one does not */
	for (unsigned i = 0; i < 9; i++) {
		rig_run(r, RIG_SECOND + 10 * RIG_MS);
		ck_assert_msg(!exec_propose(&r->d, 0, &bad[i]), "proposal %u went through", i);
		ck_assert_msg(rig_latest(r, FACT_RISK)->num[0] == RISK_LIMIT_PROPOSAL, "%u: %s", i,
			      rig_latest(r, FACT_RISK)->text);
	}
	ck_assert_uint_eq(r->venue[SPOT].places + r->venue[PERP].places, 0);
	rig_free(r);
}
END_TEST

SUITE("beside", money_moved_by_hand, cancels_at_the_price_limit, what_is_a_cancel,
      counters_of_a_checkpoint, no_such_proposal)
