/* Proves from where on a venue is asked for executions again: never from above one that may not have been told (F19 F43 F52 F65). */
#include "core/trade/watermark.h"
#include "tests/unit/suite.h"
#include "tests/unit/trade/cases.h"
#include <stdio.h>
#include <string.h>

/* Of a stranger on the perpetual; he buys 2. */
static struct exec_report execution(const char *exec, int64_t venue_ns)
{
	struct exec_report x = { .kind = EXEC_FILL,
				 .side = SIDE_BUY,
				 .venue = PERP,
				 .account = PERP,
				 .instrument = PERP,
				 .px = 601000,
				 .qty = 2,
				 .venue_ns = venue_ns };
	snprintf(x.venue_order, sizeof x.venue_order, "S");
	snprintf(x.client, sizeof x.client, "web_1");
	snprintf(x.exec, sizeof x.exec, "%s", exec);
	return x;
}

static void comes(struct rig *r, const char *exec, bool replayed)
{
	struct exec_report x = execution(exec, r->d.now.utc_ns);
	x.replayed = replayed;
	router_on_exec(&r->d, &x);
}

static void expect_since(struct rig *r, const char *want)
{
	char exec[POSITION_EXEC];
	ck_assert_int_ne(watermark_since(&r->d, PERP, PERP, exec), 0);
	ck_assert_str_eq(exec, want);
}

/* The same, of the desk and of one that a restart made from its receipts. */
static void expect_since_for_good(struct rig *r, const char *want)
{
	expect_since(r, want);
	struct rig *again = rig_reborn(r, r->journal.n, true);
	rig_recover(again);
	expect_since(again, want);
	rig_free(again);
}

/* As the engine does: the session is there, its account is asked for. */
static void session_begins(struct rig *r)
{
	watermark_deaf(&r->d, PERP);
	reconcile_begin(&r->d, PERP);
}

/* What is told again after a checkpoint: older than its watermark it is counted, newer it is news, whoever's order it was. */
START_TEST(test_watermark)
{
	struct rig *r = rig_new();
	struct exec_report x = execution("99", 1000); /* a clock that is decades behind ours */
	positions_sum(&r->d.positions, PERP, PERP)->exec_ns = r->d.now.utc_ns;
	router_on_exec(&r->d, &x);
	checkpoint_write(&r->d);
	struct rig *again = rig_reborn(r, r->journal.n, true);
	rig_recover(again);
	x.replayed = true;
	router_on_exec(&again->d, &x);
	ck_assert_int_eq(positions_total(&again->d.positions, PERP, PERP), 2);
	snprintf(x.exec, sizeof x.exec, "100"); /* by number, though the venue's clock ran back */
	x.venue_ns = 10;
	router_on_exec(&again->d, &x);
	router_on_exec(&again->d, &x);
	ck_assert_int_eq(positions_total(&again->d.positions, PERP, PERP), 4);
	char exec[POSITION_EXEC];
	ck_assert_int_eq(watermark_since(&again->d, PERP, PERP, exec), 1000);
	ck_assert_str_eq(exec, "99"); /* what was told again alone proves nothing of what lies between */
	ck_assert_int_eq(watermark_since(&again->d, SPOT, SPOT, exec), 0);
	rig_free(again);
	rig_free(r);
}
END_TEST

/* While the history of the time when nobody listened is refused, later executions come by the stream: what is missing is asked for from before them. */
START_TEST(test_stream_runs_ahead_of_the_history)
{
	struct rig *r = rig_new();
	comes(r, "75", false);
	expect_since_for_good(r, "75");
	session_begins(r);
	comes(r, "78", false);
	expect_since_for_good(r, "75");
	ck_assert(!checkpoint_possible(&r->d)); /* its watermark would have 76 counted */
	reconcile_answered(&r->d, PERP, false);
	comes(r, "79", false);
	expect_since_for_good(r, "75");
	reconcile_begin(&r->d, PERP);
	comes(r, "76", true); /* told now, by force or not, it is counted */
	ck_assert_int_eq(positions_total(&r->d.positions, PERP, PERP), 8);
	reconcile_answered(&r->d, PERP, true);
	expect_since_for_good(r, "79");
	ck_assert(checkpoint_possible(&r->d));
	comes(r, "80", false); /* from now on the stream has no hole */
	expect_since_for_good(r, "80");
	rig_free(r);
}
END_TEST

/* A question about one order tells what the stream has yet to bring. */
START_TEST(test_question_runs_ahead_of_the_stream)
{
	struct rig *r = rig_new();
	comes(r, "75", false);
	comes(r, "77", true);
	expect_since_for_good(r, "75");
	ck_assert(!checkpoint_possible(&r->d));
	comes(r, "76", false);
	expect_since_for_good(r, "76");
	comes(r, "77", false); /* counted once, and now heard in its place */
	expect_since(r, "77");
	ck_assert(checkpoint_possible(&r->d));
	ck_assert_int_eq(positions_total(&r->d.positions, PERP, PERP), 6);
	rig_free(r);
}
END_TEST

/* What comes while a round is under way may lie above its answer: the next one covers it, and comes soon. */
START_TEST(test_round_covers_what_was_counted_before_it)
{
	struct rig *r = rig_new();
	comes(r, "75", false);
	session_begins(r);
	comes(r, "78", true);
	fake_tell_positions(r, PERP, true);
	expect_since_for_good(r, "75");
	reconcile_on_time(&r->d);
	ck_assert_int_le(r->d.venue[PERP].reconcile.due_ns, r->d.now.mono_ns + RIG_SECOND);
	reconcile_begin(&r->d, PERP);
	fake_tell_positions(r, PERP, true);
	expect_since_for_good(r, "78");
	/* One that was asked before the line broke says nothing of what was missed since. */
	reconcile_begin(&r->d, PERP);
	comes(r, "79", true);
	watermark_deaf(&r->d, PERP);
	reconcile_answered(&r->d, PERP, true);
	comes(r, "81", false);
	expect_since_for_good(r, "78");
	rig_free(r);
}
END_TEST

/* A contract that was never traded: from the moment its account was judged; what came before that moment counts from there. */
START_TEST(test_first_watermark)
{
	struct rig *r = rig_new();
	char exec[POSITION_EXEC];
	ck_assert_int_eq(watermark_since(&r->d, PERP, PERP, exec), 0);
	session_begins(r);
	comes(r, "12", false);
	reconcile_answered(&r->d, PERP, true);
	watermark_begin(&r->d, PERP);
	watermark_begin(&r->d, SPOT);
	expect_since_for_good(r, "12");
	ck_assert_int_eq(watermark_since(&r->d, SPOT, SPOT, exec), r->d.now.utc_ns);
	ck_assert_uint_eq(rig_count(r, FACT_WATERMARK), 2);
	watermark_begin(&r->d, PERP);
	watermark_begin(&r->d, SPOT);
	ck_assert_uint_eq(rig_count(r, FACT_WATERMARK), 2);
	rig_free(r);
}
END_TEST

SUITE("watermark", test_watermark, test_stream_runs_ahead_of_the_history,
      test_question_runs_ahead_of_the_stream, test_round_covers_what_was_counted_before_it,
      test_first_watermark)
