/* Proves what a conversion is: a leg's price times a constant times powers of references, and nothing else; and that units and currencies that do not cancel are refused with what to write. */
#include "core/ops/config.h"
#include "lua/conv.h"
#include "tests/unit/lua/script.h"
#include <stdio.h>

static const char legs[2][16] = { "near", "far" }, refs[2][16] = { "usdcnh", "gold" };
static const struct conv_names names = { 2, 2, legs, refs };

START_TEST(good_ones)
{
	static const struct {
		const char *text;
		int leg;
		double k;
		int8_t power[2];
	} good[] = {
		{ "near", 0, 1, { 0, 0 } },
		{ " far ", 1, 1, { 0, 0 } },
		{ "near * 31.1034768 / usdcnh", 0, 31.1034768, { -1, 0 } },
		{ "31.1034768*near/usdcnh/usdcnh", 0, 31.1034768, { -2, 0 } },
		{ "near / (2 * usdcnh / gold)", 0, 0.5, { -1, 1 } },
		{ "(((far)))*1e-3*5E+2*.5", 1, 0.25, { 0, 0 } },
		{ "near * usdcnh / usdcnh", 0, 1, { 0, 0 } },
		{ "1 / (1 / near)", 0, 1, { 0, 0 } },
	};
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct conv c;
		int leg = conv_parse(good[i].text, strlen(good[i].text), &names, &c);
		ck_assert_msg(leg == good[i].leg, "%s: %s", good[i].text, err_text());
		ck_assert_msg(c.value.k == good[i].k && c.value.power[0] == good[i].power[0] &&
				      c.value.power[1] == good[i].power[1],
			      "%s: %.17g", good[i].text, c.value.k);
	}
}
END_TEST

START_TEST(bad_ones_say_why)
{
	static const char *const bad[][2] = {
		{ "", "a number or a name is missing" },
		{ "near +2", "would not be linear" },
		{ "near - far", "would not be linear" },
		{ "near * far", "is of one leg; this one has near and far" },
		{ "near * near", "must stand once" },
		{ "2 / near", "must stand once" },
		{ "2 * usdcnh", "no leg in the conversion" },
		{ "near * eurusd", "(near, far, usdcnh, gold), not \"eurusd\"" },
		{ "near *", "a number or a name is missing, at the end" },
		{ "near * * 2", "is expected, at \"* 2\"" },
		{ "near * (2", "a ) is missing" },
		{ "near * -2", "is expected" },
		{ "near * 0", "above zero" },
		{ "near * 1e999", "above zero and finite" },
		{ "near * 1e18 * 10", "1e-18..1e18" },
		{ "near * 1.2.3", "this is no number" },
		{ "near * 0x10", "above zero and finite" },
		{ "near * 1x10", "would not be linear" },
		{ "near ^ 1", "would not be linear" },
		{ "((((((((((((((((((near))))))))))))))))))", "nested too deep" },
		{ "near*gold*gold*gold*gold*gold*gold*gold*gold*gold",
		  "gold stands more than 8 times" },
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct conv c;
		int rc = conv_parse(bad[i][0], strlen(bad[i][0]), &names, &c);
		ck_assert_msg(rc == -ERR_PARSE, "%s: %d %s", bad[i][0], rc, err_text());
		ck_assert_msg(strstr(err_text(), bad[i][1]), "%s: %s", bad[i][0], err_text());
	}
}
END_TEST

START_TEST(the_text_need_not_end_in_zero)
{
	struct conv c;
	ck_assert_int_eq(conv_parse("near*25", 6, &names, &c), 0);
	ck_assert(c.value.k == 2);
}
END_TEST

