/* Proves what a conversion is: a leg's price times a constant times powers of references, and nothing else. */
#include "lua/conv.h"
#include "tests/unit/lua/script.h"

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
		struct basis_conv c;
		int leg = conv_parse(good[i].text, strlen(good[i].text), &names, &c);
		ck_assert_msg(leg == good[i].leg, "%s: %s", good[i].text, err_text());
		ck_assert_msg(c.k == good[i].k && c.power[0] == good[i].power[0] &&
				      c.power[1] == good[i].power[1],
			      "%s: %.17g", good[i].text, c.k);
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
		struct basis_conv c;
		int rc = conv_parse(bad[i][0], strlen(bad[i][0]), &names, &c);
		ck_assert_msg(rc == -ERR_PARSE, "%s: %d %s", bad[i][0], rc, err_text());
		ck_assert_msg(strstr(err_text(), bad[i][1]), "%s: %s", bad[i][0], err_text());
	}
}
END_TEST

START_TEST(the_text_need_not_end_in_zero)
{
	struct basis_conv c;
	ck_assert_int_eq(conv_parse("near*25", 6, &names, &c), 0);
	ck_assert(c.k == 2);
}
END_TEST

SUITE("conv", good_ones, bad_ones_say_why, the_text_need_not_end_in_zero)
