/* Proves when executable_cross opens and closes, how much, which way, and what it remembers. */
#include "core/trade/pair.h"
#include "tests/unit/lua/script.h"

static void cross(struct script *t)
{
	static const char leg[2][16] = { "near", "far" };
	static struct config_param param[] = {
		{ "open_bp", 10, 1 }, { "close_bp", 2, 2 }, { "lots", 3, 3 }, { "max_pos", 7, 4 }
	};
	*t = (struct script){ .host = script_host(
				      (struct lua_host_options){ .deterministic = true }),
			      .b = script_basis() };
	struct lua_instance_options o = { .name = "demo",
					  .file = TANDEM_SOURCE_DIR
					  "/strategies/executable_cross.lua",
					  .n_legs = 2,
					  .leg_name = leg,
					  .param = param,
					  .n_params = 4 };
	ck_assert_msg(lua_host_load(t->host, &o, &t->s) == 0, "%s", err_text());
}

struct cross_case {
	double pos, sell_bp, buy_bp, sell_lots, buy_lots;
	unsigned in_flight;
	int side; /* of the near leg; -1: no proposal */
	double lots;
	enum pair_intent intent;
};

/* open 10, close 2, clips of 3, at most 7. */
static const struct cross_case cases[] = {
	{ 0, 9.9, 30, 5, 5, 0, -1, 0, 0 },		    /* not far enough */
	{ 0, 10, 30, 5, 5, 0, SIDE_SELL, 3, INTENT_OPEN },  /* at the threshold */
	{ 0, -30, -10, 5, 5, 0, SIDE_BUY, 3, INTENT_OPEN }, /* and below */
	{ 0, -30, -9.9, 5, 5, 0, -1, 0, 0 },
	{ 0, 50, 60, 2.7, 5, 0, SIDE_SELL, 2,
	  INTENT_OPEN }, /* what the books hold, in whole lots */
	{ 0, 50, 60, 0.9, 5, 0, -1, 0, 0 },
	{ -6, 50, 60, 5, 5, 0, SIDE_SELL, 1, INTENT_OPEN }, /* what is left of max_pos */
	{ -7, 50, 60, 5, 5, 0, -1, 0, 0 },
	{ 7, -60, -50, 5, 5, 0, -1, 0, 0 },
	{ 0, 50, 60, 5, 5, 1, -1, 0, 0 },		   /* one pair at a time */
	{ -5, -8, 2, 5, 5, 0, SIDE_BUY, 3, INTENT_CLOSE }, /* it has come back */
	{ -5, -8, 2.1, 5, 5, 0, -1, 0, 0 },
	{ -2, -8, 1, 5, 5, 0, SIDE_BUY, 2, INTENT_CLOSE }, /* no more than is open */
	{ -5, -8, 1, 5, 1, 0, SIDE_BUY, 1, INTENT_CLOSE },
	{ 5, -2, 8, 5, 5, 0, SIDE_SELL, 3, INTENT_CLOSE },
	{ 5, -2.1, 8, 5, 5, 0, -1, 0, 0 },
	{ -5, -40, -30, 5, 5, 0, SIDE_BUY, 3, INTENT_CLOSE }, /* first flat, then the other way */
};

START_TEST(what_it_proposes)
{
	const struct cross_case *c = &cases[_i];
	struct script t;
	cross(&t);
	t.self.pos_lots = c->pos;
	t.self.pairs_in_flight = c->in_flight;
	t.b.dir[SIDE_SELL] = (struct basis_cross){ .net_bp = c->sell_bp, .lots = c->sell_lots };
	t.b.dir[SIDE_BUY] = (struct basis_cross){ .net_bp = c->buy_bp, .lots = c->buy_lots };
	int rc = script_run(&t, STRAT_BASIS);
	ck_assert_msg(rc == (c->side >= 0), "case %d: %d %s", _i, rc, rc < 0 ? err_text() : "");
	if (rc == 1) {
		const struct proposal *p = &t.p[0];
		ck_assert(p->kind == PROPOSE_PAIR && p->tif == TIF_IOC && p->n_legs == 2);
		for (int i = 0; i < 2; i++)
			ck_assert_int_eq(p->side[i], p->leg[i] == 0 ? c->side : c->side ^ 1);
		ck_assert_msg(p->lots == c->lots && p->intent == c->intent, "case %d: %g %d", _i,
			      p->lots, p->intent);
		ck_assert(p->reason[0]);
	}
	script_free(&t);
}
END_TEST

static double tell(struct script *t, enum pair_state state, enum pair_intent intent)
{
	struct strat_pair_event p = {
		.pair = 1, .state = (uint8_t)state, .intent = (uint8_t)intent, .lots = 1
	};
	struct strat_event ev = { .kind = STRAT_PAIR, .pair = &p };
	int rc = t->s->ops->run(t->s, &t->self, &ev, t->p, PROPOSAL_MAX);
	ck_assert_msg(rc >= 0, "%s", err_text());
	return rc == 1 && t->p[0].kind == PROPOSE_METRIC ? t->p[0].value : 0;
}

START_TEST(it_counts_the_pairs_that_ended_hedged_over_restarts)
{
	struct script t;
	uint8_t saved[1024];
	size_t n;
	cross(&t);
	ck_assert(tell(&t, PAIR_HEDGED, INTENT_OPEN) == 1);
	ck_assert(tell(&t, PAIR_FLAT, INTENT_OPEN) == 0);
	ck_assert(tell(&t, PAIR_HEDGED, INTENT_CLOSE) == 2);
	ck_assert_int_eq(lua_host_save(t.s, saved, sizeof(saved), &n), 0);
	struct lua_instance_options o = { .name = "demo",
					  .file = TANDEM_SOURCE_DIR
					  "/strategies/executable_cross.lua",
					  .unbound = true,
					  .saved = saved,
					  .saved_len = n };
	t.s->ops->free(t.s);
	ck_assert_msg(lua_host_load(t.host, &o, &t.s) == 0, "%s", err_text());
	ck_assert(tell(&t, PAIR_HEDGED, INTENT_OPEN) == 3);
	script_free(&t);
}
END_TEST

START_TEST(it_is_compiled)
{
	struct script t;
	struct lua_health h;
	cross(&t);
	for (int i = 0; i < 20000; i++) {
		t.self.pos_lots = i % 15 - 7;
		t.b.dir[SIDE_SELL].net_bp = i % 31 - 15;
		t.b.dir[SIDE_BUY].net_bp = i % 31 - 13;
		ck_assert_msg(script_run(&t, STRAT_BASIS) >= 0, "%s", err_text());
		lua_host_idle(t.s);
	}
	lua_host_health(t.s, &h);
	ck_assert(h.hot && h.compiled);
	ck_assert_msg(h.trace_aborts <= 20, "%llu", (unsigned long long)h.trace_aborts);
	script_free(&t);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("executable_cross");
	TCase *c = tcase_create("executable_cross");
	tcase_set_timeout(c, 60);
	tcase_add_loop_test(c, what_it_proposes, 0, sizeof(cases) / sizeof(cases[0]));
	tcase_add_test(c, it_counts_the_pairs_that_ended_hedged_over_restarts);
	tcase_add_test(c, it_is_compiled);
	suite_add_tcase(s, c);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
