/* Proves cancels with limits (F14), replacements (F09), busts and corrections with their fees (F39), and that no order outlives the session it was made for. */
#include "core/base/err.h"
#include "core/trade/deadman.h"
#include "core/trade/risk.h"
#include "tests/unit/suite.h"
#include "tests/unit/trade/cases.h"
#include <stdio.h>
#include <string.h>

static struct order *resting(struct rig *r, enum fate fate)
{
	rig_plan(r, SPOT, fate, FATE_FILL);
	struct proposal pr = rig_proposal(INTENT_OPEN, CASE_LOTS);
	pr.tif = TIF_GTC;
	r->d.instance[0].limits.pair_timeout_ns = r->d.instance[0].limits.leg_timeout_ns =
		3600 * RIG_SECOND;
	struct pair *p = exec_propose(&r->d, 0, &pr);
	ck_assert_ptr_nonnull(p);
	rig_pump(r);
	uint32_t at = p->first_order;
	for (struct order *o; (o = blotter_each_of(&r->d.blotter, &at));)
		if (o->leg == SPOT)
			return o;
	return NULL;
}

START_TEST(test_cancel_is_bounded)
{
	struct rig *r = rig_new();
	struct order *o = resting(r, FATE_REST);
	r->venue[SPOT].mute_cancel = true;
	int64_t messages = r->d.venue[SPOT].day_sent;
	router_cancel(&r->d, o, 0);
	router_cancel(&r->d, o, 0); /* pressed twice, sent once */
	ck_assert_uint_eq(r->venue[SPOT].cancels, 1);
	ck_assert_int_eq(r->d.venue[SPOT].day_sent, messages + 1); /* I13 */
	rig_run(r, 10 * RIG_SECOND);
	ck_assert_uint_eq(r->venue[SPOT].cancels, 3);
	ck_assert_uint_eq(r->venue[SPOT].mass_cancels, 1);
	ck_assert_int_eq(o->state, ORDER_CANCELLED);
	ck_assert_uint_eq(rig_count(r, FACT_CANCEL), 3);
	ck_assert_uint_eq(rig_count(r, FACT_CANCEL_ALL), 1);
	rig_free(r);
}
END_TEST

/* Not even the contract as a whole: ever more slowly, unknown, and somebody is told. */
START_TEST(test_cancel_never_obeyed)
{
	struct rig *r = rig_new();
	struct order *o = resting(r, FATE_REST);
	uint64_t id = o->id;
	r->venue[SPOT].mute_cancel = r->venue[SPOT].no_mass_cancel = true;
	router_cancel(&r->d, o, 0);
	rig_run(r, 60 * RIG_SECOND);
	ck_assert_uint_ge(r->venue[SPOT].cancels, 8);
	ck_assert_uint_le(r->venue[SPOT].cancels, 24);
	ck_assert_int_eq(o->state, ORDER_UNKNOWN);
	bool told = false;
	for (uint32_t i = 0; i < r->journal.n; i++)
		told |= r->journal.fact[i].kind == FACT_ALERT &&
			strstr(r->journal.fact[i].text, "works on after 3 cancels");
	ck_assert(told);
	r->venue[SPOT].mute_cancel = false;
	rig_run(r, 12 * RIG_SECOND);
	ck_assert_ptr_eq(blotter_find(&r->d.blotter, id), o);
	ck_assert_int_eq(o->state, ORDER_CANCELLED);
	rig_free(r);
}
END_TEST

