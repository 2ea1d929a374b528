/* Proves that the scanner takes what RFC 8259 allows and nothing else, as jansson does, and that values, members and texts come out as sent. */
#include "adapters/codec/json_scan.h"
#include "core/base/rng.h"
#include "tests/unit/suite.h"
#include <jansson.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* The whole text read token by token; the buffer is exactly as long as the text, so that a byte beyond it is seen. */
static bool scans(const char *text, size_t n)
{
	char *exact = malloc(n ? n : 1);
	struct json_scan j;
	enum json_token t;
	memcpy(exact, text, n);
	json_scan_init(&j, exact, n);
	do
		t = json_next(&j);
	while (t != TOKEN_NONE && t != TOKEN_END);
	ck_assert((t == TOKEN_NONE) == (j.error != NULL));
	free(exact);
	return t == TOKEN_END;
}

static const struct {
	const char *text;
	bool ok;
} cases[] = {
	{ "{}", true },
	{ "[]", true },
	{ "null", true },
	{ " true ", true },
	{ "\t\r\n[1 , 2]\n", true },
	{ "{\"a\":{\"b\":[{},[],\"\"]}}", true },
	{ "0", true },
	{ "-0", true },
	{ "-12.5e+10", true },
	{ "1E-2", true },
	{ "\"\\u00e9\\n\\\"\\/\\ud83d\\ude00\"", true },
	{ "\"\xc3\xa9\xe4\xbd\xa0\xf0\x9f\x98\x80\"", true },
	{ "{\"a\":1,\"a\":2}", true },
	{ "", false },
	{ " ", false },
	{ "{", false },
	{ "[1,]", false },
	{ "[,1]", false },
	{ "{\"a\":1,}", false },
	{ "{\"a\" 1}", false },
	{ "{\"a\":}", false },
	{ "{a:1}", false },
	{ "{1:1}", false },
	{ "[1 2]", false },
	{ "[1}", false },
	{ "{\"a\":1]", false },
	{ "]", false },
	{ "01", false },
	{ "-", false },
	{ "1.", false },
	{ ".5", false },
	{ "+1", false },
	{ "1e", false },
	{ "1e+", false },
	{ "0x10", false },
	{ "NaN", false },
	{ "Infinity", false },
	{ "tru", false },
	{ "truee", false },
	{ "nul", false },
	{ "\"", false },
	{ "\"\\", false },
	{ "\"\\x\"", false },
	{ "\"\\u12g4\"", false },
	{ "\"\\ud800\"", false },
	{ "\"\\udc00\"", false },
	{ "\"\\ud800\\u0041\"", false },
	{ "\"a\nb\"", false },
	{ "\"\x7f\"", true },
	{ "\"\xc0\x80\"", false },
	{ "\"\xed\xa0\x80\"", false },
	{ "\"\xf5\x80\x80\x80\"", false },
	{ "\"\xe4\xbd\"", false },
	{ "\"\x80\"", false },
	{ "1 1", false },
	{ "{} x", false },
	{ "// c\n1", false },
	{ "'a'", false },
};

START_TEST(grammar)
{
	for (size_t i = 0; i < COUNT(cases); i++)
		ck_assert_msg(scans(cases[i].text, strlen(cases[i].text)) == cases[i].ok, "%s",
			      cases[i].text);
}
END_TEST

START_TEST(depth_is_bounded)
{
	char text[2 * JSON_DEPTH_MAX + 3];
	for (unsigned extra = 0; extra < 2; extra++) {
		unsigned n = JSON_DEPTH_MAX + extra;
		memset(text, '[', n);
		memset(text + n, ']', n);
		ck_assert(scans(text, 2 * n) == !extra);
	}
}
END_TEST

START_TEST(every_cut_is_an_error)
{
	static const char text[] =
		"{\"stream\":\"x@y\",\"data\":{\"a\":[\"1.5\",-2e3,true,null,{\"\\u00e9\":\"\xc3\xa9\"}]}}";
	for (size_t n = 0; n < sizeof(text) - 1; n++)
		ck_assert(!scans(text, n));
	ck_assert(scans(text, sizeof(text) - 1));
}
END_TEST

/* jansson refuses numbers that its types cannot hold and the zero byte in texts, which are not ours to refuse here. */
static bool comparable(const char *p, size_t n)
{
	size_t digits = 0;
	for (size_t i = 0; i < n; i++) {
		digits = p[i] >= '0' && p[i] <= '9' ? digits + 1 : 0;
		if (digits > 15 || (p[i] | 0x20) == 'e')
			return false;
	}
	return !memmem(p, n, "u0000", 5);
}

