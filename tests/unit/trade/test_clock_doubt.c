/* Proves what follows when a venue refuses our time stamps: it is asked for its clock, people are told, nothing opens there, and a hedge goes out again once the clock was mended, not before and not in a storm. */
#include "core/trade/clock_doubt.h"
#include "tests/unit/suite.h"
#include "tests/unit/trade/rig.h"

static unsigned clock_alerts(const struct rig *r)
{
	unsigned n = 0;
	for (uint32_t i = 0; i < r->journal.n; i++)
		n += r->journal.fact[i].kind == FACT_ALERT &&
		     r->journal.fact[i].num[2] == ALERT_CLOCK;
	return n;
}

/* The hedge was refused for its stamp while the other leg filled; so is the rescue of it if nobody mends the clock. */
static struct pair *refused(struct rig *r)
{
	r->venue[PERP].stale_clock = true;
	rig_plan(r, SPOT, FATE_FILL, FATE_FILL);
	rig_plan(r, PERP, FATE_REJECT, FATE_REJECT);
	r->d.instance[0].limits.on_leg_fail = LEG_FAIL_COMPLETE;
	struct pair *p = rig_propose(r, INTENT_OPEN, 100);
	ck_assert_ptr_nonnull(p);
	rig_pump(r);
	return p;
}

START_TEST(a_refused_hedge_waits_for_the_venues_time_and_goes_then)
{
	struct rig *r = rig_new();
	struct pair *p = refused(r);
	ck_assert_uint_eq(r->venue[PERP].places, 1);
	ck_assert_uint_eq(r->venue[PERP].clock_asks, 1);
	ck_assert_uint_eq(r->venue[SPOT].clock_asks, 0);
	ck_assert_uint_eq(clock_alerts(r), 1);
	ck_assert(clock_doubted(&r->d, PERP) && !clock_doubted(&r->d, SPOT));
	int64_t asked_ns = r->d.now.mono_ns;
	rig_run(r, 500 * RIG_MS);
	ck_assert_uint_eq(r->venue[PERP].places, 1);
	clock_doubt_told(&r->d, PERP, asked_ns - 1); /* asked before: tells nothing new */
	ck_assert(clock_doubted(&r->d, PERP));
	r->venue[PERP].then = FATE_FILL;
	clock_doubt_told(&r->d, PERP, asked_ns);
	ck_assert(!clock_doubted(&r->d, PERP));
	rig_run(r, 200 * RIG_MS);
	ck_assert_int_eq(p->state, PAIR_HEDGED);
	ck_assert_uint_eq(r->venue[PERP].places, 2);
	rig_free(r);
}
END_TEST

START_TEST(it_is_held_for_the_clock)
{
	struct rig *r = rig_new();
	struct pair *p = refused(r);
	/* Nobody answers: asked again after a second, and again. */
	rig_run(r, 6 * RIG_SECOND);
	ck_assert_int_eq(p->state, PAIR_HELD);
	ck_assert_int_eq(p->held_cause, HELD_CLOCK);
	ck_assert_str_eq(held_cause_name(HELD_CLOCK), "clock");
	ck_assert_uint_ge(r->venue[PERP].clock_asks, 3);
	ck_assert_uint_le(r->venue[PERP].clock_asks, 7);
	r->venue[PERP].then = FATE_FILL;
	rig_run(r, 3 * RIG_SECOND);
	ck_assert_int_eq(p->state, PAIR_HEDGED);
	rig_free(r);
}
END_TEST

/* It tells its time at once and refuses all the same: each next order waits longer. */
START_TEST(a_venue_that_goes_on_refusing_is_not_stormed)
{
	struct rig *r = rig_new();
	refused(r);
	unsigned at_s[2] = { 0 };
	for (int i = 0; i < 2000; i++) {
		clock_doubt_told(&r->d, PERP, r->d.now.mono_ns);
		rig_run(r, 10 * RIG_MS);
		at_s[i / 1000] += i % 1000 == 999 ? r->venue[PERP].places : 0;
	}
	ck_assert_uint_ge(at_s[0], 5);
	ck_assert_uint_le(at_s[0], 12);
	ck_assert_uint_le(at_s[1] - at_s[0], 3);
	rig_free(r);
}
END_TEST

START_TEST(nothing_opens_there_meanwhile)
{
	struct rig *r = rig_new();
	ck_assert(risk_message_room(&r->d, PERP, 1, false));
	clock_doubt(&r->d, PERP, 0);
	ck_assert(!risk_message_room(&r->d, PERP, 1, false));
	ck_assert(risk_message_room(&r->d, PERP, 1, true)); /* cancels are tried */
	ck_assert_ptr_null(rig_propose(r, INTENT_OPEN, 100));
	ck_assert_uint_eq(r->venue[SPOT].places, 0);
	clock_doubt_told(&r->d, PERP, r->d.now.mono_ns);
	ck_assert_ptr_nonnull(rig_propose(r, INTENT_OPEN, 100));
	rig_free(r);
}
END_TEST

SUITE("clock_doubt", a_refused_hedge_waits_for_the_venues_time_and_goes_then,
      it_is_held_for_the_clock, a_venue_that_goes_on_refusing_is_not_stormed,
      nothing_opens_there_meanwhile)
