/* Proves at which ratios the ratio strategy opens and closes, what it calls fair, how a followed ratio learns, and what it remembers. */
#include "tests/lua/quoted.h"

#define S_NS 1000000000LL

/* The numbers of strategies/ratio.md: fair is 1.01, opened 20 bp from it, closed within 5. */
static void stated(struct quoted *q, double stop_bp, double max_hold)
{
	const struct config_param param[] = {
		{ "ratio", 1.01, 1 },	   { "open_bp", 20, 2 },	{ "close_bp", 5, 3 },
		{ "stop_bp", stop_bp, 4 }, { "max_hold", max_hold, 5 }, { "lots", 2, 6 },
		{ "max_pos", 5, 7 }
	};
	quoted_open(q, "ratio", param, sizeof param / sizeof *param);
}

struct ratio_case {
	double bid, ask, far_bid, far_ask, pos;
	const char *want;
};

/* 1.01 * 1.002 * 10001 = 10121.212; 1.01 * 0.998 * 10000 = 10079.8; and within 5 bp 10105.05 to buy, 10095.9595 to sell. */
static const struct ratio_case cases[] = {
	{ 10121, 10122, 10000, 10001, 0, NO_PAIR },
	{ 10121.3, 10122, 10000, 10001, 0, "open 2 sell near buy far" },
	{ 10130, 10131, 10000, 10001, -4, "open 1 sell near buy far" },
	{ 10130, 10131, 10000, 10001, -5, NO_PAIR },
	{ 10079, 10080, 10000, 10001, 0, NO_PAIR },
	{ 10079, 10079.7, 10000, 10001, 0, "open 2 sell far buy near" },
	{ 10079, 10079.7, 10000, 10001, 4, "open 1 sell far buy near" },
	{ 10104, 10105, 10000, 10001, -3, "close 2 sell far buy near" },
	{ 10104, 10105.1, 10000, 10001, -3, NO_PAIR },
	{ 10104, 10105, 10000, 10001, -1, "close 1 sell far buy near" },
	{ 10096, 10097, 10000, 10001, 3, "close 2 sell near buy far" },
	{ 10095.9, 10097, 10000, 10001, 3, NO_PAIR },
	/* Twice the price: the distance is twice as far, the ratio the same. */
	{ 20242, 20244, 20000, 20002, 0, NO_PAIR },
	{ 20242.6, 20244, 20000, 20002, 0, "open 2 sell near buy far" },
};

START_TEST(what_it_proposes)
{
	const struct ratio_case *c = &cases[_i];
	struct quoted q;
	stated(&q, 0, 0);
	quote(&q, 0, c->bid, c->ask, 50);
	quote(&q, 1, c->far_bid, c->far_ask, 50);
	q.s.self.pos_lots = c->pos;
	ck_assert_msg(strcmp(quoted_says(&q, 1), c->want) == 0, "case %d: %s", _i, q.text);
	/* The gross basis at which near is 1.01 of far, at mid. */
	if (strcmp(c->want, NO_PAIR) != 0)
		near_to(q.fair, 0.01 * (c->far_bid + c->far_ask) / 2);
	q.s.self.pairs_in_flight = 1;
	says(&q, NO_PAIR);
	quoted_close(&q);
}
END_TEST

START_TEST(the_size_is_what_pays_to_the_last_lot)
{
	struct quoted q;
	stated(&q, 0, 0);
	quote(&q, 1, 10000, 10001, 50);
	quote(&q, 0, 10125, 10126, 1);
	deeper(&q, 0, SIDE_BUY, 10121, 9); /* does not */
	says(&q, "open 1 sell near buy far");
	deeper(&q, 0, SIDE_BUY, 10122, 9);
	says(&q, "open 2 sell near buy far");
	quoted_close(&q);
}
END_TEST

START_TEST(fees_and_tax_are_taken_off_before_it_judges)
{
	struct quoted q;
	stated(&q, 0, 0);
	quoted_fees(&q, 0, 0, 8);
	quote(&q, 1, 10000, 10001, 50);
	quote(&q, 0, 10129.2, 10130, 50);
	says(&q, NO_PAIR); /* 10121.2 is left */
	quote(&q, 0, 10129.3, 10130, 50);
	says(&q, "open 2 sell near buy far");
	near_to(q.fair, 100.005);
	quoted_close(&q);
	/* 13 % in the price of near: what is left of it is 1.01 of far, and fair is said in the price that has it. */
	stated(&q, 0, 0);
	q.in[0].vat_e8 = 13000000;
	quote(&q, 1, 10000, 10001, 50);
	quote(&q, 0, 10121 * 1.13, 10122 * 1.13, 50);
	says(&q, NO_PAIR);
	quote(&q, 0, 10121.3 * 1.13, 10122 * 1.13, 50);
	says(&q, "open 2 sell near buy far");
	double tax = (10121.3 + 10122) / 2 * 0.13;
	ck_assert_msg(fabs(q.fair - (100.005 + tax)) < 0.01, "%.9g", q.fair);
	quoted_close(&q);
}
END_TEST

