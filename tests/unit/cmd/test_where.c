/* Proves that a condition holds for the receipts that it describes and for no other, that decimals are compared exactly, that what is written wrong is refused with a caret below the
 * place, and that what a condition says about where to look narrows the walk. */
#include "core/base/err.h"
#include "core/cmd/cmd.h"
#include "core/cmd/where.h"
#include "tests/unit/cmd/pair_story.h"
#include "tests/unit/cmd/run_verb.h"

static struct where where;

/* A fill: buy 0.01 at 61837.30, fee 0.06183, of leg 1. */
static struct fact fill(void)
{
	struct fact f;
	fact_init(&f, FACT_FILL);
	f.seq = 42;
	f.utc_ns = 1723161241000900000; /* 2024-08-08T23:54:01.0009 */
	f.pair = 0x0100010000000005;
	f.order = 0xb;
	f.leg = 1;
	f.side = SIDE_BUY;
	f.state = ORDER_FILLED;
	f.px_dp = 2;
	f.qty_dp = 5;
	f.px = 6183730;
	f.qty = 1000;
	f.fee_e8 = 6183000;
	f.num[0] = 1000;
	strcpy(f.exec, "X11");
	fact_text(&f, "IOC remainder, 100 %% of it");
	return f;
}

static const struct {
	const char *text;
	bool holds;
} cases[] = {
	{ "kind = fill", true },
	{ "kind != fill", false },
	{ "kind = order", false }, /* a kind, though also a field's name */
	{ "px = 61837.3", true },
	{ "px = 61837.30000000", true },
	{ "px != 61837.300", false },
	{ "px = 61837.300000000001", false },
	{ "px < 61837.300000000001", true },
	{ "px > 61837.29999999", true },
	{ "px >= 61837.30 and px <= 61837.30", true },
	{ "fee > 0.06182999", true },
	{ "fee > 0.06183", false },
	{ "qty = cum_qty", true },
	{ "qty < px", true },
	{ "leaves_qty < qty", true },
	{ "fee > -1", true },
	{ "seq = 42", true },
	{ "side = buy", true },
	{ "side = sell", false },
	{ "state = FILLED", true },
	{ "leg = 1", true },
	{ "pair = 100010000000005", true },
	{ "pair = 0x0100010000000005", true },
	{ "pair != 0100010000000005", false },
	{ "order < 0c and order > a", true },
	{ "pair ~ 0005", true },
	{ "exec = X11", true },
	{ "exec = x11", false },
	{ "exec ~ x1", true },
	{ "reason ~ 'ioc REMAINDER'", true },
	{ "reason ~ \"100 %\"", true },
	{ "time = 2024-08-08T23:54:01.0009", true },
	{ "time > 2024-08-08T23:54:01.0009", false },
	{ "time < 2024-08-08T23:54:01.000900001Z", true },
	{ "time >= 2024-08-09T07:54:01+08:00", true },
	{ "time = 1723161241000900000", true },
	{ "fee", true },
	{ "venue_order", false },
	{ "not venue_order", true },
	/* Of what it does not have, nothing holds; and of that, not. */
	{ "limit_px = 0", false },
	{ "limit_px != 0", false },
	{ "not limit_px != 0", true },
	{ "px < limit_px", false },
	/* not before and before or */
	{ "seq = 1 and seq = 2 or seq = 42", true },
	{ "seq = 42 or seq = 1 and seq = 2", true },
	{ "(seq = 42 or seq = 1) and seq = 2", false },
	{ "not seq = 1 and seq = 42", true },
	{ "not (seq = 1 or seq = 42)", false },
	{ "not not seq=42", true },
	{ "  ( ( seq=42 ) )  ", true },
};

START_TEST(what_holds)
{
	struct fact f = fill();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		where_all(&where);
		ck_assert_msg(where_parse(&where, cases[i].text) == 0, "%s", err_text());
		ck_assert_msg(where_holds(&where, NULL, &f) == cases[i].holds, "%s", cases[i].text);
	}
}
END_TEST

