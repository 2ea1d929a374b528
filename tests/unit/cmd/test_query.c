/* Proves that `query` shows the receipts that were asked for, in the forms that were asked for, with units and names, and says what was typed wrong. */
#include "core/cmd/cmd.h"
#include "core/cmd/when.h"
#include "tests/unit/cmd/pair_story.h"
#include "tests/unit/cmd/run_verb.h"
#include <jansson.h>
#include <pty.h>
#include <sys/ioctl.h>

static unsigned lines(const char *text)
{
	unsigned n = 0;
	for (; *text; text++)
		n += *text == '\n';
	return n;
}

/* The n-th line as JSON. */
static json_t *line(const char *text, unsigned n)
{
	for (; n > 0; n--)
		text = strchr(text, '\n') + 1;
	json_error_t e;
	json_t *j = json_loads(
		text, JSON_DISABLE_EOF_CHECK | JSON_DECODE_INT_AS_REAL | JSON_REJECT_DUPLICATES,
		&e);
	ck_assert_msg(j != NULL, "%s in %.300s", e.text, text);
	return j;
}

static const char *text_of(json_t *j, const char *key)
{
	const char *s = json_string_value(json_object_get(j, key));
	return s ? s : "(absent)";
}

static double number_of(json_t *j, const char *key)
{
	ck_assert_msg(json_is_number(json_object_get(j, key)), "%s is no number", key);
	return json_number_value(json_object_get(j, key));
}

START_TEST(json_has_units_and_names)
{
	char *path = story_make(false);
	const struct verb_result *v = verb_run(cmd_query, path, "--json", "--kind", "fill", NULL);
	ck_assert_int_eq(v->code, EXIT_OK);
	ck_assert_uint_eq(lines(v->out), 3);
	json_t *j = line(v->out, 0);
	ck_assert_str_eq(text_of(j, "kind"), "fill");
	ck_assert_str_eq(text_of(j, "pair"), "0100010000000005");
	ck_assert_str_eq(text_of(j, "order"), "000000000000000b");
	ck_assert_str_eq(text_of(j, "instrument"), "ALPHA.SPOT");
	ck_assert_str_eq(text_of(j, "venue"), "alpha");
	ck_assert_str_eq(text_of(j, "account"), "main");
	ck_assert_str_eq(text_of(j, "instance"), "btc_basis");
	ck_assert_str_eq(text_of(j, "script"), "c0ffee");
	ck_assert_str_eq(text_of(j, "side"), "sell");
	ck_assert_str_eq(text_of(j, "fee_asset"), "USDT");
	ck_assert_str_eq(text_of(j, "state"), "FILLED");
	ck_assert_str_eq(text_of(j, "exec"), "X11");
	ck_assert_double_eq(number_of(j, "px"), 61837.5);
	ck_assert_double_eq(number_of(j, "qty"), 0.01);
	ck_assert_double_eq(number_of(j, "fee"), 0.06183);
	ck_assert_double_eq(number_of(j, "leg"), 0);
	ck_assert_double_eq(number_of(j, "cum_qty"), 0.01);
	ck_assert_double_eq(number_of(j, "leaves_qty"), 0);
	ck_assert_double_eq(number_of(j, "turn"), 7);
	ck_assert_ptr_null(json_object_get(j, "offset"));
	ck_assert_ptr_null(json_object_get(j, "venue_order"));
	json_decref(j);
	v = verb_run(cmd_query, path, "--json", "--kind", "quote", NULL);
	j = line(v->out, 0);
	/* The venue's sequence must not hide the receipt's. */
	ck_assert_double_eq(number_of(j, "quote_seq"), 777);
	ck_assert_double_gt(number_of(j, "seq"), 0);
	ck_assert_double_eq(number_of(j, "bid_px"), 61837.6);
	ck_assert_ptr_null(json_object_get(j, "px"));
	ck_assert_ptr_null(json_object_get(j, "side"));
	json_decref(j);
	v = verb_run(cmd_query, path, "--json", "--kind", "decision", NULL);
	j = line(v->out, 0);
	ck_assert_double_eq(number_of(j, "sell"), 12.5);
	ck_assert_double_eq(number_of(j, "sell_bp"), 2.02);
	json_decref(j);
	v = verb_run(cmd_query, path, "--json", "--kind", "rescue", NULL);
	j = line(v->out, 0);
	ck_assert_double_eq(number_of(j, "complete_cost"), 0.12345678);
	json_decref(j);
}
END_TEST

