/* Proves what carry calls fair for dated and perpetual futures, when it opens and closes either way, and that it is out before a future is due. */
#include "tests/lua/quoted.h"

#define S_NS	   1000000000LL
#define DAY_NS	   (86400 * S_NS)
#define DUE_NS	   (1806048000 * S_NS) /* 2027-03-26 08:00 UTC */
#define FAIR_DATED (-60000.5 * 0.04 * 90 / 365)

/* The numbers of strategies/carry.md: 4 % a year, 90 days to go, opened 10 bp from fair, closed within 2. */
static void dated(struct quoted *q, double reverse, double stop_bp)
{
	const struct config_param param[] = { { "expiry", 20270326, 1 }, { "exit_days", 2, 2 },
					      { "lots", 2, 3 },		 { "max_pos", 5, 4 },
					      { "reverse", reverse, 5 }, { "stop_bp", stop_bp, 6 },
					      { "borrow_pct", 1, 7 } };
	quoted_open(q, "carry", param, sizeof param / sizeof *param);
	q->now_ns = DUE_NS - 90 * DAY_NS;
	quote(q, 0, 60000, 60001, 50);
}

struct carry_case {
	double bid, ask, pos, reverse; /* of the future */
	const char *want;
};

/* fair is -591.786: bought at -651.786 or less; sold again at -603.786 or more. Sold, with a loan at 1 %, fair is -443.839. */
static const struct carry_case cases[] = {
	{ 60652, 60654, 0, 0, NO_PAIR },
	{ 60653, 60655, 0, 0, "open 2 sell future buy spot" },
	{ 60653, 60655, 4, 0, "open 1 sell future buy spot" },
	{ 60653, 60655, 5, 0, NO_PAIR },
	{ 60602, 60604, 3, 0, NO_PAIR },
	{ 60601, 60603, 3, 0, "close 2 sell spot buy future" },
	{ 60601, 60603, 1, 0, "close 1 sell spot buy future" },
	{ 60380, 60383, 0, 0, NO_PAIR }, /* no reverse */
	{ 60381, 60384, 0, 1, NO_PAIR },
	{ 60380, 60383, 0, 1, "open 2 sell spot buy future" },
	{ 60380, 60383, -4, 1, "open 1 sell spot buy future" },
	{ 60432, 60434, -3, 1, NO_PAIR },
	{ 60433, 60435, -3, 1, "close 2 sell future buy spot" },
};

START_TEST(what_it_proposes)
{
	const struct carry_case *c = &cases[_i];
	struct quoted q;
	dated(&q, c->reverse, 0);
	quote(&q, 1, c->bid, c->ask, 50);
	q.s.self.pos_lots = c->pos;
	ck_assert_msg(strcmp(quoted_says(&q, 0), c->want) == 0, "case %d: %s", _i, q.text);
	if (strcmp(c->want, NO_PAIR) != 0) {
		bool sold = c->reverse > 0 && c->bid < 60500;
		near_to(q.fair, sold ? FAIR_DATED * 3 / 4 : FAIR_DATED);
	}
	q.s.self.pairs_in_flight = 1;
	says(&q, NO_PAIR);
	quoted_close(&q);
}
END_TEST

START_TEST(it_is_out_before_the_future_is_due)
{
	struct quoted q;
	dated(&q, 0, 0);
	quote(&q, 1, 60653, 60655, 50);
	q.now_ns = DUE_NS - 2 * DAY_NS - S_NS;
	q.s.self.pos_lots = 4;
	ck_assert_str_eq(quoted_says(&q, 0), "open 1 sell future buy spot");
	ck_assert_str_eq(quoted_says(&q, S_NS), "close 4 sell spot buy future");
	near_to(q.fair, 60000.5 - 60654);
	q.s.self.pos_lots = 0;
	ck_assert_str_eq(quoted_says(&q, 0), NO_PAIR);
	quoted_close(&q);
}
END_TEST

