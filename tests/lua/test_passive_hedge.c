/* Proves at which basis passive_hedge rests and when it takes instead, either way, and that both earn what was asked after fees. */
#include "tests/lua/quoted.h"

#define S_NS 1000000000LL

/* The numbers of strategies/passive_hedge.md: 10 bp to open, -2 bp to close, taker 3 bp near and 2 bp far, 2 bp saved by resting. far is 9999.5 at 10000.5: a bp is 1. */
static void maker(struct quoted *q, double stop_bp, double max_hold)
{
	const struct config_param param[] = {
		{ "open_bp", 10, 1 }, { "close_bp", -2, 2 },	 { "saves_bp", 2, 3 },
		{ "reach_bp", 4, 4 }, { "stop_bp", stop_bp, 5 }, { "max_hold", max_hold, 6 },
		{ "lots", 2, 7 },     { "max_pos", 5, 8 }
	};
	quoted_open(q, "passive_hedge", param, sizeof param / sizeof *param);
	quoted_fees(q, 0, 0, 3);
	quoted_fees(q, 1, 0, 2);
	quote(q, 1, 9999.5, 10000.5, 50);
}

struct maker_case {
	double bid, ask, pos;
	const char *want;
	double basis; /* that it rests for */
};

/* Asked: 10 + 5 - 2 = 13 to sell near, -13 to buy it; the touch gives ask - 10000.5, or bid - 9999.5. Taken from a gross of 15. */
static const struct maker_case cases[] = {
	{ 10008, 10009.4, 0, NO_PAIR, 0 }, /* the touch is 8.9: more than 4 away */
	{ 10008, 10009.5, 0, "open 2 sell near buy far passive", 13 },
	{ 10013, 10015, 0, "open 2 sell near buy far passive", 14.5 }, /* the touch is better */
	{ 10015.4, 10017, 0, "open 2 sell near buy far passive", 16.5 },
	{ 10015.5, 10017, 0, "open 2 sell near buy far", 0 },
	{ 10013, 10015, -4, "open 1 sell near buy far passive", 14.5 },
	{ 9990.6, 9992, 0, NO_PAIR, 0 },
	{ 9990.5, 9992, 0, "open 2 sell far buy near passive", -13 },
	{ 9985, 9987, 0, "open 2 sell far buy near passive", -14.5 },
	{ 9983, 9984.5, 0, "open 2 sell far buy near", 0 },
	/* Short: bought back at a net of -2, which is a gross of -5, or -5 when it rests. */
	{ 9998.6, 9999.6, -3, NO_PAIR, 0 },
	{ 9998.5, 9999.5, -3, "close 2 sell far buy near passive", -5 },
	{ 9992.5, 9994.5, -3, "close 2 sell far buy near passive", -7 },
	{ 9991, 9992.5, -3, "close 2 sell far buy near", 0 },
	{ 10000.5, 10001.5, 3, "close 2 sell near buy far passive", 5 },
	{ 10007.5, 10008.5, 1, "close 1 sell near buy far", 0 },
};

START_TEST(what_it_proposes)
{
	const struct maker_case *c = &cases[_i];
	struct quoted q;
	maker(&q, 0, 0);
	quote(&q, 0, c->bid, c->ask, 50);
	q.s.self.pos_lots = c->pos;
	ck_assert_msg(strcmp(quoted_says(&q, 1), c->want) == 0, "case %d: %s", _i, q.text);
	if (strstr(c->want, "passive")) {
		ck_assert_msg(fabs(q.basis - c->basis) < 1e-6, "case %d: %g", _i, q.basis);
		ck_assert(q.s.p[0].first == 0);
	}
	if (strcmp(c->want, NO_PAIR) != 0)
		near_to(q.fair, 0);
	q.s.self.pairs_in_flight = 1;
	says(&q, NO_PAIR);
	quoted_close(&q);
}
END_TEST

START_TEST(fair_moves_all_of_it)
{
	const struct config_param param[] = { { "fair_bp", 20, 1 }, { "open_bp", 10, 2 } };
	struct quoted q;
	quoted_open(&q, "passive_hedge", param, 2);
	quote(&q, 1, 9999.5, 10000.5, 50);
	quote(&q, 0, 10027, 10030, 50);
	says(&q, "open 1 sell near buy far passive");
	near_to(q.basis, 30);
	near_to(q.fair, 20);
	quoted_close(&q);
}
END_TEST

START_TEST(a_stop_takes_and_rests_until_fair)
{
	struct quoted q;
	maker(&q, 40, 0);
	q.s.self.pos_lots = -5;
	quote(&q, 0, 10033, 10034, 50); /* bought at 34.5 + 5 of fees */
	says(&q, NO_PAIR);
	quote(&q, 0, 10033, 10034.5, 50);
	q.gate = GATE_AGE;
	says(&q, NO_PAIR);
	q.gate = 0;
	says(&q, "close 5 sell far buy near");
	quoted_restart(&q);
	q.s.self.pos_lots = 0;
	quote(&q, 0, 10030, 10031, 50);
	says(&q, NO_PAIR);
	quote(&q, 0, 9999, 10001, 50);
	says(&q, NO_PAIR);
	quote(&q, 0, 10030, 10031, 50);
	says(&q, "open 2 sell near buy far");
	quoted_close(&q);
}
END_TEST

START_TEST(time_is_up_over_a_restart)
{
	struct quoted q;
	maker(&q, 0, 60);
	q.s.self.pos_lots = 3;
	quote(&q, 0, 9995, 9996, 50);
	says(&q, NO_PAIR);
	quoted_restart(&q);
	q.now_ns += 60 * S_NS;
	says(&q, "close 3 sell near buy far");
	quoted_close(&q);
}
END_TEST

static double tell(struct quoted *q, const char *reason)
{
	struct strat_pair_event p = { .pair = 1, .state = PAIR_HEDGED, .lots = 1 };
	struct strat_event ev = { .kind = STRAT_PAIR, .pair = &p };
	snprintf(p.reason, sizeof p.reason, "%s", reason);
	ck_assert_int_eq(q->s.s->ops->run(q->s.s, &q->s.self, &ev, q->s.p, PROPOSAL_MAX), 1);
	return q->s.p[0].value;
}

START_TEST(it_counts_what_was_worked_and_what_was_taken)
{
	struct quoted q;
	maker(&q, 0, 0);
	ck_assert(tell(&q, "rests") == 1);
	ck_assert(tell(&q, "taken") == 0.5);
	quoted_restart(&q);
	ck_assert(tell(&q, "taken") == 1.0 / 3);
	quoted_close(&q);
}
END_TEST

START_TEST(it_is_compiled)
{
	struct quoted q;
	maker(&q, 0, 0);
	quoted_is_compiled(&q, 10000, 30, 50);
	quoted_close(&q);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { fair_moves_all_of_it, a_stop_takes_and_rests_until_fair,
				       time_is_up_over_a_restart,
				       it_counts_what_was_worked_and_what_was_taken,
				       it_is_compiled };
	return quoted_suite("passive_hedge", what_it_proposes, sizeof cases / sizeof *cases, tests,
			    sizeof tests / sizeof *tests);
}
