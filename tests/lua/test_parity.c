/* Proves parity's arithmetic of currency, unit, tax, duty and freight, in the shapes of gold and of copper; when it opens and closes either way; and what it does when the rate jumps. */
#include "tests/lua/quoted.h"

#define S_NS  1000000000LL
#define OUNCE (31.1034768 / 7.2) /* USD/ozt of 1 CNY/g */

/* The numbers of strategies/parity.md, gold: 7.2 CNH a dollar, premium 2 USD/ozt, 20 bp of financing; fair is 2 + 2650 * 0.002 = 7.3. */
static void gold(struct quoted *q, double stop_bp, double max_hold)
{
	const struct config_param param[] = {
		{ "premium", 2, 1 },	   { "rate_bp", 20, 2 },	{ "open_bp", 15, 3 },
		{ "fx_bp", 1, 4 },	   { "export_bp", 10, 5 },	{ "close_bp", 3, 6 },
		{ "stop_bp", stop_bp, 7 }, { "max_hold", max_hold, 8 }, { "lots", 2, 9 },
		{ "max_pos", 5, 10 },
	};
	quoted_open(q, "parity", param, sizeof param / sizeof *param);
	quote_ref(q, 0, 7.1995, 7.2005);
	quote(q, 1, 2649.9, 2650.1, 50);
}

struct parity_case {
	double bid, ask, pos; /* CNY/g */
	const char *want;
};

/* Sold at 7.3 + 16 bp = 11.54 or more: at 2661.64, 616.13 CNY/g. Bought at 7.3 - 26 bp = 0.41 or less: at 2650.31, 613.506. */
static const struct parity_case cases[] = {
	{ 616.12, 616.14, 0, NO_PAIR },
	{ 616.14, 616.16, 0, "open 2 sell near buy far" },
	{ 616.14, 616.16, -4, "open 1 sell near buy far" },
	{ 616.14, 616.16, -5, NO_PAIR },
	{ 613.50, 613.52, 0, NO_PAIR },
	{ 613.48, 613.50, 0, "open 2 sell far buy near" },
	/* Closed within 3 bp: bought back at 7.3 + 0.795 or less, 615.285; sold at 7.3 - 0.795 or more, 614.964. */
	{ 615.26, 615.28, -3, "close 2 sell far buy near" },
	{ 615.28, 615.30, -3, NO_PAIR },
	{ 614.98, 615.00, 3, "close 2 sell near buy far" },
	{ 614.96, 614.98, 3, NO_PAIR },
};

START_TEST(what_it_proposes)
{
	const struct parity_case *c = &cases[_i];
	struct quoted q;
	gold(&q, 0, 0);
	quote(&q, 0, c->bid, c->ask, 50);
	q.s.self.pos_lots = c->pos;
	ck_assert_msg(strcmp(quoted_says(&q, 1), c->want) == 0, "case %d: %s", _i, q.text);
	near_to(q.s.b.dir[SIDE_SELL].gross, c->bid * OUNCE - 2650.1);
	if (strcmp(c->want, NO_PAIR) != 0)
		near_to(q.fair, 7.3);
	q.s.self.pairs_in_flight = 1;
	says(&q, NO_PAIR);
	quoted_close(&q);
}
END_TEST

/* Copper: 78,000 CNY/t with 13 % in it is 9,587.02 USD/t without; 9,430 abroad, 60 of premium, 1 % duty. */
START_TEST(copper_has_tax_in_its_price_and_duty_on_the_way)
{
	const struct config_param param[] = { { "ounces", 0, 1 },
					      { "premium", 60, 2 },
					      { "duty_bp", 100, 3 },
					      { "open_bp", 0, 4 },
					      { "fx_bp", 0, 5 } };
	struct quoted q;
	quoted_open(&q, "parity", param, 5);
	q.in[0].vat_e8 = 13000000;
	quote_ref(&q, 0, 7.2, 7.2);
	quote(&q, 0, 78000, 78010, 50);
	quote(&q, 1, 9430, 9431, 50); /* 9431 + 60 + 94.305 = 9585.305 */
	says(&q, "open 1 sell near buy far");
	near_to(q.s.b.dir[SIDE_SELL].net, 78000 / 7.2 / 1.13 - 9431);
	/* What near is worth at fair, its tax included: (9430.5 + 154.305) * 1.13. */
	near_to(q.fair, (9430.5 + 154.305) * 1.13 - 9430.5);
	quote(&q, 1, 9432, 9433, 50); /* 9587.325 */
	says(&q, NO_PAIR);
	q.s.self.pos_lots = -1;
	quote(&q, 1, 9435, 9436, 50); /* what 78010 leaves, 9588.25, is within 3 bp of it */
	says(&q, "close 1 sell far buy near");
	quoted_close(&q);
}
END_TEST

