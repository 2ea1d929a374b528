/* Proves when a venue's word is believed against the books, what a fence bars and how it falls, and whose a stranger's or a forced fill is (F16 F51 F64 F65 F70). */
#include "core/trade/watermark.h"
#include "tests/unit/suite.h"
#include "tests/unit/trade/cases.h"
#include <stdio.h>
#include <string.h>

static void ask(struct rig *r, unsigned leg)
{
	reconcile_begin(&r->d, (uint16_t)leg);
	rig_run(r, 10 * RIG_MS);
}

/* A round, answered in full; then time enough for another one. */
static void round_of(struct rig *r, unsigned leg)
{
	ask(r, leg);
	fake_tell_positions(r, leg, true);
	rig_run(r, RIG_SECOND);
}

static bool may_open(struct rig *r)
{
	rig_run(r, 2 * RIG_SECOND);
	struct pair *p = rig_propose(r, INTENT_OPEN, CASE_LOTS);
	if (p)
		rig_finish(r, p, 20 * RIG_SECOND);
	return p != NULL;
}

START_TEST(test_difference_is_fenced)
{
	struct rig *r = rig_new();
	open_hedged(r);
	rig_run(r, RIG_SECOND);
	round_of(r, PERP);
	ck_assert_ptr_null(fence_at(&r->d, PERP, PERP));
	r->venue[PERP].told_off = 7;
	round_of(r, PERP);
	ck_assert_ptr_null(fence_at(&r->d, PERP, PERP)); /* once is no proof */
	round_of(r, PERP);
	const struct fence *x = fence_at(&r->d, PERP, PERP);
	ck_assert_ptr_nonnull(x);
	ck_assert_uint_eq(x->why, FENCE_POSITION);
	ck_assert_int_eq(x->host_qty, -100);
	ck_assert_int_eq(x->venue_qty, -93);
	const struct fact *f = rig_latest(r, FACT_RECONCILE);
	ck_assert_int_eq(f->num[0], -100);
	ck_assert_int_eq(f->num[1], -93);
	ck_assert(!may_open(r));
	ck_assert_int_eq(rig_latest(r, FACT_RISK)->num[0], RISK_LIMIT_FENCE);
	struct pair *p = rig_propose(r, INTENT_CLOSE, CASE_LOTS); /* what is ours may go */
	ck_assert_ptr_nonnull(p);
	rig_finish(r, p, RIG_SECOND);
	r->venue[PERP].told_off = 0; /* it disappears */
	rig_run(r, RIG_SECOND);
	round_of(r, PERP);
	ck_assert_ptr_null(fence_at(&r->d, PERP, PERP));
	ck_assert(may_open(r));
	rig_free(r);
}
END_TEST

/* F16: that the sums agree says nothing of somebody else who trades there. */
START_TEST(test_other_fences_stand)
{
	static const enum fence_why why[] = { FENCE_FILL, FENCE_ORDER };
	for (unsigned k = 0; k < 2; k++) {
		struct rig *r = rig_new();
		open_hedged(r);
		rig_run(r, RIG_SECOND);
		fence_raise(&r->d, PERP, PERP, why[k], 0, 0, 0, "somebody else");
		round_of(r, PERP);
		round_of(r, PERP);
		ck_assert_ptr_nonnull(fence_at(&r->d, PERP, PERP));
		ck_assert(!may_open(r));
		rig_free(r);
	}
}
END_TEST

/* F64: an answer in part, one as of before our newest execution, one with something in flight: none of them proves anything. */
START_TEST(test_answers_that_prove_nothing)
{
	struct rig *r = rig_new();
	r->venue[PERP].told_off = 7;
	for (int k = 0; k < 4; k++) { /* in part */
		ask(r, PERP);
		fake_tell_positions(r, PERP, false);
		rig_run(r, RIG_SECOND);
	}
	for (int k = 0; k < 4; k++) { /* asked before the fill was counted */
		ask(r, PERP);
		struct pair *p = rig_propose(r, INTENT_OPEN, CASE_LOTS);
		ck_assert_ptr_nonnull(p);
		rig_finish(r, p, RIG_SECOND);
		fake_tell_positions(r, PERP, true);
		rig_run(r, RIG_SECOND);
	}
	for (int k = 0; k < 4; k++) { /* stamped before it */
		ask(r, PERP);
		reconcile_position(&r->d, PERP, PERP, 1, 0, 1);
		reconcile_answered(&r->d, PERP, true);
		rig_run(r, RIG_SECOND);
	}
	rig_plan(r, PERP, FATE_LOST, FATE_FILL);
	r->venue[PERP].mute_query = true;
	ck_assert_ptr_nonnull(rig_propose(r, INTENT_OPEN, CASE_LOTS));
	rig_run(r, RIG_SECOND);
	ck_assert_uint_eq(router_unknown(&r->d, PERP), 1);
	for (int k = 0; k < 4; k++)
		round_of(r, PERP);
	ck_assert_ptr_null(fence_at(&r->d, PERP, PERP));
	ck_assert_uint_eq(rig_count(r, FACT_RECONCILE), 0);
	rig_free(r);
}
END_TEST