START_TEST(agrees_with_jansson_on_mutations)
{
	static const char *const seeds[] = {
		"{\"a\":[1,2.5,-3],\"b\":{\"c\":\"d\\n\\u0041\",\"f\":null},\"g\":true}",
		"[[\"61837.64\",\"0.10\"],[\"1\",\"2\"],[]]",
		"{\"x\":\"\xc3\xa9\\ud83d\\ude00\",\"y\":[{},{\"z\":false}]}",
	};
	static const char bytes[] = "{}[]\",:\\u019.-+tfn \n\x01\x80\xc3\xed";
	struct rng r;
	unsigned agreed = 0, good = 0;
	rng_seed(&r, 11);
	for (int i = 0; i < 60000; i++) {
		char text[128];
		const char *seed = seeds[rng_below(&r, COUNT(seeds))];
		size_t n = strlen(seed);
		memcpy(text, seed, n);
		for (uint64_t k = rng_below(&r, 3) + 1; k; k--)
			text[rng_below(&r, n)] = bytes[rng_below(&r, sizeof(bytes) - 1)];
		if (!comparable(text, n))
			continue;
		json_error_t err;
		json_t *root = json_loadb(text, n, JSON_DECODE_ANY, &err);
		bool ours = scans(text, n);
		EXPECT_MSG(ours == (root != NULL), "%.*s: ours %d, jansson %s", (int)n, text, ours,
			   err.text);
		agreed++;
		good += ours;
		json_decref(root);
	}
	ck_assert_uint_gt(agreed, 20000);
	ck_assert_uint_gt(good, 1000);
}
END_TEST

START_TEST(takes_values_whole)
{
	static const char text[] = "[ {\"a\" : [1, {}]} , \"x\\\"y\", -1.50, null ]";
	struct json_scan j;
	struct json_value v;
	json_scan_init(&j, text, strlen(text));
	ck_assert_int_eq(json_next(&j), TOKEN_ARRAY);
	ck_assert(json_take(&j, &v) && v.token == TOKEN_OBJECT);
	ck_assert(v.n == 15 && !memcmp(v.p, "{\"a\" : [1, {}]}", 15));
	ck_assert(json_take(&j, &v) && v.token == TOKEN_STRING && v.escaped && v.n == 4);
	ck_assert(json_take(&j, &v) && v.token == TOKEN_NUMBER && v.n == 5);
	ck_assert(json_take(&j, &v) && v.token == TOKEN_NULL);
	ck_assert(!json_take(&j, &v) && v.token == TOKEN_ARRAY_END);
	ck_assert(!json_take(&j, &v) && v.token == TOKEN_END && !j.error);
}
END_TEST

START_TEST(finds_members_in_any_order)
{
	static const char text[] = "{\"z\":[1],\"b\":\"2\",\"a\":1}";
	static const char *const name[] = { "a", "b", "c" };
	struct json_value v[3];
	struct json_scan j;
	int64_t n;
	json_scan_init(&j, text, strlen(text));
	ck_assert(json_members(&j, name, v, 3) && json_next(&j) == TOKEN_END);
	ck_assert(json_int64(&v[0], &n) && n == 1);
	ck_assert(json_is(&v[1], "2") && json_int64(&v[1], &n) && n == 2);
	ck_assert_int_eq(v[2].token, TOKEN_NONE);
	ck_assert(!json_int64(&v[2], &n));
}
END_TEST

START_TEST(refuses_a_member_twice)
{
	static const char text[] = "{\"a\":1,\"q\":1,\"q\":2,\"a\":2}";
	static const char *const name[] = { "a" };
	struct json_value v[1], letters[JSON_LETTERS];
	struct json_scan j;
	json_scan_init(&j, text, strlen(text));
	ck_assert(!json_members(&j, name, v, 1) && j.error);
	json_scan_init(&j, text, strlen(text));
	ck_assert(!json_letters(&j, letters) && j.error);
}
END_TEST

START_TEST(an_absent_value_is_no_text)
{
	struct json_value absent = { 0 };
	struct json_scan j;
	json_scan_value(&j, &absent);
	ck_assert_int_eq(json_next(&j), TOKEN_NONE);
	ck_assert_ptr_nonnull(j.error);
}
END_TEST

START_TEST(letters_index_themselves)
{
	static const char text[] = "{\"A\":1,\"z\":2,\"ab\":3,\"_\":4,\"1\":5}";
	struct json_value v[JSON_LETTERS];
	struct json_scan j;
	int64_t n;
	json_scan_init(&j, text, strlen(text));
	ck_assert(json_letters(&j, v));
	ck_assert(json_int64(json_letter(v, 'A'), &n) && n == 1);
	ck_assert(json_int64(json_letter(v, 'z'), &n) && n == 2);
	ck_assert_int_eq(json_letter(v, 'b')->token, TOKEN_NONE);
}
END_TEST