START_TEST(restrictions)
{
	char *path = story_make(false);
	const struct {
		const char *option[5];
		unsigned n;
	} cases[] = {
		{ { "--pair", "0100010000000001" }, 1 },
		{ { "--pair=0100010000000005", "--kind=order" }, 3 },
		{ { "--order", "c" }, 4 },
		{ { "--order", "0xc", "--kind", "cancelled" }, 1 },
		{ { "--instrument", "ALPHA.PERP", "--kind", "fill" }, 2 },
		{ { "--venue", "alpha", "--kind", "rule" }, 2 },
		{ { "--account", "main", "--kind", "leg" }, 2 },
		{ { "--instance", "btc_basis", "--kind", "pair" }, 7 },
		{ { "--seq", "2..4" }, 3 },
		{ { "--seq", "5" }, 1 },
		{ { "--seq", "3..", "--limit", "4" }, 4 },
		{ { "--last", "2" }, 2 },
		{ { "--kind", "fill", "--from", "2024-08-08T23:54:01.000950" }, 2 },
		{ { "--kind", "fill", "--from", "-900us" }, 3 },
		{ { "--kind", "fill", "--to", "1723161241000900000" }, 1 },
		{ { "--kind", "bust" }, 0 },
		{ { "--kind=fill", "--side", "buy" }, 2 },
		{ { "--kind=fill", "--leg", "1" }, 2 },
		{ { "--state", "HEDGED" }, 1 },
		{ { "--exec", "X12" }, 1 },
		{ { "--script=c0ff", "--kind=fill" }, 3 },
		{ { "--fee-asset", "USDT" }, 3 },
		{ { "--reason", "ioc" }, 1 },
		{ { "--turn=7", "--kind=fill", "--side=sell" }, 1 },
		{ { "--round", "5" }, 0 },
		{ { "--ref", "0" }, 0 },
		{ { "--offset", "close" }, 0 },
		{ { "--venue-order", "77" }, 0 },
		{ { "--order=TDM000000000000000c" }, 4 },
		{ { "--where=kind = fill and px > 61837.7", "--where=leg = 1" }, 2 },
		{ { "--where=time >= 2024-08-08T23:54:01.000950", "--kind=fill" }, 2 },
		{ { "--tz=+08:00", "--kind=fill", "--from=2024-08-09T07:54:01.000950" }, 2 },
		{ { "--tz=+08:00", "--kind=fill", "--from=2024-08-08T23:54:01.000950Z" }, 2 },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *const *o = cases[i].option;
		const struct verb_result *v =
			verb_run(cmd_query, path, "--json", o[0], o[1], o[2], o[3], NULL);
		ck_assert_msg(v->code == EXIT_OK && lines(v->out) == cases[i].n,
			      "case %zu: %u lines, code %d: %s", i, lines(v->out), v->code, v->err);
	}
}
END_TEST