/* F64: one stale answer in each of two sessions is not one that was repeated: with a log-on what was told before counts no more. */
START_TEST(test_sessions_do_not_repeat_each_other)
{
	struct rig *r = rig_new();
	struct desk *d = &r->d;
	for (unsigned leg = 0; leg < RIG_LEGS; leg++) {
		round_of(r, leg); /* of spot, the baseline */
		r->venue[leg].told_off = leg == SPOT ? -5000 : 7;
		for (int session = 0; session < 3; session++) {
			d->venue[leg].reconciled = false;
			r->venue[leg].v.state = VENUE_RECONCILING;
			reconcile_begin(d, (uint16_t)leg);
			rig_run(r, 10 * RIG_MS);
			fake_tell_positions(r, leg, true);
			r->venue[leg].v.state = VENUE_UP;
			reconcile_up(d, (uint16_t)leg);
			rig_run(r, 300 * RIG_MS);
			ck_assert_ptr_null(fence_at(d, (uint16_t)leg, leg));
			ck_assert(!d->venue[leg].reconciled);
		}
		round_of(r, leg); /* in the same one it is */
		ck_assert_ptr_nonnull(fence_at(d, (uint16_t)leg, leg));
	}
	rig_free(r);
}
END_TEST

/* After a log-on nothing opens until orders are known and positions compared, on either venue. */
START_TEST(test_nothing_opens_before)
{
	struct rig *r = rig_new();
	struct desk *d = &r->d;
	rig_plan(r, PERP, FATE_SILENT_FILL, FATE_FILL);
	r->venue[PERP].mute_query = true;
	struct pair *p = rig_propose(r, INTENT_OPEN, CASE_LOTS);
	ck_assert_ptr_nonnull(p);
	rig_run(r, 100 * RIG_MS);
	d->venue[PERP].reconciled = false;
	r->venue[PERP].v.state = VENUE_RECONCILING;
	reconcile_begin(d, PERP);
	fake_tell_positions(r, PERP, true);
	r->venue[PERP].v.state = VENUE_UP;
	router_venue_up(d, PERP);
	reconcile_up(d, PERP);
	rig_run(r, RIG_SECOND);
	reconcile_on_time(d);
	ck_assert(!d->venue[PERP].reconciled); /* an order is unknown */
	ck_assert_ptr_null(rig_propose(r, INTENT_OPEN, CASE_LOTS));
	ck_assert_int_eq(rig_latest(r, FACT_RISK)->num[0], RISK_LIMIT_VENUE);
	r->venue[PERP].mute_query = false;
	rig_run(r, 6 * RIG_SECOND);
	expect_state(p, PAIR_HEDGED);
	reconcile_on_time(d); /* what was told agrees with what is known by now */
	ck_assert(d->venue[PERP].reconciled);
	/* Told something else it is asked again, and then fenced, and only then may other contracts open. */
	d->venue[PERP].reconciled = false;
	r->venue[PERP].told_off = -3;
	reconcile_begin(d, PERP);
	fake_tell_positions(r, PERP, true);
	reconcile_up(d, PERP);
	ck_assert(!d->venue[PERP].reconciled);
	rig_run(r, RIG_SECOND);
	reconcile_on_time(d); /* asks */
	fake_tell_positions(r, PERP, true);
	ck_assert(d->venue[PERP].reconciled);
	ck_assert_ptr_nonnull(fence_at(d, PERP, PERP));
	rig_free(r);
}
END_TEST

