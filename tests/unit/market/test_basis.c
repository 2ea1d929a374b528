/* Proves the three forms of a basis, gross and net, against sums done by hand, and that nothing is shown that cannot be believed. */
#include "core/base/rng.h"
#include "core/market/basis.h"
#include "core/market/gate.h"
#include "tests/unit/suite.h"
#include <math.h>
#include <string.h>

#define MS 1000000LL

struct bench {
	struct instrument in[3];
	struct top top[3];
	struct basis_spec spec;
};

static struct top top(int64_t bid, int64_t ask, int64_t qty, int64_t valid_ns)
{
	return (struct top){ .q = { .px = { bid, ask }, .qty = { qty, 2 * qty } },
			     .valid_ns = valid_ns,
			     .state = BOOK_LIVE };
}

static void set_up(struct bench *b)
{
	memset(b, 0, sizeof *b);
	for (int i = 0; i < 3; i++) {
		struct rule r = { .tick = 1,
				  .lot = 1,
				  .fee = { .taker_e8 = i == 0 ? 100000 : 50000 } };
		b->in[i].px_dp = 2;
		b->in[i].qty_dp = 3;
		b->in[i].expo = (struct expo){ .kind = EXPO_LINEAR, .num = 1, .den = 1 };
		ck_assert_int_eq(instrument_add_rule(&b->in[i], &r), 0);
	}
	b->top[0] = top(10100, 10102, 5000, 90 * MS); /* 101.00 / 101.02, 5 and 10 */
	b->top[1] = top(10000, 10004, 3000, 97 * MS); /* 100.00 / 100.04, 3 and 6 */
	b->top[2] = top(200, 200, 1, 50 * MS);	      /* 2.00 */
	b->spec = (struct basis_spec){ .n_legs = 2, .lot_base_e8 = 100000000 };
	for (int i = 0; i < 2; i++) {
		b->spec.leg[i] = &b->in[i];
		b->spec.leg_top[i] = &b->top[i];
		b->spec.conv[i].k = 1;
	}
	b->spec.ref[0] = &b->in[2];
	b->spec.ref_top[0] = &b->top[2];
}

static bool is(double got, double want)
{
	double off = got - want;
	return off < 1e-9 && off > -1e-9;
}

START_TEST(test_three_forms)
{
	struct bench b;
	struct basis r;
	set_up(&b);
	basis_eval(&b.spec, 100 * MS, 0, &r);
	ck_assert(r.ok);
	ck_assert(is(r.spread, 101.01 - 100.02));
	ck_assert(is(r.spread_bp, (101.01 - 100.02) / 100.02 * 1e4));
	ck_assert(is(r.ratio, 101.01 / 100.02));
	ck_assert(is(r.dir[SIDE_SELL].gross,
		     101.00 - 100.04)); /* hit the bid of leg 0, lift the ask of leg 1 */
	ck_assert(is(r.dir[SIDE_BUY].gross, 101.02 - 100.00));
	ck_assert(is(r.dir[SIDE_SELL].net, 101.00 - 100.04 - 0.101 - 0.05002));
	ck_assert(is(r.dir[SIDE_BUY].net, 101.02 - 100.00 + 0.10102 + 0.05));
	ck_assert(r.dir[SIDE_SELL].net <= r.dir[SIDE_SELL].gross &&
		  r.dir[SIDE_BUY].net >= r.dir[SIDE_BUY].gross);
	ck_assert(is(r.dir[SIDE_SELL].lots, 5)); /* 5 bid on leg 0, 6 offered on leg 1 */
	ck_assert(is(r.dir[SIDE_BUY].lots, 3));	 /* 10 offered on leg 0, 3 bid on leg 1 */
	ck_assert(is(r.skew_ms, 7) && is(r.max_age_ms, 10));
	ck_assert(is(r.leg[0].age_ms, 10) && is(r.leg[1].age_ms, 3));
}
END_TEST

START_TEST(test_conversion_and_reference)
{
	struct bench b;
	struct basis r;
	set_up(&b);
	b.spec.n_refs = 1;
	b.spec.conv[0].k = 4;
	b.spec.conv[0].power[0] = -2; /* 4 / 2^2 = 1 */
	basis_eval(&b.spec, 100 * MS, 0, &r);
	ck_assert(r.ok);
	ck_assert(is(r.spread, 101.01 - 100.02));
	ck_assert(is(r.ref[0], 2));
	ck_assert(is(r.skew_ms, 7));	 /* between the legs */
	ck_assert(is(r.max_age_ms, 50)); /* the reference counts */
	b.top[2] = top(-1, 1, 1, 50 * MS);
	basis_eval(&b.spec, 100 * MS, 0, &r);
	ck_assert(!r.ok); /* over a mid of nothing */
}
END_TEST

