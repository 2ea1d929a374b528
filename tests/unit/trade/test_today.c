/* Proves that a restart knows which lots are of today, over a new trading day too, so that what closes them bears the right offset; and when a venue's word on it is taken. */
#include "core/trade/today.h"
#include "tests/unit/suite.h"
#include "tests/unit/trade/rig.h"
#include <stdio.h>

#define TODAY	 20270302
#define TOMORROW 20270303

/* The perpetual is of an exchange that wants today's lots closed by an offset of their own. */
static struct rig *splitting(void)
{
	struct rig *r = rig_new();
	r->d.instrument[PERP].caps.offsets = 1u << OFFSET_OPEN | 1u << OFFSET_CLOSE |
					     1u << OFFSET_CLOSE_TODAY |
					     1u << OFFSET_CLOSE_YESTERDAY;
	rig_plan(r, SPOT, FATE_FILL, FATE_FILL);
	rig_plan(r, PERP, FATE_FILL, FATE_FILL);
	return r;
}

/* As the engine writes it when a phase begins. */
static void market(struct rig *r, int32_t day)
{
	struct fact f;
	fact_init(&f, FACT_MARKET);
	scribe_instrument(&r->d, &f, PERP);
	f.state = PHASE_CONTINUOUS;
	f.num[1] = PHASE_CONTINUOUS;
	f.num[2] = day;
	today_begins(&r->d, PERP, day);
	scribe_put(&r->d, &f);
}

static void trade(struct rig *r, enum pair_intent intent, double lots)
{
	struct pair *p = rig_propose(r, intent, lots);
	ck_assert_ptr_nonnull(p);
	rig_finish(r, p, 5 * RIG_SECOND);
	ck_assert_int_eq(p->state, PAIR_HEDGED);
}

static void holds(const struct rig *r, int64_t today, int64_t earlier)
{
	const struct position *row = r->d.instance[0].row[PERP];
	ck_assert_int_eq(row->qty[SIDE_SELL][0], today);
	ck_assert_int_eq(row->qty[SIDE_SELL][1], earlier);
	ck_assert(row->qty[SIDE_BUY][0] == 0 && row->qty[SIDE_BUY][1] == 0);
	ck_assert_int_eq(positions_total(&r->d.positions, PERP, PERP), -(today + earlier));
}

static struct rig *next_life(struct rig *dead)
{
	struct rig *r = rig_reborn(dead, dead->journal.n, true);
	rig_free(dead);
	rig_recover(r);
	rig_plan(r, SPOT, FATE_FILL, FATE_FILL);
	rig_plan(r, PERP, FATE_FILL, FATE_FILL);
	rig_venue(r, SPOT, true);
	rig_venue(r, PERP, true);
	rig_run(r, RIG_SECOND);
	return r;
}

/* 20 lots of yesterday, 10 of today, with the last checkpoint on the way to them, or behind them, or none. */
static struct rig *of_two_days(int checkpoint)
{
	struct rig *r = splitting();
	market(r, TODAY);
	trade(r, INTENT_OPEN, 20);
	if (checkpoint == 1)
		checkpoint_write(&r->d);
	market(r, TOMORROW);
	if (checkpoint == 2)
		checkpoint_write(&r->d);
	trade(r, INTENT_OPEN, 10);
	if (checkpoint == 3)
		checkpoint_write(&r->d);
	holds(r, 10, 20);
	return r;
}

static void a_restart(int checkpoint)
{
	struct rig *r = next_life(of_two_days(checkpoint));
	holds(r, 10, 20);
	ck_assert_int_eq(r->d.session[PERP].trading_day, TOMORROW);
	/* What closes all of it is one order for each day. */
	uint32_t before = r->journal.n;
	trade(r, INTENT_CLOSE, 30);
	int64_t closed[8] = { 0 };
	for (uint32_t i = before; i < r->journal.n; i++) {
		const struct fact *f = &r->journal.fact[i];
		if (f->kind == FACT_ORDER && f->leg == PERP)
			closed[f->offset] += f->qty;
	}
	ck_assert_int_eq(closed[OFFSET_CLOSE_TODAY], 10);
	ck_assert_int_eq(closed[OFFSET_CLOSE_YESTERDAY], 20);
	holds(r, 0, 0);
	rig_audit(r);
	rig_free(r);
}

START_TEST(a_restart_knows_lots_of_two_days)
{
	for (int checkpoint = 0; checkpoint < 4; checkpoint++)
		a_restart(checkpoint);
}
END_TEST

/* The day changes while the host is dead: what it bought and sold in the day that it knew is of an earlier one. Between two days nothing happens. */
static void a_day_begins(bool checkpoint)
{
	struct rig *r = splitting();
	market(r, TODAY);
	if (checkpoint)
		checkpoint_write(&r->d);
	trade(r, INTENT_OPEN, 20);
	r = next_life(r);
	holds(r, 20, 0);
	ck_assert_int_eq(r->d.session[PERP].trading_day, TODAY);
	ck_assert(!today_begins(&r->d, PERP, 0));
	ck_assert(!today_begins(&r->d, PERP, TODAY));
	ck_assert(today_begins(&r->d, PERP, TOMORROW));
	holds(r, 0, 20);
	rig_free(r);
}

