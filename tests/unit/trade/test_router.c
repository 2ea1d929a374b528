/* Proves the router's promises: no allocation from proposal to settled pair, a full journal opens nothing and lets cancels go, reports in any order. */
#include "core/base/rng.h"
#include "tests/kit/allocs.h"
#include "tests/unit/suite.h"
#include "tests/unit/trade/rig.h"
#include <stdlib.h>
#include <string.h>

START_TEST(test_no_allocation)
{
	static const enum fate fate[] = { FATE_FILL, FATE_REJECT, FATE_PART, FATE_LOST,
					  FATE_SILENT_FILL };
	allocs_begin();
	void *volatile one = malloc(1); /* the counter counts */
	free(one);
	ck_assert_uint_eq(allocs_end(), 1);
	struct rig *r = rig_new();
	r->venue[SPOT].check_intents = r->venue[PERP].check_intents =
		false; /* Check's assertions write to their parent */
	for (unsigned i = 0; i < sizeof fate / sizeof fate[0]; i++) {
		rig_plan(r, SPOT, fate[i], FATE_FILL);
		struct proposal pr = rig_proposal(INTENT_OPEN, 100);
		allocs_begin();
		struct pair *p = exec_propose(&r->d, 0, &pr);
		for (int k = 0; p && k < 100; k++) {
			r->d.now.mono_ns += 10 * RIG_MS;
			for (struct timer_event t;
			     timers_pop(&r->d.timers, r->d.now.mono_ns, &t);) {
				if (t.kind == TIMER_ORDER)
					router_on_timer(&r->d, t.arg);
				else
					exec_on_timer(&r->d, t.arg);
			}
			exec_run(&r->d);
			for (unsigned l = 0; l < RIG_LEGS; l++) {
				for (uint32_t n = 0; n < r->venue[l].n_out; n++)
					router_on_exec(&r->d, &r->venue[l].out[n]);
				r->venue[l].n_out = 0;
			}
			exec_run(&r->d);
		}
		unsigned taken = allocs_end();
		ck_assert_ptr_nonnull(p);
		ck_assert(pair_over((enum pair_state)p->state));
		ck_assert_uint_eq(taken, 0);
	}
	rig_audit(r);
	rig_free(r);
}
END_TEST

/* "Not found" counts once the venue has had its time to settle: a question is put at that moment, however slowly it is asked by then, and not before the last one was. */
START_TEST(test_asked_when_the_venue_has_settled)
{
	for (int64_t settle = 500 * RIG_MS; settle <= 4500 * RIG_MS; settle += 500 * RIG_MS) {
		struct rig *r = rig_new();
		r->cv[PERP].settle_ns = settle;
		r->venue[PERP].mute_query = true;
		rig_plan(r, PERP, FATE_LOST, FATE_FILL);
		struct proposal pr = rig_proposal(INTENT_OPEN, 100);
		const int64_t sent_ns = r->d.now.mono_ns;
		ck_assert_ptr_nonnull(exec_propose(&r->d, 0, &pr));
		rig_run(r, settle - 10 * RIG_MS);
		unsigned before = r->venue[PERP].queries;
		rig_run(r, 10 * RIG_MS);
		ck_assert_int_eq(r->d.now.mono_ns, sent_ns + settle);
		EXPECT_MSG(r->venue[PERP].queries == before + 1, "settled after %lld ms: %u, %u",
			   (long long)(settle / RIG_MS), before, r->venue[PERP].queries);
		rig_run(r, 4 * RIG_SECOND);
		ck_assert_uint_le(r->venue[PERP].queries,
				  before + 5); /* and then as slowly as before */
		rig_free(r);
	}
}
END_TEST

/* F54: nothing opens, what works is cancelled, and a broken pair says that it cannot write its rescue. */
START_TEST(test_journal_full)
{
	struct rig *r = rig_new();
	rig_plan(r, SPOT, FATE_REST, FATE_FILL);
	struct proposal pr = rig_proposal(INTENT_OPEN, 100);
	pr.tif = TIF_GTC;
	struct pair *p = exec_propose(&r->d, 0, &pr);
	ck_assert_ptr_nonnull(p);
	rig_pump(r);
	r->journal.limit = r->journal.n;
	ck_assert_ptr_null(rig_propose(r, INTENT_OPEN, 100));
	exec_cancel(&r->d, p, 0);
	ck_assert_uint_eq(r->venue[SPOT].cancels, 1); /* a cancel needs no durable intent */
	rig_run(r, RIG_SECOND);
	ck_assert_int_eq(p->state, PAIR_HELD);
	ck_assert_int_eq(p->held_cause, HELD_NO_ROOM);
	ck_assert_uint_eq(r->venue[SPOT].places + r->venue[PERP].places, 2); /* R2 */
	r->journal.limit = RIG_FACTS; /* the writer has caught up */
	rig_run(r, 2 * RIG_SECOND);
	rig_finish(r, p, 20 * RIG_SECOND);
	ck_assert(pair_over((enum pair_state)p->state));
	rig_audit(r);
	rig_free(r);
}
END_TEST