/* What is quiet is fresh while its channel lives (F32). */
START_TEST(test_alive)
{
	struct bench b;
	struct basis r;
	struct feed_line line = { .beat_ns = 99 * MS };
	set_up(&b);
	b.top[0].line = &line;
	basis_eval(&b.spec, 100 * MS, 0, &r);
	ck_assert(is(r.leg[0].age_ms, 1) && is(r.skew_ms, 2) && is(r.max_age_ms, 3));
	line.beat_ns = 1 * MS; /* older than the last change: the change counts */
	basis_eval(&b.spec, 100 * MS, 0, &r);
	ck_assert(is(r.leg[0].age_ms, 10));
}
END_TEST

/* I9: any leg or reference that is not LIVE or has an empty side shows nothing at all. */
START_TEST(test_not_ok_is_empty)
{
	struct basis none;
	for (int which = 0; which < 3; which++)
		for (int how = 0; how < book_state_max + 2; how++) {
			struct bench b;
			struct basis r;
			set_up(&b);
			b.spec.n_refs = 1;
			if (how < book_state_max)
				b.top[which].state = (uint8_t)how;
			else
				b.top[which].q.qty[how - book_state_max] = 0;
			basis_eval(&b.spec, 100 * MS, 0, &r);
			ck_assert_int_eq(r.ok, how == BOOK_LIVE);
			if (r.ok)
				continue;
			memset(&none, 0, sizeof none);
			none.at_ns = 100 * MS;
			ck_assert_int_eq(memcmp(&none, &r, sizeof r), 0);
		}
}
END_TEST

static struct rule *rule(struct bench *b, int leg)
{
	return &b->in[leg].rule[0];
}

/* Commission by value and by lot, at today's rates for the part that closes today's lots, stamp duty, and the tax that a price contains. */
START_TEST(test_net_of_everything)
{
	struct bench b;
	struct basis r;
	set_up(&b);
	struct fee_rule *f = &rule(&b, 0)->fee;
	*f = (struct fee_rule){ .taker_e8 = 100000,
				.per_lot_e8 = 300000000,
				.close_today_e8 = 300000,
				.close_today_per_lot_e8 = 600000000,
				.tax_sell_e8 = 50000,
				.tax_buy_e8 = 20000 };
	rule(&b, 0)->lot = 5000; /* five base units, and 3 a lot is 0.6 of the price */
	b.in[0].vat_e8 = 13000000;
	basis_eval(&b.spec, 100 * MS, 0, &r);
	double far_buy = 100.04 * 1.0005, far_sell = 100.00 * 0.9995;
	ck_assert(is(r.dir[SIDE_SELL].net, 101.00 / 1.13 - 101.00 * 0.0015 - 0.6 - far_buy));
	ck_assert(is(r.dir[SIDE_BUY].net, 101.02 / 1.13 + 101.02 * 0.0012 + 0.6 - far_sell));
	ck_assert(is(r.dir[SIDE_SELL].gross, 101.00 - 100.04)); /* the price as it stands */
	basis_close_today(&b.spec, 0, SIDE_SELL, 0.5);
	basis_eval(&b.spec, 100 * MS, 0, &r);
	ck_assert(is(r.dir[SIDE_SELL].net, 101.00 / 1.13 - 101.00 * 0.0025 - 0.9 - far_buy));
	ck_assert(is(r.dir[SIDE_BUY].net, 101.02 / 1.13 + 101.02 * 0.0012 + 0.6 - far_sell));
	f->close_today_e8 = f->close_today_per_lot_e8 = -1; /* as any other */
	basis_touch(&b.spec);
	basis_eval(&b.spec, 100 * MS, 0, &r);
	ck_assert(is(r.dir[SIDE_SELL].net, 101.00 / 1.13 - 101.00 * 0.0015 - 0.6 - far_buy));
}
END_TEST