START_TEST(what_is_wrong)
{
	static const struct {
		const char *text, *said;
		unsigned caret;
	} row[] = {
		{ "", "a field's name is missing", 0 },
		{ "exce = X11", "did you mean \"exec\"", 0 },
		{ "seq > 1 and fe > 2", "did you mean \"fee\"", 12 },
		{ "side = byu", "did you mean \"buy\"", 7 },
		{ "kind != fil", "did you mean \"fill\"", 8 },
		{ "state = filled", "no receipt's state", 8 },
		{ "px > abc", "no receipt has a field \"abc\"", 5 },
		{ "px > side", "side is no number", 5 },
		{ "px > 1e5", "none that fits", 5 },
		{ "px > 99999999999999999999", "none that fits", 5 },
		{ "px ~ 5", "~ asks what a text contains", 5 },
		{ "pair = xyz", "16 hex digits", 7 },
		{ "pair = 00100010000000005", "16 hex digits", 7 },
		{ "time > yesterday", "is not a time", 7 },
		{ "time > -5m", "--from and --to take one", 7 },
		{ "px == 3", "a value is missing here", 4 },
		{ "px 3", "\"and\" or \"or\" is missing", 3 },
		{ "(px > 3 px", "\"and\", \"or\" or \")\" is missing", 8 },
		{ "px > 3 and", "a field's name is missing", 10 },
		{ "px > 3 and (seq = 1", "this is not closed", 11 },
		{ "px > 3)", "nothing was opened", 6 },
		{ "reason ~ 'open", "this quote is not closed", 9 },
		{ "px & 3", "this has no meaning here", 3 },
		{ "'px' > 3", "without quotes", 0 },
		{ "and px", "a field's name is missing", 0 },
		{ "reason ~ 撤单 and pxx > 1", "\"pxx\"; did you mean \"px\"", 16 },
	};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		where_all(&where);
		ck_assert_msg(where_parse(&where, row[i].text) == -ERR_PARSE, "%s was taken",
			      row[i].text);
		char want[200];
		snprintf(want, sizeof want, "\n  %s\n  %*s^", row[i].text, (int)row[i].caret, "");
		const char *said = err_text();
		ck_assert_msg(strstr(said, row[i].said) != NULL, "%s", said);
		ck_assert_msg(strlen(said) > strlen(want) &&
				      strcmp(said + strlen(said) - strlen(want), want) == 0,
			      "the caret of %s", said);
	}
}
END_TEST

/* `part` n times in a row. */
static const char *many(const char *part, unsigned n, const char *end)
{
	static char text[8192];
	text[0] = 0;
	while (n-- > 0)
		strcat(text, part);
	return strcat(text, end);
}

START_TEST(bounds)
{
	struct fact f = fill();
	where_all(&where);
	ck_assert_int_eq(where_parse(&where, many("seq = 42 and ", 31, "seq = 42")), 0);
	ck_assert(where_holds(&where, NULL, &f));
	static const struct {
		const char *part, *end, *said;
		unsigned n;
	} row[] = {
		{ "seq = 42 and ", "seq = 42", "one condition too many", 40 },
		{ "(", "seq", "too deep", 25 },
		{ "not ", "seq", "too deep", 200 },
		{ "reason ~ a_word_of_some_length or ", "seq", "too many words", 30 },
	};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		where_all(&where);
		ck_assert_int_eq(where_parse(&where, many(row[i].part, row[i].n, row[i].end)),
				 -ERR_PARSE);
		ck_assert_msg(strstr(err_text(), row[i].said) != NULL, "%s", err_text());
	}
	char word[ROW_TEXT + 40] = "reason = '";
	memset(word + 10, 'x', ROW_TEXT);
	strcpy(word + 10 + ROW_TEXT, "'");
	where_all(&where);
	ck_assert_int_eq(where_parse(&where, word), -ERR_PARSE);
	/* A long text is shown around the place that is wrong. */
	where_all(&where);
	ck_assert_int_eq(where_parse(&where, many("seq = 42 and ", 25, "sqe = 1")), -ERR_PARSE);
	ck_assert_ptr_nonnull(strstr(err_text(), "and sqe = 1\n"));
}
END_TEST