START_TEST(newest_first_and_counted)
{
	char *path = story_make(false);
	char *all = strdup(verb_run(cmd_query, path, "--json", NULL)->out);
	unsigned n = lines(all);
	const struct verb_result *v = verb_run(cmd_query, path, "--json", "--reverse", NULL);
	ck_assert_uint_eq(lines(v->out), n);
	for (unsigned i = 0; i < n; i++) {
		json_t *a = line(all, i), *b = line(v->out, n - 1 - i);
		ck_assert_msg(json_equal(a, b), "line %u", i);
		json_decref(a);
		json_decref(b);
	}
	free(all);
	static const char *const bounds[] = { "--limit=2", "--last=2" };
	for (size_t i = 0; i < 2; i++) {
		v = verb_run(cmd_query, path, "--json", "-r", "--seq=3..9", bounds[i], NULL);
		ck_assert_uint_eq(lines(v->out), 2);
		json_t *first = line(v->out, 0), *second = line(v->out, 1);
		ck_assert_double_eq(number_of(first, "seq"), 9);
		ck_assert_double_eq(number_of(second, "seq"), 8);
		json_decref(first);
		json_decref(second);
	}
	v = verb_run(cmd_query, path, "--count", "--kind=fill", NULL);
	ck_assert_str_eq(v->out, "3\n");
	v = verb_run(cmd_query, path, "--count", "--csv", "--kind=bust", NULL);
	ck_assert_str_eq(v->out, "0\n");
	v = verb_run(cmd_query, path, "--follow", "--reverse", NULL);
	ck_assert_int_eq(v->code, EXIT_USAGE);
}
END_TEST

#define LONG 40000 /* more than are read at once to go backwards */

static void long_store(void *arg)
{
	struct pair_story p = { 0 };
	struct store_options o = { .path = story_path, .ring_bytes = 65536 * 448 };
	(void)arg;
	log_set_level(LOG_ERROR);
	ck_assert_msg(store_open(&o, &p.store) == 0, "%s", err_text());
	for (int i = 0; i < LONG; i++) {
		struct fact f;
		fact_init(&f, i % 10000 ? FACT_LOG : FACT_METRIC);
		f.num[0] = i;
		story_put(&p, &f, 0);
	}
	ck_assert_int_eq(store_close(p.store), 0);
}

START_TEST(a_long_store_backwards)
{
	snprintf(story_path, sizeof(story_path), "%s/store", folder);
	apart(long_store, NULL, 0);
	const struct verb_result *v = verb_run(cmd_query, story_path, "--csv", "--columns=seq",
					       "--kind=metric", "--reverse", NULL);
	ck_assert_str_eq(v->out, "seq\n30001\n20001\n10001\n1\n");
	v = verb_run(cmd_query, story_path, "--count", "--reverse", NULL);
	ck_assert_str_eq(v->out, "40000\n");
}
END_TEST

START_TEST(csv_and_columns)
{
	char *path = story_make(false);
	const struct verb_result *v = verb_run(cmd_query, path, "--csv", "--kind=fill",
					       "--columns=seq,px,qty,numbers,state,bid_px", NULL);
	ck_assert_int_eq(v->code, EXIT_OK);
	ck_assert_msg(strstr(v->out, "seq,px,qty,numbers,state,bid_px\n") == v->out, "%s", v->out);
	ck_assert_ptr_nonnull(strstr(v->out, ",61837.5,0.01,cum_qty=0.01,FILLED,\n"));
	v = verb_run(cmd_query, path, "--csv", "--kind=rescue", NULL);
	ck_assert_uint_eq(lines(v->out), 2);
	v = verb_run(cmd_query, path, "--columns", "kind,reason", "--kind=cancelled", NULL);
	/* A venue's words cannot reach the terminal as commands. */
	ck_assert_ptr_nonnull(strstr(v->out, "cancelled      IOC remainder?[2J\n"));
	v = verb_run(cmd_query, path, NULL);
	ck_assert_ptr_nonnull(strstr(v->out, "2024-08-08T23:54:01.000900Z"));
	v = verb_run(cmd_query, path, "--json", "--columns=kind,px", "--kind=fill", NULL);
	ck_assert_msg(strncmp(v->out, "{\"kind\":\"fill\",\"px\":61837.5}\n", 28) == 0, "%s",
		      v->out);
}
END_TEST

