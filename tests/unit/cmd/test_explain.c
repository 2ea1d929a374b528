/* Proves that `explain` tells a pair's story whole: quotes before it, both legs, the break, the rescue's arithmetic, the end, for people and as JSON. */
#include "core/cmd/cmd.h"
#include "tests/unit/cmd/pair_story.h"
#include "tests/unit/cmd/run_verb.h"
#include <jansson.h>

/* All of these, in this order. */
static void in_order(const char *text, const char *const *words)
{
	const char *at = text;
	for (; *words; words++) {
		const char *found = strstr(at, *words);
		ck_assert_msg(found != NULL, "\"%s\" is not where it belongs in:\n%.4000s", *words,
			      at);
		at = found + strlen(*words);
	}
}

START_TEST(the_whole_story)
{
	char *path = story_make(false);
	const struct verb_result *v = verb_run(cmd_explain, path, "last", NULL);
	ck_assert_msg(v->code == EXIT_OK, "%s", v->err);
	in_order(
		v->out,
		(const char *const[]){
			"pair 0100010000000005  open, HEDGED after 1800 us",
			"decided    2024-08-08T23:54:01.000004Z",
			"instance   btc_basis, script basis.lua version 3, sha256 c0ffee...",
			"host       tandem 1, configuration abc",
			"leg 0      sell 0.01 ALPHA.SPOT, account main at alpha\n",
			"trigger 61837.6, limit 61837.3",
			"filled 0.01 at 61837.5, 1 tick worse than the trigger; net -0.01, fee 0.06183 USDT",
			"leg 1      buy 0.01 ALPHA.PERP",
			/* 0.004 at 61837.71 and 0.006 at 61837.91: 0.12 worse on average, 1.2 ticks */
			"filled 0.01 at 61837.83, 1.2 ticks worse than the trigger; net 0.01, fee 0.12366 USDT",
			"outcome    HEDGED with 3 orders, 3 fills, 1 rescue step\n",
			"unhedged 0, the instance carries 0.000015", " 4.0 ", "quote",
			"ALPHA.SPOT bid 61837.6 x 1, ask 61837.7 x 2, proven valid 1.5 ms ago, update 777",
			"ALPHA.PERP bid 61837.61", "decision", "sell 12.5 (2.02 bp",
			"0.4 ms apart: open", "PROPOSED", "leg 0", "leg 1",
			"PROPOSED -> CHECKED: within all limits", "order 0",
			"sell 0.01 ALPHA.SPOT at 61837.3 IOC", "sent 0", "order 1",
			"CHECKED -> SENT", " 900.0 ", "fill 0",
			"at 61837.5, 1 tick worse than the trigger, fee 0.06183 USDT; all of it",
			" 950.0 ", "fill 1", "at the trigger", "0.006 still open", "cancelled 1",
			"IOC remainder?[2J",
			"SENT -> BROKEN: the legs do not balance (unhedged -0.006)", "rescue",
			"unhedged -0.006; completing costs 0.12345678, unwinding 0.98765432; spent 0 of no limit so far -> complete",
			"order 1", "rescue", "BROKEN -> COMPLETING", "1800.0", "2 ticks worse",
			"COMPLETING -> HEDGED", "a word about it", NULL });
	ck_assert_ptr_null(strstr(v->out, "nothing to do with it"));
	ck_assert_ptr_null(strstr(v->out, "no room for its orders"));
	/* Nobody's terminal: no colours. */
	ck_assert_ptr_null(strchr(v->out, '\033'));
}
END_TEST