START_TEST(a_day_begins_while_the_host_is_dead)
{
	a_day_begins(false);
	a_day_begins(true);
}
END_TEST

/* A late fill of an order that the checkpoint has forgotten still closes the lots that it named. */
START_TEST(a_forgotten_order_keeps_its_offset)
{
	struct rig *r = of_two_days(3);
	struct fact f;
	checkpoint_write(&r->d);
	scribe_instance(&r->d, &f, FACT_FILL, 0, 0);
	scribe_instrument(&r->d, &f, PERP);
	f.account = r->d.names.account[PERP];
	f.order = 0x77;
	f.side = SIDE_BUY;
	f.offset = OFFSET_CLOSE_TODAY;
	f.px = 601000;
	f.qty = 4;
	f.state = ORDER_FILLED;
	snprintf(f.exec, sizeof f.exec, "900");
	scribe_put(&r->d, &f);
	struct rig *again = rig_reborn(r, r->journal.n, true);
	rig_recover(again);
	holds(again, 6, 20);
	rig_free(again);
	rig_free(r);
}
END_TEST

/* Receipts of a build that wrote sums only: read as ever, all of them as today's. */
START_TEST(old_receipts_read)
{
	struct rig *r = of_two_days(3);
	uint32_t n = 0;
	for (uint32_t i = 0; i < r->journal.n; i++)
		if (r->journal.fact[i].kind != FACT_LOTS && r->journal.fact[i].kind != FACT_MARKET)
			r->journal.fact[n++] = r->journal.fact[i];
	ck_assert_uint_lt(n, r->journal.n);
	struct rig *again = rig_reborn(r, n, true);
	rig_recover(again);
	holds(again, 30, 0);
	rig_free(again);
	rig_free(r);
}
END_TEST

/* The venue's word at a login, of the perpetual: a round in which it says that short lots of today and of earlier days are these. */
static void says(struct rig *r, const int64_t qty[side_max][2])
{
	rig_run(r, RIG_SECOND);
	reconcile_begin(&r->d, PERP);
	today_told(&r->d, PERP, PERP, qty, r->d.now.utc_ns);
	reconcile_answered(&r->d, PERP, true);
}

START_TEST(a_venues_word_is_believed_twice)
{
	struct rig *r = of_two_days(2);
	const int64_t told[side_max][2] = { [SIDE_SELL] = { 18, 12 } };
	says(r, told);
	holds(r, 10, 20); /* once is no proof */
	ck_assert_uint_eq(rig_count(r, FACT_LOTS), 1);
	says(r, told);
	holds(r, 18, 12);
	const struct fact *f = rig_latest(r, FACT_LOTS);
	ck_assert(f->num[0] == TOMORROW && f->num[3] == 18 && f->num[4] == 12);
	ck_assert_ptr_null(fence_at(&r->d, PERP, PERP));
	unsigned n = rig_count(r, FACT_LOTS);
	says(r, told); /* nothing new */
	says(r, told);
	ck_assert_uint_eq(rig_count(r, FACT_LOTS), n);
	rig_free(r);
}
END_TEST

START_TEST(the_word_outlives_the_host)
{
	for (int checkpoint = 0; checkpoint < 2; checkpoint++) {
		struct rig *r = of_two_days(2);
		const int64_t told[side_max][2] = { [SIDE_SELL] = { 18, 12 } };
		says(r, told);
		says(r, told);
		if (checkpoint)
			checkpoint_write(&r->d);
		r = next_life(r);
		holds(r, 18, 12);
		rig_free(r);
	}
}
END_TEST

/* A close that found none of the lots that it named stands as the other side; the venue knows better. */
START_TEST(what_both_sides_hold_too_much_goes)
{
	struct rig *r = of_two_days(2);
	struct position *row = r->d.instance[0].row[PERP];
	const int64_t told[side_max][2] = { [SIDE_SELL] = { 10, 20 } };
	row->qty[SIDE_SELL][1] += 5;
	row->qty[SIDE_BUY][0] += 5;
	says(r, told);
	says(r, told);
	holds(r, 10, 20);
	rig_free(r);
}
END_TEST

/* Somebody opened on the other side what a netted book took for a close: both sides of it are nobody's. */
START_TEST(what_nobody_opened_is_nobodys)
{
	struct rig *r = of_two_days(2);
	const int64_t told[side_max][2] = { [SIDE_SELL] = { 13, 20 }, [SIDE_BUY] = { 3, 0 } };
	says(r, told);
	says(r, told);
	holds(r, 10, 20);
	const struct position *nobody = positions_at(&r->d.positions, PERP, PERP, POSITION_NOBODY);
	ck_assert(nobody->qty[SIDE_SELL][0] == 3 && nobody->qty[SIDE_BUY][0] == 3);
	ck_assert_int_eq(position_net(nobody), 0);
	rig_free(r);
}
END_TEST

SUITE("today", a_restart_knows_lots_of_two_days, a_day_begins_while_the_host_is_dead,
      a_forgotten_order_keeps_its_offset, old_receipts_read, a_venues_word_is_believed_twice,
      what_both_sides_hold_too_much_goes, the_word_outlives_the_host, what_nobody_opened_is_nobodys)