START_TEST(the_size_is_what_pays_to_the_last_lot)
{
	struct quoted q;
	gold(&q, 0, 0);
	quote(&q, 0, 616.2, 616.3, 1);
	deeper(&q, 0, SIDE_BUY, 616.12, 9);
	says(&q, "open 1 sell near buy far");
	deeper(&q, 0, SIDE_BUY, 616.14, 9);
	says(&q, "open 2 sell near buy far");
	quoted_fees(&q, 0, 0, 0.1); /* of a gram's price: 0.43 an ounce */
	basis_touch(&q.spec);
	says(&q, NO_PAIR);
	quoted_close(&q);
}
END_TEST

START_TEST(a_rate_that_jumps_bars_opening)
{
	struct quoted q;
	gold(&q, 0, 0);
	quote(&q, 0, 620, 620.02, 50);
	says(&q, "open 2 sell near buy far");
	quote_ref(&q, 0, 7.2224, 7.2228); /* 31 bp */
	says(&q, NO_PAIR);
	q.now_ns += 61 * S_NS; /* it stays there */
	says(&q, NO_PAIR);
	quoted_restart(&q);
	says(&q, NO_PAIR);
	q.now_ns += 61 * S_NS;
	says(&q, "open 2 sell near buy far");
	/* What is held is closed whatever the rate does. */
	q.s.self.pos_lots = -2;
	quote_ref(&q, 0, 7.3, 7.3);
	says(&q, "close 2 sell far buy near");
	quoted_close(&q);
}
END_TEST

START_TEST(a_stop_rests_until_parity_is_back)
{
	struct quoted q;
	gold(&q, 60, 0);
	q.s.self.pos_lots = -5;
	quote(&q, 0, 618.7, 618.76, 50); /* to be bought at 23.1; 7.3 + 15.9 is 23.2 */
	says(&q, NO_PAIR);
	quote(&q, 0, 618.7, 618.82, 50);
	q.gate = GATE_SKEW;
	says(&q, NO_PAIR);
	q.gate = 0;
	says(&q, "close 5 sell far buy near");
	quoted_restart(&q);
	q.s.self.pos_lots = 0;
	says(&q, NO_PAIR);
	quote(&q, 0, 615.2, 615.24, 50);
	says(&q, NO_PAIR);
	quote(&q, 0, 616.2, 616.3, 50);
	says(&q, "open 2 sell near buy far");
	quoted_close(&q);
}
END_TEST

START_TEST(time_is_up_over_a_restart)
{
	struct quoted q;
	gold(&q, 0, 3600);
	q.s.self.pos_lots = 2;
	quote(&q, 0, 614, 614.02, 50);
	says(&q, NO_PAIR);
	quoted_restart(&q);
	q.now_ns += 3600 * S_NS;
	says(&q, "close 2 sell near buy far");
	quoted_close(&q);
}
END_TEST

START_TEST(it_is_compiled)
{
	struct quoted q;
	gold(&q, 0, 0);
	quoted_is_compiled(&q, 615, 3, 50);
	quoted_close(&q);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { copper_has_tax_in_its_price_and_duty_on_the_way,
				       the_size_is_what_pays_to_the_last_lot,
				       a_rate_that_jumps_bars_opening,
				       a_stop_rests_until_parity_is_back,
				       time_is_up_over_a_restart,
				       it_is_compiled };
	return quoted_suite("parity", what_it_proposes, sizeof cases / sizeof *cases, tests,
			    sizeof tests / sizeof *tests);
}
