/* Proves that what is written is JSON that says the same to another library (jansson), numbers to
 * the last bit and in their fewest digits, and that a small buffer is never overrun. */
#include "core/base/dec.h"
#include "core/base/json_out.h"
#include "core/base/rng.h"
#include "tests/unit/suite.h"
#include <float.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static json_t *read_back(const struct json_out *j)
{
	json_error_t e;
	json_t *doc = json_loadb(j->buf, j->len, JSON_DECODE_ANY | JSON_ALLOW_NUL, &e);
	ck_assert_msg(doc != NULL, "%s: %.*s", e.text, (int)j->len, j->buf);
	return doc;
}

START_TEST(a_document_in_full)
{
	char buf[512];
	struct json_out j;
	json_out_init(&j, buf, sizeof(buf));
	json_obj(&j, NULL);
	json_str(&j, "name", "au \"gc\"\n\\");
	json_arr(&j, "legs");
	json_int(&j, NULL, INT64_MIN);
	json_uint(&j, NULL, UINT64_MAX);
	json_obj(&j, NULL);
	json_obj_end(&j);
	json_arr(&j, NULL);
	json_arr_end(&j);
	json_arr_end(&j);
	json_bool(&j, "on", true);
	json_bool(&j, "off", false);
	json_none(&j, "none");
	json_str(&j, "absent", NULL);
	json_dec(&j, "px", 6183764000000, 8);
	json_dec(&j, "qty", -50000000, 8);
	json_num(&j, "bp", 12.5);
	json_num(&j, "nan", NAN);
	json_num(&j, "inf", -INFINITY);
	json_strn(&j, "a\tb", "x\0y", 3);
	json_obj_end(&j);
	ck_assert(!j.full);
	ck_assert_str_eq(buf, "{\"name\":\"au \\\"gc\\\"\\n\\\\\",\"legs\":[-9223372036854775808,"
			      "18446744073709551615,{},[]],\"on\":true,\"off\":false,\"none\":null,"
			      "\"absent\":null,\"px\":61837.64,\"qty\":-0.5,\"bp\":12.5,"
			      "\"nan\":null,\"inf\":null,\"a\\tb\":\"x\\u0000y\"}");
	ck_assert_uint_eq(j.len, strlen(buf));
}
END_TEST

/* One random scalar, written with json_out; jansson's twin of it is returned. */
static json_t *scalar(struct rng *r, struct json_out *j, const char *key)
{
	int64_t v = (int64_t)(rng_next(r) >> rng_below(r, 64));
	char text[12];
	size_t n = rng_below(r, sizeof(text));
	switch (rng_below(r, 5)) {
	case 0:
		json_int(j, key, v);
		return json_integer(v);
	case 1:
		json_bool(j, key, v & 1);
		return json_boolean(v & 1);
	case 2:
		json_none(j, key);
		return json_null();
	case 3: {
		/* Never whole: jansson would read it back as an integer, which is another type. */
		double d = (double)(v & 0xffffff) + 0.1;
		json_num(j, key, d);
		return json_real(d);
	}
	default:
		for (size_t i = 0; i < n; i++)
			text[i] = (char)rng_below(r, 128);
		json_strn(j, key, text, n);
		return json_stringn(text, n);
	}
}

/* A random tree, written and built at once. */
static json_t *tree(struct rng *r, struct json_out *j, const char *key, int depth)
{
	if (depth == 0 || rng_chance(r, 300000))
		return scalar(r, j, key);
	bool object = rng_chance(r, 500000);
	json_t *node = object ? json_object() : json_array();
	(object ? json_obj : json_arr)(j, key);
	for (uint64_t i = 0, n = rng_below(r, 5); i < n; i++) {
		char name[16];
		snprintf(name, sizeof(name), "k\"%u\n", (unsigned)i);
		json_t *child = tree(r, j, object ? name : NULL, depth - 1);
		int rc = object ? json_object_set_new(node, name, child)
				: json_array_append_new(node, child);
		ck_assert_int_eq(rc, 0);
	}
	(object ? json_obj_end : json_arr_end)(j);
	return node;
}