START_TEST(letters_of_an_inner_object_come_in_the_same_pass)
{
	static const char text[] = "{\"e\":\"x\",\"o\":{\"e\":7,\"o\":{\"z\":1}},\"T\":9}";
	struct json_value out[JSON_LETTERS], in[JSON_LETTERS];
	struct json_scan j;
	int64_t n;
	json_scan_init(&j, text, strlen(text));
	ck_assert(json_letters_and(&j, out, 'o', in));
	ck_assert_int_eq(json_next(&j), TOKEN_END);
	ck_assert(json_is(json_letter(out, 'e'), "x"));
	ck_assert(json_int64(json_letter(out, 'T'), &n) && n == 9);
	ck_assert(json_letter(out, 'o')->token == TOKEN_OBJECT && json_letter(out, 'o')->n == 19);
	ck_assert(json_int64(json_letter(in, 'e'), &n) && n == 7);
	ck_assert(json_letter(in, 'o')->token == TOKEN_OBJECT && json_letter(in, 'o')->n == 7);
	ck_assert_int_eq(json_letter(in, 'z')->token, TOKEN_NONE);
}
END_TEST

START_TEST(an_inner_value_that_is_no_object_has_no_letters)
{
	static const char *const good[] = { "{\"o\":\"LIMIT\",\"a\":1}", "{\"a\":1}",
					    "{\"o\":[{\"a\":2}],\"a\":1}" };
	static const char *const bad[] = { "{\"o\":{\"a\":1},\"o\":{\"b\":1}}",
					   "{\"o\":1,\"o\":{}}",
					   "{\"o\":{},\"o\":1}",
					   "{\"o\":{\"a\":1,\"a\":2}}",
					   "{\"o\":{\"a\":1}",
					   "{\"o\":{\"a\"}}",
					   "{\"o\":}",
					   "[]" };
	struct json_value out[JSON_LETTERS], in[JSON_LETTERS];
	struct json_scan j;
	for (unsigned i = 0; i < COUNT(good); i++) {
		int64_t n;
		json_scan_init(&j, good[i], strlen(good[i]));
		ck_assert(json_letters_and(&j, out, 'o', in));
		ck_assert(json_int64(json_letter(out, 'a'), &n) && n == 1);
		ck_assert_int_eq(json_letter(in, 'a')->token, TOKEN_NONE);
	}
	for (unsigned i = 0; i < COUNT(bad); i++) {
		json_scan_init(&j, bad[i], strlen(bad[i]));
		ck_assert_msg(!json_letters_and(&j, out, 'o', in), "%s", bad[i]);
	}
}
END_TEST

START_TEST(integers_are_exact)
{
	static const struct {
		const char *text;
		bool ok;
		int64_t v;
	} ints[] = {
		{ "9223372036854775807", true, INT64_MAX },
		{ "-9223372036854775808", true, INT64_MIN },
		{ "9223372036854775808", false, 0 },
		{ "1.0", false, 0 },
		{ "1e3", false, 0 },
		{ "\"12\"", true, 12 },
		{ "\"1.0\"", false, 0 },
		{ "\"\"", false, 0 },
		{ "true", false, 0 },
		{ "\"\\u0031\"", false, 0 },
	};
	for (size_t i = 0; i < COUNT(ints); i++) {
		struct json_scan j;
		struct json_value v;
		int64_t n = 0;
		json_scan_init(&j, ints[i].text, strlen(ints[i].text));
		ck_assert(json_take(&j, &v));
		ck_assert_msg(json_int64(&v, &n) == ints[i].ok, "%s", ints[i].text);
		ck_assert(!ints[i].ok || n == ints[i].v);
	}
}
END_TEST

START_TEST(texts_are_resolved_and_cut_between_characters)
{
	static const char text[] = "\"a\\n\\u00e9\\ud83d\\ude00\xe4\xbd\xa0z\"";
	static const char whole[] = "a\n\xc3\xa9\xf0\x9f\x98\x80\xe4\xbd\xa0z";
	struct json_scan j;
	struct json_value v;
	char out[32];
	json_scan_init(&j, text, strlen(text));
	ck_assert(json_take(&j, &v));
	ck_assert_uint_eq(json_text(&v, out, sizeof(out)), strlen(whole));
	ck_assert_str_eq(out, whole);
	static const size_t ends[] = { 0, 1, 2, 4, 8, 11, 12 };
	for (size_t cap = 1; cap <= strlen(whole) + 1; cap++) {
		size_t n = json_text(&v, out, cap), most = 0;
		for (size_t i = 0; i < COUNT(ends); i++)
			most = ends[i] < cap ? ends[i] : most;
		ck_assert_uint_eq(n, most);
		ck_assert(out[n] == '\0' && !memcmp(out, whole, n));
	}
}
END_TEST

SUITE("json_scan", grammar, depth_is_bounded, every_cut_is_an_error,
      agrees_with_jansson_on_mutations, takes_values_whole, finds_members_in_any_order,
      refuses_a_member_twice, an_absent_value_is_no_text, letters_index_themselves,
      letters_of_an_inner_object_come_in_the_same_pass,
      an_inner_value_that_is_no_object_has_no_letters, integers_are_exact,
      texts_are_resolved_and_cut_between_characters)