/* The same line by line: one order a leg, the rescue behind what it rescues, the pair out of balance between. */
START_TEST(along_time)
{
	char *path = story_make(false);
	const struct verb_result *v = verb_run(cmd_explain, path, "last", "--ascii", NULL);
	in_order(v->out,
		 (const char *const[]){
			 "\n  us          0 ",
			 "1000",
			 "1500",
			 "\n  leg 0 sell  |.........................................F\n",
			 "  leg 1 buy   |...........................................px[....",
			 "....F\n",
			 "  pair        -----",
			 "-##########",
			 "#####|\n",
			 "  rescue  ",
			 "^\n",
			 ". sent",
			 "[ of a rescue",
			 "F filled",
			 "p filled in part",
			 "x cancelled",
			 "# not balanced",
			 "^ rescue step\n",
			 "us  receipt",
			 NULL });
	for (const char *c = v->out; *c; c++)
		ck_assert_int_lt((unsigned char)*c, 128);
	setenv("LC_ALL", "C.UTF-8", 1);
	v = verb_run(cmd_explain, path, "last", NULL);
	in_order(v->out, (const char *const[]){ "  leg 0 sell  ├╌", "╌●\n", "  leg 1 buy   ├╌",
						"◐✕╞╌", "╌●\n", "▒▒▒▒┤\n", "▲\n", NULL });
	v = verb_run(cmd_explain, path, "2",
		     NULL); /* refused: nothing was sent, nothing is drawn */
	ck_assert_ptr_null(strstr(v->out, "at the venue"));
	setenv("LC_ALL", "C", 1);
	v = verb_run(cmd_explain, path, "last", NULL);
	ck_assert_ptr_nonnull(strstr(v->out, "\n  leg 0 sell  |....."));
}
END_TEST

/* Whole, of one piece, and what a venue wrote stays text. */
START_TEST(as_a_page)
{
	static char page[200000];
	char *path = story_make(false), file[96];
	snprintf(file, sizeof(file), "%s/pair.html", folder);
	const struct verb_result *v =
		verb_run(cmd_explain, path, "last", "--html", file, "--tz=+08:00", NULL);
	ck_assert_msg(v->code == EXIT_OK, "%s", v->err);
	ck_assert_msg(strstr(v->out, "pair.html\n"), "%s", v->out);
	verb_read("pair.html", page, sizeof(page));
	in_order(
		page,
		(const char *const[]){
			"<!doctype html>",
			"Pair 0100010000000005: open, HEDGED</h1>",
			"decided",
			"2024-08-09T07:54:01.000004+08:00",
			"basis.lua version 3",
			"HEDGED after 1800 us: 3 orders, 3 fills, 1 rescue steps; the legs balance",
			"ALPHA.SPOT",
			"61837.6",
			"filled 0.01 at 61837.5, 1 tick worse",
			"<svg",
			"leg 0 ALPHA.SPOT",
			"leg 1 ALPHA.PERP",
			"950 us, receipt",
			"0.006 still open",
			"IOC, rescue; the market",
			"BROKEN from 950 us",
			"COMPLETING from",
			"rescue",
			"</svg>",
			"<svg",
			"per cent",
			"</svg>",
			"Receipts",
			"quote",
			"COMPLETING -&gt; HEDGED",
			"</html>",
			NULL });
	ck_assert_ptr_null(strstr(page, "\033"));
	static const char *const fetches[] = { "<script", "<link",   "<img",
					       "src=",	  "@import", "url(http" };
	for (size_t i = 0; i < sizeof(fetches) / sizeof(fetches[0]); i++)
		ck_assert_msg(!strstr(page, fetches[i]), "the page has %s", fetches[i]);
	v = verb_run(cmd_explain, path, "last", "--html", "/nowhere/at/all.html", NULL);
	ck_assert_int_eq(v->code, EXIT_WORLD);
	ck_assert_ptr_nonnull(strstr(v->err, "/nowhere/at/all.html: No such file"));
	v = verb_run(cmd_explain, path, "last", "--html", "/dev/full", NULL);
	ck_assert_int_eq(v->code, EXIT_WORLD);
}
END_TEST

