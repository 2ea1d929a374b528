/* Proves at which levels spread_threshold opens and closes, how much, which way, when it gives a position up, and what it remembers. */
#include "tests/lua/quoted.h"

/* The numbers of strategies/spread_threshold.md: sold from 12, each 4 beyond; bought from -8; each clip taken 5 back. */
static void levels(struct quoted *q, double stop, double max_hold)
{
	const struct config_param param[] = { { "sell_at", 12, 1 }, { "buy_at", -8, 2 },
					      { "step", 4, 3 },	    { "take", 5, 4 },
					      { "stop", stop, 5 },  { "max_hold", max_hold, 6 },
					      { "lots", 2, 7 },	    { "max_pos", 5, 8 } };
	quoted_open(q, "spread_threshold", param, sizeof param / sizeof *param);
}

struct level_case {
	double bid, ask; /* near; far is 3000 at 3001 */
	double pos;
	const char *want;
	double fair;
};

static const struct level_case cases[] = {
	{ 3012, 3013, 0, NO_PAIR, 0 }, /* can be sold at 11 */
	{ 3013, 3014, 0, "open 2 sell near buy far", 7 },
	{ 3016, 3017, -2, NO_PAIR, 0 }, /* the second level is 16 */
	{ 3017, 3018, -2, "open 2 sell near buy far", 11 },
	{ 3017, 3018, -3, "open 1 sell near buy far", 11 }, /* what its level lacks */
	{ 3021, 3022, -4, "open 1 sell near buy far", 15 }, /* and max_pos */
	{ 3040, 3041, -5, NO_PAIR, 0 },
	{ 3010, 3011, -4, "close 2 sell far buy near", 11 }, /* 16 - 5 can be bought at 11 */
	{ 3011, 3012, -4, NO_PAIR, 0 },
	{ 3010, 3011, -3, "close 1 sell far buy near", 11 },
	{ 3006, 3007, -2, "close 2 sell far buy near", 7 },
	{ 3007, 3008, -2, NO_PAIR, 0 },
};

START_TEST(what_it_proposes)
{
	const struct level_case *c = &cases[_i];
	struct quoted q;
	levels(&q, 0, 0);
	quote(&q, 0, c->bid, c->ask, 50);
	quote(&q, 1, 3000, 3001, 50);
	q.s.self.pos_lots = c->pos;
	ck_assert_msg(strcmp(quoted_says(&q, 1), c->want) == 0, "case %d: %s", _i, q.text);
	if (strcmp(c->want, NO_PAIR) != 0)
		near_to(q.fair, c->fair);
	quoted_close(&q);
}
END_TEST

START_TEST(the_other_side_is_its_mirror)
{
	struct quoted q;
	levels(&q, 0, 0);
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct level_case *c = &cases[i];
		char want[64];
		/* A spread of s mirrors one of 4 - s, since 12 stands against -8. */
		quote(&q, 0, 3000, 3001, 50);
		quote(&q, 1, c->bid - 4, c->ask - 4, 50);
		q.s.self.pos_lots = -c->pos;
		bool sells = strstr(c->want, "sell near") != NULL;
		snprintf(want, sizeof want, "%s", c->want);
		if (strcmp(want, NO_PAIR) != 0)
			snprintf(strstr(want, "sell"), 24,
				 sells ? "sell far buy near" : "sell near buy far");
		ck_assert_msg(strcmp(quoted_says(&q, 1), want) == 0, "case %u: %s", i, q.text);
		if (strcmp(want, NO_PAIR) != 0)
			near_to(q.fair, 4 - c->fair);
	}
	quoted_close(&q);
}
END_TEST

START_TEST(the_size_is_what_the_books_hold_at_the_level)
{
	struct quoted q;
	levels(&q, 0, 0);
	quote(&q, 1, 3000, 3001, 50);
	quote(&q, 0, 3014, 3015, 1);
	says(&q, "open 1 sell near buy far");
	deeper(&q, 0, SIDE_BUY, 3013, 5); /* still the level */
	says(&q, "open 2 sell near buy far");
	quote(&q, 0, 3014, 3015, 1);
	deeper(&q, 0, SIDE_BUY, 3012, 5); /* worse than it */
	says(&q, "open 1 sell near buy far");
	q.s.self.pairs_in_flight = 1;
	says(&q, NO_PAIR);
	quoted_close(&q);
}
END_TEST

