/* Proves at how many deviations z_bands opens and closes, that it asks for both ways' costs, how it measures the half-life, and when time is up. */
#include "tests/lua/quoted.h"

#define S_NS 1000000000LL
#define FAR  10000

static void bands(struct quoted *q, const struct config_param *param, uint32_t n)
{
	quoted_open(q, "z_bands", param, n);
	quoted_band(q, 40);
	quote(q, 1, FAR - 0.5, FAR + 0.5, 50);
}

/* The spread at mid is s, both books a unit wide: sold at s - 1, bought at s + 1. */
static const char *at(struct quoted *q, double s, int64_t ns)
{
	quote(q, 0, FAR + s - 0.5, FAR + s + 0.5, 50);
	return quoted_says(q, ns);
}

/* 40 seconds between 18 and 22: mean 20, deviation 2. */
static void learn(struct quoted *q)
{
	for (int i = 0; i < 41; i++)
		at(q, i % 2 ? 18 : 22, S_NS);
	near_to(q->s.b.mean, 20);
	near_to(q->s.b.dev, 2);
}

static const struct config_param plain[] = {
	{ "open_z", 2, 1 }, { "close_z", 0.5, 2 },  { "stop_z", 8, 3 },
	{ "lots", 2, 4 },   { "max_pos", 5, 5 },    { "min_edge_bp", 1, 6 },
	{ "sample", 1, 7 }, { "half_lives", 4, 8 }, { "longest", 100, 9 },
};
#define PLAIN plain, sizeof plain / sizeof *plain

struct band_case {
	double s, pos;
	const char *want;
};

/* The numbers of strategies/z_bands.md. Executable z is that of s - 1 sold, of s + 1 bought. */
static const struct band_case cases[] = {
	{ 24.9, 0, NO_PAIR }, /* sold at 23.9: 1.95 deviations */
	{ 25, 0, "open 2 sell near buy far" },
	{ 25, -4, "open 1 sell near buy far" },
	{ 25, -5, NO_PAIR },
	{ 15.1, 0, NO_PAIR },
	{ 15, 0, "open 2 sell far buy near" },
	{ 21.1, -3, NO_PAIR }, /* the mid's z is 0.55 */
	{ 21, -3, "close 2 sell far buy near" },
	{ 19, 3, "close 2 sell near buy far" },
	{ 18.9, 3, NO_PAIR },
	{ 35.9, -3, "open 2 sell near buy far" },
	{ 36, -3, "close 3 sell far buy near" }, /* a stop, at 8 deviations */
	{ 4, 3, "close 3 sell near buy far" },
};

START_TEST(what_it_proposes)
{
	const struct band_case *c = &cases[_i];
	struct quoted q;
	bands(&q, PLAIN);
	learn(&q);
	q.s.self.pos_lots = c->pos;
	at(&q, c->s, 1);
	ck_assert_msg(strcmp(q.text, c->want) == 0, "case %d: %s", _i, q.text);
	if (q.text[0] == 'o')
		near_to(q.fair, 20);
	quoted_close(&q);
}
END_TEST

START_TEST(before_half_a_window_there_is_no_mean)
{
	struct quoted q;
	bands(&q, PLAIN);
	for (int i = 0; i < 18; i++)
		ck_assert_str_eq(at(&q, i % 2 ? 18 : 22, S_NS), NO_PAIR);
	ck_assert_str_eq(at(&q, 60, 1), NO_PAIR);
	quoted_close(&q);
}
END_TEST

START_TEST(it_must_pay_for_both_ways)
{
	struct quoted q;
	bands(&q, PLAIN);
	quoted_fees(&q, 0, 0, 0.5);
	quoted_fees(&q, 1, 0, 0.5);
	learn(&q);
	/* Both ways cost 2 of spread and 2 of fees, and 1 bp is 1: from 25 on. At 25 the fourth lot is a unit worse. */
	ck_assert_str_eq(at(&q, 24.9, 1), NO_PAIR);
	quote(&q, 0, FAR + 25 - 0.5, FAR + 25.5, 1);
	deeper(&q, 0, SIDE_BUY, FAR + 23.5, 9);
	ck_assert_str_eq(quoted_says(&q, 1), "open 1 sell near buy far");
	quoted_fees(&q, 0, 0, 1);
	basis_touch(&q.spec);
	ck_assert_str_eq(at(&q, 25, 1), NO_PAIR);
	ck_assert_str_eq(at(&q, 26, 1), "open 2 sell near buy far");
	quoted_close(&q);
}
END_TEST