/* 15 USD a contract of 100 oz is 0.15 USD an ounce, whatever exposure is counted in. */
START_TEST(test_fee_by_lot_in_the_price_unit)
{
	struct bench b;
	struct basis r;
	struct assets a = { 0 };
	set_up(&b);
	struct instrument *gc = &b.in[0];
	gc->base = asset_intern(&a, "XAU");
	gc->quote = asset_intern(&a, "USD");
	gc->qty_dp = 0;
	gc->expo = (struct expo){ EXPO_LINEAR, 311034768, 100000 };
	strcpy(gc->px_unit, "USD/ozt");
	strcpy(gc->base_unit, "g");
	ck_assert_int_eq(instrument_set_worth(gc, &a), 0);
	ck_assert(gc->worth_num == 100 && gc->worth_den == 1);
	rule(&b, 0)->fee = (struct fee_rule){ .per_lot_e8 = 1500000000 };
	basis_eval(&b.spec, 100 * MS, 0, &r);
	ck_assert(is(r.dir[SIDE_SELL].net, 101.00 - 0.15 - 100.04 * 1.0005));
}
END_TEST

START_TEST(test_rules_change_by_their_date)
{
	struct bench b;
	struct basis r;
	set_up(&b);
	struct rule later = *rule(&b, 0);
	later.from_utc_ns = 1000;
	later.fee.taker_e8 = 0;
	ck_assert_int_eq(instrument_add_rule(&b.in[0], &later), 0);
	basis_eval(&b.spec, 100 * MS, 999, &r);
	ck_assert(is(r.dir[SIDE_SELL].net, 101.00 - 0.101 - 100.04 - 0.05002));
	basis_eval(&b.spec, 100 * MS, 1000, &r);
	ck_assert(is(r.dir[SIDE_SELL].net, 101.00 - 100.04 - 0.05002));
}
END_TEST

/* Ratio and bp mean nothing where a price may be zero or negative, or the others are worth nothing. */
START_TEST(test_no_ratio)
{
	struct bench b;
	struct basis r;
	set_up(&b);
	b.in[1].px_may_be_negative = true;
	b.top[1] = top(-300, -200, 3000, 97 * MS);
	basis_eval(&b.spec, 100 * MS, 0, &r);
	ck_assert(r.ok && !r.ratio_ok && r.ratio == 0 && r.spread_bp == 0);
	ck_assert(is(r.spread, 101.01 + 2.5));
	ck_assert(is(r.dir[SIDE_SELL].net,
		     101.00 - 0.101 + 2 - 0.001)); /* a fee on a negative price costs */
	ck_assert(r.dir[SIDE_SELL].net_bp == -BASIS_NEVER && r.dir[SIDE_BUY].net_bp == BASIS_NEVER);
	ck_assert(r.want[SIDE_SELL].gross_bp == -BASIS_NEVER &&
		  isfinite(r.dir[SIDE_SELL].gross_bp));
	b.in[1].px_may_be_negative = false; /* then such a price is none */
	basis_touch(&b.spec);
	basis_eval(&b.spec, 100 * MS, 0, &r);
	ck_assert(!r.ok);
}
END_TEST

/* A reference that may be zero: over it a value would be no number. */
START_TEST(test_reference_without_value)
{
	static const int64_t px[][2] = { { 0, 0 }, { 0, 200 }, { -100, 300 }, { -200, 0 } };
	for (size_t i = 0; i < sizeof px / sizeof *px; i++) {
		struct bench b;
		struct basis r;
		set_up(&b);
		b.spec.n_refs = 1;
		b.spec.conv[0].power[0] = -1;
		b.in[2].px_may_be_negative = true;
		basis_eval(&b.spec, 100 * MS, 0, &r);
		ck_assert(r.ok);
		b.top[2] = top(px[i][0], px[i][1], 1, 50 * MS);
		basis_eval(&b.spec, 100 * MS, 0, &r);
		ck_assert(!r.ok);
		struct gate_limits l = { 0 };
		struct gate_now now = { .mono_ns = 100 * MS };
		struct gate_verdict v = gate_judge(&b.spec, &l, &now);
		ck_assert(v.gate == GATE_VALUE && v.who == GATE_REF);
		b.top[2] = top(200, 200, 1, 50 * MS);
		basis_eval(&b.spec, 100 * MS, 0, &r);
		ck_assert(r.ok && isfinite(r.spread));
		b.spec.conv[0].k = i & 1 ? 1e70 : 1e-70; /* nor is this one */
		basis_touch(&b.spec);
		basis_eval(&b.spec, 100 * MS, 0, &r);
		ck_assert(!r.ok && r.spread == 0);
	}
}
END_TEST

