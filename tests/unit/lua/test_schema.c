/* Proves that a table of fields is all it takes to read a section: defaults, bounds, every type and size, and errors that say what to do. */
#include "core/ops/config.h"
#include "lua/schema.h"
#include "tests/unit/suite.h"
#include <stdio.h>
#include <string.h>

struct inner {
	int64_t delay_ns;
	uint8_t mode;
};

struct knobs {
	char name[8];
	char text[16];
	char file[32];
	bool on;
	int8_t i8;
	uint8_t u8;
	int32_t i32;
	uint64_t u64;
	int64_t lo, hi;
	uint8_t dp;
	int64_t price;
	int32_t ppm;
	int64_t ratio[2];
	int64_t at_ns;
	struct config_url url;
	char color[8];
	uint16_t venue;
	struct schema_measure size;
	int32_t clock, date;
	uint8_t days;
	struct inner inner;
};

#define TO(m) FIELD_TO(struct knobs, m)
static const char *const modes[] = { "slow", "fast", NULL };
static const char *const colors[] = { "red", "green", NULL };
static const char *const schemes[] = { "wss", "ws", NULL };

static const struct field inner_fields[] = {
	{ "delay", FIELD_DURATION, FIELD_TO(struct inner, delay_ns), .def = "2ms", .min = "1us",
	  .max = "1s", .doc = "how long it waits" },
	{ "mode", FIELD_ENUM, FIELD_TO(struct inner, mode), .def = "fast", .names = modes,
	  .doc = "how it goes" },
};
static const struct section inner = { "inner", "what is inside", inner_fields, 2, NULL };

static const struct field fields[] = {
	{ "name", FIELD_NAME, TO(name), .flags = FIELD_REQUIRED, .doc = "what it is called" },
	{ "text", FIELD_STRING, TO(text), .def = "none", .doc = "a remark" },
	{ "file", FIELD_PATH, TO(file), .doc = "where it is" },
	{ "on", FIELD_BOOL, TO(on), .def = "true", .doc = "whether it is on" },
	{ "i8", FIELD_INT, TO(i8), .def = "-1", .doc = "a small number" },
	{ "u8", FIELD_INT, TO(u8), .flags = FIELD_UNSIGNED, .doc = "a small number" },
	{ "i32", FIELD_INT, TO(i32), .min = "-5", .max = "5", .unit = "things", .doc = "a number" },
	{ "u64", FIELD_BYTES, TO(u64), .flags = FIELD_UNSIGNED, .doc = "a size" },
	{ "lo", FIELD_INT, TO(lo), .doc = "the least" },
	{ "hi", FIELD_INT, TO(hi), .def = "10", .doc = "the most" },
	{ "dp", FIELD_INT, TO(dp), .flags = FIELD_UNSIGNED, .def = "2", .max = "8",
	  .doc = "a scale" },
	{ "price", FIELD_DECIMAL, TO(price), .dp_at = (uint32_t)offsetof(struct knobs, dp),
	  .doc = "a price" },
	{ "ppm", FIELD_RATE, TO(ppm), .dp = 6, .doc = "a rate" },
	{ "ratio", FIELD_RATIO, TO(ratio), .def = "1/3", .doc = "a ratio" },
	{ "at", FIELD_TIME, TO(at_ns), .doc = "a time" },
	{ "url", FIELD_URL, TO(url), .names = schemes, .doc = "an address" },
	{ "color", FIELD_CHOICE, TO(color), .names = colors, .doc = "a color" },
	{ "venue", FIELD_REF, TO(venue), .flags = FIELD_UNSIGNED, .ref = 1, .doc = "a venue" },
	{ "size", FIELD_MEASURE, TO(size), .def = "1", .doc = "how much of it" },
	{ "clock", FIELD_CLOCK, TO(clock), .max = "24:00", .doc = "a time of day" },
	{ "date", FIELD_DATE, TO(date), .min = "2000-01-01", .doc = "a day" },
	{ "days", FIELD_DAYS, TO(days), .def = "mon-fri", .doc = "days of the week" },
	{ "inner", FIELD_SECTION, TO(inner), .sub = &inner, .doc = "what is inside" },
	{ "free", FIELD_TABLE, .doc = "anything" },
};
static const struct field_order order[] = { { "lo", "hi" }, { NULL, NULL } };
static const struct section knobs = { "knobs", "the knobs", fields,
				      sizeof(fields) / sizeof(fields[0]), order };

static struct config_errors errs;
static struct tree tree;
static struct schema schema;
static const char venues[3][16] = { "alpha", "beta", "gamma" };