/* Every time that is told, in every form. */
START_TEST(clocks)
{
	char *path = story_make(false);
	static const char *const forms[] = { "--json", "--csv", "--columns=time,kind" };
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		const struct verb_result *v = verb_run(cmd_query, path, forms[i], "--kind=fill",
						       "--tz=Asia/Shanghai", NULL);
		ck_assert_msg(strstr(v->out, "2024-08-09T07:54:01.000900+08:00"), "%s", v->out);
		ck_assert_ptr_null(strstr(v->out, "T23:54"));
	}
	const struct verb_result *v =
		verb_run(cmd_query, path, "--json", "--kind=fill", "--tz=+8", NULL);
	json_t *j = line(v->out, 0);
	ck_assert_double_eq(number_of(j, "utc_ns"), 1723161241000900000.); /* whoever asks */
	json_decref(j);
}
END_TEST

/* A disk that takes no more is said; a reader that went away is none of that. */
START_TEST(nowhere_to_write)
{
	char *path = story_make(false);
	FILE *full = fopen("/dev/full", "w");
	ck_assert_ptr_nonnull(full);
	fclose(full);
	fflush(NULL);
	pid_t child = fork();
	if (child == 0) {
		char *argv[] = { (char *)(uintptr_t) "tandem query", path,
				 (char *)(uintptr_t) "--csv", NULL };
		int fd = open("/dev/full", O_WRONLY);
		dup2(fd, 1);
		verb_redirect("err", 2);
		exit(cmd_query(3, argv));
	}
	int status;
	char err[400];
	waitpid(child, &status, 0);
	verb_read("err", err, sizeof(err));
	ck_assert_int_eq(WEXITSTATUS(status), EXIT_WORLD);
	ck_assert_msg(strstr(err, "could not be written: No space left"), "%s", err);
}
END_TEST

/* What the verb writes to a terminal of so many columns. */
static const char *on_terminal(unsigned short width, char *path, const char *option)
{
	static char out[65536];
	struct winsize w = { .ws_col = width, .ws_row = 24 };
	int ours, theirs;
	size_t n = 0;
	ck_assert_int_eq(openpty(&ours, &theirs, NULL, NULL, &w), 0);
	fflush(NULL);
	pid_t child = fork();
	if (child == 0) {
		char *argv[] = { (char *)(uintptr_t) "tandem query", path,
				 (char *)(uintptr_t)option, NULL };
		dup2(theirs, 1);
		close(ours);
		exit(cmd_query(3, argv));
	}
	close(theirs);
	for (ssize_t got; (got = read(ours, out + n, sizeof(out) - 1 - n)) > 0;)
		n += (size_t)got;
	out[n] = 0;
	close(ours);
	waitpid(child, NULL, 0);
	return out;
}

START_TEST(words_on_a_terminal)
{
	char *path = story_make(false);
	const char *out = on_terminal(200, path, "--kind=fill");
	ck_assert_msg(strstr(out, "2024-08-08 UTC\r\n"), "%s", out);
	ck_assert_msg(strstr(out,
			     "23:54:01.000900  fill 0          0100010000000005  "
			     "sell 0.01 ALPHA.SPOT at 61837.5, fee 0.06183 USDT; all of it\r\n"),
		      "%s", out);
	out = on_terminal(200, path, "--kind=order");
	ck_assert_msg(strstr(out, ", order 000000000000000b\r\n"), "%s", out);
	out = on_terminal(200, path, "--columns=kind,px");
	ck_assert_msg(strncmp(out, "kind           px", 17) == 0, "%s", out);
	static const unsigned short widths[] = { 40, 80, 100, 200 };
	for (size_t i = 0; i < sizeof(widths) / sizeof(widths[0]); i++) {
		out = on_terminal(widths[i], path, "--kind=quote");
		for (const char *at = out; *at; at += strcspn(at, "\n") + 1)
			ck_assert_msg(widths[i] < 80 || strcspn(at, "\r") <= widths[i],
				      "%u columns: %s", widths[i], out);
		ck_assert_msg(strstr(out, "777\r\n"), "%s", out);
	}
}
END_TEST

