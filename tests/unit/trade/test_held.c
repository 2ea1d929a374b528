/* Proves that a pair that is held is looked at again by itself, and ends once what held it is over (R6). */
#include "tests/unit/suite.h"
#include "tests/unit/trade/cases.h"
#include <string.h>

START_TEST(looked_at_again)
{
	struct rig *r = rig_new();
	r->d.instance[0].limits.on_leg_fail = LEG_FAIL_COMPLETE;
	rig_plan(r, PERP, FATE_REJECT, FATE_FILL);
	struct proposal pr = rig_proposal(INTENT_OPEN, CASE_LOTS);
	struct pair *p = exec_propose(&r->d, 0, &pr);
	ck_assert_ptr_nonnull(p);
	rig_book(r, PERP, 590000, 590001, 5000); /* far beyond the slip limit */
	rig_run(r, 20 * RIG_SECOND);
	expect_state(p, PAIR_HELD);
	ck_assert_int_eq(p->held_cause, HELD_PRICE);
	rig_book(r, PERP, 601000, 601001, 5000);
	rig_run(r, 3 * RIG_SECOND); /* nobody tells it */
	expect_state(p, PAIR_HEDGED);
	rig_audit(r);
	rig_free(r);
}
END_TEST

/* One leg has filled, and of the other nobody knows: that is told within a tenth of a second, with what is naked, long before its patience ends. */
START_TEST(an_unknown_leg_is_told_at_once)
{
	static const enum pair_style style[] = { STYLE_BOTH, STYLE_LEGGED };
	for (int k = 0; k < 2; k++) {
		struct rig *r = rig_new();
		r->d.instance[0].limits.pair_timeout_ns = 20 * RIG_SECOND;
		rig_plan(r, PERP, FATE_SILENT_FILL, FATE_FILL);
		r->venue[PERP].mute_query = true;
		struct proposal pr = rig_proposal(INTENT_OPEN, CASE_LOTS);
		pr.style = (uint8_t)style[k];
		pr.first = SPOT;
		struct pair *p = exec_propose(&r->d, 0, &pr);
		ck_assert_ptr_nonnull(p);
		rig_run(r, 290 * RIG_MS);
		ck_assert_uint_eq(rig_count(r, FACT_UNKNOWN), 0);
		ck_assert_int_eq(p->stuck_cause, HELD_NONE);
		rig_run(r, 20 * RIG_MS);
		ck_assert_uint_eq(rig_count(r, FACT_UNKNOWN), 1);
		ck_assert_int_eq(p->stuck_cause, HELD_UNKNOWN_ORDER);
		ck_assert_int_ne(p->broken_ns, 0);
		rig_run(r, 80 * RIG_MS);
		expect_state(p, PAIR_SENT);
		const struct fact *f = rig_latest(r, FACT_ALERT);
		ck_assert_ptr_nonnull(f);
		ck_assert_int_eq(f->num[2], ALERT_PAIR_HELD);
		ck_assert_uint_eq(f->pair, p->id);
		ck_assert_msg(strstr(f->text,
				     "unknown_order: 0.0999999 base units, worth 5999.99,") &&
				      strstr(f->text, "not hedged"),
			      "%s", f->text);
		unsigned alerts = rig_count(r, FACT_ALERT);
		rig_run(r, RIG_SECOND / 2);
		ck_assert_uint_eq(rig_count(r, FACT_ALERT), alerts); /* once */
		r->venue[PERP].mute_query = false;
		rig_run(r, 5 * RIG_SECOND);
		expect_state(p, PAIR_HEDGED);
		ck_assert_int_eq(p->stuck_ns, 0);
		rig_audit(r);
		rig_free(r);
	}
}
END_TEST

/* A question that is answered soon is nobody's news. */
START_TEST(what_is_answered_soon_is_not_told)
{
	struct rig *r = rig_new();
	rig_plan(r, PERP, FATE_SILENT_FILL, FATE_FILL);
	struct proposal pr = rig_proposal(INTENT_OPEN, CASE_LOTS);
	struct pair *p = exec_propose(&r->d, 0, &pr);
	rig_run(r, RIG_SECOND);
	expect_state(p, PAIR_HEDGED);
	ck_assert_uint_eq(rig_count(r, FACT_UNKNOWN), 1);
	ck_assert_uint_eq(rig_count(r, FACT_ALERT), 0);
	rig_free(r);
}
END_TEST

