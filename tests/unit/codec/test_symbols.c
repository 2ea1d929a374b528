/* Proves that a venue's symbol finds its instrument in either case, and nothing else does. */
#include "adapters/codec/symbols.h"
#include "core/base/err.h"
#include "tests/unit/suite.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { MANY = 500 };

static struct instrument instrument[MANY];

static void fill(uint32_t n)
{
	memset(instrument, 0, sizeof(instrument));
	for (uint32_t i = 0; i < n; i++) {
		snprintf(instrument[i].symbol, sizeof(instrument[i].symbol),
			 i % 3 ? "S%uUSDT" : "LONGSYMBOL%u_260327", i);
		instrument[i].venue = (uint16_t)(i % 2);
		instrument[i].px_dp = (uint8_t)(i % 9);
	}
}

START_TEST(finds_each_in_either_case)
{
	struct symbols t;
	fill(MANY);
	ck_assert_int_eq(symbols_init(&t, instrument, MANY, 1), 0);
	ck_assert_uint_eq(t.n, MANY / 2);
	for (uint32_t i = 0; i < MANY; i++) {
		char lower[32] = "";
		size_t n = strlen(instrument[i].symbol);
		for (size_t k = 0; k < n; k++)
			lower[k] = (char)tolower(instrument[i].symbol[k]);
		const struct symbol *s = symbols_find(&t, instrument[i].symbol, n);
		ck_assert(symbols_find(&t, lower, n) == s);
		ck_assert((s != NULL) == (i % 2 == 1));
		if (s)
			ck_assert(s->instrument == i && s->px_dp == i % 9);
		ck_assert(!symbols_find(&t, instrument[i].symbol, n - 1) || i % 2 || i > 9);
	}
	symbols_free(&t);
}
END_TEST

START_TEST(finds_nothing_else)
{
	static const char *const strange[] = { "",
					       "S1USD",
					       "S1USDTT",
					       "1S",
					       "\xff\xfe",
					       "LONGSYMBOL",
					       "S1USDT@depth",
					       "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOP" };
	struct symbols t;
	fill(10);
	ck_assert_int_eq(symbols_init(&t, instrument, 10, 1), 0);
	for (size_t i = 0; i < sizeof(strange) / sizeof(*strange); i++)
		ck_assert_msg(!symbols_find(&t, strange[i], strlen(strange[i])), "%s", strange[i]);
	symbols_free(&t);
	ck_assert(!symbols_find(&t, "S1USDT", 6));
}
END_TEST

START_TEST(refuses_two_of_a_name_and_none)
{
	struct symbols t;
	fill(4);
	strcpy(instrument[3].symbol, "s1usdt");
	ck_assert_int_eq(symbols_init(&t, instrument, 4, 1), -ERR_EXISTS);
	fill(4);
	instrument[1].symbol[0] = '\0';
	ck_assert_int_eq(symbols_init(&t, instrument, 4, 1), -ERR_ARG);
	ck_assert_int_eq(symbols_init(&t, instrument, 0, 1), 0);
	ck_assert(!symbols_find(&t, "X", 1));
	symbols_free(&t);
}
END_TEST

SUITE("symbols", finds_each_in_either_case, finds_nothing_else, refuses_two_of_a_name_and_none)