static struct knobs read_text(const char *text)
{
	tree_free(&tree);
	ck_assert_int_eq(tree_parse("k.lua", "/etc/desk", text, strlen(text), &tree, &errs), 0);
	schema = (struct schema){ .tree = &tree, .errs = &errs };
	schema.list[1] = (struct schema_list){ "venue", venues, sizeof(venues[0]), 3 };
	struct knobs k = { .i32 = 99 };
	schema_read(&schema, tree.root, &knobs, &k);
	return k;
}

/* One error, with this text in it. */
static struct knobs wrong(const char *text, const char *says)
{
	struct knobs k = read_text(text);
	if (errs.n != 1)
		config_errors_print(&errs, stderr);
	ck_assert_uint_eq(errs.n, 1);
	ck_assert_msg(strstr(errs.error[0].text, says), "\"%s\" is not in \"%s\"", says,
		      errs.error[0].text);
	return k;
}

START_TEST(test_defaults)
{
	struct knobs k = read_text("return { name = 'x' }");
	ck_assert_uint_eq(errs.n, 0);
	ck_assert_str_eq(k.name, "x");
	ck_assert_str_eq(k.text, "none");
	ck_assert(k.on && k.i8 == -1 && k.hi == 10 && k.dp == 2);
	ck_assert(k.size.num == 1 && k.size.den == 1 && !k.size.unit[0] && k.days == 0x1f);
	ck_assert_int_eq(k.i32, 99); /* without a default it is left as it is */
	ck_assert_int_eq(k.ratio[0], 1);
	ck_assert_int_eq(k.ratio[1], 3);
	ck_assert_int_eq(k.inner.delay_ns, 2000000);
	ck_assert_uint_eq(k.inner.mode, 1);
}
END_TEST

START_TEST(test_every_type)
{
	struct knobs k = read_text(
		"return { name = 'a.b-c_', text = 'two words', file = './keys/k', on = false, i8 = -128, u8 = 255, i32 = -5,\n"
		"u64 = '1GiB', lo = 9, hi = 9223372036854775807, dp = 4, price = '-1.0625', ppm = '2.5bp', ratio = 0.25,\n"
		"at = '1970-01-02T00:00:00Z', url = 'ws://[::1]:99/p', color = 'green', venue = 'gamma',\n"
		"size = '100 ozt', clock = '23:59:59', date = '2026-10-01', days = 'sun-thu',\n"
		"inner = { delay = '1s', mode = 'slow' }, free = { 1, 2 } }");
	config_errors_print(&errs, stderr);
	ck_assert_uint_eq(errs.n, 0);
	ck_assert_str_eq(k.name, "a.b-c_");
	ck_assert_str_eq(k.file, "/etc/desk/keys/k");
	ck_assert(!k.on && k.i8 == -128 && k.u8 == 255 && k.i32 == -5 && k.u64 == 1u << 30);
	ck_assert_int_eq(k.lo, 9);
	ck_assert_int_eq(k.hi, INT64_MAX);
	ck_assert_int_eq(k.price, -10625);
	ck_assert_int_eq(k.ppm, 250);
	ck_assert(k.ratio[0] == 1 && k.ratio[1] == 4);
	ck_assert_int_eq(k.at_ns, 86400000000000);
	ck_assert(!strcmp(k.url.host, "::1") && k.url.port == 99 && !k.url.tls &&
		  !strcmp(k.url.path, "/p"));
	ck_assert_str_eq(k.color, "green");
	ck_assert_uint_eq(k.venue, 2);
	ck_assert(k.inner.delay_ns == 1000000000 && k.inner.mode == 0);
	ck_assert(k.size.num == 100 && k.size.den == 1 && !strcmp(k.size.unit, "ozt"));
	ck_assert(k.clock == 86399 && k.date == 20261001 && k.days == 0x4f);
}
END_TEST