START_TEST(constants_say_what_they_are)
{
	static const struct {
		const char *text;
		double k, bare;
		const char *stated;
	} good[] = {
		{ "near * 31.1034768[g/ozt]", 31.1034768, 1, "g/ozt" },
		{ "near / 0.0321507466 [ozt/g]", 1 / 0.0321507466, 1, "g/ozt" },
		{ "near * 1[CNH/CNY] * 2", 2, 2, "CNH/CNY" },
		{ "near / 1.13[1] * 31.1034768", 31.1034768 / 1.13, 31.1034768, "1" },
		{ "near * 60[lb/bu]", 60, 1, "lb/bu" },
	};
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct conv c;
		char unit[UNIT_TEXT];
		int leg = conv_parse(good[i].text, strlen(good[i].text), &names, &c);
		ck_assert_msg(leg == 0, "%s: %s", good[i].text, err_text());
		ck_assert_double_eq_tol(c.value.k, good[i].k, 1e-9);
		ck_assert_double_eq_tol(c.bare, good[i].bare, 1e-12);
		unit_format(&c.stated, unit);
		ck_assert_str_eq(unit, good[i].stated);
	}
}
END_TEST

START_TEST(wrong_brackets_say_why)
{
	static const char *const bad[][2] = {
		{ "near * 31.1[g/ozt]", "there are 31.1034768 [g/ozt], not 31.1" },
		{ "near * 31.1034768[g/ounce]", "write ozt (troy) or oz" },
		{ "near * 31.1034768[g/ozt", "a ] is missing" },
		{ "near * 2[]", "a unit is missing" },
		{ "near * 2[100]", "a pure number is marked with [1]" },
		{ "near * 2[cny/cnh]", "in capitals" },
		{ "near[g]", "would not be linear" },
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct conv c;
		int rc = conv_parse(bad[i][0], strlen(bad[i][0]), &names, &c);
		ck_assert_msg(rc == -ERR_PARSE, "%s: %d", bad[i][0], rc);
		ck_assert_msg(strstr(err_text(), bad[i][1]), "%s: %s", bad[i][0], err_text());
	}
}
END_TEST

/* A market of two legs and two references, by what their prices say. */
struct market {
	struct config c;
	struct instrument in[4];
	struct config_instance bound;
};

/* "CNY/g", or ":USDT/BTC" for assets without a px_unit. */
static void is_priced(struct market *m, struct instrument *in, const char *name, const char *what)
{
	char quote[12], base[12];
	snprintf(in->name, sizeof(in->name), "%s", name);
	if (*what != ':') {
		snprintf(in->px_unit, sizeof(in->px_unit), "%s", what);
		what = ":Q/B";
	}
	ck_assert_int_eq(sscanf(what, ":%11[^/]/%11s", quote, base), 2);
	in->quote = asset_intern(&m->c.assets, quote);
	in->base = asset_intern(&m->c.assets, base);
}

static void set_up(struct market *m, const char *near, const char *far, const char *ref)
{
	memset(m, 0, sizeof(*m));
	is_priced(m, &m->in[0], "X.NEAR", near);
	is_priced(m, &m->in[1], "Y.FAR", far);
	is_priced(m, &m->in[2], "FX.REF", ref);
	m->c.instrument = m->in;
	m->c.n_instruments = 4;
	m->bound =
		(struct config_instance){ .n_legs = 2, .n_refs = 1, .leg = { 0, 1 }, .ref = { 2 } };
	strcpy(m->bound.leg_name[0], "near");
	strcpy(m->bound.leg_name[1], "far");
	strcpy(m->bound.ref_name[0], "fx");
}

static int load(struct script *t, struct market *m, const char *text)
{
	*t = (struct script){ .b = script_basis() };
	t->host = script_host((struct lua_host_options){ .deterministic = true });
	struct lua_instance_options o = { .name = "x",
					  .file = "x.lua",
					  .source = text,
					  .source_len = strlen(text),
					  .n_legs = 2,
					  .n_refs = 1,
					  .leg_name = (const char(*)[16])m->bound.leg_name,
					  .ref_name = (const char(*)[16])m->bound.ref_name,
					  .config = &m->c,
					  .bound = &m->bound };
	return lua_host_load(t->host, &o, &t->s);
}

