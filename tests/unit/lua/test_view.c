/* Proves what a strategy sees of sizes, bands and gates: every field under the strategy's own name, the gate in words, and the size at a basis as the books give it. */
#include "core/market/gate.h"
#include "tests/unit/lua/script.h"

START_TEST(sizes_and_bands)
{
	struct script t;
	script_must_load(
		&t, NULL,
		ON_BASIS("assert(b.sell_near_want == 8.5 and b.sell_near_want_net == 7.5)\n"
			 "assert(b.sell_near_want_bp == 850 and b.sell_near_want_net_bp == 750)\n"
			 "assert(b.sell_near_want_lots == 20 and b.buy_near_want_lots == 19)\n"
			 "assert(b.buy_near_want == 11.5 and b.buy_near_want_net_bp == 1250)\n"
			 "assert(b.sell_near_z == 1.75 and b.buy_near_z == 2.25)\n"
			 "assert(b.z == 2 and b.mean == 6 and b.dev == 1.5 and b.fill == 0.75)\n"
			 "local n = b.legs.near\n"
			 "assert(n.bid_want == 99.5 and n.ask_want == 101.5)\n"
			 "assert(n.bid_worst == 99 and n.ask_worst == 102)\n"
			 "self:log('seen')"));
	int rc = script_run(&t, STRAT_BASIS);
	ck_assert_msg(rc == 1, "%d %s", rc, err_text());
	script_free(&t);
	script_fails(ON_BASIS("local x = b.sell_near_wanted"),
		     "b has no field \"sell_near_wanted\"; it has: sell_near");
	script_fails(ON_BASIS("b.z = 1"), "constant location");
}
END_TEST

START_TEST(the_gate_in_words)
{
	static const struct {
		uint8_t gate, who;
		const char *said;
	} gates[] = {
		{ GATE_OPEN, GATE_WHOLE, "nil nil" },
		{ GATE_OPEN, 0, "nil nil" },
		{ GATE_AGE, 0, "quote_age_ns near" },
		{ GATE_CLOCK, 1, "clock_bound_ns far" },
		{ GATE_VALUE, GATE_REF, "no_value fx" },
		{ GATE_SKEW, GATE_WHOLE, "quote_skew_ns nil" },
		{ gate_max, 0, "nil near" },
	};
	struct script t;
	script_must_load(&t, NULL,
			 ON_BASIS("self:log(tostring(b.gate) .. ' ' .. tostring(b.gate_who))"));
	for (size_t i = 0; i < sizeof(gates) / sizeof(gates[0]); i++) {
		t.b.gate = gates[i].gate;
		t.b.gate_who = gates[i].who;
		int rc = script_run(&t, STRAT_BASIS);
		ck_assert_msg(rc == 1, "%d %s", rc, err_text());
		ck_assert_str_eq(t.p[0].reason, gates[i].said);
	}
	script_free(&t);
}
END_TEST

/* 5 lots at 100 and 5 at 99 bid near; 6 at 90 and 6 at 92 asked far. */
struct market {
	struct instrument in[2];
	struct top top[2];
	struct book book[2];
	struct basis_spec spec;
};

static void set_up(struct market *m)
{
	static const int64_t px[2][2] = { { 100, 101 }, { 89, 90 } };
	*m = (struct market){ .spec = { .n_legs = 2, .lot_base_e8 = 100000000 } };
	for (int i = 0; i < 2; i++) {
		m->in[i].expo = (struct expo){ EXPO_LINEAR, 1, 1 };
		ck_assert_int_eq(book_init(&m->book[i], 8), 0);
		for (int s = 0; s < side_max; s++) {
			book_set(&m->book[i], (enum side)s, px[i][s], 5 + i);
			book_set(&m->book[i], (enum side)s, px[i][s] + (s ? 1 + i : -1 - i), 5 + i);
			m->top[i].q.px[s] = px[i][s];
			m->top[i].q.qty[s] = 5 + i;
		}
		m->top[i].state = BOOK_LIVE;
		m->spec.leg[i] = &m->in[i];
		m->spec.leg_top[i] = &m->top[i];
		m->spec.leg_book[i] = &m->book[i];
		m->spec.conv[i].k = 1;
	}
}

START_TEST(the_size_at_a_basis)
{
	struct script t;
	struct market m;
	set_up(&m);
	script_must_load(
		&t, NULL,
		ON_BASIS(
			"assert(self:lots_at('sell', 10) == 5 and self:lots_at('sell', 11) == 0)\n"
			"assert(self:lots_at('sell', 9) == 6 and self:lots_at('sell', 7) == 10)\n"
			"assert(self:lots_at('sell', -1e9) == 10 and self:lots_at('buy', 1e9) == 10)\n"
			"assert(self:lots_at('buy', 12) == 5)\n"
			"assert(self:lots_at_bp('sell', b.sell_near_net_bp) == 5)\n"
			"assert(self:lots_at_bp('sell', b.sell_near_net_bp + 1) == 0)\n"
			"self:log('seen')"));
	basis_eval(&m.spec, 1, 1, &t.b);
	ck_assert(t.b.ok);
	int rc = script_run(&t, STRAT_BASIS);
	ck_assert_msg(rc == 1, "%d %s", rc, err_text());
	script_free(&t);
	script_must_load(&t, NULL,
			 ON_BASIS("local n = self:lots_at('sell', 9)\n"
				  "if n ~= 6 then self:log('wrong') end"));
	t.b = (struct basis){ 0 };
	m.spec.of = NULL;
	basis_eval(&m.spec, 1, 1, &t.b);
	for (int i = 0; i < 2000; i++)
		ck_assert_int_eq(script_run(&t, STRAT_BASIS), 0);
	struct lua_health health;
	lua_host_health(t.s, &health);
	ck_assert(health.compiled);
	script_free(&t);
	script_fails(ON_BASIS("self:lots_at('short', 1)"), "the side is \"sell\" or \"buy\"");
	script_fails(ON_BASIS("self:lots_at('sell', 'x')"), "self:lots_at: the basis");
	script_fails(ON_BASIS("self:lots_at('sell', 0/0)"), "self:lots_at: the basis");
	script_fails(ON_BASIS("self.lots_at('sell', 1)"), "write self:lots_at with a colon");
	script_must_load(&t, NULL,
			 HEAD "function S:on_start() self:lots_at('sell', 1) end return S");
	ck_assert_int_eq(script_run(&t, STRAT_START), -ERR_SCRIPT);
	ck_assert_msg(strstr(err_text(), "works inside on_basis only"), "%s", err_text());
	script_free(&t);
	for (int i = 0; i < 2; i++)
		book_free(&m.book[i]);
}
END_TEST

SUITE("view", sizes_and_bands, the_gate_in_words, the_size_at_a_basis)