START_TEST(random_trees_read_back_alike)
{
	static char buf[1 << 18];
	struct rng r;
	rng_seed(&r, 1);
	for (int i = 0; i < 1000; i++) {
		struct json_out j;
		json_out_init(&j, buf, sizeof(buf));
		json_t *meant = tree(&r, &j, NULL, 5);
		EXPECT(!j.full && j.depth == 0);
		json_t *doc = read_back(&j);
		EXPECT_MSG(json_equal(doc, meant), "%s", buf);
		json_decref(doc);
		json_decref(meant);
	}
}
END_TEST

START_TEST(any_bytes_become_valid_text)
{
	struct rng r;
	rng_seed(&r, 2);
	unsigned valid = 0, mended = 0;
	static const char pieces[][5] = { "\xc3\xa9",	      "\xe5\xaf\xb9",
					  "\xf0\x9f\x98\x80", "\xed\xa0\x80",
					  "\xc0\xaf",	      "\xf4\x90\x80\x80",
					  "\xf4\x8f\xbf\xbf", "\xe0\x80\x80",
					  "\xef\xbf\xbf",     "\xff",
					  "\xe0\xa0\x80",     "\xf0\x80\x80\x80",
					  "\xed\x9f\xbf",     "\xf0\x90\x80\x80" };
	for (int i = 0; i < 50000; i++) {
		char s[24];
		size_t n = 0;
		for (uint64_t k = rng_below(&r, 4); k > 0; k--) {
			const char *p = pieces[rng_below(&r, sizeof(pieces) / sizeof(pieces[0]))];
			/* At times cut short, so that a sequence ends early. */
			size_t len = strlen(p) - (rng_chance(&r, 100000) ? 1 : 0);
			memcpy(s + n, p, len);
			n += len;
			if (rng_chance(&r, 300000))
				s[n++] = (char)rng_below(&r, 256);
		}
		char *exact = malloc(n ? n : 1); /* a sanitizer sees a read past it */
		memcpy(exact, s, n);
		char buf[256];
		struct json_out j;
		json_out_init(&j, buf, sizeof(buf));
		json_strn(&j, NULL, exact, n);
		/* jansson makes a string of valid UTF-8 only. */
		json_t *doc = read_back(&j), *same = json_stringn(s, n);
		bool marked = strstr(buf, "\xef\xbf\xbd") != NULL;
		EXPECT(same ? json_equal(doc, same) : marked);
		valid += same != NULL;
		mended += same == NULL;
		json_decref(doc);
		json_decref(same);
		free(exact);
	}
	ck_assert_uint_gt(valid, 5000);
	ck_assert_uint_gt(mended, 5000);
}
END_TEST

START_TEST(each_byte_that_is_not_utf8_becomes_one_mark)
{
	char buf[64];
	struct json_out j;
	json_out_init(&j, buf, sizeof(buf));
	json_str(&j, NULL, "a\xff\xc3(\xe5\xaf");
	ck_assert_str_eq(buf, "\"a\xef\xbf\xbd\xef\xbf\xbd(\xef\xbf\xbd\xef\xbf\xbd\"");
}
END_TEST

/* Significant digits of a number's text. */
static int digits_of(const char *s)
{
	char only[32];
	int n = 0;
	for (; *s && *s != 'e'; s++)
		if (*s >= '0' && *s <= '9' && (n > 0 || *s != '0'))
			only[n++] = *s;
	while (n > 1 && only[n - 1] == '0')
		n--;
	return n;
}

static void number_reads_back(double d)
{
	char buf[40], shorter[320];
	struct json_out j;
	json_out_init(&j, buf, sizeof(buf));
	json_num(&j, NULL, d);
	double back = strtod(buf, NULL);
	EXPECT_MSG(memcmp(&back, &d, sizeof(d)) == 0, "%.17g became %s", d, buf);
	json_error_t e;
	json_t *doc = json_loadb(buf, j.len, JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL, &e);
	EXPECT_MSG(doc && json_real_value(doc) == d, "%.17g became %s", d, buf);
	json_decref(doc);
	for (int k = 1; k < digits_of(buf); k++) {
		snprintf(shorter, sizeof(shorter), "%.*g", k, d);
		EXPECT_MSG(strtod(shorter, NULL) != d, "%s, though %s will do", buf, shorter);
	}
}