START_TEST(values_in_one_unit)
{
	static const struct {
		const char *near, *far, *ref, *near_value, *far_value, *unit;
	} good[] = {
		{ "CNH/g", "USD/ozt", ":CNH/USD", "near * 31.1034768 / fx", NULL, "USD/ozt" },
		{ "CNH/g", "USD/ozt", ":CNH/USD", "near * 31.1034768[g/ozt] / fx", NULL,
		  "USD/ozt" },
		{ "CNY/g", "USD/ozt", ":CNH/USD", "near * 31.1034768 / fx * 1[CNH/CNY]", NULL,
		  "USD/ozt" },
		{ "CNY/g", "USD/ozt", "CNY/USD", "near * 31.1034768 / fx / 1.13[1]", NULL,
		  "USD/ozt" },
		{ "CNH/g", "USD/ozt", ":CNH/USD", NULL, "far * fx / 31.1034768", "CNH/g" },
		{ "CNH/kg", "USD/ozt", ":CNH/USD", "near / fx * 0.0311034768", NULL, "USD/ozt" },
		{ "USD/t", "USc/lb", ":CNH/USD", NULL, "far * 22.04622622", "USD/t" },
		{ "USD/bbl", "USD/gal", ":CNH/USD", NULL, "far * 42", "USD/bbl" },
		{ "CNH/g", "USD/kg", ":CNH/USD", "near / fx * 31.1034768", "far * 0.0311034768",
		  "USD/ozt" },
		{ ":USDT/BTC", ":USDT/BTC", ":CNH/USD", NULL, NULL, "USDT/BTC" },
		{ ":USD/BTC", ":USDT/BTC", ":USDT/USD", "near * fx", NULL, "USDT/BTC" },
		{ ":USD/BTC", ":USDT/BTC", ":CNH/USD", "near * 1[USDT/USD]", NULL, "USDT/BTC" },
		{ "USD/pt", "USD/pt", ":CNH/USD", NULL, NULL, "USD/pt" },
		{ "USc/bu", "USD/t", ":CNH/USD", "near / 60[lb/bu] * 22.046226218", NULL, "USD/t" },
	};
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct market m;
		struct script t;
		char text[512];
		set_up(&m, good[i].near, good[i].far, good[i].ref);
		snprintf(text, sizeof(text), HEAD "%s%s%s\n%s%s%s\nreturn S\n",
			 good[i].near_value ? "S.near_value = tandem.conv '" : "",
			 good[i].near_value ? good[i].near_value : "",
			 good[i].near_value ? "'" : "",
			 good[i].far_value ? "S.far_value = tandem.conv '" : "",
			 good[i].far_value ? good[i].far_value : "", good[i].far_value ? "'" : "");
		int rc = load(&t, &m, text);
		ck_assert_msg(rc == 0, "%zu: %s", i, err_text());
		ck_assert_str_eq(lua_host_value_unit(t.s), good[i].unit);
		script_free(&t);
	}
}
END_TEST