/* A position told ahead of the fill that made it asks for a round, unless the fill has come by then. */
START_TEST(test_told_out_of_turn)
{
	struct rig *r = rig_new();
	struct reconcile_venue *v = &r->d.venue[PERP].reconcile;
	round_of(r, PERP);
	uint32_t round = v->round;
	for (int comes = 1; comes >= 0; comes--) {
		reconcile_position(&r->d, PERP, PERP, comes ? 3 : 9, 0, 0);
		rig_run(r, 300 * RIG_MS);
		if (comes)
			foreign_book(&r->d, PERP, PERP, 0, SIDE_BUY, 601000, 3, 0, 0);
		rig_run(r, 300 * RIG_MS);
		reconcile_on_time(&r->d);
		ck_assert_uint_eq(v->round, round + !comes);
	}
	rig_free(r);
}
END_TEST

/* F70: what a spot account holds beside the books is a baseline; whole lots that come or go are a difference. */
START_TEST(test_spot_baseline)
{
	struct rig *r = rig_new();
	round_of(r, SPOT);
	const struct fact *f = rig_latest(r, FACT_RECONCILE);
	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(f->state, RECONCILE_BASELINE);
	ck_assert_int_eq(f->num[6], 100000000000);
	open_hedged(r);
	rig_run(r, RIG_SECOND);
	round_of(r, SPOT); /* the trade and its fee in the base are no difference */
	round_of(r, SPOT);
	ck_assert_ptr_null(fence_at(&r->d, SPOT, SPOT));
	r->venue[SPOT].told_off = -5000; /* 0.05 BTC are moved away */
	round_of(r, SPOT);
	round_of(r, SPOT);
	const struct fence *x = fence_at(&r->d, SPOT, SPOT);
	ck_assert_ptr_nonnull(x);
	ck_assert_int_eq(x->venue_qty - x->host_qty, -5000);
	ck_assert(!may_open(r));
	ck_assert_int_eq(reconcile_accept(&r->d, SPOT, SPOT, "op", "to the vault"), 0);
	checkpoint_write(&r->d);
	struct rig *again = rig_reborn(r, r->journal.n, true);
	rig_recover(again);
	rig_venue(again, SPOT, true);
	rig_venue(again, PERP, true);
	again->venue[SPOT].told_off = -5000;
	rig_run(again, RIG_SECOND);
	round_of(again, SPOT);
	round_of(again, SPOT);
	ck_assert_ptr_null(fence_at(&again->d, SPOT, SPOT));
	ck_assert(may_open(again));
	rig_free(again);
	rig_free(r);
}
END_TEST

/* F51: fees and their rounding take a little of what somebody traded, and that is no lot less; nor is a little that adds up a lot. */
START_TEST(test_dust_is_no_lot)
{
	struct rig *r = rig_new();
	round_of(r, SPOT);
	struct desk_balance *b = r->d.balance;
	while (!b->has_baseline || b->account != SPOT || b->asset != r->d.instrument[SPOT].base)
		ck_assert(++b < r->d.balance + r->d.n_balances);
	const int64_t lot = desk_rule(&r->d, SPOT)->lot,
		      lot_e8 = instrument_base_e8(&r->d.instrument[SPOT], lot, 0);
	b->baseline_e8 -= lot_e8 - lot_e8 / 5; /* four fifths of a lot have gathered */
	round_of(r, SPOT);
	round_of(r, SPOT);
	ck_assert_ptr_null(fence_at(&r->d, SPOT, SPOT));
	b->baseline_e8 += lot_e8 - lot_e8 / 5 + 1;
	r->venue[SPOT].told_off = 50 * lot;
	round_of(r, SPOT);
	round_of(r, SPOT);
	const struct fence *x = fence_at(&r->d, SPOT, SPOT);
	ck_assert_ptr_nonnull(x);
	ck_assert_int_eq(x->venue_qty - x->host_qty, 50 * lot);
	rig_free(r);
}
END_TEST

