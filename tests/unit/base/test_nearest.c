/* Proves that a word that was written wrong finds the one that was meant, and that a word that is far from all finds none. */
#include "core/base/nearest.h"
#include "tests/unit/suite.h"
#include <string.h>

static const char *const words[] = { "seq",	 "side",    "state",	  "price",
				     "limit_px", "cum_qty", "instrument", "instance" };

static const char *meant(const char *word)
{
	struct nearest s = { .word = word, .n = strlen(word) };
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		nearest_try(&s, words[i]);
	return s.found ? s.found : "(none)";
}

START_TEST(letters_wrong)
{
	ck_assert_str_eq(meant("price"), "price");
	ck_assert_str_eq(meant("pirce"), "price"); /* swapped */
	ck_assert_str_eq(meant("prices"), "price");
	ck_assert_str_eq(meant("limit-px"), "limit_px");
	ck_assert_str_eq(meant("cumqty"), "cum_qty");
	ck_assert_str_eq(meant("instrment"), "instrument");
	ck_assert_str_eq(meant("sid"), "side"); /* as near as "seq" is not */
	ck_assert_str_eq(meant("stat"), "state");
}
END_TEST

START_TEST(another_word)
{
	static char longer[200];
	memset(longer, 'a', sizeof longer - 1);
	ck_assert_str_eq(meant("leverage"), "(none)");
	ck_assert_str_eq(meant("x"), "(none)");
	ck_assert_str_eq(meant(""), "(none)");
	ck_assert_str_eq(meant(longer), "(none)");
}
END_TEST

SUITE("nearest", letters_wrong, another_word)