/* The journal fills up in the middle of a proposal, at every receipt: all of its orders are written, or none is sent. */
START_TEST(test_journal_fills_up_at_every_receipt)
{
	for (uint32_t left = 0; left < 14; left++) {
		struct rig *r = rig_new();
		r->d.cfg = &r->cfg;
		struct proposal pr = rig_proposal(INTENT_OPEN, 100);
		r->journal.limit = RIG_FACTS;
		uint32_t n = r->journal.n;
		/* the gate asks for room; it is lost behind its back */
		memmove(&r->journal.fact[RIG_FACTS - left - n], r->journal.fact,
			n * sizeof r->journal.fact[0]);
		r->journal.n = RIG_FACTS - left;
		struct pair *p = exec_propose(&r->d, 0, &pr);
		unsigned orders = rig_count(r, FACT_ORDER),
			 sent = r->venue[SPOT].places + r->venue[PERP].places;
		EXPECT_MSG(sent == 0 || orders == RIG_LEGS, "%u left: %u sent on %u intents", left,
			   sent, orders);
		EXPECT(!p || sent || p->state == PAIR_REFUSED);
		rig_free(r);
	}
}
END_TEST

/* Any order of any reports for one order: cum is the sum of its fills less its busts (I4), and it ends. */
START_TEST(test_reports_in_any_order)
{
	struct rng rng;
	rng_seed(&rng, 21);
	for (int round = 0; round < 200; round++) {
		struct rig *r = rig_new();
		rig_plan(r, SPOT, FATE_LOST, FATE_FILL);
		struct pair *p = rig_propose(r, INTENT_OPEN, 100);
		struct order *o = NULL;
		uint32_t at = p->first_order;
		for (struct order *x; (x = blotter_each_of(&r->d.blotter, &at));)
			o = x->leg == SPOT ? x : o;
		int64_t want = 0;
		bool seen[8] = { false }, busted[8] = { false };
		for (int k = 0; k < 20; k++) {
			struct exec_report rep = {
				.kind = (uint8_t)rng_below(&rng, exec_kind_max),
				.side = o->side,
				.instrument = SPOT,
				.order = o->id,
				.px = 6000001,
				.qty = 100,
				.status = (uint8_t)rng_range(&rng, ORDER_LIVE, ORDER_REJECTED),
				.reject_class = (uint8_t)rng_below(&rng, reject_class_max)
			};
			unsigned e = (unsigned)rng_below(&rng, 8);
			rep.exec[0] = (char)('a' + e);
			if (rep.kind == EXEC_FILL && !seen[e]) {
				seen[e] = true;
				want += 100;
			}
			if (rep.kind == EXEC_BUST && (!seen[e] || busted[e]))
				continue;
			if (rep.kind == EXEC_BUST) {
				busted[e] = true;
				want -= 100;
			}
			bool was_over = order_terminal((enum order_state)o->state);
			router_on_exec(&r->d, &rep);
			EXPECT(o->cum == want && p->leg[SPOT].cum_qty == want);
			EXPECT(position_net(r->d.instance[0].row[SPOT]) == want);
			EXPECT(!was_over || order_terminal((enum order_state)o->state));
			EXPECT(p->leg[SPOT].open_orders ==
			       !order_terminal((enum order_state)o->state));
		}
		rig_free(r);
	}
}
END_TEST

/* The queries for an unknown order slow down to one in five seconds, and somebody is told. */
START_TEST(test_queries_back_off)
{
	struct rig *r = rig_new();
	r->venue[SPOT].mute_query = true;
	rig_plan(r, SPOT, FATE_LOST, FATE_FILL);
	ck_assert_ptr_nonnull(rig_propose(r, INTENT_OPEN, 100));
	rig_run(r, 60 * RIG_SECOND);
	ck_assert_uint_ge(r->venue[SPOT].queries, 12);
	ck_assert_uint_le(r->venue[SPOT].queries, 20);
	ck_assert_uint_eq(router_unknown(&r->d, SPOT), 1);
	ck_assert_uint_eq(router_unknown(&r->d, PERP), 0);
	ck_assert_ptr_nonnull(rig_latest(r, FACT_ALERT));
	rig_free(r);
}
END_TEST

/* "Not known yet" is an answer to a question, and no reason to ask again at once. */
START_TEST(test_unknown_answers_back_off)
{
	struct rig *r = rig_new();
	r->venue[SPOT].mute_query = true;
	rig_plan(r, SPOT, FATE_SILENT_REST, FATE_FILL);
	ck_assert_ptr_nonnull(rig_propose(r, INTENT_OPEN, 100));
	unsigned asked = 0;
	for (int k = 0; k < 6000; k++) {
		rig_run(r, 10 * RIG_MS);
		if (r->venue[SPOT].queries != asked)
			fake_report(r, SPOT, fake_last(r, SPOT), EXEC_UNKNOWN);
		asked = r->venue[SPOT].queries;
	}
	ck_assert_uint_ge(asked, 12);
	ck_assert_uint_le(asked, 20);
	rig_free(r);
}
END_TEST

SUITE("router", test_no_allocation, test_asked_when_the_venue_has_settled, test_journal_full,
      test_journal_fills_up_at_every_receipt, test_reports_in_any_order, test_queries_back_off,
      test_unknown_answers_back_off)