START_TEST(test_cancel_all)
{
	struct rig *r = rig_new();
	struct order *a = resting(r, FATE_REST), *b = resting(r, FATE_REST);
	ck_assert_uint_eq(router_cancel_all(&r->d, SPOT, UINT16_MAX, UINT32_MAX, 0), 2);
	ck_assert_uint_eq(r->venue[SPOT].mass_cancels, 1);
	ck_assert_uint_eq(r->venue[SPOT].cancels, 0);
	rig_pump(r);
	ck_assert(order_terminal((enum order_state)a->state) &&
		  order_terminal((enum order_state)b->state));
	/* Somebody else's order works there: it is not ours to cancel. */
	resting(r, FATE_REST);
	resting(r, FATE_REST);
	struct exec_report x = {
		.kind = EXEC_ACK, .instrument = SPOT, .venue_order = "S", .qty = 1
	};
	router_on_exec(&r->d, &x);
	ck_assert_uint_eq(router_cancel_all(&r->d, SPOT, SPOT, SPOT, 0), 2);
	ck_assert_uint_eq(r->venue[SPOT].mass_cancels, 1);
	ck_assert_uint_eq(r->venue[SPOT].cancels, 2);
	ck_assert_uint_eq(router_cancel_all(&r->d, PERP, UINT16_MAX, UINT32_MAX, 0), 0);
	rig_free(r);
}
END_TEST

/* A kill of everything takes a contract's orders off with one message. */
START_TEST(test_kill_cancels_by_contract)
{
	struct rig *r = rig_new();
	const struct risk_scope all = { .scope = SCOPE_GLOBAL };
	struct order *a = resting(r, FATE_REST), *b = resting(r, FATE_REST);
	risk_kill(&r->d, &all, KILL_CANCEL, "me", "a drill");
	ck_assert_uint_eq(r->venue[SPOT].mass_cancels, 1);
	ck_assert_uint_eq(r->venue[SPOT].cancels, 0);
	risk_kill(&r->d, &all, KILL_CANCEL, "me", "pressed twice");
	ck_assert_uint_eq(r->venue[SPOT].mass_cancels + r->venue[SPOT].cancels, 1);
	rig_pump(r);
	ck_assert(order_terminal((enum order_state)a->state) &&
		  order_terminal((enum order_state)b->state));
	rig_free(r);
}
END_TEST

START_TEST(test_replace)
{
	struct rig *r = rig_new();
	struct order *o = resting(r, FATE_REST_PART);
	int64_t qty = o->qty, px = o->px;
	ck_assert_int_eq(o->cum, qty / 2);
	ck_assert_int_eq(router_replace(&r->d, o, px + 1, qty * 2, 0), 0);
	ck_assert_int_eq(o->state, ORDER_REPLACING);
	ck_assert_int_eq(o->qty, qty * 2); /* both may fill: the larger counts */
	ck_assert_int_eq(router_replace(&r->d, o, px, qty, 0), -ERR_STATE);
	rig_pump(r);
	ck_assert_int_eq(o->state, ORDER_LIVE);
	ck_assert_int_eq(o->px, px + 1);
	ck_assert_int_eq(o->qty, qty * 2);
	ck_assert_int_eq(router_replace(&r->d, o, px, o->cum, 0), -ERR_ARG); /* F09 */
	/* It fills in between: there are no leaves below nothing. */
	ck_assert_int_eq(router_replace(&r->d, o, px, qty, 0), 0);
	struct exec_report done = r->venue[SPOT].out[r->venue[SPOT].n_out - 1];
	r->venue[SPOT].n_out = 0;
	fake_fill(r, SPOT, fake_last(r, SPOT), qty, true);
	rig_pump(r);
	ck_assert_int_eq(o->state, ORDER_REPLACING);
	done.cum = qty / 2 + qty;
	router_on_exec(&r->d, &done);
	ck_assert_int_eq(o->state, ORDER_FILLED);
	ck_assert_int_eq(o->qty, qty);
	ck_assert_int_eq(o->cum, qty / 2 + qty);
	ck_assert(!r->d.instance[0].paused); /* asked for by ourselves, one after the other */
	ck_assert_int_eq(router_replace(&r->d, o, px, qty * 3, 0), -ERR_STATE);
	rig_free(r);
}
END_TEST

