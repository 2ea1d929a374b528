/* Proves that DIFF's numbers are read as the doubles that were printed, that patches change what they name and null takes back, and that broken ones are told. */
#include "adapters/codec/diff_patch.h"
#include "core/base/err.h"
#include "tests/unit/suite.h"

struct thing {
	char text[8];
	int64_t count, px_e8;
	uint8_t word, flag;
};
static const char *const words[] = { "BUY", "SELL", NULL };
static const struct diff_field fields[] = {
	{ "text", DIFF_TEXT, DIFF_AT(struct thing, text), NULL },
	{ "count", DIFF_INT, DIFF_AT(struct thing, count), NULL },
	{ "px", DIFF_E8, DIFF_AT(struct thing, px_e8), NULL },
	{ "word", DIFF_WORD, DIFF_AT(struct thing, word), words },
	{ "flag", DIFF_BOOL, DIFF_AT(struct thing, flag), NULL },
};

static struct json_value value_of(const char *text)
{
	struct json_scan j;
	struct json_value v;
	json_scan_init(&j, text, strlen(text));
	ck_assert(json_take(&j, &v));
	return v;
}

static int apply(struct thing *t, const char *text, uint64_t *named)
{
	const char *why;
	struct json_value v = value_of(text);
	return diff_apply(fields, 5, &v, t, named, &why);
}

START_TEST(test_numbers)
{
	static const struct {
		const char *text;
		bool ok;
		int64_t e8;
	} row[] = {
		{ "36580.0", true, 3658000000000 },
		{ "442.26", true, 44226000000 },
		{ "9963216.550000003", true, 996321655000000 },
		{ "0.048482375", true, 4848238 },
		{ "-12.5", true, -1250000000 },
		{ "1e-05", true, 1000 },
		{ "1.5e+3", true, 150000000000 },
		{ "4e-9", true, 0 },
		{ "5e-9", true, 1 },
		{ "0", true, 0 },
		{ "9.2e9", true, 920000000000000000 },
		{ "92e9", false, 0 }, /* more than 18 digits: refused rather than bent */
		{ "1e12", false, 0 },
		{ "1e400", false, 0 },
		{ "\"-\"", true, DIFF_NONE },
		{ "\"NaN\"", true, DIFF_NONE },
		{ "\"\"", true, DIFF_NONE },
		{ "null", true, DIFF_NONE },
		{ "\"12.5\"", true, 1250000000 },
		{ "\"12,5\"", false, 0 },
		{ "true", false, 0 },
		{ "[]", false, 0 },
	};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		int64_t got = 0;
		struct json_value v = value_of(row[i].text);
		bool ok = diff_e8(&v, &got);
		ck_assert_msg(ok == row[i].ok, "%s", row[i].text);
		if (ok)
			ck_assert_msg(got == row[i].e8, "%s is %lld", row[i].text, (long long)got);
	}
}
END_TEST

START_TEST(test_scale)
{
	int64_t px;
	ck_assert(diff_scale(44226000000, 2, &px) && px == 44226);
	ck_assert(diff_scale(44226000003, 2, &px) &&
		  px == 44226); /* what a sum of doubles leaves */
	ck_assert(!diff_scale(44226500000, 2, &px));
	ck_assert(!diff_scale(DIFF_NONE, 2, &px));
}
END_TEST

START_TEST(test_patches)
{
	struct thing t;
	uint64_t named;
	diff_clear(fields, 5, &t);
	ck_assert_int_eq(t.count, DIFF_NONE);
	ck_assert_int_eq(
		apply(&t,
		      "{\"text\":\"abc\",\"count\":6,\"px\":1.5,\"word\":\"SELL\",\"flag\":true,\"more\":{\"a\":[1]}}",
		      &named),
		0);
	ck_assert_uint_eq(named, 31);
	ck_assert_str_eq(t.text, "abc");
	ck_assert_int_eq(t.count, 6);
	ck_assert_uint_eq(t.word, 2);
	ck_assert_uint_eq(t.flag, 1);
	/* Only what is named changes; null takes back; a count may be a double or say nothing. */
	ck_assert_int_eq(apply(&t, "{\"text\":null,\"count\":7.0}", &named), 0);
	ck_assert_uint_eq(named, 3);
	ck_assert_str_eq(t.text, "");
	ck_assert_int_eq(t.count, 7);
	ck_assert_int_eq(t.px_e8, 150000000);
	ck_assert_int_eq(apply(&t, "{\"count\":\"-\",\"word\":\"HOLD\"}", NULL), 0);
	ck_assert_int_eq(t.count, DIFF_NONE);
	ck_assert_uint_eq(t.word, 0);
}
END_TEST

START_TEST(test_broken)
{
	struct thing t;
	diff_clear(fields, 5, &t);
	ck_assert_int_eq(apply(&t, "{\"count\":6.5}", NULL), -ERR_PARSE);
	ck_assert_int_eq(apply(&t, "{\"text\":5}", NULL), -ERR_PARSE);
	ck_assert_int_eq(apply(&t, "{\"flag\":1}", NULL), -ERR_PARSE);
	ck_assert_int_eq(apply(&t, "[1]", NULL), -ERR_PARSE);
}
END_TEST

SUITE("diff_patch", test_numbers, test_scale, test_patches, test_broken)
