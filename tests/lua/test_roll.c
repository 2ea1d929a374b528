/* Proves that roll moves what is held within its window, at a price that may rise as the window ends, in clips, either way; and that it opens and closes in the right contract. */
#include "tests/lua/quoted.h"

#define S_NS	1000000000LL
#define DAY_NS	(86400 * S_NS)
#define FROM_NS (1804636800 * S_NS) /* 2027-03-10 */

/* The numbers of strategies/roll.md: ten days; next is worth 20 bp more; 1 bp at first, 11 at the end. Old is 10000.5 at mid: a bp is 1.00005. */
static void window(struct quoted *q, double build, double target)
{
	const struct config_param param[] = { { "from", 20270310, 1 }, { "to", 20270320, 2 },
					      { "fair_bp", 20, 3 },    { "patient_bp", 1, 4 },
					      { "most_bp", 11, 5 },    { "pause", 5, 6 },
					      { "lots", 2, 7 },	       { "build", build, 8 },
					      { "target", target, 9 }, { "open_bp", 5, 10 },
					      { "close_bp", 40, 11 } };
	quoted_open(q, "roll", param, sizeof param / sizeof *param);
	q->now_ns = FROM_NS - DAY_NS;
	quote(q, 0, 9990, 9991, 50);
	quote(q, 1, 10000, 10001, 50);
}

/* Contracts of a tenth of a pair lot each. */
static void hold(struct quoted *q, double stays, double old, double next)
{
	q->s.self.pos_lots = stays;
	q->s.self.pos[0] = stays;
	q->s.self.pos[1] = old * 10;
	q->s.self.pos[2] = next * 10;
}

struct roll_case {
	double days, stays, old, next, bid, ask; /* of next */
	const char *want;
};

static const struct roll_case cases[] = {
	{ -0.1, -5, 5, 0, 10015, 10016, NO_PAIR }, /* the window is not open */
	{ 0, -5, 5, 0, 10021, 10022, NO_PAIR },	   /* costs 22 less 20 */
	{ 0, -5, 5, 0, 10020, 10021, "roll 2 sell old buy next" },
	{ 0, -1, 1, 0, 10020, 10021, "roll 1 sell old buy next" },
	{ 0, -5, 1, 4, 10020, 10021, "roll 1 sell old buy next" }, /* what is left */
	{ 0, -5, 0, 5, 10020, 10021, NO_PAIR },
	{ 5, -5, 5, 0, 10026, 10027, NO_PAIR }, /* in the middle 6 */
	{ 5, -5, 5, 0, 10025, 10026, "roll 2 sell old buy next" },
	{ 10, -5, 5, 0, 10030, 10031, "roll 2 sell old buy next" },
	{ 10, -5, 5, 0, 10031, 10032, NO_PAIR },
	/* Old short: next sold at bid, old bought at 10001. */
	{ 0, 5, -5, 0, 10019, 10021, NO_PAIR },
	{ 0, 5, -5, 0, 10020.1, 10021, "roll 2 sell next buy old" },
	{ 5, 5, -5, 0, 10015.1, 10017, "roll 2 sell next buy old" },
	{ 0, 0, 0, 0, 10015, 10016, NO_PAIR },
};

START_TEST(what_it_rolls)
{
	const struct roll_case *c = &cases[_i];
	struct quoted q;
	window(&q, 0, 0);
	hold(&q, c->stays, c->old, c->next);
	quote(&q, 2, c->bid, c->ask, 50);
	q.now_ns = FROM_NS + (int64_t)(c->days * (double)DAY_NS);
	ck_assert_msg(strcmp(quoted_says(&q, 0), c->want) == 0, "case %d: %s", _i, q.text);
	q.s.self.pairs_in_flight = 1;
	q.now_ns += 10 * S_NS;
	says(&q, NO_PAIR);
	quoted_close(&q);
}
END_TEST