START_TEST(a_stop_rests_until_the_ratio_is_back)
{
	struct quoted q;
	stated(&q, 50, 0);
	quote(&q, 1, 10000, 10001, 50);
	quote(&q, 0, 10149, 10150, 50);
	q.s.self.pos_lots = -5;
	says(&q, NO_PAIR); /* 1.01 * 1.005 * 10000 = 10150.5 */
	quote(&q, 0, 10149, 10150.6, 50);
	q.gate = GATE_SKEW;
	says(&q, NO_PAIR);
	q.gate = 0;
	says(&q, "close 5 sell far buy near");
	near_to(q.fair, 10149.8 - 10000.5);
	quoted_restart(&q);
	q.s.self.pos_lots = 0;
	quote(&q, 0, 10149, 10150, 50);
	says(&q, NO_PAIR);
	quote(&q, 0, 10104, 10105, 50);
	says(&q, NO_PAIR);
	quote(&q, 0, 10149, 10150, 50);
	says(&q, "open 2 sell near buy far");
	quoted_close(&q);
}
END_TEST

START_TEST(time_is_up_over_a_restart)
{
	struct quoted q;
	stated(&q, 0, 30);
	quote(&q, 1, 10000, 10001, 50);
	quote(&q, 0, 10085, 10086, 50);
	q.s.self.pos_lots = 3;
	says(&q, NO_PAIR);
	quoted_restart(&q);
	q.now_ns += 31 * S_NS;
	says(&q, "close 3 sell near buy far");
	quoted_close(&q);
}
END_TEST

START_TEST(a_followed_ratio_learns_by_its_half_life)
{
	const struct config_param param[] = { { "half_life", 10, 1 }, { "open_bp", 20, 2 } };
	struct quoted q;
	quoted_open(&q, "ratio", param, 2);
	quote(&q, 1, 10000, 10000.2, 50);
	quote(&q, 0, 10100, 10100.2, 50);
	for (int i = 0; i <= 10; i++) { /* too little seen */
		quote(&q, 0, 10100, 10100.2, 50);
		ck_assert_str_eq(quoted_says(&q, S_NS), NO_PAIR);
	}
	quote(&q, 0, 10141, 10141.2,
	      50); /* 40 bp above: opened at once, and fair is still where it was */
	quoted_says(&q, 1);
	ck_assert_str_eq(q.text, "open 1 sell near buy far");
	ck_assert_msg(fabs(q.fair - 100) < 0.01, "%.9g", q.fair);
	/* Ten seconds later it has come half the way; what is too old to trade on teaches nothing. */
	q.gate = GATE_AGE;
	for (int i = 0; i < 100; i++)
		quoted_says(&q, S_NS);
	q.gate = 0;
	quoted_restart(&q);
	q.now_ns -= 100 * S_NS; /* as if the silence had not been */
	for (int i = 0; i < 10; i++)
		quoted_says(&q, S_NS);
	ck_assert_msg(fabs(q.fair - 120.5) < 0.2, "%.9g", q.fair);
	quoted_close(&q);
}
END_TEST

START_TEST(it_is_compiled)
{
	const struct config_param param[] = { { "half_life", 10, 1 }, { "open_bp", 20, 2 } };
	struct quoted q;
	quoted_open(&q, "ratio", param, 2);
	quote(&q, 1, 10000, 10001, 50);
	quoted_is_compiled(&q, 10100, 100, 50);
	quoted_close(&q);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { the_size_is_what_pays_to_the_last_lot,
				       fees_and_tax_are_taken_off_before_it_judges,
				       a_stop_rests_until_the_ratio_is_back,
				       time_is_up_over_a_restart,
				       a_followed_ratio_learns_by_its_half_life,
				       it_is_compiled };
	return quoted_suite("ratio", what_it_proposes, sizeof cases / sizeof *cases, tests,
			    sizeof tests / sizeof *tests);
}