/* What is shown is what the gate judges: clocks' bounds count. */
START_TEST(test_ages_as_the_gate_counts)
{
	struct bench b;
	struct basis r;
	set_up(&b);
	b.spec.n_refs = 1;
	b.top[0].bound_ns = 2 * MS;
	b.top[1].bound_ns = 5 * MS;
	b.top[2].bound_ns = INT64_MAX;
	basis_eval(&b.spec, 100 * MS, 0, &r);
	ck_assert(is(r.leg[0].age_ms, 12) && is(r.leg[1].age_ms, 8));
	ck_assert(is(r.skew_ms, 14) && is(r.skew_ms, (double)gate_skew_ns(&b.spec) / 1e6));
	ck_assert(is(r.max_age_ms, (double)gate_age_ns(&b.top[2], 100 * MS) / 1e6));
}
END_TEST

/* ---- depth */

struct deep {
	struct bench b;
	struct book book[2];
};

static void set_up_deep(struct deep *d)
{
	set_up(&d->b);
	for (int l = 0; l < 2; l++) {
		const struct quote *q = &d->b.top[l].q;
		ck_assert_int_eq(book_init(&d->book[l], 32), 0);
		for (int64_t k = 0; k < 4; k++) {
			book_set(&d->book[l], SIDE_BUY, q->px[SIDE_BUY] - k * 10, q->qty[SIDE_BUY]);
			book_set(&d->book[l], SIDE_SELL, q->px[SIDE_SELL] + k * 10,
				 q->qty[SIDE_SELL]);
		}
		d->b.spec.leg_book[l] = &d->book[l];
		rule(&d->b, l)->fee.taker_e8 = 0;
	}
}

static void tear_down(struct deep *d)
{
	book_free(&d->book[0]);
	book_free(&d->book[1]);
}

START_TEST(test_wanted_size)
{
	struct deep d;
	struct basis r;
	set_up_deep(&d);
	d.b.spec.want_lots = 8; /* near: 5 a level bid, 10 asked; far: 3 bid, 6 asked */
	basis_eval(&d.b.spec, 100 * MS, 0, &r);
	ck_assert(is(r.leg[0].want_px[SIDE_BUY], (5 * 101.00 + 3 * 100.90) / 8));
	ck_assert(is(r.leg[0].worst_px[SIDE_BUY], 100.90));
	ck_assert(is(r.leg[0].want_px[SIDE_SELL], 101.02) &&
		  is(r.leg[0].worst_px[SIDE_SELL], 101.02));
	ck_assert(is(r.leg[1].want_px[SIDE_SELL], (6 * 100.04 + 2 * 100.14) / 8));
	ck_assert(is(r.leg[1].want_px[SIDE_BUY], (3 * 100.00 + 3 * 99.90 + 2 * 99.80) / 8));
	ck_assert(is(r.leg[1].worst_px[SIDE_BUY], 99.80));
	ck_assert(is(r.want[SIDE_SELL].gross,
		     r.leg[0].want_px[SIDE_BUY] - r.leg[1].want_px[SIDE_SELL]));
	ck_assert(is(r.want[SIDE_BUY].gross, 101.02 - r.leg[1].want_px[SIDE_BUY]));
	ck_assert(is(r.want[SIDE_SELL].lots, 8) && is(r.want[SIDE_BUY].lots, 8));
	ck_assert(r.want[SIDE_SELL].gross < r.dir[SIDE_SELL].gross);
	ck_assert(is(r.want[SIDE_SELL].gross_bp, r.want[SIDE_SELL].gross / 100.02 * 1e4));
	tear_down(&d);
}
END_TEST