START_TEST(a_perpetual_is_worth_its_funding)
{
	/* 3 payments of 5 bp less a day's interest of 1.0959 bp: nothing to earn up to a basis of +83.43. */
	const struct config_param param[] = { { "funding_bp", 5, 1 }, { "horizon_h", 24, 2 } };
	struct quoted q;
	quoted_open(&q, "carry", param, 2);
	quote(&q, 0, 60000, 60001, 50);
	quote(&q, 1, 59977, 59978, 50); /* below spot, and yet */
	says(&q, NO_PAIR);
	quote(&q, 1, 59978, 59979, 50);
	says(&q, "open 1 sell future buy spot");
	near_to(q.fair, 60000.5 * (15e-4 - 0.04 / 365));
	q.s.self.pos_lots = 2;
	quote(&q, 1, 59927, 59928, 50);
	says(&q, "close 1 sell spot buy future"); /* 83.43 less 12 of close_bp is there: 72 */
	quote(&q, 1, 59928, 59930, 50);
	says(&q, NO_PAIR);
	quoted_close(&q);
}
END_TEST

START_TEST(funding_that_has_turned_closes)
{
	const struct config_param param[] = { { "funding_bp", -5, 1 } };
	struct quoted q;
	quoted_open(&q, "carry", param, 1);
	quote(&q, 0, 60000, 60001, 50);
	quote(&q, 1, 59990, 59991, 50);
	q.s.self.pos_lots = 1;
	says(&q, "close 1 sell spot buy future");
	quoted_close(&q);
}
END_TEST

START_TEST(fees_are_in_what_it_judges)
{
	struct quoted q;
	dated(&q, 0, 0);
	quoted_fees(&q, 0, 0, 10);
	quoted_fees(&q, 1, 0, 20);
	quote(&q, 1, 60682, 60684, 50);
	says(&q, NO_PAIR);
	quote(&q, 1, 60683, 60685, 1);
	deeper(&q, 1, SIDE_BUY, 60682, 5);
	says(&q, "open 1 sell future buy spot");
	quoted_close(&q);
}
END_TEST

START_TEST(a_stop_rests_until_the_basis_is_back)
{
	struct quoted q;
	dated(&q, 0, 30);
	q.s.self.pos_lots = 5;
	quote(&q, 1, 60770, 60771, 50); /* sold at -771: 179 beyond fair; 30 bp are 180 */
	says(&q, NO_PAIR);
	quote(&q, 1, 60771, 60772, 50);
	q.gate = GATE_AGE;
	says(&q, NO_PAIR);
	q.gate = 0;
	says(&q, "close 5 sell spot buy future");
	quoted_restart(&q);
	q.s.self.pos_lots = 0;
	says(&q, NO_PAIR);
	quote(&q, 1, 60600, 60601, 50); /* the mid is within 2 bp of fair */
	says(&q, NO_PAIR);
	quote(&q, 1, 60653, 60655, 50);
	says(&q, "open 2 sell future buy spot");
	quoted_close(&q);
}
END_TEST

START_TEST(it_reports_what_buying_spot_locks_in)
{
	struct quoted q;
	struct strat_event start = { .kind = STRAT_START }, timer = { .kind = STRAT_TIMER };
	dated(&q, 0, 0);
	ck_assert_int_eq(q.s.s->ops->run(q.s.s, &q.s.self, &start, q.s.p, PROPOSAL_MAX), 1);
	ck_assert(q.s.p[0].kind == PROPOSE_TIMER);
	ck_assert_int_eq(q.s.s->ops->run(q.s.s, &q.s.self, &timer, q.s.p, PROPOSAL_MAX), 0);
	quote(&q, 1, 60601, 60602, 50); /* 600 of 60000.5 in 90 days */
	quoted_says(&q, 0);
	ck_assert_int_eq(q.s.s->ops->run(q.s.s, &q.s.self, &timer, q.s.p, PROPOSAL_MAX), 1);
	ck_assert_str_eq(q.s.p[0].reason, "implied_pct");
	near_to(q.s.p[0].value, 600 / 60000.5 * 365 / 90 * 100);
	quoted_close(&q);
}
END_TEST

START_TEST(it_is_compiled)
{
	struct quoted q;
	dated(&q, 1, 0);
	quote(&q, 1, 60601, 60602, 50);
	quoted_is_compiled(&q, 60000, 200, 50);
	quoted_close(&q);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { it_is_out_before_the_future_is_due,
				       a_perpetual_is_worth_its_funding,
				       funding_that_has_turned_closes,
				       fees_are_in_what_it_judges,
				       a_stop_rests_until_the_basis_is_back,
				       it_reports_what_buying_spot_locks_in,
				       it_is_compiled };
	return quoted_suite("carry", what_it_proposes, sizeof cases / sizeof *cases, tests,
			    sizeof tests / sizeof *tests);
}