START_TEST(fees_lie_between_gross_and_net)
{
	struct quoted q;
	levels(&q, 0, 0);
	quoted_fees(&q, 0, 0, 1);
	quoted_fees(&q, 1, 0, 1);
	quote(&q, 0, 3013, 3014, 50);
	quote(&q, 1, 3000, 3001, 50);
	says(&q,
	     "open 2 sell near buy far"); /* the level is gross: 12; both ways cost 4 of the 5 */
	near_to(q.s.b.dir[SIDE_SELL].net, 10);
	quoted_fees(&q, 1, 0, 1.5);
	basis_touch(&q.spec);
	says(&q, NO_PAIR); /* 5 of the 5: told once */
	ck_assert_int_eq(q.s.p[0].kind, PROPOSE_ALERT);
	ck_assert_int_eq(quoted_show(&q, 1), 0);
	q.s.self.pos_lots = -2; /* what is held is closed all the same */
	quote(&q, 0, 3006, 3007, 50);
	says(&q, "close 2 sell far buy near");
	quoted_close(&q);
}
END_TEST

START_TEST(a_stop_rests_until_the_spread_is_back)
{
	struct quoted q;
	levels(&q, 10, 0);
	quote(&q, 1, 3000, 3001, 50);
	quote(&q, 0, 3020, 3021, 50);
	q.s.self.pos_lots = -5;
	says(&q, NO_PAIR); /* to be bought at 21 */
	quote(&q, 0, 3021, 3022, 50);
	q.gate = GATE_AGE;
	says(&q, NO_PAIR); /* nothing is given up on a price that is too old */
	q.gate = 0;
	says(&q, "close 5 sell far buy near"); /* 12 + 10 */
	near_to(q.fair, 21);
	quoted_restart(&q);
	q.s.self.pos_lots = -2; /* filled in part, and the price is better again: it goes on */
	quote(&q, 0, 3018, 3019, 50);
	says(&q, "close 2 sell far buy near");
	q.s.self.pos_lots = 0;
	quote(&q, 0, 3030, 3031, 50);
	says(&q, NO_PAIR);
	quote(&q, 0, 3008, 3009, 50);
	says(&q, NO_PAIR); /* can be sold at 7: back */
	quote(&q, 0, 3013, 3014, 50);
	says(&q, "open 2 sell near buy far");
	quoted_close(&q);
}
END_TEST

START_TEST(time_is_up_over_a_restart)
{
	struct quoted q;
	levels(&q, 0, 60);
	quote(&q, 1, 3000, 3001, 50);
	quote(&q, 0, 3014, 3015, 50);
	q.s.self.pos_lots = -2;
	says(&q, NO_PAIR);
	q.now_ns += 59000000000;
	quoted_restart(&q);
	says(&q, NO_PAIR);
	q.now_ns += 1000000000;
	says(&q, "close 2 sell far buy near");
	quoted_close(&q);
}
END_TEST

START_TEST(without_a_step_all_is_one_level)
{
	const struct config_param param[] = {
		{ "sell_at", 12, 1 }, { "take", 5, 2 }, { "max_pos", 3, 3 }, { "lots", 2, 4 }
	};
	struct quoted q;
	quoted_open(&q, "spread_threshold", param, 4);
	quote(&q, 1, 3000, 3001, 50);
	quote(&q, 0, 3013, 3014, 50);
	says(&q, "open 2 sell near buy far");
	q.s.self.pos_lots = -2;
	says(&q, "open 1 sell near buy far");
	q.s.self.pos_lots = -3;
	says(&q, NO_PAIR);
	quote(&q, 0, 3006, 3007, 50);
	says(&q, "close 2 sell far buy near");
	quote(&q, 0, 2000, 2001, 50); /* buy_at is out of reach by default */
	q.s.self.pos_lots = 0;
	says(&q, NO_PAIR);
	quoted_close(&q);
}
END_TEST

START_TEST(it_is_compiled)
{
	struct quoted q;
	levels(&q, 0, 0);
	quote(&q, 1, 3000, 3001, 50);
	quoted_is_compiled(&q, 3001, 30, 50);
	quoted_close(&q);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { the_other_side_is_its_mirror,
				       the_size_is_what_the_books_hold_at_the_level,
				       fees_lie_between_gross_and_net,
				       a_stop_rests_until_the_spread_is_back,
				       time_is_up_over_a_restart,
				       without_a_step_all_is_one_level,
				       it_is_compiled };
	return quoted_suite("spread_threshold", what_it_proposes, sizeof cases / sizeof *cases,
			    tests, sizeof tests / sizeof *tests);
}