START_TEST(what_does_not_cancel_is_told)
{
	static const struct {
		const char *near, *far, *ref, *near_value, *want;
	} bad[] = {
		{ "CNY/g", "USD/ozt", ":CNH/USD", "near * 31.1034768 / fx",
		  "x.lua:3: the value of near is in CNY·USD/g/CNH and that of far in USD/ozt: CNY/CNH does not cancel" },
		{ "CNY/g", "USD/ozt", ":CNH/USD", "near * 31.1034768 / fx", "1[CNH/CNY]" },
		{ "CNH/g", "USD/ozt", ":CNH/USD", "near * 31.1 / fx",
		  "x.lua:3: 31.1 is not the factor of near from USD/g to USD/ozt" },
		{ "CNH/g", "USD/ozt", ":CNH/USD", "near * 31.1 / fx", "which is 31.1034768" },
		{ "CNH/g", "USD/ozt", ":CNH/USD", "near / fx",
		  "write tandem.conv \"near * 31.1034768\"" },
		{ "CNH/g", "USD/ozt", ":CNH/USD", "near * fx * 31.1034768", "does not cancel" },
		{ "CNH/g", "USD/ozt", ":CNH/USD", NULL, "x.lua:2: the value of near is in CNH/g" },
		{ ":USD/BTC", ":USDT/BTC", ":CNH/USD", NULL, "USD/USDT does not cancel" },
		{ ":USD/BTC", ":USDT/BTC", ":CNH/USD", NULL, "1[USDT/USD]" },
		{ ":USDT/BTC", ":USDT/BTC", ":CNH/USD", "near * 2", "2 is not the factor of near" },
		{ ":CNY/AU", "USD/ozt", "CNY/USD", "near / fx", "(X.NEAR has no unit)" },
		{ "CNY/ton", "USD/t", "CNY/USD", "near / fx",
		  "the unit of X.NEAR: \"ton\" is no unit" },
		{ "CNY/t", "USD/t", "usd", "near / fx", "the unit of FX.REF" },
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct market m;
		struct script t;
		char text[512];
		set_up(&m, bad[i].near, bad[i].far, bad[i].ref);
		snprintf(text, sizeof(text), HEAD "%s%s%s\nreturn S\n",
			 bad[i].near_value ? "S.near_value = tandem.conv '" : "",
			 bad[i].near_value ? bad[i].near_value : "", bad[i].near_value ? "'" : "");
		int rc = load(&t, &m, text);
		ck_assert_msg(rc == -ERR_SCRIPT, "%zu: %d %s", i, rc, err_text());
		ck_assert_msg(strstr(err_text(), bad[i].want), "%zu: %s", i, err_text());
		script_free(&t);
	}
}
END_TEST

/* Both legs with factors that agree among themselves and are none of units. */
START_TEST(factors_of_both_legs_are_factors)
{
	struct market m;
	struct script t;
	set_up(&m, ":USDT/BTC", ":USDT/BTC", ":CNH/USD");
	ck_assert_int_eq(load(&t, &m,
			      HEAD "S.near_value = tandem.conv 'near * 2'\n"
				   "S.far_value = tandem.conv 'far * 2'\nreturn S\n"),
			 -ERR_SCRIPT);
	ck_assert_msg(strstr(err_text(), "x.lua:4: 2 is no factor between units") &&
			      strstr(err_text(), "write 2[1]"),
		      "%s", err_text());
	script_free(&t);
}
END_TEST

START_TEST(no_ratio_where_a_price_may_be_negative)
{
	struct market m;
	struct script t;
	set_up(&m, ":USD/CL", ":USD/CL", ":CNH/USD");
	m.in[1].px_may_be_negative = true;
	ck_assert_int_eq(load(&t, &m, ON_BASIS("self:metric('x', b.sell_near_net)")), 0);
	ck_assert_int_eq(script_run(&t, STRAT_BASIS), 1);
	script_free(&t);
	static const char *const read[] = { "ratio", "spread_bp", "sell_near_net_bp",
					    "buy_near_want_bp" };
	for (size_t i = 0; i < sizeof(read) / sizeof(read[0]); i++) {
		char text[512], want[200];
		snprintf(text, sizeof(text),
			 HEAD "function S:on_basis(b)\nlocal x = b.%s\nend\nreturn S\n", read[i]);
		snprintf(
			want, sizeof(want),
			"x.lua:4: b.%s is not given: a price of the leg far (Y.FAR) may be zero or negative",
			read[i]);
		ck_assert_int_eq(load(&t, &m, text), 0);
		ck_assert_int_eq(script_run(&t, STRAT_BASIS), -ERR_SCRIPT);
		ck_assert_msg(strstr(err_text(), want), "%s", err_text());
		script_free(&t);
	}
}
END_TEST

SUITE("conv", good_ones, bad_ones_say_why, the_text_need_not_end_in_zero,
      constants_say_what_they_are, wrong_brackets_say_why, values_in_one_unit,
      what_does_not_cancel_is_told, factors_of_both_legs_are_factors,
      no_ratio_where_a_price_may_be_negative)