START_TEST(as_json)
{
	char *path = story_make(false);
	const struct verb_result *v =
		verb_run(cmd_explain, path, "0100010000000005", "--json", NULL);
	ck_assert_msg(v->code == EXIT_OK, "%s", v->err);
	json_error_t e;
	json_t *j = json_loads(v->out, JSON_REJECT_DUPLICATES, &e);
	ck_assert_msg(j != NULL, "%s", e.text);
	ck_assert_str_eq(json_string_value(json_object_get(j, "state")), "HEDGED");
	ck_assert_str_eq(json_string_value(json_object_get(j, "intent")), "open");
	ck_assert(json_is_true(json_object_get(j, "ended")));
	json_t *legs = json_object_get(j, "legs"), *events = json_object_get(j, "events");
	ck_assert_uint_eq(json_array_size(legs), 2);
	json_t *far = json_array_get(legs, 1);
	ck_assert_double_eq_tol(json_number_value(json_object_get(far, "slippage_ticks")), 1.2,
				1e-9);
	ck_assert_double_eq_tol(json_number_value(json_object_get(far, "average_px")), 61837.83,
				1e-9);
	json_t *first = json_array_get(events, 0);
	ck_assert_str_eq(json_string_value(json_object_get(first, "kind")), "quote");
	ck_assert_double_eq_tol(json_number_value(json_object_get(first, "us")), 4, 1e-9);
	json_t *lanes = json_object_get(j, "lanes"), *rescue = json_array_get(lanes, 2);
	ck_assert_uint_eq(json_array_size(lanes), 3);
	ck_assert(json_is_true(json_object_get(rescue, "rescue")));
	ck_assert_str_eq(json_string_value(json_object_get(rescue, "state")), "FILLED");
	ck_assert_double_eq_tol(json_number_value(json_object_get(rescue, "from_us")), 950, 1e-9);
	ck_assert_double_eq_tol(json_number_value(json_object_get(rescue, "to_us")), 1800, 1e-9);
	json_t *cut = json_array_get(lanes, 1);
	ck_assert_double_eq_tol(json_number_value(json_object_get(cut, "filled_qty")), 0.004, 1e-9);
	ck_assert_uint_eq(json_array_size(json_object_get(cut, "marks")), 2);
	ck_assert_uint_eq(json_array_size(json_object_get(j, "states")), 6);
	/* Every cause that is named is there, or is none. */
	size_t i, k;
	json_t *event, *other;
	json_array_foreach(events, i, event)
	{
		json_int_t cause = json_integer_value(json_object_get(event, "cause"));
		bool found = cause == 0;
		json_array_foreach(events, k, other) found |=
			json_integer_value(json_object_get(other, "seq")) == cause;
		ck_assert_msg(found, "receipt %lld is not told", (long long)cause);
	}
	json_decref(j);
}
END_TEST

START_TEST(other_pairs)
{
	char *path = story_make(false);
	const struct verb_result *v = verb_run(cmd_explain, path, "2", NULL);
	ck_assert_int_eq(v->code, EXIT_OK);
	ck_assert_ptr_nonnull(strstr(v->out, "pair 0100010000000001  open, REFUSED"));
	v = verb_run(cmd_explain, path, "0100010000000009", NULL);
	ck_assert_int_eq(v->code, EXIT_CHECK);
	ck_assert_ptr_nonnull(
		strstr(v->err, "the last 2 pairs are 0100010000000005 0100010000000001"));
	v = verb_run(cmd_explain, path, "3", NULL);
	ck_assert_int_eq(v->code, EXIT_CHECK);
	v = verb_run(cmd_explain, path, "first", NULL);
	ck_assert_int_eq(v->code, EXIT_CHECK);
	v = verb_run(cmd_explain, path, NULL);
	ck_assert_int_eq(v->code, EXIT_USAGE);
	v = verb_run(cmd_explain, "/tmp/tandem-nothing-here", "last", NULL);
	ck_assert_int_eq(v->code, EXIT_WORLD);
	ck_assert_ptr_nonnull(strstr(v->err, "/tmp/tandem-nothing-here"));
}
END_TEST