/* A refusal asks what became of the order; silence does too, and the answer says which of the two is in force. */
START_TEST(test_replace_refused_or_lost)
{
	struct rig *r = rig_new();
	struct order *o = resting(r, FATE_REST);
	int64_t qty = o->qty, px = o->px;
	fake_end(r, SPOT, fake_last(r, SPOT)); /* gone, unreported */
	ck_assert_int_eq(router_replace(&r->d, o, px, qty * 2, 0), 0);
	rig_pump(r);
	rig_run(r, RIG_SECOND);
	ck_assert_int_eq(o->state, ORDER_CANCELLED);
	ck_assert_int_eq(o->qty, qty);
	rig_free(r);
	r = rig_new();
	o = resting(r, FATE_REST);
	uint64_t id = o->id;
	r->venue[SPOT].deaf_replace = true;
	ck_assert_int_eq(router_replace(&r->d, o, px, qty * 2, 0), 0);
	struct rig *again = rig_reborn(r, r->journal.n, true); /* and the host dies meanwhile */
	rig_recover(again);
	ck_assert_int_eq(blotter_find(&again->d.blotter, id)->qty, qty * 2);
	rig_free(again);
	rig_run(r, 2 * RIG_SECOND);
	ck_assert_int_eq(o->qty, qty);
	ck_assert_int_eq(o->new_qty, 0);
	rig_free(r);
}
END_TEST

static int64_t fee_of(struct rig *r)
{
	return position_fee_in(r->d.instance[0].row[SPOT], r->in[SPOT].base);
}

START_TEST(test_bust_and_correction)
{
	struct rig *r = rig_new();
	struct pair *p = open_hedged(r);
	struct order *o = NULL;
	uint32_t at = p->first_order;
	for (struct order *x; (x = blotter_each_of(&r->d.blotter, &at));)
		o = x->leg == SPOT ? x : o;
	const struct fake_fill *f = &r->venue[SPOT].fill[0];
	int64_t fee = fee_of(r), cash = r->d.instance[0].row[SPOT]->cash_e8;
	ck_assert_int_gt(fee, 0);
	struct exec_report x = { .kind = EXEC_CORRECT,
				 .side = o->side,
				 .venue = SPOT,
				 .account = SPOT,
				 .instrument = SPOT,
				 .order = o->id,
				 .px = f->px,
				 .qty = f->qty - 100,
				 .fee_e8 = 5,
				 .fee_asset = r->in[SPOT].base };
	snprintf(x.exec, sizeof x.exec, "C1");
	memcpy(x.ref, f->exec, sizeof x.ref);
	router_on_exec(&r->d, &x);
	router_on_exec(&r->d, &x); /* twice: once */
	ck_assert_int_eq(o->cum, f->qty - 100);
	ck_assert_int_eq(fee_of(r), 5);
	ck_assert_int_gt(r->d.instance[0].row[SPOT]->cash_e8, cash); /* less was bought */
	ck_assert_uint_eq(rig_count(r, FACT_BUST), 1);
	x.kind = EXEC_BUST; /* and then it is taken back altogether; its own words do not count */
	x.qty = 1;
	router_on_exec(&r->d, &x);
	ck_assert_int_eq(o->cum, 0);
	ck_assert_int_eq(fee_of(r), 0);
	ck_assert_int_eq(r->d.instance[0].row[SPOT]->cash_e8, 0);
	ck_assert_int_eq(p->leg[SPOT].cum_qty, 0);
	ck_assert_int_eq(p->leg[SPOT].fee_base_e8, 0);
	/* One that nobody remembers is no reason to guess. */
	x.kind = EXEC_CORRECT;
	snprintf(x.ref, sizeof x.ref, "never");
	router_on_exec(&r->d, &x);
	ck_assert_int_eq(o->cum, 0);
	rig_free(r);
}
END_TEST

/* What was made for one session does not go out in the next: a pair that waited for the disk over a reconnect was decided on another day. */
START_TEST(test_session_epoch)
{
	struct rig *r = rig_new();
	r->cfg.store.durability_power = true;
	struct pair *p = open_pair(r, FATE_FILL, FATE_FILL);
	expect_state(p, PAIR_CHECKED);
	r->d.venue[SPOT].epoch++;
	r->d.venue[PERP].epoch++;
	r->journal.synced = UINT64_MAX;
	exec_release(&r->d);
	rig_pump(r);
	ck_assert_uint_eq(r->venue[SPOT].places + r->venue[PERP].places, 0);
	expect_state(p, PAIR_FLAT);
	rig_free(r);
}
END_TEST

