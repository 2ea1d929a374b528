/* Proves the three forms of a basis, gross and net, against sums done by hand, and that nothing is shown that cannot be believed. */
#include "core/market/basis.h"
#include "tests/unit/suite.h"
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
	int64_t alive = 99 * MS;
	set_up(&b);
	b.top[0].alive_ns = &alive;
	basis_eval(&b.spec, 100 * MS, 0, &r);
	ck_assert(is(r.leg[0].age_ms, 1) && is(r.skew_ms, 2) && is(r.max_age_ms, 3));
	alive = 1 * MS; /* older than the last change: the change counts */
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

SUITE("basis", test_three_forms, test_conversion_and_reference, test_alive, test_not_ok_is_empty)