START_TEST(a_stop_rests_until_z_is_back)
{
	struct quoted q;
	bands(&q, PLAIN);
	learn(&q);
	q.s.self.pos_lots = -3;
	q.gate = GATE_AGE;
	ck_assert_str_eq(at(&q, 36, 1),
			 "open 2 sell near buy far"); /* refused by its gate; nothing is given up */
	q.gate = 0;
	ck_assert_str_eq(at(&q, 36, 1), "close 3 sell far buy near");
	near_to(q.fair, 36);
	ck_assert_str_eq(at(&q, 30, 1), "close 3 sell far buy near");
	q.s.self.pos_lots = 0;
	ck_assert_str_eq(at(&q, 30, 1), NO_PAIR);
	ck_assert_str_eq(at(&q, 20.5, 1), NO_PAIR);
	ck_assert_str_eq(at(&q, 30, 1), "open 2 sell near buy far");
	quoted_close(&q);
}
END_TEST

static double half_life(struct quoted *q)
{
	struct strat_pair_event p = { .pair = 1, .state = PAIR_HEDGED, .lots = 1 };
	struct strat_event ev = { .kind = STRAT_PAIR, .pair = &p };
	ck_assert_int_eq(q->s.s->ops->run(q->s.s, &q->s.self, &ev, q->s.p, PROPOSAL_MAX), 1);
	ck_assert_str_eq(q->s.p[0].reason, "half_life_s");
	return q->s.p[0].value;
}

/* x comes back by a tenth each second, and is knocked out to +-10 every 20: phi 0.9 within, and less where it is knocked. */
START_TEST(the_half_life_is_the_spreads_own)
{
	static const struct config_param param[] = { { "memory", 100000, 1 },
						     { "longest", 100, 2 },
						     { "open_z", 20, 3 } };
	struct quoted q;
	bands(&q, param, 3);
	ck_assert(half_life(&q) == 100);
	double x = 10, xx = 0, xy = 0, last = 0;
	bool known = false;
	for (int i = 0; i < 12000; i++) {
		at(&q, 20 + x, S_NS);
		if (q.s.b.fill >= 0.5 && q.s.b.dev > 0) {
			double now = q.s.b.spread - q.s.b.mean;
			xx += known ? last * last : 0;
			xy += known ? last * now : 0;
			last = now;
			known = true;
		}
		x *= 0.9;
		if (i % 20 == 19)
			x = i / 20 % 2 ? 10 : -10;
	}
	double want = log(0.5) / log(xy / xx);
	ck_assert(want > 2 && want < 7);
	ck_assert_msg(fabs(half_life(&q) / want - 1) < 0.05, "%g, not %g", half_life(&q), want);
	quoted_restart(&q);
	ck_assert_msg(fabs(half_life(&q) / want - 1) < 0.05, "%g, not %g", half_life(&q), want);
	quoted_close(&q);
}
END_TEST

START_TEST(time_is_up_after_its_half_lives)
{
	struct quoted q;
	bands(&q, PLAIN);
	learn(&q); /* to and fro each second: too few looks to say, so 100 s count, four times */
	q.s.self.pos_lots = -2;
	ck_assert_str_eq(at(&q, 22, 1), NO_PAIR);
	quoted_restart(&q);
	q.now_ns += 399 * S_NS;
	quoted_says(&q, 1);
	ck_assert_str_ne(q.text, "close 2 sell far buy near");
	/* The window is empty after so long a silence: the time counts all the same. */
	q.now_ns += S_NS;
	ck_assert_str_eq(at(&q, 22, 1), "close 2 sell far buy near");
	quoted_close(&q);
}
END_TEST

START_TEST(it_is_compiled)
{
	struct quoted q;
	bands(&q, PLAIN);
	quoted_is_compiled(&q, FAR, 30, 50);
	quoted_close(&q);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		before_half_a_window_there_is_no_mean, it_must_pay_for_both_ways,
		a_stop_rests_until_z_is_back,	       the_half_life_is_the_spreads_own,
		time_is_up_after_its_half_lives,       it_is_compiled
	};
	return quoted_suite("z_bands", what_it_proposes, sizeof cases / sizeof *cases, tests,
			    sizeof tests / sizeof *tests);
}