/* A position that an operator wished closed: 0.01 short of one leg, 0.01 long of the other, cut short before the second is wholly closed. */
static void flatten_and_end(void *arg)
{
	struct pair_story p = { 0 };
	(void)arg;
	story_open(&p);
	story_setup(&p);
	p.us = 4;
	struct fact f = story_fact(&p, FACT_SCOPE, 0xff);
	fact_text(&f, "killed (flatten) by ann: a drill\033[2J");
	uint64_t at = story_put(&p, &f, 0);
	f = story_fact(&p, FACT_PAIR, 0xff);
	f.pair = STORY_PAIR;
	f.num[4] = 2;
	f.num[5] = INTENT_FLATTEN;
	fact_text(&f, "to be closed: killed (flatten) by ann: a drill");
	at = story_put(&p, &f, at);
	for (unsigned leg = 0; leg < 2; leg++) {
		struct fact x = story_fact(&p, FACT_LEG, leg);
		x.pair = STORY_PAIR;
		x.num[2] = 1000;
		x.num[3] = x.num[4] = 6183760;
		x.num[6] = leg == 0 ? -1000 : 1000;
		at = story_put(&p, &x, at);
	}
	f.state = PAIR_UNWINDING;
	f.num[0] = PAIR_BROKEN;
	f.num[1] = PAIR_UNWINDING;
	fact_text(&f, "unwind");
	at = story_put(&p, &f, at);
	for (unsigned leg = 0; leg < 2; leg++) {
		struct fact x = story_fact(&p, FACT_FILL, leg);
		x.side ^= 1; /* against what is held */
		x.pair = STORY_PAIR;
		x.px = 6183750;
		x.qty = 1000;
		at = story_put(&p, &x, at);
	}
	f.state = PAIR_FLAT;
	f.num[0] = PAIR_UNWINDING;
	f.num[1] = PAIR_FLAT;
	fact_text(&f, "nothing is left of it");
	story_put(&p, &f, at);
	ck_assert_int_eq(store_close(p.store), 0);
}

START_TEST(of_a_position_that_is_closed)
{
	snprintf(story_path, sizeof(story_path), "%s/store", folder);
	apart(flatten_and_end, NULL, 0);
	const struct verb_result *v = verb_run(cmd_explain, story_path, "last", NULL);
	ck_assert_msg(v->code == EXIT_OK, "%s", v->err);
	in_order(v->out,
		 (const char *const[]){
			 "flatten, FLAT", "asked      killed (flatten) by ann: a drill?[2J\n",
			 "leg 0      close short 0.01 ALPHA.SPOT, account main at alpha\n",
			 "marked at 61837.6\n",
			 "closed 0.01 at 61837.5, 1 tick better than the mark",
			 "leg 1      close long 0.01 ALPHA.PERP",
			 "closed 0.01 at 61837.5, 1 tick worse than the mark", "outcome    FLAT",
			 "nothing is left of it", "killed (flatten) by ann", NULL });
	v = verb_run(cmd_explain, story_path, "last", "--json", NULL);
	json_t *j = json_loads(v->out, JSON_REJECT_DUPLICATES, NULL);
	ck_assert_ptr_nonnull(j);
	ck_assert_str_eq(json_string_value(json_object_get(j, "why")), "nothing is left of it");
	ck_assert_ptr_nonnull(json_object_get(j, "asked"));
	json_decref(j);
}
END_TEST

START_TEST(of_a_killed_host)
{
	char *path = story_make(true);
	const struct verb_result *v = verb_run(cmd_explain, path, "last", NULL);
	ck_assert_msg(v->code == EXIT_OK, "%s", v->err);
	ck_assert_ptr_nonnull(strstr(v->out, "COMPLETING -> HEDGED"));
	apart(story_open_and_close, NULL, 0); /* takes the ring away */
}
END_TEST

FOLDER_SUITE("explain", the_whole_story, along_time, as_a_page, as_json, other_pairs,
	     of_a_position_that_is_closed, of_a_killed_host)