START_TEST(numbers_are_exact_and_short)
{
	static const double edges[] = { 0.0,	 -0.0,	  0.1,	   1e22,   1e23,   5e-324, DBL_MIN,
					DBL_MAX, 0x1p-44, 1e-5,	   123456, 1e15,   1e16,   1e21,
					1e100,	 -1e-100, 1.0 / 3, 0x1p53, 2e-310, 0.3,	   100 };
	for (size_t i = 0; i < sizeof(edges) / sizeof(edges[0]); i++)
		number_reads_back(edges[i]);
	struct rng r;
	rng_seed(&r, 3);
	for (int i = 0; i < 20000; i++) {
		uint64_t bits = rng_next(&r) >> (i % 8 == 0 ? 12 + rng_below(&r, 50) : 0);
		double d;
		memcpy(&d, &bits, sizeof(d));
		if (isfinite(d))
			number_reads_back(d);
		number_reads_back((double)rng_range(&r, -1000000, 1000000) /
				  (double)dec_pow10[rng_below(&r, 7)]);
	}
}
END_TEST

START_TEST(exponents_carry_nothing_needless)
{
	static const struct {
		double d;
		const char *text;
	} cases[] = { { 1e22, "1e22" },		  { 1e-5, "1e-5" },	{ 1e100, "1e100" },
		      { -2.5e-300, "-2.5e-300" }, { 100000, "100000" }, { 5e-324, "5e-324" } };
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char buf[40];
		struct json_out j;
		json_out_init(&j, buf, sizeof(buf));
		json_num(&j, NULL, cases[i].d);
		ck_assert_str_eq(buf, cases[i].text);
	}
}
END_TEST

/* The same document into any room. */
static void sample(struct json_out *j)
{
	json_obj(j, NULL);
	json_str(j, "text", "ab\n\xff\xc3\xa9");
	json_arr(j, "list");
	json_num(j, NULL, -1.25e-9);
	json_uint(j, NULL, 7);
	json_arr_end(j);
	json_bool(j, "ok", false);
	json_obj_end(j);
}

START_TEST(a_small_buffer_holds_a_true_prefix)
{
	char whole[128];
	struct json_out j;
	json_out_init(&j, whole, sizeof(whole));
	sample(&j);
	size_t len = j.len;
	for (size_t cap = 1; cap <= len + 1; cap++) {
		char *buf = malloc(cap);
		json_out_init(&j, buf, cap);
		sample(&j);
		ck_assert_int_eq(j.full, cap <= len);
		ck_assert_uint_lt(j.len, cap);
		ck_assert_mem_eq(buf, whole, j.len);
		ck_assert_int_eq(buf[j.len], 0);
		ck_assert_uint_eq(j.depth, 0);
		free(buf);
	}
}
END_TEST

START_TEST(the_deepest_nesting_reads_back)
{
	char buf[256];
	struct json_out j;
	json_out_init(&j, buf, sizeof(buf));
	for (int i = 0; i < 31; i++)
		json_arr(&j, NULL);
	json_int(&j, NULL, 1);
	json_int(&j, NULL, 2);
	for (int i = 0; i < 31; i++)
		json_arr_end(&j);
	json_decref(read_back(&j));
	ck_assert_ptr_nonnull(strstr(buf, "[[1,2]]"));
}
END_TEST

SUITE("json_out", a_document_in_full, random_trees_read_back_alike, any_bytes_become_valid_text,
      each_byte_that_is_not_utf8_becomes_one_mark, numbers_are_exact_and_short,
      exponents_carry_nothing_needless, a_small_buffer_holds_a_true_prefix,
      the_deepest_nesting_reads_back)