START_TEST(clips_keep_their_pause_and_their_books)
{
	struct quoted q;
	window(&q, 0, 0);
	hold(&q, -5, 5, 0);
	q.now_ns = FROM_NS;
	quote(&q, 2, 10020, 10021, 19); /* contracts: 1.9 lots */
	q.gate = GATE_AGE;
	says(&q, "roll 1 sell old buy next"); /* refused: it counts as none */
	q.gate = 0;
	says(&q, "roll 1 sell old buy next");
	q.now_ns += 4 * S_NS;
	quoted_restart(&q);
	says(&q, NO_PAIR);
	q.now_ns += S_NS;
	says(&q, "roll 1 sell old buy next");
	q.now_ns += 5 * S_NS;
	quote(&q, 2, 10020, 10021, 9);
	says(&q, NO_PAIR);
	quoted_close(&q);
}
END_TEST

START_TEST(who_is_late_is_told_once)
{
	struct quoted q;
	window(&q, 0, 0);
	hold(&q, -5, 5, 0);
	quote(&q, 2, 10100, 10101, 50);
	q.now_ns = FROM_NS + 10 * DAY_NS;
	ck_assert_int_eq(quoted_show(&q, 0), 1);
	ck_assert(q.s.p[0].kind == PROPOSE_ALERT && q.s.p[0].severity == 2);
	quoted_restart(&q);
	ck_assert_int_eq(quoted_show(&q, 0), 0);
	quoted_close(&q);
}
END_TEST

struct build_case {
	double days, target, stays, old, next;
	const char *want;
};

/* Old is 9 to 11 above what stays, next 30 to 32. */
static const struct build_case builds[] = {
	{ -1, 4, 0, 0, 0, "open 2 sell old buy stays" },
	{ -1, 4, 3, -3, 0, "open 1 sell old buy stays" },
	{ -1, 4, 4, -4, 0, NO_PAIR },
	{ -1, -4, 0, 0, 0, NO_PAIR }, /* stays would be sold under old: it brings nothing */
	{ -1, 0, 3, -3, 0, "close 2 sell stays buy old" },
	{ 1, 4, 2, -2, 0, "roll 2 sell next buy old" }, /* first all of it in one contract */
	{ 1, 4, 2, 0, -2, "open 2 sell next buy stays" },
	{ 1, 1, 3, -3, 0, "close 2 sell stays buy old" }, /* rather than rolled */
	{ 1, 1, 3, -1, -2, "close 1 sell stays buy old" },
	{ 1, 1, 3, 0, -3, "close 2 sell stays buy next" },
	{ -1, -2, 3, -3, 0, "close 2 sell stays buy old" }, /* first to nothing */
};

START_TEST(it_builds_in_the_contract_of_the_day)
{
	for (unsigned i = 0; i < sizeof builds / sizeof *builds; i++) {
		const struct build_case *c = &builds[i];
		struct quoted q;
		window(&q, 1, c->target);
		hold(&q, c->stays, c->old, c->next);
		quote(&q, 2, 10021, 10022, 500);
		q.now_ns = FROM_NS + (int64_t)(c->days * (double)DAY_NS);
		ck_assert_msg(strcmp(quoted_says(&q, 0), c->want) == 0, "case %u: %s", i, q.text);
		quoted_close(&q);
	}
}
END_TEST

START_TEST(it_is_compiled)
{
	struct quoted q;
	window(&q, 1, 3);
	hold(&q, -3, 3, 0);
	quote(&q, 2, 10020, 10021, 50);
	q.now_ns = FROM_NS;
	quoted_is_compiled(&q, 9990, 30, 50);
	quoted_close(&q);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { clips_keep_their_pause_and_their_books,
				       who_is_late_is_told_once,
				       it_builds_in_the_contract_of_the_day, it_is_compiled };
	return quoted_suite("roll", what_it_rolls, sizeof cases / sizeof *cases, tests,
			    sizeof tests / sizeof *tests);
}