/* F51: a fence outlives the host, by its receipt or by a checkpoint. */
START_TEST(test_fence_outlives_the_host)
{
	struct rig *r = rig_new();
	open_hedged(r);
	rig_run(r, RIG_SECOND);
	r->venue[PERP].told_off = 7;
	round_of(r, PERP);
	round_of(r, PERP);
	for (int framed = 0; framed < 2; framed++) {
		if (framed)
			checkpoint_write(&r->d);
		struct rig *again = rig_reborn(r, r->journal.n, true);
		rig_recover(again);
		const struct fence *x = fence_at(&again->d, PERP, PERP);
		ck_assert_ptr_nonnull(x);
		ck_assert_int_eq(x->venue_qty, -93);
		rig_free(again);
	}
	/* Adopted, the difference is the instance's; and that outlives the host too. */
	ck_assert_int_eq(reconcile_adopt(&r->d, PERP, PERP, 0, "op", "mine"), 0);
	ck_assert_ptr_null(fence_at(&r->d, PERP, PERP));
	ck_assert_int_eq(position_net(r->d.instance[0].row[PERP]), -93);
	ck_assert_int_eq(positions_total(&r->d.positions, PERP, PERP), -93);
	for (int framed = 0; framed < 2; framed++) {
		if (framed)
			checkpoint_write(&r->d);
		struct rig *again = rig_reborn(r, r->journal.n, true);
		rig_recover(again);
		ck_assert_ptr_null(fence_at(&again->d, PERP, PERP));
		ck_assert_int_eq(position_net(again->d.instance[0].row[PERP]), -93);
		ck_assert_int_eq(positions_total(&again->d.positions, PERP, PERP), -93);
		ck_assert_int_eq(again->d.instance[0].row[PERP]->cash_e8,
				 r->d.instance[0].row[PERP]->cash_e8);
		rig_free(again);
	}
	ck_assert_int_ne(reconcile_adopt(&r->d, PERP, PERP, 0, "op", "again"), 0);
	rig_free(r);
}
END_TEST

static struct exec_report stranger(unsigned leg, enum exec_kind kind, const char *order,
				   int64_t qty)
{
	struct exec_report x = { .kind = (uint8_t)kind,
				 .side = SIDE_BUY,
				 .status = ORDER_LIVE,
				 .venue = (uint16_t)leg,
				 .account = (uint16_t)leg,
				 .instrument = leg,
				 .px = 601000,
				 .qty = qty };
	snprintf(x.venue_order, sizeof x.venue_order, "%s", order);
	snprintf(x.client, sizeof x.client, "web_1");
	return x;
}

/* Each end of a stranger's order, and an execution of his that is taken back: told under the code that a rule can name. */
START_TEST(test_foreign_ends)
{
	static const enum exec_kind ends[] = { EXEC_CANCELLED, EXEC_REJECTED, EXEC_NOT_FOUND,
					       EXEC_STATUS };
	struct rig *r = rig_new();
	struct desk *d = &r->d;
	for (unsigned i = 0; i < sizeof ends / sizeof *ends; i++) {
		struct exec_report x = stranger(PERP, EXEC_ACK, "S1", 5);
		router_on_exec(d, &x);
		ck_assert_uint_eq(d->foreign.n, 1);
		ck_assert_int_eq(rig_latest(r, FACT_ALERT)->num[2], ALERT_FENCE);
		x.kind = (uint8_t)ends[i];
		x.status = ORDER_CANCELLED;
		router_on_exec(d, &x);
		ck_assert_uint_eq(d->foreign.n, 0);
		ck_assert_ptr_null(fence_at(d, PERP, PERP));
		router_on_exec(d, &x); /* nobody knows it any more */
		ck_assert_uint_eq(d->foreign.n, 0);
	}
	struct exec_report x = stranger(PERP, EXEC_BUST, "S1", 5);
	x.replayed = true;
	unsigned alerts = rig_count(r, FACT_ALERT);
	router_on_exec(d, &x);
	ck_assert_uint_eq(rig_count(r, FACT_ALERT), alerts);
	x.replayed = false;
	router_on_exec(d, &x);
	ck_assert_uint_eq(rig_count(r, FACT_ALERT), alerts + 1);
	ck_assert_int_eq(rig_latest(r, FACT_ALERT)->num[2], ALERT_BUST);
	rig_free(r);
}
END_TEST

