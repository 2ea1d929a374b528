/* Proves that units are exact: factors to the last digit, currencies apart, and that what cannot be a unit says what to write. */
#include "core/base/err.h"
#include "core/market/unit.h"
#include "tests/unit/suite.h"
#include <string.h>

START_TEST(test_exact_factors)
{
	static const struct {
		const char *from, *to;
		int64_t num, den;
	} good[] = {
		{ "ozt", "g", 19439673, 625000 }, /* 31.1034768 */
		{ "100 ozt", "g", 19439673, 6250 },
		{ "g", "ozt", 625000, 19439673 },
		{ "lb", "g", 45359237, 100000 },
		{ "oz", "lb", 1, 16 },
		{ "t", "lb", 100000000000, 45359237 },
		{ "bbl", "gal", 42, 1 },
		{ "ston", "lb", 2000, 1 },
		{ "lton", "lb", 2240, 1 },
		{ "tola", "ozt", 3, 8 },
		{ "MMBtu", "therm", 10, 1 },
		{ "MWh", "kWh", 1000, 1 },
		{ "m3", "L", 1000, 1 },
		{ "USD/g", "USD/kg", 1000, 1 },
		{ "USc/lb", "USD/t", 1000000000, 45359237 },
		{ "1", "1", 1, 1 },
		{ "2.5 kg", "500 g", 5, 1 },
		{ "CNY*ozt/g", "CNY", 19439673, 625000 },
		{ "CNY·ozt/g", "CNY per g * ozt", 1, 1 },
		{ "g^2/kg", "g", 1, 1000 },
		{ "1/g", "1/kg", 1000, 1 },
		{ "GBp", "GBP", 1, 100 },
		{ "1INCH/USDT", "1INCH/USDT", 1, 1 },
	};
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		int64_t num, den;
		int rc = unit_ratio(good[i].from, good[i].to, &num, &den);
		ck_assert_msg(rc == 0, "%s in %s: %s", good[i].from, good[i].to, err_text());
		ck_assert_msg(num == good[i].num && den == good[i].den, "%s in %s: %lld / %lld",
			      good[i].from, good[i].to, (long long)num, (long long)den);
	}
}
END_TEST

/* One contract of 100 oz against three of a kilogram: the example that everything else is held against. */
START_TEST(test_gold)
{
	int64_t num, den;
	ck_assert_int_eq(unit_ratio("100 ozt", "g", &num, &den), 0);
	ck_assert_int_eq(num * (100000 / 6250), 311034768); /* 3110.34768 g at five decimals */
	ck_assert_int_eq(den, 6250);
}
END_TEST

START_TEST(test_not_alike)
{
	static const char *const bad[][3] = {
		{ "USD", "USDT", "USD/USDT is left over" },
		{ "USDT", "USDC", "USDT/USDC" },
		{ "CNY", "CNH", "CNY and CNH do not measure the same thing" },
		{ "CNY/g", "USD/ozt", "CNY/USD is left over" },
		{ "g", "L", "g/L is left over" },
		{ "contract", "pt", "contract/pt" },
		{ "bu", "lb", "bu/g" },
	};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		int64_t num, den;
		struct unit a, b;
		ck_assert_int_eq(unit_ratio(bad[i][0], bad[i][1], &num, &den), -ERR_ARG);
		ck_assert_msg(strstr(err_text(), bad[i][2]), "%s", err_text());
		ck_assert_int_eq(unit_parse(bad[i][0], strlen(bad[i][0]), &a), 0);
		ck_assert_int_eq(unit_parse(bad[i][1], strlen(bad[i][1]), &b), 0);
		ck_assert(!unit_alike(&a, &b) && unit_alike(&a, &a));
	}
}
END_TEST

