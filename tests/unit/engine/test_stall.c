/* Proves that what the stop of a script costs the others is told as what it is, that its pair goes on without it, and that a hook which is not compiled is told. */
#include "core/engine_parts.h"
#include "tests/unit/engine/stage.h"
#include "tests/unit/suite.h"
#include <string.h>

/* What the stop of a script cost stands in receipts, alerts and the status; its pair goes on without it. */
START_TEST(a_runaways_stall_is_told_and_its_pair_ends)
{
	struct stage *s = stage_new();
	s->venue[PERP].fate = s->venue[SPOT].fate = STAGE_SILENT;
	s->venue[SPOT].answer_queries = s->venue[PERP].answer_queries = true;
	s->script.answer[STRAT_BASIS][0] = stage_pair(10);
	s->script.n_answer[STRAT_BASIS] = 1;
	stage_book(s, SPOT, 6000000, 6000003);
	stage_turn(s, STAGE_MS);
	uint32_t at = 0;
	const struct pair *p = pairs_each(&s->d->pairs, &at);
	ck_assert_ptr_nonnull(p);
	ck_assert_int_eq(p->state, PAIR_SENT);
	s->script.n_answer[STRAT_BASIS] = -3;
	stage_book(s, SPOT, 6000000, 6000004);
	stage_turn(s, STAGE_MS);
	ck_assert(s->script.s.quarantined);
	ck_assert_ptr_null(stage_latest(s, FACT_STALL));
	stage_book(s, SPOT, 6000000, 6000005);
	stage_turn(s, STAGE_MS);
	const struct fact *f = stage_latest(s, FACT_STALL);
	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(f->num[0], 1300000);
	ck_assert_int_eq(f->num[2], 1);
	ck_assert_uint_gt(f->cause, 0);
	ck_assert_msg(strstr(f->text, "the engine stood for 1.300 ms") == f->text, "%s", f->text);
	ck_assert_int_eq(stage_latest(s, FACT_ALERT)->num[2], ALERT_STALL);
	unsigned calls = s->script.calls[STRAT_PAIR];
	stage_run(s, 20 * STAGE_SECOND);
	ck_assert(p->state == PAIR_HEDGED || p->state == PAIR_FLAT);
	ck_assert_uint_eq(s->script.calls[STRAT_PAIR], calls);
	ck_assert(s->page->body.stalls == 1 && s->page->body.stall_worst_ns == 1300000);
	stage_free(s);
}
END_TEST

START_TEST(a_hook_that_is_not_compiled_is_told)
{
	struct stage *s = stage_new();
	s->script.s.interpreted = true;
	stage_book(s, SPOT, 6000000, 6000003);
	stage_turn(s, 200 * STAGE_MS);
	ck_assert_int_eq(stage_latest(s, FACT_ALERT)->num[2], ALERT_INTERPRETED);
	ck_assert(s->page->body.instance[0].interpreted);
	s->script.s.interpreted = false;
	stage_book(s, SPOT, 6000000, 6000004);
	stage_turn(s, 200 * STAGE_MS);
	ck_assert_int_eq(stage_latest(s, FACT_ALERT)->num[2], ALERT_NOTE);
	ck_assert(!s->page->body.instance[0].interpreted);
	stage_free(s);
}
END_TEST

SUITE("stall", a_runaways_stall_is_told_and_its_pair_ends, a_hook_that_is_not_compiled_is_told)