/* More of a stranger's orders than there is room for: the contract stays fenced, and nothing is overwritten. */
START_TEST(test_foreign_orders_are_full)
{
	struct rig *r = rig_new();
	struct desk *d = &r->d;
	char id[16];
	for (unsigned i = 0; i <= FOREIGN_ORDERS; i++) {
		snprintf(id, sizeof id, "S%u", i);
		struct exec_report x = stranger(PERP, EXEC_ACK, id, 5);
		router_on_exec(d, &x);
	}
	ck_assert_uint_eq(d->foreign.n, FOREIGN_ORDERS);
	ck_assert_uint_eq(fence_at(d, PERP, PERP)->why, FENCE_ORDER);
	ck_assert(foreign_works(d, PERP, PERP, false));
	ck_assert(!foreign_works(d, SPOT, PERP, true));
	struct exec_report x = stranger(PERP, EXEC_CANCELLED, "S7", 5);
	router_on_exec(d, &x); /* one of many: it stands for the others */
	ck_assert_uint_eq(d->foreign.n, FOREIGN_ORDERS - 1);
	ck_assert_ptr_nonnull(fence_at(d, PERP, PERP));
	/* The one that is not kept works on when all the others have gone: nothing opens, and nothing is cancelled by the dozen. */
	for (unsigned i = 0; i < FOREIGN_ORDERS; i++) {
		snprintf(id, sizeof id, "S%u", i);
		x = stranger(PERP, EXEC_CANCELLED, id, 5);
		router_on_exec(d, &x);
	}
	ck_assert_uint_eq(d->foreign.n, 0);
	ck_assert_ptr_nonnull(fence_at(d, PERP, PERP));
	ck_assert(foreign_works(d, PERP, PERP, true));
	/* A listing finds room for it, and the next one it is gone from. */
	ask(r, PERP);
	x = stranger(PERP, EXEC_STATUS, id, 5);
	router_on_exec(d, &x);
	fake_tell_positions(r, PERP, true);
	ck_assert_uint_eq(d->foreign.n, 1);
	ck_assert_ptr_nonnull(fence_at(d, PERP, PERP));
	round_of(r, PERP);
	ck_assert_uint_eq(d->foreign.n, 0);
	ck_assert_ptr_null(fence_at(d, PERP, PERP));
	rig_free(r);
}
END_TEST

/* The same when a restart reads more of them than it has room for: said, fenced, and not forgotten before the venue has listed them. */
START_TEST(test_foreign_orders_are_full_after_a_restart)
{
	struct rig *r = rig_new();
	struct desk *d = &r->d;
	for (unsigned i = 0; i <= FOREIGN_ORDERS; i++) {
		struct fact f;
		fact_init(&f, FACT_FOREIGN_ORDER);
		scribe_instrument(d, &f, PERP);
		f.account = d->names.account[PERP];
		f.num[1] = 1;
		snprintf(f.venue_order, sizeof f.venue_order, "S%u", i);
		scribe_put(d, &f);
	}
	struct rig *again = rig_reborn(r, r->journal.n, true);
	rig_recover(again);
	ck_assert_uint_eq(again->d.foreign.n, FOREIGN_ORDERS);
	ck_assert_uint_eq(fence_at(&again->d, PERP, PERP)->why, FENCE_ORDER);
	ck_assert_int_eq(rig_latest(again, FACT_ALERT)->num[2], ALERT_FENCE);
	ck_assert_ptr_nonnull(strstr(rig_latest(again, FACT_ALERT)->text, "1 orders"));
	rig_venue(again, PERP, true);
	round_of(again, PERP); /* it lists none of them */
	ck_assert_uint_eq(again->d.foreign.n, 0);
	ck_assert_ptr_null(fence_at(&again->d, PERP, PERP));
	rig_free(again);
	rig_free(r);
}
END_TEST

/* There is room for a fence around every contract in every account, so that none stands for all of them for ever. */
START_TEST(test_no_fence_is_one_too_many)
{
	struct rig *r = rig_new();
	for (uint16_t a = 0; a < RIG_LEGS; a++)
		for (uint32_t i = 0; i < RIG_LEGS; i++)
			fence_raise(&r->d, a, i, FENCE_FILL, 0, 0, 0, "somebody else");
	ck_assert_uint_eq(r->d.fences.n, r->d.fences.cap);
	while (r->d.fences.n)
		fence_lift(&r->d, &r->d.fences.row[0], 0, "accepted");
	ck_assert(may_open(r));
	rig_free(r);
}
END_TEST