START_TEST(test_more_than_there_is)
{
	struct deep d;
	struct basis r;
	set_up_deep(&d);
	d.b.spec.want_lots = 100; /* near has 20 bid, far 24 asked: 20; far has 12 bid */
	basis_eval(&d.b.spec, 100 * MS, 0, &r);
	ck_assert(is(r.want[SIDE_SELL].lots, 20) && is(r.want[SIDE_BUY].lots, 12));
	ck_assert(is(r.leg[0].want_px[SIDE_BUY], 101.00 - 0.15));
	ck_assert(is(r.leg[1].want_px[SIDE_SELL],
		     (6 * 100.04 + 6 * 100.14 + 6 * 100.24 + 2 * 100.34) / 20));
	/* Not one lot of ten base units in the far bids: no price at all, and none that a trigger takes. */
	d.b.spec.lot_base_e8 = 13 * 100000000LL;
	basis_touch(&d.b.spec);
	basis_eval(&d.b.spec, 100 * MS, 0, &r);
	ck_assert(r.want[SIDE_BUY].lots == 0 && r.want[SIDE_BUY].net == BASIS_NEVER &&
		  r.want[SIDE_BUY].net_bp == BASIS_NEVER);
	ck_assert(is(r.want[SIDE_SELL].lots, 1));
	tear_down(&d);
}
END_TEST

START_TEST(test_no_size_wanted)
{
	struct bench b;
	struct basis r;
	set_up(&b);
	basis_eval(&b.spec, 100 * MS, 0, &r);
	ck_assert_int_eq(memcmp(r.want, r.dir, sizeof r.dir), 0);
	ck_assert(is(r.leg[0].want_px[SIDE_BUY], 101.00) &&
		  is(r.leg[0].worst_px[SIDE_SELL], 101.02));
	/* And without a book the best level is all that there is. */
	b.spec.want_lots = 100;
	basis_touch(&b.spec);
	basis_eval(&b.spec, 100 * MS, 0, &r);
	ck_assert(is(r.want[SIDE_SELL].lots, 5) && is(r.want[SIDE_SELL].net, r.dir[SIDE_SELL].net));
}
END_TEST

START_TEST(test_size_at_a_basis)
{
	struct deep d;
	struct basis r;
	set_up_deep(&d);
	basis_eval(&d.b.spec, 100 * MS, 0, &r);
	/* Selling: near bids 101.00 (5), 100.90 (5)..; far asks 100.04 (6), 100.14 (6).. */
	ck_assert_int_eq(basis_lots_at(&d.b.spec, &r, SIDE_SELL, 0.97, 1000), 0);
	ck_assert_int_eq(basis_lots_at(&d.b.spec, &r, SIDE_SELL, 0.95, 1000), 5);
	ck_assert_int_eq(basis_lots_at(&d.b.spec, &r, SIDE_SELL, 0.85, 1000), 6);
	ck_assert_int_eq(basis_lots_at(&d.b.spec, &r, SIDE_SELL, 0.75, 1000), 10);
	ck_assert_int_eq(basis_lots_at(&d.b.spec, &r, SIDE_SELL, -99, 1000), 20);
	ck_assert_int_eq(basis_lots_at(&d.b.spec, &r, SIDE_SELL, -99, 7), 7);
	ck_assert_int_eq(basis_lots_at(&d.b.spec, &r, SIDE_BUY, 1.03, 1000), 3);
	ck_assert_int_eq(basis_lots_at(&d.b.spec, &r, SIDE_BUY, 1.13, 1000), 6);
	ck_assert_int_eq(basis_lots_at(&d.b.spec, &r, SIDE_BUY, 99, 1000), 12);
	ck_assert_int_eq(basis_lots_at(&d.b.spec, &r, SIDE_BUY, 99, INT64_MAX), 12);
	ck_assert_int_eq(basis_lots_at(&d.b.spec, &r, SIDE_BUY, 99, 0), 0);
	r.ok = false;
	ck_assert_int_eq(basis_lots_at(&d.b.spec, &r, SIDE_BUY, 99, 1000), 0);
	tear_down(&d);
}
END_TEST

/* An inverse contract of 100 USD against coins: its size depends on its price. */
START_TEST(test_inverse_leg)
{
	struct bench b;
	struct basis r;
	set_up(&b);
	b.in[1].expo = (struct expo){ EXPO_INVERSE, 100, 1 };
	b.in[1].qty_dp = 0;
	b.top[1] = top(10000, 10004, 4, 97 * MS); /* 4 contracts of 100 at 100.00: 4 coins */
	rule(&b, 1)->fee =
		(struct fee_rule){ .per_lot_e8 = 50000000 }; /* 0.5 of 100: half a percent */
	b.spec.want_lots = 2;
	basis_eval(&b.spec, 100 * MS, 0, &r);
	ck_assert(is(r.dir[SIDE_BUY].lots, 4) && is(r.dir[SIDE_SELL].lots, 5));
	ck_assert(is(r.dir[SIDE_BUY].net, 101.02 * 1.001 - 100.00 * 0.995));
	ck_assert_int_eq(b.spec.memo[1].want_qty, 2);
	ck_assert(is(r.want[SIDE_BUY].lots, 2));
}
END_TEST