START_TEST(what_is_wrong_is_said)
{
	char *path = story_make(false);
	const struct {
		const char *option, *word;
		int code;
	} cases[] = {
		{ "--kind=fil", "kinds are", EXIT_USAGE },
		{ "--pair=xyz", "16 hex digits", EXIT_USAGE },
		{ "--seq=9..x", "A..B", EXIT_USAGE },
		{ "--seq=9..3", "A..B", EXIT_USAGE },
		{ "--from=yesterday", "-5m", EXIT_USAGE },
		{ "--columns=seq,pirce", "pirce", EXIT_USAGE },
		{ "--limit=many", "many", EXIT_USAGE },
		{ "--nonsense", "nonsense", EXIT_USAGE },
		{ "--columns=seq,inst", "inst", EXIT_USAGE },
		{ "--side=byu", "did you mean \"buy\"", EXIT_USAGE },
		{ "--leg=first", "leg is a number", EXIT_USAGE },
		{ "--order=xyz", "16 hex digits", EXIT_USAGE },
		{ "--tz=Mars", "Asia/Shanghai, +08:00", EXIT_USAGE },
		{ "--where=kind = fil", "did you mean \"fill\"", EXIT_USAGE },
		{ "--venue=beta", "known: alpha", EXIT_CHECK },
		{ "--instance=nobody", "btc_basis", EXIT_CHECK },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct verb_result *v = verb_run(cmd_query, path, cases[i].option, NULL);
		ck_assert_msg(v->code == cases[i].code && strstr(v->err, cases[i].word),
			      "%s: code %d: %s", cases[i].option, v->code, v->err);
	}
	const struct verb_result *v = verb_run(cmd_query, "/tmp/tandem-nothing-here", NULL);
	ck_assert_int_eq(v->code, EXIT_WORLD);
	ck_assert_uint_eq(lines(v->err), 1);
	ck_assert_ptr_nonnull(strstr(v->err, "/tmp/tandem-nothing-here"));
	v = verb_run(cmd_query, NULL);
	ck_assert_int_eq(v->code, EXIT_USAGE);
}
END_TEST

START_TEST(times)
{
	const struct {
		const char *text;
		int64_t want;
	} good[] = {
		{ "1723161241000900000", 1723161241000900000 },
		{ "2024-08-08T23:54:01", 1723161241000000000 },
		{ "2024-08-08T23:54:01Z", 1723161241000000000 },
		{ "2024-08-08 23:54:01.5", 1723161241500000000 },
		{ "2024-08-08T23:54:01.000000001Z", 1723161241000000001 },
		{ "2024-08-08T23:54", 1723161240000000000 },
		{ "2024-08-08", 1723075200000000000 },
		{ "-5m", 700000000000 },
		{ "-1.5s", 998500000000 },
		{ "-10ns", 999999999990 },
		{ "-0d", 1000000000000 },
	};
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		int64_t got = 0;
		int rc = when_parse(good[i].text, 1000000000000, &got);
		ck_assert_msg(rc == 0 && got == good[i].want, "%s: %d, %lld", good[i].text, rc,
			      (long long)got);
	}
	static const char *const bad[] = { "",
					   "x",
					   "-",
					   "-5",
					   "-5w",
					   "-m",
					   "2024-13-01",
					   "2024-08-08T",
					   "2024-08-08T23:54:01.",
					   "5m",
					   "2024-08-08T23:54:01.1234567890",
					   "99999999999999999999",
					   "2024-08-08Zx",
					   "-99999999999999999999d" };
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		int64_t got;
		ck_assert_msg(when_parse(bad[i], 0, &got) < 0, "%s was taken", bad[i]);
	}
}
END_TEST

FOLDER_SUITE("query", json_has_units_and_names, restrictions, newest_first_and_counted,
	     a_long_store_backwards, csv_and_columns, clocks, nowhere_to_write, words_on_a_terminal,
	     what_is_wrong_is_said, times)