START_TEST(test_foreign_order)
{
	struct rig *r = rig_new();
	struct desk *d = &r->d;
	struct exec_report x = stranger(PERP, EXEC_STATUS, "S1", 5);
	router_on_exec(d, &x);
	router_on_exec(d, &x);
	ck_assert_uint_eq(d->foreign.n, 1);
	ck_assert_uint_eq(rig_count(r, FACT_FOREIGN_ORDER), 1);
	ck_assert_uint_eq(fence_at(d, PERP, PERP)->why, FENCE_ORDER);
	ck_assert(!may_open(r));
	ck_assert_int_ne(reconcile_adopt(d, PERP, PERP, 0, "op", ""), 0);
	ask(r, PERP); /* a round that lists it no more */
	fake_tell_positions(r, PERP, true);
	ck_assert_uint_eq(d->foreign.n, 0);
	ck_assert_ptr_null(fence_at(d, PERP, PERP));
	router_on_exec(d, &x);
	ck_assert_int_eq(reconcile_accept(d, PERP, PERP, "op", "mine"), 0);
	router_on_exec(d, &x); /* listed again: it is known */
	ck_assert_ptr_null(fence_at(d, PERP, PERP));
	struct rig *again = rig_reborn(r, r->journal.n, true);
	rig_recover(again);
	router_on_exec(&again->d, &x);
	ck_assert_ptr_null(fence_at(&again->d, PERP, PERP));
	rig_free(again);
	x = stranger(PERP, EXEC_FILL, "S1", 5);
	snprintf(x.exec, sizeof x.exec, "900");
	router_on_exec(d, &x);
	ck_assert_uint_eq(d->foreign.n, 0);
	ck_assert_uint_eq(fence_at(d, PERP, PERP)->why, FENCE_FILL);
	ck_assert_int_eq(positions_total(&d->positions, PERP, PERP), 5);
	ck_assert_int_eq(reconcile_adopt(d, PERP, PERP, 0, "op", "mine"), 0);
	ck_assert_int_eq(position_net(d->instance[0].row[PERP]), 5);
	ck_assert_int_eq(positions_total(&d->positions, PERP, PERP), 5);
	rig_free(r);
}
END_TEST

/* F65: the larger holder first, each what it holds, in whole lots, the fee by quantity; what nobody held is nobody's. */
START_TEST(test_forced_fill_is_shared_out)
{
	struct rig *r = rig_new();
	struct desk *d = &r->d;
	struct config_instance two[2] = { r->ci[0], r->ci[0] };
	snprintf(two[1].name, sizeof two[1].name, "other");
	r->cfg.instance = two;
	r->cfg.n_instances = 2;
	d->names.instance[1] = 41;
	ck_assert_int_eq(desk_bind_instance(d, 0, NULL), 0);
	ck_assert_int_eq(desk_bind_instance(d, 1, NULL), 0);
	foreign_book(d, PERP, PERP, 0, SIDE_SELL, 601000, 30, 0, 0);
	foreign_book(d, PERP, PERP, 1, SIDE_SELL, 601000, 50, 0, 0);
	struct exec_report x = stranger(PERP, EXEC_FILL, "L1", 90);
	x.forced = FORCED_LIQUIDATION;
	x.fee_e8 = 900;
	x.fee_asset = r->in[PERP].quote;
	snprintf(x.exec, sizeof x.exec, "7");
	router_on_exec(d, &x);
	router_on_exec(d, &x); /* told twice, booked once */
	ck_assert_int_eq(position_net(d->instance[0].row[PERP]), 0);
	ck_assert_int_eq(position_net(d->instance[1].row[PERP]), 0);
	ck_assert_int_eq(position_net(positions_at(&d->positions, PERP, PERP, POSITION_NOBODY)),
			 10);
	ck_assert_int_eq(positions_total(&d->positions, PERP, PERP), 10);
	ck_assert_uint_eq(rig_count(r, FACT_FOREIGN), 3);
	ck_assert_int_eq(position_fee_in(d->instance[1].row[PERP], x.fee_asset), 500);
	ck_assert_int_eq(position_fee_in(d->instance[0].row[PERP], x.fee_asset), 300);
	const struct fact *f = rig_latest(r, FACT_FOREIGN);
	ck_assert_int_eq(f->num[1], FORCED_LIQUIDATION);
	ck_assert(d->instance[0].paused && d->instance[1].paused);
	ck_assert_ptr_null(fence_at(d, PERP, PERP)); /* positions agree */
	r->cfg.n_instances = 1;
	rig_free(r);
}
END_TEST