START_TEST(test_bad_text)
{
	static const char *const bad[][2] = {
		{ "", "a unit is missing: write one" },
		{ "  ", "a unit is missing" },
		{ "CNY/", "the name of a unit is missing" },
		{ "/g", "" },
		{ "CNY//g", "the name of a unit is missing, at \"/g\"" },
		{ "CNY+g", "multiplies and divides only" },
		{ "CNY g", "multiplies and divides only" },
		{ "cny/g", "in capitals, such as CNY" },
		{ "CNY/ton", "write t (1,000 kg)" },
		{ "CNY/gram", "write g" },
		{ "USD/toz", "write ozt" },
		{ "USD/barrel", "write bbl" },
		{ "USD/OZ", "write ozt (troy) or oz (avoirdupois)" },
		{ "5 lots", "write contract" },
		{ "0 g", "above zero" },
		{ "-1 g", "is missing" },
		{ "1.2.3 g", "above zero" },
		{ "99999999999999999999 g", "does not fit" },
		{ "100ozt", "is no unit" },
		{ "g^9", "a power is a digit from 1 to 8" },
		{ "g^", "a power is a digit" },
		{ "ABCDEFGHIJKLMNOP", "too long" },
		{ "g^8*g^8*g^8*g^8*g^8", "powers to 32" },
	};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct unit u = { .n = 77 };
		int rc = unit_parse(bad[i][0], strlen(bad[i][0]), &u);
		if (!bad[i][1][0]) { /* "/g" is 1/g */
			ck_assert_int_eq(rc, 0);
			continue;
		}
		ck_assert_msg(rc == -ERR_PARSE || rc == -ERR_RANGE, "%s", bad[i][0]);
		ck_assert_msg(strstr(err_text(), bad[i][1]), "%s: %s", bad[i][0], err_text());
		ck_assert_int_eq(u.n, 77); /* untouched */
	}
}
END_TEST

START_TEST(test_formats_and_reads_back)
{
	static const char *const text[][2] = {
		{ "CNY/g", "CNY/g" },
		{ "1/g", "1/g" },
		{ "CNY/CNH*USD/ozt", "CNY·USD/CNH/ozt" },
		{ "100 ozt", "100 ozt" },
		{ "0.5 kg / g", "0.5 kg/g" },
		{ "g*g*g", "g^3" },
		{ "1", "1" },
		{ "42", "42" },
		{ "g/g", "1" },
		{ "g^8*g^4/m3^8/m3", "g^8·g^4/m3^8/m3" },
	};
	for (size_t i = 0; i < sizeof text / sizeof *text; i++) {
		struct unit u, again;
		char out[UNIT_TEXT];
		int64_t num, den;
		ck_assert_int_eq(unit_parse(text[i][0], strlen(text[i][0]), &u), 0);
		ck_assert_uint_eq(unit_format(&u, out), strlen(out));
		ck_assert_str_eq(out, text[i][1]);
		ck_assert_msg(unit_parse(out, strlen(out), &again) == 0, "%s: %s", out, err_text());
		ck_assert_int_eq(unit_ratio_of(&u, &again, &num, &den), 0);
		ck_assert(num == 1 && den == 1);
	}
}
END_TEST

START_TEST(test_factors_that_do_not_fit)
{
	int64_t num, den;
	ck_assert_int_eq(unit_ratio("MMBtu^8", "J^8", &num, &den), -ERR_RANGE);
	ck_assert(strstr(err_text(), "does not fit") != NULL);
}
END_TEST

/* What a price is worth depends on what exposure is counted in. */
START_TEST(test_notional)
{
	int64_t num, den;
	ck_assert_int_eq(unit_notional("", "g", "XAU", "CNY", &num, &den), 0);
	ck_assert(num == 1 && den == 1);
	ck_assert_int_eq(unit_notional("CNY/g", "g", "XAU", "CNY", &num, &den), 0);
	ck_assert(num == 1 && den == 1);
	ck_assert_int_eq(unit_notional("USD/ozt", "g", "XAU", "USD", &num, &den), 0);
	ck_assert(num == 625000 && den == 19439673);
	ck_assert_int_eq(unit_notional("USc/lb", "t", "CU", "USD", &num, &den), 0);
	ck_assert(num == 1000000000 && den == 45359237);
	ck_assert_int_eq(unit_notional("BTC/ETH", "", "ETH", "BTC", &num, &den), 0);
	ck_assert(num == 1 && den == 1);
	ck_assert_int_eq(unit_notional("CNY/g", "bbl", "XAU", "CNY", &num, &den), -ERR_ARG);
	ck_assert_int_eq(unit_notional("CNY/g", "g", "XAU", "CNH", &num, &den), -ERR_ARG);
}
END_TEST

START_TEST(test_siblings)
{
	ck_assert_str_eq(unit_sibling("ozt", 0), "g");
	ck_assert_str_eq(unit_sibling("gal", 1), "m3");
	ck_assert(unit_sibling("CNY", 0) == NULL && unit_sibling("g", 99) == NULL);
}
END_TEST

SUITE("unit", test_exact_factors, test_gold, test_not_alike, test_bad_text,
      test_formats_and_reads_back, test_factors_that_do_not_fit, test_notional, test_siblings)