/* Leg 0 against the sum of the others, by ratio: a butterfly of 2 : 1 : 1. */
START_TEST(test_three_legs)
{
	struct bench b;
	struct basis r;
	set_up(&b);
	struct rule free = { .tick = 1, .lot = 1 };
	b.in[2].rule[0] = free;
	rule(&b, 0)->fee = rule(&b, 1)->fee = free.fee;
	b.top[2] = top(20000, 20010, 9000, 99 * MS); /* 200.00 / 200.10 */
	b.spec.n_legs = 3;
	b.spec.leg[2] = &b.in[2];
	b.spec.leg_top[2] = &b.top[2];
	b.spec.conv[2].k = 1;
	b.spec.ratio_num[0] = 2;
	b.spec.ratio_num[1] = b.spec.ratio_num[2] = 1;
	b.spec.ratio_den[0] = b.spec.ratio_den[1] = b.spec.ratio_den[2] = 1;
	basis_eval(&b.spec, 100 * MS, 0, &r);
	ck_assert(is(r.spread, 101.01 - 100.02 / 2 - 200.05 / 2));
	ck_assert(is(r.ratio, 101.01 / (100.02 / 2 + 200.05 / 2)));
	ck_assert(is(r.dir[SIDE_SELL].net, 101.00 - 100.04 / 2 - 200.10 / 2));
	ck_assert(is(r.dir[SIDE_BUY].net, 101.02 - 100.00 / 2 - 200.00 / 2));
	ck_assert(is(r.dir[SIDE_SELL].lots, 2)); /* five bid of leg 0, two for one of the pair */
	ck_assert(is(r.dir[SIDE_BUY].lots, 3));	 /* three bid of leg 1 */
	ck_assert(is(r.skew_ms, 9));
}
END_TEST

START_TEST(test_band)
{
	struct bench b;
	struct basis r;
	struct band d;
	set_up(&b);
	ck_assert_int_eq(band_init(&d, 4 * MS, MS), 0);
	b.spec.band = &d;
	for (int64_t t = 1; t <= 4; t++) {
		b.top[0].q.px[SIDE_BUY] = 10100 + 10 * t;
		b.top[0].q.px[SIDE_SELL] = 10102 + 10 * t;
		basis_eval(&b.spec, t * MS, 0, &r);
	}
	double mean = 0.99 + 0.25, dev = sqrt(0.0125); /* 0.1 0.2 0.3 0.4 above */
	ck_assert(is(r.mean, mean) && is(r.dev, dev) && is(r.fill, 1));
	ck_assert(fabs(r.z - 0.15 / dev) < 1e-6);
	ck_assert(fabs(r.dir_z[SIDE_SELL] - (r.dir[SIDE_SELL].gross - mean) / dev) < 1e-6);
	ck_assert(r.dir_z[SIDE_BUY] > r.z && r.z > r.dir_z[SIDE_SELL]);
	b.top[1].state = BOOK_GAP; /* while nothing is known nothing is sampled */
	basis_eval(&b.spec, 5 * MS, 0, &r);
	basis_eval(&b.spec, 7 * MS, 0, &r);
	b.top[1].state = BOOK_LIVE;
	basis_eval(&b.spec, 7 * MS + 1, 0, &r);
	ck_assert(is(r.fill, 0.25));
	band_free(&d);
}
END_TEST

/* ---- what is kept is what would be worked out afresh */

static int64_t around(struct rng *r, int64_t mid, int64_t by)
{
	return mid - by + (int64_t)rng_below(r, (uint64_t)(2 * by + 1));
}