/* It could be mended and cannot be now: told within a tenth of a second, once, and again when it is held for it. */
START_TEST(a_wait_with_a_cause_is_told_at_once)
{
	struct rig *r = rig_new();
	rig_plan(r, PERP, FATE_REJECT, FATE_FILL);
	r->d.instance[0].limits.on_leg_fail = LEG_FAIL_COMPLETE;
	r->d.instance[0].limits.pair_timeout_ns = 2 * RIG_SECOND;
	struct proposal pr = rig_proposal(INTENT_OPEN, CASE_LOTS);
	struct pair *p = exec_propose(&r->d, 0, &pr);
	rig_book(r, PERP, 590000, 590001, 5000);
	rig_run(r, 10 * RIG_MS);
	expect_state(p, PAIR_BROKEN);
	ck_assert_int_eq(p->stuck_cause, HELD_PRICE);
	rig_run(r, 90 * RIG_MS);
	expect_state(p, PAIR_BROKEN);
	const struct fact *f = rig_latest(r, FACT_ALERT);
	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(f->num[2], ALERT_PAIR_HELD);
	ck_assert_msg(strstr(f->text, "price_beyond_limit: 0.0999999 base units"), "%s", f->text);
	unsigned alerts = rig_count(r, FACT_ALERT);
	rig_run(r, RIG_SECOND);
	ck_assert_uint_eq(rig_count(r, FACT_ALERT), alerts);
	rig_run(r, 2 * RIG_SECOND);
	expect_state(p, PAIR_HELD);
	ck_assert_uint_eq(rig_count(r, FACT_ALERT), alerts + 1);
	ck_assert_ptr_nonnull(strstr(rig_latest(r, FACT_ALERT)->text, "0.0999999 base units"));
	rig_free(r);
}
END_TEST

/* What was tried since does not make it younger: neither its steps nor an operator's word. */
START_TEST(it_broke_when_it_first_did)
{
	struct rig *r = rig_new();
	rig_plan(r, PERP, FATE_REJECT, FATE_REJECT);
	r->d.instance[0].limits.on_leg_fail = LEG_FAIL_COMPLETE;
	struct proposal pr = rig_proposal(INTENT_OPEN, CASE_LOTS);
	struct pair *p = exec_propose(&r->d, 0, &pr);
	rig_run(r, 10 * RIG_MS);
	const int64_t broke_ns = p->broken_ns;
	ck_assert_int_ne(broke_ns, 0);
	rig_run(r, 25 * RIG_SECOND);
	ck_assert_int_eq(p->broken_ns, broke_ns);
	ck_assert_int_eq(exec_resolve(&r->d, p, RESOLVE_COMPLETE, "ann", "again"), 0);
	rig_run(r, RIG_SECOND);
	ck_assert_int_eq(p->broken_ns, broke_ns);
	struct rig *again = rig_reborn(r, r->journal.n, true);
	rig_recover(again);
	const struct pair *q = pairs_find(&again->d.pairs, p->id);
	ck_assert_ptr_nonnull(q);
	int64_t was = r->d.now.mono_ns - broke_ns, is = again->d.now.mono_ns - q->broken_ns;
	ck_assert_int_le(was > is ? was - is : is - was, 10 * RIG_MS);
	rig_free(again);
	r->venue[PERP].then = FATE_FILL;
	rig_run(r, 20 * RIG_SECOND);
	expect_state(p, PAIR_HEDGED);
	ck_assert_int_eq(p->broken_ns, 0);
	rig_free(r);
}
END_TEST

SUITE("held", looked_at_again, an_unknown_leg_is_told_at_once, what_is_answered_soon_is_not_told,
      a_wait_with_a_cause_is_told_at_once, it_broke_when_it_first_did)