/* F10: two contracts may bear equal trade ids, and a self-trade bears one on both sides: each counts, once. */
START_TEST(test_identity)
{
	struct rig *r = rig_new();
	struct desk *d = &r->d;
	for (unsigned leg = 0; leg < RIG_LEGS; leg++)
		for (int side = 0; side < side_max; side++)
			for (int twice = 0; twice < 2; twice++) {
				struct exec_report x = stranger(leg, EXEC_FILL, "A", 3 + side);
				x.side = (uint8_t)side;
				snprintf(x.exec, sizeof x.exec, "77");
				router_on_exec(d, &x);
			}
	int64_t each = (SIDE_BUY == 0 ? 3 - 4 : 4 - 3);
	for (unsigned leg = 0; leg < RIG_LEGS; leg++)
		ck_assert_int_eq(positions_total(&d->positions, (uint16_t)leg, leg), each);
	ck_assert_uint_eq(rig_count(r, FACT_FOREIGN), 4);
	rig_free(r);
}
END_TEST

/* An adapter that asks changes nothing: it may ask or not, and the next checkpoint is the same. */
START_TEST(test_asking_begins_nothing)
{
	struct rig *r = rig_new();
	char exec[POSITION_EXEC];
	const uint32_t n = r->d.positions.n_sums;
	ck_assert_int_eq(watermark_since(&r->d, PERP, SPOT, exec), 0);
	ck_assert_uint_eq(r->d.positions.n_sums, n);
	rig_free(r);
}
END_TEST

/* F68: refused since nothing more may be opened today: nothing is tried there again, what closes is, and a restart knows. */
START_TEST(test_nothing_more_opens_today)
{
	struct rig *r = rig_new();
	open_hedged(r);
	rig_plan(r, PERP, FATE_REST, FATE_FILL);
	struct pair *p = rig_propose(r, INTENT_OPEN, CASE_LOTS);
	ck_assert_ptr_nonnull(p);
	struct fake_order *o = fake_last(r, PERP);
	struct exec_report x = { .kind = EXEC_REJECTED,
				 .side = o->side,
				 .venue = PERP,
				 .account = PERP,
				 .instrument = PERP,
				 .order = o->id,
				 .reject_class = REJECT_OPENING };
	fake_end(r, PERP, o);
	r->venue[PERP].n_out = 0;
	router_on_exec(&r->d, &x);
	ck_assert_uint_eq(fence_at(&r->d, PERP, PERP)->why, FENCE_OPENING);
	rig_finish(r, p, 10 * RIG_SECOND);
	ck_assert_int_ne(reconcile_adopt(&r->d, PERP, PERP, 0, "op", ""), 0);
	ck_assert(!may_open(r));
	struct rig *again = rig_reborn(r, r->journal.n, true);
	rig_recover(again);
	ck_assert_uint_eq(fence_at(&again->d, PERP, PERP)->why, FENCE_OPENING);
	rig_free(again);
	p = rig_propose(r, INTENT_CLOSE, CASE_LOTS);
	ck_assert_ptr_nonnull(p);
	rig_finish(r, p, 10 * RIG_SECOND);
	ck_assert_int_eq(reconcile_accept(&r->d, PERP, PERP, "op", ""), 0);
	ck_assert_ptr_null(fence_at(&r->d, PERP, PERP));
	rig_free(r);
}
END_TEST

SUITE("reconcile", test_difference_is_fenced, test_answers_that_prove_nothing,
      test_sessions_do_not_repeat_each_other, test_nothing_opens_before, test_told_out_of_turn,
      test_spot_baseline, test_dust_is_no_lot, test_fence_outlives_the_host, test_foreign_order,
      test_foreign_ends, test_foreign_orders_are_full, test_foreign_orders_are_full_after_a_restart,
      test_no_fence_is_one_too_many, test_nothing_more_opens_today, test_forced_fill_is_shared_out,
      test_identity, test_asking_begins_nothing, test_other_fences_stand)
