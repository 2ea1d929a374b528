/* Faults that the steps of the ladder meet, and what an operator does about pairs that it cannot end. */
#include "tests/unit/trade/cases.h"

static void let_chase(struct rig *r)
{
	r->ci[0].rescue.chase.time_ns = 2 * RIG_SECOND;
	r->ci[0].rescue.chase.every_ns = 100 * RIG_MS;
	r->in[PERP].rule[0].fee.maker_e8 = 10000;
	r->d.vol[PERP] = (struct vol){ .n = VOL_MEMORY, .square = 256 };
}

static struct pair *one_leg_unknown(struct rig *r, enum fate spot)
{
	r->ci[0].rescue.on_unknown = UNKNOWN_FLATTEN;
	r->ci[0].rescue.unknown_ns = 2 * RIG_SECOND;
	struct pair *p = open_pair(r, spot, FATE_FILL);
	rig_venue(r, SPOT, false);
	rig_run(r, RIG_SECOND);
	ck_assert_int_eq(fake_net_qty(r, PERP), -100);
	rig_run(r, 9 * RIG_SECOND);
	ck_assert_int_eq(fake_net_qty(r, PERP),
			 0); /* the filled leg's risk is cut on the live venue */
	expect_state(p, PAIR_HELD);
	ck_assert_int_eq(p->held_cause, HELD_VENUE_DOWN);
	ck_assert_uint_eq(r->venue[PERP].places, 2); /* once */
	return p;
}

/* The unknown order had not filled: nothing is left. */
void case_f17_known_leg_is_cut(struct rig *r)
{
	struct pair *p = one_leg_unknown(r, FATE_SILENT_NONE);
	rig_venue(r, SPOT, true);
	expect_end(r, p, PAIR_FLAT);
}

/* It had: that is late news, and the pair is brought even again. */
void case_f17_unknown_fills_after_all(struct rig *r)
{
	struct pair *p = one_leg_unknown(r, FATE_SILENT_FILL);
	rig_venue(r, SPOT, true);
	rig_finish(r, p, 20 * RIG_SECOND);
	ck_assert(pair_over((enum pair_state)p->state));
	expect_end(r, p, p->state);
}

/* What is unknown is cut from its own time on, not when the pair's patience is over. */
void case_f17_cut_in_its_own_time(struct rig *r)
{
	r->ci[0].rescue.on_unknown = UNKNOWN_FLATTEN;
	r->ci[0].rescue.unknown_ns = 500 * RIG_MS;
	struct pair *p = open_pair(r, FATE_SILENT_NONE, FATE_FILL);
	rig_venue(r, SPOT, false);
	rig_run(r, 300 * RIG_MS);
	ck_assert_int_eq(fake_net_qty(r, PERP), -100);
	rig_run(r, 900 * RIG_MS);
	ck_assert_int_eq(fake_net_qty(r, PERP), 0);
	rig_venue(r, SPOT, true);
	expect_end(r, p, PAIR_FLAT);
}

/* Nobody buys at the day's lowest price: held for that, completed when somebody does. */
void case_f34_locked_at_limit(struct rig *r)
{
	r->d.instance[0].limits.on_leg_fail = LEG_FAIL_COMPLETE;
	struct pair *p = open_pair(r, FATE_FILL, FATE_REJECT);
	struct level ask = { 601000, 5000 };
	r->in[PERP].rule[0].band_lo = 601000;
	feed_snapshot(&r->d.feed[PERP], &(struct depth){ .last_seq = ++r->seq,
							 .recv_ns = r->d.now.mono_ns,
							 .level = { [SIDE_SELL] = &ask },
							 .n = { [SIDE_SELL] = 1 } });
	rig_run(r, 8 * RIG_SECOND);
	expect_state(p, PAIR_HELD);
	ck_assert_int_eq(p->held_cause, HELD_LOCKED);
	ck_assert_uint_eq(r->venue[PERP].places, 1); /* no order, no cancel meanwhile */
	rig_book(r, PERP, 601000, 601001, 5000);
	rig_run(r, 200 * RIG_MS);
	expect_end(r, p, PAIR_HEDGED);
}

