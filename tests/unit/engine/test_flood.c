/* Proves that a script which proposes beyond its bound loses what is beyond it, is counted, and is paused when it does not stop; and that what a failed call says of its frames is in
 * the receipts, caused by its alert. */
#include "core/engine_parts.h"
#include "tests/unit/engine/stage.h"
#include "tests/unit/suite.h"
#include <string.h>

/* A turn in which the script is called once and proposes n metrics. */
static void burst(struct stage *s, int n, int64_t later_ns)
{
	static int64_t bid = 600000;
	for (int i = 0; i < n; i++)
		s->script.answer[STRAT_BASIS][i] =
			(struct proposal){ .kind = PROPOSE_METRIC, .reason = "m", .value = i };
	s->script.n_answer[STRAT_BASIS] = n;
	bid += 10;
	stage_book(s, SPOT, bid, bid + 100);
	stage_book(s, PERP, bid, bid + 100);
	stage_turn(s, later_ns);
}

START_TEST(beyond_is_dropped_and_counted)
{
	struct stage *s = stage_new();
	s->ci[0].max_proposals_per_s = 6;
	stage_turn(s, 2 * STAGE_SECOND);
	const unsigned before = stage_count(s, FACT_METRIC);
	for (int i = 0; i < 4; i++)
		burst(s, 4, 10 * STAGE_MS);
	ck_assert_uint_eq(stage_count(s, FACT_METRIC) - before, 6);
	const struct fact *f = stage_latest(s, FACT_RISK);
	ck_assert(f && f->num[0] == RISK_LIMIT_PROPOSALS && f->num[2] == 6);
	ck_assert(!s->d->instance[0].paused);
	/* The next second begins anew. */
	burst(s, 4, STAGE_SECOND);
	ck_assert_uint_eq(stage_count(s, FACT_METRIC) - before, 10);
	stage_free(s);
}
END_TEST

START_TEST(who_does_not_stop_is_paused)
{
	struct stage *s = stage_new();
	s->ci[0].max_proposals_per_s = 6;
	stage_turn(s, 2 * STAGE_SECOND);
	for (int i = 0; i < 29 && !s->d->instance[0].paused; i++)
		burst(s, 4, 100 * STAGE_MS);
	ck_assert(s->d->instance[0].paused);
	ck_assert_str_eq(s->d->instance[0].paused_why,
			 "more than 6 proposals a second, 3 seconds long");
	const struct fact *f = stage_latest(s, FACT_ALERT);
	ck_assert(f && f->num[2] == ALERT_QUARANTINE && strstr(f->text, "paused: more than 6"));
	stage_free(s);
}
END_TEST

/* Two seconds beyond it, then one within: the count begins anew. */
START_TEST(a_pause_for_breath)
{
	struct stage *s = stage_new();
	s->ci[0].max_proposals_per_s = 6;
	stage_turn(s, 2 * STAGE_SECOND);
	for (int round = 0; round < 5; round++) {
		for (int i = 0; i < 15; i++)
			burst(s, 4, 100 * STAGE_MS);
		for (int i = 0; i < 15; i++)
			stage_turn(s, 100 * STAGE_MS);
	}
	ck_assert(!s->d->instance[0].paused);
	stage_free(s);
}
END_TEST

static struct strategy_ops ops;

static const char *trace(const struct strategy *s)
{
	(void)s;
	return "x.lua:7: in helper\nx.lua:12: in on_basis";
}

START_TEST(frames_in_receipts)
{
	struct stage *s = stage_new();
	ops = *s->script.s.ops;
	ops.trace = trace;
	s->script.s.ops = &ops;
	const unsigned before = stage_count(s, FACT_LOG);
	s->script.n_answer[STRAT_BASIS] = -1;
	stage_book(s, SPOT, 600100, 600200);
	stage_turn(s, STAGE_MS);
	const struct fact *alert = stage_latest(s, FACT_ALERT), *log = stage_latest(s, FACT_LOG);
	ck_assert_uint_eq(stage_count(s, FACT_LOG) - before, 2);
	ck_assert(alert && strstr(alert->text, "x.lua:7: it went wrong"));
	ck_assert_str_eq(log->text, "trace: x.lua:12: in on_basis");
	ck_assert_uint_eq(log->cause, alert->seq);
	stage_free(s);
}
END_TEST

SUITE("flood", beyond_is_dropped_and_counted, who_does_not_stop_is_paused, a_pause_for_breath,
      frames_in_receipts)