START_TEST(test_capabilities)
{
	struct rig *r = rig_new();
	r->in[SPOT].caps.types = 1u << ORD_LIMIT;
	r->in[SPOT].caps.tifs = 1u << TIF_GTC;
	open_pair(r, FATE_FILL, FATE_REJECT);
	rig_pump(r);
	ck_assert_uint_eq(r->venue[SPOT].places, 0);
	bool told = false;
	for (uint32_t i = 0; i < r->journal.n; i++)
		told |= r->journal.fact[i].kind == FACT_REJECTED &&
			strstr(r->journal.fact[i].text, "time in force");
	ck_assert(told);
	rig_free(r);
}
END_TEST

/* F72 */
START_TEST(test_dead_man)
{
	struct rig *r = rig_new();
	r->cv[SPOT].dead_man_ns = 30 * RIG_SECOND;
	for (int k = 0; k < 300; k++) {
		rig_run(r, 100 * RIG_MS);
		deadman_on_time(&r->d);
	}
	ck_assert_uint_eq(r->venue[SPOT].arms, 3);
	ck_assert_uint_eq(r->venue[PERP].arms, 0);
	ck_assert_uint_eq(rig_count(r, FACT_ARM), 3);
	rig_venue(r, SPOT, false);
	deadman_on_time(&r->d);
	ck_assert_uint_eq(r->venue[SPOT].arms, 3);
	rig_venue(r, SPOT, true); /* a new log-on arms at once */
	deadman_on_time(&r->d);
	ck_assert_uint_eq(r->venue[SPOT].arms, 4);
	/* It fired while a rescue worked: the rescue is sent again. */
	rig_plan(r, PERP, FATE_REST, FATE_FILL);
	rig_plan(r, SPOT, FATE_FILL, FATE_FILL);
	struct pair *p = rig_propose(r, INTENT_OPEN, CASE_LOTS);
	ck_assert_ptr_nonnull(p);
	rig_pump(r);
	struct fake_order *o = fake_last(r, PERP);
	fake_end(r, PERP, o);
	fake_report(r, PERP, o, EXEC_CANCELLED);
	r->venue[PERP].out[0].why = CANCEL_DEAD_MAN;
	expect_end(r, p, PAIR_HEDGED);
	const struct fact *f = NULL;
	for (uint32_t i = 0; i < r->journal.n; i++)
		if (r->journal.fact[i].kind == FACT_CANCELLED)
			f = &r->journal.fact[i];
	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(f->num[3], CANCEL_DEAD_MAN);
	rig_free(r);
}
END_TEST

/* I13: it takes a message for each contract of the venue, and is left alone where there is no room for all of them. */
START_TEST(test_dead_man_keeps_to_the_budget)
{
	struct rig *r = rig_new();
	r->cv[SPOT].dead_man_ns = 30 * RIG_SECOND;
	r->cv[SPOT].messages_per_s = 1;
	r->in[PERP].venue = SPOT;
	deadman_on_time(&r->d);
	ck_assert_uint_eq(r->venue[SPOT].arms, 0);
	r->cv[SPOT].messages_per_s = 2;
	rig_run(r, 11 * RIG_SECOND);
	deadman_on_time(&r->d);
	ck_assert_uint_eq(r->venue[SPOT].arms, 1);
	rig_free(r);
}
END_TEST

SUITE("router_change", test_cancel_is_bounded, test_cancel_never_obeyed, test_cancel_all,
      test_kill_cancels_by_contract, test_replace, test_replace_refused_or_lost,
      test_bust_and_correction, test_session_epoch, test_capabilities, test_dead_man,
      test_dead_man_keeps_to_the_budget)