START_TEST(test_wrong_values)
{
	wrong("return {}",
	      "the file has no \"name\"; it is what it is called; add name = ..., a name in quotes");
	wrong("return { name = 'x', i8 = 128 }", "i8 does not lie between -128 and 127");
	wrong("return { name = 'x', u8 = -1 }", "u8 does not lie between 0 and 255");
	wrong("return { name = 'x', i32 = 6 }",
	      "i32 is 6, more than 5; it is a number; write 5 or less");
	wrong("return { name = 'x', i32 = -6 }",
	      "i32 is -6, less than -5; it is a number; write -5 or more");
	wrong("return { name = 'x', hi = 9223372036854775808 }", "too large");
	wrong("return { name = '12345678' }", "name has 8 characters; there is room for 7");
	wrong("return { name = '' }", "which is no name");
	wrong("return { name = 'x', lo = 11 }", "the file: lo (11) is above hi (10)");
	wrong("return { name = 'x', price = '1.001' }", "price is 1.001, finer than 0.01");
	wrong("return { name = 'x', dp = 9 }", "dp is 9, more than 8");
	wrong("return { name = 'x', venue = 'betta' }", "did you mean \"beta\"?");
	wrong("return { name = 'x', venue = 'zzz' }", "there is no venue of that name");
	wrong("return { name = 'x', color = 'gren' }", "did you mean \"green\"?");
	wrong("return { name = 'x', inner = 5 }", "inner is a number, but must be a table");
	wrong("return { name = 'x', inner = { delya = '1s' } }",
	      "\"delya\" is no setting of inner");
	wrong("return { name = 'x', inner = { delay = '2s' } }",
	      "inner.delay is 2s, more than 1s; it is how long it waits; write \"1s\" or less");
	wrong("return { name = 'x', file = '/a/path/that/is/longer/than/there/is/room/for' }",
	      "longer than 31 characters");
	wrong("return { nmae = 'x' }",
	      "did you mean \"name\"?"); /* and not that name is missing as well */
	wrong("return { name = 'x', size = '1 ' }", "a number without its unit");
	wrong("return { name = 'x', size = '1 atoolongunit' }", "too long a name");
	wrong("return { name = 'x', size = '0 t' }", "no positive ratio");
	wrong("return { name = 'x', clock = '24:01' }",
	      "clock is 24:01, more than 24:00; it is a time of day; write \"24:00\" or less");
	wrong("return { name = 'x', clock = 9 }", "must be a time of day such as \"21:00\"");
	wrong("return { name = 'x', date = '1999-12-31' }", "less than 2000-01-01");
	wrong("return { name = 'x', days = 'mon-fry' }", "no days of the week");
	wrong("return { name = 'x', on = 1 }", "on is a number, but must be true or false");
}
END_TEST

START_TEST(test_wrong_value_keeps_the_default)
{
	struct knobs k = wrong("return { name = 'x', inner = { delay = '2' }, i8 = 5 }",
			       "a time without a unit");
	ck_assert_int_eq(k.inner.delay_ns, 2000000);
	ck_assert_int_eq(k.i8, 5); /* the rest was read */
}
END_TEST

START_TEST(test_lists_and_maps)
{
	read_text("return { name = 'x', free = { 1, 2 } }");
	const struct tree_node *list = tree_get(tree.root, "free");
	ck_assert(schema_is_list(&schema, list, "numbers"));
	ck_assert(schema_is_map(&schema, tree.root, "settings"));
	ck_assert_uint_eq(errs.n, 0);
	ck_assert(!schema_is_map(&schema, list, "settings"));
	ck_assert_ptr_nonnull(strstr(errs.error[0].text, "free has an entry without a name"));
	ck_assert(!schema_is_list(&schema, tree.root, "numbers"));
	ck_assert(!schema_is_list(&schema, tree_get(tree.root, "name"), "numbers"));
	ck_assert_uint_eq(errs.n, 3);
	ck_assert_int_eq(schema_find(&schema, list, 1, "beta"), 1);
	/* A list that could not be read has been told of. */
	ck_assert_int_eq(schema_find(&schema, list, 2, "beta"), -1);
	ck_assert_uint_eq(errs.n, 3);
}
END_TEST

START_TEST(test_explain_names_everything)
{
	char text[8192] = "";
	FILE *f = fmemopen(text, sizeof(text), "w");
	schema_explain(&knobs, f);
	fclose(f);
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		char line[64];
		snprintf(line, sizeof(line), "  knobs.%s: ", fields[i].key);
		ck_assert_msg(strstr(text, line), "%s", line);
		ck_assert_ptr_nonnull(strstr(text, fields[i].doc));
	}
	ck_assert_ptr_nonnull(
		strstr(text, "  knobs.inner.mode: \"slow\" or \"fast\"; default fast\n"));
	ck_assert_ptr_nonnull(
		strstr(text, "  knobs.i32: a whole number, -5 to 5, in things\n    a number\n"));
	ck_assert_ptr_nonnull(strstr(text, "  knobs.name: a name in quotes; required\n"));
	ck_assert_ptr_nonnull(strstr(
		text,
		"  knobs.inner.delay: a duration such as \"600ms\", 1us to 1s; default 2ms\n"));
}
END_TEST

SUITE("schema", test_defaults, test_every_type, test_wrong_values,
      test_wrong_value_keeps_the_default, test_lists_and_maps, test_explain_names_everything)