void case_f38_halted_leg(struct rig *r)
{
	struct pair *p = open_pair(r, FATE_FILL, FATE_REJECT);
	feed_halt(&r->d.feed[PERP], r->d.now.mono_ns);
	rig_run(r, 8 * RIG_SECOND);
	expect_state(p, PAIR_HELD);
	ck_assert_int_eq(p->held_cause, HELD_HALTED);
	ck_assert_uint_eq(r->venue[SPOT].places, 1); /* frozen: the other leg is not cut */
	feed_resume(&r->d.feed[PERP], r->d.now.mono_ns);
	rig_run(r, 200 * RIG_MS);
	expect_end(r, p, PAIR_HEDGED);
}

/* The venue's dead-man switch takes the resting rescue off: told from our own cancels, it is sent again. */
void case_f72_chase_cancelled_unasked(struct rig *r)
{
	let_chase(r);
	rig_plan(r, SPOT, FATE_FILL, FATE_FILL);
	rig_plan(r, PERP, FATE_REJECT, FATE_REST);
	struct pair *p = rig_propose(r, INTENT_OPEN, CASE_LOTS);
	rig_pump(r);
	struct fake_order *o = fake_last(r, PERP);
	fake_fill(r, PERP, o, 30, true);
	fake_end(r, PERP, o);
	fake_report(r, PERP, o, EXEC_CANCELLED);
	rig_run(r, 50 * RIG_MS);
	ck_assert_int_eq(rig_latest(r, FACT_CANCELLED)->num[2], 0);
	ck_assert_uint_eq(r->venue[PERP].places, 3);
	ck_assert_int_eq(fake_last(r, PERP)->qty, 70);
	fake_fill(r, PERP, fake_last(r, PERP), 70, true);
	expect_end(r, p, PAIR_HEDGED);
}

void case_chase_follows_the_price(struct rig *r)
{
	let_chase(r);
	rig_plan(r, SPOT, FATE_FILL, FATE_FILL);
	rig_plan(r, PERP, FATE_REJECT, FATE_REST_PART);
	struct pair *p = rig_propose(r, INTENT_OPEN, CASE_LOTS);
	rig_pump(r);
	rig_prices(r, 6000000, 6000001, 601003, 601004);
	rig_run(r, 200 * RIG_MS);
	ck_assert_uint_eq(r->venue[PERP].cancels, 1);
	r->venue[PERP].then = FATE_FILL;
	expect_end(r, p, PAIR_HEDGED);
	ck_assert_int_eq(fake_net_qty(r, PERP), -100);
}

void case_flattened(struct rig *r)
{
	open_hedged(r);
	r->ci[0].max_pair_lots = 60;
	r->d.instance[0].wish = WISH_FLATTEN;
	rig_run(r, 2 * RIG_SECOND);
	ck_assert_int_eq(fake_net_qty(r, PERP), 0);
	ck_assert_uint_eq(r->d.instance[0].round.id, 0);
	rig_audit(r);
}

static void by_hand(struct rig *r, unsigned leg, enum side side, int64_t qty)
{
	struct fake_venue *f = &r->venue[leg];
	struct fake_order *o = &f->order[f->n_orders++];
	*o = (struct fake_order){
		.instrument = leg, .side = (uint8_t)side, .qty = qty, .seen_at = r->journal.n
	};
	fake_fill(r, leg, o, qty, true);
	rig_pump(r);
}

void case_adopted(struct rig *r)
{
	r->d.instance[0].limits.on_leg_fail = LEG_FAIL_HOLD;
	struct pair *p = open_pair(r, FATE_FILL, FATE_REJECT);
	rig_finish(r, p, RIG_SECOND);
	expect_state(p, PAIR_HELD);
	by_hand(r, PERP, SIDE_SELL, 100);
	ck_assert_int_eq(exec_resolve(&r->d, p, RESOLVE_ADOPT, "ann", "sold by hand"), 0);
	r->d.instance[0].limits.on_leg_fail = LEG_FAIL_CHEAPEST; /* of lives that end before it */
	expect_end(r, p, PAIR_HEDGED);
}

void case_written_off(struct rig *r)
{
	r->venue[SPOT].mute_query = true;
	struct pair *p = open_pair(r, FATE_SILENT_NONE, FATE_NONE);
	rig_run(r, 62 * RIG_SECOND);
	expect_state(p, PAIR_HELD);
	ck_assert_int_eq(exec_resolve(&r->d, p, RESOLVE_ACCEPT, "ann", "gone for good"), 0);
	expect_end(r, p, PAIR_FLAT);
}