static void shake(struct rng *r, struct deep *d)
{
	unsigned which = (unsigned)rng_below(r, 5);
	if (which < 2) {
		struct top *t = &d->b.top[which];
		int64_t bid = around(r, 10050, 200);
		book_clear(&d->book[which]);
		for (int64_t k = 0; k < 6; k++) {
			book_set(&d->book[which], SIDE_BUY, bid - k * 3,
				 1 + (int64_t)rng_below(r, 6000));
			book_set(&d->book[which], SIDE_SELL, bid + 2 + k * 4,
				 1 + (int64_t)rng_below(r, 6000));
		}
		for (int s = 0; s < side_max; s++) {
			const struct level *best = book_best(&d->book[which], (enum side)s, 0);
			t->q.px[s] = best->px;
			t->q.qty[s] = best->qty;
		}
		t->valid_ns = (int64_t)rng_below(r, 100 * MS);
	} else if (which == 2) {
		int64_t bid = around(r, 200, 20);
		d->b.top[2] = top(bid, bid + (int64_t)rng_below(r, 3), 1, 50 * MS);
	} else if (which == 3) {
		d->b.top[rng_below(r, 3)].state = rng_below(r, 4) ? BOOK_LIVE : BOOK_GAP;
	} else {
		rule(&d->b, (int)rng_below(r, 2))->fee.taker_e8 = (int64_t)rng_below(r, 100000);
		basis_touch(&d->b.spec);
	}
}

START_TEST(test_kept_is_as_fresh)
{
	struct rng r;
	struct deep d;
	struct basis kept, fresh;
	unsigned ok = 0;
	set_up_deep(&d);
	rng_seed(&r, 9);
	d.b.spec.n_refs = 1;
	d.b.spec.conv[0] = (struct basis_conv){ .k = 2, .power = { -1 } };
	d.b.spec.want_lots = 7;
	for (int i = 0; i < 20000; i++) {
		shake(&r, &d);
		basis_eval(&d.b.spec, 100 * MS, 0, &kept);
		struct basis_spec s = d.b.spec;
		memset(s.memo, 0, sizeof s.memo);
		s.of = NULL;
		basis_eval(&s, 100 * MS, 0, &fresh);
		EXPECT(!kept.ok || (kept.spec == &d.b.spec && fresh.spec == &s));
		fresh.spec = kept.spec;
		EXPECT(memcmp(&kept, &fresh, sizeof kept) == 0);
		ok += kept.ok;
	}
	EXPECT(ok > 5000);
	tear_down(&d);
}
END_TEST

/* Lot by lot through both books: the naive way to the size at a basis. */
static int64_t naive_lots(const struct deep *d, enum side dir, double net, int64_t max)
{
	int64_t lots = 0;
	for (; lots < max; lots++) {
		double px[2];
		for (int l = 0; l < 2; l++) {
			enum side at = l == 0 ? dir ^ 1 : dir;
			int64_t end = (lots + 1) * 1000, seen = 0; /* the price of its last unit */
			const struct level *v = NULL;
			for (uint32_t i = 0; seen < end; i++) {
				v = book_best(&d->book[l], at, i);
				if (!v)
					return lots;
				seen += v->qty;
			}
			px[l] = (double)v->px / 100;
		}
		double here = px[0] - px[1];
		if (dir == SIDE_SELL ? here < net - 1e-9 : here > net + 1e-9)
			break;
	}
	return lots;
}

START_TEST(test_size_at_a_basis_against_naive)
{
	struct rng r;
	struct deep d;
	struct basis b;
	set_up_deep(&d);
	rng_seed(&r, 10);
	for (int i = 0; i < 5000; i++) {
		shake(&r, &d);
		for (int l = 0; l < 2; l++)
			rule(&d.b, l)->fee.taker_e8 = 0;
		d.b.top[0].state = d.b.top[1].state = BOOK_LIVE;
		basis_touch(&d.b.spec);
		basis_eval(&d.b.spec, 100 * MS, 0, &b);
		EXPECT(b.ok);
		enum side dir = (enum side)rng_below(&r, 2);
		double net = (double)around(&r, 0, 400) / 100 + 0.005;
		int64_t max = 1 + (int64_t)rng_below(&r, 30);
		EXPECT(basis_lots_at(&d.b.spec, &b, dir, net, max) ==
		       naive_lots(&d, dir, net, max));
	}
	tear_down(&d);
}
END_TEST

SUITE("basis", test_three_forms, test_conversion_and_reference, test_alive, test_not_ok_is_empty,
      test_net_of_everything, test_fee_by_lot_in_the_price_unit, test_rules_change_by_their_date,
      test_no_ratio, test_reference_without_value, test_ages_as_the_gate_counts, test_wanted_size,
      test_more_than_there_is, test_no_size_wanted, test_size_at_a_basis, test_inverse_leg,
      test_three_legs, test_band, test_kept_is_as_fresh, test_size_at_a_basis_against_naive)