START_TEST(several_together)
{
	struct fact f = fill();
	where_all(&where);
	ck_assert(where_holds(&where, NULL, &f));
	ck_assert_int_eq(where_parse(&where, "seq = 1 or seq = 42"), 0);
	ck_assert_int_eq(where_and(&where, "side", WHERE_EQ, "buy"), 0);
	ck_assert(where_holds(&where, NULL, &f));
	ck_assert_int_eq(where_and(&where, "reason", WHERE_CONTAINS, "unwind"), 0);
	ck_assert(!where_holds(&where, NULL, &f));
	ck_assert_int_eq(where_and(&where, "side", WHERE_EQ, "byu"), -ERR_PARSE);
	ck_assert_ptr_null(strchr(err_text(), '\n'));
}
END_TEST

START_TEST(where_to_look)
{
	static const struct {
		const char *text;
		struct reader_filter want;
	} row[] = {
		{ "kind = fill and pair = 5 and fee > 1", { .kind = FACT_FILL, .pair = 5 } },
		{ "order = b and (pair = 5 or pair = 6)", { .order = 11 } },
		{ "not pair = 5", { 0 } },
		{ "pair != 5 or kind = fill", { 0 } },
		{ "pair ~ 5", { 0 } },
		{ "time >= 100 and time < 2000", { .utc_from = 100, .utc_to = 2000 } },
		{ "time > 100 and (time > 300 and time <= 900) and time < 2000",
		  { .utc_from = 300, .utc_to = 900 } },
		{ "time = 700", { .utc_from = 700, .utc_to = 700 } },
		{ "time != 700", { 0 } },
	};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct reader_filter f = { 0 };
		where_all(&where);
		ck_assert_int_eq(where_parse(&where, row[i].text), 0);
		where_narrow(&where, NULL, &f);
		ck_assert_msg(memcmp(&f, &row[i].want, sizeof f) == 0, "%s", row[i].text);
	}
	struct reader_filter f = { .pair = 7 };
	where_all(&where);
	ck_assert_int_eq(where_parse(&where, "pair = 5"), 0);
	where_narrow(&where, NULL, &f);
	ck_assert_uint_eq(f.pair, 7); /* what was asked otherwise stays; both must hold */
}
END_TEST

/* With names, against the options that say the same. */
START_TEST(in_a_store)
{
	char *path = story_make(false);
	static const struct {
		const char *where, *n;
	} row[] = {
		{ "kind = fill", "3\n" },
		{ "kind = fill and instrument ~ perp", "2\n" },
		{ "instance = btc_basis and kind = pair and state = HEDGED", "1\n" },
		{ "instance = nobody", "0\n" },
		{ "venue = alpha and kind = rule", "2\n" },
		{ "kind = order and rescue = 1", "1\n" },
		{ "kind = order and not rescue = 1", "2\n" },
		{ "kind = fill and px > 61837.7", "2\n" },
		{ "px > limit_px", "3\n" },
	};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		const struct verb_result *v =
			verb_run(cmd_query, path, "--count", "--where", row[i].where, NULL);
		ck_assert_msg(v->code == EXIT_OK && strcmp(v->out, row[i].n) == 0, "%s: %s%s",
			      row[i].where, v->out, v->err);
	}
	const struct verb_result *v = verb_run(cmd_query, path, "--where", "pcie > 1", NULL);
	ck_assert_int_eq(v->code, EXIT_USAGE);
	ck_assert_msg(strstr(v->err, "--where: no receipt has a field \"pcie\""), "%s", v->err);
	ck_assert_msg(strstr(v->err, "\n  pcie > 1\n  ^\n"), "%s", v->err);
}
END_TEST

FOLDER_SUITE("where", what_holds, what_is_wrong, bounds, several_together, where_to_look,
	     in_a_store)
